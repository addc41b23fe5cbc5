//! What was written about an issue is forgotten when a change was made for it, too.

use automata::domain::actor::Permission;
use automata::domain::id::{CommitId, Login};
use automata::services::github::local::events;
use automata::services::seal::keyring::SEALED_FILE;

use super::encryption::{BODY, PRIVATE, TITLE, encrypted, encrypts, holds, key, takes_in, with};
use super::forge::LocalForge;
use super::learn::{labelled, models};
use super::program::file;

/// What the reviewer says, and what the assistant answers.
const SAID: [&str; 2] = ["Nebuchadnezzar", "Ozymandias"];

/// What carol wants.
const PATCH: &str = "--- a/src/main.rs\n+++ b/src/main.rs\n@@ -1 +1 @@\n-fn main() {}\n+fn main() { }\n";

/// All that the server keeps of the log: every object that no branch of code leads to. What the change brought along is the
/// repository's own, its message and its branch included.
fn kept_of_the_log(forge: &LocalForge) -> String {
    let code = forge.git(&["rev-list", "--objects", "--branches=main", "--branches=automata/*"]);
    let of_code: std::collections::BTreeSet<&str> =
        code.lines().filter_map(|line| line.split(' ').next()).collect();
    let all = forge.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    let ours: String = all.lines().filter(|id| !of_code.contains(id)).map(|id| format!("{id}\n")).collect();
    let mut git = crate::world::repository::hermetic_git();
    git.current_dir(forge.path().join("repository.git")).args(["cat-file", "--batch"]);
    let list = file(forge.path(), "objects", ours.as_bytes());
    let output = git.stdin(std::fs::File::open(list).unwrap()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &forge.git(&["for-each-ref", "refs/automata"])
}

fn expect_nothing_private(content: &str) {
    assert!(content.contains("trigger.received"), "it is the right place that is looked at");
    for text in PRIVATE.iter().chain(&SAID) {
        let at = content.find(text);
        let around = at.map(|at| content[..at].rfind('\n').unwrap_or_default());
        let line = around.map(|from| content[from..].trim_start().lines().next().unwrap_or_default());
        assert_eq!(line, None, "{text}");
    }
}

#[test]
fn what_is_forgotten_is_nowhere_after_a_change_a_review_and_a_revision_either() {
    let forge = LocalForge::new();
    let config = format!(
        "state:\n  encryption:\n    mode: sensitive\n    recipients: [{}]\nassistants:\n  - patch\n  - command:\n      \
         name: mine\n      run: [/bin/sh, -c, 'echo // {} >> src/main.rs; echo {}']\n",
        key(1).1,
        SAID[1],
        SAID[1]
    );
    forge.commits(".github/automata.yml", &config);
    for login in ["carol", "dave"] {
        forge.forge().set_permission(&Login::new(login), Permission::Write).unwrap();
    }
    takes_in(&forge, "carol", TITLE, &format!("{BODY}\n\n```diff\n{PATCH}```\n"));
    let pull = forge.forge().pulls().unwrap().remove(0);
    assert_eq!(pull.head, "automata/issue-1-change", "the branch says nothing of the title");
    let dave = Login::new("dave");
    let text = format!("Say {} in it.", SAID[0]);
    let review = forge.forge().review_as(&dave, pull.number, "changes_requested", &text, "review").unwrap();
    let tip = |branch: &str| CommitId::new(forge.git(&["rev-parse", branch]).trim());
    let tips = (tip(&pull.head), tip("main"));
    let payload = events::review_submitted(forge.forge(), &pull, &review, (&tips.0, &tips.1)).unwrap();
    let payload = file(forge.path(), "review.json", payload.to_string().as_bytes());
    let run = ["run", "--event", "pull_request_review", "--payload", payload.to_str().unwrap()];
    with(forge.program(&run), 1).run().well();
    assert_ne!(tip(&pull.head), tips.0, "it was revised");
    expect_nothing_private(&kept_of_the_log(&forge));
    let own = with(forge.program(&["log", "-n", "0", "--format", "json"]), 1).run().well();
    assert!(PRIVATE.iter().chain(&SAID[..1]).any(|text| own.stdout.contains(text)));

    with(forge.program(&["forget", "--issue", "1"]), 1).run().well();
    forge.git(&["gc", "--quiet", "--prune=now"]);
    expect_nothing_private(&kept_of_the_log(&forge));
    for who in [0, 1] {
        for command in [vec!["log", "-n", "0", "--format", "json"], vec!["status"], vec!["why", "1"]] {
            let program = forge.program(&command);
            let ran = if who == 0 { program } else { with(program, who) }.run().well();
            let found = PRIVATE.iter().chain(&SAID).find(|text| ran.stdout.contains(**text));
            assert_eq!(found, None, "{command:?}: {}", ran.stdout);
        }
    }
    assert!(!holds(own.stderr.as_bytes(), "forgotten"));
    assert_eq!(with(forge.program(&["verify"]), 1).run().code, Some(0));
    let told = with(forge.program(&["why", "1"]), 1).run().well();
    assert!(told.stdout.contains("[forgotten]"), "{}", told.stdout);
}

#[test]
fn what_was_learned_is_sealed_as_well_and_goes_with_what_is_forgotten() {
    let forge = encrypted("sensitive");
    let file = labelled(forge.path(), 0);
    let learn = with(forge.program(&["learn", "--from", file.to_str().unwrap()]), 1);
    let early = learn.run();
    assert!(early.stderr.contains("whose keys are made with the next event"), "{}", early.stderr);
    assert_eq!((early.code, models(&forge)), (Some(3), Vec::<String>::new()));
    takes_in(&forge, "carol", TITLE, BODY);
    learn.run().well();
    let [kept] = &models(&forge)[..] else { panic!("{:?}", models(&forge)) };
    let stored = forge.git_bytes(&["show", &format!("{kept}:type")]);
    assert!(stored.starts_with(SEALED_FILE), "nobody can try words on it");
    let judged = |title: &str| {
        let payload = forge.opens("carol", title, "The needle wobbles a lot.");
        with(forge.taking_in(&payload), 1).run().well();
        let told = with(forge.program(&["log", "-n", "0", "--format", "json"]), 1).run().well();
        let found = told.stdout.lines().rfind(|line| line.contains("\"issue_type\"")).unwrap().to_owned();
        serde_json::from_str::<serde_json::Value>(&found).unwrap()["data"]["output"]["issue_type"].clone()
    };
    assert_eq!(judged("Why does the needle wobble on the anvil?")["value"], "bug", "it is used");
    let told = with(forge.program(&["forget", "--issue", "1"]), 1).run().well();
    assert!(told.stderr.contains("`automata learn` learns anew"), "{}", told.stderr);
    assert_eq!(models(&forge), Vec::<String>::new());
    assert_eq!(judged("Why does the needle wobble on the kiln?")["value"], "question", "the rules judge");
}

#[test]
fn a_branch_that_was_named_by_its_title_before_is_told() {
    let forge = LocalForge::new();
    forge.forge().set_permission(&Login::new("carol"), Permission::Write).unwrap();
    let payload = forge.opens("carol", TITLE, &format!("```diff\n{PATCH}```\n"));
    forge.take_in(&payload).well();
    encrypts(&forge, "sensitive", &[1]);
    with(forge.program(&["tasks", "add", "analyse", "--subject", "issue/1"]), 1).run().well();
    let told = with(forge.program(&["forget", "--issue", "1"]), 1).run().well();
    let note = "the branch automata/issue-1-the-parser-loses-quixotic-rows repeats the title";
    assert!(told.stderr.contains(note), "{}", told.stderr);
}
