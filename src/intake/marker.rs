//! The hidden marker that Automata leaves in what it writes: `<!-- automata:status … hop=2 -->`.

use crate::domain::id::IssueNumber;

/// How every marker begins. What follows is the purpose, then `key=value` words, then `-->`.
pub const MARKER: &str = "<!-- automata:";

/// The largest `hop=` of the markers in `text`: none when there is no marker, 0 when no marker has a hop.
///
/// Anybody can write a marker; whether it means something depends on who did, which the caller knows.
#[must_use]
pub fn hops(text: &str) -> Option<u8> {
    text.match_indices(MARKER)
        .map(|(at, _)| {
            let inside = &text[at + MARKER.len()..];
            let inside = inside.find("-->").map_or("", |end| &inside[..end]);
            inside
                .split_whitespace()
                .filter_map(|word| word.strip_prefix("hop="))
                .map(number)
                .max()
                .unwrap_or(0)
        })
        .max()
}

/// Where and how Automata signs a text of its own, so that others who carry its marker, quoted or forged,
/// are not taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    /// The first line of the status comment of this issue.
    Status(IssueNumber),
    /// The last line of a pull request's text.
    PullRequest,
}

impl Signature {
    /// Whether the text is signed so.
    pub(super) fn stands_in(self, text: &str) -> bool {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let (line, purpose) = match self {
            Self::Status(number) => (lines.next(), format!("status issue/{number} ")),
            Self::PullRequest => (lines.next_back(), "pull_request ".to_owned()),
        };
        line.and_then(|line| line.strip_prefix(MARKER)).is_some_and(|rest| {
            rest.starts_with(&purpose) && rest.find("-->") == rest.len().checked_sub("-->".len())
        })
    }
}

/// A number too large to hold is the largest there is: it must not wrap around to a small one.
fn number(digits: &str) -> u8 {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    digits.parse().unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_is_read_from_a_whole_marker_only() {
        assert_eq!(hops("no marker, hop=2"), None);
        assert_eq!(hops("<!-- automata:status effect=t.1/comment hop=2 -->"), Some(2));
        assert_eq!(hops("<!-- automata:status -->"), Some(0));
        assert_eq!(hops("<!-- automata:status hop=2"), Some(0), "a marker without its end has no words");
        assert_eq!(hops("> <!-- automata:a hop=1 -->\n<!-- automata:b hop=3 -->"), Some(3));
        assert_eq!(hops("<!-- automata:a hop=4096 -->"), Some(u8::MAX));
        assert_eq!(hops("<!-- automata:a hop=-1 hop= hop=x -->"), Some(0));
        assert_eq!(hops("<!-- automatic:a hop=3 -->"), None);
    }
}
