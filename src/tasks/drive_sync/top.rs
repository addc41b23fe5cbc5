//! The folder in Drive that is kept in step, with all below it. What is in it tells most about it: it is asked for
//! itself only where it is empty, or something is to be done.

use std::cell::OnceCell;

use crate::config::DriveRules;
use crate::domain::failure::Failure;
use crate::domain::untrusted::one_line;
use crate::drive::path::{Place, Start};
use crate::services::drive::{Drive, File, FileId, walk};

/// Characters of a name that an error shows.
const NAME: usize = 80;

/// The folder, and what is below it.
pub struct Top {
    /// Its id.
    pub id: FileId,
    /// All below it.
    pub(super) tree: walk::Tree,
    /// The folder itself, where it was asked for.
    file: OnceCell<File>,
}

impl Top {
    /// The id of the folder that a place names, where it names it by its id or by the configuration's word for it alone.
    #[must_use]
    pub fn id_of(place: &str, rules: &DriveRules) -> Option<FileId> {
        let place = Place::parse(place).ok().filter(|place| place.names.is_empty())?;
        match &place.start {
            Start::Id(id) => FileId::parse(id).ok(),
            Start::Folder(name) => FileId::in_link(rules.folders.get(name)?.as_str()),
            Start::Root | Start::Drive(_) => None,
        }
    }

    /// The folder of an id, by what is in it; none where that tells nothing: then look for the folder.
    ///
    /// # Errors
    /// As Drive says, or when there is more than `most`.
    pub async fn by_content(drive: &dyn Drive, id: &FileId, most: usize) -> Result<Option<Self>, Failure> {
        let Some(tree) = walk::below(drive, id, most).await? else { return Ok(None) };
        whole(&tree, id.as_str(), most)?;
        Ok(Some(Self { id: id.clone(), tree, file: OnceCell::new() }))
    }

    /// A folder that was found.
    ///
    /// # Errors
    /// When it does not show what is in it, as Drive says, or when there is more than `most`.
    pub async fn of(drive: &dyn Drive, file: File, most: usize) -> Result<Self, Failure> {
        shows(&file)?;
        let tree = walk::tree(drive, &file, most, false).await?;
        whole(&tree, &file.name, most)?;
        Ok(Self { id: file.id.clone(), tree, file: OnceCell::from(file) })
    }

    /// The folder itself, before anything is done about what is in it: while it goes into the trash, all below it goes
    /// there little by little.
    ///
    /// # Errors
    /// When it does not show what is in it, or as Drive says.
    pub async fn asked(&self, drive: &dyn Drive) -> Result<&File, Failure> {
        let file = match self.file.get() {
            Some(file) => file,
            None => {
                let file = drive.file(&self.id).await?;
                self.file.get_or_init(|| file)
            }
        };
        shows(file)?;
        Ok(file)
    }
}

fn whole(tree: &walk::Tree, name: &str, most: usize) -> Result<(), Failure> {
    if !tree.cut {
        return Ok(());
    }
    let told = format!(
        "Drive did not tell all that is below `{}`, or there is more than {most} things",
        one_line(name, NAME)
    );
    Err(Failure::permanent("drive_tree", told)
        .hint("Nothing was done. Take a folder further down, or raise `drive.limits.files`."))
}

/// Refuses a folder that would look empty without being so: nothing is to go on the other side for that.
fn shows(top: &File) -> Result<(), Failure> {
    let shown = one_line(&top.name, NAME);
    if top.trashed {
        let told = format!("`{shown}` is in the trash of Drive");
        return Err(Failure::permanent("drive_trashed", told).hint(format!(
            "Nothing was done. Restore it with `automata drive restore id:{}`, or name another folder.",
            top.id
        )));
    }
    if top.is_unlistable() {
        let told = format!("the account may not see what is in `{shown}`");
        return Err(Failure::permanent("drive_unlisted", told).hint(
            "Nothing was done. Let the account in at this very folder: its access is limited to those named there.",
        ));
    }
    Ok(())
}
