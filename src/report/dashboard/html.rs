//! Text inside of markup: escaped, always.

use std::fmt::Write as _;

use crate::domain::time::Timestamp;

/// Text between tags, or between the double quotes of an attribute.
pub(super) fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// What a stranger wrote: its direction stays its own.
pub(super) fn stranger(words: &str) -> String {
    format!("<bdi>{}</bdi>", text(words))
}

/// A sentence of ours, which puts names between backticks and may quote what a stranger wrote.
pub(super) fn prose(sentence: &str) -> String {
    let parts: Vec<&str> = sentence.split('`').collect();
    let mut told = String::from("<bdi>");
    for (place, part) in parts.iter().enumerate() {
        let _ = match (place % 2, place + 1 < parts.len()) {
            (0, _) => write!(told, "{}", timed(part)),
            (_, true) => write!(told, "<code>{}</code>", text(part)),
            // The last one opens and does not close.
            (_, false) => write!(told, "`{}", timed(part)),
        };
    }
    told + "</bdi>"
}

/// A sentence with its times marked as such, which stay on one line.
fn timed(sentence: &str) -> String {
    let word = |word: &str| {
        let at = word.trim_end_matches([' ', ',', ';', ':', '.', ')']);
        let is_time = at.ends_with('Z') && at.parse::<Timestamp>().is_ok();
        if is_time { format!("<time>{at}</time>{}", text(&word[at.len()..])) } else { text(word) }
    };
    sentence.split_inclusive(' ').map(word).collect()
}

/// JSON inside of a `script` element: no `<` ends the element, no `&` is taken for an entity, and the two line ends that
/// JSON allows and JavaScript once did not are written out.
pub(super) fn json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // A String takes whatever is written.
                let _ = write!(safe, "\\u{:04x}", u32::from(c));
            }
            _ => safe.push(c),
        }
    }
    safe
}

/// The address of a page, when it is one that a browser may be sent to.
pub(super) fn web(address: &str) -> Option<&str> {
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    (is_web && !address.chars().any(|c| c.is_whitespace() || c.is_control())).then_some(address)
}

/// A table: a caption, names of columns (those that begin with `#` hold numbers), and rows of markup.
pub(super) fn table(caption: &str, columns: &[&str], rows: &[Vec<String>], empty: &str) -> String {
    if rows.is_empty() {
        return format!("<p class=\"none\">{}</p>", text(empty));
    }
    let is_number = |column: &str| column.starts_with('#');
    let mut table = format!(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table class=\"sortable\"><caption>{0}</caption><thead><tr>",
        text(caption)
    );
    for column in columns {
        let class = if is_number(column) { " class=\"number\"" } else { "" };
        let _ = write!(table, "<th scope=\"col\"{class}>{}</th>", text(column.trim_start_matches('#')));
    }
    table.push_str("</tr></thead><tbody>");
    for row in rows {
        table.push_str("<tr>");
        for (place, cell) in row.iter().enumerate() {
            let class = if columns.get(place).is_some_and(|column| is_number(column)) {
                " class=\"number\""
            } else {
                ""
            };
            if place == 0 {
                let _ = write!(table, "<th scope=\"row\">{cell}</th>");
            } else {
                let _ = write!(table, "<td{class}>{cell}</td>");
            }
        }
        table.push_str("</tr>");
    }
    table + "</tbody></table></div>"
}

/// A number with its thousands apart, and as it is for programs.
pub(super) fn number(count: u64) -> String {
    format!("<data value=\"{count}\">{}</data>", super::words::grouped(count))
}
