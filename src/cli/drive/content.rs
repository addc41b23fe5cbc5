//! The command line of `drive` about content: fetched, put, exported, kept in step.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `drive get`.
#[derive(Debug, Args)]
pub struct DriveGet {
    /// The file.
    pub place: String,
    /// Where to; otherwise under its own name in this folder. A folder takes it under its own name.
    pub to: Option<PathBuf>,
    /// An older content, by its revision's id.
    #[arg(long, value_name = "ID")]
    pub revision: Option<String>,
    /// Writes over a file that is there.
    #[arg(short, long)]
    pub force: bool,
    /// Fetches also what Drive takes for malware. Only its owner may.
    #[arg(long)]
    pub accept_abuse: bool,
}

/// Arguments of `drive put`.
#[derive(Debug, Args)]
pub struct DrivePut {
    /// The file here.
    pub file: PathBuf,
    /// The folder in Drive.
    pub folder: String,
    /// What it is to be called there; otherwise as here.
    #[arg(long)]
    pub name: Option<String>,
    /// Its MIME type; otherwise by the ending of its name.
    #[arg(long = "type", value_name = "MIME")]
    pub mime: Option<String>,
    /// Makes a new file even where there is one of that name.
    #[arg(long)]
    pub new: bool,
    /// Becomes a Google document of this type.
    #[arg(long, value_enum, value_name = "TYPE")]
    pub convert: Option<Converted>,
}

/// Google's own documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Converted {
    /// Google Docs.
    Document,
    /// Google Sheets.
    Spreadsheet,
    /// Google Slides.
    Presentation,
}

/// Arguments of `drive export`.
#[derive(Debug, Args)]
pub struct DriveExport {
    /// The document.
    pub place: String,
    /// Where to; otherwise under its own name in this folder. `-` for stdout.
    pub to: Option<PathBuf>,
    /// The format.
    #[arg(long = "as", value_enum, default_value_t = ExportFormat::Markdown)]
    pub becomes: ExportFormat,
    /// Writes over a file that is there.
    #[arg(short, long)]
    pub force: bool,
}

/// A format for an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// Markdown, of a document.
    #[value(name = "md", alias = "markdown")]
    Markdown,
    /// Plain text.
    #[value(name = "txt")]
    Text,
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
    /// Scalable vector graphics, of a drawing.
    Svg,
}

/// Arguments of `drive sync`.
#[derive(Debug, Args)]
pub struct DriveSync {
    /// A name under `drive.sync` in the configuration, or a folder here.
    pub what: PathBuf,
    /// The folder in Drive, when `what` is a folder here.
    pub place: Option<String>,
    /// This folder becomes as Drive is, instead of the other way round.
    #[arg(long)]
    pub down: bool,
    /// Each side takes over what changed on the other; of what changed on both, both are kept.
    #[arg(long, conflicts_with = "down")]
    pub both: bool,
    /// What the model does not have goes: into the trash in Drive.
    #[arg(long)]
    pub delete: bool,
    /// Keeps only this in step: a glob such as `*.md`, which is meant wherever it lies, or `docs/*.md` from the folder on;
    /// a folder with all below it. May be said again.
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// Leaves this out on both sides: it is neither copied nor deleted. As for --only; may be said again.
    #[arg(long, value_name = "GLOB")]
    pub except: Vec<String>,
    /// How many files may go; more of them, and nothing is done at all. Otherwise `drive.limits.deletions`.
    #[arg(long, value_name = "COUNT")]
    pub most_deletions: Option<usize>,
    /// Only tell what would be done.
    #[arg(long)]
    pub dry_run: bool,
}
