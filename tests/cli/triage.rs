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
    insta::assert_snapshot!(told, @"
    exit code 0
    -- stdout
    acme/gears (11 issues)
                precision  recall     F1  issues
      bug           0.750   0.750  0.750       4
      feature       1.000   0.750  0.857       4
      question      0.750   1.000  0.857       3
      macro                        0.821
    acme/widgets (11 issues)
                precision  recall     F1  issues
      bug           1.000   1.000  1.000       3
      feature       1.000   1.000  1.000       4
      question      1.000   1.000  1.000       4
      macro                        1.000
    mean macro F1 0.911, mean accuracy 0.909
    ");
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
    insta::assert_snapshot!(all.join("\n"), @"
    exit code 2
    -- stderr
    error: --train: nowhere.csv cannot be read: No such file or directory (os error 2)
    hint: Name a file of labelled issues, CSV or one JSON object a line.

    exit code 2
    -- stderr
    error: --train: train.csv: it has no rows
    hint: Give it a first line that names the columns, and an issue on each line below.

    exit code 2
    -- stderr
    error: --train: train.csv: it has no column `label`; it has repo, title
    hint: The first line names the columns: label, title and perhaps body and repo.

    exit code 2
    -- stderr
    error: --train: all issues have the label `bug`, so there is nothing to tell apart
    hint: Give it examples of two labels or more.

    exit code 2
    -- stderr
    error: --train: the label `bug` has a single issue
    hint: Cross-validation needs two of each. Leave it out, give more examples, or name a file with --test.

    exit code 2
    -- stderr
    error: --train: issue 2 has no label
    hint: Leave out issues that nobody has labelled.

    exit code 2
    -- stderr
    error: --by repo: an issue of --train does not say which repository it is of
    hint: Fill the column `repo`, or leave `--by repo` out.

    exit code 2
    -- stderr
    error: --test: no issue of --train has the label `wish`
    hint: Labels with examples are bug, question. Leave the other issues out, or give examples.

    exit code 2
    -- stderr
    error: --by repo: no issue of --train is of `c/d`
    hint: Leave its issues out of --test, or give examples of it; without `--by repo` all are learned together.

    exit code 2
    -- stderr
    error: --train: train.csv: line 2 cannot be read: it has 3 fields, the first line has 2
    hint: Fields with commas, quotes or line breaks stand in double quotes, and quotes in them are doubled.
    ");
}
