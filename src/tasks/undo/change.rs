//! What each sort of effect takes to be undone: only what is still as it was left.

use super::Scene;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{EffectId, Login};
use crate::domain::input::Undone;
use crate::domain::receipt;
use crate::domain::state::Aspect;
use crate::domain::trigger::OpenState;
use crate::tasks::Announcement;

fn is_in(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other.to_lowercase() == name.to_lowercase())
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn quoted<T: ToString>(names: &[T]) -> String {
    names.iter().map(|name| format!("`{}`", name.to_string())).collect::<Vec<_>>().join(", ")
}

/// What one effect did, thing by thing: whether it was there before.
fn deeds<T>(added: Vec<T>, removed: Vec<T>) -> impl Iterator<Item = (T, bool)> {
    added.into_iter().map(|thing| (thing, false)).chain(removed.into_iter().map(|thing| (thing, true)))
}

/// What was there before the first of these, which come oldest first, and what was not: each thing once.
fn before<T>(deeds: impl Iterator<Item = (T, bool)>, same: impl Fn(&T, &T) -> bool) -> Vec<(T, bool)> {
    let mut known: Vec<(T, bool)> = Vec::new();
    for (thing, was_there) in deeds {
        if !known.iter().any(|(other, _)| same(other, &thing)) {
            known.push((thing, was_there));
        }
    }
    known
}

/// What was there, and what was not.
fn parted<T>(before: Vec<(T, bool)>) -> (Vec<T>, Vec<T>) {
    let (there, not): (Vec<_>, Vec<_>) = before.into_iter().partition(|(_, was_there)| *was_there);
    let things = |list: Vec<(T, bool)>| list.into_iter().map(|(thing, _)| thing).collect();
    (things(there), things(not))
}

/// What an earlier attempt announced and left without a receipt: it may have happened, and is looked for.
pub(super) struct Meant(String);

impl Meant {
    pub(super) fn has(&self, what: &str) -> bool {
        self.0.contains(&format!(" {what} "))
    }
}

impl Scene<'_> {
    pub(super) fn announced(&self, step: &str) -> Meant {
        let (effect, state) = (EffectId::of(&self.context.task.id, step), self.state());
        let open = state.effects.get(&effect).filter(|effect| effect.receipt.is_none());
        Meant(open.map(|effect| format!(" {} ", effect.intent.detail)).unwrap_or_default())
    }

    pub(super) fn announcement<'s>(
        &self,
        step: &'s str,
        kind: EffectKind,
        detail: String,
    ) -> Announcement<'s> {
        Announcement { step, kind, target: self.context.task.spec.subject.to_string(), detail }
    }

    /// Labels that are there because of us go; those that are gone because of us come back. What was there before us tells
    /// the first thing that we did with it.
    pub(super) async fn labels(&self, undone: &mut Undone) -> Result<(), Failure> {
        let step = "labels";
        let (meant, done) = (self.announced(step), self.context.receipt::<receipt::Labels>(step));
        let receipts = self.receipts::<receipt::Labels>(EffectKind::Labels);
        let deeds = receipts.into_iter().rev().flat_map(|(labels, _)| deeds(labels.added, labels.removed));
        let mut before = before(deeds, |one, other| same(one, other));
        let ours: Vec<String> =
            self.known.iter().flat_map(|known| known.our_labels.iter().cloned()).collect();
        if self.is_whole {
            let more = ours.iter().filter(|name| !before.iter().any(|(known, _)| same(known, name)));
            let more: Vec<_> = more.map(|name| (name.clone(), false)).collect();
            before.extend(more);
        }
        before.sort();
        let is_there = |name: &String| is_in(&self.issue.labels, name);
        let (were_there, were_not) = parted(before);
        let (take_off, touched): (Vec<String>, Vec<String>) = were_not
            .into_iter()
            .filter(|name| is_there(name) || meant.has(&format!("-{name}")))
            // What an earlier attempt took off looks as if a person had.
            .partition(|name| is_in(&ours, name) || !is_there(name));
        let put_back: Vec<String> =
            were_there.into_iter().filter(|name| !is_there(name) || meant.has(&format!("+{name}"))).collect();
        if !touched.is_empty() {
            let names = quoted(&touched);
            undone
                .left
                .push(format!("Of the labels, {names}: a person has put that there or taken it off since."));
        }
        let receipt = match done {
            Some(done) => done,
            None if take_off.is_empty() && put_back.is_empty() => return Ok(()),
            None => self.relabel(step, receipt::Labels { added: put_back, removed: take_off }).await?,
        };
        if !receipt.removed.is_empty() {
            undone.taken_back.push(format!("Labels taken off: {}.", quoted(&receipt.removed)));
        }
        if !receipt.added.is_empty() {
            undone.taken_back.push(format!("Labels put back: {}.", quoted(&receipt.added)));
        }
        Ok(())
    }

    async fn relabel(&self, step: &str, wanted: receipt::Labels) -> Result<receipt::Labels, Failure> {
        let signed = |sign: char| move |name: &String| format!("{sign}{name}");
        let added = wanted.added.iter().map(signed('+'));
        let detail: Vec<String> = added.chain(wanted.removed.iter().map(signed('-'))).collect();
        let (github, number) = (&self.context.services.github, self.issue.number);
        let is_there = |name: &String| is_in(&self.issue.labels, name);
        self.context
            .effect(
                self.announcement(step, EffectKind::Labels, detail.join(" ")),
                async || {
                    let is_done = wanted.added.iter().all(is_there) && !wanted.removed.iter().any(is_there);
                    Ok(is_done.then(|| wanted.clone()))
                },
                async || {
                    for name in &wanted.removed {
                        github.remove_label(number, name).await?;
                    }
                    if !wanted.added.is_empty() {
                        github.add_labels(number, &wanted.added).await?;
                    }
                    Ok(wanted.clone())
                },
            )
            .await
    }

    /// People whom we assigned are unassigned, and the other way round; what was so before us counts here too.
    pub(super) async fn people(&self, undone: &mut Undone) -> Result<(), Failure> {
        let step = "assignees";
        let (meant, done) = (self.announced(step), self.context.receipt::<receipt::Assignees>(step));
        let receipts = self.receipts::<receipt::Assignees>(EffectKind::Assignees);
        let deeds = receipts.into_iter().rev().flat_map(|(people, _)| deeds(people.added, people.removed));
        let mut before = before(deeds, |one, other| one == other);
        let ours: Vec<Login> =
            self.known.iter().flat_map(|known| known.our_assignees.iter().cloned()).collect();
        if self.is_whole {
            let more = ours.iter().filter(|login| !before.iter().any(|(known, _)| known == *login));
            let more: Vec<_> = more.map(|login| (login.clone(), false)).collect();
            before.extend(more);
        }
        let (were_there, were_not) = parted(before);
        let is_assigned = |login: &Login| self.issue.assignees.contains(login);
        let (take_away, touched): (Vec<Login>, Vec<Login>) = were_not
            .into_iter()
            .filter(|login| is_assigned(login) || meant.has(&format!("-{login}")))
            .partition(|login| ours.contains(login) || !is_assigned(login));
        if !touched.is_empty() {
            let names = quoted(&touched);
            undone.left.push(format!("Of those assigned, {names}: a person has settled that since."));
        }
        let put_back: Vec<Login> = were_there
            .into_iter()
            .filter(|login| !is_assigned(login) || meant.has(&format!("+{login}")))
            .collect();
        let receipt = match done {
            Some(done) => done,
            None if take_away.is_empty() && put_back.is_empty() => return Ok(()),
            None => self.reassign(step, receipt::Assignees { added: put_back, removed: take_away }).await?,
        };
        if !receipt.removed.is_empty() {
            undone.taken_back.push(format!("No longer assigned: {}.", quoted(&receipt.removed)));
        }
        if !receipt.added.is_empty() {
            undone.taken_back.push(format!("Assigned again: {}.", quoted(&receipt.added)));
        }
        Ok(())
    }

    async fn reassign(&self, step: &str, wanted: receipt::Assignees) -> Result<receipt::Assignees, Failure> {
        let added = wanted.added.iter().map(|login| format!("+{login}"));
        let detail: Vec<String> =
            added.chain(wanted.removed.iter().map(|login| format!("-{login}"))).collect();
        let (github, number) = (&self.context.services.github, self.issue.number);
        let is_assigned = |login: &Login| self.issue.assignees.contains(login);
        self.context
            .effect(
                self.announcement(step, EffectKind::Assignees, detail.join(" ")),
                async || {
                    let is_done =
                        wanted.added.iter().all(is_assigned) && !wanted.removed.iter().any(is_assigned);
                    Ok(is_done.then(|| wanted.clone()))
                },
                async || {
                    github.remove_assignees(number, &wanted.removed).await?;
                    if !wanted.added.is_empty() {
                        github.add_assignees(number, &wanted.added).await?;
                    }
                    Ok(wanted.clone())
                },
            )
            .await
    }

    /// A type that we set is cleared, a milestone that we planned it for is taken off, and an issue that we closed is opened
    /// again, where no person settled that since.
    pub(super) async fn issue(&self, undone: &mut Undone) -> Result<(), Failure> {
        let step = "issue";
        let (meant, done) = (self.announced(step), self.context.receipt::<receipt::Issue>(step));
        let (mut set, mut planned, mut closed) = (None, None, false);
        for (changed, _) in self.receipts::<receipt::Issue>(EffectKind::Issue) {
            set = set.or(changed.issue_type);
            planned = planned.or(changed.milestone);
            closed |= changed.closed;
        }
        let is_now = |now: Option<&String>, ours: Option<&String>| {
            now.zip(ours).is_some_and(|(now, ours)| same(now, ours))
        };
        let is = Back {
            clears: is_now(self.issue.issue_type.as_ref(), set.as_ref()),
            unplans: is_now(self.issue.milestone.as_ref(), planned.as_ref()),
            reopens: closed && self.issue.state == OpenState::Closed,
        };
        let theirs = |aspect| self.known.as_ref().is_some_and(|known| known.settled.contains(&aspect));
        let mut wanted = Back {
            clears: is.clears || meant.has(Back::CLEARS),
            unplans: is.unplans || meant.has(Back::UNPLANS),
            reopens: is.reopens || meant.has(Back::REOPENS),
        };
        if wanted.clears && self.known.as_ref().is_some_and(|known| known.type_is_theirs) {
            wanted.clears = false;
            undone.left.push("Its type: a person has settled that since.".to_owned());
        }
        if wanted.unplans && theirs(Aspect::Milestone) {
            wanted.unplans = false;
            undone.left.push("Its milestone: a person has settled that since.".to_owned());
        }
        if wanted.reopens && theirs(Aspect::State) {
            wanted.reopens = false;
            undone.left.push("That it is closed: a person has closed or reopened it.".to_owned());
        }
        let done = match done {
            Some(done) => done,
            None if wanted == Back::default() => return Ok(()),
            None => self.set_back(step, wanted, is).await?,
        };
        if let Some(set) = set.filter(|_| done.cleared) {
            undone.taken_back.push(format!("Its type is no longer `{set}`."));
        }
        if let Some(planned) = planned.filter(|_| done.unplanned) {
            undone.taken_back.push(format!("It is no longer planned for the milestone `{planned}`."));
        }
        if done.reopened {
            undone.taken_back.push("It is open again.".to_owned());
        }
        Ok(())
    }

    /// Does what of it is wanted and has not come about.
    async fn set_back(&self, step: &str, wanted: Back, is: Back) -> Result<receipt::Issue, Failure> {
        let (github, number) = (&self.context.services.github, self.issue.number);
        let receipt = || receipt::Issue {
            cleared: wanted.clears,
            unplanned: wanted.unplans,
            reopened: wanted.reopens,
            ..receipt::Issue::default()
        };
        let is_done =
            !(wanted.clears && is.clears || wanted.unplans && is.unplans || wanted.reopens && is.reopens);
        self.context
            .effect(
                self.announcement(step, EffectKind::Issue, wanted.told()),
                async || Ok(is_done.then(receipt)),
                async || {
                    if wanted.clears && is.clears {
                        github.set_issue_type(number, None).await?;
                    }
                    if wanted.unplans && is.unplans {
                        github.set_milestone(number, None).await?;
                    }
                    if wanted.reopens && is.reopens {
                        github.reopen_issue(number).await?;
                    }
                    Ok(receipt())
                },
            )
            .await
    }
}

/// What of the issue itself is set back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Back {
    clears: bool,
    unplans: bool,
    reopens: bool,
}

impl Back {
    const CLEARS: &'static str = "type";
    const UNPLANS: &'static str = "milestone";
    const REOPENS: &'static str = "closing";

    /// As it is announced.
    fn told(self) -> String {
        let what = [
            self.clears.then_some(Self::CLEARS),
            self.unplans.then_some(Self::UNPLANS),
            self.reopens.then_some(Self::REOPENS),
        ];
        let what: Vec<&str> = what.into_iter().flatten().collect();
        format!("take back {}", what.join(" "))
    }
}
