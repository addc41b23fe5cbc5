//! The simulated outside: real git behind real HTTP, and stateful fakes of services on loopback.

pub mod git_server;
pub mod github;
pub mod repository;
