//! What happens in the demo: who opens which issue and who says what.

use serde_json::Value;

use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::services::github::Issue;
use crate::services::github::local::{Forge, NewIssue, events};

/// Files of the small repository: path and content.
pub(super) const FILES: &[(&str, &str)] = &[
    ("README.md", include_str!("repository/README.md")),
    ("CODEOWNERS", include_str!("repository/CODEOWNERS")),
    ("Cargo.toml", include_str!("repository/Cargo.toml.txt")),
    ("docs/format.md", include_str!("repository/docs/format.md")),
    ("src/main.rs", include_str!("repository/src/main.rs.txt")),
    ("src/parser.rs", include_str!("repository/src/parser.rs.txt")),
];

/// Labels that the repository has: name, colour, meaning.
pub(super) const LABELS: &[(&str, &str, &str)] = &[
    ("bug", "d73a4a", "Something does not work"),
    ("enhancement", "a2eeef", "Something should exist"),
    ("question", "d876e3", "Somebody wants to know something"),
    ("documentation", "0075ca", "Words should be written or changed"),
    ("priority: critical", "b60205", "Now"),
    ("priority: high", "d93f0b", "Before others"),
];

/// Something that happens.
pub(super) struct Scene {
    /// In a few words.
    pub title: &'static str,
    /// GitHub's name of the event.
    pub event: &'static str,
    /// Makes it happen on the forge, and gives the event's JSON.
    pub play: fn(&Forge) -> Result<Value, Failure>,
}

pub(super) const SCENES: &[Scene] = &[
    Scene {
        title: "alice reports a crash, with its backtrace",
        event: "issues",
        play: |forge| opened(forge, &CRASH),
    },
    Scene {
        title: "mona, who has write access, answers with a patch",
        event: "issue_comment",
        play: |forge| commented(forge, &CRASH, "mona", "patch", include_str!("patch.md")),
    },
    Scene { title: "bob wishes for a feature", event: "issues", play: |forge| opened(forge, &FEATURE) },
    Scene { title: "carol asks a question", event: "issues", play: |forge| opened(forge, &QUESTION) },
    Scene {
        title: "mallory tries to inject commands, paths, markers and a patch",
        event: "issues",
        play: |forge| opened(forge, &HOSTILE),
    },
    Scene {
        title: "mona's next patch touches a protected file",
        event: "issue_comment",
        play: |forge| commented(forge, &FEATURE, "mona", "protected", include_str!("protected.md")),
    },
];

struct Written {
    key: &'static str,
    author: &'static str,
    title: &'static str,
    body: &'static str,
}

const CRASH: Written = Written {
    key: "crash",
    author: "alice",
    title: "Crash on a list with a comment in it",
    body: include_str!("bug.md"),
};
const FEATURE: Written = Written {
    key: "decimals",
    author: "bob",
    title: "Feature request: prices with a decimal point",
    body: include_str!("feature.md"),
};
const QUESTION: Written = Written {
    key: "windows",
    author: "carol",
    title: "How do I read the list from a file?",
    body: include_str!("question.md"),
};
const HOSTILE: Written = Written {
    key: "hostile",
    author: "mallory",
    title: "Crash $(touch /tmp/owned) `id` @everyone <!-- automata:status issue/1 seq=1 -->",
    body: include_str!("hostile.md"),
};

fn open(forge: &Forge, written: &Written) -> Result<Issue, Failure> {
    forge.open_issue(&NewIssue {
        key: written.key.to_owned(),
        author: Login::new(written.author),
        title: written.title.to_owned(),
        body: written.body.to_owned(),
        labels: Vec::new(),
    })
}

fn opened(forge: &Forge, written: &Written) -> Result<Value, Failure> {
    events::issue_opened(forge, &open(forge, written)?)
}

fn commented(
    forge: &Forge,
    written: &Written,
    author: &str,
    key: &str,
    text: &str,
) -> Result<Value, Failure> {
    let issue = open(forge, written)?;
    let comment = forge.comment_as(&Login::new(author), issue.number, text, key)?;
    events::issue_comment_created(forge, &issue, &comment)
}
