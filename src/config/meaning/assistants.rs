//! Whether those who are asked for a change can be told apart, found, and be trusted with what they are given.

use super::super::assistants::{AssistantRule, SetAssistant, VariableName};
use super::super::model::Config;
use super::super::tree::Step;
use super::Found;

/// Begin the names of variables that hold what an assistant must not have: whoever has the workflow's token can
/// write to the repository, and the `ACTIONS_` ones lead to caches, artifacts and identity tokens.
const WITHHELD: [&str; 4] = ["GITHUB_", "ACTIONS_", "AUTOMATA_", "RUNNER_"];
/// Variables that every program is given with values of its own.
const GIVEN: [&str; 4] = ["HOME", "TMPDIR", "PATH", "PWD"];

impl Found<'_> {
    pub(super) fn assistants(&mut self, config: &Config) {
        for (index, rule) in config.assistants.iter().enumerate() {
            let place: [Step; 2] = ["assistants".into(), index.into()];
            let name = rule.name();
            let earlier = &config.assistants[..index];
            if earlier.iter().any(|other| other.name().eq_ignore_ascii_case(name)) {
                let hint = "give one of them another `name`, or take it out";
                self.add(&place, format!("two assistants are called `{name}`"), Some(hint));
            }
            if name.chars().any(|c| c.is_whitespace() || c.is_control()) {
                let hint = "it is a word in `/automata implement NAME`";
                self.add(&place, format!("`{name}` has a space in it"), Some(hint));
            }
            self.variables(rule, &place);
            if let AssistantRule::With(set) = rule {
                self.setting(set, &place);
            }
        }
    }

    /// Who judges is one of those who are configured, and one who can.
    pub(super) fn judge(&mut self, config: &Config) {
        let Some(wanted) = &config.triage.assistant else { return };
        let place = ["triage".into(), "assistant".into()];
        let can = |rule: &&AssistantRule| {
            matches!(rule, AssistantRule::With(SetAssistant::OpenAi(_) | SetAssistant::Anthropic(_)))
        };
        let named = config.assistants.iter().find(|rule| rule.name() == wanted.as_str());
        let told = match &named {
            None => format!("`assistants` names no `{}`", wanted.as_str()),
            Some(rule) if !can(rule) => format!("`{}` makes changes and judges nothing", wanted.as_str()),
            Some(_) => return self.paid_by_anybody(config, &place),
        };
        let judges: Vec<&str> = config.assistants.iter().filter(can).map(AssistantRule::name).collect();
        let hint = match judges.as_slice() {
            [] => "put a model into `assistants`: one of the kind `openai` or `anthropic`".to_owned(),
            some => format!("those who can: {}", some.join(", ")),
        };
        self.add(&place, told, Some(&hint));
    }

    /// Whoever opens an issue has a model asked: how much of that there may be in a day has to be said.
    fn paid_by_anybody(&mut self, config: &Config, place: &[Step]) {
        let budget = &config.limits.budget;
        if budget.day_dollars.is_none() && budget.day_tokens.is_none() {
            let hint = "set `limits.budget.day_dollars`, or `day_tokens`, which holds without prices too";
            self.add(
                place,
                "everybody's issues would be paid for, as many as there are in a day",
                Some(hint),
            );
        }
    }

    fn setting(&mut self, set: &SetAssistant, place: &[Step]) {
        let within = |keys: &[&str]| -> Vec<Step> {
            place.iter().cloned().chain(keys.iter().map(|&key| key.into())).collect()
        };
        match set {
            SetAssistant::Person(login) => self.login(login.as_str(), &within(&["person"])),
            SetAssistant::OpenAi(settings) => self.url(settings.url.as_str(), &within(&["openai", "url"])),
            SetAssistant::Anthropic(settings) => {
                self.url(settings.url.as_str(), &within(&["anthropic", "url"]));
            }
            SetAssistant::Command(settings) if settings.run[0].as_str().trim().is_empty() => {
                self.add(&within(&["command", "run"]), "the program has no name", None);
            }
            _ => {}
        }
    }

    fn variables(&mut self, rule: &AssistantRule, place: &[Step]) {
        for variable in rule.variables() {
            self.handed(variable, place, "assistant");
        }
    }

    /// A variable that is handed to a program, an assistant or a plugin.
    pub(super) fn handed(&mut self, variable: &VariableName, place: &[Step], whom: &str) {
        let name = variable.as_str();
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name {
            // Not shown: it may be the secret itself.
            let hint = "put the key into a secret of the repository, hand it to the step with `env:`, and write the variable's name here";
            self.add(place, "this is not the name of an environment variable", Some(hint));
        } else if GIVEN.contains(&name) {
            self.add(
                place,
                format!("`{name}` is always set, to a value of the {whom}'s own"),
                Some("leave it out"),
            );
        } else if WITHHELD.iter().any(|prefix| name.starts_with(prefix)) {
            let hint = "give it a key of its own, in a variable with another name";
            self.add(
                place,
                format!("`{name}` is not handed to {whom}s, which read what strangers write"),
                Some(hint),
            );
        }
    }

    fn url(&mut self, url: &str, path: &[Step]) {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
        if host.contains('@') {
            self.add(
                path,
                "a password does not belong into an address",
                Some("name its variable with `key`"),
            );
        } else if host.is_empty() || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            self.add(path, format!("`{url}` is no address"), Some("write `https://…`"));
        }
    }
}
