//! The words that people say in comments: what is understood reads the same when it is written down, all else is answered shortly.

use automata::domain::untrusted::Excerpt;
use automata::domain::words::{MOST_WORDS, Verb, Word, parse, said_in};

use super::{Target, text};

/// Characters of an answer to a line that was not understood.
const MOST: usize = 1_000;

#[test]
fn nothing_that_is_said_in_a_comment_breaks_the_grammar() {
    let mut seeds: Vec<String> = Verb::ALL.iter().map(|verb| verb.example()).collect();
    seeds.push(seeds.join("\n"));
    seeds.push("> /automata stop\n\n```\n/automata undo\n```\n/automata label +\"a b\" -c\n<!--\n/automata help\n-->".to_owned());
    let words = [
        "/automata ",
        "\n",
        "```",
        "~~~",
        "> ",
        "<!--",
        "-->",
        "+",
        "-",
        "\"",
        "'",
        "@mona",
        "#12",
        "0-100",
        "critical",
        "priority",
        "label",
        "assign",
        "undo",
        "revise",
        "\u{200b}",
        "    ",
    ];
    let seeds = seeds.into_iter().map(String::into_bytes).collect();
    Target { name: "words", seeds, words: &words }.fuzz(|input| {
        let input = text(input);
        let said = said_in(&Excerpt::body(&input));
        assert!(said.len() <= MOST_WORDS + 1);
        for line in &said {
            assert!(line.line.chars().count() <= MOST && !line.line.contains('\n'));
            match &line.word {
                Ok(word) => assert_eq!(parse(&word.to_string()).as_ref(), Ok(word), "{word}"),
                Err(misread) => {
                    assert!(
                        misread.problem.chars().count() + misread.hint.chars().count() <= MOST,
                        "{misread:?}"
                    );
                }
            }
        }
        // A line by itself, without the marks of a comment around it.
        let line = input.lines().next().unwrap_or_default();
        let alone = parse(line.strip_prefix("/automata").unwrap_or(line));
        let name =
            |word: &Word| format!("{word:?}").chars().take_while(|c| c.is_alphabetic()).collect::<String>();
        let all: Vec<String> =
            said.iter().map(|line| line.word.as_ref().map_or_else(|_| "?".to_owned(), name)).collect();
        format!("{} {}", all.join(","), alone.map_or_else(|misread| misread.hint, |word| name(&word)))
    });
}
