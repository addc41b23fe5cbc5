//! What we send: the documents of Drive's API, written by hand so that a value can be cleared with `null`.

use serde_json::{Map, Value, json};

use crate::services::drive::access::{Grant, GrantChange, Grantee, Link, Role};
use crate::services::drive::error::{Error, Reason};
use crate::services::drive::file::{FileUpdate, NewFile};

/// Bytes of an app property at most, key and value together:
/// <https://developers.google.com/workspace/drive/api/guides/properties>.
const PROPERTY_BYTES: usize = 124;
/// App properties of a file at most, for one application.
const PROPERTIES: usize = 30;
/// Bytes of a name at most, so that a mistake is told before anything is sent. Drive takes far more than any disk.
const NAME_BYTES: usize = 32_767;

type Object = Map<String, Value>;

fn put(object: &mut Object, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value.into());
    }
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(Reason::BadRequest, message)
}

fn checked_name(name: Option<&String>) -> Result<Option<String>, Error> {
    match name {
        Some(name) if name.is_empty() => Err(refused("a file needs a name, and this one is empty")),
        Some(name) if name.len() > NAME_BYTES => Err(refused("the name has more bytes than Drive takes")),
        name => Ok(name.cloned()),
    }
}

fn check_properties<'a>(
    all: impl ExactSizeIterator<Item = (&'a String, Option<&'a String>)>,
) -> Result<(), Error> {
    if all.len() > PROPERTIES {
        return Err(refused(format!("a file has at most {PROPERTIES} app properties")));
    }
    for (key, value) in all {
        if key.len() + value.map_or(0, String::len) > PROPERTY_BYTES {
            return Err(refused(format!("the app property `{key}` has more than {PROPERTY_BYTES} bytes")));
        }
    }
    Ok(())
}

/// A file to be made.
pub(super) fn new_file(new: &NewFile) -> Result<Value, Error> {
    check_properties(new.app_properties.iter().map(|(key, value)| (key, Some(value))))?;
    let mut file = Object::new();
    put(&mut file, "id", new.id.as_ref().map(|id| id.as_str()));
    put(&mut file, "name", checked_name(new.name.as_ref())?);
    put(&mut file, "mimeType", new.mime.clone());
    put(&mut file, "parents", new.parent.as_ref().map(|parent| json!([parent.as_str()])));
    put(&mut file, "description", new.description.clone());
    put(&mut file, "modifiedTime", new.modified_at.map(|time| time.to_string()));
    put(&mut file, "shortcutDetails", new.shortcut_to.as_ref().map(|id| json!({ "targetId": id.as_str() })));
    if !new.app_properties.is_empty() {
        file.insert("appProperties".to_owned(), json!(new.app_properties));
    }
    Ok(Value::Object(file))
}

/// A change of a file; where it moves to is said beside it.
pub(super) fn update(update: &FileUpdate) -> Result<Value, Error> {
    check_properties(update.app_properties.iter().map(|(key, value)| (key, value.as_ref())))?;
    let mut file = Object::new();
    put(&mut file, "name", checked_name(update.name.as_ref())?);
    put(&mut file, "mimeType", update.mime.clone());
    put(&mut file, "description", update.description.clone());
    put(&mut file, "trashed", update.trashed);
    put(&mut file, "starred", update.starred);
    put(&mut file, "inheritedPermissionsDisabled", update.limited_access);
    put(&mut file, "writersCanShare", update.writers_can_share);
    put(&mut file, "modifiedTime", update.modified_at.map(|time| time.to_string()));
    if !update.app_properties.is_empty() {
        file.insert("appProperties".to_owned(), json!(update.app_properties));
    }
    Ok(Value::Object(file))
}

/// Access to give. The description of the API calls `emailAddress` and `domain` read-only; Drive needs them.
pub(super) fn grant(grant: &Grant) -> Result<Value, Error> {
    let mut permission = Object::new();
    let (kind, key, value) = match &grant.grantee {
        Grantee::User(address) => ("user", "emailAddress", Some(checked_address(address)?)),
        Grantee::Group(address) => ("group", "emailAddress", Some(checked_address(address)?)),
        Grantee::Domain(domain) => ("domain", "domain", Some(checked_domain(domain)?)),
        Grantee::Anyone => ("anyone", "", None),
    };
    let is_person = matches!(grant.grantee, Grantee::User(_) | Grantee::Group(_));
    if grant.expires_at.is_some() && !is_person {
        return Err(Error::new(
            Reason::NoExpiry,
            "a grant for a domain or for everybody cannot end by itself",
        ));
    }
    if grant.role == Role::Owner && !matches!(grant.grantee, Grantee::User(_)) {
        return Err(Error::new(Reason::BadTransfer, "only a person can own a file"));
    }
    if grant.offer_ownership && grant.role != Role::Writer {
        return Err(Error::new(Reason::OfferNeedsWriter, "ownership is offered to somebody who writes"));
    }
    permission.insert("type".to_owned(), kind.into());
    permission.insert("role".to_owned(), grant.role.as_str().into());
    put(&mut permission, key, value);
    put(&mut permission, "expirationTime", grant.expires_at.map(|time| time.to_string()));
    if !is_person {
        permission.insert("allowFileDiscovery".to_owned(), (grant.link == Link::Discoverable).into());
    }
    put(&mut permission, "pendingOwner", grant.offer_ownership.then_some(true));
    Ok(Value::Object(permission))
}

/// A change of a grant; taking its end away is said beside it.
pub(super) fn grant_change(change: &GrantChange) -> Value {
    let mut permission = Object::new();
    put(&mut permission, "role", change.role.map(Role::as_str));
    put(&mut permission, "expirationTime", change.expires_at.flatten().map(|time| time.to_string()));
    put(&mut permission, "pendingOwner", change.offer_ownership);
    Value::Object(permission)
}

fn checked_address(address: &str) -> Result<&str, Error> {
    let is_address = address.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && checked_domain(domain).is_ok()
            && address.chars().all(|c| !c.is_whitespace() && !c.is_control())
    });
    if is_address { Ok(address) } else { Err(refused(format!("`{}` is no mail address", shown(address)))) }
}

fn checked_domain(domain: &str) -> Result<&str, Error> {
    let is_domain = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !label.starts_with('-')
        });
    if is_domain { Ok(domain) } else { Err(refused(format!("`{}` is no domain", shown(domain)))) }
}

fn shown(text: &str) -> String {
    crate::domain::untrusted::one_line(text, 80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::services::drive::id::FileId;

    #[test]
    fn only_what_was_said_is_sent_and_null_clears() {
        let mut change = FileUpdate::rename("b");
        change.app_properties.insert("automata".to_owned(), None);
        insta::assert_snapshot!(update(&change).unwrap(), @r#"{"appProperties":{"automata":null},"name":"b"}"#);
        let id = |text: &str| FileId::parse(text).unwrap();
        let shortcut = NewFile::shortcut(id("s1"), "to it", id("p1"), id("t1"));
        insta::assert_snapshot!(new_file(&shortcut).unwrap(), @r#"{"id":"s1","mimeType":"application/vnd.google-apps.shortcut","name":"to it","parents":["p1"],"shortcutDetails":{"targetId":"t1"}}"#);
        insta::assert_snapshot!(new_file(&NewFile::default()).unwrap(), @"{}");
    }

    #[test]
    fn grants_that_drive_would_refuse_are_not_sent() {
        let mut everybody = Grant::new(Grantee::Anyone, Role::Reader);
        insta::assert_snapshot!(grant(&everybody).unwrap(), @r#"{"allowFileDiscovery":false,"role":"reader","type":"anyone"}"#);
        everybody.expires_at = Some(Timestamp::from_millis(0));
        assert_eq!(grant(&everybody).unwrap_err().reason, Reason::NoExpiry);
        let owner = Grant::new(Grantee::Group("all@example.org".into()), Role::Owner);
        assert_eq!(grant(&owner).unwrap_err().reason, Reason::BadTransfer);
        for address in ["", "a", "@example.org", "a@", "a@b", "a b@example.org", "a@exa mple.org", "a@-x.org"]
        {
            let to = Grant::new(Grantee::User(address.into()), Role::Reader);
            assert!(grant(&to).is_err(), "{address}");
        }
        insta::assert_snapshot!(grant(&Grant::new(Grantee::Domain("example".into()), Role::Reader)).unwrap_err(), @"`example` is no domain");
    }

    #[test]
    fn properties_that_do_not_fit_are_told_before_anything_is_sent() {
        let mut new = NewFile::default();
        new.app_properties.insert("k".repeat(100), "v".repeat(25));
        assert_eq!(new_file(&new).unwrap_err().reason, Reason::BadRequest);
        assert!(new_file(&NewFile { name: Some(String::new()), ..NewFile::default() }).is_err());
    }
}
