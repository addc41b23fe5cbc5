//! From labelled issues to a model: what can be learned, how good it is, and whether what judges now is better.

mod choice;
mod sets;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

pub use choice::{Chosen, choose};
pub use sets::{SetLessons, SetTold};

use super::IssueText;
use super::classify::classify;
use super::learned::{self, ClassScores, Example, Model, Outcomes};
use super::text::Readable;
use crate::domain::count::counted;
use crate::domain::learned::{ModelLearned, same};
use crate::domain::verdict::IssueType;

/// Issues that a type must have to be learned: with fewer, chance decides what tells them apart.
pub const LEAST: usize = 10;
/// Parts of the cross-validation, as `triage eval` has by default.
pub const PARTS: usize = 5;

/// A labelled issue.
pub struct Lesson {
    /// What it is.
    pub of: IssueType,
    /// What it says.
    pub text: Arc<Text>,
    /// 0 for this repository, another number for each other.
    pub home: usize,
}

/// What an issue says, shared by all that learns from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
}

impl Text {
    fn read(&self) -> IssueText<'_> {
        IssueText { title: &self.title, body: &self.body }
    }
}

/// Labelled issues, the oldest first, and how many others there were.
#[derive(Default)]
pub struct Lessons {
    /// Those to learn from.
    pub rows: Vec<Lesson>,
    /// The others.
    pub left_out: LeftOut,
    /// What there is to learn of the repository's own sets of labels.
    pub sets: Vec<SetLessons>,
}

/// Issues that nothing is learned from.
#[derive(Debug, Default, Serialize)]
pub struct LeftOut {
    /// They have no label of a type.
    pub untyped: usize,
    /// They have labels of several types.
    several: usize,
    /// Automata put the label there, and nobody touched it since: to learn from one's own word confirms it.
    ours: usize,
}

impl LeftOut {
    /// What there is to say of them.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let told = [
            (self.untyped, "without a label of a type"),
            (self.several, "with labels of several types"),
            (self.ours, "with a label that Automata put there itself"),
        ];
        told.into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, which)| format!("Left out: {} {which}.", counted(count, "issue", "issues")))
            .collect()
    }
}

impl Lessons {
    /// Adds an issue of this repository. `label_of` is the label of each type, `is_ours` tells labels that Automata put
    /// there.
    pub fn add<'a>(
        &mut self,
        text: Text,
        labels: &[String],
        label_of: impl Fn(IssueType) -> Option<&'a str>,
        is_ours: impl Fn(&str) -> bool,
    ) {
        let text = Arc::new(text);
        self.sets.iter_mut().for_each(|set| set.add(&text, labels, &is_ours));
        let found: Vec<(IssueType, &str)> = IssueType::ALL
            .into_iter()
            .filter_map(|of| Some((of, label_of(of)?)))
            .filter(|(_, label)| labels.iter().any(|there| same(there, label)))
            .collect();
        match found.as_slice() {
            [] => self.left_out.untyped += 1,
            [(_, label)] if is_ours(label) => self.left_out.ours += 1,
            [(of, _)] => self.rows.push(Lesson { of: *of, text, home: 0 }),
            _ => self.left_out.several += 1,
        }
    }

    /// How many issues of a type the repository itself has.
    fn own(&self, of: IssueType) -> usize {
        self.rows.iter().filter(|row| row.home == 0 && row.of == of).count()
    }

    /// The types that there is enough to learn from.
    ///
    /// # Errors
    /// When they are fewer than two: how many issues of each type there are.
    pub fn types(&self) -> Result<Vec<IssueType>, String> {
        let types: Vec<IssueType> = IssueType::ALL.into_iter().filter(|of| self.own(*of) >= LEAST).collect();
        if types.len() >= 2 {
            return Ok(types);
        }
        let counts = IssueType::ALL.map(|of| format!("{} {}", self.own(of), of.name()));
        Err(format!("there is too little to learn from: {}", counts.join(", ")))
    }
}

/// What was learned of types.
pub struct Trained {
    /// How many labelled issues of each type the repository itself has.
    pub rows: BTreeMap<String, u32>,
    /// How good it is.
    pub macro_f1: f64,
    /// The same, by type.
    pub classes: Vec<ClassScores>,
    /// The model.
    pub model: Model,
}

/// Trains, and measures by cross-validation.
#[must_use]
pub fn train(lessons: &Lessons, types: &[IssueType]) -> Trained {
    let names: Vec<String> = types.iter().map(|of| of.name().to_owned()).collect();
    let chosen: Vec<(&Lesson, usize)> = lessons
        .rows
        .iter()
        .filter_map(|row| Some((row, types.iter().position(|of| *of == row.of)?)))
        .collect();
    let text = |row: usize| chosen[row].0.text.read();
    let examples: Vec<Example> = chosen
        .iter()
        .enumerate()
        .map(|(row, (lesson, class))| Example::read(&text(row), *class, lesson.home))
        .collect();
    let groups: Vec<(usize, usize)> = examples.iter().map(|row| (row.home(), row.class())).collect();
    let pairs = learned::crossed(&names, 0, &examples, &learned::folds(&groups, PARTS), &text);
    let outcomes = Outcomes::of(&names, pairs);
    Trained {
        rows: types.iter().map(|of| (of.name().to_owned(), lessons.own(*of) as u32)).collect(),
        macro_f1: outcomes.macro_f1(),
        classes: outcomes.classes(),
        model: learned::train(&names, 0, &examples.iter().collect::<Vec<_>>()).model,
    }
}

/// The macro F1 of what judges now, on the issues of the repository that something new was learned from.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Compared {
    /// Of the rules alone.
    rules: f64,
    /// Of the model in use; none where the rules judge alone.
    in_use: Option<f64>,
}

/// Lets the rules, and the model in use if there is one, judge the same issues. A model comes with what the log says of it.
#[must_use]
pub fn compare(in_use: Option<(&Model, &ModelLearned)>, lessons: &Lessons, types: &[IssueType]) -> Compared {
    let own: Vec<&Lesson> =
        lessons.rows.iter().filter(|row| row.home == 0 && types.contains(&row.of)).collect();
    let rules = macro_f1(types, &own, &|issue| classify(&Readable::of(issue)).map(|found| found.value));
    let in_use = in_use.map(|(model, named)| {
        let here = macro_f1(types, &own, &|issue| {
            let name = model.classes().get(model.judge(issue).class)?;
            IssueType::ALL.into_iter().find(|of| of.name() == name)
        });
        // It may have learned from these very issues, which flatters it: what it had by cross-validation then counts.
        here.min(named.macro_f1())
    });
    Compared { rules, in_use }
}

fn macro_f1(
    types: &[IssueType],
    own: &[&Lesson],
    judge: &dyn Fn(&IssueText<'_>) -> Option<IssueType>,
) -> f64 {
    // One more for what is called by another name, or by none.
    let names: Vec<String> =
        types.iter().map(|of| of.name().to_owned()).chain(["another".to_owned()]).collect();
    let index = |of: Option<IssueType>| {
        of.and_then(|of| types.iter().position(|known| *known == of)).unwrap_or(types.len())
    };
    let pairs = own.iter().map(|row| (index(Some(row.of)), index(judge(&row.text.read()))));
    Outcomes::of(&names, pairs).macro_f1()
}

impl Compared {
    /// The figures, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("macro F1 {:.3} by the rules alone, on the same issues", self.rules)];
        lines.extend(self.in_use.map(|in_use| format!("macro F1 {in_use:.3} by the model in use")));
        lines
    }

    /// Why what was learned is not better, if it is not.
    #[must_use]
    pub fn better(&self, learned: f64) -> Option<String> {
        let judges = [("the rules alone judge", Some(self.rules)), ("the model in use judges", self.in_use)];
        better(&judges, learned)
    }
}

/// Which of those that judge now is better than what was learned, if one is: by figures as people see them.
fn better(judges: &[(&str, Option<f64>)], learned: f64) -> Option<String> {
    let shown = |f1: f64| (f1 * 1000.0).round();
    let (who, best) = judges
        .iter()
        .filter_map(|(who, f1)| Some((*who, (*f1)?)))
        .filter(|(_, f1)| shown(*f1) > shown(learned))
        .max_by(|one, other| one.1.total_cmp(&other.1))?;
    Some(format!("{who} these issues better than what was learned: macro F1 {best:.3} against {learned:.3}"))
}
