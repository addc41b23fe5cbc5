//! What a receipt says to a person.

use crate::domain::count::counted;
use crate::domain::effect::EffectKind;
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::untrusted::one_line;

/// Width of a receipt that is shown as it is.
const RECEIPT: usize = 120;

/// What to look for in the world, out of the receipt of an effect of this kind.
#[must_use]
pub fn words(kind: EffectKind, receipt: &Payload) -> String {
    let told = match kind {
        EffectKind::Comment => receipt.read::<receipt::Comment>().map(|comment| comment.url),
        EffectKind::Labels => receipt.read::<receipt::Labels>().map(|labels| {
            let added = labels.added.iter().map(|label| format!("+{label}"));
            let removed = labels.removed.iter().map(|label| format!("-{label}"));
            added.chain(removed).collect::<Vec<_>>().join(" ")
        }),
        EffectKind::Assignees => receipt.read::<receipt::Assignees>().map(|assignees| {
            assignees.added.iter().map(|login| format!("+{login}")).collect::<Vec<_>>().join(" ")
        }),
        EffectKind::Branch | EffectKind::Commit => {
            receipt.read::<receipt::Branch>().map(|branch| format!("{} at {}", branch.branch, branch.commit))
        }
        EffectKind::PullRequest => {
            receipt.read::<receipt::PullRequest>().map(|pull| format!("#{} {}", pull.number, pull.url))
        }
        EffectKind::Answers => {
            receipt.read::<receipt::Answers>().map(|answers| counted(answers.ids.len(), "answer", "answers"))
        }
        EffectKind::Assistant => Ok(one_line(receipt.as_str(), RECEIPT)),
    };
    // A newer version may have left another shape: then it is shown as it is.
    told.unwrap_or_else(|_| one_line(receipt.as_str(), RECEIPT))
}
