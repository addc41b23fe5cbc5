//! All integration tests, in one binary: linking is the slow part.
#![cfg(test)]

mod architecture;
mod config;
mod contract;
mod intake;
mod recovery;
mod simulation;
mod world;
