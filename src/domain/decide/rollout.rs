//! How far features go: what they ask for is done, suggested, held or left out, and one that fares badly falls back.

use super::Decision;
use crate::domain::command::Rejection;
use crate::domain::event::{CommandJudged, Event, FeatureChanged, TaskCancelled};
use crate::domain::fact::Fact;
use crate::domain::feature::Feature;
use crate::domain::features;
use crate::domain::id::Sequence;
use crate::domain::input;
use crate::domain::machines;
use crate::domain::payload::Payload;
use crate::domain::rollout::{Case, Ruling};
use crate::domain::spec::{Ending, Priority, TaskRequest, TaskSpec};
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::trigger::{About, Change, Trigger};

/// After everything else about its issue, so that a suggestion is shown with what else came of it.
const COMMENT_PRIORITY: Priority = Priority::new(40);

impl<'a> Decision<'a> {
    /// Takes in what a trigger shows of an issue.
    pub(super) fn see(&mut self, trigger: &Trigger) {
        let (number, labels, author) = match &trigger.about {
            About::Issue { issue, .. } | About::Comment { issue, .. } => {
                (issue.number, &issue.labels, &issue.author.login)
            }
            About::Pull { pull, .. } => (pull.number, &pull.labels, &pull.author.login),
            _ => return,
        };
        let (labels, author) = (labels.clone(), Some(author.clone()));
        self.seen = Some(Case { issue: Some(number), labels, author, paths: Vec::new() });
    }

    /// Records that a person's label turns features on for an issue.
    pub(super) fn turn_on(&mut self, trigger: &Trigger, at: Sequence) {
        let (About::Issue { change: Some(Change::Label(label)), .. }
        | About::Pull { change: Some(Change::Label(label)), .. }) = &trigger.about
        else {
            return;
        };
        let features = self.context.features.turned_on_by(label);
        let is_new = trigger.action.as_deref() == Some("labeled");
        if features.is_empty() || !is_new || !trigger.actor.is_person() {
            return;
        }
        let names: Vec<String> = features.iter().map(|feature| format!("`{feature}`")).collect();
        let login = &trigger.actor.login;
        let judged = CommandJudged {
            verb: "label".to_owned(),
            said: format!("the label `{label}`, which turns on {}", names.join(", ")),
            actor: trigger.actor.clone(),
            permission: None,
            reason: format!(
                "the configuration leaves it to whoever may label, and GitHub let {login}, which takes the triage role"
            ),
            comment: None,
        };
        let (subject, by) = (trigger.subject, trigger.actor.clone());
        self.push(subject, by, Some(at), Some(at), Event::AccessGranted(judged));
    }

    /// A request as far as its feature goes; none when it is left out.
    /// What machines alone go on with is not done.
    pub(super) fn ruled(&self, request: &TaskRequest) -> Option<TaskRequest> {
        let mut request = self.featured(request)?;
        let spec = &mut request.spec;
        let is_start = spec.kind.as_str() == input::EXEC;
        let before = spec.depth.max(self.follows.map_or(0, |task| task.spec.depth));
        spec.depth = before.saturating_add(u8::from(is_start));
        let row = self.trigger.and_then(|trigger| {
            let number = trigger.subject.number()?;
            self.state.issues.get(&number)?.machines.refuse(trigger)
        });
        if let Some(reason) = row.or_else(|| machines::too_deep(spec.depth).filter(|_| is_start)) {
            hold(spec, reason);
        }
        Some(request)
    }

    fn featured(&self, request: &TaskRequest) -> Option<TaskRequest> {
        let mut request = request.clone();
        let spec = &mut request.spec;
        let Some(feature) = Feature::of(spec) else { return Some(request) };
        let is_decided = self.follows.is_some_and(|task| Feature::of(&task.spec) == Some(feature));
        if self.is_asked || is_decided {
            return Some(request);
        }
        let standing = self.state.features.get(&feature);
        let fallen = standing.is_some_and(|standing| standing.fallen.is_some());
        let case = self.case(spec.subject);
        match self.context.features.ruling(feature, &case, fallen, self.context.now) {
            Ruling::Off => return None,
            Ruling::Act => {}
            Ruling::Suggest => {
                // The case is about an issue, and then the subject is numbered.
                let number = spec.subject.number()?;
                spec.awaits.push(Fact::Agreed(number, feature));
                let finds = |task: &Task| task.spec.kind.as_str() == input::ANALYSE;
                spec.found_by = self.follows.filter(|task| finds(task)).map(|task| task.spec.kind.clone());
            }
            Ruling::Held(reason) => hold(spec, reason),
        }
        Some(request)
    }

    /// What is known of what something is about, this very trigger included.
    fn case(&self, subject: Subject) -> Case {
        let mut case = Case::of(self.state, subject);
        if let Some(seen) = self.seen.as_ref().filter(|seen| seen.issue.is_some() && seen.issue == case.issue)
        {
            case.labels.clone_from(&seen.labels);
            case.author = seen.author.clone().or(case.author);
        }
        case
    }

    /// Has the status comments brought up to date in which new suggestions are to stand.
    pub(super) fn show_suggestions(
        &mut self,
        cause: Option<Sequence>,
        correlation: Option<Sequence>,
    ) -> Result<(), Rejection> {
        let suggested = |spec: &TaskSpec| spec.is_suggested().then_some(spec.subject);
        let mut subjects: Vec<Subject> = Vec::new();
        let mut shown: Vec<Subject> = Vec::new();
        for recorded in &self.events {
            let Event::TaskEnqueued(new) = &recorded.event else { continue };
            subjects.extend(suggested(&new.spec));
            if new.spec.kind.as_str() == input::COMMENT {
                shown.push(new.spec.subject);
            }
        }
        subjects.sort();
        subjects.dedup();
        subjects.retain(|subject| !shown.contains(subject));
        let Ok(nothing) = Payload::of(&input::Comment::default()) else { return Ok(()) };
        let comments: Vec<TaskRequest> = subjects
            .into_iter()
            .map(|subject| {
                let reason = "what is suggested is shown in the status comment";
                TaskRequest::new(input::COMMENT, subject, nothing.clone(), reason)
                    .unique(format!("comment {subject}"))
                    .priority(COMMENT_PRIORITY)
            })
            .collect();
        // What is enqueued here is no suggestion, so that this ends.
        if comments.is_empty() { Ok(()) } else { self.enqueue(&comments, cause, correlation) }
    }

    /// Calls off what an earlier finding suggested and this one does not any more.
    pub(super) fn outdate_findings(
        &mut self,
        task: &'a Task,
        found: &[TaskRequest],
    ) -> Result<(), Rejection> {
        let is_found = |other: &TaskSpec| found.iter().any(|request| request.spec.unique == other.unique);
        let outdated: Vec<&'a Task> = self
            .suggestions(task.spec.subject)
            .filter(|other| other.spec.found_by.as_ref() == Some(&task.spec.kind) && !is_found(&other.spec))
            .collect();
        self.call_off(&outdated, "it was found anew, and is not suggested any more")
    }

    /// Calls off what is suggested about an issue that is closed or gone.
    pub(super) fn outdate(&mut self, trigger: &Trigger) -> Result<(), Rejection> {
        if !matches!(trigger.about, About::Issue { .. } | About::Pull { .. })
            || !matches!(trigger.action.as_deref(), Some("closed" | "deleted" | "transferred"))
        {
            return Ok(());
        }
        let outdated: Vec<&'a Task> = self.suggestions(trigger.subject).collect();
        self.call_off(&outdated, "what it is about was closed")
    }

    fn suggestions(&self, subject: Subject) -> impl Iterator<Item = &'a Task> + use<'a> {
        let tasks = &self.state.tasks;
        let about = subject.number().into_iter().flat_map(|number| tasks.suggested(number));
        about.filter(move |task| task.spec.subject == subject)
    }

    fn call_off(&mut self, tasks: &[&'a Task], reason: &str) -> Result<(), Rejection> {
        for task in tasks {
            if !self.lost.contains(&task.id) {
                let cancelled = TaskCancelled { task: task.id.clone(), reason: reason.to_owned() };
                self.end(task, Event::TaskCancelled(cancelled), Ending::Cancelled, &[])?;
            }
        }
        Ok(())
    }

    pub(super) fn pause_feature(&mut self, feature: Feature, reason: &str) -> Result<(), Rejection> {
        let standing = self.state.features.get(&feature);
        if standing.is_some_and(|standing| standing.paused.is_some()) {
            return Err(Rejection::FeatureNotPausable(feature));
        }
        self.alone(Event::FeaturePaused(FeatureChanged { feature, reason: reason.to_owned() }));
        Ok(())
    }

    pub(super) fn resume_feature(&mut self, feature: Feature, reason: &str) -> Result<(), Rejection> {
        let standing = self.state.features.get(&feature);
        let changed = || FeatureChanged { feature, reason: reason.to_owned() };
        let is_paused = standing.is_some_and(|standing| standing.paused.is_some());
        let is_fallen = standing.is_some_and(|standing| standing.fallen.is_some());
        if !is_paused && !is_fallen {
            return Err(Rejection::FeatureNotPausable(feature));
        }
        if is_paused {
            self.alone(Event::FeatureResumed(changed()));
        }
        if is_fallen {
            self.alone(Event::FeatureRestored(changed()));
        }
        Ok(())
    }

    /// Lets features fall back of which these events fail too much, or in which people correct too much.
    pub(super) fn judge_features(&mut self) {
        if self.context.features.rules.is_empty() {
            return;
        }
        let mut counted = std::collections::BTreeMap::new();
        for recorded in &self.events {
            for (feature, result) in features::results(self.state, recorded) {
                let known = || self.state.features.get(&feature).cloned().unwrap_or_default();
                counted.entry(feature).or_insert_with(known).count(result, recorded.stamp.at);
            }
        }
        for (feature, standing) in counted {
            let rule = self.context.features.rules.get(&feature);
            let Some(limits) = rule.and_then(|rule| rule.fall_back.as_ref()) else { continue };
            if standing.fallen.is_some() || !feature.can_be_suggested() {
                continue;
            }
            if let Some(reason) = standing.has_to_fall(limits, self.context.now) {
                self.alone(Event::FeatureFellBack(FeatureChanged { feature, reason }));
            }
        }
    }
}

/// Has something only recorded. It waits for nothing, because nothing will be done.
fn hold(spec: &mut TaskSpec, reason: String) {
    spec.held = Some(reason);
    (spec.not_before, spec.deadline) = (None, None);
    spec.awaits.clear();
    spec.hooks.clear();
}
