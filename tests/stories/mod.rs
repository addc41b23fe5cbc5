//! Stories: what people do, and what they then see, over a simulated GitHub and real git.

mod analyse;
mod asked;
mod assign;
mod attempts;
mod checks;
mod comment;
mod configuration;
mod elsewhere;
mod facts;
mod implement;
mod label;
mod loops;
mod lost_runs;
mod milestone;
mod missed;
mod models;
mod open_pull_request;
mod recurring;
mod refused_patches;
mod revise;
mod subscriptions;
mod successor;
mod texts;
mod unreachable;
