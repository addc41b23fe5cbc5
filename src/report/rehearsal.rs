//! A rehearsal for people: lines for a terminal, Markdown for a pull request.

use std::fmt::Write as _;

use crate::config;
use crate::domain::count::counted;
use crate::domain::id::IssueNumber;
use crate::domain::rehearsal::{Cost, Difference, Rehearsal};
use crate::domain::untrusted::{markdown_line, one_line};
use crate::report::terminal::table;

/// Differences that Markdown shows: more than anybody reads in a comment.
const SHOWN: usize = 50;
/// Width of a name that is quoted: it may be a stranger's.
const WIDE: usize = 100;
/// Width of a note or a problem.
const NOTE: usize = 400;
/// Problems of a configuration that Markdown shows.
const PROBLEMS: usize = 20;

/// The headline, the differences as a table, the totals.
#[must_use]
pub fn lines(rehearsal: &Rehearsal) -> Vec<String> {
    let mut lines = vec![headline(rehearsal)];
    if !rehearsal.differences.is_empty() {
        lines.push(String::new());
        let mut rows = vec![["ABOUT", "WHAT", "NOW", "CHANGED"].map(str::to_owned).to_vec()];
        rows.extend(rehearsal.differences.iter().map(|found| {
            let what = one_line(&what(found), WIDE);
            vec![found.subject.to_string(), what, found.before.to_string(), found.after.to_string()]
        }));
        lines.extend(table(&rows));
    }
    if !rehearsal.totals.is_empty() {
        lines.push(String::new());
        let mut rows = vec![["IN ALL", "NOW", "CHANGED"].map(str::to_owned).to_vec()];
        rows.extend(rehearsal.totals.iter().map(|total| {
            vec![total.sort.plural().to_owned(), total.before.to_string(), total.after.to_string()]
        }));
        if is_paid(rehearsal) {
            let (before, after) = (&rehearsal.cost_before, &rehearsal.cost_after);
            rows.push(vec!["cost of assistants".to_owned(), cost(before), cost(after)]);
        }
        lines.extend(table(&rows));
    }
    lines
}

/// The same for a comment on a pull request. Names in it come from a configuration that anybody may have written.
#[must_use]
pub fn markdown(rehearsal: &Rehearsal) -> String {
    let mut text = format!("**{}**\n", headline(rehearsal));
    if !rehearsal.differences.is_empty() {
        text.push_str("\n| about | what | now | changed |\n|---|---|--:|--:|\n");
        for found in rehearsal.differences.iter().take(SHOWN) {
            // No link: it would leave a mention on every issue that is named.
            let about = markdown_line(&found.subject.to_string(), WIDE);
            let what = markdown_line(&what(found), WIDE);
            let _ = writeln!(text, "| {about} | {what} | {} | {} |", found.before, found.after);
        }
        let left = rehearsal.differences.len().saturating_sub(SHOWN);
        if left > 0 {
            let _ = writeln!(text, "\n{} more; `automata rehearse` shows all of them.", left);
        }
    }
    if !rehearsal.totals.is_empty() {
        text.push_str("\n| in all | now | changed |\n|---|--:|--:|\n");
        for total in &rehearsal.totals {
            let _ = writeln!(text, "| {} | {} | {} |", total.sort.plural(), total.before, total.after);
        }
        if is_paid(rehearsal) {
            let (before, after) = (cost(&rehearsal.cost_before), cost(&rehearsal.cost_after));
            let _ = writeln!(text, "| cost of assistants | {before} | {after} |");
        }
    }
    if !rehearsal.notes.is_empty() {
        text.push_str("\n<details><summary>What the log does not hold</summary>\n\n");
        for note in &rehearsal.notes {
            let _ = writeln!(text, "- {}", markdown_line(note, NOTE));
        }
        text.push_str("\n</details>\n");
    }
    text
}

/// How the hidden line begins by which the comment on a pull request is found again.
#[must_use]
pub fn marker(pull: IssueNumber) -> String {
    format!("<!-- automata:rehearsal pull/{pull} ")
}

/// The whole comment on a pull request, around what came of it.
#[must_use]
pub fn comment(pull: IssueNumber, text: &str, hop: u8) -> String {
    format!(
        "{}hop={hop} -->\n### What this change of `{}` would have done\n\n{text}\n<sub>What happened in the last month, decided again under \
         both configurations on a forge that nobody sees. Nothing of this pull request was run, and no assistant was asked.</sub>\n",
        marker(pull),
        config::PATH,
    )
}

/// What is wrong with a configuration that cannot be rehearsed, as Markdown.
#[must_use]
pub fn unsound(problems: &[String]) -> String {
    let mut text =
        "**This configuration cannot be used.** As long as it stands so, events are recorded and nothing \
                    is done about them.\n\n"
            .to_owned();
    for problem in problems.iter().take(PROBLEMS) {
        let _ = writeln!(text, "- {}", markdown_line(problem, NOTE));
    }
    let left = problems.len().saturating_sub(PROBLEMS);
    if left > 0 {
        let _ = writeln!(text, "- and {left} more; `automata check` tells them all");
    }
    text
}

fn headline(rehearsal: &Rehearsal) -> String {
    let happened = counted(rehearsal.triggers, "event", "events");
    let since = rehearsal.since;
    match (rehearsal.differs, rehearsal.differences.len()) {
        (false, _) => format!("No difference: {happened} since {since} would lead to the same"),
        (true, 0) => format!("{happened} since {since} would lead to the same at another cost"),
        (true, count) => {
            format!("{} over {happened} since {since}", counted(count, "difference", "differences"))
        }
    }
}

fn what(found: &Difference) -> String {
    use crate::domain::rehearsal::Sort;
    let what = &found.deed.what;
    match found.deed.sort {
        Sort::Label => format!("label {what}"),
        Sort::Assignment => format!("assignment {what}"),
        Sort::Comment | Sort::Field | Sort::Message => what.clone(),
        Sort::PullRequest => format!("{what} asked for"),
        Sort::Question => format!("judgement by {what}"),
        Sort::Suggestion => format!("{what}, suggested"),
        Sort::Reaction => format!("reaction {what}"),
        Sort::Task => format!("task {what}"),
    }
}

const fn is_paid(rehearsal: &Rehearsal) -> bool {
    let (before, after) = (&rehearsal.cost_before, &rehearsal.cost_after);
    before.answered + before.would_ask + after.answered + after.would_ask > 0
}

/// `$0.42 (2 would be asked, 1 at a price that is not known)`.
fn cost(cost: &Cost) -> String {
    let cents = cost.micro_dollars.div_ceil(10_000);
    let mut told = format!("${}.{:02}", cents / 100, cents % 100);
    let asked = match (cost.would_ask, cost.unpriced) {
        (0, _) => return told,
        (asked, 0) => format!(" ({asked} would be asked)"),
        (asked, unpriced) => format!(" ({asked} would be asked, {unpriced} at a price that nothing tells)"),
    };
    told.push_str(&asked);
    told
}
