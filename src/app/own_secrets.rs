//! Our own secrets: none of them is handed to a program, whatever the name that it comes under.

use std::path::{Path, PathBuf};

use super::environment::{Environment, Variables};
use crate::config::{AssistantRule, DriveRules};
use crate::config::{Config, PlainAssistant, Problem, SetAssistant, VariableName};
use crate::services::secrets::Secret;

/// Letters that a secret has at least: shorter values are words, and may be anybody's.
const SHORTEST: usize = 8;
/// Variables of a job that hold tokens for it.
const OF_THE_JOB: [(&str, &str); 4] = [
    ("GITHUB_TOKEN", "the workflow's token"),
    ("AUTOMATA_TOKEN", "the token that Automata works with"),
    ("ACTIONS_RUNTIME_TOKEN", "a token of the job"),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "a token of the job"),
];

/// What we hold ourselves, each with what it is.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnSecrets {
    values: Vec<(String, Secret)>,
    files: Vec<(String, PathBuf)>,
}

impl OwnSecrets {
    /// What the environment gives us.
    pub(super) fn of(environment: &Environment) -> Self {
        let mut ours = Self::default();
        let app = "the App's private key";
        ours.holds("the token that Automata works with", environment.token.as_ref());
        ours.holds(app, environment.app_key.as_ref());
        ours.lies_in(app, environment.app_key_file.as_deref());
        let log = "a key of the log";
        ours.holds(log, environment.age_key.as_ref());
        // Each line of it opens the log.
        for line in environment.age_key.iter().flat_map(|keys| keys.plain().lines()) {
            ours.holds(log, Some(&Secret::new(line)));
        }
        ours.lies_in(log, environment.age_key_file.as_deref());
        ours.holds("what signs us in at the collector of traces", environment.traces.headers.as_ref());
        ours
    }

    /// The same with what this configuration has us use.
    fn with(mut self, config: &Config, variables: &Variables) -> Self {
        for (name, what) in OF_THE_JOB {
            self.holds(what, variables.get(name));
        }
        if config.slack.is_on() {
            self.holds("Slack's token", variables.get(config.slack.token.as_str()));
            let webhook = config.slack.webhook.as_ref();
            self.holds(
                "the address of Slack's webhook",
                webhook.and_then(|name| variables.get(name.as_str())),
            );
        }
        for (name, rule) in &config.webhooks {
            self.holds(&format!("the secret of the webhook {name}"), variables.get(rule.secret.as_str()));
        }
        if config.drive != DriveRules::default() {
            let what = "the credentials for Drive";
            for name in [config.drive.credentials.as_str(), super::drive::USUAL_CREDENTIALS] {
                let value = variables.get(name);
                self.holds(what, value);
                self.lies_in(what, value.map(|value| Path::new(value.plain())).filter(|path| path.is_file()));
            }
        }
        self
    }

    fn holds(&mut self, what: &str, value: Option<&Secret>) {
        let value = value.filter(|value| value.plain().len() >= SHORTEST);
        self.values.extend(value.map(|value| (what.to_owned(), value.clone())));
    }

    fn lies_in(&mut self, what: &str, file: Option<&Path>) {
        let file = file.and_then(|file| file.canonicalize().ok());
        self.files.extend(file.map(|file| (what.to_owned(), file)));
    }

    /// What this value is or leads to, if it is one of them. A program may read the folder that a variable names.
    fn told(&self, value: &Secret) -> Option<&str> {
        let is_it = self.values.iter().find(|(_, ours)| ours == value);
        let place = Path::new(value.plain());
        let place = place.is_absolute().then(|| place.canonicalize().ok()).flatten();
        let leads_to =
            || self.files.iter().find(|(_, file)| place.as_ref().is_some_and(|at| file.starts_with(at)));
        is_it.map(|(what, _)| what).or_else(|| leads_to().map(|(what, _)| what)).map(String::as_str)
    }

    /// What is wrong with a configuration that hands some of them to programs.
    pub(super) fn handed(&self, config: &Config, variables: &Variables) -> Vec<Problem> {
        let ours = self.clone().with(config, variables);
        let problem = |path: String, name: &VariableName, whom: &str| {
            let what = ours.told(variables.get(name.as_str())?)?;
            Some(Problem {
                path,
                line: None,
                column: None,
                message: format!(
                    "`{}` holds {what}, which is not handed to {whom}s: they read what strangers write",
                    name.as_str()
                ),
                hint: Some("give it a key of its own, that may do no more than it needs".to_owned()),
            })
        };
        let assistants = config.assistants.iter().enumerate().flat_map(|(place, rule)| {
            let named = to_a_program(rule).into_iter();
            named.filter_map(move |name| problem(format!("assistants[{place}]"), name, "assistant"))
        });
        let plugins = config.plugins.iter().flat_map(|(plugin, rule)| {
            let named = rule.environment.iter();
            named.filter_map(move |name| problem(format!("plugins.{plugin}.environment"), name, "plugin"))
        });
        assistants.chain(plugins).collect()
    }
}

/// Variables that an assistant's program gets. Copilot's is the one that may get the workflow's own token.
fn to_a_program(rule: &AssistantRule) -> Vec<&VariableName> {
    match rule {
        AssistantRule::With(SetAssistant::Command(_)) => rule.variables(),
        AssistantRule::With(set)
            if set.preset().is_some_and(|(plain, _)| plain != PlainAssistant::Copilot) =>
        {
            rule.variables()
        }
        AssistantRule::With(_) | AssistantRule::Plain(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn told(ours: &OwnSecrets, config: &str, variables: &[(&str, &str)]) -> String {
        let of = |(name, value): &(&str, &str)| ((*name).to_owned(), Secret::new(*value));
        let variables: Variables = variables.iter().map(of).collect();
        let problems = ours.handed(&config::parse(config).unwrap(), &variables);
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    fn ours() -> OwnSecrets {
        OwnSecrets::of(&Environment {
            token: Some(Secret::new("made-up-token")),
            app_key: Some(Secret::new("-----BEGIN MADE UP-----\nkey\n-----END MADE UP-----")),
            age_key: Some(Secret::new("# public\nMADE-UP-AGE-KEY-1\nMADE-UP-AGE-KEY-2")),
            ..Environment::default()
        })
    }

    #[test]
    fn a_secret_of_ours_is_refused_under_every_name_and_anothers_is_not() {
        let rules = "plugins: { greeter: { run: [greet], environment: [GH_TOKEN, INPUT_TOKEN, OWN_KEY, AGE, PEM, EMPTY] } }\n\
                     assistants: [{ command: { name: own, run: [own], environment: [GH_TOKEN] } }, { claude-code: { key: GH_TOKEN } }, { copilot: { key: GH_TOKEN } }]\n";
        let variables = [
            ("GH_TOKEN", "made-up-token"),
            ("INPUT_TOKEN", " made-up-token\n"),
            ("OWN_KEY", "another-made-up-key"),
            ("AGE", "MADE-UP-AGE-KEY-2"),
            ("PEM", "-----BEGIN MADE UP-----\nkey\n-----END MADE UP-----\n"),
        ];
        insta::assert_snapshot!(told(&ours(), rules, &variables), @"
        assistants[0]: `GH_TOKEN` holds the token that Automata works with, which is not handed to assistants: they read what strangers write; give it a key of its own, that may do no more than it needs
        assistants[1]: `GH_TOKEN` holds the token that Automata works with, which is not handed to assistants: they read what strangers write; give it a key of its own, that may do no more than it needs
        plugins.greeter.environment: `GH_TOKEN` holds the token that Automata works with, which is not handed to plugins: they read what strangers write; give it a key of its own, that may do no more than it needs
        plugins.greeter.environment: `INPUT_TOKEN` holds the token that Automata works with, which is not handed to plugins: they read what strangers write; give it a key of its own, that may do no more than it needs
        plugins.greeter.environment: `AGE` holds a key of the log, which is not handed to plugins: they read what strangers write; give it a key of its own, that may do no more than it needs
        plugins.greeter.environment: `PEM` holds the App's private key, which is not handed to plugins: they read what strangers write; give it a key of its own, that may do no more than it needs
        ");
    }

    #[test]
    fn so_is_what_the_configuration_has_us_use_and_the_file_that_a_secret_lies_in() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.pem");
        std::fs::write(&file, "made up").unwrap();
        let ours =
            OwnSecrets::of(&Environment { app_key_file: Some(file.clone()), ..Environment::default() });
        let rules = "plugins: { greeter: { run: [greet], environment: [A_TOKEN, SECRET, FOLDER, FILE, OTHER_FOLDER] } }\n";
        let used = "slack: { channel: C0GENERAL, token: SLACK_BOT_TOKEN }\n\
                    webhooks: { audit: { url: 'https://audit.example', secret: SECRET } }\n";
        let other = tempfile::tempdir().unwrap();
        let variables = [
            ("SLACK_BOT_TOKEN", "xoxb-made-up"),
            ("A_TOKEN", "xoxb-made-up"),
            ("SECRET", "made-up-secret"),
            ("FOLDER", folder.path().to_str().unwrap()),
            ("FILE", file.to_str().unwrap()),
            ("OTHER_FOLDER", other.path().to_str().unwrap()),
        ];
        insta::assert_snapshot!(told(&ours, &format!("{used}{rules}"), &variables), @"
        plugins.greeter.environment: `A_TOKEN` holds Slack's token, which is not handed to plugins: they read what strangers write; give it a key of its own, that may do no more than it needs
        plugins.greeter.environment: `SECRET` holds the secret of the webhook audit, which is not handed to plugins: they read what strangers write; give it a key of its own, that may do no more than it needs
        plugins.greeter.environment: `FOLDER` holds the App's private key, which is not handed to plugins: they read what strangers write; give it a key of its own, that may do no more than it needs
        plugins.greeter.environment: `FILE` holds the App's private key, which is not handed to plugins: they read what strangers write; give it a key of its own, that may do no more than it needs
        ");
        insta::assert_snapshot!(told(&OwnSecrets::default(), rules, &variables), @"");
    }
}
