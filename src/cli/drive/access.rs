//! The command line of `drive` about access: given, taken, handed over, audited.

use clap::{Args, ValueEnum};

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
