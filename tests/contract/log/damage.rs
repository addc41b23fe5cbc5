//! A state branch that somebody else has written on: every reader stops, and says where.

use automata::log::verification::verify;
use automata::log::{Error, Head};

use super::home::{Home, append_patiently, batch, events, folded, snapshot};
use crate::world::repository::BareRepository;

/// Two appends, a seal, and two more.
async fn written() -> Home {
    let home = Home::local();
    let log = home.writer();
    append_patiently(&*log, "a", 2).await;
    append_patiently(&*log, "b", 1).await;
    let (head, ids) = folded(&*log).await.unwrap();
    log.append(&head, &batch(&events(&head, "c", 1), Some(&snapshot(&head, &ids)))).await.unwrap();
    append_patiently(&*log, "d", 2).await;
    home
}

/// Puts `content` at `path` in a new commit on `branch`; none removes the file.
fn tamper(repository: &BareRepository, branch: &str, path: &str, content: Option<&str>) {
    repository.commit_file(branch, path, content.map(str::as_bytes));
}

async fn told(home: &Home) -> String {
    let log = home.writer();
    let (Err(error @ Error::Damaged { .. }), Ok(found)) = (log.load().await, verify(&*log).await) else {
        panic!("nobody noticed")
    };
    assert_eq!(found.damage.as_ref(), Some(&error), "whoever verifies finds the same");
    without_commit(&error.to_string())
}

/// Commit ids differ by nothing but the text of the code that wrote them; the place is what counts.
fn without_commit(told: &str) -> String {
    let (before, rest) = told.split_once("commit ").unwrap();
    format!("{before}commit …{}", &rest[12..])
}

#[tokio::test]
async fn a_changed_line_breaks_the_chain_at_the_next() {
    let home = written().await;
    let repository = home.repository().unwrap();
    let path = "tail/000000000005.jsonl";
    let lines = repository.git(&["show", &format!("automata-state:{path}")]);
    tamper(repository, "automata-state", path, Some(&lines.replacen("octo-cat", "octo-bat", 1)));
    insta::assert_snapshot!(told(&home).await, @"the log is damaged at commit …, tail/000000000005.jsonl, line 2: the chain is broken: event 6 follows 510857c9f7a8, but e4e88dbb42a6 comes before it");
}

#[tokio::test]
async fn a_missing_tail_file_is_missed() {
    let home = written().await;
    tamper(home.repository().unwrap(), "automata-state", "tail/000000000004.jsonl", None);
    insta::assert_snapshot!(told(&home).await, @"the log is damaged at commit …, tail/000000000005.jsonl: event 4 should come next");
}

#[tokio::test]
async fn a_truncated_tail_is_missed() {
    let home = written().await;
    tamper(home.repository().unwrap(), "automata-state", "tail/000000000005.jsonl", None);
    insta::assert_snapshot!(told(&home).await, @"the log is damaged at commit …, head.json: it says that the log ends with event 6, but the last one there is 4");
}

#[tokio::test]
async fn a_head_file_that_is_gone_or_full_of_conflict_marks_is_named() {
    let home = written().await;
    tamper(home.repository().unwrap(), "automata-state", "head.json", Some("<<<<<<< HEAD\n"));
    insta::assert_snapshot!(told(&home).await, @"the log is damaged at commit …, head.json: expected value at line 1 column 1");
    tamper(home.repository().unwrap(), "automata-state", "head.json", None);
    insta::assert_snapshot!(told(&home).await, @"the log is damaged at commit …, head.json: it is missing");
}

#[tokio::test]
async fn a_newer_format_stops_the_writer_and_is_no_damage() {
    let home = written().await;
    tamper(home.repository().unwrap(), "automata-state", "head.json", Some("{\"format\": 3}\n"));
    let error = home.writer().load().await.unwrap_err();
    assert!(matches!(error, Error::Newer { .. }));
    insta::assert_snapshot!(without_commit(&error.to_string()), @"the log at commit …, head.json was written by a newer Automata: the branch has format 3, this program reads up to 2");
}

#[tokio::test]
async fn damage_in_the_archive_is_found_by_a_check_and_does_not_stop_the_work() {
    let home = written().await;
    let repository = home.repository().unwrap();
    let archive = "automata-state-archive";
    let before = repository.git(&["rev-parse", archive]);
    let lines = repository.git(&["show", &format!("{archive}:000000000001.jsonl")]);
    // The archive commit is written anew with one line changed, and `head.json` made to name it.
    tamper(repository, archive, "000000000001.jsonl", Some(&lines.replacen("number 2", "number 7", 1)));
    let message = repository.git(&["log", "-1", "--format=%B", before.trim()]);
    let tree = repository.git(&["rev-parse", &format!("{archive}^{{tree}}")]);
    let parent = repository.git(&["rev-parse", &format!("{}^", before.trim())]);
    let forged = repository.git(&["commit-tree", tree.trim(), "-p", parent.trim(), "-m", message.trim()]);
    repository.git(&["update-ref", "refs/heads/automata-state-archive", forged.trim()]);
    let head = repository.git(&["show", "automata-state:head.json"]);
    tamper(repository, "automata-state", "head.json", Some(&head.replace(before.trim(), forged.trim())));
    let log = home.writer();
    assert_eq!(folded(&*log).await.unwrap().0.sequence.0, 6);
    let found = verify(&*log).await.unwrap();
    assert_eq!(found.events, 2);
    insta::assert_snapshot!(without_commit(&found.damage.unwrap().to_string()), @"the log is damaged at commit …, 000000000003.jsonl, line 1: the chain is broken: event 3 follows 1982d4920059, but 30918ceab746 comes before it");
}

#[tokio::test]
async fn an_archive_that_is_gone_is_named_with_the_way_to_bring_it_back() {
    let home = written().await;
    let repository = home.repository().unwrap();
    let archived = repository.git(&["rev-parse", "automata-state-archive"]);
    repository.git(&["update-ref", "-d", "refs/heads/automata-state-archive"]);
    let log = home.writer();
    let (head, ids) = folded(&*log).await.unwrap();
    let sealing = log.append(&head, &batch(&events(&head, "x", 1), Some(&snapshot(&head, &ids)))).await;
    let error = sealing.unwrap_err();
    let told = without_commit(&error.to_string()).replace(archived.trim(), "ARCHIVED");
    insta::assert_snapshot!(told, @"the log is damaged at commit …, head.json: it names ARCHIVED in the archive, but refs/heads/automata-state-archive is gone; whoever has that commit can bring it back with `git push origin ARCHIVED:refs/heads/automata-state-archive`");
    assert_eq!(verify(&*log).await.unwrap().damage, Some(error));
    // With the ref brought back everything goes on.
    repository.git(&["update-ref", "refs/heads/automata-state-archive", archived.trim()]);
    log.append(&head, &batch(&events(&head, "x", 1), Some(&snapshot(&head, &ids)))).await.unwrap();
    assert!(verify(&*log).await.unwrap().is_sound());
}

#[tokio::test]
async fn a_branch_rewritten_to_an_older_state_is_a_conflict_for_whoever_knew_better_and_then_told() {
    let home = written().await;
    let log = home.writer();
    let (head, _) = folded(&*log).await.unwrap();
    home.repository().unwrap().git(&["update-ref", "refs/heads/automata-state", "automata-state~1"]);
    assert_eq!(log.append(&head, &batch(&events(&head, "x", 1), None)).await, Err(Error::Conflict));
    assert!(matches!(log.load().await, Err(Error::SetBack { .. })));
}

#[tokio::test]
async fn a_branch_of_code_named_as_state_branch_is_not_touched() {
    let home = Home::local();
    let repository = home.repository().unwrap();
    let tree = repository.git_with(&["mktree"], b"");
    let commit = repository.git(&["commit-tree", tree.trim(), "-m", "Begin"]);
    repository.git(&["update-ref", "refs/heads/automata-state", commit.trim()]);
    let no_log = Error::NotALog("refs/heads/automata-state".to_owned());
    let log = home.writer();
    assert_eq!(log.load().await, Err(no_log.clone()));
    assert_eq!(
        log.append(&Head::EMPTY, &batch(&events(&Head::EMPTY, "x", 1), None)).await,
        Err(Error::Conflict)
    );
    assert_eq!(verify(&*log).await, Err(no_log));
}
