//! Stories: what people do, and what they then see, over a simulated GitHub and real git.

mod analyse;
mod asked;
mod assign;
mod comment;
mod configuration;
mod facts;
mod implement;
mod label;
mod loops;
mod lost_runs;
mod milestone;
mod open_pull_request;
mod recurring;
mod refused_patches;
mod remind;
mod security;
mod set_type;
mod subscriptions;
mod successor;
mod texts;
mod triage;
mod unreachable;
