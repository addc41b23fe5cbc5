//! Google's own documents: the formats that they become, and what stands in the way of a file that gets new content.

use crate::domain::input::{Converted, ExportFormat};
use crate::domain::untrusted::one_line;

/// What the types of all begin with that has no bytes of its own.
const GOOGLE: &str = "application/vnd.google-apps.";
/// Width of a name in a sentence.
const NAME: usize = 80;

/// What each kind becomes, the usual format first:
/// <https://developers.google.com/workspace/drive/api/guides/ref-export-formats>.
const FORMATS: [(&str, &[ExportFormat]); 4] = {
    use ExportFormat::{Csv, Docx, Html, Md, Odt, Pdf, Pptx, Svg, Txt, Xlsx};
    [
        ("document", &[Md, Txt, Html, Pdf, Docx, Odt]),
        ("spreadsheet", &[Csv, Xlsx, Pdf]),
        ("presentation", &[Txt, Pptx, Pdf]),
        ("drawing", &[Svg, Pdf]),
    ]
};

/// The kind of a document by its type: `document`; empty for what is none of Google's.
#[must_use]
pub fn kind(mime: &str) -> &str {
    mime.strip_prefix(GOOGLE).unwrap_or_default()
}

/// The type of what a file is to become.
#[must_use]
pub fn mime_of(becomes: Converted) -> String {
    format!("{GOOGLE}{}", becomes.word())
}

/// The MIME type of a format.
#[must_use]
pub const fn format(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Md => "text/markdown",
        ExportFormat::Txt => "text/plain",
        ExportFormat::Html => "text/html",
        ExportFormat::Pdf => "application/pdf",
        ExportFormat::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ExportFormat::Odt => "application/vnd.oasis.opendocument.text",
        ExportFormat::Csv => "text/csv",
        ExportFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ExportFormat::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ExportFormat::Svg => "image/svg+xml",
    }
}

/// Whether it is text, which is the same each time that it is exported of the same document.
#[must_use]
pub const fn is_text(format: ExportFormat) -> bool {
    use ExportFormat::{Csv, Html, Md, Svg, Txt};
    matches!(format, Md | Txt | Html | Csv | Svg)
}

/// The format in which a repository holds such a document; none where it would hold nothing that people read.
#[must_use]
pub fn usual(mime: &str) -> Option<ExportFormat> {
    formats(mime)?.first().copied()
}

fn formats(mime: &str) -> Option<&'static [ExportFormat]> {
    FORMATS.iter().find(|(of, _)| *of == kind(mime)).map(|(_, formats)| *formats)
}

/// Why something is not exported in a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It has bytes of its own.
    File(String),
    /// It is a folder.
    Folder,
    /// It only leads to something.
    Shortcut,
    /// It becomes other formats: these.
    Other(String),
}

/// Why a thing of this type is not exported in a format; none where it is. Of what is none of the usual kinds, Drive itself
/// says what it becomes.
#[must_use]
pub fn unfit(mime: &str, format: ExportFormat) -> Option<Unfit> {
    match kind(mime) {
        "" => Some(Unfit::File(one_line(mime, NAME))),
        "folder" => Some(Unfit::Folder),
        "shortcut" => Some(Unfit::Shortcut),
        _ => {
            let others = formats(mime).filter(|formats| !formats.contains(&format))?;
            let words: Vec<&str> = others.iter().map(|format| format.word()).collect();
            let (last, first) = words.split_last()?;
            Some(Unfit::Other(format!("{} and {last}", first.join(", "))))
        }
    }
}

impl Unfit {
    /// The same as a sentence without its full stop, about the thing of that name and type.
    #[must_use]
    pub fn told(&self, name: &str, mime: &str, format: ExportFormat) -> String {
        let name = one_line(name, NAME);
        match self {
            Self::File(mime) => format!("`{name}` is no Google document, but {mime}"),
            Self::Folder => format!("`{name}` is a folder"),
            Self::Shortcut => format!("`{name}` is a shortcut"),
            Self::Other(_) => {
                format!("`{name}` is a Google {}, and does not become {}", kind(mime), format.word())
            }
        }
    }
}

/// What is in the way of a file that is to get new content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InTheWay {
    /// A folder has that name.
    Folder,
    /// It is no document of the kind that the file is to become.
    OtherKind(Converted),
    /// A Google document holds no bytes.
    Document,
    /// A shortcut holds no bytes.
    Shortcut,
}

/// What is in the way where a thing of this type has the name already; none where it takes the content. A document takes only
/// what becomes one of its kind, and all else only what stays as it is.
#[must_use]
pub fn in_the_way(mime: &str, becomes: Option<Converted>) -> Option<InTheWay> {
    match (kind(mime), becomes) {
        ("folder", _) => Some(InTheWay::Folder),
        (kind, Some(becomes)) => (kind != becomes.word()).then_some(InTheWay::OtherKind(becomes)),
        ("", None) => None,
        ("shortcut", None) => Some(InTheWay::Shortcut),
        (_, None) => Some(InTheWay::Document),
    }
}

impl InTheWay {
    /// The same as a sentence without its full stop, about the thing of that name.
    #[must_use]
    pub fn told(self, name: &str) -> String {
        let name = one_line(name, NAME);
        match self {
            Self::Folder => format!("`{name}` is a folder there"),
            Self::OtherKind(becomes) => format!("`{name}` is there, and no {}", becomes.word()),
            Self::Document => {
                format!("`{name}` is a Google document there, which holds no bytes to write over")
            }
            Self::Shortcut => format!("`{name}` is a shortcut there, which holds no bytes to write over"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_takes_what_becomes_one_of_its_kind_and_a_file_what_stays_as_it_is() {
        let docs = mime_of(Converted::Document);
        assert_eq!(in_the_way("text/plain", None), None);
        assert_eq!(in_the_way(&docs, Some(Converted::Document)), None);
        let other = Some(InTheWay::OtherKind(Converted::Spreadsheet));
        assert_eq!(in_the_way(&docs, Some(Converted::Spreadsheet)), other);
        assert_eq!(in_the_way("text/csv", Some(Converted::Spreadsheet)), other);
        assert_eq!(in_the_way(&docs, None), Some(InTheWay::Document));
        for becomes in [None, Some(Converted::Document)] {
            let folder = format!("{GOOGLE}folder");
            assert_eq!(in_the_way(&folder, becomes), Some(InTheWay::Folder));
        }
        assert_eq!(in_the_way(&format!("{GOOGLE}shortcut"), None), Some(InTheWay::Shortcut));
    }

    #[test]
    fn each_kind_becomes_its_formats_and_what_is_unknown_is_googles_to_say() {
        let of = |kind: &str, format| unfit(&format!("{GOOGLE}{kind}"), format);
        assert_eq!(of("document", ExportFormat::Pdf), None);
        assert_eq!(of("spreadsheet", ExportFormat::Md), Some(Unfit::Other("csv, xlsx and pdf".to_owned())));
        assert_eq!(of("vid", ExportFormat::Md), None);
        assert_eq!(of("folder", ExportFormat::Pdf), Some(Unfit::Folder));
        assert_eq!(of("shortcut", ExportFormat::Pdf), Some(Unfit::Shortcut));
        assert_eq!(unfit("text/plain", ExportFormat::Pdf), Some(Unfit::File("text/plain".to_owned())));
        assert_eq!(usual(&mime_of(Converted::Presentation)), Some(ExportFormat::Txt));
    }
}
