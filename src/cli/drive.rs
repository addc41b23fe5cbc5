//! The command line of `drive`: clap types only.

mod access;
mod content;
mod looking;
mod order;

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub use access::{DriveAudit, DriveShare, DriveTransfer, DriveUnshare, ShareRole};
pub use content::{Converted, DriveExport, DriveGet, DrivePut, DriveSync, ExportFormat};
pub use looking::{DriveAt, DriveChanges, DriveDiff, DriveFind, DriveList, DrivePin, DriveWatch};
pub use order::{DriveCopy, DriveFromTo, DriveRemove};

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
const AUDIT_JSON: &str = "JSON: a list of {folder, id, findings}; `findings` is a list of {weight, kind, what, mend, mended, left}, `left` why it was not mended after all. The exit code is 1 when \
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
