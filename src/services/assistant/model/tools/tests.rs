//! What the tools do in a folder, and what they refuse.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

struct Folder {
    place: TempDir,
    tools: Workspace,
}

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let place = TempDir::new().unwrap();
        let root = place.path().join("tree");
        fs::create_dir_all(root.join(".git")).unwrap();
        fs::write(root.join(".git/config"), "[core]\n").unwrap();
        fs::write(place.path().join("outside.txt"), "secret\n").unwrap();
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let tools = Workspace::open(&root).unwrap();
        Self { place, tools }
    }

    fn told(&self, name: &str, arguments: &Value) -> String {
        let (name, arguments) = (name.to_owned(), arguments.to_string());
        match self.tools.run(&ToolCall { id: "1".to_owned(), name, arguments }) {
            Ran::Told(Ok(text)) => text,
            Ran::Told(Err(problem)) => format!("refused: {problem}"),
            other => format!("{other:?}"),
        }
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.tools.root.join(path)).unwrap()
    }
}

#[test]
fn files_are_listed_found_and_read_with_their_lines() {
    let folder = Folder::with(&[
        ("src/lib.rs", "mod a;\n"),
        ("src/a.rs", "fn one() {}\n\nfn two() {}\n"),
        ("b.md", "fn\n"),
    ]);
    assert_eq!(folder.told("list", &json!({})), "b.md\nsrc/a.rs\nsrc/lib.rs\n");
    assert_eq!(folder.told("list", &json!({ "path": "src" })), "src/a.rs\nsrc/lib.rs\n");
    assert_eq!(
        folder.told("search", &json!({ "text": "fn" })),
        "b.md:1: fn\nsrc/a.rs:1: fn one() {}\nsrc/a.rs:3: fn two() {}\n"
    );
    assert_eq!(folder.told("search", &json!({ "text": "fn", "glob": "*.md" })), "b.md:1: fn\n");
    assert_eq!(folder.told("search", &json!({ "text": "nowhere" })), "[nothing found]");
    assert_eq!(
        folder.told("read", &json!({ "path": "./src/a.rs", "from": 2, "lines": 2 })),
        "2\t\n3\tfn two() {}\n"
    );
    assert_eq!(
        folder.told("read", &json!({ "path": "b.md", "from": 9 })),
        "[no such line: the file has 1 lines]"
    );
}

#[test]
fn a_passage_is_replaced_only_where_it_is_the_only_one() {
    let folder = Folder::with(&[("a.txt", "one\ntwo\ntwo\naaa"), ("dos.txt", "one\r\ntwo\r\nthree\r\n")]);
    let edit = |path: &str, old: &str, new: &str| {
        folder.told("edit", &json!({ "path": path, "old": old, "new": new }))
    };
    assert_eq!(edit("a.txt", "one\ntwo", "1\n2"), "`a.txt` is changed at line 1.");
    assert_eq!(folder.text("a.txt"), "1\n2\ntwo\naaa");
    assert!(edit("a.txt", "aa", "b").contains("more than once"), "overlapping passages are two");
    assert!(edit("a.txt", "six", "b").contains("is not in `a.txt`"));
    assert!(edit("a.txt", "", "b").contains("`old` is empty"));
    assert!(edit("a.txt", "two", "two").contains("are the same"));
    assert_eq!(edit("dos.txt", "two\nthree", "2\n3"), "`dos.txt` is changed at line 2.");
    assert_eq!(folder.text("dos.txt"), "one\r\n2\r\n3\r\n", "line ends stay as they were");
}

#[test]
fn files_are_made_and_deleted_but_not_overwritten() {
    let folder = Folder::with(&[("a.txt", "kept\n")]);
    let write = |path: &str| folder.told("write", &json!({ "path": path, "text": "new\n" }));
    assert_eq!(write("deep/er/b.txt"), "`deep/er/b.txt` is made.");
    assert_eq!(folder.text("deep/er/b.txt"), "new\n");
    assert_eq!(write("a.txt"), "refused: `a.txt` exists already");
    assert_eq!(write("a.txt/b"), "refused: `a.txt/b` lies below something that is no folder");
    assert_eq!(folder.told("delete", &json!({ "path": "a.txt" })), "`a.txt` is deleted.");
    assert_eq!(folder.told("delete", &json!({ "path": "deep" })), "refused: `deep` is no file");
}

#[test]
fn no_path_leads_out_of_the_folder_or_into_git() {
    let folder = Folder::with(&[("a.txt", "a\n")]);
    let root = &folder.tools.root;
    #[cfg(unix)]
    for (to, link) in
        [("../outside.txt", "file"), ("..", "up"), (".git", "inner"), ("../new.txt", "dangling")]
    {
        std::os::unix::fs::symlink(to, root.join(link)).unwrap();
    }
    for path in [
        "../outside.txt",
        "/etc/passwd",
        "a/../../outside.txt",
        "file",
        "up/outside.txt",
        "up/tree/../outside.txt",
        "dangling",
        "up/new.txt",
        "up/deep/new.txt",
        ".git/config",
        ".GIT/config",
        ".git /x",
        "git~1/x",
        ".g\u{200c}it/x",
        "inner/config",
        "inner/hooks/x",
        "sub/.git",
        ".git::$INDEX_ALLOCATION/x",
        "",
        ".",
        "..",
        "a\0b",
    ] {
        for (tool, arguments) in [
            ("read", json!({ "path": path })),
            ("edit", json!({ "path": path, "old": "s", "new": "t" })),
            ("write", json!({ "path": path, "text": "x" })),
            ("delete", json!({ "path": path })),
        ] {
            let told = folder.told(tool, &arguments);
            assert!(told.starts_with("refused: "), "{tool} {path}: {told}");
        }
    }
    assert!(folder.told("list", &json!({ "path": "up" })).starts_with("refused: "));
    assert_eq!(folder.told("list", &json!({})), "a.txt\n", "links and git's files are not listed");
    assert_eq!(folder.told("search", &json!({ "text": "s" })), "[nothing found]");
    assert_eq!(fs::read_to_string(folder.place.path().join("outside.txt")).unwrap(), "secret\n");
    assert!(!folder.place.path().join("new.txt").exists());
    assert_eq!(folder.text(".git/config"), "[core]\n");
}

#[test]
fn what_is_no_text_or_too_large_is_refused_and_long_answers_are_cut() {
    let long = "x".repeat(3 * 1024 * 1024);
    let lines = "line of a long file\n".repeat(10_000);
    let folder = Folder::with(&[("zero.bin", "a\0b"), ("long.txt", &long), ("lines.txt", &lines)]);
    fs::write(folder.tools.root.join("latin.txt"), b"caf\xe9").unwrap();
    assert_eq!(folder.told("read", &json!({ "path": "zero.bin" })), "refused: `zero.bin` is no text");
    assert_eq!(
        folder.told("read", &json!({ "path": "latin.txt" })),
        "refused: `latin.txt` is no text in UTF-8"
    );
    assert!(
        folder.told("edit", &json!({ "path": "long.txt", "old": "x", "new": "" })).contains("is too large")
    );
    let read = folder.told("read", &json!({ "path": "lines.txt" }));
    assert!(
        read.len() <= MOST_OUTPUT && read.contains("[the file has 10000 lines: go on from line "),
        "{}",
        read.len()
    );
    assert!(folder.told("search", &json!({ "text": "line" })).ends_with("give a glob]\n"));
}

#[test]
fn what_cannot_be_understood_is_told_back() {
    let folder = Folder::with(&[]);
    let run = |name: &str, arguments: &str| {
        let (name, arguments) = (name.to_owned(), arguments.to_owned());
        folder.tools.run(&ToolCall { id: String::new(), name, arguments })
    };
    let refused = |ran: Ran| match ran {
        Ran::Told(Err(problem)) => problem,
        other => format!("{other:?}"),
    };
    insta::assert_snapshot!(refused(run("read", "{\"path\": \"a")), @"the arguments of `read` cannot be read (EOF while parsing a string at line 1 column 11): {\"path\": \"a");
    insta::assert_snapshot!(refused(run("bash", "{}")), @"there is no tool `bash`; there are list, search, read, edit, write, delete, finish and decline");
    assert_eq!(run("finish", r#"{"summary": " Done. "}"#), Ran::Finished("Done.".to_owned(), Answers::new()));
    assert_eq!(run("list", ""), Ran::Told(Ok("[no files]".to_owned())));
}
