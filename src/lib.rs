//! Automata: a repository's memory and hands. The README has the picture.

pub mod config;
pub mod domain;
pub mod intake;
pub mod log;
pub mod services;
