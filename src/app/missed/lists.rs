//! Lists what changed. A list that looks as it did the last time GitHub confirms without sending it, which costs nothing of the
//! hour's requests; whoever works with another token each time is sent it again.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::event::ListSeen;
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::intake::missed::Object;
use crate::services::github::{GitHub, LISTED, Listing, Looked};

/// A list is asked about from the same time on for as long: only then it can look the same.
const STANDS: Duration = Duration::from_secs(24 * 3_600);

/// What changed.
pub(super) struct Listed {
    /// Oldest change first.
    pub(super) listed: Vec<Object>,
    /// Up to when all of it is there.
    pub(super) until: Timestamp,
    /// How the lists looked of which everything is there.
    pub(super) seen: BTreeMap<String, ListSeen>,
}

/// One list, read.
#[derive(Default)]
struct One {
    objects: Vec<Object>,
    /// Where it was left off when there is more.
    left_off: Option<Timestamp>,
    seen: Option<ListSeen>,
}

/// Reads the lists from `since` on. What changed after `until` is left to its event. `seen` is how they looked last.
///
/// # Errors
/// When GitHub does not answer or refuses.
pub(super) async fn read(
    github: &dyn GitHub,
    (since, now): (Timestamp, Timestamp),
    until: Timestamp,
    pages: usize,
    seen: &BTreeMap<String, ListSeen>,
) -> Result<Listed, Failure> {
    let stands =
        |name: &str| seen.get(name).filter(|seen| seen.since <= since && now.since(seen.since) <= STANDS);
    let one = |name: &'static str, listing: fn(Timestamp) -> Listing| async move {
        Ok::<_, Failure>((name, list(github, listing, since, pages, stands(name)).await?))
    };
    let (issues, comments, review_comments) = futures_util::try_join!(
        one("issues", Listing::Issues),
        one("comments", Listing::Comments),
        one("review_comments", Listing::ReviewComments),
    )?;
    let mut all = Listed { listed: Vec::new(), until, seen: BTreeMap::new() };
    for (name, list) in [issues, comments, review_comments] {
        all.until = list.left_off.map_or(all.until, |left_off| all.until.min(left_off));
        // What is left to its event for now would not be seen in a list that looks the same.
        let is_whole = list.objects.iter().all(|object| object.updated_at <= until);
        all.seen.extend(list.seen.filter(|_| is_whole).map(|seen| (name.to_owned(), seen)));
        all.listed.extend(list.objects);
    }
    all.listed.sort_by_key(|object| object.updated_at);
    Ok(all)
}

/// A list from its oldest change on: each page begins with the time at which the last one ended, so that what moves to the end
/// meanwhile pushes nothing past the reader.
async fn list(
    github: &dyn GitHub,
    listing: fn(Timestamp) -> Listing,
    since: Timestamp,
    pages: usize,
    seen: Option<&ListSeen>,
) -> Result<One, Failure> {
    let began = seen.map_or(since, |seen| seen.since);
    let first = github.documents_unless(listing(began), seen.map(|seen| seen.tag.as_str())).await?;
    let Looked::New { documents, tag } = first else {
        return Ok(One { seen: seen.cloned(), ..One::default() });
    };
    if documents.len() < LISTED {
        // It may begin earlier than asked for: what is older was looked at before.
        let objects = documents.iter().filter_map(|text| Object::read(text));
        let objects = objects.filter(|object| object.updated_at >= since).collect();
        let seen = tag.map(|tag| ListSeen { since: began, tag });
        return Ok(One { objects, left_off: None, seen });
    }
    let first = if began == since { Some(documents) } else { None };
    rest(github, listing, since, pages, first).await
}

/// The same where it has several pages; `first` is the first of them, if it is there already.
async fn rest(
    github: &dyn GitHub,
    listing: fn(Timestamp) -> Listing,
    since: Timestamp,
    pages: usize,
    mut first: Option<Vec<String>>,
) -> Result<One, Failure> {
    let (mut objects, mut from) = (Vec::new(), since);
    for _ in 0..pages {
        let page = match first.take() {
            Some(page) => page,
            None => github.documents(listing(from)).await?,
        };
        let read: Vec<Object> = page.iter().filter_map(|text| Object::read(text)).collect();
        let last = read.iter().map(|object| object.updated_at).max();
        let is_last = page.len() < LISTED || last.is_none_or(|last| last <= from);
        objects.extend(read);
        if is_last {
            return Ok(One { objects, ..One::default() });
        }
        from = last.unwrap_or(from);
    }
    Ok(One { objects, left_off: Some(from), seen: None })
}
