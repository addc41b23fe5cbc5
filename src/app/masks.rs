//! Masks: the runner of a workflow is told every secret before anything can be printed that has it, by us or by a later step.

use super::environment::Environment;
use crate::report::terminal::Terminal;
use crate::report::workflow;
use crate::services::secrets::{self, Secret};

/// Words in names of variables that hold secrets.
const TELLING: [&str; 10] =
    ["CREDENTIALS", "HEADERS", "KEY", "KEYS", "PASSWORD", "PAT", "SECRET", "SECRETS", "TOKEN", "WEBHOOK"];
/// How names end whose variables only tell where a secret is, or whose it is.
const NO_SECRET: [&str; 3] = ["_FILE", "_ID", "_PATH"];
/// Letters that the value of such a variable has at least: shorter ones are words.
const SHORTEST: usize = 8;

/// Masks all that the environment gives, and from here on whatever is used for the first time: what files hold, and tokens that
/// were got with it.
pub(super) fn print(environment: &Environment, terminal: Terminal) {
    if environment.inside_actions {
        // Known by what they are, whatever their length.
        for secret in environment.token.iter().chain(&environment.age_key) {
            mask(secret, 1, terminal);
        }
        for secret in environment.variables.all().filter(|(name, _)| is_telling(name)).map(|(_, value)| value)
        {
            mask(secret, SHORTEST, terminal);
        }
        secrets::tell_of_each(move |secret| terminal.command(&workflow::mask(secret)));
    }
}

/// The runner masks line by line.
fn mask(secret: &Secret, shortest: usize, terminal: Terminal) {
    for line in secret.plain().replace("\\n", "\n").lines().map(str::trim) {
        let is_secret = line.len() >= shortest && !line.starts_with('#') && !line.starts_with("-----");
        if is_secret && secrets::is_new(line) {
            Secret::new(line).guard();
            terminal.command(&workflow::mask(line));
        }
    }
}

fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    !NO_SECRET.iter().any(|end| name.ends_with(end))
        && name.split(['_', '-']).any(|word| TELLING.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_with_secrets_are_known_by_their_names() {
        for name in [
            "ANTHROPIC_API_KEY",
            "AUTOMATA_APP_PRIVATE_KEY",
            "AUTOMATA_DRIVE_CREDENTIALS",
            "GH_TOKEN",
            "SLACK_WEBHOOK_URL",
            "SLACK_BOT_TOKEN",
            "OTEL_EXPORTER_OTLP_HEADERS",
            "HOOK_SECRET",
        ] {
            assert!(is_telling(name), "{name}");
        }
        for name in ["AUTOMATA_AGE_KEY_FILE", "AWS_ACCESS_KEY_ID", "PATH", "KEYBOARD", "GITHUB_REPOSITORY"] {
            assert!(!is_telling(name), "{name}");
        }
    }
}
