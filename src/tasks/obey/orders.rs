//! What is done for somebody: orders to the log at once, tasks that follow, and what is said.

use std::time::Duration;

use serde::Serialize;

use crate::config::{CommentWords, FeatureModeName, filled};
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Rejection};
use crate::domain::feature::Feature;
use crate::domain::input::Spot;
use crate::domain::payload::Payload;
use crate::domain::spec::{IfLost, TaskRequest};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::words::Word;
use crate::report::answer;
use crate::tasks::Context;

/// GitHub tells times in whole seconds, and our own are told in thousandths: within one both may be the same.
const GITHUBS_SECOND: Duration = Duration::from_secs(1);

/// What is done for somebody.
pub(super) struct Orders<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) actor: &'a Actor,
    pub(super) subject: Subject,
    /// Where it was said; nowhere when it came by a dispatch.
    pub(super) said: Option<(Spot, u64)>,
    /// What was suggested from then on was not there to be seen by whoever said it.
    pub(super) unseen_from: Timestamp,
    /// What follows, each after the one before it.
    pub(super) requests: Vec<TaskRequest>,
    /// Whether the status comment has something new to show.
    pub(super) shows: bool,
    pub(super) says: Vec<String>,
}

impl<'a> Orders<'a> {
    pub(super) fn new(
        context: &'a Context<'a>,
        actor: &'a Actor,
        subject: Subject,
        said: Option<(Spot, u64)>,
    ) -> Self {
        let unseen_from = context.task.enqueued_at.plus(GITHUBS_SECOND);
        Self {
            context,
            actor,
            subject,
            said,
            unseen_from,
            requests: Vec::new(),
            shows: false,
            says: Vec::new(),
        }
    }

    /// Says when it was said, where that is known better than when it was heard.
    pub(super) fn said_at(self, at: Option<Timestamp>) -> Self {
        let unseen_from = at.map_or(self.unseen_from, |at| at.plus(GITHUBS_SECOND));
        Self { unseen_from, ..self }
    }

    /// Has the log changed; false when it refuses.
    pub(super) fn log(&self, command: Command) -> bool {
        let ordered = self.context.journal.order(&self.context.task, self.actor, command);
        ordered.inspect_err(|reason: &Rejection| tracing::debug!(%reason, "an order was refused")).is_ok()
    }

    pub(super) fn take_says(&mut self) -> Vec<String> {
        std::mem::take(&mut self.says)
    }

    pub(super) fn with_answer(mut self, answered: Option<Command>) -> Self {
        if let Some(answered) = answered {
            self.shows |= self.log(answered);
        }
        self
    }

    pub(super) fn words(&self) -> &'a CommentWords {
        &self.context.config.comment.words
    }

    pub(super) fn say(&mut self, word: &Word, text: impl AsRef<str>) {
        self.says.push(answer::told(word, text.as_ref()));
    }

    pub(super) fn state(&self) -> std::cell::Ref<'a, State> {
        self.context.journal.state()
    }

    pub(super) fn why(&self, word: &Word) -> String {
        format!("{} said `{word}`", self.actor.login)
    }

    /// Enqueues a task after those that earlier words led to. They are done in order; one that fails holds up none.
    pub(super) fn follow<T: Serialize>(
        &mut self,
        kind: &str,
        subject: Subject,
        input: &T,
        word: &Word,
    ) -> Option<&mut TaskRequest> {
        if let Some(told) = is_held_back(self.context, kind) {
            self.say(word, told);
            return None;
        }
        let input = Payload::of(input).ok()?;
        let mut request = TaskRequest::new(kind, subject, input, self.why(word));
        request.spec.priority = self.context.task.spec.priority;
        request.spec.if_lost = IfLost::Continue;
        let before = self.requests.len();
        self.requests.push(if before == 0 { request } else { request.after(before - 1) });
        self.requests.last_mut()
    }
}

/// Why a kind is not done even when a person asks for it: shares, filters and suggestions are about what is done unasked,
/// but what is off stays off.
fn is_held_back(context: &Context<'_>, kind: &str) -> Option<String> {
    let feature = Feature::of_kind(kind)?;
    let words = &context.config.comment.words;
    let told = match context.config.features.get(feature.name())?.mode {
        FeatureModeName::Off => &words.feature_is_off,
        FeatureModeName::Observe if !feature.only_reads() => &words.feature_observes,
        _ => return None,
    };
    Some(filled(told, &[("feature", feature.name())]))
}
