//! Task kind `drive_folder`: makes the folder of an issue, or of its milestone, in Drive.

use super::files::waits;
use super::{Context, Done, Files, comment, files, lodge, place};
use crate::domain::failure::Failure;
use crate::domain::template::Template;
use crate::domain::{input, receipt};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let wanted: input::DriveFolder = context.input()?;
    let files = files::drive(context)?;
    let Some(issue) = context.services.github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    if wanted.milestone && issue.milestone.is_none() {
        return Done::note("the issue is planned for no milestone", Vec::new());
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
    let known = context.journal.state().issues.get(&number).and_then(|issue| issue.folder.clone());
    let key = wanted.milestone.then(|| format!("{} {milestone}", wanted.folder));
    if let Some(known) = known.filter(|known| known.made.key == key)
        && is_there(context, files, &known.made).await?
    {
        return Done::with(&known.made, comment::refresh(&context.task));
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
    Done::with(&receipt, comment::refresh(&context.task))
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
