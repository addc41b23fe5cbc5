//! What is wrong with a command line, in parts: for programs, and for people who are used to other programs.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// A command line that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// What is wrong, a clause.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
    /// What the parser of the command line does not say itself.
    pub advice: Option<&'static str>,
    /// Whether the answer was to be JSON.
    pub wants_json: bool,
}

impl Misread {
    /// Reads the parser's error; none when it is an answer, help or the version.
    #[must_use]
    pub fn of(error: &clap::Error, arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        if error.exit_code() == 0 {
            return None;
        }
        let wants_json = wants_json(arguments);
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            let (message, hint) = ("the command is missing", "`automata --help` lists the commands.");
            let hints = vec![hint.to_owned()];
            return Some(Self { message: message.to_owned(), hints, advice: None, wants_json });
        }
        let text = error.render().to_string();
        let mut parts = text.split("\n\n").map(one_line).filter(|part| !part.is_empty());
        let message = parts.next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
        let advice = advice(error);
        let hints = parts.chain(advice.map(str::to_owned)).collect();
        Some(Self { message, hints, advice, wants_json })
    }
}

fn one_line(part: &str) -> String {
    part.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `--format json` stands among the arguments, in either spelling.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut names_format = false;
    for argument in arguments.take_while(|argument| argument != "--") {
        if argument == "--format=json" || (names_format && argument == "json") {
            return true;
        }
        names_format = argument == "--format";
    }
    false
}

fn advice(error: &clap::Error) -> Option<&'static str> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(given)) if given == "--json" => Some("Write `--format json` to have JSON."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_wanted_in_either_spelling_but_not_behind_the_end_of_the_options() {
        let wants = |line: &str| wants_json(line.split(' ').map(OsString::from));
        assert!(wants("automata frob --format json") && wants("automata --format=json frob"));
        assert!(
            !wants("automata frob --format text json") && !wants("automata tasks cancel -- --format=json")
        );
    }
}
