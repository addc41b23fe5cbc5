//! `automata state export`: every stored line to stdout or into a file.

use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use crate::app::failure::{Ended, Kind};
use crate::app::progress::{self, Bar};
use crate::app::world::World;
use crate::cli::StateExport;
use crate::domain::count::counted;
use crate::log::export::Heading;
use crate::report::terminal::Terminal;

/// Where an export goes, and what went wrong there.
struct Out<W> {
    to: W,
    bytes: u64,
    failed: Option<io::Error>,
    lines: u64,
    bar: Bar,
}

impl<W: Write> Out<W> {
    fn new(to: W, terminal: Terminal) -> Self {
        // The first line is the heading.
        Self { to, bytes: 0, failed: None, lines: 0, bar: progress::bar(terminal, "exporting events") }
    }

    fn write(&mut self, content: &[u8]) {
        if self.failed.is_none() {
            self.bytes += content.len() as u64;
            self.failed = self.to.write_all(content).err();
            self.lines += content.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.bar.at(self.lines.saturating_sub(1), 0);
        }
    }

    fn end(mut self) -> Result<(W, u64), io::Error> {
        self.bar.end();
        match self.failed {
            Some(error) => Err(error),
            None => self.to.flush().map(|()| (self.to, self.bytes)),
        }
    }
}

pub(super) async fn export(
    arguments: &StateExport,
    world: &World,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let log = world.git_log()?;
    let repository = world.repository.to_string();
    let Some(file) = &arguments.out else {
        let mut out = Out::new(io::stdout(), terminal);
        let heading = log.export(&repository, &mut |content| out.write(content)).await?;
        // Whoever reads only a part of it wanted no more.
        if let Err(error) = out.end()
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            return Err(unwritten("stdout", &error));
        }
        tell(&expect(heading)?, world, terminal);
        return Ok(());
    };
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = file.display().to_string();
    // Beside it, so that it can take its place at once.
    let beside = tempfile::Builder::new().prefix(".automata-export-").tempfile_in(folder);
    let mut out = Out::new(beside.map_err(|error| unwritten(&name, &error))?, terminal);
    let heading = log.export(&repository, &mut |content| out.write(content)).await?;
    let heading = expect(heading)?;
    let (written, bytes) = out.end().map_err(|error| unwritten(&name, &error))?;
    written.as_file().sync_all().map_err(|error| unwritten(&name, &error))?;
    written.persist(file).map_err(|error| unwritten(&name, &error.error))?;
    if json {
        let told = json!({
            "file": name, "sequence": heading.sequence, "chain": heading.chain, "bytes": bytes
        });
        return terminal.json(&told).map_err(Ended::bug);
    }
    terminal.data(&name);
    tell(&heading, world, terminal);
    Ok(())
}

fn expect(heading: Option<Heading>) -> Result<Heading, Ended> {
    heading.ok_or_else(|| {
        Ended::usage("there is no log yet, so nothing was exported", "The first run of the action makes one.")
    })
}

fn tell(heading: &Heading, world: &World, terminal: Terminal) {
    let events = counted(heading.sequence.0, "event", "events");
    terminal.note(&format!("exported {events}, chain {}: every line and the chain agree", heading.chain));
    if heading.keys.is_some() {
        terminal.note(&format!(
            "some of it is sealed; the keys are not in it, they lie on refs/automata/keys/{}",
            world.config.state.branch
        ));
    }
}

fn unwritten(name: &str, error: &io::Error) -> Ended {
    // What follows is a name that was drawn at random.
    let error = error.to_string();
    let error = error.split(" at path ").next().unwrap_or_default();
    Ended {
        kind: Kind::Work,
        message: format!("{name} cannot be written: {error}"),
        hints: vec!["Name another file with --out FILE.".to_owned()],
    }
}
