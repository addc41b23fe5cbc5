//! The command line of `automata triage`: how good the analysis is.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub(super) const EVAL_JSON: &str = "JSON: one object {mean_macro_f1, mean_accuracy, repositories}; `repositories` is a list of {repo, \
    rows, accuracy, macro_f1, classes}, `classes` one of {class, precision, recall, f1, rows}. Without `--by repo` there is one entry, and its \
    `repo` is null.";

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
    /// A file is CSV with the columns `label` and `title`, and perhaps `body`, `repo` and others, in any order; or one
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
}

/// What to keep apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Repositories, by the column `repo`.
    Repo,
}
