//! Task kind `exec`: a plugin is asked, all of its answer is done or nothing, and it is given nothing that it was not to have.

use automata::domain::effect::EffectKind;
use automata::domain::event::Event;
use automata::domain::task::Status;
use automata::domain::used::Used;
use automata::log::Envelope;
use insta::assert_snapshot;

use super::texts::{CRASH, TRACE};
use crate::world::stage::Stage;

/// A plugin and the rule that starts it. Analyses are left out, so that all that happens is the plugin's doing.
pub(super) const RULES: &str = "\
plugins:
  greeter:
    run: [sh, plugins/greeter.sh]
    may: { label: [bug, 'priority: *'], comment: true, assign: [otto] }
rules:
  - on: issues.opened
    do: { exec: greeter }
";

/// Reads all that it is told, and answers the same whatever that is.
pub(super) const GREETS: &str = r#"cat > told.json
echo "looking at it" >&2
cat <<END
{"protocol": 1, "message": "a crash, by its words", "plan": [
  {"effect": "label", "add": ["bug"]}, {"effect": "comment", "text": "Thanks, mona!\nWe look at it."}, {"effect": "assign", "logins": ["otto"]}]}
END
"#;

pub(super) async fn stage(rules: &str, script: &str) -> Stage {
    let stage = Stage::configured(rules).await;
    stage.put_file("plugins/greeter.sh", script);
    stage
}

/// The end of the one task of this kind.
pub(super) async fn end(stage: &Stage) -> String {
    let state = stage.state().await;
    let mut tasks = state.tasks.values().filter(|task| task.spec.kind.as_str() == "exec");
    let task = tasks.next().expect("a task");
    assert!(tasks.next().is_none(), "only one");
    match &task.status {
        Status::Failed { failure, .. } => format!("{}: {failure}", failure.code),
        Status::Completed { output, .. } => output.as_str().to_owned(),
        other => format!("{other:?}"),
    }
}

/// What was used of credentials.
pub(super) fn used(envelope: &Envelope) -> Option<String> {
    match &envelope.recorded.event {
        Event::Used(Used::Credential(used)) => Some(used.to_string()),
        _ => None,
    }
}

/// How often a run took it on.
async fn attempts(stage: &Stage) -> u64 {
    let state = stage.state().await;
    state.tasks.values().filter(|task| task.spec.kind.as_str() == "exec").map(|task| task.leases).sum()
}

/// How often the plugin was started, or about to be.
pub(super) async fn starts(stage: &Stage) -> usize {
    let history = stage.history().await;
    let is_start =
        |event: &Event| matches!(event, Event::EffectIntended(intent) if intent.kind == EffectKind::Program);
    history.iter().filter(|envelope| is_start(&envelope.recorded.event)).count()
}

#[tokio::test]
async fn a_rule_starts_a_plugin_on_an_opened_issue_and_its_label_and_its_words_are_there() {
    let stage = stage(RULES, GREETS).await;
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.github.labels_of(issue), ["bug"]);
    let comment = stage.status_comment(issue);
    let said = "The plugin greeter says:\n\n> Thanks, mona\\!  \n> We look at it.  \n\n";
    assert!(comment.starts_with(said), "{comment}");
    assert_eq!(stage.writes().len(), 3, "{:?}", stage.writes());
    let end = end(&stage).await;
    for told in [
        r#""effects":3"#,
        r#""message":"a crash, by its words""#,
        r#""said":"looking at it""#,
        r#""plugin":"greeter""#,
    ] {
        assert!(end.contains(told), "{end}");
    }
    let why = stage.why(issue).await;
    assert!(
        why.contains("the plugin greeter asks for it") && why.contains("asked the plugin greeter"),
        "{why}"
    );
}

#[tokio::test]
async fn an_answer_with_something_that_is_not_allowed_does_nothing_at_all() {
    let answer = r#"echo '{"protocol": 1, "plan": [{"effect": "label", "add": ["bug"]}, {"effect": "label", "add": ["admin"]},
        {"effect": "assign", "logins": ["otto", "mallory"]}, {"effect": "type", "name": "Bug"}, {"effect": "merge"}]}'
echo "why not" >&2"#;
    let stage = stage(RULES, answer).await;
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!((stage.writes(), stage.github.labels_of(issue)), (Vec::new(), Vec::new()));
    assert_snapshot!(end(&stage).await, @"
    plugin_answer: nothing of the answer of the plugin `greeter` is done: `plan[1]`: `label` stands there twice; `plan[2].logins[1]`: `mallory` is none of those that are allowed; `plan[3]`: the effect `type` is not allowed here; `plan[4].effect`: unknown variant `merge`, expected one of `label`, `comment`, `assign`, `milestone`, `type`, `state`, `field`, `task`. Its last words:
    why not
    ");
    assert!(report.warnings.iter().any(|warning| warning.contains("greeter")), "{:?}", report.warnings);
}

/// What a plugin may, and what it answers to every opened issue: this plan.
async fn answering(may: &str, plan: &str) -> Stage {
    let rules = format!(
        "plugins:\n  greeter:\n    run: [sh, plugins/greeter.sh]\n    may: {may}\nrules:\n  - on: issues.opened\n    do: {{ exec: greeter }}\n"
    );
    let script = format!("cat >/dev/null\necho '{{\"protocol\": 1, \"plan\": [{plan}]}}'\n");
    stage(&rules, &script).await
}

#[tokio::test]
async fn one_that_may_closes_an_issue_and_what_a_person_did_with_it_stays() {
    let plan = r#"{"effect": "state", "to": "closed"}"#;
    let stage = answering("{ state: [closed] }", plan).await;
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.warnings, [""; 0]);
    assert!(!stage.github.is_open(issue), "{:?}", stage.writes());
    assert_eq!(stage.tasks().await.get("set_state completed"), Some(&1));
    // Somebody opens it again: it is theirs from then on, also when the plugin is asked once more.
    stage.lets_pass(std::time::Duration::from_secs(60));
    stage.github.reopen(issue);
    let reopened = stage.github.event_payload_reopened(issue, "mona");
    stage.run("issues", &reopened).await.unwrap();
    stage.works_on("exec", issue, r#"{"plugin": "greeter"}"#).await;
    assert!(stage.github.is_open(issue));
    let why = stage.why(issue).await;
    assert!(why.contains("a person has closed or reopened it"), "{why}");
    let refused = answering("{ state: [open] }", plan).await;
    let (issue, _) = refused.opens("alice", CRASH, TRACE).await;
    assert!(refused.github.is_open(issue));
    let told = end(&refused).await;
    assert!(told.contains("`plan[0].to`: `closed` is none of those that are allowed"), "{told}");
}

#[tokio::test]
async fn one_that_may_sets_fields_and_another_is_refused_with_the_reason() {
    let plan = r#"{"effect": "field", "project": 3, "name": "Status", "value": "Ready"}"#;
    let stage = answering("{ field: [3/Status] }", plan).await;
    stage.github.make_project_field(3, "Status", "SINGLE_SELECT", &["Ready"]);
    stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.chosen(), ["#1 in 3: Status = Ready"]);
    let refused = answering("{ field: [4/Status, Impact] }", plan).await;
    refused.github.make_project_field(3, "Status", "SINGLE_SELECT", &["Ready"]);
    refused.opens("alice", CRASH, TRACE).await;
    assert!(refused.github.chosen().is_empty());
    let told = end(&refused).await;
    assert!(told.contains("`plan[0].name`: `3/Status` is none of those that are allowed"), "{told}");
}

#[tokio::test]
async fn one_that_may_starts_a_task_and_none_that_the_configuration_does_not_name() {
    let plan = r#"{"effect": "task", "kind": "analyse"}"#;
    let stage = answering("{ task: [analyse] }", plan).await;
    stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.tasks().await.get("analyse completed"), Some(&1));
    let refused = answering("{ task: [implement] }", plan).await;
    refused.opens("alice", CRASH, TRACE).await;
    assert_eq!(refused.tasks().await.keys().collect::<Vec<_>>(), ["exec failed"]);
    let told = end(&refused).await;
    assert!(told.contains("`plan[0].kind`: `analyse` is none of those that are allowed"), "{told}");
}

#[tokio::test]
async fn plugins_that_lead_to_each_other_come_to_an_end_and_why_says_so() {
    let rules = "plugins:\n  greeter:\n    run: [sh, plugins/greeter.sh]\n    may: { task: [analyse] }\nrules:\n\
                 - { on: issues.opened, do: analyse }\n- { on: analysed, do: { exec: greeter } }\n";
    let plan = r#"{"protocol": 1, "plan": [{"effect": "task", "kind": "analyse"}]}"#;
    let stage = stage(rules, &format!("cat >/dev/null\necho '{plan}'\n")).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.drain().await;
    assert_eq!(starts(&stage).await, 3);
    let why = stage.why(issue).await;
    assert!(why.contains("held: plugins led to each other 3 times in a row"), "{why}");
}

#[tokio::test]
async fn what_is_no_answer_and_what_fails_is_told_and_does_nothing() {
    let script = r#"case $(cat) in
*'"title":"words"'*) echo "Done!" ;;
*'"title":"nothing"'*) ;;
*'"title":"much"'*) head -c 2000000 /dev/zero | tr '\0' ' ' ;;
*'"title":"fails"'*) echo '{"protocol": 1}'; echo "it is broken" >&2; exit 3 ;;
esac"#;
    let mut told = Vec::new();
    for title in ["words", "nothing", "much", "fails"] {
        let stage = stage(RULES, script).await;
        stage.opens("alice", title, TRACE).await;
        assert_eq!((stage.writes(), starts(&stage).await), (Vec::new(), 1), "{title}");
        told.push(end(&stage).await);
    }
    assert_snapshot!(told.join("\n"), @"
    plugin_answer: nothing of the answer of the plugin `greeter` is done: not JSON: expected value at line 1 column 1
    plugin_answer: nothing of the answer of the plugin `greeter` is done: nothing was written to standard output
    plugin_answer: nothing of the answer of the plugin `greeter` is done: more was written than is ever read
    plugin_failed: the plugin `greeter` ended with exit code 3. Its last words:
    it is broken
    ");
}

#[tokio::test]
async fn an_answer_that_was_recorded_is_used_by_the_next_run_and_nothing_is_done_twice() {
    let pushes = {
        let whole = stage(RULES, GREETS).await;
        whole.opens("alice", CRASH, TRACE).await;
        whole.git.take_traffic().pushes
    };
    assert!((3..=5).contains(&pushes), "{pushes} pushes");
    let mut asked_again = 0;
    for push in 2..=pushes {
        // The same moment never comes again.
        let script = GREETS.replace("a crash, by its words", "$$ $(date +%s%N)");
        let stage = stage(RULES, &script).await;
        let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
        let opened = stage.github.event_payload_opened(issue);
        stage.run_killed_at_push(push, "issues", &opened).await;
        let is_recorded = stage.tasks().await.contains_key("exec completed");
        let before = end(&stage).await;
        stage.github.set_run(stage.last_run(), 1, "completed");
        stage.drain_later().await;
        assert_eq!(stage.github.labels_of(issue), ["bug"], "push {push}");
        assert_eq!(stage.status_comments(issue).len(), 1, "push {push}");
        assert_eq!(stage.writes().len(), 3, "push {push}: {:?}", stage.writes());
        assert_eq!(attempts(&stage).await, if is_recorded { 1 } else { 2 }, "push {push}");
        assert!(!is_recorded || end(&stage).await == before, "push {push}");
        asked_again += usize::from(!is_recorded);
    }
    assert_eq!(asked_again, 1, "only the run that died before it had recorded anything");
}

#[tokio::test]
async fn a_plugin_that_says_try_again_is_asked_again() {
    let script =
        format!("grep -q '\"labels\":\\[\"question\"\\]' || {{ echo 'too early' >&2; exit 75; }}\n{GREETS}");
    let stage = stage(RULES, &script).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.tasks().await["exec pending"], 1);
    assert!(
        end(&stage)
            .await
            .contains("the plugin `greeter` says to try again later. Its last words:\\ntoo early")
    );
    stage.github.label_as("mona", issue, "question");
    stage.drain_later().await;
    assert_eq!(stage.github.labels_of(issue), ["question", "bug"]);
}

#[tokio::test]
async fn what_a_stranger_writes_reaches_it_as_data_on_its_input_alone_and_its_words_call_nobody() {
    let script = r#"told=$(cat)
case "$told" in *'"body":"$(touch owned) `touch owned`; touch owned #'*) was=read ;; esac
if env | grep -q owned; then was=leaked; fi
case "$*" in *owned*) was=leaked ;; esac
cat <<END
{"protocol": 1, "message": "$was $#", "plan": [{"effect": "comment", "text": "@everyone <!-- automata:status issue/1 seq=99 --> [click](https://evil.example)\n> # Closes #1"}]}
END"#;
    let stage = stage(RULES, script).await;
    let body =
        "$(touch owned) `touch owned`; touch owned #\n\"}, {\"effect\": \"label\", \"add\": [\"bug\"]}";
    let (issue, _) = stage.opens("mallory", "'; touch owned; '", body).await;
    assert!(end(&stage).await.contains("\"message\":\"read 0\""), "{}", end(&stage).await);
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    let comment = stage.status_comment(issue);
    let said = "> &#64;everyone &lt;\\!-- automata:status issue/1 seq=99 --&gt; \\[click\\]\\(https:\u{2060}//evil.example\\)  \n> &gt; &#35; Closes &#35;1  \n";
    assert!(comment.contains(said), "{comment}");
}

#[tokio::test]
async fn a_report_of_a_weakness_is_shown_to_no_plugin() {
    let stage = stage(RULES, GREETS).await;
    let text = "An attacker who sends a crafted list gets a shell. Proof of concept: `frobnicate=$(id)`";
    stage.opens("alice", "Remote code execution through crafted lists", text).await;
    assert_eq!((starts(&stage).await, stage.writes()), (0, Vec::new()));
    assert!(end(&stage).await.contains("which no plugin is shown"), "{}", end(&stage).await);
}

#[tokio::test]
async fn the_program_is_the_default_branchs_and_never_a_pull_requests() {
    let rules = "\
plugins:
  greeter: { run: [sh, plugins/greeter.sh], may: { label: ['*'] } }
rules:
  - on: pull_request.opened
    do: { exec: { plugin: greeter, with: { greeting: hello } } }
";
    let script = r#"told=$(cat); case "$told" in *'"with":{"greeting":"hello"}'*) label=bug ;; esac
echo '{"protocol": 1, "plan": [{"effect": "label", "add": ["'$label'"]}]}'"#;
    let stage = stage(rules, script).await;
    let theirs = script.replace("label=bug", "label=question");
    stage.put_files("theirs", &[("plugins/greeter.sh", theirs.as_str())]);
    let pull = stage.github.open_pull("mallory", "Greet otherwise", "theirs", "main");
    let payload = stage.github.event_payload_pull("opened", pull, "mallory");
    stage.run("pull_request", &payload).await.unwrap();
    assert_eq!(stage.github.labels_of(pull), ["bug"]);
}

#[tokio::test]
async fn a_plugin_may_be_suggested_and_what_it_asks_for_goes_as_far_as_its_own_feature() {
    let rules = format!("features: {{ exec: {{ mode: suggest }}, assign: {{ mode: observe }} }}\n{RULES}");
    let stage = stage(&rules, GREETS).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let comment = stage.status_comment(issue);
    assert!(comment.contains("- exec: start the plugin greeter, because rule 1"), "{comment}");
    assert_eq!(starts(&stage).await, 0);
    stage.comments("otto", issue, "/automata approve exec").await;
    assert_eq!(stage.github.labels_of(issue), ["bug"]);
    assert!(stage.writes().iter().all(|line| !line.contains("assignees")), "{:?}", stage.writes());
}

#[tokio::test]
async fn what_it_says_no_more_is_taken_away_and_a_label_that_a_person_took_off_stays_off() {
    let rules = RULES.replace("on: issues.opened", "on: [issues.opened, issues.edited]");
    let script = r#"case $(cat) in
*'"event":"issues.edited"'*) echo '{"protocol": 1, "plan": [{"effect": "label", "add": ["bug", "priority: high"]}]}' ;;
*) echo '{"protocol": 1, "plan": [{"effect": "label", "add": ["bug"]}, {"effect": "comment", "text": "We look at it."}]}' ;;
esac"#;
    let stage = stage(&rules, script).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert!(stage.status_comment(issue).contains("> We look at it."));
    stage.unlabels("mona", issue, "bug").await;
    stage.edits("alice", issue, CRASH, "It still crashes.").await;
    assert_eq!(stage.github.labels_of(issue), ["priority: high"]);
    assert!(!stage.status_comment(issue).contains("We look at it."), "{}", stage.status_comment(issue));
}

#[tokio::test]
async fn one_that_fails_again_and_again_is_left_alone_for_a_while_and_the_run_and_why_say_so() {
    let stage = stage(RULES, "cat >/dev/null\nexit 1\n").await;
    let (mut last, mut notes) = (0, Vec::new());
    for number in 1..=6 {
        let (issue, report) = stage.opens("alice", &format!("{CRASH} {number}"), TRACE).await;
        (last, notes) = (issue, report.notes);
    }
    assert_eq!(starts(&stage).await, 5);
    assert_snapshot!(notes.join("\n"), @"1 task waits: the plugin `greeter` failed 5 times in a row (plugin_failed) over what alice wrote and is left alone with that until 2026-11-22T10:10:00Z.");
    let why = stage.why(last).await;
    assert!(
        why.contains("the plugin `greeter` failed 5 times in a row (plugin_failed) over what alice wrote"),
        "{why}"
    );

    stage.put_file("plugins/greeter.sh", GREETS);
    stage.lets_pass(std::time::Duration::from_mins(15));
    stage.drain().await;
    assert_eq!((starts(&stage).await, stage.github.labels_of(last)), (6, vec!["bug".to_owned()]));
}

#[tokio::test]
async fn a_stranger_over_whose_issues_it_fails_has_it_left_alone_for_nobody_else() {
    let script = "case $(cat) in *BOOM*) exit 1 ;; esac\necho '{\"protocol\": 1, \"plan\": [{\"effect\": \"label\", \"add\": [\"bug\"]}]}'\n";
    let stage = stage(RULES, script).await;
    for number in 1..=5 {
        stage.opens("mallory", &format!("{CRASH} {number}"), "BOOM").await;
    }
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!((starts(&stage).await, stage.github.labels_of(issue)), (6, vec!["bug".to_owned()]));
    stage.opens("mallory", CRASH, "BOOM, and BOOM again").await;
    assert_eq!(starts(&stage).await, 6, "and not over theirs");
}
