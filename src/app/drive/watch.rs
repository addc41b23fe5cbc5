//! `automata drive watch`: tells what changes in a folder while somebody looks on. Nothing is written into the log.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::super::failure::Ended;
use super::super::watch::{self, Looking, Ours, Teller, feed_of};
use super::find::drive_of;
use super::{Desk, ended};
use crate::cli::DriveWatch;
use crate::domain::count::counted;
use crate::domain::watched::{DriveChanged, DriveKey, Seen, Watched};
use crate::drive::watch::{follow, of_interest};
use crate::report::sentence;
use crate::services::drive::{Corpus, walk};

pub(super) async fn watch(desk: &Desk, arguments: &DriveWatch) -> Result<(), Ended> {
    let top = desk.finder().folder(&arguments.place).await?;
    let root: DriveKey = top.id.as_str().parse().map_err(Ended::bug)?;
    let corpus = drive_of(&top).map_or(Corpus::User, Corpus::Drive);
    let mut next = desk.drive.change_start(&corpus).await.map_err(ended)?;
    let teller = Teller::new(&*desk.drive, &desk.rules, Ours::default()).await?;
    let tree = walk::tree(&*desk.drive, &top, desk.rules.limits.files, true).await.map_err(ended)?;
    let files = std::iter::once(top).chain(tree.entries.into_iter().map(|placed| placed.file));
    let mut known: BTreeMap<DriveKey, Seen> = files.filter_map(|file| watch::seen(&file)).collect();
    let items: Vec<DriveKey> = known.keys().copied().collect();
    for (item, grants) in watch::grants_of(&*desk.drive, &items).await? {
        known.entry(item).and_modify(|seen| seen.grants = Some(grants));
    }
    let roots = BTreeSet::from([root]);
    let names = BTreeMap::from([(root, String::new())]);
    let mut watched = Watched { files: known, ..Watched::default() };
    watched.feeds.insert(feed_of(&corpus), watch::feed(next.as_str(), desk.clock.now(), roots.clone()));
    desk.note(&format!(
        "watching {}; end with Ctrl-C",
        counted(items.len(), "file or folder", "files and folders")
    ));
    let mut polls = 0;
    while arguments.polls.is_none_or(|most| polls < most) {
        polls += 1;
        desk.clock.sleep(Duration::from_secs(arguments.every)).await;
        let mut told = Vec::new();
        loop {
            let page = desk.drive.changes(&corpus, &next).await.map_err(ended)?;
            told.extend(page.changes.iter().filter_map(|change| teller.told(change, None)));
            next = page.next;
            if !page.more {
                break;
            }
        }
        let grants = watch::grants_of(&*desk.drive, &of_interest(&watched, &roots, &told)).await?;
        for told in &mut told {
            if let (Some(now), Some(known)) = (&mut told.now, grants.get(&told.item)) {
                now.grants = Some(known.clone());
            }
        }
        let mut followed = follow(&watched, &names, &told);
        let looking =
            Looking { drive: &*desk.drive, teller: &teller, most: desk.rules.limits.files, since: None };
        let came = looking.came_along(&names, &watched, &told, &followed.new_folders).await?;
        followed.changes.extend(came);
        watched.files.extend(followed.learned);
        for changed in followed.changes {
            tell(desk, &changed)?;
            match changed.now {
                Some(now) => watched.files.insert(changed.file, now),
                None => watched.files.remove(&changed.file),
            };
        }
    }
    Ok(())
}

fn tell(desk: &Desk, changed: &DriveChanged) -> Result<(), Ended> {
    let place = changed.place.trim_start_matches(':');
    let shown = DriveChanged { place: place.to_owned(), ..changed.clone() };
    let at = changed.at.map_or_else(String::new, |at| format!("{at}  "));
    let value = json!({
        "at": changed.at, "id": changed.file, "place": place, "changed": changed.what, "by": changed.who(),
        "gone": changed.now.is_none(), "url": changed.url,
    });
    desk.tell(&value, &[format!("{at}{}", sentence::drive_change(&shown))])
}
