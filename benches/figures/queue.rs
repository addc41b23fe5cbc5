//! The queue's rates: how fast tasks come in, are claimed and are done, on a log that outlives a power cut.
//!
//! Tasks are milestones, which do nothing, so that what is measured is the queue. The log is a branch of a bare
//! repository on this machine's disk, with git's `core.fsyncObjectFiles`: an append has reached the disk when it
//! returns.

use std::path::PathBuf;
use std::process::Command as Process;
use std::sync::Arc;
use std::time::Duration;

use automata::app::{Session, Until, drain};
use automata::config::Config;
use automata::domain::actor::{Actor, ActorKind};
use automata::domain::command::{Command, Outcome};
use automata::domain::event::Event;
use automata::domain::id::{Login, RepositoryName, RunId, TaskId};
use automata::domain::input;
use automata::domain::payload::Payload;
use automata::domain::room::Room;
use automata::domain::spec::TaskRequest;
use automata::domain::subject::Subject;
use automata::domain::task::DEFAULT_LEASE;
use automata::log::EventLog;
use automata::services::clock::SystemClock;
use automata::services::entropy::Entropy;
use automata::services::git::code::GitCode;
use automata::services::git::local_remote::LocalRemote;
use automata::services::git::remote::Remote;
use automata::services::github::local::Forge;
use automata::tasks::Services;
use tempfile::TempDir;

use crate::history::git_log;
use crate::measure::{Row, median, timed_async};
use crate::program::megabytes;
use crate::world::repository::BareRepository;

/// Tasks of the figure that is measured beside another queue.
const TASKS: usize = 10_000;
/// Tasks that are claimed, and reported, in one append.
const BATCH: usize = 100;
/// Rounds whose medians count.
const ROUNDS: usize = 3;
/// How much longer a task may take in a queue that is ten times as long.
const GROWTH: f64 = 1.5;
/// The word by which this program runs itself, to look at the memory of one piece of work alone.
pub(crate) const ALONE: &str = "queue-alone";

/// How the tasks wait for each other.
#[derive(Clone, Copy)]
enum Shape {
    /// Not at all.
    Loose,
    /// In rows of ten.
    Chains,
    /// All but two for the first, and the last for all of them.
    Fan,
}

impl Shape {
    fn requests(self, count: usize) -> Vec<TaskRequest> {
        let after = |place: usize| match self {
            Self::Loose => Vec::new(),
            Self::Chains if place.is_multiple_of(10) => Vec::new(),
            Self::Chains => vec![place - 1],
            Self::Fan if place == 0 => Vec::new(),
            Self::Fan if place == count - 1 => (1..place).collect(),
            Self::Fan => vec![0],
        };
        (0..count)
            .map(|place| {
                let mut request = milestone();
                request.after = after(place);
                request
            })
            .collect()
    }
}

fn milestone() -> TaskRequest {
    let input = Payload::of(&input::Milestone {}).unwrap();
    TaskRequest::new(input::MILESTONE, Subject::Repository, input, "a task that does nothing")
}

/// A repository with a log, and the ports that runs need.
struct Stage {
    repository: BareRepository,
    services: Services,
    config: Config,
    _forge: TempDir,
}

impl Stage {
    fn new(is_durable: bool) -> Self {
        let repository = BareRepository::new();
        repository.config("core.fsyncObjectFiles", if is_durable { "true" } else { "false" });
        let folder = tempfile::tempdir().unwrap();
        let name = RepositoryName::parse("acme/widgets").unwrap();
        let myself = Actor { kind: ActorKind::Bot, login: Login::new("automata") };
        let forge = Forge::open(folder.path(), &name, "main", myself, Arc::new(SystemClock)).unwrap();
        let code = GitCode::new(remote(&repository), None).unwrap();
        let services = Services {
            github: Arc::new(forge),
            code: Arc::new(code),
            assistants: Vec::new(),
            models: None,
            programs: None,
            handed: Default::default(),
            drive: None,
            no_drive: None,
            rehearsals: None,
            outlets: automata::tasks::Outlets::default(),
            repository: None,
        };
        Self { repository, services, config: Config::default(), _forge: folder }
    }

    async fn session(&self, run: &str) -> Session {
        let log: Arc<dyn EventLog> = Arc::new(git_log(remote(&self.repository)));
        let session = Session::open(log, Arc::new(SystemClock), Arc::new(Entropy::System), RunId::new(run));
        session.await.unwrap()
    }
}

fn remote(repository: &BareRepository) -> Arc<dyn Remote> {
    Arc::new(LocalRemote::open(&repository.path(), Arc::new(SystemClock)).unwrap())
}

/// How long so many tasks took.
#[derive(Clone, Copy)]
struct Took {
    enqueue: Duration,
    drain: Duration,
}

/// One run enqueues the tasks, and another, which reads them from the log, works through them.
async fn drained(shape: Shape, count: usize) -> Took {
    let stage = Stage::new(true);
    let session = stage.session("1.1").await;
    let (enqueue, ()) = timed_async(async {
        session.submit(Command::Enqueue(shape.requests(count))).unwrap();
        session.flush().await.unwrap();
    })
    .await;
    let (drain, ()) = timed_async(async {
        let session = stage.session("2.1").await;
        drain(&session, &stage.services, &stage.config, &Until::default()).await.unwrap();
        let left = session.state().tasks.values().filter(|task| !task.status.is_final()).count();
        assert_eq!((left, session.is_clean()), (0, true), "every task is done, and it is recorded");
        let (events, _) = session.written();
        let done =
            events.iter().filter(|event| matches!(event.recorded.event, Event::TaskCompleted(_))).count();
        assert_eq!(done, count, "every task is done once");
    })
    .await;
    Took { enqueue, drain }
}

/// How long it took to enqueue tasks, to claim them, and to record that they are done, each in batches that are
/// durable before the next begins.
struct Rates {
    enqueue: Duration,
    claim: Duration,
    complete: Duration,
}

impl Rates {
    fn whole(&self) -> Duration {
        self.enqueue + self.claim + self.complete
    }
}

async fn in_batches(count: usize, is_durable: bool) -> Rates {
    let stage = Stage::new(is_durable);
    let session = stage.session("1.1").await;
    let (enqueue, ()) = timed_async(async {
        for _ in 0..count / BATCH {
            session.submit(Command::Enqueue(vec![milestone(); BATCH])).unwrap();
            session.flush().await.unwrap();
        }
    })
    .await;
    let tasks: Vec<TaskId> = session.state().tasks.keys().cloned().collect();
    assert_eq!(tasks.len(), count, "every task is there");
    let (mut claim, mut complete) = (Duration::ZERO, Duration::ZERO);
    for batch in tasks.chunks(BATCH) {
        let (took, ()) = timed_async(async {
            for task in batch {
                let until = session.now().plus(DEFAULT_LEASE);
                session.submit(Command::Claim { task: task.clone(), until, room: Room::default() }).unwrap();
            }
            session.flush().await.unwrap();
        })
        .await;
        claim += took;
        let (took, ()) = timed_async(async {
            for task in batch {
                let outcome = Outcome::Completed { output: Payload::default(), follow_ups: Vec::new() };
                let record = Command::RecordOutcome { task: task.clone(), lease: 1, outcome };
                session.submit(record).unwrap();
            }
            session.flush().await.unwrap();
        })
        .await;
        complete += took;
    }
    assert_eq!(stage.session("2.1").await.state().tasks.running_count(), 0, "every task is done");
    Rates { enqueue, claim, complete }
}

pub(crate) async fn figures() -> Vec<Row> {
    let mut rows = beside().await;
    for (what, shape, count) in [
        ("10,000 tasks that wait for nothing", Shape::Loose, 10_000),
        ("1,000 tasks in chains of ten", Shape::Chains, 1_000),
        ("5,000 tasks between one and one", Shape::Fan, 5_002),
    ] {
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            took.push(drained(shape, count).await);
        }
        let enqueue = median(took.iter().map(|took| took.enqueue).collect());
        let drain = median(took.iter().map(|took| took.drain).collect());
        rows.push(Row::detail(
            format!("drain: {what}"),
            format!("{} ({}), enqueued in {}", millis(drain), rate(count, drain), millis(enqueue)),
        ));
    }
    rows.extend(growth().await);
    rows.extend(memory());
    rows
}

/// The same tasks in another embedded queue, in turns with ours.
async fn beside() -> Vec<Row> {
    let (mut ours, mut loose, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let program = other_queue();
    for _ in 0..ROUNDS {
        ours.push(in_batches(TASKS, true).await);
        loose.push(in_batches(TASKS, false).await);
        // Once: it takes a minute or more.
        if theirs.is_empty() {
            theirs.extend(program.as_ref().map(other));
        }
    }
    let middle = |part: fn(&Rates) -> Duration, of: &[Rates]| median(of.iter().map(part).collect());
    let whole = middle(Rates::whole, &ours);
    let mut rows = Vec::new();
    if theirs.is_empty() {
        let how = "build it, see Develop in README.md";
        rows.push(Row::detail("another embedded queue beside it", how));
    } else {
        let their_whole = median(theirs.iter().map(|(enqueue, work)| *enqueue + *work).collect());
        let enqueue = median(theirs.iter().map(|(enqueue, _)| *enqueue).collect());
        let ratio = their_whole.as_secs_f64() / whole.as_secs_f64();
        rows.push(Row::goal(
            "10,000 no-op tasks, durable per batch: apalis with SQLite / ours",
            format!("{ratio:.1}"),
            "> 1",
            ratio > 1.0,
        ));
        rows.push(Row::detail(
            "apalis 1.0 (WAL, synchronous=FULL)",
            format!(
                "{}, {} enqueued, {} worked",
                millis(their_whole),
                rate(TASKS, enqueue),
                rate(TASKS, their_whole - enqueue)
            ),
        ));
    }
    let tell = |of: &[Rates]| {
        format!(
            "{}; enqueued {}, claimed {}, completed {}",
            millis(middle(Rates::whole, of)),
            rate(TASKS, middle(|rates| rates.enqueue, of)),
            rate(TASKS, middle(|rates| rates.claim, of)),
            rate(TASKS, middle(|rates| rates.complete, of)),
        )
    };
    rows.push(Row::detail("ours, by hundreds, each append on the disk", tell(&ours)));
    rows.push(Row::detail("ours, by hundreds, left to the disk's cache", tell(&loose)));
    rows
}

/// How the time of a task grows with the length of the queue.
async fn growth() -> Vec<Row> {
    let mut each = Vec::new();
    for count in [1_000, 10_000, 100_000] {
        let took = drained(Shape::Loose, count).await;
        each.push((count, (took.enqueue + took.drain) / u32::try_from(count).unwrap()));
    }
    let ratio = |at: usize| each[at].1.as_secs_f64() / each[at - 1].1.as_secs_f64();
    let told: Vec<String> = each.iter().map(|(count, each)| format!("{count}: {each:.1?}")).collect();
    let worst = ratio(1).max(ratio(2));
    vec![
        Row::goal(
            "a task's time in a queue ten times as long / before",
            format!("{:.2} and {:.2}", ratio(1), ratio(2)),
            format!("<= {GROWTH}"),
            worst <= GROWTH,
        ),
        Row::detail("each task, enqueued and drained", told.join(", ")),
    ]
}

/// The most memory that a process has which drains so many tasks.
fn memory() -> Vec<Row> {
    let ourselves = std::env::current_exe().unwrap();
    let peak = |count: usize| {
        let output = Process::new(&ourselves).args([ALONE, &count.to_string()]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told = String::from_utf8(output.stdout).unwrap();
        megabytes(told.trim().parse().unwrap())
    };
    let told: Vec<String> = [1_000, 10_000, 100_000].map(|count| format!("{count}: {}", peak(count))).into();
    vec![Row::detail("peak memory, enqueued and drained by one process", told.join(", "))]
}

/// Enqueues and drains so many tasks, and gives this process's peak memory in bytes.
pub(crate) async fn alone(count: usize) -> usize {
    drained(Shape::Loose, count).await;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: usize =
        line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default();
    kilobytes * 1_024
}

/// The program with the other queue, if somebody built it.
fn other_queue() -> Option<PathBuf> {
    let built = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/beside");
    let target = format!("{}-unknown-linux-gnu/release/beside", std::env::consts::ARCH);
    ["release/beside", &target].iter().map(|place| built.join(place)).find(|path| path.exists())
}

/// How long the other queue took to enqueue the tasks, and to work through them.
fn other(program: &PathBuf) -> (Duration, Duration) {
    let output = Process::new(program).arg(TASKS.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    let mut micros = told.split_whitespace().map(|word| Duration::from_micros(word.parse().unwrap()));
    (micros.next().unwrap(), micros.next().unwrap())
}

fn millis(span: Duration) -> String {
    format!("{} ms", span.as_millis())
}

/// Tasks a second.
#[expect(clippy::cast_precision_loss, reason = "shown without digits")]
fn rate(count: usize, span: Duration) -> String {
    format!("{:.0}/s", count as f64 / span.as_secs_f64())
}
