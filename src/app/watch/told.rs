//! Drive's own words about a change, in ours: how the file is now, and who it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::config::DriveRules;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::receipt;
use crate::domain::state::State;
use crate::domain::untrusted::one_line;
use crate::domain::watched::{DriveKey, Seen};
use crate::drive::watch::Told;
use crate::services::drive::{Change, Changed, Drive, File, Permission};

/// Characters kept of the name that somebody has in Drive.
const NAME: usize = 80;
/// What the addresses of accounts of programs end with.
const ROBOTS: &str = ".gserviceaccount.com";

/// Knows who is who.
pub(in super::super) struct Teller {
    /// Logins by addresses, in small letters.
    people: BTreeMap<String, Login>,
    /// Our own address, where nobody but us writes as that account.
    ourselves: Option<String>,
    /// What we put there: ids and what the content adds up to.
    put: BTreeMap<String, String>,
}

impl Teller {
    /// Asks who we are.
    ///
    /// # Errors
    /// As Drive says.
    pub(in super::super) async fn new(
        drive: &dyn Drive,
        rules: &DriveRules,
        put: BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        let me = drive.about().await?.me.email.map(|email| email.to_lowercase());
        let known = rules.people.iter();
        let people =
            known.map(|(login, address)| (address.as_str().to_lowercase(), Login::new(login.as_str())));
        Ok(Self { people: people.collect(), ourselves: me.filter(|address| address.ends_with(ROBOTS)), put })
    }

    /// A change; none for those of drives as a whole, and of ids that are none of Google's.
    pub(in super::super) fn told(&self, change: &Change) -> Option<Told> {
        match &change.what {
            Changed::File(file) => {
                let (item, now) = seen(file)?;
                let by = file.modified_by.as_ref();
                let address = by.and_then(|person| person.email.as_ref()).map(|email| email.to_lowercase());
                let is_made = file.is_folder() && self.put.contains_key(file.id.as_str());
                let is_put = file
                    .checksums
                    .md5
                    .as_ref()
                    .is_some_and(|md5| self.put.get(file.id.as_str()) == Some(md5));
                let is_us = address.is_some() && address == self.ourselves;
                Some(Told {
                    item,
                    at: change.at,
                    now: Some(now),
                    is_folder: file.is_folder(),
                    by: address.and_then(|address| self.people.get(&address).cloned()),
                    name: by.map(|person| one_line(&person.name, NAME)).unwrap_or_default(),
                    url: file.url.clone(),
                    ours: is_us || is_put || is_made,
                })
            }
            Changed::FileGone(id) => Some(Told { at: change.at, ..gone(id.as_str().parse().ok()?) }),
            Changed::Drive(_) | Changed::DriveGone(_) => None,
        }
    }
}

/// What was put into Drive by us lately.
pub(super) fn put_by_us(state: &State) -> BTreeMap<String, String> {
    let files = state.effects.values().filter(|effect| effect.intent.kind == EffectKind::DriveFile);
    let files = files.filter_map(|effect| effect.receipt.as_ref()?.read::<receipt::DriveFile>().ok());
    let folders = state.effects.values().filter(|effect| effect.intent.kind == EffectKind::DriveFolder);
    let folders = folders.filter_map(|effect| effect.receipt.as_ref()?.read::<receipt::DriveFolder>().ok());
    let folders = folders.map(|folder| (folder.id.to_string(), String::new()));
    files.map(|file| (file.id, file.md5)).chain(folders).collect()
}

/// That something is not there any more.
pub(super) const fn gone(item: DriveKey) -> Told {
    Told {
        item,
        at: None,
        now: None,
        is_folder: false,
        by: None,
        name: String::new(),
        url: None,
        ours: false,
    }
}

/// What came along with a folder, of which no feed tells.
pub(super) fn came_with(folder: &Told, item: DriveKey, seen: Seen) -> Told {
    Told { item, now: Some(seen), is_folder: false, url: None, ..folder.clone() }
}

/// How a file is; none for an id that is none of Google's.
pub(in super::super) fn seen(file: &File) -> Option<(DriveKey, Seen)> {
    let content = match (&file.revision, file.modified_at) {
        _ if file.is_folder() => None,
        (Some(revision), _) => Some(revision.as_str().to_owned()),
        (None, at) => at.map(|at| at.to_string()),
    };
    let seen = Seen {
        name: file.name.clone(),
        mime: file.mime.clone(),
        parent: file.parent.as_ref().map(|parent| parent.as_str().to_owned()),
        content: content.map(|content| digest(&content)),
        trashed: file.trashed,
        grants: None,
    };
    Some((file.id.as_str().parse().ok()?, seen))
}

/// Who may do what, to be compared only: nobody's address is written down.
pub(super) fn grants(permissions: &[Permission]) -> String {
    let mut lines: Vec<String> = permissions
        .iter()
        .filter(|permission| !permission.inherited)
        .map(|permission| format!("{} {:?} {:?}", permission.id, permission.role, permission.expires_at))
        .collect();
    lines.sort();
    digest(&lines.join("\n"))
}

/// Twelve hexadecimal digits of the SHA-256: of a few thousand texts no two have the same.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
