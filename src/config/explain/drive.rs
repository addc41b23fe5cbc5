//! What the rules do between Google Drive, issues and the repository, in words.

use crate::config::drive_actions::{FolderPer, IssuePer};
use crate::config::rule::Action;

/// One clause for an action; nothing for those that have nothing to do with Drive.
pub(super) fn then(action: &Action) -> String {
    match action {
        Action::Issue(issue) => {
            let about = match issue.per {
                IssuePer::File => "it",
                IssuePer::Folder => "its folder",
            };
            format!("say so in the one open issue about {about}, `{}`", issue.title.as_str())
        }
        Action::Import(import) => {
            let becomes =
                import.becomes.map_or_else(String::new, |becomes| format!(" as {}", becomes.format().word()));
            format!("bring it into the repository by a pull request{becomes}, to `{}`", import.to.as_str())
        }
        Action::Task(task) => format!("enqueue a task of the kind `{}`", task.kind.0),
        Action::Folder(folder) => {
            let whose = match folder.per {
                FolderPer::Issue => "the issue",
                FolderPer::Milestone => "its milestone",
            };
            format!(
                "make a folder for {whose} in Drive, `{}` in `{}`",
                folder.name.as_str(),
                folder.within.as_str()
            )
        }
        Action::Attach => "copy what is attached into the issue's folder in Drive".to_owned(),
        Action::Share(_) => "let those who are assigned into the issue's folder in Drive".to_owned(),
        Action::Collect(collect) => {
            format!("copy what was made into Drive, to `{}`", collect.within.as_str())
        }
        _ => String::new(),
    }
}
