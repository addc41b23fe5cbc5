//! When nothing is sent, and what is asked to be told.

use super::*;
use crate::domain::command::Occasion;

fn quiet(yaml: &str, now: &str) -> String {
    let config = configured(yaml);
    config.slack.quiet_until(now.parse().unwrap()).map_or_else(|| "-".to_owned(), |until| until.to_string())
}

#[test]
fn quiet_hours_go_by_the_clocks_of_their_zone() {
    let night = "slack: { quiet: { from: '22:00', to: '7:30' }, zone: Europe/Berlin }\n";
    for (now, until) in [
        ("2026-11-23T20:59:59Z", "-"),
        ("2026-11-23T21:00:00Z", "2026-11-24T06:30:00Z"),
        ("2026-11-24T06:29:59Z", "2026-11-24T06:30:00Z"),
        ("2026-11-24T06:30:00Z", "-"),
        // Clocks are set forward in this night.
        ("2026-03-28T23:00:00Z", "2026-03-29T05:30:00Z"),
    ] {
        assert_eq!(quiet(night, now), until, "{now}");
    }
    let day = "slack: { quiet: { from: '12:00', to: '13:00' } }\n";
    assert_eq!(quiet(day, "2026-11-23T12:30:00Z"), "2026-11-23T13:00:00Z");
    assert_eq!(
        (quiet(day, "2026-11-23T11:59:00Z"), quiet(day, "2026-11-23T13:00:00Z")),
        ("-".into(), "-".into())
    );
}

#[test]
fn a_quiet_weekend_lasts_from_friday_evening_to_monday_morning() {
    let weekend = "slack: { quiet: { from: '19:00', to: '08:00', weekends: true } }\n";
    for (now, until) in [
        // A Friday.
        ("2026-11-20T18:59:00Z", "-"),
        ("2026-11-20T19:00:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-21T12:00:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23T07:59:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23T08:00:00Z", "-"),
        ("2026-11-23T19:00:00Z", "2026-11-24T08:00:00Z"),
    ] {
        assert_eq!(quiet(weekend, now), until, "{now}");
    }
}

#[test]
fn a_weekend_is_quiet_whichever_hours_are() {
    let weekend = |more: &str| format!("slack: {{ quiet: {{ from: '00:00', to: '06:00'{more} }} }}\n");
    for (now, weekdays, weekends) in [
        // A Friday.
        ("2026-11-20T05:00:00Z", "2026-11-20T06:00:00Z", "2026-11-20T06:00:00Z"),
        ("2026-11-20T23:59:00Z", "-", "-"),
        ("2026-11-21T00:00:00Z", "2026-11-21T06:00:00Z", "2026-11-23T06:00:00Z"),
        ("2026-11-21T03:00:00Z", "2026-11-21T06:00:00Z", "2026-11-23T06:00:00Z"),
        ("2026-11-22T12:00:00Z", "-", "2026-11-23T06:00:00Z"),
        ("2026-11-23T00:00:00Z", "2026-11-23T06:00:00Z", "2026-11-23T06:00:00Z"),
        ("2026-11-23T06:00:00Z", "-", "-"),
    ] {
        assert_eq!(quiet(&weekend(""), now), weekdays, "{now}");
        assert_eq!(quiet(&weekend(", weekends: true"), now), weekends, "{now} with weekends");
    }
    let noon = "slack: { quiet: { from: '12:00', to: '13:00', weekends: true } }\n";
    assert_eq!(quiet(noon, "2026-11-20T12:30:00Z"), "2026-11-20T13:00:00Z");
    assert_eq!(quiet(noon, "2026-11-21T18:00:00Z"), "2026-11-23T00:00:00Z");
}

#[test]
fn nobody_is_told_anything_until_the_configuration_says_so() {
    let told = |yaml: &str| {
        let wanted = subscriptions(&configured(yaml));
        let kind = |wanted: &crate::domain::command::Subscription| wanted.task.kind.to_string();
        wanted.iter().filter(|wanted| !matches!(wanted.on, Occasion::Ended(_))).map(kind).collect::<Vec<_>>()
    };
    assert!(told("").is_empty() && told("slack: { people: { mona: U0123456789 } }\n").is_empty());
    assert_eq!(told("slack: { channel: C0123456789 }\n"), ["slack"]);
    let hooks = "webhooks: { a: { url: 'https://a.example', secret: A }, b: { url: 'https://b.example', secret: B } }\n";
    assert_eq!(told(hooks), ["webhook", "webhook"]);
    assert_eq!(told("pull_requests: { check_run: true }\n"), ["check_run"]);
}
