//! One suite for each port; every adapter passes it.

mod github;
mod log;
