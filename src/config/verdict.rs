//! Which tasks follow from an analysis: labels, owners, the rules on `analysed`, and at last the status comment.

use super::event::ANALYSED;
use super::model::Config;
use super::rule::Condition;
use super::rules::{Matter, Requests, any, rules, same};
use crate::domain::id::Login;
use crate::domain::input::Source;
use crate::domain::subject::Subject;
use crate::domain::trigger::IssueFacts;
use crate::domain::verdict::{Analysis, Finding};

/// How many people an issue can have assigned (docs.github.com, "Assigning issues and pull requests to other
/// GitHub users").
const ASSIGNEES: usize = 10;

/// What is known about an issue and its repository, beyond the issue itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The labels that the repository has.
    pub existing_labels: &'a [String],
    /// Labels that a person took off this issue: they are not put back.
    pub refused_labels: &'a [String],
    /// Whether the issue has our status comment already, so that it must not go stale.
    pub has_comment: bool,
}

/// The tasks that follow when `analysis` of `issue` is there.
///
/// - Findings below `triage.confidence` lead to nothing.
/// - An issue that has one of the labels of a group (types, urgencies) gets no other of it.
/// - A label that the repository lacks is left out unless `labels.create`; one that a person took off stays off.
/// - Owners are assigned only when `assign.owners` says so and nobody is assigned.
/// - The comment comes last, and only where there is something to say.
#[must_use]
pub fn after_analysis(
    config: &Config,
    issue: &IssueFacts,
    analysis: &Analysis,
    known: &Known<'_>,
) -> Vec<crate::domain::spec::TaskRequest> {
    if issue.is_pull {
        return Vec::new();
    }
    let subject = Subject::Issue(issue.number);
    let mut requests = Requests::default();
    let sure = Sure { config, analysis };
    let (mut labels, mut reasons) = (Vec::new(), Vec::new());
    if let Some((issue_type, reason)) = sure.of(analysis.issue_type.as_ref(), |found| found.name()) {
        let group = &config.labels.of_type;
        let label = new_label(config, issue, known, group.of(issue_type), &group.all());
        reasons.extend(label.is_some().then_some(reason));
        labels.extend(label);
    }
    if let Some((urgency, reason)) = sure.of(analysis.urgency.as_ref(), |found| found.name()) {
        let group = &config.labels.of_urgency;
        let label = new_label(config, issue, known, group.of(urgency), &group.all());
        reasons.extend(label.is_some().then_some(reason));
        labels.extend(label);
    }
    if !labels.is_empty() {
        // One task for both: two of a kind would wait for each other, and cost a push more.
        requests.label(subject, labels, Vec::new(), &reasons.join("; "));
    }
    assign_owners(&mut requests, config, issue, analysis);
    for (name, rule) in rules(config) {
        let is_meant = rule.on.as_slice().iter().any(|event| event.covers(ANALYSED, None));
        if is_meant && Matter::of_issue(issue).meets(&rule.condition) && sure.meets(&rule.condition) {
            for action in rule.actions.as_slice() {
                requests.add(action, subject, Source::Issue, &name);
            }
        }
    }
    if known.has_comment || !requests.list.is_empty() || sure.says_something() {
        requests.last_comment(subject);
    }
    requests.list
}

impl Requests {
    /// A rule may have asked for the comment before: it moves to the end.
    fn last_comment(&mut self, subject: Subject) {
        self.list.retain(|request| request.spec.kind.as_str() != crate::domain::input::COMMENT);
        self.comment(subject, "the analysis is shown in the status comment");
    }
}

/// An analysis as far as it is sure enough.
struct Sure<'a> {
    config: &'a Config,
    analysis: &'a Analysis,
}

impl Sure<'_> {
    /// A finding that is sure enough, with the reason to act on it.
    fn of<T: Copy>(
        &self,
        finding: Option<&Finding<T>>,
        name: impl Fn(T) -> &'static str,
    ) -> Option<(T, String)> {
        let finding = finding.filter(|finding| finding.confidence >= self.config.triage.confidence)?;
        // Rounded for people; `as` cannot go wrong between 0 and 100.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a percentage from 0 to 100"
        )]
        let percent = (finding.confidence.clamp(0.0, 1.0) * 100.0).round() as u8;
        Some((finding.value, format!("the analysis finds it `{}`, {percent} % sure", name(finding.value))))
    }

    /// Whether what a condition says about the analysis holds.
    fn meets(&self, condition: &Condition) -> bool {
        let issue_type =
            self.of(self.analysis.issue_type.as_ref(), |found| found.name()).map(|(found, _)| found);
        let urgency = self.of(self.analysis.urgency.as_ref(), |found| found.name()).map(|(found, _)| found);
        any(condition.issue_type.as_ref(), |wanted| issue_type == Some(wanted.0))
            && any(condition.urgency.as_ref(), |wanted| urgency == Some(wanted.0))
    }

    fn says_something(&self) -> bool {
        let analysis = self.analysis;
        self.of(analysis.issue_type.as_ref(), |found| found.name()).is_some()
            || self.of(analysis.urgency.as_ref(), |found| found.name()).is_some()
            || !analysis.places.is_empty()
            || !analysis.owners.is_empty()
            || (!analysis.similar.is_empty() && self.config.triage.similar > 0)
    }
}

/// The label to add for a finding, unless the issue has one of its group, the repository lacks it or a
/// person took it off.
fn new_label(
    config: &Config,
    issue: &IssueFacts,
    known: &Known<'_>,
    wanted: Option<&str>,
    group: &[&str],
) -> Option<String> {
    let wanted = wanted?;
    let is_in = |labels: &[String], name: &str| labels.iter().any(|label| same(label, name));
    let is_decided = group.iter().any(|label| is_in(&issue.labels, label));
    let is_there = config.labels.create || is_in(known.existing_labels, wanted);
    (!is_decided && is_there && !is_in(known.refused_labels, wanted)).then(|| wanted.to_owned())
}

fn assign_owners(requests: &mut Requests, config: &Config, issue: &IssueFacts, analysis: &Analysis) {
    if !config.assign.owners || !issue.assignees.is_empty() {
        return;
    }
    let mut people: Vec<Login> = Vec::new();
    for owner in &analysis.owners {
        // Teams (`org/team`) and mail addresses of CODEOWNERS cannot be assigned.
        let is_person = !owner.name.as_str().contains(['/', '@']);
        if is_person && !people.contains(&owner.name) && people.len() < ASSIGNEES {
            people.push(owner.name.clone());
        }
    }
    if !people.is_empty() {
        let reason = "CODEOWNERS names them for a place that the issue mentions";
        requests.assign(Subject::Issue(issue.number), people, reason);
    }
}
