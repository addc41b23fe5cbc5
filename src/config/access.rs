//! Who may say what in comments, as the configuration has it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::rule::LoginName;
use crate::domain::access::Need;
use crate::domain::id::Login;
use crate::domain::words::Verb;

/// Who may say what to Automata in comments and by dispatches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// What somebody needs to say a word, where it is to be another than usual: `{label: write, implement: maintain}`.
    /// `automata check` lists what holds.
    pub commands: BTreeMap<String, NeedName>,
    /// Logins that may say everything that is not switched off, whatever their permission; bots with `[bot]` at the
    /// end. A bot that is not named here may say nothing.
    pub allow: Vec<LoginName>,
}

/// What somebody needs: nothing, a role in the repository or more, or it is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NeedName(pub Need);

impl JsonSchema for NeedName {
    fn schema_name() -> Cow<'static, str> {
        "NeedName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "enum": Need::ALL.map(Need::name),
            "description": "What somebody needs: nothing, a role in the repository or more, or it is switched off.",
        })
    }
}

impl Access {
    /// What somebody needs to say this.
    #[must_use]
    pub fn need(&self, verb: Verb) -> Need {
        self.commands.get(verb.name()).map_or(verb.need(), |need| need.0)
    }

    /// Who may say everything.
    #[must_use]
    pub fn allowed(&self) -> Vec<Login> {
        self.allow.iter().map(|login| Login::new(login.as_str())).collect()
    }
}
