//! Branch names against git itself, and templates.

use std::process::Command;

use proptest::prelude::*;

use super::*;

/// What git says: git alone is needed for the tests, so git is asked.
fn git_takes(name: &str) -> bool {
    Command::new("git")
        .args(["check-ref-format", "--branch", name])
        .output()
        .expect("git runs")
        .status
        .success()
}

#[test]
fn a_name_is_taken_exactly_when_git_takes_it() {
    let names = [
        "main",
        "a/b",
        "automata/issue-7-x",
        "ä/ö",
        "a.b",
        "a@b",
        "@a",
        "a{b",
        "a..b",
        ".a",
        "a/.b",
        "a.lock",
        "a.lock/b",
        "a.",
        "a/",
        "/a",
        "a//b",
        "a@{b",
        "a b",
        "a~b",
        "a^b",
        "a:b",
        "a?b",
        "a*b",
        "a[b",
        "a\\b",
        "a\tb",
        "a\u{7f}b",
        "-a",
        "HEAD",
        "a/HEAD",
        "a/-b",
        "a.lockb",
        "{",
        "#1",
        "a'b",
        "a\"b",
        "$(id)",
    ];
    for name in names {
        assert_eq!(BranchName::parse(name).is_ok(), git_takes(name), "{name}");
    }
}

#[test]
fn names_that_github_or_the_manual_refuses_are_refused_though_git_takes_them() {
    for name in ["@", "refs/heads/main", "0123456789abcdef0123456789abcdef01234567"] {
        assert!(git_takes(name) && BranchName::parse(name).is_err(), "{name}");
    }
    assert!(BranchName::parse(&"a".repeat(201)).is_err());
}

#[test]
fn a_slug_is_short_plain_and_ends_at_a_word() {
    assert_eq!(slug("Crash when opening ./config.yml!"), "crash-when-opening-config-yml");
    assert_eq!(slug("Don't panic"), "dont-panic");
    assert_eq!(
        slug("The parser fails on every second line of the input"),
        "the-parser-fails-on-every-second-line-of"
    );
    assert_eq!(slug("a ".repeat(60).as_str()).len(), 39);
    assert_eq!(slug(&"x".repeat(99)).len(), SLUG_LENGTH);
    for nothing in ["", "  ", "日本語", "../..", "🦀"] {
        assert_eq!(slug(nothing), "change", "{nothing}");
    }
}

#[test]
fn a_template_names_a_branch() {
    let template = BranchTemplate::parse("automata/issue-{number}-{slug}").unwrap();
    let named = Named { title: "Crash in `parse`; $(rm -rf /) ../../x", ..Named::default() };
    let name = template.name(IssueNumber(42), &named).unwrap();
    assert_eq!(name.as_str(), "automata/issue-42-crash-in-parse-rm-rf-x");
    let template = BranchTemplate::parse("{type}/{label}/{number}").unwrap();
    let all = Named { kind: Some("Bug"), label: Some("area: parser/../x"), ..named };
    assert_eq!(template.name(IssueNumber(42), &all).unwrap().as_str(), "bug/area-parser-x/42");
    assert_eq!(template.name(IssueNumber(42), &named).unwrap().as_str(), "change/change/42");
}

#[test]
fn a_template_that_cannot_name_a_branch_is_refused() {
    let refusals: String =
        ["fix/{id}", "fix/{slug}", "fix {number}", "{number}.lock", "-{number}", "a/{number"]
            .iter()
            .map(|text| format!("{text}: {}\n", BranchTemplate::parse(text).unwrap_err()))
            .collect();
    insta::assert_snapshot!(refusals, @r"
    fix/{id}: `{id}` is not a placeholder here; there are `{number}` and `{slug}` and `{type}` and `{label}`
    fix/{slug}: `{number}` is missing, without which two issues could share a branch
    fix {number}: it makes `fix 18446744073709551615`, which is not a branch name: it contains a space, a control character or one of `~^:?*[\`
    {number}.lock: it makes `18446744073709551615.lock`, which is not a branch name: a part ends with `.lock`
    -{number}: it makes `-18446744073709551615`, which is not a branch name: it begins with `-`
    a/{number: a `{` or `}` stands alone
    ");
}

proptest! {
    #[test]
    fn any_title_and_number_make_a_valid_branch(title in ".*", number: u64) {
        let slug = slug(&title);
        prop_assert!(!slug.is_empty() && slug.len() <= SLUG_LENGTH && !slug.starts_with('-') && !slug.ends_with('-'));
        prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        let template = BranchTemplate::parse("automata/{type}/{label}/issue-{number}-{slug}").unwrap();
        let named = Named { title: &title, kind: Some(&title), label: Some(&title) };
        prop_assert!(template.name(IssueNumber(number), &named).is_ok());
    }
}
