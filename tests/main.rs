//! All integration tests, in one binary: linking is the slow part.

mod contract;
mod intake;
mod world;
