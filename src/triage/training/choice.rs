//! What of all that was learned is to judge from now on: each part that is not worse than what judges now.

use super::{Compared, Lessons, SetTold, Trained, compare, train};
use crate::domain::learned::ModelLearned;
use crate::triage::areas::Area;
use crate::triage::learned::{Taught, digest};

/// What was learned, part by part, and what becomes of it.
pub struct Chosen {
    /// What was learned of types, and how good what judges now is; none where there was too little.
    pub types: Option<(Trained, Compared)>,
    /// Why the types that were learned, if any were, are not taken.
    pub types_left: Option<String>,
    /// The sets of labels.
    pub sets: Vec<SetTold>,
    /// All that is to judge from now on, as the log is to know it; where nothing is taken, what would have been.
    pub learned: ModelLearned,
    /// The same as bytes.
    pub bytes: Vec<u8>,
    /// Whether any of it was learned now. Otherwise there is nothing to take in.
    pub is_taken: bool,
}

impl Chosen {
    /// Why nothing is taken in, a sentence without a full stop.
    #[must_use]
    pub fn why_not(&self) -> String {
        let sets = self.sets.iter().filter_map(|set| Some(format!("`{}`: {}", set.set, set.left.as_ref()?)));
        self.types_left.iter().cloned().chain(sets).collect::<Vec<_>>().join("; ")
    }
}

/// Learns, and chooses. `in_use` is the model that judges now, if it can be used, and what the log says of what judges;
/// with `even_if_worse` all that could be learned is taken.
///
/// # Errors
/// When there is too little to learn anything from: why.
pub fn choose(
    lessons: &Lessons,
    areas: &[Area],
    in_use: (Option<&Taught>, Option<&ModelLearned>),
    even_if_worse: bool,
) -> Result<Chosen, String> {
    let (model, named) = in_use;
    let of_types = model.and_then(|model| model.types.as_ref()).zip(named);
    let types = lessons.types().map(|types| {
        let trained = train(lessons, &types);
        let compared = compare(of_types, lessons, &types);
        (trained, compared)
    });
    let in_use_of = |set: &str| Some((model?.sets.get(set)?, named?.sets.get(set)?));
    let sets: Vec<_> =
        lessons.sets.iter().map(|lessons| lessons.train(areas, in_use_of(&lessons.set))).collect();
    let (types, too_little) = match types {
        Ok(found) => (Some(found), None),
        Err(too_little) if sets.iter().all(|set| set.model.is_none()) => return Err(too_little),
        Err(too_little) => (None, Some(too_little)),
    };

    let mut all = Parts::default();
    if let Some((trained, _)) = &types {
        all.take_types(trained);
    }
    for set in &sets {
        all.take_set(&set.told.set, set.model.as_ref());
    }
    let (learned, bytes) = all.finished();
    let is_same = named.is_some_and(|named| named.digest == learned.digest);
    if is_same || even_if_worse {
        let sets = sets.into_iter().map(|mut set| {
            set.told.left = set.told.left.filter(|_| set.model.is_none());
            set.told
        });
        let sets = sets.collect();
        return Ok(Chosen { types, types_left: too_little, sets, learned, bytes, is_taken: true });
    }

    let mut parts = Parts::default();
    let mut is_taken = false;
    let types_left = match &types {
        None => too_little,
        Some((trained, compared)) => compared.better(trained.macro_f1),
    };
    match (&types, &types_left) {
        (Some((trained, _)), None) => {
            parts.take_types(trained);
            is_taken = true;
        }
        _ => parts.keep_types(model, named),
    }
    for set in &sets {
        if set.told.left.is_none() {
            parts.take_set(&set.told.set, set.model.as_ref());
            is_taken = true;
        } else {
            parts.keep_set(&set.told.set, model, named);
        }
    }
    // Where nothing is taken, what would have been is told.
    let (learned, bytes) = if is_taken { parts.finished() } else { (learned, bytes) };
    let sets = sets.into_iter().map(|set| set.told).collect();
    Ok(Chosen { types, types_left, sets, learned, bytes, is_taken })
}

/// What is to judge, put together.
struct Parts {
    taught: Taught,
    learned: ModelLearned,
}

impl Default for Parts {
    fn default() -> Self {
        let learned = ModelLearned {
            digest: String::new(),
            bytes: 0,
            rows: <_>::default(),
            macro_f1_thousandths: 0,
            sets: <_>::default(),
        };
        Self { taught: Taught::default(), learned }
    }
}

impl Parts {
    fn take_types(&mut self, trained: &Trained) {
        self.taught.types = Some(trained.model.clone());
        self.learned.rows = trained.rows.clone();
        self.learned.macro_f1_thousandths = (trained.macro_f1 * 1000.0).round() as u16;
    }

    fn keep_types(&mut self, model: Option<&Taught>, named: Option<&ModelLearned>) {
        if let (Some(types), Some(named)) = (model.and_then(|model| model.types.as_ref()), named) {
            self.taught.types = Some(types.clone());
            self.learned.rows = named.rows.clone();
            self.learned.macro_f1_thousandths = named.macro_f1_thousandths;
        }
    }

    fn take_set(
        &mut self,
        set: &str,
        model: Option<&(crate::triage::learned::Model, crate::domain::learned::SetLearned)>,
    ) {
        if let Some((model, known)) = model {
            self.taught.sets.insert(set.to_owned(), model.clone());
            self.learned.sets.insert(set.to_owned(), *known);
        }
    }

    fn keep_set(&mut self, set: &str, model: Option<&Taught>, named: Option<&ModelLearned>) {
        let model = model.and_then(|model| model.sets.get(set));
        let known = named.and_then(|named| named.sets.get(set));
        if let (Some(model), Some(known)) = (model, known) {
            self.taught.sets.insert(set.to_owned(), model.clone());
            self.learned.sets.insert(set.to_owned(), *known);
        }
    }

    fn finished(self) -> (ModelLearned, Vec<u8>) {
        let bytes = self.taught.encode();
        let learned = ModelLearned { digest: digest(&bytes), bytes: bytes.len() as u64, ..self.learned };
        (learned, bytes)
    }
}
