//! Which tasks follow from an analysis: labels, owners, the rules on `analysed`, and at last the status comment.

pub(super) mod labels;
pub(super) mod owners;

use self::labels::Choice;
use super::event::ANALYSED;
use super::model::{Config, Labels};
use super::rule::{Action, Condition};
use super::rules::{Matter, Requests, any, rules, same};
use crate::domain::feature::Feature;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input::{self, Implement, Source};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::trigger::IssueFacts;
use crate::domain::verdict::{Analysis, Finding, SecurityReport};

/// What is known about an issue and its repository, beyond the issue itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The labels that the repository has.
    pub existing_labels: &'a [String],
    /// Labels that a person took off this issue: they are not put back.
    pub refused_labels: &'a [String],
    /// Labels that are on this issue because of us alone: no person asked for them.
    pub our_labels: &'a [String],
    /// People whom a person unassigned from this issue.
    pub refused_assignees: &'a [Login],
    /// What the people of this repository have to do.
    pub loads: &'a [Load],
    /// Whether the issue has our status comment already, so that it must not go stale.
    pub has_comment: bool,
    /// Whether the issue's type can be set: nobody has set or cleared one.
    pub may_set_type: bool,
    /// Whether nobody was reminded yet of what is missing.
    pub may_remind: bool,
    /// The time.
    pub now: Timestamp,
}

/// What somebody has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Who.
    pub login: Login,
    /// Open issues assigned to them.
    pub open: usize,
    /// The newest issue that was ever assigned to them, as far as is known.
    pub newest: IssueNumber,
}

/// The tasks that follow when `analysis` of `issue` is there.
///
/// - Findings less sure than `triage.confidence` wants for an action do not lead to it.
/// - Of a group of labels (types, urgencies, `labels.exclusive`) an issue has one; a person's stays.
/// - A label that the repository lacks is left out unless `labels.create`; one that a person took off stays off.
/// - Owners are assigned only when `assign.owners` says so and nobody is assigned.
/// - From a quiet report of a weakness follows no change, and no word but where to report it.
/// - The comment comes last, and only where there is something to say.
#[must_use]
pub fn after_analysis(
    config: &Config,
    issue: &IssueFacts,
    analysis: &Analysis,
    known: &Known<'_>,
) -> Vec<TaskRequest> {
    if issue.is_pull {
        return Vec::new();
    }
    let subject = Subject::Issue(issue.number);
    let mut requests = Requests::default();
    let sure = Sure { config, analysis };
    let is_quiet = analysis.security.as_ref().is_some_and(|report| report.quiet);

    let mut choice = Choice::new(config, issue, known);
    choose_labels(&mut choice, config, &sure);
    if !(choice.add.is_empty() && choice.remove.is_empty()) {
        // One task for all: two of a kind would wait for each other, and cost a push more.
        let reason = choice.reasons.join("; ");
        requests.label(subject, choice.add, choice.remove, &reason);
    }
    for (feature, picked) in choice.apart {
        if !(picked.add.is_empty() && picked.remove.is_empty()) {
            requests.label(subject, picked.add, picked.remove, &picked.reasons.join("; "));
            requests.belong_to(feature);
        }
    }
    if let Some((name, reason)) = sure.issue_type(known) {
        let input = input::SetType { name: name.to_owned() };
        requests.ask(input::SET_TYPE, subject, &input, format!("set_type {subject}"), &reason);
    }
    if let Some((people, reason)) = owners::chosen(config, issue, analysis, known) {
        requests.assign(subject, people, &reason);
    }
    if let Some(stale) =
        config.triage.stale.as_ref().filter(|_| !analysis.missing.is_empty() && known.may_remind)
    {
        let reason = format!(
            "it lacks what is needed; an answer is waited for until {} are over",
            stale.after.as_str()
        );
        requests.ask(input::REMIND, subject, &input::Remind {}, format!("remind {subject}"), &reason);
        requests.put_off(known.now.plus(stale.after.span()));
    }
    for (name, rule) in rules(config) {
        let is_meant = rule.on.as_slice().iter().any(|event| event.covers(ANALYSED, None));
        if is_meant && Matter::of_issue(issue).meets(&rule.condition) && sure.meets(&rule.condition) {
            let before = requests.list.len();
            for action in rule.actions.as_slice() {
                if !(is_quiet && matches!(action, Action::Implement)) {
                    requests.add(action, subject, &Implement::of(Source::Issue), &name);
                    requests.exec(action, subject, None, &name);
                }
            }
            requests.of_rule(&rule, before);
        }
    }
    if known.has_comment || !requests.list.is_empty() || sure.says_something() {
        requests.last_comment(subject);
    }
    requests.list
}

/// The labels that would be set and are not, because the repository lacks them.
#[must_use]
pub fn lacking(config: &Config, issue: &IssueFacts, analysis: &Analysis, existing: &[String]) -> Vec<String> {
    if config.labels.create || issue.is_pull {
        return Vec::new();
    }
    let known = Known::default();
    let config = &Config { labels: Labels { create: true, ..config.labels.clone() }, ..config.clone() };
    let mut choice = Choice::new(config, issue, &known);
    choose_labels(&mut choice, config, &Sure { config, analysis });
    let apart = choice.apart.into_iter().flat_map(|(_, picked)| picked.add);
    let wanted = choice.add.into_iter().chain(apart);
    wanted.filter(|label| !existing.iter().any(|held| same(held, label))).collect()
}

fn choose_labels(choice: &mut Choice<'_>, config: &Config, sure: &Sure<'_>) {
    let (analysis, wanted) = (sure.analysis, config.triage.sure().label);
    let names = &config.labels;
    if let (Some(report), Some(label)) = (&analysis.security, &config.triage.security.label) {
        let reason = format!("it reads like a report of a weakness, {} % sure", percent(report.confidence));
        choice.want(label.as_str(), &reason);
    }
    if let Some((issue_type, reason)) = sure.of(analysis.issue_type.as_ref(), wanted, |found| found.name())
        && let Some(label) = names.of_type.of(issue_type)
    {
        choice.want(label, &reason);
    }
    if let Some((urgency, reason)) = sure.of(analysis.urgency.as_ref(), wanted, |found| found.name())
        && let Some(label) = names.of_urgency.of(urgency)
    {
        choice.want(label, &reason);
    }
    for found in analysis.labels.iter().filter(|found| found.confidence >= wanted) {
        let reason = found.reasons.first().map_or("", String::as_str).trim_end_matches('.');
        choice.want(&found.label, reason);
    }
    if let (Some(found), Some(label)) = (&analysis.duplicate, &names.duplicate) {
        let reason = format!("it repeats #{}", found.value);
        choice.apart(Feature::Duplicate, |choice| choice.want(label.as_str(), &reason));
    }
    if let Some(label) = &names.needs_info {
        choice.apart(Feature::Ask, |choice| {
            if analysis.missing.is_empty() {
                choice.drop_ours(label.as_str(), "what was missing has come");
            } else {
                let what: Vec<&str> = analysis.missing.iter().map(|need| need.what.as_str()).collect();
                choice.want(label.as_str(), &format!("it lacks {}", what.join(", ")));
            }
        });
    }
}

impl Requests {
    /// A rule may have asked for the comment before: it moves to the end.
    fn last_comment(&mut self, subject: Subject) {
        self.list.retain(|request| request.spec.kind.as_str() != input::COMMENT);
        self.comment(subject, "the analysis is shown in the status comment");
    }

    fn ask<T: serde::Serialize>(
        &mut self,
        kind: &str,
        subject: Subject,
        input: &T,
        key: String,
        reason: &str,
    ) {
        // Inputs are plain structs, which always have a JSON form.
        let Ok(input) = Payload::of(input) else { return };
        self.list.push(TaskRequest::new(kind, subject, input, reason).unique(key));
    }

    /// What was asked for last belongs to another feature than its kind says.
    fn belong_to(&mut self, feature: Feature) {
        if let Some(last) = self.list.last_mut() {
            last.spec.feature = Some(feature);
        }
    }

    /// Puts off what was asked for last.
    fn put_off(&mut self, until: Timestamp) {
        if let Some(last) = self.list.last_mut() {
            last.spec.not_before = Some(until);
        }
    }
}

/// Rounded for people; `as` cannot go wrong between 0 and 100.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage from 0 to 100")]
fn percent(confidence: f64) -> u8 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() as u8
}

/// An analysis as far as it is sure enough.
pub(super) struct Sure<'a> {
    pub(super) config: &'a Config,
    pub(super) analysis: &'a Analysis,
}

impl<'a> Sure<'a> {
    /// A finding that is sure enough, with the reason to act on it.
    fn of<T: Copy>(
        &self,
        finding: Option<&Finding<T>>,
        wanted: f64,
        name: impl Fn(T) -> &'static str,
    ) -> Option<(T, String)> {
        let finding = finding.filter(|finding| finding.confidence >= wanted)?;
        let percent = percent(finding.confidence);
        Some((finding.value, format!("the analysis finds it `{}`, {percent} % sure", name(finding.value))))
    }

    /// The organisation's type to set, when none was set before.
    fn issue_type(&self, known: &Known<'_>) -> Option<(&'a str, String)> {
        let wanted = self.config.triage.sure().label;
        let (found, reason) = self.of(self.analysis.issue_type.as_ref(), wanted, |found| found.name())?;
        let name = self.config.labels.issue_types.of(found)?;
        known.may_set_type.then_some((name, reason))
    }

    /// Whether what a condition says about the analysis holds.
    pub(super) fn meets(&self, condition: &Condition) -> bool {
        let wanted = self.config.triage.sure().rules;
        let kind = self.of(self.analysis.issue_type.as_ref(), wanted, |found| found.name());
        let urgency = self.of(self.analysis.urgency.as_ref(), wanted, |found| found.name());
        let (kind, urgency) = (kind.map(|(found, _)| found), urgency.map(|(found, _)| found));
        any(condition.issue_type.as_ref(), |wanted| kind == Some(wanted.0))
            && any(condition.urgency.as_ref(), |wanted| urgency == Some(wanted.0))
    }

    fn says_something(&self) -> bool {
        let (analysis, wanted) = (self.analysis, self.config.triage.sure().comment);
        self.of(analysis.issue_type.as_ref(), wanted, |found| found.name()).is_some()
            || self.of(analysis.urgency.as_ref(), wanted, |found| found.name()).is_some()
            || !analysis.places.is_empty()
            || !analysis.owners.is_empty()
            || !analysis.missing.is_empty()
            || analysis.security.as_ref().is_some_and(|SecurityReport { confidence, .. }| *confidence > 0.0)
            || analysis.judged.as_ref().is_some_and(|judged| judged.comment.is_some())
            || (!analysis.similar.is_empty() && self.config.triage.similar > 0)
    }
}
