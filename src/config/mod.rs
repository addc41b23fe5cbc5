//! `.github/automata.yml`: what it may say, what it means, and which tasks follow from it. Pure: text and values in, values out.
//!
//! ```text
//! YAML ── tree ──> values with places ── check (the published schema) ──> model ── meaning ──> Config | problems
//! Config + trigger  ── rules ───> task requests
//! Config + analysis ── verdict ─> task requests
//! Config ── subscriptions, schedules ─> what follows the end of tasks, what comes again and again
//! ```

pub use access::{Access, NeedName};
pub use assistants::{
    AnthropicSettings, AssistantRule, AssistantTitle, CommandSettings, CopilotCloudSettings, ModelName,
    OpenAiSettings, PlainAssistant, PresetSettings, Prices, PromptBy, SetAssistant, Url, VariableName, Word,
};
pub use check::suggestion;
pub use comment::{CommentRules, CommentWord, CommentWords, filled};
pub use dollars::Dollars;
pub use drive::{
    AccessRule, DirectionName, DriveLimits, DriveRules, GrantRule, RoleName, SyncRule, WatchRule,
};
pub use drive_actions::{
    CollectAction, FolderAction, FolderPer, ImportAction, ImportFormat, IssueAction, IssuePer, ShareAction,
    ShareRole, on_drive_change,
};
pub use encryption::{EncryptionMode, EncryptionRules};
pub use explain::{
    ExplainedAssistant, ExplainedNeed, ExplainedRule, ExplainedSchedule, Explanation, explain,
};
pub use features::{FeatureModeName, FeatureRules, policy};
pub use form::{FormField, fields, is_form};
pub use meaning::schedule_hint;
pub use model::{
    Assign, Bots, Config, IssueTypes, LabelRule, Labels, LimitRules, Mode, StateBranch, TypeLabels,
    UrgencyLabels,
};
pub use needs::{Need, needs, projects};
pub use plugins::{ExecAction, ExecRule, MayRules, PluginName, PluginRule};
pub use problem::Problem;
pub use pull_requests::{
    CheckRule, MergeMethodRule, MergeRules, PatchRules, PullRequestMode, PullRequests, Reviewers, ReviewersBy,
};
pub use rule::{
    Action, AspectName, Choice, Condition, CronText, EventName, LabelName, LoginName, OneOrMany, Rule,
    RuleName, SpanText, StateName, TaskKind, TypeName, UrgencyName, Words,
};
pub use salvage::Kept;
pub use sandbox::Sandbox;
pub use schedule::{CatchUpRule, ScheduleRule, TaskRule, schedules};
pub use silence::{Lacking, Unmoved, set_by, why_nothing_followed};
pub use spending::{AttemptRules, BudgetRules, CapRules, MostRules};
pub use subscriptions::subscriptions;
pub use telling::{HappeningName, QuietRule, RouteRule, SlackRules, WebhookRule, urgency};
pub use triage::{ActionConfidence, Confidence, Needs, SecurityRules, Stale, Triage};
pub use unread::unread;
pub use verdict::owners::loads;
pub use verdict::{Known, Load};
pub use words::text_digest;

mod access;
mod assistants;
mod builtin;
mod check;
mod comment;
mod dollars;
mod drive;
mod drive_actions;
mod encryption;
mod event;
mod explain;
mod features;
mod form;
mod meaning;
mod model;
mod needs;
pub mod ours;
mod place;
mod plugins;
mod problem;
mod pull_requests;
mod rule;
pub mod rules;
mod salvage;
mod sandbox;
mod schedule;
mod schema;
mod silence;
mod spending;
mod subscriptions;
mod telling;
mod text;
mod tree;
mod triage;
mod unread;
mod verdict;
mod words;

/// Where the configuration lies, on the default branch.
pub const PATH: &str = ".github/automata.yml";

/// Reads a configuration. An empty text is the default one.
///
/// # Errors
/// Every problem found, in the order of the file: what could not be read, else what the schema does not
/// allow, else what makes no sense.
pub fn parse(yaml: &str) -> Result<Config, Vec<Problem>> {
    parse_in(yaml, None)
}

/// As [`parse`], for a repository whose default branch is known: the log cannot lie there.
///
/// # Errors
/// As [`parse`].
pub fn parse_in(yaml: &str, default_branch: Option<&str>) -> Result<Config, Vec<Problem>> {
    let tree = tree::read(yaml).map_err(|problem| vec![problem])?;
    if matches!(tree.value, tree::Value::Null) {
        return Ok(Config::default());
    }
    let problems = check::against(schema::root(), &tree);
    if !problems.is_empty() {
        return Err(in_order(problems));
    }
    let config: Config = serde_json::from_value(tree.to_json())
        .map_err(|error| vec![Problem::at(&tree, &[], format!("this cannot be read: {error}"))])?;
    let problems = meaning::problems(&config, &tree, default_branch);
    if problems.is_empty() { Ok(config) } else { Err(in_order(problems)) }
}

/// Where a configuration keeps the log, as far as that can be told, even when nothing else in it can be used:
/// the log must not move because of a slip elsewhere in the file.
#[must_use]
pub fn state_of(yaml: &str) -> Kept {
    let Ok(tree) = tree::read(yaml) else { return salvage::kept(yaml) };
    let state = match &tree.value {
        tree::Value::Map(members) => members.iter().find(|(key, _)| key.text() == Some("state")),
        _ => return salvage::kept(yaml),
    };
    // What can be read and does not name a branch means the usual one.
    let usual = Kept::At(StateBranch::default());
    let Some((_, state)) = state else { return usual };
    let branch = match &state.value {
        tree::Value::Map(members) if members.iter().all(|(key, _)| key.text() == Some("encryption")) => {
            return usual;
        }
        tree::Value::Map(members) => members.iter().find(|(key, _)| key.text() == Some("branch")),
        _ => None,
    };
    match branch.and_then(|(_, branch)| branch.text()) {
        Some(branch) => Kept::At(StateBranch::on(branch)),
        None => Kept::Unclear,
    }
}

/// Why the log cannot lie at `state`, in a repository with this default branch: for a configuration of which nothing
/// else can be used.
#[must_use]
pub fn refused_place(state: &StateBranch, default_branch: Option<&str>) -> Option<String> {
    let config = Config { state: state.clone(), ..Config::default() };
    place::refused(&config, default_branch).map(|(told, _)| crate::domain::untrusted::unhidden(&told))
}

fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

/// The JSON Schema of the configuration, as `automata.schema.json` publishes it.
#[must_use]
pub fn schema() -> String {
    schema::text()
}

#[cfg(test)]
mod tests;
