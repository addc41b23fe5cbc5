//! The figures that the project promises, as ratios taken in one run.

fn main() {}
