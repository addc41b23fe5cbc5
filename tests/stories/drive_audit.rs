//! Task kind `drive_audit`: what is not as the configuration wants it is told in one issue, which follows what is found.

use insta::assert_snapshot;

use super::drive_scene::{MONA as OWNER, Scene};
use crate::world::documents::Documents;
use crate::world::github::Fault;

const EVE: &str = "eve@other.example";

/// Who is to have access to `docs`, looked at every ten minutes.
fn rules(rule: &str, input: &str) -> String {
    format!(
        "  inside: [acme.example]\n  access:\n    - {{folder: 'docs:', grants: []{rule}}}\nrules: []\nschedules:\n  audit: {{cron: '*/10 * * * *', do: {{kind: drive_audit, input: {{{input}}}}}}}\n"
    )
}

async fn audited(rule: &str, input: &str) -> Documents {
    let at = Documents::configured(&rules(rule, input)).await;
    at.stage.drain().await;
    at
}

fn issues(at: &Documents) -> Vec<String> {
    let shown = |number| at.stage.github.shows(number).replace('\u{2060}', "");
    (1..=at.stage.github.last_issue()).map(shown).collect()
}

#[tokio::test]
async fn one_issue_is_opened_follows_what_is_found_and_is_closed_when_nothing_is_left() {
    let at = audited("", "labels: [bug]").await;
    at.looks().await;
    assert_eq!(issues(&at), [""; 0], "all is well, and nobody hears of it");
    at.drive.share(&at.docs, "user", EVE, "writer");
    at.looks().await;
    assert_snapshot!(issues(&at).join("\n"), @r#"
    #1 open Access in Google Drive is not as the configuration wants it ["bug"]
    | weight | folder | what | remedy |
    |---|---|---|---|
    | risk | docs: | e…&#64;other.example, from outside, is writer |  |

    <sub>Kept by Automata: it follows what the next audits find, and is closed when nothing is left. Addresses are shortened here; `automata drive audit` shows them whole. Close it to leave things as they are: it is not opened again until something else is found.</sub>
    "#);
    let before = at.stage.github.writes().len();
    at.looks().await;
    assert_eq!(at.stage.github.writes().len(), before, "what was told is not told again");
    at.drive.share(&at.docs, "anyone", "", "reader");
    at.looks().await;
    assert_eq!(issues(&at).len(), 1);
    assert!(issues(&at)[0].contains("anyone with the link is reader"), "{:#?}", issues(&at));
    at.drive.unshare(&at.docs, EVE);
    at.drive.unshare(&at.docs, "anyone");
    at.looks().await;
    assert_snapshot!(issues(&at).join("\n"), @r#"
    #1 closed Access in Google Drive is not as the configuration wants it ["bug"]
    Access in Google Drive is as the configuration wants it again.
    "#);
    let log = at.stage.history().await.iter().map(|event| format!("{event:?}")).collect::<String>();
    assert!(!log.contains(EVE), "addresses are not written into the log");
}

#[tokio::test]
async fn what_a_person_closed_stays_closed_until_something_else_is_found() {
    let at = audited("", "").await;
    at.drive.share(&at.docs, "user", EVE, "writer");
    at.looks().await;
    at.stage.github.close(1);
    at.looks().await;
    assert_eq!(issues(&at).len(), 1);
    assert!(issues(&at)[0].starts_with("#1 closed"));
    at.drive.share(&at.docs, "anyone", "", "reader");
    at.looks().await;
    at.looks().await;
    assert_eq!(issues(&at).len(), 2);
    // What was found before, gone, and there again is news.
    at.drive.unshare(&at.docs, "anyone");
    at.drive.unshare(&at.docs, EVE);
    at.looks().await;
    assert!(issues(&at)[1].starts_with("#2 closed"));
    at.drive.share(&at.docs, "anyone", "", "reader");
    at.drive.share(&at.docs, "user", EVE, "writer");
    at.looks().await;
    assert_eq!(issues(&at).len(), 3);
}

#[tokio::test]
async fn what_may_be_mended_is_mended_first_and_the_rest_is_told() {
    let at = audited(", only: true, repair: true", "repair: true").await;
    at.drive.share(&at.docs, "user", EVE, "writer");
    at.drive.share(&at.team, "user", "pat@other.example", "reader");
    at.looks().await;
    at.stage.drain_later().await;
    assert!(!at.drive.grants(&at.docs).iter().any(|grant| grant.contains(EVE)));
    assert_snapshot!(issues(&at).join("\n"), @"
    #1 open Access in Google Drive is not as the configuration wants it []
    | weight | folder | what | remedy |
    |---|---|---|---|
    | risk | docs: | p…&#64;other.example, from outside, is reader | It comes from a folder above: change it there. |

    <sub>Kept by Automata: it follows what the next audits find, and is closed when nothing is left. Addresses are shortened here; `automata drive audit` shows them whole. Close it to leave things as they are: it is not opened again until something else is found.</sub>
    ");
    assert_eq!(at.stage.tasks().await.get("drive_access completed"), Some(&1));
    assert_eq!(at.troubles().await, [""; 0]);
}

#[tokio::test]
async fn lost_answers_open_no_second_issue_and_leave_none_behind() {
    let at = audited("", "").await;
    at.drive.share(&at.docs, "user", EVE, "writer");
    at.stage.github.plan("issues/create", Fault::LoseReply);
    at.looks().await;
    at.stage.drain_later().await;
    assert_eq!(issues(&at).len(), 1);
    at.drive.unshare(&at.docs, EVE);
    at.stage.github.plan("issues/update", Fault::LoseReply);
    at.looks().await;
    at.stage.github.plan("issues/update", Fault::LoseReply);
    at.stage.drain_later().await;
    at.stage.drain_later().await;
    assert_eq!(issues(&at).len(), 1);
    assert!(issues(&at)[0].starts_with("#1 closed"), "{:#?}", issues(&at));
}

#[tokio::test]
async fn killed_at_any_push_there_is_one_issue() {
    for push in 1..=2 {
        let at = audited("", "").await;
        at.drive.share(&at.docs, "user", EVE, "writer");
        at.looks_killed_at_push(push).await;
        at.looks().await;
        at.stage.drain_later().await;
        assert_eq!(issues(&at).len(), 1, "push {push}");
        at.drive.unshare(&at.docs, EVE);
        at.looks_killed_at_push(push).await;
        at.looks().await;
        at.stage.drain_later().await;
        assert_eq!(issues(&at).len(), 1, "push {push}");
        assert!(issues(&at)[0].starts_with("#1 closed"), "push {push}");
        assert_eq!(at.troubles().await, [""; 0], "push {push}");
    }
}

#[tokio::test]
async fn an_issue_that_somebody_else_marked_so_is_not_taken_for_ours() {
    let at = audited("", "").await;
    at.stage.github.open_issue("eve", "Mine", "<!-- automata:drive audit findings=none -->\n", &[]);
    at.drive.share(&at.docs, "user", EVE, "writer");
    at.looks().await;
    assert_eq!(issues(&at).len(), 2);
    assert!(issues(&at)[0].starts_with("#1 open Mine"));
}

#[tokio::test]
async fn what_was_let_in_further_down_is_found_and_mended_where_that_may_be() {
    for (rule, input) in [("", ""), (", only: true, repair: true", "repair: true")] {
        let at = audited(rule, input).await;
        let plans = at.drive.folder(OWNER, &at.docs, "plans");
        let secret = at.drive.file(OWNER, &plans, "a/b.md", b"x");
        at.drive.share(&secret, "anyone", "", "reader");
        at.drive.share(&plans, "user", EVE, "writer");
        at.looks().await;
        if input.is_empty() {
            assert_snapshot!(issues(&at).join("\n"), @r"
    #1 open Access in Google Drive is not as the configuration wants it []
    | weight | folder | what | remedy |
    |---|---|---|---|
    | risk | docs:plans | e…&#64;other.example, from outside, is writer |  |
    | risk | docs:plans/a\\/b.md | anyone with the link is reader |  |

    <sub>Kept by Automata: it follows what the next audits find, and is closed when nothing is left. Addresses are shortened here; `automata drive audit` shows them whole. Close it to leave things as they are: it is not opened again until something else is found.</sub>
    ");
        } else {
            at.stage.drain_later().await;
            let let_in = [at.drive.grants(&secret), at.drive.grants(&plans)].concat();
            let is_gone = |grant: &String| !grant.contains("anyone") && !grant.contains(EVE);
            assert!(let_in.iter().all(is_gone), "{let_in:#?}");
            assert!(issues(&at).is_empty(), "{:#?}", issues(&at));
        }
        assert_eq!(at.troubles().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_large_tree_is_looked_at_in_batches_and_only_where_somebody_was_let_in() {
    let at = audited("", "").await;
    for name in 0..300 {
        let file = at.drive.file(OWNER, &at.docs, &format!("{name}.txt"), b"x");
        if name % 2 == 0 {
            at.drive.share(&file, "user", "otto@acme.example", "reader");
        }
    }
    at.drive.share(&at.drive.named(&at.docs, "298.txt")[0], "anyone", "", "reader");
    at.drive.take_requests();
    at.looks().await;
    assert!(issues(&at)[0].contains("docs:298.txt"), "{:#?}", issues(&at));
    // Those that watch the folder ask as well; the audit's are these.
    let requests = at.drive.requests();
    let lists = requests.iter().filter(|line| line.contains("/files?") && line.contains("parents")).count();
    assert!(lists >= 1, "{requests:#?}");
    let batches = requests.iter().filter(|line| line.starts_with("POST /batch")).count();
    assert!(batches <= 2 + 4, "{requests:#?}");
    let alone =
        requests.iter().filter(|line| line.starts_with("GET") && line.contains("/permissions")).count();
    assert!(alone <= 1 + 150, "{requests:#?}");
}

#[tokio::test]
async fn a_tree_that_could_not_be_seen_whole_is_said_to_be_so() {
    let at = audited("", "").await;
    for name in ["a", "b", "c"] {
        at.drive.file(OWNER, &at.docs, name, b"x");
    }
    at.configure_with("", "files: 2", &rules("", ""));
    at.looks().await;
    assert!(issues(&at)[0].contains("more than 2 things"), "{:#?}", issues(&at));
    assert!(issues(&at)[0].contains("or name folders further down"), "{:#?}", issues(&at));
}

#[tokio::test]
async fn a_rule_that_looks_at_its_folder_only_asks_for_nothing_below() {
    let at = audited(", below: false", "").await;
    let file = at.drive.file(OWNER, &at.docs, "a", b"x");
    at.drive.share(&file, "anyone", "", "reader");
    at.looks().await;
    assert_eq!(issues(&at), [""; 0]);
}

#[test]
fn on_the_command_line_each_mend_goes_through_the_log_and_the_rest_becomes_an_issue() {
    let scene = Scene::configured(
        "inside: [acme.example]\naccess:\n- folder: \"docs:\"\n  grants: [{user: otto@acme.example, role: writer}, {user: mona@acme.example, role: writer}]\n  only: true\n  repair: true",
    );
    scene.world.share(&scene.docs, "user", EVE, "writer");
    let here = [(scene.path().to_str().unwrap(), "DIR")];
    assert_snapshot!(scene.run(&["drive", "audit", "--repair", "--issue"]).told_of(&here), @"
    exit code 1
    -- stdout
    WEIGHT  FOLDER  WHAT                                                   REMEDY
    risk    docs:   eve@other.example, from outside, is writer             mended
    drift   docs:   mona@acme.example owns it, and should be writer        Hand it over first: `automata drive transfer`.
    drift   docs:   otto@acme.example should be writer, and is not let in  mended
    -- stderr
    1 folder was looked at; 1 thing is not as wanted.
    It is told in file://DIR/forge/issues/0001.json
    ");
    assert_eq!(
        scene.world.grants(&scene.docs),
        [format!("user {OWNER} owner"), "user otto@acme.example writer".to_owned()]
    );
    let log = scene.run(&["log", "-n", "0"]).well().stdout;
    let done = log.lines().filter(|line| line.contains("drive_access done"));
    let done: Vec<&str> =
        done.filter_map(|line| line.split_once("  repository  ")).map(|(_, told)| told).collect();
    assert_snapshot!(done.join("\n"), @"
    drive_access done: docs: eve@other.example writer -> nothing, asked for by mona
    drive_access done: docs: otto@acme.example nothing -> writer, asked for by mona
    ");
    scene.run(&["drive", "audit", "--issue"]);
    assert_eq!(
        std::fs::read_dir(scene.path().join("forge/issues")).unwrap().count(),
        1,
        "one issue, however often"
    );
    assert_snapshot!(scene.run(&["drive", "audit", "--issue", "--unrecorded"]).told(), @"
    exit code 2
    -- stderr
    error: an issue needs the log of a repository, and none is at hand
    hint: Add --forge local --directory DIR, or set GITHUB_REPOSITORY and a token; and leave --unrecorded out.
    ");
}

#[test]
fn in_a_persons_own_drive_what_comes_from_above_is_told_once() {
    let scene = Scene::configured("inside: [acme.example]\naccess:\n- {folder: \"docs:\", grants: []}");
    let plans = scene.world.folder(OWNER, &scene.docs, "plans");
    let plan = scene.world.file(OWNER, &plans, "plan.md", b"x");
    scene.world.share(&scene.docs, "user", EVE, "reader");
    scene.world.share(&plan, "anyone", "", "reader");
    assert_snapshot!(scene.run(&["drive", "audit", "--unrecorded"]).told(), @"
    exit code 1
    -- stdout
    WEIGHT  FOLDER              WHAT                                        REMEDY
    risk    docs:               eve@other.example, from outside, is reader
    risk    docs:plans/plan.md  anyone with the link is reader
    -- stderr
    1 folder was looked at; 2 things are not as wanted.
    ");
}

#[tokio::test]
async fn whom_a_rule_on_issues_let_in_is_no_finding_and_stays() {
    let at = Documents::configured("").await;
    let rules = "  inside: [acme.example]\n  access:\n    - {folder: 'docs:', grants: [], only: true, repair: true}\nrules:\n  - on: issues.opened\n    do:\n      folder: {in: 'docs:', name: 'issue {number}'}\n  - on: issues.assigned\n    do:\n      share: {role: commenter}\nschedules:\n  audit: {cron: '*/10 * * * *', do: {kind: drive_audit, input: {repair: true}}}\n";
    at.configure_with(", hubot: hubot@partner.example", "", rules);
    let (issue, _) = at.stage.opens("alice", "Crash", "It crashes.").await;
    let folder = at.drive.folders(&at.docs).remove(0);
    at.stage.lets_pass(std::time::Duration::from_secs(2));
    let payload = at.stage.github.assign_as("mona", issue, "hubot");
    at.stage.run("issues", &payload).await.unwrap();
    at.drive.share(&folder, "user", EVE, "writer");
    at.looks().await;
    at.stage.drain_later().await;
    let let_in = at.drive.grants(&folder);
    assert!(let_in.contains(&"user hubot@partner.example commenter".to_owned()), "{let_in:#?}");
    assert!(!let_in.iter().any(|grant| grant.contains(EVE)), "{let_in:#?}");
    assert_eq!(issues(&at).len(), 1, "nothing is left to be told: {:#?}", issues(&at));
    assert_eq!(at.troubles().await, [""; 0]);
}

#[tokio::test]
async fn what_lies_in_a_folder_that_is_not_for_us_to_see_is_said_not_to_have_been_looked_at() {
    let at = audited("", "").await;
    let plans = at.drive.folder(OWNER, &at.docs, "plans");
    at.drive.shut_out(&plans, crate::world::drive::SERVICE_ACCOUNT);
    at.looks().await;
    assert!(issues(&at)[0].contains("this account does not see what is in"), "{:#?}", issues(&at));
}
