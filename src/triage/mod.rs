//! Pure analysis of an issue: what it is, how soon, what code it names, who looks after that, what is alike.
//!
//! Two rounds, so that the shell can fetch files in between and this room needs no service:
//! [`needs`] tells which files' contents are wanted, [`analyse`] takes them and finds.
//! All of it is a matter of rules: the same text and the same knowledge give the same analysis.

pub mod areas;
pub mod classify;
pub mod learned;
pub mod mentions;
pub mod missing;
pub mod owners;
pub mod phrases;
pub mod resolve;
pub mod rows;
pub mod security;
mod sets;
pub mod similar;
mod telling;
pub mod templates;
pub mod text;
pub mod training;
pub mod urgency;

use std::collections::BTreeMap;

pub use areas::Area;
pub use missing::{Form, Wanted};
pub use owners::Codeowners;
pub use similar::KnownIssue;
pub use text::IssueText;

use crate::domain::id::IssueNumber;
use crate::domain::verdict::{Analysis, Finding, IssueType, SecurityReport, SimilarIssue, Urgency};
use text::Readable;

/// Words that a repeated issue shares with the other at least: fewer say that both are about one thing, not that they
/// say the same of it.
const REPEATED: usize = 3;

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
    pub learned: Option<learned::Taught>,
    /// The number of the issue itself, so that it is not found alike to itself.
    pub number: Option<IssueNumber>,
    /// How the issue stands, besides its text.
    pub standing: Standing,
    /// What the repository wants of issues.
    pub wishes: Wishes,
}

/// How an issue stands, besides its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The names of its labels.
    pub labels: Vec<String>,
    /// How many reactions it has.
    pub reactions: u64,
    /// The milestone that it is planned for.
    pub milestone: Option<String>,
}

/// What the repository wants of issues, and how they are handled.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// How sure it must be that an issue reports a weakness for that to be said; none: it is not looked for.
    pub security: Option<f64>,
    /// Whether such a report is not analysed further.
    pub quiet: bool,
    /// The issue forms.
    pub forms: Vec<Form>,
    /// What reports of a type have to tell.
    pub needs: Vec<(IssueType, Vec<Wanted>)>,
    /// How sure the type must be for that to hold.
    pub sure: f64,
    /// Whether anything may be asked for.
    pub may_ask: bool,
    /// Labels for what an issue names.
    pub areas: Vec<Area>,
    /// Sets of labels of which what was learned says one, globs.
    pub sets: Vec<String>,
    /// How alike another issue must be for this one to repeat it; none: that is not said.
    pub duplicate: Option<f64>,
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
    let RepositoryKnowledge { standing, wishes, .. } = knowledge;
    let report = wishes.security.and_then(|least| {
        security::security(&text, &standing.labels).filter(|report| report.confidence >= least)
    });
    let urgency = urgency::urgency(&text, standing);
    let urgency = report.as_ref().map_or(urgency, pressing);
    if let Some(report) = report.clone().filter(|_| wishes.quiet) {
        // Nothing else is looked for, and no word of the report is kept: where the weakness is, is nobody's business yet.
        let security = Some(SecurityReport { quiet: true, ..report });
        return Analysis { security, urgency: Some(urgency), ..Analysis::default() };
    }
    let places = resolve::resolve(&mentions::mentions(&text), &knowledge.paths, &knowledge.contents);
    let owners =
        knowledge.codeowners.as_ref().map(|read| owners::owners_of(read, &places)).unwrap_or_default();
    let terms = similar::terms(&text);
    let labels = areas::labels(&text, &places, &wishes.areas);
    let labels = match &knowledge.learned {
        Some(taught) => sets::add(issue, &wishes.sets, taught, labels),
        None => labels,
    };
    let issue_type = match knowledge.learned.as_ref().and_then(|taught| taught.types.as_ref()) {
        Some(model) => classify::classify_with(issue, &text, model),
        None => classify::classify(&text),
    };
    let similar = similar::similar(knowledge.number, &terms, &knowledge.others);
    Analysis {
        missing: if wishes.may_ask { wanting(&text, issue_type.as_ref(), wishes) } else { Vec::new() },
        labels,
        lacking: Vec::new(),
        duplicate: wishes.duplicate.and_then(|least| repeated(knowledge.number, &similar, least)),
        issue_type,
        urgency: Some(urgency),
        security: report,
        places,
        owners,
        similar,
        judged: None,
        terms,
    }
}

/// A report of a weakness is critical, however it is put.
fn pressing(report: &SecurityReport) -> Finding<Urgency> {
    Finding {
        value: Urgency::Critical,
        confidence: report.confidence,
        reasons: vec!["It reads like a report of a weakness that others could use.".to_owned()],
    }
}

fn wanting(
    text: &Readable,
    issue_type: Option<&Finding<IssueType>>,
    wishes: &Wishes,
) -> Vec<crate::domain::verdict::Need> {
    let known = issue_type.filter(|found| found.confidence >= wishes.sure).map(|found| found.value);
    let wanted = wishes.needs.iter().find(|(of_type, _)| Some(*of_type) == known);
    missing::missing(text, &wishes.forms, wanted.map_or(&[], |(_, wanted)| wanted.as_slice()))
}

/// The older issue that this one repeats, if there is one alike enough.
fn repeated(
    number: Option<IssueNumber>,
    similar: &[SimilarIssue],
    least: f64,
) -> Option<Finding<IssueNumber>> {
    let is_older = |other: &&SimilarIssue| number.is_none_or(|number| other.number < number);
    let nearest = similar.iter().filter(is_older).find(|other| other.shared.len() >= REPEATED)?;
    (nearest.score >= least).then(|| Finding {
        value: nearest.number,
        confidence: nearest.score,
        reasons: vec![format!("Both say {}.", nearest.shared.join(", "))],
    })
}

#[cfg(test)]
mod tests;
