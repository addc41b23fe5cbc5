//! Values that must not be seen: they can be used, cannot be printed by accident, and are wiped from memory when they are dropped.

use std::fmt;

use http::HeaderValue;
use http::header::InvalidHeaderValue;
use zeroize::Zeroizing;

/// A token or a password. Its `Debug` and `Display` say `[secret]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the value, without the white space that files and forms add around it.
    #[must_use]
    pub fn new(value: impl AsRef<str>) -> Self {
        Self(Zeroizing::new(value.as_ref().trim().to_owned()))
    }

    /// The value itself, for the one place that hands it on.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The value of a header of its own such as `x-api-key`, marked so that no log of the HTTP stack shows it.
    ///
    /// # Errors
    /// [`InvalidHeaderValue`] when the value has characters that no header may have.
    pub fn header(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(self.0.as_str())?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The value of an `Authorization` header, marked so that no log of the HTTP stack shows it.
    ///
    /// # Errors
    /// [`InvalidHeaderValue`] when the value has characters that no header may have.
    pub fn bearer(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.expose()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_used_but_never_shown() {
        let secret = Secret::new("ghs_abc\n");
        assert_eq!(secret.expose(), "ghs_abc");
        assert_eq!(format!("{secret} {secret:?} {:?}", secret.bearer()), "[secret] [secret] Ok(Sensitive)");
        assert_eq!(format!("{:?}", secret.header()), "Ok(Sensitive)");
        assert!(Secret::new("a\nb").bearer().is_err() && Secret::new("a\nb").header().is_err());
    }
}
