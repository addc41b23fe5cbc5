//! Text of strangers: what is made of it calls nobody, hides nothing, and is not longer than it may be.

use std::path::Path;

use automata::domain::fenced::{fenced_patches, has_sketch, patches};
use automata::domain::untrusted::{is_hidden, markdown_line, one_line, shown, unhidden};
use automata::intake::marker::hops;
use automata::triage::learned::Model;
use automata::triage::text::Readable;
use automata::triage::{IssueText, mentions, missing, rows, security, similar, templates};

use super::{Target, files, text};
use crate::stories::hostile;

/// Characters of a line that is asked for.
const WIDTH: usize = 200;
/// Places that an issue may name.
const MENTIONS: usize = 100;

/// A template of issues, with nothing filled in.
const TEMPLATE: &str = "---\nname: Bug\n---\n**Describe the bug**\nWhat it is.\n\n## Version\n<!-- of widgets -->\n\n## Steps\n1. Go\n";

/// As the first byte chooses, what one of the readers makes of the text.
fn read(which: u8, input: &str) -> String {
    let issue = IssueText { title: input.lines().next().unwrap_or_default(), body: input };
    let size = |count: usize| format!("{which} {}", usize::BITS - count.leading_zeros());
    match which % 8 {
        0 => {
            let line = one_line(input, WIDTH);
            assert!(line.chars().count() <= WIDTH && !line.chars().any(is_hidden), "{line:?}");
            assert_eq!(one_line(&line, WIDTH), line, "a line stays as it is");
            assert!(!unhidden(input).chars().any(is_hidden));
            size(line.len())
        }
        1 => {
            let line = markdown_line(input, WIDTH);
            // Nothing is left that calls somebody, links, comments or formats.
            assert!(!line.contains(['@', '<', '>', '\n']), "{line}");
            let unescaped = line.replace("\\\\", "").replace("&#64;", "").replace("&#35;", "");
            assert!(!unescaped.contains('#'), "{line}");
            for mark in ['`', '*', '_', '[', ']', '(', ')', '!', '|', '~', '$'] {
                let mut ends = unescaped.match_indices(mark);
                assert!(ends.all(|(at, _)| unescaped[..at].ends_with('\\')), "{mark} in {line}");
            }
            size(line.len())
        }
        2 => {
            let seen = shown(input);
            assert!(seen.text.len() <= input.len() + 16, "{} of {} bytes", seen.text.len(), input.len());
            assert!(!seen.text.chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\t')));
            format!("{} {}", size(seen.text.len()), seen.hidden.min(9))
        }
        3 => {
            let (found, ready) = (fenced_patches(input), patches(input));
            assert_eq!(found.len(), ready.len());
            assert!(ready.iter().map(String::len).sum::<usize>() <= input.len());
            format!("{} {}", size(found.len()), has_sketch(input))
        }
        4 => {
            let readable = Readable::of(&issue);
            let named = mentions::mentions(&readable);
            assert!(named.len() <= MENTIONS);
            let terms = similar::terms(&readable);
            assert!(terms.len() <= 40, "{}", terms.len());
            let weakness = security::security(&readable, &[]).is_some();
            format!("{} {} {weakness}", size(named.len()), terms.len())
        }
        5 => {
            // A text as an issue of an honest template, and as a template of an honest issue: whoever writes one does not
            // write the other.
            let template = |text| templates::read(".github/ISSUE_TEMPLATE/bug.md", text);
            let honest = Readable::of(&IssueText { title: "It stops", body: TEMPLATE });
            let lacks = missing::missing(&Readable::of(&issue), &[template(TEMPLATE)], &[]);
            let odd = missing::missing(&honest, &[template(input)], &[]);
            format!("{} {}", size(lacks.len()), odd.len())
        }
        6 => format!(
            "{} {:?}",
            size(0),
            rows::read(input).map(|rows| rows.len().min(9)).map_err(|e| e.to_string().len())
        ),
        _ => format!("{} {:?} {}", size(0), hops(input), Model::decode(input.as_bytes()).is_ok()),
    }
}

#[test]
fn nothing_that_a_stranger_writes_breaks_a_reader_or_gets_through_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let written = files(&root.join("issues")).into_iter().map(|bytes| text(&bytes));
    let hostile = hostile::corpus().into_iter().map(|(_, title, body)| format!("{title}\n{body}"));
    let rows = [
        "label,title,body\nbug,\"It \"\"crashes\"\"\",x\n".to_owned(),
        "{\"label\":\"bug\",\"title\":\"x\"}\n".to_owned(),
    ];
    let texts: Vec<String> = written.chain(hostile).chain(rows).collect();
    let seeds =
        (0..8_u8).flat_map(|which| texts.iter().map(move |text| [&[which][..], text.as_bytes()].concat()));
    let words = [
        "<!--",
        "-->",
        "<details>",
        "</details>",
        "<p hidden>",
        "```",
        "~~~",
        "```diff\n",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n",
        "> ",
        "- ",
        "1. ",
        "    ",
        "[x](y)",
        "![x](y \"z\")",
        "[^1]",
        "@mona",
        "#1",
        "&#64;",
        "\\",
        "`",
        "|",
        "### Version\n",
        "_No response_",
        "<!-- automata:status issue/1 seq=9 hop=255 -->",
        "src/main.rs:1:2",
        "http://",
        "\u{200b}",
        "\u{e0041}",
    ];
    Target { name: "texts", seeds: seeds.collect(), words: &words }.fuzz(|input| {
        let Some((which, rest)) = input.split_first() else { return String::new() };
        read(*which, &text(rest))
    });
}
