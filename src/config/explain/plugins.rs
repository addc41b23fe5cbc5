//! What plugins are and may do, in words.

use crate::config::event::ANALYSED;
use crate::config::model::Config;
use crate::config::plugins::PluginRule;
use crate::config::rule::{Action, Words};
use crate::domain::count::counted;
use crate::domain::input;

/// One clause for each plugin.
pub(super) fn plugins(config: &Config) -> Vec<String> {
    let told = |(name, rule): (&String, &PluginRule)| {
        let circle = if goes_in_a_circle(config, name, rule) { CIRCLE } else { "" };
        format!("{name}: {}{circle}", plugin(rule))
    };
    config.plugins.iter().map(told).collect()
}

/// What is said of a plugin that leads to itself.
const CIRCLE: &str = "; CAREFUL: it leads to itself, because a rule `on: analysed` starts it and it may start `analyse`, and is \
                      only ended after three starts in a row";

/// Whether an analysis starts it and it may ask for an analysis.
fn goes_in_a_circle(config: &Config, name: &str, plugin: &PluginRule) -> bool {
    let starts_it = |action: &Action| matches!(action, Action::Exec(exec) if exec.plugin() == name);
    plugin.may.task.iter().any(|kind| kind.as_str() == input::ANALYSE)
        && config.rules.iter().flatten().any(|rule| {
            rule.on.as_slice().iter().any(|event| event.0 == ANALYSED)
                && rule.actions.as_slice().iter().any(starts_it)
        })
}

/// Whether it may close issues and open them again.
fn closes(rule: &PluginRule) -> Option<String> {
    let verbs = rule.may.state.iter().map(|state| if state.is_open() { "reopen" } else { "close" });
    let verbs: Vec<&str> = verbs.collect();
    (!verbs.is_empty()).then(|| format!("{} issues", verbs.join(" and ")))
}

fn plugin(rule: &PluginRule) -> String {
    let may = &rule.may;
    let names = |what: &str, names: &[Words]| {
        let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_str())).collect();
        (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
    };
    let allowed = [
        names("label", &may.label),
        may.comment.then(|| "comment".to_owned()),
        names("assign", &may.assign),
        names("plan for", &may.milestone),
        names("set the type", &may.issue_type),
        closes(rule),
        names("set the field", &may.field),
        names("start tasks of the kind", &may.task),
    ];
    let allowed: Vec<String> = allowed.into_iter().flatten().collect();
    let allowed = match allowed.as_slice() {
        [] => "may change nothing".to_owned(),
        some => {
            format!("may {}, {} at most", some.join("; "), counted(rule.effects, "thing", "things"))
        }
    };
    let given: Vec<&str> = rule.environment.iter().map(|name| name.as_str()).collect();
    let given = if given.is_empty() { String::new() } else { format!("; is given {}", given.join(", ")) };
    let network = if rule.network { "with" } else { "without" };
    let seconds = counted(rule.seconds, "second", "seconds");
    format!("`{}` {allowed}; {seconds}, {network} the network{given}", rule.line())
}
