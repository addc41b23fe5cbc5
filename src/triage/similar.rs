//! Which other issues say something alike: the telling words of each, compared by how rare they are.

use std::collections::{BTreeMap, BTreeSet};

use super::telling::telling;
use super::text::Readable;
use crate::domain::id::IssueNumber;
use crate::domain::verdict::SimilarIssue;

/// Terms kept of an issue: enough to find it by, few enough to keep for every open issue.
const TERMS: usize = 40;
/// Letters of a term; longer runs are hashes and encoded data.
const TERM_LETTERS: std::ops::RangeInclusive<usize> = 3..=30;
/// A word of the title counts as much as this many in the body.
const TITLE_WEIGHT: u32 = 4;
/// Likeness (cosine, 0 to 1) from which on an issue is worth showing. Below, people see no likeness.
const ALIKE: f64 = 0.25;
/// Issues shown; more would bury the first.
const SHOWN: usize = 5;
/// Words that both must have: one rare word alone makes a high score and says little.
const SHARED: usize = 2;
/// The weight of a term halves each time its place in the list goes this far down.
const HALVING: f64 = 12.0;

/// Words of English and of issue forms that say nothing about this issue.
const STOP_WORDS: &str = "a about above actual after again all also always am an and another any are as at back be because been \
    before behavior behaviour being below between both bug but by can cannot case could currently describe description did do does \
    doing don done down each either else environment etc even every example expected few first following for from get \
    gets getting give given goes going got had has have having he her here hi hello him his how however if in info \
    information instead into is issue it its itself just know last latest let like look looks made make makes many may maybe me might more most \
    much must my need needs never new no none nor not now of off often old on once one only or other our out over own \
    please possible problem rather really report reproduce result same see seem seems self she should show since so \
    some something still steps such sure system take than thank thanks that the their them then there these they thing things \
    this those though through to too try trying two under until up upon us use used user using version very via want wants was way we \
    well were what when where whether which while who why will with without work working works would yes yet you your \
    com github http https www org feature request question response automata none null true false";

/// The telling words of an issue, the weightiest first, at most 40: words of the title, of what the author
/// says and of the errors that are shown, lower case, without endings, without words that every issue has.
#[must_use]
pub fn terms(text: &Readable) -> Vec<String> {
    let stop_words: BTreeSet<&str> = STOP_WORDS.split_whitespace().collect();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for (part, weight) in [(&text.title, TITLE_WEIGHT), (&telling(text), 1)] {
        for word in part.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
            let word = word.trim_matches('_').to_lowercase();
            let is_number = word.chars().all(|c| c.is_ascii_digit());
            if TERM_LETTERS.contains(&word.chars().count())
                && !is_number
                && !stop_words.contains(word.as_str())
            {
                *counts.entry(stem(&word)).or_default() += weight;
            }
        }
    }
    let mut terms: Vec<(String, u32)> = counts.into_iter().collect();
    terms.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    terms.truncate(TERMS);
    terms.into_iter().map(|(term, _)| term).collect()
}

/// Takes the commonest English endings off, so that `crashes`, `crashed` and `crashing` are one word.
fn stem(word: &str) -> String {
    /// Letters that must be left: `ring` is not `r`.
    const LEFT: usize = 4;
    if !word.is_ascii() || word.contains('_') {
        return word.to_owned();
    }
    if let Some(start) = word.strip_suffix("ies").filter(|start| start.len() >= 3) {
        return format!("{start}y");
    }
    for ending in ["ings", "ing", "ed", "es", "s", "e"] {
        if ending == "s" && word.ends_with("ss") {
            continue;
        }
        if let Some(start) = word.strip_suffix(ending).filter(|start| start.len() >= LEFT) {
            return start.to_owned();
        }
    }
    word.to_owned()
}

/// An issue to compare with: its number and its [`terms`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownIssue {
    /// Its number.
    pub number: IssueNumber,
    /// Its terms, the weightiest first.
    pub terms: Vec<String>,
    /// Whether it is closed.
    pub closed: bool,
}

/// The issues most like this one, the nearest first, at most five. Rare words weigh more (inverse document
/// frequency over the issues given), early terms weigh more than late ones; likeness is the cosine.
#[must_use]
pub fn similar(number: Option<IssueNumber>, terms: &[String], others: &[KnownIssue]) -> Vec<SimilarIssue> {
    let others: Vec<&KnownIssue> = others.iter().filter(|other| Some(other.number) != number).collect();
    let mut holders: BTreeMap<&str, u32> = BTreeMap::new();
    for term in others.iter().map(|other| other.terms.as_slice()).chain([terms]).flat_map(distinct) {
        *holders.entry(term).or_default() += 1;
    }
    let all = f64::from(u32::try_from(others.len()).unwrap_or(u32::MAX)) + 1.0;
    let rarity = |term: &str| (1.0 + all / f64::from(holders.get(term).copied().unwrap_or(1))).ln();
    let vector = |terms: &[String]| -> BTreeMap<String, f64> {
        let mut place = 0.0;
        distinct(terms)
            .into_iter()
            .map(|term| {
                let weight = rarity(term) / (1.0 + place / HALVING);
                place += 1.0;
                (term.to_owned(), weight)
            })
            .collect()
    };
    let ours = vector(terms);
    let mut found: Vec<SimilarIssue> = others
        .iter()
        .filter_map(|other| {
            let theirs = vector(&other.terms);
            let mut shared: Vec<(&String, f64)> =
                ours.iter().filter_map(|(term, weight)| Some((term, weight * theirs.get(term)?))).collect();
            let score = shared.iter().map(|(_, product)| product).sum::<f64>()
                / (length(&ours) * length(&theirs)).max(f64::MIN_POSITIVE);
            shared.sort_by(|(_, more), (_, less)| less.total_cmp(more));
            (shared.len() >= SHARED && score >= ALIKE).then(|| SimilarIssue {
                number: other.number,
                score: (score.min(1.0) * 100.0).round() / 100.0,
                shared: shared.into_iter().take(SHOWN).map(|(term, _)| term.clone()).collect(),
                closed: other.closed,
            })
        })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.number.cmp(&b.number)));
    found.truncate(SHOWN);
    found
}

/// The terms in their order, each once.
fn distinct(terms: &[String]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    terms.iter().map(String::as_str).filter(|term| seen.insert(*term)).collect()
}

fn length(vector: &BTreeMap<String, f64>) -> f64 {
    vector.values().map(|weight| weight * weight).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::text::IssueText;
    use proptest::prelude::*;

    fn terms_of(title: &str, body: &str) -> Vec<String> {
        terms(&Readable::of(&IssueText { title, body }))
    }

    fn known(number: u64, title: &str, body: &str) -> KnownIssue {
        KnownIssue { number: IssueNumber(number), terms: terms_of(title, body), closed: false }
    }

    #[test]
    fn terms_are_what_the_issue_is_about() {
        assert_eq!(
            terms_of(
                "Crashes when parsing empty headers",
                "The parser crashed on an empty header. `parse_header` panics. Version 1.2.3"
            ),
            ["crash", "empty", "header", "pars", "panic", "parse_header", "parser"]
        );
    }

    #[test]
    fn forms_patches_and_code_are_no_terms_and_the_traces_in_them_are() {
        let body = "<!-- template: mention plugins -->\n### Which gizmo?\n\nThe `header_cache` stalls.\n\n**Anything else:**\n\n\
            - [ ] I read the handbook\n- [X] I searched the tracker\n- [x]\n\n\
            ```diff\n-let gizmo = parse(widget);\n+error: let gizmo = reparse(widget);\n```\n\
            ~~~\n--- a/one.rs\n+++ b/one.rs\n@@ -1 +1 @@\n-error: frobnicated\n~~~\n\
            ```rust\nfn assemble(turbine: Turbine) -> Result<Error> {\n```\n\
            ```\n$ cargo run\nerror[E0382]: borrow of moved value\nthread 'main' panicked at src/lexer.rs:3:1:\nunwrap on poisoned mutex\n\
            at ./src/tokens.rs:4:5\n```\n";
        assert_eq!(
            terms_of("Stalls", body),
            [
                "stall",
                "src",
                "borrow",
                "e0382",
                "error",
                "header_cache",
                "lexer",
                "main",
                "moved",
                "mutex",
                "panick",
                "poison",
                "thread",
                "token",
                "unwrap",
                "valu"
            ]
        );
    }

    #[test]
    fn issues_alike_are_found_and_the_issue_itself_is_not() {
        let others = [
            known(
                1,
                "Panic in the header parser on empty input",
                "parse_header crashes with an empty header line",
            ),
            known(2, "Add a dark theme", "The settings page should have a dark theme"),
            known(3, "Crash when a header is empty", "It crashes while parsing an empty header"),
            known(9, "Crashes when parsing empty headers", "parse_header crashes"),
        ];
        let found = similar(Some(IssueNumber(9)), &others[3].terms, &others);
        insta::assert_debug_snapshot!(found, @r#"
    [
        SimilarIssue {
            number: IssueNumber(
                3,
            ),
            score: 0.89,
            shared: [
                "pars",
                "crash",
                "empty",
                "header",
            ],
            closed: false,
        },
        SimilarIssue {
            number: IssueNumber(
                1,
            ),
            score: 0.44,
            shared: [
                "empty",
                "parse_header",
                "header",
                "crash",
            ],
            closed: false,
        },
    ]
    "#);
    }

    proptest! {
        #[test]
        fn likeness_is_between_zero_and_one_and_full_with_oneself(
            lists in prop::collection::vec(prop::collection::vec("[a-d]{1,2}", 0..8), 1..6),
        ) {
            let others: Vec<KnownIssue> = (1..).zip(&lists).map(|(number, terms)| KnownIssue { number: IssueNumber(number), terms: terms.clone(), closed: false }).collect();
            let found = similar(None, &lists[0], &others);
            prop_assert!(found.iter().all(|issue| (ALIKE..=1.0).contains(&issue.score) && issue.shared.len() >= SHARED));
            if distinct(&lists[0]).len() >= SHARED {
                prop_assert!(found.iter().any(|issue| (issue.score - 1.0).abs() < 1e-9));
            }
        }
    }
}
