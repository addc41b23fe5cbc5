//! A classifier that learns what an issue is from the repository's own labels: own code, no network, no download.
//!
//! An issue becomes a vector of what stands where ([`features`]), labelled ones give weights by ridge regression
//! ([`ridge`]), and the strongest weights make a small model. Everything is exact arithmetic in a fixed order: the
//! same rows give the same model.

mod codec;
mod common;
mod crossed;
mod features;
mod folds;
mod model;
mod parts;
mod ridge;
mod scores;
mod shape;
mod stems;
mod taught;
mod tokens;
mod train;
mod vectors;

pub use codec::{FORMAT, Unusable, digest};
pub use crossed::crossed;
pub use folds::folds;
pub use model::{Judgement, Model, Telling};
pub use scores::{ClassScores, Outcomes};
pub use taught::Taught;
pub use train::{Example, Learned, MOST_ROWS, train};

#[cfg(test)]
mod tests;
