//! Equal parts of the queue, for several runs that share it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use super::{Hands, Limits, plan};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;

/// One of several equal parts of the queue, written `0/3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 0.
    pub index: u64,
    /// Of how many, at least one.
    pub count: u64,
}

/// The text names no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a shard: the parts of three are written 0/3, 1/3 and 2/3")]
pub struct NotAShard(String);

impl Shard {
    /// Whether a task belongs to this part. Tasks about one issue stay together; those about the repository as a
    /// whole are spread.
    #[must_use]
    pub fn holds(self, task: &Task) -> bool {
        let digest = Sha256::digest(lot(task).as_bytes());
        let number = digest.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        number % self.count.max(1) == self.index
    }
}

/// What goes into the same part.
fn lot(task: &Task) -> String {
    match task.spec.subject {
        Subject::Repository => task.id.to_string(),
        subject => subject.to_string(),
    }
}

/// Into how many parts the work that is ready can be divided, and how many tasks it is.
#[must_use]
pub fn parts(state: &State, now: Timestamp, limits: &Limits) -> (usize, usize) {
    let ready = plan(state, now, limits, Hands::of(usize::MAX));
    let tasks = ready.iter().filter_map(|id| state.tasks.get(id));
    let lots: BTreeSet<String> = tasks.map(lot).collect();
    (lots.len(), ready.len())
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = NotAShard;

    fn from_str(text: &str) -> Result<Self, NotAShard> {
        let parsed = text.split_once('/').and_then(|(index, count)| {
            let shard = Self { index: index.parse().ok()?, count: count.parse().ok()? };
            (shard.index < shard.count).then_some(shard)
        });
        parsed.ok_or_else(|| NotAShard(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IssueNumber;
    use crate::domain::story::{MINUTE, Story, request};

    #[test]
    fn a_shard_is_written_as_it_is_read() {
        for text in ["0/1", "0/3", "2/3"] {
            assert_eq!(text.parse::<Shard>().map(|shard| shard.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "1", "3/3", "0/0", "-1/3", "a/b", "1/2/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn there_are_as_many_parts_as_subjects_and_tasks_of_the_whole_that_are_ready() {
        let mut story = Story::new();
        assert_eq!(parts(&story.state, story.now, &Limits::default()), (0, 0));
        let mut requests = ["label", "comment", "label", "label", "label"].map(request).to_vec();
        requests[2].spec.subject = Subject::Issue(IssueNumber(7));
        requests[3].spec.subject = Subject::Repository;
        requests[4].spec.subject = Subject::Repository;
        let mut late = request("label");
        late.spec.subject = Subject::Issue(IssueNumber(8));
        late.spec.not_before = Some(story.now.plus(MINUTE));
        requests.push(late);
        story.enqueue(requests);
        assert_eq!(parts(&story.state, story.now, &Limits::default()), (4, 5));
        let limits = Limits { overall: Some(2), ..Limits::default() };
        assert_eq!(parts(&story.state, story.now, &limits), (2, 2), "no more than may run at once");
    }
}
