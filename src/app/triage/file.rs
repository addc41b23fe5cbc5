//! Reads a file of labelled issues.

use std::io::Read as _;
use std::path::Path;

use crate::app::failure::Ended;
use crate::triage::rows::{self, Row};

/// Bytes of a file that are read at most: some hundred thousand issues.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// The rows of the file that `option` names.
///
/// # Errors
/// When there is none, or it has no rows.
pub(in crate::app) fn rows(option: &str, path: &Path) -> Result<Vec<Row>, Ended> {
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes)).map_err(
        |error| {
            Ended::usage(
                format!("{option}: {} cannot be read: {error}", path.display()),
                "Name a file of labelled issues, CSV or one JSON object a line.",
            )
        },
    )?;
    // A stray byte in one of thousands of issues is no reason to refuse the others.
    let text = String::from_utf8_lossy(&bytes);
    rows::read(&text).map_err(|error| {
        let hint = match error {
            rows::Error::Empty => "Give it a first line that names the columns, and an issue on each line below.",
            rows::Error::NoColumn { .. } => {
                "The first line names the columns: label, title and perhaps body and repo."
            }
            rows::Error::SameColumns { .. } => "Leave one of them, so that it is certain which is meant.",
            rows::Error::List => "Write each object on a line of its own; `jq -c '.[]' FILE` does.",
            rows::Error::NoObject { .. } => {
                "Each line is a whole object: {\"label\": \"bug\", \"title\": \"It crashes\", \"body\": \"At once.\"}"
            }
            rows::Error::Unreadable { .. } => {
                "Fields with commas, quotes or line breaks stand in double quotes, and quotes in them are doubled."
            }
        };
        Ended::usage(format!("{option}: {}: {error}", path.display()), hint)
    })
}
