//! What every forge does, whoever runs it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says so by panicking")]

mod both;
mod limits;
mod local;
mod over_http;
mod stage;
mod world;
