//! What happens in the demo: who opens which issue and who says what.

use std::path::PathBuf;

use serde_json::Value;

use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, Login};
use crate::services::git::playground;
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

/// The line that otto's review is about.
const LINE: (&str, u64) = ("src/main.rs", 7);

/// Where it happens.
pub(super) struct Stage {
    /// The forge.
    pub forge: Forge,
    /// The bare repository beside it.
    pub repository: PathBuf,
}

/// What is shown when a scene is over.
#[derive(Clone, Copy)]
pub(super) enum Shows {
    /// Nothing beside what the run did.
    Nothing,
    /// What triage found, and why.
    Reasons,
    /// What the status comment answers.
    Answer,
    /// What was said in threads.
    Threads,
}

/// Something that happens.
pub(super) struct Scene {
    /// In a few words.
    pub title: &'static str,
    /// GitHub's name of the event.
    pub event: &'static str,
    /// Makes it happen, and gives the event's JSON.
    pub play: fn(&Stage) -> Result<Value, Failure>,
    /// What is shown afterwards.
    pub shows: Shows,
}

pub(super) const SCENES: &[Scene] = &[
    Scene {
        title: "alice reports a crash, with its backtrace",
        event: "issues",
        play: |stage| opened(stage, &CRASH),
        shows: Shows::Reasons,
    },
    Scene {
        title: "mona, who has write access, answers with a patch",
        event: "issue_comment",
        play: |stage| commented(stage, &CRASH, "mona", "patch", include_str!("patch.md")),
        shows: Shows::Nothing,
    },
    Scene {
        title: "otto reviews the pull request, and a scripted assistant revises it",
        event: "pull_request_review",
        play: reviewed,
        shows: Shows::Threads,
    },
    Scene {
        title: "bob wishes for a feature",
        event: "issues",
        play: |stage| opened(stage, &FEATURE),
        shows: Shows::Reasons,
    },
    Scene {
        title: "carol asks a question",
        event: "issues",
        play: |stage| opened(stage, &QUESTION),
        shows: Shows::Reasons,
    },
    Scene {
        title: "mona gives commands in a comment, and asks why things are as they are",
        event: "issue_comment",
        play: |stage| commented(stage, &QUESTION, "mona", "command", include_str!("command.md")),
        shows: Shows::Answer,
    },
    Scene {
        title: "mallory tries to inject commands, paths, markers and a patch",
        event: "issues",
        play: |stage| opened(stage, &HOSTILE),
        shows: Shows::Reasons,
    },
    Scene {
        title: "mona has all of it taken back that was done about mallory's issue",
        event: "issue_comment",
        play: |stage| commented(stage, &HOSTILE, "mona", "undo", "/automata undo"),
        shows: Shows::Answer,
    },
    Scene {
        title: "mona's next patch touches a protected file",
        event: "issue_comment",
        play: |stage| commented(stage, &FEATURE, "mona", "protected", include_str!("protected.md")),
        shows: Shows::Nothing,
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

fn opened(Stage { forge, .. }: &Stage, written: &Written) -> Result<Value, Failure> {
    events::issue_opened(forge, &open(forge, written)?)
}

fn commented(
    Stage { forge, .. }: &Stage,
    written: &Written,
    author: &str,
    key: &str,
    text: &str,
) -> Result<Value, Failure> {
    let issue = open(forge, written)?;
    let comment = forge.comment_as(&Login::new(author), issue.number, text, key)?;
    events::issue_comment_created(forge, &issue, &comment)
}

/// Otto asks for a change in the first pull request.
fn reviewed(Stage { forge, repository }: &Stage) -> Result<Value, Failure> {
    let none = || Failure::permanent("no_pull_request", "The demo's pull request is gone.");
    let pull = forge.pulls()?.into_iter().next().ok_or_else(none)?;
    let otto = Login::new("otto");
    forge.comment_on_line_as(&otto, pull.number, LINE, include_str!("indented.md").trim(), "indented")?;
    let review = forge.review_as(&otto, pull.number, "changes_requested", "Nearly there.", "review")?;
    let tip = |branch: &str| -> Result<CommitId, Failure> {
        let newest = playground::history(repository, &format!("refs/heads/{branch}"), 1)?;
        newest.into_iter().next().map(|entry| CommitId::new(entry.commit)).ok_or_else(none)
    };
    events::review_submitted(forge, &pull, &review, (&tip(&pull.head)?, &tip(&pull.base)?))
}
