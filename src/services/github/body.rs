//! The size that GitHub allows a text, checked before a call is spent on it.

use crate::domain::failure::Failure;

/// Characters (not bytes) that GitHub takes as the text of an issue, a comment or a pull request; above it
/// the answer is 422 "body is too long (maximum is 65536 characters)".
pub const BODY_CHARS: usize = 65_536;

/// Refuses a text that GitHub would refuse.
pub(super) fn check(text: &str) -> Result<(), Failure> {
    // Fewer bytes than the limit cannot be more characters, and that is nearly every text.
    if text.len() <= BODY_CHARS {
        return Ok(());
    }
    match text.chars().count() {
        long if long > BODY_CHARS => Err(Failure::permanent(
            "body_too_long",
            format!("The text has {long} characters and GitHub takes {BODY_CHARS}."),
        )
        .hint("Shorten the text, or link to the whole of it.")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_count_not_bytes() {
        assert!(check(&"é".repeat(BODY_CHARS)).is_ok());
        assert_eq!(
            check(&"é".repeat(BODY_CHARS + 1)).map_err(|failure| failure.code),
            Err("body_too_long".into())
        );
    }
}
