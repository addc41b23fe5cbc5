//! Commands about who may do what: `perms`, `share`, `unshare`, `transfer`. One change of a file after the other.

use super::super::failure::Ended;
use super::super::inspect::titled;
use super::{Desk, ended, told};
use crate::cli::{DriveAt, DriveShare, DriveTransfer, DriveUnshare, ShareRole};
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::services::drive::{File, Grant, GrantChange, Grantee, Permission, PermissionId, Role};

/// Width of a name in a sentence.
const NAME: usize = 80;

pub(super) async fn show(desk: &Desk, arguments: &DriveAt) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.place).await?;
    tell(desk, &file).await
}

/// Tells all grants as they are now: what was changed is looked at again, because of changes at the same moment Drive
/// keeps only one.
async fn tell(desk: &Desk, file: &File) -> Result<(), Ended> {
    let grants = desk.drive.permissions(&file.id).await.map_err(ended)?;
    let values: Vec<_> = grants.iter().map(told::permission).collect();
    desk.tell(&values, &titled(told::GRANT_COLUMNS, grants.iter().map(told::grant_row)))
}

/// Reads who is meant.
pub(super) fn grantee(text: &str) -> Result<Grantee, Ended> {
    let address = |text: &str| {
        let parts = text.split_once('@').filter(|(name, domain)| !name.is_empty() && domain.contains('.'));
        let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        parts.filter(|_| plain).map(|_| text.to_owned())
    };
    let read = match text.split_once(':') {
        None if text == "anyone" => Some(Grantee::Anyone),
        None => address(text).map(Grantee::User),
        Some(("user", rest)) => address(rest).map(Grantee::User),
        Some(("group", rest)) => address(rest).map(Grantee::Group),
        Some(("domain", rest)) => Some(rest)
            .filter(|rest| rest.contains('.') && !rest.contains('@'))
            .map(|rest| Grantee::Domain(rest.to_owned())),
        Some(_) => None,
    };
    read.ok_or_else(|| {
        Ended::usage(
            format!("`{}` names nobody", one_line(text, NAME)),
            "Write an address, `group:ADDRESS`, `domain:NAME`, or `anyone` for everybody who has the link.",
        )
    })
}

/// The grant of somebody, whether it is theirs here or from above.
pub(super) fn of<'a>(grants: &'a [Permission], who: &Grantee) -> Option<&'a Permission> {
    let same = |grantee: &Grantee| match (grantee, who) {
        (Grantee::User(one), Grantee::User(other))
        | (Grantee::Group(one), Grantee::Group(other))
        | (Grantee::Domain(one), Grantee::Domain(other)) => one.eq_ignore_ascii_case(other),
        (one, other) => one == other,
    };
    grants.iter().find(|grant| grant.grantee.as_ref().is_some_and(same))
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
    let who = grantee(&arguments.with)?;
    let wanted = role(arguments.role);
    let expires_at = until(arguments.until.as_ref())?;
    if expires_at.is_some() && !matches!(who, Grantee::User(_) | Grantee::Group(_)) {
        return Err(Ended::usage(
            "only what people and groups are given can end by itself",
            "Leave --until out, or name a person or a group.",
        ));
    }
    if expires_at.is_some_and(|at| at <= desk.clock.now()) {
        return Err(Ended::usage("--until lies in the past", "Name a time to come, within a year."));
    }
    let file = desk.finder().file(&arguments.place).await?;
    may_share(&file)?;
    let grants = desk.drive.permissions(&file.id).await.map_err(ended)?;
    match of(&grants, &who).filter(|grant| !grant.deleted) {
        Some(grant) if grant.role == Some(wanted) && grant.expires_at == expires_at => {
            desk.note(&format!("{who} is {wanted} already."));
        }
        Some(grant) if grant.role == Some(Role::Owner) => {
            return Err(Ended::usage(
                format!("{who} owns it"),
                "Hand it over to somebody else first: `automata drive transfer`.",
            ));
        }
        Some(grant) => {
            let expires_at = (grant.expires_at != expires_at).then_some(expires_at);
            let change = GrantChange { role: Some(wanted), expires_at, ..GrantChange::default() };
            desk.drive.change_grant(&file.id, &grant.id, &change).await.map_err(ended)?;
            desk.note(&format!("{who} is {wanted} of `{}` now.", one_line(&file.name, NAME)));
        }
        None => {
            let grant = Grant { expires_at, notify: arguments.notify, ..Grant::new(who.clone(), wanted) };
            desk.drive.grant(&file.id, &grant).await.map_err(ended)?;
            desk.note(&format!("{who} is {wanted} of `{}` now.", one_line(&file.name, NAME)));
        }
    }
    tell(desk, &file).await
}

fn may_share(file: &File) -> Result<(), Ended> {
    if file.rights.share {
        return Ok(());
    }
    Err(Ended::usage(
        format!("the account may not change who has access to `{}`", one_line(&file.name, NAME)),
        "Ask its owner, or an organizer of its shared drive; `automata drive info` shows what the account may do.",
    ))
}

pub(super) async fn unshare(desk: &Desk, arguments: &DriveUnshare) -> Result<(), Ended> {
    // A permission's id is digits, or one of Drive's own words.
    let id = PermissionId::parse(&arguments.from)
        .ok()
        .filter(|_| arguments.from != "anyone" && !arguments.from.contains(':'));
    let who = if id.is_some() { None } else { Some(grantee(&arguments.from)?) };
    let file = desk.finder().file(&arguments.place).await?;
    let grants = desk.drive.permissions(&file.id).await.map_err(ended)?;
    let found = match &who {
        Some(who) => of(&grants, who),
        None => grants.iter().find(|grant| Some(&grant.id) == id.as_ref()),
    };
    let Some(grant) = found else {
        desk.note(&format!(
            "{} has no access of their own to `{}`.",
            arguments.from,
            one_line(&file.name, NAME)
        ));
        return tell(desk, &file).await;
    };
    if grant.role == Some(Role::Owner) {
        return Err(Ended::usage(
            "an owner cannot be shut out",
            "Hand it over to somebody else first: `automata drive transfer`.",
        ));
    }
    if grant.inherited {
        let from = grant
            .inherited_from
            .as_ref()
            .map_or_else(|| "a folder above".to_owned(), |from| format!("id:{from}"));
        return Err(Ended::usage(
            format!("this access comes from {from}, and cannot be taken away here"),
            "Take it away there, or limit the access to this folder in Drive.",
        ));
    }
    desk.drive.revoke(&file.id, &grant.id).await.map_err(ended)?;
    desk.note(&format!("{} has lost access to `{}`.", arguments.from, one_line(&file.name, NAME)));
    tell(desk, &file).await
}

pub(super) async fn transfer(desk: &Desk, arguments: &DriveTransfer) -> Result<(), Ended> {
    let who = grantee(&arguments.to)?;
    let Grantee::User(address) = &who else {
        return Err(Ended::usage("only a person can own a file", "Name a person's address."));
    };
    let file = desk.finder().file(&arguments.place).await?;
    if file.drive.is_some() {
        return Err(Ended::usage(
            format!("`{}` lies in a shared drive, where nobody owns anything", one_line(&file.name, NAME)),
            "Make them an organizer of the shared drive instead.",
        ));
    }
    let owns = |file: &File| {
        file.owners
            .iter()
            .any(|owner| owner.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(address)))
    };
    if owns(&file) {
        desk.note(&format!("{address} owns it already."));
        return tell(desk, &file).await;
    }
    let grants = desk.drive.permissions(&file.id).await;
    if arguments.accept {
        if !file.rights.accept_ownership {
            return Err(Ended::usage(
                "nobody has offered this file to the account",
                "Its owner offers it with --offer; whose account this is, `automata drive doctor` tells.",
            ));
        }
        let grant = Grant::new(who.clone(), Role::Owner);
        desk.drive.grant(&file.id, &grant).await.map_err(ended)?;
        desk.note(&format!("{address} owns `{}` now.", one_line(&file.name, NAME)));
        return tell(desk, &file).await;
    }
    let grants = grants.map_err(ended)?;
    let there = of(&grants, &who);
    match (arguments.offer, there) {
        (true, Some(grant)) => {
            let change = GrantChange {
                role: Some(Role::Writer),
                offer_ownership: Some(true),
                ..GrantChange::default()
            };
            desk.drive.change_grant(&file.id, &grant.id, &change).await.map_err(ended)?;
        }
        (true, None) => {
            let grant =
                Grant { offer_ownership: true, notify: true, ..Grant::new(who.clone(), Role::Writer) };
            desk.drive.grant(&file.id, &grant).await.map_err(ended)?;
        }
        (false, Some(grant)) => {
            let change = GrantChange { role: Some(Role::Owner), ..GrantChange::default() };
            desk.drive.change_grant(&file.id, &grant.id, &change).await.map_err(ended)?;
        }
        (false, None) => {
            desk.drive.grant(&file.id, &Grant::new(who.clone(), Role::Owner)).await.map_err(ended)?;
        }
    }
    if arguments.offer {
        desk.note(&format!(
            "It is offered to {address}, who accepts it with `automata drive transfer --accept`."
        ));
    } else {
        desk.note(&format!("{address} owns `{}` now.", one_line(&file.name, NAME)));
    }
    tell(desk, &file).await
}
