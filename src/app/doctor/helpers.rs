//! Whether assistants and plugins have what they need: a key, a program. Nobody is asked anything, so nothing is paid for.

use std::path::Path;

use super::super::environment::{Environment, Variables};
use super::Findings;
use crate::config::{AssistantRule, Config, PlainAssistant, PresetSettings, SetAssistant};
use crate::domain::credential::is_personal;
use crate::report::doctor::{Finding, Standing};
use crate::services::assistant::command::presets::preset;

const ASSISTANTS: &str = "Assistants";
const PLUGINS: &str = "Plugins";

/// Looks at all of them.
pub(super) fn look(findings: &mut Findings, config: &Config, environment: &Environment) {
    for rule in &config.assistants {
        for finding in assistant(rule, environment) {
            findings.add(finding);
        }
    }
    for (name, rule) in &config.plugins {
        let program = rule.run.first().map_or("", |word| word.as_str());
        findings.add(started(PLUGINS, name, program, environment, "Install it in a step before."));
        for variable in &rule.environment {
            let variable = variable.as_str();
            let told = if environment.variables.get(variable).is_some() { "is set" } else { "is not set" };
            findings.tell(PLUGINS, name.as_str(), Standing::Note, format!("{variable} {told}"));
        }
    }
}

fn assistant(rule: &AssistantRule, environment: &Environment) -> Vec<Finding> {
    let name = rule.name();
    let good = |told: &str| vec![Finding::new(ASSISTANTS, name, Standing::Good, told)];
    let set = match rule {
        AssistantRule::Plain(PlainAssistant::Patch) => return good("needs nothing"),
        AssistantRule::Plain(plain) => return known(name, *plain, &PresetSettings::default(), environment),
        AssistantRule::With(set) => set,
    };
    if let Some((plain, settings)) = set.preset() {
        return known(name, plain, settings, environment);
    }
    let variables = &environment.variables;
    match set {
        SetAssistant::Command(settings) => {
            let program = settings.run.first().map_or("", |word| word.as_str());
            let hint = "Install it in a step before, or mend `run` in .github/automata.yml.";
            vec![started(ASSISTANTS, name, program, environment, hint)]
        }
        SetAssistant::OpenAi(settings) => match &settings.key {
            Some(key) => vec![key_of(name, &[key.as_str()], variables)],
            None => good("wants no key"),
        },
        SetAssistant::Anthropic(settings) => vec![key_of(name, &[settings.key.as_str()], variables)],
        SetAssistant::CopilotCloud(settings) => vec![agent(name, settings.key.as_str(), variables)],
        SetAssistant::Person(login) => good(&format!("{} is assigned; no key", login.as_str())),
        _ => Vec::new(),
    }
}

/// A program that is known by name, and the keys that it looks for.
fn known(
    name: &str,
    plain: PlainAssistant,
    settings: &PresetSettings,
    environment: &Environment,
) -> Vec<Finding> {
    let Some(preset) = preset(plain.name()) else { return Vec::new() };
    let program = preset.program.first().copied().unwrap_or_default();
    let keys: Vec<&str> = match &settings.key {
        Some(key) => vec![key.as_str()],
        None => preset.keys.iter().map(|(here, _)| *here).collect(),
    };
    vec![
        started(ASSISTANTS, name, program, environment, preset.install),
        key_of(name, &keys, &environment.variables),
    ]
}

/// Whether one of these variables is set.
fn key_of(name: &str, keys: &[&str], variables: &Variables) -> Finding {
    if let Some(key) = keys.iter().find(|key| variables.get(key).is_some()) {
        let told = format!("its key is in {key}; whether it is a good one, only asking would tell");
        return Finding::new(ASSISTANTS, name, Standing::Good, told);
    }
    let first = keys.first().copied().unwrap_or_default();
    let told = match keys {
        [key] => format!("its key is missing: {key} is not set"),
        keys => format!("its key is missing: none of {} is set", keys.join(", ")),
    };
    Finding::new(ASSISTANTS, name, Standing::Missing, told)
        .change(format!("Hand it in under `env:` of the step: `{first}: ${{{{ secrets.{first} }}}}`."))
}

/// GitHub's own agent takes a person's token alone.
fn agent(name: &str, key: &str, variables: &Variables) -> Finding {
    match variables.get(key) {
        Some(token) if is_personal(token.plain()) => {
            Finding::new(ASSISTANTS, name, Standing::Good, format!("{key} holds a person's token"))
        }
        Some(_) => Finding::new(
            ASSISTANTS,
            name,
            Standing::Missing,
            format!("{key} holds no person's token, and GitHub lets nobody else assign its agent"),
        )
        .change("Put the token of a person who may use the agent there."),
        None => key_of(name, &[key], variables),
    }
}

/// Whether a program is there. One with a `/` in its name is looked for in the folder that it will be started in.
fn started(area: &'static str, name: &str, program: &str, environment: &Environment, hint: &str) -> Finding {
    if program.contains('/') {
        let told = format!("`{program}` is looked for where it is started");
        return Finding::new(area, name, Standing::Unseen, told);
    }
    match found(environment, program) {
        Some(place) => Finding::new(area, name, Standing::Good, format!("`{program}` is {place}")),
        None => {
            let told = format!("`{program}` is in no folder of PATH");
            Finding::new(area, name, Standing::Missing, told).change(hint)
        }
    }
}

/// The first file of that name in the folders of PATH.
fn found(environment: &Environment, program: &str) -> Option<String> {
    let mut places = std::env::split_paths(environment.search_path.as_deref()?);
    places
        .find_map(|place| Some(place.join(program)).filter(|file| is_program(file)))
        .map(|file| file.display().to_string())
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Nothing is started on this system.
#[cfg(not(unix))]
fn is_program(_: &Path) -> bool {
    false
}
