//! The rules that hold while the configuration has none of its own.

use super::rule::{Action, Condition, EventName, OneOrMany, Rule, StateName, Words};
use crate::domain::trigger::OpenState;

/// How a comment asks for a change.
pub(super) const IMPLEMENT_COMMAND: &str = "/automata implement";

/// The built-in rules, each with what it says in words.
pub(super) fn rules() -> Vec<(&'static str, Rule)> {
    let open = Condition { state: Some(StateName(OpenState::Open)), ..Condition::default() };
    let with_patch = Condition { has_patch: Some(true), ..open.clone() };
    let asked = Condition {
        comment_starts_with: Some(OneOrMany::One(Words::from(IMPLEMENT_COMMAND))),
        ..Condition::default()
    };
    vec![
        (
            "an issue that was opened, reopened or edited is analysed",
            rule(&["issues.opened", "issues.reopened", "issues.edited"], open, Action::Analyse),
        ),
        (
            "a patch in a new issue or comment is tried",
            rule(&["issues.opened", "issue_comment.created"], with_patch, Action::Implement),
        ),
        (
            "a comment that begins with `/automata implement` asks for a change",
            rule(&["issue_comment.created"], asked, Action::Implement),
        ),
    ]
}

fn rule(on: &[&str], condition: Condition, action: Action) -> Rule {
    let on = on.iter().map(|&name| EventName(name.to_owned())).collect();
    Rule { on: OneOrMany::Many(on), condition, actions: OneOrMany::One(action) }
}
