//! Asks for another run when this one ran out of time and left work that is ready.

use serde::Serialize;

use super::limits;
use super::session::Session;
use super::world::World;
use crate::domain::event::Event;
use crate::domain::failure::Failure;
use crate::domain::id::RepositoryName;
use crate::domain::time::Timestamp;
use crate::queue::{self, Hands};

/// Where GitHub wants workflow files to be.
const WORKFLOWS: &str = ".github/workflows/";

/// The workflow that this run is a run of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// The file's name below `.github/workflows`.
    file: String,
    /// The branch or tag that it runs on; none where it is neither, as for a pull request's merge.
    reference: Option<String>,
}

impl Workflow {
    /// Reads the value of `GITHUB_WORKFLOW_REF`: `acme/widgets/.github/workflows/automata.yml@refs/heads/main`.
    /// Nothing when the workflow is another repository's, which cannot be started here.
    #[must_use]
    pub fn parse(text: &str, repository: &RepositoryName) -> Option<Self> {
        let (path, reference) = text.split_once('@')?;
        let mut parts = path.splitn(3, '/');
        let (owner, name) = (parts.next()?, parts.next()?);
        let ours =
            owner.eq_ignore_ascii_case(repository.owner()) && name.eq_ignore_ascii_case(repository.name());
        let file = parts.next()?.strip_prefix(WORKFLOWS)?;
        let reference =
            ["refs/heads/", "refs/tags/"].into_iter().find_map(|prefix| reference.strip_prefix(prefix));
        (ours && !file.is_empty())
            .then(|| Self { file: file.to_owned(), reference: reference.map(str::to_owned) })
    }
}

/// Who goes on with what a run left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Successor {
    /// A run that GitHub was asked for.
    Started,
    /// The next run that something else starts.
    Left,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Called {
    pub(super) successor: Successor,
    /// One sentence or two for a person.
    pub(super) note: String,
}

/// To be called when the queue was worked through: asks GitHub to start the same workflow again when the run
/// stopped at its `deadline` and left work that is ready. Nothing when it stopped for want of work. What
/// GitHub answers is no failure of this run: all is recorded, and any later run goes on with it.
pub(super) async fn call(session: &Session, world: &World, deadline: Timestamp) -> Option<Called> {
    let limits = limits::of(&world.config);
    let rules = &world.config.limits;
    let hands = Hands { all: rules.tasks_at_once, heavy: rules.heavy_at_once };
    let now = session.now();
    if now < deadline || queue::plan(&session.state(), now, &limits, hands).is_empty() {
        return None;
    }
    let why = "Time ran out with work left.";
    Some(match start(session, world).await {
        Ok(()) => {
            let note = format!("{why} GitHub was asked for another run, which goes on with it.");
            Called { successor: Successor::Started, note }
        }
        Err(failure) => {
            let hint = failure.hint.as_deref().map(|hint| format!(" {hint}")).unwrap_or_default();
            let note =
                format!("{why} The next run goes on with it; none could be started now: {failure}.{hint}");
            Called { successor: Successor::Left, note }
        }
    })
}

async fn start(session: &Session, world: &World) -> Result<(), Failure> {
    let workflow = world.workflow.as_ref().ok_or_else(|| {
        Failure::permanent("no_workflow", "outside of a workflow of this repository there is none to start")
    })?;
    // A run that gets nothing done would call the next one for ever.
    let (events, _) = session.written();
    if !events.iter().any(|envelope| matches!(envelope.recorded.event, Event::TaskClaimed(_))) {
        return Err(Failure::permanent("nothing_done", "this run had no time to begin anything"));
    }
    let reference = match &workflow.reference {
        Some(reference) => reference.clone(),
        None => world.services.code.default_tip().await?.branch,
    };
    world.services.github.dispatch_workflow(&workflow.file, &reference).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workflow_is_known_by_its_file_and_its_branch_or_tag() {
        let widgets = RepositoryName::parse("acme/widgets").unwrap();
        let read = |text: &str| {
            let workflow = Workflow::parse(text, &widgets)?;
            Some((workflow.file, workflow.reference.unwrap_or_else(|| "-".to_owned())))
        };
        let some = |file: &str, reference: &str| Some((file.to_owned(), reference.to_owned()));
        for (text, seen) in [
            ("acme/widgets/.github/workflows/a.yml@refs/heads/main", some("a.yml", "main")),
            ("Acme/Widgets/.github/workflows/a.yml@refs/heads/a/b@c", some("a.yml", "a/b@c")),
            ("acme/widgets/.github/workflows/a.yml@refs/tags/v1", some("a.yml", "v1")),
            ("acme/widgets/.github/workflows/a.yml@refs/pull/7/merge", some("a.yml", "-")),
            ("acme/policies/.github/workflows/a.yml@refs/heads/main", None),
            ("acme/widgets/.github/workflows/@refs/heads/main", None),
            ("acme/widgets/a.yml@refs/heads/main", None),
            ("acme/widgets", None),
            ("", None),
        ] {
            assert_eq!(read(text), seen, "{text}");
        }
    }
}
