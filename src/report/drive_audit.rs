//! What is said on GitHub about access in Google Drive that is not as the configuration wants it.

use std::fmt::Write as _;

use super::comment::fingerprint;
use crate::domain::id::TaskId;
use crate::domain::untrusted::markdown_line;

/// The title of the issue.
pub const TITLE: &str = "Access in Google Drive is not as the configuration wants it";
/// How the hidden line begins by which the issue is found again.
pub const MARKER: &str = "<!-- automata:drive audit ";
/// What stands for the digest when nothing is left.
const NOTHING: &str = "none";
/// Rows of the table: what is more than that nobody reads in an issue, and GitHub takes 65,536 characters.
const ROWS: usize = 100;
/// Width of a cell.
const CELL: usize = 160;

/// Something that is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `risk` or `drift`.
    pub weight: &'static str,
    /// The folder, as the configuration writes it.
    pub folder: String,
    /// What is the matter, a clause.
    pub what: String,
    /// What would mend it.
    pub remedy: String,
}

/// What is the matter, by which it is known whether it was told already.
#[must_use]
pub fn told(lines: &[Line]) -> String {
    if lines.is_empty() {
        return format!("findings={NOTHING} ");
    }
    let all: Vec<String> =
        lines.iter().map(|line| format!("{} {} {}", line.weight, line.folder, line.what)).collect();
    format!("findings={} ", fingerprint(&all.join("\n")))
}

/// The text of the issue.
#[must_use]
pub fn text(lines: &[Line], task: &TaskId) -> String {
    let mut text = format!("{MARKER}{}{}hop=1 -->\n", told(lines), super::drive::signature(task));
    if lines.is_empty() {
        text.push_str("Access in Google Drive is as the configuration wants it again.\n");
        return text;
    }
    text.push_str("| weight | folder | what | remedy |\n|---|---|---|---|\n");
    for line in lines.iter().take(ROWS) {
        let cell = |text: &str| markdown_line(text, CELL).replace('|', "&#124;");
        let (folder, what, remedy) = (cell(&line.folder), cell(&line.what), cell(&line.remedy));
        let _ = writeln!(text, "| {} | {folder} | {what} | {remedy} |", line.weight);
    }
    if let Some(more) = lines.len().checked_sub(ROWS).filter(|more| *more > 0) {
        let _ = writeln!(text, "\nand {more} more.");
    }
    text.push_str(
        "\n<sub>Kept by Automata: it follows what the next audits find, and is closed when nothing is left. Addresses are \
         shortened here; `automata drive audit` shows them whole. Close it to leave things as they are: it is not opened \
         again until something else is found.</sub>\n",
    );
    text
}

/// A sentence for everybody's eyes: addresses become logins where they are known, and otherwise no more than one letter and
/// the organisation.
#[must_use]
pub fn without_addresses(sentence: &str, login: impl Fn(&str) -> Option<String>) -> String {
    let words = sentence.split(' ').map(|word| {
        let bare = word.trim_end_matches([',', '.', ':', ')']);
        let rest = &word[bare.len()..];
        match bare.split_once('@') {
            Some((name, domain)) if !name.is_empty() && !domain.is_empty() => {
                let first: String = name.chars().take(1).collect();
                let shown = login(bare).unwrap_or_else(|| format!("{first}…@{domain}"));
                format!("{shown}{rest}")
            }
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(what: &str) -> Line {
        Line {
            weight: "risk",
            folder: "docs:a|b".to_owned(),
            what: what.to_owned(),
            remedy: "take it away".to_owned(),
        }
    }

    #[test]
    fn nobodys_address_stands_in_an_issue() {
        let login = |address: &str| (address == "mona@acme.example").then(|| "mona".to_owned());
        for (sentence, shown) in [
            ("eve@other.example, from outside, is writer", "e…@other.example, from outside, is writer"),
            ("group ö@x.example is reader", "group ö…@x.example is reader"),
            ("mona@acme.example owns it", "mona owns it"),
            ("everybody at acme.example is reader", "everybody at acme.example is reader"),
            ("@ and a@ and @b", "@ and a@ and @b"),
        ] {
            assert_eq!(without_addresses(sentence, login), shown);
        }
    }

    #[test]
    fn the_table_says_what_is_wrong_and_strangers_words_make_no_other() {
        let task = TaskId::new("t.1");
        let text =
            text(&[line("e…@other.example](http://x) | <b> is writer")], &task).replace('\u{2060}', "");
        insta::assert_snapshot!(text, @r"
    <!-- automata:drive audit findings=b9e91a76dfab5c6f task=t.1 hop=1 -->
    | weight | folder | what | remedy |
    |---|---|---|---|
    | risk | docs:a\&#124;b | e…&#64;other.example\]\(http://x\) \&#124; &lt;b&gt; is writer | take it away |

    <sub>Kept by Automata: it follows what the next audits find, and is closed when nothing is left. Addresses are shortened here; `automata drive audit` shows them whole. Close it to leave things as they are: it is not opened again until something else is found.</sub>
    ");
        let many = vec![line("x"); ROWS + 2];
        assert!(super::text(&many, &task).contains("\nand 2 more.\n"));
    }

    #[test]
    fn what_was_told_is_known_by_what_it_says_alone() {
        assert_eq!(told(&[line("x")]), told(&[Line { remedy: "another".to_owned(), ..line("x") }]));
        assert_ne!(told(&[line("x")]), told(&[line("y")]));
        assert_eq!(told(&[]), "findings=none ");
    }
}
