//! Automata: a repository's memory and hands. The README has the picture.

pub mod domain;
pub mod log;
pub mod services;
pub mod triage;
