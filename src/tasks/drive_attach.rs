//! Task kind `drive_attach`: copies what is attached to an issue, or to a comment on it, into the issue's folder in Drive, and
//! makes shortcuts there to what is linked of Drive.

mod links;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::files::waits;
use super::lodge::{self, Copy};
use super::{Context, Done, comment, files};
use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::id::EffectId;
use crate::domain::input;
use crate::domain::untrusted::one_line;
use crate::services::drive::{Error, Linked};
use crate::services::github::{Attachment, Fetched, Source};

/// What copying came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Copied {
    /// Names of the files that were copied.
    pub(super) copied: Vec<String>,
    /// Names of the shortcuts that were made to what is linked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) linked: Vec<String>,
    /// What was left, and why, a clause each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) left: Vec<String>,
}

/// Fetching and sending a few large files takes its time: half an hour is 50 files of 100 MiB at three megabytes a second.
pub(super) fn lease(_: &Config) -> Duration {
    Duration::from_mins(30)
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::DriveAttach { comment: place } = context.input()?;
    let files = files::drive(context)?;
    let github = &context.services.github;
    let text = match place {
        Some(id) => github.comment(id).await?.map(|comment| comment.body),
        None => github.issue(number).await?.map(|issue| issue.body),
    };
    let Some(text) = text else { return Done::note("the text is gone", Vec::new()) };
    let attached = Attachment::all_in(&text, &github.web());
    let linked = Linked::all_in(&text);
    if attached.is_empty() && linked.is_empty() {
        return Done::note("nothing is attached, and nothing in Drive is linked", Vec::new());
    }
    let Some(folder) = context.journal.state().issues.get(&number).and_then(|issue| issue.folder.clone())
    else {
        return Done::note("the issue has no folder in Drive", Vec::new());
    };
    let wanted: Vec<(Source, String)> = attached
        .into_iter()
        .map(|attached| {
            let name = lodge::name_of(&unescaped(attached.name()));
            (Source::Attachment(attached), name)
        })
        .collect();
    let id = lodge::id_of(folder.made.id)?;
    let mut copied = copy_all(context, files, &id, &wanted).await?;
    links::link_all(context, files, (number, &folder), linked, &mut copied).await?;
    Done::with(&copied, comment::refresh(&context.task))
}

/// Fetches each file and puts it into the folder, one after the other: a runner's disk holds a few of them.
pub(super) async fn copy_all(
    context: &Context<'_>,
    files: &super::Files,
    folder: &crate::services::drive::FileId,
    wanted: &[(Source, String)],
) -> Result<Copied, Failure> {
    let most = context.config.drive.limits.copy_mib * 1024 * 1024;
    let labels: Vec<String> = wanted.iter().map(|(source, _)| label(source)).collect();
    let ids = lodge::ids(context, files, &labels).await?;
    let mut done = Copied::default();
    let mut above = None;
    for ((source, name), label) in wanted.iter().zip(&labels) {
        let step = format!("drive_file-{label}");
        let shown = one_line(name, 80);
        if is_done(context, &step) {
            done.copied.push(shown);
            continue;
        }
        let id = ids.get(label).ok_or_else(|| Failure::transient("drive", "Drive gave too few ids"))?;
        match context.services.github.fetch(source, most).await? {
            Fetched::Here(local) => {
                let path = local.path();
                let copy = Copy { path: &path, name, size: local.size() };
                let above = match &above {
                    Some(above) => above,
                    None => {
                        let file = files.drive.file(folder).await.map_err(|error| waits(context, error))?;
                        if file.trashed {
                            return Err(Error::in_trash(&file).into());
                        }
                        above.insert(file)
                    }
                };
                lodge::copy(context, files, &step, id, (above, &copy)).await?;
                done.copied.push(shown);
            }
            Fetched::TooLarge => {
                let mib = context.config.drive.limits.copy_mib;
                done.left.push(format!("{shown} has more than {mib} MiB (`drive.limits.copy_mib`)"));
            }
            Fetched::Gone => done.left.push(format!("{shown} is not there any more, or not for this token")),
        }
    }
    Ok(done)
}

/// Whether an earlier attempt did it: then it need not be fetched again.
fn is_done(context: &Context<'_>, step: &str) -> bool {
    let effect = EffectId::of(&context.task.id, step);
    context.journal.state().effects.get(&effect).is_some_and(|effect| effect.receipt.is_some())
}

/// What tells a file from the others of its task, in letters that a step may have.
fn label(source: &Source) -> String {
    match source {
        Source::Attachment(attached) => {
            let path = attached.address().rsplit("/user-attachments/").next().unwrap_or_default();
            path.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
        }
        Source::Asset(id) => format!("asset-{id}"),
        Source::Artifact(id) => format!("artifact-{id}"),
    }
}

/// The text with its percent-escapes read; what is no text then stays as it is.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        let digits = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        let read = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        at += if read.is_some() { 3 } else { 1 };
        bytes.push(read.unwrap_or(byte));
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_name_of_an_attachment_is_read() {
        assert_eq!(super::unescaped("a%20b%2.txt%"), "a b%2.txt%");
        assert_eq!(super::unescaped("%ff.txt"), "%ff.txt");
    }
}
