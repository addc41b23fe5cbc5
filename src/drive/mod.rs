//! What there is to think about a Drive, without touching one: paths, plans to keep folders in step, what grants
//! should be beside what they are, and what the feeds of changes tell. Pure: values in, values out.

pub mod agreed;
pub mod audit;
pub mod conflict;
mod digest;
pub mod document;
pub mod filter;
pub mod lately;
pub mod local;
pub mod mime;
pub mod path;
pub mod sync;
pub mod watch;
