//! How large the next attempt at an issue may be, after one whose pull request was closed without being merged.

use super::state::IssueState;

/// What every next attempt may change: less than that is no bound that anybody can keep to.
const LEAST: usize = 10;

impl IssueState {
    /// Lines that the next attempt's change may add and remove, together: half of what the pull request was opened with
    /// that somebody closed, though never less than ten. None where that does not bound it, or its size is not known.
    #[must_use]
    pub fn most_lines_next(&self) -> Option<usize> {
        self.fate.end.as_ref().filter(|end| !end.merged)?;
        let pull = self.pull_request.as_ref().filter(|pull| pull.by.is_none())?;
        pull.lines.map(|lines| (lines / 2).max(LEAST))
    }
}
