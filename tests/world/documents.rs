//! A whole outside with documents: GitHub and git, and a shared drive with a folder that is watched.

use std::sync::Arc;
use std::time::Duration;

use super::drive::{DriveWorld, SERVICE_ACCOUNT};
use super::stage::Stage;

/// Who organises the shared drive.
pub(crate) const MONA: &str = "mona@acme.example";
/// A member of it.
pub(crate) const OTTO: &str = "otto@acme.example";

/// Longer than the time between two looks.
const A_WHILE: Duration = Duration::from_secs(20 * 60);

/// See the file's first line.
pub(crate) struct Documents {
    pub(crate) stage: Stage,
    pub(crate) drive: DriveWorld,
    /// The shared drive.
    pub(crate) team: String,
    /// Its folder `docs`.
    pub(crate) docs: String,
}

impl Documents {
    /// With these lines in the configuration, after those about Drive.
    pub(crate) async fn configured(rules: &str) -> Self {
        let stage = Stage::start().await;
        let drive = DriveWorld::start_by(Arc::clone(&stage.github.clock()) as _);
        let members = [(MONA, "organizer"), (OTTO, "writer"), (SERVICE_ACCOUNT, "fileOrganizer")];
        let team = drive.make_drive("Team", &members);
        let docs = drive.folder(MONA, &team, "docs");
        stage.lends(&drive).await;
        let documents = Self { stage, drive, team, docs };
        documents.configure(rules);
        documents
    }

    /// Other lines in the configuration.
    pub(crate) fn configure(&self, rules: &str) {
        self.configure_with("", "", rules);
    }

    /// With more people that are known, and other limits.
    pub(crate) fn configure_with(&self, people: &str, limits: &str, rules: &str) {
        let yaml = format!(
            "drive:\n  folders: {{docs: {}}}\n  people: {{mona: {MONA}, otto: {OTTO}{people}}}\n  watch: {{folders: [docs]}}\n  limits: {{{limits}}}\n{rules}",
            self.docs
        );
        self.stage.put_file(".github/automata.yml", &yaml);
    }

    /// A while later a run without an event.
    pub(crate) async fn looks(&self) -> automata::app::Report {
        self.stage.lets_pass(A_WHILE);
        self.stage.drain().await
    }

    /// As [`Documents::looks`], and the run is killed when its `push`th push (from 1) is about to arrive.
    pub(crate) async fn looks_killed_at_push(&self, push: usize) {
        self.stage.lets_pass(A_WHILE);
        assert!(self.stage.drain_killed_at_push(push).await, "there is no push {push}");
        self.stage.github.set_run(self.stage.last_run(), 1, "completed");
    }

    /// What did not work, a sentence each.
    pub(crate) async fn troubles(&self) -> Vec<String> {
        use automata::domain::task::Status;
        let state = self.stage.state().await;
        let told = state.tasks.values().filter_map(|task| match &task.status {
            Status::Failed { failure, .. } => Some(format!("{}: {failure}", task.spec.kind)),
            Status::Pending { last_failure: Some(failure), .. } => {
                Some(format!("{}: {failure}", task.spec.kind))
            }
            _ => None,
        });
        told.collect()
    }

    /// Every change in Drive that was recorded, a line each.
    pub(crate) async fn changes(&self) -> String {
        let told = self.stage.told().await;
        told.iter().filter_map(|line| line.strip_prefix("in Drive ")).collect::<Vec<_>>().join("\n")
    }
}
