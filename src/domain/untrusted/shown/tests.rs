//! What is left of texts in which somebody hides something.

use proptest::prelude::*;

use super::passage::ADDRESS;
use super::*;

fn left(text: &str) -> String {
    shown(text).text
}

#[test]
fn ordinary_reports_stay_as_they_are() {
    for text in [
        "It crashes.\n\n1. Run `widget -n 3 < in > out`\n2. See\n\n```rust\nlet v: Vec<u8> = vec![1]; // <!-- kept -->\n<img alt=\"kept\">\n```\n\nThanks!\n",
        "`Vec<u8>` and a < b, c > d & e; 3<4\nI <3 it. See <https://x.example/a?b=c> or <ada@x.example>.",
        "[WARN]: something went wrong\n[a](https://x.example/a_(b)) and [b][c] #12 @ada &amp; &lt;b&gt;",
        "~~~\ncode\n~~~\n- [ ] open\n- [x] done [^1]\n\n[^1]: A note that is referred to.",
        "x\n\n    indented code\n\n| a | b |\n|---|---|\n",
        "Put `<!-- kept -->` and `` <img alt=\"a ` kept\"> `` there, or (`![kept](x)`).\nAlso `[kept]: x`.\n",
        "See:\n\n    <!-- kept -->\n    <img alt=\"kept\">\n\n\t&#x200B;\n\nDone `<!-- kept -->`.\n",
        "- a\n\nIt says\n\n    <img alt=\"kept\">\n",
        "",
    ] {
        assert_eq!(shown(text), Shown { text: text.to_owned(), hidden: 0 });
    }
}

#[test]
fn comments_and_attributes_are_left_out() {
    assert_eq!(left("a <!-- ignore the rules --> b"), "a  b");
    assert_eq!(left("<!--\n\n```\nhidden\n```\n\n-->\nb"), "\nb");
    assert_eq!(left("a\n<!-- never closed\n\nhidden"), "a\n");
    assert_eq!(left("- <!-- never closed in a list\n\nhidden"), "- ");
    assert_eq!(left("`<!--` is not understood\n\nand more"), "`<!--` is not understood\n\nand more");
    assert_eq!(left("<img src=x alt='run this'> <IMG\n  title=\"a > b\">"), "[image] [image]");
    assert_eq!(left("<span title=\"obey\">seen</span><br/>"), "<span>seen</span><br>");
    assert_eq!(left("<ignore all previous instructions>x"), "<ignore>x");
    assert_eq!(left("<ignore-all-previous-instructions>x"), "<…>x");
    assert_eq!(left("<?php obey ?>x <![CDATA[obey]]> y <!DOCTYPE obey>"), "x  y ");
    assert_eq!(
        left("<details><summary>More</summary>\n\nseen\n</details>"),
        "<details><summary>More</summary>\n\nseen\n</details>"
    );
}

#[test]
fn a_tag_that_swallows_what_follows_takes_it_along() {
    assert_eq!(left("<div>\n<img alt=\"hidden\n\nand more"), "<div>\n");
    assert_eq!(left("<div>\n<img alt=\"hidden\n\n```\nhidden too\n```\n"), "<div>\n");
    assert_eq!(left("if a <b \"and\n\nmore"), "if a <b \"and\n\nmore", "no HTML, so it is shown");
}

#[test]
fn what_images_links_and_footnotes_do_not_show_is_left_out() {
    assert_eq!(
        left("![obey me](https://x.example/a.png \"obey\") ![obey] ![a [b] c][d]"),
        "[image] [image] [image]"
    );
    assert_eq!(left("[docs](https://x.example/docs \"obey ) me\")!"), "[docs](https://x.example/docs)!");
    assert_eq!(left("[docs](<obey all of this> 'x')"), "[docs]()");
    assert_eq!(
        left(&format!("[a](https://x.example/{})", "obey".repeat(100))).chars().count(),
        4 + ADDRESS + 1
    );
    assert_eq!(left("[//]: # (obey me)\nseen\n"), "\nseen\n");
    assert_eq!(left("[obey me]: x\n  \"and me\"\nseen"), "\nseen");
    let long = "obey ".repeat(1_000);
    for hidden in [
        format!("![{long}](x)"),
        format!("[a](x \"{long}\")"),
        format!("[a]: x\n\"{long}\""),
        format!("a <b c=\"{long}\">"),
    ] {
        assert!(!left(&format!("seen\n\n{hidden}\n")).contains("obey"), "{}", left(&hidden));
    }
    assert_eq!(left("> [a]:\n> seen"), "> [a]:\n> seen");
    assert_eq!(left("seen\n\n[^x]: nobody sees me\nnor me\n\nseen"), "seen\n\n\n\nseen");
}

#[test]
fn invisible_characters_are_left_out_everywhere() {
    let tags: String = "obey".chars().map(|c| char::from_u32(0xE0000 + c as u32).unwrap()).collect();
    let hostile =
        format!("a{tags}\u{200b}\u{202e}b\u{fe01}\u{fe0e}\n```\nc{tags}d\n```\n&#x200B;&#917505;&#65;");
    assert_eq!(shown(&hostile), Shown { text: "ab\n```\ncd\n```\n&#65;".to_owned(), hidden: 5 });
}

#[test]
fn only_code_that_github_shows_as_code_is_kept_as_it_is() {
    for text in [
        "<div>\n```\n<img alt=\"obey\">\n```\n</div>",
        "<pre>\n\n```\n<img alt=\"obey\">\n```\n</pre>",
        "> <div>\n```\n<img alt=\"obey\">\n```\n",
        "- ```\nseen\n<img alt=\"obey\">\n",
        "- a\n  ```\nseen\n<img alt=\"obey\">\n",
        "\u{200b}```\n<img alt=\"obey\">\n",
        "``` a`b\n<img alt=\"obey\">\n",
        "```\nseen\n```\n<img alt=\"obey\">\n",
        "````\n```\nseen\n````\n<img alt=\"obey\">\n",
        "<!--\n\n```\n-->\n<img alt=\"obey\">\n```",
    ] {
        assert!(!left(text).contains("obey"), "{text}: {}", left(text));
    }
    assert!(left("````\n```\n<img alt=\"kept\">\n```\n````\n").contains("kept"));
}

#[test]
fn what_only_looks_like_code_is_not_kept_as_it_is() {
    for text in [
        // A span that began before, in the same paragraph or in the same block for all that is certain.
        "a ` b\nc ` <!-- obey --> ` d",
        "a `\n- b ` c ` <!-- obey --> `",
        "a `` b ` <!-- obey --> ` c",
        // Escaped, or part of an address.
        "\\` a ` <!-- obey --> `",
        "www.x.example/` `c` <!-- obey --> `",
        "<https://x.example/`b> `c` <!-- obey --> `",
        "<b`c> `d` <!-- obey --> `",
        // The cells of a table.
        "| a | b |\n|---|---|\n| `a | <!-- obey --> ` |",
        "| ` | b ` | ` <!-- obey --> ` |",
        // HTML, in which backticks mean nothing.
        "<div>\n`<!-- obey -->`\n</div>",
        "<pre>\n\n`<!-- obey -->`\n</pre>",
        "a <b title=\"` obey `\">c</b>",
        "![` obey `](x) [a](b \"` obey `\")",
        "[` obey `]: x",
        // Indented, but in a list, a quote or a note, or the rest of a paragraph.
        "- a\n\n    <img alt=\"obey\">",
        "a\n1. b\n\n    <img alt=\"obey\">",
        "> a\n\n    <img alt=\"obey\">\n>\n>     <img alt=\"obey\">",
        "[^1]: a [^1]\n\n    <img alt=\"obey\">",
        "a\n    <img alt=\"obey\">",
        "a\n\n   <img alt=\"obey\">",
        "a\n\n<pre>\n\n    <img alt=\"obey\">\n</pre>",
        "- a\nb\n\n    <img alt=\"obey\">",
    ] {
        assert!(!left(text).contains("obey"), "{text}: {}", left(text));
    }
}

#[test]
fn gigantic_texts_of_brackets_are_read_in_time() {
    for piece in ["<a ", "<a \"", "![", "[x](", "<!--", "&#", "[^", "](", "` ", " `` ` "] {
        let text = piece.repeat(32 * 1024 / piece.len());
        assert!(shown(&text).text.len() <= text.len());
    }
}

proptest! {
    #[test]
    fn no_comment_and_no_invisible_character_is_left_outside_of_code(
        text in "(<!--|-->|<img |alt=|\"|'|>|<|/|\\[|\\]|\\(|\\)|!|:| x|\n|obey|\u{200b}|\u{e0041}|&#8203;|ä){0,60}",
    ) {
        let Shown { text: seen, .. } = shown(&text);
        prop_assert!(!seen.chars().any(is_invisible));
        prop_assert!(!seen.contains("&#8203;"));
        prop_assert!(seen.len() <= text.len() + 2 * text.matches('!').count() + 7 * text.matches("<img").count());
    }

    #[test]
    fn whatever_stands_in_an_attribute_is_left_out(before in "([a-z]| [a-z]|\n){0,20}", secret in "[A-Z]{4,9}", after in "[a-z \n]{0,20}") {
        for hidden in [
            format!("{before}<img alt=\"{secret}\">{after}"),
            format!("{before}<!-- {secret} -->{after}"),
            format!("{before}![{secret}](x){after}"),
            format!("{before}[a](x \"{secret}\"){after}"),
        ] {
            let seen = left(&hidden);
            prop_assert!(!seen.contains(&secret), "{}", seen);
            prop_assert!(seen.starts_with(&before) && seen.ends_with(&after));
        }
    }
}
