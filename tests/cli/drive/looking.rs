//! `ls`, `find`, `info`, `changes`, `doctor`: what is there, and whose it is.

use super::{MONA, OTTO, Terminal};
use crate::cli::program::Program;
use crate::world::drive::{Fault, SERVICE_ACCOUNT};

#[test]
fn a_folder_is_listed_and_what_is_below_as_well() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.world.file(MONA, &docs, "a/b.txt", b"hello");
    at.world.document(MONA, &docs, "Notes", "document", "# Notes");
    let old = at.world.file(MONA, &at.root, "old.txt", b"x");
    at.world.trash(&old);
    at.world.shortcut(MONA, &at.root, "to docs", &docs);
    insta::assert_snapshot!(at.told(&["ls"]), @"
    exit code 0
    -- stdout
    SIZE      CHANGED               ID                                 NAME
    folder    TIME  1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME  docs/
    shortcut  TIME  1_flX4lnZCwlv-oAkom9FzjoBBM_ek5Hv  to docs -> id:1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME
    ");
    insta::assert_snapshot!(at.told(&["ls", "-r"]), @r"
    exit code 0
    -- stdout
    SIZE      CHANGED               ID                                 NAME
    folder    TIME  1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME  docs/
    1031      TIME  1YyDSLf7j4Ivp4aXIMMRK1eytTCGmY-V8  docs/Notes
    5         TIME  1yr9MYhkYKSvTIG8enr-5k3fcPiwq34BL  docs/a\/b.txt
    shortcut  TIME  1_flX4lnZCwlv-oAkom9FzjoBBM_ek5Hv  to docs -> id:1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME
    ");
    insta::assert_snapshot!(at.told(&["ls", r"docs/a\/b.txt"]), @r"
    exit code 0
    -- stdout
    SIZE  CHANGED               ID                                 NAME
    5     TIME  1yr9MYhkYKSvTIG8enr-5k3fcPiwq34BL  a\/b.txt
    ");
    let json = at.json(&["ls", "docs"]);
    assert_eq!(json[1]["md5"], "5d41402abc4b2a76b9719d911017c592", "{json}");
}

#[test]
fn files_are_found_by_typed_terms_and_a_quote_in_one_stays_a_quote() {
    let at = Terminal::new();
    let drive = at.world.make_drive("Team", &[(MONA, "organizer")]);
    at.world.file(MONA, &at.root, r"it's a \ plan", b"x");
    at.world.file(MONA, &drive, "team plan", b"x");
    let names = |arguments: &[&str]| -> Vec<String> {
        let found = at.json(&[&["find"], arguments].concat());
        found.as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["--name", "it's a \\"]), [r"it's a \ plan"]);
    assert_eq!(names(&["--name", "x' or name contains 'plan"]), [""; 0]);
    assert_eq!(names(&["--name", "plan", "--within", "drive:Team"]), ["team plan"]);
    assert_eq!(names(&["--text", "plan", "--after", "2030-01-01"]), [""; 0]);
    insta::assert_snapshot!(at.told(&["find", "--after", "soon"]), @"
    exit code 2
    -- stderr
    error: --after: `soon` is no time
    hint: Write it like TIME, or like 2026-11-22.
    ");
}

#[test]
fn everything_known_of_a_file_is_shown() {
    let at = Terminal::new();
    let file = at.world.file(MONA, &at.root, "a.txt", b"one");
    at.world.write(MONA, &file, b"second");
    insta::assert_snapshot!(at.told(&["info", "a.txt"]), @"
    exit code 0
    -- stdout
    name      a.txt
    id        1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME
    type      text/plain
    size      6 bytes
    md5       a9f0e61a137d86aa9db53465e0801612
    sha256    HASH1
    in        id:0AfR-71z6v8yYt0Omog
    changed   TIME
    by        mona@acme.example
    owner     mona@acme.example
    you may   copy, delete, download, edit, read revisions, rename, share, trash
    link      https://drive.google.com/file/d/1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME/view

    REVISION OF           SIZE  ID
    TIME  3     0Byr9MYhkYKSvTIG8enr-5k3fcPiwq34BLMfnbzVeuDFoowGAWiy
    TIME  6     0BMMwCPweS6GpKc166CGUlPfTblI4iSoDEQvrz1wBQWLPPrEcxWd
    ");
}

#[test]
fn changes_are_told_from_a_point_on() {
    let at = Terminal::new();
    let start = at.run(&["changes"]).well().stdout;
    let file = at.world.file(OTTO, &at.world.root_of(OTTO), "shared", b"x");
    at.world.share(&file, "user", MONA, "reader");
    insta::assert_snapshot!(at.told(&["changes", "--since", start.trim()]), @"
    exit code 0
    -- stdout
    WHEN                  ID                                 WHAT     NAME
    TIME  1MMwCPweS6GpKc166CGUlPfTblI4iSoDE  changed  shared
    -- stderr
    Go on with --since 1.2
    ");
    at.world.unshare(&file, MONA);
    let later = at.json(&["changes", "--since", start.trim()]);
    assert_eq!((&later["changes"][0]["id"], &later["changes"][0]["removed"]), (&file.into(), &true.into()));
    at.world.make_drive("Team", &[(MONA, "organizer")]);
    insta::assert_snapshot!(at.told(&["changes", "--since", start.trim(), "--drive", "Team"]), @"
    exit code 1
    -- stderr
    failed: Drive refused: Invalid Value: pageToken
    hint: The same is refused however often it is asked: its words say what does not fit.
    hint: A point belongs to one feed: the account's own, or that of one shared drive.
    ");
}

#[test]
fn the_doctor_says_whose_account_it_is_and_what_it_lacks() {
    let at = Terminal::configured("folders: {docs: 1Nowhere, plans: 1AlsoNowhere}");
    insta::assert_snapshot!(at.told(&["doctor"]), @"
    exit code 0
    -- stdout
    credentials: GOOGLE_CREDENTIALS
    account: mona@acme.example
    storage: 0 of 15000000000 bytes are in use
    folder docs: not there, or not for this account to see
    folder plans: not there, or not for this account to see
    advice: Share the folder `docs` (1Nowhere) with mona@acme.example, or correct its id in `drive.folders`.
    advice: Share the folder `plans` (1AlsoNowhere) with mona@acme.example, or correct its id in `drive.folders`.
    ");
    // A service account's key is signed by the machine's clock.
    let clock = std::sync::Arc::new(automata::services::clock::SystemClock);
    let world = crate::world::drive::DriveWorld::start_by(clock);
    world.make_drive("Team", &[(MONA, "organizer"), (SERVICE_ACCOUNT, "reader")]);
    let config = format!("drive: {{url: \"{}\"}}\n", world.url());
    at.write("robot.yml", config.as_bytes());
    let doctor = || {
        let program = Program::new(&["drive", "doctor", "--config", "robot.yml"]).inside(at.path());
        program.set("GOOGLE_CREDENTIALS", world.service_account_json()).run().told()
    };
    insta::assert_snapshot!(doctor(), @"
    exit code 0
    -- stdout
    credentials: GOOGLE_CREDENTIALS
    account of the credentials: automata@acme-docs.iam.gserviceaccount.com
    account: automata@acme-docs.iam.gserviceaccount.com
    storage: none of its own
    shared drive: Team (0AtgvQY-tOeP3MKXuXn), to read only
    advice: automata@acme-docs.iam.gserviceaccount.com is a service account: it owns no storage, so it can upload nothing to its own drive, and it may put nothing into any shared drive. Make it a member of a shared drive with the role of a content manager, or let it stand for a person (`drive.stands_for`, with domain-wide delegation).
    ");
    world.make_drive("Documents", &[(MONA, "organizer"), (SERVICE_ACCOUNT, "fileOrganizer")]);
    insta::assert_snapshot!(doctor(), @"
    exit code 0
    -- stdout
    credentials: GOOGLE_CREDENTIALS
    account of the credentials: automata@acme-docs.iam.gserviceaccount.com
    account: automata@acme-docs.iam.gserviceaccount.com
    storage: none of its own
    shared drive: Documents (0AkLn7t2CggwTOZVPr6), to read and to write
    shared drive: Team (0AtgvQY-tOeP3MKXuXn), to read only
    advice: automata@acme-docs.iam.gserviceaccount.com is a service account: it owns no storage. Upload into a shared drive: Documents.
    ");
}

#[test]
fn a_stumble_of_google_is_not_noticed() {
    let at = Terminal::new();
    at.world.file(MONA, &at.root, "a", b"x");
    at.world.plan("files.list", Fault::Reasons(403, &["badRequest", "userRateLimitExceeded"]));
    at.world.plan("files.list", Fault::Html(502));
    at.world.plan("files.get", Fault::LoseReply);
    assert_eq!(at.json(&["ls"])[0]["name"], "a");
}
