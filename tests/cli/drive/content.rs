//! `put`, `get`, `export`: content goes up and comes down, and is what it was.

use super::{MONA, OTTO, Terminal};
use crate::world::drive::{Fault, SERVICE_ACCOUNT};

/// More than goes in one request.
const LARGE: usize = 6 * 1024 * 1024 + 17;

fn large() -> Vec<u8> {
    (0..LARGE).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

#[test]
fn a_file_goes_up_gets_new_content_and_comes_down() {
    let at = Terminal::new();
    at.write("plan.md", b"# One");
    insta::assert_snapshot!(at.told(&["put", "plan.md", "/"]), @"
    exit code 0
    -- stdout
    1yr9MYhkYKSvTIG8enr-5k3fcPiwq34BL
    -- stderr
    `plan.md` was uploaded.
    ");
    at.write("plan.md", b"# Two!");
    at.run(&["put", "plan.md", "/"]).well();
    let [id] = &at.world.named(&at.root, "plan.md")[..] else { panic!("one file") };
    assert_eq!((at.world.content(id), at.world.revisions(id)), (b"# Two!".to_vec(), 2));
    insta::assert_snapshot!(at.told(&["get", "plan.md"]), @"
    exit code 2
    -- stderr
    error: plan.md is there already
    hint: Name another file, or add --force to write over it.
    ");
    insta::assert_snapshot!(at.told(&["get", "plan.md", "copy.md"]), @"
    exit code 0
    -- stderr
    copy.md has 6 bytes, checked.
    ");
    assert_eq!(std::fs::read(at.path().join("copy.md")).unwrap(), b"# Two!");
    at.run(&["put", "plan.md", "/", "--new"]).well();
    assert_eq!(at.world.named(&at.root, "plan.md").len(), 2);
}

#[test]
fn a_large_file_goes_on_where_google_has_it_whatever_happens_on_the_way() {
    let at = Terminal::new();
    at.write("large.bin", &large());
    at.world.plan("upload.chunk", Fault::KeepOnlyThenFail(1024 * 1024));
    at.world.plan("upload.chunk", Fault::KeepOnly(512 * 1024));
    at.world.plan("upload.chunk", Fault::Reason(503, "backendError"));
    at.world.plan("upload.chunk", Fault::LoseReply);
    at.run(&["put", "large.bin", "/"]).well();
    let [id] = &at.world.named(&at.root, "large.bin")[..] else { panic!("one file") };
    assert!(at.world.content(id) == large());
    assert_eq!(at.world.sent_again(), 0, "{:#?}", at.world.requests());
}

#[test]
fn killed_between_any_two_parts_the_same_command_goes_on_and_sends_nothing_again() {
    let parts = LARGE.div_ceil(256 * 1024);
    for sent in [0, 1, parts / 2, parts - 1] {
        let at = Terminal::configured("limits: {part_kib: 256}");
        at.write("large.bin", &large());
        at.killed_at("upload.chunk", sent, &["put", "large.bin", "/"]);
        let ran = at.remembers(&["put", "large.bin", "/"]).well();
        assert!(ran.stderr.contains("An earlier upload of these 6291473 bytes goes on."), "{}", ran.stderr);
        at.has_once("large.bin", &large());
        // What is kept of it is nobody else's, closed, and gone when it is done.
        assert_eq!(at.sessions(), [""; 0]);
        // Of the same content nothing is sent; of other content all.
        at.world.take_requests();
        assert!(at.remembers(&["put", "large.bin", "/"]).well().stderr.contains("has this content already"));
        assert!(
            !at.world.requests().iter().any(|line| line.contains("upload")),
            "{:#?}",
            at.world.requests()
        );
    }
}

#[test]
fn of_an_upload_that_was_cut_off_nobody_else_can_make_use_and_another_file_begins_anew() {
    use std::os::unix::fs::PermissionsExt as _;
    let at = Terminal::configured("limits: {part_kib: 256}");
    at.write("large.bin", &large());
    at.killed_at("upload.chunk", 3, &["put", "large.bin", "/"]);
    let [kept] = &at.sessions()[..] else { panic!("one session: {:?}", at.sessions()) };
    assert!(!std::fs::read_to_string(kept).unwrap().contains("upload_id"));
    assert_eq!(std::fs::metadata(kept).unwrap().permissions().mode() & 0o777, 0o600);
    // Rebuilt meanwhile, and after Drive forgot: nothing of the old one gets into it.
    let other = [large(), b"!".to_vec()].concat();
    at.write("large.bin", &other);
    at.remembers(&["put", "large.bin", "/"]).well();
    at.has_once("large.bin", &other);
    at.write("later.bin", &large());
    at.killed_at("upload.chunk", 3, &["put", "later.bin", "/"]);
    at.world.plan("upload.status", Fault::ForgetSession);
    at.remembers(&["put", "later.bin", "/"]).well();
    let [id] = &at.world.named(&at.root, "later.bin")[..] else { panic!("one file") };
    assert!(at.world.content(id) == large());
}

#[test]
fn a_large_file_comes_down_in_parts_and_a_damaged_part_is_noticed() {
    let at = Terminal::new();
    at.world.file(MONA, &at.root, "large.bin", &large());
    at.world.plan("files.get.media", Fault::CutContent(1_000));
    at.world.plan("files.get.media", Fault::Damage);
    let first = at.run(&["get", "large.bin"]);
    let got = std::fs::read(at.path().join("large.bin"));
    assert!(first.code == Some(0) && got.unwrap() == large() || first.code == Some(3), "{}", first.stderr);
    at.run(&["get", "large.bin", "--force"]).well();
    assert!(std::fs::read(at.path().join("large.bin")).unwrap() == large());
}

#[test]
fn a_document_comes_down_in_another_format_up_to_a_limit() {
    let at = Terminal::new();
    let notes = at.world.document(MONA, &at.root, "Notes", "document", "# Notes\nMore.\n");
    insta::assert_snapshot!(at.told(&["get", "Notes"]), @"
    exit code 2
    -- stderr
    error: `Notes` is a Google document and has no bytes of its own
    hint: Fetch it in another format: automata drive export id:1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME --as md
    ");
    insta::assert_snapshot!(at.told(&["export", "Notes", "-"]), @"
    exit code 0
    -- stdout
    # Notes
    More.
    ");
    insta::assert_snapshot!(at.told(&["export", "Notes", "--as", "pdf"]), @"
    exit code 0
    -- stderr
    Notes.pdf has 23 bytes.
    ");
    at.world.write(MONA, &notes, &vec![b'x'; 11 << 20]);
    insta::assert_snapshot!(at.told(&["export", "Notes", "--as", "txt"]), @"
    exit code 1
    -- stderr
    failed: Drive refused: This file is too large to be exported
    hint: Drive exports at most 10 MB: split the document, or choose a smaller format such as text/plain.
    ");
    at.world.plan("files.export", Fault::Words(500, "internalError", "Internal Error"));
    at.world.write(MONA, &notes, b"small");
    at.run(&["export", "Notes", "--as", "txt"]).well();
    insta::assert_snapshot!(at.told(&["export", "Notes", "--as", "csv"]), @"
    exit code 2
    -- stderr
    error: `Notes` is a Google document, and does not become csv
    hint: There are md, txt, html, pdf, docx and odt: name one with --as.
    ");
}

#[test]
fn what_google_takes_for_malware_comes_down_only_on_purpose() {
    let at = Terminal::new();
    let file = at.world.file(MONA, &at.root, "tool.exe", b"x");
    at.world.call_abusive(&file);
    insta::assert_snapshot!(at.told(&["get", "tool.exe"]), @"
    exit code 1
    -- stderr
    failed: Drive refused: This file has been identified as malware or spam and cannot be downloaded
    hint: Drive found malware in it. Its owner can fetch it all the same: `automata drive get --accept-abuse`.
    ");
    at.run(&["get", "tool.exe", "--accept-abuse"]).well();
}

#[test]
fn a_name_that_would_lead_elsewhere_does_not_become_a_file() {
    let at = Terminal::new();
    let file = at.world.file(MONA, &at.root, "../../evil", b"x");
    insta::assert_snapshot!(at.told(&["get", &format!("id:{file}")]), @"
    exit code 2
    -- stderr
    error: `../../evil` cannot be the name of a file here: its name has characters that no file's name may have everywhere
    hint: Say what it is to be called: name a file after the place.
    ");
}

#[test]
fn a_file_becomes_a_google_document_and_each_kind_comes_down_in_its_formats() {
    let at = Terminal::new();
    for (name, text, kind, formats) in [
        ("notes.md", "# Notes", "document", &["md", "docx", "odt", "html", "txt", "pdf"][..]),
        ("sums.csv", "a,b\n1,2\n", "spreadsheet", &["csv", "xlsx", "pdf"][..]),
        ("talk.txt", "Hello", "presentation", &["pptx", "txt", "pdf"][..]),
    ] {
        at.write(name, text.as_bytes());
        at.run(&["put", name, "/", "--convert", kind]).well();
        let info = at.json(&["info", name]);
        assert_eq!(info["file"]["mime"], format!("application/vnd.google-apps.{kind}"));
        for format in formats {
            let to = format!("{name}.out.{format}");
            at.run(&["export", name, &to, "--as", format]).well();
            let came = std::fs::read(at.path().join(&to)).unwrap();
            assert!(!came.is_empty(), "{to}");
            if ["md", "csv", "txt"].contains(format) {
                assert_eq!(String::from_utf8(came).unwrap(), text, "{to}");
            }
        }
        // Put again it is the same document with new content.
        at.run(&["put", name, "/", "--convert", kind]).well();
        assert_eq!(at.world.named(&at.root, name).len(), 1, "{kind}");
    }
}

#[test]
fn the_same_command_again_makes_no_second_file_while_lists_lag() {
    let at = Terminal::new();
    at.write("small.txt", b"small");
    at.world.lists_lag();
    at.world.plan("files.create.multipart", Fault::LoseReply);
    at.killed_at("files.create.multipart", 0, &["put", "small.txt", "/"]);
    at.remembers(&["put", "small.txt", "/"]).well();
    at.remembers(&["put", "small.txt", "/"]).well();
    at.write("small.txt", b"small and more");
    at.remembers(&["put", "small.txt", "/"]).well();
    at.has_once("small.txt", b"small and more");
    // What a person threw away is made again.
    at.world.trash(&at.world.named(&at.root, "small.txt")[0]);
    at.remembers(&["put", "small.txt", "/"]).well();
    assert_eq!(at.world.named(&at.root, "small.txt").len(), 2);
}

#[test]
fn what_an_old_link_shares_is_there_for_whoever_has_the_whole_link() {
    let at = Terminal::new();
    let folder = at.world.folder(OTTO, &at.world.root_of(OTTO), "shared");
    let file = at.world.file(OTTO, &folder, "plan.txt", b"plan");
    for (id, key) in [(&folder, "0-folder"), (&file, "0-file_Key")] {
        at.world.share(id, "anyone", "", "reader");
        at.world.needs_key(id, key);
    }
    let link = format!("https://drive.google.com/file/d/{file}/view?usp=sharing");
    assert_eq!(at.run(&["get", &link]).code, Some(1));
    at.run(&["get", &format!("{link}&resourcekey=0-file_Key")]).well();
    assert_eq!(std::fs::read(at.path().join("plan.txt")).unwrap(), b"plan");
    at.configure(&format!(
        "folders: {{docs: 'https://drive.google.com/drive/folders/{folder}?resourcekey=0-folder'}}"
    ));
    assert_eq!(at.json(&["info", "docs:"])["file"]["name"], "shared");
}

#[test]
fn nothing_is_written_over_what_holds_no_bytes() {
    let at = Terminal::new();
    let notes = at.world.document(MONA, &at.root, "notes", "document", "# Notes\n");
    at.write("notes", b"other");
    insta::assert_snapshot!(at.told(&["put", "notes", "/"]), @"
    exit code 2
    -- stderr
    error: `notes` is a Google document there, which holds no bytes to write over
    hint: Take another name with --name; or put the file beside it with --new; or with --convert give the document new content.
    ");
    at.world.file(MONA, &at.root, "sums.csv", b"1,2");
    at.write("sums.csv", b"3,4");
    for (name, kind) in [("notes", "spreadsheet"), ("sums.csv", "spreadsheet")] {
        let ran = at.run(&["put", name, "/", "--convert", kind]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains(&format!("`{name}` is there, and no {kind}")), "{}", ran.stderr);
    }
    assert_eq!(at.world.requests().iter().filter(|line| line.contains("/upload/")).count(), 0);
    at.run(&["put", "notes", "/", "--new"]).well();
    assert_eq!(at.world.named(&at.root, "notes").len(), 2);
    assert!(at.world.exists(&notes));
}

#[test]
fn without_a_key_of_googles_that_of_the_log_closes_what_is_kept_of_an_upload() {
    use automata::domain::encryption::{IDENTITY, encode};
    for (key, goes_on) in [(Some(encode(&[7; 32], IDENTITY)), true), (None, false)] {
        let at = Terminal::new();
        let team = at.world.make_drive("Team", &[(MONA, "organizer"), (SERVICE_ACCOUNT, "fileOrganizer")]);
        at.configure(&format!("limits: {{part_kib: 256}}\nfolders: {{team: {team}}}"));
        at.write("large.bin", &large());
        let keyless = at.world.external_account_json(Some(SERVICE_ACCOUNT));
        let put = || {
            let program = at.program(&["put", "large.bin", "team:"]).set("GOOGLE_CREDENTIALS", &keyless);
            let program = program.set("AUTOMATA_CACHE", at.path().join("cache"));
            key.iter().fold(program, |program, key| program.set("AUTOMATA_AGE_KEY", key))
        };
        at.world.plan_after("upload.chunk", 3, Fault::Hang);
        let mut child = put().begin();
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(at.world.hangs());
        child.kill().unwrap();
        child.wait().unwrap();
        let told = put().run().well().stderr;
        assert_eq!(told.contains("An earlier upload of these 6291473 bytes goes on."), goes_on, "{told}");
        assert_eq!(at.world.named(&team, "large.bin").len(), 1);
    }
}

#[test]
fn a_shortcut_is_followed_to_what_it_leads_to() {
    let at = Terminal::new();
    let elsewhere = at.world.folder(MONA, &at.root, "elsewhere");
    let plan = at.world.file(MONA, &elsewhere, "plan.txt", b"the plan");
    let notes = at.world.document(MONA, &elsewhere, "Notes", "document", "# Notes");
    at.world.shortcut(MONA, &at.root, "to the plan", &plan);
    at.world.shortcut(MONA, &at.root, "to the notes", &notes);
    at.run(&["get", "to the plan"]).well();
    assert_eq!(std::fs::read(at.path().join("plan.txt")).unwrap(), b"the plan");
    at.run(&["export", "to the notes", "--as", "md"]).well();
    assert!(std::fs::read_to_string(at.path().join("Notes.md")).unwrap().starts_with("# Notes"));
    at.world.trash(&plan);
    let told = at.run(&["get", "to the plan", "--force"]);
    insta::assert_snapshot!(told.told_of(&[(&plan, "PLAN")]), @"
    exit code 1
    -- stderr
    failed: the shortcut `to the plan` leads to id:PLAN: `plan.txt` (id:PLAN) is in the trash
    hint: Take it out first: `automata drive restore`; what was put there with a folder above comes out with that.
    ");
}
