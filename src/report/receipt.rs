//! What a receipt says to a person.

use crate::domain::count::counted;
use crate::domain::effect::EffectKind;
use crate::domain::id::Login;
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::untrusted::one_line;

/// Width of a receipt that is shown as it is.
const RECEIPT: usize = 120;

/// What to look for in the world, out of the receipt of an effect of this kind.
#[must_use]
pub fn words(kind: EffectKind, receipt: &Payload) -> String {
    let told = match kind {
        EffectKind::Comment => receipt
            .read::<Option<receipt::Comment>>()
            .map(|comment| comment.map_or_else(|| "none stands".to_owned(), |comment| comment.url))
            .or_else(|_| receipt.read::<receipt::Rehearsed>().map(|told| told.page)),
        EffectKind::Labels => receipt.read::<receipt::Labels>().map(|labels| {
            let added = labels.added.iter().map(|label| format!("+{label}"));
            let removed = labels.removed.iter().map(|label| format!("-{label}"));
            added.chain(removed).collect::<Vec<_>>().join(" ")
        }),
        EffectKind::Assignees => receipt.read::<receipt::Assignees>().map(|assignees| {
            let added = assignees.added.iter().map(|login| format!("+{login}"));
            let removed = assignees.removed.iter().map(|login| format!("-{login}"));
            added.chain(removed).collect::<Vec<_>>().join(" ")
        }),
        EffectKind::Branch | EffectKind::Commit => {
            receipt.read::<receipt::Branch>().map(|branch| format!("{} at {}", branch.branch, branch.commit))
        }
        EffectKind::PullRequest => {
            let closed = receipt.read::<receipt::Closed>().map(|closed| format!("#{} closed", closed.closed));
            closed.or_else(|_| {
                receipt.read::<receipt::PullRequest>().map(|pull| format!("#{} {}", pull.number, pull.url))
            })
        }
        EffectKind::Answers => receipt.read::<receipt::Answers>().map(|answers| {
            let told = counted(answers.ids.len(), "answer", "answers");
            if answers.resolved.is_empty() {
                told
            } else {
                format!("{told}, {} resolved", answers.resolved.len())
            }
        }),
        EffectKind::Merge => receipt.read::<receipt::Merged>().map(|merged| match merged.commit {
            Some(commit) => format!("#{} as {commit}", merged.number),
            None => format!("#{} as soon as GitHub's rules allow it", merged.number),
        }),
        EffectKind::Issue => receipt.read::<receipt::Issue>().map(|issue| {
            let typed = issue.issue_type.map(|name| format!("type {}", one_line(&name, RECEIPT)));
            let closed = issue.closed.then(|| "closed".to_owned());
            let planned = issue.milestone.map(|title| format!("milestone {}", one_line(&title, RECEIPT)));
            let cleared = issue.cleared.then(|| "type cleared".to_owned());
            let unplanned = issue.unplanned.then(|| "milestone taken off".to_owned());
            let reopened = issue.reopened.then(|| "open again".to_owned());
            typed
                .into_iter()
                .chain(planned)
                .chain(closed)
                .chain(cleared)
                .chain(unplanned)
                .chain(reopened)
                .collect::<Vec<_>>()
                .join(", ")
        }),
        EffectKind::DriveFile => receipt.read::<receipt::DriveFile>().map(|file| {
            let place = file.url.unwrap_or_else(|| format!("id:{}", file.id));
            one_line(&format!("{} {place}", file.name), RECEIPT)
        }),
        EffectKind::DriveFolder => receipt.read::<receipt::DriveFolder>().map(|folder| {
            let place = folder.url.unwrap_or_else(|| format!("id:{}", folder.id));
            one_line(&format!("{} {place}", folder.name), RECEIPT)
        }),
        EffectKind::DriveShares => receipt.read::<receipt::DriveShares>().map(|shares| {
            let given = shares.given.iter().map(|shared| format!("+{}", shared.login));
            let taken = shares.taken.iter().map(|login| format!("-{login}"));
            given.chain(taken).collect::<Vec<_>>().join(" ")
        }),
        EffectKind::DriveIssue => {
            receipt.read::<receipt::DriveIssue>().map(|issue| format!("#{} {}", issue.number, issue.url))
        }
        EffectKind::DriveAccess => receipt.read::<receipt::DriveAccess>().map(|access| {
            if let Some(why) = &access.left {
                let told = format!("{}: {} is left as it is: {why}", access.name, access.who);
                return one_line(&told, RECEIPT);
            }
            let may = |role: &Option<String>| role.clone().unwrap_or_else(|| "nothing".to_owned());
            let by =
                access.asked_by.as_ref().map_or_else(String::new, |login| format!(", asked for by {login}"));
            let offered = if access.offered { ", ownership is offered" } else { "" };
            let until = access.until.map_or_else(String::new, |until| format!(" until {until}"));
            let (before, after) = (may(&access.before), may(&access.role));
            let told = format!("{}: {} {before} -> {after}{until}{offered}{by}", access.name, access.who);
            one_line(&told, RECEIPT)
        }),
        EffectKind::DriveItem => receipt
            .read::<receipt::DriveItem>()
            .map(|item| one_line(&format!("{} (id:{}) {}", item.name, item.id, item.done), RECEIPT)),
        EffectKind::DriveLinks => receipt.read::<receipt::DriveLinks>().map(|links| {
            let made = links.made.into_iter().map(|link| format!("{} (id:{})", link.name, link.id));
            one_line(&made.chain(links.left).collect::<Vec<_>>().join(", "), RECEIPT)
        }),
        EffectKind::DriveTree => receipt.read::<receipt::DriveTree>().map(|tree| {
            let same = counted(tree.unchanged, "file", "files");
            let done = counted(tree.done, "thing", "things");
            let first = if tree.first { ", nothing was remembered and so nothing deleted" } else { "" };
            let left = tree.left.first().map_or_else(String::new, |first| {
                let others = tree.left.len() - 1;
                let more = if others > 0 {
                    format!(" (and {})", counted(others, "other", "others"))
                } else {
                    String::new()
                };
                format!(", left alone: {first}{more}")
            });
            one_line(&format!("{done} done, {same} the same{first}{left}"), RECEIPT)
        }),
        EffectKind::Slack => receipt.read::<receipt::Slack>().map(|told| {
            let message = told.message.map(|message| format!(" {message}"));
            one_line(&format!("{}{}", told.channel, message.unwrap_or_default()), RECEIPT)
        }),
        EffectKind::Webhook => receipt
            .read::<receipt::Webhook>()
            .map(|told| one_line(&format!("{} took {} ({})", told.name, told.id, told.status), RECEIPT)),
        EffectKind::CheckRun => receipt.read::<receipt::CheckRun>().map(|check| {
            one_line(
                &format!("{} on {}", check.says, check.commit.as_str().get(..7).unwrap_or_default()),
                RECEIPT,
            )
        }),
        EffectKind::Reaction => receipt
            .read::<receipt::Reaction>()
            .map(|reaction| format!("{} on comment {}", reaction.content, reaction.comment)),
        EffectKind::Program => receipt.read::<receipt::Program>().map(|program| {
            let things = counted(program.effects, "thing", "things");
            one_line(&format!("{} has answered and asks for {things}", program.plugin), RECEIPT)
        }),
        EffectKind::Assistant if receipt.read::<receipt::Judged>().is_ok() => {
            receipt.read::<receipt::Judged>().map(|judged| match judged.answered {
                true => format!("{} has answered", one_line(&judged.judged_by, RECEIPT)),
                false => format!("{} has no answer", one_line(&judged.judged_by, RECEIPT)),
            })
        }
        EffectKind::Assistant => receipt
            .read::<receipt::Assignees>()
            .map(|handed| handed.added.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
        EffectKind::Reviewers => receipt.read::<receipt::Reviewers>().map(|reviewers| {
            let names: Vec<&str> = reviewers.asked.iter().map(Login::as_str).collect();
            let removed: Vec<&str> = reviewers.removed.iter().map(Login::as_str).collect();
            if !removed.is_empty() {
                format!("no longer asked {}", removed.join(", "))
            } else if names.is_empty() {
                "nobody could be asked".to_owned()
            } else {
                format!("asked {}", names.join(", "))
            }
        }),
        EffectKind::Field => receipt.read::<receipt::Field>().map(|field| {
            let back = field.taken_back.map(|set| format!("set back: {set}"));
            let why_not = field.why_not.map(|why| format!("not changed: {}", one_line(&why, RECEIPT)));
            field.set.or(back).or(why_not).unwrap_or_default()
        }),
    };
    // A newer version may have left another shape: then it is shown as it is.
    told.unwrap_or_else(|_| one_line(receipt.as_str(), RECEIPT))
}
