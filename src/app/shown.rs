//! Keeps status comments true: where what a run wrote is not what a comment says, the comment is brought up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::session::Session;
use crate::config::Config;
use crate::config::ours;
use crate::domain::command::Command;
use crate::domain::id::{IssueNumber, TaskId};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::report::comment::Scene;
use crate::tasks::Services;

/// Time between two looks while tasks still work: how often a comment may follow the course of long work. Each time costs an
/// edit and two pushes.
const EVERY: Duration = Duration::from_secs(60);

/// What was looked at so far.
pub(super) struct Shown {
    looked: Timestamp,
    /// The texts that were asked for, by their digests: once is enough, whatever comes of it.
    asked: BTreeMap<IssueNumber, String>,
}

impl Shown {
    /// A run that begins to work now.
    pub(super) const fn new(now: Timestamp) -> Self {
        Self { looked: now, asked: BTreeMap::new() }
    }

    /// Whether it is time to look although tasks still work.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        now.since(self.looked) >= EVERY
    }

    /// Asks for what is stale among the comments on what this run wrote about; whether there was any. A comment that nobody
    /// ever asked for is not made.
    pub(super) fn ask(&mut self, session: &Session, services: &Services, config: &Config) -> bool {
        self.looked = session.now();
        let touched = session.touched();
        let stale = {
            let state = session.state();
            let scene = Scene { state: &state, config, page: services.outlets.page.as_str() };
            let numbers: BTreeSet<IssueNumber> =
                touched.into_iter().flat_map(|subject| numbers(&state, subject)).collect();
            numbers.into_iter().filter_map(|number| stale(scene, number)).collect::<Vec<_>>()
        };
        let mut is_any = false;
        for (number, subject, digest) in stale {
            if self.asked.insert(number, digest.clone()).is_some_and(|before| before == digest) {
                continue;
            }
            let Some(request) = ours::comment(subject, format!("how {subject} stands has changed")) else {
                continue;
            };
            match session.submit(Command::Show(vec![request])) {
                Ok(_) => is_any = true,
                Err(reason) => tracing::debug!(%subject, %reason, "its comment is not brought up to date"),
            }
        }
        is_any
    }
}

/// The issues and pull requests whose comments tell of a subject.
fn numbers(state: &State, subject: Subject) -> impl Iterator<Item = IssueNumber> {
    let issue = match subject {
        Subject::Pull(pull) => state.issue_of_pull(pull),
        _ => None,
    };
    subject.number().into_iter().chain(issue)
}

/// What the comment is about, and the digest of what it should say, where it says something else.
fn stale(scene: Scene<'_>, number: IssueNumber) -> Option<(IssueNumber, Subject, String)> {
    let issue = scene.state.issues.get(&number)?;
    let known = issue.status_comment.as_ref()?;
    let subject = if issue.is_pull { Subject::Pull(number) } else { Subject::Issue(number) };
    let text = scene.status(number, &TaskId::new("none"))?;
    let digest = text.digest();
    (digest != known.digest).then_some((number, subject, digest))
}
