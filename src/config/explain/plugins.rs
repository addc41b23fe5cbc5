//! What plugins are and may do, in words.

use crate::config::model::Config;
use crate::config::plugins::PluginRule;
use crate::config::rule::Words;
use crate::domain::count::counted;

/// One clause for each plugin.
pub(super) fn plugins(config: &Config) -> Vec<String> {
    config.plugins.iter().map(|(name, rule)| format!("{name}: {}", plugin(rule))).collect()
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
