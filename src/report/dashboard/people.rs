//! The sections about assistants, Google Drive and failures.

use super::html::{number, prose, stranger, table, text, web};
use super::words;
use crate::report::usage::dollars;
use crate::views::dashboard::{Assistant, Dashboard, Failed};

pub(super) fn assistants(dashboard: &Dashboard) -> String {
    let rows: Vec<Vec<String>> = dashboard.assistants.iter().map(assistant).collect();
    let columns = [
        "assistant",
        "changes of attempts",
        "#attempts",
        "#cost",
        "#cost of a change",
        "#median time",
        "#90th percentile",
        "#tokens read",
        "#tokens written",
        "why nothing came of it",
    ];
    let kinds: Vec<Vec<String>> = dashboard
        .kinds
        .iter()
        .map(|kind| {
            vec![
                text(&kind.kind),
                number(kind.enqueued),
                number(kind.completed),
                number(kind.retried),
                number(kind.failed),
                number(kind.lost + kind.cancelled),
                words::measured(&kind.waited, kind.waited.median),
                words::measured(&kind.took, kind.took.median),
                words::measured(&kind.took, kind.took.ninetieth),
            ]
        })
        .collect();
    let kind_columns = [
        "kind",
        "#enqueued",
        "#completed",
        "#tried again",
        "#given up",
        "#lost or called off",
        "#median wait",
        "#median time",
        "#90th percentile",
    ];
    format!(
        "{}<h3>Kinds of tasks</h3>{}",
        table("Assistants over the whole log", &columns, &rows, "No assistant was asked yet."),
        table("Kinds of tasks over the whole log", &kind_columns, &kinds, "No task was enqueued yet.")
    )
}

fn assistant(fared: &Assistant) -> Vec<String> {
    let share = if fared.attempts == 0 { 0.0 } else { fared.changes as f64 / fared.attempts as f64 };
    let percent = (share * 100.0).round();
    let meter = format!(
        "<span class=\"meter\"><svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"column\" width=\"100\" height=\"8\"/><rect class=\"series-good\" width=\"{percent}\" height=\"8\"/></svg> <data value=\"{percent}\">{percent} %</data></span>"
    );
    let each = fared.micro_dollars.checked_div(fared.changes).map_or_else(|| "–".to_owned(), money);
    let reasons: Vec<String> = fared
        .reasons
        .iter()
        .map(|(code, count)| format!("<code>{}</code> {}", text(code), words::grouped(*count)))
        .collect();
    vec![
        stranger(&fared.name),
        meter,
        number(fared.attempts),
        money(fared.micro_dollars),
        each,
        words::measured(&fared.took, fared.took.median),
        words::measured(&fared.took, fared.took.ninetieth),
        number(fared.read),
        number(fared.written),
        reasons.join(", "),
    ]
}

fn money(micro: u64) -> String {
    format!("<data value=\"{micro}\">{}</data>", dollars(micro))
}

pub(super) fn drive(dashboard: &Dashboard) -> String {
    let drive = &dashboard.drive;
    if drive.feeds.is_empty()
        && drive.folders.is_empty()
        && drive.effects.is_empty()
        && drive.moves.is_empty()
    {
        return "<p class=\"none\">Nothing in Google Drive is watched, and nothing was done there.</p>"
            .to_owned();
    }
    let feeds: Vec<Vec<String>> = drive
        .feeds
        .iter()
        .map(|feed| {
            let folders: Vec<String> = feed.folders.iter().map(|name| stranger(name)).collect();
            vec![text(&feed.name), folders.join(", "), words::time(feed.at)]
        })
        .collect();
    let moves: Vec<Vec<String>> = drive
        .moves
        .iter()
        .map(|moved| {
            let by = moved.by.as_deref().map_or_else(|| "–".to_owned(), stranger);
            vec![words::time(moved.at), stranger(&moved.place), text(&moved.what), by, number(moved.event)]
        })
        .collect();
    let folders: Vec<Vec<String>> = drive
        .folders
        .iter()
        .map(|folder| {
            let name = stranger(&folder.name);
            let name = match folder.url.as_deref().and_then(web) {
                Some(url) => format!("<a href=\"{}\" rel=\"noopener noreferrer\">{name}</a>", text(url)),
                None => name,
            };
            vec![issue(folder.issue), name, number(folder.copied as u64), number(folder.shared as u64)]
        })
        .collect();
    let effects: Vec<Vec<String>> = drive
        .effects
        .iter()
        .map(|(kind, count)| vec![text(&kind.replace('_', " ")), number(*count)])
        .collect();
    format!(
        "<p class=\"lead\">{} files and folders are watched; {} changes were seen.</p>{}<h3>Changes</h3>{}<h3>Folders of issues</h3>{}<h3>What was done</h3>{}",
        words::grouped(drive.watched as u64),
        words::grouped(drive.seen),
        table("Feeds of changes", &["feed", "watched folders", "read last"], &feeds, "No folder is watched."),
        table(
            "Changes in watched folders, the latest first",
            &["when", "where", "what", "by", "#event"],
            &moves,
            "Nothing has changed yet."
        ),
        table(
            "Folders of issues",
            &["issue", "folder", "#files copied", "#people with access"],
            &folders,
            "No issue has a folder."
        ),
        table(
            "Changes in Drive by Automata",
            &["what", "#how often"],
            &effects,
            "Nothing was done in Drive."
        )
    )
}

fn issue(number: u64) -> String {
    format!("<a href=\"#issue-{number}\">#{number}</a>")
}

/// A subject, as a link where there is a page for it.
pub(super) fn subject(subject: &str) -> String {
    let number = subject.strip_prefix("issue/").or_else(|| subject.strip_prefix("pull/"));
    match number.and_then(|number| number.parse().ok()) {
        Some(number) => issue(number),
        None => text(subject),
    }
}

pub(super) fn failures(dashboard: &Dashboard) -> String {
    let dead: String = dashboard.dead.iter().map(letter).collect();
    let dead = if dead.is_empty() {
        "<p class=\"none\">No task is given up.</p>".to_owned()
    } else {
        format!("<ul class=\"letters\">{dead}</ul>")
    };
    let causes: Vec<Vec<String>> = dashboard
        .causes
        .iter()
        .map(|cause| {
            vec![
                format!("<code>{}</code>", text(&cause.code)),
                text(&cause.kind),
                text(&cause.class.replace('_', " ")),
                number(cause.count),
            ]
        })
        .collect();
    let failed: Vec<Vec<String>> = dashboard
        .failed
        .iter()
        .map(|failed| {
            vec![
                words::time(failed.at),
                text(&failed.kind),
                subject(&failed.subject),
                if failed.is_final { "given up".to_owned() } else { "to be tried again".to_owned() },
                format!("<code>{}</code>", text(&failed.code)),
                prose(&failed.message),
                failed.hint.as_deref().map(prose).unwrap_or_default(),
            ]
        })
        .collect();
    format!(
        "<h3>Dead letters</h3>{dead}<h3>Sorts of failures</h3>{}<h3>Attempts that failed lately</h3>{}",
        table(
            "Failed attempts over the whole log",
            &["code", "kind", "class", "#how often"],
            &causes,
            "No attempt has failed."
        ),
        table(
            "Attempts that failed lately, the latest first",
            &["when", "kind", "about", "then", "code", "what happened", "what to do"],
            &failed,
            "No attempt has failed."
        )
    )
}

fn letter(failed: &Failed) -> String {
    let hint = failed
        .hint
        .as_deref()
        .map(|hint| format!("<p class=\"hint\">{}</p>", prose(hint)))
        .unwrap_or_default();
    format!(
        "<li><p class=\"head\"><b>{}</b> about {} <code>{}</code> {}</p><p>{}</p>{hint}<p><code>automata tasks revive {}</code></p></li>",
        text(&failed.kind),
        subject(&failed.subject),
        text(&failed.code),
        words::time(failed.at),
        prose(&failed.message),
        text(&failed.task)
    )
}
