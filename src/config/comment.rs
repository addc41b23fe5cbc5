//! The words of the status comment, each by a key: whoever writes another language replaces them.

mod catalogue;

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::template::{NotATemplate, Template};
use crate::domain::verdict::{IssueType, Urgency};
use crate::domain::words::Verb;

pub use catalogue::CommentWords;

/// The one status comment of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CommentRules {
    /// Its headings and sentences by their keys, for another language or another tone. What is left out stays English.
    pub words: Box<CommentWords>,
}

/// One of the words as it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentWord<'a> {
    /// Its key.
    pub key: &'static str,
    /// The placeholders that may stand in it.
    pub placeholders: &'static [&'static str],
    /// The text.
    pub text: &'a str,
}

impl CommentWords {
    /// A type of issue.
    #[must_use]
    pub fn of_type(&self, issue_type: IssueType) -> &str {
        match issue_type {
            IssueType::Bug => &self.bug,
            IssueType::Feature => &self.feature,
            IssueType::Question => &self.question,
            IssueType::Documentation => &self.documentation,
        }
    }

    /// An urgency.
    #[must_use]
    pub fn of_urgency(&self, urgency: Urgency) -> &str {
        match urgency {
            Urgency::Low => &self.low,
            Urgency::Normal => &self.normal,
            Urgency::High => &self.high,
            Urgency::Critical => &self.critical,
        }
    }

    /// What a word in a comment does.
    #[must_use]
    pub fn about(&self, verb: Verb) -> &str {
        match verb {
            Verb::Help => &self.help_help,
            Verb::Status => &self.help_status,
            Verb::Why => &self.help_why,
            Verb::Run => &self.help_run,
            Verb::Implement => &self.help_implement,
            Verb::Revise => &self.help_revise,
            Verb::Retry => &self.help_retry,
            Verb::Cancel => &self.help_cancel,
            Verb::Approve => &self.help_approve,
            Verb::Reject => &self.help_reject,
            Verb::Assign => &self.help_assign,
            Verb::Unassign => &self.help_unassign,
            Verb::Priority => &self.help_priority,
            Verb::Label => &self.help_label,
            Verb::Duplicate => &self.help_duplicate,
            Verb::Undo => &self.help_undo,
            Verb::Stop => &self.help_stop,
            Verb::Pause => &self.help_pause,
            Verb::Resume => &self.help_resume,
        }
    }

    /// All of them as they stand without a configuration.
    #[must_use]
    pub fn english() -> &'static Self {
        static ENGLISH: LazyLock<CommentWords> = LazyLock::new(CommentWords::default);
        &ENGLISH
    }

    /// A number with its noun: `one` where it is one, else `many` with the number as its `count`.
    #[must_use]
    pub fn counted(&self, count: u64, one: &str, many: &str) -> String {
        if count == 1 { one.to_owned() } else { filled(many, &[("count", &count.to_string())]) }
    }
}

impl CommentWord<'_> {
    /// Why it cannot stand in the comment; none when it can.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        if self.text.contains(['\n', '\r']) {
            return Some("it is more than one line".to_owned());
        }
        match (Template::parse(self.text, self.placeholders), self.placeholders) {
            (Ok(_), _) => None,
            (Err(NotATemplate::Unknown { name, .. }), []) => {
                Some(format!("`{{{name}}}` is not a placeholder here; there are none"))
            }
            (Err(error), _) => Some(error.to_string()),
        }
    }
}

/// A text with its placeholders filled in. The configuration was checked when it was read: what is no template stands as
/// it is.
#[must_use]
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let known: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let value = |name: &str| {
        values
            .iter()
            .find(|(known, _)| *known == name)
            .map_or_else(String::new, |(_, value)| (*value).to_owned())
    };
    Template::parse(text, &known).map_or_else(|_| text.to_owned(), |template| template.expand(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_english_word_is_a_template_with_all_of_its_placeholders() {
        for word in CommentWords::default().all() {
            assert_eq!(word.trouble(), None, "{}", word.key);
            let template = Template::parse(word.text, word.placeholders).unwrap();
            assert!(word.placeholders.iter().all(|name| template.has(name)), "{}", word.key);
        }
    }

    #[test]
    fn the_table_of_the_words_says_what_they_do() {
        for verb in Verb::ALL {
            assert_eq!(CommentWords::default().about(verb), verb.about(), "{}", verb.name());
        }
    }

    #[test]
    fn values_are_filled_in_and_not_read_again() {
        assert_eq!(filled("#{number}: {text}", &[("number", "7"), ("text", "{number}")]), "#7: {number}");
    }
}
