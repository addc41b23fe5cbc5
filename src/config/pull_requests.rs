//! What becomes of a change: pull requests, what they may hold, and the checks before them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule::{LabelName, LoginName};

/// What pull requests look like, and what they may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PullRequests {
    /// What becomes of a change.
    pub mode: PullRequestMode,
    /// Their branch. Placeholders: `{number}` (needed), `{slug}`, which is made of the title, `{type}` (the type,
    /// or what the analysis finds it) and `{label}` (the first of its labels); what an issue lacks becomes `change`, and so does
    /// `{slug}` where the log is encrypted, which names branches for everybody to read.
    #[schemars(length(min = 1, max = 200))]
    pub branch: String,
    /// Their title. Placeholders: `{number}` and `{title}`, the title.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// Labels that they get, where the repository has them.
    pub labels: Vec<LabelName>,
    /// Who is asked for a review: `owners` (whom CODEOWNERS names for the changed files), `none`, or a list of people and
    /// teams (`org/team`). GitHub itself asks owners when a pull request is no draft. Nobody is asked while a check fails, ours or one of
    /// GitHub's.
    pub reviewers: Reviewers,
    /// Whether the repository's own template for pull requests stands below their text.
    pub template: bool,
    /// How often an assistant may repair what the checks find.
    #[schemars(range(max = 10))]
    pub repairs: u32,
    /// How often a pull request is revised after reviews and failed checks before a person has to go on; 0: never.
    #[schemars(range(max = 100))]
    pub revisions: u32,
    /// Whether failed checks on a pull request of ours ask for a revision: at once where the workflow that runs Automata
    /// names `workflow_run` among its events, else when it is looked at once a day.
    pub repair_checks: bool,
    /// Whether a check on each pull request of ours says what Automata is doing about it. The token needs `checks: write`.
    pub check_run: bool,
    /// Whether a comment on a pull request that changes this file says what the change would have done in the last month.
    pub rehearse: bool,
    /// Whether commits are always made by GitHub itself, which signs them. Also without it where a rule of the repository
    /// asks for signed commits. What GitHub cannot make that way (executable files, links, submodules) is refused.
    pub signed_commits: bool,
    /// When a pull request of ours is merged; null: never. Pull requests of others are never merged.
    pub merge: Option<MergeRules>,
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
            mode: PullRequestMode::default(),
            branch: "automata/issue-{number}-{slug}".to_owned(),
            title: "{title}".to_owned(),
            labels: Vec::new(),
            reviewers: Reviewers::default(),
            template: true,
            repairs: 2,
            revisions: 5,
            repair_checks: true,
            check_run: false,
            rehearse: true,
            signed_commits: false,
            merge: None,
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

/// When a pull request of ours is merged. It must be no draft, all checks of its last commit must have succeeded and be one
/// at least, and nobody with write access may ask for changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MergeRules {
    /// How its commits come to the base.
    pub method: MergeMethodRule,
    /// People with write access who must have approved its last commit in a review. Our own account does not count.
    #[schemars(range(min = 1, max = 10))]
    pub approvals: u32,
    /// Whether GitHub is to merge by itself as soon as the rules of the base allow it, once the approvals are there.
    pub auto_merge: bool,
    /// Whether its branch is deleted afterwards, where nobody has pushed to it since.
    pub delete_branch: bool,
}

/// One approval, and one commit on the base for each issue.
impl Default for MergeRules {
    fn default() -> Self {
        Self { method: MergeMethodRule::default(), approvals: 1, auto_merge: false, delete_branch: true }
    }
}

/// How the commits of a pull request come to its base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MergeMethodRule {
    /// By a merge commit.
    Merge,
    /// As one commit.
    #[default]
    Squash,
    /// One by one on top.
    Rebase,
}

/// Who is asked for a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Reviewers {
    /// By a rule.
    By(ReviewersBy),
    /// By name: logins, and teams as `org/team`.
    People(#[schemars(length(min = 1))] Vec<LoginName>),
}

impl Default for Reviewers {
    fn default() -> Self {
        Self::By(ReviewersBy::None)
    }
}

/// By which rule people are asked for a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewersBy {
    /// Whom CODEOWNERS names for the changed files.
    Owners,
    /// Nobody.
    None,
}

/// What becomes of a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PullRequestMode {
    /// A draft pull request.
    #[default]
    Draft,
    /// A pull request that is ready for review, if all checks passed; else a draft that says what failed.
    Ready,
    /// A branch, and a link to it in the status comment.
    Branch,
    /// Nothing: nobody is asked for a change.
    None,
}

/// A command that a change has to pass. It runs in a folder with the changed files, confined, without any token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRule {
    /// What it is called in the pull request.
    #[schemars(length(min = 1, max = 60))]
    pub name: String,
    /// What `sh -c` runs; the check passes when it ends with 0.
    #[schemars(length(min = 1, max = 2000))]
    pub run: String,
    /// Minutes that it may take.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 120))]
    pub minutes: u64,
    /// Whether it may use the network.
    #[serde(default = "yes")]
    pub network: bool,
}

const fn ten() -> u64 {
    10
}

/// Most builds fetch what they depend on.
const fn yes() -> bool {
    true
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
    /// Bytes that a binary file may have which an assistant adds or changes; 0: none. A patch holds no such files.
    #[schemars(range(max = 4_194_304))]
    pub binary_bytes: usize,
}

/// What somebody can still review, and as many bytes as a comment can hold.
impl Default for PatchRules {
    fn default() -> Self {
        Self { files: 50, lines: 2_000, bytes: 262_144, binary_bytes: 65_536 }
    }
}
