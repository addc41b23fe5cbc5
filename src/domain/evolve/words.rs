//! What people said, as far as it changes what is so: what was heard, answered, paused, taken back.

use crate::domain::access::Wish;
use crate::domain::effect::EffectKind;

use crate::domain::event::{CommandAnswered, CommandJudged, Event, FeatureChanged, Stamp};
use crate::domain::features::{Fallen, Standing};
use crate::domain::id::Login;
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::state::{IssueState, State};
use crate::domain::subject::Subject;
use crate::domain::words::{Word, parse};

/// Comments of one issue of which it is known what was heard; the oldest are forgotten first. Who edits an older one
/// says it again.
const COMMENTS_KEPT: usize = 50;

/// Wishes of one issue of which it is known how they were weighed, about 40 bytes each.
const WEIGHED_KEPT: usize = 50;

/// By what the same wish is recognised: what it is, where, whose, and what came of it.
fn weight(granted: bool, judged: &CommandJudged) -> String {
    let CommandJudged { verb, actor, comment, .. } = judged;
    let place = comment.map_or_else(String::new, |id| id.to_string());
    format!("{}{verb} {place} {}", if granted { "+" } else { "-" }, actor.login)
}

impl State {
    pub(super) fn heard(&mut self, stamp: &Stamp, judged: &CommandJudged, granted: bool) {
        let Some(issue) = stamp.subject.number().and_then(|number| self.issues.get_mut(&number)) else {
            return;
        };
        if let Some(comment) = judged.comment {
            issue.heard.entry(comment).or_default().insert(judged.said.clone());
            while issue.heard.len() > COMMENTS_KEPT {
                issue.heard.pop_first();
            }
        }
        if !granted {
            return;
        }
        match parse(&judged.said) {
            Ok(Word::Duplicate { of }) => issue.duplicate_of = Some(of),
            // Somebody wants to see something again.
            Ok(Word::Run { .. } | Word::Implement { .. } | Word::Revise { .. } | Word::Retry) => {
                issue.withdrawn = false;
            }
            _ => {}
        }
    }

    /// Remembers what was weighed: who looks at the same again comes to the same.
    pub(super) fn weighed(&mut self, stamp: &Stamp, judged: &CommandJudged, granted: bool) {
        let Some(issue) = stamp.subject.number().and_then(|number| self.issues.get_mut(&number)) else {
            return;
        };
        issue.weighed.push(weight(granted, judged));
        let more = issue.weighed.len().saturating_sub(WEIGHED_KEPT);
        issue.weighed.drain(..more);
        if let Some(number) = stamp.subject.number().filter(|_| judged.verb == Wish::Review.name()) {
            self.heeded(number, &judged.actor.login, granted);
        }
    }

    pub(super) fn answered(&mut self, stamp: &Stamp, answered: &CommandAnswered) {
        if let Some(issue) = stamp.subject.number().and_then(|number| self.issues.get_mut(&number)) {
            issue.answer = Some(answered.clone()).filter(|answer| !answer.text.is_empty());
        }
    }

    pub(super) fn feature_changed(&mut self, stamp: &Stamp, event: &Event, changed: &FeatureChanged) {
        let standing = self.features.entry(changed.feature).or_default();
        let reason = changed.reason.clone();
        match event {
            Event::FeaturePaused(_) => standing.paused = Some(reason),
            Event::FeatureResumed(_) => standing.paused = None,
            Event::FeatureFellBack(_) => standing.fallen = Some(Fallen { reason, at: stamp.at }),
            // What it was judged by must not judge it again.
            _ => *standing = Standing { paused: standing.paused.take(), ..Standing::default() },
        }
    }

    pub(super) fn pause(&mut self, stamp: &Stamp, reason: Option<&str>) {
        if stamp.subject == Subject::Repository {
            self.paused = reason.map(str::to_owned);
        }
        if let Some(issue) = stamp.subject.number().and_then(|number| self.issues.get_mut(&number)) {
            issue.paused = reason.map(str::to_owned);
        }
    }
}

impl IssueState {
    /// Whether the same was weighed before, with the same result.
    pub(in crate::domain) fn has_weighed(&self, granted: bool, judged: &CommandJudged) -> bool {
        self.weighed.contains(&weight(granted, judged))
    }

    /// What was taken back because `by` asked is not done again, unless somebody asks for it.
    pub(super) fn undone(&mut self, kind: EffectKind, receipt: &Payload, by: &Login) {
        match kind {
            EffectKind::Labels => {
                let labels: receipt::Labels = receipt.read().unwrap_or_default();
                self.labels.retain(|label| !labels.removed.contains(label));
                self.our_labels.retain(|label| !labels.removed.contains(label));
                self.forget_asked(&labels.removed);
                self.refused_labels.retain(|label| !labels.added.contains(label));
                self.undone_labels.extend(labels.removed.iter().map(|label| (label.clone(), by.clone())));
                self.refused_labels.extend(labels.removed);
            }
            EffectKind::Assignees => {
                let people: receipt::Assignees = receipt.read().unwrap_or_default();
                self.refused_assignees.retain(|login| !people.added.contains(login));
                self.assignees.retain(|login| !people.removed.contains(login));
                self.our_assignees.retain(|login| !people.removed.contains(login));
                self.undone_assignees.extend(people.removed.iter().map(|login| (login.clone(), by.clone())));
                self.refused_assignees.extend(people.removed);
            }
            EffectKind::PullRequest => self.pull_request = None,
            EffectKind::Issue => {
                let changed: receipt::Issue = receipt.read().unwrap_or_default();
                // Somebody wants none of ours: it is theirs to set now.
                self.type_is_theirs |= changed.cleared;
                if changed.reopened {
                    self.closed_at = None;
                }
            }
            EffectKind::Comment
            | EffectKind::Branch
            | EffectKind::Commit
            | EffectKind::Answers
            | EffectKind::Assistant
            | EffectKind::DriveFile
            | EffectKind::DriveFolder
            | EffectKind::DriveShares
            | EffectKind::DriveIssue
            | EffectKind::DriveAccess
            | EffectKind::DriveItem
            | EffectKind::DriveLinks
            | EffectKind::DriveTree
            | EffectKind::Merge
            | EffectKind::Reviewers
            | EffectKind::Field
            | EffectKind::Slack
            | EffectKind::Webhook
            | EffectKind::CheckRun
            | EffectKind::Reaction
            | EffectKind::Program => {}
        }
    }

    /// What a task that takes back leaves behind.
    pub(super) fn withdraw(&mut self, output: &Payload) {
        self.withdrawn |= output.read::<input::Undone>().is_ok_and(|undone| undone.withdrawn);
        if self.withdrawn {
            // Whatever is done from here on begins anew.
            self.landmarks.clear();
        }
    }
}
