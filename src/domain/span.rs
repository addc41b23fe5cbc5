//! What took how long in a run, as tracing systems count it.

use super::time::Timestamp;

/// Something that took time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its id: drawn from what it is, so that the same thing told again is the same span.
    pub id: [u8; 8],
    /// The span that it is a part of; none: the run itself.
    pub parent: Option<[u8; 8]>,
    /// What it is: `run`, `task label`, `effect labels`.
    pub name: String,
    /// When it began.
    pub begin: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// What is known of it: names with dots, and values.
    pub attributes: Vec<(&'static str, String)>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

/// All of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Its id.
    pub id: [u8; 16],
    /// The run first, then what it did, in order.
    pub spans: Vec<Span>,
}
