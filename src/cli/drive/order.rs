//! The command line of `drive` about order: copied, moved, thrown away.

use clap::Args;

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
