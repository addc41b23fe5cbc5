//! What the kinds are told that tell others: Slack, other systems, the checks of a pull request.

use serde::{Deserialize, Serialize};

use super::WrongInput;
use crate::domain::id::{CommitId, Login};
use crate::domain::notice::{Happening, Notice};
use crate::domain::payload::Payload;
use crate::domain::shape::accepts;

/// Tells Slack what happened. Input: [`Slack`].
pub const SLACK: &str = "slack";
/// Tells another system one thing that happened. Input: [`Webhook`].
pub const WEBHOOK: &str = "webhook";
/// Keeps our check on a pull request up to date. Input: [`CheckRun`].
pub const CHECK_RUN: &str = "check_run";

/// Says on a pull request what its change of the configuration would have done. Input: [`Rehearse`].
pub const REHEARSE: &str = "rehearse";

/// Notices that one message keeps: nobody reads more at once.
const NOTICES_KEPT: usize = 40;

/// See [`SLACK`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slack {
    /// What happened, oldest first. With none the thread's first message alone is brought up to date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// How many older ones were left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
    /// The channel whose digest this is; none: each notice goes where the routes say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// See [`WEBHOOK`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its name in the configuration.
    pub name: String,
    /// What happened.
    pub notice: Notice,
}

/// See [`CHECK_RUN`]. What it says is made from the state when the task runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {}

/// See [`REHEARSE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearse {
    /// The commit that the pull request comes from.
    pub head: CommitId,
    /// The branch that it goes to.
    pub base: String,
    /// Who opened or pushed it, and whose it is: what is told goes by whoever of them may do least. Nobody, as far as GitHub
    /// did not tell, and where it comes from a fork: whose its content is nobody knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Login>,
}

/// Whether tasks of a kind only tell what others did: when one is given up, the work itself has not failed.
#[must_use]
pub fn is_telling(kind: &str) -> bool {
    matches!(kind, SLACK | WEBHOOK | CHECK_RUN)
}

/// What two requests ask for together, where a later one does not simply stand for both; none for other kinds.
#[must_use]
pub fn joined(kind: &str, earlier: &Payload, later: &Payload) -> Option<Payload> {
    if kind != SLACK {
        return None;
    }
    let (earlier, later): (Slack, Slack) = (earlier.read().ok()?, later.read().ok()?);
    let mut notices = earlier.notices;
    notices.extend(later.notices);
    notices.sort_by_key(|notice| (notice.sequence, notice.subject));
    notices.dedup();
    let surplus = notices.len().saturating_sub(NOTICES_KEPT);
    for _ in 0..surplus {
        let least = notices.iter().enumerate().min_by_key(|(place, notice)| (worth(notice.what), *place));
        if let Some(place) = least.map(|(place, _)| place) {
            notices.remove(place);
        }
    }
    let left_out = earlier.left_out + later.left_out + surplus;
    Payload::of(&Slack { notices, left_out, digest: later.digest.or(earlier.digest) }).ok()
}

/// What is left out first where there is too much, the oldest before others: what a person must see to stays longest.
const fn worth(what: Happening) -> u8 {
    match what {
        Happening::Triaged | Happening::Assigned => 0,
        Happening::Failed | Happening::DriveRisk => 2,
        _ => 1,
    }
}

pub(super) fn check(kind: &str, input: &Payload) -> Option<Result<(), WrongInput>> {
    Some(match kind {
        SLACK => accepts::<Slack>(input),
        WEBHOOK => accepts::<Webhook>(input),
        CHECK_RUN => accepts::<CheckRun>(input),
        REHEARSE => accepts::<Rehearse>(input),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{IssueNumber, Sequence};
    use crate::domain::subject::Subject;
    use crate::domain::time::Timestamp;

    #[test]
    fn of_too_much_what_failed_is_left_out_last() {
        let notice = |sequence: u64, what| Notice {
            what,
            sequence: Sequence(sequence),
            subject: Subject::Issue(IssueNumber(sequence)),
            at: Timestamp::from_millis(0),
            by: None,
            kind: None,
            rule: None,
            text: None,
            url: None,
            event: None,
        };
        let kinds = [Happening::Failed, Happening::Triaged, Happening::Closed];
        let all: Vec<Notice> = (0..60).map(|place| notice(place, kinds[place as usize % 3])).collect();
        let payload = |notices: &[Notice]| {
            Payload::of(&Slack { notices: notices.to_vec(), ..Slack::default() }).unwrap()
        };
        let joined = joined(SLACK, &payload(&all[..30]), &payload(&all[30..])).unwrap();
        let joined: Slack = joined.read().unwrap();
        let count = |what| joined.notices.iter().filter(|notice| notice.what == what).count();
        assert_eq!(kinds.map(count), [20, 0, 20]);
        assert_eq!(joined.left_out, 20);
    }
}
