//! One suite for each port; every adapter passes it.

mod github;
#[cfg(test)]
mod log;
