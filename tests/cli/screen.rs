//! What a person sees on a screen: the program on a real pseudo-terminal, with a width and bars and colours.

use std::fs::File;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::forge::LocalForge;
use super::program::Program;

/// A pseudo-terminal with a program on it.
struct Screen {
    ours: File,
    child: Child,
    shown: Vec<u8>,
}

impl Screen {
    /// Starts the program on a screen that is so wide: all it reads and writes is there.
    fn with(program: &Program, columns: u16) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&ours, size).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = || -> Stdio {
            rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap().into()
        };
        // Without a name a screen is one that shows no bars.
        let mut command = program.clone().set("TERM", "xterm").command();
        let child = command.stdin(theirs()).stdout(theirs()).stderr(theirs()).spawn().unwrap();
        // The command's own ends go with it, or nobody would see that the program has let go of the screen.
        drop(command);
        Self { ours: ours.into(), child, shown: Vec::new() }
    }

    /// Reads on; false when the program has let go of the screen.
    fn reads(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // Linux says so with an error, other systems with nothing.
        let Ok(count @ 1..) = self.ours.read(&mut bytes) else { return false };
        self.shown.extend_from_slice(&bytes[..count]);
        true
    }

    /// All that was shown so far.
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).replace('\r', "")
    }

    /// All that was shown once it says this so many times.
    fn until(&mut self, text: &str, times: usize) -> String {
        while self.text().matches(text).count() < times {
            assert!(self.reads(), "it ended before: {}", self.text());
        }
        self.text()
    }

    /// All that was shown, and the exit code.
    fn end(mut self) -> (String, Option<i32>) {
        while self.reads() {}
        (self.text(), self.child.wait().unwrap().code())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the program shows on a screen that is so wide.
fn shown(program: &Program, columns: u16) -> String {
    let (shown, code) = Screen::with(program, columns).end();
    assert_eq!(code, Some(0), "{shown}");
    shown
}

fn with_an_issue() -> LocalForge {
    let forge = LocalForge::new();
    let title = "How do I read the whole list of things from a file that is not on this machine?";
    forge.take_in(&forge.opens("carol", title, "Nothing in the README.")).well();
    forge
}

const BOLD: &str = "\u{1b}[1m";
const CLEARED: &str = "\u{1b}[H\u{1b}[2J\u{1b}[H";

#[test]
fn a_bar_is_shown_to_whoever_watches_and_to_nobody_else() {
    const WORKS: &str = "working through the queue";
    let forge = LocalForge::new();
    let asks = |number: &str| {
        forge.opens("carol", &format!("How do I read list {number} from a file?"), "Nothing in the README.");
        let subject = format!("issue/{number}");
        forge.program(&["tasks", "add", "analyse", "--subject", &subject]).run().well()
    };
    let program = forge.program(&["drain"]);
    asks("1");
    // While somebody else changes things on the forge the work goes on and on.
    let lock = File::create(forge.path().join("forge/lock")).unwrap();
    lock.lock().unwrap();
    let (seen, is_seen) = mpsc::channel();
    let others = std::thread::spawn(move || {
        // Should nothing be shown, the program is to come to its end all the same.
        let _ = is_seen.recv_timeout(Duration::from_secs(60));
        lock.unlock().unwrap();
    });
    let mut screen = Screen::with(&program, 100);
    screen.until(WORKS, 2);
    seen.send(()).unwrap();
    others.join().unwrap();
    let (watched, code) = screen.end();
    assert!(code == Some(0) && watched.contains("completed"), "{watched}");
    asks("2");
    assert!(!program.run().well().stderr.contains(WORKS), "a log is no screen");
    asks("3");
    assert!(!shown(&program.clone().set("GITHUB_ACTIONS", "true"), 100).contains(WORKS));
}

#[test]
fn tables_are_as_wide_as_the_screen_at_most_and_are_cut_nowhere_else() {
    let forge = with_an_issue();
    let program = forge.program(&["tasks", "list", "-n", "0", "--status", "completed"]).set("NO_COLOR", "1");
    // What a bar left behind is no part of the table.
    let lines = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| line.contains("issue/1"));
        rows.map(|line| line.rsplit('\u{1b}').next().unwrap_or_default().to_owned()).collect()
    };
    let piped = lines(&program.run().well().stdout);
    let widest = piped.iter().map(|line| line.chars().count()).max().unwrap();
    let columns = u16::try_from(widest - 10).unwrap();
    let narrow = lines(&shown(&program, columns));
    assert_eq!(narrow.len(), piped.len());
    assert!(narrow.iter().all(|line| line.chars().count() <= usize::from(columns)), "{narrow:#?}");
    assert!(narrow.iter().any(|line| line.ends_with('…')), "{narrow:#?}");
    let wide = lines(&shown(&program, columns + 100));
    assert!(wide.iter().all(|line| !line.contains('…')), "{wide:#?}");
}

#[test]
fn colours_are_for_screens_whose_reader_wants_them() {
    let forge = with_an_issue();
    let program = forge.program(&["status"]);
    assert!(shown(&program, 100).contains(BOLD));
    assert!(!program.run().well().stdout.contains('\u{1b}'));
    assert!(!shown(&program.set("NO_COLOR", "1"), 100).contains(BOLD));
}

#[test]
fn the_queue_is_drawn_anew_on_a_cleared_screen_as_long_as_somebody_watches() {
    let forge = LocalForge::new();
    let payload = forge.opens("carol", "How do I read the list from a file?", "Nothing in the README.");
    let mut screen = Screen::with(&forge.program(&["status", "--watch"]), 100);
    assert!(screen.until("event 0", 1).contains(CLEARED));
    forge.take_in(&payload).well();
    assert!(screen.until(CLEARED, 2).contains("Follows the log until Ctrl-C."));
    let id = screen.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let (shown, code) = screen.end();
    assert_eq!(code, Some(0), "{shown}");
}
