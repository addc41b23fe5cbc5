//! What is looked at in an issue when learning and when judging: words where they stand, forms, and its looks.

use super::parts::Parts;
use super::shape;
use super::stems::stem;
use super::tokens::tokens;
use crate::triage::classify::signals;
use crate::triage::text::{IssueText, Readable};

/// Where a feature was seen. Each place is weighed as a whole, so that a long log does not drown the title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// One to three neighbouring words of the title.
    Title,
    /// One to three neighbouring words of the title, without their endings.
    Stem,
    /// Three to five neighbouring letters of a word of the title.
    Letters,
    /// One or two neighbouring words of the prose.
    Prose,
    /// Single words of the prose, without their endings.
    Word,
    /// One or two neighbouring words of a question in the prose.
    Asked,
    /// One to three neighbouring words where the prose begins.
    Opening,
    /// One or two neighbouring words of the whole body: templates' instructions, code and all.
    Whole,
    /// One or two neighbouring words of fenced code and logs.
    Code,
    /// A form's headings, and what was answered below them.
    Form,
    /// What the rules find: phrases that say the same are one.
    Cues,
    /// What the issue looks like: lengths, pictures, questions, traces, who speaks.
    Looks,
    /// Which sorts of lines follow each other, one to three.
    Lines,
    /// Links, languages, tags, references, and how the title and the prose are written.
    Marks,
}

impl Place {
    /// All of them.
    pub(super) const ALL: [Self; 14] = [
        Self::Title,
        Self::Stem,
        Self::Letters,
        Self::Prose,
        Self::Word,
        Self::Asked,
        Self::Opening,
        Self::Whole,
        Self::Code,
        Self::Form,
        Self::Cues,
        Self::Looks,
        Self::Lines,
        Self::Marks,
    ];

    /// How much the place counts. Found by cross-validation on public issues of five repositories, and rounded.
    pub(super) const fn weight(self) -> f64 {
        match self {
            Self::Prose => 1.0,
            Self::Stem | Self::Word | Self::Form => 0.5,
            Self::Asked | Self::Opening | Self::Whole | Self::Code | Self::Cues | Self::Looks => 0.3,
            Self::Title | Self::Letters => 0.2,
            Self::Lines | Self::Marks => 0.15,
        }
    }

    const fn mark(self) -> u8 {
        match self {
            Self::Title => b't',
            Self::Prose => b'p',
            Self::Word => b'w',
            Self::Opening => b'o',
            Self::Whole => b'a',
            Self::Code => b'c',
            Self::Form => b'f',
            Self::Cues => b'q',
            Self::Looks => b'l',
            Self::Stem => b's',
            Self::Letters => b'b',
            Self::Asked => b'k',
            Self::Lines => b'n',
            Self::Marks => b'm',
        }
    }

    /// The feature's number. Two of a hundred thousand features share one by chance, which does no harm.
    pub(super) fn hash(self, feature: &str) -> u32 {
        // FNV-1a, 64 bit: http://www.isthe.com/chongo/tech/comp/fnv/. Stored models depend on it.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in [self.mark()].iter().chain(feature.as_bytes()) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        ((hash >> 32) ^ (hash & 0xffff_ffff)) as u32
    }
}

/// In front of what a title puts in front of itself.
pub(super) const TITLE_PREFIX: &str = "title begins with: ";
/// Bytes of a word, or a few, that a title puts in front of itself.
const LONGEST_PREFIX: usize = 20;
/// Words of prose that are looked at.
const PROSE_WORDS: usize = 1500;
/// Words with which the prose begins: what somebody wants is said first.
const OPENING_WORDS: usize = 100;
/// Words of the whole body that are looked at.
const WHOLE_WORDS: usize = 3000;
/// Words of code and logs that are looked at.
const CODE_WORDS: usize = 1000;
/// Words by which a heading is known.
const HEADING_WORDS: usize = 8;
/// Words of an answer: a choice of a form's list is short.
const ANSWER_WORDS: usize = 4;

/// Shows every feature of an issue to `see`, repeated ones repeatedly, in the order of the text.
pub(super) fn features(issue: &IssueText<'_>, see: &mut dyn FnMut(Place, &str)) {
    let parts = Parts::of(issue.body);
    let mut title = vec!["^".to_owned()];
    title.extend(tokens(issue.title));
    title.push("$".to_owned());
    runs(&title, 3, Place::Title, see);
    runs(&stems(&title), 3, Place::Stem, see);
    letters(&title, see);
    let mut prose = tokens(&without_inline_code(&parts.prose.join("\n")));
    prose.truncate(PROSE_WORDS);
    runs(&prose, 2, Place::Prose, see);
    runs(&stems(&prose), 1, Place::Word, see);
    for question in shape::questions(&parts.prose) {
        runs(&question, 2, Place::Asked, see);
    }
    let mut opening = vec!["^".to_owned()];
    opening.extend(prose.iter().take(OPENING_WORDS).cloned());
    runs(&opening, 3, Place::Opening, see);
    let mut whole = tokens(parts.body);
    whole.truncate(WHOLE_WORDS);
    runs(&whole, 2, Place::Whole, see);
    let mut code = tokens(&parts.code.join("\n"));
    code.truncate(CODE_WORDS);
    runs(&code, 2, Place::Code, see);
    form(&parts, see);
    cues(issue, see);
    looks(issue.title, title.len(), &parts, &prose, see);
    runs(&shape::lines(parts.body), 3, Place::Lines, see);
    shape::marks(issue.title, parts.body, &parts.prose, &mut |mark| see(Place::Marks, mark));
}

fn stems(words: &[String]) -> Vec<String> {
    words.iter().map(|word| stem(word).to_owned()).collect()
}

/// Parts of words: compounds, names of functions and other forms have them in common.
fn letters(words: &[String], see: &mut dyn FnMut(Place, &str)) {
    for word in words.iter().filter(|word| word.chars().all(char::is_alphabetic)) {
        let spaced: Vec<char> = format!(" {word} ").chars().collect();
        for length in 3..=5 {
            for run in spaced.windows(length) {
                see(Place::Letters, &run.iter().collect::<String>());
            }
        }
    }
}

/// Runs of up to `most` neighbouring words.
fn runs(words: &[String], most: usize, place: Place, see: &mut dyn FnMut(Place, &str)) {
    for length in 1..=most {
        for run in words.windows(length) {
            see(place, &run.join(" "));
        }
    }
}

fn form(parts: &Parts<'_>, see: &mut dyn FnMut(Place, &str)) {
    let first = |text: &str, most: usize| {
        let mut words = tokens(text);
        words.truncate(most);
        words.join(" ")
    };
    for (heading, answer) in &parts.fields {
        let heading = first(heading, HEADING_WORDS);
        see(Place::Form, &heading);
        let answer = answer.map(|answer| first(answer, ANSWER_WORDS)).unwrap_or_default();
        see(Place::Form, &format!("{heading} = {answer}"));
    }
    see(Place::Form, &format!("# {}", parts.fields.len().min(12)));
}

/// What the rules find, once by its words and once by what they are taken to mean.
fn cues(issue: &IssueText<'_>, see: &mut dyn FnMut(Place, &str)) {
    for signal in signals(&Readable::of(issue)) {
        see(Place::Cues, &signal.reason);
        let part = signal.reason.split(' ').nth(1).unwrap_or_default();
        see(Place::Cues, &format!("{} {} {part}", signal.about.name(), signal.weight));
        see(Place::Cues, signal.about.name());
    }
}

fn looks(
    title: &str,
    title_words: usize,
    parts: &Parts<'_>,
    prose: &[String],
    see: &mut dyn FnMut(Place, &str),
) {
    let body = parts.body;
    let bits = |count: usize, most: u32| (usize::BITS - count.leading_zeros()).min(most);
    let count = |words: &[&str]| prose.iter().filter(|word| words.contains(&word.as_str())).count();
    let mut say = |what: &str| see(Place::Looks, what);
    say(&format!("title words {}", (title_words / 3).min(6)));
    say(&format!("prose {}", bits(prose.len(), 11)));
    say(&format!("body {}", bits(body.chars().count(), 14)));
    say(&format!("code {}", bits(parts.code.len(), 8)));
    say(&format!("questions {}", count(&["?"]).min(4)));
    say(&format!("i {}", count(&["i", "i'm", "i've", "my", "me"]).min(4)));
    say(&format!("we {}", count(&["we", "our", "we're", "us"]).min(3)));
    let lower_body = body.to_lowercase();
    let lower_title = title.to_lowercase();
    let trimmed = title.trim_start();
    let title_says = |words: &[&str]| tokens(title).iter().any(|word| words.contains(&word.as_str()));
    let is_trace = |line: &str| line.trim_start().starts_with("at ");
    let facts = [
        ("title asks", title.contains('?')),
        ("title tells of an error", lower_title.contains("error")),
        ("title speaks of me", title_says(&["i", "my"])),
        ("title has code", title.contains('`')),
        ("title begins with a bracket", trimmed.starts_with('[')),
        ("title begins with a capital", trimmed.starts_with(char::is_uppercase)),
        ("picture", lower_body.contains("![") || lower_body.contains("<img")),
        ("trace", lower_body.contains("traceback") || body.lines().any(is_trace)),
        ("thanks", lower_body.contains("thank")),
        ("check boxes", body.contains("- [")),
    ];
    for (name, _) in facts.iter().filter(|(_, holds)| *holds) {
        say(name);
    }
    if let Some(prefix) = prefix(&lower_title) {
        say(&format!("{TITLE_PREFIX}{prefix}"));
    }
}

/// `bug` of `Bug: …` and of `[bug] …`.
fn prefix(lower_title: &str) -> Option<&str> {
    let title = lower_title.trim_start();
    let (prefix, _) = match title.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => title.split_once(':')?,
    };
    (prefix.len() <= LONGEST_PREFIX).then_some(prefix.trim())
}

/// One word in place of each inline code.
fn without_inline_code(prose: &str) -> String {
    let mut kept = String::with_capacity(prose.len());
    for line in prose.lines() {
        let pieces: Vec<&str> = line.split('`').collect();
        for (index, piece) in pieces.iter().enumerate() {
            let is_code = index % 2 == 1 && index + 1 < pieces.len();
            kept.push_str(if is_code { " inlinecode " } else { piece });
        }
        kept.push('\n');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_is_seen_as_words_form_and_looks() {
        let mut told = String::new();
        let issue =
            IssueText { title: "Crash: why?", body: "### Version\n1.2\n\nI run `x`\n```\nat main\n```" };
        features(&issue, &mut |place, feature| told.push_str(&format!("{place:?} {feature}\n")));
        insta::assert_snapshot!(told, @"
    Title ^
    Title crash
    Title why
    Title ?
    Title $
    Title ^ crash
    Title crash why
    Title why ?
    Title ? $
    Title ^ crash why
    Title crash why ?
    Title why ? $
    Stem ^
    Stem crash
    Stem why
    Stem ?
    Stem $
    Stem ^ crash
    Stem crash why
    Stem why ?
    Stem ? $
    Stem ^ crash why
    Stem crash why ?
    Stem why ? $
    Letters  cr
    Letters cra
    Letters ras
    Letters ash
    Letters sh 
    Letters  cra
    Letters cras
    Letters rash
    Letters ash 
    Letters  cras
    Letters crash
    Letters rash 
    Letters  wh
    Letters why
    Letters hy 
    Letters  why
    Letters why 
    Letters  why 
    Prose <version>
    Prose i
    Prose run
    Prose inlinecode
    Prose <version> i
    Prose i run
    Prose run inlinecode
    Word <version>
    Word i
    Word run
    Word inlinecod
    Opening ^
    Opening <version>
    Opening i
    Opening run
    Opening inlinecode
    Opening ^ <version>
    Opening <version> i
    Opening i run
    Opening run inlinecode
    Opening ^ <version> i
    Opening <version> i run
    Opening i run inlinecode
    Whole version
    Whole <version>
    Whole i
    Whole run
    Whole x
    Whole at
    Whole main
    Whole version <version>
    Whole <version> i
    Whole i run
    Whole run x
    Whole x at
    Whole at main
    Code at
    Code main
    Code at main
    Form version
    Form version = <version>
    Form # 1
    Cues The title begins with “crash”.
    Cues bug 2.5 title
    Cues bug
    Cues The title says “why”.
    Cues question 1.5 title
    Cues question
    Cues The title is a question.
    Cues question 1.3 title
    Cues question
    Cues The title says “crash”.
    Cues bug 1.2 title
    Cues bug
    Looks title words 1
    Looks prose 3
    Looks body 6
    Looks code 1
    Looks questions 0
    Looks i 1
    Looks we 0
    Looks title asks
    Looks title begins with a capital
    Looks trace
    Looks title begins with: crash
    Lines heading
    Lines step
    Lines blank
    Lines short
    Lines fence
    Lines frame
    Lines fence
    Lines heading step
    Lines step blank
    Lines blank short
    Lines short fence
    Lines fence frame
    Lines frame fence
    Lines heading step blank
    Lines step blank short
    Lines blank short fence
    Lines short fence frame
    Lines fence frame fence
    Marks title length 0
    Marks title capitals 0
    Marks title ends ?
    Marks capitals 1
    Marks comments 0
    ");
    }
}
