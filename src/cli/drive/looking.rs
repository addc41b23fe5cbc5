//! The command line of `drive` about what is looked at: lists, searches, changes, revisions.

use clap::Args;

/// Arguments of commands about one thing.
#[derive(Debug, Args)]
pub struct DriveAt {
    /// The place in Drive.
    pub place: String,
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
