//! What an assistant's judgement of an issue may lead to: a closed list of effects, each within bounds.
//!
//! An assistant that judges reads what strangers write. So its answer is no word that is obeyed but a list that is checked
//! against what was offered, and whatever is not on offer makes the whole of it void.

mod taken;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::id::{IssueNumber, Login};
use super::untrusted::one_line;
use super::verdict::{IssueType, Urgency};

/// Effects of one plan: one of each sort, and the labels, questions and people that an issue has at most.
const EFFECTS: usize = 12;
/// Labels of one plan: more say nothing.
const LABELS: usize = 5;
/// Things asked for in one plan: a longer list nobody fills in.
const ASKED: usize = 5;
/// People of one plan.
const PEOPLE: usize = 3;
/// Characters of a reason: a line of the status comment.
const REASON: usize = 240;
/// Characters of what is asked for.
const WHAT: usize = 120;
/// Characters of a comment's text: a paragraph.
const TEXT: usize = 600;
/// Bytes of an answer that are looked at; a full plan has some 6,000.
pub const ANSWER: usize = 8 * 1024;
/// Faults that are told; whoever made more has understood nothing.
const FAULTS: usize = 8;
/// Characters of what is quoted in a fault.
const QUOTED: usize = 80;

/// What should follow. An empty list: nothing beyond what the rules found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The effects, each at most once.
    #[schemars(length(max = EFFECTS))]
    pub effects: Vec<Effect>,
}

/// One thing that should follow. `sure` goes from 0, a guess, to 1, certain; a reason is one sentence for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Says what the issue is.
    Type {
        /// What.
        #[serde(rename = "type")]
        #[schemars(with = "String", extend("enum" = IssueType::ALL))]
        is: IssueType,
        /// From 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        sure: f64,
        /// Why.
        #[schemars(length(max = REASON))]
        reason: String,
    },
    /// Says how soon it wants attention.
    Urgency {
        /// How soon.
        #[schemars(with = "String", extend("enum" = Urgency::ALL))]
        urgency: Urgency,
        /// From 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        sure: f64,
        /// Why.
        #[schemars(length(max = REASON))]
        reason: String,
    },
    /// Puts one of the repository's labels on it.
    Label {
        /// Which.
        label: String,
        /// From 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        sure: f64,
        /// Why.
        #[schemars(length(max = REASON))]
        reason: String,
    },
    /// Asks the reporter for something that the report lacks and that is needed to go on.
    Ask {
        /// What, as it is to stand in a list: `the version that you use`.
        #[schemars(length(min = 1, max = WHAT))]
        what: String,
        /// Why.
        #[schemars(length(max = REASON))]
        reason: String,
    },
    /// Names one of its owners as the person to look at it.
    Assign {
        /// Who.
        login: String,
        /// From 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        sure: f64,
        /// Why.
        #[schemars(length(max = REASON))]
        reason: String,
    },
    /// Says that it repeats one of the similar issues.
    Duplicate {
        /// The number of that issue.
        of: u64,
        /// From 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        sure: f64,
        /// Why.
        #[schemars(length(max = REASON))]
        reason: String,
    },
    /// Tells people something that helps them, in a few plain sentences.
    Comment {
        /// The words.
        #[schemars(length(min = 1, max = TEXT))]
        text: String,
    },
}

impl Effect {
    /// Its name in an answer.
    const fn name(&self) -> &'static str {
        match self {
            Self::Type { .. } => "type",
            Self::Urgency { .. } => "urgency",
            Self::Label { .. } => "label",
            Self::Ask { .. } => "ask",
            Self::Assign { .. } => "assign",
            Self::Duplicate { .. } => "duplicate",
            Self::Comment { .. } => "comment",
        }
    }

    /// How many of them a plan may have.
    const fn most(&self) -> usize {
        match self {
            Self::Label { .. } => LABELS,
            Self::Ask { .. } => ASKED,
            Self::Assign { .. } => PEOPLE,
            _ => 1,
        }
    }
}

/// What a plan may choose from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// Labels that the repository has and nobody took off.
    pub labels: Vec<String>,
    /// People who may be named.
    pub owners: Vec<Login>,
    /// Issues that this one may be said to repeat.
    pub similar: Vec<IssueNumber>,
    /// How sure it has to be that it repeats one; none: that is not said.
    pub duplicate: Option<f64>,
    /// Whether the reporter may be asked for something.
    pub may_ask: bool,
}

impl Offer {
    fn may_repeat(&self) -> bool {
        self.duplicate.is_some() && !self.similar.is_empty()
    }

    /// The JSON Schema of an answer, with what is on offer spelled out and nothing else.
    #[must_use]
    pub fn schema(&self) -> Value {
        let settings = SchemaSettings::default().with(|settings| {
            // Not every endpoint follows a reference.
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        });
        let mut schema = Value::from(settings.into_generator().into_root_schema_for::<Plan>());
        let Some(kinds) = schema.pointer_mut("/properties/effects/items/oneOf").and_then(Value::as_array_mut)
        else {
            return schema;
        };
        kinds.retain_mut(|kind| {
            let (name, values) = match kind["properties"]["do"]["const"].as_str() {
                Some("label") => ("label", json!(self.labels)),
                Some("assign") => ("login", json!(self.owners)),
                Some("duplicate") if self.may_repeat() => ("of", json!(self.similar)),
                Some("duplicate") => return false,
                Some("ask") => return self.may_ask,
                _ => return true,
            };
            let is_offered = values.as_array().is_some_and(|values| !values.is_empty());
            kind["properties"][name]["enum"] = values;
            is_offered
        });
        schema
    }

    /// Reads an answer and checks it against the offer.
    ///
    /// # Errors
    /// All that is wrong with it, a clause each, for whoever gave the answer.
    pub fn read(&self, answer: &str) -> Result<Plan, Vec<String>> {
        if answer.len() > ANSWER {
            return Err(vec![format!("the answer has {} bytes; {ANSWER} are the most", answer.len())]);
        }
        // Some put words around it, or a fence.
        let json = answer.find('{').zip(answer.rfind('}')).and_then(|(from, to)| answer.get(from..=to));
        let read: Result<Loose, _> = serde_json::from_str(json.unwrap_or(answer));
        let Loose { effects } =
            read.map_err(|error| vec![format!("the answer is no JSON of the asked shape: {error}")])?;
        let mut faults = Vec::new();
        let mut plan = Plan::default();
        if effects.len() > EFFECTS {
            faults.push(format!("there are {} effects; {EFFECTS} are the most", effects.len()));
        }
        for (place, value) in (1..).zip(effects.into_iter().take(EFFECTS)) {
            match serde_json::from_value(value) {
                Ok(effect) => {
                    faults.extend(self.fault(&effect, &plan).map(|fault| format!("effect {place}: {fault}")));
                    plan.effects.push(effect);
                }
                Err(error) => {
                    faults.push(format!("effect {place}: {}", one_line(&error.to_string(), 2 * QUOTED)))
                }
            }
        }
        faults.truncate(FAULTS);
        if faults.is_empty() { Ok(plan) } else { Err(faults) }
    }

    /// What is wrong with an effect, after those that stand before it.
    fn fault(&self, effect: &Effect, before: &Plan) -> Option<String> {
        let quoted = |text: &str| one_line(text, QUOTED);
        let (name, most) = (effect.name(), effect.most());
        if before.effects.contains(effect) {
            return Some(format!("the same `{name}` stands there twice"));
        }
        if before.effects.iter().filter(|other| other.name() == name).count() == most {
            return Some(format!("`{name}` may stand there {most} times at most"));
        }
        let not_offered = match effect {
            Effect::Label { label, .. } if !self.labels.contains(label) => {
                Some(format!("the label `{}` is not on offer", quoted(label)))
            }
            Effect::Assign { login, .. } if !self.owners.contains(&Login::new(login)) => {
                Some(format!("`{}` is none of those who may be named", quoted(login)))
            }
            Effect::Duplicate { .. } if self.duplicate.is_none() => {
                Some("that it repeats another issue is not to be said here".to_owned())
            }
            Effect::Duplicate { of, .. } if !self.similar.contains(&IssueNumber(*of)) => {
                Some(format!("#{of} is none of the similar issues that were shown"))
            }
            Effect::Ask { .. } if !self.may_ask => {
                Some("nothing more may be asked of the reporter".to_owned())
            }
            _ => None,
        };
        not_offered.or_else(|| bounds(effect))
    }
}

/// An answer whose effects are not looked at yet, so that each can be told what is wrong with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Loose {
    effects: Vec<Value>,
}

/// A number or a text of an effect that is out of its bounds.
fn bounds(effect: &Effect) -> Option<String> {
    let (sure, texts) = match effect {
        Effect::Type { sure, reason, .. }
        | Effect::Urgency { sure, reason, .. }
        | Effect::Label { sure, reason, .. }
        | Effect::Assign { sure, reason, .. }
        | Effect::Duplicate { sure, reason, .. } => (*sure, vec![("reason", reason, REASON)]),
        Effect::Ask { what, reason } => (1.0, vec![("what", what, WHAT), ("reason", reason, REASON)]),
        Effect::Comment { text } => (1.0, vec![("text", text, TEXT)]),
    };
    if !(0.0..=1.0).contains(&sure) {
        return Some(format!("`sure` is {sure} and goes from 0 to 1"));
    }
    texts.into_iter().find_map(|(name, text, most)| {
        let length = text.chars().count();
        if one_line(text, most).is_empty() {
            return Some(format!("`{name}` says nothing"));
        }
        (length > most).then(|| format!("`{name}` has {length} characters; {most} are the most"))
    })
}

#[cfg(test)]
mod tests;
