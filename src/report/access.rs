//! Who had access to what, in words: sentences, rows of a table, JSON.

use serde_json::{Value, json};

use crate::domain::count::counted;
use crate::domain::encryption::{Extent, Recipient};
use crate::domain::id::TaskId;
use crate::domain::untrusted::one_line;
use crate::domain::used::{KeysChanged, Used};
use crate::views::access::{Decision, Entry, Matter};

/// The columns of [`row`].
pub const TITLES: &[&str] = &["when", "who", "what", "about", "decision", "reason"];
/// Width of a word that somebody said.
const SAID: usize = 60;
/// Width of a reason.
const REASON: usize = 100;
/// Letters of a recipient by which people tell them apart.
const RECIPIENT: usize = 12;

/// What was used, as a sentence without a full stop.
#[must_use]
pub fn sentence(used: &Used) -> String {
    match used {
        Used::Credential(used) => format!("{used} was used, {}", first_for(used.task.as_ref())),
        Used::KeysOpened(opened) => {
            format!("the keys of the log were opened with the key of {}", short(&opened.by))
        }
        Used::KeysChanged(changed) => format!("the keys of the log changed: {}", change(changed)),
    }
}

/// One line for a person.
#[must_use]
pub fn row(entry: &Entry) -> Vec<String> {
    let (what, reason) = match &entry.matter {
        Matter::Word(said, reason) => (format!("`{}`", one_line(said, SAID)), one_line(reason, REASON)),
        Matter::Wish(_, said, reason) => (one_line(said, SAID), one_line(reason, REASON)),
        Matter::Credential(used) => (used.to_string(), first_for(used.task.as_ref())),
        Matter::Opened(opened) => (KEYS.to_owned(), format!("with the key of {}", short(&opened.by))),
        Matter::Changed(changed) => (KEYS.to_owned(), change(changed)),
        Matter::Destroyed(events) => {
            (KEYS.to_owned(), format!("what {} held was forgotten", counted(*events, "event", "events")))
        }
    };
    vec![
        entry.at.to_string(),
        entry.who.login.to_string(),
        what,
        entry.subject.to_string(),
        name(entry.decision).to_owned(),
        reason,
    ]
}

/// The same for programs.
#[must_use]
pub fn json(entry: &Entry) -> Value {
    let mut told = json!({
        "event": entry.event,
        "at": entry.at,
        "who": entry.who,
        "subject": entry.subject.to_string(),
        "run": entry.run,
        "decision": entry.decision,
    });
    match &entry.matter {
        Matter::Word(said, reason) => {
            told["said"] = json!(said);
            told["reason"] = json!(reason);
        }
        Matter::Wish(wish, said, reason) => {
            told["wish"] = json!(wish);
            told["said"] = json!(said);
            told["reason"] = json!(reason);
        }
        Matter::Credential(used) => {
            told["credential"] = json!(used.credential);
            told["name"] = json!(used.name);
            told["task"] = json!(used.task);
        }
        Matter::Opened(opened) => told["by"] = json!(opened.by),
        Matter::Changed(changed) => {
            told["extent"] = json!(changed.extent);
            told["added"] = json!(changed.added);
            told["removed"] = json!(changed.removed);
        }
        Matter::Destroyed(events) => told["events"] = json!(events),
    }
    told
}

/// What a line about the keys is about.
const KEYS: &str = "the log's keys";

const fn name(decision: Decision) -> &'static str {
    match decision {
        Decision::Granted => "granted",
        Decision::Refused => "refused",
        Decision::Used => "used",
        Decision::Opened => "opened",
        Decision::Changed => "changed",
        Decision::Destroyed => "destroyed",
    }
}

fn first_for(task: Option<&TaskId>) -> String {
    task.map_or_else(|| "for the run itself".to_owned(), |task| format!("first for task {task}"))
}

fn change(changed: &KeysChanged) -> String {
    let extent = match changed.extent {
        Extent::Nothing => "nothing is encrypted from now on",
        Extent::Sensitive => "what people write is encrypted",
        Extent::All => "everything is encrypted",
    };
    let people = |verb: &str, who: &[Recipient]| {
        let names: Vec<String> = who.iter().map(short).collect();
        if names.is_empty() { String::new() } else { format!(", {} {verb}", names.join(" and ")) }
    };
    format!("{extent}{}{}", people("added", &changed.added), people("removed", &changed.removed))
}

/// The beginning of somebody's public key.
fn short(recipient: &Recipient) -> String {
    recipient.to_string().chars().take(RECIPIENT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::wire::samples;

    #[test]
    fn every_sort_of_line_reads_like_this() {
        let entries: Vec<Entry> = samples::envelopes().iter().filter_map(Entry::of).collect();
        let rows: Vec<String> = entries.iter().map(|entry| row(entry)[1..].join(" | ")).collect();
        insta::assert_snapshot!(rows.join("\n"), @"
        octo-cat | `help` | issue/42 | granted | octo-cat has read access.
        octo-cat | `label +bug` | issue/42 | refused | octo-cat has read access.
        octo-cat | the log's keys | issue/42 | destroyed | what 12 events held was forgotten
        octo-cat | github-app Iv1.8a61f9b3a7aba766 | repository | used | for the run itself
        octo-cat | assistant-key claude | issue/42 | used | first for task 7zq3m0x1c2v4.1
        octo-cat | the log's keys | issue/42 | opened | with the key of age1qurswpc8
        octo-cat | the log's keys | repository | changed | what people write is encrypted, age1pqyqszqg added, age1qurswpc8 removed
        octo-cat | a patch in the comment of 2026-11-22 | issue/42 | granted | octo-cat has read access.
        octo-cat | a patch in the comment of 2026-11-22 | repository | refused | octo-cat has read access.
        ");
        let json: Vec<String> = entries.iter().map(|entry| json(entry).to_string()).collect();
        insta::assert_snapshot!(json.join("\n"), @r#"
        {"at":"2026-11-22T12:00:40Z","decision":"granted","event":41,"reason":"octo-cat has read access.","run":"1234567890.1","said":"help","subject":"issue/42","who":{"kind":"person","login":"octo-cat"}}
        {"at":"2026-11-22T12:00:41Z","decision":"refused","event":42,"reason":"octo-cat has read access.","run":"1234567890.1","said":"label +bug","subject":"issue/42","who":{"kind":"person","login":"octo-cat"}}
        {"at":"2026-11-22T12:00:49Z","decision":"destroyed","event":50,"events":12,"run":"1234567890.1","subject":"issue/42","who":{"kind":"person","login":"octo-cat"}}
        {"at":"2026-11-22T12:00:54Z","credential":"github-app","decision":"used","event":55,"name":"Iv1.8a61f9b3a7aba766","run":"1234567890.1","subject":"repository","task":null,"who":{"kind":"person","login":"octo-cat"}}
        {"at":"2026-11-22T12:00:55Z","credential":"assistant-key","decision":"used","event":56,"name":"claude","run":"1234567890.1","subject":"issue/42","task":"7zq3m0x1c2v4.1","who":{"kind":"person","login":"octo-cat"}}
        {"at":"2026-11-22T12:00:56Z","by":"age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt69","decision":"opened","event":57,"run":"1234567890.1","subject":"issue/42","who":{"kind":"person","login":"octo-cat"}}
        {"added":["age1pqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqa5xyql"],"at":"2026-11-22T12:00:57Z","decision":"changed","event":58,"extent":"sensitive","removed":["age1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs95jt69"],"run":"1234567890.1","subject":"repository","who":{"kind":"person","login":"octo-cat"}}
        {"at":"2026-11-22T12:00:59Z","decision":"granted","event":60,"reason":"octo-cat has read access.","run":"1234567890.1","said":"a patch in the comment of 2026-11-22","subject":"issue/42","who":{"kind":"person","login":"octo-cat"},"wish":"patch"}
        {"at":"2026-11-22T12:01:00Z","decision":"refused","event":61,"reason":"octo-cat has read access.","run":"1234567890.1","said":"a patch in the comment of 2026-11-22","subject":"repository","who":{"kind":"person","login":"octo-cat"},"wish":"patch"}
        "#);
    }
}
