//! What every event log does, whatever keeps it.

mod bad_luck;
mod budget;
mod damage;
mod home;
mod promises;
