//! All integration tests, in one binary: linking is the slow part.
#![cfg(test)]

mod architecture;
mod cli;
mod config;
mod contract;
mod documents;
mod fuzz;
mod intake;
#[cfg(unix)]
mod programs;
mod recovery;
mod simulation;
mod stories;
mod world;
