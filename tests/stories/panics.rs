//! A task that panics: its attempt ends, nothing else does, and in the end it is given up like any other.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use automata::services::assistant::{Answer, Assistant, Request};
use automata::services::secrets::Secret;
use insta::assert_snapshot;

use super::texts::{CRASH, QUESTION, QUESTION_TEXT};
use crate::world::model::KEY;
use crate::world::stage::Stage;

/// An assistant with a bug.
#[derive(Default)]
struct Mad {
    folders: Mutex<Vec<PathBuf>>,
}

#[async_trait]
impl Assistant for Mad {
    fn name(&self) -> &'static str {
        "mad"
    }

    fn needs_folder(&self) -> bool {
        true
    }

    async fn propose(&self, request: &Request) -> Answer {
        let folder = request.folder.clone().unwrap();
        assert!(folder.join("src/parser.rs").exists());
        self.folders.lock().unwrap().push(folder);
        panic!("index out of bounds: the len is 3\nbut the index is 3")
    }
}

#[tokio::test]
async fn a_task_that_panics_takes_nothing_else_with_it_and_ends_as_a_dead_letter() {
    let stage = Stage::start().await;
    let mad = Arc::new(Mad::default());
    *stage.assistants.borrow_mut() = vec![mad.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    let report = stage.comments("mona", issue, "/automata implement").await;
    assert_eq!((report.tally.retried, report.tally.failed), (1, 0));
    let tasks = stage.tasks().await;
    assert_eq!(tasks.get("implement pending"), Some(&1), "{tasks:?}");
    assert!(!tasks.keys().any(|task| task.ends_with("running")), "{tasks:?}");
    assert_eq!(tasks.get("obey completed"), Some(&1), "what else the run did is in the log: {tasks:?}");
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task td2fg.1 failed for now, again after 2026-11-22T10:00:17.310Z: it panicked, which is a bug of Automata: index out of bounds: the len is 3 but the index is 3.");

    // Work goes on beside it, attempt after attempt.
    let (other, report) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    assert_eq!((report.failed(), stage.github.labels_of(other)), (false, vec!["question".to_owned()]));
    for _ in 0..5 {
        stage.drain_later().await;
    }
    assert_eq!(stage.tasks().await.get("implement failed"), Some(&1));
    let folders = mad.folders.lock().unwrap().clone();
    assert_eq!(folders.len(), 6, "a panic counts as an attempt");
    assert!(folders.iter().all(|folder| !folder.exists()), "what it worked in is gone");
    let comment = stage.status_comment(issue);
    assert_snapshot!(comment.lines().find(|line| line.contains("panicked")).unwrap(), @"- The change could not be made: it panicked, which is a bug of Automata: index out of bounds: the len is 3 but the index is 3. The log of the run names the place; please report it.");
}

/// An assistant with a bug that quotes what it has in hand.
struct Blurts(Secret);

#[async_trait]
impl Assistant for Blurts {
    fn name(&self) -> &'static str {
        "blurts"
    }

    fn needs_folder(&self) -> bool {
        false
    }

    async fn propose(&self, _: &Request) -> Answer {
        panic!("no header can be made of \"Bearer {}\"", self.0.expose())
    }
}

#[tokio::test]
async fn a_panic_that_quotes_a_secret_is_told_without_it() {
    let stage = Stage::start().await;
    *stage.assistants.borrow_mut() = vec![Arc::new(Blurts(Secret::new(KEY)))];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    let report = stage.comments("mona", issue, "/automata implement").await;
    assert_eq!((report.tally.retried, report.tally.failed), (1, 0));
    let warnings = report.warnings.join("\n");
    assert!(warnings.contains("no header can be made of \"Bearer ***\""), "{warnings}");
    // That it stands in no object of the repository and in no request either is looked for at the end of every story.
    assert!(stage.why(issue).await.contains("Bearer ***"));
}
