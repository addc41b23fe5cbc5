//! What each sort of effect takes to be undone: only what is still as it was left.

use super::{Scene, step};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::input::{OpenPullRequest, Undone};
use crate::domain::receipt;
use crate::domain::state::Aspect;
use crate::domain::trigger::OpenState;
use crate::services::git::Pushed;
use crate::services::github::PullRequest;
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

impl Scene<'_> {
    fn announcement<'s>(&self, step: &'s str, kind: EffectKind, detail: String) -> Announcement<'s> {
        Announcement { step, kind, target: self.context.task.spec.subject.to_string(), detail }
    }

    /// Labels that are there because of us go; those that are gone because of us come back.
    pub(super) async fn labels(&self, undone: &mut Undone) -> Result<(), Failure> {
        let step = step(EffectKind::Labels, 0);
        let again = self.context.is_open(&step);
        let (mut added, mut removed): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for (labels, _) in self.receipts::<receipt::Labels>(EffectKind::Labels) {
            added.extend(labels.added);
            removed.extend(labels.removed);
        }
        let ours: Vec<String> =
            self.known.iter().flat_map(|known| known.our_labels.iter().cloned()).collect();
        if self.is_whole {
            added.extend(ours.iter().cloned());
        }
        for list in [&mut added, &mut removed] {
            list.sort();
            list.dedup();
        }
        let (take_off, touched): (Vec<String>, Vec<String>) = added
            .into_iter()
            .filter(|name| again || is_in(&self.issue.labels, name))
            .partition(|name| is_in(&ours, name));
        let put_back: Vec<String> = removed
            .into_iter()
            .filter(|name| !is_in(&take_off, name) && (again || !is_in(&self.issue.labels, name)))
            .collect();
        if !touched.is_empty() {
            let names = quoted(&touched);
            undone
                .left
                .push(format!("Of the labels, {names}: a person has put that there or taken it off since."));
        }
        if take_off.is_empty() && put_back.is_empty() {
            return Ok(());
        }
        let signed = |sign: char| move |name: &String| format!("{sign}{name}");
        let detail: Vec<String> =
            put_back.iter().map(signed('+')).chain(take_off.iter().map(signed('-'))).collect();
        let (github, number) = (&self.context.services.github, self.issue.number);
        let receipt = || receipt::Labels { added: put_back.clone(), removed: take_off.clone() };
        self.context
            .effect(
                self.announcement(&step, EffectKind::Labels, detail.join(" ")),
                async || {
                    let is_there = |name: &String| is_in(&self.issue.labels, name);
                    let is_done = put_back.iter().all(is_there) && !take_off.iter().any(is_there);
                    Ok(is_done.then(receipt))
                },
                async || {
                    for name in &take_off {
                        github.remove_label(number, name).await?;
                    }
                    if !put_back.is_empty() {
                        github.add_labels(number, &put_back).await?;
                    }
                    Ok(receipt())
                },
            )
            .await?;
        if !take_off.is_empty() {
            undone.taken_back.push(format!("Labels taken off: {}.", quoted(&take_off)));
        }
        if !put_back.is_empty() {
            undone.taken_back.push(format!("Labels put back: {}.", quoted(&put_back)));
        }
        Ok(())
    }

    /// People whom we assigned are unassigned, and the other way round.
    pub(super) async fn people(&self, undone: &mut Undone) -> Result<(), Failure> {
        let step = step(EffectKind::Assignees, 0);
        let again = self.context.is_open(&step);
        let is_assigned = |login: &Login| self.issue.assignees.contains(login);
        let (mut take_away, mut put_back): (Vec<Login>, Vec<Login>) = (Vec::new(), Vec::new());
        for (people, _) in self.receipts::<receipt::Assignees>(EffectKind::Assignees) {
            take_away.extend(people.added.into_iter().filter(|login| again || is_assigned(login)));
            put_back.extend(people.removed.into_iter().filter(|login| again || !is_assigned(login)));
        }
        put_back.retain(|login| !take_away.contains(login));
        if take_away.is_empty() && put_back.is_empty() {
            return Ok(());
        }
        let detail: Vec<String> = put_back
            .iter()
            .map(Login::to_string)
            .chain(take_away.iter().map(|login| format!("-{login}")))
            .collect();
        let (github, number) = (&self.context.services.github, self.issue.number);
        let receipt = || receipt::Assignees { added: put_back.clone(), removed: take_away.clone() };
        self.context
            .effect(
                self.announcement(&step, EffectKind::Assignees, detail.join(" ")),
                async || {
                    let is_done = put_back.iter().all(is_assigned) && !take_away.iter().any(is_assigned);
                    Ok(is_done.then(receipt))
                },
                async || {
                    github.remove_assignees(number, &take_away).await?;
                    if !put_back.is_empty() {
                        github.add_assignees(number, &put_back).await?;
                    }
                    Ok(receipt())
                },
            )
            .await?;
        if !take_away.is_empty() {
            undone.taken_back.push(format!("No longer assigned: {}.", quoted(&take_away)));
        }
        if !put_back.is_empty() {
            undone.taken_back.push(format!("Assigned again: {}.", quoted(&put_back)));
        }
        Ok(())
    }

    /// A type that we set is cleared, and an issue that we closed is opened again, where no person settled that since.
    pub(super) async fn issue(&self, undone: &mut Undone) -> Result<(), Failure> {
        let step = step(EffectKind::Issue, 0);
        let again = self.context.is_open(&step);
        let (mut set, mut closed) = (None, false);
        for (changed, _) in self.receipts::<receipt::Issue>(EffectKind::Issue) {
            set = set.or(changed.issue_type);
            closed |= changed.closed;
        }
        let known = self.known.as_ref();
        let is_set =
            set.as_ref().is_some_and(|set| self.issue.issue_type.as_ref().is_some_and(|now| same(now, set)));
        let is_closed = closed && self.issue.state == OpenState::Closed;
        let (mut clears, mut reopens) = (set.is_some() && (again || is_set), closed && (again || is_closed));
        if clears && known.is_some_and(|known| known.type_is_theirs) {
            clears = false;
            undone.left.push("Its type: a person has settled that since.".to_owned());
        }
        if reopens && known.is_some_and(|known| known.settled.contains(&Aspect::State)) {
            reopens = false;
            undone.left.push("That it is closed: a person has closed or reopened it.".to_owned());
        }
        if !clears && !reopens {
            return Ok(());
        }
        let what = [clears.then_some("clear the type"), reopens.then_some("reopen")];
        let detail = what.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let (github, number) = (&self.context.services.github, self.issue.number);
        let receipt = || receipt::Issue { cleared: clears, reopened: reopens, ..receipt::Issue::default() };
        let is_done = !(clears && is_set || reopens && is_closed);
        self.context
            .effect(
                self.announcement(&step, EffectKind::Issue, detail),
                async || Ok(is_done.then(receipt)),
                async || {
                    if clears && is_set {
                        github.set_issue_type(number, None).await?;
                    }
                    if reopens && is_closed {
                        github.reopen_issue(number).await?;
                    }
                    Ok(receipt())
                },
            )
            .await?;
        if let Some(set) = set.filter(|_| clears) {
            undone.taken_back.push(format!("Its type is no longer `{set}`."));
        }
        if reopens {
            undone.taken_back.push("It is open again.".to_owned());
        }
        Ok(())
    }

    /// Pull requests that are still as we left them are closed.
    pub(super) async fn pull_requests(&self, undone: &mut Undone) -> Result<(), Failure> {
        let github = &self.context.services.github;
        for (place, (opened, told)) in self.opened().into_iter().enumerate() {
            let step = step(EffectKind::PullRequest, place);
            let again = self.context.is_open(&step);
            let found = github.pull_requests_from(&opened.branch).await?;
            let Some(pull) = found.into_iter().find(|pull| pull.number == opened.number) else { continue };
            if let Some(why) = self.why_kept(&pull, told.as_ref(), again).await? {
                undone.left.push(format!("Pull request #{}: {why}.", pull.number));
                continue;
            }
            self.context
                .effect(
                    self.announcement(&step, EffectKind::PullRequest, format!("close #{}", pull.number)),
                    async || {
                        Ok((pull.state == OpenState::Closed)
                            .then_some(receipt::Closed { closed: pull.number }))
                    },
                    async || {
                        github.close_pull_request(pull.number).await?;
                        Ok(receipt::Closed { closed: pull.number })
                    },
                )
                .await?;
            undone.taken_back.push(format!("Pull request #{} is closed.", pull.number));
        }
        Ok(())
    }

    /// Why a pull request is no longer as we left it.
    async fn why_kept(
        &self,
        pull: &PullRequest,
        told: Option<&OpenPullRequest>,
        again: bool,
    ) -> Result<Option<String>, Failure> {
        if pull.merged {
            return Ok(Some("it is merged; revert it on GitHub if that was wrong".to_owned()));
        }
        if pull.state == OpenState::Closed && !again {
            return Ok(Some("it is closed already".to_owned()));
        }
        let settled = |aspect| {
            self.state().issues.get(&pull.number).is_some_and(|known| known.settled.contains(&aspect))
        };
        if settled(Aspect::Title) || told.is_some_and(|told| told.title != pull.title) {
            return Ok(Some("a person has given it another title".to_owned()));
        }
        if settled(Aspect::Draft) {
            return Ok(Some("a person has said whether it is a draft".to_owned()));
        }
        if settled(Aspect::State) {
            return Ok(Some("a person has closed or reopened it".to_owned()));
        }
        if let Some(told) = told {
            let head = self.context.services.code.branch(&told.branch).await?;
            if head.is_some_and(|head| !self.is_ours(&told.branch, &told.commit, &head)) {
                return Ok(Some("somebody has pushed to its branch".to_owned()));
            }
        }
        Ok(None)
    }

    /// Branches that have commits of ours alone, and that no open pull request comes from, are deleted.
    pub(super) async fn branches(&self, undone: &mut Undone) -> Result<(), Failure> {
        let (github, code) = (&self.context.services.github, &self.context.services.code);
        for (place, (pushed, _)) in
            self.receipts::<receipt::Branch>(EffectKind::Branch).into_iter().enumerate()
        {
            let step = step(EffectKind::Branch, place);
            let again = self.context.is_open(&step);
            let name = &pushed.branch;
            let last = match code.branch(name).await? {
                None if !again => continue,
                None => pushed.commit.clone(),
                Some(at) if !self.is_ours(name, &pushed.commit, &at) => {
                    undone.left.push(format!("Branch `{name}`: somebody has pushed to it."));
                    continue;
                }
                Some(at) => at,
            };
            let pulls = github.pull_requests_from(name).await?;
            if let Some(open) = pulls.iter().find(|pull| pull.state == OpenState::Open) {
                undone.left.push(format!("Branch `{name}`: pull request #{} comes from it.", open.number));
                continue;
            }
            let detail = format!("delete at {last}");
            let receipt = || receipt::Branch { branch: name.clone(), commit: last.clone() };
            let announcement = Announcement {
                target: format!("refs/heads/{name}"),
                ..self.announcement(&step, EffectKind::Branch, detail)
            };
            let deleted = self
                .context
                .effect(
                    announcement,
                    async || Ok(code.branch(name).await?.is_none().then(receipt)),
                    async || match code.delete_branch(name, &last).await? {
                        Pushed::Done => Ok(receipt()),
                        Pushed::Conflict(_) => Err(Failure::transient(
                            "branch_moved",
                            format!("somebody pushed to {name} in the same moment"),
                        )),
                    },
                )
                .await;
            match deleted {
                Ok(_) => undone.taken_back.push(format!("Branch `{name}` is deleted.")),
                Err(failure) if failure.code == "branch_forbidden" => {
                    undone.left.push(format!("Branch `{name}`: {failure}."));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }
}
