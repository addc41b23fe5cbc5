//! Schedules, as the log keeps them.

use super::*;
use crate::domain::input;

#[test]
fn a_schedule_is_kept_with_all_it_says_and_all_it_leaves_out() {
    let config = configured(
        "schedules:
  plain: { cron: 0 9 * * *, do: { kind: analyse, subject: issue/1 } }
  each: { cron: 0 9 * * *, catch_up: all, do: { kind: comment, subject: issue/1 } }
  full:
    cron: 5 4 * * SUN
    zone: Asia/Tokyo
    jitter: 30
    catch_up: none
    do: { kind: label, subject: pull/2, input: { remove: [x], add: [y] }, priority: 7, unique: u, concurrency: c, max_attempts: 2 }",
    );
    let kept = schedules(&config);
    let kept: Vec<String> = kept.values().map(|one| serde_json::to_string(one).unwrap()).collect();
    insta::assert_snapshot!(kept.join("\n"), @r#"
    {"cron":"0 9 * * *","zone":"UTC","catch_up":"all","set_by":"configuration","task":{"kind":"comment","subject":"issue/1","input":{},"priority":50,"max_attempts":6,"reason":"schedule `each` (0 9 * * * UTC)"}}
    {"cron":"5 4 * * SUN","zone":"Asia/Tokyo","jitter":30,"catch_up":"none","set_by":"configuration","task":{"kind":"label","subject":"pull/2","input":{"add":["y"],"remove":["x"]},"priority":7,"unique":"u","concurrency":"c","max_attempts":2,"reason":"schedule `full` (5 4 * * SUN Asia/Tokyo)"}}
    {"cron":"0 9 * * *","zone":"UTC","catch_up":"last","set_by":"configuration","task":{"kind":"analyse","subject":"issue/1","input":{},"priority":50,"unique":"schedule plain","max_attempts":6,"reason":"schedule `plain` (0 9 * * * UTC)"}}
    "#);
}

/// What `input::check` says can be worked on is what the kinds read.
#[test]
fn every_input_that_a_rule_makes_is_one_that_a_schedule_may_have() {
    let config = configured(
        "rules: [{ on: issues, do: [analyse, implement, comment, { label: a }, { unlabel: b }, { assign: ann }] }]",
    );
    let requests = rules::requests(&config, &on_issue("issues.opened", an_issue("")));
    assert_eq!(requests.len(), 6);
    for request in &requests {
        assert_eq!(input::check(request.spec.kind.as_str(), &request.spec.input), Ok(()));
    }
}
