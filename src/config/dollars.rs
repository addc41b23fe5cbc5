//! Money in the configuration: written in dollars, kept in millionths of one, so that sums are exact.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Millionths of a dollar in one.
const MICRO: f64 = 1_000_000.0;
/// More than anybody spends on one thing here; it keeps sums far from the end of the numbers.
const MOST: f64 = 1_000_000.0;

/// US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Dollars(u64);

impl Dollars {
    /// So many millionths.
    #[must_use]
    pub const fn from_micro(micro: u64) -> Self {
        Self(micro)
    }

    /// In millionths.
    #[must_use]
    pub const fn micro(self) -> u64 {
        self.0
    }
}

impl From<f64> for Dollars {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was cut to what fits"
    )]
    fn from(dollars: f64) -> Self {
        Self((dollars.clamp(0.0, MOST) * MICRO).round() as u64)
    }
}

impl From<Dollars> for f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most a million dollars, far below 2^53 millionths")]
    fn from(dollars: Dollars) -> Self {
        dollars.0 as Self / MICRO
    }
}

/// `$5`, `$0.25`.
impl std::fmt::Display for Dollars {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "${}", f64::from(*self))
    }
}

impl JsonSchema for Dollars {
    fn schema_name() -> Cow<'static, str> {
        "Dollars".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": MOST, "description": "US dollars." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_stay_exact() {
        let sum: u64 = (0..10).map(|_| Dollars::from(0.1).micro()).sum();
        assert_eq!(Dollars::from_micro(sum), Dollars::from(1.0));
        assert_eq!(
            (Dollars::from(0.25).to_string(), Dollars::from(5.0).to_string()),
            ("$0.25".to_owned(), "$5".to_owned())
        );
        assert_eq!(Dollars::from(f64::NAN).micro(), 0);
    }
}
