//! Pure analysis of an issue: what it is, how soon, what code it names, who looks after that, what is alike.
//!
//! Two rounds, so that the shell can fetch files in between and this room needs no service:
//! [`needs`] tells which files' contents are wanted, [`analyse`] takes them and finds.
//! All of it is a matter of rules: the same text and the same knowledge give the same analysis.

pub mod classify;
pub mod learned;
pub mod mentions;
pub mod owners;
pub mod phrases;
pub mod resolve;
pub mod rows;
pub mod similar;
mod telling;
pub mod text;
pub mod urgency;

use std::collections::BTreeMap;

pub use owners::Codeowners;
pub use similar::KnownIssue;
pub use text::IssueText;

use crate::domain::id::IssueNumber;
use crate::domain::verdict::Analysis;
use text::Readable;

/// What is known about the repository when an issue is analysed.
#[derive(Clone, Debug, Default)]
pub struct RepositoryKnowledge {
    /// Paths of the regular files on the default branch, sorted.
    pub paths: Vec<String>,
    /// The contents of the files that [`needs`] asked for, by path; files that are no text are left out.
    pub contents: BTreeMap<String, String>,
    /// The CODEOWNERS file, when there is one.
    pub codeowners: Option<Codeowners>,
    /// Other issues to compare with. The issue itself may be among them, see `number`.
    pub others: Vec<KnownIssue>,
    /// What was learned from the repository's own labels, when something was.
    pub learned: Option<learned::Model>,
    /// The number of the issue itself, so that it is not found alike to itself.
    pub number: Option<IssueNumber>,
}

/// The files whose contents the analysis of this issue wants, at most 40, the most telling first.
#[must_use]
pub fn needs(issue: &IssueText<'_>, paths: &[String]) -> Vec<String> {
    resolve::wanted_files(&mentions::mentions(&Readable::of(issue)), paths)
}

/// Finds all that can be found without asking anybody.
#[must_use]
pub fn analyse(issue: &IssueText<'_>, knowledge: &RepositoryKnowledge) -> Analysis {
    let text = Readable::of(issue);
    let places = resolve::resolve(&mentions::mentions(&text), &knowledge.paths, &knowledge.contents);
    let owners =
        knowledge.codeowners.as_ref().map(|read| owners::owners_of(read, &places)).unwrap_or_default();
    let terms = similar::terms(&text);
    Analysis {
        issue_type: match &knowledge.learned {
            Some(model) => classify::classify_with(issue, &text, model),
            None => classify::classify(&text),
        },
        urgency: Some(urgency::urgency(&text)),
        places,
        owners,
        similar: similar::similar(knowledge.number, &terms, &knowledge.others),
        terms,
    }
}

#[cfg(test)]
mod tests;
