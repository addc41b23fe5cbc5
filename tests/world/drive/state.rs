//! What the simulated Google holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automata::domain::time::Timestamp;
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::fault::Plans;

/// The MIME type of folders.
pub(crate) const FOLDER: &str = "application/vnd.google-apps.folder";
/// The MIME type of shortcuts.
pub(crate) const SHORTCUT: &str = "application/vnd.google-apps.shortcut";
/// What the MIME types of Google's own documents begin with.
pub(crate) const NATIVE: &str = "application/vnd.google-apps.";

/// Some content and its checksums.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) md5: String,
    pub(crate) sha1: String,
    pub(crate) sha256: String,
}

impl Content {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Self {
            md5: hex(&Md5::digest(bytes)),
            sha1: hex(&Sha1::digest(bytes)),
            sha256: hex(&Sha256::digest(bytes)),
            bytes: bytes.into(),
        }
    }
}

/// An older or the present content of a file.
#[derive(Clone, Debug)]
pub(crate) struct RevisionRecord {
    pub(crate) id: String,
    pub(crate) content: Content,
    pub(crate) mime: String,
    pub(crate) modified: Timestamp,
    pub(crate) by: String,
    pub(crate) keep: bool,
}

/// A grant on one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) id: String,
    /// `user`, `group`, `domain` or `anyone`.
    pub(crate) kind: String,
    pub(crate) role: String,
    pub(crate) email: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) discoverable: bool,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) pending_owner: bool,
    /// The account is gone.
    pub(crate) deleted: bool,
}

/// A file, folder or shortcut.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) parent: Option<String>,
    /// The shared drive that it lies in.
    pub(crate) drive: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) by: String,
    pub(crate) description: Option<String>,
    pub(crate) starred: bool,
    /// Trashed itself, not only with a folder above it.
    pub(crate) trashed: bool,
    pub(crate) grants: Vec<Grant>,
    /// Nothing is inherited from above but owners and organizers.
    pub(crate) limited: bool,
    /// Who sees that this folder is there, and nothing of what is in it.
    pub(crate) shut_out: BTreeSet<String>,
    pub(crate) writers_can_share: bool,
    pub(crate) copy_requires_writer: bool,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) app_properties: BTreeMap<String, String>,
    pub(crate) target: Option<String>,
    pub(crate) revisions: Vec<RevisionRecord>,
    /// The text of one of Google's own documents.
    pub(crate) text: Option<String>,
    pub(crate) version: u64,
    pub(crate) abusive: bool,
    /// From the time before Drive kept SHA checksums.
    pub(crate) only_md5: bool,
    /// What its link has beside the id; without it the link lets nobody in.
    pub(crate) key: Option<String>,
    /// Lists do not show it yet.
    pub(crate) unlisted: bool,
}

impl Item {
    pub(crate) fn is_folder(&self) -> bool {
        self.mime == FOLDER
    }

    /// Its present content, where it has any.
    pub(crate) fn content(&self) -> Option<&Content> {
        self.revisions.last().map(|revision| &revision.content)
    }
}

/// A shared drive; its top folder is the item with its id.
#[derive(Clone, Debug)]
pub(crate) struct DriveRecord {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) request: String,
    pub(crate) domain_users_only: bool,
}

/// Something that the feed of changes tells.
#[derive(Clone, Debug)]
pub(crate) struct ChangeRecord {
    pub(crate) file: String,
    pub(crate) drive: Option<String>,
    pub(crate) at: Timestamp,
    /// Who could see it before or after.
    pub(crate) audience: BTreeSet<String>,
}

/// An upload that is under way.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) account: String,
    /// The file that gets new content; none: a new one.
    pub(crate) file: Option<String>,
    pub(crate) metadata: serde_json::Value,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) mime: String,
    pub(crate) total: Option<u64>,
    pub(crate) kept: Vec<u8>,
    pub(crate) began: Timestamp,
    /// The file that came of it.
    pub(crate) done: Option<String>,
}

/// A token that was handed out.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) account: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) until: Timestamp,
}

/// Everything.
pub(crate) struct State {
    pub(crate) now: Timestamp,
    /// Where this server is reached.
    pub(crate) base: String,
    pub(crate) items: BTreeMap<String, Item>,
    pub(crate) drives: BTreeMap<String, DriveRecord>,
    /// The top folders of people's own drives.
    pub(crate) roots: BTreeMap<String, String>,
    pub(crate) groups: BTreeMap<String, BTreeSet<String>>,
    pub(crate) changes: Vec<ChangeRecord>,
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) tokens: BTreeMap<String, Issued>,
    pub(crate) access: super::tokens::Access,
    /// Ids that were handed out and not used.
    pub(crate) reserved: BTreeSet<String>,
    /// Operations of long downloads: the file, what it is to become, and how often they were asked for.
    pub(crate) operations: BTreeMap<String, (String, String, u32)>,
    pub(crate) plans: Plans,
    /// New items are not shown in lists, and of others lists show how they were.
    pub(crate) lists_lag: bool,
    /// Items as lists still show them: none that is not shown at all.
    pub(crate) stale: BTreeMap<String, Item>,
    /// Units of quota that an account may use in a minute.
    pub(crate) units_per_minute: Option<u64>,
    pub(crate) units: BTreeMap<(String, i64), u64>,
    /// Bytes that an account may upload in a day.
    pub(crate) bytes_per_day: u64,
    pub(crate) uploaded: BTreeMap<(String, i64), u64>,
    /// Bytes of storage that a person has.
    pub(crate) storage: u64,
    /// Bytes of an upload that came although they had been acknowledged.
    pub(crate) sent_again: u64,
    /// Bytes of uploads that came.
    pub(crate) received: u64,
    /// Of them, bytes that were not kept.
    pub(crate) not_kept: u64,
    /// Files whose permissions are being changed right now, and how many calls do.
    pub(crate) permission_writes: BTreeMap<String, u32>,
    /// Mails that sharing sent: to whom, about which file.
    pub(crate) mails: Vec<(String, String)>,
    pub(crate) journal: Vec<String>,
    pub(crate) violations: Vec<String>,
    pub(crate) counter: u64,
    /// Documents that were exported.
    pub(crate) exports: u64,
}

/// An account that is no person.
pub(crate) fn is_service_account(email: &str) -> bool {
    email.ends_with(".gserviceaccount.com")
}

/// The part behind the `@`.
pub(crate) fn domain_of(email: &str) -> &str {
    email.rsplit('@').next().unwrap_or_default()
}

impl State {
    /// A fresh text of letters and digits, the same in every run.
    pub(crate) fn fresh(&mut self, beginning: &str, length: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        self.counter += 1;
        let mut text = beginning.to_owned();
        let mut mixed = self.counter;
        while text.len() < length {
            mixed = mixed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut bits = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            text.push(char::from(ALPHABET[usize::try_from((bits >> 32) & 63).unwrap()]));
        }
        text
    }

    /// A new file's id: 33 characters as Drive has them.
    pub(crate) fn fresh_id(&mut self) -> String {
        self.fresh("1", 33)
    }

    /// The top folder of an account's own drive, which comes into being when it is first looked for.
    pub(crate) fn root_of(&mut self, account: &str) -> String {
        if let Some(root) = self.roots.get(account) {
            return root.clone();
        }
        let id = self.fresh("0A", 19);
        let mut root = self.blank(&id, "My Drive", FOLDER, account);
        root.grants = vec![owner(account)];
        self.items.insert(id.clone(), root);
        self.roots.insert(account.to_owned(), id.clone());
        id
    }

    /// An item without anything in it or on it.
    pub(crate) fn blank(&self, id: &str, name: &str, mime: &str, by: &str) -> Item {
        Item {
            id: id.to_owned(),
            name: name.to_owned(),
            mime: mime.to_owned(),
            parent: None,
            drive: None,
            created: self.now,
            modified: self.now,
            by: by.to_owned(),
            description: None,
            starred: false,
            trashed: false,
            grants: Vec::new(),
            limited: false,
            shut_out: BTreeSet::new(),
            writers_can_share: true,
            copy_requires_writer: false,
            properties: BTreeMap::new(),
            app_properties: BTreeMap::new(),
            target: None,
            revisions: Vec::new(),
            text: None,
            version: 1,
            abusive: false,
            only_md5: false,
            key: None,
            unlisted: false,
        }
    }

    /// Puts a new item below a folder. Its creator owns it, unless it lies in a shared drive.
    pub(crate) fn place(&mut self, mut item: Item, parent: &str) {
        item.drive = self.items.get(parent).and_then(|parent| parent.drive.clone());
        item.parent = Some(parent.to_owned());
        if item.drive.is_none() {
            item.grants = vec![owner(&item.by)];
        }
        item.unlisted = self.lists_lag;
        let id = item.id.clone();
        self.items.insert(id.clone(), item);
        let audience = self.audience(&id);
        self.note_change(&id, audience);
    }

    /// While lists lag, they go on showing an item as it is now, before it changes.
    pub(crate) fn lag(&mut self, id: &str) {
        if let Some(item) = self.items.get(id).filter(|item| self.lists_lag && !item.unlisted) {
            self.stale.entry(id.to_owned()).or_insert_with(|| item.clone());
        }
    }

    /// Looks at things as lists show them.
    pub(crate) fn as_listed<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let stale = self.stale.clone();
        let ids: Vec<String> = stale.keys().cloned().collect();
        let now: Vec<Option<Item>> =
            stale.into_iter().map(|(id, item)| self.items.insert(id, item)).collect();
        let seen = look(self);
        for (id, now) in ids.into_iter().zip(now) {
            match now {
                Some(now) => self.items.insert(id, now),
                None => self.items.remove(&id),
            };
        }
        seen
    }

    /// The item and the folders above it, the nearest first.
    pub(crate) fn line(&self, id: &str) -> Vec<&Item> {
        let mut line = Vec::new();
        let mut next = self.items.get(id);
        while let Some(item) = next {
            line.push(item);
            next = item.parent.as_ref().and_then(|parent| self.items.get(parent));
        }
        line
    }

    /// Whether it lies in the trash, by itself or with a folder above it.
    pub(crate) fn is_trashed(&self, id: &str) -> bool {
        self.line(id).iter().any(|item| item.trashed)
    }

    pub(crate) fn children(&self, id: &str) -> Vec<String> {
        let is_child = |item: &&Item| item.parent.as_deref() == Some(id);
        self.items.values().filter(is_child).map(|item| item.id.clone()).collect()
    }

    /// Writes a change into the feed; whoever sees it now, or saw it before, is told.
    pub(crate) fn note_change(&mut self, id: &str, before: BTreeSet<String>) {
        let mut audience = before;
        audience.extend(self.audience(id));
        if let Some(item) = self.items.get_mut(id) {
            item.version += 1;
        }
        let drive = self.items.get(id).and_then(|item| item.drive.clone());
        let (file, at) = (id.to_owned(), self.now);
        self.changes.push(ChangeRecord { file, drive, at, audience });
    }

    /// The milliseconds of today's midnight, to count by days.
    pub(crate) fn today(&self) -> i64 {
        self.now.as_millis() / 86_400_000
    }
}

/// The grant of an owner.
pub(crate) fn owner(email: &str) -> Grant {
    Grant::to_account("user", email, "owner")
}

impl Grant {
    /// A grant to a user or a group.
    pub(crate) fn to_account(kind: &str, email: &str, role: &str) -> Self {
        Self {
            id: permission_id(email),
            kind: kind.to_owned(),
            role: role.to_owned(),
            email: Some(email.to_owned()),
            domain: None,
            discoverable: false,
            expires: None,
            pending_owner: false,
            deleted: false,
        }
    }
}

/// The id of whoever is granted something: the same on every file. Digits, as Drive has them.
pub(crate) fn permission_id(who: &str) -> String {
    let sum = Sha256::digest(who.to_lowercase().as_bytes());
    let digits: u64 = sum.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    format!("{digits:020}")
}
