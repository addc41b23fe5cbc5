//! Drive's own words about a change, in ours: how the file is now, and who it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::config::DriveRules;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::input::{Arrange, DriveOrganise};
use crate::domain::receipt;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::domain::watched::{DriveKey, Seen};
use crate::drive::watch::Told;
use crate::services::drive::{Change, Changed, Drive, File, Permission, mark};

/// Characters kept of the name that somebody has in Drive.
const NAME: usize = 80;
/// What the addresses of accounts of programs end with.
const ROBOTS: &str = ".gserviceaccount.com";

/// What we did to something in Drive.
enum Did {
    /// Its content, by what it adds up to.
    Put(String),
    /// It was made.
    Made,
    /// It was arranged otherwise.
    Arranged(Arrange),
    /// Who has access was changed; when that was recorded, if it is by now.
    Shared(Option<Timestamp>),
}

/// What we did in Drive lately, by ids, as far as the log tells.
#[derive(Default)]
pub(in super::super) struct Ours(BTreeMap<String, Vec<Did>>);

impl Ours {
    /// All that the state still knows.
    pub(super) fn of(state: &State) -> Self {
        let mut ours = Self::default();
        for effect in state.effects.values() {
            let task = state.tasks.get(&effect.intent.task);
            let ended = task.and_then(|task| task.status.ending()).map(|(_, at)| at);
            let receipt = effect.receipt.as_ref();
            match effect.intent.kind {
                EffectKind::DriveFile => {
                    if let Some(file) = receipt.and_then(|told| told.read::<receipt::DriveFile>().ok()) {
                        ours.add(file.id, Did::Put(file.md5));
                    }
                }
                EffectKind::DriveFolder => {
                    if let Some(folder) = receipt.and_then(|told| told.read::<receipt::DriveFolder>().ok()) {
                        ours.add(folder.id.to_string(), Did::Made);
                    }
                }
                EffectKind::DriveTree => {
                    let tree = receipt.and_then(|told| told.read::<receipt::DriveTree>().ok());
                    for id in tree.into_iter().flat_map(|tree| tree.trashed) {
                        ours.add(id, Did::Arranged(Arrange::Trash));
                    }
                }
                // What was announced may have happened, also before its end is recorded.
                EffectKind::DriveItem => {
                    if let Some(asked) = task.and_then(|task| task.spec.input.read::<DriveOrganise>().ok()) {
                        ours.add(asked.file, Did::Arranged(asked.action));
                    }
                }
                EffectKind::DriveAccess | EffectKind::DriveShares => {
                    if let Some(id) = effect.intent.target.strip_prefix("drive/") {
                        ours.add(id.to_owned(), Did::Shared(ended));
                    }
                }
                _ => {}
            }
        }
        ours
    }

    fn add(&mut self, id: String, did: Did) {
        self.0.entry(id).or_default().push(did);
    }

    /// What of a file is as we left it, by the log and by our marks on it. `since` is when it was looked at before.
    fn left(&self, file: &File, since: Option<Timestamp>) -> BTreeSet<&'static str> {
        let mark = mark::as_left(file);
        let marked =
            [(mark.name, "renamed"), (mark.place, "moved"), (mark.content, "content"), (mark.made, "added")];
        let mut left: BTreeSet<&'static str> =
            marked.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word).collect();
        let is_in = |folder: &str| file.parent.as_ref().is_some_and(|parent| parent.as_str() == folder);
        for did in self.0.get(file.id.as_str()).into_iter().flatten() {
            match did {
                Did::Put(md5) if file.checksums.md5.as_ref() == Some(md5) => {
                    left.extend(["added", "content"])
                }
                Did::Made if file.is_folder() => left.extend(["added"]),
                Did::Arranged(Arrange::Rename { to }) if file.name == *to => left.extend(["renamed"]),
                Did::Arranged(Arrange::Move { to, name }) if is_in(to) => {
                    left.extend(["added", "moved"]);
                    left.extend((name.as_ref() == Some(&file.name)).then_some("renamed"));
                }
                Did::Arranged(Arrange::Trash) if file.trashed => left.extend(["trashed"]),
                Did::Arranged(Arrange::Restore) if !file.trashed => left.extend(["restored"]),
                // Who else changed that in between, Drive does not tell.
                Did::Shared(ended) if ended.is_none() || *ended >= since => left.extend(["permissions"]),
                _ => {}
            }
        }
        left
    }

    /// Whether we deleted it.
    fn deleted(&self, id: &str) -> bool {
        let did = self.0.get(id).into_iter().flatten();
        did.into_iter().any(|did| matches!(did, Did::Arranged(Arrange::Delete)))
    }
}

/// Knows who is who.
pub(in super::super) struct Teller {
    /// Logins by addresses, in small letters.
    people: BTreeMap<String, Login>,
    /// Our own address, where nobody but us writes as that account.
    ourselves: Option<String>,
    ours: Ours,
}

impl Teller {
    /// Asks who we are.
    ///
    /// # Errors
    /// As Drive says.
    pub(in super::super) async fn new(
        drive: &dyn Drive,
        rules: &DriveRules,
        ours: Ours,
    ) -> Result<Self, Failure> {
        let me = drive.about().await?.me.email.map(|email| email.to_lowercase());
        let known = rules.people.iter();
        let people =
            known.map(|(login, address)| (address.as_str().to_lowercase(), Login::new(login.as_str())));
        Ok(Self { people: people.collect(), ourselves: me.filter(|address| address.ends_with(ROBOTS)), ours })
    }

    /// A change; none for those of drives as a whole, and of ids that are none of Google's. `since` is when the feed was
    /// read before.
    pub(in super::super) fn told(&self, change: &Change, since: Option<Timestamp>) -> Option<Told> {
        match &change.what {
            Changed::File(file) => {
                let (item, now) = seen(file)?;
                let by = file.modified_by.as_ref();
                let address = by.and_then(|person| person.email.as_ref()).map(|email| email.to_lowercase());
                Some(Told {
                    item,
                    at: change.at,
                    now: Some(now),
                    is_folder: file.is_folder(),
                    ours: address.is_some() && address == self.ourselves,
                    by: address.and_then(|address| self.people.get(&address).cloned()),
                    name: by.map(|person| one_line(&person.name, NAME)).unwrap_or_default(),
                    url: file.url.clone(),
                    left: self.ours.left(file, since),
                })
            }
            Changed::FileGone(id) => {
                let ours = self.ours.deleted(id.as_str());
                Some(Told { at: change.at, ours, ..gone(id.as_str().parse().ok()?) })
            }
            Changed::Drive(_) | Changed::DriveGone(_) => None,
        }
    }

    /// How a file is that no feed told of, and what of that is as we left it.
    pub(super) fn found(&self, file: &File, since: Option<Timestamp>) -> Option<Told> {
        let (item, now) = seen(file)?;
        Some(Told { now: Some(now), left: self.ours.left(file, since), ..gone(item) })
    }
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
        left: BTreeSet::new(),
    }
}

/// What came along with a folder, of which no feed tells: who brought the folder brought it.
pub(super) fn came_with(folder: &Told, found: Told) -> Told {
    Told { item: found.item, now: found.now, is_folder: false, url: None, ..folder.clone() }
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
