//! Task kind `drive_folder`: makes the folder of an issue, or of its milestone, in Drive.

use super::files::waits;
use super::{Context, Done, Files, comment, drive_share, files, lodge, place};
use crate::domain::failure::Failure;
use crate::domain::template::Template;
use crate::domain::{input, receipt};
use crate::services::drive::Role;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let wanted: input::DriveFolder = context.input()?;
    let files = files::drive(context)?;
    let Some(issue) = context.services.github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    let known = context.journal.state().issues.get(&number).and_then(|issue| issue.folder.clone());
    if wanted.milestone && issue.milestone.is_none() {
        // Who was let into a milestone's folder because of an issue that is planned for it no more loses that.
        let is_shared = known.is_some_and(|known| known.made.key.is_some() && !known.shared.is_empty());
        let follow_ups = is_shared.then(|| drive_share::asked(context, Role::Reader, None)).transpose()?;
        return Done::note("the issue is planned for no milestone", follow_ups.into_iter().collect());
    }
    let milestone = issue.milestone.clone().unwrap_or_default();
    let template = Template::parse(&wanted.name, &input::FOLDER_NAMES)
        .map_err(|error| Failure::permanent("bad_name", error.to_string()))?;
    let name = lodge::name_of(&template.expand(|name| match name {
        "number" if wanted.milestone => String::new(),
        "number" => number.to_string(),
        "title" if wanted.milestone => milestone.clone(),
        "title" => issue.title.clone(),
        _ => milestone.clone(),
    }));
    let key = wanted.milestone.then(|| format!("{} {milestone}", wanted.folder));
    if let Some(known) = known.filter(|known| known.made.key == key)
        && is_there(context, files, &known.made).await?
    {
        return ended(context, &known.made);
    }
    let parent = place::folder(&*files.drive, &context.config.drive, &wanted.folder).await?;
    // Another issue of the milestone may have made it.
    let made = key.as_ref().and_then(|key| context.journal.state().watched.folders.get(key).cloned());
    let id = match &made {
        Some(made) if is_there(context, files, made).await? => lodge::id_of(made.id)?,
        _ => {
            let mut drawn = lodge::ids(context, files, std::slice::from_ref(&name)).await?;
            drawn.remove(&name).ok_or_else(|| Failure::transient("drive", "Drive gave no id"))?
        }
    };
    let receipt: receipt::DriveFolder =
        lodge::folder_with(context, files, &id, (&parent.id, &name), key).await?;
    ended(context, &receipt)
}

fn ended(context: &Context<'_>, made: &receipt::DriveFolder) -> Result<Done, Failure> {
    let mut follow_ups = drive_share::after_moving(context, context.issue()?)?;
    follow_ups.extend(comment::refresh(&context.task));
    Done::with(made, follow_ups)
}

/// Whether a folder that was made is still there: in the trash it holds nothing for anybody.
async fn is_there(
    context: &Context<'_>,
    files: &Files,
    made: &receipt::DriveFolder,
) -> Result<bool, Failure> {
    match files.drive.file(&lodge::id_of(made.id)?).await {
        Ok(file) => Ok(!file.trashed),
        Err(error) if error.is_missing() => Ok(false),
        Err(error) => Err(waits(context, error)),
    }
}
