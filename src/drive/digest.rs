//! Digests of what is kept for others to find again who know it, and to learn nothing from.

use sha2::{Digest as _, Sha256};

/// Hexadecimal digits of a digest that are kept: what is not the same is never taken for it.
const DIGITS: usize = 32;

/// The digest of a list of words.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut sum = Sha256::new();
    for part in parts {
        sum.update(part.as_bytes());
        // No name has it, so that no two lists of parts look the same.
        sum.update([0]);
    }
    let digits: String = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.chars().take(DIGITS).collect()
}
