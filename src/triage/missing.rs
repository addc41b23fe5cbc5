//! What a report needs and lacks: required fields of the form it was written into, and what the repository's rules want.

use super::phrases::Words;
use super::telling::TRACES;
use super::text::{Readable, fence_mark, heading};
use crate::domain::verdict::Need;

/// Needs that are told of at most: a longer list is a form, and nobody fills it in.
const MOST: usize = 10;
/// Characters of a field's name that are shown.
const NAME: usize = 80;

/// An issue form of the repository, or a Markdown template: the fields that become headings, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it lies in the repository.
    pub path: String,
    /// Its fields: the label, and whether the form requires it.
    pub fields: Vec<(String, bool)>,
    /// What stands below headings (in small letters) before anybody has written anything.
    pub unfilled: Vec<(String, String)>,
    /// Whether headings may be taken out: a template is text, and people delete what they have nothing to say about.
    pub is_loose: bool,
}

/// Headings of a template by which an issue is known to be written into it: one may be there by chance.
const LEAST_HEADINGS: usize = 2;

/// Something that can be looked for in any report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// A version number, a commit, a release's name.
    Version,
    /// How to make it happen again.
    Steps,
    /// What should have happened.
    Expected,
    /// What did happen.
    Actual,
    /// What the program printed.
    Logs,
    /// A piece of code.
    Code,
}

impl Check {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Version, Self::Steps, Self::Expected, Self::Actual, Self::Logs, Self::Code];

    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Steps => "steps",
            Self::Expected => "expected",
            Self::Actual => "actual",
            Self::Logs => "logs",
            Self::Code => "code",
        }
    }

    /// What to ask for.
    const fn asked(self) -> &'static str {
        match self {
            Self::Version => "the version that you use",
            Self::Steps => "the steps that lead there, one by one",
            Self::Expected => "what you expected to happen",
            Self::Actual => "what happened instead",
            Self::Logs => "what the program printed, in a code block",
            Self::Code => "a small piece of code that shows it, in a code block",
        }
    }

    /// Words in headings under which it stands.
    const fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Version => &["version", "release", "commit", "environment"],
            Self::Steps => &["reproduc", "steps"],
            Self::Expected => &["expected", "should happen"],
            Self::Actual => {
                &["actual", "what happen", "current behavio", "observed", "describe the bug", "description"]
            }
            Self::Logs => &["log", "output", "stack trace", "backtrace", "traceback", "error message"],
            Self::Code => &["code", "example", "snippet", "reproduc"],
        }
    }

    /// Whether the report has it. In doubt it has: asking for what is there helps nobody.
    fn is_in(self, text: &Readable, sections: &[Section], words: &Words) -> bool {
        let filled = |section: &Section| {
            !section.is_empty() && self.headings().iter().any(|part| section.heading.contains(part))
        };
        if sections.iter().any(filled) {
            return true;
        }
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.say(phrase));
        let printed = text.has_code || TRACES.iter().any(|trace| text.body.contains(trace));
        match self {
            Self::Version => {
                text.title.split(is_between).chain(text.body.split(is_between)).any(is_version)
                    || says(&[
                        "nightly",
                        "latest main",
                        "latest master",
                        "main branch",
                        "master branch",
                        "head of main",
                    ])
            }
            Self::Steps => {
                printed
                    || text.body.lines().filter(|line| is_step(line)).count() >= 2
                    || says(&[
                        "reproduce*",
                        "when i",
                        "if i",
                        "after i",
                        "i ran",
                        "i run",
                        "i click*",
                        "try to",
                        "running",
                    ])
            }
            Self::Expected => {
                says(&["expect*", "should", "shouldn't", "supposed to", "ought to", "instead of"])
            }
            Self::Actual => {
                printed
                    || says(&[
                        "instead",
                        "but",
                        "crash*",
                        "error*",
                        "fail*",
                        "hang*",
                        "get*",
                        "got",
                        "shows",
                        "does",
                        "nothing happens",
                    ])
            }
            Self::Logs => printed,
            Self::Code => text.has_code || text.body.contains('`'),
        }
    }
}

/// What a repository wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Something that can be looked for anywhere.
    Check(Check),
    /// Something below a heading of this name.
    Heading(String),
}

impl Wanted {
    /// A name of the configuration: one of the checks, else a heading.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match Check::ALL.into_iter().find(|check| check.name() == name.to_lowercase()) {
            Some(check) => Self::Check(check),
            None => Self::Heading(name.to_owned()),
        }
    }
}

/// What stands below a heading.
pub(super) struct Section {
    /// As it is written.
    pub(super) name: String,
    /// Lower case.
    pub(super) heading: String,
    pub(super) content: String,
}

impl Section {
    fn is_empty(&self) -> bool {
        is_nothing(&self.content)
    }

    /// Whether nobody has written anything here: nothing stands here, or only lines that the form itself has.
    fn is_as_given(&self, form: &Form) -> bool {
        let given = form.unfilled.iter().filter(|(heading, _)| *heading == self.heading);
        let given: Vec<&str> = given.flat_map(|(_, text)| text.lines()).map(str::trim).collect();
        let own = self.content.lines().map(str::trim).filter(|line| !given.contains(line));
        is_nothing(&own.collect::<Vec<_>>().join("\n"))
    }
}

fn is_nothing(text: &str) -> bool {
    let said = text.trim().trim_matches(|c: char| matches!(c, '_' | '*' | '.' | '-' | '`' | ' ' | '\n'));
    matches!(said.to_lowercase().as_str(), "" | "no response" | "n/a" | "na" | "none" | "todo" | "tbd" | "?")
}

/// What is missing by the form that the issue was written into, if it is one of `forms`, and of what is `wanted`.
#[must_use]
pub fn missing(text: &Readable, forms: &[Form], wanted: &[Wanted]) -> Vec<Need> {
    let sections = sections(&text.body);
    let words = Words::of(&format!("{}. {}", text.title, text.prose));
    let mut needs: Vec<Need> = Vec::new();
    let mut need = |what: String, reason: String| {
        if needs.len() < MOST && needs.iter().all(|known| known.what != what) {
            needs.push(Need { what, reason });
        }
    };
    if let Some(form) = form_of(&sections, forms) {
        for (label, _) in form.fields.iter().filter(|(_, required)| *required) {
            let name = label.to_lowercase();
            let mut below = sections.iter().filter(|section| section.heading == name).peekable();
            let is_gone = below.peek().is_none();
            if !(form.is_loose && is_gone) && below.all(|section| section.is_as_given(form)) {
                let what = format!("\u{201c}{}\u{201d}", crate::domain::untrusted::one_line(label, NAME));
                let kind = if form.is_loose { "template" } else { "form" };
                need(what, format!("The {kind} `{}` requires it.", form.path));
            }
        }
    }
    for one in wanted {
        match one {
            Wanted::Check(check) if !check.is_in(text, &sections, &words) => {
                need(check.asked().to_owned(), format!("The configuration wants `{}`.", check.name()));
            }
            Wanted::Heading(heading) => {
                let name = heading.to_lowercase();
                if sections.iter().filter(|section| section.heading == name).all(Section::is_empty) {
                    need(format!("\u{201c}{heading}\u{201d}"), "The configuration wants it.".to_owned());
                }
            }
            Wanted::Check(_) => {}
        }
    }
    needs
}

/// The form that an issue was written into: one all of whose fields are headings of the issue, the longest of them.
/// GitHub writes every field's label as a heading, whether it was filled in or not.
fn form_of<'a>(sections: &[Section], forms: &'a [Form]) -> Option<&'a Form> {
    let has = |label: &str| {
        let label = label.to_lowercase();
        sections.iter().any(|section| section.heading == label)
    };
    let there = |form: &Form| form.fields.iter().filter(|(label, _)| has(label)).count();
    let is_it = |form: &&Form| {
        let (all, there) = (form.fields.len(), there(form));
        let enough = if form.is_loose { LEAST_HEADINGS.max(all.div_ceil(2)).min(all) } else { all };
        all > 0 && there >= enough
    };
    forms.iter().filter(is_it).max_by_key(|form| there(form))
}

/// The body cut at its headings; what stands above the first has none.
pub(super) fn sections(body: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    for line in body.lines() {
        let trimmed = line.trim();
        match (fence, fence_mark(trimmed)) {
            (None, Some(mark)) => fence = Some(mark),
            (Some((open, length)), Some((mark, longer))) if mark == open && longer >= length => fence = None,
            _ => {}
        }
        match heading(trimmed).filter(|_| fence.is_none()) {
            Some(name) => {
                let (name, heading) = (name.to_owned(), name.to_lowercase());
                sections.push(Section { name, heading, content: String::new() });
            }
            None => {
                if let Some(section) = sections.last_mut() {
                    section.content.push_str(trimmed);
                    section.content.push('\n');
                }
            }
        }
    }
    sections
}

fn is_between(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '(' | ')' | ',' | ';' | '`' | '"' | '\'' | '[' | ']' | '=' | '@' | '/' | ':')
}

/// `1.2`, `v1.2.3-rc.1`, or a commit's short or long name.
fn is_version(word: &str) -> bool {
    let word = word.trim_end_matches(['.', '!', '?']);
    let bare = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let mut parts = bare.split('.');
    let is_number =
        |part: Option<&str>| part.is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    let is_dotted = is_number(parts.next()) && is_number(parts.next());
    let is_hex = word.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase());
    let is_commit = (7..=40).contains(&word.len())
        && is_hex
        && word.contains(|c: char| c.is_ascii_digit())
        && word.contains(|c: char| c.is_ascii_alphabetic());
    is_dotted || is_commit
}

/// `1. Open it`.
fn is_step(line: &str) -> bool {
    let line = line.trim();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < line.len() && (rest.starts_with(". ") || rest.starts_with(") "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::text::IssueText;
    use proptest::prelude::*;

    fn form() -> Form {
        let field = |label: &str, required| (label.to_owned(), required);
        let fields =
            vec![field("What happened?", true), field("Version", true), field("Anything else?", false)];
        Form { path: ".github/ISSUE_TEMPLATE/bug.yml".to_owned(), fields, ..Form::default() }
    }

    fn lacks(body: &str, wanted: &[&str]) -> Vec<String> {
        let wanted: Vec<Wanted> = wanted.iter().map(|name| Wanted::named(name)).collect();
        let text = Readable::of(&IssueText { title: "It stops", body });
        missing(&text, &[form()], &wanted)
            .into_iter()
            .map(|need| format!("{}: {}", need.what, need.reason))
            .collect()
    }

    #[test]
    fn required_fields_of_the_form_that_were_left_out_are_missing() {
        let body = "### What happened?\n\nIt stops.\n\n### Version\n\n_No response_\n\n### Anything else?\n\n_No response_\n";
        insta::assert_snapshot!(lacks(body, &[]).join("\n"), @"“Version”: The form `.github/ISSUE_TEMPLATE/bug.yml` requires it.");
        assert_eq!(lacks(&body.replacen("_No response_", "1.2", 1), &[]), [""; 0]);
        assert_eq!(
            lacks(&body.replacen("_No response_", "<!-- 1.2 -->", 1), &[]).len(),
            1,
            "a comment says nothing"
        );
    }

    #[test]
    fn who_did_not_use_the_form_is_not_held_to_it() {
        assert_eq!(lacks("It stops.", &[]), [""; 0]);
        assert_eq!(lacks("### Version\n\n_No response_\n", &[]), [""; 0], "the other headings are not there");
    }

    #[test]
    fn the_configuration_may_want_more() {
        insta::assert_snapshot!(lacks("It stops.", &["version", "steps", "expected", "logs", "code", "Environment"]).join("\n"), @"
    the version that you use: The configuration wants `version`.
    the steps that lead there, one by one: The configuration wants `steps`.
    what you expected to happen: The configuration wants `expected`.
    what the program printed, in a code block: The configuration wants `logs`.
    a small piece of code that shows it, in a code block: The configuration wants `code`.
    “Environment”: The configuration wants it.
    ");
        let told = "With v1.2.3:\n1. Open it\n2. Close it\n\nIt should go on, but it stops.\n```\nstopped\n```\n**Environment:**\n\nLinux\n";
        assert_eq!(
            lacks(told, &["version", "steps", "expected", "actual", "logs", "code", "environment"]),
            [""; 0]
        );
    }

    #[test]
    fn versions_are_told_from_other_numbers() {
        for (word, expected) in [
            ("1.2", true),
            ("v1.2.3-rc.1", true),
            ("2.", false),
            ("0badc0de", true),
            ("1234567", false),
            ("defaced", false),
            ("e.g", false),
        ] {
            assert_eq!(is_version(word), expected, "{word}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(body in "(### |Version\n|_No response_|```|\\PC|\n){0,40}") {
            prop_assert!(lacks(&body, &["version", "steps", "x"]).len() <= MOST);
        }
    }
}
