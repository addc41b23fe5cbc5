//! Files: list, get, create, copy, change, move, trash, delete.

use automata::domain::time::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::query;
use super::render::is_blob;
use super::reply::Reply;
use super::state::{Content, FOLDER, Item, NATIVE, RevisionRecord, SHORTCUT, State};

/// Levels of folders that a drive may have.
const DEEPEST: usize = 100;

impl State {
    pub(crate) fn list_files(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        self.as_listed(|state| state.listed(call))
    }

    fn listed(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let corpora = call.query("corpora").unwrap_or("user");
        let drive = call.query("driveId");
        let knows_drives = call.flag("supportsAllDrives") && call.flag("includeItemsFromAllDrives");
        match (corpora, drive) {
            ("drive", None) => {
                return Err(Reply::invalid(
                    "The driveId parameter must be specified if and only if corpora is set to drive.",
                ));
            }
            ("drive", Some(_)) if !knows_drives => {
                let words = "The specified corpora requires supportsAllDrives and includeItemsFromAllDrives.";
                return Err(Reply::refusal(403, "teamDrivesNotSupported", words));
            }
            ("drive", Some(id)) if self.role(id, call.account, false).is_none() => {
                return Err(Reply::refusal(
                    404,
                    "teamDriveNotFound",
                    &format!("Shared drive not found: {id}"),
                ));
            }
            ("user" | "domain" | "allDrives", Some(_)) => {
                return Err(Reply::invalid(
                    "The driveId parameter must be specified if and only if corpora is set to drive.",
                ));
            }
            ("user" | "domain" | "allDrives" | "drive", _) => {}
            _ => return Err(Reply::invalid("Invalid Value: corpora")),
        }
        self.root_of(call.account);
        let term = match call.query("q") {
            None => None,
            Some(text) => Some(query::parse(text).ok_or_else(|| Reply::invalid("Invalid Value"))?),
        };
        let mut found: Vec<Item> = self
            .items
            .values()
            .filter(|item| !item.unlisted && item.parent.is_some())
            .filter(|item| match (corpora, &item.drive) {
                ("drive", there) => there.as_deref() == drive,
                ("allDrives", Some(_)) => knows_drives,
                (_, Some(_)) => knows_drives && corpora == "user",
                (_, None) => true,
            })
            .filter(|item| {
                // Whoever is shut out of a limited folder still sees that it is there.
                let seen = if item.limited { item.parent.as_deref().unwrap_or(&item.id) } else { &item.id };
                let sees = |id: &str| self.role(id, call.account, false).is_some();
                sees(&item.id) || sees(seen)
            })
            .filter(|item| term.as_ref().is_none_or(|term| self.meets(item, term, call.account)))
            .cloned()
            .collect();
        order(&mut found, call.query("orderBy").unwrap_or("modifiedTime desc"))?;
        let (page, next) = call.page(found, 100, 1_000)?;
        let files: Vec<Value> = page.iter().map(|item| self.file(item, call.account)).collect();
        let mut answer = json!({ "kind": "drive#fileList", "incompleteSearch": false, "files": files });
        if let Some(next) = next {
            answer["nextPageToken"] = json!(next);
        }
        Ok(Reply::ok(answer))
    }

    pub(crate) fn get_file(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen(call)?;
        if call.wants_media() {
            return self.download(&item, call);
        }
        Ok(Reply::ok(self.file(&item, call.account)))
    }

    pub(crate) fn generate_ids(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let count = call.query("count").map_or(10, |count| count.parse::<usize>().unwrap());
        let ids: Vec<String> = (0..count).map(|_| self.fresh_id()).collect();
        self.reserved.extend(ids.iter().cloned());
        Ok(Reply::ok(json!({ "kind": "drive#generatedIds", "space": "drive", "ids": ids })))
    }

    /// What would refuse a creation, before any content is sent.
    pub(crate) fn may_create(&mut self, call: &Call<'_>, bytes: u64) -> Result<Item, Reply> {
        if let Some(id) = call.text("id") {
            if self.items.contains_key(id) {
                let words = "A file already exists with the provided ID.";
                return Err(Reply::refusal(409, "fileIdInUse", words));
            }
            if !self.reserved.contains(id) {
                return Err(Reply::invalid("The provided file ID is not usable."));
            }
        }
        let parents: Vec<&str> =
            call.body["parents"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if parents.len() > 1 {
            let words = "A file cannot have more than one parent.";
            return Err(Reply::refusal(403, "multipleParentsNotSupported", words));
        }
        let parent = self.seen_as(parents.first().unwrap_or(&"root"), call)?;
        if !parent.is_folder() {
            return Err(Reply::refusal(403, "parentNotAFolder", "The specified parent is not a folder."));
        }
        self.allow(&parent, call, "canAddChildren")?;
        if self.line(&parent.id).len() >= DEEPEST {
            let reason = if parent.drive.is_some() {
                "teamDriveHierarchyTooDeep"
            } else {
                "myDriveHierarchyDepthLimitExceeded"
            };
            return Err(Reply::refusal(403, reason, "The hierarchy of folders is too deep."));
        }
        self.may_keep(call.account, parent.drive.is_none(), bytes)?;
        Ok(parent)
    }

    /// Whether content has room: in whose drive it lies, and what was uploaded today.
    pub(crate) fn may_keep(&mut self, account: &str, own: bool, bytes: u64) -> Result<(), Reply> {
        if own && bytes > 0 && !self.has_room(account, bytes) {
            let words = if super::state::is_service_account(account) {
                "Service Accounts do not have storage quota. Leverage shared drives, or use OAuth delegation instead."
            } else {
                "The user's Drive storage quota has been exceeded."
            };
            return Err(Reply::refusal(403, "storageQuotaExceeded", words));
        }
        let today = (account.to_owned(), self.today());
        if self.uploaded.get(&today).unwrap_or(&0) + bytes > self.bytes_per_day {
            return Err(Reply::refusal(403, "userRateLimitExceeded", "User rate limit exceeded."));
        }
        Ok(())
    }

    /// Makes a file, with content or without. Each way to create ends here.
    pub(crate) fn create(&mut self, call: &Call<'_>, content: Option<(&[u8], &str)>) -> Result<Reply, Reply> {
        let bytes = content.map_or(0, |(bytes, _)| bytes.len() as u64);
        let parent = self.may_create(call, bytes)?;
        let sent = content.map(|(_, mime)| mime).filter(|mime| !mime.is_empty());
        let mime = call.text("mimeType").or(sent).unwrap_or("application/octet-stream").to_owned();
        let id = match call.text("id") {
            Some(id) if content.is_some() && mime.starts_with(NATIVE) => {
                return Err(Reply::invalid(&format!("The provided file ID is not usable: {id}")));
            }
            Some(id) => id.to_owned(),
            None => self.fresh_id(),
        };
        self.reserved.remove(&id);
        let mut item = self.blank(&id, call.text("name").unwrap_or("Untitled"), &mime, call.account);
        if mime == SHORTCUT {
            let Some(target) = call.body["shortcutDetails"]["targetId"].as_str() else {
                return Err(Reply::refusal(400, "badRequest", "A shortcut needs shortcutDetails.targetId."));
            };
            self.seen_as(target, call)?;
            item.target = Some(target.to_owned());
        } else if mime.starts_with(NATIVE) && mime != FOLDER {
            item.text = Some(
                content.map(|(bytes, _)| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default(),
            );
        } else if is_blob(&mime) {
            self.put_content(&mut item, content.map_or(&[][..], |(bytes, _)| bytes), &mime, call);
        }
        if let Some(at) = call.text("createdTime").and_then(|at| at.parse().ok()) {
            item.created = at;
        }
        patch(&mut item, call.body)?;
        self.place(item, &parent.id);
        Ok(Reply::ok(self.file(&self.items[&id], call.account)))
    }

    /// Gives an item new content as a new revision.
    pub(crate) fn put_content(&mut self, item: &mut Item, bytes: &[u8], mime: &str, call: &Call<'_>) {
        let id = self.fresh("0B", 52);
        mime.clone_into(&mut item.mime);
        item.modified = self.now;
        item.only_md5 = false;
        item.revisions.push(RevisionRecord {
            id,
            content: Content::new(bytes),
            mime: mime.to_owned(),
            modified: self.now,
            by: call.account.to_owned(),
            keep: call.flag("keepRevisionForever"),
        });
        let today = (call.account.to_owned(), self.today());
        *self.uploaded.entry(today).or_default() += bytes.len() as u64;
    }

    pub(crate) fn copy_file(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let source = self.seen(call)?;
        self.allow(&source, call, "canCopy")?;
        let bytes = source.content().map_or(0, |content| content.bytes.len() as u64);
        let parents = call.body["parents"].is_array();
        let mut body = call.body.clone();
        if !parents && let Some(parent) = &source.parent {
            body["parents"] = json!([parent]);
        }
        let call = Call { body: &body, ..*call };
        let parent = self.may_create(&call, bytes)?;
        let id = call.text("id").map_or_else(|| self.fresh_id(), str::to_owned);
        self.reserved.remove(&id);
        let name = format!("Copy of {}", source.name);
        let mut item =
            Item { id: id.clone(), created: self.now, by: call.account.to_owned(), ..source.clone() };
        (item.name, item.grants, item.starred, item.version) = (name, Vec::new(), false, 1);
        (item.trashed, item.modified) = (false, self.now);
        item.revisions.clear();
        if let Some(content) = source.content() {
            let bytes = content.bytes.clone();
            self.put_content(&mut item, &bytes, &source.mime, &call);
        }
        patch(&mut item, call.body)?;
        self.place(item, &parent.id);
        Ok(Reply::ok(self.file(&self.items[&id], call.account)))
    }

    /// Changes a file: what is said of it, where it lies, its content.
    pub(crate) fn update(&mut self, call: &Call<'_>, content: Option<(&[u8], &str)>) -> Result<Reply, Reply> {
        let mut item = self.seen(call)?;
        self.lag(&item.id);
        let before = self.audience(&item.id);
        let has = |name: &str| call.body.get(name).is_some();
        if has("parents") {
            let words = "The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead.";
            return Err(Reply::refusal(403, "fieldNotWritable", words));
        }
        if has("id") || has("shortcutDetails") {
            return Err(Reply::refusal(
                403,
                "fieldNotWritable",
                "The resource body includes fields which are not directly writable.",
            ));
        }
        if let Some(trashed) = call.body["trashed"].as_bool() {
            self.allow(&item, call, "canTrash")?;
            item.trashed = trashed;
        }
        if let Some(limited) = call.body["inheritedPermissionsDisabled"].as_bool() {
            self.allow(
                &item,
                call,
                if limited { "canDisableInheritedPermissions" } else { "canEnableInheritedPermissions" },
            )?;
            item.limited = limited;
        }
        let only = call.body.as_object().is_none_or(|body| {
            body.keys()
                .all(|name| matches!(name.as_str(), "trashed" | "inheritedPermissionsDisabled" | "starred"))
        });
        let moves = call.query("addParents").is_some() || call.query("removeParents").is_some();
        if !only || content.is_some() || moves {
            self.allow(&item, call, "canEdit")?;
        }
        if let Some((bytes, mime)) = content {
            if !item.mime.starts_with(NATIVE) {
                self.may_keep(call.account, item.drive.is_none(), bytes.len() as u64)?;
                let mime = call.text("mimeType").or(Some(mime)).filter(|mime| !mime.is_empty());
                let mime = mime.map_or_else(|| item.mime.clone(), str::to_owned);
                self.put_content(&mut item, bytes, &mime, call);
            } else if item.text.is_some() {
                item.text = Some(String::from_utf8_lossy(bytes).into_owned());
                item.modified = self.now;
            }
        }
        if moves {
            self.relocate(&mut item, call)?;
        }
        patch(&mut item, call.body)?;
        call.account.clone_into(&mut item.by);
        let (id, drive) = (item.id.clone(), item.drive.clone());
        self.items.insert(id.clone(), item);
        self.settle_drive(&id, drive.as_ref());
        self.note_change(&id, before);
        Ok(Reply::ok(self.file(&self.items[&id], call.account)))
    }

    fn relocate(&mut self, item: &mut Item, call: &Call<'_>) -> Result<(), Reply> {
        let ids = |name: &str| -> Vec<String> {
            call.query(name).into_iter().flat_map(|text| text.split(',')).map(str::to_owned).collect()
        };
        let (add, remove) = (ids("addParents"), ids("removeParents"));
        let [target] = &add[..] else {
            return Err(Reply::refusal(
                403,
                "cannotAddParent",
                "Increasing the number of parents is not allowed",
            ));
        };
        let target = self.seen_as(target, call)?;
        for left in remove {
            let left = self.meant(&left, call.account);
            if item.parent.as_ref() != Some(&left) {
                return Err(Reply::not_found("Parent", &left));
            }
            item.parent = None;
        }
        if item.parent.is_some() {
            return Err(Reply::refusal(
                403,
                "cannotAddParent",
                "Increasing the number of parents is not allowed",
            ));
        }
        self.allow(&target, call, "canAddChildren")?;
        if self.line(&target.id).iter().any(|above| above.id == item.id) {
            return Err(Reply::refusal(
                403,
                "cyclicMembershipNotAllowed",
                "The specified parent is below the item.",
            ));
        }
        if item.is_folder() && item.drive.is_none() && target.drive.is_some() {
            let words = "Moving folders into shared drives is not supported.";
            return Err(Reply::refusal(403, "teamDrivesFolderMoveInNotSupported", words));
        }
        item.parent = Some(target.id);
        item.drive = target.drive;
        Ok(())
    }

    /// What lies below goes along into another drive; what a shared drive has, nobody owns.
    fn settle_drive(&mut self, id: &str, drive: Option<&String>) {
        let account = self.items[id].by.clone();
        let item = self.items.get_mut(id).unwrap();
        item.drive = drive.cloned();
        let owned = item.grants.iter().any(|grant| grant.role == "owner");
        if drive.is_some() {
            item.grants.retain(|grant| grant.role != "owner");
        } else if !owned {
            item.grants.push(super::state::owner(&account));
        }
        for child in self.children(id) {
            self.settle_drive(&child, drive);
        }
    }

    pub(crate) fn delete_file(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen(call)?;
        self.allow(&item, call, "canDelete")?;
        self.remove(&item.id);
        Ok(Reply::empty(204))
    }

    /// Gone for good, with everything below.
    pub(crate) fn remove(&mut self, id: &str) {
        self.lag(id);
        for child in self.children(id) {
            self.remove(&child);
        }
        let (audience, item) = (self.audience(id), self.items.remove(id));
        let (file, drive, at) = (id.to_owned(), item.and_then(|item| item.drive), self.now);
        self.changes.push(super::state::ChangeRecord { file, drive, at, audience });
    }
}

/// Writes what a body says into an item; `null` clears.
fn patch(item: &mut Item, body: &Value) -> Result<(), Reply> {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    item.name = text("name").unwrap_or_else(|| item.name.clone());
    if body.get("description").is_some() {
        item.description = text("description");
    }
    let flag = |name: &str, was: bool| body[name].as_bool().unwrap_or(was);
    item.starred = flag("starred", item.starred);
    item.writers_can_share = flag("writersCanShare", item.writers_can_share);
    item.copy_requires_writer = flag("copyRequiresWriterPermission", item.copy_requires_writer);
    if let Some(at) = text("modifiedTime").and_then(|at| at.parse::<Timestamp>().ok()) {
        item.modified = at;
    }
    for (name, map) in [("properties", &mut item.properties), ("appProperties", &mut item.app_properties)] {
        for (key, value) in body[name].as_object().into_iter().flatten() {
            match value.as_str() {
                None => {
                    map.remove(key);
                }
                Some(value) if key.len() + value.len() > 124 => {
                    return Err(Reply::refusal(403, "propertyTooLong", "A property may have 124 bytes."));
                }
                Some(value) => {
                    map.insert(key.clone(), value.to_owned());
                }
            }
        }
        if map.len() > 30 {
            return Err(Reply::refusal(403, "tooManyProperties", "A file may have 30 properties of an app."));
        }
    }
    Ok(())
}

fn order(items: &mut [Item], by: &str) -> Result<(), Reply> {
    for key in by.split(',').rev() {
        let (name, descending) =
            key.trim().strip_suffix(" desc").map_or((key.trim(), false), |name| (name, true));
        match name {
            "name" | "name_natural" => items.sort_by_key(|item| item.name.to_lowercase()),
            "folder" => items.sort_by_key(|item| !item.is_folder()),
            "modifiedTime" | "modifiedByMeTime" | "recency" => items.sort_by_key(|item| item.modified),
            "createdTime" => items.sort_by_key(|item| item.created),
            "quotaBytesUsed" => {
                items.sort_by_key(|item| item.content().map_or(0, |content| content.bytes.len()))
            }
            _ => return Err(Reply::invalid("Invalid Value: orderBy")),
        }
        if descending {
            items.reverse();
        }
    }
    Ok(())
}
