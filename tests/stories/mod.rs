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
mod obey;
mod open_pull_request;
mod recurring;
mod refused_patches;
mod subscriptions;
mod successor;
mod texts;
mod undo;
mod unreachable;
mod words;
