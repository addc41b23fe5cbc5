//! A configuration that cannot be used: what is wrong with it, and where the log lies all the same.

use super::configuration::located;
use super::failure::Ended;
use crate::config::{self, Kept, Problem, StateBranch};
use crate::services::git::remote::Remote;
use crate::services::state::known_logs;

/// A configuration that cannot be used.
pub(super) struct Unusable {
    /// What is wrong, with the places.
    pub(super) problems: Vec<String>,
    /// Where it keeps the log all the same.
    pub(super) state: StateBranch,
    /// Why the log cannot lie there, or why nobody can tell where it lies.
    pub(super) misplaced: Option<String>,
}

impl Unusable {
    /// Finds out where the log lies: where the text says so, else where the only log is that there ever was, else, if the
    /// text does not speak of it, at the usual place. A second log would be worse than none.
    ///
    /// # Errors
    /// When the remote cannot be asked for logs.
    pub(super) async fn of(
        problems: Vec<Problem>,
        text: &str,
        default_branch: &str,
        remote: &dyn Remote,
    ) -> Result<Self, Ended> {
        let located = |problem: &Problem| located(config::PATH, problem);
        let told: Vec<String> = problems.iter().map(located).collect();
        // The file can be read, and what it says of the log is wrong.
        if let Some(wrong) = problems.iter().find(|problem| is_of_the_log(&problem.path)) {
            let misplaced = Some(located(wrong));
            return Ok(Self { problems: told, state: StateBranch::default(), misplaced });
        }
        let kept = config::state_of(text);
        let state = match &kept {
            Kept::At(state) => state.clone(),
            Kept::Unsaid | Kept::Unclear => {
                let logs = known_logs(remote).await.map_err(crate::log::Error::from)?;
                match (logs.first(), logs.len()) {
                    (Some(only), 1) => StateBranch::on(only.clone()),
                    _ if kept == Kept::Unsaid => StateBranch::default(),
                    _ => {
                        let (state, misplaced) = (StateBranch::default(), Some(unclear(&told)));
                        return Ok(Self { problems: told, state, misplaced });
                    }
                }
            }
        };
        let misplaced = config::refused_place(&state, Some(default_branch));
        Ok(Self { problems: told, state, misplaced })
    }
}

fn is_of_the_log(path: &str) -> bool {
    path == "state" || path.starts_with("state.")
}

fn unclear(problems: &[String]) -> String {
    format!("{}; because of that it cannot be told where `state.branch` keeps the log", problems.join("; "))
}
