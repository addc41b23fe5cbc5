//! Where a configuration that is no YAML keeps the log: found in its lines, or known to be unknown. Never a guess,
//! because an event on a second log is lost from sight.

use super::model::StateBranch;
use super::tree::{self, Value};

/// Where a configuration keeps the log, as far as can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// There, in so many words.
    At(StateBranch),
    /// It says nothing about that, so where logs usually are.
    Unsaid,
    /// It says something about that which cannot be understood.
    Unclear,
}

/// Looks for `branch:` inside of `state:` in a text that is no YAML.
pub(super) fn kept(text: &str) -> Kept {
    let lines: Vec<Line<'_>> = text.lines().filter_map(Line::of).collect();
    // What is left of UTF-16 and the like can be searched for a word, and for no more than that.
    let is_text = !text.contains(['\0', char::REPLACEMENT_CHARACTER]);
    match is_text.then(|| named(&lines)).flatten() {
        Some(branch) => Kept::At(StateBranch::on(branch)),
        None if text.replace('\0', "").lines().any(mentions_the_place) => Kept::Unclear,
        None => Kept::Unsaid,
    }
}

/// A line that says something.
struct Line<'a> {
    /// White space before it. Tabs are no indentation in YAML, which is the slip that is most often made.
    indent: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let line = line.trim_start_matches('\u{FEFF}');
        let text = line.trim_start_matches([' ', '\t']);
        let is_silent = text.trim_end().is_empty()
            || text.starts_with(['#', '%'])
            || matches!(text.trim_end(), "---" | "...");
        (!is_silent).then(|| Self { indent: line.len() - text.len(), text: text.trim_end() })
    }

    /// What stands behind this key, if the line begins with it.
    fn value_of(&self, key: &str) -> Option<&'a str> {
        let rest = ["\"", "'", ""]
            .iter()
            .find_map(|quote| self.text.strip_prefix(quote)?.strip_prefix(key)?.strip_prefix(quote))?;
        let value = rest.trim_start_matches([' ', '\t']).strip_prefix(':')?;
        (value.is_empty() || value.starts_with([' ', '\t'])).then(|| uncommented(value.trim_start()))
    }
}

/// The one place that the lines name for certain.
fn named(lines: &[Line<'_>]) -> Option<String> {
    // The whole file may be indented.
    let outermost = lines.first()?.indent;
    let mut sections = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.indent == outermost)
        .filter_map(|(at, line)| Some((at, line.value_of("state")?)));
    let (at, value) = sections.next()?;
    if sections.next().is_some() {
        return None;
    }
    if let Some(inside) = value.strip_prefix('{') {
        let only = inside.strip_suffix('}').unwrap_or(inside).trim();
        return scalar(Line { indent: 0, text: only }.value_of("branch")?);
    }
    if !value.is_empty() {
        return None;
    }
    let inside: Vec<&Line<'_>> = lines[at + 1..].iter().take_while(|line| line.indent > outermost).collect();
    match inside.as_slice() {
        // A second line might be another key or the rest of the name, and which one a broken file does not tell.
        [only] => scalar(only.value_of("branch")?),
        _ => None,
    }
}

/// A text on one line, by the rules of YAML: `5`, `@` and `a: b` are none.
fn scalar(value: &str) -> Option<String> {
    match tree::read(value).ok()?.value {
        Value::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn uncommented(value: &str) -> &str {
    if value.starts_with('#') { "" } else { value.split(" #").next().unwrap_or_default().trim_end() }
}

/// Whether a line may be about the place of the log. `state: open`, the condition of a rule, is not.
fn mentions_the_place(line: &str) -> bool {
    if line.trim_start().starts_with('#') {
        return false;
    }
    let of_a_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    line.match_indices("state").any(|(at, word)| {
        let rest = &line[at + word.len()..];
        let is_word = !line[..at].ends_with(of_a_name) && !rest.starts_with(of_a_name);
        let value = rest.trim_start_matches(['"', '\'', ' ', '\t']).strip_prefix(':').map(str::trim_start);
        let is_condition =
            value.is_some_and(|value| ["open", "closed"].iter().any(|state| value.starts_with(state)));
        is_word && !is_condition
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match kept(text) {
            Kept::At(StateBranch { branch, .. }) => branch,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_branch_that_stands_there_in_so_many_words_is_found() {
        for text in [
            "mode: [oops\nstate:\n  branch: mine\n",
            "state:   # the log\n\n  # here\n  branch: mine   # ours\nmode: [oops\n",
            "state:\n\tbranch: mine\n",
            "state: {branch: mine}\nmode: [oops",
            "state: { branch: mine\n",
            "\u{FEFF}---\r\nstate:\r\n  branch: 'mine'\r\nmode: [oops\r\n",
            "\"state\":\n  \"branch\": \"mine\"\nmode: [oops\n",
            "  mode: [oops\n  state:\n    branch: mine\n",
            "mode: [oops\nrules:\n  - if: { state: open }\nstate:\n  branch: mine\n",
        ] {
            assert_eq!(told(text), "mine", "{text}");
        }
    }

    #[test]
    fn what_leaves_a_doubt_is_unclear() {
        for text in [
            "state:\n  branch: @\n",
            "state:\n  branch: 5\nmode: [oops\n",
            "state:\n  branch:\nmode: [oops\n",
            "state:\n  branch: \"\"\nmode: [oops\n",
            "state:\n  branch: mine\n    and more\nmode: [oops\n",
            "state:\n  branch: mine\n  branch: other\n",
            "state:\n  branch: one\nstate:\n  branch: two\n",
            "state:\n  branch: \"mine\n",
            "state:\n  branch: &it mine: yours\n",
            "state:\nbranch: mine\nmode: [oops\n",
            " state:\n  branch: mine\nmode: [oops\n",
            "mode: [oops\n  state:\n    branch: mine\n",
            "state\n  branch: mine\n",
            "{ mode: [oops, state: { branch: mine } }\n",
            "s\0t\0a\0t\0e\0:\0",
        ] {
            let told = told(text);
            assert!(told == "Unclear" || text.starts_with(" state") && told == "mine", "{text}: {told}");
        }
    }

    #[test]
    fn a_file_that_does_not_speak_of_it_leaves_it_unsaid() {
        for text in [
            "mode: [oops\n",
            "mode: [oops\n# the state: somewhere\n",
            "mode: [oops\nrules:\n  - if: { state: open }\n    do: { label: restated }\n",
            "rules:\n  - if:\n      \"state\": closed\n    on: [oops\n",
        ] {
            assert_eq!(told(text), "Unsaid", "{text}");
        }
    }
}
