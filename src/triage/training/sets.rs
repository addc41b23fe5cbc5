//! What the labels of one set teach (`area: *`): which of them an issue has, and how well that can be told.

use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use serde::Serialize;

use super::{LEAST, Text, better};
use crate::domain::learned::{SetLearned, same};
use crate::triage::areas::{self, Area};
use crate::triage::learned::{ClassScores, Example, Model, Outcomes, train};
use crate::triage::text::Readable;

/// Labels of a set that are told apart at most, those with the most issues.
const MOST_LABELS: usize = 32;
/// Issues that are looked at for a set, the newest: the cost grows with their cube, and there may be several sets.
const MOST_ROWS: usize = 1000;

/// Issues that have a label of one set, the oldest first.
pub struct SetLessons {
    /// The set, a glob of labels.
    pub set: String,
    matcher: Option<GlobMatcher>,
    rows: Vec<(String, Arc<Text>)>,
    several: usize,
    ours: usize,
}

/// What came of learning a set.
#[derive(Clone, Debug, Serialize)]
pub struct SetTold {
    /// The set.
    pub set: String,
    /// Issues of this repository that were learned from.
    pub rows: usize,
    /// Labels that have too few issues to be learned, and how many they have.
    pub too_few: Vec<(String, usize)>,
    /// Issues with several of its labels, of which nothing is learned.
    pub several: usize,
    /// Issues whose label Automata put there itself.
    pub ours: usize,
    /// The mean of the labels' F1, each issue judged by what was learned from the others; none where nothing could be learned.
    pub macro_f1: Option<f64>,
    /// How good it is, by label.
    pub classes: Vec<ClassScores>,
    /// The same mean by the words of `labels.also`, on the same issues; none where these name no label of the set.
    pub by_rules: Option<f64>,
    /// The same mean by the model in use.
    pub by_model: Option<f64>,
    /// Why it does not judge, or what judged before goes on to; none when what was learned is taken.
    pub left: Option<String>,
}

/// What was learned of a set.
pub struct SetTrained {
    /// How it came out.
    pub told: SetTold,
    /// The model, and what the log is to know of it; none where there was too little.
    pub model: Option<(Model, SetLearned)>,
}

impl SetLessons {
    /// Nothing as yet.
    #[must_use]
    pub fn new(set: &str) -> Self {
        // What cannot be read as a glob, checking the configuration refuses.
        let matcher =
            GlobBuilder::new(set).case_insensitive(true).build().ok().map(|glob| glob.compile_matcher());
        Self { set: set.to_owned(), matcher, rows: Vec::new(), several: 0, ours: 0 }
    }

    /// Adds an issue, if it has just one of the labels. `is_ours` tells labels that Automata put there.
    pub fn add(&mut self, text: &Arc<Text>, labels: &[String], is_ours: impl Fn(&str) -> bool) {
        let Some(matcher) = &self.matcher else { return };
        let mut found: Vec<&String> = labels.iter().filter(|label| matcher.is_match(label)).collect();
        found.dedup_by(|one, other| same(one, other));
        match found.as_slice() {
            [] => {}
            [label] if is_ours(label) => self.ours += 1,
            [label] => self.rows.push(((*label).clone(), Arc::clone(text))),
            _ => self.several += 1,
        }
    }

    /// The labels and how many issues each has: those that are enough to learn from, the most frequent first, and the others.
    fn labels(&self) -> (Vec<String>, Vec<(String, usize)>) {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for (label, _) in &self.rows {
            match counts.iter_mut().find(|(known, _)| same(known, label)) {
                Some((_, count)) => *count += 1,
                None => counts.push((label.clone(), 1)),
            }
        }
        counts.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        let enough = counts.iter().take(MOST_LABELS).take_while(|(_, count)| *count >= LEAST).count();
        let too_few = counts.split_off(enough);
        (counts.into_iter().map(|(label, _)| label).collect(), too_few)
    }

    /// Learns it, and lets what judges now judge the same issues.
    #[must_use]
    pub fn train(&self, areas: &[Area], in_use: Option<(&Model, &SetLearned)>) -> SetTrained {
        let newest = &self.rows[self.rows.len().saturating_sub(MOST_ROWS)..];
        let (labels, too_few) = Self { rows: newest.to_vec(), ..Self::new(&self.set) }.labels();
        let index = |label: &str| labels.iter().position(|known| same(known, label));
        let rows: Vec<(usize, &Text)> =
            newest.iter().filter_map(|(label, text)| Some((index(label)?, text.as_ref()))).collect();
        let mut told = SetTold {
            set: self.set.clone(),
            rows: rows.len(),
            too_few,
            several: self.several,
            ours: self.ours,
            macro_f1: None,
            classes: Vec::new(),
            by_rules: None,
            by_model: None,
            left: None,
        };
        if labels.len() < 2 {
            let count = labels.len();
            told.left = Some(format!(
                "two labels with {LEAST} issues each are needed, and it has {}",
                if count == 0 { "none" } else { "one" }
            ));
            return SetTrained { told, model: None };
        }
        let examples: Vec<Example> =
            rows.iter().map(|(class, text)| Example::read(&text.read(), *class, 0)).collect();
        let learned = train(&labels, 0, &examples.iter().collect::<Vec<_>>());
        let f1 = learned.left_out.macro_f1();
        told.macro_f1 = Some(f1);
        told.classes = learned.left_out.classes();
        told.by_rules = self.by_rules(&labels, &rows, areas);
        told.by_model = in_use.map(|(model, known)| {
            let judge = |text: &Text| index(model.classes().get(model.judge(&text.read()).class)?);
            // It may have learned from these very issues, which flatters it.
            macro_f1(&labels, &rows, &judge).min(known.macro_f1())
        });
        let judges = [("the rules alone judge", told.by_rules), ("the model in use judges", told.by_model)];
        told.left = better(&judges, f1);
        let known = SetLearned {
            rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            labels: u32::try_from(labels.len()).unwrap_or(u32::MAX),
            macro_f1_thousandths: (f1 * 1000.0).round() as u16,
        };
        SetTrained { told, model: Some((learned.model, known)) }
    }

    /// How good the words of `labels.also` are. Places in the code are not looked up for it.
    fn by_rules(&self, labels: &[String], rows: &[(usize, &Text)], areas: &[Area]) -> Option<f64> {
        let matcher = self.matcher.as_ref()?;
        let own: Vec<Area> = areas.iter().filter(|area| matcher.is_match(&area.label)).cloned().collect();
        let judge = |text: &Text| {
            let found = areas::labels(&Readable::of(&text.read()), &[], &own);
            let surest = found
                .into_iter()
                .reduce(|best, other| if other.confidence > best.confidence { other } else { best })?;
            labels.iter().position(|label| same(label, &surest.label))
        };
        (!own.is_empty()).then(|| macro_f1(labels, rows, &judge))
    }
}

fn macro_f1(labels: &[String], rows: &[(usize, &Text)], judge: &dyn Fn(&Text) -> Option<usize>) -> f64 {
    // One more for what is called by another name, or by none.
    let names: Vec<String> = labels.iter().cloned().chain([String::new()]).collect();
    let pairs = rows.iter().map(|(class, text)| (*class, judge(text).unwrap_or(labels.len())));
    Outcomes::of(&names, pairs).macro_f1()
}
