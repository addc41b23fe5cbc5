//! How something that has a breaker fared lately: for everybody, and with what each person wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{FAILURES, LEFT_ALONE};
use crate::domain::failure::Failure;
use crate::domain::id::{KindName, Login, TaskId};
use crate::domain::time::Timestamp;

/// How long a person's failures are remembered: whoever comes back later begins anew.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// People whose failures are kept apart.
const PEOPLE: usize = 100;

/// How something fared lately. One person's words fail for everybody only once, however often they do; again and again they do
/// for that person alone. So nobody can have it left alone for others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circuit {
    /// For everybody.
    pub row: Row,
    /// Whose words are among these failures.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub people: BTreeSet<Login>,
    /// For each of those whose words it failed over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<Login, Row>,
}

/// Failures in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The sort of the last ones.
    pub code: String,
    /// The kind of the tasks that a rule led to and that failed: what it leads to beside them may go well all the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<KindName>,
    /// How many of that sort came in a row.
    pub failures: u32,
    /// When the last one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// It is left alone until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The attempt at asking an assistant again, as long as its task runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
}

/// Who tries something again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The task.
    pub task: TaskId,
    /// Under which lease.
    pub lease: u64,
}

impl Circuit {
    /// Counts a failure, of tasks of a kind where that makes a difference. `who`: whose words it may come of.
    pub(in crate::domain) fn failed(
        &mut self,
        failure: &Failure,
        kind: Option<&KindName>,
        who: Option<&Login>,
        at: Timestamp,
    ) {
        self.forget(at);
        let begins_anew = !self.row.is_broken() && !self.row.is_of(failure, kind);
        if begins_anew && who.is_none_or(|who| !self.people.contains(who)) {
            self.people.clear();
        }
        let Some(who) = who else { return self.row.failed(failure, kind, at) };
        if self.own.len() >= PEOPLE && !self.own.contains_key(who) {
            let least = self.own.iter().min_by_key(|(_, row)| (row.failures, row.last));
            least.map(|(who, _)| who.clone()).map(|who| self.own.remove(&who));
        }
        let own = self.own.entry(who.clone()).or_default();
        own.failed(failure, kind, at);
        // Over these words it would fail whatever becomes of it.
        let says_nothing = own.is_broken();
        if self.people.insert(who.clone()) {
            self.row.failed(failure, kind, at);
        } else if self.row.is_broken() && !says_nothing {
            // Whoever tried it found it as it was.
            self.row.close(at);
        } else {
            self.row.trial = None;
        }
    }

    /// What was done for `who` by a task of a kind went well. What is left of it may be [nothing](Self::is_well).
    pub(in crate::domain) fn did_well(
        &mut self,
        kind: Option<&KindName>,
        who: Option<&Login>,
        at: Timestamp,
    ) {
        self.forget(at);
        self.row.did_well(kind, at);
        if self.row.failures == 0 {
            self.people.clear();
        }
        if let Some(who) = who
            && let Some(row) = self.own.get_mut(who)
        {
            row.did_well(kind, at);
            if row.failures == 0 {
                self.own.remove(who);
            }
        }
    }

    /// Whether nothing is known against it.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.row.failures == 0 && self.own.is_empty()
    }

    /// The rows after which work about the words of `who` is left alone, or tried by one task, each with the one person it is of.
    pub fn broken<'a>(
        &'a self,
        who: Option<&'a Login>,
    ) -> impl Iterator<Item = (Option<&'a Login>, &'a Row)> {
        let own = who.and_then(|who| Some((Some(who), self.own.get(who)?)));
        [Some((None, &self.row)), own].into_iter().flatten().filter(|(_, row)| row.is_broken())
    }

    /// Notes who asks an assistant again about the words of `who`.
    pub(in crate::domain) fn tried(&mut self, who: Option<&Login>, trial: &Trial) {
        let own = who.and_then(|who| self.own.get_mut(who));
        for row in [Some(&mut self.row), own].into_iter().flatten().filter(|row| row.is_broken()) {
            row.trial = Some(trial.clone());
        }
    }

    fn forget(&mut self, at: Timestamp) {
        self.own.retain(|_, row| row.last.is_some_and(|last| at.since(last) < REMEMBERED));
    }
}

impl Row {
    fn failed(&mut self, failure: &Failure, kind: Option<&KindName>, at: Timestamp) {
        if self.is_broken() {
            // What is tried again and fails otherwise is not well either.
            (self.code, self.kind) = (failure.code.clone(), kind.cloned());
        }
        if self.is_of(failure, kind) {
            self.failures = self.failures.saturating_add(1);
        } else {
            *self = Self { code: failure.code.clone(), kind: kind.cloned(), failures: 1, ..Self::default() };
        }
        self.last = Some(at);
        if self.is_broken() {
            self.close(at);
        }
    }

    fn is_of(&self, failure: &Failure, kind: Option<&KindName>) -> bool {
        self.code == failure.code && self.kind.as_ref() == kind
    }

    fn close(&mut self, at: Timestamp) {
        (self.until, self.trial) = (Some(at.plus(LEFT_ALONE)), None);
    }

    /// The same kind did what failed, and all is well. Another kind that a rule leads to may have gone well all along: it says
    /// something only when it is what the rule is tried by, and then the next failure is one too many again.
    fn did_well(&mut self, kind: Option<&KindName>, at: Timestamp) {
        if self.kind.as_ref() == kind {
            *self = Self::default();
        } else if self.is_broken() && self.closed_until(at).is_none() {
            (self.failures, self.until, self.trial) = (FAILURES - 1, None, None);
        }
    }

    /// Whether so much failed that one task at a time tries it.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.failures >= FAILURES
    }

    /// Until when nobody tries it; none: somebody may.
    #[must_use]
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| self.is_broken() && *until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    fn down() -> Failure {
        Failure::transient("slack_unreachable", "no answer")
    }

    fn is_closed(circuit: &Circuit, who: Option<&str>, at: Timestamp) -> bool {
        let who = who.map(Login::new);
        circuit.broken(who.as_ref()).any(|(_, row)| row.closed_until(at).is_some())
    }

    #[test]
    fn something_is_left_alone_after_failures_of_one_sort_in_a_row_and_again_after_each_one_that_follows() {
        let mut circuit = Circuit::default();
        for _ in 0..FAILURES - 1 {
            circuit.failed(&down(), None, None, NOW);
        }
        assert!(!circuit.row.is_broken() && !is_closed(&circuit, None, NOW));
        circuit.failed(&Failure::transient("slack_unavailable", "500"), None, None, NOW);
        assert!(!circuit.row.is_broken(), "another sort begins anew");
        for _ in 0..FAILURES {
            circuit.failed(&down(), None, None, NOW);
        }
        assert_eq!(circuit.row.closed_until(NOW), Some(NOW.plus(LEFT_ALONE)));
        let later = NOW.plus(LEFT_ALONE);
        assert_eq!(
            (circuit.row.is_broken(), circuit.row.closed_until(later)),
            (true, None),
            "one may try it"
        );
        circuit.failed(&down(), None, None, later);
        assert_eq!(circuit.row.closed_until(later), Some(later.plus(LEFT_ALONE)));
        circuit.did_well(None, None, later);
        assert!(circuit.is_well());
    }

    #[test]
    fn one_persons_words_fail_once_for_everybody_and_again_and_again_for_that_person() {
        let (mut circuit, mallory) = (Circuit::default(), Login::new("mallory"));
        let other = Failure::permanent("plugin_answer", "no JSON");
        for _ in 0..3 * FAILURES {
            circuit.failed(&down(), None, Some(&mallory), NOW);
        }
        assert_eq!(circuit.row.failures, 1);
        assert!(is_closed(&circuit, Some("mallory"), NOW) && !is_closed(&circuit, Some("mona"), NOW));
        circuit.failed(&other, None, Some(&mallory), NOW);
        assert_eq!(circuit.row.code, down().code, "nor do they make others' failures count for less");
        for who in ["ada", "bob", "cleo"] {
            circuit.failed(&down(), None, Some(&Login::new(who)), NOW);
        }
        assert!(!is_closed(&circuit, Some("mona"), NOW));
        circuit.failed(&down(), None, Some(&Login::new("dave")), NOW);
        assert!(is_closed(&circuit, Some("mona"), NOW) && is_closed(&circuit, None, NOW), "five people's");

        let later = NOW.plus(LEFT_ALONE);
        circuit.failed(&down(), None, Some(&mallory), later);
        assert!(
            !is_closed(&circuit, Some("mona"), later),
            "it fails over these words whatever becomes of it"
        );
        circuit.failed(&other, None, Some(&Login::new("ada")), later);
        assert!(is_closed(&circuit, Some("mona"), later), "who tried it found it as it was");
        circuit.did_well(None, Some(&Login::new("mona")), later);
        assert!(!circuit.row.is_broken() && !circuit.is_well(), "mallory's own stay");
        circuit.failed(&down(), None, None, later.plus(REMEMBERED));
        assert!(circuit.own.is_empty(), "for a day");
    }

    #[test]
    fn so_many_people_are_kept_apart() {
        let mut circuit = Circuit::default();
        for _ in 0..2 {
            circuit.failed(&down(), None, Some(&Login::new("mallory")), NOW);
        }
        for number in 0..2 * PEOPLE {
            circuit.failed(&down(), None, Some(&Login::new(format!("puppet-{number}"))), NOW);
        }
        assert_eq!((circuit.own.len(), circuit.own.contains_key(&Login::new("mallory"))), (PEOPLE, true));
    }

    #[test]
    fn another_kind_of_a_rules_clears_it_only_as_its_trial_and_until_the_next_failure() {
        let (assign, label) = (KindName::new("assign"), KindName::new("label"));
        let mut circuit = Circuit::default();
        for _ in 0..FAILURES {
            circuit.did_well(Some(&label), None, NOW);
            circuit.failed(&down(), Some(&assign), None, NOW);
        }
        circuit.did_well(Some(&label), None, NOW);
        assert!(is_closed(&circuit, None, NOW), "it was begun before");
        let later = NOW.plus(LEFT_ALONE);
        circuit.did_well(Some(&label), None, later);
        assert!(!circuit.row.is_broken() && !circuit.is_well());
        circuit.failed(&down(), Some(&assign), None, later);
        assert!(is_closed(&circuit, None, later));
        circuit.did_well(Some(&assign), None, later);
        assert!(circuit.is_well());
    }
}
