//! Charts as inline SVG, each with a title, a description, and its numbers in a table below.

use std::fmt::Write as _;

use super::html::{number, table, text};
use super::words;
use crate::views::dashboard::{Day, Stage, StepTimes};

/// One sort of things that are counted each day.
pub(super) struct Series {
    /// The class that gives its colour.
    pub(super) class: &'static str,
    pub(super) name: &'static str,
    pub(super) of: fn(&Day) -> u64,
}

/// What a chart of days shows: some things above the line, others below it.
pub(super) struct Trend {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) above: &'static [Series],
    pub(super) below: &'static [Series],
    /// How a number is told.
    pub(super) told: fn(u64) -> String,
}

const WIDTH: f64 = 400.0;
const PLOT: f64 = 112.0;
const TOP: f64 = 14.0;
const LEFT: f64 = 40.0;
/// Room for the dates.
const BOTTOM: f64 = 18.0;

impl Trend {
    pub(super) fn figure(&self, days: &[Day]) -> String {
        let sum = |series: &[Series], day: &Day| series.iter().map(|one| (one.of)(day)).sum::<u64>();
        let highest = days.iter().map(|day| sum(self.above, day)).max().unwrap_or_default();
        let lowest = days.iter().map(|day| sum(self.below, day)).max().unwrap_or_default();
        let all = (highest + lowest).max(1);
        let scale = |count: u64| count as f64 / all as f64 * PLOT;
        let zero = TOP + scale(highest);
        let bar = (WIDTH - LEFT) / days.len().max(1) as f64;
        let mut svg = String::new();
        for (place, day) in days.iter().enumerate() {
            let x = LEFT + bar * place as f64;
            let mut top = zero;
            let mut told = day.date.clone();
            let mut rects = String::new();
            for one in self.above.iter().filter(|one| (one.of)(day) > 0) {
                top -= scale((one.of)(day));
                rects.push_str(&rect(one.class, x, top, bar, scale((one.of)(day))));
            }
            let mut bottom = zero;
            for one in self.below.iter().filter(|one| (one.of)(day) > 0) {
                rects.push_str(&rect(one.class, x, bottom, bar, scale((one.of)(day))));
                bottom += scale((one.of)(day));
            }
            for one in self.above.iter().chain(self.below) {
                let _ = write!(told, ", {} {}", (self.told)((one.of)(day)), one.name);
            }
            // The whole column is there to be pointed at.
            let _ = write!(
                svg,
                "<g><title>{}</title><rect class=\"column\" x=\"{x:.1}\" y=\"{TOP}\" width=\"{bar:.1}\" height=\"{PLOT}\"/>{rects}</g>",
                text(&told)
            );
        }
        let label = |y: f64, count: u64| {
            format!(
                "<text class=\"axis\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                text(&(self.told)(count))
            )
        };
        let _ = write!(
            svg,
            "<line class=\"zero\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{zero:.1}\" y2=\"{zero:.1}\"/>"
        );
        if highest > 0 {
            svg.push_str(&label(TOP, highest));
        }
        if lowest > 0 {
            svg.push_str(&label(TOP + PLOT, lowest));
        }
        if let (Some(first), Some(last)) = (days.first(), days.last()) {
            let y = TOP + PLOT + BOTTOM;
            let _ = write!(
                svg,
                "<text class=\"axis\" x=\"{LEFT}\" y=\"{y}\">{}</text><text class=\"axis\" x=\"{WIDTH}\" y=\"{y}\" text-anchor=\"end\">{}</text>",
                first.date, last.date
            );
        }
        let height = TOP + PLOT + BOTTOM + 4.0;
        let totals: Vec<String> = self
            .above
            .iter()
            .chain(self.below)
            .map(|one| {
                let total = days.iter().map(one.of).sum();
                format!(
                    "<li><span class=\"swatch {}\"></span>{} <b>{}</b></li>",
                    one.class,
                    one.name,
                    text(&(self.told)(total))
                )
            })
            .collect();
        let description = format!(
            "By day from {} to {}. The numbers stand in the table below.",
            days.first().map_or("", |day| day.date.as_str()),
            days.last().map_or("", |day| day.date.as_str())
        );
        format!(
            "<figure class=\"chart\"><figcaption>{0}</figcaption><ul class=\"legend\">{1}</ul><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{2}-t {2}-d\"><title id=\"{2}-t\">{0}</title><desc id=\"{2}-d\">{description}</desc>{svg}</svg>{3}</figure>",
            self.title,
            totals.concat(),
            self.id,
            self.numbers(days)
        )
    }

    fn numbers(&self, days: &[Day]) -> String {
        let columns: Vec<String> = std::iter::once("day".to_owned())
            .chain(self.above.iter().chain(self.below).map(|one| format!("#{}", one.name)))
            .collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let is_busy = |day: &&Day| self.above.iter().chain(self.below).any(|one| (one.of)(day) > 0);
        let rows: Vec<Vec<String>> = days
            .iter()
            .rev()
            .filter(is_busy)
            .map(|day| {
                let counts = self.above.iter().chain(self.below).map(|one| {
                    let count = (one.of)(day);
                    format!("<data value=\"{count}\">{}</data>", text(&(self.told)(count)))
                });
                std::iter::once(day.date.clone()).chain(counts).collect()
            })
            .collect();
        let empty = "On none of these days was there anything.";
        format!(
            "<details><summary>Numbers</summary>{}</details>",
            table(&format!("{}, days with any", self.title), &columns, &rows, empty)
        )
    }
}

fn rect(class: &str, x: f64, y: f64, width: f64, height: f64) -> String {
    // Columns do not touch where there is room between them.
    let gap = (width * 0.2).min(3.0);
    format!(
        "<rect class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>",
        x + gap / 2.0,
        width - gap
    )
}

/// How many open issues stand where: one bar, and a list of links.
pub(super) fn stages(counts: &[(Stage, u64)]) -> String {
    let all: u64 = counts.iter().map(|(_, count)| count).sum();
    let (mut bars, mut list, mut x) = (String::new(), String::new(), 0.0);
    for (stage, count) in counts {
        let (key, name) = (words::stage_key(*stage), words::stage(*stage));
        let width = if all == 0 { 0.0 } else { *count as f64 / all as f64 * 1000.0 };
        if *count > 0 {
            let _ = write!(
                bars,
                "<rect class=\"stage-{key}\" x=\"{x:.1}\" y=\"0\" width=\"{:.1}\" height=\"14\"><title>{name}: {count}</title></rect>",
                (width - 2.0).max(1.0)
            );
            x += width;
        }
        let _ = write!(
            list,
            "<li><a href=\"#issues?stage={key}\"><span class=\"swatch stage-{key}\"></span>{name} <b>{}</b></a></li>",
            number(*count)
        );
    }
    format!(
        "<svg class=\"stages\" viewBox=\"0 0 1000 14\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Open issues by state; the numbers follow as a list\">{bars}</svg><ul class=\"legend\">{list}</ul>"
    )
}

/// Marks of the axis of times, in milliseconds.
const MARKS: [(u64, &str); 7] = [
    (1_000, "1 s"),
    (60_000, "1 min"),
    (600_000, "10 min"),
    (3_600_000, "1 h"),
    (86_400_000, "1 d"),
    (604_800_000, "1 w"),
    (2_592_000_000, "30 d"),
];
const TIMES_WIDTH: f64 = 720.0;
const TIMES_LEFT: f64 = 110.0;
const ROW: f64 = 30.0;

/// From the opening to each step: the median as a dot, up to the ninetieth percentile as a line, on an axis of powers.
pub(super) fn times(id: &str, title: &str, steps: &[StepTimes]) -> String {
    let height = ROW * steps.len() as f64 + 30.0;
    let x = |millis: u64| {
        let (first, last) = (MARKS[0].0 as f64, MARKS[MARKS.len() - 1].0 as f64);
        let at = (millis as f64).clamp(first, last);
        TIMES_LEFT + (at / first).ln() / (last / first).ln() * (TIMES_WIDTH - TIMES_LEFT - 30.0)
    };
    let mut svg = String::new();
    for (mark, name) in MARKS {
        let at = x(mark);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"6\" y2=\"{0:.1}\"/><text class=\"axis\" x=\"{at:.1}\" y=\"{1:.1}\" text-anchor=\"middle\">{name}</text>",
            height - 22.0,
            height - 6.0
        );
    }
    for (place, step) in steps.iter().enumerate() {
        let y = 6.0 + ROW * (place as f64 + 0.5);
        let name = words::step(step.step);
        let _ = write!(
            svg,
            "<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            TIMES_LEFT - 14.0,
            y + 4.0
        );
        let spread = &step.opened;
        if spread.count == 0 {
            continue;
        }
        let (median, ninetieth) = (x(spread.median), x(spread.ninetieth));
        let _ = write!(
            svg,
            "<g><title>{name}: median {}, 90th percentile {}, {} of them</title><line class=\"reach\" x1=\"{median:.1}\" x2=\"{ninetieth:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><line class=\"reach\" x1=\"{ninetieth:.1}\" x2=\"{ninetieth:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/><circle class=\"median\" cx=\"{median:.1}\" cy=\"{y:.1}\" r=\"6\"/></g>",
            words::lead(spread.median),
            words::lead(spread.ninetieth),
            spread.count,
            y - 6.0,
            y + 6.0
        );
    }
    format!(
        "<svg class=\"times\" viewBox=\"0 0 {TIMES_WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">From the opening to each step: a dot for the median, a line up to the 90th percentile, on a logarithmic axis from a second to thirty days. The numbers stand in the table below.</desc>{svg}</svg>"
    )
}
