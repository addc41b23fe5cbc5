//! Every command and option that the documents name is one of the program's.

use std::collections::BTreeSet;

use automata::cli::Cli;
use clap::{Command, CommandFactory as _, Parser as _};

use super::{fenced, in_code, page, pages};

/// The words of a line of a shell script: quoted ones whole, a comment left out.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in line.chars() {
        match quote {
            Some(open) if character == open => quote = None,
            None if character == '\'' || character == '"' => quote = Some(character),
            None if character == '#' && word.is_empty() => break,
            None if character.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(character),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[test]
fn every_command_in_a_script_is_understood() {
    let mut count = 0;
    for path in pages().keys() {
        for line in fenced(path, "sh").iter().flat_map(|script| script.lines()) {
            if line.trim_start().starts_with("automata ") {
                Cli::try_parse_from(words(line))
                    .unwrap_or_else(|problem| panic!("{path}: {line}\n{problem}"));
                count += 1;
            }
        }
    }
    assert!(count >= 9, "only {count} commands were found");
}

#[test]
fn the_readmes_first_command_is_understood() {
    let scripts = fenced("README.md", "sh").concat();
    let line =
        scripts.lines().find_map(|line| line.strip_prefix("cargo run --release -- ")).expect("the demo");
    let told = [vec!["automata".to_owned()], words(line)].concat();
    Cli::try_parse_from(told).expect("a command");
}

/// Whether this word can be the name of a command, rather than a value or a placeholder.
fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

/// The commands that `automata drive ls \| find --tree` and the like name, with their full names.
fn named<'a>(all: &'a Command, told: &str) -> Result<Vec<(String, &'a Command)>, String> {
    let below = |above: &'a Command, name: &str| {
        above
            .find_subcommand(name)
            .ok_or_else(|| format!("there is no `{name}` below `{}`", above.get_name()))
    };
    let mut pieces = told.split("\\|").map(str::trim);
    let (mut above, mut command, mut names) = (all, all, Vec::new());
    for word in pieces.next().unwrap_or_default().split_whitespace().skip(1) {
        if !command.has_subcommands() || !is_name(word) {
            break;
        }
        (above, command) = (command, below(command, word)?);
        names.push(word);
    }
    let mut found = vec![(names.join(" "), command)];
    names.pop();
    for piece in pieces {
        let name = piece.split_whitespace().next().unwrap_or_default();
        let full = names.iter().copied().chain([name]).collect::<Vec<_>>().join(" ");
        found.push((full, below(above, name)?));
    }
    Ok(found)
}

/// The options that a text names.
fn options(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter_map(|word| word.strip_prefix("--")).filter(|name| is_name(name))
}

fn has(command: &Command, all: &Command, option: &str) -> bool {
    [command, all].iter().any(|command| command.get_arguments().any(|known| known.get_long() == Some(option)))
}

#[test]
fn every_command_that_a_text_names_is_there_with_its_options() {
    let all = Cli::command();
    let mut count = 0;
    for (path, text) in pages().iter().filter(|(path, _)| *path != "CHANGELOG.md") {
        for told in in_code(text).iter().filter(|told| told.starts_with("automata ")) {
            let commands = named(&all, told).unwrap_or_else(|problem| panic!("{path}: `{told}`: {problem}"));
            for option in options(told) {
                let is_there = commands.iter().any(|(_, command)| has(command, &all, option));
                assert!(is_there, "{path}: `{told}` has no option --{option}");
            }
            count += 1;
        }
    }
    assert!(count > 30, "only {count} commands were found");
}

/// The full names of the commands that can be given, without those that only lead to others.
fn leaves(command: &Command, name: &str) -> Vec<String> {
    let below = command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set());
    let names: Vec<String> =
        below.flat_map(|below| leaves(below, format!("{name} {}", below.get_name()).trim())).collect();
    if names.is_empty() { vec![name.to_owned()] } else { names }
}

#[test]
fn every_command_has_its_row_and_its_options_are_right() {
    let all = Cli::command();
    let page = page("docs/commands.md");
    let table = page.split("\n| command |").nth(1).expect("the table of commands");
    let mut told = BTreeSet::new();
    for row in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let first = row.split('`').nth(1).expect("a command");
        let commands = named(&all, first).unwrap_or_else(|problem| panic!("{row}: {problem}"));
        for option in in_code(row).iter().flat_map(|code| options(code)) {
            let is_there = commands.iter().any(|(_, command)| has(command, &all, option));
            assert!(is_there, "{row}\nhas no option --{option}");
        }
        told.extend(commands.into_iter().map(|(name, _)| name));
    }
    assert_eq!(told, leaves(&all, "").into_iter().collect());
}
