//! `triage eval`: learns from a file of labelled issues and tells how good that is.

use std::path::{Path, PathBuf};

use super::program::{Program, file};

fn labelled(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/labelled", name].iter().collect();
    path.to_string_lossy().into_owned()
}

fn eval(arguments: &[&str]) -> Program {
    Program::new(&[&["triage", "eval"], arguments].concat())
}

/// What is said to a file with this content, without the folder that it lies in.
fn refused(folder: &Path, train: &str, test: Option<&str>, more: &[&str]) -> String {
    file(folder, "train.csv", train.as_bytes());
    let mut arguments = vec!["--train", "train.csv"];
    if let Some(test) = test {
        file(folder, "test.csv", test.as_bytes());
        arguments.extend(["--test", "test.csv"]);
    }
    arguments.extend(more);
    eval(&arguments).inside(folder).run().told()
}

#[test]
fn what_was_learned_of_one_file_is_measured_on_another() {
    let (train, test) = (labelled("learn.csv"), labelled("judge.csv"));
    let told = eval(&["--train", &train, "--test", &test, "--by", "repo"]).run().told();
    insta::assert_snapshot!(told, @"");
}

#[test]
fn without_a_second_file_every_issue_is_judged_by_what_has_not_seen_it() {
    let train = labelled("learn.csv");
    let arguments = ["--train", &train, "--folds", "3", "--format", "json"];
    let told = eval(&arguments).run().json();
    assert_eq!(told["repositories"][0]["rows"], 54);
    assert_eq!(told["repositories"][0]["repo"], serde_json::Value::Null);
    let mean = told["mean_macro_f1"].as_f64().unwrap();
    assert!((0.8..=1.0).contains(&mean), "{told}");
    assert_eq!(
        eval(&arguments).run().stdout,
        eval(&arguments).run().stdout,
        "the same rows, the same figures"
    );
}

#[test]
fn json_lines_are_read_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let line = |label: &str, title: &str| format!("{{\"label\":\"{label}\",\"title\":\"{title}\"}}\n");
    let rows: String = (0..6)
        .map(|at| {
            line("bug", &format!("It crashes {at} times")) + &line("question", &format!("How do I do {at}?"))
        })
        .collect();
    file(folder.path(), "rows.jsonl", rows.as_bytes());
    let told = eval(&["--train", "rows.jsonl", "--folds", "2", "--format", "json"])
        .inside(folder.path())
        .run()
        .json();
    assert_eq!(told["mean_macro_f1"], 1.0);
}

#[test]
fn a_file_that_cannot_be_used_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let missing = eval(&["--train", "nowhere.csv"]).inside(path).run().told();
    let good = "repo,label,title\na/b,bug,Crash\na/b,bug,Panic\na/b,question,How?\na/b,question,Why?\n";
    let all = [
        missing,
        refused(path, "", None, &[]),
        refused(path, "repo,title\na/b,Crash\n", None, &[]),
        refused(path, "label,title\nbug,Crash\nbug,Panic\n", None, &[]),
        refused(path, "label,title\nbug,Crash\nquestion,How?\nquestion,Why?\n", None, &[]),
        refused(path, "label,title\nbug,Crash\n,How?\n", None, &[]),
        refused(path, "label,title\nbug,Crash\nquestion,How?\n", None, &["--by", "repo"]),
        refused(path, good, Some("repo,label,title\na/b,wish,More\n"), &[]),
        refused(path, good, Some("repo,label,title\nc/d,bug,More\n"), &["--by", "repo"]),
        refused(path, "label,title\n\"bug\",a,b\n", None, &[]),
    ];
    insta::assert_snapshot!(all.join("\n"), @"");
}
