//! The real program as a child process: what it prints, where, and its exit code.

mod actions;
mod chaos;
mod check;
mod crowd;
mod damage;
mod demo;
mod drive;
mod forge;
mod help;
mod help_tasks;
mod install;
mod learn;
mod looking;
mod misplaced;
mod payloads;
mod plan;
pub(crate) mod program;
mod prompt;
mod reconcile;
mod runner;
mod set_back;
mod tasks_add;
mod tasks_change;
mod tasks_look;
mod triage;
mod unreadable;
mod usage;
