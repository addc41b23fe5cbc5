//! `perms`, `share`, `unshare`, `transfer`, `audit`: who may do what, one change after the other.

use super::{MONA, OTTO, Terminal};
use crate::world::drive::{Fault, SERVICE_ACCOUNT};

#[test]
fn access_is_given_changed_and_taken_away() {
    let at = Terminal::new();
    let file = at.world.file(MONA, &at.root, "a", b"x");
    insta::assert_snapshot!(at.told(&["share", "a", "--with", OTTO, "--role", "commenter"]), @"
    exit code 0
    -- stdout
    ROLE       WHO                FROM  ID
    commenter  otto@acme.example  here  02097531665493938772
    owner      mona@acme.example  here  14592546647210311005
    -- stderr
    otto@acme.example is commenter of `a` now.
    ");
    at.run(&["share", "a", "--with", OTTO, "--role", "writer"]).well();
    at.run(&["share", "a", "--with", "domain:acme.example"]).well();
    at.run(&["share", "a", "--with", "anyone"]).well();
    insta::assert_snapshot!(at.told(&["perms", "a"]), @"
    exit code 0
    -- stdout
    ROLE    WHO                        FROM  ID
    writer  otto@acme.example          here  02097531665493938772
    reader  everybody at acme.example  here  06081685544144889334k
    owner   mona@acme.example          here  14592546647210311005
    reader  anyone                     here  anyoneWithLink
    ");
    assert_eq!(at.world.mails(), [], "nobody gets a mail unasked");
    at.run(&["unshare", "a", "--from", "anyone"]).well();
    at.run(&["unshare", "a", "--from", OTTO]).well();
    assert_eq!(at.world.grants(&file), ["domain acme.example reader", "user mona@acme.example owner"]);
    insta::assert_snapshot!(at.told(&["unshare", "a", "--from", MONA]), @"
    exit code 2
    -- stderr
    error: an owner cannot be shut out
    hint: Hand it over to somebody else first: `automata drive transfer`.
    ");
    insta::assert_snapshot!(at.told(&["share", "a", "--with", "anyone", "--until", "2026-12-24T00:00:00Z"]), @"
    exit code 2
    -- stderr
    error: only what people and groups are given can end by itself
    hint: Leave --until out, or name a person or a group.
    ");
    insta::assert_snapshot!(at.told(&["share", "a", "--with", "otto at home"]), @"
    exit code 2
    -- stderr
    error: `otto at home` names nobody
    hint: Write an address, `group:ADDRESS`, `domain:NAME`, or `anyone` for everybody who has the link.
    ");
}

#[test]
fn who_is_misspelt_loses_nothing_and_that_is_told() {
    let at = Terminal::new();
    let file = at.world.file(MONA, &at.root, "a", b"x");
    at.world.share(&file, "user", OTTO, "writer");
    insta::assert_snapshot!(at.told(&["unshare", "a", "--from", "otto"]), @"
    exit code 2
    -- stderr
    error: `otto` is no address, and no grant of `a` has that id
    hint: It is shared with: otto@acme.example, mona@acme.example. Write an address, `group:ADDRESS`, `domain:NAME`, or `anyone` for everybody who has the link.
    ");
    insta::assert_snapshot!(at.told(&["unshare", "a", "--from", "otto@acme.exampel"]), @"
    exit code 0
    -- stdout
    ROLE    WHO                FROM  ID
    writer  otto@acme.example  here  02097531665493938772
    owner   mona@acme.example  here  14592546647210311005
    -- stderr
    Nothing was taken away: `a` is shared with nobody who is written otto@acme.exampel. It is shared with: otto@acme.example, mona@acme.example.
    ");
    assert_eq!(at.world.grants(&file), ["user mona@acme.example owner", "user otto@acme.example writer"]);
    // The id of a grant is what `perms` shows.
    at.run(&["unshare", "a", "--from", "02097531665493938772"]).well();
    assert_eq!(at.world.grants(&file), ["user mona@acme.example owner"]);
}

#[test]
fn what_comes_from_above_is_taken_away_above() {
    let at = Terminal::new();
    let drive = at.world.make_drive("Team", &[(MONA, "organizer"), (OTTO, "reader")]);
    at.world.file(MONA, &drive, "a", b"x");
    insta::assert_snapshot!(at.told(&["unshare", "drive:Team/a", "--from", OTTO]), @"
    exit code 2
    -- stderr
    error: this access comes from id:0AkLn7t2CggwTOZVPr6, and cannot be taken away here
    hint: Take it away there, or shut out all who come from above: `automata drive unshare --inherited`.
    ");
    insta::assert_snapshot!(at.told(&["transfer", "drive:Team/a", "--to", OTTO]), @"
    exit code 2
    -- stderr
    error: `a` lies in a shared drive, where nobody owns anything
    hint: Make them an organizer of the shared drive instead.
    ");
}

#[test]
fn a_file_is_handed_over_at_once_in_an_organisation_and_offered_outside_of_one() {
    let at = Terminal::new();
    let file = at.world.file(MONA, &at.root, "a", b"x");
    at.run(&["transfer", "a", "--to", OTTO]).well();
    assert_eq!(at.world.grants(&file), ["user mona@acme.example writer", "user otto@acme.example owner"]);
    insta::assert_snapshot!(at.told(&["transfer", &format!("id:{file}"), "--to", MONA, "--accept"]), @"
    exit code 2
    -- stderr
    error: nobody has offered this file to the account
    hint: Its owner offers it with --offer; whose account this is, `automata drive doctor` tells.
    ");

    let folder = at.world.folder(MONA, &at.root, "folder");
    let folder = at.run(&["transfer", &format!("id:{folder}"), "--to", OTTO]).well();
    insta::assert_snapshot!(folder.stderr.trim(), @"otto@acme.example owns `folder` now; what is in it stays with those who own it.");

    let (pat, kim) = ("pat@consumer.example", "kim@consumer.example");
    let file = at.world.file(pat, &at.world.root_of(pat), "b", b"x");
    let place = format!("id:{file}");
    let as_somebody = |email: &str, arguments: &[&str]| {
        at.program(arguments).set("GOOGLE_CREDENTIALS", at.world.authorized_user_json(email)).run()
    };
    insta::assert_snapshot!(as_somebody(pat, &["transfer", &place, "--to", kim]).told(), @"
    exit code 1
    -- stderr
    failed: Drive refused: Consent is required to transfer ownership of a file to another user
    hint: Between accounts of no organisation ownership is offered first, with `automata drive transfer --offer`, and the other accepts it, with `--accept`.
    ");
    as_somebody(pat, &["transfer", &place, "--to", kim, "--offer"]).well();
    as_somebody(kim, &["transfer", &place, "--to", kim, "--accept"]).well();
    assert_eq!(
        at.world.grants(&file),
        ["user kim@consumer.example owner", "user pat@consumer.example writer"]
    );
}

#[test]
fn an_audit_tells_drift_and_risk_and_mends_what_it_may() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.world.share(&docs, "anyone", "", "reader");
    at.world.share(&docs, "user", "eve@other.example", "writer");
    at.world.share(&docs, "user", "gone@acme.example", "writer");
    at.world.delete_account("gone@acme.example");
    let rule = |more: &str| {
        format!(
            "inside: [acme.example]\nfolders: {{docs: {docs}}}\naccess:\n- folder: \"docs:\"\n  grants: [{{user: {OTTO}, role: writer}}, {{user: {MONA}, role: writer}}]\n  {more}"
        )
    };
    at.configure(&rule("only: false"));
    insta::assert_snapshot!(at.told(&["audit", "--repair"]), @"
    exit code 1
    -- stdout
    WEIGHT  FOLDER  WHAT                                                   REMEDY
    risk    docs:   anyone with the link is reader
    risk    docs:   eve@other.example, from outside, is writer
    risk    docs:   the account of gone@acme.example (writer) was deleted  take it away
    drift   docs:   mona@acme.example owns it, and should be writer        Hand it over first: `automata drive transfer`.
    drift   docs:   otto@acme.example should be writer, and is not let in  give otto@acme.example writer
    -- stderr
    1 folder was looked at; 5 things are not as wanted.
    ");
    at.configure(&rule("only: true\n  repair: true"));
    at.world.plan("permissions.create", Fault::LoseReply);
    let mended = at.run(&["audit", "--repair", "--format", "json"]);
    assert_eq!(mended.code, Some(1), "an owner is no writer: {}", mended.stdout);
    assert_eq!(at.world.grants(&docs), ["user mona@acme.example owner", "user otto@acme.example writer"]);
    insta::assert_snapshot!(at.told(&["audit"]), @"
    exit code 1
    -- stdout
    WEIGHT  FOLDER  WHAT                                             REMEDY
    drift   docs:   mona@acme.example owns it, and should be writer  Hand it over first: `automata drive transfer`.
    -- stderr
    1 folder was looked at; 1 thing is not as wanted.
    ");
}

#[test]
fn a_folder_can_be_shut_to_those_who_come_from_above_and_opened_again() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let inner = at.world.folder(MONA, &docs, "inner");
    at.world.file(MONA, &inner, "plan.txt", b"plan");
    at.world.share(&docs, "user", OTTO, "writer");
    let otto = || at.world.grants(&inner).iter().any(|grant| grant.contains(OTTO));
    assert!(otto());
    insta::assert_snapshot!(at.run(&["unshare", "docs/inner", "--inherited"]).told_of(&[(&inner, "ID")]), @"
    exit code 0
    -- stdout
    ID
    -- stderr
    `inner` lets nobody in because of a folder above.
    ");
    assert!(!otto());
    at.run(&["share", "docs/inner", "--inherited"]).well();
    assert!(otto());
    insta::assert_snapshot!(at.told(&["unshare", "docs/inner/plan.txt", "--inherited"]), @"
    exit code 2
    -- stderr
    error: `plan.txt` is no folder, and Drive limits access to folders only
    hint: Move it into a folder of its own, and limit that.
    ");
    insta::assert_snapshot!(at.told(&["share", "docs/inner"]), @"
    exit code 2
    -- stderr
    error: the following required arguments were not provided:
      --with <WHO>

    Usage: automata drive share --with <WHO> <PLACE>

    For more information, try '--help'.
    ");
}

#[test]
fn a_repair_leaves_the_account_its_own_access() {
    let at = Terminal::new();
    let robot = at.world.authorized_user_json(SERVICE_ACCOUNT);
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.world.share(&docs, "user", SERVICE_ACCOUNT, "writer");
    at.world.share(&docs, "user", "eve@other.example", "writer");
    at.world.share(&docs, "user", "robot@other.iam.gserviceaccount.com", "reader");
    at.configure(&format!(
        "inside: [acme.example]\nfolders: {{docs: {docs}}}\naccess:\n- {{folder: \"docs:\", grants: [{{user: {OTTO}, role: reader}}], only: true, repair: true}}"
    ));
    let ran = at.program(&["audit", "--repair"]).set("GOOGLE_CREDENTIALS", robot).run();
    insta::assert_snapshot!(ran.told(), @"
    exit code 1
    -- stdout
    WEIGHT  FOLDER  WHAT                                                                           REMEDY
    risk    docs:   eve@other.example, from outside, is writer                                     mended
    risk    docs:   robot@other.iam.gserviceaccount.com, from outside, is reader                   mended
    drift   docs:   automata@acme-docs.iam.gserviceaccount.com is writer, and nobody asked for it  Automata works with this account: name it under `grants`, or change its access yourself.
    drift   docs:   otto@acme.example should be reader, and is not let in                          mended
    -- stderr
    1 folder was looked at; 1 thing is not as wanted.
    ");
    assert_eq!(
        at.world.grants(&docs),
        [
            format!("user {SERVICE_ACCOUNT} writer"),
            format!("user {MONA} owner"),
            format!("user {OTTO} reader"),
        ]
    );
}

#[test]
fn whom_rules_let_in_only_the_log_knows() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.configure(&format!(
        "folders: {{docs: {docs}}}\naccess:\n- {{folder: \"docs:\", grants: [], only: true, repair: true}}"
    ));
    let path = at.path().join(".github/automata.yml");
    let rule = "rules:\n- on: issues.opened\n  do: {folder: {in: 'docs:'}}\n- on: issues.assigned\n  do: {share: {role: writer}}\n";
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + rule).unwrap();
    insta::assert_snapshot!(at.told(&["audit", "--repair"]), @"
    exit code 2
    -- stderr
    error: without the log it cannot be told whom a rule with `share` has let in, to take nothing from them
    hint: Add --forge local --directory DIR, or set GITHUB_REPOSITORY and a token; and leave --unrecorded out.
    ");
    at.run(&["audit"]).well();
}
