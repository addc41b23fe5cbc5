//! From inside to text: comments, pull requests, summaries, the terminal. All wording stands here.

pub mod answer;
pub mod budget;
pub mod cloud_event;
pub mod comment;
pub mod dashboard;
pub mod drive;
pub mod drive_audit;
pub mod explanation;
pub mod graph;
pub mod openmetrics;
pub mod own_check;
pub mod prompt;
pub mod pull_request;
pub mod receipt;
pub mod rehearsal;
pub mod repair;
pub mod revision;
pub mod sentence;
pub mod slack;
pub mod spans;
pub mod summary;
pub mod tasks;
pub mod terminal;
pub mod usage;
pub mod why;
pub mod workflow;
