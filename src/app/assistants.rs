//! Makes the assistants that the configuration names.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use super::environment::{Environment, Variables};
use crate::config::{AssistantRule, PlainAssistant, PresetSettings, PromptBy, SetAssistant};
use crate::services::assistant::command::presets::preset;
use crate::services::assistant::command::{Command, Recipe};
use crate::services::assistant::{Assistant, absent, patch};
use crate::services::clock::Clock;

/// What assistants are made with.
#[derive(Clone, Debug, Default)]
pub struct Workshop {
    /// The variables that keys are taken from; PATH, too, is one of them.
    pub variables: Variables,
    /// Our own program, which is started first and sets bounds on itself; without it no program is started.
    pub program: Option<PathBuf>,
}

impl Workshop {
    pub(super) fn of(environment: &Environment) -> Self {
        Self { variables: environment.variables.clone(), program: std::env::current_exe().ok() }
    }

    /// All assistants, in the order of the configuration.
    #[must_use]
    pub fn assistants(&self, rules: &[AssistantRule], clock: &Arc<dyn Clock>) -> Vec<Arc<dyn Assistant>> {
        rules.iter().map(|rule| self.assistant(rule, clock)).collect()
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
            // Their adapters come with the endpoints; until then they say that they are not there.
            SetAssistant::OpenAi(_)
            | SetAssistant::Anthropic(_)
            | SetAssistant::CopilotCloud(_)
            | SetAssistant::Person(_) => absent(),
            _ => absent(),
        }
    }

    #[cfg(unix)]
    fn started(&self, recipe: Recipe, clock: &Arc<dyn Clock>) -> Arc<dyn Assistant> {
        use crate::services::process::local::Local;
        let Some(program) = &self.program else {
            return Arc::new(absent::Absent::new(&recipe.name));
        };
        let path = self.variables.get("PATH").map_or_else(OsString::new, |path| path.expose().into());
        let programs = Arc::new(Local::new(program.clone(), path, Arc::clone(clock)));
        let variables = self.variables.of(recipe.variables());
        Arc::new(Command::new(recipe, variables, programs, Arc::clone(clock)))
    }

    #[cfg(not(unix))]
    fn started(&self, recipe: Recipe, _: &Arc<dyn Clock>) -> Arc<dyn Assistant> {
        Arc::new(absent::Absent::new(&recipe.name))
    }
}

/// The recipe of a program that is known by name.
fn known(plain: PlainAssistant, name: &str, settings: &PresetSettings) -> Option<Recipe> {
    let model = settings.model.as_ref().map(|model| model.as_str());
    let key = settings.key.as_ref().map(|key| key.as_str());
    Some(Recipe::of(preset(plain.name())?, name, model, key))
}
