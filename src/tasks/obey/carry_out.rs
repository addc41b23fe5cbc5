//! What each word does: orders to the log at once, and tasks that follow.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::look_up::Found;
use crate::config::{CommentWords, FeatureModeName, filled};
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Rejection};
use crate::domain::feature::Feature;
use crate::domain::id::{Login, TaskId};
use crate::domain::input::{self, Spot};
use crate::domain::named::{Unclear, one_to_change};
use crate::domain::payload::Payload;
use crate::domain::spec::{IfLost, OnDuplicate, TaskRequest};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::words::{Rank, Reach, Verb, Word};
use crate::report::answer;
use crate::report::why::Asked;
use crate::tasks::Context;

/// Kinds that `run` can enqueue by their names alone.
const RUNNABLE: [&str; 4] = [input::ANALYSE, input::COMMENT, input::IMPLEMENT, input::TEND];
/// GitHub tells times in whole seconds, and our own are told in thousandths: within one both may be the same.
const GITHUBS_SECOND: Duration = Duration::from_secs(1);
/// The label that says it where the configuration names none and the repository has it: GitHub gives it to every new
/// repository.
const DUPLICATE: &str = "duplicate";

/// What is done for somebody.
pub(super) struct Orders<'a> {
    pub(super) context: &'a Context<'a>,
    actor: &'a Actor,
    pub(super) subject: Subject,
    /// Where it was said; nowhere when it came by a dispatch.
    said: Option<(Spot, u64)>,
    /// What was suggested from then on was not there to be seen by whoever said it.
    pub(super) unseen_from: Timestamp,
    /// What follows, each after the one before it.
    pub(super) requests: Vec<TaskRequest>,
    /// Whether the status comment has something new to show.
    pub(super) shows: bool,
    says: Vec<String>,
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
    fn follow<T: Serialize>(
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

    /// Unfinished tasks about the subject that people can call off.
    fn unfinished(&self) -> Vec<Task> {
        let state = self.state();
        let mut tasks: Vec<Task> = state
            .tasks
            .values()
            .filter(|task| task.spec.subject == self.subject && !task.status.is_final())
            .filter(|task| !matches!(task.spec.kind.as_str(), input::OBEY | input::COMMENT))
            .cloned()
            .collect();
        tasks.sort_by_key(|task| task.enqueued);
        tasks
    }

    /// Does what somebody may have.
    pub(super) fn carry_out(&mut self, word: &Word, found: &Found) {
        if found.is_void {
            return;
        }
        let subject = self.subject;
        let asked_by = Some(self.actor.login.clone());
        match word {
            Word::Help => {
                let access = &self.context.config.access;
                self.says.push(answer::help(self.words(), &|verb: Verb| access.need(verb)));
            }
            Word::Status => {
                let told =
                    answer::status(self.words(), &self.state(), subject, self.context.task.id.as_str());
                self.says.push(told);
            }
            Word::Why { what } => {
                let asking = self.context.task.id.as_str();
                let (what, seen) = (what.as_deref(), found.seen.as_deref());
                let config = self.context.config;
                let repository =
                    self.context.services.repository.as_ref().map(ToString::to_string).unwrap_or_default();
                let repository = repository.as_str();
                let about = |state| Asked { config, repository, state, subject, what, asking, seen };
                let told = match &found.recalled {
                    Some(recalled) => answer::why(self.words(), &about(recalled)),
                    None => answer::why(self.words(), &about(&self.state())),
                };
                self.says.push(told);
            }
            Word::Run { kind } => self.run(word, kind.as_deref().unwrap_or(input::ANALYSE)),
            Word::Implement { assistant } => self.implement(word, assistant.as_deref(), None),
            Word::Revise { text } => self.revise(word, text),
            Word::Retry => self.retry(word),
            Word::Cancel { task } => self.cancel(word, task.as_ref()),
            Word::Approve { feature } => self.approve(word, *feature, found.is_theirs),
            Word::Reject { feature } => self.reject(word, *feature),
            Word::Assign { logins } => {
                let input = input::Assign { logins: logins.clone(), asked_by, ..input::Assign::default() };
                self.follow(input::ASSIGN, subject, &input, word);
            }
            Word::Unassign { logins } => {
                let remove: Vec<Login> = if logins.is_empty() { &found.assigned } else { logins }.clone();
                if remove.is_empty() {
                    return self.say(word, &self.words().nobody_assigned);
                }
                let input = input::Assign { remove, asked_by, ..input::Assign::default() };
                self.follow(input::ASSIGN, subject, &input, word);
            }
            Word::Priority(rank) => self.prioritise(word, *rank),
            Word::Label { add, remove } => {
                let input = input::Label { add: add.clone(), remove: remove.clone(), asked_by };
                self.follow(input::LABEL, subject, &input, word);
            }
            Word::Duplicate { of } => {
                let named = self.context.config.labels.duplicate.as_ref();
                let label = named.map_or(DUPLICATE, |label| label.as_str()).to_owned();
                let input = input::Label { add: vec![label], remove: Vec::new(), asked_by };
                self.follow(input::LABEL, subject, &input, word);
                self.say(word, filled(&self.words().duplicate, &[("number", &of.to_string())]));
            }
            Word::Undo { what } => {
                let input = input::Undo { what: what.clone(), asked_by };
                // What was done for a pull request of ours was done about its issue.
                self.follow(input::UNDO, self.issue_of_change().unwrap_or(subject), &input, word);
            }
            Word::Stop => {
                let count = self.call_off(word, &self.unfinished());
                self.requests.clear();
                self.pause(word, Reach::Here);
                let told = called_off(self.words(), count);
                self.say(word, filled(&self.words().stopped, &[("what", &told)]));
            }
            Word::Pause(reach) => self.say_paused(word, *reach),
            Word::Resume(reach) => self.resume(word, *reach),
        }
    }

    fn run(&mut self, word: &Word, kind: &str) {
        if kind == input::IMPLEMENT {
            return self.implement(word, None, None);
        }
        if !RUNNABLE.contains(&kind) {
            let there = RUNNABLE.map(|kind| format!("`{kind}`")).join(", ");
            return self.say(word, filled(&self.words().runnable, &[("kinds", &there)]));
        }
        if !input::scope(kind).covers(self.subject) {
            let told = match self.subject {
                Subject::Pull(_) => &self.words().about_issues,
                _ => &self.words().about_pulls,
            };
            return self.say(word, filled(told, &[("kind", kind)]));
        }
        let subject = self.subject;
        // A comment that somebody deleted or changed is written anew, whatever the log says it shows.
        let (input, key) = match kind {
            input::COMMENT => (json!({ "again": true }), format!("{kind} {subject} again")),
            // Who asks for it wants it now.
            input::ANALYSE => (json!({ "asks": true }), format!("judge {subject}")),
            _ => (json!({}), format!("{kind} {subject}")),
        };
        if let Some(request) = self.follow(kind, subject, &input, word) {
            request.spec.unique = Some(key);
            if kind == input::ANALYSE {
                request.spec.on_duplicate = OnDuplicate::Replace;
            }
        }
    }

    /// Asks for a change, of an assistant, or another one than there is. On a pull request of ours it is the issue's.
    fn implement(&mut self, word: &Word, assistant: Option<&str>, revise: Option<&str>) {
        let Some(subject) = self.issue_of_change() else {
            return self.say(word, &self.words().no_issue_known);
        };
        if let Some(name) = assistant {
            let known = assistants(self.context);
            if !known.iter().any(|known| known == name) {
                let there = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let there = if there.is_empty() { self.words().nobody.clone() } else { there };
                let told = filled(&self.words().no_assistant, &[("name", name), ("known", &there)]);
                return self.say(word, told);
            }
        }
        let source = match (self.said, self.subject.number()) {
            (Some((Spot::Comment, id)), _) => input::Source::Comment { id },
            (Some((Spot::Line, id)), Some(pull)) => input::Source::Line { pull, id },
            (Some((Spot::Review, id)), Some(pull)) => input::Source::Review { pull, id },
            _ => input::Source::Issue,
        };
        let wanted = input::Implement {
            assistant: assistant.map(str::to_owned),
            revise: revise.map(str::to_owned),
            asked_by: Some(self.actor.login.clone()),
            granted: true,
            ..input::Implement::of(source)
        };
        let said = self.said;
        if let (Some(request), Some((spot, id))) =
            (self.follow(input::IMPLEMENT, subject, &wanted, word), said)
        {
            request.spec.unique = Some(format!("implement {subject} {}", place(spot, id)));
        }
    }

    /// Asks for more on the open pull request, and for a change anew where there is none.
    fn revise(&mut self, word: &Word, text: &str) {
        let open = self.issue_of_change().and_then(Subject::number).and_then(|number| {
            let state = self.state();
            let known = state.issues.get(&number)?;
            let open = known.pull_request.as_ref().filter(|_| known.fate.end.is_none())?;
            Some((open.number, open.by.clone()))
        });
        if let Some((number, Some(by))) = &open {
            let (number, by) = (number.to_string(), by.to_string());
            let told = filled(&self.words().theirs, &[("number", &number), ("name", &by)]);
            return self.say(word, told);
        }
        let open = open.map(|(number, _)| number);
        let Some(pull) = open else { return self.implement(word, None, Some(text)) };
        let subject = Subject::Pull(pull);
        let source = match self.said {
            Some((Spot::Comment, id)) => input::Asking::Comment { id },
            Some((Spot::Line, id)) => input::Asking::Line { id },
            Some((Spot::Review, id)) => input::Asking::Word { id },
            None => input::Asking::Said { text: text.to_owned() },
        };
        let wanted = input::Revise { source, asked_by: Some(self.actor.login.clone()) };
        let said = self.said;
        if let (Some(request), Some((spot, id))) = (self.follow(input::REVISE, subject, &wanted, word), said)
        {
            request.spec.unique = Some(format!("revise {subject} {}", place(spot, id)));
        }
    }

    /// The issue that a change is for.
    fn issue_of_change(&self) -> Option<Subject> {
        let Subject::Pull(number) = self.subject else { return Some(self.subject) };
        let state = self.state();
        let of = |issue: &crate::domain::state::IssueState| {
            issue.pull_request.as_ref().is_some_and(|pull| pull.number == number)
        };
        state.issues.iter().find(|(_, issue)| of(issue)).map(|(number, _)| Subject::Issue(*number))
    }

    fn retry(&mut self, word: &Word) {
        let (now, mut failed, mut waiting) = {
            let state = self.state();
            let mut failed: BTreeMap<String, Task> = BTreeMap::new();
            let mut waiting = Vec::new();
            for task in state.tasks.values().filter(|task| task.spec.subject == self.subject) {
                match &task.status {
                    // The last of each kind: what was asked for before it is history.
                    Status::Failed { .. } => {
                        let last = failed.entry(task.spec.kind.to_string()).or_insert_with(|| task.clone());
                        if task.enqueued > last.enqueued {
                            *last = task.clone();
                        }
                    }
                    Status::Pending { last_failure: Some(_), .. } => waiting.push(task.id.clone()),
                    _ => {}
                }
            }
            (state.at, failed, waiting)
        };
        let reason = self.why(word);
        let mut count = 0;
        while let Some((_, task)) = failed.pop_first() {
            let revive = Command::Revive { task: task.id.clone(), input: None, reason: reason.clone() };
            if self.log(revive) {
                count += 1;
                self.show_as_now(word, &[task]);
            }
        }
        for task in waiting.drain(..) {
            let (reason, not_before) = (reason.clone(), Some(now));
            let sooner = Command::Amend { task, input: None, priority: None, not_before, reason };
            count += usize::from(self.log(sooner));
        }
        if count == 0 {
            self.say(word, &self.words().nothing_given_up);
        } else {
            self.shows = true;
        }
    }

    fn cancel(&mut self, word: &Word, task: Option<&TaskId>) {
        let mut tasks = self.unfinished();
        if let Some(id) = task {
            match one_to_change(tasks.iter(), id.as_str()).map(|task| task.id.clone()) {
                Ok(meant) => tasks.retain(|task| task.id == meant),
                Err(unclear) => return self.say(word, which(self.words(), &unclear, id)),
            }
        }
        let count = self.call_off(word, &tasks);
        self.say(word, format!("{}.", called_off(self.words(), count)));
    }

    pub(super) fn call_off(&mut self, word: &Word, tasks: &[Task]) -> usize {
        let reason = self.why(word);
        let cancel =
            |task: &&Task| self.log(Command::Cancel { task: task.id.clone(), reason: reason.clone() });
        let count = tasks.iter().filter(cancel).count();
        self.shows |= count > 0;
        count
    }

    fn prioritise(&mut self, word: &Word, rank: Rank) {
        for task in self.unfinished() {
            if matches!(task.status, Status::Pending { .. }) {
                let (reason, priority) = (self.why(word), Some(rank.priority()));
                self.log(Command::Amend { task: task.id, input: None, priority, not_before: None, reason });
            }
        }
        let Rank::Named(urgency) = rank else { return };
        let group = &self.context.config.labels.of_urgency;
        let wanted = group.of(urgency);
        let add: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
        let remove: Vec<String> =
            group.all().into_iter().filter(|label| Some(*label) != wanted).map(str::to_owned).collect();
        let asked_by = Some(self.actor.login.clone());
        if !(add.is_empty() && remove.is_empty()) {
            self.follow(input::LABEL, self.subject, &input::Label { add, remove, asked_by }, word);
        }
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

/// Where something was said, as part of a key.
fn place(spot: Spot, id: u64) -> String {
    match spot {
        Spot::Comment => format!("comment/{id}"),
        Spot::Line => format!("line/{id}"),
        Spot::Review => format!("review/{id}"),
    }
}

/// Why it is not clear which unfinished task is meant.
fn which(words: &CommentWords, unclear: &Unclear, id: &TaskId) -> String {
    let id = id.as_str();
    match unclear {
        Unclear::Unknown => filled(&words.no_task, &[("id", id)]),
        Unclear::Short(least) => filled(&words.short_id, &[("id", id), ("least", &least.to_string())]),
        Unclear::Several(count, ids) => {
            let (count, ids) = (count.to_string(), ids.join(", "));
            filled(&words.many_tasks, &[("id", id), ("count", &count), ("ids", &ids)])
        }
    }
}

pub(super) fn called_off(words: &CommentWords, count: usize) -> String {
    match count {
        0 => words.none_called_off.clone(),
        count => words.counted(count as u64, &words.one_called_off, &words.many_called_off),
    }
}

/// The assistants that the configuration names.
fn assistants(context: &Context<'_>) -> Vec<String> {
    context.config.assistants.iter().map(|rule| rule.name().to_owned()).collect()
}
