//! Who is asked for a change and what that may cost, in clauses for a person.

use serde::Serialize;

use super::super::assistants::{
    AssistantRule, CommandSettings, OpenAiSettings, PlainAssistant, PresetSettings, PromptBy, SetAssistant,
    VariableName,
};
use super::super::model::Config;
use crate::domain::count::counted;

/// Somebody who is asked for a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedAssistant {
    /// What it is called.
    pub name: String,
    /// What it does and what it needs, a clause.
    pub about: String,
}

/// Everybody who is asked, in order.
pub(super) fn asked(config: &Config) -> Vec<ExplainedAssistant> {
    let explained =
        |rule: &AssistantRule| ExplainedAssistant { name: rule.name().to_owned(), about: about(rule) };
    config.assistants.iter().map(explained).collect()
}

/// What assistants may use up, one clause each; nothing where nobody is asked who uses anything up.
pub(super) fn spending(config: &Config) -> Vec<String> {
    let is_free = |rule: &AssistantRule| {
        matches!(
            rule,
            AssistantRule::Plain(PlainAssistant::Patch) | AssistantRule::With(SetAssistant::Person(_))
        )
    };
    if config.assistants.iter().all(is_free) {
        return Vec::new();
    }
    let attempt = &config.limits.attempt;
    let mut clauses = vec![format!(
        "an attempt ends after {}, {}, {} or {}, whichever comes first",
        counted(attempt.minutes, "minute", "minutes"),
        counted(attempt.tokens, "token", "tokens"),
        attempt.dollars,
        counted(attempt.steps, "answer of a model", "answers of a model"),
    )];
    let budget = &config.limits.budget;
    let budgets = [
        (budget.run_dollars, budget.run_tokens, "in one run"),
        (budget.issue_dollars, budget.issue_tokens, "for an issue"),
        (budget.day_dollars, budget.day_tokens, "in a day"),
        (budget.actor_dollars, budget.actor_tokens, "in a day for what one person asked for"),
    ];
    for (dollars, tokens, of) in budgets {
        let dollars = dollars.map(|most| most.to_string());
        let tokens = tokens.map(|most| counted(most, "token", "tokens"));
        let limits: Vec<String> = dollars.into_iter().chain(tokens).collect();
        if !limits.is_empty() {
            clauses.push(format!("at most {} {of}", limits.join(" and ")));
        }
    }
    clauses
}

fn about(rule: &AssistantRule) -> String {
    let set = match rule {
        AssistantRule::Plain(PlainAssistant::Patch) => {
            return "takes the newest unified diff that somebody with write access posted".to_owned();
        }
        AssistantRule::Plain(preset) => return program(*preset, &PresetSettings::default()),
        AssistantRule::With(set) => set,
    };
    if let Some((preset, settings)) = set.preset() {
        return program(preset, settings);
    }
    match set {
        SetAssistant::Command(settings) => command(settings),
        SetAssistant::OpenAi(OpenAiSettings { url, model, key, .. }) => {
            let key = key.as_ref().map_or_else(|| "without a key".to_owned(), with_key);
            format!("asks the model `{}` at {}, {key}", model.as_str(), url.as_str())
        }
        SetAssistant::Anthropic(settings) => format!(
            "asks the model `{}` at {}, {}",
            settings.model.as_str(),
            settings.url.as_str(),
            with_key(&settings.key)
        ),
        SetAssistant::CopilotCloud(settings) => format!(
            "assigns the issue to GitHub's own agent and follows its pull request, {}",
            with_key(&settings.key)
        ),
        SetAssistant::Person(login) => format!("assigns the issue to {} and waits", login.as_str()),
        _ => String::new(),
    }
}

fn with_key(key: &VariableName) -> String {
    format!("with the key in {}", key.as_str())
}

fn program(preset: PlainAssistant, settings: &PresetSettings) -> String {
    let called = match preset {
        PlainAssistant::Patch => "patch",
        PlainAssistant::ClaudeCode => "Claude Code",
        PlainAssistant::Codex => "Codex CLI",
        PlainAssistant::Gemini => "Gemini CLI",
        PlainAssistant::Copilot => "Copilot CLI",
        PlainAssistant::Opencode => "OpenCode",
        PlainAssistant::Aider => "aider",
    };
    let model =
        settings.model.as_ref().map_or_else(String::new, |it| format!(" with the model `{}`", it.as_str()));
    let key = settings.key.as_ref().map_or_else(String::new, |key| format!(", {}", with_key(key)));
    format!("starts {called}{model} in a folder of its own{key}")
}

fn command(settings: &CommandSettings) -> String {
    let words: Vec<&str> = settings.run.iter().map(|word| word.as_str()).collect();
    let prompt = match settings.prompt {
        PromptBy::Stdin => "the task is its standard input",
        PromptBy::File => "the task is in the file that AUTOMATA_PROMPT names",
    };
    let names: Vec<&str> = settings.environment.iter().map(VariableName::as_str).collect();
    let variables =
        if names.is_empty() { String::new() } else { format!("; it is given {}", names.join(", ")) };
    let network = if settings.network { "" } else { "; without a network" };
    format!("starts `{}` in a folder of its own; {prompt}{variables}{network}", words.join(" "))
}
