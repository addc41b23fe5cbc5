//! The demo's assistant: no model, but a script that knows one answer. It shows the way that every assistant's change goes.

use std::fs;
use std::path::Path;

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::usage::Usage;
use crate::services::assistant::{Answer, Answers, Assistant, Change, NOTHING, Proposal, Request};

/// The file that it can change.
const FILE: &str = "src/main.rs";
/// By these words of a reviewer it knows what is wanted.
const WANTED: &str = "may be indented";
/// What it replaces, and with what.
const CHANGE: (&str, &str) = ("!line.starts_with('#')", "!line.trim_start().starts_with('#')");

/// See above.
pub(super) struct Scripted;

#[async_trait]
impl Assistant for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn needs_folder(&self) -> bool {
        true
    }

    async fn propose(&self, request: &Request) -> Answer {
        let is_wanted = request.texts.iter().any(|text| text.body.contains(WANTED));
        let outcome = match request.folder.as_deref().filter(|_| is_wanted) {
            Some(folder) => change(&folder.join(FILE)),
            None => Err(nothing("The script has no answer to this.")),
        };
        let summary = "Passes over indented comments too.".to_owned();
        let outcome = outcome.map(|()| Proposal { change: Change::Folder, summary });
        Answer { outcome, usage: Usage::default(), answers: Answers::new() }
    }
}

fn change(file: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::transient("no_folder", error.to_string());
    let text = fs::read_to_string(file).map_err(failed)?;
    if !text.contains(CHANGE.0) {
        return Err(nothing("The script finds nothing to change."));
    }
    fs::write(file, text.replace(CHANGE.0, CHANGE.1)).map_err(failed)
}

fn nothing(message: &str) -> Failure {
    Failure::permanent(NOTHING, message)
}
