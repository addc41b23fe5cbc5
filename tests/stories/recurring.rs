//! Recurring tasks: the configuration says when, whatever run comes along sees to it, and of two runs one does.

use std::sync::Arc;
use std::time::Duration;

use automata::app::Session;
use automata::config;
use automata::domain::command::Command;
use automata::domain::schedule::{Schedule, SetBy};
use insta::assert_snapshot;

use super::texts::{QUESTION, QUESTION_TEXT};
use crate::world::github::Fault;
use crate::world::stage::Stage;

const HOUR: Duration = Duration::from_secs(3_600);

/// Marks the first issue every morning at seven in Berlin, which is six o'clock here.
const MORNING: &str = "\
rules: []
schedules:
  morning:
    cron: 0 7 * * *
    zone: Europe/Berlin
    do: { kind: label, subject: issue/1, input: { add: [question] } }
";

fn changed(from: &str, to: &str) -> String {
    assert!(MORNING.contains(from), "{from}");
    MORNING.replace(from, to)
}

/// What the log says about schedules from its `first`th sentence about them (from 0) on.
async fn about_schedules(stage: &Stage, first: usize) -> String {
    let told = stage.told().await.into_iter().filter(|line| line.starts_with("schedule "));
    told.skip(first).collect::<Vec<_>>().join("\n")
}

/// A repository with this configuration and one open issue, of which no run has heard.
async fn configured(yaml: &str) -> Stage {
    let stage = Stage::configured(yaml).await;
    stage.github.open_issue("carol", QUESTION, QUESTION_TEXT, &[]);
    stage
}

#[tokio::test]
async fn the_log_keeps_in_step_with_the_configuration_and_says_nothing_when_nothing_changed() {
    let stage = configured(MORNING).await;
    assert_eq!(stage.drain().await.tally.pushes, 1);
    let unchanged = stage.drain().await;
    assert_eq!((unchanged.tally.pushes, unchanged.events.len()), (0, 0));
    stage.put_file(".github/automata.yml", &changed("[question]", "[bug]"));
    stage.drain().await;
    stage.put_file(".github/automata.yml", &changed("0 7", "30 7"));
    stage.drain().await;
    stage.put_file(".github/automata.yml", "rules: []\n");
    stage.drain().await;
    assert_snapshot!(about_schedules(&stage, 0).await, @r"
    schedule morning set: `label` 0 7 * * * (Europe/Berlin), next at 2026-11-23T06:00:00Z
    schedule morning set: `label` 0 7 * * * (Europe/Berlin), next at 2026-11-23T06:00:00Z
    schedule morning set: `label` 30 7 * * * (Europe/Berlin), next at 2026-11-23T06:30:00Z
    schedule morning removed: the configuration has it no more
    ");
    assert_eq!(stage.drain().await.events.len(), 0);
}

#[tokio::test]
async fn whatever_run_comes_along_sees_to_what_is_due() {
    let stage = configured(MORNING).await;
    stage.drain().await;
    stage.lets_pass(19 * HOUR);
    stage.drain().await;
    assert_eq!(stage.writes(), [""; 0], "it is an hour too early");
    stage.lets_pass(2 * HOUR);
    // An event about something else is enough.
    let issue = stage.github.open_issue("bob", QUESTION, QUESTION_TEXT, &[]);
    let report = stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    assert_eq!((report.tally.completed, report.tally.pushes), (1, 2), "firing costs no push of its own");
    assert_eq!(stage.github.labels_of(1), ["question"]);
    assert_eq!(stage.drain().await.events.len(), 0, "it is seen to once");
    assert_snapshot!(stage.told().await.join("\n"), @"
    schedule morning set: `label` 0 7 * * * (Europe/Berlin), next at 2026-11-23T06:00:00Z
    carol opened issue #1: How do I read the list from a file?
    looked through all that changed before 2026-11-23T04:55:00Z: 1 event had not been told
    bob opened issue #2: How do I read the list from a file?
    looked through all that changed before 2026-11-23T06:55:00Z: 0 events had not been told
    schedule morning came round: 1 due, next at 2026-11-24T06:00:00Z
    task yz2zc.1 `label` enqueued: schedule `morning` (0 7 * * * Europe/Berlin)
    task yz2zc.1 claimed (lease 1)
    about to change labels on issue/1: +question
    labels done: +question
    task yz2zc.1 completed
    ");
}

#[tokio::test]
async fn of_two_runs_at_once_one_fires() {
    let stage = configured(MORNING).await;
    stage.drain().await;
    stage.lets_pass(21 * HOUR);
    let gate = stage.git.hold_next_push();
    let faster = async {
        stage.git.push_waits().await;
        let faster = stage.drain().await;
        gate.open();
        faster
    };
    let (slower, faster) = futures_util::join!(stage.drain(), faster);
    assert_eq!((faster.tally.completed, slower.tally.completed), (1, 0));
    assert_eq!(slower.events.len(), 0, "it finds nothing left to do, and writes nothing");
    assert_eq!(stage.tasks().await.into_iter().collect::<Vec<_>>(), [("label completed".to_owned(), 1)]);
    assert_snapshot!(about_schedules(&stage, 1).await, @"schedule morning came round: 1 due, next at 2026-11-24T06:00:00Z");
}

#[tokio::test]
async fn of_two_runs_that_see_a_new_configuration_at_once_one_sets_what_is_new() {
    let stage = configured(MORNING).await;
    let gate = stage.git.hold_next_push();
    let faster = async {
        stage.git.push_waits().await;
        stage.drain().await;
        gate.open();
    };
    let (slower, ()) = futures_util::join!(stage.drain(), faster);
    assert_eq!(slower.events.len(), 0);
    assert_eq!(about_schedules(&stage, 0).await.lines().count(), 1);
}

#[tokio::test]
async fn after_a_long_weekend_missed_mornings_are_caught_up_with_as_the_configuration_says() {
    for (catch_up, tasks) in [("all", 3), ("last", 1), ("none", 0)] {
        let yaml = changed("    do:", &format!("    catch_up: {catch_up}\n    do:"));
        let stage = configured(&yaml).await;
        stage.drain().await;
        // Wednesday afternoon; the mornings of Monday, Tuesday and Wednesday have passed.
        stage.lets_pass(3 * 24 * HOUR + 5 * HOUR);
        let report = stage.drain().await;
        assert_eq!(report.tally.completed, tasks, "{catch_up}");
        let fired = about_schedules(&stage, 1).await;
        let missed = 3 - tasks;
        let missed = if missed == 0 { String::new() } else { format!(", {missed} missed") };
        let expected =
            format!("schedule morning came round: {tasks} due{missed}, next at 2026-11-26T06:00:00Z");
        assert_eq!(fired, expected);
    }
}

#[tokio::test]
async fn a_time_that_is_due_is_kept_when_only_the_task_changes() {
    let stage = configured(MORNING).await;
    stage.drain().await;
    stage.lets_pass(21 * HOUR);
    stage.put_file(".github/automata.yml", &changed("[question]", "[bug]"));
    stage.drain().await;
    assert_eq!(stage.github.labels_of(1), ["bug"]);
}

#[tokio::test]
async fn observing_it_comes_round_and_changes_nothing_outside() {
    let stage = configured(&format!("mode: observe\n{MORNING}")).await;
    stage.drain().await;
    stage.lets_pass(21 * HOUR);
    assert_eq!(stage.drain().await.tally.completed, 1);
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn a_configuration_with_an_error_leaves_schedules_as_they_are() {
    let stage = configured(MORNING).await;
    stage.drain().await;
    stage.put_file(".github/automata.yml", &changed("0 7", "0 25"));
    stage.lets_pass(21 * HOUR);
    let problems = stage.world().await.unwrap().problems;
    assert_snapshot!(problems.join("\n"), @".github/automata.yml:4:11: schedules.morning.cron: `0 25 * * *` is not a cron expression: the hour `25` is out of range; it goes from 0 to 23");
    assert_eq!(stage.drain().await.events.len(), 0, "what is due waits until the configuration can be read");
    stage.put_file(".github/automata.yml", MORNING);
    assert_eq!(stage.drain().await.tally.completed, 1);
}

/// Somebody sets the schedule of the configuration by hand, changed like this.
async fn sets_by_hand(stage: &Stage, name: &str, change: impl FnOnce(&mut Schedule)) {
    let config = config::parse(MORNING).unwrap();
    let mut schedule = config::schedules(&config).into_values().next().unwrap();
    schedule.set_by = SetBy::Hand;
    change(&mut schedule);
    let world = stage.world().await.unwrap();
    let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
    let session = Session::open(world.log().unwrap(), clock, entropy, world.run.clone()).await.unwrap();
    let next = world.clock.now().plus(HOUR);
    session.submit(Command::SetSchedule { name: name.into(), schedule: Box::new(schedule), next }).unwrap();
    session.flush().await.unwrap();
}

#[tokio::test]
async fn what_is_set_by_hand_stays_whatever_the_configuration_says() {
    let stage = configured("rules: []\n").await;
    sets_by_hand(&stage, "morning", |schedule| schedule.zone = "UTC".to_owned()).await;
    assert_eq!(stage.drain().await.events.len(), 0, "it is not in the configuration, and need not be");
    stage.put_file(".github/automata.yml", MORNING);
    assert_eq!(stage.drain().await.events.len(), 0, "the name is taken");
    stage.lets_pass(2 * HOUR);
    assert_eq!(stage.drain().await.tally.completed, 1, "and it comes round");
}

#[tokio::test]
async fn a_schedule_that_this_version_cannot_read_holds_up_nothing() {
    let stage = configured(MORNING).await;
    sets_by_hand(&stage, "from-the-future", |schedule| schedule.zone = "Mars/Olympus_Mons".to_owned()).await;
    stage.drain().await;
    stage.lets_pass(21 * HOUR);
    assert_eq!(stage.drain().await.tally.completed, 1);
    assert_eq!(stage.drain().await.events.len(), 0);
    assert!(
        stage.state().await.schedules.contains_key(&"from-the-future".into()),
        "a later version may read it"
    );
}

#[tokio::test]
async fn tasks_of_a_schedule_do_not_pile_up_while_none_can_be_done() {
    let stage = configured(&changed("0 7 * * *", "0 * * * *")).await;
    stage.drain().await;
    for _ in 0..3 {
        stage.lets_pass(HOUR);
        stage.github.plan("issues/add-labels", Fault::LoseRequest);
        stage.drain().await;
        assert_eq!(stage.tasks().await.into_iter().collect::<Vec<_>>(), [("label pending".to_owned(), 1)]);
    }
    assert_eq!(stage.drain_later().await.tally.completed, 1);
    assert_eq!(stage.github.labels_of(1), ["question"]);
}
