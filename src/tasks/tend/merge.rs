//! Merges our pull request when the configuration, the reviewers and the checks allow it; GitHub is told which commit is meant.

use std::collections::BTreeMap;

use super::{Ours, after, waits};
use crate::config::{MergeMethodRule, MergeRules};
use crate::domain::access::Wish;
use crate::domain::count::counted;
use crate::domain::effect::EffectKind;
use crate::domain::fact::Fact;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::input::{self, Tended};
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::spec::TaskRequest;
use crate::domain::untrusted::one_line;
use crate::services::github::{Checks, MergeMethod, Merged, Obstacle, PullPhase, Review, Standing};
use crate::tasks::rights::{Rights, Wanted};
use crate::tasks::{Announcement, Context, Done, comment};

/// The step that merges.
pub(super) const STEP: &str = "merge";
/// People who ask for changes that are asked about: half of those whom one task asks about.
const MOST_OBJECTIONS: usize = 10;
/// Characters of GitHub's words that are told.
const WORDS: usize = 300;

pub(super) async fn when_allowed(
    context: &Context<'_>,
    ours: &Ours,
    standing: &Standing,
    rules: &MergeRules,
) -> Result<Done, Failure> {
    if standing.branch != ours.branch {
        return waits(
            context,
            standing,
            "it comes from another branch than the one that was pushed".to_owned(),
        );
    }
    if standing.draft {
        return waits(context, standing, "it is a draft until somebody calls it ready for review".to_owned());
    }
    if let Some(why) = not_approved(context, ours, standing, rules).await? {
        return waits(context, standing, why);
    }
    if standing.is_awaited && !context.is_open(STEP) {
        return waits(
            context,
            standing,
            "GitHub merges it as soon as the rules of its base allow it".to_owned(),
        );
    }
    let is_later = rules.auto_merge && standing.obstacle == Obstacle::Rule;
    match context.services.github.checks(&standing.head).await? {
        Checks::Green => {}
        Checks::Red => return waits(context, standing, "a check of it has failed".to_owned()),
        Checks::Pending | Checks::None if is_later => {}
        Checks::None => {
            let why = "no check of its last commit has run, and at least one has to succeed".to_owned();
            return waits(context, standing, why).map(|done| when_checked(context, ours, done));
        }
        Checks::Pending => {
            let why = "its checks are not done".to_owned();
            return waits(context, standing, why).map(|done| when_checked(context, ours, done));
        }
    }
    if standing.obstacle == Obstacle::Rule && !is_later {
        return waits(context, standing, "a rule of its base is not met yet".to_owned());
    }
    merge(context, ours, standing, rules, is_later).await
}

/// Looks again when the checks have succeeded: no worker waits for that.
fn when_checked(context: &Context<'_>, ours: &Ours, mut done: Done) -> Done {
    let again = TaskRequest::new(
        input::TEND,
        context.task.spec.subject,
        Payload::of(&input::Tend {}).unwrap_or_default(),
        "its checks have succeeded",
    );
    let key = format!("tend {} checks", context.task.spec.subject);
    let mut again = again.unique(key);
    again.spec.awaits = vec![Fact::Checks(ours.number)];
    done.follow_ups.push(again);
    done
}

/// Why the reviews do not allow it. Of each reviewer the last verdict counts, approvals only for the very commit that is
/// to be merged, and nobody approves what they made themselves.
async fn not_approved(
    context: &Context<'_>,
    ours: &Ours,
    standing: &Standing,
    rules: &MergeRules,
) -> Result<Option<String>, Failure> {
    let github = &context.services.github;
    let (myself, reviews) = futures_util::join!(github.myself(), github.reviews(ours.number));
    let (myself, reviews) = (myself?.login, reviews?);
    let mut verdicts: BTreeMap<Login, Review> = BTreeMap::new();
    for review in reviews {
        if matches!(review.state.as_str(), "approved" | "changes_requested" | "dismissed") {
            verdicts.insert(review.author.login.clone(), review);
        }
    }
    verdicts.retain(|login, review| *login != myself && review.author.is_person());
    let mut rights = Rights::new(github.as_ref());
    let (objections, others): (Vec<_>, Vec<_>) =
        verdicts.iter().partition(|(_, review)| review.state == "changes_requested");
    // Nobody's objection is lost in a crowd: whoever is not asked about counts as a stranger.
    if objections.len() > MOST_OBJECTIONS {
        return Ok(Some("so many people ask for changes that a person has to look".to_owned()));
    }
    for (login, review) in objections {
        if may(context, &mut rights, review, "a review that asks for changes").await? {
            return Ok(Some(format!("{login} asks for changes")));
        }
    }
    let mut approved = 0;
    for (_, review) in others {
        let counts = review.state == "approved" && review.commit.as_ref() == Some(&standing.head);
        if counts && may(context, &mut rights, review, "a review that approves").await? {
            approved += 1;
        }
    }
    if approved >= rules.approvals {
        return Ok(None);
    }
    let needed = counted(rules.approvals, "approval", "approvals");
    Ok(Some(format!(
        "its last commit has {approved} of {needed} by people with write access that the configuration asks for"
    )))
}

/// Whether a review is heeded.
async fn may(
    context: &Context<'_>,
    rights: &mut Rights<'_>,
    review: &Review,
    said: &str,
) -> Result<bool, Failure> {
    let wanted = Wanted { wish: Wish::Review, about: None, said, id: Some(review.id) };
    rights.may(context, &wanted, &review.author).await
}

async fn merge(
    context: &Context<'_>,
    ours: &Ours,
    standing: &Standing,
    rules: &MergeRules,
    is_later: bool,
) -> Result<Done, Failure> {
    let github = &context.services.github;
    let method = match rules.method {
        MergeMethodRule::Merge => MergeMethod::Merge,
        MergeMethodRule::Squash => MergeMethod::Squash,
        MergeMethodRule::Rebase => MergeMethod::Rebase,
    };
    let number = ours.number;
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Merge,
        target: context.task.spec.subject.to_string(),
        detail: format!("{:?} of {}", rules.method, standing.head).to_lowercase(),
    };
    let merged: Result<receipt::Merged, Failure> = context
        .effect(
            announcement,
            // Whether it is merged was just asked; what is left is whether it waits with GitHub.
            async || Ok(standing.is_awaited.then_some(receipt::Merged { number, commit: None })),
            async || {
                if is_later {
                    github.merge_later(standing, method).await?;
                    return Ok(receipt::Merged { number, commit: None });
                }
                if standing.has_queue {
                    github.enqueue(standing).await?;
                    return Ok(receipt::Merged { number, commit: None });
                }
                match github.merge(number, &standing.head, method).await? {
                    Merged::Done(commit) => Ok(receipt::Merged { number, commit: Some(commit) }),
                    Merged::Moved => Err(Failure::transient(
                        "branch_moved",
                        format!("somebody else pushed to {} in the same moment", ours.branch),
                    )),
                    Merged::Refused(why) => Err(Failure::permanent(
                        "merge_refused",
                        format!("GitHub does not merge it: {}", one_line(why.trim_end_matches('.'), WORDS)),
                    )
                    .hint("Look at the rules of its base and at the allowed merge methods, then say `/automata run tend`.")),
                }
            },
        )
        .await;
    let merged = merged?;
    match merged.commit {
        Some(commit) => {
            let standing = Standing { phase: PullPhase::Merged, merged_as: Some(commit), ..standing.clone() };
            after::clear_up(context, ours, &standing, true).await
        }
        None => {
            let done = Some("GitHub merges it as soon as the rules of its base allow it".to_owned());
            let tended = Tended { base: standing.base.clone(), done, ..Tended::default() };
            Done::with(&tended, comment::refresh(&context.task))
        }
    }
}
