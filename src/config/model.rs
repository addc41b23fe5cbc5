//! What the configuration may say, with every default. The descriptions here are the published schema's.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::Access;
use super::rule::{LabelName, LoginName, Rule};
use super::schedule::ScheduleRule;
use crate::domain::verdict::{IssueType, Urgency};

/// Automata's configuration, `.github/automata.yml` on the default branch. Everything is optional: an empty file triages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Automata")]
pub struct Config {
    /// Version of this file's shape. There is only 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// Whether anything is changed outside the state branch.
    pub mode: Mode,
    /// Where the log is kept.
    pub state: StateBranch,
    /// Which labels stand for what an analysis finds.
    pub labels: Labels,
    /// How sure an analysis has to be.
    pub triage: Triage,
    /// Who is assigned.
    pub assign: Assign,
    /// Who is asked for a change, in this order, until one has an answer. An empty list: nobody.
    pub assistants: Vec<AssistantName>,
    /// What pull requests look like, and what they may change.
    pub pull_requests: PullRequests,
    /// Which bots are listened to.
    pub bots: Bots,
    /// Who may say what to Automata in comments.
    pub access: Access,
    /// How much a run does.
    pub limits: LimitRules,
    /// What leads to what. Without this key the built-in rules hold, which `automata check` lists; with it, only these do.
    #[serde(skip_serializing_if = "Option::is_none")]
    // Not `Option` in the schema: `rules:` with nothing after it would leave open which of both is meant.
    #[schemars(with = "Vec<Rule>", extend("default" = null))]
    pub rules: Option<Vec<Rule>>,
    /// What comes again and again, by name. Any run sees to what is due: a time is kept as soon as one comes along.
    pub schedules: BTreeMap<String, ScheduleRule>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: 1,
            mode: Mode::default(),
            state: StateBranch::default(),
            labels: Labels::default(),
            triage: Triage::default(),
            assign: Assign::default(),
            assistants: vec![AssistantName::Patch],
            pull_requests: PullRequests::default(),
            bots: Bots::default(),
            access: Access::default(),
            limits: LimitRules::default(),
            rules: None,
            schedules: BTreeMap::new(),
        }
    }
}

/// Whether anything is changed outside the state branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Label, comment, assign, push, open pull requests.
    #[default]
    Act,
    /// Decide and record only: the log says what would have been done.
    Observe,
}

/// Where the log is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StateBranch {
    /// A branch (`automata-state`), or a full ref that plain clones do not fetch (`refs/automata/state`).
    #[schemars(length(min = 1, max = 200))]
    pub branch: String,
}

impl Default for StateBranch {
    fn default() -> Self {
        Self { branch: "automata-state".to_owned() }
    }
}

impl StateBranch {
    /// The full name of the ref.
    #[must_use]
    pub fn reference(&self) -> String {
        if self.branch.starts_with("refs/") {
            self.branch.clone()
        } else {
            format!("refs/heads/{}", self.branch)
        }
    }
}

/// Which labels stand for what an analysis finds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Labels {
    /// The label for each type of issue; null for none. An issue that has one of them gets no other.
    #[serde(rename = "type")]
    pub of_type: TypeLabels,
    /// The label for each urgency; null for none. An issue that has one of them gets no other.
    #[serde(rename = "urgency")]
    pub of_urgency: UrgencyLabels,
    /// Whether labels are made that the repository does not have. Otherwise they are left out.
    pub create: bool,
}

/// The label for each type of issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TypeLabels {
    /// Something does not work as it should.
    pub bug: Option<LabelName>,
    /// Something should exist.
    pub feature: Option<LabelName>,
    /// Somebody wants to know something.
    pub question: Option<LabelName>,
    /// Words should be written or changed.
    pub documentation: Option<LabelName>,
}

/// The names that GitHub gives every new repository.
impl Default for TypeLabels {
    fn default() -> Self {
        Self {
            bug: Some("bug".into()),
            feature: Some("enhancement".into()),
            question: Some("question".into()),
            documentation: Some("documentation".into()),
        }
    }
}

impl TypeLabels {
    /// The label for one type.
    #[must_use]
    pub fn of(&self, issue_type: IssueType) -> Option<&str> {
        let label = match issue_type {
            IssueType::Bug => &self.bug,
            IssueType::Feature => &self.feature,
            IssueType::Question => &self.question,
            IssueType::Documentation => &self.documentation,
        };
        label.as_ref().map(LabelName::as_str)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<&str> {
        IssueType::ALL.into_iter().filter_map(|issue_type| self.of(issue_type)).collect()
    }
}

/// The label for each urgency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UrgencyLabels {
    /// Now: data is lost, the program is unusable, or security is at stake.
    pub critical: Option<LabelName>,
    /// Before others.
    pub high: Option<LabelName>,
    /// In its turn.
    pub normal: Option<LabelName>,
    /// Some day.
    pub low: Option<LabelName>,
}

impl Default for UrgencyLabels {
    fn default() -> Self {
        Self {
            critical: Some("priority: critical".into()),
            high: Some("priority: high".into()),
            normal: None,
            low: Some("priority: low".into()),
        }
    }
}

impl UrgencyLabels {
    /// The label for one urgency.
    #[must_use]
    pub fn of(&self, urgency: Urgency) -> Option<&str> {
        let label = match urgency {
            Urgency::Low => &self.low,
            Urgency::Normal => &self.normal,
            Urgency::High => &self.high,
            Urgency::Critical => &self.critical,
        };
        label.as_ref().map(LabelName::as_str)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<&str> {
        Urgency::ALL.into_iter().filter_map(|urgency| self.of(urgency)).collect()
    }
}

/// How sure an analysis has to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Triage {
    /// Findings less sure than this (from 0, a guess, to 1, certain) lead to nothing.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
    /// How many similar issues are named; 0 for none.
    #[schemars(range(max = 10))]
    pub similar: usize,
}

impl Default for Triage {
    fn default() -> Self {
        Self { confidence: 0.6, similar: 3 }
    }
}

/// Who is assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Assign {
    /// Whether people whom CODEOWNERS names for the places that an issue mentions are assigned, when nobody is yet.
    /// Teams cannot be assigned.
    pub owners: bool,
}

/// Somebody who is asked for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssistantName {
    /// Applies the unified diff that somebody with write access put into the issue or a comment.
    Patch,
}

/// What pull requests look like, and what they may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PullRequests {
    /// Whether they are opened as drafts.
    pub draft: bool,
    /// Their branch. Placeholders: `{number}` (needed) and `{slug}`, which is made of the issue's title.
    #[schemars(length(min = 1, max = 200))]
    pub branch: String,
    /// Their title. Placeholders: `{number}` and `{title}`, the issue's title.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// Globs of paths that no change may touch, besides `.github/**`, every place of CODEOWNERS, and the files by
    /// which git runs or fetches things for whoever has the repository: `.gitmodules`, `.gitattributes` in any folder,
    /// `.lfsconfig`. Those no configuration can open.
    pub protected: Vec<String>,
    /// How large a change may be.
    pub limits: PatchRules,
}

impl Default for PullRequests {
    fn default() -> Self {
        Self {
            draft: true,
            branch: "automata/issue-{number}-{slug}".to_owned(),
            title: "{title}".to_owned(),
            protected: Vec::new(),
            limits: PatchRules::default(),
        }
    }
}

impl PullRequests {
    /// Paths that are protected whatever the configuration says: workflows and this configuration, the three
    /// places where GitHub looks for CODEOWNERS, and the files that work on other people's machines as soon as
    /// they fetch: where submodules come from (gitmodules(5)), which filters and merge drivers run on which files
    /// (gitattributes(5)), where large files are fetched from with one's credentials (git-lfs-config(5)).
    pub const ALWAYS_PROTECTED: [&str; 6] =
        [".github/**", "CODEOWNERS", "docs/CODEOWNERS", ".gitmodules", "**/.gitattributes", ".lfsconfig"];

    /// Placeholders of the title.
    pub const TITLE_PLACEHOLDERS: [&str; 2] = ["number", "title"];

    /// Globs of all protected paths.
    #[must_use]
    pub fn protected_paths(&self) -> Vec<String> {
        Self::ALWAYS_PROTECTED
            .iter()
            .map(|&glob| glob.to_owned())
            .chain(self.protected.iter().cloned())
            .collect()
    }
}

/// How large a change may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PatchRules {
    /// Files it may touch.
    #[schemars(range(min = 1, max = 1000))]
    pub files: usize,
    /// Lines it may add and remove, together.
    #[schemars(range(min = 1, max = 100_000))]
    pub lines: usize,
    /// Bytes the patch may have.
    #[schemars(range(min = 1, max = 4_194_304))]
    pub bytes: usize,
}

/// What somebody can still review, and as many bytes as a comment can hold.
impl Default for PatchRules {
    fn default() -> Self {
        Self { files: 50, lines: 2_000, bytes: 262_144 }
    }
}

/// Which bots are listened to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bots {
    /// Logins of bots whose events count, with or without `[bot]`. All other bots are ignored, so that no two answer
    /// each other forever.
    pub allow: Vec<LoginName>,
}

/// How much a run does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitRules {
    /// Tasks that one run works on at the same time.
    #[schemars(range(min = 1, max = 64))]
    pub tasks_at_once: usize,
    /// Of these, tasks that keep a processor busy rather than wait for the network.
    #[schemars(range(min = 1, max = 64))]
    pub heavy_at_once: usize,
    /// Runs that work on tasks at the same time; one more leaves its work to them.
    #[schemars(range(min = 1, max = 100))]
    pub runs_at_once: usize,
    /// Tasks that all runs together work on at the same time; null for no limit.
    #[schemars(range(min = 1, max = 1000))]
    pub all_runs: Option<usize>,
    /// Tasks of a kind that all runs together work on at the same time: `implement: 1`.
    pub kinds: BTreeMap<String, usize>,
    /// Tasks with a concurrency key that all runs together work on at the same time; one where nothing is said.
    pub keys: BTreeMap<String, usize>,
    /// Minutes after which a run takes on nothing new and hands over; a GitHub job ends after 360.
    #[schemars(range(min = 1, max = 350))]
    pub run_minutes: u64,
}

impl Default for LimitRules {
    fn default() -> Self {
        Self {
            tasks_at_once: 8,
            heavy_at_once: 2,
            runs_at_once: 8,
            all_runs: None,
            kinds: BTreeMap::new(),
            keys: BTreeMap::new(),
            run_minutes: 20,
        }
    }
}
