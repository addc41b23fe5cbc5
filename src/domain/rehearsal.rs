//! What a configuration would have done with what happened, and how another one differs from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::subject::Subject;
use super::time::Timestamp;

/// What a deed changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// A label is put on or taken off.
    Label,
    /// The status comment is made, edited, or says something else in the end.
    Comment,
    /// Somebody is assigned, or no more.
    Assignment,
    /// A type, a milestone, a field of a project, whether it is open.
    Field,
    /// A change is asked for that becomes a pull request, or goes on with one.
    PullRequest,
    /// An assistant is asked to judge.
    Question,
    /// A feature suggests something, and leaves it to people.
    Suggestion,
    /// Slack or another system is told something.
    Message,
    /// A comment is answered by a reaction.
    Reaction,
    /// Any other task, by its kind.
    Task,
}

impl Sort {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::Label,
        Self::Comment,
        Self::Assignment,
        Self::Field,
        Self::PullRequest,
        Self::Question,
        Self::Suggestion,
        Self::Message,
        Self::Reaction,
        Self::Task,
    ];

    /// Several of them, for people.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Label => "labels",
            Self::Comment => "comments",
            Self::Assignment => "assignments",
            Self::Field => "fields",
            Self::PullRequest => "pull requests asked for",
            Self::Question => "questions to assistants",
            Self::Suggestion => "suggestions",
            Self::Message => "messages to Slack and others",
            Self::Reaction => "reactions",
            Self::Task => "other tasks",
        }
    }
}

/// Something that would be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Deed {
    /// What it changes.
    pub sort: Sort,
    /// What exactly, short: `+bug`, `otto`, `type Bug`. Names in it may be a stranger's.
    pub what: String,
}

/// What assistants would cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Millionths of a US dollar: what the log tells, and the mean of that where it tells nothing.
    pub micro_dollars: u64,
    /// Questions of which the log has the answer.
    pub answered: u32,
    /// Questions that would have to be asked.
    pub would_ask: u32,
    /// Those of them for which nothing tells what they would cost.
    pub unpriced: u32,
}

/// What a configuration would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// How often each thing was done, by what it is about.
    pub deeds: BTreeMap<Subject, BTreeMap<Deed, u32>>,
    /// What stands in the status comments in the end: digests of the text.
    pub texts: BTreeMap<Subject, String>,
    /// What assistants would cost.
    pub cost: Cost,
    /// Tasks that were given up, or failed and waited for another attempt.
    pub failed: u32,
    /// Whether so much was due between what happened that some of it was done later.
    pub is_late: bool,
}

impl Side {
    /// One more of these.
    pub fn count(&mut self, subject: Subject, sort: Sort, what: impl Into<String>) {
        let deed = Deed { sort, what: what.into() };
        *self.deeds.entry(subject).or_default().entry(deed).or_default() += 1;
    }

    /// How many there are of a sort.
    #[must_use]
    pub fn total(&self, sort: Sort) -> u32 {
        let all = self.deeds.values().flatten();
        all.filter(|(deed, _)| deed.sort == sort).map(|(_, count)| count).sum()
    }
}

/// Something that is done more or less often under the changed configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is about.
    pub subject: Subject,
    /// What is done.
    #[serde(flatten)]
    pub deed: Deed,
    /// How often under the configuration that stands.
    pub before: u32,
    /// How often under the changed one.
    pub after: u32,
}

/// How many of a sort, under both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
    /// The sort.
    pub sort: Sort,
    /// Under the configuration that stands.
    pub before: u32,
    /// Under the changed one.
    pub after: u32,
}

/// What came of a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rehearsal {
    /// Whether the changed configuration does anything else.
    pub differs: bool,
    /// From when on what happened was looked at.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How many things happened in that time and were decided again.
    pub triggers: usize,
    /// What is different.
    pub differences: Vec<Difference>,
    /// How many of each sort there are.
    pub totals: Vec<Total>,
    /// What assistants would cost under the configuration that stands.
    pub cost_before: Cost,
    /// And under the changed one.
    pub cost_after: Cost,
    /// What the log does not hold, and what was taken for it: sentences.
    pub notes: Vec<String>,
}

/// What is said of a status comment that ends with another text.
pub const ANOTHER_TEXT: &str = "the status comment says something else";

/// What the changed configuration (`after`) does otherwise, in the order of what it is about.
#[must_use]
pub fn differences(before: &Side, after: &Side) -> Vec<Difference> {
    let subjects: BTreeSet<Subject> = before.deeds.keys().chain(after.deeds.keys()).copied().collect();
    let none = BTreeMap::new();
    let mut found = Vec::new();
    for subject in subjects {
        let (one, other) =
            (before.deeds.get(&subject).unwrap_or(&none), after.deeds.get(&subject).unwrap_or(&none));
        let deeds: BTreeSet<&Deed> = one.keys().chain(other.keys()).collect();
        for deed in deeds {
            let count = |side: &BTreeMap<Deed, u32>| side.get(deed).copied().unwrap_or_default();
            let (before, after) = (count(one), count(other));
            if before != after {
                found.push(Difference { subject, deed: deed.clone(), before, after });
            }
        }
        if let (Some(one), Some(other)) = (before.texts.get(&subject), after.texts.get(&subject))
            && one != other
        {
            let deed = Deed { sort: Sort::Comment, what: ANOTHER_TEXT.to_owned() };
            found.push(Difference { subject, deed, before: 0, after: 1 });
        }
    }
    found
}

/// How many of each sort there are, those that neither side has left out.
#[must_use]
pub fn totals(before: &Side, after: &Side) -> Vec<Total> {
    let total = |sort| Total { sort, before: before.total(sort), after: after.total(sort) };
    Sort::ALL.into_iter().map(total).filter(|total| total.before + total.after > 0).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::id::IssueNumber;

    fn side(deeds: &[(u64, u8)]) -> Side {
        let mut side = Side::default();
        for (issue, what) in deeds {
            side.count(Subject::Issue(IssueNumber(*issue)), Sort::Label, format!("+{what}"));
        }
        side
    }

    #[test]
    fn what_one_side_does_more_often_is_told_and_what_both_do_is_not() {
        let (before, after) = (side(&[(1, 1), (1, 1), (2, 1)]), side(&[(1, 1), (2, 1), (3, 2)]));
        let told: Vec<String> = differences(&before, &after)
            .iter()
            .map(|found| format!("{} {} {} {}", found.subject, found.deed.what, found.before, found.after))
            .collect();
        assert_eq!(told, ["issue/1 +1 2 1", "issue/3 +2 0 1"]);
    }

    proptest! {
        #[test]
        fn a_side_never_differs_from_itself_and_differences_mirror(
            one in proptest::collection::vec((1_u64..4, 0_u8..4), 0..12),
            other in proptest::collection::vec((1_u64..4, 0_u8..4), 0..12),
        ) {
            let (one, other) = (side(&one), side(&other));
            prop_assert_eq!(differences(&one, &one), []);
            let mirrored: Vec<Difference> = differences(&other, &one)
                .into_iter()
                .map(|found| Difference { before: found.after, after: found.before, ..found })
                .collect();
            prop_assert_eq!(differences(&one, &other), mirrored);
            let moved: i64 = differences(&one, &other).iter().map(|found| i64::from(found.after) - i64::from(found.before)).sum();
            prop_assert_eq!(moved, i64::from(other.total(Sort::Label)) - i64::from(one.total(Sort::Label)));
        }
    }
}
