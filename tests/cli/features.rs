//! `features`: modes, shares, results and what people took back side by side, and that a feature fell back.

use super::program::plain;
use super::runner::Runner;

const CONFIG: &str = "\
features:
  label: { fall_back: { overrides: 50%, least: 2 } }
  comment: { mode: observe }
  duplicate: { mode: off }
  assign: { mode: suggest, rollout: 25%, authors: [alice] }
";

#[tokio::test(flavor = "multi_thread")]
async fn modes_shares_results_and_overrides_stand_side_by_side_and_a_fall_back_is_told() {
    let runner = Runner::start().await;
    runner.puts(".github/automata.yml", CONFIG);
    runner.github.make_label("bug", "ededed", "");
    let body = "It panics when I call `parse` with an empty list.\n\n```\nthread 'main' panicked at parser.rs:1\n```\n";
    for title in ["It crashes on an empty line", "It crashes on a list", "Another crash"] {
        let issue = runner.github.open_issue("alice", title, body, &[]);
        runner.step("issues", &runner.github.event_payload_opened(issue)).run().well();
        if title != "Another crash" {
            let unlabelled = runner.github.remove_label_as("mona", issue, "bug");
            runner.step("issues", &unlabelled).run().well();
        }
    }
    let looks = runner.step("push", &serde_json::Value::Null).program.set("GITHUB_ACTIONS", "");
    let table = looks.with(&["features"]).run().well().stdout;
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    let shown = ["FEATURE", "label ", "comment ", "duplicate ", "assign "].map(row);
    insta::assert_snapshot!(plain(&shown.join("\n")), @"
    FEATURE    MODE     NOW      SHARE  DONE  FAILED  OVERRIDDEN  SUGGESTED  APPROVED  REJECTED  HELD  WAITING  DETAIL
    label      act      suggest  100 %  2     0       2           1          0         0         0     1        fell back on TIME: people took back 2 of 2, more than 50 %
    comment    observe  observe  100 %  0     0       0           0          0         0         3     0
    duplicate  off      off      100 %  0     0       0           0          0         0         0     0
    assign     suggest  suggest  25 %   0     0       0           0          0         0         0     0        authors alice
    ");
    let told = looks.with(&["features", "--format", "json"]).run().well().json();
    assert_eq!(told["paused"], serde_json::Value::Null);
    let features = told["features"].as_array().unwrap();
    assert_eq!(features.len(), automata::domain::feature::Feature::ALL.len(), "every feature has its row");
    let label = features.iter().find(|row| row["feature"] == "label").unwrap();
    let of = |name: &str| label[name].clone();
    assert_eq!((of("mode"), of("now"), of("rollout")), ("act".into(), "suggest".into(), 100.into()));
    assert_eq!((of("overridden"), of("suggested"), of("waiting")), (2.into(), 1.into(), 1.into()));
    assert!(of("detail").as_str().unwrap().contains("people took back 2 of 2, more than 50 %"), "{label}");
}
