//! Intake over payloads that GitHub really sent.

mod corpus;
