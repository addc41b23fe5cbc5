//! What a configuration means, in words.

use crate::config::{CatchUpRule, ExplainedRule, ExplainedSchedule, Explanation, Mode};

/// An explained configuration for a person.
#[must_use]
pub fn lines(explained: &Explanation) -> Vec<String> {
    let mode = match explained.mode {
        Mode::Act => "It acts: labels, comments, assigns, pushes, opens pull requests.",
        Mode::Observe => "It observes: everything is decided and recorded, nothing is changed outside.",
    };
    let mut lines = vec![mode.to_owned(), format!("The log is kept on {}.", explained.state)];
    lines.extend(explained.encryption.clone());
    lines.extend(explained.features.iter().map(|clause| format!("- {clause}")));
    lines.push("\nRules:".to_owned());
    lines.extend(explained.rules.iter().flat_map(rule));
    if explained.rules.is_empty() {
        lines.push("- none: events are recorded, and nothing is done on any of them".to_owned());
        lines.push("  (leave the key `rules` out to have the built-in rules)".to_owned());
    } else if explained.after_analysis.is_empty() {
        lines.push("\nNo rule leads to an analysis, so no type, urgency or owner is ever found.".to_owned());
    } else {
        lines.push("\nAfter every analysis:".to_owned());
        lines.extend(explained.after_analysis.iter().map(|clause| format!("- {clause}")));
    }
    if explained.rules.iter().any(|rule| rule.on.iter().any(|event| event.starts_with("task."))) {
        let told = "What follows the end of a task is about the same issue or pull request, and its own end leads to nothing.";
        lines.push(format!("\n{told}"));
    }
    if !explained.schedules.is_empty() {
        lines.push("\nSchedules, seen to by whatever run comes along:".to_owned());
        lines.extend(explained.schedules.iter().flat_map(schedule));
    }
    lines.extend(asked(explained));
    if !explained.after_change.is_empty() {
        lines.push("\nWhat becomes of a change:".to_owned());
        lines.extend(explained.after_change.iter().map(|clause| format!("- {clause}")));
    }
    if !explained.caps.is_empty() {
        lines.push("\nAt most, and what is more waits:".to_owned());
        lines.extend(explained.caps.iter().map(|clause| format!("- {clause}")));
    }
    if !explained.told.is_empty() {
        lines.push("\nWho is told what happens:".to_owned());
        lines.extend(explained.told.iter().map(|clause| format!("- {clause}")));
    }
    if !explained.plugins.is_empty() {
        lines.push("\nPlugins:".to_owned());
        lines.extend(explained.plugins.iter().map(|clause| format!("- {clause}")));
    }
    lines.push(format!("No change may touch {}.", explained.protected.join(", ")));
    let bots = if explained.bots.is_empty() { "none".to_owned() } else { explained.bots.join(", ") };
    lines.push(format!("Bots that are listened to: {bots}."));
    lines.push("\nIn comments, on lines that begin with `/automata`:".to_owned());
    lines.extend(explained.words.iter().map(|need| {
        let who = if need.need == "anyone" { "anyone".to_owned() } else { format!("{} or more", need.need) };
        format!("- {who}: {}", need.words.join(", "))
    }));
    if !explained.may_say_all.is_empty() {
        lines.push(format!("- and everything: {}", explained.may_say_all.join(", ")));
    }
    lines
}

/// Who is asked for a change. One who needs no explaining has one line.
fn asked(explained: &Explanation) -> Vec<String> {
    let names = match explained.assistants.as_slice() {
        [] => "nobody",
        [only] if explained.spending.is_empty() => only,
        _ => {
            let heading = "\nAsked for a change, one after the other until one has an answer:";
            let row = explained.asked.iter().enumerate();
            return std::iter::once(heading.to_owned())
                .chain(row.map(|(index, one)| format!("{}. {}: {}", index + 1, one.name, one.about)))
                .chain(explained.spending.iter().map(|clause| format!("- {clause}")))
                .collect();
        }
    };
    vec![format!("\nAsked for a change: {names}.")]
}

fn rule(rule: &ExplainedRule) -> Vec<String> {
    let mut lines = vec![format!("- {}", rule.name), format!("    on {}", rule.on.join(" or "))];
    lines.extend(rule.when.iter().map(|clause| format!("    if {clause}")));
    lines.extend(rule.then.iter().map(|clause| format!("    then {clause}")));
    lines
}

fn schedule(schedule: &ExplainedSchedule) -> Vec<String> {
    let ExplainedSchedule { name, cron, zone, jitter, kind, subject, input, priority, next, .. } = schedule;
    let input = match serde_json::to_string(input) {
        Ok(text) if !input.is_empty() => format!(" with {text}"),
        _ => String::new(),
    };
    let jitter =
        if *jitter == 0 { String::new() } else { format!(", put off by up to {jitter} seconds each time") };
    let missed = match schedule.catch_up {
        CatchUpRule::All => "each has its task, the last hundred of them",
        CatchUpRule::Last => "the last of them has its task, however late",
        CatchUpRule::None => "the last of them has its task if it is at most seven hours late",
    };
    vec![
        format!("- {name}"),
        format!("    at `{cron}` in {zone}{jitter}"),
        format!("    then `{kind}` about {subject}{input}, at priority {priority}"),
        format!("    of missed times {missed}"),
        format!("    next {}", next.join(", ")),
    ]
}
