//! Whether a feature acts on something: its mode, its share, its filters and its first day. Pure, and the same in every run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::feature::Feature;
use super::id::{IssueNumber, Login};
use super::state::State;
use super::subject::Subject;
use super::time::Timestamp;

/// How far a feature goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureMode {
    /// Nothing of it is decided.
    Off,
    /// It is decided and recorded; nothing is changed outside.
    Observe,
    /// It says what it would do, and waits for an approval.
    Suggest,
    /// It does it.
    #[default]
    Act,
}

impl FeatureMode {
    /// The name as configuration and output write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Observe => "observe",
            Self::Suggest => "suggest",
            Self::Act => "act",
        }
    }
}

/// Which paths a feature is for.
pub trait Paths: fmt::Debug + Send + Sync {
    /// Whether this one is among them.
    fn take(&self, path: &str) -> bool;
}

/// When a feature goes back to suggesting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FallBack {
    /// Percent of what was begun that may be given up.
    pub failures: u8,
    /// Percent of what was done that people may take back.
    pub overrides: u8,
    /// So few results say nothing yet.
    pub least: u32,
    /// How far back results count; days begun, at least one.
    pub within: Duration,
}

/// What the configuration says about a feature.
#[derive(Clone, Debug)]
pub struct Rule {
    /// How far it goes.
    pub mode: FeatureMode,
    /// Percent of the issues that it is for, from 0 to 100.
    pub share: u8,
    /// Nothing of it is done before then.
    pub from: Option<Timestamp>,
    /// It is for issues with one of these; none named: for all.
    pub labels: Vec<String>,
    /// It is for what these wrote; nobody named: for everybody's.
    pub authors: Vec<Login>,
    /// It is for issues that name one of these places in the code.
    pub paths: Option<Arc<dyn Paths>>,
    /// When it goes back to suggesting; none: never by itself.
    pub fall_back: Option<FallBack>,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            mode: FeatureMode::Act,
            share: 100,
            from: None,
            labels: Vec::new(),
            authors: Vec::new(),
            paths: None,
            fall_back: None,
        }
    }
}

/// What the configuration says about all features. One that is not named acts.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The repository, so that not all repositories begin with the same issues.
    pub repository: String,
    /// The rules by feature.
    pub rules: BTreeMap<Feature, Rule>,
}

/// What a feature would act on, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// The issue; that of a pull request of ours. None: it is about the repository.
    pub issue: Option<IssueNumber>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Who wrote it.
    pub author: Option<Login>,
    /// The places in the code that it names.
    pub paths: Vec<String>,
}

impl Case {
    /// What is known of a subject; a pull request of ours counts as its issue.
    #[must_use]
    pub fn of(state: &State, subject: Subject) -> Self {
        let Some(number) = subject.number() else { return Self::default() };
        let issue = match subject {
            Subject::Pull(pull) => state.issue_of_pull(pull).unwrap_or(pull),
            _ => number,
        };
        let known = state.issues.get(&issue);
        let places = known.and_then(|known| known.analysis.as_ref()).map(|found| found.places.as_slice());
        Self {
            issue: Some(issue),
            labels: known.map(|known| known.labels.iter().cloned().collect()).unwrap_or_default(),
            author: known.map(|known| known.author.clone()),
            paths: places.unwrap_or_default().iter().map(|place| place.path.clone()).collect(),
        }
    }
}

/// What becomes of what a feature would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It is done.
    Act,
    /// It waits for an approval.
    Suggest,
    /// It is recorded and not done, for this reason.
    Held(String),
    /// It is not even recorded.
    Off,
}

impl Policy {
    /// What becomes of something that `feature` would do. `fallen`: whether it has gone back to suggesting.
    #[must_use]
    pub fn ruling(&self, feature: Feature, case: &Case, fallen: bool, now: Timestamp) -> Ruling {
        let rule = self.rules.get(&feature);
        if let Some(rule) = rule {
            if rule.mode == FeatureMode::Off {
                return Ruling::Off;
            }
            if let Some(reason) = self.not_for(rule, feature, case, now) {
                return Ruling::Held(format!("held: {reason}"));
            }
        }
        match rule.map_or(FeatureMode::Act, |rule| rule.mode) {
            FeatureMode::Observe if !feature.only_reads() => {
                Ruling::Held(format!("held: `{feature}` only observes"))
            }
            mode if (mode == FeatureMode::Suggest || fallen) && feature.can_be_suggested() => {
                match case.issue {
                    Some(_) => Ruling::Suggest,
                    None => Ruling::Held(format!(
                        "held: `{feature}` only suggests, and there is no issue to approve this on"
                    )),
                }
            }
            _ => Ruling::Act,
        }
    }

    /// The features that are for issues with this label.
    #[must_use]
    pub fn turned_on_by(&self, label: &str) -> Vec<Feature> {
        let is_it = |named: &String| named.to_lowercase() == label.to_lowercase();
        let rules = self.rules.iter().filter(|(_, rule)| rule.labels.iter().any(is_it));
        rules.map(|(feature, _)| *feature).collect()
    }

    /// Why the rule is not for this case, if it is not.
    fn not_for(&self, rule: &Rule, feature: Feature, case: &Case, now: Timestamp) -> Option<String> {
        if let Some(from) = rule.from.filter(|from| now < *from) {
            return Some(format!("`{feature}` begins at {from}"));
        }
        let is_one =
            |label: &String| case.labels.iter().any(|held| held.to_lowercase() == label.to_lowercase());
        if !rule.labels.is_empty() && !rule.labels.iter().any(is_one) {
            return Some(format!("`{feature}` is for issues with the label {}", either(&rule.labels)));
        }
        if !rule.authors.is_empty() && !case.author.as_ref().is_some_and(|it| rule.authors.contains(it)) {
            let authors: Vec<String> = rule.authors.iter().map(ToString::to_string).collect();
            return Some(format!("`{feature}` is for what {} wrote", either(&authors)));
        }
        if let Some(paths) = &rule.paths
            && !case.paths.iter().any(|path| paths.take(path))
        {
            return Some(format!(
                "`{feature}` is for issues that name certain paths, and this names none of them"
            ));
        }
        if rule.share < 100 && !self.is_in(feature, case.issue, rule.share) {
            let what = case.issue.map_or("what is about no issue", |_| "this issue");
            return Some(format!("rollout {} %, {what} is not in it", rule.share));
        }
        None
    }

    /// Whether an issue belongs to the first `share` percent: the same in every run, and of a larger share still.
    #[must_use]
    pub fn is_in(&self, feature: Feature, issue: Option<IssueNumber>, share: u8) -> bool {
        let Some(number) = issue else { return share >= 100 };
        place(&format!("{}\n{number}\n{feature}", self.repository)) < u64::from(share)
    }
}

fn either(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// A place from 0 to 99, by the FNV-1a hash of a text; its bits are mixed once more, because texts that differ in
/// one digit leave the high ones alike. Fixed for ever: another hash would move the issues of every share.
fn place(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    (mixed ^ (mixed >> 33)) % 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    fn policy(feature: Feature, rule: Rule) -> Policy {
        Policy { repository: "acme/widgets".to_owned(), rules: [(feature, rule)].into() }
    }

    fn case(issue: u64) -> Case {
        Case { issue: Some(IssueNumber(issue)), ..Case::default() }
    }

    fn told(ruling: Ruling) -> String {
        match ruling {
            Ruling::Act => "act".to_owned(),
            Ruling::Suggest => "suggest".to_owned(),
            Ruling::Off => "off".to_owned(),
            Ruling::Held(reason) => reason,
        }
    }

    #[test]
    fn what_nobody_said_anything_about_acts_until_it_falls_back() {
        let none = Policy::default();
        assert_eq!(none.ruling(Feature::Label, &case(7), false, NOW), Ruling::Act);
        assert_eq!(none.ruling(Feature::Label, &case(7), true, NOW), Ruling::Suggest);
        assert_eq!(none.ruling(Feature::Slack, &case(7), true, NOW), Ruling::Act, "nobody could approve it");
    }

    #[test]
    fn each_mode_goes_as_far_as_its_name_says() {
        let of = |feature, mode, case: &Case| {
            told(policy(feature, Rule { mode, ..Rule::default() }).ruling(feature, case, false, NOW))
        };
        assert_eq!(of(Feature::Label, FeatureMode::Off, &case(7)), "off");
        assert_eq!(of(Feature::Label, FeatureMode::Observe, &case(7)), "held: `label` only observes");
        assert_eq!(of(Feature::Label, FeatureMode::Suggest, &case(7)), "suggest");
        assert_eq!(of(Feature::Label, FeatureMode::Act, &case(7)), "act");
        assert_eq!(of(Feature::Analyse, FeatureMode::Observe, &case(7)), "act", "it only reads");
        assert_eq!(
            of(Feature::Drive, FeatureMode::Suggest, &Case::default()),
            "held: `drive` only suggests, and there is no issue to approve this on"
        );
    }

    #[test]
    fn filters_and_the_first_day_say_why_they_hold() {
        let rule = Rule {
            from: Some(NOW),
            labels: vec!["Bug".to_owned(), "crash".to_owned()],
            authors: vec![Login::new("mona")],
            ..Rule::default()
        };
        let policy = policy(Feature::Label, rule);
        let of = |case: &Case, now| told(policy.ruling(Feature::Label, case, false, now));
        let fits = Case { labels: vec!["bug".to_owned()], author: Some(Login::new("mona")), ..case(7) };
        assert_eq!(of(&fits, NOW), "act");
        assert_eq!(of(&fits, NOW.minus(Duration::from_secs(1))), format!("held: `label` begins at {NOW}"));
        assert_eq!(
            of(&Case { labels: Vec::new(), ..fits.clone() }, NOW),
            "held: `label` is for issues with the label `Bug` or `crash`"
        );
        assert_eq!(
            of(&Case { author: Some(Login::new("otto")), ..fits }, NOW),
            "held: `label` is for what `mona` wrote"
        );
    }

    #[test]
    fn a_share_of_a_quarter_is_about_a_quarter() {
        let policy = policy(Feature::Label, Rule::default());
        for feature in Feature::ALL {
            let inside = (1..=10_000).filter(|n| policy.is_in(feature, Some(IssueNumber(*n)), 25)).count();
            assert!((2_300..2_700).contains(&inside), "{feature}: {inside}");
        }
        let both = (1..=10_000_u64)
            .filter(|n| policy.is_in(Feature::Label, Some(IssueNumber(*n)), 50))
            .filter(|n| policy.is_in(Feature::Assign, Some(IssueNumber(*n)), 50))
            .count();
        assert!((2_300..2_700).contains(&both), "features are drawn apart: {both}");
    }

    proptest! {
        #[test]
        fn what_is_in_a_share_is_in_every_larger_one(number in any::<u64>(), small in 0_u8..=100, more in 0_u8..=100) {
            let (small, large) = (small.min(more), small.max(more));
            let policy = policy(Feature::Implement, Rule::default());
            let is_in = |share| policy.is_in(Feature::Implement, Some(IssueNumber(number)), share);
            prop_assert!(!is_in(small) || is_in(large));
            prop_assert!(is_in(100) && !is_in(0));
        }
    }

    #[test]
    fn the_places_of_issues_never_change() {
        // Written down once: another hash would move the issues of every share.
        let policy = policy(Feature::Label, Rule { share: 25, ..Rule::default() });
        let inside: Vec<u64> =
            (1..=40).filter(|n| policy.is_in(Feature::Label, Some(IssueNumber(*n)), 25)).collect();
        assert_eq!(inside, [9, 10, 12, 13, 14, 18, 20, 21, 23, 28, 30, 36, 39, 40]);
        assert_eq!(
            told(policy.ruling(Feature::Label, &Case::default(), false, NOW)),
            "held: rollout 25 %, what is about no issue is not in it"
        );
    }
}
