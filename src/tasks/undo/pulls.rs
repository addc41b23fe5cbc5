//! Pull requests that are closed again and branches that go, where they are still as we left them.

use super::Scene;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::input::{OpenPullRequest, Undone};
use crate::domain::receipt;
use crate::domain::state::Aspect;
use crate::domain::trigger::OpenState;
use crate::services::github::PullRequest;
use crate::tasks::gone_branch;

impl Scene<'_> {
    /// Pull requests that are still as we left them are closed.
    pub(super) async fn pull_requests(&self, undone: &mut Undone) -> Result<(), Failure> {
        let github = &self.context.services.github;
        for (opened, told) in self.opened() {
            let step = format!("pull_request {}", opened.number);
            let again = self.context.is_open(&step);
            // An earlier attempt got so far and no further.
            let is_done = self.context.receipt::<receipt::Closed>(&step).is_some();
            let found = github.pull_requests_from(&opened.branch).await?;
            let Some(pull) = found.into_iter().find(|pull| pull.number == opened.number) else { continue };
            if !is_done {
                if let Some(why) = self.why_kept(&pull, &opened, told.as_ref(), again).await? {
                    undone.left.push(format!("Pull request #{}: {why}.", pull.number));
                    continue;
                }
                self.close(&step, &pull).await?;
            }
            undone.taken_back.push(format!("Pull request #{} is closed.", pull.number));
        }
        Ok(())
    }

    async fn close(&self, step: &str, pull: &PullRequest) -> Result<(), Failure> {
        let receipt = || receipt::Closed { closed: pull.number };
        let detail = format!("close #{}", pull.number);
        self.context
            .effect(
                self.announcement(step, EffectKind::PullRequest, detail),
                async || Ok((pull.state == OpenState::Closed).then(receipt)),
                async || {
                    self.context.services.github.close_pull_request(pull.number).await?;
                    Ok(receipt())
                },
            )
            .await
            .map(drop)
    }

    /// Why a pull request is no longer as we left it.
    async fn why_kept(
        &self,
        pull: &PullRequest,
        opened: &receipt::PullRequest,
        told: Option<&OpenPullRequest>,
        again: bool,
    ) -> Result<Option<String>, Failure> {
        if pull.merged {
            return Ok(Some("it is merged; revert it on GitHub if that was wrong".to_owned()));
        }
        if pull.state == OpenState::Closed && !again {
            return Ok(Some("it is closed already".to_owned()));
        }
        let Some(told) = told else {
            return Ok(Some("how it was opened is not known any more; close it on GitHub".to_owned()));
        };
        let settled = |aspect| {
            self.state().issues.get(&pull.number).is_some_and(|known| known.settled.contains(&aspect))
        };
        if settled(Aspect::Title) || told.title != pull.title {
            return Ok(Some("a person has given it another title".to_owned()));
        }
        if settled(Aspect::Draft) || opened.draft.is_some_and(|draft| draft != pull.draft) {
            return Ok(Some("a person has said whether it is a draft".to_owned()));
        }
        if settled(Aspect::State) {
            return Ok(Some("a person has closed or reopened it".to_owned()));
        }
        let head = self.context.services.code.branch(&told.branch).await?;
        if head.is_some_and(|head| !self.is_ours(&told.branch, &told.commit, &head)) {
            return Ok(Some("somebody has pushed to its branch".to_owned()));
        }
        Ok(None)
    }

    /// Branches that have commits of ours alone, and that no open pull request comes from, are deleted.
    pub(super) async fn branches(&self, undone: &mut Undone) -> Result<(), Failure> {
        let (github, code) = (&self.context.services.github, &self.context.services.code);
        for (pushed, _) in self.receipts::<receipt::Branch>(EffectKind::Branch) {
            let name = &pushed.branch;
            let step = format!("branch {name}");
            let gone = format!("Branch `{name}` is deleted.");
            if self.context.receipt::<receipt::Branch>(&step).is_some() {
                undone.taken_back.push(gone);
                continue;
            }
            let again = self.context.is_open(&step);
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
            match gone_branch::delete(self.context, &step, name, &last).await? {
                None => undone.taken_back.push(gone),
                Some(failure) => undone.left.push(format!("Branch `{name}`: {failure}.")),
            }
        }
        Ok(())
    }
}
