//! What the adapter makes of a Drive that is slow, busy, broken, or says no.

use std::time::Duration;

use automata::services::drive::{Class, Drive, Grant, Grantee, Reason, Role};

use super::stage::{MONA, OTTO, Stage, id};
use crate::world::drive::Fault;

#[tokio::test]
async fn what_may_pass_is_tried_again_after_waits_with_jitter() {
    let stage = Stage::new().await;
    let file = stage.has("a.txt", b"a");
    for fault in [
        Fault::Reasons(403, &["forbidden", "userRateLimitExceeded"]),
        Fault::Html(502),
        Fault::LoseRequest,
        Fault::Reason(500, "internalError"),
    ] {
        stage.world.plan("files.get", fault);
    }
    assert_eq!(stage.drive.file(&file).await.unwrap().name, "a.txt");
    let waits = stage.clock.waits();
    assert_eq!(waits.len(), 4);
    for (wait, longest) in waits.iter().zip([1, 2, 4, 8]) {
        assert!(*wait <= Duration::from_secs(longest), "{waits:?}");
    }
    assert!(waits.iter().any(|wait| wait.subsec_millis() != 0), "{waits:?}");
}

#[tokio::test]
async fn what_does_not_pass_goes_back_to_the_queue() {
    let stage = Stage::new().await;
    let file = stage.has("a.txt", b"a");
    for _ in 0..5 {
        stage.world.plan("files.get", Fault::Reason(503, "backendError"));
    }
    let error = stage.drive.file(&file).await.unwrap_err();
    assert_eq!((error.reason, error.class, error.status), (Reason::Unavailable, Class::Transient, Some(503)));
    assert_eq!(stage.world.count("GET /drive/v3/files/"), 5);
}

#[tokio::test]
async fn a_wait_that_was_asked_for_is_kept_to_and_a_long_one_is_the_queues() {
    let stage = Stage::new().await;
    let file = stage.has("a.txt", b"a");
    let busy = |seconds| Fault::RetryAfter { status: 429, reason: "rateLimitExceeded", seconds };
    stage.world.plan("files.get", busy(7));
    stage.drive.file(&file).await.unwrap();
    assert!(stage.clock.waits().contains(&Duration::from_secs(7)));
    stage.world.plan("files.get", busy(600));
    let error = stage.drive.file(&file).await.unwrap_err();
    assert!(matches!(error.class, Class::RateLimited(Some(_))), "{error:?}");
    stage.world.take_requests();
    let again = stage.drive.about().await.unwrap_err();
    assert!(matches!(again.class, Class::RateLimited(Some(_))), "{again:?}");
    assert_eq!(stage.world.requests(), [""; 0], "nothing is sent while Drive wants quiet");
    stage.clock.advance(Duration::from_secs(600));
    stage.drive.about().await.unwrap();
}

#[tokio::test]
async fn what_cannot_pass_is_asked_once() {
    let stage = Stage::new().await;
    let file = stage.has("a.txt", b"a");
    for (status, word, reason) in [
        (403, "storageQuotaExceeded", Reason::StorageFull),
        (403, "dailyLimitExceeded", Reason::DailyLimit),
        (403, "domainPolicy", Reason::DomainPolicy),
        (403, "accessNotConfigured", Reason::NotConfigured),
        (403, "appNotAuthorizedToFile", Reason::AppNotAuthorized),
        (403, "insufficientFilePermissions", Reason::NotAllowed),
        (400, "invalidSharingRequest", Reason::SharingRefused),
        (403, "cannotModifyInheritedPermission", Reason::Inherited),
        (403, "somethingNew", Reason::NotAllowed),
    ] {
        stage.world.take_requests();
        stage.world.plan("files.get", Fault::Reason(status, word));
        let error = stage.drive.file(&file).await.unwrap_err();
        assert_eq!((error.reason, stage.world.requests().len()), (reason, 1), "{word}");
    }
    assert!(stage.clock.waits().is_empty());
}

#[tokio::test]
async fn what_is_not_there_says_whom_to_share_with() {
    let stage = Stage::new().await;
    let theirs = id(&stage.world.file(OTTO, &stage.world.root_of(OTTO), "secret.txt", b"s"));
    let error = stage.drive.file(&theirs).await.unwrap_err();
    assert!(error.is_missing());
    assert!(error.hint.unwrap().contains("Share the file or folder"));
}

#[tokio::test]
async fn a_call_that_is_never_answered_ends_by_its_time_out() {
    let stage = Stage::new().await;
    let hasty = stage.hasty().await;
    stage.world.plan("permissions.create", Fault::Hang);
    let file = stage.has("a.txt", b"a");
    let mut grant = Grant::new(Grantee::User(OTTO.into()), Role::Reader);
    grant.notify = true;
    let error = hasty.grant(&file, &grant).await.unwrap_err();
    insta::assert_snapshot!(error, @"Drive did not answer in time");
    assert_eq!(stage.world.count("POST "), 1, "a mail could go out twice, so it is not sent again blindly");
    stage.world.plan("permissions.create", Fault::LoseReply);
    grant.notify = false;
    hasty.grant(&file, &grant).await.unwrap();
    assert_eq!(stage.world.grants(&file.to_string()).len(), 2, "the owner and one reader");
}

#[tokio::test]
async fn the_units_of_a_minute_are_kept_to() {
    let stage = Stage::new().await;
    stage.world.bound_units(325_000);
    let file = stage.has("a.txt", b"a");
    for _ in 0..600 {
        stage.drive.permissions(&file).await.unwrap();
    }
    let waited: Duration = stage.clock.waits().iter().sum();
    // 60,000 units at 325,000 a minute, less the ten seconds' worth that may go at once.
    assert!((Duration::from_millis(1_000)..Duration::from_secs(2)).contains(&waited), "{waited:?}");
    assert_eq!(stage.world.count(&format!("GET /drive/v3/files/{file}/permissions")), 600);
    assert_eq!(stage.drive.about().await.unwrap().me.email.as_deref(), Some(MONA));
}
