//! In which order requests of one list are enqueued: each after those that it waits for.

use std::collections::BTreeSet;

use crate::domain::command::Rejection;
use crate::domain::spec::TaskRequest;

/// The places of `requests` such that each comes after those that it waits for, else as they stand.
///
/// # Errors
/// [`Rejection::BadDependency`] for a place that is not there, [`Rejection::Cycle`] with the places that wait for
/// each other.
pub(super) fn of(requests: &[TaskRequest]) -> Result<Vec<usize>, Rejection> {
    let mut waits: Vec<BTreeSet<usize>> = Vec::with_capacity(requests.len());
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); requests.len()];
    for (place, request) in requests.iter().enumerate() {
        if let Some(waits_for) = request.after.iter().find(|before| **before >= requests.len()) {
            return Err(Rejection::BadDependency { request: place, waits_for: *waits_for });
        }
        let before: BTreeSet<usize> = request.after.iter().copied().collect();
        for waits_for in &before {
            followers[*waits_for].push(place);
        }
        waits.push(before);
    }
    let mut free: BTreeSet<usize> = (0..requests.len()).filter(|place| waits[*place].is_empty()).collect();
    let mut order = Vec::with_capacity(requests.len());
    while let Some(place) = free.pop_first() {
        order.push(place);
        for follower in &followers[place] {
            waits[*follower].remove(&place);
            if waits[*follower].is_empty() {
                free.insert(*follower);
            }
        }
    }
    if order.len() == requests.len() { Ok(order) } else { Err(Rejection::Cycle(cycle(&waits))) }
}

/// A circle among places each of which still waits for another such place.
fn cycle(waits: &[BTreeSet<usize>]) -> Vec<usize> {
    let next = |place: usize| waits[place].first().copied();
    let Some(mut place) = (0..waits.len()).find(|place| next(*place).is_some()) else { return Vec::new() };
    let mut path = vec![place];
    // Every place that is left waits for one that is left, so the path must come back to itself.
    while let Some(before) = next(place) {
        if let Some(begin) = path.iter().position(|seen| *seen == before) {
            return path.split_off(begin);
        }
        path.push(before);
        place = before;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::story::request;

    fn requests(waits: &[&[usize]]) -> Vec<TaskRequest> {
        let with = |before: &&[usize]| before.iter().fold(request("label"), |made, place| made.after(*place));
        waits.iter().map(with).collect()
    }

    #[test]
    fn each_comes_after_those_it_waits_for_else_as_they_stand() {
        assert_eq!(of(&requests(&[&[], &[0], &[], &[1, 1]])), Ok(vec![0, 1, 2, 3]));
        assert_eq!(of(&requests(&[&[2], &[], &[1], &[]])), Ok(vec![1, 2, 0, 3]));
    }

    #[test]
    fn a_circle_is_named_without_what_only_leads_to_it() {
        assert_eq!(of(&requests(&[&[1], &[2], &[3], &[1], &[]])), Err(Rejection::Cycle(vec![1, 2, 3])));
        assert_eq!(of(&requests(&[&[0]])), Err(Rejection::Cycle(vec![0])));
        assert_eq!(
            Rejection::Cycle(vec![1, 2, 3]).to_string(),
            "requests wait for each other: 1 -> 2 -> 3 -> 1"
        );
        assert_eq!(of(&requests(&[&[], &[7]])), Err(Rejection::BadDependency { request: 1, waits_for: 7 }));
    }
}
