//! What a real browser makes of the page: no complaint, filters, keys, colours, strangers' words, ten thousand issues.

use std::path::PathBuf;

use automata::domain::actor::Actor;
use automata::domain::event::{Event, Recorded, Stamp, TaskClaimed, TaskCompleted, TaskEnqueued, TaskFailed};
use automata::domain::failure::Failure;
use automata::domain::id::{IssueNumber, Login, Sequence, TaskId, TriggerIdentity};
use automata::domain::payload::Payload;
use automata::domain::room::Room;
use automata::domain::spec::TaskRequest;
use automata::domain::state::State;
use automata::domain::subject::Subject;
use automata::domain::time::Timestamp;
use automata::domain::trigger::{About, IssueFacts, OpenState, Trigger};
use automata::domain::untrusted::Excerpt;
use automata::log::Envelope;
use automata::report::dashboard::{Shown, page, tell};
use automata::views::dashboard::{Fold, Home};
use serde_json::json;

use super::super::program::Program;
use crate::world::browser::Browser;

/// Where pictures and pages are left, for people to look at.
fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("dashboard");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn file_url(path: &std::path::Path) -> String {
    format!("file://{}", path.display())
}

/// The text of the elements that a selector finds.
fn texts(browser: &mut Browser, selector: &str) -> Vec<String> {
    let found = browser.eval(&format!(
        "[...document.querySelectorAll({})].filter((one) => one.checkVisibility()).map((one) => one.textContent.trim())",
        json!(selector)
    ));
    found.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn go(browser: &mut Browser, place: &str) {
    browser.eval(&format!("location.hash = {}", json!(place)));
    browser.settle();
}

#[test]
fn every_section_is_shown_filters_pick_and_keys_move() {
    let Some(mut browser) = Browser::start() else { return };
    let site = super::demo();
    let out = folder();
    let program = Program::on(site.path(), &["dashboard", "--out", out.to_str().unwrap()]);
    program.run().well();
    let url = file_url(&out.join("index.html"));
    browser.looks(1280, 900, false);
    browser.open(&url);
    assert_eq!(browser.eval("document.documentElement.dataset.ready"), "true");

    for section in
        ["overview", "issues", "queue", "lead-times", "assistants", "drive", "failures", "search", "issue-1"]
    {
        go(&mut browser, section);
        let shown = texts(&mut browser, "main > section > h2");
        assert_eq!(shown.len(), 1, "{section}: {shown:?}");
        assert_eq!(browser.eval("scrollY"), 0, "{section}");
        assert_eq!(texts(&mut browser, "nav a[aria-current]").len(), 1, "{section}");
        // A word of markup where a name belongs would stand out so.
        assert_eq!(browser.eval("document.body.innerText.includes('[object')"), false, "{section}");
        for (width, dark) in [(1280, false), (1280, true), (390, true)] {
            browser.looks(width, 900, dark);
            browser.settle();
            assert!(
                browser.eval("document.documentElement.scrollWidth <= innerWidth").as_bool().unwrap(),
                "{section} at {width}"
            );
            let colours = if dark { "dark" } else { "light" };
            browser.picture(&out.join(format!("{section}-{width}-{colours}.png")));
        }
        browser.looks(1280, 900, false);
    }

    // Filters.
    go(&mut browser, "issues?view=table&is=all");
    assert_eq!(texts(&mut browser, "#board tbody tr").len(), 5);
    browser.eval("(() => { const stage = document.querySelector('#board [name=stage]'); stage.value = 'review'; stage.dispatchEvent(new Event('change')); })()");
    let shown = texts(&mut browser, "#board tbody .title a");
    assert_eq!(shown, ["Crash on a list with a comment in it"; 2], "the issue and its pull request");
    assert_eq!(browser.eval("location.hash"), "#issues?view=table&is=all&stage=review");
    go(&mut browser, "issues?view=table&flag=dead");
    assert_eq!(
        texts(&mut browser, "#board tbody .title a"),
        ["Feature request: prices with a decimal point"]
    );
    assert_eq!(texts(&mut browser, "#board .summary"), ["1 of 5 issues and pull requests"]);

    // The head of a column sorts, and says so.
    go(&mut browser, "issues?view=table");
    browser.eval("document.querySelector('#board button[data-sort=number]').click()");
    let numbers = texts(&mut browser, "#board tbody td:first-child");
    assert_eq!(numbers, ["#1", "#3", "#4", "#5"]);
    assert_eq!(
        browser.eval("document.querySelector('#board th[aria-sort]').getAttribute('aria-sort')"),
        "ascending"
    );
    assert_eq!(browser.eval("document.activeElement.dataset.sort"), "number", "where one was, one stays");
    go(&mut browser, "lead-times");
    browser.eval("document.querySelector('#lead-times thead button').click()");
    assert_eq!(texts(&mut browser, "#lead-times table:first-of-type tbody th")[0], "assigned");

    // Keys.
    go(&mut browser, "overview");
    browser.open(&url);
    browser.press("Tab");
    assert_eq!(browser.eval("document.activeElement.className"), "skip");
    browser.press("Enter");
    assert_eq!(browser.eval("document.activeElement.id"), "main");
    browser.press("/");
    assert_eq!(browser.eval("document.activeElement.id"), "q");
    for letter in "prices".chars() {
        browser.press(&letter.to_string());
    }
    assert_eq!(browser.eval("location.hash"), "#search?q=prices");
    assert!(texts(&mut browser, "#found mark").iter().all(|word| word == "prices"));
    assert!(texts(&mut browser, "#found .go")[0].contains("prices with a decimal point"));
    browser.press("Escape");
    assert_eq!(browser.eval("document.activeElement === document.body"), true);
    go(&mut browser, "issues?view=table");
    browser.eval("document.querySelector('#board .go').focus()");
    let first = browser.eval("document.activeElement.textContent");
    browser.press("ArrowDown");
    let second = browser.eval("document.activeElement.textContent");
    assert_ne!(first, second);
    browser.press("ArrowUp");
    assert_eq!(browser.eval("document.activeElement.textContent"), first);
    browser.press("Enter");
    assert!(browser.eval("location.hash").as_str().unwrap().starts_with("#issue-"));
    assert_eq!(browser.eval("document.activeElement.id"), "issue-h", "whoever cannot see is taken along");

    // Colours by hand.
    let paper = "getComputedStyle(document.documentElement).backgroundColor";
    let light = browser.eval(paper);
    browser.eval("document.getElementById('theme').click()");
    assert_eq!(browser.eval(paper), light);
    browser.eval("document.getElementById('theme').click()");
    assert_ne!(browser.eval(paper), light);
    assert_eq!(texts(&mut browser, "#theme"), ["Colours: dark"]);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// What has the focus: its own words or its name.
fn held(browser: &mut Browser) -> String {
    let told = browser.eval("document.activeElement === document.body ? 'nothing' : document.activeElement.name || document.activeElement.textContent.trim()");
    told.as_str().unwrap().to_owned()
}

/// Presses a button or follows a link by the keyboard.
fn press_on(browser: &mut Browser, selector: &str) {
    browser.eval(&format!("document.querySelector({}).focus()", json!(selector)));
    browser.press("Enter");
    browser.settle();
}

#[test]
fn whoever_uses_the_keyboard_stays_where_they_are() {
    let Some(mut browser) = Browser::start() else { return };
    let mut log = Log::new();
    for number in 1..=120 {
        log.tell(number, "opened", &format!("Crash number {number}"), &["bug"], OpenState::Open);
    }
    let (url, _) = log.write("keyboard.html");
    browser.open(&url);
    go(&mut browser, "issues?view=table");
    press_on(&mut browser, "#board .pager button:last-child");
    assert_eq!(texts(&mut browser, "#board .pager span"), ["51 to 100 of 120"]);
    assert_eq!(held(&mut browser), "Next");
    browser.press("Enter");
    browser.settle();
    assert_eq!(texts(&mut browser, "#board .pager span"), ["101 to 120 of 120"]);
    assert_eq!(held(&mut browser), "Previous", "there is no next page");
    press_on(&mut browser, "#board button[data-sort=number]");
    assert_eq!(held(&mut browser), "number");

    go(&mut browser, "issue-1");
    browser.eval("(() => { const one = document.querySelector('#story [name=group]'); one.focus(); one.value = 'outside'; one.dispatchEvent(new Event('change')); })()");
    assert_eq!(browser.eval("location.hash"), "#issue-1?group=outside");
    assert_eq!(held(&mut browser), "group");

    go(&mut browser, "search?q=crash");
    press_on(&mut browser, "#found button");
    assert_eq!(browser.eval("location.hash"), "#search?q=crash&in=issues");
    assert_eq!(held(&mut browser), "Issues and pull requests 120", "what was asked for begins there");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn times_stay_on_one_line_states_have_colours_and_a_card_keeps_its_parts_apart() {
    let Some(mut browser) = Browser::start() else { return };
    let mut log = Log::new();
    log.tell(7, "opened", "Crash", &["bug"], OpenState::Open);
    let subject = Subject::Issue(IssueNumber(7));
    let mut request = TaskRequest::new("remind", subject, Payload::default(), "it lacks its version");
    request.spec.not_before = Some(log.now.plus(std::time::Duration::from_secs(90_000)));
    let task = TaskId::new("t1.1");
    log.add(subject, Event::TaskEnqueued(Box::new(TaskEnqueued { task, spec: request.spec })));
    let (task, request) =
        (TaskId::new("t2.1"), TaskRequest::new("analyse", subject, Payload::default(), "it was opened"));
    log.add(subject, Event::TaskEnqueued(Box::new(TaskEnqueued { task: task.clone(), spec: request.spec })));
    let until = log.now.plus(std::time::Duration::from_secs(900));
    log.add(
        subject,
        Event::TaskClaimed(TaskClaimed { task: task.clone(), lease: 1, until, spends: Default::default() }),
    );
    let failure = Failure::permanent("broken", "it broke");
    log.add(subject, Event::TaskFailed(TaskFailed { task, lease: Some(1), failure }));
    let (url, _) = log.write("states.html");
    browser.looks(390, 900, false);
    browser.open(&url);
    go(&mut browser, "queue");
    let lines = browser.eval(
        "[...document.querySelectorAll('#tasks td.title time')].map((one) => one.getClientRects().length)",
    );
    assert_eq!(lines, json!([1]), "a time in a sentence is one piece");
    let colour = browser.eval(
        "(() => { const one = document.querySelector('#tasks .status-scheduled'); return one && getComputedStyle(one).color !== getComputedStyle(one.parentElement).color; })()",
    );
    assert_eq!(colour, true, "what waits has the colour that the legend shows");
    go(&mut browser, "issues");
    let card = texts(&mut browser, "#board .card p");
    assert!(card[0].starts_with("1 dead letter · by user-7 · "), "{card:?}");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// A log of issues that were opened and analysed, and some closed, one every ten minutes.
struct Log {
    state: State,
    fold: Fold,
    now: Timestamp,
}

impl Log {
    fn new() -> Self {
        Self {
            state: State::default(),
            fold: Fold::new(tell),
            now: Timestamp::from_millis(1_795_341_600_000),
        }
    }

    fn add(&mut self, subject: Subject, event: Event) {
        self.now = self.now.plus(std::time::Duration::from_secs(20));
        let stamp = Stamp {
            sequence: Sequence(self.state.sequence.0 + 1),
            subject,
            at: self.now,
            actor: Actor::automata(),
            run: "1.1".into(),
            cause: None,
            correlation: None,
        };
        let recorded = Recorded { stamp, event };
        self.state.apply(&recorded).unwrap();
        self.fold.offer(&Envelope { id: "c-0".to_owned(), recorded });
    }

    fn tell(&mut self, number: u64, action: &str, title: &str, labels: &[&str], state: OpenState) {
        let issue = IssueFacts {
            number: IssueNumber(number),
            title: Excerpt::title(title),
            body: Excerpt::body(""),
            written: None,
            author: Actor::person(format!("user-{}", number % 97)),
            state,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            assignees: if number.is_multiple_of(5) { vec![Login::new("mona")] } else { Vec::new() },
            is_pull: false,
            created_at: self.now,
            updated_at: self.now,
        };
        let subject = Subject::Issue(issue.number);
        let trigger = Trigger {
            identity: TriggerIdentity::new(format!("{number}/{action}")),
            event: "issues".to_owned(),
            action: Some(action.to_owned()),
            at: self.now,
            actor: issue.author.clone(),
            subject,
            hops: 0,
            about: About::Issue { issue, change: None },
        };
        self.add(subject, Event::TriggerReceived(Box::new(trigger)));
    }

    fn analyse(&mut self, number: u64) {
        let subject = Subject::Issue(IssueNumber(number));
        let task = TaskId::new(format!("t{number:08}.1"));
        let request = TaskRequest::new("analyse", subject, Payload::default(), "it was opened");
        self.add(
            subject,
            Event::TaskEnqueued(Box::new(TaskEnqueued { task: task.clone(), spec: request.spec })),
        );
        let claimed = TaskClaimed {
            task: task.clone(),
            lease: 1,
            until: self.now.plus(std::time::Duration::from_secs(900)),
            spends: Default::default(),
        };
        self.add(subject, Event::TaskClaimed(claimed));
        let output = Payload::default();
        self.add(subject, Event::TaskCompleted(TaskCompleted { task, lease: 1, output }));
    }

    /// Writes the page, and gives its address and its size.
    fn write(self, name: &str) -> (String, usize) {
        let home = Home { repository: "acme/widgets".to_owned(), address: None };
        let dashboard = self.fold.finish(home, &self.state, self.now, &|_| Room::default());
        let written = page(&dashboard, Shown::Still);
        let path = folder().join(name);
        std::fs::write(&path, &written).unwrap();
        (file_url(&path), written.len())
    }
}

#[test]
fn strangers_words_stay_words() {
    let Some(mut browser) = Browser::start() else { return };
    let hostile = [
        "</script><script>window.pwned=1</script>",
        "\"><img src=x onerror=window.pwned=1>",
        "' onfocus='window.pwned=1' autofocus='",
        "`</code><svg onload=window.pwned=1>` <!--<script>",
        "javascript:window.pwned=1",
        "\u{202E}exe.txt\u{2066}",
    ];
    let mut log = Log::new();
    for (number, words) in (1..).zip(hostile) {
        log.tell(number, "opened", words, &[words], OpenState::Open);
    }
    let (url, _) = log.write("hostile.html");
    browser.open(&url);
    for place in [
        "overview",
        "issues",
        "issues?view=table",
        "issue-1",
        "issue-2",
        "search?q=window.pwned",
        "search?in=events",
        "queue",
    ] {
        go(&mut browser, place);
        assert_eq!(browser.eval("window.pwned === undefined && !document.querySelector('main img, main script, main [onload], main [onfocus], main [onerror]')"), true, "{place}");
    }
    go(&mut browser, "issues?view=table");
    let mut shown = texts(&mut browser, "#board .title a");
    shown.sort();
    let mut wanted: Vec<&str> =
        hostile.iter().map(|words| words.trim_matches(['\u{202E}', '\u{2066}'])).collect();
    wanted.sort_unstable();
    assert_eq!(shown, wanted, "they are shown as they are, without what turns text around");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn ten_thousand_issues_are_paged_and_found() {
    let Some(mut browser) = Browser::start() else { return };
    let labels: [&[&str]; 4] = [&["bug"], &["enhancement", "area: parser"], &["question"], &[]];
    let mut log = Log::new();
    for number in 1..=10_000 {
        let title =
            format!("Crash number {number} when the list has {} entries and a comment in it", number % 313);
        let labels = labels[usize::try_from(number % 4).unwrap()];
        log.tell(number, "opened", &title, labels, OpenState::Open);
        if !number.is_multiple_of(10) {
            log.analyse(number);
        }
        if number.is_multiple_of(3) {
            log.tell(number, "closed", &title, labels, OpenState::Closed);
        }
    }
    let (url, bytes) = log.write("many.html");
    browser.looks(1280, 900, false);
    browser.open(&url);
    let ready = browser.eval("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd");
    let mut timed = |place: &str| {
        let took = browser.eval(&format!(
            "new Promise((done) => {{ const began = performance.now(); location.hash = {}; requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0)); }})",
            json!(place)
        ));
        (
            took.as_f64().unwrap(),
            texts(&mut browser, "#board .card, #board tbody tr, #found li, #story .line").len(),
        )
    };
    let (board, cards) = timed("issues?is=all");
    let (table, rows) = timed("issues?view=table");
    let (filtered, few) = timed("issues?view=table&q=crash%209998&label=question");
    let (sorted, _) = timed("issues?view=table&sort=title:up");
    let (found, hits) = timed("search?q=crash%20number%20313");
    let (story, told) = timed("issue-9999");
    println!(
        "{bytes} bytes; ready after {ready} ms; board {board:.0} ms ({cards} cards), table {table:.0} ms, filter {filtered:.0} ms, sort {sorted:.0} ms, search {found:.0} ms ({hits} shown), story {story:.0} ms"
    );
    assert!(cards <= 8 * 25 && cards > 25, "{cards} cards");
    assert_eq!((rows, few), (50, 1));
    assert!(hits > 8 && told == 5, "{hits} hits, {told} events");
    assert_eq!(
        texts(&mut browser, "#issue-h"),
        ["#9999 Crash number 9999 when the list has 296 entries and a comment in it"]
    );
    go(&mut browser, "issues?view=table");
    assert_eq!(texts(&mut browser, "#board .pager"), ["Previous1 to 50 of 10,000Next"]);
    let nodes = browser.eval("document.querySelectorAll('*').length");
    assert!(nodes.as_u64().unwrap() < 6_000, "{nodes} elements");
    assert_eq!(browser.complaints, Vec::<String>::new());
}
