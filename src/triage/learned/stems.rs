//! Cuts the endings of English words off, so that what was learned of `crashes` counts for `crashed` as well.

/// Endings that say how a word is used and not what it means; the first that fits goes.
const ENDINGS: [&str; 13] =
    ["'s", "ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "ion", "able", "er", "ment"];
/// Letters that have to be left: `user` and `thing` are no forms of shorter words.
const FEWEST: usize = 3;

/// The word without its ending. Names of what differs each time, such as `<url>`, stay.
pub(super) fn stem(word: &str) -> &str {
    if !word.starts_with(char::is_alphabetic) || word.chars().count() <= FEWEST {
        return word;
    }
    let cut = ENDINGS.iter().find_map(|ending| word.strip_suffix(ending).filter(|rest| is_long(rest)));
    let undoubled = cut.map(|rest| {
        let mut letters = rest.chars().rev();
        let last = letters.next();
        let shorter = last.map_or("", |last| &rest[..rest.len() - last.len_utf8()]);
        if last == letters.next() && is_long(shorter) { shorter } else { rest }
    });
    let stem = undoubled.unwrap_or(word);
    stem.strip_suffix('e').filter(|rest| is_long(rest)).unwrap_or(stem)
}

fn is_long(rest: &str) -> bool {
    rest.chars().count() >= FEWEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        let told: Vec<String> = [
            "crash crashes crashed crashing",
            "stop stops stopped stopping",
            "save saves saved saving",
            "use uses used",
            "user thing bug is as why",
            "<url> ? ^",
        ]
        .iter()
        .map(|words| words.split(' ').map(stem).collect::<Vec<_>>().join(" "))
        .collect();
        insta::assert_snapshot!(told.join("\n"), @"
    crash crash crash crash
    stop stop stop stop
    sav sav sav sav
    use use used
    user thing bug is as why
    <url> ? ^
    ");
    }

    proptest! {
        #[test]
        fn a_stem_is_how_its_word_begins(word in "\\PC{0,12}|[a-z\u{e4}\u{4e2d}']{0,12}(ing|ed|s|e)") {
            let stem = stem(&word);
            prop_assert!(word.starts_with(stem) && stem.is_empty() == word.is_empty());
        }
    }
}
