//! Workflow commands: how a step talks to GitHub Actions.
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

/// How loud an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For the record.
    Notice,
    /// Something a person should look at.
    Warning,
    /// Something a person must act on.
    Error,
}

/// An annotation that shows up on the run's page.
#[must_use]
pub fn annotation(level: Level, title: &str, message: &str) -> String {
    let level = match level {
        Level::Notice => "notice",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    format!("::{level} title={}::{}", property(title), data(message))
}

/// An error at a place in a file of the repository, which shows up beside the changes of a pull request.
#[must_use]
pub fn annotation_at(file: &str, line: Option<u64>, column: Option<u64>, message: &str) -> String {
    let mut place = format!("file={}", property(file));
    for (name, number) in [("line", line), ("col", column)] {
        if let Some(number) = number {
            place.push_str(&format!(",{name}={number}"));
        }
    }
    format!("::error {place}::{}", data(message))
}

/// How the command begins that names a secret.
pub const MASK: &str = "::add-mask::";

/// Has the runner replace `secret` by `***` in everything printed from here on.
#[must_use]
pub fn mask(secret: &str) -> String {
    format!("{MASK}{}", data(secret))
}

/// The start of a fold in the log.
#[must_use]
pub fn group(title: &str) -> String {
    format!("::group::{}", data(title))
}

/// The end of a fold in the log.
pub const END_GROUP: &str = "::endgroup::";

/// One line for the file behind `GITHUB_OUTPUT`. A value of several lines is given a delimiter that does
/// not occur in it, so that text cannot smuggle in another output.
#[must_use]
pub fn output(name: &str, value: &str) -> String {
    if !value.contains(['\n', '\r']) {
        return format!("{name}={value}\n");
    }
    let mut delimiter = String::from("AUTOMATA");
    while value.contains(&delimiter) {
        delimiter.push('_');
    }
    format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
}

/// The text with nothing in it that the runner would take for a command: it looks for `::` at the beginning of
/// each line and for `##[` anywhere, on stdout and on stderr
/// (`ActionCommand.cs` and `ScriptHandler.cs` of <https://github.com/actions/runner>).
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive(['\n', '\r']) {
        let begins = line.trim_start();
        if let Some(rest) = begins.strip_prefix("::") {
            safe.push_str(&line[..line.len() - begins.len()]);
            safe.push_str(": :");
            safe.push_str(rest);
        } else {
            safe.push_str(line);
        }
    }
    safe.replace("##[", "## [")
}

/// As [`harmless`], for JSON on one line, which stays the same value.
#[must_use]
pub fn harmless_json(line: &str) -> String {
    // The characters can only stand inside of a string.
    line.replace("##[", "#\\u0023[")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_start_a_command_of_its_own() {
        let hostile = "100%\n::set-output name=x::y\r";
        assert_eq!(
            annotation(Level::Warning, "a: b, c", hostile),
            "::warning title=a%3A b%2C c::100%25%0A::set-output name=x::y%0D"
        );
    }

    #[test]
    fn what_strangers_wrote_is_no_command() {
        let hostile = "opened: ##[add-mask]e\n \t::stop-commands::x\r::debug::y\n:: a::b ###[group]";
        assert_eq!(
            harmless(hostile),
            "opened: ## [add-mask]e\n \t: :stop-commands::x\r: :debug::y\n: : a::b ### [group]"
        );
        let line = serde_json::to_string(hostile).unwrap();
        assert!(!harmless_json(&line).contains("##["));
        assert_eq!(serde_json::from_str::<String>(&harmless_json(&line)).unwrap(), hostile);
    }

    #[test]
    fn an_output_of_several_lines_cannot_end_itself() {
        assert_eq!(output("outcome", "done"), "outcome=done\n");
        assert_eq!(output("text", "a\nAUTOMATA\nb=c"), "text<<AUTOMATA_\na\nAUTOMATA\nb=c\nAUTOMATA_\n");
    }
}
