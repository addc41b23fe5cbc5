//! How good what judges now is at the issues that something new was learned from: a worse one is not taken by itself.

use serde::Serialize;

use super::lessons::Lesson;
use crate::app::failure::{Ended, Kind};
use crate::app::world::World;
use crate::domain::learned::ModelLearned;
use crate::domain::verdict::IssueType;
use crate::triage::IssueText;
use crate::triage::classify::classify;
use crate::triage::learned::{Model, Outcomes, digest};
use crate::triage::text::Readable;

/// The macro F1 of what judges now, on the issues of the repository that something new was learned from.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Compared {
    /// Of the rules alone.
    rules: f64,
    /// Of the model in use; none where the rules judge alone.
    in_use: Option<f64>,
}

/// Lets the rules, and the model in use if there is one, judge the same issues. `own` are those of the repository.
pub(super) async fn compare(
    world: &World,
    in_use: Option<&ModelLearned>,
    types: &[IssueType],
    own: &[&Lesson],
) -> Result<Compared, Ended> {
    let rules = macro_f1(types, own, &|issue| classify(&Readable::of(issue)).map(|found| found.value));
    let model = match (in_use, &world.services.models) {
        (Some(named), Some(models)) => {
            let bytes = models.read(&named.digest).await?.filter(|bytes| digest(bytes) == named.digest);
            bytes.and_then(|bytes| Model::decode(&bytes).ok()).map(|model| (model, named.macro_f1()))
        }
        _ => None,
    };
    let in_use = model.map(|(model, before)| {
        let here = macro_f1(types, own, &|issue| {
            let name = model.classes().get(model.judge(issue).class)?;
            IssueType::ALL.into_iter().find(|of| of.name() == name)
        });
        // It may have learned from these very issues, which flatters it: what it had by cross-validation then counts.
        here.min(before)
    });
    Ok(Compared { rules, in_use })
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
    let pairs = own
        .iter()
        .map(|row| (index(Some(row.of)), index(judge(&IssueText { title: &row.title, body: &row.body }))));
    Outcomes::of(&names, pairs).macro_f1()
}

impl Compared {
    /// The figures, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("macro F1 {:.3} by the rules alone, on the same issues", self.rules)];
        lines.extend(self.in_use.map(|in_use| format!("macro F1 {in_use:.3} by the model in use")));
        lines
    }

    /// Why what was learned is not better, if it is not: by figures as people see them.
    pub(super) fn better(&self, learned: f64) -> Option<String> {
        let shown = |f1: f64| (f1 * 1000.0).round();
        let all = [("the rules alone judge", Some(self.rules)), ("the model in use judges", self.in_use)];
        let (who, best) = all
            .into_iter()
            .filter_map(|(who, f1)| Some((who, f1?)))
            .filter(|(_, f1)| shown(*f1) > shown(learned))
            .max_by(|one, other| one.1.total_cmp(&other.1))?;
        Some(format!(
            "{who} these issues better than what was learned: macro F1 {best:.3} against {learned:.3}"
        ))
    }
}

/// What was learned is refused.
pub(super) fn refusal(better: &str) -> Ended {
    Ended {
        kind: Kind::Work,
        message: format!("{better}; nothing was kept"),
        hints: vec![
            "More issues of each type, and labels that people agree on, make it better.".to_owned(),
            "`--even-if-worse` takes it all the same.".to_owned(),
        ],
    }
}
