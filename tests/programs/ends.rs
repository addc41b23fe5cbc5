//! How programs come to their end, with all that they started. A fifo tells: whoever holds it open lives.

use std::io::{BufRead as _, BufReader, Read as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use automata::domain::time::Timestamp;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use super::*;

/// Longer than any machine takes to end a process; a story that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A clock on which the first wait ends when the story says so, and the others as they do.
#[derive(Default)]
struct Told {
    waits: AtomicUsize,
    over: Notify,
    /// Whether the second wait, the time to put things in order, is over at once.
    has_no_grace: bool,
}

#[async_trait]
impl Clock for Told {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn sleep(&self, span: Duration) {
        match self.waits.fetch_add(1, Ordering::SeqCst) {
            0 => self.over.notified().await,
            1 if self.has_no_grace => {}
            _ => SystemClock.sleep(span).await,
        }
    }
}

/// Reads the fifo `alive`: tells when something lives, and when nothing does any more.
fn watch(bench: &Bench) -> (oneshot::Receiver<()>, oneshot::Receiver<String>) {
    let (started, is_started) = oneshot::channel();
    let (ended, has_ended) = oneshot::channel();
    let fifo = bench.path().join("alive");
    make_fifo(&fifo);
    make_fifo(&bench.path().join("never"));
    std::thread::spawn(move || {
        let mut alive = BufReader::new(fs::File::open(fifo).unwrap());
        let mut line = String::new();
        alive.read_line(&mut line).unwrap();
        started.send(()).unwrap();
        alive.read_to_string(&mut line).unwrap();
        ended.send(line).unwrap();
    });
    (is_started, has_ended)
}

/// Children and grandchildren that hold `alive` open and wait for what never comes. Some have left the group, and one of these
/// is a daemon as well: its parent has ended and its environment is empty. One is shown as ended although a thread of it lives.
const FAMILY: &str = r#"
exec 9>alive 8>/dev/null
(cat never; echo no >&9) &
sh -c '(cat never; echo no >&9) & cat never' &
command -v setsid >/dev/null && setsid sh -c 'cat never' &
command -v setsid >/dev/null && mkfifo left && { env -i setsid sh -c '(echo left >left; cat never) & exit' & cat left >&8; }
command -v python3 >/dev/null && mkfifo thread && { python3 -c 'import ctypes, os, threading
os.setsid()
threading.Thread(target=lambda: open("never")).start()
os.close(os.open("thread", os.O_WRONLY))
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)' & cat thread >&8; }
echo started >&9
"#;

async fn nothing_lives(has_ended: oneshot::Receiver<String>) -> String {
    timeout(PATIENCE, has_ended).await.expect("something lives still").unwrap()
}

#[tokio::test]
async fn children_that_a_program_leaves_behind_are_ended_with_it() {
    let bench = Bench::new();
    let (_is_started, has_ended) = watch(&bench);
    let ended = timeout(PATIENCE, bench.run(&bench.script(&format!("{FAMILY} echo done")))).await.unwrap();
    assert_eq!((ended.exit, ended.stdout.text().as_str()), (Exit::Code(0), "done\n"));
    assert_eq!(nothing_lives(has_ended).await, "started\n");
}

#[tokio::test]
async fn a_program_that_takes_too_long_may_put_its_things_in_order_and_is_ended() {
    let bench = Bench::new();
    let (is_started, has_ended) = watch(&bench);
    let clock = Arc::new(Told::default());
    let order = bench.script(&format!("trap 'echo in order; exit 3' TERM\n{FAMILY}\ncat never & wait"));
    let (local, room) = (programs(Arc::clone(&clock) as Arc<dyn Clock>), &bench.room);
    let tell = async {
        is_started.await.unwrap();
        clock.over.notify_one();
    };
    let (ended, ()) = tokio::join!(timeout(PATIENCE, local.run(&order, room)), tell);
    let ended = ended.unwrap().unwrap();
    assert_eq!((ended.exit, ended.stdout.text().as_str()), (Exit::TimedOut, "in order\n"));
    assert_eq!(nothing_lives(has_ended).await, "started\n");
}

#[tokio::test]
async fn a_program_that_will_not_end_is_made_to() {
    let bench = Bench::new();
    let (is_started, has_ended) = watch(&bench);
    let clock = Arc::new(Told { has_no_grace: true, ..Told::default() });
    let order = bench.script(&format!("trap '' TERM\n{FAMILY}\ncat never"));
    let (local, room) = (programs(Arc::clone(&clock) as Arc<dyn Clock>), &bench.room);
    let tell = async {
        is_started.await.unwrap();
        clock.over.notify_one();
    };
    let (ended, ()) = tokio::join!(timeout(PATIENCE, local.run(&order, room)), tell);
    assert_eq!(ended.unwrap().unwrap().exit, Exit::TimedOut);
    assert_eq!(nothing_lives(has_ended).await, "started\n");
}

#[tokio::test]
async fn whoever_drops_the_work_ends_the_program_and_leaves_nothing() {
    let bench = Bench::new();
    let (is_started, has_ended) = watch(&bench);
    let order = bench.script(&format!("trap '' TERM\necho x > \"$HOME/x\"\n{FAMILY}\ncat never"));
    let local = programs(Arc::new(SystemClock));
    tokio::select! {
        ended = local.run(&order, &bench.room) => panic!("{ended:?}"),
        started = is_started => started.unwrap(),
    }
    assert_eq!(nothing_lives(has_ended).await, "started\n");
    let home = bench.room.home();
    assert!(home.join("x").exists());
    drop(bench);
    assert!(!home.parent().unwrap().exists());
}

#[tokio::test]
async fn a_program_that_is_killed_by_another_says_so() {
    let bench = Bench::new();
    assert_eq!(bench.run(&bench.script("kill -9 $$")).await.exit, Exit::Signal(9));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nobody_ends_what_watches_over_a_program() {
    let bench = Bench::new();
    let order = bench.script("kill -9 $PPID || echo refused; kill -STOP $PPID || echo refused");
    let ended = timeout(PATIENCE, bench.run(&order)).await.unwrap();
    if ended.notes.iter().any(|note| note.contains("signal others of its user")) {
        return eprintln!("not looked at on this machine: {:?}", ended.notes);
    }
    assert_eq!((ended.exit, ended.stdout.text().as_str()), (Exit::Code(0), "refused\nrefused\n"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn when_the_run_is_killed_so_is_all_that_its_programs_started() {
    let bench = Bench::new();
    let (is_started, has_ended) = watch(&bench);
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_automata"))
        .args(["plugin", "check", "--", "sh", "-c", &format!("{FAMILY} cat never")])
        .env_clear()
        .env("PATH", path())
        .current_dir(bench.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    timeout(PATIENCE, is_started).await.unwrap().unwrap();
    // No time for it to put anything in order.
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(nothing_lives(has_ended).await, "started\n");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_keeper_that_somebody_kills_takes_its_program_along() {
    let bench = Bench::new();
    let (is_started, has_ended) = watch(&bench);
    let order = bench
        .script("exec 9>alive\n(cat never; echo no >&9) &\necho $PPID >keeper; echo started >&9; cat never");
    let kill = async {
        is_started.await.unwrap();
        let keeper = fs::read_to_string(bench.path().join("keeper")).unwrap();
        assert!(std::process::Command::new("kill").args(["-9", keeper.trim()]).status().unwrap().success());
    };
    let (ended, ()) = tokio::join!(timeout(PATIENCE, bench.run(&order)), kill);
    assert_eq!(ended.unwrap().exit, Exit::Signal(9));
    assert!(nothing_lives(has_ended).await.starts_with("started\n"));
}
