//! Tells people what was learned, how good it is, and what becomes of it.

use super::Told;
use crate::domain::count::counted;
use crate::domain::untrusted::one_line;
use crate::report::terminal::Terminal;
use crate::triage::learned::ClassScores;
use crate::triage::training::{LEAST, PARTS, SetTold};

/// Characters of a label's name that are shown.
const WIDE: usize = 50;
/// Labels with too few issues that are named.
const NAMED: usize = 5;

pub(super) fn tell(told: &Told, terminal: Terminal) {
    if let Some(macro_f1) = told.macro_f1 {
        table(
            &told.classes,
            |class| told.rows.get(&class.class).map_or(class.rows, |rows| *rows as usize),
            terminal,
        );
        terminal.data(&format!("macro F1 {macro_f1:.3} by cross-validation in {PARTS} parts"));
    }
    for line in told.compared.iter().flat_map(|compared| compared.lines()) {
        terminal.data(&line);
    }
    for set in &told.sets {
        of_set(set, terminal);
    }
    for line in told.left_out.told() {
        terminal.note(&line);
    }
    // Where all else is not taken either, the refusal says why.
    if let Some(left) = told.types_left.as_ref().filter(|_| told.sets.iter().any(|set| set.left.is_none())) {
        terminal.note(&format!("Types are judged as before: {left}."));
    }
    if told.siblings > 0 {
        let of = counted(told.siblings, "issue of another repository", "issues of other repositories");
        terminal.note(&format!("{of} counted as weaker evidence."));
    }
    let before = told.before.as_ref().map(|before| match before.sets.is_empty() {
        true => {
            let rows = counted(before.all_rows() as usize, "issue", "issues");
            format!("{rows}, macro F1 {:.3}", before.macro_f1())
        }
        false => before.told("issue"),
    });
    let is_same = told.before.as_ref().is_some_and(|before| before.digest == told.digest);
    terminal.note(&match (before, is_same) {
        (_, true) => "The model is the one that is in use already.".to_owned(),
        (Some(before), false) => format!("The model in use until now: {before}."),
        (None, false) => "Until now the rules judged alone.".to_owned(),
    });
    let size = told.bytes.div_ceil(1000);
    terminal.note(&match told.recorded {
        true => format!("The model ({size} KB) is kept, and the next analysis goes by it."),
        false => format!("Nothing was kept. The model would have {size} KB."),
    });
}

fn table(classes: &[ClassScores], rows: impl Fn(&ClassScores) -> usize, terminal: Terminal) {
    let width = classes.iter().map(|class| class.class.chars().count()).max().unwrap_or_default();
    terminal.data(&format!("{:width$}  issues  precision  recall     F1", ""));
    for class in classes {
        terminal.data(&format!(
            "{:width$}  {:6}      {:.3}   {:.3}  {:.3}",
            class.class,
            rows(class),
            class.precision,
            class.recall,
            class.f1
        ));
    }
}

fn of_set(set: &SetTold, terminal: Terminal) {
    terminal.data("");
    let issues = counted(set.rows, "issue", "issues");
    terminal.data(&format!("`{}`: {issues} with just one of its labels", set.set));
    if let Some(macro_f1) = set.macro_f1 {
        table(&set.classes, |class| class.rows, terminal);
        terminal.data(&format!("macro F1 {macro_f1:.3}, each judged by what was learned from the others"));
    }
    if let Some(f1) = set.by_rules {
        terminal.data(&format!("macro F1 {f1:.3} by the words of labels.also alone, on the same issues"));
    }
    if let Some(f1) = set.by_model {
        terminal.data(&format!("macro F1 {f1:.3} by the model in use"));
    }
    if !set.too_few.is_empty() {
        let named = set.too_few.iter().take(NAMED);
        let mut named: Vec<String> =
            named.map(|(label, count)| format!("{} {count}", one_line(label, WIDE))).collect();
        if set.too_few.len() > NAMED {
            named.push(format!("{} more", set.too_few.len() - NAMED));
        }
        let told = named.join(", ");
        terminal.note(&format!(
            "`{}`: not learned, with fewer than {LEAST} issues or too many labels before them: {told}.",
            set.set
        ));
    }
    if set.several + set.ours > 0 {
        terminal.note(&format!(
            "`{}`: left out: {} with several of its labels, {} with one that Automata put there itself.",
            set.set,
            counted(set.several, "issue", "issues"),
            set.ours
        ));
    }
    if let Some(left) = &set.left {
        terminal.note(&format!("`{}` is judged as before: {left}.", set.set));
    }
}
