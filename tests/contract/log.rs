//! What every event log does, whatever keeps it.

mod bad_luck;
mod budget;
mod continuity;
mod damage;
mod export;
pub(crate) mod home;
mod locks;
mod mend;
mod page;
mod promises;
mod sealed;
mod whole;
mod witness;
