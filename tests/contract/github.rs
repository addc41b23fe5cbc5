//! What every forge does, whoever runs it.

mod both;
mod checks;
mod limits;
mod local;
mod over_http;
mod stage;
mod world;
