//! What a run used that not everybody has, as it is recorded: credentials, and the keys of the log.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::encryption::{Extent, Recipient};
use super::id::TaskId;

/// Something of the sort was used or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// A credential was shown to whoever it is for.
    Credential(CredentialUsed),
    /// The keys of the log were opened.
    KeysOpened(KeysOpened),
    /// The keys of the log are others, or for others, from this append on.
    KeysChanged(KeysChanged),
}

/// See [`Used::Credential`]. Once for each credential and run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialUsed {
    /// Which sort.
    pub credential: CredentialKind,
    /// Which of them: an App's id, an assistant's, a plugin's or a webhook's name, the variable that it was taken from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The first task that it was used for; none when it was the run itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
}

/// A sort of credential whose use is recorded. The workflow's own token is none of them: every run has it, and it ends with
/// its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A GitHub App's private key: it had GitHub give a token.
    GithubApp,
    /// A person's token for GitHub.
    GithubToken,
    /// Credentials for Google Drive.
    Drive,
    /// Slack's token, or the address of a webhook of its own.
    Slack,
    /// The secret that calls of a webhook are signed with.
    Webhook,
    /// An assistant's key.
    AssistantKey,
    /// What a plugin is handed.
    PluginKey,
    /// What signs us in at a collector of traces.
    Traces,
}

impl CredentialKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::GithubApp,
        Self::GithubToken,
        Self::Drive,
        Self::Slack,
        Self::Webhook,
        Self::AssistantKey,
        Self::PluginKey,
        Self::Traces,
    ];

    /// The name on the wire and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GithubApp => "github-app",
            Self::GithubToken => "github-token",
            Self::Drive => "drive",
            Self::Slack => "slack",
            Self::Webhook => "webhook",
            Self::AssistantKey => "assistant-key",
            Self::PluginKey => "plugin-key",
            Self::Traces => "traces",
        }
    }
}

impl fmt::Display for CredentialUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.credential.name())?;
        if self.name.is_empty() { Ok(()) } else { write!(f, " {}", self.name) }
    }
}

/// See [`Used::KeysOpened`]. Once for each run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysOpened {
    /// Whose key it was.
    pub by: Recipient,
}

/// See [`Used::KeysChanged`]. Keys that were destroyed have an event of their own, `text.forgotten`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysChanged {
    /// How much of the log is encrypted from now on.
    pub extent: Extent,
    /// Who can read from now on and could not before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Recipient>,
    /// Who could read before, and cannot read what comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Recipient>,
}

impl Used {
    /// Whether it is the same, whatever task it was first for: once in a run is enough.
    #[must_use]
    pub fn is_again(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Credential(one), Self::Credential(other)) => {
                (one.credential, &one.name) == (other.credential, &other.name)
            }
            _ => self == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_named_as_it_is_written() {
        for kind in CredentialKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.name()));
        }
    }

    #[test]
    fn the_same_credential_for_another_task_is_the_same() {
        let of = |name: &str, task: &str| {
            let task = Some(TaskId::new(task));
            Used::Credential(CredentialUsed {
                credential: CredentialKind::Slack,
                name: name.to_owned(),
                task,
            })
        };
        assert!(of("A", "c1.0").is_again(&of("A", "c2.0")));
        assert!(!of("A", "c1.0").is_again(&of("B", "c1.0")));
    }
}
