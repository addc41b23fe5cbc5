//! Requests for a review that we made and nobody has answered are taken back.

use std::collections::BTreeMap;

use super::Scene;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input::Undone;
use crate::domain::receipt;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::undo::{self, Part};

/// Whom we asked for a review, of the subject itself or, where all of an issue is meant, of pull requests that we opened for it.
pub(super) fn asked(past: &State, subject: Subject, part: Option<&Part>) -> Vec<(IssueNumber, Login)> {
    let mut subjects = vec![subject];
    if let (Subject::Issue(number), None) = (subject, part) {
        let known = past.issues.get(&number).and_then(|known| known.pull_request.as_ref());
        subjects.extend(known.filter(|pull| pull.by.is_none()).map(|pull| Subject::Pull(pull.number)));
        // One that an earlier attempt closed is the issue's no more.
        let effects = undo::effects(past, subject, part).into_iter();
        let opened = effects.filter(|(effect, _)| effect.intent.kind == EffectKind::PullRequest);
        let receipts =
            opened.filter_map(|(effect, _)| effect.receipt.as_ref()?.read::<receipt::PullRequest>().ok());
        subjects.extend(receipts.map(|pull| Subject::Pull(pull.number)));
        subjects.sort();
        subjects.dedup();
    }
    let of = |subject: Subject| {
        let effects = undo::effects(past, subject, part).into_iter();
        let asked = effects.filter(|(effect, _)| effect.intent.kind == EffectKind::Reviewers);
        let receipts = asked.filter_map(|(effect, _)| effect.receipt.as_ref()?.read().ok());
        let logins = receipts.flat_map(|done: receipt::Reviewers| done.asked);
        logins.filter_map(move |login| Some((subject.number()?, login))).collect::<Vec<_>>()
    };
    subjects.into_iter().flat_map(of).collect()
}

impl Scene<'_> {
    /// Who is still asked is asked no more. Who has reviewed already was not asked in vain, and whose request a person took
    /// away is not asked either.
    pub(super) async fn reviewers(&self, undone: &mut Undone) -> Result<(), Failure> {
        let mut by_pull: BTreeMap<IssueNumber, Vec<Login>> = BTreeMap::new();
        for (pull, login) in &self.asked {
            let asked = by_pull.entry(*pull).or_default();
            if !asked.contains(login) {
                asked.push(login.clone());
            }
        }
        for (pull, asked) in by_pull {
            let step = format!("reviewers-{pull}");
            let removed = match self.context.receipt::<receipt::Reviewers>(&step) {
                Some(done) => done.removed,
                None => match self.ask_no_more(&step, pull, &asked).await {
                    Ok(removed) => removed,
                    Err(failure) if failure.is_permanent() => {
                        undone.left.extend(asked.iter().map(|login| {
                            format!("{login} has been asked for a review: take the request away on GitHub ({failure}).")
                        }));
                        continue;
                    }
                    Err(failure) => return Err(failure),
                },
            };
            if !removed.is_empty() {
                let names: Vec<String> = removed.iter().map(|login| format!("`{login}`")).collect();
                undone.taken_back.push(format!("No longer asked for a review: {}.", names.join(", ")));
            }
        }
        Ok(())
    }

    /// Takes back what of these requests stands, and what an earlier attempt began to.
    async fn ask_no_more(
        &self,
        step: &str,
        pull: IssueNumber,
        asked: &[Login],
    ) -> Result<Vec<Login>, Failure> {
        let github = &self.context.services.github;
        let meant = self.announced(step);
        let waiting = github.reviewers(pull).await?;
        let is_still = |login: &&Login| waiting.contains(login);
        let still: Vec<Login> = asked.iter().filter(is_still).cloned().collect();
        let is_wanted = |login: &&Login| waiting.contains(login) || meant.has(login.as_str());
        let wanted: Vec<Login> = asked.iter().filter(is_wanted).cloned().collect();
        if wanted.is_empty() {
            return Ok(wanted);
        }
        let names: Vec<&str> = wanted.iter().map(Login::as_str).collect();
        let receipt = || receipt::Reviewers { asked: Vec::new(), removed: wanted.clone() };
        let done = self
            .context
            .effect(
                self.announcement(step, EffectKind::Reviewers, names.join(" ")),
                async || Ok(still.is_empty().then(receipt)),
                async || {
                    github.remove_reviewers(pull, &still).await?;
                    Ok(receipt())
                },
            )
            .await?;
        Ok(done.removed)
    }
}
