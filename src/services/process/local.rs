//! Programs on this machine.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::{Fuse, FusedFuture as _};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};

use super::confinement::{Confinement, Note};
use super::group::Group;
use super::{Ended, Exit, MISSING, Order, Output, Programs, Room, UNBOUNDED, keeper, sockets};
use crate::domain::failure::Failure;
use crate::services::clock::Clock;

/// How long a program that took too long has to put its things in order.
const GRACE: Duration = Duration::from_secs(5);
/// How long its output is read on when it and its children have ended: longer only if one of them could not be found.
const DRAIN: Duration = Duration::from_secs(5);
/// Bytes read at once.
const CHUNK: usize = 16 * 1024;
/// Bytes of notes that are read: a sentence each, and there are few.
const NOTES: u64 = 64 * 1024;

/// Starts programs on this machine.
pub struct Local {
    /// Our own program, which is what is started first.
    stub: PathBuf,
    /// Where programs are looked for.
    path: OsString,
    clock: Arc<dyn Clock>,
    surroundings: Surroundings,
}

/// What lies around us on this machine, and is none of a program's business.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The home of whoever runs us.
    pub home: Option<PathBuf>,
    /// Sockets of services that variables tell: ssh-agent's, Docker's, D-Bus's.
    pub services: Vec<PathBuf>,
}

impl Local {
    /// With our own program's path, and the PATH that programs are looked for in and are given.
    #[must_use]
    pub fn new(stub: PathBuf, path: OsString, clock: Arc<dyn Clock>) -> Self {
        Self { stub, path, clock, surroundings: Surroundings::default() }
    }

    /// The same that knows what lies around us.
    #[must_use]
    pub fn amid(self, surroundings: Surroundings) -> Self {
        Self { surroundings, ..self }
    }

    /// The file of a program.
    fn find(&self, name: &str, folder: &Path) -> Option<PathBuf> {
        if name.contains('/') {
            return Some(folder.join(name)).filter(|file| is_program(file));
        }
        std::env::split_paths(&self.path).map(|place| place.join(name)).find(|file| is_program(file))
    }

    fn command(&self, program: &Path, order: &Order, room: &Room) -> Result<Command, Failure> {
        let confinement = self.confinement(program, order, room);
        let confinement =
            serde_json::to_string(&confinement).map_err(|error| not_started(program, &error.to_string()))?;
        let mut command = Command::new(&self.stub);
        command
            .args([keeper::NAME, "--bounds", &confinement, "--"])
            .arg(program)
            .args(order.program.iter().skip(1));
        command
            .env_clear()
            .env("PATH", &self.path)
            .env("LANG", "C.UTF-8")
            .env("TERM", "dumb")
            .env("NO_COLOR", "1");
        command.envs(order.environment.iter().map(|(name, value)| (name, value.plain())));
        // Last, so that no setting replaces them. Children are known by their home, which the keeper has not.
        command.env_remove("HOME").env("TMPDIR", room.temporary());
        command.current_dir(&order.folder).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    fn confinement(&self, program: &Path, order: &Order, room: &Room) -> Confinement {
        let mut readable = order.readable.clone();
        let places: Vec<PathBuf> =
            std::env::split_paths(&self.path).filter(|place| place.is_absolute()).collect();
        // `shims` belong to a version manager (pyenv, rbenv, asdf, mise), whose versions lie beside them.
        let shims = places.iter().filter(|place| place.ends_with("shims"));
        readable.extend(shims.filter_map(|place| place.parent()).map(Path::to_owned));
        readable.extend(places);
        readable.extend(installed_in(program));
        readable.retain(|place| !self.is_too_much(place));
        let mut writable = room.own().to_vec();
        writable.push(order.folder.clone());
        let limits = order.limits;
        Confinement {
            parent: std::process::id(),
            stub: self.stub.clone(),
            notes: room.notes(),
            home: room.home(),
            readable,
            writable,
            network: order.network,
            services: sockets::known(&self.surroundings.services),
            cpu_seconds: limits.cpu_seconds,
            memory_bytes: limits.memory_bytes,
            together_bytes: limits.together_bytes,
            file_bytes: limits.file_bytes,
            processes: limits.processes,
            required: order.required,
        }
    }

    /// Whether a folder holds all that whoever runs us has, or the whole machine.
    fn is_too_much(&self, place: &Path) -> bool {
        let Ok(place) = place.canonicalize() else { return false };
        let home = self.surroundings.home.as_ref().and_then(|home| home.canonicalize().ok());
        place.parent().is_none() || home.is_some_and(|home| home.starts_with(&place))
    }

    /// Waits for the end of the program, and makes an end of it when its time is over.
    async fn ended(
        &self,
        child: &mut Child,
        group: &Group,
        order: &Order,
        mut streams: Pin<&mut Fuse<impl Future<Output = ()>>>,
    ) -> std::io::Result<Exit> {
        let in_time = tokio::select! {
            status = child.wait() => Some(status?),
            () = self.clock.sleep(order.time) => None,
            () = never(streams.as_mut()) => None,
        };
        if in_time.is_none() {
            group.ask_to_end();
            tokio::select! {
                status = child.wait() => { status?; }
                () = self.clock.sleep(GRACE) => {}
                () = never(streams.as_mut()) => {}
            }
        }
        group.have_ended();
        let status = tokio::select! {
            status = child.wait() => status?,
            () = self.clock.sleep(DRAIN) => return Ok(Exit::TimedOut),
            () = never(streams.as_mut()) => return Ok(Exit::TimedOut),
        };
        group.keeper_ended();
        if !streams.is_terminated() {
            tokio::select! {
                () = streams => {}
                () = self.clock.sleep(DRAIN) => {}
            }
        }
        Ok(in_time.map_or(Exit::TimedOut, |_| exit(status)))
    }
}

#[async_trait]
impl Programs for Local {
    async fn run(&self, order: &Order, room: &Room) -> Result<Ended, Failure> {
        let name = order.program.first().map_or("", String::as_str);
        let program = self
            .find(name, &order.folder)
            .ok_or_else(|| Failure::permanent(MISSING, format!("there is no program `{name}` here")))?;
        keep_our_environment_to_ourselves();
        let notes = room.new_notes().map_err(|error| not_started(&program, &error.to_string()))?;
        let mut child = self
            .command(&program, order, room)?
            .spawn()
            .map_err(|error| not_started(&program, &error.to_string()))?;
        let group = Group::new(child.id(), &room.home());
        let (stdout, stderr) = (Mutex::default(), Mutex::default());
        let streams = futures_util::future::join3(
            feed(child.stdin.take(), &order.stdin),
            read(child.stdout.take(), &stdout),
            read(child.stderr.take(), &stderr),
        );
        let exit = {
            let mut streams = std::pin::pin!(streams.map(|_| ()).fuse());
            self.ended(&mut child, &group, order, streams.as_mut()).await
        };
        let exit = exit.map_err(|error| not_started(&program, &error.to_string()))?;
        let (notes, told) = read_notes(notes, &program)?;
        let exit = told.filter(|told| exit != Exit::TimedOut || *told == Exit::Outgrown).unwrap_or(exit);
        let taken = |output: Mutex<Output>| output.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Ended { exit, stdout: taken(stdout), stderr: taken(stderr), notes })
    }
}

/// Works without ever coming back.
async fn never(work: Pin<&mut Fuse<impl Future<Output = ()>>>) {
    work.await;
    std::future::pending().await
}

/// A program that does not read all of its input is none that failed.
async fn feed(stdin: Option<ChildStdin>, bytes: &[u8]) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(bytes).await;
    }
}

async fn read(stream: Option<impl AsyncRead + Unpin>, output: &Mutex<Output>) {
    let Some(mut stream) = stream else { return };
    let mut chunk = vec![0; CHUNK];
    while let Ok(count @ 1..) = stream.read(&mut chunk).await {
        output.lock().unwrap_or_else(PoisonError::into_inner).take(&chunk[..count]);
    }
}

/// Which bounds could not be set, and how the program ended by the keeper's word.
fn read_notes(mut file: File, program: &Path) -> Result<(Vec<String>, Option<Exit>), Failure> {
    let mut bytes = Vec::new();
    // The file that was opened before the program began, whatever lies in its place by now.
    let read = file.rewind().and_then(|()| file.take(NOTES).read_to_end(&mut bytes));
    read.map_err(|error| not_started(program, &format!("its notes cannot be read: {error}")))?;
    let text = String::from_utf8_lossy(&bytes);
    let (mut notes, mut exit) = (Vec::new(), None);
    for note in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
        match note {
            Note::Unbounded(note) => notes.push(note),
            Note::NotStarted(reason) => return Err(not_started(program, &reason)),
            Note::Refused(reason) => return Err(unbounded(&reason)),
            Note::Outgrown => exit = Some(Exit::Outgrown),
            // Why it was ended says more than how.
            Note::Ended(_) | Note::Killed(_) if exit == Some(Exit::Outgrown) => {}
            Note::Ended(code) => exit = Some(Exit::Code(code)),
            Note::Killed(signal) => exit = Some(Exit::Signal(signal)),
        }
    }
    Ok((notes, exit))
}

fn not_started(program: &Path, reason: &str) -> Failure {
    Failure::permanent("program_not_started", format!("{} could not be started: {reason}", program.display()))
}

fn unbounded(reason: &str) -> Failure {
    let message = format!(
        "nothing was started, because `sandbox: required` wants bounds that this machine cannot set: {reason}"
    );
    Failure::permanent(UNBOUNDED, message).hint(
        "Run on Linux 6.2 or newer with Landlock, as GitHub's own runners are, or take `sandbox: required` out of .github/automata.yml.",
    )
}

/// How the keeper ended, which counts where that did not say how the program did.
fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or_default()),
    }
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The folders without which a program does not run: its own, and where it was installed as a package of npm or in
/// an environment of Python's.
fn installed_in(program: &Path) -> Vec<PathBuf> {
    let Ok(file) = program.canonicalize() else { return Vec::new() };
    let mut folders: Vec<PathBuf> = file.parent().map(Path::to_owned).into_iter().collect();
    let packages =
        file.ancestors().filter(|folder| folder.file_name().is_some_and(|name| name == "node_modules"));
    folders.extend(packages.last().map(Path::to_owned));
    let environment =
        file.parent().and_then(Path::parent).filter(|folder| folder.join("pyvenv.cfg").is_file());
    if let Some(environment) = environment {
        folders.push(environment.to_owned());
        // The interpreter of such an environment is a link to that of another place: `…/bin/python3`.
        let interpreter = environment.join("bin/python").canonicalize().ok();
        folders
            .extend(interpreter.as_deref().and_then(Path::parent).and_then(Path::parent).map(Path::to_owned));
    }
    folders
}

/// Otherwise a child of the same user could read our environment, tokens and all, under `/proc`, where no Landlock
/// keeps it from that.
fn keep_our_environment_to_ourselves() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        tracing::warn!(%error, "our own environment could not be hidden from the programs we start");
    }
}
