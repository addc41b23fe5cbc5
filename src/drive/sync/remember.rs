//! What is remembered of two folders that were in step: the sums of what was the same, by which the next plan knows who
//! changed what.

use std::collections::{BTreeMap, BTreeSet};

use super::{Base, Entry, Plan, Side, Step, Tree};

/// What to remember once a plan was carried out, but for the paths that `failed`: the sums of all files that are the
/// same on both sides then. `came` has the sums of what was copied, as they were found to be: somebody may have written it
/// since it was looked at. What nothing was done about is remembered as before. Where what is done here does not last,
/// because nobody may commit it before the working copy is fetched anew, it is remembered as before as well: the next time
/// shows whether it stayed.
#[must_use]
pub fn remember(
    here: &Tree,
    drive: &Tree,
    base: &Base,
    plan: &Plan,
    failed: &BTreeSet<String>,
    came: &Base,
    lasts: bool,
) -> Base {
    let sum = |tree: &Tree, path: &str| match tree.get(path) {
        Some(Entry::File { md5, .. }) => Some(md5.clone()),
        _ => None,
    };
    let mut next = Base::new();
    for path in here.keys().chain(drive.keys()) {
        let (mine, theirs) = (sum(here, path), sum(drive, path));
        // What is left out is not looked at, and is as it was when somebody looked last.
        let is_left_out = |tree: &Tree| matches!(tree.get(path), Some(Entry::LeftOut(_)));
        let is_seen = !is_left_out(here) && !is_left_out(drive);
        // Of what differs the old sum tells who changed it; of what both have lost nothing is left to tell.
        let same = if is_seen && mine == theirs { mine } else { base.get(path).cloned() };
        next.extend(same.map(|same| (path.clone(), same)));
    }
    let aside: BTreeMap<&String, &String> = plan
        .steps
        .iter()
        .filter_map(|step| if let Step::SetAside { path, to } = step { Some((to, path)) } else { None })
        .collect();
    for step in &plan.steps {
        let (path, after) = match step {
            Step::Copy { to: Side::Drive, path, .. } => (path, sum(here, aside.get(path).unwrap_or(&path))),
            Step::Copy { to: Side::Here, path, .. } => (path, sum(drive, path)),
            Step::Remove { path, .. } => (path, None),
            Step::MakeFolder { .. } | Step::SetAside { .. } => continue,
        };
        let is_done_here = match step {
            Step::Copy { to: Side::Drive, .. } => aside.contains_key(path),
            Step::Copy { to: side, .. } | Step::Remove { from: side, .. } => *side == Side::Here,
            Step::MakeFolder { .. } | Step::SetAside { .. } => true,
        };
        if failed.contains(path) || (is_done_here && !lasts) {
            continue;
        }
        let after = came.get(path).filter(|_| after.is_some()).cloned().or(after);
        match after {
            Some(sum) => drop(next.insert(path.clone(), sum)),
            None => drop(next.remove(path)),
        }
    }
    next
}
