//! How events change the state: what people want, what is illegal, what is forgotten.

mod approvals;
mod issues;
mod landmarks;
mod legality;
mod memory;
mod triage;
mod words;
