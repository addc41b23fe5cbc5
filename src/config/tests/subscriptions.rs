//! Rules on the end of tasks, as what the log's decisions are given.

use super::*;
use crate::domain::command::Occasion;

fn subscribed(yaml: &str) -> String {
    subscriptions(&configured(yaml)).iter().fold(String::new(), |mut text, wanted| {
        let kinds: Vec<&str> = wanted.kinds.iter().map(|kind| kind.as_str()).collect();
        let spec = &wanted.task;
        let Occasion::Ended(on) = &wanted.on else { return text };
        let (on, about, input) = (on.name(), wanted.about, spec.input.as_str());
        let (key, priority) = (spec.unique.as_deref().unwrap_or("-"), spec.priority.value());
        writeln!(
            text,
            "{on} {kinds:?} {about:?}: {} {input} ({}) [{key}] {priority}",
            spec.kind, spec.reason
        )
        .unwrap();
        text
    })
}

#[test]
fn each_end_and_each_action_of_a_rule_is_one() {
    insta::assert_snapshot!(subscribed(
        "rules:
- { on: [task.failed, task.cancelled], if: { kind: [implement, label] }, do: [comment, { unlabel: wip }] }
- { on: [issues.opened, task.completed], do: [analyse, implement, { label: [a, b] }, { assign: [ann, bob] }] }
- { on: issues, do: analyse }",
    ), @r#"
    failed ["implement", "label"] Numbered: comment {} (rule 1 (`task.failed`, `task.cancelled`)) [comment] 40
    failed ["implement", "label"] Numbered: label {"remove":["wip"]} (rule 1 (`task.failed`, `task.cancelled`)) [label + -wip] 50
    cancelled ["implement", "label"] Numbered: comment {} (rule 1 (`task.failed`, `task.cancelled`)) [comment] 40
    cancelled ["implement", "label"] Numbered: label {"remove":["wip"]} (rule 1 (`task.failed`, `task.cancelled`)) [label + -wip] 50
    completed [] Issues: analyse {} (rule 2 (`issues.opened`, `task.completed`)) [analyse] 50
    completed [] Issues: implement {"source":{"kind":"issue"}} (rule 2 (`issues.opened`, `task.completed`)) [implement] 50
    completed [] Numbered: label {"add":["a","b"]} (rule 2 (`issues.opened`, `task.completed`)) [label +a,b -] 50
    completed [] Numbered: assign {"logins":["ann","bob"]} (rule 2 (`issues.opened`, `task.completed`)) [assign ann,bob] 50
    "#);
}

#[test]
fn no_rule_is_about_the_end_of_a_task_unless_it_says_so() {
    assert_eq!(subscribed(""), "");
    assert_eq!(subscribed("rules: [{ on: [issues, analysed], do: comment }]"), "");
}

#[test]
fn no_event_of_github_is_the_end_of_a_task() {
    let config = configured("rules: [{ on: task.failed, do: comment }]");
    assert_eq!(asked(&config, &on_issue("issues.opened", an_issue(""))), "");
    assert_eq!(asked(&config, &on_issue("task.failed", an_issue(""))), "", "whatever somebody may dispatch");
}
