//! The token, kept out of everything that is printed.

use std::fmt;

use http::HeaderValue;

use crate::domain::failure::Failure;

/// A token that GitHub takes as `Authorization: Bearer`. It shows as `***`.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes a token as the environment has it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The header's value, marked so that nothing below prints it.
    pub(super) fn authorization(&self) -> Result<HeaderValue, Failure> {
        let text = self.0.trim();
        let header = (!text.is_empty()).then(|| HeaderValue::from_str(&format!("Bearer {text}")));
        match header {
            Some(Ok(mut value)) => {
                value.set_sensitive(true);
                Ok(value)
            }
            _ => Err(Failure::permanent("bad_credentials", "The GitHub token is empty or no token at all.")
                .hint("Hand in the workflow's token: `token: ${{ github.token }}`.")),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown_and_a_broken_one_is_refused() {
        let token = Token::new("ghs_secret");
        assert_eq!(format!("{token:?}"), "***");
        let header = token.authorization().unwrap();
        assert_eq!((header.is_sensitive(), format!("{header:?}")), (true, "Sensitive".to_owned()));
        for broken in ["", " \n", "two\nlines"] {
            assert!(Token::new(broken).authorization().is_err(), "{broken:?}");
        }
    }
}
