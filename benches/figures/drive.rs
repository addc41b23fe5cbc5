//! Google Drive: the same work by Automata and by rclone, over the same simulated Drive in the same run. Without rclone and
//! openssl on the PATH only ours is measured. The word `gigabyte` makes the one large file 1 GiB.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use automata::services::clock::SystemClock;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::measure::{Row, timed_async};
use crate::program::binary;
use crate::relay::{Certificate, Relay};
use crate::world::drive::{DriveWorld, Fault};

const MONA: &str = "mona@acme.example";
/// Time that a request to Google takes beside its work, as it is from a runner.
const LATENCY: Duration = Duration::from_millis(40);
/// Small files.
const FILES: usize = 1_000;
/// Bytes of the one large file, without the word `gigabyte`.
const LARGE: usize = 64 * 1024 * 1024;
/// Bytes of a file that meets bad luck.
const UNLUCKY: usize = 8 * 1024 * 1024;
/// Bytes of its parts.
const PART_KIB: usize = 1024;

/// Who does the work.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Ours,
    Rclone,
}

impl Who {
    const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Rclone => "rclone",
        }
    }
}

/// A Drive, the way there, and a folder here.
struct Place {
    world: DriveWorld,
    relay: Relay,
    certificate: PathBuf,
    folder: TempDir,
    docs: String,
    /// The same for each start: whoever starts a program again has the credentials that they had before.
    credentials: String,
}

impl Place {
    async fn new(part_kib: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::made(folder.path())?;
        let world = DriveWorld::start_by(Arc::new(SystemClock));
        let relay = Relay::start(world.url(), LATENCY, &certificate).await;
        let docs = world.folder(MONA, &world.root_of(MONA), "docs");
        let config = format!(
            "drive:\n  url: {}\n  folders: {{docs: {docs}}}\n  limits: {{part_kib: {part_kib}}}\n",
            relay.plain
        );
        std::fs::create_dir(folder.path().join(".github")).unwrap();
        std::fs::write(folder.path().join(".github/automata.yml"), config).unwrap();
        let credentials = world.authorized_user_json(MONA);
        Some(Self { world, relay, certificate: certificate.file, folder, docs, credentials })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As many at once as ours, and without the pause of 100 ms between two requests that rclone makes otherwise.
    fn rclone(&self, part_kib: usize, arguments: &[&str]) -> Command {
        std::fs::write(self.path("rclone.conf"), self.rclone_config()).unwrap();
        let mut command = Command::new("rclone");
        command
            .args(arguments)
            .args(["--transfers", "8", "--drive-pacer-min-sleep", "1ms", "--retries", "1"])
            .args([
                "--drive-chunk-size",
                &format!("{part_kib}Ki"),
                "--drive-upload-cutoff",
                &format!("{}Ki", part_kib.min(5 * 1024)),
            ])
            .arg("--config")
            .arg(self.path("rclone.conf"))
            .arg("--ca-cert")
            .arg(&self.certificate)
            .env("HTTPS_PROXY", &self.relay.proxy);
        command
    }

    /// Written anew before each start, as on a runner: both sign in with the same refresh token, which costs a request.
    fn rclone_config(&self) -> String {
        let ours: Value = serde_json::from_str(&self.credentials).unwrap();
        let token = json!({
            "access_token": "over", "token_type": "Bearer", "refresh_token": ours["refresh_token"],
            "expiry": "2020-01-01T00:00:00Z",
        });
        let (id, secret) = (ours["client_id"].as_str().unwrap(), ours["client_secret"].as_str().unwrap());
        format!(
            "[google]\ntype = drive\nscope = drive\nroot_folder_id = {}\nclient_id = {id}\nclient_secret = {secret}\n\
             token_url = {}/token\ntoken = {token}\n",
            self.docs, self.relay.plain
        )
    }

    fn ours(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GOOGLE_CREDENTIALS", &self.credentials)
            .env("AUTOMATA_CACHE", self.path("cache"))
            .env("NO_PROXY", "127.0.0.1")
            .env_remove("GITHUB_REPOSITORY");
        command
    }

    /// How long it takes, and how many requests.
    async fn measured(&self, mut command: Command) -> (Duration, usize) {
        self.relay.requests();
        let (time, ended) = timed_async(tokio::task::spawn_blocking(move || command.output())).await;
        well(&ended.unwrap().unwrap());
        (time, self.relay.requests())
    }
}

fn well(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn is_there(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

pub(crate) async fn figures(with_gigabyte: bool) -> Vec<Row> {
    if !is_there("openssl", "version") {
        return vec![Row::detail("Drive", "left out: the certificate of the simulated Google needs openssl")];
    }
    let mut rows = Vec::new();
    let everybody: &[Who] = if is_there("rclone", "version") {
        &[Who::Ours, Who::Rclone]
    } else {
        rows.push(Row::detail("Drive beside rclone", "rclone is not on the PATH: ours alone"));
        &[Who::Ours]
    };
    let large = if with_gigabyte { 1024 * 1024 * 1024 } else { LARGE };
    let (mut small, mut again, mut one) = (Vec::new(), Vec::new(), Vec::new());
    for who in everybody {
        let (first, second) = many(*who).await;
        small.push(first);
        again.push(second);
        one.push(large_one(*who, large).await);
    }
    rows.extend(beside(&format!("{FILES} small files to Drive"), &small));
    rows.extend(beside("the same again, nothing changed", &again));
    rows.extend(beside(&format!("one file of {} MiB", large / 1024 / 1024), &one));
    for bad_luck in [BadLuck::Refused, BadLuck::KeptInPart, BadLuck::Killed] {
        for who in everybody {
            rows.push(unlucky(*who, bad_luck).await);
        }
    }
    rows
}

/// One row for the time and one for the requests.
fn beside(what: &str, measured: &[(Duration, usize)]) -> Vec<Row> {
    let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    let (ours, asked) = measured[0];
    match measured.get(1) {
        Some((theirs, theirs_asked)) => vec![
            Row::goal(what, seconds(ours), format!("<= rclone's {}", seconds(*theirs)), ours <= *theirs),
            Row::goal(
                format!("{what}, requests"),
                asked.to_string(),
                format!("<= rclone's {theirs_asked}"),
                asked <= *theirs_asked,
            ),
        ],
        None => vec![
            Row::detail(what, seconds(ours)),
            Row::detail(format!("{what}, requests"), asked.to_string()),
        ],
    }
}

/// Many small files, and the same again.
async fn many(who: Who) -> ((Duration, usize), (Duration, usize)) {
    let place = Place::new(16 * 1024).await.unwrap();
    let here = place.path("here");
    std::fs::create_dir(&here).unwrap();
    for number in 0..FILES {
        std::fs::write(here.join(format!("{number}.txt")), format!("file {number}\n")).unwrap();
    }
    let run = async || {
        let here = here.to_string_lossy();
        let command = match who {
            Who::Ours => place.ours(&["drive", "sync", &here, "docs:"]),
            Who::Rclone => place.rclone(8 * 1024, &["copy", "--checksum", &here, "google:"]),
        };
        place.measured(command).await
    };
    let (first, second) = (run().await, run().await);
    assert_eq!(place.world.tree(&place.docs).len(), FILES, "{}", who.name());
    place.world.take_violations();
    (first, second)
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| u8::try_from((at / 7 + at % 251) % 256).unwrap()).collect()
}

/// One large file; each with the size of parts that it has when nothing is said.
async fn large_one(who: Who, size: usize) -> (Duration, usize) {
    let place = Place::new(16 * 1024).await.unwrap();
    std::fs::write(place.path("large.bin"), content(size)).unwrap();
    let command = match who {
        Who::Ours => place.ours(&["drive", "put", "large.bin", "docs:"]),
        Who::Rclone => place
            .rclone(8 * 1024, &["copyto", &place.path("large.bin").to_string_lossy(), "google:large.bin"]),
    };
    let measured = place.measured(command).await;
    arrived(&place, size);
    place.world.take_violations();
    measured
}

fn arrived(place: &Place, size: usize) {
    let named = ["large.bin", "unlucky.bin"].map(|name| place.world.named(&place.docs, name)).concat();
    let [id] = &named[..] else { panic!("one file") };
    assert!(place.world.content(id) == content(size), "it came as it was");
}

/// What happens on the way.
#[derive(Clone, Copy, PartialEq)]
enum BadLuck {
    /// One 503 on the first part.
    Refused,
    /// Half of a part is kept.
    KeptInPart,
    /// The process is killed after seven parts, and started again.
    Killed,
}

/// Bytes sent for a file that meets bad luck, in parts of its size.
async fn unlucky(who: Who, bad_luck: BadLuck) -> Row {
    let what = match bad_luck {
        BadLuck::Refused => "one 503 on the first part",
        BadLuck::KeptInPart => "half a part kept",
        BadLuck::Killed => "killed after seven parts of eight, started again",
    };
    let place = Place::new(PART_KIB).await.unwrap();
    std::fs::write(place.path("unlucky.bin"), content(UNLUCKY)).unwrap();
    match bad_luck {
        BadLuck::Refused => place.world.plan("upload.chunk", Fault::Html(503)),
        BadLuck::KeptInPart => {
            place.world.plan("upload.chunk", Fault::KeepOnly(PART_KIB as u64 * 512));
        }
        BadLuck::Killed => place.world.plan_after("upload.chunk", 7, Fault::Hang),
    }
    // The one command of ours that outlives its process is the task: its log is in the folder.
    let log = place.folder.path().to_string_lossy().into_owned();
    let local = ["--forge", "local", "--directory", &log];
    if who == Who::Ours {
        let input = r#"{"file": "unlucky.bin", "folder": "docs:"}"#;
        seed(place.folder.path());
        let add = ["tasks", "add", "drive_put", "--input", input];
        well(&place.ours(&[&add[..], &local].concat()).output().unwrap());
    }
    let command = || match who {
        Who::Ours => place.ours(&[&["drain"][..], &local].concat()),
        Who::Rclone => place.rclone(
            PART_KIB,
            &["copyto", &place.path("unlucky.bin").to_string_lossy(), "google:unlucky.bin"],
        ),
    };
    if bad_luck == BadLuck::Killed {
        let mut child: Child = command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        place.world.hangs().await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut last = command();
    let ended = tokio::task::spawn_blocking(move || last.output()).await.unwrap().unwrap();
    let violations = place.world.take_violations().len();
    let sent = format!("{:.2} times its bytes", ratio(place.world.received()));
    let measured = if ended.status.success() { sent } else { format!("given up after {sent}") };
    if ended.status.success() {
        arrived(&place, UNLUCKY);
    }
    let name = format!("{what}, {}", who.name());
    match who {
        Who::Ours => {
            // What did not arrive, or was not kept, has to be sent again; nothing else is.
            let needed = UNLUCKY as u64 + place.world.not_kept();
            let is_met = ended.status.success() && violations == 0 && place.world.received() == needed;
            Row::goal(name, measured, format!("{:.2}: no byte that was kept again", ratio(needed)), is_met)
        }
        Who::Rclone => Row::detail(name, measured),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
fn ratio(received: u64) -> f64 {
    received as f64 / UNLUCKY as f64
}

/// A repository with this configuration, for the log.
fn seed(folder: &Path) {
    let config = std::fs::read_to_string(folder.join(".github/automata.yml")).unwrap();
    let files = [(".github/automata.yml", config.as_str())];
    let time = "2026-11-22T10:00:00Z".parse().unwrap();
    automata::services::git::playground::seed(&folder.join("repository.git"), &files, time).unwrap();
}
