//! Inputs of the task kinds that put content into Google Drive: a file as it is or as a document, and a document in
//! another format.

use serde::{Deserialize, Serialize};

use crate::domain::payload::Payload;
use crate::domain::shape::{WrongInput, accepts};

/// Puts a file of the working copy into Drive. Input: [`DrivePut`].
pub const DRIVE_PUT: &str = "drive_put";
/// Keeps a Google document in another format in a folder in Drive. Input: [`DriveExport`].
pub const DRIVE_EXPORT: &str = "drive_export";

/// See [`DRIVE_PUT`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrivePut {
    /// The file, by its path in the working copy.
    pub file: String,
    /// The folder in Drive: `docs:` of the configuration, or `id:…`; names may follow.
    pub folder: String,
    /// What it is to be called there; otherwise as here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether a file of that name that is there already gets this content; otherwise another file of the name is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
    /// The Google document that Drive makes of it; otherwise it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convert: Option<Converted>,
}

/// See [`DRIVE_EXPORT`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveExport {
    /// The document, as places are written: `docs:plans/Plan`. Otherwise the one that the task is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The format.
    #[serde(rename = "as")]
    pub becomes: ExportFormat,
    /// The folder in Drive that gets it, as places are written: `docs:pdf`.
    pub to: String,
    /// What it is to be called there; otherwise as the document, with the format's ending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether a file of that name that is there already gets this content; otherwise another file of the name is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
}

/// Google's own documents that a file can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Converted {
    /// Google Docs.
    Document,
    /// Google Sheets.
    Spreadsheet,
    /// Google Slides.
    Presentation,
}

impl Converted {
    /// The word for it, by which Drive's type for it ends too.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Spreadsheet => "spreadsheet",
            Self::Presentation => "presentation",
        }
    }
}

/// A format that Google's own documents are exported in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Markdown.
    Md,
    /// Plain text.
    Txt,
    /// HTML.
    Html,
    /// PDF.
    Pdf,
    /// Microsoft Word.
    Docx,
    /// OpenDocument text.
    Odt,
    /// Comma-separated values, of the first sheet.
    Csv,
    /// Microsoft Excel.
    Xlsx,
    /// Microsoft PowerPoint.
    Pptx,
    /// Scalable vector graphics.
    Svg,
}

impl ExportFormat {
    /// The word for it, by which names of such files end too.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Txt => "txt",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Odt => "odt",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pptx => "pptx",
            Self::Svg => "svg",
        }
    }
}

/// Whether an input of one of these kinds has its shape, and something to do.
pub(super) fn check(kind: &str, input: &Payload) -> Result<(), WrongInput> {
    let wrong =
        |field: &str, message: &str| Err(WrongInput { field: field.to_owned(), message: message.to_owned() });
    if kind == DRIVE_EXPORT {
        accepts::<DriveExport>(input)?;
        return match input.read::<DriveExport>() {
            Ok(export) if export.to.is_empty() => wrong("to", "it names no folder in Drive"),
            Ok(DriveExport { document: Some(place), .. }) if place.is_empty() => {
                wrong("document", "it names no document in Drive")
            }
            Ok(DriveExport { name: Some(name), .. }) if name.is_empty() => wrong("name", "it is empty"),
            _ => Ok(()),
        };
    }
    accepts::<DrivePut>(input)?;
    let named = input.read::<DrivePut>().is_ok_and(|put| !put.file.is_empty() && !put.folder.is_empty());
    if named { Ok(()) } else { wrong("", "it names no `file` or no `folder`") }
}

/// What a task of one of these kinds has for itself while it works: two at once would not see that the other makes a file
/// of the same name.
pub(super) fn lock(kind: &str, input: &Payload) -> Option<String> {
    let folder = match kind {
        DRIVE_PUT => input.read::<DrivePut>().ok().filter(|put| put.replace)?.folder,
        DRIVE_EXPORT => input.read::<DriveExport>().ok().filter(|export| export.replace)?.to,
        _ => return None,
    };
    Some(format!("drive into {folder}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_export_is_told_with_its_field() {
        let told = |text: &str| {
            let input: Payload = serde_json::from_str(text).unwrap();
            check(DRIVE_EXPORT, &input).err().map(|wrong| wrong.to_string()).unwrap_or_default()
        };
        assert_eq!(told(r#"{"document": "docs:Plan", "as": "pdf", "to": "docs:pdf", "replace": true}"#), "");
        for (text, what) in [
            (r#"{"as": "gif", "to": "docs:"}"#, "`as`: unknown variant `gif`"),
            (r#"{"to": "docs:"}"#, "missing field `as`"),
            (r#"{"as": "pdf", "to": ""}"#, "`to`: it names no folder in Drive"),
            (r#"{"as": "pdf", "to": "docs:", "replaces": true}"#, "`replaces`: there is no such field"),
        ] {
            assert!(told(text).contains(what), "{text}: {}", told(text));
        }
    }

    #[test]
    fn what_goes_into_one_folder_again_and_again_goes_one_after_the_other() {
        let of = |kind: &str, text: &str| lock(kind, &serde_json::from_str(text).unwrap());
        let put = of(DRIVE_PUT, r#"{"file": "a", "folder": "docs:", "replace": true}"#);
        assert_eq!(put, of(DRIVE_EXPORT, r#"{"as": "pdf", "to": "docs:", "replace": true}"#));
        assert!(put.is_some());
        assert_eq!(of(DRIVE_PUT, r#"{"file": "a", "folder": "docs:"}"#), None);
    }
}
