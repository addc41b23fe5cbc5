//! What is said between the loop and a model, in no provider's words.

use serde_json::Value;

use crate::domain::failure::Failure;

/// What stands in the place of a tool result that was dropped to save room.
const DROPPED: &str = "[This result was dropped to save room. Call the tool again if you need it.]";
/// Bytes up to which a tool result is not worth dropping.
const WORTH_DROPPING: usize = 200;
/// Tool results that are never dropped: the newest ones are what the model works with just now.
const KEPT: usize = 2;

/// All that was said, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    /// What the model is and how it works here: ours alone.
    pub(super) system: String,
    /// The messages; the first is ours, and sides alternate.
    pub(super) messages: Vec<Message>,
}

/// One message.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// From us, in words.
    Ours(String),
    /// From the model.
    Model(Reply),
    /// From us: the result of every call that the message before makes, in its order.
    Results(Vec<ToolResult>),
}

/// What a model said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reply {
    /// Its words; may be empty.
    pub(super) text: String,
    /// The tools it calls.
    pub(super) calls: Vec<ToolCall>,
    /// What only its provider understands and wants to see again, such as signed thoughts.
    pub(super) echo: Value,
}

/// A model's wish to have a tool run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ToolCall {
    /// The provider's name for this call.
    pub(super) id: String,
    /// The tool.
    pub(super) name: String,
    /// JSON as the model wrote it, which may be none.
    pub(super) arguments: String,
}

impl ToolCall {
    /// The arguments as the providers want them back: an object, whatever the model wrote.
    pub(super) fn object(&self) -> Value {
        match serde_json::from_str(&self.arguments) {
            Ok(Value::Object(fields)) => Value::Object(fields),
            _ => Value::Object(serde_json::Map::new()),
        }
    }
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ToolResult {
    /// The call's id.
    pub(super) call: String,
    /// Text for the model.
    pub(super) text: String,
    /// Whether the tool refused.
    pub(super) is_error: bool,
}

/// Why a model stopped talking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It waits for tool results, or has said all it wanted.
    Done,
    /// It reached the most it may say at once.
    Length,
    /// It, or a filter before it, declined.
    Refused(String),
}

/// Tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    /// Sent, and neither read from a cache nor written to one.
    pub(super) input: u64,
    /// Sent, and read from the provider's cache.
    pub(super) cache_read: u64,
    /// Sent, and written to the provider's cache.
    pub(super) cache_written: u64,
    /// Written by the model.
    pub(super) output: u64,
}

impl Tokens {
    /// All that were sent.
    pub(super) const fn sent(&self) -> u64 {
        self.input.saturating_add(self.cache_read).saturating_add(self.cache_written)
    }
}

/// An answer to the conversation so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) reply: Reply,
    pub(super) stop: Stop,
    /// What it used up; none where the provider does not tell.
    pub(super) tokens: Option<Tokens>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The conversation is longer than the model can read.
    TooLong(String),
    /// It may work in a while: the provider's words, and how long it asks us to wait.
    Busy(Failure, Option<std::time::Duration>),
    /// It will not work.
    Final(Failure),
}

impl Conversation {
    /// Drops the older half of the long tool results; `false` when there is none to drop.
    pub(super) fn shrink(&mut self) -> bool {
        let mut long: Vec<&mut ToolResult> = self
            .messages
            .iter_mut()
            .filter_map(|message| match message {
                Message::Results(results) => Some(results),
                Message::Ours(_) | Message::Model(_) => None,
            })
            .flatten()
            .filter(|result| result.text.len() > WORTH_DROPPING)
            .collect();
        let droppable = long.len().saturating_sub(KEPT);
        let dropped = droppable.div_ceil(2);
        for result in long.iter_mut().take(dropped) {
            DROPPED.clone_into(&mut result.text);
        }
        dropped > 0
    }

    /// The last results, to add a word of ours.
    pub(super) fn last_result(&mut self) -> Option<&mut ToolResult> {
        match self.messages.last_mut()? {
            Message::Results(results) => results.last_mut(),
            Message::Ours(_) | Message::Model(_) => None,
        }
    }

    /// Characters in it, roughly: from which tokens are estimated where nobody counts them.
    pub(super) fn characters(&self) -> usize {
        let said = |message: &Message| match message {
            Message::Ours(text) => text.len(),
            Message::Model(reply) => reply.characters(),
            Message::Results(results) => results.iter().map(|result| result.text.len()).sum(),
        };
        self.system.len() + self.messages.iter().map(said).sum::<usize>()
    }
}

impl Reply {
    /// Characters in it, roughly.
    pub(super) fn characters(&self) -> usize {
        self.text.len() + self.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(texts: &[&str]) -> Message {
        let result = |text: &&str| ToolResult {
            call: String::new(),
            text: if text.len() > 1 { (*text).to_owned() } else { text.repeat(WORTH_DROPPING + 1) },
            is_error: false,
        };
        Message::Results(texts.iter().map(result).collect())
    }

    #[test]
    fn the_older_half_of_the_long_results_is_dropped_and_the_newest_stay() {
        let messages = vec![results(&["a", "short"]), results(&["b"]), results(&["c", "d", "e"])];
        let mut conversation = Conversation { system: String::new(), messages };
        assert!(conversation.shrink());
        let first: Vec<char> = conversation
            .messages
            .iter()
            .filter_map(|message| match message {
                Message::Results(results) => Some(results),
                _ => None,
            })
            .flatten()
            .map(|result| result.text.chars().next().unwrap())
            .collect();
        assert_eq!(first, ['[', 's', '[', 'c', 'd', 'e'], "a and b of a, b, c are dropped, d and e are kept");
        let mut short = Conversation { system: String::new(), messages: vec![results(&["short", "x", "y"])] };
        assert!(!short.shrink());
    }

    #[test]
    fn arguments_that_are_no_object_go_back_as_an_empty_one() {
        let call = |arguments: &str| ToolCall { arguments: arguments.to_owned(), ..ToolCall::default() };
        assert_eq!(call("{\"path\": \"a\"}").object(), serde_json::json!({ "path": "a" }));
        for bad in ["", "{\"path\": \"a", "[1]", "null"] {
            assert_eq!(call(bad).object(), serde_json::json!({}), "{bad}");
        }
    }
}
