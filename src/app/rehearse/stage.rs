//! The local forge that one configuration is played on, and the clock that goes from moment to moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::past::{Moment, Past};
use crate::app::failure::Ended;
use crate::domain::actor::{Actor, ActorKind, Permission};
use crate::domain::id::{IssueNumber, Login, RepositoryName};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, Trigger};
use crate::services::clock::Clock;
use crate::services::github::local::Forge;
use crate::services::temporary::{Folder, REHEARSALS};

/// The account that a rehearsal writes as.
const MYSELF: &str = "automata[bot]";

/// Goes to the time of each moment.
pub(super) struct PastClock(AtomicI64);

impl PastClock {
    pub(super) const fn at(time: Timestamp) -> Self {
        Self(AtomicI64::new(time.as_millis()))
    }

    /// Never back: the clocks of runs differed.
    pub(super) fn set(&self, time: Timestamp) {
        self.0.fetch_max(time.as_millis(), Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for PastClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    /// Nobody waits in the past: there is one run, and nothing outside.
    async fn sleep(&self, span: Duration) {
        self.set(self.now().plus(span));
    }
}

/// A forge in a temporary folder, gone with the value.
pub(super) struct Stage {
    pub(super) forge: Forge,
    folder: Folder,
    people: BTreeMap<Login, Permission>,
    /// People who are assigned because of this side.
    assigned: BTreeMap<IssueNumber, BTreeSet<Login>>,
}

impl Stage {
    pub(super) fn new(
        past: &Past,
        labels: &[String],
        repository: &RepositoryName,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Ended> {
        let folder = Folder::new(REHEARSALS).map_err(|error| {
            Ended::usage(
                format!("there is no room for a rehearsal: {error}"),
                "Set TMPDIR to a folder that can be written and has room.",
            )
        })?;
        let myself = Actor { kind: ActorKind::Bot, login: Login::new(MYSELF) };
        let forge = Forge::open(folder.path(), repository, "main", myself, clock)?;
        forge.show_labels(labels.iter().map(String::as_str), None)?;
        for (login, permission) in &past.people {
            forge.set_permission(login, *permission)?;
        }
        Ok(Self { forge, folder, people: past.people.clone(), assigned: BTreeMap::new() })
    }

    /// A text without what tells this folder from another.
    pub(super) fn plain(&self, text: &str) -> String {
        text.replace(&self.folder.path().display().to_string(), "")
    }

    /// What happened, as it would have looked had this side been at work: what was ours then is not there, and what is
    /// this side's is.
    pub(super) fn dressed(&self, moment: &Moment, state: &State) -> Trigger {
        let mut trigger = (*moment.trigger).clone();
        let Some(number) = trigger.subject.number() else { return trigger };
        let is = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
        let ours = state.issues.get(&number).map(|issue| issue.our_labels.clone()).unwrap_or_default();
        let labels = |labels: &mut Vec<String>| {
            labels.retain(|label| !moment.our_labels.iter().any(|theirs| is(theirs, label)));
            for label in &ours {
                if !labels.iter().any(|known| is(known, label)) {
                    labels.push(label.clone());
                }
            }
        };
        match &mut trigger.about {
            About::Issue { issue, .. } | About::Comment { issue, .. } => {
                labels(&mut issue.labels);
                issue.assignees.retain(|login| !moment.our_assignees.contains(login));
                for login in self.assigned.get(&number).into_iter().flatten() {
                    if !issue.assignees.contains(login) {
                        issue.assignees.push(login.clone());
                    }
                }
            }
            About::Pull { pull, .. } | About::Review { pull, .. } | About::ReviewComment { pull, .. } => {
                labels(&mut pull.labels);
            }
            _ => {}
        }
        trigger
    }

    /// Lays out on the forge what a trigger shows.
    pub(super) fn show(&self, trigger: &Trigger) -> Result<(), Ended> {
        let action = trigger.action.as_deref();
        match &trigger.about {
            About::Issue { issue, .. } if matches!(action, Some("deleted" | "transferred")) => {
                self.forge.hide_issue(issue.number)?;
            }
            About::Issue { issue, .. } => self.forge.show_issue(issue)?,
            About::Comment { issue, comment } => {
                self.forge.show_issue(issue)?;
                self.forge.show_comment(issue.number, comment)?;
            }
            About::Pull { pull, .. } | About::Review { pull, .. } | About::ReviewComment { pull, .. } => {
                self.forge.show_pull(pull)?;
            }
            About::Label { name, was } => {
                let gone = if action == Some("deleted") { Some(name.as_str()) } else { was.as_deref() };
                let there = (action != Some("deleted")).then_some(name.as_str());
                self.forge.show_labels(there, gone)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Lets these people be assigned while `are_assignable`: whether they may the log does not tell, and whoever names them
    /// knows.
    pub(super) fn assignable(&self, people: &[Login], are_assignable: bool) -> Result<(), Ended> {
        for login in people {
            let known = self.people.get(login).copied().unwrap_or(Permission::Read);
            let permission = if are_assignable { Permission::Write } else { known };
            self.forge.set_permission(login, permission)?;
        }
        Ok(())
    }

    /// Remembers who is assigned because of this side.
    pub(super) fn assigned(&mut self, issue: IssueNumber, added: &[Login], removed: &[Login]) {
        let ours = self.assigned.entry(issue).or_default();
        ours.retain(|login| !removed.contains(login));
        ours.extend(added.iter().cloned());
    }
}
