//! Task kind `drive_audit`: who has access in Drive beside what the configuration wants, mended where that is allowed, and
//! told in one issue that follows what is found and is closed when nothing is left.

mod look;

use std::time::Duration;

use super::files::{drive, waits};
use super::{Announcement, Context, Done, place};
use crate::config::Config;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::input::{self, AccessChange, DriveAccess, DriveAudited, GrantFound};
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::spec::{IfLost, TaskRequest};
use crate::domain::subject::Subject;
use crate::domain::trigger::OpenState;
use crate::domain::untrusted::one_line;
use crate::drive::audit::{Finding, May, Mend, Standing, Weight, Who};
use crate::report::drive_audit::{self as said, Line};
use crate::services::drive::{Grantee, Permission, arranging, sharing};
use crate::services::github::{Issue, IssueQuery};

pub use look::{Found, GivenAt, Known, given, look as look_below};
pub(super) use look::{given_at, is_given};

/// What the issue is known by in the log. A blank is in no id of Drive's.
const KEY: &str = "drive audit";
/// Tasks that one audit asks for at most; the next one sees to the rest.
const MENDS: usize = 200;
/// Characters of a name in the log.
const NAME: usize = 80;
/// The step that opens it.
const OPENED: &str = "drive_issue";
/// The step that gives it another text.
const REWRITTEN: &str = "drive_issue_text";
/// The step that closes it.
const ENDED: &str = "drive_issue_end";

/// A tree takes its time: half an hour is lists and batches of some 100,000 things.
pub(super) fn lease(_: &Config) -> Duration {
    Duration::from_mins(30)
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let asked: input::DriveAudit = context.input()?;
    let found = look_at_all(context).await?;
    let findings: usize = found.iter().map(|(found, _)| found.findings.len()).sum();
    let mends: Vec<DriveAccess> = if asked.repair { mends(&found) } else { Vec::new() };
    if !mends.is_empty() {
        let output = DriveAudited { findings, mending: mends.len(), issue: None };
        return Done::with(&output, mend_first(&asked, mends)?);
    }
    let lines: Vec<Line> = found.iter().flat_map(|(found, _)| lines(context, found)).collect();
    let issue = tell(context, &asked.labels, &lines).await?;
    Done::with(&DriveAudited { findings, mending: 0, issue }, Vec::new())
}

async fn look_at_all(context: &Context<'_>) -> Result<Vec<(Found, bool)>, Failure> {
    let (rules, files) = (&context.config.drive, drive(context)?);
    if rules.access.is_empty() {
        return Err(Failure::permanent(
            "nothing_wanted",
            "the configuration does not say who is to have access to what",
        )
        .hint("Write it under `drive.access`."));
    }
    let drive = &*files.drive;
    let given = given(&context.journal.state());
    let known = Known::of(drive, given).await.map_err(|error| waits(context, error))?;
    let mut all = Vec::new();
    for rule in &rules.access {
        let file = place::folder(drive, rules, rule.folder.as_str()).await?;
        let found =
            look::look(drive, rules, rule, &known, file).await.map_err(|error| waits(context, error))?;
        all.extend(found.into_iter().map(|found| (found, rule.repair)));
    }
    Ok(all)
}

/// What is to be changed, as far as it may be.
fn mends(found: &[(Found, bool)]) -> Vec<DriveAccess> {
    let of_file = |found: &Found| -> Vec<DriveAccess> {
        let changes = found.findings.iter().filter_map(|finding| change(&finding.mend, &found.grants));
        let access = |change| DriveAccess {
            file: found.file.id.to_string(),
            name: one_line(&found.file.name, NAME),
            found: Some(grant_found(&change, &found.grants)),
            change,
            // A long walk may lie between the look and its turn.
            seen: Some(arranging::place(&found.file)),
            asked_by: None,
        };
        changes.map(access).collect()
    };
    found.iter().filter(|(_, may_mend)| *may_mend).flat_map(|(found, _)| of_file(found)).take(MENDS).collect()
}

/// Each change as a task of its own, and then another look.
fn mend_first(asked: &input::DriveAudit, mends: Vec<DriveAccess>) -> Result<Vec<TaskRequest>, Failure> {
    let bug = |error: crate::domain::payload::WrongShape| Failure::permanent("bug", error.to_string());
    let mut requests = Vec::with_capacity(mends.len() + 1);
    for mend in mends {
        let key = format!("drive/{} {}", mend.file, serde_json::to_string(&mend.change).unwrap_or_default());
        let input = Payload::of(&mend).map_err(bug)?;
        let reason = "the configuration wants other access, and lets it be mended";
        requests.push(TaskRequest::new(input::DRIVE_ACCESS, Subject::Repository, input, reason).unique(key));
    }
    let again = input::DriveAudit { repair: false, labels: asked.labels.clone() };
    let input = Payload::of(&again).map_err(bug)?;
    let reason = "what was mended is looked at again";
    let mut look = TaskRequest::new(input::DRIVE_AUDIT, Subject::Repository, input, reason);
    look.after = (0..requests.len()).collect();
    look.spec.if_lost = IfLost::Continue;
    requests.push(look);
    Ok(requests)
}

fn lines(context: &Context<'_>, found: &Found) -> Vec<Line> {
    let login = |address: &str| {
        let mut people = context.config.drive.people.iter();
        people
            .find(|(_, known)| known.as_str().eq_ignore_ascii_case(address))
            .map(|(name, _)| name.as_str().to_owned())
    };
    let told = |finding: &Finding| Line {
        weight: weight(finding),
        folder: found.place.clone(),
        what: said::without_addresses(&finding.what, login),
        remedy: said::without_addresses(&remedy(finding), login),
    };
    found.findings.iter().map(told).collect()
}

/// Keeps the one issue: opened when there is something to tell, rewritten when it is something else, closed when nothing
/// is left. What a person has closed as it is stays closed. The page of the issue that is open afterwards.
async fn tell(context: &Context<'_>, labels: &[String], lines: &[Line]) -> Result<Option<String>, Failure> {
    let me = context.services.github.myself().await?.login;
    let told = said::told(lines);
    let text = said::text(lines, &context.task.id);
    let issue = match kept(context, &me).await? {
        // An answer was lost: it is there, and is ours.
        Some(issue) if is_open(&issue) && context.is_open(OPENED) => {
            open(context, &me, labels, &text, lines.len()).await?;
            issue
        }
        Some(issue) if is_open(&issue) || lines.is_empty() => issue,
        None if lines.is_empty() => return Ok(None),
        // Somebody has closed it knowing all this.
        Some(issue) if first_line(&issue).contains(&told) => return Ok(None),
        _ => return open(context, &me, labels, &text, lines.len()).await.map(Some),
    };
    if !first_line(&issue).contains(&told) || context.is_open(REWRITTEN) {
        rewrite(context, &issue, &told, &text, lines.len()).await?;
    }
    if !lines.is_empty() {
        return Ok(Some(issue.url));
    }
    if is_open(&issue) || context.is_open(ENDED) {
        end(context, &issue).await?;
    }
    Ok(None)
}

/// The issue that is known, open or not; else one that is open with our mark. What others marked so is not.
async fn kept(context: &Context<'_>, me: &Login) -> Result<Option<Issue>, Failure> {
    let github = &context.services.github;
    let is_it = |issue: &Issue| {
        !issue.is_pull && issue.author.login == *me && first_line(issue).starts_with(said::MARKER)
    };
    let number = context.journal.state().watched.issues.get(KEY).copied();
    let known = match number {
        Some(number) => github.issue(number).await?.filter(is_it),
        None => None,
    };
    if known.as_ref().is_some_and(is_open) {
        return Ok(known);
    }
    let open = github.issues(&IssueQuery { since: None, open_only: true }).await?;
    let oldest =
        open.into_iter().filter(|issue| is_it(issue) && is_open(issue)).min_by_key(|issue| issue.number);
    Ok(oldest.or(known))
}

async fn open(
    context: &Context<'_>,
    me: &Login,
    labels: &[String],
    text: &str,
    findings: usize,
) -> Result<String, Failure> {
    let left = |issue: &Issue| left(issue, findings);
    let opened = context
        .effect(
            announcement(OPENED, KEY.to_owned(), said::TITLE),
            async || Ok(kept(context, me).await?.filter(is_open).as_ref().map(left)),
            async || Ok(left(&context.services.github.open_issue(said::TITLE, text, labels).await?)),
        )
        .await?;
    Ok(opened.url)
}

async fn rewrite(
    context: &Context<'_>,
    issue: &Issue,
    told: &str,
    text: &str,
    findings: usize,
) -> Result<(), Failure> {
    let left = |issue: &Issue| left(issue, findings);
    let github = &context.services.github;
    let says_so = |issue: &Issue| first_line(issue).contains(told);
    context
        .effect(
            announcement(REWRITTEN, format!("issue/{}", issue.number), "what is not as wanted now"),
            async || Ok(github.issue(issue.number).await?.filter(says_so).as_ref().map(left)),
            async || {
                github.rewrite_issue(issue.number, text).await?;
                Ok(left(issue))
            },
        )
        .await
        .map(drop)
}

async fn end(context: &Context<'_>, issue: &Issue) -> Result<(), Failure> {
    context
        .effect(
            announcement(ENDED, format!("issue/{}", issue.number), "access is as wanted again"),
            // Closing what is closed changes nothing.
            async || Ok(None),
            async || {
                context.services.github.close_issue(issue.number).await?;
                Ok(left(issue, 0))
            },
        )
        .await
        .map(drop)
}

fn announcement(step: &'static str, target: String, detail: &str) -> Announcement<'static> {
    Announcement { step, kind: EffectKind::DriveIssue, target, detail: detail.to_owned() }
}

fn left(issue: &Issue, findings: usize) -> receipt::DriveIssue {
    receipt::DriveIssue { number: issue.number, key: KEY.to_owned(), url: issue.url.clone(), findings }
}

fn is_open(issue: &Issue) -> bool {
    issue.state == OpenState::Open
}

fn first_line(issue: &Issue) -> &str {
    issue.body.lines().next().unwrap_or_default()
}

/// One word for how bad it is.
#[must_use]
pub const fn weight(finding: &Finding) -> &'static str {
    match finding.weight {
        Weight::Risk => "risk",
        Weight::Drift => "drift",
    }
}

/// What would mend it, for people.
#[must_use]
pub fn remedy(finding: &Finding) -> String {
    match &finding.mend {
        Mend::Give { who, may } => format!("give {who} {}", may.word()),
        Mend::Change { may, .. } => format!("make it {}", may.word()),
        Mend::Take { .. } => "take it away".to_owned(),
        Mend::ByHand { what } => what.clone(),
        Mend::Nothing => String::new(),
    }
}

/// A grant as the comparison wants it.
#[must_use]
pub fn standing(grant: &Permission) -> Standing {
    let who = grant.grantee.as_ref().map(|grantee| match grantee {
        Grantee::User(address) => Who::User(address.clone()),
        Grantee::Group(address) => Who::Group(address.clone()),
        Grantee::Domain(domain) => Who::Domain(domain.clone()),
        Grantee::Anyone => Who::Anyone,
    });
    Standing {
        id: grant.id.to_string(),
        who,
        may: grant.role.and_then(|role| May::of_word(role.as_str())),
        inherited: grant.inherited,
        deleted: grant.deleted,
        ends: grant.expires_at.is_some(),
    }
}

/// What has to change to mend it; none where nothing can be done, or somebody has taken the grant away meanwhile.
#[must_use]
pub fn change(mend: &Mend, grants: &[Permission]) -> Option<AccessChange> {
    let give = |who: &Grantee, may: May| AccessChange::Give {
        who: who.written(),
        role: may.word().to_owned(),
        until: None,
        notify: false,
    };
    match mend {
        Mend::Give { who, may } => Some(give(&grantee(who), *may)),
        Mend::Change { id, may } => {
            let grant = grants.iter().find(|grant| grant.id.as_str() == id)?;
            Some(give(grant.grantee.as_ref()?, *may))
        }
        Mend::Take { id } => Some(AccessChange::Take { who: id.clone() }),
        Mend::ByHand { .. } | Mend::Nothing => None,
    }
}

/// How the grant was found that a change is about.
#[must_use]
pub fn grant_found(change: &AccessChange, grants: &[Permission]) -> GrantFound {
    let grant = match change {
        AccessChange::Give { who, .. } => Grantee::parse(who).and_then(|who| sharing::of(grants, &who)),
        AccessChange::Take { who } => grants.iter().find(|grant| grant.id.as_str() == who),
        _ => None,
    };
    GrantFound::from(grant)
}

fn grantee(who: &Who) -> Grantee {
    match who.clone() {
        Who::User(address) => Grantee::User(address),
        Who::Group(address) => Grantee::Group(address),
        Who::Domain(domain) => Grantee::Domain(domain),
        Who::Anyone => Grantee::Anyone,
    }
}
