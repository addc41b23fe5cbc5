//! What the configuration may say, with every default. The descriptions here are the published schema's.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::Access;
use super::assistants::AssistantRule;
use super::comment::CommentRules;
use super::drive::DriveRules;
use super::encryption::EncryptionRules;
use super::features::FeatureMap;
use super::plugins::PluginRule;
use super::pull_requests::{CheckRule, PullRequests};
use super::rule::{LabelName, LoginName, Rule, Words};
use super::sandbox::Sandbox;
use super::schedule::ScheduleRule;
use super::spending::{AttemptRules, BudgetRules, CapRules};
use super::telling::{SlackRules, WebhookRule};
use super::triage::Triage;
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
    /// How far each feature goes, by its name; see `automata features`. One that is not named acts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub features: FeatureMap,
    /// Where the log is kept.
    pub state: StateBranch,
    /// Which labels stand for what an analysis finds.
    pub labels: Labels,
    /// How sure an analysis has to be, and what is done about special findings.
    pub triage: Triage,
    /// Who is assigned.
    pub assign: Assign,
    /// Who is asked for a change, in this order, until one has an answer. An empty list: nobody.
    pub assistants: Vec<AssistantRule>,
    /// What pull requests look like, and what they may change.
    pub pull_requests: PullRequests,
    /// Commands that a change has to pass before its pull request is opened for review, in this order.
    pub checks: Vec<CheckRule>,
    /// Google Drive: whose account, which folders, what is kept in step, and who is to have access.
    #[serde(skip_serializing_if = "is_usual")]
    pub drive: DriveRules,
    /// Slack: where what is told.
    #[serde(skip_serializing_if = "says_nothing")]
    pub slack: SlackRules,
    /// Other systems that are told what happens, by a name of their own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub webhooks: BTreeMap<String, WebhookRule>,
    /// Programs that are asked what is to be done, by a name of their own. `exec` in a rule starts one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, PluginRule>,
    /// What is done where this machine cannot keep a program of `assistants`, `checks` or `plugins` within bounds.
    #[serde(skip_serializing_if = "is_best_effort")]
    pub sandbox: Sandbox,
    /// What the status comment says.
    #[serde(skip_serializing_if = "is_english")]
    pub comment: CommentRules,
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
            features: FeatureMap::new(),
            state: StateBranch::default(),
            labels: Labels::default(),
            triage: Triage::default(),
            assign: Assign::default(),
            assistants: vec![AssistantRule::default()],
            pull_requests: PullRequests::default(),
            checks: Vec::new(),
            drive: DriveRules::default(),
            slack: SlackRules::default(),
            webhooks: BTreeMap::new(),
            plugins: BTreeMap::new(),
            sandbox: Sandbox::default(),
            comment: CommentRules::default(),
            bots: Bots::default(),
            access: Access::default(),
            limits: LimitRules::default(),
            rules: None,
            schedules: BTreeMap::new(),
        }
    }
}

/// As [`is_usual`].
fn is_english(comment: &CommentRules) -> bool {
    *comment == CommentRules::default()
}

/// As [`is_usual`].
fn is_best_effort(sandbox: &Sandbox) -> bool {
    *sandbox == Sandbox::default()
}

/// As [`is_usual`].
fn says_nothing(slack: &SlackRules) -> bool {
    *slack == SlackRules::default()
}

/// What nobody said anything about is not written out.
fn is_usual(drive: &DriveRules) -> bool {
    *drive == DriveRules::default()
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
    /// Whether what stands in it can be read by everybody who can read the repository.
    #[serde(skip_serializing_if = "is_open")]
    pub encryption: EncryptionRules,
}

fn is_open(encryption: &EncryptionRules) -> bool {
    *encryption == EncryptionRules::default()
}

impl Default for StateBranch {
    fn default() -> Self {
        Self::on("automata-state")
    }
}

impl StateBranch {
    /// On a branch or a ref of this name, with nothing else said.
    #[must_use]
    pub fn on(branch: impl Into<String>) -> Self {
        Self { branch: branch.into(), encryption: EncryptionRules::default() }
    }

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
    /// The label for an issue that lacks what is needed; null for none. It goes when the answer comes.
    pub needs_info: Option<LabelName>,
    /// The label for an issue that repeats another; null for none. See `triage.duplicate`.
    pub duplicate: Option<LabelName>,
    /// Globs of labels of which an issue has one at most: `priority: *`. Labels for types and for urgencies are such a
    /// group already.
    pub exclusive: Vec<Words>,
    /// Labels for what an issue names: places in the code, or words.
    pub also: Vec<LabelRule>,
    /// Which of the organisation's issue types stands for each type; null for none. A type that a person has set or taken
    /// off stays as it is.
    pub issue_types: IssueTypes,
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

/// A label for what an issue names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelRule {
    /// The label.
    pub label: LabelName,
    /// Globs of paths: one of the places in the code that the issue names matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Words>,
    /// Words of which the title or the text has one; `*` at the end stands for any ending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Words>,
}

/// The organisation's issue type for each type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IssueTypes {
    /// Something does not work as it should.
    pub bug: Option<Words>,
    /// Something should exist.
    pub feature: Option<Words>,
    /// Somebody wants to know something.
    pub question: Option<Words>,
    /// Words should be written or changed.
    pub documentation: Option<Words>,
}

impl IssueTypes {
    /// The organisation's name for one type.
    #[must_use]
    pub fn of(&self, issue_type: IssueType) -> Option<&str> {
        let name = match issue_type {
            IssueType::Bug => &self.bug,
            IssueType::Feature => &self.feature,
            IssueType::Question => &self.question,
            IssueType::Documentation => &self.documentation,
        };
        name.as_ref().map(Words::as_str)
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

/// Who is assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Assign {
    /// Whether people whom CODEOWNERS names for the places that an issue mentions are assigned, when nobody is yet.
    /// Teams cannot be assigned, and whoever wrote the issue is not.
    pub owners: bool,
    /// People who are away: they are not assigned.
    pub unavailable: Vec<LoginName>,
    /// Who has this many open issues already is not assigned; null for no limit.
    #[schemars(range(min = 1, max = 1000))]
    pub most_open: Option<usize>,
    /// Whether only one of the owners is assigned, in turn.
    pub round_robin: bool,
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
    /// What one attempt of an assistant may use up.
    pub attempt: AttemptRules,
    /// What all attempts together may cost.
    pub budget: BudgetRules,
    /// How much may be begun, whoever asks for it.
    pub caps: CapRules,
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
            attempt: AttemptRules::default(),
            budget: BudgetRules::default(),
            caps: CapRules::default(),
        }
    }
}
