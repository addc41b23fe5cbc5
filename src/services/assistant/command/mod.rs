//! Assistants that are programs: each is started in the work folder, and what it leaves there is its change.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use super::absent::MISSING;
use super::{Answer, Answered, Answers, Assistant, Change, Proposal, Request};
use crate::domain::circuit::{KILLED, OUT_OF_MEMORY, OUT_OF_TIME};
use crate::domain::failure::Failure;
use crate::domain::untrusted::{one_line, unhidden};
use crate::domain::usage::Usage;
use crate::services::clock::Clock;
use crate::services::process::{self, Ended, Exit, Limits, Order, Output, Programs, Room};
use crate::services::secrets::Secret;

pub use recipe::{Keys, Recipe};

pub mod answer;
pub mod presets;
mod recipe;

/// The exit code of a program that says "try again later": `EX_TEMPFAIL` of sysexits(3).
const TRY_AGAIN: i32 = 75;
/// Lines of a failed program's output that are told.
const LINES_TOLD: usize = 15;
/// Characters of each of them.
const WIDTH: usize = 300;
/// Characters of a summary: a paragraph, and no page.
const SUMMARY: usize = 600;
/// Bytes of a report that are read.
const REPORT: usize = 64 * 1024;

/// An assistant that is a program.
pub struct Command {
    recipe: Recipe,
    /// Variables that are set here, as far as the recipe names them.
    variables: BTreeMap<String, Secret>,
    programs: Arc<dyn Programs>,
    clock: Arc<dyn Clock>,
}

impl Command {
    /// With the variables that the recipe names, as far as they are set.
    #[must_use]
    pub fn new(
        recipe: Recipe,
        variables: BTreeMap<String, Secret>,
        programs: Arc<dyn Programs>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { recipe, variables, programs, clock }
    }

    /// The keys that it gets, by the names that it knows.
    fn keys(&self) -> Result<BTreeMap<String, Secret>, Failure> {
        let set = |(here, there): &(String, String)| Some((there.clone(), self.variables.get(here)?.clone()));
        let mut found = self.recipe.keys.list().iter().filter_map(set);
        let keys: BTreeMap<String, Secret> = match &self.recipe.keys {
            Keys::First(_) => found.next().into_iter().collect(),
            Keys::All(_) | Keys::Wanted(_) => found.collect(),
        };
        if !keys.is_empty() || matches!(self.recipe.keys, Keys::Wanted(_)) {
            return Ok(keys);
        }
        let names: Vec<&str> = self.recipe.variables().collect();
        let message =
            format!("The assistant `{}` has no key: {} is not set.", self.recipe.name, names.join(" or "));
        Err(Failure::permanent("assistant_key_missing", message)
            .hint("Put the key into a secret of the repository, and hand it to the step with `env:`."))
    }

    fn order(&self, request: &Request, folder: &Path, room: &Room) -> Result<Order, Failure> {
        let exchange = room.exchange();
        let (prompt, report) = (exchange.join("prompt.md"), exchange.join("report.json"));
        std::fs::write(&prompt, &request.prompt).map_err(|error| no_room(&error))?;
        let mut environment = self.keys()?;
        let shown = |path: &Path| path.to_string_lossy().into_owned();
        // A variable that names a folder is of use only if that can be read: a toolchain's, say.
        let is_folder = |value: &&Secret| Path::new(value.plain()).is_absolute();
        let secrets = environment.values().filter(|value| !is_folder(value));
        secrets.for_each(Secret::guard);
        let readable = environment.values().map(|value| Path::new(value.plain()).to_owned());
        let readable = readable.filter(|path| path.is_absolute() && path.exists()).collect();
        let settings = self.recipe.settings.iter().map(|(name, value)| (name.clone(), Secret::new(value)));
        environment.extend(settings);
        environment.insert("AUTOMATA_PROMPT".to_owned(), Secret::new(shown(&prompt)));
        environment.insert("AUTOMATA_REPORT".to_owned(), Secret::new(shown(&report)));
        let steps = request.allowance.steps.to_string();
        let filled = |word: &String| {
            word.replace("{prompt}", &shown(&prompt))
                .replace("{exchange}", &shown(&exchange))
                .replace("{steps}", &steps)
        };
        Ok(Order {
            program: self.recipe.program.iter().map(filled).collect(),
            folder: folder.to_owned(),
            environment,
            stdin: if self.recipe.by_stdin { request.prompt.clone().into_bytes() } else { Vec::new() },
            time: request.allowance.time,
            limits: Limits::default(),
            network: self.recipe.network,
            readable,
            required: false,
        })
    }

    async fn attempt(
        &self,
        request: &Request,
        (used, answers): (&mut Usage, &mut Answers),
    ) -> Result<Proposal, Failure> {
        let folder = request.folder.as_deref();
        let folder = folder.ok_or_else(|| Failure::permanent("bug", "no folder was handed out"))?;
        // Bounds are about real places.
        let folder = folder.canonicalize().map_err(|error| no_room(&error))?;
        let room = Room::new().map_err(|error| no_room(&error))?;
        let order = self.order(request, &folder, &room)?;
        let litter = Litter::before(&folder, self.recipe.litter);
        let ended = self.programs.run(&order, &room).await.map_err(|failure| self.unstarted(failure))?;
        litter.remove();
        let told = self.told(&ended, &room);
        *used += told.usage;
        *answers = told
            .answers
            .into_iter()
            .map(|(thread, said)| {
                let text = unhidden(&scrubbed(said.text, &order));
                (thread, Answered { text, ..said })
            })
            .collect();
        self.judge(request, &order, &ended)?;
        let summary = told.summary.map(|text| one_line(&unhidden(&scrubbed(text, &order)), SUMMARY));
        let summary = summary.unwrap_or_else(|| format!("Changed by {}.", self.recipe.name));
        let summary = ended.notes.iter().fold(summary, |summary, note| format!("{summary} {note}"));
        Ok(Proposal { change: Change::Folder, summary })
    }

    /// What the program says about its work: in its report, else in its output.
    fn told(&self, ended: &Ended, room: &Room) -> answer::Told {
        let report = room.handed_back("report.json", REPORT);
        let Some(mut told) = report.and_then(|bytes| answer::report(&String::from_utf8_lossy(&bytes))) else {
            return answer::read(self.recipe.reading, &ended.stdout.text());
        };
        // A report may only say what is answered; the output tells the rest then.
        if told.summary.is_none() || told.usage.is_nothing() {
            let read = answer::read(self.recipe.reading, &ended.stdout.text());
            told.summary = told.summary.or(read.summary);
            told.usage = if told.usage.is_nothing() { read.usage } else { told.usage };
        }
        told
    }

    fn unstarted(&self, failure: Failure) -> Failure {
        if failure.code != process::MISSING {
            return failure;
        }
        let message = format!("The assistant `{}` is not there: {failure}.", self.recipe.name);
        Failure::permanent(MISSING, message).hint(self.recipe.install.clone())
    }

    /// Whether it came to a good end.
    fn judge(&self, request: &Request, order: &Order, ended: &Ended) -> Result<(), Failure> {
        let name = &self.recipe.name;
        let (is_passing, code, what) = match ended.exit {
            Exit::Code(0) => return Ok(()),
            Exit::TimedOut => {
                let minutes = request.allowance.time.as_secs().div_ceil(60);
                (true, OUT_OF_TIME, format!("took longer than {minutes} min and was ended"))
            }
            Exit::Outgrown => (false, OUT_OF_MEMORY, "held more memory than it may and was ended".to_owned()),
            Exit::Signal(signal) => (true, KILLED, format!("was ended by signal {signal}")),
            Exit::Code(TRY_AGAIN) => (true, "assistant_busy", "says to try again later".to_owned()),
            Exit::Code(code) => (false, "assistant_failed", format!("ended with exit code {code}")),
        };
        let last = last_lines(&ended.stderr, order)
            .or_else(|| last_lines(&ended.stdout, order))
            .map_or_else(String::new, |lines| format!(" Its last words:\n{lines}"));
        let message = format!("The assistant `{name}` {what}.{last}");
        Err(if is_passing { Failure::transient(code, message) } else { Failure::permanent(code, message) })
    }
}

#[async_trait]
impl Assistant for Command {
    fn name(&self) -> &str {
        &self.recipe.name
    }

    fn needs_folder(&self) -> bool {
        true
    }

    async fn propose(&self, request: &Request) -> Answer {
        let began = self.clock.now();
        let (mut usage, mut answers) = (Usage::default(), Answers::new());
        let outcome = self.attempt(request, (&mut usage, &mut answers)).await;
        let took = self.clock.now().as_millis() - began.as_millis();
        usage.milliseconds = u64::try_from(took).unwrap_or_default();
        Answer { outcome, usage, answers }
    }
}

fn no_room(error: &std::io::Error) -> Failure {
    Failure::transient("no_work_folder", format!("The folders for an assistant cannot be made: {error}."))
}

/// The end of what it wrote, harmless and without the keys it was given; none where it wrote nothing.
fn last_lines(output: &Output, order: &Order) -> Option<String> {
    let text = scrubbed(output.text(), order);
    let lines: Vec<String> =
        text.lines().filter(|line| !line.trim().is_empty()).map(|line| one_line(line, WIDTH)).collect();
    let told = &lines[lines.len().saturating_sub(LINES_TOLD)..];
    (!told.is_empty()).then(|| told.join("\n"))
}

/// What it was given and could have printed. Short values are words, and no secrets.
fn scrubbed(text: String, order: &Order) -> String {
    let secrets = order.environment.iter().filter(|(name, _)| !name.starts_with("AUTOMATA_"));
    let values = secrets.map(|(_, value)| value.plain()).filter(|value| value.len() >= 8);
    values.fold(text, |text, value| text.replace(value, "[secret]"))
}

/// Files that a program leaves in the work folder for itself, told by how their names begin.
struct Litter<'a> {
    folder: &'a Path,
    prefix: Option<&'static str>,
    before: Vec<std::ffi::OsString>,
}

impl<'a> Litter<'a> {
    fn before(folder: &'a Path, prefix: Option<&'static str>) -> Self {
        let mut litter = Self { folder, prefix, before: Vec::new() };
        litter.before = litter.named();
        litter
    }

    fn named(&self) -> Vec<std::ffi::OsString> {
        let Some(prefix) = self.prefix else { return Vec::new() };
        let entries = std::fs::read_dir(self.folder).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.file_name())
            .filter(|name| name.to_str().is_some_and(|name| name.starts_with(prefix)))
            .collect()
    }

    /// Removes what was not there before.
    fn remove(&self) {
        for name in self.named().iter().filter(|name| !self.before.contains(name)) {
            let path = self.folder.join(name);
            // What cannot be removed shows in the change, where people see it.
            let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir_all(&path));
        }
    }
}
