//! All integration tests, in one binary: linking is the slow part.

#[cfg(test)]
mod config;
mod contract;
#[cfg(test)]
mod intake;
mod world;
