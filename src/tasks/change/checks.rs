//! Runs the configured checks of a change: in a fresh folder with its files, confined, without any token.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::config::CheckRule;
use crate::domain::failure::Failure;
use crate::domain::input::Checked;
use crate::services::git::ProposedCommit;
use crate::services::process::{Ended, Exit, Limits, Order, Programs, Room};
use crate::tasks::Context;

/// Lines of a failed check's output that are kept: the end, where programs say what was wrong.
const LINES: usize = 40;
/// Bytes of them: they go into the log, the pull request and the next prompt.
const BYTES: usize = 4_000;

/// What the checks say of a change, in their order. All of them run in one folder, as they would on somebody's machine,
/// but never in the one that an assistant worked in: what is checked is what is pushed.
///
/// # Errors
/// When the folder cannot be laid out, or no program can be started here at all. A check that fails is no failure.
pub(in crate::tasks) async fn run(
    context: &Context<'_>,
    change: &ProposedCommit,
) -> Result<Vec<Checked>, Failure> {
    let rules = &context.config.checks;
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let programs = context.services.programs.as_ref().ok_or_else(|| {
        Failure::permanent("no_programs", "checks are configured, and no program can be started here")
            .hint("Run Automata on Linux or macOS, or take `checks` out of the configuration.")
    })?;
    let work_tree = context.services.code.check_out(Some(&change.commit)).await?;
    let folder = work_tree.path();
    let folder = folder.canonicalize().unwrap_or(folder);
    let mut checked = Vec::with_capacity(rules.len());
    for rule in rules {
        checked.push(one(programs, rule, folder.clone()).await?);
    }
    Ok(checked)
}

async fn one(programs: &Arc<dyn Programs>, rule: &CheckRule, folder: PathBuf) -> Result<Checked, Failure> {
    let room = Room::new().map_err(|error| {
        Failure::transient("no_room", format!("no temporary folder could be made: {error}"))
    })?;
    let time = Duration::from_secs(rule.minutes * 60);
    let order = Order {
        program: vec!["sh".to_owned(), "-c".to_owned(), rule.run.clone()],
        folder,
        environment: BTreeMap::new(),
        stdin: Vec::new(),
        time,
        limits: Limits::default(),
        network: rule.network,
        readable: Vec::new(),
        required: false,
    };
    let ended = programs.run(&order, &room).await?;
    let passed = ended.exit == Exit::Code(0);
    let tail = if passed { String::new() } else { tail(&ended, rule) };
    Ok(Checked { name: rule.name.clone(), passed, tail })
}

/// How the check ended, below the last lines of what it printed.
fn tail(ended: &Ended, rule: &CheckRule) -> String {
    let how = match ended.exit {
        Exit::Code(code) => format!("It ended with {code}."),
        Exit::Signal(signal) => format!("It was ended by signal {signal}."),
        Exit::Outgrown => "It held more memory than it may and was ended.".to_owned(),
        Exit::TimedOut => format!("It was not done within {} minutes and was ended.", rule.minutes),
    };
    let mut printed = ended.stdout.text();
    if !printed.is_empty() && !printed.ends_with('\n') {
        printed.push('\n');
    }
    printed.push_str(&ended.stderr.text());
    let mut kept = last(&printed);
    if !kept.is_empty() {
        kept.push('\n');
    }
    kept + &how
}

/// The last lines, as text that can be shown.
fn last(printed: &str) -> String {
    let shown: String = printed.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let lines: Vec<&str> = shown.trim_end().lines().collect();
    let kept = lines[lines.len().saturating_sub(LINES)..].join("\n");
    let mut from = kept.len().saturating_sub(BYTES);
    while !kept.is_char_boundary(from) {
        from += 1;
    }
    kept[from..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_long_output_is_kept_and_escapes_are_not() {
        let printed: String = (0..100).map(|n| format!("\u{1b}[31mline {n}\u{1b}[0m\r\n")).collect();
        let kept = last(&printed);
        assert_eq!(kept.lines().count(), LINES);
        assert!(kept.starts_with("[31mline 60[0m\n") && kept.ends_with("line 99[0m"), "{kept}");
        assert!(last(&"ü".repeat(BYTES)).len() <= BYTES);
        assert_eq!(last("\n\n"), "");
    }
}
