//! Why the configuration led to nothing: rules whose conditions do not hold, findings that are not sure enough, features
//! that are off.

use super::event::ANALYSED;
use super::explain::{then, when};
use super::features::FeatureModeName;
use super::model::{Config, Mode};
use super::rule::{Action, Condition, EventName, Rule};
use super::rules::{Matter, rules};
use super::verdict::Sure;
use crate::domain::feature::Feature;
use crate::domain::id::IssueNumber;
use crate::domain::input;
use crate::domain::rollout::{Case, Policy, Ruling};
use crate::domain::state::{IssueState, State};
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{IssueFacts, Trigger};
use crate::domain::verdict::Analysis;

mod labels;
mod people;

pub use labels::set_by;

/// Something that was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmoved {
    /// What.
    pub what: String,
    /// Why not, one clause each.
    pub because: Vec<String>,
}

/// An issue about which somebody asks why something was not done.
#[derive(Clone, Copy)]
pub struct Lacking<'a> {
    /// What the configuration of today says.
    pub config: &'a Config,
    /// The repository's name, by which shares are drawn.
    pub repository: &'a str,
    /// The present.
    pub state: &'a State,
    /// Its number.
    pub number: IssueNumber,
    /// The issue as it was told last.
    pub seen: Option<&'a IssueFacts>,
    /// What was found.
    pub analysis: Option<&'a Analysis>,
    /// The time.
    pub now: Timestamp,
}

impl<'a> Lacking<'a> {
    fn issue(&self) -> Option<&'a IssueState> {
        self.state.issues.get(&self.number)
    }

    /// What keeps a feature from acting here; none when nothing does.
    fn held_by(&self, feature: Feature) -> Option<String> {
        let policy: Policy = super::policy(self.config, self.repository, self.state);
        let standing = self.state.features.get(&feature);
        let fallen = standing.and_then(|standing| standing.fallen.as_ref());
        let case = Case::of(self.state, Subject::Issue(self.number));
        match policy.ruling(feature, &case, fallen.is_some(), self.now) {
            Ruling::Act => None,
            Ruling::Off => Some(format!("the feature `{feature}` is off")),
            Ruling::Held(reason) => Some(reason),
            Ruling::Suggest => Some(match fallen {
                Some(fallen) => {
                    format!("the feature `{feature}` only suggests since {}: {}", fallen.at, fallen.reason)
                }
                None => format!("the feature `{feature}` only suggests"),
            }),
        }
    }

    /// Why there is no analysis, where the configuration tells.
    fn unread(&self) -> String {
        match self.held_by(Feature::Analyse) {
            Some(why) => format!("nothing was found out about it: {why}"),
            None => "no analysis found anything of that sort".to_owned(),
        }
    }

    /// Whether a task about the issue that is `meant` tells by itself why it has changed nothing.
    fn is_told_by_a_task(&self, meant: &dyn Fn(&Task) -> bool) -> bool {
        let mut tasks = self.state.tasks.values();
        tasks.any(|task| task.spec.subject.number() == Some(self.number) && meant(task))
    }

    /// What the rules that would do something wanted in vain.
    fn of_rules(&self, wants: &dyn Fn(&Action) -> bool) -> (bool, Vec<String>) {
        let (mut is_known, mut told) = (false, Vec::new());
        for (name, rule) in rules(self.config) {
            let actions: Vec<&Action> =
                rule.actions.as_slice().iter().filter(|action| wants(action)).collect();
            if actions.is_empty() {
                continue;
            }
            is_known = true;
            let does: Vec<String> = actions.iter().map(|action| then(action)).collect();
            let does = does.join(", ");
            let unmet = self.unmet(&rule);
            if !unmet.is_empty() {
                told.push(format!("{name} would {does}: it is not so that {}", unmet.join(", or that ")));
            }
            let held = actions.iter().find_map(|action| self.held_by(feature(action)?));
            told.extend(held.map(|why| format!("{name} would {does}: {why}")));
        }
        (is_known, told)
    }

    /// The clauses of a rule that do not hold here.
    fn unmet(&self, rule: &Rule) -> Vec<String> {
        let matter = self.seen.map(Matter::of_issue);
        let sure = self.analysis.map(|analysis| Sure { config: self.config, analysis });
        let holds = |part: &Condition| {
            let of_issue = matter.as_ref().is_none_or(|matter| matter.meets(part));
            let of_analysis = match &sure {
                Some(sure) => sure.meets(part),
                None => part.issue_type.is_none() && part.urgency.is_none(),
            };
            of_issue && of_analysis
        };
        let mut unmet = unmet(&rule.condition, &holds);
        let is_on = rule.on.as_slice().iter().any(|event| event.covers(ANALYSED, None));
        if self.analysis.is_none() && is_on {
            unmet.insert(0, "it was analysed".to_owned());
        }
        unmet
    }
}

/// Why a trigger led to nothing, one clause each, as far as the configuration of today tells.
#[must_use]
pub fn why_nothing_followed(config: &Config, trigger: &Trigger) -> Vec<String> {
    let mut because = Vec::new();
    let meant = |(_, rule): &(String, Rule)| {
        let covers = |event: &EventName| event.covers(&trigger.event, trigger.action.as_deref());
        rule.on.as_slice().iter().any(covers)
    };
    let all = rules(config);
    let meant: Vec<&(String, Rule)> = all.iter().filter(|rule| meant(rule)).collect();
    if meant.is_empty() {
        let action = trigger.action.as_deref().map(|action| format!(".{action}")).unwrap_or_default();
        because.push(format!("no rule is for `{}{action}`", trigger.event));
    }
    let matter = Matter::of_trigger(trigger);
    for (name, rule) in meant {
        let unmet = matter.as_ref().map(|matter| unmet(&rule.condition, &|part| matter.meets(part)));
        match unmet.as_deref() {
            Some([_, ..]) => {
                because.push(format!(
                    "{name}: it is not so that {}",
                    unmet.unwrap_or_default().join(", or that ")
                ));
            }
            _ => because.extend(rule.actions.as_slice().iter().filter_map(|action| {
                let feature = off(config, action)?;
                Some(format!("{name}: the feature `{feature}` is off"))
            })),
        }
    }
    if config.mode == Mode::Observe {
        because.push("`mode: observe` has nothing changed outside".to_owned());
    }
    because
}

/// The feature of an action, where it is off.
fn off(config: &Config, action: &Action) -> Option<Feature> {
    let feature = feature(action)?;
    let rules = config.features.get(feature.name())?;
    (rules.mode == FeatureModeName::Off).then_some(feature)
}

/// The feature of an action.
fn feature(action: &Action) -> Option<Feature> {
    let kind = match action {
        Action::Analyse => input::ANALYSE,
        Action::Implement => input::IMPLEMENT,
        Action::Comment => input::COMMENT,
        Action::Label(_) | Action::Unlabel(_) => input::LABEL,
        Action::Assign(_) => input::ASSIGN,
        Action::Milestone(_) => input::SET_MILESTONE,
        Action::Project(_) | Action::Field(_) => input::SET_FIELD,
        _ => return None,
    };
    Feature::of_kind(kind)
}

/// The clauses of a condition that do not hold.
fn unmet(condition: &Condition, holds: &dyn Fn(&Condition) -> bool) -> Vec<String> {
    parts(condition).into_iter().filter(|part| !holds(part)).flat_map(|part| when(&part)).collect()
}

/// A condition as several, each with one clause.
fn parts(condition: &Condition) -> Vec<Condition> {
    let Condition {
        issue_type,
        urgency,
        label,
        without_label,
        state,
        author,
        title_contains,
        comment_starts_with,
        has_patch,
        ..
    } = condition.clone();
    let none = Condition::default;
    let parts = [
        Condition { issue_type, ..none() },
        Condition { urgency, ..none() },
        Condition { label, ..none() },
        Condition { without_label, ..none() },
        Condition { state, ..none() },
        Condition { author, ..none() },
        Condition { title_contains, ..none() },
        Condition { comment_starts_with, ..none() },
        Condition { has_patch, ..none() },
    ];
    parts.into_iter().filter(|part| *part != none()).collect()
}

fn too_little(confidence: f64, wanted: f64, what: &str) -> String {
    format!(
        "it is {:.0} % sure, and `triage.confidence` wants {:.0} % for {what}",
        confidence * 100.0,
        wanted * 100.0
    )
}
