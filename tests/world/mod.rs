//! The simulated outside: real git behind real HTTP, and stateful fakes of services on loopback.

#[cfg(test)]
pub(crate) mod git_server;
pub(crate) mod github;
#[cfg(test)]
pub(crate) mod repository;
