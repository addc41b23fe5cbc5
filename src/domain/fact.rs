//! What a task can wait for outside: something that is so or not yet, and stays so once it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::feature::Feature;
use super::id::IssueNumber;

/// Something outside that a task waits for, written `merged:7`, `checks:7`, `approved:42`, `closed:42`; and
/// `agreed:42/label`, which nobody writes: what a feature suggests waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Fact {
    /// The pull request is merged.
    Merged(IssueNumber),
    /// All checks of the pull request's last commit have succeeded, and there is at least one.
    Checks(IssueNumber),
    /// Somebody with write access has said `/automata approve` on it, or approved it in a review.
    Approved(IssueNumber),
    /// Somebody who may has said `/automata approve` to what a feature suggests there.
    Agreed(IssueNumber, Feature),
    /// The issue or pull request is closed.
    Closed(IssueNumber),
}

/// The text names no fact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is nothing to wait for: write merged:7, checks:7, approved:42 or closed:42")]
pub struct NotAFact(String);

impl Fact {
    /// Reads what a person wrote: numbers begin at 1. What the log keeps is read by [`FromStr`], which takes any.
    ///
    /// # Errors
    /// [`NotAFact`] when it names none.
    pub fn said(text: &str) -> Result<Self, NotAFact> {
        let fact: Self = text.parse()?;
        if fact.number() == IssueNumber(0) || matches!(fact, Self::Agreed(..)) {
            Err(NotAFact(text.to_owned()))
        } else {
            Ok(fact)
        }
    }

    /// The issue or pull request that it is about.
    #[must_use]
    pub const fn number(self) -> IssueNumber {
        match self {
            Self::Merged(number)
            | Self::Checks(number)
            | Self::Approved(number)
            | Self::Agreed(number, _)
            | Self::Closed(number) => number,
        }
    }

    /// What has to come about, a clause: `merged:7`, or who has to say what.
    #[must_use]
    pub fn told(self) -> String {
        match self {
            Self::Agreed(_, feature) => format!("`/automata approve {feature}`"),
            fact => fact.to_string(),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Merged(_) => "merged",
            Self::Checks(_) => "checks",
            Self::Approved(_) => "approved",
            Self::Agreed(..) => "agreed",
            Self::Closed(_) => "closed",
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.word(), self.number())?;
        if let Self::Agreed(_, feature) = self { write!(f, "/{feature}") } else { Ok(()) }
    }
}

impl FromStr for Fact {
    type Err = NotAFact;

    fn from_str(text: &str) -> Result<Self, NotAFact> {
        let wrong = || NotAFact(text.to_owned());
        let (word, digits) = text.split_once(':').ok_or_else(wrong)?;
        if word == "agreed" {
            let (digits, name) = digits.split_once('/').ok_or_else(wrong)?;
            let number = IssueNumber(digits.parse().map_err(|_| wrong())?);
            return Feature::find(name).map(|feature| Self::Agreed(number, feature)).ok_or_else(wrong);
        }
        let number = IssueNumber(digits.parse().map_err(|_| wrong())?);
        match word {
            "merged" => Ok(Self::Merged(number)),
            "checks" => Ok(Self::Checks(number)),
            "approved" => Ok(Self::Approved(number)),
            "closed" => Ok(Self::Closed(number)),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Fact {
    type Error = NotAFact;

    fn try_from(text: String) -> Result<Self, NotAFact> {
        text.parse()
    }
}

impl From<Fact> for String {
    fn from(fact: Fact) -> Self {
        fact.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_written_as_it_is_read() {
        for text in ["merged:7", "checks:7", "approved:42", "agreed:42/label", "closed:42"] {
            assert_eq!(text.parse::<Fact>().map(|fact| fact.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "merged", "merged:", "merged:x", "open:7", "merged:-1", "agreed:7", "agreed:7/x"] {
            assert!(text.parse::<Fact>().is_err(), "{text}");
        }
    }
}
