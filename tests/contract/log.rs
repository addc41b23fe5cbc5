//! What every event log does, whatever keeps it.

mod bad_luck;
mod budget;
mod damage;
pub(crate) mod home;
mod page;
mod promises;
mod witness;
