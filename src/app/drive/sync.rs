//! `automata drive sync`: looks at both sides, makes the plan, and carries it out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::super::failure::{Ended, Kind};
use super::content::{Watched, upload};
use super::tree::{self, Leaf};
use super::{Desk, ended};
use crate::cli::DriveSync;
use crate::domain::count::counted;
use crate::domain::untrusted::one_line;
use crate::drive::path::joined;
use crate::drive::sync::{Base, Direction, Entry, Left, Plan, Rules, Side, Step, Tree, plan};
use crate::drive::{local, mime};
use crate::services::drive::transfer::Bytes;
use crate::services::drive::{
    Call, Content, Error, File, FileId, FileUpdate, MOST_IDS, MOST_IN_A_BATCH, NewFile, Reason, UploadTarget,
    Wanted,
};
use crate::services::folder::{self, FoundKind};

/// Files that are carried at a time.
const AT_ONCE: usize = 8;
/// Width of a line about something.
const WIDE: usize = 120;

/// What is kept in step, and how.
struct Task {
    folder: PathBuf,
    place: String,
    rules: Rules,
}

fn task(desk: &Desk, arguments: &DriveSync) -> Result<Task, Ended> {
    let named = arguments.what.to_str().and_then(|name| desk.rules.sync.get(name));
    let most = arguments.most_deletions.unwrap_or(desk.rules.limits.deletions);
    let (folder, place, direction, delete) = match (&arguments.place, named) {
        (Some(place), _) => (arguments.what.clone(), place.clone(), Direction::Up, false),
        (None, Some(rule)) => (
            PathBuf::from(rule.path.as_str()),
            rule.drive.as_str().to_owned(),
            rule.direction.into(),
            rule.delete,
        ),
        (None, None) => {
            let known: Vec<&str> = desk.rules.sync.keys().map(String::as_str).collect();
            let hint = match &known[..] {
                [] => "Say which folder in Drive: automata drive sync FOLDER PLACE".to_owned(),
                known => {
                    format!("The configuration has: {}. Or say which folder in Drive.", known.join(", "))
                }
            };
            let told = format!("there is no `{}` under `drive.sync`", arguments.what.display());
            return Err(Ended::usage(told, hint));
        }
    };
    let direction = if arguments.down { Direction::Down } else { direction };
    let rules = Rules { direction, delete: delete || arguments.delete, most_deletions: most };
    Ok(Task { folder, place, rules })
}

pub(super) async fn sync(desk: &Desk, arguments: &DriveSync) -> Result<ExitCode, Ended> {
    let task = task(desk, arguments)?;
    if !task.folder.is_dir() {
        return Err(Ended::usage(
            format!("{} is no folder", task.folder.display()),
            "Name a folder that is there; make one to fetch into.",
        ));
    }
    let top = desk.finder().folder(&task.place).await?;
    let leaves = tree::walk(&desk.finder(), &top, false, desk.rules.limits.files).await?;
    let files = by_path(&leaves);
    let drive = remote(&leaves);
    let here = here(&task.folder, &drive)?;
    let plan = plan(&here, &drive, &Base::new(), task.rules).map_err(|error| Ended {
        kind: Kind::Work,
        message: error.to_string(),
        hints: vec![
            "Nothing was done. If they are to go: --most-deletions COUNT. If not, look whether the right folders are \
             named; --dry-run shows the plan."
                .to_owned(),
        ],
    })?;
    let work = Work { desk, folder: &task.folder, top: &top, files };
    let failed = if arguments.dry_run { Vec::new() } else { work.carry_out(&plan).await? };
    tell(desk, &plan, &failed, arguments.dry_run)?;
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(Kind::Work.exit_code()) })
}

/// Files of Drive by their paths; of several with one path, none.
fn by_path(leaves: &[Leaf]) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    for leaf in leaves {
        files.insert(leaf.path.clone(), leaf.file.clone());
    }
    files
}

/// Drive's side as the plan wants it.
fn remote(leaves: &[Leaf]) -> Tree {
    let mut tree = Tree::new();
    for leaf in leaves {
        let file = &leaf.file;
        let entry = if let Some(why) = local::unfit(&file.name) {
            Entry::Other(why.to_owned())
        } else if file.is_folder() {
            Entry::Folder
        } else if !file.has_content() {
            Entry::Other("it is a Google document or a shortcut, which has no bytes; `automata drive export` fetches it".to_owned())
        } else if let (Some(size), Some(md5)) = (file.size, file.checksums.md5.clone()) {
            Entry::File { size, md5 }
        } else {
            Entry::Other("Drive tells no checksum of it".to_owned())
        };
        if tree.insert(leaf.path.clone(), entry).is_some() {
            let why =
                "several things in Drive have this name: rename or remove all but one of them, by their ids";
            tree.insert(leaf.path.clone(), Entry::Other(why.to_owned()));
        }
    }
    tree
}

/// This machine's side. What lies below a Google document's or a doubled folder's path is told there. Files are summed
/// up only where their size leaves it open whether they are the same.
fn here(folder: &Path, drive: &Tree) -> Result<Tree, Ended> {
    let unreadable = |path: &Path, error: &std::io::Error| Ended {
        kind: Kind::Work,
        message: format!("{} cannot be read: {error}", path.display()),
        hints: vec!["Nothing was done. Look at who may read it.".to_owned()],
    };
    let mut tree = Tree::new();
    for found in folder::walk(folder).map_err(|error| unreadable(folder, &error))? {
        let path = joined(&found.names);
        let unfit = found.names.last().and_then(|name| local::unfit(name));
        let entry = match found.kind {
            _ if unfit.is_some() => Entry::Other(unfit.unwrap_or_default().to_owned()),
            FoundKind::Folder => Entry::Folder,
            FoundKind::Other(why) => Entry::Other(why.to_owned()),
            FoundKind::File(size) => {
                let open =
                    matches!(drive.get(&path), Some(Entry::File { size: other, .. }) if *other == size);
                let place = folder::place(folder, &found.names);
                let md5 = if open {
                    folder::md5(&place).map_err(|error| unreadable(&place, &error))?
                } else {
                    String::new()
                };
                Entry::File { size, md5 }
            }
        };
        tree.insert(path, entry);
    }
    Ok(tree)
}

/// A plan at work.
struct Work<'a> {
    desk: &'a Desk,
    folder: &'a Path,
    top: &'a File,
    files: BTreeMap<String, File>,
}

/// A path of the plan: the folder above, and the last name as it is.
fn split(path: &str) -> (&str, String) {
    // Slashes of names are escaped, so a bare one parts names.
    let bare = |(at, _): &(usize, &str)| !path[..*at].ends_with('\\');
    let (above, name) = match path.rmatch_indices('/').find(bare) {
        Some((at, _)) => (&path[..at], &path[at + 1..]),
        None => ("", path),
    };
    (above, unescaped(name))
}

fn unescaped(name: &str) -> String {
    let (mut text, mut letters) = (String::new(), name.chars());
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

impl Work<'_> {
    /// Where a path of the plan lies here.
    fn here(&self, path: &str) -> PathBuf {
        // What has a slash in its name never comes this far.
        path.split('/').fold(self.folder.to_owned(), |place, name| place.join(unescaped(name)))
    }

    /// Carries the plan out; gives what could not be done. What one file cannot, the others still can.
    async fn carry_out(&self, plan: &Plan) -> Result<Vec<Left>, Ended> {
        let mut failed = Vec::new();
        let mut ids = self.fresh_ids(plan).await?.into_iter();
        let mut folders: BTreeMap<String, FileId> = BTreeMap::from([(String::new(), self.top.id.clone())]);
        folders.extend(
            self.files
                .iter()
                .filter(|(_, file)| file.is_folder())
                .map(|(path, file)| (path.clone(), file.id.clone())),
        );
        let left = |path: &str, why: String| Left { path: path.to_owned(), why };
        let mut copies = Vec::new();
        let mut trashed = Vec::new();
        for step in &plan.steps {
            match step {
                Step::MakeFolder { on: Side::Here, path } => {
                    if let Err(error) = std::fs::create_dir(self.here(path)) {
                        failed.push(left(path, error.to_string()));
                    }
                }
                Step::MakeFolder { on: Side::Drive, path } => {
                    let (above, name) = split(path);
                    let made = match (folders.get(above), ids.next()) {
                        (Some(parent), Some(id)) => {
                            let new = NewFile::folder(id, &name, parent.clone());
                            self.desk.drive.create(&new).await.map(|created| created.file().id)
                        }
                        _ => Err(Error::new(Reason::NotFound, "the folder above it could not be made")),
                    };
                    match made {
                        Ok(id) => {
                            folders.insert(path.clone(), id);
                        }
                        Err(error) => failed.push(left(path, error.to_string())),
                    }
                }
                Step::Copy { to, path, replaces, .. } => {
                    let id = if *to == Side::Drive && !replaces { ids.next() } else { None };
                    copies.push((*to, path.clone(), id));
                }
                Step::Remove { from, path } => trashed.push((*from, path.clone())),
            }
        }
        let folders = &folders;
        let done: Vec<Result<(), Left>> = futures_util::stream::iter(copies)
            .map(|(to, path, id)| async move {
                let result = match to {
                    Side::Here => self.fetch(&path).await,
                    Side::Drive => self.send(&path, id, folders).await,
                };
                result.map_err(|error| Left { path, why: told(&error) })
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        failed.extend(done.into_iter().filter_map(Result::err));
        // What goes, goes only when everything else has come through.
        if failed.is_empty() {
            failed.extend(self.remove(trashed).await);
        } else {
            let why = || "it stays, because something else could not be done".to_owned();
            failed.extend(trashed.iter().map(|(_, path)| left(path, why())));
        }
        Ok(failed)
    }

    /// Ids for all that is made in Drive: with them no repetition makes a second one.
    async fn fresh_ids(&self, plan: &Plan) -> Result<Vec<FileId>, Ended> {
        let is_new = |step: &&Step| match step {
            Step::MakeFolder { on, .. } => *on == Side::Drive,
            Step::Copy { to, replaces, .. } => *to == Side::Drive && !replaces,
            Step::Remove { .. } => false,
        };
        let mut wanted = plan.steps.iter().filter(is_new).count();
        let mut ids = Vec::with_capacity(wanted);
        while wanted > 0 {
            let count = u16::try_from(wanted).unwrap_or(MOST_IDS).min(MOST_IDS);
            ids.extend(self.desk.drive.generate_ids(count).await.map_err(ended)?);
            wanted -= usize::from(count);
        }
        Ok(ids)
    }

    async fn send(
        &self,
        path: &str,
        id: Option<FileId>,
        folders: &BTreeMap<String, FileId>,
    ) -> Result<(), Error> {
        let (above, name) = split(path);
        let content = Content { mime: mime::of_name(&name).to_owned(), bytes: Bytes::File(self.here(path)) };
        let target = match (id, self.files.get(path)) {
            (Some(id), _) => {
                let parent = folders.get(above).cloned();
                let parent = parent
                    .ok_or_else(|| Error::new(Reason::NotFound, "the folder above it could not be made"))?;
                UploadTarget::New(NewFile {
                    id: Some(id),
                    name: Some(name),
                    parent: Some(parent),
                    ..NewFile::default()
                })
            }
            (None, Some(file)) => UploadTarget::Content(file.id.clone(), FileUpdate::default()),
            (None, None) => return Err(Error::new(Reason::Other, "the plan has no id for it")),
        };
        upload(&*self.desk.drive, &target, &content, &Watched(self.desk)).await.map(|_| ())
    }

    async fn fetch(&self, path: &str) -> Result<(), Error> {
        let file =
            self.files.get(path).ok_or_else(|| Error::new(Reason::NotFound, "it is gone from Drive"))?;
        self.desk.drive.download(&file.id, &Wanted::default(), &self.here(path), &()).await.map(|_| ())
    }

    /// Takes away what goes: in Drive into the trash, many in one request.
    async fn remove(&self, all: Vec<(Side, String)>) -> Vec<Left> {
        let mut failed = Vec::new();
        let (here, there): (Vec<_>, Vec<_>) = all.into_iter().partition(|(side, _)| *side == Side::Here);
        for (_, path) in here {
            let place = self.here(&path);
            // Only a folder that is empty goes, whatever came into it meanwhile.
            let gone =
                if place.is_dir() { std::fs::remove_dir(&place) } else { std::fs::remove_file(&place) };
            failed.extend(gone.err().map(|error| Left { path, why: error.to_string() }));
        }
        let there: Vec<(String, Call)> = there
            .into_iter()
            .filter_map(|(_, path)| {
                Some((path.clone(), Call::Update(self.files.get(&path)?.id.clone(), FileUpdate::trash(true))))
            })
            .collect();
        for group in there.chunks(MOST_IN_A_BATCH) {
            let calls: Vec<Call> = group.iter().map(|(_, call)| call.clone()).collect();
            match self.desk.drive.batch(&calls).await {
                Err(error) => failed
                    .extend(group.iter().map(|(path, _)| Left { path: path.clone(), why: told(&error) })),
                Ok(replies) => {
                    let refused = group.iter().zip(replies).filter_map(|((path, _), reply)| {
                        // What is gone already need not go again.
                        let error = reply.err().filter(|error| !error.is_missing())?;
                        Some(Left { path: path.clone(), why: told(&error) })
                    });
                    failed.extend(refused);
                }
            }
        }
        failed
    }
}

fn told(error: &Error) -> String {
    match &error.hint {
        Some(hint) => format!("{error}. {hint}"),
        None => error.to_string(),
    }
}

fn tell(desk: &Desk, plan: &Plan, failed: &[Left], dry_run: bool) -> Result<(), Ended> {
    let done = if dry_run { 0 } else { plan.steps.len().saturating_sub(failed.len()) };
    if desk.json {
        let mut value: Value = serde_json::to_value(plan).map_err(Ended::bug)?;
        value["done"] = json!(done);
        value["failed"] = json!(failed);
        return desk.terminal.json(&value).map_err(Ended::bug);
    }
    let would = |word: &str| if dry_run { format!("would {word}") } else { word.to_owned() };
    for step in &plan.steps {
        desk.terminal.data(&match step {
            Step::MakeFolder { on, path } => {
                format!("{} {}/ {}", would("make"), one_line(path, WIDE), place(*on))
            }
            Step::Copy { to: Side::Drive, path, .. } => {
                format!("{} {}", would("upload"), one_line(path, WIDE))
            }
            Step::Copy { to: Side::Here, path, .. } => format!("{} {}", would("fetch"), one_line(path, WIDE)),
            Step::Remove { from, path } => {
                format!("{} {} {}", would("remove"), one_line(path, WIDE), place(*from))
            }
        });
    }
    for (word, list) in
        [("conflict", &plan.conflicts[..]), ("left alone", &plan.left[..]), ("failed", failed)]
    {
        for left in list {
            desk.terminal.note(&format!(
                "{word}: {}: {}",
                one_line(&left.path, WIDE),
                one_line(&left.why, 2 * WIDE)
            ));
        }
    }
    let same = counted(plan.unchanged, "file is", "files are");
    let steps = counted(plan.steps.len(), "thing", "things");
    desk.terminal.note(&match (plan.steps.len(), dry_run) {
        (0, _) => format!("{same} the same; there is nothing to do."),
        (_, true) => format!("{same} the same; {steps} would be done."),
        (_, false) => format!("{same} the same; {done} of {steps} done."),
    });
    Ok(())
}

const fn place(side: Side) -> &'static str {
    match side {
        Side::Here => "here",
        Side::Drive => "in Drive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_parted_where_a_bare_slash_stands() {
        assert_eq!(split("a/b/c"), ("a/b", "c".to_owned()));
        assert_eq!(split("a"), ("", "a".to_owned()));
        assert_eq!(split(r"a/b\/c"), ("a", "b/c".to_owned()));
        assert_eq!(split(r"x\\").1, r"x\");
    }
}
