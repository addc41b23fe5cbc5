//! Runs that nothing disturbed: their events, what they did outside, and what can be seen afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use automata::app::read;
use automata::domain::effect::EffectKind;
use automata::domain::event::Event;
use automata::domain::id::{EffectId, Sequence};
use automata::domain::receipt;
use automata::log::{Append, Envelope, EventLog, Head, MemoryLog};
use serde_json::Value;

use crate::world::outside::Outside;

/// Longer than the longest wait of a retry.
const LONG_ENOUGH: Duration = Duration::from_secs(7 * 3600);
/// Runs after which everything must be done: a cut-off task is taken back by the first.
const MOST_RUNS: usize = 6;

/// A run that is to be cut.
pub(crate) struct Story {
    pub(crate) name: &'static str,
    /// `.github/automata.yml`.
    pub(crate) config: &'static str,
    /// What happens outside: GitHub's name of the event and its JSON.
    pub(crate) begin: fn(&Outside) -> (&'static str, Value),
}

pub(crate) const PATCH: &str = "It panics without a `=` in src/parser.rs.\n\n```diff\n--- a/src/parser.rs\n+++ b/src/parser.rs\n@@ -1,4 +1,4 @@\n fn parse(line: &str) -> usize {\n-    let at = line.find('=').unwrap();\n+    let at = line.find('=').unwrap_or(line.len());\n     at\n }\n```\n";
const REFUSED: &str = "```diff\n--- a/CODEOWNERS\n+++ b/CODEOWNERS\n@@ -1,2 +1,2 @@\n-* @mona\n+* @mallory\n /src/parser.rs @otto\n```\n";

fn opened(outside: &Outside, author: &str, title: &str, body: &str) -> (&'static str, Value) {
    let issue = outside.github.open_issue(author, title, body, &[]);
    ("issues", outside.github.event_payload_opened(issue))
}

pub(crate) const PLAIN: Story = Story {
    name: "a plain issue",
    config: "",
    begin: |outside| {
        let body = "The program crashes:\n```\nthread 'main' panicked at src/parser.rs:2:30\n```\n";
        opened(outside, "alice", "Crash on an empty line", body)
    },
};
pub(crate) const PATCHED: Story = Story {
    name: "an issue with a patch",
    config: "",
    begin: |outside| opened(outside, "otto", "Crash without an equals sign", PATCH),
};
pub(crate) const REFUSAL: Story = Story {
    name: "a patch that is refused",
    config: "",
    begin: |outside| opened(outside, "otto", "Crash of the owners", REFUSED),
};
pub(crate) const SORTED: Story = Story {
    name: "labels and assignments",
    config: "labels: { create: true }\nrules:\n  - on: issues.opened\n    do:\n      - analyse\n      - label: [needs attention, bug]\n      - assign: [otto, mona]\n",
    begin: |outside| opened(outside, "alice", "Crash on an empty line", "It crashes, see src/main.rs."),
};
pub(crate) const PLANNED: Story = Story {
    name: "a type and a milestone",
    config: "labels: { issue_types: { bug: Bug } }\nrules:\n  - { on: issues.opened, do: analyse }\n  - { on: analysed, if: { type: bug }, do: { milestone: v2 } }\n",
    begin: |outside| {
        outside.github.set_issue_types(&["Bug"]);
        outside.github.make_milestone("v2");
        opened(outside, "alice", "Crash on an empty line", "It crashes, see src/main.rs.")
    },
};
pub(crate) const WORDS: Story = Story {
    name: "a comment with words",
    config: "",
    begin: |outside| {
        let issue = outside.github.open_issue("alice", "How is it built?", "I found nothing.", &[]);
        let said = "/automata label +question -bug\n/automata assign @otto\n/automata why\n";
        let comment = outside.github.comment("mona", issue, said);
        ("issue_comment", outside.github.event_payload_commented(comment))
    },
};
pub(crate) const STORIES: [&Story; 6] = [&PLAIN, &PATCHED, &REFUSAL, &SORTED, &PLANNED, &WORDS];

/// What a person sees, and whether everything was brought to an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Authors and texts, without the hidden marks.
    pub(crate) comments: Vec<(String, String)>,
    pub(crate) labels: Vec<String>,
    pub(crate) assignees: Vec<String>,
    /// The issue's type and milestone.
    pub(crate) planned: [Option<String>; 2],
    pub(crate) pulls: Vec<String>,
    pub(crate) branches: Vec<(String, String)>,
    /// Kinds and statuses, but for the comments: how often those are refreshed depends on luck.
    pub(crate) tasks: Vec<(String, &'static str)>,
    /// What is not at its end.
    pub(crate) unfinished: Vec<String>,
}

impl Seen {
    pub(crate) async fn of(outside: &Outside, log: &dyn EventLog) -> Self {
        let (state, _) = read(log).await.unwrap();
        let mut labels = outside.github.labels_of(1);
        labels.sort();
        let visible = |(author, body): (String, String)| {
            (author, body.split_once('\n').map_or(String::new(), |(_, rest)| rest.to_owned()))
        };
        let open = state.effects.values().filter(|effect| effect.receipt.is_none());
        let open = open.map(|effect| format!("effect {} is open", effect.intent.effect));
        let busy = state.tasks.values().filter(|task| !task.status.is_final());
        let busy = busy.map(|task| format!("task {} ({}) is {:?}", task.id, task.spec.kind, task.status));
        let others = state.tasks.values().filter(|task| task.spec.kind.as_str() != "comment");
        let mut tasks: Vec<_> = others.map(|task| (task.spec.kind.to_string(), task.status.name())).collect();
        tasks.sort();
        Self {
            comments: outside.github.comments_of(1).into_iter().map(visible).collect(),
            labels,
            assignees: outside.github.assignees_of(1),
            planned: [outside.github.type_of(1), outside.github.milestone_of(1)],
            pulls: outside.github.pulls(),
            branches: outside.branches(),
            tasks,
            unfinished: open.chain(busy).collect(),
        }
    }
}

/// One change outside.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A request to GitHub.
    Request(String),
    /// A branch and its commit.
    Branch(String, String),
}

/// A run that nothing disturbed.
pub(crate) struct Golden {
    pub(crate) outside: Outside,
    pub(crate) events: Vec<Envelope>,
    /// What each effect did outside, in the order in which they were done.
    pub(crate) changes: Vec<(EffectId, Vec<Change>)>,
    pub(crate) seen: Seen,
}

impl Golden {
    pub(crate) async fn of(story: &Story) -> Self {
        let outside = Outside::new(story.config, 1).await;
        let event = (story.begin)(&outside);
        let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new());
        outside.run(Arc::clone(&log), Some(&event)).await.unwrap();
        let events = history(log.as_ref()).await;
        let seen = Seen::of(&outside, log.as_ref()).await;
        assert_eq!(seen.unfinished, Vec::<String>::new(), "{}", story.name);
        let changes = changes(&events, outside.github.writes());
        Self { outside, events, changes, seen }
    }

    /// Another outside in which the same has happened, and these effects were done.
    pub(crate) async fn elsewhere(
        &self,
        story: &Story,
        is_done: impl Fn(&EffectId) -> bool,
    ) -> (Outside, (&'static str, Value)) {
        let outside = Outside::new(story.config, 2).await;
        let event = (story.begin)(&outside);
        outside.a_run_was_lost();
        for change in self.changes.iter().filter(|(id, _)| is_done(id)).flat_map(|(_, changes)| changes) {
            match change {
                Change::Request(line) => outside.github.again(line),
                Change::Branch(name, commit) => {
                    outside.adopt_branch(&self.outside.repository(), name, commit);
                }
            }
        }
        (outside, event)
    }

    /// The first `count` events, as a log of their own.
    pub(crate) async fn cut(&self, count: usize) -> Arc<dyn EventLog> {
        let log = MemoryLog::new();
        if count > 0 {
            let batch = Append { events: &self.events[..count], message: "cut", snapshot: None };
            log.append(&Head::EMPTY, &batch).await.unwrap();
        }
        Arc::new(log)
    }

    /// Where the log may end: an append is all or nothing, so what one command led to is never torn.
    pub(crate) fn ends(&self) -> Vec<usize> {
        let begins = |count: &usize| self.events.get(*count).is_none_or(|event| event.id.ends_with("-0"));
        (0..=self.events.len()).filter(begins).filter(|count| !self.is_inside_of_words(*count)).collect()
    }

    /// What follows from the words of one comment becomes durable together with the end of its task, see `tasks::obey`:
    /// whether the log would end between the first word and that end.
    fn is_inside_of_words(&self, count: usize) -> bool {
        let is_said = |event: &Envelope| matches!(event.recorded.event, Event::CommandGranted(_));
        let Some(first) = self.events.iter().position(is_said) else { return false };
        let ends = |event: &Envelope| matches!(event.recorded.event, Event::TaskCompleted(_));
        let end = self.events[first..].iter().position(ends).map(|place| first + place);
        count > first && end.is_some_and(|end| count <= end)
    }
}

/// Every event of a log.
pub(crate) async fn history(log: &dyn EventLog) -> Vec<Envelope> {
    let mut events = Vec::new();
    log.history(Sequence(1), &mut |envelope| events.push(envelope)).await.unwrap();
    events
}

/// Which effect did what: requests of one kind were made in the order in which their effects were closed.
fn changes(events: &[Envelope], writes: Vec<String>) -> Vec<(EffectId, Vec<Change>)> {
    let mut requests: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut makes_labels = Vec::new();
    for line in writes {
        let sort = if line.starts_with("POST /repos/acme/widgets/labels ") {
            makes_labels.push(line);
            continue;
        } else if line.contains("/reactions") {
            "reaction"
        } else if line.contains("/comments") {
            "comment"
        } else if line.contains("/labels") {
            "labels"
        } else if line.contains("/assignees") {
            "assignees"
        } else if line.starts_with("PATCH /repos/acme/widgets/issues/1 ") {
            "issue"
        } else {
            "pull request"
        };
        requests.entry(sort).or_default().push(line);
    }
    let kind = |id: &EffectId| {
        events.iter().find_map(|event| match &event.recorded.event {
            Event::EffectIntended(intent) if intent.effect == *id => Some(intent.kind),
            _ => None,
        })
    };
    let mut changes = Vec::new();
    for event in events {
        let Event::EffectCompleted(done) = &event.recorded.event else { continue };
        let mut next = |sort: &str| requests.get_mut(sort).map(|lines| lines.remove(0)).unwrap();
        let change = match kind(&done.effect).unwrap() {
            EffectKind::Comment => vec![next("comment")],
            EffectKind::Reaction => vec![next("reaction")],
            EffectKind::Slack | EffectKind::Webhook | EffectKind::CheckRun => {
                unreachable!("these stories tell nobody else")
            }
            EffectKind::Labels => {
                std::mem::take(&mut makes_labels).into_iter().chain([next("labels")]).collect()
            }
            EffectKind::Assignees => vec![next("assignees")],
            EffectKind::PullRequest => vec![next("pull request")],
            EffectKind::Commit | EffectKind::Answers | EffectKind::Merge => {
                unreachable!("nothing is reviewed in these stories")
            }
            EffectKind::DriveFile
            | EffectKind::DriveFolder
            | EffectKind::DriveShares
            | EffectKind::DriveIssue
            | EffectKind::DriveAccess
            | EffectKind::DriveItem
            | EffectKind::DriveLinks
            | EffectKind::DriveTree => unreachable!("these stories have no Drive"),
            EffectKind::Branch => {
                let branch: receipt::Branch = done.receipt.read().unwrap();
                changes.push((
                    done.effect.clone(),
                    vec![Change::Branch(branch.branch, branch.commit.to_string())],
                ));
                continue;
            }
            EffectKind::Issue => vec![next("issue")],
            EffectKind::Field => unreachable!("no story of these sets a field in a project"),
            EffectKind::Reviewers => unreachable!("nobody is asked for a review in these stories"),
            EffectKind::Assistant => unreachable!("no assistant of these stories is outside"),
            EffectKind::Program => unreachable!("these stories have no plugins"),
        };
        changes.push((done.effect.clone(), change.into_iter().map(Change::Request).collect()));
    }
    assert!(requests.values().all(Vec::is_empty), "no effect asked for this: {requests:?}");
    changes
}

/// Has run after run work on what was left, as GitHub would start them, until nothing is left. The first of
/// them is told of the event when `event` is given.
pub(crate) async fn finish(
    outside: &Outside,
    log: &Arc<dyn EventLog>,
    event: Option<&(&'static str, Value)>,
) -> Seen {
    let mut event = event;
    for _ in 0..MOST_RUNS {
        outside.all_runs_ended();
        outside.run(Arc::clone(log), event.take()).await.unwrap();
        let (state, _) = read(log.as_ref()).await.unwrap();
        if state.tasks.values().all(|task| task.status.is_final()) {
            break;
        }
        outside.github.clock().advance(LONG_ENOUGH);
    }
    Seen::of(outside, log.as_ref()).await
}
