//! Automata: a repository's memory and hands. The README has the picture.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod drive;
pub mod intake;
pub mod log;
pub mod queue;
pub mod report;
pub mod services;
pub mod tasks;
pub mod triage;
pub mod views;
