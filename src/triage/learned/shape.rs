//! What an issue looks like apart from its words: which sorts of lines follow each other, and which marks it has.

use super::tokens::tokens;
use crate::triage::text::fence_mark;

/// Lines that are looked at.
const MOST_LINES: usize = 150;
/// Words of a short line, and of one that is not yet long.
const LINE_WORDS: (usize, usize) = (3, 14);
/// Characters of a title for each step of its length.
const TITLE_STEP: usize = 15;
/// Parts of GitHub's addresses that tell what a link leads to.
const LEADS_TO: [&str; 7] = ["issues", "pull", "discussions", "blob", "commit", "releases", "wiki"];
/// Bytes of a host, a language or a tag that are looked at.
const LONGEST: usize = 40;

/// The sort of each line, in order.
pub(super) fn lines(body: &str) -> Vec<String> {
    body.lines().take(MOST_LINES).map(|line| sort(line.trim()).to_owned()).collect()
}

fn sort(line: &str) -> &'static str {
    const BEGINNINGS: [(&str, &str); 11] = [
        ("```", "fence"),
        ("#", "heading"),
        ("- [", "box"),
        ("- ", "item"),
        ("* ", "item"),
        (">", "quote"),
        ("|", "table"),
        ("<", "tag"),
        ("![", "picture"),
        ("at ", "frame"),
        ("**", "bold"),
    ];
    if let Some((_, sort)) = BEGINNINGS.iter().find(|(beginning, _)| line.starts_with(beginning)) {
        return sort;
    }
    let behind = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if behind.len() < line.len() && behind.starts_with(['.', ')']) {
        return "step";
    }
    match line.split_whitespace().count() {
        0 => "blank",
        words if words <= LINE_WORDS.0 => "short",
        words if words <= LINE_WORDS.1 => "middling",
        _ => "long",
    }
}

/// Shows each mark to `say`: where links lead, languages of code, tags, how issues are referred to, how the title is
/// written, and how carefully all is.
pub(super) fn marks(title: &str, body: &str, prose: &[&str], say: &mut dyn FnMut(&str)) {
    links(body, say);
    for line in body.lines() {
        let line = line.trim();
        let language = fence_mark(line).and_then(|(mark, _)| first_word(line.trim_start_matches(mark)));
        if let Some(language) = language {
            say(&format!("language {language}"));
        }
    }
    for piece in body.split('<').skip(1) {
        if let Some(tag) = first_word(piece.strip_prefix('/').unwrap_or(piece)) {
            say(&format!("tag {tag}"));
        }
    }
    for (before, behind) in body.match_indices(" #").map(|(at, _)| (&body[..at], &body[at + 2..])) {
        let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if !word.is_empty() && word.len() <= LONGEST && behind.starts_with(|c: char| c.is_ascii_digit()) {
            say(&format!("{} #", word.to_lowercase()));
        }
    }
    titled(title, say);
    written(body, prose, say);
}

fn links(body: &str, say: &mut dyn FnMut(&str)) {
    for address in body.split("://").skip(1) {
        let end = address.find(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | '<' | '"'));
        let mut parts = address[..end.unwrap_or(address.len())].split('/');
        let host = parts.next().filter(|host| !host.is_empty() && host.len() <= LONGEST);
        let Some(host) = host else { continue };
        say(&format!("host {}", host.to_lowercase()));
        if let Some(place) = parts.find(|part| LEADS_TO.contains(part)) {
            say(&format!("link {place}"));
        }
    }
}

fn titled(title: &str, say: &mut dyn FnMut(&str)) {
    let title = title.trim();
    say(&format!("title length {}", title.chars().count() / TITLE_STEP));
    let capitals = title.split_whitespace().skip(1).filter(|word| word.starts_with(char::is_uppercase));
    say(&format!("title capitals {}", capitals.count().min(4)));
    if let Some(last) = title.chars().next_back() {
        say(&format!("title ends {last}"));
    }
    let is_named = |word: &str| {
        let inner = |c: char| word.trim_matches(|c: char| !c.is_alphanumeric()).contains(c);
        let mut pairs = word.chars().zip(word.chars().skip(1));
        inner('.')
            || inner('_')
            || word.contains("()")
            || word.contains("::")
            || pairs.any(|(left, right)| left.is_lowercase() && right.is_uppercase())
    };
    let facts = [
        ("title names code", title.split_whitespace().any(is_named)),
        ("title has digits", title.contains(|c: char| c.is_ascii_digit())),
        ("title beyond ASCII", !title.is_ascii()),
    ];
    facts.iter().filter(|(_, holds)| *holds).for_each(|(fact, _)| say(fact));
}

fn written(body: &str, prose: &[&str], say: &mut dyn FnMut(&str)) {
    let (mut capitals, mut all) = (0, 1);
    for letter in prose.iter().flat_map(|line| line.chars()) {
        all += 1;
        capitals += usize::from(letter.is_uppercase());
    }
    say(&format!("capitals {}", 20 * capitals / all));
    say(&format!("comments {}", body.matches("<!--").count().min(5)));
    let facts = [
        ("small i", prose.iter().any(|line| line.split_whitespace().any(|word| word == "i"))),
        ("beyond ASCII", !body.is_ascii()),
        ("nothing said", body.trim().is_empty()),
        ("open fence", body.matches("```").count() % 2 == 1),
    ];
    facts.iter().filter(|(_, holds)| *holds).for_each(|(fact, _)| say(fact));
}

fn first_word(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    (1..=LONGEST).contains(&end).then(|| text[..end].to_lowercase())
}

/// The questions in prose, each as its words.
pub(super) fn questions(prose: &[&str]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in prose {
        let mut rest = *line;
        while let Some(end) = sentence_end(rest) {
            if rest[..end].ends_with('?') {
                found.push(tokens(&rest[..end]));
            }
            rest = &rest[end..];
        }
    }
    found
}

/// Behind the first mark that ends a sentence: a blank or nothing follows it.
fn sentence_end(text: &str) -> Option<usize> {
    let ends = text.match_indices(['.', '!', '?']).map(|(at, mark)| at + mark.len());
    ends.into_iter().find(|end| text[*end..].chars().next().is_none_or(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_told_by_their_sort() {
        let body = "## Steps\n\n1. Open it.\n- [x] searched\n```\n<img src=x>\nIt then shows nothing at all.";
        insta::assert_snapshot!(lines(body).join(" "), @"heading blank step box fence tag middling");
    }

    #[test]
    fn marks_tell_where_links_lead_and_how_carefully_all_is_written() {
        let body = "Fixes #12, see https://GitHub.com/o/r/issues/3#x) and <b>http://x.example</b>\n```Rust\nlet a: B;";
        let mut told = Vec::new();
        marks("Why does MyThing fail?", body, &["and i FAIL"], &mut |mark| told.push(mark.to_owned()));
        insta::assert_snapshot!(told.join("\n"), @"
    host github.com
    link issues
    host x.example
    language rust
    tag b
    tag b
    fixes #
    title length 1
    title capitals 1
    title ends ?
    title names code
    capitals 7
    comments 0
    small i
    open fence
    ");
    }

    #[test]
    fn only_questions_are_asked() {
        let prose = ["It fails in v1.2. Why is that? See a?b.", "Is it", "possible?"];
        let asked: Vec<String> = questions(&prose).iter().map(|words| words.join(" ")).collect();
        insta::assert_snapshot!(asked.join("\n"), @"
    why is that ?
    possible ?
    ");
    }

    proptest! {
        #[test]
        fn any_text_has_a_shape(title in "\\PC{0,30}", body in "(://|<|</| #1|```|~~~|[?.!]|\u{df}|\\PC|\n){0,80}") {
            let prose: Vec<&str> = body.lines().collect();
            marks(&title, &body, &prose, &mut |mark| assert!(!mark.is_empty()));
            prop_assert!(questions(&prose).len() <= body.matches('?').count());
            prop_assert!(lines(&body).len() <= MOST_LINES);
        }
    }
}
