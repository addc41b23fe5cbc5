//! Many calls in one request: each with its own outcome, failed ones sent again alone.

use automata::services::drive::{
    Call, Drive, FileId, FileUpdate, Grant, Grantee, NewFile, Reason, Reply, Role,
};

use automata::services::drive::walk;

use super::stage::{OTTO, Stage};
use crate::world::drive::Fault;

fn name(reply: &Reply) -> String {
    match reply {
        Reply::File(file) => file.name.clone(),
        Reply::Created(made) => made.as_ref().clone().file().name,
        Reply::Permission(permission) => permission.role.unwrap().to_string(),
        Reply::Permissions(all) => format!("{} grants", all.len()),
        Reply::Done => "done".to_owned(),
    }
}

#[tokio::test]
async fn each_call_has_its_own_outcome() {
    let stage = Stage::new().await;
    let (one, two, three) = (stage.has("1", b"1"), stage.has("2", b"2"), stage.has("3", b"3"));
    let ids = stage.drive.generate_ids(1).await.unwrap();
    let gone = FileId::parse("gone").unwrap();
    stage.world.take_requests();
    let outcomes = stage
        .drive
        .batch(&[
            Call::Get(one.clone()),
            Call::Get(gone.clone()),
            Call::Update(two.clone(), FileUpdate::rename("zwei")),
            Call::Create(NewFile::folder(ids[0].clone(), "docs", stage.root())),
            Call::Create(NewFile::folder(ids[0].clone(), "docs", stage.root())),
            Call::Grant(one.clone(), Grant::new(Grantee::User(OTTO.into()), Role::Writer)),
            Call::Delete(three),
            Call::Delete(gone),
            Call::Permissions(two),
        ])
        .await
        .unwrap();
    let told: Vec<String> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().map_or_else(|error| error.reason.code().to_owned(), name))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    1
    not_found
    zwei
    docs
    docs
    writer
    done
    done
    1 grants
    ");
    assert_eq!(stage.world.count("POST /batch"), 1);
    assert_eq!(stage.tree(), ["1 1 bytes", "docs/", "zwei 1 bytes"]);
}

#[tokio::test]
async fn a_call_that_failed_is_sent_again_alone() {
    let stage = Stage::new().await;
    let files: Vec<_> = (0..3).map(|place| stage.has(&place.to_string(), b"x")).collect();
    let calls: Vec<Call> = files.into_iter().map(Call::Get).collect();
    stage.world.plan_after("files.get", 1, Fault::Reason(403, "userRateLimitExceeded"));
    stage.world.plan("batch", Fault::Html(502));
    stage.world.take_requests();
    let outcomes = stage.drive.batch(&calls).await.unwrap();
    let names: Vec<String> = outcomes.iter().map(|outcome| name(outcome.as_ref().unwrap())).collect();
    assert_eq!(names, ["0", "1", "2"]);
    // The first is lost in the proxy, the second holds all of them, the third the one that failed.
    assert_eq!(stage.world.count("POST /batch"), 3);
    let sizes: Vec<usize> = stage
        .world
        .requests()
        .iter()
        .map(|line| line.split(' ').find_map(|word| word.parse().ok()).unwrap())
        .collect();
    assert!(sizes[0] == sizes[1] && sizes[2] * 2 < sizes[1], "{sizes:?}");
}

#[tokio::test]
async fn a_batch_that_fails_as_a_whole_is_tried_as_often_as_a_call() {
    let stage = Stage::new().await;
    let file = stage.has("a", b"a");
    let calls: Vec<Call> = (0..250).map(|_| Call::Get(file.clone())).collect();
    for _ in 0..5 {
        stage.world.plan("batch", Fault::Html(503));
    }
    stage.world.take_requests();
    let outcomes = stage.drive.batch(&calls).await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().is_err_and(|error| error.status == Some(503))));
    assert_eq!((outcomes.len(), stage.world.count("POST /batch")), (250, 5));
}

#[tokio::test]
async fn a_page_for_people_says_nothing_about_any_of_the_calls() {
    let stage = Stage::new().await;
    let file = stage.has("a", b"a");
    stage.world.plan("batch", Fault::Html(200));
    let error = stage.drive.batch(&[Call::Get(file.clone())]).await.unwrap_err();
    assert_eq!(error.reason, Reason::Nonsense);
    stage.world.plan("batch", Fault::Html(200));
    let error = walk::grants(&stage.drive, &[file]).await.unwrap_err();
    assert_eq!(error.reason, Reason::Nonsense, "nobody said that we may not see it");
}

#[tokio::test]
async fn a_change_that_may_have_been_made_is_not_made_again_blindly() {
    let stage = Stage::new().await;
    let file = stage.has("a", b"a");
    let mut grant = Grant::new(Grantee::User(OTTO.into()), Role::Reader);
    grant.notify = true;
    stage.world.plan("batch", Fault::LoseReply);
    stage.world.take_requests();
    let outcomes = stage.drive.batch(&[Call::Grant(file, grant)]).await.unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap_err().reason, Reason::Unreachable);
    assert_eq!(stage.world.count("POST /batch"), 1);
}

#[tokio::test]
async fn hundreds_of_calls_go_by_the_hundred() {
    let stage = Stage::new().await;
    let file = stage.has("a", b"a");
    let calls: Vec<Call> = (0..250).map(|_| Call::Get(file.clone())).collect();
    let outcomes = stage.drive.batch(&calls).await.unwrap();
    assert!(outcomes.len() == 250 && outcomes.iter().all(Result::is_ok));
    assert_eq!(stage.world.count("POST /batch"), 3);
    assert_eq!(stage.drive.batch(&[]).await.unwrap(), []);
    assert_eq!(stage.world.count("POST /batch"), 3);
}

#[tokio::test]
async fn one_call_that_cannot_be_written_down_stops_the_batch_before_it_is_sent() {
    let stage = Stage::new().await;
    let file = stage.has("a", b"a");
    let bad = Grant::new(Grantee::User("nobody".into()), Role::Reader);
    stage.world.take_requests();
    let error = stage.drive.batch(&[Call::Delete(file.clone()), Call::Grant(file, bad)]).await.unwrap_err();
    assert_eq!((error.reason, stage.world.requests().len()), (Reason::BadRequest, 0));
}
