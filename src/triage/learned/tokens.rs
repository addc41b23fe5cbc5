//! Takes text apart into words, with a name in place of what differs each time: links, versions, hashes, numbers.

/// Characters of a word that are kept; longer ones are encoded data.
const LONGEST_WORD: usize = 40;

/// The words of a text in lower case. Question and exclamation marks are words of their own; links, pictures,
/// people, paths, hashes, versions and numbers each become one word that says what stood there.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lower = text.to_lowercase().replace('\u{2019}', "'");
    for chunk in lower.split_whitespace() {
        take(chunk, &mut found);
    }
    found
}

fn take(chunk: &str, found: &mut Vec<String>) {
    let mut say = |name: &str| found.push(name.to_owned());
    if let Some((before, after)) = chunk.split_once("](") {
        let name = if before.contains("![") { "<image>" } else { "<url>" };
        scan(before, found);
        found.push(name.to_owned());
        if let Some((_, rest)) = after.split_once(')') {
            scan(rest, found);
        }
        return;
    }
    if let Some(at) = chunk.find("://") {
        scan(chunk[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric()), found);
        found.push("<url>".to_owned());
        return;
    }
    if chunk.starts_with("<img") {
        return say("<image>");
    }
    let bare = chunk.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '@' | '#' | '/' | '\\'));
    if bare.starts_with('@') && bare.len() > 1 {
        return say("<user>");
    }
    if bare.strip_prefix('#').is_some_and(is_number) {
        return say("<reference>");
    }
    if bare.matches(['/', '\\']).count() >= 2 && bare.contains(char::is_alphanumeric) {
        return say("<path>");
    }
    scan(chunk, found);
}

/// Words, numbers and marks in a chunk without blanks.
fn scan(chunk: &str, found: &mut Vec<String>) {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '.' | '_' | '+');
    let mut rest = chunk;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        if end == 0 {
            if matches!(first, '?' | '!') {
                found.push(first.to_string());
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        word(&rest[..end], found);
        rest = &rest[end..];
    }
}

fn word(part: &str, found: &mut Vec<String>) {
    let bare = part.trim_matches(|c: char| !c.is_alphanumeric());
    let unversioned = bare.strip_prefix('v').unwrap_or(bare);
    let is_version = unversioned.starts_with(|c: char| c.is_ascii_digit()) && bare.contains('.');
    let is_hash = (7..=40).contains(&bare.len())
        && bare.bytes().all(|byte| byte.is_ascii_hexdigit())
        && bare.bytes().any(|byte| byte.is_ascii_digit());
    if is_version {
        found.push("<version>".to_owned());
    } else if is_number(bare) {
        found.push("<number>".to_owned());
    } else if is_hash {
        found.push("<hash>".to_owned());
    } else {
        let letters = bare.split(|c: char| !c.is_alphabetic() && c != '\'');
        let words = letters.map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty());
        found.extend(words.map(|word| word.chars().take(LONGEST_WORD).collect::<String>()));
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_differs_each_time_is_named_by_its_sort() {
        let told = tokens(
            "It doesn\u{2019}t work! See [the docs](https://x.example/a?b), @mona: v1.2.3 of tf_2 in ./src/a/b.rs \
             (deadbeef12) since #12, 404 ![shot](x.png) <img src=x> Why?",
        );
        insta::assert_snapshot!(told.join(" "), @"it doesn't work ! see the docs <url> <user> <version> of tf in <path> <hash> since <reference> <number> ! shot <image> <image> src x why ?");
    }

    #[test]
    fn a_link_may_follow_any_letter() {
        assert_eq!(tokens("\u{469}://x (\u{e9}https://y)").join(" "), "\u{469} <url> \u{e9} <url>");
    }

    proptest! {
        #[test]
        fn any_text_has_words_without_blanks(text in "\\PC{0,200}") {
            for word in tokens(&text) {
                prop_assert!(!word.is_empty() && !word.contains(char::is_whitespace), "{word:?}");
            }
        }
    }
}
