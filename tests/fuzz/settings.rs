//! The configuration, issue forms and times of schedules: read, or told what is wrong, with the line and the column.

use std::path::Path;

use automata::config::{self, Config};
use automata::domain::time::Timestamp;
use automata::queue::recurring::Timetable;

use super::{Target, files, text};

/// Times of a schedule that are looked at.
const TIMES: usize = 50;

#[test]
fn nothing_that_stands_in_the_configuration_breaks_its_reader() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config");
    let mut seeds = files(&root);
    seeds.push(b"name: Bug\nbody:\n- type: input\n  id: version\n  attributes: {label: Version}\n  validations: {required: true}\n".to_vec());
    let words = [
        ": ",
        "\n",
        "\n  ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "&a",
        "*a",
        "<<: *a",
        "|",
        ">",
        "\"",
        "'",
        "#",
        "null",
        "true",
        ".inf",
        "!!binary",
        "? ",
        "---\n",
        "state:",
        "branch:",
        "rules:",
        "on:",
        "do:",
        "schedules:",
        "cron:",
        "30d",
        "1e999",
    ];
    let now = "2026-11-22T10:00:00Z".parse().unwrap();
    Target { name: "settings", seeds, words: &words }.fuzz(|input| {
        let yaml = text(input);
        let (read, _, fields) = (config::parse(&yaml), config::state_of(&yaml), config::fields(&yaml));
        assert!(fields.len() <= yaml.len());
        match read {
            Ok(config) => {
                let json = serde_json::to_value(&config).unwrap();
                let again: Config = serde_json::from_value(json).unwrap();
                assert_eq!(again, config, "what was read says the same when it is written");
                let told = config::explain(&config, now);
                format!("ok {}", usize::BITS - format!("{told:?}").len().leading_zeros())
            }
            Err(problems) => {
                assert!(!problems.is_empty());
                let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                assert!(told.iter().all(|told| told.len() <= 4_096), "{told:?}");
                // Its words without what they quote.
                told[0]
                    .split('`')
                    .step_by(2)
                    .collect::<String>()
                    .chars()
                    .filter(|c| !c.is_numeric())
                    .take(80)
                    .collect()
            }
        }
    });
}

#[test]
fn no_expression_of_a_schedule_is_looked_at_for_ever() {
    let seeds = [
        "*/15 * * * *",
        "30 7 * * MON-FRI",
        "0 0 L * *",
        "0 9 * * FRI#2",
        "0 0 29 2 *",
        "59 23 31 12 FRIL",
        "0 0 30 2 *",
        "5-1 * * * 7",
    ];
    let words = ["*", "/", "-", ",", "#", "L", "W", "?", "MON", "JAN", " ", "59", "31", "@daily"];
    let seeds = seeds.map(|seed| seed.as_bytes().to_vec()).to_vec();
    let zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Antarctica/Troll"];
    Target { name: "schedules", seeds, words: &words }.fuzz(|input| {
        let expression = text(input);
        let zone = zones[input.len() % zones.len()];
        match Timetable::read(&expression, zone) {
            Ok(table) => {
                let times: Vec<Timestamp> = table.after(Timestamp::default()).take(TIMES).collect();
                assert!(times.is_sorted_by(|a, b| a < b), "{expression}: each time once, in order");
                format!("{zone} {}", times.len())
            }
            Err(unusable) => unusable.to_string().split('`').step_by(2).collect(),
        }
    });
}
