//! What is said on GitHub about documents in Google Drive: an issue, a word in it, a pull request.

use std::fmt::Write as _;

use crate::domain::id::TaskId;
use crate::domain::input::DriveChange;
use crate::domain::untrusted::{markdown_line, one_line};
use crate::domain::watched::DriveKey;

/// Width of a name or a place.
const LINE: usize = 200;
/// Characters of a title that GitHub takes.
const TITLE: usize = 256;

/// The hidden line by which the issue about something in Drive is found again, without the task that wrote it.
#[must_use]
pub fn marker(key: DriveKey) -> String {
    format!("<!-- automata:drive drive/{key} ")
}

/// How a task signs what it says there.
#[must_use]
pub fn signature(task: &TaskId) -> String {
    format!("task={task} ")
}

/// The text of a new issue.
#[must_use]
pub fn opening(key: DriveKey, change: &DriveChange, task: &TaskId) -> String {
    format!(
        "{}{}hop=1 -->\n{}\n<sub>Kept by Automata: what changes there later is said below. Close it when it is dealt with; \
         another change then opens a new one.</sub>\n",
        marker(key),
        signature(task),
        told(change)
    )
}

/// What is said in the issue when something changed again.
#[must_use]
pub fn again(key: DriveKey, change: &DriveChange, task: &TaskId) -> String {
    format!("{}{}hop=1 -->\n{}", marker(key), signature(task), told(change))
}

fn told(change: &DriveChange) -> String {
    let mut text = format!("{} changed in Drive: {}", place(change), markdown_line(&change.what, LINE));
    if !change.who.is_empty() {
        let _ = write!(text, ", by {}", markdown_line(&change.who, LINE));
    }
    if let Some(at) = change.at {
        let _ = write!(text, ", at {at}");
    }
    text.push_str(".\n");
    text
}

fn place(change: &DriveChange) -> String {
    let place = markdown_line(&change.place, LINE);
    match change.url.as_deref().filter(|url| is_googles(url)) {
        Some(url) => format!("[{place}]({url})"),
        None => format!("**{place}**"),
    }
}

/// Whether a link leads to Drive and cannot end early.
#[must_use]
pub fn is_googles(url: &str) -> bool {
    let is_there = ["https://drive.google.com/", "https://docs.google.com/"];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./?=&%#:".contains(c);
    is_there.iter().any(|begin| url.starts_with(begin)) && url.chars().all(is_plain)
}

/// The title of a pull request that brings a document.
#[must_use]
pub fn pull_request_title(name: &str) -> String {
    one_line(&format!("Bring {} from Drive", one_line(name, LINE)), TITLE)
}

/// The text of a pull request that brings a document.
#[must_use]
pub fn pull_request(key: DriveKey, name: &str, url: Option<&str>, path: &str, task: &TaskId) -> String {
    let name = markdown_line(name, LINE);
    let name = match url.filter(|url| is_googles(url)) {
        Some(url) => format!("[{name}]({url})"),
        None => format!("**{name}**"),
    };
    format!(
        "This brings {name} as it is in Google Drive into the repository, as {}.\n\nWhen the document changes again, this pull \
         request follows, as long as nobody else commits to its branch.\n\n<!-- automata:pull_request drive/{key} {}hop=1 -->\n",
        markdown_line(path, LINE),
        signature(task)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without what stops GitHub from linking, which nobody sees.
    fn plain(text: &str) -> String {
        text.replace('\u{2060}', "")
    }

    #[test]
    fn what_strangers_named_stays_their_words() {
        let key: DriveKey = "1plan".parse().unwrap();
        let change = DriveChange {
            place: "docs:@everyone](http://evil.example) <!-- automata:status -->".to_owned(),
            what: "content, renamed".to_owned(),
            who: "Mona #1".to_owned(),
            at: Some("2026-11-22T10:00:00Z".parse().unwrap()),
            url: Some("https://docs.google.com/document/d/1plan/edit)x".to_owned()),
        };
        insta::assert_snapshot!(plain(&opening(key, &change, &TaskId::new("t.1"))), @r"
    <!-- automata:drive drive/1plan task=t.1 hop=1 -->
    **docs:&#64;everyone\]\(http://evil.example\) &lt;\!-- automata:status --&gt;** changed in Drive: content, renamed, by Mona &#35;1, at 2026-11-22T10:00:00Z.

    <sub>Kept by Automata: what changes there later is said below. Close it when it is dealt with; another change then opens a new one.</sub>
    ");
        let change =
            DriveChange { url: Some("https://docs.google.com/document/d/1plan/edit".to_owned()), ..change };
        insta::assert_snapshot!(plain(&again(key, &change, &TaskId::new("t.2"))), @r"
    <!-- automata:drive drive/1plan task=t.2 hop=1 -->
    [docs:&#64;everyone\]\(http://evil.example\) &lt;\!-- automata:status --&gt;](https://docs.google.com/document/d/1plan/edit) changed in Drive: content, renamed, by Mona &#35;1, at 2026-11-22T10:00:00Z.
    ");
        insta::assert_snapshot!(pull_request(key, "Plan *x*", change.url.as_deref(), "docs/Plan.md", &TaskId::new("t.3")), @r"
    This brings [Plan \*x\*](https://docs.google.com/document/d/1plan/edit) as it is in Google Drive into the repository, as docs/Plan.md.

    When the document changes again, this pull request follows, as long as nobody else commits to its branch.

    <!-- automata:pull_request drive/1plan task=t.3 hop=1 -->
    ");
    }
}
