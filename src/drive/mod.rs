//! What there is to think about a Drive, without touching one: paths, plans to keep folders in step, what grants
//! should be beside what they are, and what a change has changed. Pure: values in, values out.

pub mod audit;
pub mod changed;
pub mod conflict;
pub mod local;
pub mod mime;
pub mod path;
pub mod sync;
