//! The core: what can happen, what may follow, what is so. Values in, values out; no clock, no I/O, no async.

pub mod access;
pub mod actor;
pub mod allowance;
pub mod branch;
pub mod command;
pub mod count;
pub mod credential;
pub mod decide;
pub mod effect;
pub mod encryption;
pub mod event;
pub mod evolve;
pub mod fact;
pub mod failure;
pub mod fenced;
pub mod generated;
pub mod id;
pub mod input;
pub mod learned;
pub mod ledger;
pub mod named;
pub mod payload;
pub mod receipt;
pub mod retry;
pub mod room;
pub mod schedule;
pub mod shape;
pub mod spec;
pub mod spending;
pub mod state;
pub mod subject;
pub mod task;
pub mod tasks;
pub mod template;
pub mod time;
pub mod trigger;
pub mod undo;
pub mod untrusted;
pub mod usage;
pub mod verdict;
pub mod watched;
pub mod words;

#[cfg(test)]
pub(crate) mod story;
