//! The outside that the stories play in: real git behind real HTTP, and the simulated GitHub and Google.

#![expect(
    dead_code,
    unused_imports,
    clippy::expect_used,
    reason = "shared with the tests, which use more of it, have tests of their own and may panic"
)]

#[path = "../../tests/world/agent_desk.rs"]
mod agent_desk;
#[path = "../../tests/world/drive/mod.rs"]
pub(crate) mod drive;
#[path = "../../tests/world/git_server.rs"]
pub(crate) mod git_server;
#[path = "../../tests/world/github/mod.rs"]
pub(crate) mod github;
#[path = "../../tests/world/graphql/mod.rs"]
pub(crate) mod graphql;
#[path = "../../tests/world/model/mod.rs"]
mod model;
#[path = "../../tests/world/planted.rs"]
mod planted;
#[path = "../../tests/world/receiver.rs"]
mod receiver;
#[path = "../../tests/world/repository.rs"]
pub(crate) mod repository;
#[path = "../../tests/world/served.rs"]
mod served;
#[path = "../../tests/world/slack/mod.rs"]
mod slack;
