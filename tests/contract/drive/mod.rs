//! Google Drive over real HTTP: what the adapter asks is what Google's description allows, whatever goes wrong.

mod access;
mod batches;
mod changes;
mod credentials;
mod downloads;
mod files;
mod limits;
mod slow;
mod stage;
mod uploads;
mod walks;
