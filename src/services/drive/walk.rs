//! What takes many lists: all pages of one, a tree of folders, a path of names. Over any Drive.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};

use super::access::Permission;
use super::batch::{Call, Reply};
use super::error::{Class, Error, Reason};
use super::file::File;
use super::id::{DriveId, FileId};
use super::query::{Listing, Query, Term};
use super::{Drive, MOST_IN_A_BATCH, PageToken};

/// Folders listed at a time: as many as keep a connection busy, and far below the quota of a minute.
const AT_ONCE: usize = 8;
/// Folders in folders at most; Drive allows a hundred.
const DEEPEST: usize = 100;

/// What many pages held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// All of it, in the order of the list.
    pub files: Vec<File>,
    /// Whether some may be missing: Drive did not look everywhere, or there was more than was asked for.
    pub incomplete: bool,
}

/// All pages of a list, `most` files at most.
///
/// # Errors
/// Those of [`Drive::list`].
pub async fn all(drive: &dyn Drive, listing: &Listing, most: usize) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut page = None::<PageToken>;
    loop {
        let next = drive.list(listing, page.as_ref()).await?;
        found.incomplete |= next.incomplete;
        found.files.extend(next.items);
        if found.files.len() > most {
            found.files.truncate(most);
            found.incomplete = true;
            return Ok(found);
        }
        match next.next {
            Some(next) => page = Some(next),
            None => return Ok(found),
        }
    }
}

/// Something below a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The names from the folder down to it, its own last. Two may have the same.
    pub path: Vec<String>,
    /// What it is.
    pub file: File,
}

/// Everything below a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// In order of paths, then of ids: a folder comes before what is in it.
    pub entries: Vec<Placed>,
    /// Whether some may be missing: because of one of the two that follow.
    pub incomplete: bool,
    /// Whether Drive did not look everywhere, or there was more than was asked for.
    pub cut: bool,
    /// The folders of which this account does not see what is in them ([`File::is_unlistable`]), as their names from the
    /// topmost down; for that itself none. What is below them is not known to be gone.
    pub unlisted: Vec<Vec<String>>,
}

impl Tree {
    fn sorted(mut self) -> Self {
        self.incomplete = self.cut || !self.unlisted.is_empty();
        self.entries.sort_by(|a, b| (&a.path, &a.file.id).cmp(&(&b.path, &b.file.id)));
        self
    }

    /// Takes in what is in a folder; `below` gets the folders among it.
    fn take(&mut self, path: &[String], found: Found, below: &mut Vec<(Vec<String>, FileId)>) {
        self.cut |= found.incomplete;
        for file in found.files {
            let path: Vec<String> = path.iter().chain([&file.name]).cloned().collect();
            if file.is_unlistable() {
                self.unlisted.push(path.clone());
            } else if file.is_folder() {
                below.push((path.clone(), file.id.clone()));
            }
            self.entries.push(Placed { path, file });
        }
    }
}

/// Everything below a folder, with or without what is in the trash, `most` things at most. Shortcuts are not followed. A shared
/// drive as a whole costs one request for each thousand things, anything else one for each folder.
///
/// # Errors
/// Those of [`Drive::list`].
pub async fn tree(drive: &dyn Drive, top: &File, most: usize, trashed: bool) -> Result<Tree, Error> {
    let place = (&top.id, top.drive.as_ref());
    match &top.drive {
        Some(shared) if shared.folder() == top.id => whole_drive(drive, shared, most, trashed).await,
        _ if top.is_unlistable() => Ok(Tree { unlisted: vec![Vec::new()], ..Tree::default() }.sorted()),
        _ => by_folders(drive, place, None, most, trashed).await.map(Tree::sorted),
    }
}

/// Everything below a folder of which the id alone is known, but for what is in the trash. None where nothing in it tells
/// that it is there: then it is to be asked for itself.
///
/// # Errors
/// Those of [`Drive::list`].
pub async fn below(drive: &dyn Drive, top: &FileId, most: usize) -> Result<Option<Tree>, Error> {
    let found = match all(drive, &Listing::of(inside(top, false), None), most).await {
        Err(error) if error.class == Class::Permanent => return Ok(None),
        found => found?,
    };
    let Some(first) = found.files.first().filter(|file| file.parent.as_ref() == Some(top)) else {
        return Ok(None);
    };
    let tree = match first.drive.clone() {
        None => by_folders(drive, (top, None), Some(found), most, false).await?.sorted(),
        // Only a list of the shared drive itself tells all that is in it.
        Some(shared) if shared.folder() == *top => whole_drive(drive, &shared, most, false).await?,
        Some(shared) => by_folders(drive, (top, Some(&shared)), None, most, false).await?.sorted(),
    };
    Ok(Some(tree).filter(|tree| !tree.entries.is_empty()))
}

/// All of a shared drive, from its topmost folder down.
async fn whole_drive(drive: &dyn Drive, shared: &DriveId, most: usize, trashed: bool) -> Result<Tree, Error> {
    let terms = (!trashed).then_some(Term::Trashed(false));
    let listing = Listing::of(Query::all(terms), Some(shared.clone()));
    let found = all(drive, &listing, most).await?;
    let entries = placed(&shared.folder(), found.files);
    let shut = entries.iter().filter(|placed| placed.file.is_unlistable());
    let unlisted = shut.map(|placed| placed.path.clone()).collect();
    Ok(Tree { entries, cut: found.incomplete, unlisted, ..Tree::default() }.sorted())
}

/// What is directly in a folder, `most` things at most.
///
/// # Errors
/// Those of [`Drive::list`]; and where it is not for us to see.
pub async fn children(drive: &dyn Drive, folder: &File, most: usize, trashed: bool) -> Result<Found, Error> {
    if folder.is_unlistable() {
        return Err(Error::unlistable(folder));
    }
    all(drive, &Listing::of(inside(&folder.id, trashed), folder.drive.clone()), most).await
}

fn inside(folder: &FileId, trashed: bool) -> Query {
    if trashed { Query::all([Term::In(folder.clone())]) } else { Query::children(folder.clone()) }
}

/// By one list for each folder; `first` is that of the topmost, where it is known already.
async fn by_folders(
    drive: &dyn Drive,
    (top, shared): (&FileId, Option<&DriveId>),
    first: Option<Found>,
    most: usize,
    trashed: bool,
) -> Result<Tree, Error> {
    let mut tree = Tree::default();
    let mut level = Vec::new();
    match first {
        Some(found) => tree.take(&[], found, &mut level),
        None => level.push((Vec::new(), top.clone())),
    }
    for _ in 0..DEEPEST {
        let listings = level.iter().map(|(path, folder)| async move {
            let listing = Listing::of(inside(folder, trashed), shared.cloned());
            all(drive, &listing, most).await.map(|found| (path, found)).map_err(|error| went(path, error))
        });
        let found: Vec<_> = stream::iter(listings).buffered(AT_ONCE).collect().await;
        let mut below = Vec::new();
        for result in found {
            let (path, found) = result?;
            tree.take(path, found, &mut below);
        }
        if tree.entries.len() > most {
            tree.entries.truncate(most);
            tree.cut = true;
            return Ok(tree);
        }
        if below.is_empty() {
            return Ok(tree);
        }
        level = below;
    }
    tree.cut = true;
    Ok(tree)
}

/// A folder that a list has just shown, and that is missing when it is looked into, went meanwhile: the next look does not
/// find it any more.
fn went(path: &[String], error: Error) -> Error {
    if path.is_empty() || !error.is_missing() {
        return error;
    }
    Error { class: Class::Transient, ..error }.hint("It was there a moment ago: the next try looks again.")
}

/// Files by the folders that hold them, from the topmost down. What hangs on a folder that we do not see is left out.
fn placed(top: &FileId, files: Vec<File>) -> Vec<Placed> {
    let mut children: BTreeMap<FileId, Vec<File>> = BTreeMap::new();
    for file in files {
        if let Some(parent) = file.parent.clone() {
            children.entry(parent).or_default().push(file);
        }
    }
    let mut entries = Vec::new();
    let mut open = vec![(Vec::new(), top.clone())];
    while let Some((above, folder)) = open.pop() {
        // Taken out, so that folders that hold each other do not go round for ever.
        for file in children.remove(&folder).unwrap_or_default() {
            let mut path: Vec<String> = above.clone();
            path.push(file.name.clone());
            if file.is_folder() {
                open.push((path.clone(), file.id.clone()));
            }
            entries.push(Placed { path, file });
        }
    }
    entries
}

/// Who may do what with each of these, many in one request; none of what we may not see that of.
///
/// # Errors
/// As Drive says, but for such a refusal: who only reads may not see who else does.
pub async fn grants(drive: &dyn Drive, ids: &[FileId]) -> Result<Vec<Option<Vec<Permission>>>, Error> {
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(MOST_IN_A_BATCH) {
        let calls: Vec<Call> = some.iter().cloned().map(Call::Permissions).collect();
        for answer in drive.batch(&calls).await? {
            all.push(match answer {
                Ok(Reply::Permissions(permissions)) => Some(permissions),
                Ok(_) => None,
                Err(error) if error.class == Class::Permanent && error.reason != Reason::Nonsense => None,
                Err(error) => return Err(error),
            });
        }
    }
    Ok(all)
}

/// Where a path of names leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Led {
    /// To this.
    To(Box<File>),
    /// Nowhere: the name at this place is missing. What is there of the path ends at `last`.
    Missing {
        /// The place of the missing name, from 0.
        at: usize,
        /// The last folder that is there.
        last: Box<File>,
    },
    /// To several at once: names are not unique in Drive. Choose one by its id.
    Several {
        /// The place of the name, from 0.
        at: usize,
        /// What has it.
        files: Vec<File>,
    },
}

/// Follows names from a folder down. All but the last lead through folders. A search by name lags behind what was
/// written: whether something exists that we made ourselves is asked by its id.
///
/// # Errors
/// Those of [`Drive::list`]; and where the way leads through a folder of which we do not see what is in it: what is not
/// found there may be there.
pub async fn follow(drive: &dyn Drive, top: &File, names: &[String]) -> Result<Led, Error> {
    let mut here = top.clone();
    for (at, name) in names.iter().enumerate() {
        if here.is_unlistable() {
            return Err(Error::unlistable(&here));
        }
        let is_last = at + 1 == names.len();
        let terms = [Term::In(here.id.clone()), Term::NameIs(name.clone()), Term::Trashed(false)];
        let found = all(drive, &Listing::of(Query::all(terms), top.drive.clone()), 50).await?;
        let mut files: Vec<File> =
            found.files.into_iter().filter(|file| is_last || file.is_folder()).collect();
        match files.len() {
            0 => return Ok(Led::Missing { at, last: Box::new(here) }),
            1 => here = files.remove(0),
            _ => return Ok(Led::Several { at, files }),
        }
    }
    Ok(Led::To(Box::new(here)))
}
