//! Stories of patches: real repositories, and git itself as the judge of what a patch means.

mod against_git;
mod refusals;
mod stories;
mod world;
