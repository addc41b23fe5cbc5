//! The command line of `automata plugin`: whether plugins keep to the protocol, and the protocol itself.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

const CHECK_JSON: &str = "JSON: one object {sound, plugins}; `plugins` is a list of {plugin, program, sound, cases}, `cases` one of \
    {case, sound, milliseconds, effects, message, problem, said}; `problem` is null where the answer would be taken, `effects` then a list of its \
    effects. The exit code is 1 when one is not sound.";
const SCHEMA_JSON: &str = "JSON: the schema itself.";

/// Arguments of `plugin`.
#[derive(Debug, Args)]
pub struct Plugin {
    /// What about it.
    #[command(subcommand)]
    pub command: PluginCommand,
}

/// What can be asked about plugins.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Start plugins with made-up issues, and say whether what they answer would be taken.
    ///
    /// Each is started in this folder within the same bounds as in a run: once with an ordinary issue, with hostile text, with
    /// fields that a later version may add, with an empty issue, with a pull request, and where nothing is allowed. Nothing is
    /// asked of GitHub, and nothing of an answer is done.
    #[command(after_long_help = CHECK_JSON)]
    Check(PluginCheck),
    /// Print the JSON Schema of what a plugin is told, or of what it may answer.
    #[command(after_long_help = SCHEMA_JSON)]
    Schema(PluginSchema),
}

/// Arguments of `plugin check`.
#[derive(Debug, Args)]
pub struct PluginCheck {
    /// The plugin's name in the configuration; all of them otherwise.
    pub name: Option<String>,
    /// The configuration file; otherwise the working copy's `.github/automata.yml`.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A program with its arguments, which no configuration needs to name; every effect is allowed to it.
    #[arg(last = true, conflicts_with_all = ["name", "config"])]
    pub program: Vec<String>,
}

/// Arguments of `plugin schema`.
#[derive(Debug, Args)]
pub struct PluginSchema {
    /// Which document.
    #[arg(value_enum)]
    pub of: PluginDocument,
}

/// One of the two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PluginDocument {
    /// What it reads from its standard input.
    Request,
    /// What it writes to its standard output.
    Answer,
}
