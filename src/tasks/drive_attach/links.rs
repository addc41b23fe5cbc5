//! What a text links to in Drive gets a shortcut in the issue's folder: once, by the words of whoever wrote the link. What it
//! leads to is looked at, and neither changed nor named: the link may be anybody's.

use std::collections::BTreeSet;

use super::super::files::waits;
use super::super::{Announcement, Context, Files, lodge};
use super::Copied;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::receipt;
use crate::domain::state::Folder;
use crate::domain::untrusted::one_line;
use crate::services::drive::{
    Class, Error, FileId, Linked, Listing, NewFile, Query, Term, file::SHORTCUT, walk,
};

/// Shortcuts in an issue's folder that come from its links.
const MOST: usize = 50;
/// Shortcuts of a folder that are looked at.
const LOOKED_AT: usize = 1_000;
/// Width of what a stranger calls a link.
const SAID: usize = 80;

/// A link that gets a shortcut.
struct Wanted {
    link: Linked,
    name: String,
}

impl Wanted {
    fn of(link: Linked, number: IssueNumber) -> Self {
        // Whoever sees the folder sees that it stands there because somebody wrote so.
        let name = format!("{} (linked in {number})", lodge::name_of(&one_line(&link.said, SAID)));
        Self { link, name }
    }

    /// What its id is drawn for.
    fn label(&self) -> String {
        format!("link-{}", self.link.target)
    }
}

/// Makes the shortcuts that are missing, and adds to `done` what came of it.
///
/// # Errors
/// As Drive says.
pub(super) async fn link_all(
    context: &Context<'_>,
    files: &Files,
    (number, folder): (IssueNumber, &Folder),
    links: Vec<Linked>,
    done: &mut Copied,
) -> Result<(), Failure> {
    let id = lodge::id_of(folder.made.id)?;
    let receipt = match context.receipt::<receipt::DriveLinks>("drive_links") {
        Some(receipt) => receipt,
        None => {
            // What a person threw away of it is not put back.
            let known: BTreeSet<&str> = folder.linked.iter().map(|target| target.as_str()).collect();
            let new: Vec<Linked> =
                links.into_iter().filter(|link| !known.contains(link.target.as_str())).collect();
            if new.is_empty() {
                return Ok(());
            }
            let wanted = fit(context, files, (number, &id), (new, known.len()), done).await?;
            if wanted.is_empty() {
                return Ok(());
            }
            make(context, files, &id, &wanted).await?
        }
    };
    done.linked.extend(receipt.made.into_iter().map(|link| link.name));
    done.left.extend(receipt.left);
    Ok(())
}

/// Those that can have a shortcut. Of the others it is said why, in words that tell nothing about what they lead to but what
/// whoever wrote the link could know.
async fn fit(
    context: &Context<'_>,
    files: &Files,
    (number, folder): (IssueNumber, &FileId),
    (links, known): (Vec<Linked>, usize),
    done: &mut Copied,
) -> Result<Vec<Wanted>, Failure> {
    let drive = &*files.drive;
    let here = drive.file(folder).await.map_err(|error| waits(context, error))?;
    if here.trashed {
        return Err(Error::in_trash(&here).into());
    }
    let shortcuts = Query::children(folder.clone()).and(Term::MimeIs(SHORTCUT.to_owned()));
    let there = walk::all(drive, &Listing::of(shortcuts, here.drive.clone()), LOOKED_AT).await;
    let there = there.map_err(|error| waits(context, error))?.files;
    let ours = lodge::drawn(context);
    let mut wanted = Vec::new();
    for link in links {
        let is_there = there.iter().any(|file| {
            // One of an attempt that was cut off is this one.
            file.shortcut_to.as_ref() == Some(&link.target) && !ours.contains(&file.id)
        });
        let said = one_line(&link.said, SAID);
        if is_there {
            continue;
        }
        if known + wanted.len() >= MOST {
            done.left.push(format!("{said}: {MOST} links of an issue get a shortcut"));
            continue;
        }
        let why = match drive.file(&link.target).await {
            Err(error) if error.class == Class::Permanent => {
                Some("this account does not see what it leads to")
            }
            Err(error) => return Err(waits(context, error)),
            Ok(target) if target.id == here.id => Some("it leads to this folder itself"),
            Ok(target) if target.parent.as_ref() == Some(folder) => Some("it lies in the folder already"),
            Ok(target) if target.trashed => Some("what it leads to is in the trash"),
            Ok(target) if target.mime == SHORTCUT => Some("it leads to a shortcut"),
            Ok(_) => None,
        };
        match why {
            Some(why) => done.left.push(format!("{said}: {why}")),
            None => wanted.push(Wanted::of(link, number)),
        }
    }
    Ok(wanted)
}

/// Makes them, all by one announcement. Their ids are durable before it.
async fn make(
    context: &Context<'_>,
    files: &Files,
    folder: &FileId,
    wanted: &[Wanted],
) -> Result<receipt::DriveLinks, Failure> {
    let labels: Vec<String> = wanted.iter().map(Wanted::label).collect();
    let ids = lodge::shortcut_ids(context, files, &labels).await?;
    let targets: Vec<&str> = wanted.iter().map(|wanted| wanted.link.target.as_str()).collect();
    let announcement = Announcement {
        step: "drive_links",
        kind: EffectKind::DriveLinks,
        target: format!("drive/{folder}"),
        detail: targets.join(" "),
    };
    context
        .effect(
            announcement,
            // Made again with the same id it is found made.
            async || Ok(None),
            async || {
                let mut done = receipt::DriveLinks::default();
                for (wanted, label) in wanted.iter().zip(&labels) {
                    let Wanted { link, name } = wanted;
                    let id = ids
                        .get(label)
                        .ok_or_else(|| Failure::transient("drive", "Drive gave too few ids"))?;
                    let new = NewFile::shortcut(id.clone(), name, folder.clone(), link.target.clone());
                    match files.drive.create(&new).await {
                        Ok(_) => {
                            let (id, target) = (lodge::key_of(id)?, lodge::key_of(&link.target)?);
                            done.made.push(receipt::DriveLink { id, target, name: name.clone() });
                        }
                        // The folder was seen a moment ago; what may not be led to any more is this link's own trouble.
                        Err(error) if error.class == Class::Permanent => {
                            let said = one_line(&link.said, SAID);
                            done.left.push(format!("{said}: Drive refuses a shortcut to it"));
                        }
                        Err(error) => return Err(waits(context, error)),
                    }
                }
                Ok(done)
            },
        )
        .await
}
