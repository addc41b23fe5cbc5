//! Everything that touches the world: each folder has a port (a trait and plain types) and one file per adapter.

pub mod account;
pub mod assistant;
pub mod clock;
pub mod credential;
pub mod drive;
pub mod entropy;
pub mod folder;
pub mod git;
pub mod github;
pub mod http;
pub mod loopback;
pub mod models;
pub mod process;
pub mod rehearsal;
pub mod seal;
pub mod secrets;
pub mod slack;
pub mod state;
pub mod temporary;
pub mod traces;
pub mod uses;
pub mod webhook;
