//! Recovery: whatever a run is cut off by, the next one finishes its work, and nothing is doubled.

mod cuts;
mod deaths;
mod golden;
mod processes;
mod rehearsed;
mod session;
mod standing;
