//! Where many times lie: how many, all together, the middle one, and the one that nine of ten stay below.

use std::time::Duration;

use serde::Serialize;

/// Times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// How many.
    pub count: u64,
    /// All together.
    pub sum: u64,
    /// The middle one; of an even number the mean of both in the middle.
    pub median: u64,
    /// The least that at least nine of ten do not exceed (the nearest rank).
    pub ninetieth: u64,
}

impl Spread {
    /// Of times in any order.
    #[must_use]
    pub fn of(times: &[Duration]) -> Self {
        let mut millis: Vec<u64> =
            times.iter().map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)).collect();
        millis.sort_unstable();
        let count = millis.len();
        let at = |place: usize| millis.get(place).copied().unwrap_or_default();
        let median = match count {
            0 => 0,
            odd if odd % 2 == 1 => at(odd / 2),
            even => u64::midpoint(at(even / 2 - 1), at(even / 2)),
        };
        let rank = (count * 9).div_ceil(10);
        Self {
            count: count as u64,
            sum: millis.iter().fold(0, |sum: u64, time| sum.saturating_add(*time)),
            median,
            ninetieth: at(rank.saturating_sub(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(seconds: &[u64]) -> Spread {
        Spread::of(&seconds.iter().map(|seconds| Duration::from_secs(*seconds)).collect::<Vec<_>>())
    }

    #[test]
    fn the_middle_and_the_ninetieth_are_those_of_the_textbook() {
        assert_eq!(of(&[]), Spread::default());
        let one = of(&[7]);
        assert_eq!((one.median, one.ninetieth, one.sum), (7_000, 7_000, 7_000));
        let ten = of(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!((ten.count, ten.median, ten.ninetieth, ten.sum), (10, 5_500, 9_000, 55_000));
        assert_eq!(of(&[1, 2, 3, 100]).ninetieth, 100_000);
    }

    proptest! {
        #[test]
        fn half_lie_on_either_side_and_nine_of_ten_below(seconds in prop::collection::vec(0_u64..9_999, 1..60)) {
            let spread = of(&seconds);
            let below = |bound: u64| seconds.iter().filter(|time| **time * 1_000 <= bound).count();
            prop_assert!(below(spread.median) * 2 >= seconds.len());
            prop_assert!(below(spread.ninetieth) * 10 >= seconds.len() * 9);
            prop_assert!(seconds.contains(&(spread.ninetieth / 1_000)), "it is one of them");
            prop_assert!(spread.median <= spread.ninetieth || seconds.len() < 3);
        }
    }
}
