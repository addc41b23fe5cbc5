//! `metrics`: what a scraper reads, and the same for programs.

use super::forge::LocalForge;

/// What differs from run to run: how long things took.
fn steady(text: &str) -> String {
    text.lines().filter(|line| !line.contains("_seconds")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_happened_is_counted_as_a_scraper_wants_it() {
    let forge = LocalForge::new();
    let payload = forge.opens("carol", "How do I read the list from a file?", "Nothing in the README.");
    forge.take_in(&payload).well();
    let text = forge.program(&["metrics"]).run().well().stdout;
    insta::assert_snapshot!(steady(&text), @r#"
    # TYPE automata_effects counter
    # HELP automata_effects Changes outside; found: a probe found it done.
    automata_effects_total{kind="comment",how="done"} 1
    # TYPE automata_log_events counter
    # HELP automata_log_events Events in the log.
    automata_log_events_total{type="effect.completed"} 1
    automata_log_events_total{type="effect.intended"} 1
    automata_log_events_total{type="task.claimed"} 2
    automata_log_events_total{type="task.completed"} 2
    automata_log_events_total{type="task.enqueued"} 2
    automata_log_events_total{type="trigger.received"} 1
    # TYPE automata_service_tokens counter
    # HELP automata_service_tokens What tasks asked of services, in tokens of their budgets.
    automata_service_tokens_total{service="github"} 1
    # TYPE automata_task_attempts counter
    # HELP automata_task_attempts Attempts of tasks by what came of them.
    automata_task_attempts_total{kind="analyse",outcome="completed"} 1
    automata_task_attempts_total{kind="comment",outcome="completed"} 1
    # TYPE automata_tasks_enqueued counter
    # HELP automata_tasks_enqueued Tasks that were enqueued.
    automata_tasks_enqueued_total{kind="analyse"} 1
    automata_tasks_enqueued_total{kind="comment"} 1
    # TYPE automata_triggers counter
    # HELP automata_triggers What happened outside and was taken in.
    automata_triggers_total{event="issues",action="opened"} 1
    # TYPE automata_effects_open gauge
    # HELP automata_effects_open Changes that were announced and have no receipt yet.
    automata_effects_open 0
    # TYPE automata_log_sequence gauge
    # HELP automata_log_sequence The last event of the log.
    automata_log_sequence 9
    # TYPE automata_tasks gauge
    # HELP automata_tasks Tasks that the queue still knows, by status.
    automata_tasks{status="cancelled"} 0
    automata_tasks{status="completed"} 2
    automata_tasks{status="failed"} 0
    automata_tasks{status="pending"} 0
    automata_tasks{status="running"} 0
    # TYPE automata_triggers_held gauge
    # HELP automata_triggers_held Events that wait for a sound configuration.
    automata_triggers_held 0
    # EOF
    "#);
    assert!(text.ends_with("# EOF\n"));
    // Each bucket holds the ones below it.
    for family in ["task_wait_seconds", "task_attempt_duration_seconds", "lead_time_seconds"] {
        let begin = format!("automata_{family}_bucket");
        let counts: Vec<u64> = text
            .lines()
            .filter(|line| line.starts_with(&begin))
            .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(counts.len() % 10, 0, "{family}");
        assert!(counts.chunks(10).all(<[u64]>::is_sorted), "{family}: {counts:?}");
        assert!(!counts.is_empty(), "{family}");
    }

    let json: serde_json::Value =
        serde_json::from_str(&forge.program(&["metrics", "--format", "json"]).run().well().stdout).unwrap();
    let events =
        json.as_array().unwrap().iter().find(|family| family["name"] == "automata_log_events").unwrap();
    let counted: u64 =
        events["samples"].as_array().unwrap().iter().map(|one| one["value"].as_u64().unwrap()).sum();
    let logged = forge.program(&["log", "-n", "0", "--format", "json"]).run().well().stdout.lines().count();
    assert_eq!(counted, logged as u64, "the figures are the log's");
}

#[test]
fn a_log_that_nobody_wrote_has_nothing_to_count() {
    insta::assert_snapshot!(LocalForge::new().program(&["metrics"]).run().well().stdout, @r#"
    # TYPE automata_effects_open gauge
    # HELP automata_effects_open Changes that were announced and have no receipt yet.
    automata_effects_open 0
    # TYPE automata_log_sequence gauge
    # HELP automata_log_sequence The last event of the log.
    automata_log_sequence 0
    # TYPE automata_tasks gauge
    # HELP automata_tasks Tasks that the queue still knows, by status.
    automata_tasks{status="cancelled"} 0
    automata_tasks{status="completed"} 0
    automata_tasks{status="failed"} 0
    automata_tasks{status="pending"} 0
    automata_tasks{status="running"} 0
    # TYPE automata_triggers_held gauge
    # HELP automata_triggers_held Events that wait for a sound configuration.
    automata_triggers_held 0
    # EOF
    "#);
}
