//! Which tasks a filter on the command line picks.

use crate::app::failure::Ended;
use crate::cli::{self, StatusName, WaitName};
use crate::config;
use crate::domain::id::KindName;
use crate::domain::state::State;
use crate::domain::untrusted::one_line;
use crate::tasks;
use crate::views::board::{Filter, Waiting};

/// Width of a quoted word.
const QUOTE: usize = 60;

/// Whether the command line names anything to pick by.
pub(super) const fn is_empty(filter: &cli::Filter) -> bool {
    filter.status.is_empty() && filter.kind.is_empty() && filter.subject.is_none() && filter.wait.is_empty()
}

/// The filter that the command line asks for.
///
/// # Errors
/// When the subject is none, or neither this version nor any task knows the kind.
pub(super) fn filter(state: &State, asked: &cli::Filter) -> Result<Filter, Ended> {
    let subject = asked.subject.as_deref().map(str::parse).transpose();
    let subject = subject.map_err(|error: crate::domain::subject::NotASubject| {
        Ended::usage(format!("--subject: {error}"), "For example: --subject issue/42")
    })?;
    for kind in &asked.kind {
        let is_there = || state.tasks.values().any(|task| task.spec.kind.as_str() == kind);
        if tasks::find(kind).is_none() && !is_there() {
            let (problem, hint) = unknown_kind(kind);
            return Err(Ended::usage(format!("--kind: {problem}"), hint));
        }
    }
    Ok(Filter {
        statuses: asked.status.iter().map(|status| status_name(*status)).collect(),
        kinds: asked.kind.iter().map(|kind| KindName::new(kind.as_str())).collect(),
        subject,
        waits: asked.wait.iter().map(|wait| waiting(*wait)).collect(),
    })
}

/// What to say of a kind that there is not, and what there is.
pub(super) fn unknown_kind(kind: &str) -> (String, String) {
    let names: Vec<&str> = tasks::REGISTRY.iter().map(|kind| kind.name).collect();
    let meant = config::suggestion(kind, &names).filter(|text| text.starts_with("did you mean"));
    let meant = meant.map(|text| format!(": {text}")).unwrap_or_default();
    let problem = format!("`{}` is no task kind{meant}", one_line(kind, QUOTE));
    (problem, format!("The kinds are {}.", names.join(", ")))
}

const fn status_name(status: StatusName) -> &'static str {
    match status {
        StatusName::Pending => "pending",
        StatusName::Running => "running",
        StatusName::Completed => "completed",
        StatusName::Failed => "failed",
        StatusName::Cancelled => "cancelled",
    }
}

const fn waiting(wait: WaitName) -> Waiting {
    match wait {
        WaitName::Ready => Waiting::Ready,
        WaitName::Scheduled => Waiting::Scheduled,
        WaitName::Retrying => Waiting::Retrying,
        WaitName::Blocked => Waiting::Blocked,
        WaitName::Awaiting => Waiting::Awaiting,
        WaitName::Paused => Waiting::Paused,
        WaitName::Throttled => Waiting::Throttled,
    }
}
