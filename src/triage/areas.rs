//! Labels for what an issue names: places in the code by their paths, words in its title and text.

use super::phrases::Words;
use super::text::Readable;
use crate::domain::verdict::{CodePlace, LabelFinding};

/// How sure a label is by what speaks for it: a place that exists, words of the title, words of the text.
const BY_PLACE: f64 = 0.9;
const BY_TITLE: f64 = 0.8;
const BY_TEXT: f64 = 0.65;

/// A rule of the repository: a label and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The label.
    pub label: String,
    /// Globs of paths; what cannot be read as one matches nothing.
    pub paths: Vec<String>,
    /// Words, lower case; `*` at the end of one stands for any ending.
    pub words: Vec<String>,
}

/// The labels that the rules give, in the rules' order, each once.
#[must_use]
pub fn labels(text: &Readable, places: &[CodePlace], areas: &[Area]) -> Vec<LabelFinding> {
    let title = Words::of(&text.title);
    let prose = Words::of(&text.prose);
    let mut found: Vec<LabelFinding> = Vec::new();
    for area in areas {
        let place = area.paths.iter().find_map(|glob| {
            let matcher = globset::Glob::new(glob).ok()?.compile_matcher();
            let place = places.iter().find(|place| matcher.is_match(&place.path))?;
            Some((BY_PLACE, format!("It names `{}`, which `{glob}` covers.", place.path)))
        });
        let said = |words: &Words| area.words.iter().find(|word| words.say(&word.to_lowercase()));
        let in_title =
            || said(&title).map(|word| (BY_TITLE, format!("The title says \u{201c}{word}\u{201d}.")));
        let in_text = || said(&prose).map(|word| (BY_TEXT, format!("The text says \u{201c}{word}\u{201d}.")));
        let Some((confidence, reason)) = place.or_else(in_title).or_else(in_text) else { continue };
        match found.iter_mut().find(|known| known.label == area.label) {
            Some(known) => {
                known.confidence = known.confidence.max(confidence);
                known.reasons.push(reason);
            }
            None => found.push(LabelFinding { label: area.label.clone(), confidence, reasons: vec![reason] }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::text::IssueText;

    fn told(title: &str, body: &str, path: &str) -> String {
        let area = |label: &str, paths: &[&str], words: &[&str]| Area {
            label: label.to_owned(),
            paths: paths.iter().map(|&path| path.to_owned()).collect(),
            words: words.iter().map(|&word| word.to_owned()).collect(),
        };
        let areas = [
            area("area: parser", &["src/parse/**"], &["Pars*"]),
            area("area: web", &["web/*.js", "[bad"], &["dark theme"]),
        ];
        let place = CodePlace { path: path.to_owned(), line: None, symbol: None, mention: path.to_owned() };
        let found = labels(&Readable::of(&IssueText { title, body }), &[place], &areas);
        found
            .iter()
            .map(|found| format!("{} {}: {}\n", found.label, found.confidence, found.reasons.join(" ")))
            .collect()
    }

    #[test]
    fn places_say_more_than_words_and_a_denial_says_nothing() {
        insta::assert_snapshot!(told("Parsing stops", "No dark theme, please.", "web/app.js"), @"
    area: parser 0.8: The title says “Pars*”.
    area: web 0.9: It names `web/app.js`, which `web/*.js` covers.
    ");
        assert_eq!(told("Nothing", "It is not about parsing.", "README.md"), "");
    }
}
