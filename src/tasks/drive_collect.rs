//! Task kind `drive_collect`: copies the assets of a release, or the artifacts of a workflow run, into a folder in Drive.

use super::drive_attach::copy_all;
use super::{Context, Done, comment, files, lodge, place};
use crate::domain::failure::Failure;
use crate::domain::input::{Collected, DriveCollect, DriveCollected};
use crate::domain::subject::Subject;
use crate::services::github::{MadeFile, Source};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let DriveCollect { from, folder, name, branch } = context.input()?;
    let files = files::drive(context)?;
    let made = match from {
        Collected::Release { id } => context.services.github.assets(id).await?,
        Collected::Run { id } => context.services.github.artifacts(id).await?,
    };
    let Some(made) = made else { return Done::note("it is gone", Vec::new()) };
    if made.is_empty() {
        return Done::note("it has no files", Vec::new());
    }
    let parent = place::folder(&*files.drive, &context.config.drive, &folder).await?;
    // Before anything is made: a folder takes no storage, what goes into it does.
    files::has_room(context, files, &parent, 1).await?;
    let name = lodge::name_of(&name);
    let wanted: Vec<(Source, String)> = made
        .into_iter()
        .map(|MadeFile { source, name, .. }| {
            let name = lodge::name_of(&name);
            (source, name)
        })
        .collect();
    let mut drawn = lodge::ids(context, files, std::slice::from_ref(&name)).await?;
    let id = drawn.remove(&name).ok_or_else(|| Failure::transient("drive", "Drive gave no id"))?;
    let made = lodge::folder_with(context, files, &id, (&parent.id, &name), None).await?;
    let lies_in = made.url.clone();
    let copied = copy_all(context, files, &lodge::id_of(made.id)?, &wanted).await?;
    let issue = branch.and_then(|branch| context.journal.state().issue_of_branch(&branch));
    let told = issue.map(|number| comment::refresh_of(Subject::Issue(number))).unwrap_or_default();
    Done::with(&DriveCollected { name, lies_in, copied: copied.copied, left: copied.left }, told)
}
