//! What the configuration needs a credential for GitHub to be allowed, feature by feature.

use std::collections::BTreeSet;

use super::features::FeatureModeName;
use super::model::{Config, Mode};
use super::pull_requests::{PullRequestMode, Reviewers, ReviewersBy};
use super::rule::Action;
use super::rules::rules;
use crate::domain::feature::Feature;
use crate::domain::reach::{PROJECTS, Permit};

/// Something that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What has to be allowed.
    pub permit: Permit,
    /// For which features that are on; for none it is for the run itself.
    pub features: Vec<Feature>,
    /// What it is for where that is no feature, a clause.
    pub about: &'static str,
    /// Whether all else goes on without it.
    pub is_optional: bool,
}

/// What is needed, in the order in which a workflow lists it.
#[must_use]
pub fn needs(config: &Config) -> Vec<Need> {
    let acting = |features: &[Feature]| -> Vec<Feature> {
        features
            .iter()
            .copied()
            .filter(|feature| is_used(config, *feature) && acts(config, *feature))
            .collect()
    };
    let writes_issues = [
        Feature::Label,
        Feature::Type,
        Feature::Assign,
        Feature::Ask,
        Feature::Duplicate,
        Feature::Plan,
        Feature::Comment,
    ];
    let of_features = [
        (Permit::write("contents"), &[Feature::Implement, Feature::Revise, Feature::Merge][..]),
        (Permit::write("issues"), &writes_issues[..]),
        (
            Permit::write("pull-requests"),
            &[Feature::Implement, Feature::Revise, Feature::Review, Feature::Merge],
        ),
        (Permit::read("checks"), &[Feature::Revise, Feature::Review, Feature::Merge]),
        (Permit::read("statuses"), &[Feature::Merge]),
        (Permit::write("checks"), &[Feature::CheckRun]),
    ];
    let mut needs = Vec::new();
    for (permit, features) in of_features {
        let features = acting(features);
        let about = if permit == Permit::write("contents") { "the log on its branch" } else { "" };
        if !features.is_empty() || !about.is_empty() {
            // Failed checks are one of several reasons to go on; what may not be seen of them is no harm but to merges.
            let is_optional = permit == Permit::read("checks") && !features.contains(&Feature::Merge);
            needs.push(Need { permit, features, about, is_optional });
        }
    }
    let for_itself = |permit, about| Need { permit, features: Vec::new(), about, is_optional: true };
    needs.push(for_itself(Permit::read("issues"), "finding what no event told"));
    needs.push(for_itself(Permit::read("pull-requests"), "finding what no event told"));
    needs.push(for_itself(
        Permit::read("actions"),
        "whether another run is still alive, and the logs of failed checks",
    ));
    if acts(config, Feature::Plan) && !projects(config).is_empty() {
        let permit = Permit::write(PROJECTS);
        needs.push(Need { permit, features: vec![Feature::Plan], about: "", is_optional: false });
    }
    needs
}

/// The projects that rules put issues into, by their numbers.
#[must_use]
pub fn projects(config: &Config) -> BTreeSet<u64> {
    let actions = rules(config).into_iter().flat_map(|(_, rule)| rule.actions.as_slice().to_vec());
    let numbers = actions.filter_map(|action| match action {
        Action::Project(choice) => Some(choice.number),
        _ => None,
    });
    numbers.collect()
}

/// Whether a feature changes something outside, by itself or when somebody agrees.
fn acts(config: &Config, feature: Feature) -> bool {
    let mode = config.features.get(feature.name()).map_or(FeatureModeName::Act, |rules| rules.mode);
    config.mode == Mode::Act && matches!(mode, FeatureModeName::Act | FeatureModeName::Suggest)
}

/// Whether the rest of the configuration has any work for a feature.
fn is_used(config: &Config, feature: Feature) -> bool {
    let pulls = &config.pull_requests;
    let opens = !config.assistants.is_empty() && pulls.mode != PullRequestMode::None;
    match feature {
        Feature::Implement => opens,
        Feature::Revise => opens && pulls.revisions > 0,
        Feature::Review => opens && pulls.reviewers != Reviewers::By(ReviewersBy::None),
        Feature::Merge => opens && pulls.merge.is_some(),
        Feature::CheckRun => pulls.check_run,
        Feature::Type => config.labels.issue_types != super::model::IssueTypes::default(),
        Feature::Duplicate => config.labels.duplicate.is_some(),
        Feature::Assign => {
            config.assign.owners || has_action(config, |action| matches!(action, Action::Assign(_)))
        }
        Feature::Plan => has_action(config, |action| {
            matches!(action, Action::Milestone(_) | Action::Project(_) | Action::Field(_))
        }),
        _ => true,
    }
}

fn has_action(config: &Config, is_it: impl Fn(&Action) -> bool) -> bool {
    rules(config).iter().any(|(_, rule)| rule.actions.as_slice().iter().any(&is_it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(yaml: &str) -> Vec<String> {
        let config = crate::config::parse(yaml).unwrap();
        let told = |need: Need| {
            let features: Vec<&str> = need.features.iter().map(|feature| feature.name()).collect();
            format!("{}{} {}", need.permit, if need.is_optional { "?" } else { "" }, features.join(" "))
        };
        needs(&config).into_iter().map(told).collect()
    }

    #[test]
    fn the_defaults_need_what_the_readme_has_the_workflow_give() {
        insta::assert_snapshot!(told("").join("\n"), @"
        contents: write implement revise
        issues: write label ask comment
        pull-requests: write implement revise
        checks: read? revise
        issues: read? 
        pull-requests: read? 
        actions: read?
        ");
    }

    #[test]
    fn who_only_watches_needs_no_more_than_the_log() {
        insta::assert_snapshot!(told("mode: observe").join("\n"), @"
        contents: write 
        issues: read? 
        pull-requests: read? 
        actions: read?
        ");
    }

    #[test]
    fn what_is_turned_on_needs_more_and_what_is_off_less() {
        let yaml = "pull_requests: {merge: {}, check_run: true}\nfeatures: {label: {mode: off}, comment: {mode: observe}}\n\
                    rules: [{on: issues.opened, do: [{project: {number: 3, field: Status, option: Ready}}]}]";
        insta::assert_snapshot!(told(yaml).join("\n"), @"
        contents: write implement revise merge
        issues: write ask plan
        pull-requests: write implement revise merge
        checks: read revise merge
        statuses: read merge
        checks: write check_run
        issues: read? 
        pull-requests: read? 
        actions: read? 
        projects: write plan
        ");
    }
}
