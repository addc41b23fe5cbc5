//! What the demo tells: few lines for each scene, then what is there in the end, and where.

use std::collections::BTreeMap;

use super::folder::Folder;
use super::scenes::Scene;
use crate::app::failure::Ended;
use crate::app::limits;
use crate::app::run::Report;
use crate::app::world::World;
use crate::app::{progress, session, verify};
use crate::domain::count::counted;
use crate::domain::event::Event;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::untrusted::{is_hidden, one_line};
use crate::log::Envelope;
use crate::report::sentence;
use crate::report::terminal::{Terminal, Tone};
use crate::services::git::playground;
use crate::services::github::local::Forge;
use crate::services::github::{GitHub as _, Issue, IssueQuery, PullRequest};
use crate::views::board::board;

/// Commits of the state branch that are shown.
const SHOWN_COMMITS: usize = 12;
/// Width of a line: a terminal of 100 columns holds it with its indent.
const WIDE: usize = 92;
/// Lines of a person's comment that are shown.
const SHOWN_LINES: usize = 4;
/// Columns that everything below a heading is moved in by.
const INDENT: &str = "   ";

fn heading(terminal: Terminal, text: &str) {
    terminal.data("");
    terminal.data(&terminal.paint(Tone::Strong, text));
}

fn line(terminal: Terminal, text: &str) {
    terminal.data(&format!("{INDENT}{text}"));
}

fn faint(terminal: Terminal, text: &str) {
    line(terminal, &terminal.paint(Tone::Faint, text));
}

/// Before the first scene.
pub(super) fn introduction(folder: &Folder, terminal: Terminal) {
    terminal.data(&terminal.paint(Tone::Strong, "Automata at work on a small repository"));
    let kept = if folder.is_kept() { "" } else { ", a temporary folder" };
    line(
        terminal,
        &format!("A bare repository and a forge of plain files lie in {}{kept}.", folder.path().display()),
    );
    line(
        terminal,
        "Nine things happen. Each is taken in by a run of its own, with the code that the action runs.",
    );
}

/// One scene and what its run did: events that tell something, without the book-keeping between them.
pub(super) fn scene(number: usize, scene: &Scene, report: &Report, after: &[String], terminal: Terminal) {
    heading(terminal, &format!("{number}. {}", scene.title));
    if report.events.is_empty() {
        line(terminal, &one_line(&report.headline, WIDE));
        return;
    }
    let began = report.events.first().map_or(0, |first| first.recorded.stamp.at.as_millis());
    let telling = |event: &Event| {
        // That somebody may have what is then done goes without saying; a refusal does not.
        !matches!(
            event,
            Event::TaskClaimed(_)
                | Event::TaskCompleted(_)
                | Event::EffectIntended(_)
                | Event::AccessGranted(_)
        )
    };
    let rows: Vec<Vec<String>> = report
        .events
        .iter()
        .filter(|envelope| telling(&envelope.recorded.event))
        .map(|envelope| {
            let stamp = &envelope.recorded.stamp;
            let after = stamp.at.as_millis() - began;
            vec![
                format!("{:>3}", stamp.sequence.0),
                format!("{after:>4} ms"),
                one_line(&told(envelope), WIDE - 14),
            ]
        })
        .collect();
    let hidden = report.events.len() - rows.len();
    for row in terminal.table(&rows) {
        line(terminal, &row);
    }
    for text in after {
        line(terminal, &terminal.paint(Tone::Good, &format!("> {text}")));
    }
    faint(
        terminal,
        &format!(
            "{}; {} the books",
            report.tally.line(),
            counted(hidden, "more event keeps", "more events keep")
        ),
    );
}

/// The event in few words.
fn told(envelope: &Envelope) -> String {
    match &envelope.recorded.event {
        Event::TaskEnqueued(enqueued) => {
            let reason = enqueued.spec.reason.strip_prefix("built-in rule: ");
            format!("{} <- {}", enqueued.spec.kind, reason.unwrap_or(&enqueued.spec.reason))
        }
        _ => sentence::of(envelope),
    }
}

/// What is there in the end.
pub(super) async fn outcome(
    folder: &Folder,
    forge: &Forge,
    world: &World,
    terminal: Terminal,
) -> Result<(), Ended> {
    tasks(world, terminal).await?;
    issues(forge, terminal).await?;
    let pulls = forge.pulls()?;
    for pull in &pulls {
        pull_request(folder, pull, terminal)?;
    }
    branch(folder, world, terminal).await?;
    places(folder, world, &pulls, terminal);
    Ok(())
}

/// A line for each issue, and one for each task that did not complete.
async fn tasks(world: &World, terminal: Terminal) -> Result<(), Ended> {
    let (state, _) = session::read(world.log()?.as_ref()).await?;
    let board = board(&state, world.clock.now(), &|task| limits::of(&world.config).room(task));
    heading(terminal, "Tasks");
    let mut done: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for row in board.tasks.iter().filter(|row| row.status == "completed") {
        *done.entry(&row.subject).or_default().entry(&row.kind).or_default() += 1;
    }
    let mut rows = Vec::new();
    for (subject, kinds) in done {
        let kinds: Vec<String> = kinds
            .iter()
            .map(
                |(kind, count)| {
                    if *count > 1 { format!("{kind} ({count} times)") } else { (*kind).to_owned() }
                },
            )
            .collect();
        rows.push(vec![subject.to_owned(), "completed".to_owned(), kinds.join(", ")]);
    }
    for row in board.tasks.iter().filter(|row| row.status != "completed") {
        let detail = one_line(&format!("{}: {}", row.kind, row.detail), WIDE - 22);
        rows.push(vec![row.subject.clone(), row.status.to_owned(), detail]);
    }
    for row in terminal.table(&rows) {
        line(terminal, &row);
    }
    Ok(())
}

async fn issues(forge: &Forge, terminal: Terminal) -> Result<(), Failure> {
    let mut issues = forge.issues(&IssueQuery::default()).await?;
    issues.sort_by_key(|issue| issue.number);
    for issue in issues.iter().filter(|issue| !issue.is_pull) {
        issue_with_comments(forge, issue, terminal).await?;
    }
    Ok(())
}

async fn issue_with_comments(forge: &Forge, issue: &Issue, terminal: Terminal) -> Result<(), Failure> {
    heading(terminal, &format!("Issue #{}: {}", issue.number, one_line(&issue.title, WIDE)));
    let labels = if issue.labels.is_empty() { "none".to_owned() } else { issue.labels.join(", ") };
    line(terminal, &format!("labels: {}", terminal.paint(Tone::Good, &labels)));
    if !issue.assignees.is_empty() {
        let assignees: Vec<&str> = issue.assignees.iter().map(Login::as_str).collect();
        line(terminal, &format!("assigned: {}", terminal.paint(Tone::Good, &assignees.join(", "))));
    }
    for comment in forge.comments(issue.number, None).await? {
        let is_ours = comment.author.login.as_str().ends_with("[bot]");
        let shown = if is_ours { page(&comment.body) } else { beginning(&comment.body) };
        line(terminal, &format!("{} wrote:", comment.author.login));
        quote(&shown, terminal);
    }
    Ok(())
}

/// A comment of ours as a page shows it: what is folded away there is left out here.
pub(super) fn page(body: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut folded = false;
    for text in body.lines() {
        folded = folded || text.starts_with("<details>");
        let is_blank_again = text.is_empty() && lines.last().is_none_or(String::is_empty);
        if !folded && !is_blank_again && !text.starts_with("<!--") && !text.starts_with("<sub>") {
            lines.push(visible(text));
        }
        folded = folded && text != "</details>";
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn beginning(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().take(SHOWN_LINES).map(visible).collect();
    let left = text.lines().count().saturating_sub(SHOWN_LINES);
    if left > 0 {
        lines.push(format!("… {}", counted(left, "more line", "more lines")));
    }
    lines
}

fn quote(lines: &[String], terminal: Terminal) {
    for text in lines {
        let mut shown: String = text.chars().take(WIDE - 2).collect();
        if shown.len() < text.len() {
            shown.pop();
            shown.push('…');
        }
        faint(terminal, format!("| {shown}").trim_end());
    }
}

/// A line of somebody's text: whatever could play tricks on a terminal is left out.
fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_hidden(*c)).collect()
}

fn pull_request(folder: &Folder, pull: &PullRequest, terminal: Terminal) -> Result<(), Failure> {
    let draft = if pull.draft { "Draft pull request" } else { "Pull request" };
    heading(terminal, &format!("{draft} #{}: {}", pull.number, one_line(&pull.title, WIDE)));
    line(terminal, &format!("{} -> {}", pull.head, pull.base));
    quote(&page(&pull.body), terminal);
    let (base, head) = (format!("refs/heads/{}", pull.base), format!("refs/heads/{}", pull.head));
    for text in playground::diff(&folder.repository(), &base, &head)?.lines() {
        let text = visible(text);
        let tone = match text.as_bytes().first() {
            Some(b'+') => Some(Tone::Good),
            Some(b'-') => Some(Tone::Bad),
            _ => None,
        };
        line(terminal, &tone.map_or_else(|| text.clone(), |tone| terminal.paint(tone, &text)));
    }
    Ok(())
}

async fn branch(folder: &Folder, world: &World, terminal: Terminal) -> Result<(), Ended> {
    let branch = &world.config.state.branch;
    heading(terminal, &format!("The log: git log {branch}"));
    for entry in playground::history(&folder.repository(), &format!("refs/heads/{branch}"), SHOWN_COMMITS)? {
        let commit: String = entry.commit.chars().take(8).collect();
        line(terminal, &format!("{commit} {}", one_line(&entry.subject, WIDE - 9)));
    }
    let found = verify::verify(world, &progress::bar(terminal, "checking events")).await?;
    let tone = if found.is_sound() { Tone::Good } else { Tone::Bad };
    for text in found.lines() {
        line(terminal, &terminal.paint(tone, &text));
    }
    Ok(())
}

fn places(folder: &Folder, world: &World, pulls: &[PullRequest], terminal: Terminal) {
    heading(terminal, "Look around");
    let program = std::env::current_exe()
        .ok()
        .map_or_else(|| "automata".to_owned(), |path| quoted(&path.display().to_string()));
    let local =
        format!("{program} --forge local --directory {}", quoted(&folder.path().display().to_string()));
    let git = format!("git -C {}", quoted(&folder.repository().display().to_string()));
    line(terminal, &format!("{local} why 1"));
    line(terminal, &format!("{local} log --subject issue/3"));
    line(terminal, &format!("{git} log {}", world.config.state.branch));
    for pull in pulls {
        line(terminal, &format!("{git} diff {}...{}", pull.base, pull.head));
    }
    if !folder.is_kept() {
        line(terminal, &format!("rm -r {}", quoted(&folder.path().display().to_string())));
    }
    let again = if folder.is_kept() {
        "The same folder again finds every event in the log, and does nothing twice.".to_owned()
    } else {
        "With --keep DIR it lies where you want it; the same folder again does nothing twice.".to_owned()
    };
    line(terminal, &again);
}

/// How to be rid of the folder.
pub(super) fn removal(folder: &Folder) -> String {
    format!("Remove the temporary folder with: rm -r {}", quoted(&folder.path().display().to_string()))
}

/// What a demo that has not come to its end leaves behind, and how to be rid of it.
pub(super) fn left(folder: &Folder) -> String {
    let path = quoted(&folder.path().display().to_string());
    if folder.is_kept() {
        return format!("What was made so far lies in {path}; the same command goes on there.");
    }
    format!("What was made so far lies in {path}; remove it with: rm -r {path}")
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_spaces_can_be_pasted_into_a_shell() {
        assert_eq!(quoted("/tmp/demo-1"), "/tmp/demo-1");
        assert_eq!(quoted("/tmp/my demo's"), "'/tmp/my demo'\\''s'");
    }
}
