//! A change that an audit wants: made only where everything still is as the audit found it.

use super::super::Drive;
use super::super::access::Permission;
use super::super::id::FileId;
use super::{Refused, Shared, Wanted, make, standing};
use crate::domain::input::GrantFound;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mended {
    /// It is as wanted.
    Done(Box<Shared>),
    /// It was left as it is: why, a clause.
    Left(String),
}

/// Makes it so, unless the grant is another than was found. `is_kept` says of one that would be taken away, or allow less,
/// why it is to stay after all.
///
/// # Errors
/// As [`super::share`].
pub async fn mend(
    drive: &dyn Drive,
    id: &FileId,
    wanted: &Wanted,
    found: &GrantFound,
    is_kept: impl Fn(&Permission) -> Option<String>,
) -> Result<Mended, Refused> {
    // Read once for both: what is compared is what is changed.
    let there = match standing(drive, id, wanted).await {
        Err(error) if error.is_missing() => {
            return Ok(Mended::Left("it is gone, or not for this account to see any more".to_owned()));
        }
        there => there?,
    };
    let now = wanted.found(&there.1);
    if let Some(why) = is_another(found, now) {
        return Ok(Mended::Left(why));
    }
    if let Some(why) = now.filter(|grant| lessens(wanted, grant)).and_then(is_kept) {
        return Ok(Mended::Left(why));
    }
    make(drive, id, wanted, there).await.map(|shared| Mended::Done(Box::new(shared)))
}

/// How a grant is, to be compared later.
impl From<Option<&Permission>> for GrantFound {
    fn from(grant: Option<&Permission>) -> Self {
        let grant = grant.filter(|grant| !grant.deleted);
        Self {
            role: grant.and_then(|grant| grant.role).map(|role| role.as_str().to_owned()),
            until: grant.and_then(|grant| grant.expires_at),
        }
    }
}

fn is_another(found: &GrantFound, now: Option<&Permission>) -> Option<String> {
    let is = GrantFound::from(now);
    let word = |grant: &GrantFound| {
        let until = grant.until.map_or_else(String::new, |until| format!(" until {until}"));
        format!("{}{until}", grant.role.as_deref().unwrap_or("nothing"))
    };
    (is != *found)
        .then(|| format!("somebody has changed it meanwhile: it was {}, and is {}", word(found), word(&is)))
}

/// Whether somebody would lose something.
fn lessens(wanted: &Wanted, grant: &Permission) -> bool {
    match wanted {
        Wanted::Give { role, .. } => grant.role > Some(*role),
        Wanted::Take(_) | Wanted::HandOver(_) | Wanted::Offer(_) | Wanted::Accept(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::access::{Link, Role};
    use super::super::super::id::PermissionId;
    use super::*;

    #[test]
    fn only_what_is_as_it_was_found_is_mended() {
        let found = |role: Option<&str>| GrantFound { role: role.map(str::to_owned), until: None };
        let is = |role: Role| Permission {
            id: PermissionId::parse("1").unwrap(),
            grantee: None,
            name: String::new(),
            role: Some(role),
            link: Link::default(),
            expires_at: None,
            pending_owner: false,
            inherited: false,
            inherited_from: None,
            deleted: false,
        };
        assert_eq!(is_another(&found(Some("writer")), Some(&is(Role::Writer))), None);
        assert_eq!(is_another(&found(None), None), None);
        insta::assert_snapshot!(
            is_another(&found(Some("writer")), Some(&is(Role::Reader))).unwrap(),
            @"somebody has changed it meanwhile: it was writer, and is reader"
        );
        insta::assert_snapshot!(
            is_another(&found(Some("writer")), None).unwrap(),
            @"somebody has changed it meanwhile: it was writer, and is nothing"
        );
    }
}
