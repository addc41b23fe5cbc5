//! Commands about who may do what: `perms`, `share`, `unshare`, `transfer`. One change of a file after the other, through
//! the log where there is one.

use super::super::failure::{Ended, Kind};
use super::super::inspect::titled;
use super::ledger::{Order, key};
use super::{Desk, ended, organise, told};
use crate::cli::{DriveAt, DriveShare, DriveTransfer, DriveUnshare, ShareRole};
use crate::domain::failure::Failure;
use crate::domain::input::{AccessChange, DRIVE_ACCESS, DriveAccess, GrantFound};
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::services::drive::arranging::place;
use crate::services::drive::sharing::{self, Mended, Refused, Wanted, mend, share as make_it_so};
use crate::services::drive::{File, Permission, Role};

/// Width of a name in a sentence.
const NAME: usize = 80;

pub(super) async fn show(desk: &Desk, arguments: &DriveAt) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.place).await?;
    tell(desk, &file).await
}

/// Tells all grants as they are now: what was changed is looked at again, because of changes at the same moment Drive
/// keeps only one.
async fn tell(desk: &Desk, file: &File) -> Result<(), Ended> {
    show_all(desk, &desk.drive.permissions(&file.id).await.map_err(ended)?)
}

fn show_all(desk: &Desk, grants: &[Permission]) -> Result<(), Ended> {
    let values: Vec<_> = grants.iter().map(told::permission).collect();
    desk.tell(&values, &titled(desk.terminal, told::GRANT_COLUMNS, grants.iter().map(told::grant_row)))
}

/// What cannot be meant is the command line's fault; what Drive refuses is not.
fn refused(refused: Refused) -> Ended {
    match refused {
        Refused::Drive(error) => ended(error),
        no @ Refused::No { .. } => Ended { kind: Kind::Usage, ..Failure::from(no).into() },
    }
}

const fn role(role: ShareRole) -> Role {
    match role {
        ShareRole::Reader => Role::Reader,
        ShareRole::Commenter => Role::Commenter,
        ShareRole::Writer => Role::Writer,
        ShareRole::FileOrganizer => Role::FileOrganizer,
        ShareRole::Organizer => Role::Organizer,
    }
}

fn until(text: Option<&String>) -> Result<Option<Timestamp>, Ended> {
    let read = text.map(|text| {
        text.parse().map_err(|_| {
            Ended::usage(
                format!("--until: `{}` is no time", one_line(text, 40)),
                "Write it like 2026-12-01T00:00:00Z.",
            )
        })
    });
    read.transpose()
}

pub(super) async fn share(desk: &Desk, arguments: &DriveShare) -> Result<(), Ended> {
    // The command line has one of both.
    let Some(who) = arguments.with.clone() else {
        return organise::limit(desk, &arguments.place, false).await;
    };
    let change = AccessChange::Give {
        who,
        role: role(arguments.role).as_str().to_owned(),
        until: until(arguments.until.as_ref())?,
        notify: arguments.notify,
    };
    change_and_tell(desk, &arguments.place, change).await
}

pub(super) async fn unshare(desk: &Desk, arguments: &DriveUnshare) -> Result<(), Ended> {
    match arguments.from.clone() {
        Some(who) => change_and_tell(desk, &arguments.place, AccessChange::Take { who }).await,
        None => organise::limit(desk, &arguments.place, true).await,
    }
}

pub(super) async fn transfer(desk: &Desk, arguments: &DriveTransfer) -> Result<(), Ended> {
    let to = arguments.to.clone();
    let change = match (arguments.accept, arguments.offer) {
        (true, _) => AccessChange::Accept { to },
        (false, true) => AccessChange::Offer { to },
        (false, false) => AccessChange::HandOver { to },
    };
    change_and_tell(desk, &arguments.place, change).await
}

async fn change_and_tell(desk: &Desk, place: &str, change: AccessChange) -> Result<(), Ended> {
    // What the command line alone is wrong about is said before anything is asked.
    Wanted::read(&change, desk.clock.now()).map_err(refused)?;
    let file = desk.finder().file(place).await?;
    let came = change_access(desk, &file, &change, None).await?;
    let grants = desk.drive.permissions(&file.id).await.map_err(ended)?;
    desk.note(&sentence(&change, &came, &file, &grants));
    show_all(desk, &grants)
}

/// What somebody may do before and after.
pub(super) struct Came {
    who: String,
    before: Option<String>,
    after: Option<String>,
    is_same: bool,
    /// Why it was left as it is.
    pub(super) left: Option<String>,
}

/// Changes access: through the log where there is one, otherwise at once. `found` is how an audit found it: what is
/// another by now is left alone.
///
/// # Errors
/// Why it is not changed; or that it waits.
pub(super) async fn change_access(
    desk: &Desk,
    file: &File,
    change: &AccessChange,
    found: Option<GrantFound>,
) -> Result<Came, Ended> {
    let Some(ledger) = &desk.ledger else {
        let wanted = Wanted::read(change, desk.clock.now()).map_err(refused)?;
        let shared = match found {
            None => make_it_so(&*desk.drive, &file.id, &wanted).await.map_err(refused)?,
            // Without a log no rule has given anything.
            Some(found) => {
                match mend(&*desk.drive, &file.id, &wanted, &found, |_| None).await.map_err(refused)? {
                    Mended::Done(shared) => *shared,
                    Mended::Left(why) => {
                        let who = wanted.who();
                        return Ok(Came { who, before: None, after: None, is_same: true, left: Some(why) });
                    }
                }
            }
        };
        let may = |grant: &Option<Permission>| {
            let live = grant.as_ref().filter(|grant| !grant.deleted);
            live.and_then(|grant| grant.role).map(|role| role.as_str().to_owned())
        };
        return Ok(Came {
            is_same: shared.before == shared.after,
            before: may(&shared.before),
            after: may(&shared.after),
            who: shared.who,
            left: None,
        });
    };
    let (id, name) = (file.id.to_string(), file.name.clone());
    let (change, seen) = (change.clone(), Some(place(file)));
    let input = DriveAccess { file: id, name, change, seen, found, asked_by: Some(ledger.asks()) };
    let order = Order {
        kind: DRIVE_ACCESS,
        unique: key(&input.file, &input.change),
        reason: format!("{} asked for it on the command line", ledger.asks()),
        input: &input,
    };
    let done: receipt::DriveAccess = ledger.carry_out(&order).await?;
    let is_same = done.before == done.role && !done.offered && done.until == done.until_before;
    Ok(Came { who: done.who, before: done.before, after: done.role, is_same, left: done.left })
}

/// What happened, for people.
fn sentence(change: &AccessChange, came: &Came, file: &File, grants: &[Permission]) -> String {
    let (who, name) = (&came.who, one_line(&file.name, NAME));
    match change {
        AccessChange::Give { role, .. } if came.is_same => format!("{who} is {role} already."),
        AccessChange::Give { role, .. } => format!("{who} is {role} of `{name}` now."),
        AccessChange::Take { .. } if came.before.is_none() && came.after.is_none() => {
            format!(
                "Nothing was taken away: `{name}` is shared with nobody who is written {}. It is shared with: {}.",
                one_line(who, NAME),
                sharing::everybody(grants)
            )
        }
        AccessChange::Take { .. } => match &came.after {
            Some(role) => format!(
                "{who} has no access of their own to `{name}` any more, and stays {role} by a folder above."
            ),
            None => format!("{who} has lost access to `{name}`."),
        },
        AccessChange::HandOver { .. } if came.is_same => format!("{who} owns it already."),
        AccessChange::HandOver { .. } | AccessChange::Accept { .. } if file.is_folder() => {
            format!("{who} owns `{name}` now; what is in it stays with those who own it.")
        }
        AccessChange::HandOver { .. } | AccessChange::Accept { .. } => format!("{who} owns `{name}` now."),
        AccessChange::Offer { .. } => {
            format!("It is offered to {who}, who accepts it with `automata drive transfer --accept`.")
        }
    }
}
