//! `dashboard`: the page says what the log says, as a file and from a server.

mod browser;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;

use super::forge::LocalForge;
use super::program::Program;
use crate::world::browser::Browser;

/// A demo's folder, with all that the main job brings along.
fn demo() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    Program::new(&["demo", "--keep", home.path().to_str().unwrap()]).run().well();
    home
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The value of a family of the metrics, or the sum of those of its samples that have these labels.
fn sum(metrics: &Value, name: &str, labels: &[(&str, &str)]) -> f64 {
    let families = metrics.as_array().unwrap();
    let Some(family) = families.iter().find(|family| family["name"] == format!("automata_{name}")) else {
        return 0.0;
    };
    let has = |sample: &&Value| labels.iter().all(|(label, value)| sample["labels"][label] == *value);
    let value = |sample: &Value| {
        sample["value"].as_f64().unwrap_or_else(|| sample["value"]["sum_seconds"].as_f64().unwrap())
    };
    family["samples"].as_array().unwrap().iter().filter(has).map(value).sum()
}

/// The figures that stand in a page, by their names.
fn figures(page: &str) -> BTreeMap<String, u64> {
    let told = page.split("data-figure=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (name.to_owned(), rest.split_once('"').unwrap().0.parse().unwrap())
    });
    told.collect()
}

#[test]
fn its_figures_are_those_of_metrics_status_and_the_log() {
    let home = demo();
    let program = |arguments: &[&str]| Program::on(home.path(), arguments).run().well();
    let site = home.path().join("site");
    let told = program(&["dashboard", "--out", site.to_str().unwrap(), "--format", "json"]).json();
    let page = read(&site, "index.html");
    let data: Value = serde_json::from_str(&read(&site, "dashboard.json")).unwrap();
    assert_eq!(told["bytes"], page.len());
    assert_eq!(told["sequence"], data["board"]["sequence"]);

    let shown = &data["figures"];
    let in_page: BTreeMap<String, u64> = figures(&page);
    assert_eq!(serde_json::to_value(&in_page).unwrap(), *shown, "the page shows them all");

    let metrics = program(&["metrics", "--format", "json"]).json();
    type Labels = &'static [(&'static str, &'static str)];
    let compared: [(&str, &str, Labels); 15] = [
        ("events", "log_events", &[]),
        ("triggers", "triggers", &[]),
        ("enqueued", "tasks_enqueued", &[]),
        ("completed", "task_attempts", &[("outcome", "completed")]),
        ("retried", "task_attempts", &[("outcome", "retried")]),
        ("failed", "task_attempts", &[("outcome", "failed")]),
        ("lost", "task_attempts", &[("outcome", "lost")]),
        ("cancelled", "task_attempts", &[("outcome", "cancelled")]),
        ("effects", "effects", &[]),
        ("effects_found", "effects", &[("how", "found")]),
        ("effects_open", "effects_open", &[]),
        ("pending_now", "tasks", &[("status", "pending")]),
        ("dead_now", "tasks", &[("status", "failed")]),
        ("assistant_attempts", "assistant_attempts", &[]),
        ("micro_dollars", "assistant_micro_dollars", &[]),
    ];
    for (figure, family, labels) in compared {
        assert_eq!(shown[figure].as_f64().unwrap(), sum(&metrics, family, labels), "{figure}");
    }
    assert!(in_page["completed"] > 20 && in_page["dead_now"] == 1, "it is a story worth comparing");

    // Durations: how many and how long all together.
    let millis = |spread: &Value| spread["sum"].as_f64().unwrap();
    let close = |a: f64, b: f64, what: &str| assert!((a - b).abs() < 0.001, "{what}: {a} and {b}");
    for kind in data["kinds"].as_array().unwrap() {
        let name = kind["kind"].as_str().unwrap();
        let took = sum(&metrics, "task_attempt_duration", &[("kind", name)]);
        close(millis(&kind["took"]) / 1_000.0, took, name);
        close(millis(&kind["waited"]) / 1_000.0, sum(&metrics, "task_wait", &[("kind", name)]), name);
        assert_eq!(kind["enqueued"].as_f64().unwrap(), sum(&metrics, "tasks_enqueued", &[("kind", name)]));
    }
    for (step, to) in [("triaged", "analysed"), ("pull_request", "pull_request")] {
        let times =
            data["issue_times"].as_array().unwrap().iter().find(|times| times["step"] == step).unwrap();
        close(millis(&times["opened"]) / 1_000.0, sum(&metrics, "lead_time", &[("to", to)]), step);
    }
    for assistant in data["assistants"].as_array().unwrap() {
        let name = ("assistant", assistant["name"].as_str().unwrap());
        assert_eq!(
            assistant["changes"].as_f64().unwrap(),
            sum(&metrics, "assistant_attempts", &[name, ("outcome", "change")])
        );
        assert_eq!(assistant["attempts"].as_f64().unwrap(), sum(&metrics, "assistant_attempts", &[name]));
    }

    assert_eq!(
        data["board"],
        program(&["status", "--format", "json"]).json(),
        "the queue is that of `status`"
    );
    let log = program(&["log", "-n", "0", "--format", "json"]).stdout;
    let log: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lines = data["lines"].as_array().unwrap();
    assert_eq!(lines.len(), log.len());
    assert!(
        lines.iter().zip(&log).all(|(line, event)| line[0] == event["seq"] && line[3] == event["subject"])
    );
    for issue in data["issues"].as_array().unwrap().iter().filter(|issue| issue["is_pull"] == false) {
        let number = issue["number"].to_string();
        let why = program(&["why", &number, "--format", "json"]).json();
        assert_eq!(
            why["story"].as_array().unwrap().len(),
            issue["story"].as_array().unwrap().len(),
            "#{number}"
        );
    }
}

#[test]
fn it_is_written_again_in_the_same_place_and_says_where() {
    let forge = LocalForge::new();
    let payload = forge.opens("carol", "How do I read the list from a file?", "Nothing in the README.");
    let site = forge.path().join("deep/site");
    let write = || forge.told(&["dashboard", "--out", site.to_str().unwrap()]);
    insta::assert_snapshot!(write(), @"
    exit code 0
    -- stdout
    DIR/deep/site/index.html
    DIR/deep/site/dashboard.json
    ");
    let empty = read(&site, "index.html");
    forge.take_in(&payload).well();
    write();
    let page = read(&site, "index.html");
    assert!(!empty.contains("carol opened issue #1") && page.contains("carol opened issue #1"));
    let mut names: Vec<_> = std::fs::read_dir(&site)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["dashboard.json", "index.html"], "nothing is left beside them");
}

#[test]
fn without_a_place_or_with_a_wrong_one_it_says_what_to_do() {
    let forge = LocalForge::new();
    insta::assert_snapshot!(forge.told(&["dashboard"]), @r"
    exit code 2
    -- stderr
    error: it is not said where the dashboard is to be shown
    hint: For example: automata dashboard --out site, or automata dashboard --serve
    ");
    let set =
        forge.program(&["dashboard"]).set("AUTOMATA_OUT", forge.path().join("by-variable")).run().well();
    assert!(set.stdout.contains("by-variable/index.html"), "{}", set.stdout);
    std::fs::write(forge.path().join("file"), "").unwrap();
    let there = forge.path().join("file/site");
    insta::assert_snapshot!(forge.told(&["dashboard", "--out", there.to_str().unwrap()]), @"
    exit code 2
    -- stderr
    error: the dashboard cannot be written to DIR/file/site: Not a directory (os error 20)
    hint: Name a folder that can be written to with --out.
    ");
}

/// Asks with these lines; the whole answer.
fn ask(address: &str, request: &str) -> String {
    let host = address.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.replace("HOST", host).replace('\n', "\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_is_served_to_this_machine_alone_follows_the_log_and_ends_with_ctrl_c() {
    let forge = LocalForge::new();
    let payload = forge.opens("carol", "How do I read the list from a file?", "Nothing in the README.");
    let mut seen = Vec::new();
    let ran = forge.program(&["dashboard", "--serve"]).run_and_interrupt_after("http://", |address| {
        let get = |path: &str| ask(address, &format!("GET {path} HTTP/1.1\nHost: HOST\n\n"));
        let first = |answer: String| answer.lines().next().unwrap().to_owned();
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        let before = get("/sequence");
        assert!(before.ends_with("{\"sequence\":0}"), "{before}");
        forge.take_in(&payload).well();
        assert!(get("/sequence").ends_with("{\"sequence\":9}"));
        let page = get("/");
        assert!(page.contains("data-live=\"true\"") && page.contains("carol opened issue #1"));
        let head = page.split("\r\n\r\n").next().unwrap().to_lowercase();
        for header in [
            "content-security-policy: default-src 'none'",
            "frame-ancestors 'none'",
            "nosniff",
            "no-store",
            "same-origin",
        ] {
            assert!(head.contains(header), "{header}: {head}");
        }
        let headed = ask(address, "HEAD / HTTP/1.1\nHost: HOST\n\n");
        assert!(headed.starts_with("HTTP/1.1 200") && headed.ends_with("\r\n\r\n"), "a head has no body");
        seen.push(first(get("/../etc/passwd")));
        seen.push(first(ask(address, "POST / HTTP/1.1\nHost: HOST\nContent-Length: 0\n\n")));
        seen.push(first(ask(address, "GET / HTTP/1.1\nHost: evil.example\n\n")));
        seen.push(first(ask(address, "GET / HTTP/1.0\n\n")));
    });
    insta::assert_snapshot!(seen.join("\n"), @"
    HTTP/1.1 404 Not Found
    HTTP/1.1 405 Method Not Allowed
    HTTP/1.1 421 Misdirected Request
    HTTP/1.0 421 Misdirected Request
    ");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stderr, "The dashboard is served to this machine alone. Ctrl-C ends it.\n");
}

#[test]
fn what_is_new_takes_nobody_from_where_they_are() {
    let Some(mut browser) = Browser::start() else { return };
    let forge = LocalForge::new();
    let first = forge.opens("carol", "How do I read the list from a file?", "Nothing in the README.");
    let second = forge.opens("carol", "How do I write it?", "");
    forge.take_in(&first).well();
    let ran = forge.program(&["dashboard", "--serve"]).run_and_interrupt_after("http://", |address| {
        browser.open(&format!("{}#issues?view=table", address.trim()));
        browser.eval("document.querySelector('#board .go').focus()");
        forge.take_in(&second).well();
        // As when somebody comes back to the page.
        browser.reloads("void document.dispatchEvent(new Event('visibilitychange'))");
        assert_eq!(browser.eval("document.querySelectorAll('#board tbody tr').length"), 2);
        assert_eq!(browser.eval("document.activeElement.getAttribute('href')"), "#issue-1");
    });
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(browser.complaints, Vec::<String>::new());
}
