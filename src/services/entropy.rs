//! The only place where randomness is drawn, so that a test can draw from a seed.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::id::CommandId;

/// A source of random numbers.
#[derive(Debug)]
pub enum Entropy {
    /// The operating system's.
    System,
    /// Reproducible, for tests and the simulation: `SplitMix64` from a seed.
    Seeded(AtomicU64),
}

/// The operating system gives no randomness: no key may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random numbers, and no key can be made without")]
pub struct NoRandomness;

impl Entropy {
    /// Bytes for a key: never a substitute for real randomness.
    ///
    /// # Errors
    /// [`NoRandomness`] when there is none.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn key<const SIZE: usize>(&self) -> Result<[u8; SIZE], NoRandomness> {
        let mut bytes = [0; SIZE];
        match self {
            Self::System => getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?,
            Self::Seeded(_) => {
                for part in bytes.chunks_mut(8) {
                    part.copy_from_slice(&self.bits().to_le_bytes()[..part.len()]);
                }
            }
        }
        Ok(bytes)
    }

    /// Reproducible numbers.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self::Seeded(AtomicU64::new(seed))
    }

    /// Sixty-four random bits.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn bits(&self) -> u64 {
        match self {
            // Without the operating system's randomness ids would repeat and overwrite each other's
            // work; an address that differs by process is the best that is left.
            Self::System => getrandom::u64()
                .unwrap_or_else(|_| u64::from(std::process::id()).wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            Self::Seeded(state) => {
                let mut mixed = state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                mixed ^ (mixed >> 31)
            }
        }
    }

    /// A number in `[0, 1)`: the jitter of a retry.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    pub fn fraction(&self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A new command id: twelve letters and digits without look-alikes, sixty random bits. A million
    /// commands meet by chance with a likelihood of one in two million.
    #[must_use]
    pub fn command_id(&self) -> CommandId {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut bits = self.bits();
        let text: String = (0..12)
            .map(|_| {
                let digit = ALPHABET[usize::try_from(bits & 31).unwrap_or(0)];
                bits >>= 5;
                char::from(digit)
            })
            .collect();
        CommandId::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_and_ids_are_short_and_distinct() {
        let draw = || {
            let entropy = Entropy::seeded(7);
            (entropy.bits(), entropy.fraction(), entropy.command_id())
        };
        assert_eq!(draw(), draw());
        let entropy = Entropy::System;
        let ids: std::collections::BTreeSet<_> =
            (0..1_000).map(|_| entropy.command_id().to_string()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.len() == 12));
        assert!((0..1_000).map(|_| entropy.fraction()).all(|number| (0.0..1.0).contains(&number)));
    }
}
