//! Who is asked for a change: a plain name, or a name with what it needs to know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dollars::Dollars;
use super::rule::LoginName;
use super::text::text_value;

text_value! {
    /// The name of an environment variable that holds a key: `ANTHROPIC_API_KEY`. The key itself never stands here.
    VariableName, 100
}
text_value! {
    /// What an assistant is called in comments and in the log.
    AssistantTitle, 40
}
text_value! {
    /// The name of a model, as its vendor writes it.
    ModelName, 200
}
text_value! {
    /// Where an endpoint is, with `https://` or `http://`.
    Url, 500
}
text_value! {
    /// A program or one of its arguments. No shell reads it.
    Word, 1000
}

/// Somebody who is asked for a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AssistantRule {
    /// Without any settings.
    Plain(PlainAssistant),
    /// With settings.
    With(SetAssistant),
}

/// An assistant that needs no settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlainAssistant {
    /// Applies the unified diff that somebody with write access put into the issue or a comment.
    Patch,
    /// Claude Code, Anthropic's command line program.
    ClaudeCode,
    /// Codex CLI, OpenAI's command line program.
    Codex,
    /// Gemini CLI, Google's command line program.
    Gemini,
    /// Copilot CLI, GitHub's command line program. In a workflow with `copilot-requests: write` it needs no secret.
    Copilot,
    /// OpenCode, a command line program for models of many vendors.
    Opencode,
    /// aider, a command line program for models of many vendors.
    Aider,
}

/// An assistant with settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SetAssistant {
    /// Claude Code, Anthropic's command line program.
    ClaudeCode(PresetSettings),
    /// Codex CLI, OpenAI's command line program.
    Codex(PresetSettings),
    /// Gemini CLI, Google's command line program.
    Gemini(PresetSettings),
    /// Copilot CLI, GitHub's command line program.
    Copilot(PresetSettings),
    /// OpenCode, a command line program for models of many vendors.
    Opencode(PresetSettings),
    /// aider, a command line program for models of many vendors.
    Aider(PresetSettings),
    /// Any program that changes the files of the folder in which it is started.
    Command(CommandSettings),
    /// Any chat endpoint that speaks as OpenAI's does.
    #[serde(rename = "openai")]
    OpenAi(OpenAiSettings),
    /// Anthropic's messages endpoint.
    Anthropic(AnthropicSettings),
    /// GitHub's own agent, which is assigned the issue and opens a pull request itself.
    CopilotCloud(CopilotCloudSettings),
    /// A person, who is assigned the issue.
    Person(LoginName),
}

/// Settings of a command line program that is known here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PresetSettings {
    /// What it is called here; its own name otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AssistantTitle")]
    pub name: Option<AssistantTitle>,
    /// The model; the program's own choice otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ModelName")]
    pub model: Option<ModelName>,
    /// The environment variable that holds its key, where it is not the one that the program itself looks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "VariableName")]
    pub key: Option<VariableName>,
}

/// Any program that changes the files of the folder in which it is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandSettings {
    /// What it is called in comments and in the log.
    pub name: AssistantTitle,
    /// The program and its arguments. In an argument `{prompt}` stands for the file that holds the task in words.
    #[schemars(length(min = 1))]
    pub run: Vec<Word>,
    /// How it is told what to do.
    #[serde(default)]
    pub prompt: PromptBy,
    /// Names of environment variables that it gets. All others, tokens above all, it does not.
    #[serde(default)]
    pub environment: Vec<VariableName>,
    /// Whether it may use the network; where the machine cannot refuse it, the attempt says so.
    #[serde(default = "yes")]
    pub network: bool,
}

const fn yes() -> bool {
    true
}

/// How a program is told what to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromptBy {
    /// The task in words is its standard input.
    #[default]
    Stdin,
    /// A file outside the work folder, named by AUTOMATA_PROMPT and by `{prompt}` in an argument.
    File,
}

/// A chat endpoint that speaks as OpenAI's does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenAiSettings {
    /// What it is called in comments and in the log.
    #[serde(default = "openai")]
    pub name: AssistantTitle,
    /// The part of the address before `/chat/completions`.
    #[serde(default = "openai_url")]
    pub url: Url,
    /// The model.
    pub model: ModelName,
    /// The environment variable that holds the key; null for an endpoint that wants none.
    #[serde(default = "openai_key")]
    pub key: Option<VariableName>,
    /// What a million tokens cost; without it no money is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Prices")]
    pub prices: Option<Prices>,
}

fn openai() -> AssistantTitle {
    "openai".into()
}

/// OpenAI's own endpoint (platform.openai.com/docs/api-reference).
fn openai_url() -> Url {
    "https://api.openai.com/v1".into()
}

#[expect(clippy::unnecessary_wraps, reason = "null is another choice")]
fn openai_key() -> Option<VariableName> {
    Some("OPENAI_API_KEY".into())
}

/// Anthropic's messages endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnthropicSettings {
    /// What it is called in comments and in the log.
    #[serde(default = "anthropic")]
    pub name: AssistantTitle,
    /// The part of the address before `/v1/messages`.
    #[serde(default = "anthropic_url")]
    pub url: Url,
    /// The model.
    pub model: ModelName,
    /// The environment variable that holds the key.
    #[serde(default = "anthropic_key")]
    pub key: VariableName,
    /// What a million tokens cost; without it no money is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Prices")]
    pub prices: Option<Prices>,
}

fn anthropic() -> AssistantTitle {
    "anthropic".into()
}

/// Anthropic's own endpoint (docs.anthropic.com/en/api).
fn anthropic_url() -> Url {
    "https://api.anthropic.com".into()
}

fn anthropic_key() -> VariableName {
    "ANTHROPIC_API_KEY".into()
}

/// What a million tokens cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Dollars for a million tokens that are sent to the model.
    pub input: Dollars,
    /// Dollars for a million tokens that the model writes.
    pub output: Dollars,
}

/// GitHub's own agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CopilotCloudSettings {
    /// The environment variable that holds a token of a person who may use the agent. A workflow's own token is refused by GitHub.
    pub key: VariableName,
}

impl Default for AssistantRule {
    /// The one that needs nothing and costs nothing.
    fn default() -> Self {
        Self::Plain(PlainAssistant::Patch)
    }
}

impl PlainAssistant {
    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Copilot => "copilot",
            Self::Opencode => "opencode",
            Self::Aider => "aider",
        }
    }
}

impl SetAssistant {
    /// The settings of a program that is known here, and its name in the table of those.
    #[must_use]
    pub fn preset(&self) -> Option<(PlainAssistant, &PresetSettings)> {
        match self {
            Self::ClaudeCode(settings) => Some((PlainAssistant::ClaudeCode, settings)),
            Self::Codex(settings) => Some((PlainAssistant::Codex, settings)),
            Self::Gemini(settings) => Some((PlainAssistant::Gemini, settings)),
            Self::Copilot(settings) => Some((PlainAssistant::Copilot, settings)),
            Self::Opencode(settings) => Some((PlainAssistant::Opencode, settings)),
            Self::Aider(settings) => Some((PlainAssistant::Aider, settings)),
            Self::Command(_)
            | Self::OpenAi(_)
            | Self::Anthropic(_)
            | Self::CopilotCloud(_)
            | Self::Person(_) => None,
        }
    }
}

impl AssistantRule {
    /// What it is called; no two in a configuration are called the same.
    #[must_use]
    pub fn name(&self) -> &str {
        let set = match self {
            Self::Plain(plain) => return plain.name(),
            Self::With(set) => set,
        };
        match set {
            SetAssistant::Command(settings) => settings.name.as_str(),
            SetAssistant::OpenAi(settings) => settings.name.as_str(),
            SetAssistant::Anthropic(settings) => settings.name.as_str(),
            SetAssistant::CopilotCloud(_) => "copilot-cloud",
            SetAssistant::Person(login) => login.as_str(),
            _ => set.preset().map_or("", |(preset, settings)| {
                settings.name.as_ref().map_or(preset.name(), AssistantTitle::as_str)
            }),
        }
    }

    /// Environment variables that it is given, with their keys in the configuration: what holds a secret, or is
    /// handed to a program.
    #[must_use]
    pub fn variables(&self) -> Vec<&VariableName> {
        match self {
            Self::Plain(_) => Vec::new(),
            Self::With(SetAssistant::Command(settings)) => settings.environment.iter().collect(),
            Self::With(SetAssistant::OpenAi(settings)) => settings.key.iter().collect(),
            Self::With(SetAssistant::Anthropic(settings)) => vec![&settings.key],
            Self::With(SetAssistant::CopilotCloud(settings)) => vec![&settings.key],
            Self::With(set) => {
                set.preset().and_then(|(_, settings)| settings.key.as_ref()).into_iter().collect()
            }
        }
    }
}
