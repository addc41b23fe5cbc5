//! The rules that hold while the configuration has none of its own.

use super::rule::{Action, Condition, EventName, OneOrMany, Rule, StateName};
use crate::domain::trigger::OpenState;

/// The built-in rules, each with what it says in words.
pub(super) fn rules() -> Vec<(&'static str, Rule)> {
    let open = Condition { state: Some(StateName(OpenState::Open)), ..Condition::default() };
    let with_patch = Condition { has_patch: Some(true), ..open.clone() };
    vec![
        (
            "an issue that was opened, reopened or edited is analysed",
            rule(&["issues.opened", "issues.reopened", "issues.edited"], open, Action::Analyse),
        ),
        (
            "a patch in a new issue or comment is tried",
            rule(&["issues.opened", "issue_comment.created"], with_patch, Action::Implement),
        ),
    ]
}

fn rule(on: &[&str], condition: Condition, action: Action) -> Rule {
    let on = on.iter().map(|&name| EventName(name.to_owned())).collect();
    Rule { name: None, on: OneOrMany::Many(on), condition, actions: OneOrMany::One(action) }
}
