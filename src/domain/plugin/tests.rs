//! Which answers of plugins are taken, and what is said of the others.

use super::*;

fn offer() -> Offer {
    let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let allowed = Allowed {
        label: list(&["area: *", "bug"]),
        comment: true,
        assign: list(&["mona"]),
        milestone: list(&["v*.*"]),
        state: list(&["closed"]),
        field: list(&["Impact", "3/Stat*"]),
        task: list(&["analyse", "implement"]),
        ..Allowed::default()
    };
    Offer { allowed, effects: 5 }
}

fn refused(answer: &str) -> String {
    offer().read(answer).expect_err("an answer that is not taken").join("; ")
}

#[test]
fn a_whole_answer_is_read() {
    let text = r#"{"protocol": 1, "plan": [
        {"effect": "label", "add": ["Area: parser"], "remove": ["bug"]}, {"effect": "comment", "text": "Thanks.\nWe look."},
        {"effect": "assign", "logins": ["Mona"]}, {"effect": "milestone", "title": "v2.0"}],
        "message": "looks like the parser", "output": {"score": 0.5}}"#;
    let answer = offer().read(text).unwrap();
    assert_eq!(
        answer.plan.iter().map(Effect::name).collect::<Vec<_>>(),
        ["label", "comment", "assign", "milestone"]
    );
    let again = serde_json::to_string(&answer).unwrap();
    assert_eq!(offer().read(&again), Ok(answer), "what is written down reads the same");
    assert_eq!(offer().read("{\"protocol\": 1}\n").unwrap().plan, []);
}

#[test]
fn what_is_not_allowed_is_named_with_its_field() {
    let plan = |plan: &str| refused(&format!("{{\"protocol\": 1, \"plan\": {plan}}}"));
    let told = [
        plan(r#"[{"effect": "label", "add": ["area: ui", "admin"]}]"#),
        plan(r#"[{"effect": "comment", "text": "hello"}, {"effect": "type", "name": "Bug"}]"#),
        plan(r#"[{"effect": "merge"}]"#),
        plan(r#"[{"effect": "label", "add": "bug"}]"#),
        plan(r#"[{"effect": "label", "ad": ["bug"]}]"#),
        plan(r#"[{"effect": "label"}]"#),
        plan(r#"[{"effect": "label", "add": ["bug"], "remove": ["bug"]}]"#),
        plan(r#"[{"effect": "label", "add": ["bug\u202e"]}]"#),
        plan(r#"[{"effect": "comment", "text": " \n"}]"#),
        plan(r#"[{"effect": "comment", "text": "a"}, {"effect": "comment", "text": "b"}]"#),
        plan(r#"[{"effect": "assign", "logins": ["otto"]}]"#),
        plan(
            r#"[{"effect": "label", "add": ["area: 1", "area: 2", "area: 3", "area: 4", "area: 5", "area: 6"]}]"#,
        ),
        plan(r#"[{"effect": "state", "to": "open"}]"#),
        plan(r#"[{"effect": "state", "to": "merged"}]"#),
        plan(r#"[{"effect": "field", "name": "Size", "value": "L"}]"#),
        plan(r#"[{"effect": "field", "project": 4, "name": "Status", "value": "Ready"}]"#),
        plan(
            r#"[{"effect": "field", "name": "Impact", "value": "a"}, {"effect": "field", "name": "impact", "value": "b"}]"#,
        ),
        plan(r#"[{"effect": "field", "name": "Impact", "value": " "}]"#),
        plan(r#"[{"effect": "task", "kind": "drive_folder"}]"#),
        plan(r#"[{"effect": "task", "kind": "analyse", "input": {"when": "now"}}]"#),
        plan("{}"),
        plan("[7]"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    `plan[0].add[1]`: `admin` is none of those that are allowed
    `plan[1]`: the effect `type` is not allowed here
    `plan[0].effect`: unknown variant `merge`, expected one of `label`, `comment`, `assign`, `milestone`, `type`, `state`, `field`, `task`
    `plan[0].add`: invalid type: string "bug", expected a sequence
    `plan[0].ad`: unknown field `ad`, expected `add` or `remove`
    `plan[0]`: it names nothing
    `plan[0]`: `bug` is both added and taken off
    `plan[0].add[0]`: this is no name
    `plan[0].text`: it says nothing
    `plan[1]`: `comment` stands there twice
    `plan[0].logins[0]`: `otto` is none of those that are allowed
    `plan`: it would change 6 things, and 5 are the most
    `plan[0].to`: `open` is none of those that are allowed
    `plan[0].effect`: unknown variant `merged`, expected `open` or `closed`
    `plan[0].name`: `Size` is none of those that are allowed
    `plan[0].name`: `4/Status` is none of those that are allowed
    `plan[1]`: `field` stands there twice
    `plan[0].value`: this is no value
    `plan[0].kind`: `drive_folder` is none of those that are allowed; `plan[0].input`: missing field `folder`
    `plan[0].input`: `when`: there is no such field
    `plan`: invalid type: map, expected a sequence
    `plan[0]`: invalid type: integer `7`, expected internally tagged enum Effect
    "#);
}

#[test]
fn an_issue_may_be_closed_its_fields_set_and_tasks_about_it_started() {
    let text = r#"{"protocol": 1, "plan": [
        {"effect": "state", "to": "closed"}, {"effect": "field", "name": "impact", "value": "High"},
        {"effect": "field", "project": 3, "name": "Status", "value": "Ready"}, {"effect": "task", "kind": "analyse"}]}"#;
    let answer = offer().read(text).unwrap();
    assert_eq!(answer.plan.iter().map(Effect::weight).sum::<usize>(), 4);
    let again = serde_json::to_string(&answer).unwrap();
    assert_eq!(offer().read(&again), Ok(answer), "what is written down reads the same");
}

#[test]
fn nobody_may_start_a_task_that_gets_round_what_other_effects_are_for() {
    let all = Offer { allowed: Allowed { task: vec!["*".to_owned()], ..Allowed::default() }, effects: 5 };
    for kind in input::KINDS.iter().filter(|kind| !STARTED.contains(kind)) {
        let answer = format!(r#"{{"protocol": 1, "plan": [{{"effect": "task", "kind": "{kind}"}}]}}"#);
        let told = all.read(&answer).unwrap_err();
        assert_eq!(told, ["`plan[0].kind`: no plugin may start a task of this kind"], "{kind}");
    }
}

#[test]
fn what_is_no_answer_is_told_shortly() {
    let long = format!("{{\"protocol\": 1, \"message\": \"{}\"}}", "a".repeat(201));
    let large = format!("{{\"protocol\": 1, \"output\": \"{}\"}}", "a".repeat(5_000));
    let told = [
        refused(""),
        refused("Thanks, done!"),
        refused("{\"protocol\": 1"),
        refused("{\"protocol\": 1} {}"),
        refused("{\"plan\": []}"),
        refused("{\"protocol\": 2}"),
        refused("{\"protocol\": 1, \"effects\": []}"),
        refused("[]"),
        refused(&"[".repeat(10_000)),
        refused(&long),
        refused(&large),
        refused(&" ".repeat(ANSWER + 1)),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    nothing was written to standard output
    not JSON: expected value at line 1 column 1
    not JSON: EOF while parsing an object at line 1 column 14
    not JSON: trailing characters at line 1 column 17
    missing field `protocol`
    `protocol`: this is version 2, and 1 is asked for
    `effects`: unknown field `effects`, expected one of `protocol`, `plan`, `message`, `output`
    it is a list, and an object is asked for: {"protocol": 1, "plan": []}
    it is a list, and an object is asked for: {"protocol": 1, "plan": []}
    `message`: it has 201 characters, and 200 are the most
    `output`: it has 5002 bytes, and 4096 are the most
    it has 16385 bytes, and 16384 are the most
    "#);
}

#[test]
fn a_star_stands_for_any_characters() {
    for (pattern, name) in [
        ("bug", "BUG"),
        ("*", "x"),
        ("area: *", "Area: UI/x"),
        ("*-done", "a-done"),
        ("a*b*c", "a-b-c"),
        ("**", ""),
    ] {
        assert!(is_like(pattern, name), "{pattern} {name}");
    }
    for (pattern, name) in [("bug", "bugs"), ("area: *", "my area: x"), ("a*b*c", "acb"), ("ab*ba", "aba")] {
        assert!(!is_like(pattern, name), "{pattern} {name}");
    }
}
