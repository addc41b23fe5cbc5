//! All integration tests, in one binary: linking is the slow part.

mod config;
mod contract;
mod intake;
mod world;
