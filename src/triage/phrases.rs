//! Finds set phrases in prose, word by word, and tells a statement from its denial.

/// Words in front of a phrase, within the sentence, in which a denial counts: "does not seem to crash".
const DENIAL_REACH: usize = 4;

/// Words that deny what follows.
const DENIALS: &[&str] =
    &["no", "not", "never", "without", "none", "neither", "nor", "cannot", "avoid", "prevent"];

/// Words that begin something else, which a denial before them does not reach: "does not start but crashes".
const TURNS: &[&str] = &["but", "instead", "because", "then"];

/// Prose as lower-case words, with a `.` where a sentence ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// Takes prose apart. An apostrophe is part of its word, and a slash behind a single letter: `I/O` is no "I".
    #[must_use]
    pub fn of(prose: &str) -> Self {
        let mut words = Vec::new();
        let mut word = String::new();
        for c in prose.chars().chain(['.']) {
            match c {
                '\u{2019}' => word.push('\''),
                _ if c.is_alphanumeric() || matches!(c, '\'' | '_' | '-') => word.extend(c.to_lowercase()),
                '/' if word.chars().count() == 1 => word.push('/'),
                _ => {
                    if !word.is_empty() {
                        words.push(std::mem::take(&mut word));
                    }
                    if matches!(c, '.' | '!' | '?' | ';' | ':') {
                        words.push(".".to_owned());
                    }
                }
            }
        }
        Self(words)
    }

    /// Whether the phrase stands there and is not denied. Its words are parted by blanks; a `*` at the end of
    /// a word stands for any ending: `crash*`.
    #[must_use]
    pub fn say(&self, phrase: &str) -> bool {
        self.places(phrase).any(|at| !self.is_denied(at))
    }

    fn places<'a>(&'a self, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
        let length = phrase.split(' ').count();
        self.0.windows(length).enumerate().filter_map(move |(at, window)| {
            let fits = window.iter().zip(phrase.split(' ')).all(|(word, wanted)| {
                wanted.strip_suffix('*').map_or(word == wanted, |start| word.starts_with(start))
            });
            fits.then_some(at)
        })
    }

    fn is_denied(&self, at: usize) -> bool {
        self.0[..at]
            .iter()
            .rev()
            .take(DENIAL_REACH)
            .take_while(|word| *word != "." && !TURNS.contains(&word.as_str()))
            .any(|word| DENIALS.contains(&word.as_str()) || word.ends_with("n't"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_io_is_no_person_speaking() {
        for prose in ["I/O error", "an I/O error", "N/A or w/o"] {
            assert!(!Words::of(prose).say("i"), "{prose}");
        }
        assert!(Words::of("Can I? And/or I do").say("i"));
        assert!(Words::of("crash/hang").say("hang"));
    }

    #[test]
    fn a_denied_phrase_is_not_said() {
        let said = |prose: &str| Words::of(prose).say("crash*");
        assert!(said("It crashes."));
        assert!(said("It is not nice. It crashes!"));
        assert!(said("It does not start but often just hangs and crashes"));
        assert!(!said("There is no crash."));
        assert!(!said("It doesn\u{2019}t really crash"));
        assert!(!said("the accrashed word"));
        assert!(said("It does not start but crashes"));
        assert!(said("It never loads because it crashes"));
        assert!(said("It cannot save, instead it crashes"));
        assert!(said("It does not stop, then crashes"));
        assert!(Words::of("There is no rush.").say("no rush"), "the denial is part of the phrase");
    }
}
