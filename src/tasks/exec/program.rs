//! One start of a plugin: within its bounds, with the request as its input, and its answer read and checked.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::config::PluginRule;
use crate::domain::failure::Failure;
use crate::domain::plugin::{self, Answer, Offer};
use crate::domain::untrusted::one_line;
use crate::services::process::{Ended, Exit, Limits, Order, Programs, Room};
use crate::services::secrets::Secret;

/// The exit code of a plugin that says "try again later": `EX_TEMPFAIL` of sysexits(3).
const TRY_AGAIN: i32 = 75;
/// Lines of what it wrote to standard error that are kept.
const LINES: usize = 15;
/// Characters of each of them.
const WIDTH: usize = 300;
/// Shorter values are words, and no secrets.
const SECRET: usize = 8;

/// What is started.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The plugin's name.
    pub name: &'a str,
    /// What the configuration says of it.
    pub rule: &'a PluginRule,
    /// Variables that it is handed.
    pub handed: &'a BTreeMap<String, Secret>,
    /// The folder in which it is started; none: one of its own, which is empty.
    pub folder: Option<&'a Path>,
}

/// What it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its answer as it came, without the values that it was handed.
    pub answer: String,
    /// The last lines of its standard error, harmless and without the values that it was handed.
    pub told: String,
    /// Which bounds this machine could not set, whole sentences.
    pub notes: Vec<String>,
}

/// Starts it with this on its standard input, and reads its answer.
///
/// # Errors
/// A transient failure when it says to try again or was killed; a permanent one when it failed, took too long, or answered
/// what is none or is not allowed. Then nothing of the answer counts.
pub async fn ask(
    programs: &dyn Programs,
    asked: &Asked<'_>,
    offer: &Offer,
    input: &str,
) -> Result<(Said, Answer), Failure> {
    let room = Room::new().map_err(|error| no_room(&error))?;
    let own = room.exchange();
    // Bounds are about real places.
    let folder = asked.folder.unwrap_or(&own).canonicalize().map_err(|error| no_room(&error))?;
    let rule = asked.rule;
    // A variable that names a folder is of use only if that can be read: a toolchain's, say.
    let readable = asked.handed.values().map(|value| Path::new(value.expose()).to_owned());
    let readable = readable.filter(|path| path.is_absolute() && path.exists()).collect();
    let order = Order {
        program: rule.run.iter().map(|word| word.as_str().to_owned()).collect(),
        folder,
        environment: asked.handed.clone(),
        stdin: input.as_bytes().to_vec(),
        time: Duration::from_secs(rule.seconds),
        limits: limits(rule),
        network: rule.network,
        readable,
        required: false,
    };
    let ended = programs.run(&order, &room).await?;
    let told = last_lines(&scrubbed(ended.stderr.text(), asked));
    came_to_a_good_end(asked, &ended, &told)?;
    if !ended.stdout.is_whole() {
        return Err(refused(asked.name, &["more was written than is ever read".to_owned()], &told));
    }
    let answer = scrubbed(ended.stdout.text(), asked);
    let read = offer.read(&answer).map_err(|faults| refused(asked.name, &faults, &told))?;
    Ok((Said { answer, told, notes: ended.notes }, read))
}

fn limits(rule: &PluginRule) -> Limits {
    let bytes = rule.megabytes << 20;
    Limits { memory_bytes: bytes, together_bytes: Some(bytes), ..Limits::default() }
}

fn came_to_a_good_end(asked: &Asked<'_>, ended: &Ended, told: &str) -> Result<(), Failure> {
    let (name, seconds) = (asked.name, asked.rule.seconds);
    let (is_passing, code, what) = match ended.exit {
        Exit::Code(0) => return Ok(()),
        Exit::Code(TRY_AGAIN) => (true, plugin::BUSY, "says to try again later".to_owned()),
        Exit::Code(code) => (false, plugin::FAILED, format!("ended with exit code {code}")),
        Exit::Signal(signal) => (true, plugin::KILLED, format!("was ended by signal {signal}")),
        Exit::Outgrown => {
            let told = format!("used more than {} MB of memory and was ended", asked.rule.megabytes);
            (false, plugin::OUT_OF_MEMORY, told)
        }
        Exit::TimedOut => {
            (false, plugin::OUT_OF_TIME, format!("was not done within {seconds} s and was ended"))
        }
    };
    let message = format!("the plugin `{name}` {what}{}", words(told));
    Err(if is_passing { Failure::transient(code, message) } else { Failure::permanent(code, message) }
        .hint(hint(name)))
}

/// The failure of an answer of which nothing is done.
fn refused(name: &str, faults: &[String], told: &str) -> Failure {
    let message =
        format!("nothing of the answer of the plugin `{name}` is done: {}{}", faults.join("; "), words(told));
    Failure::permanent(plugin::BAD_ANSWER, message).hint(hint(name))
}

fn hint(name: &str) -> String {
    format!(
        "Mend it, see that `automata plugin check {name}` is content, then `automata tasks revive` the task."
    )
}

fn words(told: &str) -> String {
    if told.is_empty() { String::new() } else { format!(". Its last words:\n{told}") }
}

fn no_room(error: &std::io::Error) -> Failure {
    Failure::transient("no_room", format!("the folders for a plugin cannot be made: {error}"))
}

/// What it was handed and could have printed.
fn scrubbed(text: String, asked: &Asked<'_>) -> String {
    let values = asked.handed.values().map(Secret::expose).filter(|value| value.len() >= SECRET);
    values.fold(text, |text, value| text.replace(value, "[secret]"))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<String> =
        text.lines().filter(|line| !line.trim().is_empty()).map(|line| one_line(line, WIDTH)).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
