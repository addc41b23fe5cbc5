//! Looks whether what tasks wait for outside is so by now, and records what is.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::session::Session;
use crate::domain::command::Command;
use crate::domain::fact::Fact;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login, RunId, Sequence};
use crate::domain::state::State;
use crate::domain::trigger::{About, OpenState, Trigger};
use crate::services::github::{Checks, GitHub};
use crate::tasks::Services;

/// Numbers that one run asks about. Each takes one to four requests, of 1,000 an hour that the workflow's own
/// token has.
const NUMBERS: usize = 30;
/// Approvers whose permission one run asks for: anybody can write the words.
const PEOPLE: usize = 30;

/// Observes each fact that a pending task waits for and that is so. What triggers told costs nothing and is
/// looked at by every run; GitHub is asked about the number that the run's own event is about, and about the
/// others by runs whose event is about none (a schedule, a call) or that have none.
///
/// A forge that does not answer is no failure of the run: the next one looks again.
pub(super) async fn facts(session: &Session, services: &Services) {
    let told: Vec<Fact> = {
        let state = session.state();
        state.tasks.awaited().filter(|fact| is_told(&state, *fact)).collect()
    };
    for fact in told {
        observe(session, fact);
    }
    let asked = {
        let (state, trigger) = (session.state(), session.took_in());
        to_ask(&state, trigger.as_deref(), session.run())
    };
    let mut look = Look { session, github: services.github.as_ref(), permissions: BTreeMap::new() };
    // One after the other, as GitHub asks of its callers.
    for (number, facts) in asked {
        if look.at(number, &facts).await.is_err() {
            return;
        }
    }
}

fn observe(session: &Session, fact: Fact) {
    if let Err(reason) = session.submit(Command::Observe(fact)) {
        tracing::debug!(%reason, "a fact is no longer waited for");
    }
}

/// Whether a trigger has told that it is so.
fn is_told(state: &State, fact: Fact) -> bool {
    let Some(known) = state.issues.get(&fact.number()) else { return false };
    match fact {
        Fact::Merged(_) => known.merged,
        Fact::Closed(_) => known.closed_at.is_some(),
        Fact::Checks(_) | Fact::Approved(_) | Fact::Agreed(..) => false,
    }
}

/// Whether the trigger shows that it is not so: then nobody need be asked.
fn is_denied(trigger: &Trigger, fact: Fact) -> bool {
    match (&trigger.about, fact) {
        (About::Pull { .. } | About::Review { .. } | About::ReviewComment { .. }, Fact::Merged(_)) => true,
        // An issue's clothes do not show whether a closed pull request was merged.
        (About::Issue { issue, .. } | About::Comment { issue, .. }, Fact::Merged(_)) => {
            !issue.is_pull || issue.state == OpenState::Open
        }
        (_, Fact::Closed(_)) => true,
        _ => false,
    }
}

/// What GitHub is to be asked about, by number, the longest waited for first.
fn to_ask(state: &State, trigger: Option<&Trigger>, run: &RunId) -> Vec<(IssueNumber, Vec<Fact>)> {
    let mut waited: BTreeMap<IssueNumber, (Sequence, Vec<Fact>)> = BTreeMap::new();
    let is_askable = |fact: &Fact| match fact {
        Fact::Approved(number) => state.issues.get(number).is_some_and(|known| !known.approvers.is_empty()),
        // Only somebody's word makes it so.
        Fact::Agreed(..) => false,
        fact => !is_told(state, *fact),
    };
    for fact in state.tasks.awaited().filter(is_askable) {
        let since = state.tasks.awaiting(fact).map(|task| task.enqueued).min().unwrap_or(state.sequence);
        let (oldest, facts) = waited.entry(fact.number()).or_insert((since, Vec::new()));
        *oldest = since.min(*oldest);
        facts.push(fact);
    }
    let about_none = |about: &About| {
        matches!(
            about,
            About::Release { .. }
                | About::Schedule { .. }
                | About::Dispatch { .. }
                | About::RepositoryDispatch { .. }
                | About::WorkflowRun { .. }
        )
    };
    match trigger {
        Some(trigger) if !about_none(&trigger.about) => {
            let found = trigger.subject.number().and_then(|number| Some((number, waited.remove(&number)?.1)));
            let asked = found.map(|(number, mut facts)| {
                facts.retain(|fact| !is_denied(trigger, *fact));
                (number, facts)
            });
            asked.into_iter().filter(|(_, facts)| !facts.is_empty()).collect()
        }
        _ => {
            let mut row: Vec<_> = waited.into_iter().collect();
            row.sort_by_key(|(number, (since, _))| (*since, *number));
            let row = row.into_iter().map(|(number, (_, facts))| (number, facts)).collect();
            longest_waiting(row, run)
        }
    }
}

/// As many as one run asks about: half of them the longest waiting, half from a place among the others that
/// every run has elsewhere, so that what never comes true keeps nothing from being seen.
fn longest_waiting<T>(mut row: Vec<T>, run: &RunId) -> Vec<T> {
    if row.len() <= NUMBERS {
        return row;
    }
    let mut others = row.split_off(NUMBERS / 2);
    let mut hasher = DefaultHasher::new();
    run.as_str().hash(&mut hasher);
    let place = hasher.finish() % others.len() as u64;
    others.rotate_left(usize::try_from(place).unwrap_or_default());
    row.extend(others);
    row.truncate(NUMBERS);
    row
}

/// GitHub does not answer: this run asks no more.
struct NoAnswer;

/// One run's look outside.
struct Look<'a> {
    session: &'a Session,
    github: &'a dyn GitHub,
    /// Whether those asked about so far may write.
    permissions: BTreeMap<Login, bool>,
}

impl Look<'_> {
    async fn at(&mut self, number: IssueNumber, facts: &[Fact]) -> Result<(), NoAnswer> {
        let [merged, closed, checks, approved] =
            [Fact::Merged(number), Fact::Closed(number), Fact::Checks(number), Fact::Approved(number)];
        let wants = |fact: Fact| facts.contains(&fact);
        let mut pull = None;
        if wants(merged) || wants(checks) {
            pull = answer(self.github.pull_state(number).await, number)?.flatten();
        }
        if let Some(pull) = &pull {
            for (fact, is_so) in [(merged, pull.merged), (closed, pull.state == OpenState::Closed)] {
                if wants(fact) && is_so {
                    observe(self.session, fact);
                }
            }
            if wants(checks)
                && let Some(commit) = &pull.head_commit
                && answer(self.github.checks(commit).await, number)? == Some(Checks::Green)
            {
                observe(self.session, checks);
            }
        } else if wants(closed) {
            // One that is gone may only be hidden from this token: who waits for it has to decide.
            let issue = answer(self.github.issue(number).await, number)?.flatten();
            if issue.is_some_and(|issue| issue.state == OpenState::Closed) {
                observe(self.session, closed);
            }
        }
        if wants(approved) && self.is_approved(number).await? {
            observe(self.session, approved);
        }
        Ok(())
    }

    /// Whether one of the approvers may write, the last word first.
    async fn is_approved(&mut self, number: IssueNumber) -> Result<bool, NoAnswer> {
        let approvers: Vec<Login> = {
            let state = self.session.state();
            state.issues.get(&number).map(|known| known.approvers.clone()).unwrap_or_default()
        };
        for person in approvers.iter().rev() {
            let may = match self.permissions.get(person) {
                Some(may) => *may,
                None if self.permissions.len() >= PEOPLE => continue,
                None => {
                    let permission = answer(self.github.permission(person).await, number)?;
                    let may = permission.is_some_and(|permission| permission.can_write());
                    self.permissions.insert(person.clone(), may);
                    may
                }
            };
            if may {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What was answered. A question that will never be answered is told and left alone; any other failure is
/// a reason to ask nothing more.
fn answer<T>(asked: Result<T, Failure>, number: IssueNumber) -> Result<Option<T>, NoAnswer> {
    match asked {
        Ok(told) => Ok(Some(told)),
        Err(failure) if failure.is_permanent() => {
            let hint = failure.hint.as_deref().unwrap_or_default();
            tracing::warn!("what tasks wait for at #{number} cannot be seen: {failure}. {hint}");
            Ok(None)
        }
        Err(failure) => {
            tracing::debug!(%failure, "what tasks wait for is looked at by the next run");
            Err(NoAnswer)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_run_asks_about_the_longest_waiting_and_all_runs_together_about_everything() {
        let mut seen = BTreeSet::new();
        for run in 0..100 {
            let asked = longest_waiting((0..200).collect(), &RunId::new(format!("{run}.1")));
            assert_eq!((asked.len(), &asked[..15]), (30, (0..15).collect::<Vec<_>>().as_slice()));
            assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), 30, "nothing twice");
            seen.extend(asked);
        }
        assert_eq!(seen.len(), 200);
        assert_eq!(longest_waiting((0..30).collect(), &RunId::new("1.1")), (0..30).collect::<Vec<_>>());
    }
}
