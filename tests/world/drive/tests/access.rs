//! Who may do what, and who is told of changes.

use reqwest::Method;
use serde_json::json;

use super::{Caller, MONA, OTTO, reason};
use crate::world::drive::DriveWorld;

#[tokio::test]
async fn grants_are_inherited_and_cannot_be_lessened_below() {
    let world = DriveWorld::start();
    let drive = world.make_drive("Team", &[(MONA, "organizer"), (OTTO, "reader")]);
    let folder = world.folder(MONA, &drive, "plans");
    let file = world.file(MONA, &folder, "a.txt", b"a");
    let (mona, otto) = (Caller::of(&world, MONA), Caller::of(&world, OTTO));
    assert_eq!(mona.get(&format!("/drive/v3/files/{file}")).await.0, 404, "without supportsAllDrives");
    let (_, grants) = mona.get(&format!("/drive/v3/files/{file}/permissions?supportsAllDrives=true&fields=permissions(id,emailAddress,role,permissionDetails)")).await;
    let theirs = &grants["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|grant| grant["emailAddress"] == OTTO)
        .unwrap();
    assert_eq!(theirs["permissionDetails"][0]["inheritedFrom"], drive.as_str());
    let path = format!(
        "/drive/v3/files/{file}/permissions/{}?supportsAllDrives=true",
        theirs["id"].as_str().unwrap()
    );
    assert_eq!(
        reason(&mona.send(Method::DELETE, &path, None).await),
        (403, "cannotModifyInheritedTeamDrivePermission")
    );
    assert_eq!(mona.patch(&path, json!({ "role": "writer" })).await.0, 200);
    assert_eq!(
        world.grants(&file),
        ["user mona@acme.example organizer inherited", "user otto@acme.example writer"]
    );
    let limit = json!({ "inheritedPermissionsDisabled": true });
    let path = format!("/drive/v3/files/{folder}?supportsAllDrives=true");
    assert_eq!(otto.patch(&path, limit.clone()).await.0, 403);
    assert_eq!(mona.patch(&path, limit).await.0, 200);
    assert_eq!(world.grants(&folder), ["user mona@acme.example organizer inherited"]);
    assert_eq!(otto.get(&path).await.0, 404);
}

#[tokio::test]
async fn of_two_changes_of_permissions_at_once_the_last_one_counts_and_the_story_fails() {
    let world = DriveWorld::start();
    let file = world.file(MONA, &world.root_of(MONA), "a", b"a");
    let mona = Caller::of(&world, MONA);
    let path = format!("/drive/v3/files/{file}/permissions?sendNotificationEmail=false");
    let reader = |email: &str| json!({ "type": "user", "role": "reader", "emailAddress": email });
    tokio::join!(mona.post(&path, reader("one@acme.example")), mona.post(&path, reader("two@acme.example")));
    assert_eq!(world.grants(&file).len(), 2, "{:?}", world.grants(&file));
    assert_eq!(world.take_violations().len(), 1);
}

#[tokio::test]
async fn owners_change_at_once_in_an_organisation_and_after_consent_among_consumers() {
    let world = DriveWorld::start();
    let (pat, kim) = ("pat@consumer.example", "kim@consumer.example");
    let give = |email: &str| json!({ "type": "user", "role": "owner", "emailAddress": email });
    let file = world.file(MONA, &world.root_of(MONA), "a", b"a");
    let mona = Caller::of(&world, MONA);
    let path = format!("/drive/v3/files/{file}/permissions?transferOwnership=true");
    assert_eq!(reason(&mona.post(&path, give(pat)).await), (403, "ownershipChangeAcrossDomainNotPermitted"));
    assert_eq!(mona.post(&path, give(OTTO)).await.0, 200);
    assert_eq!(world.grants(&file), ["user mona@acme.example writer", "user otto@acme.example owner"]);

    let file = world.file(pat, &world.root_of(pat), "b", b"b");
    let (pat, accepting) = (Caller::of(&world, pat), Caller::of(&world, kim));
    let path = format!("/drive/v3/files/{file}/permissions");
    assert_eq!(
        reason(&pat.post(&format!("{path}?transferOwnership=true"), give(kim)).await),
        (403, "consentRequiredForOwnershipTransfer")
    );
    let offer =
        |role: &str| json!({ "type": "user", "role": role, "emailAddress": kim, "pendingOwner": true });
    assert_eq!(reason(&pat.post(&path, offer("reader")).await), (403, "pendingOwnerWriterRequired"));
    assert_eq!(pat.post(&path, offer("writer")).await.0, 200);
    assert_eq!(accepting.post(&format!("{path}?transferOwnership=true"), give(kim)).await.0, 200);
    assert_eq!(world.grants(&file), ["user kim@consumer.example owner", "user pat@consumer.example writer"]);
}

#[tokio::test]
async fn changes_are_told_once_each_to_whom_they_concern() {
    let world = DriveWorld::start();
    let (mona, otto) = (Caller::of(&world, MONA), Caller::of(&world, OTTO));
    let root = world.root_of(MONA);
    let (_, start) = otto.get("/drive/v3/changes/startPageToken").await;
    let start = start["startPageToken"].as_str().unwrap();
    let shared = world.file(MONA, &root, "shared", b"1");
    world.file(MONA, &root, "private", b"1");
    world.share(&shared, "user", OTTO, "reader");
    world.write(MONA, &shared, b"2");
    let feed = |token: &str| {
        format!(
            "/drive/v3/changes?pageToken={token}&fields=newStartPageToken,changes(fileId,removed,file/name)"
        )
    };
    let (_, told) = otto.get(&feed(start)).await;
    assert_eq!(
        told["changes"],
        json!([{ "fileId": shared, "removed": false, "file": { "name": "shared" } }])
    );
    let next = told["newStartPageToken"].as_str().unwrap();
    world.unshare(&shared, OTTO);
    let (_, told) = otto.get(&feed(next)).await;
    assert_eq!(told["changes"], json!([{ "fileId": shared, "removed": true }]));
    let drive = world.make_drive("Team", &[(OTTO, "organizer")]);
    let (_, other) =
        otto.get(&format!("/drive/v3/changes/startPageToken?supportsAllDrives=true&driveId={drive}")).await;
    assert_eq!(
        otto.get(&feed(other["startPageToken"].as_str().unwrap())).await.0,
        400,
        "a token of another feed"
    );
    assert_eq!(
        mona.get(&format!("/drive/v3/changes/startPageToken?supportsAllDrives=true&driveId={drive}")).await.0,
        404
    );
}
