//! `automata triage eval`: learns from labelled issues, judges others, and tells how often it was right.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::file;
use crate::app::failure::Ended;
use crate::cli;
use crate::report::terminal::{Terminal, Tone};
use crate::triage::IssueText;
use crate::triage::learned::{self, ClassScores, Example, Outcomes};
use crate::triage::rows::Row;
use crate::triage::training::LEAST;

/// How good it was in one repository, or in all together.
#[derive(Debug, Serialize)]
struct Part {
    repo: Option<String>,
    rows: usize,
    accuracy: f64,
    macro_f1: f64,
    classes: Vec<ClassScores>,
}

/// How good it was.
#[derive(Debug, Serialize)]
struct Told {
    mean_macro_f1: f64,
    mean_accuracy: f64,
    repositories: Vec<Part>,
}

pub(super) fn eval(arguments: &cli::Eval, terminal: Terminal, json: bool) -> Result<ExitCode, Ended> {
    let read = |option: &str, path: &Path| {
        let rows = file::rows(option, path)?;
        match &arguments.set {
            Some(set) => of_set(option, set, rows),
            None => Ok(rows),
        }
    };
    let mut train = read("--train", &arguments.train)?;
    let mut test = arguments.test.as_ref().map(|path| read("--test", path)).transpose()?;
    if arguments.set.is_some() {
        let counts = counts(&train);
        let is_learned = |row: &Row| counts.get(&row.label).is_some_and(|count| *count >= LEAST);
        train.retain(is_learned);
        test.iter_mut().for_each(|test| test.retain(is_learned));
        if train.is_empty() {
            return Err(Ended::usage(
                format!("--train: no label of the set has {LEAST} issues"),
                "Give it more labelled issues.",
            ));
        }
    }
    let labels = Labels::of(&train)?;
    let homes = Homes::of(&train, arguments.by.is_some())?;
    let known = examples(&train, &labels, &homes)?;
    let parts = match &test {
        Some(test) => judged(test, &known, &labels, &homes)?,
        None => crossed(&train, &known, &labels, &homes, usize::from(arguments.folds))?,
    };
    let mean = |of: fn(&Part) -> f64| parts.iter().map(of).sum::<f64>() / (parts.len().max(1) as f64);
    let told = Told {
        mean_macro_f1: mean(|part| part.macro_f1),
        mean_accuracy: mean(|part| part.accuracy),
        repositories: parts,
    };
    if json {
        terminal.json(&told).map_err(Ended::bug)?;
    } else {
        tell(&told, terminal);
    }
    Ok(ExitCode::SUCCESS)
}

/// How many rows have each label.
fn counts(rows: &[Row]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    rows.iter().for_each(|row| *counts.entry(row.label.clone()).or_default() += 1);
    counts
}

/// The rows that have just one label of a set, by that label.
fn of_set(option: &str, set: &str, rows: Vec<Row>) -> Result<Vec<Row>, Ended> {
    let glob = globset::GlobBuilder::new(set).case_insensitive(true).build().map_err(|error| {
        Ended::usage(format!("--set: `{set}` is not a pattern: {}", error.kind()), "For example: `area: *`.")
    })?;
    let matcher = glob.compile_matcher();
    let rows: Vec<Row> = rows
        .into_iter()
        .filter_map(|row| {
            let labels = row.labels.iter().chain([&row.label]);
            let mut found: Vec<String> =
                labels.filter(|label| matcher.is_match(label)).map(|label| label.to_lowercase()).collect();
            found.sort();
            found.dedup();
            let [label] = <[String; 1]>::try_from(found).ok()?;
            Some(Row { label, ..row })
        })
        .collect();
    if rows.is_empty() {
        return Err(Ended::usage(
            format!("{option}: no issue has just one label that `{set}` matches"),
            "Labels stand in the columns `labels` and `label`.",
        ));
    }
    Ok(rows)
}

/// The classes: the labels that examples have, in the order of the alphabet.
struct Labels(Vec<String>);

impl Labels {
    fn of(rows: &[Row]) -> Result<Self, Ended> {
        let mut names: Vec<String> = rows.iter().map(|row| row.label.to_lowercase()).collect();
        names.sort();
        names.dedup();
        if let Some(row) = rows.iter().position(|row| row.label.is_empty()) {
            return Err(Ended::usage(
                format!("--train: issue {} has no label", row + 1),
                "Leave out issues that nobody has labelled.",
            ));
        }
        match names.as_slice() {
            [only] => Err(Ended::usage(
                format!("--train: all issues have the label `{only}`, so there is nothing to tell apart"),
                "Give it examples of two labels or more.",
            )),
            _ => Ok(Self(names)),
        }
    }

    fn index(&self, row: &Row, option: &str) -> Result<usize, Ended> {
        let label = row.label.to_lowercase();
        self.0.iter().position(|known| *known == label).ok_or_else(|| {
            Ended::usage(
                format!("{option}: no issue of --train has the label `{label}`"),
                format!(
                    "Labels with examples are {}. Leave the other issues out, or give examples.",
                    self.0.join(", ")
                ),
            )
        })
    }
}

/// The repositories that are kept apart; a single nameless one when they are not.
struct Homes(Option<Vec<String>>);

impl Homes {
    fn of(rows: &[Row], apart: bool) -> Result<Self, Ended> {
        if !apart {
            return Ok(Self(None));
        }
        let mut names: Vec<String> = rows.iter().map(|row| row.repo.to_lowercase()).collect();
        names.sort();
        names.dedup();
        if names.iter().any(String::is_empty) {
            return Err(Ended::usage(
                "--by repo: an issue of --train does not say which repository it is of",
                "Fill the column `repo`, or leave `--by repo` out.",
            ));
        }
        Ok(Self(Some(names)))
    }

    /// The repository's index; none for one without examples.
    fn index(&self, row: &Row) -> Option<usize> {
        let Some(names) = &self.0 else { return Some(0) };
        names.binary_search(&row.repo.to_lowercase()).ok()
    }

    fn name(&self, index: usize) -> Option<String> {
        self.0.as_ref().map(|names| names[index].clone())
    }
}

fn text(row: &Row) -> IssueText<'_> {
    IssueText { title: &row.title, body: &row.body }
}

fn examples(rows: &[Row], labels: &Labels, homes: &Homes) -> Result<Vec<Example>, Ended> {
    let example = |row: &Row| {
        let home = homes.index(row).unwrap_or_default();
        Ok(Example::read(&text(row), labels.index(row, "--train")?, home))
    };
    rows.iter().map(example).collect()
}

/// Judges the rows of another file, each by what was learned for its repository.
fn judged(test: &[Row], known: &[Example], labels: &Labels, homes: &Homes) -> Result<Vec<Part>, Ended> {
    let mut by_home: BTreeMap<usize, Vec<(&Row, usize)>> = BTreeMap::new();
    for row in test {
        let class = labels.index(row, "--test")?;
        let home = homes.index(row).ok_or_else(|| {
            Ended::usage(
                format!("--by repo: no issue of --train is of `{}`", row.repo),
                "Leave its issues out of --test, or give examples of it; without `--by repo` all are learned together.",
            )
        })?;
        by_home.entry(home).or_default().push((row, class));
    }
    let all: Vec<&Example> = known.iter().collect();
    let judge = |(home, rows): (&usize, &Vec<(&Row, usize)>)| {
        let model = learned::train(&labels.0, *home, &all).model;
        let pairs = rows.iter().map(|(row, class)| (*class, model.judge(&text(row)).class));
        part(homes.name(*home), &Outcomes::of(&labels.0, pairs))
    };
    Ok(by_home.iter().map(judge).collect())
}

/// Judges every row of a file by what was learned from other rows of it.
fn crossed(
    rows: &[Row],
    known: &[Example],
    labels: &Labels,
    homes: &Homes,
    count: usize,
) -> Result<Vec<Part>, Ended> {
    let groups: Vec<(usize, usize)> = known.iter().map(|example| (example.home(), example.class())).collect();
    if let Some((home, class)) =
        groups.iter().find(|group| groups.iter().filter(|other| other == group).count() < 2)
    {
        let of = homes.name(*home).map(|name| format!(" of {name}")).unwrap_or_default();
        return Err(Ended::usage(
            format!("--train: the label `{}` has a single issue{of}", labels.0[*class]),
            "Cross-validation needs two of each. Leave it out, give more examples, or name a file with --test.",
        ));
    }
    let folds = learned::folds(&groups, count);
    let present: BTreeSet<usize> = known.iter().map(Example::home).collect();
    let crossed = |home: usize| {
        let pairs = learned::crossed(&labels.0, home, known, &folds, &|row| text(&rows[row]));
        part(homes.name(home), &Outcomes::of(&labels.0, pairs))
    };
    Ok(present.into_iter().map(crossed).collect())
}

fn part(repo: Option<String>, outcomes: &Outcomes) -> Part {
    Part {
        repo,
        rows: outcomes.rows(),
        accuracy: outcomes.accuracy(),
        macro_f1: outcomes.macro_f1(),
        classes: outcomes.classes(),
    }
}

fn tell(told: &Told, terminal: Terminal) {
    let names =
        told.repositories.iter().flat_map(|part| &part.classes).map(|class| class.class.chars().count());
    let width = names.max().unwrap_or_default().max("macro".len());
    for part in &told.repositories {
        let name = part.repo.as_deref().unwrap_or("all repositories together");
        terminal.data(&terminal.paint(Tone::Strong, &format!("{name} ({} issues)", part.rows)));
        terminal.data(&format!("  {:width$}  precision  recall     F1  issues", ""));
        for class in &part.classes {
            terminal.data(&format!(
                "  {:width$}      {:.3}   {:.3}  {:.3}  {:6}",
                class.class, class.precision, class.recall, class.f1, class.rows
            ));
        }
        terminal.data(&format!("  {:width$}                     {:.3}", "macro", part.macro_f1));
    }
    terminal
        .data(&format!("mean macro F1 {:.3}, mean accuracy {:.3}", told.mean_macro_f1, told.mean_accuracy));
}
