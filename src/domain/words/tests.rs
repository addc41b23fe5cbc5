//! The words as people write them, and what they get to read when they slip.

use proptest::prelude::*;

use super::*;
use crate::domain::feature::Feature;
use crate::domain::untrusted::Excerpt;

fn said(text: &str) -> Vec<String> {
    let told = |said: Said| match said.word {
        Ok(word) => word.to_string(),
        Err(misread) => format!("{} {}", misread.problem, misread.hint),
    };
    said_in(&Excerpt::body(text)).into_iter().map(told).collect()
}

fn one(line: &str) -> String {
    said(line).join("\n")
}

#[test]
fn every_example_of_the_table_is_understood_as_its_verb() {
    for verb in Verb::ALL {
        let said = said_in(&Excerpt::body(&verb.example()));
        let [Said { word: Ok(word), .. }] = said.as_slice() else { panic!("{}: {said:?}", verb.example()) };
        assert_eq!(word.verb(), verb);
        assert_eq!(Verb::find(verb.name()), Some(verb));
    }
}

#[test]
fn words_are_read_in_order_whatever_their_case_and_the_text_around() {
    let text = "Thanks!\r\n/automata label +Bug -\"Needs Info\" +\"good first issue\"\r\n  /AUTOMATA Assign @mona, otto\nand\n/automata\tpriority HIGH\n/automata";
    assert_eq!(
        said(text),
        ["label +Bug +\"good first issue\" -\"Needs Info\"", "assign @mona @otto", "priority high", "help"]
    );
    assert_eq!(
        one("/automata revise  keep `parse` and \"its\" name "),
        "revise keep `parse` and \"its\" name"
    );
    assert_eq!(one("/automata duplicate 12"), "duplicate #12");
    assert_eq!(one("/automata priority 7"), "priority 7");
}

#[test]
fn what_people_do_not_see_as_a_line_of_its_own_is_not_said() {
    for text in [
        "```\n/automata stop\n```",
        "~~~text\n/automata stop",
        "Like so:\n\n    /automata stop",
        "\t/automata stop",
        "> /automata stop",
        "- /automata stop",
        "Please /automata stop",
        "`/automata stop`",
        "<!--\n/automata stop\n-->",
        "<!-- /automata stop -->",
        "Well <!--\n/automata stop\n--> then",
        "<pre>\n/automata stop\n\n/automata stop\n</pre>",
        "Text <code>\n/automata stop\n</code>",
        "/automatastop",
        "/automata-stop",
        "/automata: stop",
        "//automata stop",
        "@automata stop",
        "/auto\u{200b}mata stop",
        "\u{202e}/automata stop",
        "／automata stop",
    ] {
        assert_eq!(said(text), [""; 0], "{text}");
    }
    for text in [
        "Well <!-- this\n\n/automata stop",
        "<!-- a -->\n/automata stop",
        "```\nx\n```\n/automata stop",
        "   /automata stop",
    ] {
        assert_eq!(said(text), ["stop"], "{text}");
    }
}

#[test]
fn a_slip_is_told_with_what_was_probably_meant_and_an_example() {
    let slips = [
        "/automata implment",
        "/automata frobnicate",
        "/automata help me",
        "/automata label bug",
        "/automata label +bug -BUG",
        "/automata label +\"good first",
        "/automata assign",
        "/automata assign @acme/core",
        "/automata assign @mo_na",
        "/automata priority soon",
        "/automata priority 101",
        "/automata duplicate",
        "/automata duplicate #x",
        "/automata revise",
        "/automata run a b",
        "/automata implement $(id)",
        "/automata imple\u{200b}ment",
    ];
    let told: Vec<String> = slips.into_iter().map(one).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    There is no word `implment`. Did you mean `/automata implement patch`? `/automata help` shows them all.
    There is no word `frobnicate`. `/automata help` shows what can be said.
    Nothing may follow `help`, not `me`. It is written `help`, for example `/automata help`.
    `bug` has no sign: write + to add a label, - to take it off. It is written `label +a -b …`, for example `/automata label +bug -"needs triage"`.
    `BUG` is to be added and taken off. It is written `label +a -b …`, for example `/automata label +bug -"needs triage"`.
    A quote is opened and not closed. Write names with spaces as +"good first issue".
    It names nobody. It is written `assign @x [@y …]`, for example `/automata assign @mona`.
    `acme/core` is a team; only people can be assigned. It is written `assign @x [@y …]`, for example `/automata assign @mona`.
    `@mo_na` is no login. It is written `assign @x [@y …]`, for example `/automata assign @mona`.
    `soon` is no priority. It is written `priority low|normal|high|critical|0-100`, for example `/automata priority high`.
    `101` is no priority. It is written `priority low|normal|high|critical|0-100`, for example `/automata priority high`.
    It has to name one issue. It is written `duplicate #n`, for example `/automata duplicate #12`.
    `#x` is no number of an issue. It is written `duplicate #n`, for example `/automata duplicate #12`.
    It does not say what is to be different. It is written `revise <text>`, for example `/automata revise keep the old name`.
    One name may follow `run`, not 2. It is written `run [kind]`, for example `/automata run analyse`.
    `$(id)` is no name that can stand here. It is written `implement [assistant]`, for example `/automata implement patch`.
    The line holds characters that nobody sees, or that turn the text around. Type it anew instead of pasting it.
    "#);
}

#[test]
fn who_asks_why_names_a_label_as_it_is_called() {
    for line in [
        "/automata why priority: high",
        "/automata why  priority: high ",
        "/automata why `priority: high`",
        "/automata why \"priority: high\"",
    ] {
        assert_eq!(one(line), "why priority: high", "{line}");
    }
    assert_eq!(one("/automata why"), "why");
    assert_eq!(one("/automata why ``"), "why");
}

#[test]
fn ten_words_are_read_and_a_long_line_is_not() {
    let many = said(&"/automata status\n".repeat(12));
    assert_eq!((many.len(), many[9].as_str()), (11, "status"));
    assert!(many[10].starts_with("A comment may hold 10 lines"), "{}", many[10]);
    let long = one(&format!("/automata revise {}", "x".repeat(MOST_LINE)));
    assert!(long.starts_with("The line has 4113 bytes"), "{long}");
}

#[test]
fn of_a_comment_that_was_cut_the_last_line_is_not_taken_for_whole() {
    let cut = Excerpt::of("/automata pause\n/automata label +bug +wontfix", 32);
    assert_eq!(said_in(&cut).len(), 1);
}

#[test]
fn what_stands_in_code_or_in_a_quote_begun_on_a_line_before_is_not_said() {
    for text in [
        "- ```\n  /automata stop\n  ```",
        "* ```\n\n  /automata stop\n  ```",
        "1. ~~~\n   /automata stop\n   ~~~",
        "- 1. ```sh\n     /automata stop",
        "1. As so:\n\n    ```\n    /automata stop\n    ```",
        "-\t```\n    /automata stop\n    ```",
        "- ```\n  x\nover\n```\n/automata stop\n```",
        "```\n  ```\n```\n/automata stop",
        "Type `\n/automata stop\n` there",
        "Type ``` a\n/automata stop\n``` there",
        "- Type `` ` \n  /automata stop\n  ``",
        "Type `\nthis\n/automata stop",
        "> They said:\n/automata stop",
        "> They said:\nand\n/automata stop",
        "- > They said:\n/automata stop",
        ">> a\n> b\n   /automata stop",
        "[//]: # (\n/automata stop\n)",
        "[//]: # \"\n/automata stop\n\"",
        "[//]: <> (see\n/automata stop)",
        "[//]: #\n(\n/automata stop\n)",
        "[//]:\n#\n(\n/automata stop)",
        "[\n//\n]: # '\n/automata stop'",
        "See <code>\n```\n</code>\n/automata stop\n```",
    ] {
        assert_eq!(said(text), [""; 0], "{text}");
    }
}

#[test]
fn what_stands_behind_code_quotes_and_definitions_is_said() {
    for text in [
        "- ```\n  x\n  ```\n/automata stop",
        "- ```\n  x\n\n/automata stop",
        "```\n> x\n```\n/automata stop",
        "> They said so.\n\n/automata stop",
        "Take `this` and ``that ` one``:\n/automata stop",
        "It ends with a \\` there.\n/automata stop",
        "Type ` there.\n\n/automata stop",
        "[1]: https://example.org\n/automata stop",
        "[1]: <https://example.org/> (A place)\n/automata stop",
        "[//]: # (a hint)\n\n/automata stop",
        "- [ ] one\n- [x] two\n/automata stop",
        "Thanks for [this] (it helps\nme)\n/automata stop",
        "<!--\n```\n-->\n/automata stop",
    ] {
        assert_eq!(said(text), ["stop"], "{text}");
    }
    assert_eq!(said("/automata revise keep `parse`\n/automata stop"), ["revise keep `parse`", "stop"]);
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z\"\\\\ :+é-]{1,20}", "[^\\p{C}]{1,30}"]
        .prop_map(|name: String| name.split_whitespace().collect::<Vec<_>>().join(" "))
        .prop_filter("a name that GitHub takes", |name| {
            !name.is_empty() && !name.chars().any(crate::domain::untrusted::is_hidden)
        })
}

fn word() -> impl Strategy<Value = Word> {
    let plain = || "[a-z][a-z0-9_-]{0,19}";
    let logins = |least| prop::collection::btree_set("[a-zA-Z0-9]{1,20}(\\[bot\\])?", least..5);
    let login = |names: std::collections::BTreeSet<String>| {
        let mut logins: Vec<Login> = Vec::new();
        for login in names.into_iter().map(Login::new) {
            if !logins.contains(&login) {
                logins.push(login);
            }
        }
        logins
    };
    prop_oneof![
        prop::sample::select(vec![
            Word::Help,
            Word::Status,
            Word::Retry,
            Word::Approve { feature: None },
            Word::Reject { feature: None },
            Word::Approve { feature: Some(Feature::Label) },
            Word::Reject { feature: Some(Feature::CheckRun) },
            Word::Stop(Reach::Here),
            Word::Stop(Reach::Feature(Feature::Exec)),
            Word::Stop(Reach::Everything),
            Word::Pause(Reach::Here),
            Word::Resume(Reach::Here),
            Word::Pause(Reach::Feature(Feature::Label)),
            Word::Resume(Reach::Feature(Feature::Drive)),
            Word::Pause(Reach::Everything),
            Word::Resume(Reach::Everything),
        ]),
        prop::option::of(name()).prop_map(|what| Word::Why { what }),
        prop::option::of(plain()).prop_map(|kind| Word::Run { kind }),
        prop::option::of(plain()).prop_map(|assistant| Word::Implement { assistant }),
        "[^\\p{C}\\s]([^\\p{C}]{0,40}[^\\p{C}\\s])?".prop_map(|text| Word::Revise { text }),
        prop::option::of("[a-z0-9]{12}\\.[0-9]")
            .prop_map(|task| Word::Cancel { task: task.map(TaskId::new) }),
        prop::option::of("[a-z0-9/.#]{1,30}").prop_map(|what| Word::Undo { what }),
        logins(1).prop_map(move |names| Word::Assign { logins: login(names) }),
        logins(0).prop_map(move |names| Word::Unassign { logins: login(names) }),
        prop::sample::select(Urgency::ALL.to_vec()).prop_map(|urgency| Word::Priority(Rank::Named(urgency))),
        (0..=100_u8).prop_map(|points| Word::Priority(Rank::Points(Priority::new(points)))),
        (1..u64::MAX).prop_map(|number| Word::Duplicate { of: IssueNumber(number) }),
        prop::collection::vec((name(), any::<bool>()), 1..5).prop_map(|names| {
            let (mut add, mut remove): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
            for (name, is_added) in names {
                let is = |known: &String| known.to_lowercase() == name.to_lowercase();
                if !add.iter().any(is) && !remove.iter().any(is) {
                    if is_added { add.push(name) } else { remove.push(name) }
                }
            }
            Word::Label { add, remove }
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(word in word()) {
        let line = format!("{PREFIX} {word}");
        let hides = line.chars().any(crate::domain::untrusted::is_hidden);
        let said = said_in(&Excerpt::body(&line));
        prop_assert_eq!(said.len(), 1);
        if !hides {
            prop_assert_eq!(said[0].word.as_ref(), Ok(&word), "{}", line);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic_and_within_the_limits(text in "(?s).{0,300}") {
        prop_assert!(said_in(&Excerpt::body(&text)).len() <= MOST_WORDS + 1);
    }

    #[test]
    fn any_line_is_a_word_or_a_slip(rest in ".{0,120}") {
        let said = said_in(&Excerpt::body(&format!("/automata {rest}")));
        prop_assert!(said.len() <= 1);
        let _ = parse(&rest);
    }

    #[test]
    fn nothing_in_a_fence_is_said(text in "(?s)[^`]{0,80}", mark in "`{3,5}|~{3,5}") {
        let text = text.replace('~', "-");
        let fenced = format!("{mark}\n{text}\n/automata stop\n{mark}\n");
        prop_assert_eq!(said_in(&Excerpt::body(&fenced)), Vec::new());
    }
}
