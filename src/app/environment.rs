//! The only reader of environment variables: what GitHub Actions and a person's shell tell us.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::services::account;
use crate::services::secrets::Secret;
use crate::services::traces;

/// What the environment says. Everything may be missing.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `GITHUB_ACTIONS`: whether this is a step of a workflow.
    pub inside_actions: bool,
    /// `GITHUB_REPOSITORY`: `owner/name`.
    pub repository: Option<String>,
    /// `GITHUB_REPOSITORY_ID`: GitHub's number of it, which a new name does not change.
    pub repository_id: Option<u64>,
    /// `GITHUB_API_URL`: where the REST API is.
    pub api_url: Option<String>,
    /// `GITHUB_SERVER_URL`: where repositories are cloned from.
    pub server_url: Option<String>,
    /// `AUTOMATA_TOKEN`, else `GITHUB_TOKEN`.
    pub token: Option<Secret>,
    /// `AUTOMATA_APP_ID`: the App to work as, by its client id or its number.
    pub app_id: Option<String>,
    /// `AUTOMATA_APP_PRIVATE_KEY`: its private key, PEM.
    pub app_key: Option<Secret>,
    /// `AUTOMATA_APP_PRIVATE_KEY_FILE`: a file with the same.
    pub app_key_file: Option<PathBuf>,
    /// `GITHUB_EVENT_NAME`.
    pub event_name: Option<String>,
    /// `GITHUB_EVENT_PATH`.
    pub event_path: Option<PathBuf>,
    /// `GITHUB_RUN_ID`.
    pub run_id: Option<String>,
    /// `GITHUB_RUN_ATTEMPT`.
    pub run_attempt: Option<String>,
    /// Who asks: `GITHUB_ACTOR` inside of a workflow, else the name under which a person is logged in (`USER`, `LOGNAME`
    /// or `USERNAME`, else as the system lists the account).
    pub actor: Option<String>,
    /// `AUTOMATA_PAUSED`: whether events are only recorded, and nothing is begun.
    pub paused: bool,
    /// `AUTOMATA_SHARD`: the part of the queue to work on, `0/3`.
    pub shard: Option<String>,
    /// `AUTOMATA_SHARDS`: how many parts a plan may have.
    pub shards: Option<String>,
    /// Where the dashboard is written to, where the command line names no folder.
    pub out: Option<String>,
    /// `GITHUB_WORKFLOW_REF`: the workflow's file and the ref that it runs on.
    pub workflow_ref: Option<String>,
    /// `GITHUB_STEP_SUMMARY`: the file that takes the job summary.
    pub step_summary: Option<PathBuf>,
    /// `GITHUB_OUTPUT`: the file that takes outputs.
    pub output: Option<PathBuf>,
    /// `AUTOMATA_CA_FILE`, else `SSL_CERT_FILE`: further certificate authorities, PEM.
    pub ca_file: Option<PathBuf>,
    /// `NO_COLOR`: whether it is set to anything; or `TERM` names a terminal that shows no colours.
    pub no_color: bool,
    /// `AUTOMATA_AGE_KEY`: secret keys of age that open the log, one in a line.
    pub age_key: Option<Secret>,
    /// `AUTOMATA_AGE_KEY_FILE`: a file with the same.
    pub age_key_file: Option<PathBuf>,
    /// Every variable, for the keys that the configuration names and the programs that are started.
    pub variables: Variables,
    /// The variables of OpenTelemetry: where spans of a run go.
    pub traces: traces::otlp::Settings,
    /// `AUTOMATA_LOG`: what to tell on stderr, as `tracing` filters are written.
    pub log_filter: Option<String>,
    /// `AUTOMATA_LOG_FORMAT`: `text`, or `json` for one object on a line.
    pub log_format: Option<String>,
    /// `PATH`: where other programs are looked for.
    pub search_path: Option<OsString>,
    /// Our own program's file.
    pub program: Option<PathBuf>,
}

/// The environment's variables by name. None of them is ever shown.
#[derive(Clone, Debug, Default)]
pub struct Variables(BTreeMap<String, Secret>);

impl Variables {
    /// One of them, if it is set to anything.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.get(name).filter(|value| !value.is_empty())
    }

    /// All of them that are set to anything, by name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.as_str(), value))
    }

    /// Those of these names that are set.
    #[must_use]
    pub fn of<'a>(&self, names: impl Iterator<Item = &'a str>) -> BTreeMap<String, Secret> {
        names.filter_map(|name| Some((name.to_owned(), self.get(name)?.clone()))).collect()
    }
}

impl FromIterator<(String, Secret)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, Secret)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl Environment {
    /// Reads this process's environment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn read() -> Self {
        let mut environment = Self::from(&|name| std::env::var_os(name));
        let text =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        environment.variables =
            std::env::vars_os().filter_map(text).map(|(name, value)| (name, Secret::new(value))).collect();
        environment.program = std::env::current_exe().ok();
        if !environment.inside_actions {
            environment.actor = environment.actor.or_else(account::name);
        }
        environment
    }

    fn from(lookup: &dyn Fn(&str) -> Option<OsString>) -> Self {
        // An action's unset input arrives as an empty variable.
        let text = |name: &str| {
            lookup(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
        };
        let path = |name: &str| lookup(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let inside_actions = text("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let people = ["USER", "LOGNAME", "USERNAME"].into_iter();
        Self {
            inside_actions,
            repository: text("GITHUB_REPOSITORY"),
            repository_id: text("GITHUB_REPOSITORY_ID").and_then(|id| id.parse().ok()),
            api_url: text("GITHUB_API_URL"),
            server_url: text("GITHUB_SERVER_URL"),
            token: text("AUTOMATA_TOKEN").or_else(|| text("GITHUB_TOKEN")).map(Secret::new),
            app_id: text("AUTOMATA_APP_ID"),
            app_key: text("AUTOMATA_APP_PRIVATE_KEY").map(Secret::new),
            app_key_file: path("AUTOMATA_APP_PRIVATE_KEY_FILE"),
            event_name: text("GITHUB_EVENT_NAME"),
            event_path: path("GITHUB_EVENT_PATH"),
            run_id: text("GITHUB_RUN_ID"),
            run_attempt: text("GITHUB_RUN_ATTEMPT"),
            actor: if inside_actions { text("GITHUB_ACTOR") } else { people.filter_map(text).next() },
            paused: text("AUTOMATA_PAUSED").is_some_and(|value| is_on(&value)),
            shard: text("AUTOMATA_SHARD"),
            shards: text("AUTOMATA_SHARDS"),
            out: text("AUTOMATA_OUT"),
            workflow_ref: text("GITHUB_WORKFLOW_REF"),
            step_summary: path("GITHUB_STEP_SUMMARY"),
            output: path("GITHUB_OUTPUT"),
            ca_file: path("AUTOMATA_CA_FILE").or_else(|| path("SSL_CERT_FILE")),
            no_color: text("NO_COLOR").is_some() || text("TERM").is_some_and(|terminal| terminal == "dumb"),
            age_key: text("AUTOMATA_AGE_KEY").map(Secret::new),
            age_key_file: path("AUTOMATA_AGE_KEY_FILE"),
            variables: Variables::default(),
            traces: traces::otlp::Settings {
                endpoint: text("OTEL_EXPORTER_OTLP_ENDPOINT"),
                traces_endpoint: text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
                headers: text("OTEL_EXPORTER_OTLP_HEADERS").map(Secret::new),
                service: text("OTEL_SERVICE_NAME"),
            },
            log_filter: text("AUTOMATA_LOG"),
            log_format: text("AUTOMATA_LOG_FORMAT"),
            search_path: lookup("PATH"),
            program: None,
        }
    }
}

/// Whether a switch is on. A brake that is set to something nobody foresaw is a brake that is set.
fn is_on(value: &str) -> bool {
    !matches!(value.trim().to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_declined_by_either_variable() {
        let declined = |name: &'static str, value: &'static str| {
            Environment::from(&move |wanted| (wanted == name).then(|| value.into())).no_color
        };
        assert!(declined("NO_COLOR", "1") && declined("TERM", "dumb"));
        assert!(!declined("NO_COLOR", "") && !declined("TERM", "xterm-256color"));
    }

    #[test]
    fn the_brake_is_set_by_whatever_does_not_say_no() {
        let paused = |value: &'static str| {
            Environment::from(&move |name| (name == "AUTOMATA_PAUSED").then(|| value.into())).paused
        };
        for value in ["true", "1", "YES", "on", "until Monday"] {
            assert!(paused(value), "{value}");
        }
        for value in ["", " ", "0", "false", "False", "no", "off"] {
            assert!(!paused(value), "{value}");
        }
    }

    #[test]
    fn an_unset_input_falls_back_and_the_token_is_never_printed() {
        let values = |name: &str| match name {
            "AUTOMATA_TOKEN" => Some("".into()),
            "GITHUB_TOKEN" => Some("made-up-token".into()),
            "GITHUB_ACTIONS" => Some("true".into()),
            _ => None,
        };
        let environment = Environment::from(&values);
        assert!(environment.inside_actions && environment.token.is_some());
        assert!(!format!("{environment:?}").contains("made-up-token"));
    }
}
