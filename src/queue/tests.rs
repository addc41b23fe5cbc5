//! The queue as a whole: random walks of several runs, watched by a reference model and an auditor.

mod audit;
mod controls;
mod fairness;
mod model;
mod plans;
mod properties;
