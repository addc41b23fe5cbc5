//! The command line of `drive`: clap types only.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

const PLACES: &str = "\
Places in Drive:
  guides/a.md            a path below your own drive; a slash in a name is written \\/
  docs:guides/a.md       below a folder that `drive.folders` in the configuration names
  drive:Team/guides      below a shared drive, by its name or its id
  id:1AbC, or a link     something by its id; `/` and names may follow an id
Where several things have one name, their ids are told, and none is taken.";

const FILES_JSON: &str =
    "JSON: a list of {path, id, name, mime, size, modified_at, md5, trashed, drive, parent, url}.";
const FILE_JSON: &str = "JSON: one object {id, name, mime, size, modified_at, md5, trashed, drive, parent, url} and what came of it.";
const GRANTS_JSON: &str =
    "JSON: a list of {id, who, kind, role, inherited, inherited_from, expires_at, pending_owner, deleted}.";
const SYNC_JSON: &str = "JSON: one object {steps, conflicts, left, failed, unchanged, deletions, done}; `steps` is a list of {do, on | to | from, path, size, \
    replaces}, `conflicts`, `left` and `failed` are lists of {path, why}; `done` counts steps, 0 with --dry-run.";
const AUDIT_JSON: &str = "JSON: a list of {folder, id, findings}; `findings` is a list of {weight, kind, what, mend, mended}. The exit code is 1 when \
    something is left that is not as wanted.";
const CHANGES_JSON: &str = "JSON: one object {changes, next}; `changes` is a list of {at, id, name, removed, file}, `next` what --since takes to go on.";
const WATCH_JSON: &str = "JSON: one object for each change, {at, id, place, changed, by, gone, url}; `changed` is a list of {aspect}.";
const REVISIONS_JSON: &str =
    "JSON: {id, mime, modified_at, modified_by, size, md5, kept, published}, a list of it or one.";
const DIFF_JSON: &str =
    "JSON: one object {from, to, same, diff}; `diff` is a unified diff, null where one of both is no text.";
const DOCTOR_JSON: &str = "JSON: one object {account, storage, drives, folders, advice}.";

/// Arguments of `drive`.
#[derive(Debug, Args)]
#[command(after_long_help = PLACES)]
pub struct Drive {
    /// The configuration file; otherwise `.github/automata.yml` of the folder this is started in, where there is one.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Changes things without the log, also where there is one at hand: nobody can tell later who asked.
    #[arg(long, global = true)]
    pub unrecorded: bool,
    /// What to do in Drive.
    #[command(subcommand)]
    pub command: DriveCommand,
}

/// What to do in Drive.
#[derive(Debug, Subcommand)]
pub enum DriveCommand {
    /// List a folder.
    #[command(after_long_help = FILES_JSON)]
    Ls(DriveList),
    /// Search by name, words, type, time and people.
    #[command(after_long_help = FILES_JSON)]
    Find(DriveFind),
    /// Fetch a file; checked against Drive's own checksum, gone on with where it broke off.
    Get(DriveGet),
    /// Upload a file: new, or as the next content of the one that has its name.
    #[command(after_long_help = FILE_JSON)]
    Put(DrivePut),
    /// Make a folder, and those above it that are missing.
    #[command(after_long_help = FILE_JSON)]
    Mkdir(DriveAt),
    /// Move or rename.
    #[command(after_long_help = FILE_JSON)]
    Mv(DriveFromTo),
    /// Copy a file, or make a shortcut to it.
    #[command(after_long_help = FILE_JSON)]
    Cp(DriveCopy),
    /// Put something into the trash.
    #[command(after_long_help = FILE_JSON)]
    Rm(DriveRemove),
    /// Take something out of the trash.
    #[command(after_long_help = FILE_JSON)]
    Restore(DriveAt),
    /// Show what Drive knows of a file, and what you may do with it.
    Info(DriveAt),
    /// Fetch a Google document in another format.
    Export(DriveExport),
    /// Give somebody access.
    #[command(after_long_help = GRANTS_JSON)]
    Share(DriveShare),
    /// Take access away.
    #[command(after_long_help = GRANTS_JSON)]
    Unshare(DriveUnshare),
    /// Show who may do what.
    #[command(after_long_help = GRANTS_JSON)]
    Perms(DriveAt),
    /// Hand a file over to another owner.
    #[command(after_long_help = GRANTS_JSON)]
    Transfer(DriveTransfer),
    /// Keep a folder here and one in Drive in step.
    #[command(after_long_help = SYNC_JSON)]
    Sync(DriveSync),
    /// Compare who has access with what the configuration wants, and mend it where it may be mended.
    #[command(after_long_help = AUDIT_JSON)]
    Audit(DriveAudit),
    /// Show what happened since a point in Drive's feed of changes.
    #[command(after_long_help = CHANGES_JSON)]
    Changes(DriveChanges),
    /// Tell what changes in a folder, as it happens.
    #[command(after_long_help = WATCH_JSON)]
    Watch(DriveWatch),
    /// List the states that a file's content had.
    #[command(after_long_help = REVISIONS_JSON)]
    Revisions(DriveAt),
    /// Keep a state of a file's content for ever.
    #[command(after_long_help = REVISIONS_JSON)]
    Pin(DrivePin),
    /// Compare two states of a file's content.
    #[command(after_long_help = DIFF_JSON)]
    Diff(DriveDiff),
    /// Tell whose account this is, what it can reach, and what it lacks.
    #[command(after_long_help = DOCTOR_JSON)]
    Doctor,
}

/// Arguments of `drive watch`.
#[derive(Debug, Args)]
pub struct DriveWatch {
    /// The folder, with all below it.
    #[arg(default_value = "/")]
    pub place: String,
    /// Seconds between two looks at the feed of changes.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub every: u64,
    /// End after so many looks; otherwise it goes on until it is stopped.
    #[arg(long, value_name = "NUMBER")]
    pub polls: Option<u32>,
}

/// Arguments of `drive pin`.
#[derive(Debug, Args)]
pub struct DrivePin {
    /// The file.
    pub place: String,
    /// The revision's id; otherwise the newest.
    pub revision: Option<String>,
    /// Let it go again.
    #[arg(long)]
    pub off: bool,
}

/// Arguments of `drive diff`.
#[derive(Debug, Args)]
pub struct DriveDiff {
    /// The file.
    pub place: String,
    /// The earlier revision's id; otherwise the last but one.
    #[arg(long, value_name = "REVISION")]
    pub from: Option<String>,
    /// The later revision's id; otherwise the newest.
    #[arg(long, value_name = "REVISION")]
    pub to: Option<String>,
}

/// Arguments of `drive ls`.
#[derive(Debug, Args)]
pub struct DriveList {
    /// The folder; otherwise the topmost one of your own drive.
    #[arg(default_value = "/")]
    pub place: String,
    /// With everything below.
    #[arg(short, long)]
    pub recursive: bool,
    /// What is in the trash as well.
    #[arg(long)]
    pub trashed: bool,
}

/// Arguments of `drive find`. All that is given has to hold.
#[derive(Debug, Args)]
pub struct DriveFind {
    /// Only in this shared drive, or directly in this folder.
    #[arg(long, value_name = "PLACE")]
    pub within: Option<String>,
    /// A word of the name begins so.
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// The name, the description or the content has these words.
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// The MIME type, or its beginning with a slash at the end: `image/`.
    #[arg(long = "type", value_name = "MIME")]
    pub mime: Option<String>,
    /// Changed after this time.
    #[arg(long, value_name = "TIME")]
    pub after: Option<String>,
    /// Changed before this time.
    #[arg(long, value_name = "TIME")]
    pub before: Option<String>,
    /// Owned by this address.
    #[arg(long, value_name = "ADDRESS")]
    pub owner: Option<String>,
    /// Open to everybody who has the link.
    #[arg(long)]
    pub public: bool,
    /// In the trash.
    #[arg(long)]
    pub trashed: bool,
    /// In your own drive, what is shared with you, and all shared drives.
    #[arg(long)]
    pub everywhere: bool,
    /// At most so many.
    #[arg(short = 'n', long, default_value_t = 100, value_name = "COUNT")]
    pub most: usize,
}

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

/// Arguments of commands about one thing.
#[derive(Debug, Args)]
pub struct DriveAt {
    /// The place in Drive.
    pub place: String,
}

/// Arguments of `drive cp`.
#[derive(Debug, Args)]
pub struct DriveCopy {
    /// What.
    pub from: String,
    /// Where to: a folder that is there takes it under its own name; otherwise the last name is the copy's.
    pub to: String,
    /// Makes a shortcut that leads there instead of a copy; to folders as well.
    #[arg(long)]
    pub shortcut: bool,
}

/// Arguments of `drive mv`.
#[derive(Debug, Args)]
pub struct DriveFromTo {
    /// What.
    pub from: String,
    /// Where to: a folder that is there takes it under its own name; otherwise the last name is its new one.
    pub to: String,
}

/// Arguments of `drive rm`.
#[derive(Debug, Args)]
pub struct DriveRemove {
    /// The place in Drive.
    pub place: String,
    /// Past the trash: it cannot be taken back, and takes a folder with all in it.
    #[arg(long)]
    pub for_good: bool,
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

/// Who is let in: `user:mona@example.org`, `group:…`, `domain:example.org` or `anyone`.
#[derive(Debug, Args)]
pub struct DriveShare {
    /// The place in Drive.
    pub place: String,
    /// To whom: an address, `group:ADDRESS`, `domain:NAME`, or `anyone` for everybody who has the link.
    #[arg(long, value_name = "WHO", required_unless_present = "inherited")]
    pub with: Option<String>,
    /// Instead: let those into a folder again who have access to the folder above.
    #[arg(long, conflicts_with_all = ["with", "role", "until", "notify"])]
    pub inherited: bool,
    /// What they may do.
    #[arg(long, value_enum, default_value_t = ShareRole::Reader)]
    pub role: ShareRole,
    /// Until when: a time such as 2026-12-01T00:00:00Z. For people and groups, at most a year.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Drive writes them a mail about it.
    #[arg(long)]
    pub notify: bool,
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShareRole {
    /// See it.
    Reader,
    /// Say something about it.
    Commenter,
    /// Change it.
    Writer,
    /// In shared drives: change, move and share what is in it.
    FileOrganizer,
    /// In shared drives: manage it.
    Organizer,
}

/// Arguments of `drive unshare`.
#[derive(Debug, Args)]
pub struct DriveUnshare {
    /// The place in Drive.
    pub place: String,
    /// From whom, as with `drive share`; or a permission's id.
    #[arg(long, value_name = "WHO", required_unless_present = "inherited")]
    pub from: Option<String>,
    /// Instead: let nobody into a folder because of a folder above; only who is named at the folder itself, and owners.
    #[arg(long, conflicts_with = "from")]
    pub inherited: bool,
}

/// Arguments of `drive transfer`.
#[derive(Debug, Args)]
pub struct DriveTransfer {
    /// The file.
    pub place: String,
    /// The new owner's address.
    #[arg(long, value_name = "ADDRESS")]
    pub to: String,
    /// Only offers it, as it has to be between accounts of no organisation: the other accepts with `--accept`.
    #[arg(long, conflicts_with = "accept")]
    pub offer: bool,
    /// Accepts what was offered to this account.
    #[arg(long)]
    pub accept: bool,
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

/// Arguments of `drive audit`.
#[derive(Debug, Args)]
pub struct DriveAudit {
    /// Mends what the configuration lets be mended (`repair: true`).
    #[arg(long)]
    pub repair: bool,
    /// Keeps one issue about what is left: opened, rewritten, and closed when nothing is left. Needs a log at hand.
    #[arg(long)]
    pub issue: bool,
}

/// Arguments of `drive changes`.
#[derive(Debug, Args)]
pub struct DriveChanges {
    /// Since which point; without it only the present point is told.
    #[arg(long, value_name = "POINT")]
    pub since: Option<String>,
    /// The feed of this shared drive, by name or id; otherwise the account's own.
    #[arg(long, value_name = "DRIVE")]
    pub drive: Option<String>,
}
