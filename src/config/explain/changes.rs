//! What becomes of a change, one clause each.

use crate::config::model::Config;
use crate::config::pull_requests::{MergeMethodRule, MergeRules, PullRequestMode, Reviewers, ReviewersBy};

/// Nothing where no change is ever asked for.
pub(super) fn after_change(config: &Config) -> Vec<String> {
    let rules = &config.pull_requests;
    let opened = match rules.mode {
        PullRequestMode::Draft => "a draft pull request",
        PullRequestMode::Ready => "a pull request that is ready for review, a draft while a check fails",
        PullRequestMode::Branch => "a branch, and a link to it in the status comment",
        PullRequestMode::None => return Vec::new(),
    };
    let mut clauses = Vec::new();
    if !config.checks.is_empty() {
        let names: Vec<String> = config.checks.iter().map(|check| format!("`{}`", check.name)).collect();
        clauses.push(format!("tried by {}, repaired at most {}", names.join(", "), times(rules.repairs)));
    }
    clauses.push(opened.to_owned());
    if rules.signed_commits {
        clauses.push("its commits are made and signed by GitHub".to_owned());
    }
    if rules.mode == PullRequestMode::Branch {
        return clauses;
    }
    clauses.extend(match &rules.reviewers {
        Reviewers::By(ReviewersBy::None) => None,
        Reviewers::By(ReviewersBy::Owners) => {
            Some("a review is asked of those whom CODEOWNERS names for the changed files".to_owned())
        }
        Reviewers::People(people) => {
            let names: Vec<&str> = people.iter().map(|login| login.as_str()).collect();
            Some(format!("a review is asked of {}", names.join(", ")))
        }
    });
    clauses.push(match rules.revisions {
        0 => "reviews of it lead to nothing".to_owned(),
        most => {
            format!("a review by a writer that asks for changes leads to a revision, up to {}", times(most))
        }
    });
    clauses.push(rules.merge.as_ref().map_or_else(|| "people merge it".to_owned(), merged));
    clauses
}

fn merged(rules: &MergeRules) -> String {
    let approvals = match rules.approvals {
        1 => "one writer has".to_owned(),
        count => format!("{count} writers have"),
    };
    let how = match rules.method {
        MergeMethodRule::Merge => "by a merge commit",
        MergeMethodRule::Squash => "as one commit",
        MergeMethodRule::Rebase => "commit by commit",
    };
    let who = if rules.auto_merge { "GitHub merges it" } else { "it is merged" };
    let branch = if rules.delete_branch { ", and its branch is deleted" } else { "" };
    format!("{who} {how} once {approvals} approved its last commit and all its checks succeeded{branch}")
}

fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}
