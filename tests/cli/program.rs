//! The program with an empty environment, and what it said with everything that differs from run to run named.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::world::planted;

/// A call of the program that has yet to happen.
#[derive(Clone)]
pub(crate) struct Program {
    arguments: Vec<OsString>,
    environment: BTreeMap<String, OsString>,
    folder: PathBuf,
}

/// A call that has happened.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// The program with these arguments in `/`, where no repository and no configuration is.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(OsString::from).collect();
        Self { arguments, environment: BTreeMap::new(), folder: PathBuf::from("/") }
    }

    /// On a local forge's folder.
    pub(crate) fn on(folder: &Path, arguments: &[&str]) -> Self {
        let mut program = Self::new(&["--forge", "local", "--directory"]);
        program.arguments.push(folder.into());
        program.arguments.extend(arguments.iter().map(OsString::from));
        program
    }

    pub(crate) fn set(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// This call with some variables more.
    pub(crate) fn set_all(&self, values: &[(&str, &str)]) -> Self {
        values.iter().fold(self.clone(), |program, (name, value)| program.set(name, value))
    }

    /// The same environment around other arguments.
    pub(crate) fn with(&self, arguments: &[&str]) -> Self {
        Self { arguments: arguments.iter().map(OsString::from).collect(), ..self.clone() }
    }

    pub(crate) fn inside(mut self, folder: &Path) -> Self {
        self.folder = folder.to_owned();
        self
    }

    pub(crate) fn run(&self) -> Ran {
        self.command().output().unwrap().into()
    }

    /// Runs it with this on stdin.
    pub(crate) fn run_fed(&self, text: &str) -> Ran {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Runs it into a pipe whose reader takes the first line and leaves.
    pub(crate) fn run_into_a_closing_pipe(&self) -> Ran {
        use std::io::BufRead as _;
        let mut child = self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        let mut reader = std::io::BufReader::with_capacity(1, child.stdout.take().unwrap());
        reader.read_line(&mut first).unwrap();
        drop(reader);
        let mut ran: Ran = child.wait_with_output().unwrap().into();
        ran.stdout = first;
        ran
    }

    /// Runs it until a line of its stdout begins so, and then has it interrupted as by Ctrl-C.
    pub(crate) fn run_and_interrupt_at(&self, beginning: &str) -> Ran {
        self.run_and_interrupt_after(beginning, |_| {})
    }

    /// As [`Program::run_and_interrupt_at`], and does this with that line before.
    pub(crate) fn run_and_interrupt_after(&self, beginning: &str, act: impl FnOnce(&str)) -> Ran {
        use std::io::{BufRead as _, Read as _};
        let mut child = self.begin();
        let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.lines().last().is_some_and(|line| line.starts_with(beginning)) {
            assert!(stdout.read_line(&mut said).unwrap() > 0, "it ended before: {said}");
        }
        // Whatever is found wrong meanwhile, the program is not left running.
        let line = said.lines().last().unwrap_or_default();
        let acted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| act(line)));
        let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(told.success());
        stdout.read_to_string(&mut said).unwrap();
        let mut ran: Ran = child.wait_with_output().unwrap().into();
        ran.stdout = said;
        acted.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        ran
    }

    /// Runs it with this file as its stdout.
    pub(crate) fn run_into(&self, stdout: std::fs::File) -> Ran {
        let child = self.command().stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Starts it; many of them work at once.
    pub(crate) fn begin(&self) -> std::process::Child {
        self.command().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_automata"));
        // Else it would be the account of whoever runs the tests.
        command
            .env_clear()
            .env("USER", "somebody")
            .envs(&self.environment)
            .args(&self.arguments)
            .current_dir(&self.folder);
        command
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran =
            Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        planted::are_not_in("its data", &ran.stdout);
        planted::are_not_in("what it told", &ran.stderr);
        ran
    }
}

impl Ran {
    /// Everything it said, with the exit code, for a snapshot.
    pub(crate) fn told(&self) -> String {
        self.told_of(&[])
    }

    /// As [`Ran::told`], with these paths and addresses called by a name.
    pub(crate) fn told_of(&self, names: &[(&str, &str)]) -> String {
        let mut text =
            format!("exit code {}\n", self.code.map_or("none".to_owned(), |code| code.to_string()));
        for (stream, said) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !said.is_empty() {
                write!(text, "-- {stream}\n{said}").unwrap();
            }
        }
        for (from, to) in names {
            text = text.replace(from, to);
        }
        plain(&text)
    }

    /// It ended well.
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// The one JSON value on stdout.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// The text with times, ids, hashes and runs given names: the same thing has the same name in one text.
pub(crate) fn plain(text: &str) -> String {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len());
        if end == 0 {
            plain.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let word = &rest[..end];
        // A full stop or a colon at the end belongs to the sentence.
        let kept = word.trim_end_matches(['.', ':', '-']);
        plain.push_str(&named(kept, &mut known));
        plain.push_str(&word[kept.len()..]);
        rest = &rest[end..];
        // A time of a whole second is shown without its thousandths, and a table fills their place.
        if kept.len() == WHOLE_SECOND && is_time(kept) {
            rest = rest.strip_prefix("    ").filter(|rest| rest.starts_with("  ")).unwrap_or(rest);
        }
    }
    plain
}

/// Letters of `2026-11-22T10:00:00Z`.
const WHOLE_SECOND: usize = 20;

fn is_time(word: &str) -> bool {
    word.len() >= WHOLE_SECOND && word.ends_with('Z') && word.as_bytes()[4] == b'-' && word.contains('T')
}

const fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-')
}

fn named(word: &str, known: &mut BTreeMap<String, String>) -> String {
    let is_hex = |word: &str| word.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
    let has = |word: &str, kind: fn(&u8) -> bool| word.bytes().any(|c| kind(&c));
    let mut call = |key: &str, kind: &str| {
        let count = known.values().filter(|name| name.starts_with(kind)).count() + 1;
        known.entry(key.to_owned()).or_insert_with(|| format!("{kind}{count}")).clone()
    };
    if is_time(word) {
        return "TIME".to_owned();
    }
    if word.starts_with("local-") {
        return call(word, "RUN");
    }
    if matches!(word.len(), 8 | 12 | 16 | 40 | 64) && is_hex(word) && has(word, u8::is_ascii_digit) {
        return call(&word[..8], "HASH");
    }
    // A command's id has twelve letters and digits; people see the first five. What was decided for it is
    // counted: `-0` for events, `.1` for tasks.
    let (id, counter) = word.split_at(word.find(['.', '-']).unwrap_or(word.len()));
    // Crockford's alphabet, which spares four letters.
    let is_id = id.bytes().all(|c| c.is_ascii_digit() || (c.is_ascii_lowercase() && !b"ilou".contains(&c)));
    let is_counter = counter.len() > 1 && counter[1..].bytes().all(|c| c.is_ascii_digit());
    if is_id && is_counter && (id.len() == 12 || (id.len() == 5 && counter.starts_with('.'))) {
        return format!("{}{counter}", call(&id[..5], "ID"));
    }
    word.to_owned()
}

/// A file with this content in a folder of the test.
pub(crate) fn file(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::File::create(&path).unwrap().write_all(content).unwrap();
    path
}

#[test]
fn what_differs_from_run_to_run_is_named_and_the_rest_is_left() {
    let told = "1 2026-11-22T16:53:54.222Z task vptn9.1 done: e893bdcecfbdb33be604b523bde7cf400b6fa351, see e893bdce.\nvptn9cbztr43.1 in local-7-00ff of deadbeef";
    assert_eq!(plain(told), "1 TIME task ID1.1 done: HASH1, see HASH1.\nID1.1 in RUN1 of deadbeef");
}
