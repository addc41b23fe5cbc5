//! Makes the assistants that the configuration names.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::environment::{Environment, Variables};
use crate::config::{
    AssistantRule, CheckRule, PlainAssistant, PluginRule, PresetSettings, Prices, PromptBy, SetAssistant,
};
use crate::domain::id::{Login, RepositoryName};
use crate::domain::used::CredentialKind;
use crate::services::assistant::command::presets::preset;
use crate::services::assistant::command::{Command, Recipe};
use crate::services::assistant::copilot_cloud::{self, CopilotCloud};
use crate::services::assistant::model::{self, Model};
use crate::services::assistant::noted::Noted;
use crate::services::assistant::person::Person;
use crate::services::assistant::{Assistant, absent, patch};
use crate::services::clock::Clock;
use crate::services::http;
use crate::services::process::{Fence, Programs};
use crate::services::secrets::Secret;
use crate::services::uses::Uses;
use crate::tasks::exec::{Handed, Keys};

/// What assistants are made with.
#[derive(Clone, Debug, Default)]
pub struct Workshop {
    /// The variables that keys are taken from; PATH, too, is one of them.
    pub variables: Variables,
    /// Our own program, which is started first and sets bounds on itself; without it no program is started.
    pub program: Option<PathBuf>,
    /// How models' endpoints are reached.
    pub http: http::Settings,
    /// The repository, and where GraphQL questions about it go; none on a local forge.
    pub github: Option<(RepositoryName, String)>,
    /// The checks that models may run.
    pub checks: Option<model::Checks>,
    /// Where the use of keys is noted.
    pub uses: Uses,
    /// Behind it their programs are started.
    pub fence: Fence,
}

impl Workshop {
    pub(super) fn of(environment: &Environment, http: http::Settings) -> Self {
        let (variables, program) = (environment.variables.clone(), environment.program.clone());
        Self {
            variables,
            program,
            http,
            github: None,
            checks: None,
            uses: Uses::default(),
            fence: Fence::default(),
        }
    }

    /// All assistants, in the order of the configuration.
    #[must_use]
    pub fn assistants(&self, rules: &[AssistantRule], clock: &Arc<dyn Clock>) -> Vec<Arc<dyn Assistant>> {
        rules.iter().map(|rule| self.assistant(rule, clock)).collect()
    }

    /// The variables that plugins are handed, as far as they are set.
    pub(super) fn handed(&self, plugins: &BTreeMap<String, PluginRule>) -> Handed {
        let keys = |name: &str, rule: &PluginRule| Keys {
            variables: self.variables.of(rule.environment.iter().map(|name| name.as_str())),
            noting: self.uses.of(CredentialKind::PluginKey, name),
        };
        plugins.iter().map(|(name, rule)| (name.clone(), keys(name, rule))).collect()
    }

    fn assistant(&self, rule: &AssistantRule, clock: &Arc<dyn Clock>) -> Arc<dyn Assistant> {
        let absent = || Arc::new(absent::Absent::new(rule.name())) as Arc<dyn Assistant>;
        let set = match rule {
            AssistantRule::Plain(PlainAssistant::Patch) => return Arc::new(patch::Patch),
            AssistantRule::Plain(plain) => {
                return known(*plain, rule.name(), &PresetSettings::default())
                    .map_or_else(absent, |recipe| self.started(recipe, clock));
            }
            AssistantRule::With(set) => set,
        };
        if let Some((plain, settings)) = set.preset() {
            return known(plain, rule.name(), settings)
                .map_or_else(absent, |recipe| self.started(recipe, clock));
        }
        match set {
            SetAssistant::Command(settings) => {
                let program = settings.run.iter().map(|word| word.as_str().to_owned()).collect();
                let variables: Vec<&str> = settings.environment.iter().map(|name| name.as_str()).collect();
                let by_stdin = settings.prompt == PromptBy::Stdin;
                self.started(Recipe::any(rule.name(), program, by_stdin, &variables, settings.network), clock)
            }
            SetAssistant::OpenAi(set) => {
                let key = set.key.as_ref().map(|key| key.as_str());
                let settings = settings(rule.name(), set.model.as_str(), set.url.as_str(), key, set.prices);
                let checks = self.checks.clone();
                let make = |set, key, client, clock| {
                    Model::openai(set, key, client, clock).map(|made| made.with_checks(checks))
                };
                self.model(settings, clock, make).unwrap_or_else(absent)
            }
            SetAssistant::Anthropic(set) => {
                let key = Some(set.key.as_str());
                let settings = settings(rule.name(), set.model.as_str(), set.url.as_str(), key, set.prices);
                let checks = self.checks.clone();
                let make = |set, key, client, clock| {
                    Model::anthropic(set, key, client, clock).map(|made| made.with_checks(checks))
                };
                self.model(settings, clock, make).unwrap_or_else(absent)
            }
            SetAssistant::CopilotCloud(set) => {
                self.copilot_cloud(set.key.as_str(), clock).unwrap_or_else(absent)
            }
            SetAssistant::Person(login) => Arc::new(Person::new(Login::new(login.as_str()))),
            _ => absent(),
        }
    }

    /// A model behind an endpoint. None when its key is not set, or is no key.
    fn model(
        &self,
        settings: model::Settings,
        clock: &Arc<dyn Clock>,
        make: impl FnOnce(
            model::Settings,
            Option<Secret>,
            http::Client,
            Arc<dyn Clock>,
        ) -> Result<Model, model::Unusable>,
    ) -> Option<Arc<dyn Assistant>> {
        let name = settings.name.clone();
        let key = settings.key.as_deref().map(|key| self.variables.get(key).cloned());
        let has_key = key.is_some();
        if matches!(key, Some(None)) {
            tracing::warn!(assistant = name, "its key is not set: hand it in under `env:` of the step");
            return None;
        }
        let client = self.client(&model::http_settings(&self.http))?;
        let made = make(settings, key.flatten(), client, Arc::clone(clock));
        let made =
            made.inspect_err(|unusable| tracing::warn!(assistant = name, "it cannot be asked: {unusable}"));
        let made: Arc<dyn Assistant> = Arc::new(made.ok()?);
        Some(if has_key { self.noted(made) } else { made })
    }

    fn copilot_cloud(&self, key: &str, clock: &Arc<dyn Clock>) -> Option<Arc<dyn Assistant>> {
        let (repository, graphql_url) = self.github.clone()?;
        let Some(token) = self.variables.get(key) else {
            tracing::warn!("copilot-cloud cannot be asked: {key} is not set");
            return None;
        };
        let settings = copilot_cloud::Settings { repository, graphql_url, key: key.to_owned() };
        let client = self.client(&model::http_settings(&self.http))?;
        let made = CopilotCloud::new(settings, token, client, Arc::clone(clock));
        let made =
            made.inspect_err(|_| tracing::warn!("copilot-cloud cannot be asked: {key} holds no token"));
        Some(self.noted(Arc::new(made.ok()?)))
    }

    /// The same, whose key's use is noted.
    fn noted(&self, made: Arc<dyn Assistant>) -> Arc<dyn Assistant> {
        let noting = self.uses.of(CredentialKind::AssistantKey, made.name());
        Arc::new(Noted::new(made, noting))
    }

    fn client(&self, settings: &http::Settings) -> Option<http::Client> {
        let made = http::client(settings);
        made.inspect_err(|error| tracing::warn!(%error, "models cannot be reached")).ok()
    }

    #[cfg(unix)]
    fn started(&self, recipe: Recipe, clock: &Arc<dyn Clock>) -> Arc<dyn Assistant> {
        use crate::services::process::local::Local;
        let Some(program) = &self.program else {
            return Arc::new(absent::Absent::new(&recipe.name));
        };
        let path = self.variables.get("PATH").map_or_else(OsString::new, |path| path.plain().into());
        let local = Local::new(program.clone(), path, Arc::clone(clock));
        let local = Arc::new(local.amid(super::surroundings::of(&self.variables)));
        let programs = self.fence.around(local);
        let variables = self.variables.of(recipe.variables());
        let has_key = !variables.is_empty();
        let made = Arc::new(Command::new(recipe, variables, programs, Arc::clone(clock)));
        if has_key { self.noted(made) } else { made }
    }

    #[cfg(not(unix))]
    fn started(&self, recipe: Recipe, _: &Arc<dyn Clock>) -> Arc<dyn Assistant> {
        Arc::new(absent::Absent::new(&recipe.name))
    }
}

fn settings(
    name: &str,
    model: &str,
    url: &str,
    key: Option<&str>,
    prices: Option<Prices>,
) -> model::Settings {
    model::Settings {
        name: name.to_owned(),
        model: model.to_owned(),
        url: Some(url.to_owned()),
        key: key.map(str::to_owned),
        prices: prices
            .map(|prices| model::Prices { input: prices.input.micro(), output: prices.output.micro() }),
        most_output: None,
    }
}

/// The recipe of a program that is known by name.
fn known(plain: PlainAssistant, name: &str, settings: &PresetSettings) -> Option<Recipe> {
    let model = settings.model.as_ref().map(|model| model.as_str());
    let key = settings.key.as_ref().map(|key| key.as_str());
    Some(Recipe::of(preset(plain.name())?, name, model, key))
}

/// The checks of the configuration, for models to run.
pub(super) fn checks(rules: &[CheckRule], programs: Option<Arc<dyn Programs>>) -> Option<model::Checks> {
    let check = |rule: &CheckRule| model::Check {
        name: rule.name.clone(),
        run: rule.run.clone(),
        time: Duration::from_secs(60 * rule.minutes),
        network: rule.network,
    };
    model::Checks::new(programs?, rules.iter().map(check).collect())
}
