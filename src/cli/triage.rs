//! The command line of `automata triage`: how good the analysis is.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub(super) const EVAL_JSON: &str = "JSON: one object {mean_macro_f1, mean_accuracy, repositories}; `repositories` is a list of {repo, \
    rows, accuracy, macro_f1, classes}, `classes` one of {class, precision, recall, f1, rows}. Without `--by repo` there is one entry, and its \
    `repo` is null.";

pub(super) const LEARN_JSON: &str = "JSON: one object {rows, siblings, left_out, macro_f1, classes, compared, types_left, sets, bytes, digest, before, recorded}; \
    `rows` counts issues by type, `left_out` by reason, `classes` is a list of {class, precision, recall, f1, rows}, `compared` is {rules, in_use}, the \
    macro F1 of what judges now (`in_use` is null where no model does), `types_left` why types are not taken, or null, `sets` has an object for each \
    of triage.learn_sets {set, rows, too_few, several, ours, macro_f1, classes, by_rules, by_model, left}, `left` as `types_left`, `before` is the event data of the model that was in use, or null, \
    `recorded` whether the log names this one now. With --back and --rules: one object {before, now}, each such event data, or null where the rules \
    judge alone.";

/// Arguments of `learn`.
#[derive(Debug, Args)]
pub struct Learn {
    /// A file of labelled issues instead of those of the repository: CSV with the columns `label` and `title`, and perhaps
    /// `body`, `repo` and `labels`, or one JSON object with such fields a line. Issues of other repositories count as weaker evidence.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Only say what would be learned, and how good it is.
    #[arg(long)]
    pub dry_run: bool,
    /// Keep what was learned even if what judges now, the rules or the model in use, is better at the same issues.
    #[arg(long)]
    pub even_if_worse: bool,
    /// Go back to what judged before the last change: the model before, or the rules alone. Once more takes that back.
    #[arg(long, conflicts_with_all = ["from", "dry_run", "even_if_worse", "rules"])]
    pub back: bool,
    /// Set aside what was learned: the rules judge alone until something is learned again.
    #[arg(long, conflicts_with_all = ["from", "dry_run", "even_if_worse"])]
    pub rules: bool,
}

/// Arguments of `triage`.
#[derive(Debug, Args)]
pub struct Triage {
    /// What about it.
    #[command(subcommand)]
    pub command: TriageCommand,
}

/// What can be asked about the analysis.
#[derive(Debug, Subcommand)]
pub enum TriageCommand {
    /// Learn from labelled issues, judge others, and tell how often the verdict was right.
    ///
    /// A file is CSV with the columns `label` and `title`, and perhaps `body`, `repo`, `labels` and others, in any order; or one
    /// JSON object with such fields a line. Nothing is asked of GitHub and nothing is kept.
    #[command(after_long_help = EVAL_JSON)]
    Eval(Eval),
}

/// Arguments of `triage eval`.
#[derive(Debug, Args)]
pub struct Eval {
    /// The labelled issues to learn from.
    #[arg(long, value_name = "FILE")]
    pub train: PathBuf,
    /// The labelled issues to judge; without it those of --train, each by a classifier that has not seen it.
    #[arg(long, value_name = "FILE", conflicts_with = "folds")]
    pub test: Option<PathBuf>,
    /// Parts of the cross-validation that stands in for --test: each is judged by what was learned from the others.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=50))]
    pub folds: u8,
    /// Learn for each repository on its own; what others have labelled counts as weaker evidence.
    #[arg(long, value_enum)]
    pub by: Option<By>,
    /// Judge a set of labels, as `triage.learn_sets` names them: of an issue's labels (columns `labels` and `label`) the one that
    /// this glob matches counts. Issues with none of them, or with several, are left out, and
    /// so are labels with fewer than ten issues, as `learn` does.
    #[arg(long, value_name = "GLOB")]
    pub set: Option<String>,
}

/// What to keep apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Repositories, by the column `repo`.
    Repo,
}
