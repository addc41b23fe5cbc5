//! Google Drive: whose account, which folders, what is kept in step, and who is to have access.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assistants::{Url, VariableName};
use super::rule::{SpanText, Words};
use crate::drive::audit::{May, Wanted, Who};
use crate::drive::filter::{Filter, NotAPattern};
use crate::drive::sync::Direction;

/// Google Drive: whose account, which folders, what is kept in step, and who is to have access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DriveRules {
    /// The environment variable that holds the credentials: their JSON, or the path of a file with it. A service
    /// account's key, an authorised user, or workload identity federation.
    pub credentials: VariableName,
    /// The person whom the service account stands for, by domain-wide delegation; null for none.
    pub stands_for: Option<Words>,
    /// Where Google's interfaces are, for a proxy or a test; null for Google's own.
    pub url: Option<Url>,
    /// Folders by a name of their own, to be used as `NAME:` in places: each by its id or its link.
    pub folders: BTreeMap<String, Words>,
    /// Domains of the organisation: who is from elsewhere is an outsider. An empty list: nobody is.
    pub inside: Vec<Words>,
    /// Addresses in Google of people, by their logins on GitHub.
    pub people: BTreeMap<String, Words>,
    /// Folders whose changes are told; rules on `drive.changed` say what follows.
    pub watch: WatchRule,
    /// How much may be done at once.
    pub limits: DriveLimits,
    /// Folders of the repository that are kept in step with folders in Drive, by a name.
    pub sync: BTreeMap<String, SyncRule>,
    /// Who is to have access to what. `automata drive audit` compares it with what is so.
    pub access: Vec<AccessRule>,
}

impl Default for DriveRules {
    fn default() -> Self {
        Self {
            credentials: "GOOGLE_CREDENTIALS".into(),
            stands_for: None,
            url: None,
            folders: BTreeMap::new(),
            inside: Vec::new(),
            people: BTreeMap::new(),
            watch: WatchRule::default(),
            limits: DriveLimits::default(),
            sync: BTreeMap::new(),
            access: Vec::new(),
        }
    }
}

/// How much may be done in Drive at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DriveLimits {
    /// Files that one `sync` may delete. More of them, and nothing is done at all.
    #[schemars(range(max = 100_000))]
    pub deletions: usize,
    /// Files that one folder may have with all below it, to be kept in step or listed as a tree.
    #[schemars(range(min = 1, max = 500_000))]
    pub files: usize,
    /// MiB that one file may have which is copied from GitHub into Drive, or from Drive into the repository.
    #[schemars(range(min = 1, max = 2_048))]
    pub copy_mib: u64,
    /// KiB that an upload sends, and a download fetches, at a time: a multiple of 256. Eight parts are in memory at once.
    #[schemars(range(min = 256, max = 65_536))]
    pub part_kib: u64,
}

/// A slip deletes less than somebody can look through; a tree of so many files still fits into memory with ease; GitHub
/// takes no attachment above 100 MiB; parts of
/// 16 MiB are few requests, and little to send again.
impl Default for DriveLimits {
    fn default() -> Self {
        Self { deletions: 50, files: 50_000, copy_mib: 100, part_kib: 16_384 }
    }
}

/// Folders whose changes are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WatchRule {
    /// The folders, by their names under `drive.folders`, each with all below it. An empty list: nothing is watched.
    pub folders: Vec<Words>,
    /// How long a run leaves the feeds alone after they were read. Read they are by any run: GitHub's schedule, or an
    /// event.
    pub every: SpanText,
    /// Files and folders that are known one by one, so that a change says what is different; each takes about 100 bytes
    /// of what every run reads.
    #[schemars(range(min = 1, max = 100_000))]
    pub files: usize,
}

/// A quarter of an hour is soon enough for documents; a few thousand files are more than people look after.
impl Default for WatchRule {
    fn default() -> Self {
        Self { folders: Vec::new(), every: "15m".into(), files: 3_000 }
    }
}

/// A folder that is kept in step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncRule {
    /// The folder in the working copy.
    pub path: Words,
    /// The folder in Drive, as places are written: `docs:`, `docs:guides`.
    pub drive: Words,
    /// Which side is the model.
    #[serde(default)]
    pub direction: DirectionName,
    /// Whether what is gone on the one side goes on the other, up to `limits.deletions`.
    #[serde(default)]
    pub delete: bool,
    /// Globs of what alone is kept in step: `*.md` wherever it lies, `docs/*.md` from the folder on; a folder with all below
    /// it. An empty list: everything is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<Words>,
    /// Globs of what is left out on both sides: neither copied nor deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Words>,
}

impl SyncRule {
    /// What of the folders is kept in step.
    ///
    /// # Errors
    /// When a pattern is none.
    pub fn filter(&self) -> Result<Filter, NotAPattern> {
        let texts = |words: &[Words]| words.iter().map(|word| word.as_str().to_owned()).collect::<Vec<_>>();
        Filter::new(&texts(&self.only), &texts(&self.except))
    }
}

/// Which side is the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DirectionName {
    /// Drive becomes as the working copy is.
    #[default]
    Up,
    /// The working copy becomes as Drive is.
    Down,
    /// Each takes over what changed on the other; of what changed on both, both are kept.
    Both,
}

impl From<DirectionName> for Direction {
    fn from(name: DirectionName) -> Self {
        match name {
            DirectionName::Up => Self::Up,
            DirectionName::Down => Self::Down,
            DirectionName::Both => Self::Both,
        }
    }
}

/// Who is to have access to a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessRule {
    /// The folder, as places are written: `docs:`.
    pub folder: Words,
    /// Who may do what.
    pub grants: Vec<GrantRule>,
    /// Whether everybody else is to lose access, as far as it does not come from a folder above.
    #[serde(default)]
    pub only: bool,
    /// Whether what is not so may be mended by itself; otherwise it is only told.
    #[serde(default)]
    pub repair: bool,
    /// Whether all below the folder is looked at as well: public links, outsiders, deleted accounts, and with `only`
    /// everybody else who was let in further down.
    #[serde(default = "yes")]
    pub below: bool,
}

const fn yes() -> bool {
    true
}

/// Who may do what: one of `user`, `group`, `domain` and `anyone`, and the role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantRule {
    /// A person or a service account, by its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Words")]
    pub user: Option<Words>,
    /// A group, by its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Words")]
    pub group: Option<Words>,
    /// Everybody of a domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Words")]
    pub domain: Option<Words>,
    /// Everybody who has the link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anyone: bool,
    /// What they may do.
    pub role: RoleName,
}

/// What somebody may do in Drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// See it.
    Reader,
    /// Say something about it.
    Commenter,
    /// Change it.
    Writer,
    /// In shared drives: change, move and share what is in it.
    FileOrganizer,
    /// In shared drives: manage it, and its members.
    Organizer,
}

impl From<RoleName> for May {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Reader => Self::Reader,
            RoleName::Commenter => Self::Commenter,
            RoleName::Writer => Self::Writer,
            RoleName::FileOrganizer => Self::FileOrganizer,
            RoleName::Organizer => Self::Organizer,
        }
    }
}

impl GrantRule {
    /// Who is meant; none when not just one is named.
    #[must_use]
    pub fn who(&self) -> Option<Who> {
        let text = |words: &Words| words.as_str().to_owned();
        let named = [
            self.user.as_ref().map(|user| Who::User(text(user))),
            self.group.as_ref().map(|group| Who::Group(text(group))),
            self.domain.as_ref().map(|domain| Who::Domain(text(domain))),
            self.anyone.then_some(Who::Anyone),
        ];
        let mut named = named.into_iter().flatten();
        named.next().filter(|_| named.next().is_none())
    }
}

impl DriveRules {
    /// What a rule wants, to be compared with what is so.
    #[must_use]
    pub fn wanted(&self, rule: &AccessRule) -> Wanted {
        let grants = rule.grants.iter().filter_map(|grant| Some((grant.who()?, grant.role.into()))).collect();
        let inside = self.inside.iter().map(|domain| domain.as_str().to_owned()).collect();
        Wanted { grants, only: rule.only, inside, ..Wanted::default() }
    }
}
