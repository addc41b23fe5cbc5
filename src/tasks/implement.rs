//! Task kind `implement`: asks the assistants for a change, commits it and pushes it on a branch of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::{Announcement, Context, Done, comment};
use crate::domain::actor::Actor;
use crate::domain::branch::{BranchName, BranchTemplate};
use crate::domain::count::counted;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::fenced::{fenced_patches, has_sketch};
use crate::domain::id::{CommitId, EffectId, IssueNumber};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::task::{Status, Task};
use crate::domain::trigger::OpenState;
use crate::domain::{input, receipt};
use crate::report::pull_request;
use crate::services::assistant::{Allowance, Change, NOTHING, Proposal, Request, TrustedText};
use crate::services::git::{CommitSheet, PatchLimits, ProposedCommit, Pushed};
use crate::services::github::{Comment, Issue};

/// Branches tried for one issue: the plain name, then `-2`, `-3` and so on.
const BRANCHES_TRIED: u32 = 20;
/// People asked about while a patch is looked for; each costs a request.
const PEOPLE_ASKED_ABOUT: usize = 20;
/// The step that pushes.
const STEP: &str = "branch";
/// What parts the commit from the one it stands on, in the announcement.
const ON: &str = " on ";

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::Implement { source } = context.input()?;
    let Some(issue) = context.services.github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    if super::analyse::is_quiet_report(context, &issue) {
        return Done::note(
            "a report of a weakness is not worked on in public",
            comment::refresh(&context.task),
        );
    }
    if let Some(pull) = done_before(context).await? {
        return Done::note(&format!("pull request #{pull} has this change already"), Vec::new());
    }
    let Texts { trusted: texts, searched } = match trusted_texts(context, &issue, source).await? {
        Ok(texts) => texts,
        Err(declined) => return Done::note(&declined, comment::refresh(&context.task)),
    };
    let request = Request {
        issue: number,
        title: issue.title.clone(),
        texts,
        searched,
        prompt: String::new(),
        folder: None,
        allowance: Allowance::default(),
    };
    let proposal = propose(context, &request).await?;
    let change = commit(context, &issue, &request, &proposal).await?;
    let Place { branch, commit, base } = push(context, &issue, &change).await?;

    let tip = context.services.code.default_tip().await?;
    let open = input::OpenPullRequest {
        branch,
        commit,
        base: tip.branch,
        base_commit: base,
        title: pull_request::title(&context.config.pull_requests.title, number, &issue.title),
        summary: proposal.summary,
        files: change.files,
        added: change.added,
        removed: change.removed,
        merged: change.merged,
    };
    let payload = Payload::of(&open).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let reason = format!("{}; the change is on branch {}", context.task.spec.reason, open.branch);
    let follow_up = TaskRequest::new(input::OPEN_PULL_REQUEST, context.task.spec.subject, payload, reason)
        .priority(context.task.spec.priority);
    Done::with(&open, vec![follow_up])
}

/// The texts that may be acted on: by people with write access only. `Err` says why there are none.
async fn trusted_texts(
    context: &Context<'_>,
    issue: &Issue,
    source: input::Source,
) -> Result<Result<Texts, String>, Failure> {
    let mut writers = Writers::new(context);
    let opening =
        TrustedText { author: issue.author.clone(), place: "the issue".to_owned(), body: issue.body.clone() };
    let asked = match source {
        input::Source::Issue => None,
        input::Source::Comment { id } => match context.services.github.comment(id).await? {
            Some(comment) => Some(comment),
            None => return Ok(Err("the comment that asked for it is gone".to_owned())),
        },
    };
    let asker = asked.as_ref().map_or(&issue.author, |comment| &comment.author);
    if !writers.include(asker).await? {
        return Ok(Err(format!(
            "{} has no write access, so what they wrote is not acted on; somebody who has can repeat it in a comment",
            asker.login
        )));
    }
    let mut searched = Search::default();
    let mut trusted = Vec::new();
    searched.saw(&opening);
    if writers.include(&opening.author).await? {
        trusted.push(opening);
    } else {
        searched.passed_over(&opening);
    }
    if let Some(asked) = asked {
        if fenced_patches(&asked.body).is_empty() {
            trusted.extend(newest_patch(context, issue, &asked, &mut writers, &mut searched).await?);
        }
        let asked = said_in(&asked);
        searched.saw(&asked);
        trusted.push(asked);
    }
    Ok(Ok(Texts { trusted, searched: searched.told(source) }))
}

/// The newest comment with a patch by somebody with write access that stood there when the change was asked for.
async fn newest_patch(
    context: &Context<'_>,
    issue: &Issue,
    asked: &Comment,
    writers: &mut Writers<'_>,
    searched: &mut Search,
) -> Result<Option<TrustedText>, Failure> {
    let comments = context.services.github.comments(issue.number, None).await?;
    let earlier = comments.iter().filter(|comment| comment.id < asked.id);
    let earlier: Vec<TrustedText> = earlier.map(said_in).collect();
    searched.comments = earlier.len();
    for text in earlier.into_iter().rev() {
        searched.saw(&text);
        if fenced_patches(&text.body).is_empty() {
            continue;
        }
        if writers.include(&text.author).await? {
            return Ok(Some(text));
        }
        searched.passed_over(&text);
    }
    Ok(None)
}

fn said_in(comment: &Comment) -> TrustedText {
    TrustedText {
        author: comment.author.clone(),
        place: format!("the comment of {}", &comment.created_at.to_string()[..10]),
        body: comment.body.clone(),
    }
}

/// What may be acted on, and what it was picked from.
struct Texts {
    trusted: Vec<TrustedText>,
    searched: String,
}

/// Who may write, each asked about once.
struct Writers<'a> {
    context: &'a Context<'a>,
    known: BTreeMap<String, bool>,
}

impl<'a> Writers<'a> {
    const fn new(context: &'a Context<'a>) -> Self {
        Self { context, known: BTreeMap::new() }
    }

    async fn include(&mut self, author: &Actor) -> Result<bool, Failure> {
        let login = author.login.as_str().to_ascii_lowercase();
        if let Some(known) = self.known.get(&login) {
            return Ok(*known);
        }
        // A patch by somebody who was not asked about is passed over: the newest ones are what people mean.
        if self.known.len() >= PEOPLE_ASKED_ABOUT {
            return Ok(false);
        }
        let can_write = self.context.services.github.permission(&author.login).await?.can_write();
        self.known.insert(login, can_write);
        Ok(can_write)
    }
}

/// What was looked at on the way, for people who wonder why nothing was found.
#[derive(Default)]
struct Search {
    comments: usize,
    /// Whose patches do not count.
    strangers: BTreeSet<String>,
    /// Who showed a change without the lines that make it a patch.
    sketchers: BTreeSet<String>,
}

impl Search {
    fn saw(&mut self, text: &TrustedText) {
        if has_sketch(&text.body) {
            self.sketchers.insert(text.author.login.to_string());
        }
    }

    fn passed_over(&mut self, text: &TrustedText) {
        if !fenced_patches(&text.body).is_empty() {
            self.strangers.insert(text.author.login.to_string());
        }
    }

    fn told(&self, source: input::Source) -> String {
        let mut told = match source {
            input::Source::Issue => "Looked at the issue's text".to_owned(),
            input::Source::Comment { .. } => {
                let earlier = counted(self.comments, "comment", "comments");
                format!("Looked at the issue's text, at {earlier} before the one that asks, and at that one")
            }
        };
        let names = |logins: &BTreeSet<String>| logins.iter().cloned().collect::<Vec<_>>().join(", ");
        if !self.strangers.is_empty() {
            told.push_str(&format!(
                "; what {} posted does not count without write access",
                names(&self.strangers)
            ));
        }
        if !self.sketchers.is_empty() {
            let whose = names(&self.sketchers);
            told.push_str(&format!(
                "; a block of {whose} is no unified diff, which has lines with `---`, `+++` and `@@`"
            ));
        }
        told
    }
}

/// Asks one assistant after the other; the first answer counts.
async fn propose(context: &Context<'_>, request: &Request) -> Result<Proposal, Failure> {
    let mut declined = Vec::new();
    for assistant in &context.services.assistants {
        match assistant.propose(request).await.outcome {
            Err(failure) if failure.code == NOTHING => declined.push((assistant.name(), failure)),
            outcome => return outcome,
        }
    }
    if let [(_, only)] = declined.as_slice() {
        return Err(only.clone());
    }
    let asked: Vec<String> = declined.iter().map(|(name, failure)| format!("{name}: {failure}")).collect();
    let asked = if asked.is_empty() { "no assistant is configured".to_owned() } else { asked.join("; ") };
    Err(Failure::permanent(NOTHING, format!("nobody proposed a change ({asked})"))
        .hint("Put a unified diff into a fenced block (```diff) of the issue or of a comment."))
}

/// The same issue and patch on the same base give the same commit however often this runs.
async fn commit(
    context: &Context<'_>,
    issue: &Issue,
    request: &Request,
    proposal: &Proposal,
) -> Result<ProposedCommit, Failure> {
    // Whoever wrote the patch, not whoever asked for it to be taken; else the commit would depend on who asks.
    let wrote = request.texts.iter().rfind(|text| !fenced_patches(&text.body).is_empty());
    let authors: Vec<&str> = wrote.map(|text| text.author.login.as_str()).into_iter().collect();
    let rules = &context.config.pull_requests;
    let sheet = CommitSheet {
        message: pull_request::commit_message(
            &rules.title,
            issue.number,
            &issue.title,
            &proposal.summary,
            &authors,
        ),
        author: ("automata".to_owned(), "automata@users.noreply.github.com".to_owned()),
        at: issue.created_at,
    };
    let limits = PatchLimits {
        protected: rules.protected_paths(),
        files: rules.limits.files,
        lines: rules.limits.lines,
        bytes: rules.limits.bytes,
    };
    match &proposal.change {
        Change::Patch(patch) => context.services.code.commit_patch(patch, &limits, &sheet).await,
        Change::Folder => Err(Failure::permanent("bug", "no folder was handed out")),
    }
}

/// The open pull request that an earlier task made of the very same request.
async fn done_before(context: &Context<'_>) -> Result<Option<IssueNumber>, Failure> {
    let branches: Vec<String> = {
        let state = context.journal.state();
        let same = |task: &&Task| {
            (&task.spec.kind, task.spec.subject, &task.spec.input)
                == (&context.task.spec.kind, context.task.spec.subject, &context.task.spec.input)
        };
        let branch = |task: &Task| match &task.status {
            Status::Completed { output, .. } => Some(output.read::<input::OpenPullRequest>().ok()?.branch),
            _ => None,
        };
        state.tasks.values().filter(same).filter_map(branch).collect()
    };
    for branch in branches {
        let pulls = context.services.github.pull_requests_from(&branch).await?;
        if let Some(open) = pulls.iter().find(|pull| pull.state == OpenState::Open) {
            return Ok(Some(open.number));
        }
    }
    Ok(None)
}

/// Where a pushed change is.
struct Place {
    branch: String,
    commit: CommitId,
    /// The commit it stands on.
    base: CommitId,
}

/// What an earlier attempt announced and really pushed. The default branch may have moved on since, and the
/// change made anew would be another commit.
async fn pushed_before(context: &Context<'_>) -> Result<Option<Place>, Failure> {
    let announced = {
        let state = context.journal.state();
        let effect = state.effects.get(&EffectId::of(&context.task.id, STEP));
        effect.and_then(|effect| {
            let branch = effect.intent.target.strip_prefix("refs/heads/")?.to_owned();
            let (commit, base) = effect.intent.detail.split_once(ON)?;
            Some(Place { branch, commit: CommitId::new(commit), base: CommitId::new(base) })
        })
    };
    let Some(place) = announced else { return Ok(None) };
    let is_there = context.services.code.branch(&place.branch).await?.as_ref() == Some(&place.commit);
    Ok(is_there.then_some(place))
}

/// Pushes the commit on the first branch name that is free, or that has this very commit already.
async fn push(context: &Context<'_>, issue: &Issue, change: &ProposedCommit) -> Result<Place, Failure> {
    let code = &context.services.code;
    let bad = |problem: String| {
        Failure::permanent("bad_branch_name", format!("the branch template makes no good name: {problem}"))
            .hint("Change `pull_requests.branch` in .github/automata.yml.")
    };
    let template = BranchTemplate::parse(&context.config.pull_requests.branch)
        .map_err(|problem| bad(problem.to_string()))?;
    let first = template.name(issue.number, &issue.title).map_err(|problem| bad(problem.to_string()))?;
    let place = match pushed_before(context).await? {
        Some(place) => place,
        None => Place {
            branch: free_name(context, &first, &change.commit).await?,
            commit: change.commit.clone(),
            base: change.base.clone(),
        },
    };
    let Place { branch: name, commit: wanted, base } = &place;
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Branch,
        target: format!("refs/heads/{name}"),
        detail: format!("{wanted}{ON}{base}"),
    };
    let receipt = |commit: CommitId| receipt::Branch { branch: name.clone(), commit };
    context
        .effect(
            announcement,
            async || Ok(code.branch(name).await?.filter(|at| at == wanted).map(receipt)),
            async || match code.push_branch(name, None, wanted).await? {
                Pushed::Done => Ok(receipt(wanted.clone())),
                Pushed::Conflict(Some(at)) if at == *wanted => Ok(receipt(at)),
                Pushed::Conflict(_) => Err(Failure::transient(
                    "branch_taken",
                    format!("somebody else made {name} in the same moment"),
                )),
            },
        )
        .await?;
    Ok(place)
}

async fn free_name(context: &Context<'_>, first: &BranchName, commit: &CommitId) -> Result<String, Failure> {
    for count in 1..=BRANCHES_TRIED {
        let name = if count == 1 { first.to_string() } else { format!("{first}-{count}") };
        match context.services.code.branch(&name).await? {
            None => return Ok(name),
            Some(at) if at == *commit => return Ok(name),
            Some(_) => {}
        }
    }
    Err(Failure::permanent("branch_taken", format!("{first} and {BRANCHES_TRIED} names like it are taken"))
        .hint("Delete branches of finished attempts."))
}
