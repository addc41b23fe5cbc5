//! Eight real processes drain one queue over real HTTP and are killed at random: everything is done, once.

use std::collections::BTreeMap;
use std::process::Child;

use serde_json::{Value, json};

use super::runner::Runner;

/// Issues, each with milestones one after the other, and then a label to get where the number can be divided by [`LABELLED`].
const ISSUES: u64 = 60;
const MILESTONES: usize = 4;
/// A claim of a label takes one of the eighty writes that GitHub allows at once, and they come back by the real clock. A task is
/// taken from a killed run when the round is over, so it is claimed once in each deadly round and once more at most:
/// fifteen labels never use that up, however slow the machine is.
const LABELLED: u64 = 4;
/// Processes at once.
const RUNS: usize = 8;
/// Rounds in which processes are killed; after them they may finish.
const DEADLY: usize = 4;
/// Claims of all labels together, at most: what a burst allows.
const BURST: u64 = 80;
const _: () = assert!(ISSUES / LABELLED * (DEADLY as u64 + 1) <= BURST);

/// Numbers that only look random, from a seed (an xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

/// The tasks, for `tasks add --from`.
fn tasks(issues: &[u64]) -> Value {
    let mut tasks = Vec::new();
    for issue in issues {
        let (subject, mut before) = (format!("issue/{issue}"), Vec::new());
        for place in 0..MILESTONES {
            let name = format!("milestone {place} of {issue}");
            tasks.push(json!({ "name": name, "kind": "milestone", "subject": subject, "after": before }));
            before = vec![name];
        }
        if issue % LABELLED == 0 {
            let input = json!({ "add": ["bug"] });
            tasks.push(json!({ "kind": "label", "subject": subject, "input": input, "after": before }));
        }
    }
    Value::Array(tasks)
}

/// How often each task was completed.
fn completions(log: &[Value]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for event in log {
        let task = event["data"]["task"].as_str();
        match event["type"].as_str() {
            Some("task.enqueued") => {
                counts.entry(task.unwrap()).or_default();
            }
            Some("task.completed") => *counts.entry(task.unwrap()).or_default() += 1,
            _ => {}
        }
    }
    counts
}

/// Starts processes, and kills one that lives each time that a push of somebody's is about to arrive. Gives how many
/// were killed.
async fn round(runner: &Runner, dice: &mut Dice, kills: usize) -> usize {
    let steps: Vec<_> = (0..RUNS).map(|_| runner.step("schedule", &Value::Null)).collect();
    let mut children: Vec<Child> = steps.iter().map(|step| step.program.with(&["drain"]).begin()).collect();
    let mut killed = 0;
    for _ in 0..kills {
        let gate = runner.git.hold_next_push();
        tokio::select! {
            () = runner.git.push_waits() => {
                let lives = |child: &mut &mut Child| child.try_wait().unwrap().is_none();
                let mut living: Vec<&mut Child> = children.iter_mut().filter_map(|mut child| lives(&mut child).then_some(child)).collect();
                let victim = dice.below(living.len());
                living[victim].kill().unwrap();
                killed += 1;
            }
            // Nobody pushes any more.
            () = all_ended(&mut children) => {}
        }
        gate.open();
    }
    for child in children {
        child.wait_with_output().unwrap();
    }
    runner.all_runs_ended();
    killed
}

/// What is left, and why it is not done.
fn waiting(runner: &Runner) -> String {
    runner.step("push", &Value::Null).program.with(&["tasks", "list"]).run().stdout
}

async fn all_ended(children: &mut [Child]) {
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_killed_at_random_do_everything_and_nothing_twice() {
    let runner = Runner::start().await;
    runner.github.make_label("bug", "ededed", "");
    let issues: Vec<u64> = (1..=ISSUES)
        .map(|number| runner.github.open_issue("carol", &format!("It crashes ({number})"), "", &[]))
        .collect();
    let step = runner.step("schedule", &Value::Null);
    step.program.with(&["tasks", "add", "--from", "-"]).run_fed(&tasks(&issues).to_string()).well();
    let mut dice = Dice(20_261_122);
    let (mut rounds, mut killed, mut done) = (0, 0, 0);
    loop {
        killed += round(&runner, &mut dice, if rounds < DEADLY { 5 } else { 0 }).await;
        rounds += 1;
        let log = runner.log();
        let counts = completions(&log);
        assert!(counts.values().all(|count| *count <= 1), "nothing is done twice");
        if counts.values().all(|count| *count == 1) {
            let labels = issues.iter().filter(|issue| *issue % LABELLED == 0).count();
            assert_eq!(counts.len(), issues.len() * MILESTONES + labels, "nothing is lost");
            assert!(killed > 0, "nobody was killed");
            break;
        }
        // A bound in work: nobody is killed any more, so each round brings something to its end.
        let more = counts.values().sum::<usize>();
        if rounds > DEADLY {
            assert!(more > done, "round {rounds} brought nothing to its end: {}", waiting(&runner));
        }
        done = more;
    }
    for issue in issues {
        let labels: &[&str] = if issue % LABELLED == 0 { &["bug"] } else { &[] };
        assert_eq!(runner.github.labels_of(issue), labels);
    }
    let verify = runner.step("push", &Value::Null).program.with(&["verify", "--format", "json"]);
    assert_eq!(verify.run().well().json()["sound"], true);
    runner.git.repository.git(&["fsck", "--strict", "--no-dangling"]);
}
