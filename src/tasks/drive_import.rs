//! Task kind `drive_import`: brings a document of Drive into the repository by a pull request, and keeps that up to date.

mod branch;
mod content;

use super::{Announcement, Context, Done, files};
use crate::config::PullRequestMode;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::subject::Subject;
use crate::domain::trigger::OpenState;
use crate::domain::watched::DriveKey;
use crate::domain::{input, receipt};
use crate::report::drive;
use crate::services::git::{CommitSheet, PatchLimits};
use crate::services::github::{NewPullRequest, Opened, PullRequest};

use branch::Place;
use content::Document;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let item = context
        .task
        .spec
        .subject
        .item()
        .ok_or_else(|| Failure::permanent("bad_input", "the task is about no file in Drive"))?;
    let input::DriveImport { to, becomes } = context.input()?;
    if let Some(why) = input::unfit_path(&to) {
        return Err(Failure::permanent("bad_input", format!("`to` is no place in the repository: {why}")));
    }
    let mode = context.config.pull_requests.mode;
    if mode == PullRequestMode::None {
        return Done::note("`pull_requests.mode` is `none`, so nothing is brought in", Vec::new());
    }
    let files = files::drive(context)?;
    let document = match content::of(context, &*files.drive, item, (&to, becomes)).await? {
        Ok(document) => document,
        Err(note) => return Done::note(&note, Vec::new()),
    };
    let code = &context.services.code;
    let is_there = code.read(&[&document.path]).await?.pop().flatten();
    if is_there.as_deref() == Some(&document.bytes) {
        return Done::note("the repository has it as it is", Vec::new());
    }
    branch::settle(context).await?;
    if document.varies && is_brought(context, item, &document).await {
        return Done::note("it has not changed since it was brought", Vec::new());
    }
    let place = match branch::find(context, item).await? {
        Ok(place) => place,
        Err(note) => return Done::note(&note, Vec::new()),
    };
    let made = code
        .commit_file(place.base(), (&document.path, &document.bytes), &limits(context), &sheet(&document))
        .await;
    let commit = match (made, place) {
        (Ok(made), place) => branch::push(context, &place, &made).await?,
        // The branch has it, and perhaps nobody opened its pull request yet.
        (Err(failure), Place::On { branch, commit }) if failure.code == "patch_changes_nothing" => {
            receipt::Branch { branch, commit }
        }
        (Err(failure), _) => return Err(failure),
    };
    if mode == PullRequestMode::Branch {
        return Done::with(&commit, Vec::new());
    }
    let pull = open(context, item, &document, &commit, mode).await?;
    let follow_ups = labels(context, &pull)?;
    Done::with(&pull, follow_ups.into_iter().collect())
}

/// What a document is held to: what is protected stays so, and it may be as large as a copy.
fn limits(context: &Context<'_>) -> PatchLimits {
    let bytes = usize::try_from(context.config.drive.limits.copy_mib * 1024 * 1024).unwrap_or(usize::MAX);
    PatchLimits {
        protected: context.config.pull_requests.protected_paths(),
        files: 1,
        lines: usize::MAX,
        bytes: bytes.saturating_mul(2),
        binary_bytes: bytes,
    }
}

/// What a commit says of the state of a document whose bytes do not tell it.
fn state(document: &Document) -> String {
    format!("{} as it was at {}", document.path, document.at)
}

/// Whether the last commit that brought it has this very state of it.
async fn is_brought(context: &Context<'_>, item: DriveKey, document: &Document) -> bool {
    let known = context.journal.state().watched.imports.get(&item).map(|known| known.commit.clone());
    let Some(commit) = known else { return false };
    // A commit that is not there any more tells nothing: then it is brought again.
    let message = context.services.code.message(&commit).await.unwrap_or_default();
    message.lines().any(|line| line == state(document))
}

/// The same document in the same state gives the same commit.
fn sheet(document: &Document) -> CommitSheet {
    let link = document.url.as_deref().filter(|url| drive::is_googles(url));
    let link = link.map(|url| format!("\n\nFrom {url}")).unwrap_or_default();
    let state = if document.varies { format!("\n\n{}", state(document)) } else { String::new() };
    CommitSheet {
        message: format!("{}{link}{state}\n", drive::pull_request_title(&document.name)),
        author: ("automata".to_owned(), "automata@users.noreply.github.com".to_owned()),
        at: document.at,
    }
}

async fn open(
    context: &Context<'_>,
    item: DriveKey,
    document: &Document,
    commit: &receipt::Branch,
    mode: PullRequestMode,
) -> Result<receipt::PullRequest, Failure> {
    let github = &context.services.github;
    let base = context.services.code.default_tip().await?.branch;
    let new = NewPullRequest {
        title: drive::pull_request_title(&document.name),
        body: drive::pull_request(
            item,
            &document.name,
            document.url.as_deref(),
            &document.path,
            &context.task.id,
        ),
        head: commit.branch.clone(),
        base: base.clone(),
        draft: mode != PullRequestMode::Ready,
    };
    let left = |pull: PullRequest| receipt::PullRequest {
        number: pull.number,
        url: pull.url,
        branch: commit.branch.clone(),
        change: None,
        lines: None,
        by: None,
        draft: Some(pull.draft),
        unchecked: false,
    };
    let announcement = Announcement {
        step: "pull_request",
        kind: EffectKind::PullRequest,
        target: format!("{} -> {base}", commit.branch),
        detail: commit.commit.to_string(),
    };
    // One that an attempt of this task announced is closed with its receipt, below.
    if !context.is_open("pull_request") {
        let there = github.pull_requests_from(&commit.branch).await?;
        let is_open = |pull: &PullRequest| pull.state == OpenState::Open && pull.base == base;
        if let Some(open) = there.into_iter().find(is_open) {
            return Ok(left(open));
        }
    }
    context
        .effect(
            announcement,
            async || {
                let found = github.pull_requests_from(&commit.branch).await?;
                Ok(found.into_iter().find(|pull| pull.base == base).map(left))
            },
            async || match github.open_pull_request(&new).await? {
                Opened::Created(pull) | Opened::Exists(pull) => Ok(left(pull)),
            },
        )
        .await
}

/// The task that labels the pull request, where the configuration wants it.
fn labels(context: &Context<'_>, pull: &receipt::PullRequest) -> Result<Option<TaskRequest>, Failure> {
    let add: Vec<String> =
        context.config.pull_requests.labels.iter().map(|label| label.as_str().to_owned()).collect();
    if add.is_empty() {
        return Ok(None);
    }
    let label = input::Label { add, remove: Vec::new(), asked_by: None };
    let payload = Payload::of(&label).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let subject = Subject::Pull(pull.number);
    let request = TaskRequest::new(input::LABEL, subject, payload, "`pull_requests.labels` names them");
    Ok(Some(request.unique(format!("label {subject}"))))
}
