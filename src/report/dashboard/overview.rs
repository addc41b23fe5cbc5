//! The first section: figures, where issues stand, trends, and what happened last. And the lead times.

use std::fmt::Write as _;

use super::charts::{self, Series, Trend};
use super::html::{number, prose, table, text};
use super::words;
use crate::domain::count::counted;
use crate::report::usage::dollars;
use crate::views::dashboard::{Dashboard, Figures, Stage, StepTimes};

/// Sentences shown of what happened last.
const LAST: usize = 12;

const TRENDS: [Trend; 3] = [
    Trend {
        id: "trend-issues",
        title: "Issues opened and closed",
        above: &[Series { class: "series-a", name: "opened", of: |day| day.opened }],
        below: &[Series { class: "series-b", name: "closed", of: |day| day.closed }],
        told: words::grouped,
    },
    Trend {
        id: "trend-tasks",
        title: "Tasks done and failed",
        above: &[Series { class: "series-good", name: "completed", of: |day| day.completed }],
        below: &[
            Series { class: "series-warn", name: "to be tried again", of: |day| day.retried },
            Series { class: "series-bad", name: "given up", of: |day| day.failed },
        ],
        told: words::grouped,
    },
    Trend {
        id: "trend-pulls",
        title: "Pull requests",
        above: &[Series { class: "series-a", name: "opened by Automata", of: |day| day.pull_requests }],
        below: &[Series { class: "series-good", name: "merged", of: |day| day.merged }],
        told: words::grouped,
    },
];
const COST: Trend = Trend {
    id: "trend-cost",
    title: "What assistants cost",
    above: &[Series { class: "series-b", name: "spent", of: |day| day.micro_dollars }],
    below: &[],
    told: dollars,
};

pub(super) fn overview(dashboard: &Dashboard) -> String {
    let figures = &dashboard.figures;
    let counts: Vec<(Stage, u64)> = Stage::ALL
        .into_iter()
        .filter(|stage| stage.is_open())
        .map(|stage| {
            let these = dashboard.issues.iter().filter(|issue| !issue.is_pull && issue.stage == stage);
            (stage, these.count() as u64)
        })
        .collect();
    let trends = TRENDS.iter().chain((figures.micro_dollars > 0).then_some(&COST));
    let trends: String = trends.map(|trend| trend.figure(&dashboard.days)).collect();
    format!(
        "{}{}<h3>Where the open issues stand</h3>{}<h3>The last {}</h3><div class=\"charts\">{trends}</div><h3>What happened last</h3>{}{}",
        attention(dashboard),
        strip(dashboard),
        charts::stages(&counts),
        counted(dashboard.days.len(), "day", "days"),
        last(dashboard),
        all(figures)
    )
}

/// What somebody has to see.
fn attention(dashboard: &Dashboard) -> String {
    let mut items = String::new();
    if dashboard.figures.dead_now > 0 {
        let told = counted(dashboard.figures.dead_now, "task was given up", "tasks were given up");
        let _ = write!(items, "<li><a href=\"#failures\">{told}</a> and can be revived.</li>");
    }
    for held in &dashboard.board.held {
        let (subject, reason) =
            (text(&held.subject), prose(&crate::domain::untrusted::one_line(&held.reason, 160)));
        let _ = write!(
            items,
            "<li>Event {} ({subject}) waits for a sound configuration: {reason}</li>",
            held.event
        );
    }
    let paused = dashboard.issues.iter().filter(|issue| issue.paused.is_some()).count();
    if paused > 0 {
        let _ = write!(
            items,
            "<li><a href=\"#issues?flag=paused\">{}</a>.</li>",
            counted(paused, "issue is paused", "issues are paused")
        );
    }
    if items.is_empty() {
        String::new()
    } else {
        format!("<div class=\"attention\"><h3>Needs somebody</h3><ul>{items}</ul></div>")
    }
}

fn strip(dashboard: &Dashboard) -> String {
    let figures = &dashboard.figures;
    let median = |step: &str| {
        let times = dashboard.issue_times.iter().find(|times| times.step == step);
        times.map_or_else(|| "–".to_owned(), |times| words::led(&times.opened, times.opened.median))
    };
    let cell = |name: &str, href: &str, value: String, below: String| {
        format!(
            "<div><dt><a href=\"#{href}\">{name}</a></dt><dd>{value}</dd><dd class=\"below\">{below}</dd></div>"
        )
    };
    let cells = [
        cell(
            "Open issues",
            "issues",
            number(figures.open_issues as u64),
            format!("and {}", counted(figures.open_pulls, "open pull request", "open pull requests")),
        ),
        cell(
            "In the queue",
            "queue",
            number((figures.pending_now + figures.running_now) as u64),
            format!("{} running, {} waiting", figures.running_now, figures.pending_now),
        ),
        cell(
            "Tasks completed",
            "queue",
            number(figures.completed),
            format!("of {} enqueued", words::grouped(figures.enqueued)),
        ),
        cell(
            "Dead letters",
            "failures",
            number(figures.dead_now as u64),
            format!("{} given up in all", words::grouped(figures.failed)),
        ),
        cell("To triage", "lead-times", median("triaged"), "median from the opening".to_owned()),
        cell("To a pull request", "lead-times", median("pull_request"), "median from the opening".to_owned()),
        cell(
            "Assistants",
            "assistants",
            dollars(figures.micro_dollars),
            counted(figures.assistant_attempts, "attempt", "attempts"),
        ),
    ];
    format!("<dl class=\"figures\">{}</dl>", cells.concat())
}

fn last(dashboard: &Dashboard) -> String {
    let lines = dashboard.lines.iter().rev().take(LAST).map(|line| {
        let group = serde_json::to_value(line.group).ok();
        let group = group.as_ref().and_then(|group| group.as_str()).unwrap_or_default();
        format!(
            "<li class=\"line group-{group}\">{} <span class=\"what\">{}</span> <span class=\"about\">{}</span></li>",
            words::time(line.at),
            prose(&line.text),
            text(&line.subject)
        )
    });
    let lines: String = lines.collect();
    if lines.is_empty() {
        "<p class=\"none\">Nothing yet: the log is empty.</p>".to_owned()
    } else {
        format!("<ol class=\"lines\">{lines}</ol><p><a href=\"#search?in=events\">All events</a></p>")
    }
}

/// Every count by its name, for people who compare and for programs.
fn all(figures: &Figures) -> String {
    let value = serde_json::to_value(figures).unwrap_or_default();
    let rows: Vec<Vec<String>> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, count)| {
            let count = count.as_u64().unwrap_or_default();
            vec![
                text(&name.replace('_', " ")),
                format!(
                    "<data data-figure=\"{}\" value=\"{count}\">{}</data>",
                    text(name),
                    words::grouped(count)
                ),
            ]
        })
        .collect();
    format!(
        "<details><summary>All counts</summary>{}</details>",
        table(
            "All counts over the whole log; those that end in “now” are of this moment",
            &["what", "#count"],
            &rows,
            ""
        )
    )
}

pub(super) fn lead_times(dashboard: &Dashboard) -> String {
    let part = |id: &str, title: &str, steps: &[StepTimes]| {
        let rows: Vec<Vec<String>> = steps
            .iter()
            .map(|times| {
                let (opened, before) = (&times.opened, &times.before);
                vec![
                    words::step(times.step).to_owned(),
                    number(opened.count),
                    words::led(opened, opened.median),
                    words::led(opened, opened.ninetieth),
                    words::led(before, before.median),
                    words::led(before, before.ninetieth),
                ]
            })
            .collect();
        let columns = [
            "to",
            "#how many",
            "#median from the opening",
            "#90th percentile",
            "#median from the step before",
            "#90th percentile of that",
        ];
        let is_any = steps.iter().any(|times| times.opened.count > 0);
        let chart = if is_any { charts::times(id, title, steps) } else { String::new() };
        let caption = format!("{title}: how long it took");
        format!("<h3>{title}</h3>{chart}{}", table(&caption, &columns, &rows, ""))
    };
    format!(
        "<p class=\"lead\">Issues and pull requests that were opened while the log was kept. “Assigned” means to a person or to whoever works on it elsewhere; “review” is the first by somebody else than the author.</p>{}{}",
        part("times-issues", "Issues", &dashboard.issue_times),
        part("times-pulls", "Pull requests, people’s own among them", &dashboard.pull_times)
    )
}
