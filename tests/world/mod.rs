//! The simulated outside: real git behind real HTTP, and stateful fakes of services on loopback.

pub(crate) mod accounted;
pub(crate) mod agent_desk;
pub(crate) mod browser;
pub(crate) mod documents;
pub(crate) mod drive;
pub(crate) mod git_server;
pub(crate) mod github;
pub(crate) mod graphql;
pub(crate) mod lossy_log;
pub(crate) mod model;
pub(crate) mod outside;
pub(crate) mod planted;
pub(crate) mod receiver;
pub(crate) mod repository;
mod served;
pub(crate) mod slack;
mod spawning;
pub(crate) mod stage;
