//! What a model may do: look at the files of one folder, change them, check them, and say that it is done.

mod change;
pub(super) mod check;
mod look;
mod paths;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::conversation::ToolCall;
use crate::services::assistant::{self, Answers};

/// Bytes of text that one call hands to the model: some eight thousand tokens.
const MOST_OUTPUT: usize = 32 * 1024;
/// Characters of a summary that are kept; it ends up in a commit message and a pull request.
const SUMMARY: usize = 2_000;
/// Bytes of arguments that are quoted when they cannot be read.
const QUOTED: usize = 120;

/// A tool as the model is told of it.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// The JSON Schema of its arguments.
    pub(super) parameters: Value,
}

impl Sheet {
    /// Characters in it, roughly: it is sent with every question.
    pub(super) fn characters(&self) -> usize {
        self.name.len() + self.about.len() + self.parameters.to_string().len()
    }
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ran {
    /// Text for the model; `Err` when the tool refused.
    Told(Result<String, String>),
    /// The model is done, and says what it changed, and what it answers in threads of a review.
    Finished(String, Answers),
    /// The model has no change to propose, and says why, and what it answers in threads of a review.
    Declined(String, Answers),
}

/// The folder that the tools work in, and nowhere else.
#[derive(Clone, Debug)]
pub(super) struct Workspace {
    /// The folder, with every symlink on the way to it resolved.
    root: PathBuf,
}

/// All tools.
pub(super) fn sheets() -> Vec<Sheet> {
    let path = json!({ "type": "string", "description": "Path from the folder's root, such as src/lib.rs" });
    let text = |about: &str| json!({ "type": "string", "description": about });
    let number = |about: &str| json!({ "type": "integer", "minimum": 1, "description": about });
    let object = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required });
    let answers = json!({
        "type": "object", "additionalProperties": assistant::schema(),
        "description": "Only where the task has threads of a review: by the thread's number, what is answered there, and whether it is fixed",
    });
    vec![
        Sheet {
            name: "list",
            about: "Lists files below a folder, one path on a line. Without `path`, all files.",
            parameters: object(json!({ "path": path }), &[]),
        },
        Sheet {
            name: "search",
            about: "Finds lines that contain a text, exactly as given and with upper and lower case told apart. Answers with path:line: text.",
            parameters: object(
                json!({ "text": text("What to look for; no pattern"), "glob": text("Only files whose path matches, such as src/**/*.rs") }),
                &["text"],
            ),
        },
        Sheet {
            name: "read",
            about: "Reads a text file. Every line comes with its number and a tab before it; they are not part of the file.",
            parameters: object(
                json!({ "path": path, "from": number("First line, from 1"), "lines": number("How many lines") }),
                &["path"],
            ),
        },
        Sheet {
            name: "edit",
            about: "Replaces one passage of a file. `old` must be in the file exactly once, white space included; give enough lines around it.",
            parameters: object(
                json!({ "path": path, "old": text("The passage as it is, without line numbers"), "new": text("What stands there afterwards; may be empty") }),
                &["path", "old", "new"],
            ),
        },
        Sheet {
            name: "write",
            about: "Makes a new file, with its folders. A file that exists is changed by `edit`.",
            parameters: object(json!({ "path": path, "text": text("The whole content") }), &["path", "text"]),
        },
        Sheet {
            name: "delete",
            about: "Deletes a file.",
            parameters: object(json!({ "path": path }), &["path"]),
        },
        Sheet {
            name: "finish",
            about: "Says that the change is complete. Call it alone, once, at the end.",
            parameters: object(
                json!({
                    "summary": text("What was changed and why, one to three sentences for the pull request"),
                    "answers": answers,
                }),
                &["summary"],
            ),
        },
        Sheet {
            name: "decline",
            about: "Says that no change should be made: the issue is unclear, is no matter of this code, or cannot be solved here.",
            parameters: object(
                json!({
                    "reason": text("Why, one or two sentences for the maintainers"), "answers": answers,
                }),
                &["reason"],
            ),
        },
    ]
}

impl Workspace {
    /// Takes a folder over.
    ///
    /// # Errors
    /// When there is no such folder.
    pub(super) fn open(folder: &Path) -> std::io::Result<Self> {
        let root = folder.canonicalize()?;
        if !root.is_dir() {
            return Err(std::io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root })
    }

    /// The folder itself.
    pub(super) fn folder(&self) -> &Path {
        &self.root
    }

    /// Runs a call. Whatever is wrong with it is told to the model, and touches nothing.
    pub(super) fn run(&self, call: &ToolCall) -> Ran {
        let told = match call.name.as_str() {
            "list" => arguments(call).and_then(|arguments| self.list(&arguments)),
            "search" => arguments(call).and_then(|arguments| self.search(&arguments)),
            "read" => arguments(call).and_then(|arguments| self.read(&arguments)),
            "edit" => arguments(call).and_then(|arguments| self.edit(&arguments)),
            "write" => arguments(call).and_then(|arguments| self.write(&arguments)),
            "delete" => arguments(call).and_then(|arguments| self.delete(&arguments)),
            "finish" => match arguments(call) {
                Ok(Finish { summary, answers }) => {
                    return Ran::Finished(clamped(&summary), assistant::answers(answers));
                }
                Err(problem) => Err(problem),
            },
            "decline" => match arguments(call) {
                Ok(Decline { reason, answers }) => {
                    return Ran::Declined(clamped(&reason), assistant::answers(answers));
                }
                Err(problem) => Err(problem),
            },
            other => Err(format!(
                "there is no tool `{}`; there are list, search, read, edit, write, delete, finish and decline",
                beginning(other)
            )),
        };
        Ran::Told(told.map(capped).map_err(capped))
    }
}

#[derive(Deserialize)]
struct Finish {
    summary: String,
    #[serde(default)]
    answers: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Decline {
    reason: String,
    #[serde(default)]
    answers: BTreeMap<String, Value>,
}

fn arguments<T: DeserializeOwned>(call: &ToolCall) -> Result<T, String> {
    // Some providers send nothing where there are no arguments.
    let text = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
    serde_json::from_str(text).map_err(|error| {
        format!("the arguments of `{}` cannot be read ({error}): {}", call.name, beginning(text))
    })
}

fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(QUOTED)]
}

fn clamped(text: &str) -> String {
    text.trim().chars().take(SUMMARY).collect()
}

/// Cuts at the end of a line where there is one.
fn capped(mut text: String) -> String {
    if text.len() > MOST_OUTPUT {
        let end = text.floor_char_boundary(MOST_OUTPUT);
        let end = text[..end].rfind('\n').unwrap_or(end);
        text.truncate(end);
        text.push_str("\n[The rest was cut off: ask for less.]");
    }
    text
}

#[cfg(test)]
mod tests;
