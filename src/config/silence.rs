//! Why the configuration led to nothing: rules whose conditions do not hold, findings that are not sure enough, features
//! that are off.

use super::event::ANALYSED;
use super::explain::{then, when};
use super::features::FeatureModeName;
use super::model::{Config, Mode};
use super::rule::{Action, Condition, EventName, LabelName, Rule};
use super::rules::{Matter, rules, same};
use super::verdict::Sure;
use crate::domain::feature::Feature;
use crate::domain::input;
use crate::domain::trigger::{IssueFacts, Trigger};
use crate::domain::verdict::{Analysis, Finding};

/// Something that was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmoved {
    /// What.
    pub what: String,
    /// Why not, one clause each.
    pub because: Vec<String>,
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
    let feature = Feature::of_kind(kind)?;
    let rules = config.features.get(feature.name())?;
    (rules.mode == FeatureModeName::Off).then_some(feature)
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

/// What an analysis found and is not sure enough of to set a label for.
#[must_use]
pub fn below_threshold(config: &Config, analysis: &Analysis) -> Vec<Unmoved> {
    let names = &config.labels;
    let of_type = analysis
        .issue_type
        .as_ref()
        .and_then(|found| unsure(config, names.of_type.of(found.value)?, found, found.value.name()));
    let of_urgency = analysis
        .urgency
        .as_ref()
        .and_then(|found| unsure(config, names.of_urgency.of(found.value)?, found, found.value.name()));
    let wanted = config.triage.sure().label;
    let of_words = analysis.labels.iter().filter(|found| found.confidence < wanted).map(|found| {
        let because = vec![too_little(found.confidence, wanted)];
        Unmoved { what: format!("label `{}` is not set", found.label), because }
    });
    of_type.into_iter().chain(of_urgency).chain(of_words).collect()
}

fn unsure<T>(config: &Config, label: &str, found: &Finding<T>, name: &str) -> Option<Unmoved> {
    let wanted = config.triage.sure().label;
    (found.confidence < wanted).then(|| Unmoved {
        what: format!("label `{label}` is not set"),
        because: vec![format!("the analysis finds it {name}; {}", too_little(found.confidence, wanted))],
    })
}

fn too_little(confidence: f64, wanted: f64) -> String {
    format!(
        "it is {:.0} % sure, and `triage.confidence` wants {:.0} % for labels",
        confidence * 100.0,
        wanted * 100.0
    )
}

/// Why a label is not on an issue because of us, as far as the configuration of today tells; `seen` is the issue as it was
/// told last.
#[must_use]
pub fn why_not_labelled(
    config: &Config,
    seen: Option<&IssueFacts>,
    analysis: Option<&Analysis>,
    label: &str,
) -> Vec<Unmoved> {
    let mut told = Vec::new();
    let mut say = |because: Vec<String>| {
        told.push(Unmoved { what: format!("label `{label}` is not set"), because });
    };
    let names = &config.labels;
    let stands_for = crate::domain::verdict::IssueType::ALL
        .into_iter()
        .filter(|found| names.of_type.of(*found).is_some_and(|name| same(name, label)))
        .map(|found| {
            (found.name(), analysis.and_then(|found| Some(found.issue_type.as_ref()?.value.name())))
        });
    let urgent = crate::domain::verdict::Urgency::ALL
        .into_iter()
        .filter(|found| names.of_urgency.of(*found).is_some_and(|name| same(name, label)))
        .map(|found| (found.name(), analysis.and_then(|found| Some(found.urgency.as_ref()?.value.name()))));
    let mut is_known = false;
    for (wanted, found) in stands_for.chain(urgent) {
        is_known = true;
        match found {
            Some(found) if found == wanted => {}
            Some(found) => say(vec![format!("it stands for `{wanted}`, and the analysis finds `{found}`")]),
            None => {
                say(vec![format!("it stands for `{wanted}`, and no analysis found anything of that sort")])
            }
        }
    }
    let wants = |action: &Action| match action {
        Action::Label(labels) => {
            labels.as_slice().iter().map(LabelName::as_str).any(|name| same(name, label))
        }
        _ => false,
    };
    for (name, rule) in rules(config) {
        if !rule.actions.as_slice().iter().any(wants) {
            continue;
        }
        is_known = true;
        let matter = seen.map(Matter::of_issue);
        let sure = analysis.map(|analysis| Sure { config, analysis });
        let holds = |part: &Condition| {
            let of_issue = matter.as_ref().is_none_or(|matter| matter.meets(part));
            let of_analysis = match &sure {
                Some(sure) => sure.meets(part),
                None => part.issue_type.is_none() && part.urgency.is_none(),
            };
            of_issue && of_analysis
        };
        let mut unmet = unmet(&rule.condition, &holds);
        if analysis.is_none() && rule.on.as_slice().iter().any(|event| event.covers(ANALYSED, None)) {
            unmet.insert(0, "it was analysed".to_owned());
        }
        let does: Vec<String> =
            rule.actions.as_slice().iter().filter(|action| wants(action)).map(then).collect();
        if !unmet.is_empty() {
            say(vec![format!(
                "{name} would {}: it is not so that {}",
                does.join(", "),
                unmet.join(", or that ")
            )]);
        }
        let feature =
            rule.actions.as_slice().iter().filter(|action| wants(action)).find_map(|it| off(config, it));
        if let Some(feature) = feature {
            say(vec![format!("{name} would {}: the feature `{feature}` is off", does.join(", "))]);
        }
    }
    let others = names.also.iter().map(|rule| &rule.label).chain(&names.needs_info).chain(&names.duplicate);
    is_known |= others.into_iter().any(|name| same(name.as_str(), label));
    if !is_known {
        say(vec!["nothing in the configuration sets it: neither `labels` nor a rule names it".to_owned()]);
    }
    told
}
