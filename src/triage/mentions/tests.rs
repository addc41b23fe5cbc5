//! What is found in the traces and the prose that people paste.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::super::text::{IssueText, Readable};
use super::{MENTIONS, mentions};

fn found(body: &str) -> String {
    mentions(&Readable::of(&IssueText { title: "", body }))
        .into_iter()
        .map(|mention| {
            let line = mention.line.map_or(String::new(), |line| format!(":{line}"));
            let symbol = mention.symbol.map_or(String::new(), |symbol| format!(" {symbol}()"));
            format!("{}{line}{symbol}\n", mention.path.unwrap_or_default())
        })
        .collect()
}

#[test]
fn files_in_prose_are_found_with_their_lines() {
    assert_snapshot!(found(
        "See src/main.rs:12:5, `./lib/a.py` line 7 and \"b.ts\", line 8. In x.php on line 9; tsc says src/x.ts(3,14): error.\n\
         --> src/domain/mod.rs:3:5\n\
         https://github.com/o/r/blob/0123abc/src/deep/file.go#L12-L20 and https://example.org/not/a/file.rs\n\
         C:\\proj\\src\\win.cs:44 and Makefile, .gitignore, docs/guide.md#L3, v1.2.3, e.g. this, a/b-1.2, 10.5.\n\
         http://localhost:5173/src/App.tsx?t=1:12:3 webpack:///./src/y.js:2:1 ../../etc/passwd.txt"
    ), @r"
    src/main.rs:12
    lib/a.py:7
    b.ts:8
    x.php:9
    src/x.ts:3
    src/domain/mod.rs:3
    src/deep/file.go:12
    /proj/src/win.cs:44
    Makefile
    .gitignore
    docs/guide.md:3
    src/App.tsx
    src/y.js:2
    ../../etc/passwd.txt
    ");
}

#[test]
fn frames_of_many_languages_are_read() {
    assert_snapshot!(found(
        "thread 'main' panicked at src/parse.rs:41:9:\n   3: demo::parse::header\n             at ./src/parse.rs:41:9\n   4: demo::main::{{closure}}\n             at /srv/demo/src/main.rs:7:3\n\
         thread 'main' panicked at 'old style', src/old.rs:1:2\n\
         File \"/app/My Dir/x.py\", line 3, in load\nFile \"y.py\", line 4, in <module>\n\
         at parse (src/parse.js:1:2)\n    at async Object.run (file:///w/lib/run.mjs:5:6)\n    at new Store (webpack-internal:///./src/store.ts:7:8)\n    at src/top.js:9:10\n\
         at com.example.app.UserService.find(UserService.java:42)\n\tat java.base/java.util.Map$Entry.get(Map.java:1)\n\tat com.example.MainKt.main(Main.kt:3)\n\
         main.(*Server).Serve(0xc000)\n\t/src/server/serve.go:12 +0x1b\n\
         #0  0x0000555 in parse_header (n=1) at src/x.c:12\n#1  main () at src/y.cpp:3\n\
         app/models/user.rb:12:in `name'\n\tfrom app/x.rb:3:in 'Foo#bar'\n\
         #0 /var/www/x.php(12): Foo->bar()"
    ), @r"
    src/parse.rs:41
    src/parse.rs:41 demo::parse::header()
    /srv/demo/src/main.rs:7 demo::main()
    src/old.rs:1
    /app/My Dir/x.py:3 load()
    y.py:4
    src/parse.js:1 parse()
    w/lib/run.mjs:5 Object.run()
    src/store.ts:7 Store()
    src/top.js:9
    com/example/app/UserService.java:42 UserService.find()
    java/util/Map.java:1 Map.get()
    com/example/Main.kt:3 MainKt.main()
    /src/server/serve.go:12 main.(*Server).Serve()
    src/x.c:12 parse_header()
    src/y.cpp:3 main()
    app/models/user.rb:12 name()
    app/x.rb:3 Foo#bar()
    /var/www/x.php:12 Foo->bar()
    ");
}

#[test]
fn symbols_stand_in_backticks_and_look_like_code() {
    assert_snapshot!(found(
        "`parse_header()` and `Header::parse`, `os.path.join(a, b)`, `fn run_all()`, `UserService`, `vec!`, `Array#map`; \
         not `true`, `cargo build --release`, `--flag`, `main`, `x`, `src/a.rs`, `1.2.3` or unclosed `foo_bar"
    ), @r"
    src/a.rs
     parse_header()
     Header::parse()
     os.path.join()
     run_all()
     UserService()
     vec()
     Array#map()
    ");
}

#[test]
fn no_file_has_a_line_zero() {
    for body in ["File \"a.rs\", line 0", "at a.b.C.m(C.java:0)", "#0 /var/www/x.php(0): f()"] {
        let found = mentions(&Readable::of(&IssueText { title: "", body }));
        assert!(found.iter().all(|mention| mention.line != Some(0)), "{body}");
    }
}

#[test]
fn there_is_an_end_to_it() {
    let many: String = (1..5_000).map(|line| format!("at f (src/x.js:{line}:1)\n")).collect();
    assert_eq!(mentions(&Readable::of(&IssueText { title: "", body: &many })).len(), MENTIONS);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(title in "\\PC{0,30}", body in "(at |File \"|\", line [0-9]{1,25}|#[0-9] | in |\\(|\\)|:[0-9]{1,3}|src/|[a-c]\\.(rs|py|go)|`|://|https://github.com/|blob/|C:\\\\|\\PC|\n){0,60}") {
        let found = mentions(&Readable::of(&IssueText { title: &title, body: &body }));
        prop_assert!(found.len() <= MENTIONS);
        prop_assert!(found.iter().all(|mention| mention.line != Some(0)));
    }
}
