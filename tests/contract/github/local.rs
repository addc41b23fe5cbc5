//! What only the local forge has: a folder that is kept, other processes, people that the demo plays.

use std::collections::BTreeSet;
use std::sync::Arc;

use automata::domain::actor::{Actor, Permission};
use automata::domain::id::RunId;
use automata::services::clock::Clock;
use automata::services::github::local::{Forge, NewIssue, events};
use automata::services::github::{GitHub, NewPullRequest, Opened, RunState};

use super::stage::acme_widgets;
use crate::world::github::clock::VirtualClock;

fn open(folder: &std::path::Path) -> Forge {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::default());
    Forge::open(folder, &acme_widgets(), "main", Actor::automata(), clock).unwrap()
}

fn bug() -> NewIssue {
    NewIssue {
        key: "demo/bug".to_owned(),
        author: "joe".into(),
        title: "It breaks".to_owned(),
        body: "thread 'main' panicked".to_owned(),
        labels: vec!["bug".to_owned()],
    }
}

#[tokio::test]
async fn a_kept_folder_finds_what_was_opened_before() {
    let folder = tempfile::tempdir().unwrap();
    let (issue, comment) = {
        let forge = open(folder.path());
        let issue = forge.open_issue(&bug()).unwrap();
        (issue.clone(), forge.comment_as(&"maria".into(), issue.number, "/fix", "demo/fix").unwrap())
    };
    let forge = open(folder.path());
    assert_eq!(forge.open_issue(&bug()).unwrap().number, issue.number);
    assert_eq!(forge.comment_as(&"maria".into(), issue.number, "/fix", "demo/fix").unwrap(), comment);
    assert_eq!(forge.issues(&automata::services::github::IssueQuery::default()).await.unwrap().len(), 1);
    assert_eq!(forge.comments(issue.number, None).await.unwrap(), [comment]);
}

#[tokio::test]
async fn who_only_reads_changes_nothing_in_the_folder_and_need_not_be_able_to() {
    let folder = tempfile::tempdir().unwrap();
    let issue = open(folder.path()).open_issue(&bug()).unwrap();
    let lock = folder.path().join("lock");
    std::fs::remove_file(&lock).unwrap();
    assert_eq!(open(folder.path()).issue(issue.number).await.unwrap().as_ref(), Some(&issue));
    assert!(!lock.exists(), "nothing was to be changed");
    // Whoever is no superuser is kept from writing by this.
    let may = |mode| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(folder.path(), permissions).unwrap();
    };
    may(0o555);
    let read = open(folder.path()).issue(issue.number).await;
    may(0o755);
    assert_eq!(read.unwrap().as_ref(), Some(&issue));
    // And this keeps everybody.
    std::fs::create_dir(&lock).unwrap();
    let forge = open(folder.path());
    assert_eq!(forge.issue(issue.number).await.unwrap(), Some(issue.clone()));
    assert_eq!(forge.create_comment(issue.number, "Thanks").await.unwrap_err().code, "forge_unavailable");
}

#[tokio::test]
async fn its_files_are_for_people_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let forge = open(folder.path());
    forge.set_permission(&"maria".into(), Permission::Maintain).unwrap();
    let issue = forge.open_issue(&bug()).unwrap();
    forge.put_label(issue.number, "crash").unwrap();
    forge.take_label_off(issue.number, "Bug").unwrap();
    forge.create_comment(issue.number, "Thanks").await.unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let files =
        ["repository.json", "people.json", "labels.json", "issues/0001.json", "comments/0001/0001.json"];
    insta::assert_snapshot!(files.map(|name| format!("{name}\n{}", read(name))).join("\n"), @r#"
    repository.json
    {
      "name": "acme/widgets",
      "default_branch": "main"
    }

    people.json
    {
      "maria": "maintain"
    }

    labels.json
    [
      {
        "name": "bug",
        "color": "ededed",
        "description": ""
      },
      {
        "name": "crash",
        "color": "ededed",
        "description": ""
      }
    ]

    issues/0001.json
    {
      "number": 1,
      "key": "demo/bug",
      "title": "It breaks",
      "author": {
        "kind": "person",
        "login": "joe"
      },
      "state": "open",
      "labels": [
        "crash"
      ],
      "assignees": [],
      "created_at": "2026-11-22T10:00:00Z",
      "updated_at": "2026-11-22T10:00:00Z",
      "body": "thread 'main' panicked"
    }

    comments/0001/0001.json
    {
      "id": 1,
      "author": {
        "kind": "automata",
        "login": "automata"
      },
      "created_at": "2026-11-22T10:00:00Z",
      "updated_at": "2026-11-22T10:00:00Z",
      "body": "Thanks"
    }
    "#);
    let address = format!("file://{}", folder.path().join("issues/0001.json").display());
    assert_eq!(issue.url, address);
}

#[test]
fn many_at_once_get_numbers_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let started: Vec<_> = (0..8)
        .map(|worker| {
            let path = folder.path().to_owned();
            std::thread::spawn(move || {
                let forge = open(&path);
                let numbers = (0..10).map(|n| {
                    let new = NewIssue { key: format!("{worker}/{n}"), ..bug() };
                    let number = forge.open_issue(&new).unwrap().number;
                    forge.put_label(number, &format!("worker {worker}")).unwrap();
                    number
                });
                numbers.collect::<Vec<_>>()
            })
        })
        .collect();
    let numbers: Vec<_> = started.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!((numbers.len(), numbers.iter().collect::<BTreeSet<_>>().len()), (80, 80));
    let labels = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(async { open(folder.path()).labels().await.unwrap() });
    assert_eq!(labels.len(), 9, "no label was lost to a race: bug and eight workers");
}

#[tokio::test]
async fn two_that_open_the_same_pull_request_get_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let new = NewPullRequest {
        title: "Fix".into(),
        body: String::new(),
        head: "fix".into(),
        base: "main".into(),
        draft: true,
    };
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (path, new) = (folder.path().to_owned(), new.clone());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(async { open(&path).open_pull_request(&new).await.unwrap() })
            })
        })
        .collect();
    let opened: Vec<Opened> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(opened.iter().filter(|opened| matches!(opened, Opened::Created(_))).count(), 1);
    assert_eq!(open(folder.path()).pull_requests_from("fix").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_damaged_file_is_named_and_a_half_written_one_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let forge = open(folder.path());
    let issue = forge.open_issue(&bug()).unwrap();
    std::fs::write(folder.path().join("issues/0002.json.new"), "{\"number").unwrap();
    assert_eq!(forge.issues(&automata::services::github::IssueQuery::default()).await.unwrap().len(), 1);
    std::fs::write(folder.path().join("issues/0001.json"), "{\"number").unwrap();
    let failure = forge.issue(issue.number).await.unwrap_err();
    assert_eq!(failure.code, "forge_damaged");
    assert!(failure.is_permanent() && failure.message.contains("issues/0001.json"), "{failure}");
}

#[tokio::test]
async fn this_process_is_alive_and_one_that_ended_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let forge = open(folder.path());
    let state =
        async |process: u32| forge.run_state(&RunId::new(format!("local-{process}-x"))).await.unwrap();
    let mut git = std::process::Command::new("git");
    let mut child = git.arg("--version").stdout(std::process::Stdio::null()).spawn().unwrap();
    child.wait().unwrap();
    let expected = if cfg!(target_os = "linux") {
        (RunState::Alive, RunState::Ended)
    } else {
        (RunState::Unknown, RunState::Unknown)
    };
    assert_eq!((state(std::process::id()).await, state(child.id()).await), expected);
}

#[tokio::test]
async fn events_have_the_shape_that_github_delivers() {
    let folder = tempfile::tempdir().unwrap();
    let forge = open(folder.path());
    forge.set_permission(&"maria".into(), Permission::Write).unwrap();
    let issue = forge.open_issue(&bug()).unwrap();
    let comment = forge.comment_as(&"maria".into(), issue.number, "/fix", "1").unwrap();
    let shown = |event: serde_json::Value| {
        let text = serde_json::to_string_pretty(&event).unwrap();
        text.replace(&folder.path().display().to_string(), "/forge")
    };
    insta::assert_snapshot!(shown(events::issue_opened(&forge, &issue).unwrap()), @r#"
    {
      "action": "opened",
      "issue": {
        "active_lock_reason": null,
        "assignee": null,
        "assignees": [],
        "author_association": "NONE",
        "body": "thread 'main' panicked",
        "closed_at": null,
        "comments": 1,
        "comments_url": "file:///forge/issues/0001.json",
        "created_at": "2026-11-22T10:00:00Z",
        "html_url": "file:///forge/issues/0001.json",
        "id": 1,
        "labels": [
          {
            "color": "ededed",
            "default": false,
            "description": null,
            "id": 324702997,
            "name": "bug",
            "node_id": "LA_324702997"
          }
        ],
        "locked": false,
        "milestone": null,
        "node_id": "I_1",
        "number": 1,
        "performed_via_github_app": null,
        "state": "open",
        "state_reason": null,
        "title": "It breaks",
        "updated_at": "2026-11-22T10:00:00Z",
        "url": "file:///forge/issues/0001.json",
        "user": {
          "id": 979066537,
          "login": "joe",
          "node_id": "U_979066537",
          "site_admin": false,
          "type": "User"
        }
      },
      "repository": {
        "default_branch": "main",
        "fork": false,
        "full_name": "acme/widgets",
        "html_url": "file:///forge/",
        "id": 1891723629,
        "name": "widgets",
        "node_id": "R_1891723629",
        "owner": {
          "id": 1962335759,
          "login": "acme",
          "node_id": "U_1962335759",
          "site_admin": false,
          "type": "User"
        },
        "private": false,
        "url": "file:///forge/",
        "visibility": "public"
      },
      "sender": {
        "id": 979066537,
        "login": "joe",
        "node_id": "U_979066537",
        "site_admin": false,
        "type": "User"
      }
    }
    "#);
    let commented = events::issue_comment_created(&forge, &issue, &comment).unwrap();
    assert_eq!(commented["comment"]["author_association"], "COLLABORATOR");
    assert_eq!(
        (&commented["comment"]["body"], &commented["sender"]["login"]),
        (&"/fix".into(), &"maria".into())
    );
    assert_eq!(commented["issue"]["comments"], 1);
    let labeled = events::issue_labeled(&forge, &issue, "bug", &"maria".into()).unwrap();
    assert_eq!((&labeled["action"], &labeled["label"]["name"]), (&"labeled".into(), &"bug".into()));
    let unlabeled = events::issue_unlabeled(&forge, &issue, "bug", &"maria".into()).unwrap();
    assert_eq!(unlabeled["action"], "unlabeled");
    let closed = forge.set_state(issue.number, automata::domain::trigger::OpenState::Closed).unwrap();
    let closed = events::issue_closed(&forge, &closed, &"maria".into()).unwrap();
    assert_eq!((&closed["issue"]["state"], &closed["sender"]["type"]), (&"closed".into(), &"User".into()));
}
