//! Bad input: a precise error with its hint, before anything is sent.

use automata::services::clock::Clock as _;

use super::{MONA, Terminal};
use crate::world::drive::{Fault, SERVICE_ACCOUNT};

/// What each of these says; nothing may have been asked of Google.
fn refused(at: &Terminal, calls: &[&[&str]]) -> String {
    let said: Vec<String> = calls
        .iter()
        .map(|call| {
            let ran = at.run(call);
            assert_eq!(ran.code, Some(2), "{call:?}: {}", ran.stderr);
            format!("{}\n{}", call.join(" "), ran.stderr)
        })
        .collect();
    assert_eq!(at.world.requests(), [""; 0]);
    said.join("\n").replace(at.path().to_str().unwrap(), "DIR")
}

#[test]
fn places_that_are_none_are_refused_before_anything_is_sent() {
    let at = Terminal::configured("folders: {docs: 1AbC}");
    let calls: &[&[&str]] = &[
        &["ls", "id:../files/VICTIM/permissions/anyoneWithLink?x="],
        &["get", "docs:../secret"],
        &["rm", "a//b"],
        &["ls", "dosc:plans"],
        &["ls", "https://evil.example/d/1AbC"],
        &["mv", "a", "b/.."],
        &["put", "nowhere.txt", "/"],
        &["put", ".github", "/"],
    ];
    insta::assert_snapshot!(refused(&at, calls), @r"
    ls id:../files/VICTIM/permissions/anyoneWithLink?x=
    error: `id:../files/VICTIM/permissions/anyoneWithLink?x=` names no place in Drive: ids have letters, digits, `-` and `_` only
    hint: Write `folder/file` below your own drive, `id:ID` or a link for something by its id, `NAME:` for a folder under `drive.folders` in the configuration, `drive:NAME` for a shared drive; each may be followed by `/` and names. A slash in a name is written `\/`, a backslash `\\`.

    get docs:../secret
    error: `docs:../secret` names no place in Drive: `.` and `..` are no places in Drive
    hint: Write `folder/file` below your own drive, `id:ID` or a link for something by its id, `NAME:` for a folder under `drive.folders` in the configuration, `drive:NAME` for a shared drive; each may be followed by `/` and names. A slash in a name is written `\/`, a backslash `\\`.

    rm a//b
    error: `a//b` names no place in Drive: there are two slashes with no name between them
    hint: Write `folder/file` below your own drive, `id:ID` or a link for something by its id, `NAME:` for a folder under `drive.folders` in the configuration, `drive:NAME` for a shared drive; each may be followed by `/` and names. A slash in a name is written `\/`, a backslash `\\`.

    ls dosc:plans
    error: there is no `dosc` under `drive.folders`
    hint: Did you mean `docs`?

    ls https://evil.example/d/1AbC
    error: `https://evil.example/d/1AbC` names no place in Drive: the link does not lead to something in Drive
    hint: Write `folder/file` below your own drive, `id:ID` or a link for something by its id, `NAME:` for a folder under `drive.folders` in the configuration, `drive:NAME` for a shared drive; each may be followed by `/` and names. A slash in a name is written `\/`, a backslash `\\`.

    mv a b/..
    error: `b/..` names no place in Drive: `.` and `..` are no places in Drive
    hint: Write `folder/file` below your own drive, `id:ID` or a link for something by its id, `NAME:` for a folder under `drive.folders` in the configuration, `drive:NAME` for a shared drive; each may be followed by `/` and names. A slash in a name is written `\/`, a backslash `\\`.

    put nowhere.txt /
    error: nowhere.txt: it cannot be read: No such file or directory (os error 2)
    hint: Name a file that can be read.

    put .github /
    error: .github: it is no file; a folder goes by `automata drive sync`
    hint: Name a file that can be read.
    ");
}

#[test]
fn credentials_that_are_none_are_told_without_showing_them() {
    let mut at = Terminal::new();
    let mut said = String::new();
    let service_account = at.world.service_account_json();
    let mut lacking: serde_json::Value = serde_json::from_str(&service_account).unwrap();
    lacking.as_object_mut().unwrap().remove("private_key");
    for (what, credentials) in [
        ("no JSON", "{\"type\": \"service_account\", hidden".to_owned()),
        ("no path", "hidden-secret".to_owned()),
        ("a field is missing", lacking.to_string()),
        ("a sort that is not known", r#"{"type": "hidden_sort"}"#.to_owned()),
        ("a key that is none", service_account.replace("BEGIN PRIVATE KEY", "BEGIN hidden")),
    ] {
        at.credentials = credentials;
        let ran = at.run(&["ls"]);
        assert_eq!(ran.code, Some(2), "{what}: {}", ran.stderr);
        assert!(!ran.stderr.contains("made-up") && !ran.stderr.contains("MII"), "{}", ran.stderr);
        said.push_str(&format!("{what}\n{}\n", ran.stderr));
    }
    said.push_str(&format!(
        "none at all\n{}",
        at.program(&["ls"]).set("GOOGLE_CREDENTIALS", "").run().stderr
    ));
    insta::assert_snapshot!(said, @"
    no JSON
    error: the credentials in GOOGLE_CREDENTIALS cannot be used: the credentials for Drive are no JSON (line 1, column 29)
    hint: Hand in the JSON of a service-account key, of an authorised user or of workload identity federation, or the path of a file with it.

    no path
    error: the credentials in GOOGLE_CREDENTIALS cannot be used: they are neither JSON nor the path of a file that is there
    hint: Hand in the JSON of a service-account key, of an authorised user or of workload identity federation, or the path of a file with it.

    a field is missing
    error: the credentials in GOOGLE_CREDENTIALS cannot be used: the credentials lack `private_key`
    hint: Hand in the JSON of a service-account key, of an authorised user or of workload identity federation, or the path of a file with it.

    a sort that is not known
    error: the credentials in GOOGLE_CREDENTIALS cannot be used: credentials of the type `hidden_sort` are not known
    hint: Known are service_account, authorized_user, external_account and impersonated_service_account.

    a key that is none
    error: the credentials in GOOGLE_CREDENTIALS cannot be used: `private_key` of the credentials is no RSA key
    hint: Hand in the file as Google made it; line ends inside the key count.

    none at all
    error: there are no credentials for Drive: neither GOOGLE_CREDENTIALS nor GOOGLE_APPLICATION_CREDENTIALS is set
    hint: Set one to the JSON of a service account's key, of an authorised user or of workload identity federation, or to the path of a file with it; `drive.credentials` in the configuration names another variable.
    ");
    assert_eq!(at.world.requests(), [""; 0]);
}

#[test]
fn a_grant_that_is_over_and_a_folder_that_cannot_be_seen_say_what_to_do() {
    let at = Terminal::new();
    let hidden = at.world.folder("eve@other.example", &at.world.root_of("eve@other.example"), "hidden");
    insta::assert_snapshot!(at.told(&["ls", &format!("id:{hidden}")]).replace(&hidden, "ID"), @"
    exit code 1
    -- stderr
    failed: Drive refused: File not found: ID
    hint: Share the file or folder with the account that `automata drive doctor` names, or make that account a member of the shared drive.
    ");
    insta::assert_snapshot!(at.told(&["ls", "nowhere/at/all"]).replace(&at.root, "ROOT"), @"
    exit code 1
    -- stderr
    failed: there is no `nowhere` in `My Drive`
    hint: `automata drive ls id:ROOT` shows what is there; names count with their capitals. Lists lag behind: what was made a moment ago is found by its id.
    ");
    at.world.revoke_refresh_tokens();
    insta::assert_snapshot!(at.told(&["ls"]), @r#"
    exit code 1
    -- stderr
    failed: Google's exchange of the refresh token: invalid_grant: Token has been expired or revoked
    hint: Make new credentials. A refresh token ends after six months without use, when a hundred newer ones were made, when its user takes access back, and after seven days while the consent screen is set to "Testing".
    "#);
}

#[test]
fn a_configuration_that_makes_no_sense_is_told_with_its_places() {
    let at = Terminal::configured(
        "folders: {id: 1AbC, docs: \"../x\"}\nsync: {a: {path: ../out, drive: \"nope:\"}}\naccess: [{folder: \"docs:..\", grants: [{role: reader}, {user: nobody, role: writer}]}]",
    );
    insta::assert_snapshot!(refused(&at, &[&["doctor"]]), @r"
    doctor
    error: the configuration .github/automata.yml is not sound: 3:17: drive.folders.id: `id` cannot stand before a colon: use letters, digits, `-` and `_`, and neither `id` nor `drive`; 3:29: drive.folders.docs: `../x` names no place in Drive: `.` and `..` are no places in Drive; copy the id or the link from the address bar of Drive; 4:20: drive.sync.a.path: `../out` leads out of the working copy, or into git's own folder; 4:35: drive.sync.a.drive: there is no `nope` under `drive.folders`; there are `docs`, `id`; 5:21: drive.access[0].folder: `docs:..` names no place in Drive: `.` and `..` are no places in Drive; Write `folder/file` below your own drive, `id:ID` or a link for something by its id, `NAME:` for a folder under `drive.folders` in the configuration, `drive:NAME` for a shared drive; each may be followed by `/` and names. A slash in a name is written `\/`, a backslash `\\`.; 5:41: drive.access[0].grants[0]: name just one of `user`, `group`, `domain` and `anyone`; 5:57: drive.access[0].grants[1]: `nobody` is no address
    hint: `automata check` tells all that is wrong with it.
    ");
}

#[test]
fn that_nobody_has_storage_for_it_is_told_before_the_first_byte() {
    let mut at = Terminal::new();
    let folder = at.world.folder(MONA, &at.root, "for the robot");
    at.world.share(&folder, "user", SERVICE_ACCOUNT, "writer");
    at.configure(&format!("folders: {{docs: {folder}}}"));
    at.credentials = at.world.authorized_user_json(SERVICE_ACCOUNT);
    at.write("plans/a.txt", b"one");
    insta::assert_snapshot!(at.told(&["put", "plans/a.txt", "docs:"]), @"
    exit code 1
    -- stderr
    failed: automata@acme-docs.iam.gserviceaccount.com is a service account, which owns no storage, and the folder 1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME is in no shared drive
    hint: Choose a folder in a shared drive that it is a member of; or act for a user by domain-wide delegation; or use a user's refresh token.
    ");
    insta::assert_snapshot!(at.told(&["sync", "plans", "docs:"]), @"
    exit code 1
    -- stderr
    failed: automata@acme-docs.iam.gserviceaccount.com is a service account, which owns no storage, and the folder 1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME is in no shared drive
    hint: Choose a folder in a shared drive that it is a member of; or act for a user by domain-wide delegation; or use a user's refresh token.
    ");
    let sent: Vec<String> = at.world.requests().into_iter().filter(|line| line.contains("upload")).collect();
    assert_eq!(sent, [""; 0], "nothing is sent");
    assert_eq!(at.world.tree(&folder), [""; 0]);
    insta::assert_snapshot!(at.told(&["doctor"]), @"
    exit code 0
    -- stdout
    credentials: GOOGLE_CREDENTIALS
    account: automata@acme-docs.iam.gserviceaccount.com
    storage: none of its own
    folder docs: `for the robot`, to read and to make folders in; uploads are refused, because automata@acme-docs.iam.gserviceaccount.com owns no storage
    advice: automata@acme-docs.iam.gserviceaccount.com is a service account: it owns no storage, so it can upload nothing to its own drive, and it may put nothing into any shared drive. Make it a member of a shared drive with the role of a content manager, or let it stand for a person (`drive.stands_for`, with domain-wide delegation).
    advice: The folder `docs` is in no shared drive, and automata@acme-docs.iam.gserviceaccount.com owns no storage: nothing can be uploaded there. Name a folder of a shared drive that it is a member of, let it stand for a person (`drive.stands_for`, with domain-wide delegation), or use a user's refresh token.
    ");
    // A person has to have room, and a shared drive has it.
    at.credentials = at.world.authorized_user_json(MONA);
    at.world.bound_storage(4);
    at.write("b.txt", b"12345");
    insta::assert_snapshot!(at.told(&["put", "b.txt", "docs:"]), @"
    exit code 1
    -- stderr
    failed: mona@acme.example has 4 bytes of storage left, and 5 are needed
    hint: Make room, empty the trash, or choose a folder in a shared drive.
    ");
    let team = at.world.make_drive("Team", &[(MONA, "organizer")]);
    at.run(&["put", "b.txt", &format!("id:{team}")]).well();
    at.configure(&format!("folders: {{docs: {folder}, team: {team}}}"));
    insta::assert_snapshot!(at.told(&["doctor"]), @"
    exit code 0
    -- stdout
    credentials: GOOGLE_CREDENTIALS
    account: mona@acme.example
    storage: 0 of 4 bytes are in use
    shared drive: Team (0A9SxYaggA4auX398z0), to read and to write
    folder docs: `for the robot`, to read and to write; what is put there takes the storage of mona@acme.example
    folder team: `Team`, to read and to write; what is put there belongs to the shared drive Team
    ");
}

#[test]
fn what_the_command_line_alone_is_wrong_about_is_told_before_anything_is_sent() {
    let at = Terminal::new();
    at.write("a.txt", b"a");
    let mut said = String::new();
    for command in [
        &["ls", "nofolder:x"][..],
        &["put", "a.txt", "/", "--type", "a\nb"],
        &["find", "--type", "image png; x"],
        &["share", "a", "--with", "otto@acme.example", "--until", "2099-01-01T00:00:00Z"],
        &["changes", "--since", "a b'"],
    ] {
        let ran = at.run(command);
        assert_eq!(ran.code, Some(2), "{command:?}: {}", ran.told());
        said.push_str(&ran.stderr);
    }
    insta::assert_snapshot!(said, @"
    error: there is no `nofolder` under `drive.folders`
    hint: Name it there by its id or its link, as `docs: 1AbC`; or write the place as `id:ID`.
    error: --type: `a b` is no type of content
    hint: Write it like text/plain or application/pdf.
    error: --type: `image png; x` is no type of content
    hint: Write it like text/plain or application/pdf.
    error: the end lies more than a year ahead
    hint: Drive takes an end within a year.
    error: `a b'` is not a page token: characters of ASCII without spaces, at most 8192 of them
    hint: Take what `automata drive changes` told last.
    ");
    assert_eq!(at.world.requests(), [""; 0]);
}

#[test]
fn no_folder_goes_into_itself_and_none_is_topmost_elsewhere() {
    let at = Terminal::new();
    let a = at.world.folder(MONA, &at.root, "a");
    at.world.folder(MONA, &at.world.folder(MONA, &a, "b"), "c");
    let before = at.world.tree(&at.root);
    for command in [["mv", "a", "a"], ["mv", "a", "a/b/c"], ["mv", "/", "a"]] {
        assert_eq!(at.run(&command).code, Some(2), "{command:?}");
    }
    insta::assert_snapshot!(at.told(&["mv", "a", "a/b/c"]), @"
    exit code 2
    -- stderr
    error: `a` cannot go into itself, nor into what is in it
    hint: Name another folder.
    ");
    assert_eq!(at.world.tree(&at.root), before);
    let month = std::time::Duration::from_secs(30 * 86_400);
    let until = automata::services::clock::SystemClock.now().plus(month).to_string();
    let writer = ["share", "a", "--with", "otto@acme.example", "--role", "writer", "--until", &until];
    insta::assert_snapshot!(at.told(&writer), @"
    exit code 2
    -- stderr
    error: `a` is a folder, and only a reader's access to a folder can end by itself
    hint: Leave --until out, or give the role reader.
    ");
}

#[test]
fn a_token_goes_to_no_other_machine_unencrypted() {
    let at = Terminal::new();
    std::fs::write(at.path().join(".github/automata.yml"), "drive:\n  url: http://drive.example\n").unwrap();
    insta::assert_snapshot!(at.told(&["ls"]), @"
    exit code 2
    -- stderr
    error: the configuration .github/automata.yml is not sound: 2:8: drive.url: `http://drive.example` is no address that tokens may be sent to; write `https://…`; `http://` is for this machine alone
    hint: `automata check` tells all that is wrong with it.
    ");
    assert_eq!(at.world.requests(), [""; 0]);
}

#[test]
fn what_comes_through_another_time_is_told_from_what_never_does() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.world.file(MONA, &docs, "many.bin", b"x");
    at.world.plan("files.get.media", Fault::Reason(403, "downloadQuotaExceeded"));
    insta::assert_snapshot!(at.told(&["get", "docs/many.bin"]), @"
    exit code 3
    -- stderr
    gave up for now: Drive refused: Simulated: downloadQuotaExceeded
    hint: Too many people fetched this file lately; try again tomorrow, or copy it and fetch the copy.
    ");
    assert!(!at.path().join("many.bin").exists());
    at.write("here/a.txt", b"a");
    let busy = Fault::RetryAfter { status: 429, reason: "rateLimitExceeded", seconds: 3_600 };
    at.world.plan("files.create.multipart", busy);
    let ran = at.run(&["sync", "here", "docs"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("failed: a.txt:") && ran.stderr.contains("no more of this before 20"),
        "{}",
        ran.stderr
    );
    at.world.plan("files.create.multipart", Fault::Reason(403, "storageQuotaExceeded"));
    let ran = at.run(&["sync", "here", "docs"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
}

#[test]
fn certificates_that_are_none_are_no_fault_of_the_credentials() {
    let at = Terminal::new();
    at.write("none.pem", b"nothing");
    let ran = at.program(&["ls"]).set("AUTOMATA_CA_FILE", at.path().join("none.pem")).run();
    insta::assert_snapshot!(ran.told(), @"
    exit code 2
    -- stderr
    error: the extra certificates cannot be read: there is no certificate in them
    hint: Look at AUTOMATA_CA_FILE.
    ");
}
