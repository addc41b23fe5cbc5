//! Values that must not be seen: they can be used, cannot be printed by accident, and are wiped from memory when they are dropped.
//! What was used once is known to [`masked`], which takes it out of whatever is told.

use std::borrow::Cow;
use std::path::Path;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::{fmt, io};

use http::HeaderValue;
use http::header::InvalidHeaderValue;
use zeroize::Zeroizing;

/// Letters that a secret has at least: shorter ones are words, and would be masked everywhere.
const SHORTEST: usize = 8;
/// How the value of an `Authorization` header begins.
const BEARER: &str = "Bearer ";
/// What stands in a secret's place, as GitHub's runner has it.
const MASK: &str = "***";

/// The secrets that this process used, the longest first, each line of them by itself and as JSON escapes it.
static USED: RwLock<Vec<Zeroizing<String>>> = RwLock::new(Vec::new());

type Told = Box<dyn Fn(&str) + Send + Sync>;

/// Who is told of each of them before it is used.
static TOLD: OnceLock<Told> = OnceLock::new();

/// From here on `told` hears of each secret, line by line, before it is used for the first time.
pub fn tell_of_each(told: impl Fn(&str) + Send + Sync + 'static) {
    let _ = TOLD.set(Box::new(told));
}

/// Whether nobody used a secret with this line.
#[must_use]
pub fn is_new(line: &str) -> bool {
    let used = USED.read().unwrap_or_else(PoisonError::into_inner);
    !used.iter().any(|known| known.as_str() == line)
}

/// The text without the secrets that were used up to now.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let used = USED.read().unwrap_or_else(PoisonError::into_inner);
    used.iter().fold(Cow::Borrowed(text), |text, secret| {
        if text.contains(secret.as_str()) { Cow::Owned(text.replace(secret.as_str(), MASK)) } else { text }
    })
}

/// From here on this is a secret that was used.
fn guard(value: &str) {
    // Forms and JSON often keep the ends of lines as two letters.
    let value = Zeroizing::new(value.replace("\\n", "\n"));
    // The first and the last line of a key in PEM are everybody's.
    let parts =
        value.lines().map(str::trim).filter(|part| part.len() >= SHORTEST && !part.starts_with("-----"));
    for part in parts.filter(|part| is_new(part)) {
        let escaped = Zeroizing::new(serde_json::to_string(part).unwrap_or_default());
        let escaped = escaped.get(1..escaped.len().saturating_sub(1)).unwrap_or_default();
        let mut used = USED.write().unwrap_or_else(PoisonError::into_inner);
        used.push(Zeroizing::new(part.to_owned()));
        if escaped != part {
            used.push(Zeroizing::new(escaped.to_owned()));
        }
        used.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        drop(used);
        if let Some(told) = TOLD.get() {
            told(part);
        }
    }
}

/// A token or a password. Its `Debug` and `Display` say `[secret]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the value, without the white space that files and forms add around it. A `String` is kept where it lies, so that no
    /// copy of it stays behind.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        let mut value = Zeroizing::new(value.into());
        let end = value.trim_end().len();
        value.truncate(end);
        let before = value.len() - value.trim_start().len();
        value.drain(..before);
        Self(value)
    }

    /// The value that a file holds.
    ///
    /// # Errors
    /// When the file cannot be read, or is no text.
    pub fn read(path: &Path) -> io::Result<Self> {
        std::fs::read_to_string(path).map(Self::new)
    }

    /// The value itself, for the one place that hands it on; from then on [`masked`] takes it out.
    #[must_use]
    pub fn expose(&self) -> &str {
        guard(&self.0);
        &self.0
    }

    /// The value of a variable that is no secret after all: a folder, a search path.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.0
    }

    /// It is about to be handed to another program.
    pub fn guard(&self) {
        guard(&self.0);
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a header of its own such as `x-api-key`, marked so that no log of the HTTP stack shows it.
    ///
    /// # Errors
    /// [`InvalidHeaderValue`] when the value has characters that no header may have.
    pub fn header(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        let mut value = HeaderValue::try_from(self.expose())?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The value of an `Authorization` header, marked so that no log of the HTTP stack shows it.
    ///
    /// # Errors
    /// [`InvalidHeaderValue`] when the value has characters that no header may have.
    pub fn bearer(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        // As large as it becomes: a text that grows leaves what it was behind. What the HTTP stack copies is its own.
        let mut text = Zeroizing::new(String::with_capacity(BEARER.len() + self.0.len()));
        text.push_str(BEARER);
        text.push_str(self.expose());
        let mut value = HeaderValue::try_from(text.as_str())?;
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
    fn what_was_used_is_masked_in_whatever_is_told_and_nothing_else_is() {
        let secret = Secret::new("plain-as-day-\"quoted\"");
        assert_eq!(masked("it is plain-as-day-\"quoted\"."), "it is plain-as-day-\"quoted\".");
        assert!(!secret.expose().is_empty());
        assert_eq!(masked("it is plain-as-day-\"quoted\"."), "it is ***.");
        let json = serde_json::to_string("it is plain-as-day-\"quoted\".").unwrap();
        assert_eq!(masked(&json), "\"it is ***.\"");
        let key = "-----BEGIN MADE UP-----\n  a-line-of-a-key-0001\n  short\n-----END MADE UP-----";
        assert!(!Secret::new(key).expose().is_empty());
        assert_eq!(masked("a-line-of-a-key-0001 short"), "*** short");
        assert_eq!(masked("-----BEGIN MADE UP-----"), "-----BEGIN MADE UP-----");
        assert!(!Secret::new("a-longer-one-than-that").expose().is_empty());
        assert!(!Secret::new("a-longer-one").expose().is_empty());
        assert_eq!(masked("a-longer-one-than-that"), "***", "the longest goes first");
        assert_eq!(Secret::new("/a/plain/folder").plain(), "/a/plain/folder");
        assert_eq!(masked("/a/plain/folder"), "/a/plain/folder");
    }

    #[test]
    fn a_text_that_is_handed_over_is_kept_where_it_lies() {
        for text in ["  made-up-token\n", "made-up-token"] {
            let text = text.to_owned();
            let place = text.as_ptr();
            let secret = Secret::new(text);
            assert_eq!((secret.plain(), secret.plain().as_ptr()), ("made-up-token", place));
        }
        assert_eq!(Secret::new(" \n").plain(), "");
    }

    #[test]
    fn a_secret_is_used_but_never_shown() {
        let secret = Secret::new("ghs_abc\n");
        assert_eq!(secret.expose(), "ghs_abc");
        assert_eq!(format!("{secret} {secret:?} {:?}", secret.bearer()), "[secret] [secret] Ok(Sensitive)");
        assert_eq!(format!("{:?}", secret.header()), "Ok(Sensitive)");
        assert!(Secret::new("a\nb").bearer().is_err() && Secret::new("a\nb").header().is_err());
    }
}
