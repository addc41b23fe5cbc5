//! What people do with their Drive in a story, and what a story does to the simulated Google.

use std::time::Duration;

use serde_json::json;

use super::DriveWorld;
use super::jwt;
use super::state::{Content, permission_id};
use super::state::{FOLDER, Grant, NATIVE, RevisionRecord, State};
use super::tokens::{AUDIENCE, SERVICE_ACCOUNT};

impl State {
    /// Somebody gives a grant.
    pub(crate) fn grant(&mut self, id: &str, kind: &str, who: &str, role: &str) {
        let before = self.audience(id);
        let grant = match kind {
            "anyone" => {
                Grant { id: "anyoneWithLink".to_owned(), email: None, ..Grant::to_account(kind, "", role) }
            }
            "domain" => Grant {
                id: format!("{}k", permission_id(who)),
                email: None,
                domain: Some(who.to_owned()),
                ..Grant::to_account(kind, who, role)
            },
            _ => Grant::to_account(kind, who, role),
        };
        let grants = &mut self.items.get_mut(id).unwrap().grants;
        grants.retain(|known| known.id != grant.id);
        grants.push(grant);
        self.note_change(id, before);
    }

    fn put(&mut self, by: &str, parent: &str, name: &str, mime: &str) -> String {
        let id = self.fresh_id();
        let item = self.blank(&id, name, mime, by);
        self.place(item, parent);
        id
    }

    fn fill(&mut self, id: &str, by: &str, bytes: &[u8]) {
        let (revision, now) = (self.fresh("0B", 52), self.now);
        let item = self.items.get_mut(id).unwrap();
        by.clone_into(&mut item.by);
        item.modified = now;
        let (content, mime) = (Content::new(bytes), item.mime.clone());
        item.revisions.push(RevisionRecord {
            id: revision,
            content,
            mime,
            modified: now,
            by: by.to_owned(),
            keep: false,
        });
    }

    /// Somebody puts a file there.
    pub(crate) fn put_file(&mut self, by: &str, parent: &str, name: &str, content: &[u8]) -> String {
        let id = self.put(by, parent, name, "text/plain");
        self.fill(&id, by, content);
        id
    }

    /// Somebody gives a file other content.
    pub(crate) fn rewrite(&mut self, by: &str, id: &str, content: &[u8]) {
        self.lag(id);
        let before = self.audience(id);
        if self.items[id].text.is_some() {
            let now = self.now;
            let item = self.items.get_mut(id).unwrap();
            item.text = Some(String::from_utf8_lossy(content).into_owned());
            (item.modified, item.by) = (now, by.to_owned());
        } else {
            self.fill(id, by, content);
        }
        self.note_change(id, before);
    }

    /// Somebody changes an item, and the feed tells.
    pub(crate) fn touch(&mut self, id: &str, change: impl FnOnce(&mut super::state::Item)) {
        self.lag(id);
        let (before, now) = (self.audience(id), self.now);
        let item = self.items.get_mut(id).unwrap();
        change(item);
        item.modified = now;
        self.note_change(id, before);
    }
}

impl DriveWorld {
    /// The top folder of somebody's own drive.
    pub(crate) fn root_of(&self, email: &str) -> String {
        self.at_now().root_of(email)
    }

    /// A shared drive with these members: address and role.
    pub(crate) fn make_drive(&self, name: &str, members: &[(&str, &str)]) -> String {
        let mut state = self.at_now();
        let (organizer, _) = members.iter().find(|(_, role)| *role == "organizer").unwrap();
        let id = state.new_drive(name, name, organizer);
        for (email, role) in members {
            state.grant(&id, "user", email, role);
        }
        id
    }

    /// Somebody makes a folder.
    pub(crate) fn folder(&self, by: &str, parent: &str, name: &str) -> String {
        self.at_now().put(by, parent, name, FOLDER)
    }

    /// Somebody puts a file there.
    pub(crate) fn file(&self, by: &str, parent: &str, name: &str, content: &[u8]) -> String {
        self.at_now().put_file(by, parent, name, content)
    }

    /// Somebody writes one of Google's own documents: `document`, `spreadsheet`, `presentation`.
    pub(crate) fn document(&self, by: &str, parent: &str, name: &str, kind: &str, text: &str) -> String {
        let mut state = self.at_now();
        let id = state.put(by, parent, name, &format!("{NATIVE}{kind}"));
        state.items.get_mut(&id).unwrap().text = Some(text.to_owned());
        id
    }

    /// Somebody makes a shortcut.
    pub(crate) fn shortcut(&self, by: &str, parent: &str, name: &str, target: &str) -> String {
        let mut state = self.at_now();
        let id = state.put(by, parent, name, super::state::SHORTCUT);
        state.items.get_mut(&id).unwrap().target = Some(target.to_owned());
        id
    }

    /// Somebody gives a file other content.
    pub(crate) fn write(&self, by: &str, id: &str, content: &[u8]) {
        self.at_now().rewrite(by, id, content);
    }

    pub(crate) fn rename(&self, id: &str, name: &str) {
        self.at_now().touch(id, |item| name.clone_into(&mut item.name));
    }

    pub(crate) fn move_to(&self, id: &str, folder: &str) {
        self.at_now().touch(id, |item| item.parent = Some(folder.to_owned()));
    }

    pub(crate) fn trash(&self, id: &str) {
        self.at_now().touch(id, |item| item.trashed = true);
    }

    pub(crate) fn untrash(&self, id: &str) {
        self.at_now().touch(id, |item| item.trashed = false);
    }

    /// Gone for good, with everything below.
    pub(crate) fn delete(&self, id: &str) {
        self.at_now().remove(id);
    }

    /// A grant to a `user`, a `group`, a `domain`, or `anyone`.
    pub(crate) fn share(&self, id: &str, kind: &str, who: &str, role: &str) {
        self.at_now().grant(id, kind, who, role);
    }

    pub(crate) fn unshare(&self, id: &str, who: &str) {
        let mut state = self.at_now();
        let before = state.audience(id);
        let gone = if who == "anyone" { "anyoneWithLink".to_owned() } else { permission_id(who) };
        state.items.get_mut(id).unwrap().grants.retain(|grant| grant.id != gone);
        state.note_change(id, before);
    }

    /// The folder inherits nothing from above any more, but owners and organizers.
    pub(crate) fn limit_access(&self, folder: &str) {
        self.at_now().touch(folder, |item| item.limited = true);
    }

    /// Limits a folder, of which this account goes on seeing that it is there.
    pub(crate) fn shut_out(&self, folder: &str, account: &str) {
        self.at_now().touch(folder, |item| {
            item.shut_out.insert(account.to_owned());
        });
    }

    /// The link of a file is an old one, with a key.
    pub(crate) fn needs_key(&self, id: &str, key: &str) {
        self.at_now().touch(id, |item| item.key = Some(key.to_owned()));
    }

    pub(crate) fn make_group(&self, address: &str, members: &[&str]) {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        self.at_now().groups.insert(address.to_owned(), members);
    }

    /// The account behind this grant is gone.
    pub(crate) fn delete_account(&self, email: &str) {
        let id = permission_id(email);
        for item in self.at_now().items.values_mut() {
            for grant in item.grants.iter_mut().filter(|grant| grant.id == id) {
                grant.deleted = true;
            }
        }
    }

    /// Who only reads may not fetch, print or copy it.
    pub(crate) fn forbid_fetching(&self, id: &str) {
        self.at_now().touch(id, |item| item.copy_requires_writer = true);
    }

    pub(crate) fn call_abusive(&self, id: &str) {
        self.at_now().items.get_mut(id).unwrap().abusive = true;
    }

    /// As if the file came from the time before Drive kept SHA checksums.
    pub(crate) fn forget_sha(&self, id: &str) {
        self.at_now().items.get_mut(id).unwrap().only_md5 = true;
    }

    /// From now on lists show neither what is new nor what changes; `get` does.
    pub(crate) fn lists_lag(&self) {
        self.at_now().lists_lag = true;
    }

    /// Lists show everything again.
    pub(crate) fn lists_catch_up(&self) {
        let mut state = self.at_now();
        state.lists_lag = false;
        state.stale.clear();
        state.items.values_mut().for_each(|item| item.unlisted = false);
    }

    /// Bounds the units of quota that an account may use in a minute.
    pub(crate) fn bound_units(&self, per_minute: u64) {
        self.at_now().units_per_minute = Some(per_minute);
    }

    /// Bounds the bytes that an account may upload in a day.
    pub(crate) fn bound_uploads(&self, per_day: u64) {
        self.at_now().bytes_per_day = per_day;
    }

    /// Bounds the bytes that a person's own drive takes.
    pub(crate) fn bound_storage(&self, bytes: u64) {
        self.at_now().storage = bytes;
    }

    /// A token of this account, good for an hour, with access to all of Drive.
    pub(crate) fn token_for(&self, email: &str) -> String {
        let scopes = ["https://www.googleapis.com/auth/drive".to_owned()];
        self.at_now().issue(email, &scopes, Duration::from_secs(3_600))
    }

    /// All tokens that were handed out are over.
    pub(crate) fn expire_tokens(&self) {
        let mut state = self.at_now();
        let now = state.now;
        state.tokens.values_mut().for_each(|token| token.until = now);
    }

    /// Access tokens are good for so long from now on.
    pub(crate) fn tokens_live(&self, span: Duration) {
        self.at_now().access.lives = span;
    }

    /// The key of the story's service account, as Google hands it out.
    pub(crate) fn service_account_json(&self) -> String {
        json!({
            "type": "service_account",
            "project_id": "acme-docs",
            "private_key_id": "made-up",
            "private_key": jwt::KEY,
            "client_email": SERVICE_ACCOUNT,
            "client_id": "42",
            "token_uri": format!("{}/token", self.url),
        })
        .to_string()
    }

    /// A refresh token of somebody, as Google's own tools keep it.
    pub(crate) fn authorized_user_json(&self, email: &str) -> String {
        let mut state = self.at_now();
        let token = state.fresh(crate::world::planted::REFRESH, 48);
        state.access.refresh.insert(token.clone(), email.to_owned());
        json!({
            "type": "authorized_user", "client_id": "42.apps.example", "client_secret": "made-up",
            "refresh_token": token, "token_uri": format!("{}/token", self.url),
        })
        .to_string()
    }

    /// Nobody's refresh token works any more.
    pub(crate) fn revoke_refresh_tokens(&self) {
        self.at_now().access.refresh.clear();
    }

    /// The configuration of a federation with GitHub, as Google's action writes it. The bearer token for GitHub's
    /// side is `request-token`.
    pub(crate) fn external_account_json(&self, impersonates: Option<&str>) -> String {
        let mut value = json!({
            "type": "external_account",
            "audience": AUDIENCE,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": format!("{}/v1/token", self.url),
            "credential_source": {
                "url": format!("{}/oidc?audience=automata", self.url),
                "headers": { "Authorization": "Bearer request-token" },
                "format": { "type": "json", "subject_token_field_name": "value" },
            },
        });
        if let Some(email) = impersonates {
            let url = format!("{}/v1/projects/-/serviceAccounts/{email}:generateAccessToken", self.url);
            value["service_account_impersonation_url"] = json!(url);
        }
        value.to_string()
    }

    /// The credentials of somebody who acts as a service account, as `gcloud auth application-default login
    /// --impersonate-service-account` writes them.
    pub(crate) fn impersonated_json(&self, source: &str, delegates: &[&str]) -> String {
        let source: serde_json::Value = serde_json::from_str(source).unwrap();
        json!({
            "type": "impersonated_service_account",
            "delegates": delegates,
            "service_account_impersonation_url":
                format!("{}/v1/projects/-/serviceAccounts/{SERVICE_ACCOUNT}:generateAccessToken", self.url),
            "source_credentials": source,
        })
        .to_string()
    }

    /// A service account is become through these alone.
    pub(crate) fn become_through(&self, accounts: &[&str]) {
        self.at_now().access.through = accounts.iter().map(|account| (*account).to_owned()).collect();
    }

    /// Service accounts may stand for the people of an organisation.
    pub(crate) fn delegate(&self, domain: &str) {
        self.at_now().access.delegated.insert(domain.to_owned());
    }

    /// Who comes through GitHub may become no service account.
    pub(crate) fn forbid_impersonation(&self) {
        self.at_now().access.may_impersonate = false;
    }
}
