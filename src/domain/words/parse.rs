//! One line to one word, or to what is wrong with it and how to say it.

use super::lines::pieces;
use super::{Rank, Reach, Verb, Word};
use crate::domain::feature::Feature;
use crate::domain::id::{IssueNumber, Login, TaskId};
use crate::domain::spec::Priority;
use crate::domain::untrusted::one_line;
use crate::domain::verdict::Urgency;

/// Characters that GitHub allows in the name of a label.
const LABEL: usize = 50;
/// Characters of a login: GitHub allows 39, and an App's ends with `[bot]`.
const LOGIN: usize = 44;
/// People whom GitHub lets an issue have assigned.
const PEOPLE: usize = 10;
/// Labels that one line may name: an issue can have a hundred, and nobody types more than this.
const LABELS: usize = 20;
/// Characters of what is asked about: of the names that there are, those of branches are the longest.
const ASKED: usize = 250;
/// Width at which somebody's text is quoted.
const QUOTE: usize = 40;

/// Why a line is no word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// What is wrong with it, a sentence. It may quote somebody else's text.
    pub problem: String,
    /// What to write instead, a sentence.
    pub hint: String,
}

impl Misread {
    fn of(verb: Verb, problem: impl Into<String>) -> Self {
        let hint = format!("It is written `{}`, for example `{}`.", verb.usage(), verb.example());
        Self { problem: problem.into(), hint }
    }
}

/// Reads what follows the prefix. Nothing at all asks for help.
///
/// # Errors
/// What is wrong with it, with an example of how to say it.
pub fn parse(text: &str) -> Result<Word, Misread> {
    let text = text.trim();
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if name.is_empty() {
        return Ok(Word::Help);
    }
    let verb = Verb::find(name).ok_or_else(|| unknown(name))?;
    let rest = rest.trim();
    if verb == Verb::Revise {
        return if rest.is_empty() {
            Err(Misread::of(verb, "It does not say what is to be different."))
        } else {
            Ok(Word::Revise { text: rest.to_owned() })
        };
    }
    if verb == Verb::Why && !rest.starts_with('"') {
        return Ok(Word::Why { what: asked_about(verb, rest)? });
    }
    let rest = pieces(rest)?;
    match verb {
        Verb::Help => nothing_after(verb, &rest, Word::Help),
        Verb::Status => nothing_after(verb, &rest, Word::Status),
        Verb::Why => Ok(Word::Why { what: name_after(verb, &rest, is_asked_about)? }),
        Verb::Retry => nothing_after(verb, &rest, Word::Retry),
        Verb::Approve => Ok(Word::Approve { feature: feature_after(verb, &rest)? }),
        Verb::Reject => Ok(Word::Reject { feature: feature_after(verb, &rest)? }),
        Verb::Stop => reach(verb, &rest).map(Word::Stop),
        Verb::Pause => reach(verb, &rest).map(Word::Pause),
        Verb::Resume => reach(verb, &rest).map(Word::Resume),
        Verb::Run => Ok(Word::Run { kind: name_after(verb, &rest, is_name)? }),
        Verb::Implement | Verb::Revise => {
            Ok(Word::Implement { assistant: name_after(verb, &rest, is_name)? })
        }
        Verb::Cancel => Ok(Word::Cancel { task: name_after(verb, &rest, is_id)?.map(TaskId::new) }),
        Verb::Undo => Ok(Word::Undo { what: name_after(verb, &rest, is_id)? }),
        Verb::Assign => match people(verb, &rest)? {
            logins if logins.is_empty() => Err(Misread::of(verb, "It names nobody.")),
            logins => Ok(Word::Assign { logins }),
        },
        Verb::Unassign => Ok(Word::Unassign { logins: people(verb, &rest)? }),
        Verb::Priority => rank(verb, &rest).map(Word::Priority),
        Verb::Label => labels(verb, &rest),
        Verb::Duplicate => match rest.as_slice() {
            [number] => match number.strip_prefix('#').unwrap_or(number).parse() {
                Ok(number) if number > 0 => Ok(Word::Duplicate { of: IssueNumber(number) }),
                _ => Err(Misread::of(verb, format!("`{}` is no number of an issue.", shown(number)))),
            },
            _ => Err(Misread::of(verb, "It has to name one issue.")),
        },
    }
}

fn shown(text: &str) -> String {
    one_line(text, QUOTE)
}

fn unknown(name: &str) -> Misread {
    let problem = format!("There is no word `{}`.", shown(name));
    let hint = match Verb::near(name) {
        Some(verb) => format!("Did you mean `{}`? `/automata help` shows them all.", verb.example()),
        None => "`/automata help` shows what can be said.".to_owned(),
    };
    Misread { problem, hint }
}

fn nothing_after(verb: Verb, rest: &[String], word: Word) -> Result<Word, Misread> {
    match rest.first() {
        None => Ok(word),
        Some(first) => {
            Err(Misread::of(verb, format!("Nothing may follow `{}`, not `{}`.", verb.name(), shown(first))))
        }
    }
}

/// At most one feature.
fn feature_after(verb: Verb, rest: &[String]) -> Result<Option<Feature>, Misread> {
    let Some(name) = name_after(verb, rest, is_name)? else { return Ok(None) };
    let known = || Feature::ALL.map(Feature::name).join(", ");
    let unknown = || Misread::of(verb, format!("`{}` is no feature; there are {}.", shown(&name), known()));
    Feature::find(&name).map(Some).ok_or_else(unknown)
}

/// Nothing, a feature, or everything.
fn reach(verb: Verb, rest: &[String]) -> Result<Reach, Misread> {
    match rest {
        [name] if name == Reach::EVERYTHING => Ok(Reach::Everything),
        rest => Ok(feature_after(verb, rest)?.map_or(Reach::Here, Reach::Feature)),
    }
}

/// At most one name.
fn name_after(verb: Verb, rest: &[String], is_one: impl Fn(&str) -> bool) -> Result<Option<String>, Misread> {
    match rest {
        [] => Ok(None),
        [name] if is_one(name) => Ok(Some(name.clone())),
        [name] => Err(Misread::of(verb, format!("`{}` is no name that can stand here.", shown(name)))),
        _ => Err(Misread::of(verb, format!("One name may follow `{}`, not {}.", verb.name(), rest.len()))),
    }
}

/// Kinds and assistants: lower-case words.
fn is_name(text: &str) -> bool {
    (1..=LOGIN).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
}

/// Ids of tasks, runs and effects, and subjects.
fn is_id(text: &str) -> bool {
    // An effect's id is a task's and the name of a step.
    (1..=100).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./#".contains(&byte))
}

/// The rest of a line: labels have spaces, and who asks about one puts no quotes around it. Between backticks the name is as well
/// readable as code.
fn asked_about(verb: Verb, rest: &str) -> Result<Option<String>, Misread> {
    let bare = rest.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).map_or(rest, str::trim);
    let one: Vec<String> =
        Some(bare).filter(|bare| !bare.is_empty()).map(str::to_owned).into_iter().collect();
    name_after(verb, &one, is_asked_about)
}

/// What somebody may ask about: labels and branches have spaces and letters of all sorts.
fn is_asked_about(text: &str) -> bool {
    (1..=ASKED).contains(&text.chars().count())
}

fn people(verb: Verb, rest: &[String]) -> Result<Vec<Login>, Misread> {
    if rest.len() > PEOPLE {
        return Err(Misread::of(verb, format!("GitHub allows {PEOPLE} people, not {}.", rest.len())));
    }
    let mut people: Vec<Login> = Vec::new();
    for piece in rest {
        let name = piece.trim_end_matches(',');
        let name = name.strip_prefix('@').unwrap_or(name);
        if name.contains('/') {
            return Err(Misread::of(
                verb,
                format!("`{}` is a team; only people can be assigned.", shown(name)),
            ));
        }
        let bare = name.strip_suffix("[bot]").unwrap_or(name);
        let is_login = (1..=LOGIN).contains(&name.len())
            && !bare.starts_with('-')
            && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_login || bare.is_empty() {
            return Err(Misread::of(verb, format!("`{}` is no login.", shown(piece))));
        }
        let login = Login::new(name);
        if !people.contains(&login) {
            people.push(login);
        }
    }
    Ok(people)
}

fn rank(verb: Verb, rest: &[String]) -> Result<Rank, Misread> {
    let [text] = rest else {
        return Err(Misread::of(verb, "It has to say one priority."));
    };
    if let Some(urgency) = Urgency::ALL.into_iter().find(|urgency| urgency.name().eq_ignore_ascii_case(text))
    {
        return Ok(Rank::Named(urgency));
    }
    let points: Option<u8> = text.parse().ok().filter(|points| *points <= 100);
    let points = points.filter(|_| !text.starts_with('+'));
    points
        .map(|points| Rank::Points(Priority::new(points)))
        .ok_or_else(|| Misread::of(verb, format!("`{}` is no priority.", shown(text))))
}

fn labels(verb: Verb, rest: &[String]) -> Result<Word, Misread> {
    let (mut add, mut remove): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    if rest.is_empty() || rest.len() > LABELS {
        return Err(Misread::of(verb, format!("It has to name labels, at most {LABELS}.")));
    }
    for piece in rest {
        let (list, other, name) = match (piece.strip_prefix('+'), piece.strip_prefix('-')) {
            (Some(name), _) => (&mut add, &remove, name),
            (None, Some(name)) => (&mut remove, &add, name),
            (None, None) => {
                let problem =
                    format!("`{}` has no sign: write + to add a label, - to take it off.", shown(piece));
                return Err(Misread::of(verb, problem));
            }
        };
        let name = name.trim();
        if name.is_empty() || name.chars().count() > LABEL {
            let problem =
                format!("`{}` is no name of a label: those have 1 to {LABEL} characters.", shown(piece));
            return Err(Misread::of(verb, problem));
        }
        let is = |known: &String| known.to_lowercase() == name.to_lowercase();
        if other.iter().any(is) {
            return Err(Misread::of(verb, format!("`{}` is to be added and taken off.", shown(name))));
        }
        if !list.iter().any(is) {
            list.push(name.to_owned());
        }
    }
    Ok(Word::Label { add, remove })
}
