//! What an audit mends is looked at again right before: what is another by then, or what a rule has given since, stays.

use insta::assert_snapshot;
use serde_json::json;

use automata::domain::payload::Payload;
use automata::domain::spec::TaskRequest;
use automata::domain::subject::Subject;

use super::drive_away::asks;
use super::drive_scene::{MONA as OWNER, Scene};
use crate::world::documents::Documents;
use crate::world::drive::Fault;

const EVE: &str = "eve@other.example";
const HUBOT: &str = "hubot@partner.example";

const RULE: &str = "inside: [acme.example]\naccess:\n- {folder: \"docs:\", grants: [{user: otto@acme.example, role: reader}], only: true, repair: true}";

#[test]
fn what_somebody_changed_while_it_was_looked_at_is_left_and_told() {
    let mut told = Vec::new();
    for recorded in [&[][..], &["--unrecorded"]] {
        let scene = Scene::configured(RULE);
        let plan = scene.world.file(OWNER, &scene.docs, "plan.md", b"x");
        scene.world.share(&scene.docs, "user", EVE, "writer");
        scene.world.share(&scene.docs, "user", "otto@acme.example", "writer");
        scene.world.share(&plan, "user", "pat@other.example", "reader");
        // Right after the folder was looked at its owner lets Eve only read; and otto loses what he has.
        let meanwhile = Fault::MeanwhileShared(scene.docs.clone(), EVE.to_owned(), "reader".to_owned());
        scene.world.plan("permissions.list", meanwhile);
        let mut asked = vec!["drive", "audit", "--repair"];
        asked.extend(recorded);
        told.push(scene.run(&asked).told());
        assert_eq!(
            scene.world.grants(&scene.docs),
            [
                format!("user {EVE} reader"),
                format!("user {OWNER} owner"),
                "user otto@acme.example reader".to_owned()
            ],
        );
        // The next one sees it as it is now.
        scene.run(&["drive", "audit", "--repair"]).well();
        assert!(!scene.world.grants(&scene.docs).join("").contains(EVE));
    }
    assert_eq!(told[0], told[1], "with a log and without one");
    assert_snapshot!(told[0], @"
    exit code 1
    -- stdout
    WEIGHT  FOLDER        WHAT                                               REMEDY
    risk    docs:         eve@other.example, from outside, is writer         left as it is: somebody has changed it meanwhile: it was writer, and is reader
    risk    docs:         otto@acme.example is writer, and should be reader  mended
    risk    docs:         eve@other.example, from outside, is reader         take it away
    risk    docs:plan.md  pat@other.example, from outside, is reader         mended
    -- stderr
    1 folder was looked at; 1 thing is not as wanted.
    ");
}

/// What the task of an audit asks for that saw the grant before.
fn mends(file: &str, who: &str, found: &serde_json::Value) -> TaskRequest {
    let input = json!({ "file": file, "name": "a", "change": { "do": "take", "who": who }, "found": found });
    TaskRequest::new("drive_access", Subject::Repository, Payload::of(&input).unwrap(), "a story")
}

/// Has it mended, and tells what came of it.
async fn mended(at: &Documents, request: TaskRequest) -> String {
    use automata::domain::task::Status;
    let task = asks(at, vec![request]).await.remove(0);
    at.stage.drain().await;
    let state = at.stage.state().await;
    let task = &state.tasks[&task];
    let Status::Completed { output, .. } = &task.status else { panic!("{task:?}") };
    let output: serde_json::Value = output.read().unwrap();
    output["left"].as_str().unwrap_or("changed").to_owned()
}

#[tokio::test]
async fn what_a_rule_gave_after_the_look_stays() {
    let rules = "rules:\n  - on: issues.opened\n    do:\n      folder: {in: 'docs:', name: 'issue {number}'}\n  - on: issues.assigned\n    do:\n      share: {role: commenter}\n";
    let at = Documents::configured("").await;
    at.configure_with(&format!(", hubot: {HUBOT}"), "", rules);
    let (issue, _) = at.stage.opens("alice", "Crash", "It crashes.").await;
    let folder = at.drive.folders(&at.docs).remove(0);
    at.stage.lets_pass(std::time::Duration::from_secs(2));
    let payload = at.stage.github.assign_as("mona", issue, "hubot");
    at.stage.run("issues", &payload).await.unwrap();
    let grant = at.stage.state().await.let_in().next().unwrap().shared.permission.clone();
    assert_snapshot!(mended(&at, mends(&folder, &grant, &json!({ "role": "commenter" }))).await, @"a rule of the configuration has let them in meanwhile");
    assert!(at.drive.grants(&folder).contains(&format!("user {HUBOT} commenter")));
    // More than the rule gave is none of the rule's.
    at.drive.share(&folder, "user", HUBOT, "writer");
    assert_snapshot!(mended(&at, mends(&folder, &grant, &json!({ "role": "writer" }))).await, @"changed");
    assert!(!at.drive.grants(&folder).join("").contains(HUBOT));
}

#[tokio::test]
async fn what_is_gone_by_then_or_another_is_nobodys_trouble() {
    let at = Documents::configured("").await;
    let file = at.drive.file(crate::world::documents::MONA, &at.docs, "a", b"x");
    at.drive.share(&file, "anyone", "", "writer");
    let found = json!({ "role": "reader" });
    assert_snapshot!(mended(&at, mends(&file, "anyoneWithLink", &found)).await, @"somebody has changed it meanwhile: it was reader, and is writer");
    at.drive.unshare(&file, "anyone");
    assert_snapshot!(mended(&at, mends(&file, "anyoneWithLink", &found)).await, @"somebody has changed it meanwhile: it was reader, and is nothing");
    at.drive.delete(&file);
    assert_snapshot!(mended(&at, mends(&file, "anyoneWithLink", &found)).await, @"it is gone, or not for this account to see any more");
    assert_eq!(at.troubles().await, [""; 0]);
}
