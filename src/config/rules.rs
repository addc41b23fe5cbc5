//! Which tasks a trigger leads to. The entry for those that an analysis leads to is here as well.

use super::builtin;
use super::model::Config;
use super::rule::{Action, Choice, Condition, Filling, LabelName, LoginName, OneOrMany, Rule, Words};
pub use super::verdict::{after_analysis, lacking};
use super::words;
use crate::domain::fenced::fenced_patches;
use crate::domain::id::Login;
use crate::domain::input::{
    self, Analyse, Assign, Comment, Implement, Label, SetField, SetMilestone, Source,
};
use crate::domain::payload::Payload;
use crate::domain::spec::{Priority, TaskRequest};
use crate::domain::state::IssueState;
use crate::domain::subject::Subject;
use crate::domain::trigger::{About, CommentFacts, OpenState, PullFacts, Trigger};
use crate::domain::untrusted::Excerpt;

/// A status comment goes after everything else about its issue, so that it shows what came of that.
pub(super) const COMMENT_PRIORITY: Priority = Priority::new(40);

/// The tasks that the rules ask for when this happens, in the order of the rules, each once.
///
/// Nothing here changes anything: in `mode: observe` the same tasks are asked for.
#[must_use]
pub fn requests(config: &Config, trigger: &Trigger) -> Vec<TaskRequest> {
    let matter = Matter::of_trigger(trigger);
    let mut requests = Requests::default();
    let said = words::request(trigger);
    let asks = said.as_ref().is_some_and(words::asks_for_a_change);
    requests.list.extend(said);
    for (name, rule) in rules(config) {
        let is_meant =
            rule.on.as_slice().iter().any(|event| event.covers(&trigger.event, trigger.action.as_deref()));
        // What was made has none of what conditions look at, and the check lets none stand there.
        let is_made = matches!(trigger.about, About::Release { .. } | About::WorkflowRun { .. });
        if is_meant && (is_made || matter.as_ref().is_some_and(|matter| matter.meets(&rule.condition))) {
            let change = change(trigger);
            let before = requests.list.len();
            for action in rule.actions.as_slice() {
                if asks && *action == Action::Implement {
                    // The word leads to it, and once is enough.
                    continue;
                }
                requests.add(action, trigger.subject, &change, &name);
                requests.drive(action, trigger, &name);
                requests.exec(action, trigger.subject, Some(trigger), &name);
            }
            requests.of_rule(&rule, before);
        }
    }
    requests.list
}

/// The analysis that a reporter's comment leads to when something was asked of them: their answer goes on with the flow,
/// whatever the rules say about comments. `issue` is what is known of the issue, with or without the comment.
#[must_use]
pub fn answers(trigger: &Trigger, issue: Option<&IssueState>) -> Option<TaskRequest> {
    let About::Comment { comment, .. } = &trigger.about else { return None };
    let asked = issue?
        .asked
        .as_ref()
        .filter(|asked| asked.answered.is_none_or(|at| at == trigger.at) && trigger.at >= asked.at)?;
    let is_theirs = issue?.author == comment.author.login && matches!(trigger.subject, Subject::Issue(_));
    if !is_theirs || trigger.action.as_deref() != Some("created") {
        return None;
    }
    let mut requests = Requests::default();
    requests.analyse(trigger.subject, &format!("the reporter answered what was asked on {}", asked.at));
    requests.list.pop()
}

/// The rules that hold, with the name by which a task's reason tells which one it was.
pub(super) fn rules(config: &Config) -> Vec<(String, Rule)> {
    match &config.rules {
        None => builtin::rules()
            .into_iter()
            .map(|(name, rule)| (format!("built-in rule: {name}"), rule))
            .collect(),
        Some(rules) => {
            rules.iter().enumerate().map(|(index, rule)| (name(index, rule), rule.clone())).collect()
        }
    }
}

fn name(index: usize, rule: &Rule) -> String {
    let events: Vec<String> = rule.on.as_slice().iter().map(|event| format!("`{}`", event.0)).collect();
    match &rule.name {
        Some(name) => format!("rule {} ({})", name.as_str(), events.join(", ")),
        None => format!("rule {} ({})", index + 1, events.join(", ")),
    }
}

/// Where a change is asked for, and by whom. A comment that only gives the command counts as its source too: whoever wrote
/// it must be allowed to, wherever the patch stands. Who puts a label on an issue, or assigns somebody, asks for what the
/// rules make of that, whoever wrote the issue.
fn change(trigger: &Trigger) -> Implement {
    match &trigger.about {
        About::Comment { comment, .. } => Implement::of(Source::Comment { id: comment.id }),
        About::Issue { issue, change: Some(_) } => {
            let person = Some(&trigger.actor).filter(|actor| actor.is_person());
            let asked_by =
                person.map(|actor| actor.login.clone()).filter(|login| *login != issue.author.login);
            Implement { asked_by, ..Implement::of(Source::Issue) }
        }
        // Rules on pull requests lead to no change.
        _ => Implement::of(Source::Issue),
    }
}

fn has_patch(text: &Excerpt) -> bool {
    !fenced_patches(text.raw()).is_empty()
}

/// What conditions look at, the same for issues, pull requests and comments on them.
pub(super) struct Matter<'a> {
    title: &'a Excerpt,
    labels: &'a [String],
    state: OpenState,
    author: &'a Login,
    comment: Option<&'a Excerpt>,
    /// Where a patch would stand: the comment, else the issue's text. A pull request has none.
    patch: Option<&'a Excerpt>,
}

impl<'a> Matter<'a> {
    pub(super) fn of_trigger(trigger: &'a Trigger) -> Option<Self> {
        match &trigger.about {
            About::Issue { issue, .. } => Some(Self::of_issue(issue)),
            About::Comment { issue, comment } => Some(Self {
                author: &comment.author.login,
                comment: Some(&comment.body),
                patch: Some(&comment.body),
                ..Self::of_issue(issue)
            }),
            About::Pull { pull, .. } => Some(Self::of_pull(pull, &pull.author.login, None)),
            About::Review { pull, review } => Some(Self::of_pull(pull, &review.author.login, None)),
            About::ReviewComment { pull, comment, .. } => {
                Some(Self::of_pull(pull, &comment.author.login, Some(comment)))
            }
            About::Label { .. }
            | About::WorkflowRun { .. }
            | About::Release { .. }
            | About::Schedule { .. }
            | About::Dispatch { .. }
            | About::RepositoryDispatch { .. }
            | About::Push { .. } => None,
        }
    }

    pub(super) fn of_issue(issue: &'a crate::domain::trigger::IssueFacts) -> Self {
        Self {
            title: &issue.title,
            labels: &issue.labels,
            state: issue.state,
            author: &issue.author.login,
            comment: None,
            patch: Some(&issue.body),
        }
    }

    fn of_pull(pull: &'a PullFacts, author: &'a Login, comment: Option<&'a CommentFacts>) -> Self {
        Self {
            title: &pull.title,
            labels: &pull.labels,
            state: pull.state,
            author,
            comment: comment.map(|comment| &comment.body),
            patch: None,
        }
    }

    /// Whether everything holds that can be seen without an analysis.
    pub(super) fn meets(&self, condition: &Condition) -> bool {
        let has_label = |label: &LabelName| self.labels.iter().any(|held| same(held, label.as_str()));
        let wrote = |login: &LoginName| *self.author == Login::new(login.as_str());
        let titled = |words: &Words| lower(self.title.raw()).contains(&lower(words.as_str()));
        let begins = |words: &Words| {
            self.comment.is_some_and(|comment| begins_with_words(comment.raw(), words.as_str()))
        };
        any(condition.label.as_ref(), has_label)
            && !condition.without_label.as_ref().is_some_and(|labels| labels.as_slice().iter().any(has_label))
            && condition.state.as_ref().is_none_or(|state| state.0 == self.state)
            && any(condition.author.as_ref(), wrote)
            && any(condition.title_contains.as_ref(), titled)
            && any(condition.comment_starts_with.as_ref(), begins)
            && condition.has_patch.is_none_or(|wanted| self.patch.is_some_and(has_patch) == wanted)
    }
}

/// A condition that is not there holds; of a list, one is enough.
pub(super) fn any<T>(values: Option<&OneOrMany<T>>, holds: impl Fn(&T) -> bool) -> bool {
    values.is_none_or(|values| values.as_slice().iter().any(holds))
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// GitHub compares label names without case.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other || lower(one) == lower(other)
}

/// Whether `text` begins with these words and not merely with these letters: `/automata implemented` is
/// not `/automata implement`.
fn begins_with_words(text: &str, words: &str) -> bool {
    let (text, words) = (lower(text.trim_start()), lower(words.trim()));
    text.strip_prefix(&words).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Requests in order, each once.
#[derive(Default)]
pub(super) struct Requests {
    pub(super) list: Vec<TaskRequest>,
}

impl Requests {
    /// Adds what a rule asks for, where the subject allows it.
    pub(super) fn add(&mut self, action: &Action, subject: Subject, change: &Implement, rule: &str) {
        let is_issue = matches!(subject, Subject::Issue(_));
        match action {
            // A comment on a pull request is an `issue_comment` too, and nothing of this is about pull requests.
            Action::Analyse | Action::Implement | Action::Comment if !is_issue => {}
            Action::Analyse => self.analyse(subject, rule),
            Action::Implement => self.implement(subject, change, rule),
            Action::Comment => self.comment(subject, rule),
            Action::Label(labels) => self.label(subject, texts(labels), Vec::new(), rule),
            Action::Unlabel(labels) => self.label(subject, Vec::new(), texts(labels), rule),
            Action::Assign(logins) => {
                let logins = logins.as_slice().iter().map(|login| Login::new(login.as_str())).collect();
                self.assign(subject, logins, rule);
            }
            Action::Milestone(title) => {
                let input = SetMilestone { title: title.as_str().to_owned() };
                let key = format!("set_milestone {subject}");
                self.push(input::SET_MILESTONE, subject, &input, key, rule);
            }
            Action::Project(choice) => {
                let key = format!("set_field {subject} {} {}", choice.number, choice.field.as_str());
                self.push(input::SET_FIELD, subject, &field(choice), key, rule);
            }
            Action::Field(filling) => {
                let key = format!("set_field {subject} {}", filling.name.as_str());
                self.push(input::SET_FIELD, subject, &filled(filling), key, rule);
            }
            Action::Task(task) => {
                let mut spec = super::schedule::asked(task, rule.to_owned());
                if spec.subject == Subject::Repository && input::scope(&task.kind.0).covers(subject) {
                    spec.subject = subject;
                }
                self.list.push(TaskRequest::from(spec));
            }
            // See `drive_actions` and `plugins`.
            Action::Exec(_)
            | Action::Issue(_)
            | Action::Import(_)
            | Action::Folder(_)
            | Action::Attach
            | Action::Share(_)
            | Action::Collect(_) => {}
        }
    }

    /// Whatever was added since there were `before` is by this rule.
    pub(super) fn of_rule(&mut self, rule: &Rule, before: usize) {
        for request in self.list.iter_mut().skip(before) {
            request.spec.rule = rule.name.as_ref().map(|name| name.as_str().to_owned());
        }
    }

    /// One analysis is enough for a burst of edits: it reads the text when it runs.
    fn analyse(&mut self, subject: Subject, reason: &str) {
        self.push(input::ANALYSE, subject, &Analyse::default(), format!("analyse {subject}"), reason);
    }

    /// Two patches are two changes, so the place of the patch is part of the key.
    fn implement(&mut self, subject: Subject, change: &Implement, reason: &str) {
        let key = match change.source {
            Source::Issue => format!("implement {subject}"),
            Source::Comment { id } => format!("implement {subject} comment/{id}"),
            Source::Line { id, .. } => format!("implement {subject} line/{id}"),
            Source::Review { id, .. } => format!("implement {subject} review/{id}"),
        };
        self.push(input::IMPLEMENT, subject, change, key, reason);
    }

    pub(super) fn comment(&mut self, subject: Subject, reason: &str) {
        self.push(input::COMMENT, subject, &Comment::default(), format!("comment {subject}"), reason);
        if let Some(request) = self.list.last_mut().filter(|last| last.spec.kind.as_str() == input::COMMENT) {
            request.spec.priority = COMMENT_PRIORITY;
        }
    }

    pub(super) fn label(&mut self, subject: Subject, add: Vec<String>, remove: Vec<String>, reason: &str) {
        let key = format!("label {subject} +{} -{}", add.join(","), remove.join(","));
        self.push(input::LABEL, subject, &Label { add, remove, asked_by: None }, key, reason);
    }

    pub(super) fn assign(&mut self, subject: Subject, logins: Vec<Login>, reason: &str) {
        let names: Vec<&str> = logins.iter().map(Login::as_str).collect();
        let key = format!("assign {subject} {}", names.join(","));
        self.push(input::ASSIGN, subject, &Assign { logins, ..Assign::default() }, key, reason);
    }

    pub(super) fn push<T: serde::Serialize>(
        &mut self,
        kind: &str,
        subject: Subject,
        input: &T,
        key: String,
        reason: &str,
    ) {
        // Inputs are plain structs, which always have a JSON form.
        let Ok(input) = Payload::of(input) else { return };
        if !self.list.iter().any(|request| request.spec.unique.as_ref() == Some(&key)) {
            self.list.push(TaskRequest::new(kind, subject, input, reason).unique(key));
        }
    }
}

/// What a task is told of a choice.
pub(super) fn field(choice: &Choice) -> SetField {
    SetField {
        project: Some(choice.number),
        field: choice.field.as_str().to_owned(),
        option: choice.option.as_str().to_owned(),
    }
}

/// What a task is told of a field of the organisation's.
pub(super) fn filled(filling: &Filling) -> SetField {
    let (field, option) = (filling.name.as_str().to_owned(), filling.value.as_str().to_owned());
    SetField { project: None, field, option }
}

pub(super) fn texts(labels: &OneOrMany<LabelName>) -> Vec<String> {
    labels.as_slice().iter().map(|label| label.as_str().to_owned()).collect()
}
