//! What a configuration means, as plain data for `automata check`.

mod analysis;
mod changes;
mod drive;
mod features;
mod plugins;
mod told;

use serde::Serialize;

use self::analysis::after_analysis;
use self::changes::after_change;
use super::model::{Config, Mode};
use super::rule::{Action, Condition, LabelName, LoginName, OneOrMany, Rule, Words};
use super::rules::rules;
use super::schedule::{CatchUpRule, ScheduleRule};
use super::spending::MostRules;
use crate::domain::access::Need;
use crate::domain::count::counted;
use crate::domain::encryption::Extent;
use crate::domain::time::Timestamp;
use crate::domain::words::Verb;
use crate::queue::recurring::Timetable;

pub use assistants::ExplainedAssistant;

mod assistants;

/// What a configuration means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Act or observe.
    pub mode: Mode,
    /// How far features go that the configuration names, one clause each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// The full name of the ref that holds the log.
    pub state: String,
    /// How much of it is encrypted and for how many, a sentence; none where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<String>,
    /// The rules in their order.
    pub rules: Vec<ExplainedRule>,
    /// What comes again and again, by name.
    pub schedules: Vec<ExplainedSchedule>,
    /// What follows from every analysis, one clause each; nothing where no rule leads to one.
    pub after_analysis: Vec<String>,
    /// Who is asked for a change, in order, by their names.
    pub assistants: Vec<String>,
    /// The same with what each does and needs.
    pub asked: Vec<ExplainedAssistant>,
    /// What they may use up, one clause each; nothing where nobody is asked who uses anything up.
    pub spending: Vec<String>,
    /// How much may be begun whoever asks for it, one clause each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<String>,
    /// What becomes of a change, one clause each; nothing where none is asked for.
    pub after_change: Vec<String>,
    /// Who is told what happens, one clause each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// Programs that are asked what is to be done, and what each may, one clause each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<String>,
    /// Globs of paths that no change may touch.
    pub protected: Vec<String>,
    /// Bots that are listened to.
    pub bots: Vec<String>,
    /// What each role may say in comments; what is switched off is left out.
    pub words: Vec<ExplainedNeed>,
    /// Who may say all of it.
    pub may_say_all: Vec<String>,
}

/// Words for which the same is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedNeed {
    /// `anyone`, `triage`, `write` …
    pub need: String,
    /// The words.
    pub words: Vec<String>,
}

/// What a rule means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedRule {
    /// `rule 2 (…)`, or what a built-in rule says.
    pub name: String,
    /// The events.
    pub on: Vec<String>,
    /// What must hold as well, one clause each.
    pub when: Vec<String>,
    /// What follows, one clause each.
    pub then: Vec<String>,
}

/// What a schedule means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedSchedule {
    /// Its name.
    pub name: String,
    /// The expression.
    pub cron: String,
    /// By whose clocks.
    pub zone: String,
    /// Seconds by which each time is put off, at most.
    pub jitter: u32,
    /// What becomes of missed times.
    pub catch_up: CatchUpRule,
    /// What follows: a kind of task.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// What the kind needs to know.
    pub input: serde_json::Map<String, serde_json::Value>,
    /// Who goes first, from 0 to 100.
    pub priority: u8,
    /// The next times by the zone's clocks, RFC 3339, without jitter.
    pub next: Vec<String>,
}

/// Upcoming times that are shown: enough to see whether the expression says what was meant.
const TIMES_SHOWN: usize = 3;

fn encryption(config: &Config) -> Option<String> {
    let what = match config.state.encryption.extent() {
        Extent::Nothing => return None,
        Extent::Sensitive => "What people and assistants write is encrypted in it",
        Extent::All => "All of it but types, times and subjects is encrypted",
    };
    let readers = counted(config.state.encryption.recipients.len() as u64, "key", "keys");
    Some(format!("{what}, for {readers}."))
}

fn caps(config: &Config) -> Vec<String> {
    let told = |(within, most): (&'static str, &MostRules)| {
        let of = match within {
            "run" => "in one run",
            "issue" => "about one issue or pull request in a day",
            "actor" => "in a day for what one person sets off",
            _ => "in a day",
        };
        most.told().into_iter().map(move |most| format!("{most} {of}"))
    };
    config.limits.caps.parts().into_iter().flat_map(told).collect()
}

/// Says what `config` means at `now`.
#[must_use]
pub fn explain(config: &Config, now: Timestamp) -> Explanation {
    let explained = |(name, rule): (String, Rule)| ExplainedRule {
        name,
        on: rule.on.as_slice().iter().map(|event| event.0.clone()).collect(),
        when: when(&rule.condition),
        then: rule.actions.as_slice().iter().map(then).collect(),
    };
    let rules = rules(config);
    let analyses = |(_, rule): &(String, Rule)| rule.actions.as_slice().contains(&Action::Analyse);
    Explanation {
        mode: config.mode,
        features: features::features(config),
        state: config.state.reference(),
        encryption: encryption(config),
        after_analysis: if rules.iter().any(analyses) { after_analysis(config) } else { Vec::new() },
        rules: rules.into_iter().map(explained).collect(),
        schedules: config.schedules.iter().map(|(name, rule)| schedule(name, rule, now)).collect(),
        assistants: config.assistants.iter().map(|rule| rule.name().to_owned()).collect(),
        asked: assistants::asked(config),
        spending: assistants::spending(config),
        caps: caps(config),
        after_change: if config.assistants.is_empty() { Vec::new() } else { after_change(config) },
        told: told::told(config),
        plugins: plugins::plugins(config),
        protected: config.pull_requests.protected_paths(),
        bots: config.bots.allow.iter().map(|login| login.as_str().to_owned()).collect(),
        words: words(config),
        may_say_all: config.access.allow.iter().map(|login| login.as_str().to_owned()).collect(),
    }
}

fn words(config: &Config) -> Vec<ExplainedNeed> {
    let of = |need: Need| -> Vec<String> {
        let words = Verb::ALL.into_iter().filter(|verb| config.access.need(*verb) == need);
        words.map(|verb| verb.name().to_owned()).collect()
    };
    let needs = Need::ALL.into_iter().filter(|need| *need != Need::Nobody);
    let explained = needs.map(|need| ExplainedNeed { need: need.name().to_owned(), words: of(need) });
    explained.filter(|explained| !explained.words.is_empty()).collect()
}

fn schedule(name: &str, rule: &ScheduleRule, now: Timestamp) -> ExplainedSchedule {
    let times = |table: Timetable| table.after(now).take(TIMES_SHOWN).map(|at| table.local(at)).collect();
    ExplainedSchedule {
        name: name.to_owned(),
        cron: rule.cron.as_str().to_owned(),
        zone: rule.zone.clone(),
        jitter: rule.jitter,
        catch_up: rule.catch_up,
        kind: rule.task.kind.0.clone(),
        subject: rule.task.subject.clone(),
        input: rule.task.input.clone(),
        priority: rule.task.priority,
        next: Timetable::read(rule.cron.as_str(), &rule.zone).map(times).unwrap_or_default(),
    }
}

/// The clauses of a condition.
pub(super) fn when(condition: &Condition) -> Vec<String> {
    let labels = |labels: &OneOrMany<LabelName>| either(labels, |label| format!("`{}`", label.as_str()));
    let words = |words: &OneOrMany<Words>| either(words, |words| format!("`{}`", words.as_str()));
    let logins = |logins: &OneOrMany<LoginName>| either(logins, |login| login.as_str().to_owned());
    let clauses = [
        condition
            .issue_type
            .as_ref()
            .map(|types| format!("it is a {}", either(types, |it| it.0.name().to_owned()))),
        condition
            .urgency
            .as_ref()
            .map(|urgencies| format!("its urgency is {}", either(urgencies, |it| it.0.name().to_owned()))),
        condition.label.as_ref().map(|it| format!("it has the label {}", labels(it))),
        condition.without_label.as_ref().map(|it| format!("it does not have the label {}", labels(it))),
        condition.state.as_ref().map(|it| format!("it is {}", if it.is_open() { "open" } else { "closed" })),
        condition.author.as_ref().map(|it| format!("{} wrote it", logins(it))),
        condition.title_contains.as_ref().map(|it| format!("its title contains {}", words(it))),
        condition.comment_starts_with.as_ref().map(|it| format!("the comment begins with {}", words(it))),
        condition.kind.as_ref().map(|it| format!("its kind is {}", either(it, |it| format!("`{}`", it.0)))),
        condition.path.as_ref().map(|it| format!("it lies at {}", words(it))),
        condition.mime.as_ref().map(|it| format!("its type is {}", words(it))),
        condition.actor.as_ref().map(|it| format!("{} changed it", logins(it))),
        condition.changed.as_ref().map(|it| format!("of it changed: {}", either(it, |it| it.0.clone()))),
        condition.has_patch.map(|wanted| format!("{} patch stands in it", if wanted { "a" } else { "no" })),
    ];
    clauses.into_iter().flatten().collect()
}

/// What an action does, a clause.
pub(super) fn then(action: &Action) -> String {
    match action {
        Action::Analyse => "analyse the issue".to_owned(),
        Action::Implement => "ask the assistants for a change and open a pull request".to_owned(),
        Action::Comment => "bring the status comment up to date".to_owned(),
        Action::Label(labels) => format!("add {}", all(labels, |label| format!("`{}`", label.as_str()))),
        Action::Unlabel(labels) => {
            format!("take off {}", all(labels, |label| format!("`{}`", label.as_str())))
        }
        Action::Assign(logins) => format!("assign {}", all(logins, |login| login.as_str().to_owned())),
        Action::Milestone(title) => format!("plan it for the milestone `{}`", title.as_str()),
        Action::Project(choice) => format!(
            "choose `{}` as `{}` in project {}",
            choice.option.as_str(),
            choice.field.as_str(),
            choice.number
        ),
        Action::Field(filling) => {
            format!("set the field `{}` to `{}`", filling.name.as_str(), filling.value.as_str())
        }
        Action::Exec(exec) => {
            format!("start the plugin `{}`, and do what it asks for as far as it may", exec.plugin())
        }
        other => drive::then(other),
    }
}

fn either<T>(values: &OneOrMany<T>, show: impl Fn(&T) -> String) -> String {
    values.as_slice().iter().map(show).collect::<Vec<_>>().join(" or ")
}

fn all<T>(values: &OneOrMany<T>, show: impl Fn(&T) -> String) -> String {
    values.as_slice().iter().map(show).collect::<Vec<_>>().join(", ")
}
