//! One suite for each port; every adapter passes it.

mod code;
mod drive;
mod github;
pub(crate) mod log;
mod work_tree;
