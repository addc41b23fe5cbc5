//! Attempts: assistants are asked in their order, each attempt is recorded with what it cost, and budgets hold.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use automata::domain::failure::Failure;
use automata::domain::usage::Usage;
use automata::services::assistant::{Answer, Answers, Assistant, Change, NOTHING, Proposal, Request};
use insta::assert_snapshot;

use super::texts::{BRANCH, CRASH, MENDED, TRACE};
use crate::world::stage::Stage;

/// What a scripted assistant does with the folder it is given; the text is its prompt.
type Work = fn(&Path, usize) -> Result<&'static str, Failure>;

/// An assistant that does as it is told, costs 40 cents, and counts.
pub(super) struct Scripted {
    name: &'static str,
    work: Work,
    asked: AtomicUsize,
    pub(super) prompts: Mutex<Vec<String>>,
}

impl Scripted {
    pub(super) fn new(name: &'static str, work: Work) -> Arc<Self> {
        Arc::new(Self { name, work, asked: AtomicUsize::new(0), prompts: Mutex::default() })
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Assistant for Scripted {
    fn name(&self) -> &str {
        self.name
    }

    fn needs_folder(&self) -> bool {
        true
    }

    async fn propose(&self, request: &Request) -> Answer {
        let before = self.asked.fetch_add(1, Ordering::SeqCst);
        self.prompts.lock().unwrap().push(request.prompt.clone());
        let outcome = (self.work)(request.folder.as_deref().unwrap(), before)
            .map(|summary| Proposal { change: Change::Folder, summary: summary.to_owned() });
        let usage =
            Usage { input_tokens: 900, output_tokens: 100, micro_dollars: 400_000, milliseconds: 30_000 };
        Answer { outcome, usage, answers: Answers::new() }
    }
}

pub(super) const MENDED_FILE: &str =
    "fn parse(line: &str) -> usize {\n    let at = line.find('=').unwrap_or(line.len());\n    at\n}\n";

/// Mends the crash.
pub(super) fn mends(folder: &Path, _: usize) -> Result<&'static str, Failure> {
    fs::write(folder.join("src/parser.rs"), MENDED_FILE).unwrap();
    Ok("Takes the whole line for the key.")
}

fn has_nothing(_: &Path, _: usize) -> Result<&'static str, Failure> {
    Err(Failure::permanent(NOTHING, "It changed no file."))
}

fn is_down_once(folder: &Path, before: usize) -> Result<&'static str, Failure> {
    if before == 0 { Err(Failure::transient("unreachable", "It is down.")) } else { mends(folder, before) }
}

fn touches_workflows(folder: &Path, _: usize) -> Result<&'static str, Failure> {
    fs::create_dir_all(folder.join(".github/workflows")).unwrap();
    fs::write(folder.join(".github/workflows/ci.yml"), "on: push\n").unwrap();
    Ok("Takes over.")
}

/// Attempts, as the log tells them.
async fn attempts(stage: &Stage) -> String {
    let told = stage.told().await;
    let lines: Vec<String> = told
        .into_iter()
        .filter(|line| line.contains("made a change") || line.contains("made no change"))
        .map(|line| line.split_once(": ").map_or(line.clone(), |(_, rest)| rest.to_owned()))
        .collect();
    lines.join("\n")
}

const ASKED: &str = "/automata implement";

#[tokio::test]
async fn the_next_one_is_asked_when_one_fails_and_every_attempt_is_told_with_its_cost() {
    let stage = Stage::start().await;
    let (first, second) = (Scripted::new("first", has_nothing), Scripted::new("second", touches_workflows));
    let third = Scripted::new("third", mends);
    *stage.assistants.borrow_mut() = vec![first, second, third];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, ASKED).await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_eq!(stage.file(BRANCH, "src/parser.rs"), MENDED_FILE);
    assert_snapshot!(attempts(&stage).await, @"
    first made no change ($0.40, 1000 tokens, 30 seconds): It changed no file
    second made no change ($0.40, 1000 tokens, 30 seconds): The change touches `.github/workflows/ci.yml`, which is protected by `.github/*…
    third made a change ($0.40, 1000 tokens, 30 seconds)
    third has made a change
    ");
    assert_eq!(
        stage.state().await.issues[&automata::domain::id::IssueNumber(issue)].usage.micro_dollars,
        1_200_000
    );
    let opened = stage.github.requests().into_iter().find(|line| line.contains("/pulls {")).unwrap();
    assert!(opened.contains("third used $0.40, 1000 tokens, 30 seconds"), "{opened}");
    assert!(
        stage
            .status_comment(issue)
            .contains("Assistants used $1.20, 3000 tokens, 90 seconds for this issue.")
    );
}

#[tokio::test]
async fn what_may_work_later_is_tried_again_later() {
    let stage = Stage::start().await;
    let (down, idle) = (Scripted::new("down", is_down_once), Scripted::new("idle", has_nothing));
    *stage.assistants.borrow_mut() = vec![down.clone(), idle];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    let report = stage.comments("mona", issue, ASKED).await;
    assert_eq!((report.tally.retried, stage.pushed_branches().len()), (1, 0));
    stage.drain_later().await;
    assert_eq!((down.asked(), stage.pushed_branches().len()), (2, 1));
}

fn is_down(_: &Path, _: usize) -> Result<&'static str, Failure> {
    Err(Failure::transient("unreachable", "It is down."))
}

#[tokio::test]
async fn one_that_is_down_is_left_alone_for_a_while_and_the_others_are_asked() {
    let named = |name: &str| format!("{{ command: {{ name: {name}, run: [sh] }} }}");
    let stage = Stage::configured(&format!("assistants: [{}, {}]\n", named("down"), named("helper"))).await;
    let (down, helper) = (Scripted::new("down", is_down), Scripted::new("helper", mends));
    *stage.assistants.borrow_mut() = vec![down.clone(), helper.clone()];
    for number in 1..=6 {
        let (issue, _) = stage.opens("mona", &format!("{CRASH} {number}"), "It crashes.").await;
        stage.comments("mona", issue, ASKED).await;
    }
    assert_eq!((down.asked(), helper.asked()), (5, 6), "the sixth time nobody asks it");

    let (issue, _) = stage.opens("mona", "It is slow", "It takes an hour.").await;
    let report = stage.comments("mona", issue, &format!("{ASKED} down")).await;
    let why = "the assistant `down` failed 5 times in a row (unreachable) and is left alone until";
    assert!(report.notes.iter().any(|note| note.contains(why)), "{:?}", report.notes);
    let told = stage.why(issue).await;
    assert!(told.contains(why), "{told}");
    assert_eq!(down.asked(), 5, "and who was named is waited for");
    stage.lets_pass(std::time::Duration::from_mins(15));
    stage.drain().await;
    assert_eq!((down.asked(), helper.asked()), (6, 6), "one tries it");
}

#[tokio::test]
async fn nobody_who_costs_money_is_asked_when_the_budget_is_spent_and_a_patch_is_still_taken() {
    let stage = Stage::configured("limits: { budget: { issue_dollars: 0.4 } }\n").await;
    let helper = Scripted::new("helper", has_nothing);
    *stage.assistants.borrow_mut() =
        vec![helper.clone(), Arc::new(automata::services::assistant::patch::Patch)];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, ASKED).await;
    stage.comments("mona", issue, ASKED).await;
    assert_eq!(helper.asked(), 1);
    let comment = stage.status_comment(issue);
    let said: Vec<&str> =
        comment.lines().filter(|line| line.contains("change") || line.contains("used")).collect();
    assert_snapshot!(said.join("\n"), @r"
    - The change could not be made: nobody proposed a change \(helper: It changed no file; patch: Nobody with write access has posted a patch for issue 1. Looked at the issue's text, at 1 comment before the one that asks, and at that one\). Put a unified diff into a fenced block \(\`\`\`diff\) of the issue or of a comment.
    - The change could not be made: The budget for issue 1 is spent: \$0.40 of \$0.40. Raise \`limits.budget.issue\_dollars\`, or post a patch in a \`\`\`diff fence.
    Plan: ✅ analysis · ❌ change · ☐ pull request · ☐ review · ☐ merge
    Assistants used $0.40, 1000 tokens, 30 seconds for this issue; $0.00 of $0.40 are left.
    - 2026-11-22: helper was asked, and made no change ($0.40, 1000 tokens)
    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    stage.comments("mona", issue, MENDED).await;
    assert_eq!((helper.asked(), stage.pushed_branches()), (1, vec![BRANCH.to_owned()]));
}

#[tokio::test]
async fn budgets_of_tokens_hold_where_no_prices_are_known_and_what_is_left_is_shown() {
    let stage =
        Stage::configured("limits: { budget: { issue_tokens: 5000, actor_tokens: 1000, day_dollars: 9 } }\n")
            .await;
    let helper = Scripted::new("helper", has_nothing);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    let report = stage.comments("mona", issue, ASKED).await;
    assert_snapshot!(report.notes.join("\n"), @"Assistants used today $0.40, 1000 tokens, 30 seconds; $8.60 of $9.00 are left; today for mona $0.40, 1000 tokens, 30 seconds; 0 tokens of 1000 tokens are left.");
    stage.comments("mona", issue, ASKED).await;
    assert_eq!(helper.asked(), 1, "mona has asked for 1000 tokens");
    assert!(
        stage
            .why(issue)
            .await
            .contains("The budget for what mona asks for in a day is spent: 1000 tokens of 1000 tokens")
    );
    stage.comments("otto", issue, ASKED).await;
    assert_eq!(helper.asked(), 2, "otto has asked for none");
    let why = stage.why(issue).await;
    let used = why.split_once("Used by assistants:\n").unwrap().1.split_once("\n\n").unwrap().0.to_owned();
    assert_snapshot!(used, @"
    - for this issue $0.80, 2000 tokens, 60 seconds; 3000 tokens of 5000 tokens are left
    - today $0.80, 2000 tokens, 60 seconds; $8.20 of $9.00 are left
    - today for mona $0.40, 1000 tokens, 30 seconds; 0 tokens of 1000 tokens are left
    - today for otto $0.40, 1000 tokens, 30 seconds; 0 tokens of 1000 tokens are left
    ");
    let comment = stage.status_comment(issue);
    assert_snapshot!(comment.lines().find(|line| line.starts_with("Assistants used")).unwrap(), @"Assistants used $0.80, 2000 tokens, 60 seconds for this issue; 3000 tokens of 5000 tokens are left.");
}

#[tokio::test]
async fn an_answer_that_was_paid_for_survives_the_end_of_its_run() {
    let stage = Stage::start().await;
    let helper = Scripted::new("helper", mends);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    let comment = stage.github.comment("mona", issue, ASKED);
    let payload = stage.github.event_payload_commented(comment);
    // Killed at each push in turn, until the branch is there.
    for push in 1..8 {
        if !stage.pushed_branches().is_empty() {
            break;
        }
        let asked_before = helper.asked();
        stage.run_killed_at_push(push, "issue_comment", &payload).await;
        stage.github.set_run(stage.last_run(), 1, "completed");
        if asked_before > 1 {
            break;
        }
    }
    stage.drain_later().await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_eq!(stage.file(BRANCH, "src/parser.rs"), MENDED_FILE);
    assert!(helper.asked() <= 2, "asked {} times", helper.asked());
}

#[tokio::test]
async fn one_assistant_can_be_asked_by_name_and_told_what_is_to_be_different() {
    let named = |name: &str| format!("{{ command: {{ name: {name}, run: [sh] }} }}");
    let stage = Stage::configured(&format!("assistants: [{}, {}]\n", named("first"), named("second"))).await;
    let (first, second) = (Scripted::new("first", mends), Scripted::new("second", mends));
    *stage.assistants.borrow_mut() = vec![first.clone(), second.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, "/automata implement second").await;
    assert_eq!((first.asked(), second.asked()), (0, 1));

    let stage = Stage::configured(&format!("assistants: [{}]\n", named("first"))).await;
    let first = Scripted::new("first", mends);
    *stage.assistants.borrow_mut() = vec![first.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, "/automata revise Call it `key`, please.").await;
    let prompt = first.prompts.lock().unwrap()[0].clone();
    let (_, asked) = prompt.split_once("# What is asked for now").unwrap();
    assert!(asked.contains("Call it `key`, please."), "{asked}");
}

fn asks_what_is_meant(_: &Path, _: usize) -> Result<&'static str, Failure> {
    Err(Failure::permanent(NOTHING, "It is unclear what is wanted."))
}

#[tokio::test]
async fn what_was_paid_for_in_vain_is_not_paid_for_again_unless_something_is_new_or_somebody_names_it() {
    let stage = Stage::start().await;
    let helper = Scripted::new("helper", asks_what_is_meant);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, ASKED).await;
    assert_eq!((helper.asked(), stage.tasks().await["implement failed"]), (1, 1));
    stage.comments("mona", issue, "/automata retry").await;
    assert_eq!(helper.asked(), 1, "the same question would get the same answer");
    let told = stage.status_comment(issue);
    assert_snapshot!(told.lines().find(|line| line.contains("asked the very same")).unwrap(), @r"- The change could not be made: helper was asked the very same before for \$0.40, 1000 tokens, 30 seconds and is not asked again; it said: It is unclear what is wanted. Say in a comment what is to be different and retry, or ask for it by name: \`/automata implement helper\`.");
    stage.comments("alice", issue, "It happens on a line without an equals sign.").await;
    stage.comments("mona", issue, "/automata retry").await;
    assert_eq!(helper.asked(), 2, "there is something new to go by");
    stage.comments("mona", issue, "/automata retry").await;
    assert_eq!(helper.asked(), 2);
}

#[tokio::test]
async fn one_that_failed_for_good_is_not_asked_again_while_another_is_waited_for() {
    let stage = Stage::start().await;
    let (first, second) = (Scripted::new("first", asks_what_is_meant), Scripted::new("second", is_down_once));
    *stage.assistants.borrow_mut() = vec![first.clone(), second.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, ASKED).await;
    stage.drain_later().await;
    assert_eq!((first.asked(), second.asked()), (1, 2));
    assert_eq!(stage.pushed_branches(), [BRANCH]);
}

const HALF_MENDED: &str = "fn parse(line: &str) -> usize {\n    todo!()\n}\n";

/// Does the half of it and is stopped; goes on from there when it is asked again.
fn is_stopped_half_way(folder: &Path, before: usize) -> Result<&'static str, Failure> {
    let file = folder.join("src/parser.rs");
    if before == 0 {
        fs::write(&file, HALF_MENDED).unwrap();
        fs::write(folder.join("notes.txt"), "The key ends at the sign.\n").unwrap();
        return Err(Failure::transient("assistant_out_of_time", "It took longer than 10 min and was ended."));
    }
    let found = fs::read_to_string(&file).unwrap() == HALF_MENDED && folder.join("notes.txt").exists();
    assert!(found, "it begins with what it had done");
    fs::remove_file(folder.join("notes.txt")).unwrap();
    mends(folder, before)
}

fn runs_out_of_tokens_half_way(folder: &Path, before: usize) -> Result<&'static str, Failure> {
    let stopped = Failure::permanent("out_of_tokens", "It came to no end within its limit of 1000 tokens.");
    is_stopped_half_way(folder, before).map_err(|_| stopped)
}

#[tokio::test]
async fn an_attempt_that_was_cut_off_is_gone_on_with_where_it_was() {
    let stage = Stage::start().await;
    let helper = Scripted::new("helper", is_stopped_half_way);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    let report = stage.comments("mona", issue, ASKED).await;
    assert_eq!((report.tally.retried, stage.pushed_branches().len()), (1, 0));
    stage.drain_later().await;
    assert_eq!((helper.asked(), stage.pushed_branches()), (2, vec![BRANCH.to_owned()]));
    assert_eq!(stage.file(BRANCH, "src/parser.rs"), MENDED_FILE);
    let changed = stage.git.repository.git(&["diff", "--name-only", "main", &format!("refs/heads/{BRANCH}")]);
    assert_eq!(changed.trim(), "src/parser.rs", "one commit, without what was left on the way");
    let prompts = helper.prompts.lock().unwrap().clone();
    let told = "An earlier attempt of yours was cut off before it was done.";
    assert!(!prompts[0].contains(told) && prompts[1].contains(told), "{}", prompts[1]);
}

#[tokio::test]
async fn after_a_limit_a_person_has_it_gone_on_with_and_the_next_one_in_the_list_begins_anew() {
    let stage = Stage::start().await;
    let helper = Scripted::new("helper", runs_out_of_tokens_half_way);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, ASKED).await;
    assert_eq!((helper.asked(), stage.tasks().await["implement failed"]), (1, 1));
    stage.comments("mona", issue, "/automata retry").await;
    assert_eq!((helper.asked(), stage.pushed_branches()), (2, vec![BRANCH.to_owned()]));

    let stage = Stage::start().await;
    let (first, second) = (Scripted::new("first", is_stopped_half_way), Scripted::new("second", mends));
    *stage.assistants.borrow_mut() = vec![first, second.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, ASKED).await;
    assert_eq!(second.asked(), 1);
    let changed = stage.git.repository.git(&["diff", "--name-only", "main", &format!("refs/heads/{BRANCH}")]);
    assert_eq!(changed.trim(), "src/parser.rs");
}

#[tokio::test]
async fn an_assistant_is_told_what_was_done_last_to_the_code_and_what_similar_issues_are_called() {
    let stage = Stage::start().await;
    stage.github.wrote("src/parser.rs", &["otto", "mona"]);
    let helper = Scripted::new("helper", has_nothing);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let (first, _) = stage.opens("alice", "Panic in the parser", TRACE).await;
    let (issue, _) = stage.opens("mona", CRASH, TRACE).await;
    stage.comments("mona", issue, ASKED).await;
    let prompt = helper.prompts.lock().unwrap()[0].clone();
    let commits = "The last commits that changed src/parser.rs, newest first:\n- \"Change by hand\"\n- \"Change by hand\"\n";
    assert!(prompt.contains(commits), "{prompt}");
    assert!(prompt.contains(&format!("- {first} \"Panic in the parser\" (\"")), "{prompt}");
}
