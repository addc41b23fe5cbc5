//! The frame of the page: head, navigation, sections, data, script.

use super::html::{json, text, web};
use super::{Shown, overview, people, policy, queue, words};
use crate::views::dashboard::Dashboard;

/// A mark for the browser's tab: three lines of a log, the last one going on.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='3' fill='%230d5c63'/%3E%3Cpath d='M3 4.5h7M3 8h10M3 11.5h4' stroke='%23fff' stroke-width='1.6'/%3E%3C/svg%3E";

pub(super) fn write(dashboard: &Dashboard, shown: Shown) -> String {
    let repository = text(&dashboard.repository);
    let name = match dashboard.address.as_deref().and_then(web) {
        Some(address) => {
            format!("<a href=\"{}\" rel=\"noopener noreferrer\">{repository}</a>", text(address))
        }
        None => repository.clone(),
    };
    let dead = dashboard.figures.dead_now;
    let count = |count: usize| {
        if count == 0 {
            String::new()
        } else {
            format!(" <span class=\"count\">{}</span>", words::grouped(count as u64))
        }
    };
    let link =
        |id: &str, title: &str, count: String| format!("<li><a href=\"#{id}\">{title}{count}</a></li>");
    let nav = [
        link("overview", "Overview", String::new()),
        link("issues", "Issues", count(dashboard.figures.open_issues)),
        link("queue", "Queue", count(dashboard.figures.pending_now + dashboard.figures.running_now)),
        link("lead-times", "Lead times", String::new()),
        link("assistants", "Assistants", String::new()),
        link("drive", "Drive", String::new()),
        link("failures", "Failures", count(dead)),
        link("search", "Search", String::new()),
    ];
    let section = |id: &str, title: &str, body: &str| {
        format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-h\"><h2 id=\"{id}-h\" tabindex=\"-1\">{title}</h2>{body}</section>"
        )
    };
    let without = "<noscript><p class=\"none\">This part needs the script of this page, which your browser does not run.</p></noscript>";
    let dynamic = |id: &str| format!("<div id=\"{id}\" class=\"dynamic\"></div>{without}");
    let sections = [
        section("overview", "Overview", &overview::overview(dashboard)),
        section("issues", "Issues", &dynamic("board")),
        section("issue", "One issue", &dynamic("story")),
        section("queue", "Queue", &queue::queue(dashboard)),
        section("lead-times", "Lead times", &overview::lead_times(dashboard)),
        section("assistants", "Assistants", &people::assistants(dashboard)),
        section("drive", "Google Drive", &people::drive(dashboard)),
        section("failures", "Failures", &people::failures(dashboard)),
        section("search", "Search", &dynamic("found")),
    ];
    let live = if shown == Shown::Live { " data-live=\"true\"" } else { "" };
    let as_of =
        format!("event {}, {} UTC", words::grouped(dashboard.board.sequence), words::time(dashboard.at));
    format!(
        "<!doctype html>\n<html lang=\"en\"{live}>\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n<title>{repository} · Automata</title>\n<link rel=\"icon\" href=\"{ICON}\">\n<script>{first}</script>\n<style>{style}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n<p class=\"brand\"><span class=\"mark\" aria-hidden=\"true\"></span>Automata</p>\n<h1>{name}</h1>\n<p class=\"as-of\" id=\"as-of\">{as_of}</p>\n<form role=\"search\" id=\"ask\"><label for=\"q\">Search</label><input id=\"q\" type=\"search\" placeholder=\"Search, press /\" autocomplete=\"off\" spellcheck=\"false\"></form>\n<button type=\"button\" id=\"theme\">Colours: system</button>\n</header>\n<nav aria-label=\"Sections\"><ul>{nav}</ul></nav>\n<main id=\"main\" tabindex=\"-1\">\n{sections}\n</main>\n<footer><p>Folded from the log of {repository} by Automata. All times are UTC.</p></footer>\n<p class=\"toast\" id=\"toast\" role=\"status\"></p>\n<script type=\"application/json\" id=\"data\">{data}</script>\n<script>{script}</script>\n</body>\n</html>\n",
        policy = text(&policy::content(shown)),
        first = policy::FIRST,
        style = policy::STYLE,
        nav = nav.concat(),
        sections = sections.join("\n"),
        data = json(&serde_json::to_string(dashboard).unwrap_or_default()),
        script = policy::SCRIPT,
    )
}
