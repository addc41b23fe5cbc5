//! Who may do what: given, changed, ended, inherited, limited, handed over.

use std::time::Duration;

use automata::services::clock::Clock as _;
use automata::services::drive::{
    Drive, FileUpdate, Grant, GrantChange, Grantee, Link, Permission, Reason, Role,
};

use super::stage::{MONA, OTTO, Stage, id};

fn user(address: &str, role: Role) -> Grant {
    Grant::new(Grantee::User(address.to_owned()), role)
}

fn of(all: &[Permission], address: &str) -> Permission {
    let who = |permission: &&Permission| permission.grantee == Some(Grantee::User(address.to_owned()));
    all.iter().find(who).unwrap().clone()
}

#[tokio::test]
async fn access_is_given_changed_ended_and_taken_away() {
    let stage = Stage::new().await;
    let file = stage.has("a.txt", b"a");
    let mut grant = user(OTTO, Role::Reader);
    grant.expires_at = Some(stage.clock.now().plus(Duration::from_hours(24)));
    let given = stage.drive.grant(&file, &grant).await.unwrap();
    assert_eq!((given.role, given.expires_at), (Some(Role::Reader), grant.expires_at));
    assert_eq!(stage.world.mails(), []);
    let change = GrantChange { role: Some(Role::Writer), expires_at: Some(None), ..GrantChange::default() };
    let changed = stage.drive.change_grant(&file, &given.id, &change).await.unwrap();
    assert_eq!((changed.role, changed.expires_at), (Some(Role::Writer), None));
    assert!(stage.drive.change_grant(&file, &given.id, &GrantChange::default()).await.is_err());
    stage.drive.revoke(&file, &given.id).await.unwrap();
    stage.drive.revoke(&file, &given.id).await.unwrap();
    assert_eq!(stage.drive.permissions(&file).await.unwrap().len(), 1, "its owner is left");
    let loud = Grant { notify: true, message: Some("Look".into()), ..user(OTTO, Role::Reader) };
    stage.drive.grant(&file, &loud).await.unwrap();
    assert_eq!(stage.world.mails().len(), 1);
}

#[tokio::test]
async fn groups_domains_and_everybody_have_access_too() {
    let stage = Stage::new().await;
    let file = stage.has("a.txt", b"a");
    stage.world.make_group("all@acme.example", &[OTTO]);
    for grantee in
        [Grantee::Group("all@acme.example".into()), Grantee::Domain("acme.example".into()), Grantee::Anyone]
    {
        let given = stage.drive.grant(&file, &Grant::new(grantee.clone(), Role::Reader)).await.unwrap();
        assert_eq!((given.grantee, given.link), (Some(grantee), Link::WithLink));
    }
    assert!(stage.drive.file(&file).await.unwrap().shared);
    insta::assert_snapshot!(stage.world.grants(&file.to_string()).join("\n"), @"
    anyone reader
    domain acme.example reader
    group all@acme.example reader
    user mona@acme.example owner
    ");
}

#[tokio::test]
async fn what_comes_from_above_is_changed_there_or_shut_out() {
    let stage = Stage::new().await;
    let root = stage.world.root_of(MONA);
    let folder = id(&stage.world.folder(MONA, &root, "team"));
    let inner = id(&stage.world.folder(MONA, &folder.to_string(), "board"));
    stage.drive.grant(&folder, &user(OTTO, Role::Writer)).await.unwrap();
    let inherited = of(&stage.drive.permissions(&inner).await.unwrap(), OTTO);
    assert!(inherited.inherited);
    let error = stage.drive.revoke(&inner, &inherited.id).await.unwrap_err();
    assert_eq!(error.reason, Reason::Inherited);
    assert!(stage.drive.file(&inner).await.unwrap().rights.limit_access);
    let limited = FileUpdate { limited_access: Some(true), ..FileUpdate::default() };
    assert!(stage.drive.update(&inner, &limited).await.unwrap().limited_access);
    insta::assert_snapshot!(stage.world.grants(&inner.to_string()).join("\n"), @"user mona@acme.example owner");
}

#[tokio::test]
async fn a_file_is_handed_over_inside_an_organisation_at_once() {
    let stage = Stage::new().await;
    let file = stage.has("a.txt", b"a");
    let owner = stage.drive.grant(&file, &user(OTTO, Role::Owner)).await.unwrap();
    assert_eq!(owner.role, Some(Role::Owner));
    insta::assert_snapshot!(stage.world.grants(&file.to_string()).join("\n"), @"
    user mona@acme.example writer
    user otto@acme.example owner
    ");
    let other = stage.has("b.txt", b"b");
    let error = stage.drive.grant(&other, &user("x@other.example", Role::Owner)).await.unwrap_err();
    assert!(!error.may_pass());
    assert!(error.hint.is_some(), "{error:?}");
}

#[tokio::test]
async fn between_consumers_ownership_is_offered_and_accepted() {
    const ANNA: &str = "anna@gmail.com";
    const BEN: &str = "ben@gmail.com";
    let stage = Stage::new().await;
    let anna = stage.with(&stage.world.authorized_user_json(ANNA), None).await.unwrap();
    let ben = stage.with(&stage.world.authorized_user_json(BEN), None).await.unwrap();
    let file = id(&stage.world.file(ANNA, &stage.world.root_of(ANNA), "a.txt", b"a"));
    let offer = Grant { offer_ownership: true, ..user(BEN, Role::Writer) };
    let offered = anna.grant(&file, &offer).await.unwrap();
    assert!(offered.pending_owner);
    assert!(ben.file(&file).await.unwrap().rights.accept_ownership);
    let accept = GrantChange { role: Some(Role::Owner), ..GrantChange::default() };
    ben.change_grant(&file, &offered.id, &accept).await.unwrap();
    assert!(ben.file(&file).await.unwrap().owned_by_me);
}
