//! Branch names: checked as git checks them, and made from a template, a number and a title.

use std::fmt;

use super::id::IssueNumber;
use super::template::{NotATemplate, Template};

/// Characters of a slug.
pub const SLUG_LENGTH: usize = 40;
/// Bytes of a branch name: a part becomes a file name where refs are kept as files, and those end at 255.
const NAME_BYTES: usize = 200;
/// What a title without a single ASCII letter or digit becomes.
const EMPTY_SLUG: &str = "change";

/// A name that git and GitHub take for a branch, without `refs/heads/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchName(String);

/// The text is no name for a branch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a branch name: {reason}")]
pub struct NotABranch {
    /// What was given.
    pub name: String,
    /// Which rule it breaks.
    pub reason: &'static str,
}

impl BranchName {
    /// Checks by the rules of `git check-ref-format --branch`, and by the two that GitHub adds: a name may not look
    /// like a commit id and may not begin with `refs/` (docs.github.com, "Dealing with special characters in
    /// branch and tag names").
    ///
    /// # Errors
    /// [`NotABranch`] with the first rule that is broken.
    pub fn parse(text: &str) -> Result<Self, NotABranch> {
        let own_rule = if text.starts_with('-') {
            Some("it begins with `-`")
        } else if text == "HEAD" {
            Some("`HEAD` is git's own name")
        } else if text.starts_with("refs/") {
            Some("it begins with `refs/`, as full ref names do")
        } else if text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Some("it looks like a commit id")
        } else {
            None
        };
        match broken_rule(text).or(own_rule) {
            Some(reason) => Err(NotABranch { name: text.to_owned(), reason }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The name without `refs/heads/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BranchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first rule of git-check-ref-format(1) that a ref name breaks; one level is enough, as for `--branch`.
#[must_use]
pub fn broken_rule(name: &str) -> Option<&'static str> {
    let is_forbidden =
        |c: char| c.is_ascii_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > NAME_BYTES {
        Some("it is longer than 200 bytes")
    } else if name == "@" {
        Some("`@` alone means HEAD")
    } else if name.contains("..") {
        Some("it contains `..`")
    } else if name.contains("@{") {
        Some("it contains `@{`")
    } else if name.contains(is_forbidden) {
        Some("it contains a space, a control character or one of `~^:?*[\\`")
    } else if name.ends_with('.') {
        Some("it ends with `.`")
    } else if name.split('/').any(str::is_empty) {
        Some("it begins or ends with `/`, or has `//`")
    } else if name.split('/').any(|part| part.starts_with('.')) {
        Some("a part begins with `.`")
    } else if name.split('/').any(|part| part.ends_with(".lock")) {
        Some("a part ends with `.lock`")
    } else {
        None
    }
}

/// A short name for a title: lower-case ASCII letters and digits with single dashes between, at most
/// [`SLUG_LENGTH`] characters, cut at a word where one ends in the second half, never empty.
#[must_use]
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if c != '\'' && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        // One more than fits, to see whether the cut falls inside a word.
        if slug.len() > SLUG_LENGTH {
            break;
        }
    }
    if slug.len() > SLUG_LENGTH {
        let word_end = slug.rfind('-').filter(|end| *end > SLUG_LENGTH / 2);
        slug.truncate(word_end.unwrap_or(SLUG_LENGTH));
    }
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() { EMPTY_SLUG.to_owned() } else { slug }
}

/// What of an issue its branch is named after; a placeholder for what is not there becomes `change`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its type: the organisation's, or what the analysis finds it.
    pub kind: Option<&'a str>,
    /// The first of its labels, as GitHub lists them.
    pub label: Option<&'a str>,
}

/// How branches for issues are named: `automata/issue-{number}-{slug}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchTemplate(Template);

/// The text cannot name branches.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotABranchTemplate {
    /// Its braces are wrong.
    #[error(transparent)]
    Template(#[from] NotATemplate),
    /// Two issues would share a branch.
    #[error("`{{number}}` is missing, without which two issues could share a branch")]
    NoNumber,
    /// What it makes is no branch name.
    #[error("it makes `{}`, which is not a branch name: {}", .0.name, .0.reason)]
    Branch(NotABranch),
}

impl BranchTemplate {
    /// What may stand between braces.
    pub const PLACEHOLDERS: [&str; 4] = ["number", "slug", "type", "label"];

    /// Reads a template and tries it with the longest number and slug.
    ///
    /// # Errors
    /// [`NotABranchTemplate`] when a placeholder is unknown, `{number}` is missing, or the outcome is no branch name.
    pub fn parse(text: &str) -> Result<Self, NotABranchTemplate> {
        let template = Template::parse(text, &Self::PLACEHOLDERS)?;
        if !template.has("number") {
            return Err(NotABranchTemplate::NoNumber);
        }
        let longest = Self(template);
        let long = "x".repeat(SLUG_LENGTH);
        let (most, least) = (Named { title: &long, kind: Some(&long), label: Some(&long) }, Named::default());
        longest
            .name(IssueNumber(u64::MAX), &most)
            .and_then(|_| longest.name(IssueNumber(1), &least))
            .map_err(NotABranchTemplate::Branch)?;
        Ok(longest)
    }

    /// The branch for an issue.
    ///
    /// # Errors
    /// [`NotABranch`] when git would refuse it, which a parsed template does not lead to.
    pub fn name(&self, issue: IssueNumber, named: &Named<'_>) -> Result<BranchName, NotABranch> {
        let value = |name: &str| match name {
            "number" => issue.to_string(),
            "type" => slug(named.kind.unwrap_or_default()),
            "label" => slug(named.label.unwrap_or_default()),
            _ => slug(named.title),
        };
        BranchName::parse(&self.0.expand(value))
    }
}

#[cfg(test)]
mod tests;
