//! What `/automata why` is answered: out of the present and the configuration, without the history, which nobody waits for.

use super::silence;
use super::unmoved::undone;
use super::{Present, Reasoned, changes, findings, unknown};
use crate::config::{Config, Lacking, Unmoved, why_nothing_followed};
use crate::domain::effect::EffectKind;
use crate::domain::id::{IssueNumber, TriggerIdentity};
use crate::domain::input;
use crate::domain::receipt;
use crate::domain::room::Room;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::trigger::{About, IssueFacts, Trigger};
use crate::report::receipt as told;
use crate::views::timeline;

/// Entries of an answer: what is left out is the oldest of what was done.
const MOST: usize = 14;
/// Of these, what was not done.
const MOST_SILENCE: usize = 6;

/// What somebody asks in a comment.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What the configuration says.
    pub config: &'a Config,
    /// The repository's name, as far as it is known.
    pub repository: &'a str,
    /// The present.
    pub state: &'a State,
    /// What it is asked about.
    pub subject: Subject,
    /// A label, a login, a branch: only what names it is told.
    pub what: Option<&'a str>,
    /// The task that asks, which does not report on itself.
    pub asking: &'a str,
    /// The issue as it is now, where somebody looked.
    pub seen: Option<&'a IssueFacts>,
}

impl Asked<'_> {
    /// The answer, what was not done before what was; and how much is left out.
    #[must_use]
    pub fn answer(&self) -> (Vec<Reasoned>, usize) {
        let Some(number) = self.subject.number() else { return (Vec::new(), 0) };
        let mut found = findings::findings(self.state, number);
        let mut done = self.done();
        let present = Present { state: self.state, now: self.state.at, room: &|_| Room::default() };
        let is_told = |task: &Task| self.is_told(task);
        let mut silent = silence::silence(self.state, number, &is_told, present.now, present.room);
        let is_told = |name: &&str| {
            done.iter().any(|entry| entry.is_about(name)) || silent.iter().any(|entry| entry.withholds(name))
        };
        let known = self.state.issues.get(&number).and_then(|issue| issue.analysis.clone());
        let analysis = known.or_else(|| findings::last_analysis(self.state, number));
        let lacking = Lacking {
            config: self.config,
            repository: self.repository,
            state: self.state,
            number,
            seen: self.seen,
            analysis: analysis.as_ref(),
            now: present.now,
        };
        let asked = self.what.filter(|name| !is_told(name));
        let unmoved = undone(&lacking, asked, &|name| found.iter().any(|entry| entry.is_about(name)));
        let is_silent = found.is_empty() && done.is_empty() && silent.is_empty() && unmoved.is_empty();
        silent.extend(unmoved.into_iter().map(|Unmoved { what, because }| Reasoned { what, because }));
        silent.extend(is_silent.then(|| self.nothing_followed()).flatten());
        if let Some(name) = self.what {
            let others = [found.clone(), done.clone()].concat();
            found.retain(|entry| entry.is_about(name));
            done.retain(|entry| entry.is_about(name));
            silent.retain(|entry| entry.withholds(name));
            if found.is_empty() && done.is_empty() && silent.is_empty() {
                let Reasoned { what, mut because } = unknown(&others, name);
                because.truncate(1);
                silent.push(Reasoned { what, because });
            }
        }
        let all = silent.len() + found.len() + done.len();
        silent.reverse();
        silent.truncate(MOST_SILENCE);
        found.truncate(MOST - silent.len());
        done.drain(..done.len().saturating_sub(MOST - silent.len() - found.len()));
        let told: Vec<Reasoned> = silent.into_iter().chain(found).chain(done).collect();
        let left_out = all - told.len();
        (told, left_out)
    }

    /// What was done about it, and for a pull request of ours what opened it, the oldest first.
    fn done(&self) -> Vec<Reasoned> {
        let mut tasks: Vec<&Task> = self.state.tasks.values().filter(|task| self.is_told(task)).collect();
        tasks.sort_by_key(|task| task.enqueued);
        let opened_for = match self.subject {
            Subject::Pull(pull) => self.state.issue_of_pull(pull).zip(Some(pull)),
            _ => None,
        };
        let branch = opened_for.and_then(|(issue, _)| {
            Some(self.state.issues.get(&issue)?.pull_request.as_ref()?.branch.clone())
        });
        let done = tasks.iter().flat_map(|task| {
            self.state.effects_of(&task.id).filter_map(|effect| {
                let receipt = effect.receipt.as_ref()?;
                let kind = effect.intent.kind;
                let is_branch = kind == EffectKind::Branch
                    && receipt.read().is_ok_and(|pushed: receipt::Branch| Some(pushed.branch) == branch);
                let made = opened_for.filter(|(_, pull)| is_branch || timeline::makes(receipt, *pull));
                let of = match made {
                    Some((issue, _)) if task.spec.subject != self.subject => {
                        format!("{}, for #{issue}", task.spec.kind)
                    }
                    _ if task.spec.subject == self.subject && changes::has_changed(kind, receipt) => {
                        task.spec.kind.to_string()
                    }
                    _ => return None,
                };
                let mut because = vec![task.spec.reason.clone()];
                because.extend(task.correlation.map(|origin| format!("it goes back to event {origin}")));
                Some(Reasoned { what: format!("{of}: {}", told::words(kind, receipt)), because })
            })
        });
        done.collect()
    }

    /// Who asks does not report on itself, and what others were told is not what somebody here can see.
    fn is_told(&self, task: &Task) -> bool {
        let kind = task.spec.kind.as_str();
        let is_routine = matches!(task.status, Status::Completed { .. })
            && (kind == input::OBEY || (kind == input::COMMENT && !self.has_written(task)));
        task.id.as_str() != self.asking && !input::is_telling(kind) && !is_routine
    }

    fn has_written(&self, task: &Task) -> bool {
        self.state.effects_of(&task.id).any(|effect| effect.receipt.is_some())
    }

    /// Why nothing follows from an issue like this, as far as the configuration of today tells.
    fn nothing_followed(&self) -> Option<Reasoned> {
        let issue = self.seen.filter(|issue| !issue.is_pull)?;
        let trigger = Trigger {
            identity: TriggerIdentity::new("asked"),
            event: "issues".to_owned(),
            action: Some("opened".to_owned()),
            at: issue.created_at,
            actor: issue.author.clone(),
            subject: Subject::Issue(issue.number),
            hops: 0,
            about: About::Issue { issue: issue.clone(), change: None },
        };
        let because = why_nothing_followed(self.config, &trigger);
        let IssueNumber(number) = issue.number;
        (!because.is_empty())
            .then(|| Reasoned { what: format!("nothing follows from #{number} as it is now"), because })
    }
}
