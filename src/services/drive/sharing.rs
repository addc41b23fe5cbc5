//! A change of who may do what: looked at before, made by the least that it takes, and looked at again, because of
//! changes of one file's permissions at the same moment Drive keeps only the last.

mod mend;

use std::time::Duration;

use super::Drive;
use super::access::{Grant, GrantChange, Grantee, Permission, Role};
use super::error::{Class, Error, Reason};
use super::file::File;
use super::id::{FileId, PermissionId};
use crate::domain::failure::Failure;
use crate::domain::input::AccessChange;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;

pub use mend::{Mended, mend};

/// Width of a name in a sentence.
const NAME: usize = 80;
/// The longest that access by itself lasts: <https://developers.google.com/workspace/drive/api/guides/manage-sharing>.
const A_YEAR: Duration = Duration::from_hours(366 * 24);

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Somebody is to have just this access.
    Give {
        /// Who.
        who: Grantee,
        /// What they may do.
        role: Role,
        /// When it ends.
        until: Option<Timestamp>,
        /// Whether Drive writes them a mail.
        notify: bool,
    },
    /// Somebody is to have no access of their own.
    Take(Whose),
    /// This address is to own it.
    HandOver(String),
    /// It is to be offered to this address.
    Offer(String),
    /// What was offered to this address, which is ours, is to be accepted.
    Accept(String),
}

/// Which grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Somebody's.
    Of(Grantee),
    /// The one with this id.
    Grant(PermissionId),
}

/// Somebody's grant before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Who is meant, in words.
    pub who: String,
    /// What was there before.
    pub before: Option<Permission>,
    /// What is there now.
    pub after: Option<Permission>,
}

/// Why access is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It makes no sense, or is not ours to change: nothing was sent.
    No {
        /// What is the matter, one sentence without its full stop.
        message: String,
        /// What to do, whole sentences.
        hint: String,
    },
    /// Drive says no, or nothing.
    Drive(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Drive(error)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::No { message, hint } => Self::permanent("drive_access_refused", message).hint(hint),
            Refused::Drive(error) => error.into(),
        }
    }
}

fn no<T>(message: impl Into<String>, hint: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::No { message: message.into(), hint: hint.into() })
}

/// How people are written.
const WHO: &str =
    "Write an address, `group:ADDRESS`, `domain:NAME`, or `anyone` for everybody who has the link.";

impl Grantee {
    /// Reads who is meant: `mona@example.org`, `user:…`, `group:…`, `domain:…` or `anyone`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let address = |text: &str| {
            let parts =
                text.split_once('@').filter(|(name, domain)| !name.is_empty() && domain.contains('.'));
            let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
            parts.filter(|_| plain).map(|_| text.to_owned())
        };
        match text.split_once(':') {
            None if text == "anyone" => Some(Self::Anyone),
            None => address(text).map(Self::User),
            Some(("user", rest)) => address(rest).map(Self::User),
            Some(("group", rest)) => address(rest).map(Self::Group),
            Some(("domain", rest)) => Some(rest)
                .filter(|rest| rest.contains('.') && !rest.contains('@'))
                .map(|rest| Self::Domain(rest.to_owned())),
            Some(_) => None,
        }
    }

    /// As [`Grantee::parse`] reads it.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::User(address) => address.clone(),
            Self::Group(address) => format!("group:{address}"),
            Self::Domain(domain) => format!("domain:{domain}"),
            Self::Anyone => "anyone".to_owned(),
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::User(one), Self::User(other))
            | (Self::Group(one), Self::Group(other))
            | (Self::Domain(one), Self::Domain(other)) => one.eq_ignore_ascii_case(other),
            (one, other) => one == other,
        }
    }
}

/// The grant of somebody, whether it is theirs here or from above.
#[must_use]
pub fn of<'a>(grants: &'a [Permission], who: &Grantee) -> Option<&'a Permission> {
    grants.iter().find(|grant| grant.grantee.as_ref().is_some_and(|grantee| grantee.is(who)))
}

/// Everybody who has access, as they are written.
#[must_use]
pub fn everybody(grants: &[Permission]) -> String {
    let live = grants.iter().filter(|grant| !grant.deleted);
    let named: Vec<String> =
        live.filter_map(|grant| grant.grantee.as_ref()).map(|who| one_line(&who.written(), NAME)).collect();
    if named.is_empty() { "nobody".to_owned() } else { named.join(", ") }
}

impl Wanted {
    /// Reads what is wanted, as far as that goes without looking at the file.
    ///
    /// # Errors
    /// [`Refused::No`] for what names nobody, ends in the past, or cannot be meant.
    pub fn read(change: &AccessChange, now: Timestamp) -> Result<Self, Refused> {
        let somebody = |text: &str| match Grantee::parse(text) {
            Some(who) => Ok(who),
            None => no(format!("`{}` names nobody", one_line(text, NAME)), WHO),
        };
        let person = |text: &str| match somebody(text)? {
            Grantee::User(address) => Ok(address),
            _ => no("only a person can own a file", "Name a person's address."),
        };
        match change {
            AccessChange::Give { who, role, until, notify } => {
                let who = somebody(who)?;
                let Some(role) = Role::parse(role).filter(|role| *role != Role::Owner) else {
                    return no(
                        format!("`{}` is no role that is given", one_line(role, NAME)),
                        "Roles are reader, commenter, writer, and in shared drives fileOrganizer and organizer.",
                    );
                };
                if until.is_some() && !matches!(who, Grantee::User(_) | Grantee::Group(_)) {
                    return no(
                        "only what people and groups are given can end by itself",
                        "Leave --until out, or name a person or a group.",
                    );
                }
                if until.is_some_and(|until| until <= now) {
                    return no("the end lies in the past", "Name a time to come, within a year.");
                }
                if until.is_some_and(|until| until.since(now) > A_YEAR) {
                    return no("the end lies more than a year ahead", "Drive takes an end within a year.");
                }
                Ok(Self::Give { who, role, until: *until, notify: *notify })
            }
            AccessChange::Take { who } => {
                // A permission's id is digits, or one of Drive's own words.
                let id = PermissionId::parse(who).ok().filter(|_| who != "anyone");
                Ok(Self::Take(match id {
                    Some(id) => Whose::Grant(id),
                    None => Whose::Of(somebody(who)?),
                }))
            }
            AccessChange::HandOver { to } => person(to).map(Self::HandOver),
            AccessChange::Offer { to } => person(to).map(Self::Offer),
            AccessChange::Accept { to } => person(to).map(Self::Accept),
        }
    }

    /// Who is meant, in words.
    #[must_use]
    pub fn who(&self) -> String {
        match self {
            Self::Give { who, .. } | Self::Take(Whose::Of(who)) => who.to_string(),
            Self::Take(Whose::Grant(id)) => format!("grant {id}"),
            Self::HandOver(to) | Self::Offer(to) | Self::Accept(to) => to.clone(),
        }
    }

    /// Who is meant, by their own name where only their grant was named.
    fn named(&self, there: Option<&Permission>) -> String {
        match (self, there.and_then(|grant| grant.grantee.as_ref())) {
            (Self::Take(Whose::Grant(_)), Some(grantee)) => grantee.to_string(),
            _ => self.who(),
        }
    }

    /// The grant that it is about, where there is one.
    #[must_use]
    pub fn found<'a>(&self, grants: &'a [Permission]) -> Option<&'a Permission> {
        match self {
            Self::Give { who, .. } | Self::Take(Whose::Of(who)) => of(grants, who),
            Self::Take(Whose::Grant(id)) => grants.iter().find(|grant| grant.id == *id),
            Self::HandOver(to) | Self::Offer(to) | Self::Accept(to) => of(grants, &Grantee::User(to.clone())),
        }
    }

    /// Whether the grants are as wanted.
    fn is_so(&self, file: &File, grants: &[Permission]) -> bool {
        let found = self.found(grants);
        let owns = found.is_some_and(|grant| grant.role == Some(Role::Owner));
        match self {
            Self::Give { role, until, .. } => found.is_some_and(|grant| {
                !grant.deleted && grant.role == Some(*role) && grant.expires_at == *until
            }),
            // What comes from a folder above stays, and is no access of their own.
            Self::Take(_) => found.is_none_or(|grant| grant.inherited),
            Self::HandOver(to) => owns || owner_of(file, to),
            Self::Offer(to) => owns || owner_of(file, to) || found.is_some_and(|grant| grant.pending_owner),
            Self::Accept(to) => owner_of(file, to),
        }
    }
}

fn owner_of(file: &File, address: &str) -> bool {
    let is_theirs = |email: &String| email.eq_ignore_ascii_case(address);
    file.owners.iter().any(|owner| owner.email.as_ref().is_some_and(is_theirs))
}

/// Who may do what, as far as we may see that: whoever is offered a file need not.
async fn standing(drive: &dyn Drive, id: &FileId, wanted: &Wanted) -> Result<(File, Vec<Permission>), Error> {
    let file = drive.file(id).await?;
    let grants = match drive.permissions(id).await {
        Err(error) if error.reason == Reason::NotAllowed && matches!(wanted, Wanted::Accept(_)) => Vec::new(),
        grants => grants?,
    };
    Ok((file, grants))
}

/// What somebody has, where it is as wanted already.
///
/// # Errors
/// As Drive says.
pub async fn look(drive: &dyn Drive, id: &FileId, wanted: &Wanted) -> Result<Option<Shared>, Error> {
    let (file, grants) = standing(drive, id, wanted).await?;
    let there = wanted.found(&grants).cloned();
    Ok(wanted.is_so(&file, &grants).then(|| Shared {
        who: wanted.named(there.as_ref()),
        before: there.clone(),
        after: there,
    }))
}

/// Makes it so.
///
/// # Errors
/// [`Refused`]; transient when somebody else changed it at the same moment, so that it is not as wanted afterwards.
pub async fn share(drive: &dyn Drive, id: &FileId, wanted: &Wanted) -> Result<Shared, Refused> {
    let there = standing(drive, id, wanted).await?;
    make(drive, id, wanted, there).await
}

/// Makes it so, where it stands as was read just now.
async fn make(
    drive: &dyn Drive,
    id: &FileId,
    wanted: &Wanted,
    (file, grants): (File, Vec<Permission>),
) -> Result<Shared, Refused> {
    let before = wanted.found(&grants).cloned();
    // A grant is named by an id that was read a moment before: a word that is none is a slip, and nobody who is meant
    // has lost anything. Where our own attempt has taken it, [`look`] told so.
    if let (Wanted::Take(Whose::Grant(id)), None) = (wanted, &before) {
        return no(
            format!("`{id}` is no address, and no grant of `{}` has that id", one_line(&file.name, NAME)),
            format!("It is shared with: {}. {WHO}", everybody(&grants)),
        );
    }
    // Whoever asks for something to be taken away that comes from above is told where that can be done.
    let is_above = matches!(wanted, Wanted::Take(_)) && before.is_some();
    if wanted.is_so(&file, &grants) && !is_above {
        return Ok(Shared { who: wanted.named(before.as_ref()), after: before.clone(), before });
    }
    let made = match step(wanted, &file, before.as_ref())? {
        Step::Grant(grant) => drive.grant(id, &grant).await.map(drop),
        Step::Change(grant, change) => drive.change_grant(id, &grant, &change).await.map(drop),
        Step::Revoke(grant) => drive.revoke(id, &grant).await,
    };
    match made {
        // Nobody was written a mail, and the access is what was asked for.
        Err(error) if error.reason == Reason::SharedWithoutMail => {
            tracing::warn!("{error}");
        }
        made => made?,
    }
    // Whoever has given the right to see it away cannot look again; Drive's word has to do.
    let (file, grants) = match standing(drive, id, wanted).await {
        Err(error) if error.is_missing() || error.reason == Reason::NotAllowed => {
            return Ok(Shared { who: wanted.named(before.as_ref()), before, after: None });
        }
        now => now?,
    };
    if !wanted.is_so(&file, &grants) {
        let mut error = Error::new(
            Reason::Other,
            format!(
                "the access to `{}` is not as it was just made: somebody changed it at the same moment",
                one_line(&file.name, NAME)
            ),
        );
        error.class = Class::Transient;
        return Err(error.into());
    }
    Ok(Shared { who: wanted.named(before.as_ref()), before, after: wanted.found(&grants).cloned() })
}

enum Step {
    Grant(Grant),
    Change(PermissionId, GrantChange),
    Revoke(PermissionId),
}

/// The one call that it takes.
fn step(wanted: &Wanted, file: &File, there: Option<&Permission>) -> Result<Step, Refused> {
    let name = one_line(&file.name, NAME);
    if let Wanted::HandOver(_) | Wanted::Offer(_) | Wanted::Accept(_) = wanted
        && file.drive.is_some()
    {
        return no(
            format!("`{name}` lies in a shared drive, where nobody owns anything"),
            "Make them an organizer of the shared drive instead.",
        );
    }
    if !file.rights.share && !matches!(wanted, Wanted::Accept(_)) {
        return no(
            format!("the account may not change who has access to `{name}`"),
            "Ask its owner, or an organizer of its shared drive; `automata drive info` shows what the account may do.",
        );
    }
    let change = |grant: &Permission, change: GrantChange| Step::Change(grant.id.clone(), change);
    let live = there.filter(|grant| !grant.deleted);
    Ok(match wanted {
        Wanted::Give { who, role, until, notify } => match live {
            Some(grant) if grant.role == Some(Role::Owner) => {
                return no(
                    format!("{who} owns it"),
                    "Hand it over to somebody else first: `automata drive transfer`.",
                );
            }
            Some(grant) => {
                let expires_at = (grant.expires_at != *until).then_some(*until);
                change(grant, GrantChange { role: Some(*role), expires_at, ..GrantChange::default() })
            }
            None if until.is_some() && file.is_folder() && *role != Role::Reader => {
                return no(
                    format!("`{name}` is a folder, and only a reader's access to a folder can end by itself"),
                    "Leave --until out, or give the role reader.",
                );
            }
            None => {
                Step::Grant(Grant { expires_at: *until, notify: *notify, ..Grant::new(who.clone(), *role) })
            }
        },
        Wanted::Take(_) => match there {
            Some(grant) if grant.role == Some(Role::Owner) => {
                return no(
                    "an owner cannot be shut out",
                    "Hand it over to somebody else first: `automata drive transfer`.",
                );
            }
            Some(grant) if grant.inherited => {
                let from = grant
                    .inherited_from
                    .as_ref()
                    .map_or_else(|| "a folder above".to_owned(), |from| format!("id:{from}"));
                return no(
                    format!("this access comes from {from}, and cannot be taken away here"),
                    "Take it away there, or shut out all who come from above: `automata drive unshare --inherited`.",
                );
            }
            Some(grant) => Step::Revoke(grant.id.clone()),
            None => return no("there is nothing to take away", ""),
        },
        Wanted::HandOver(to) => match live {
            Some(grant) => change(grant, GrantChange { role: Some(Role::Owner), ..GrantChange::default() }),
            None => Step::Grant(Grant::new(Grantee::User(to.clone()), Role::Owner)),
        },
        Wanted::Offer(to) => match live {
            Some(grant) => change(
                grant,
                GrantChange {
                    role: Some(Role::Writer),
                    offer_ownership: Some(true),
                    ..GrantChange::default()
                },
            ),
            None => Step::Grant(Grant {
                offer_ownership: true,
                notify: true,
                ..Grant::new(Grantee::User(to.clone()), Role::Writer)
            }),
        },
        Wanted::Accept(to) => {
            if !file.rights.accept_ownership {
                return no(
                    "nobody has offered this file to the account",
                    "Its owner offers it with --offer; whose account this is, `automata drive doctor` tells.",
                );
            }
            Step::Grant(Grant::new(Grantee::User(to.clone()), Role::Owner))
        }
    })
}
