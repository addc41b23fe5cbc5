//! People in a simulation: they open issues and comment on them, and the forge tells of it.

use automata::domain::actor::Actor;
use automata::domain::id::TriggerIdentity;
use automata::domain::subject::Subject;
use automata::domain::trigger::{About, CommentFacts, IssueFacts, Trigger};
use automata::domain::untrusted::Excerpt;
use automata::services::github::{Comment, Issue};

use super::dice::Dice;
use super::forge::Forge;

const CRASH: &str = "It crashes:\n```\nthread 'main' panicked at src/parser.rs:2:20\n```\n";

/// People open issues and comment on them. What the forge tells of it, in order.
pub(super) fn act(dice: &Dice, forge: &Forge) -> Vec<Trigger> {
    let mut triggers = Vec::new();
    for _ in 0..=dice.below(2) {
        let author = if dice.below(2) == 0 { "otto" } else { "alice" };
        let body = if dice.below(2) == 0 { format!("{CRASH}{}", patch("issue")) } else { CRASH.to_owned() };
        let issue = forge.open_issue(author, &body);
        let number = issue.number.0;
        triggers.push(trigger(&issue, None));
        for count in 0..dice.below(2) {
            let author = if dice.below(3) == 0 { "alice" } else { "otto" };
            let body = patch(&format!("comment {count}"));
            let comment = forge.write_comment(Actor::person(author), number, &body);
            triggers.push(trigger(&issue, Some(&comment)));
        }
    }
    triggers
}

fn patch(what: &str) -> String {
    format!(
        "```diff\n--- a/src/parser.rs\n+++ b/src/parser.rs\n@@ -2 +2 @@\n-    line.find('=').unwrap()\n+    line.find('=').expect(\"{what}\")\n```\n"
    )
}

fn trigger(issue: &Issue, comment: Option<&Comment>) -> Trigger {
    let facts = IssueFacts {
        number: issue.number,
        title: Excerpt::title(&issue.title),
        body: Excerpt::body(&issue.body),
        written: None,
        author: issue.author.clone(),
        state: issue.state,
        labels: Vec::new(),
        assignees: Vec::new(),
        is_pull: false,
        created_at: issue.created_at,
        updated_at: issue.updated_at,
    };
    let subject = Subject::Issue(issue.number);
    let (event, action, actor, name, about) = match comment {
        None => {
            let name = format!("issues.opened {}", issue.number);
            ("issues", "opened", issue.author.clone(), name, About::Issue { issue: facts, change: None })
        }
        Some(comment) => {
            let written = CommentFacts {
                id: comment.id,
                author: comment.author.clone(),
                body: Excerpt::body(&comment.body),
                created_at: comment.created_at,
            };
            let name = format!("issue_comment.created {}", comment.id);
            let about = About::Comment { issue: facts, comment: written };
            ("issue_comment", "created", comment.author.clone(), name, about)
        }
    };
    Trigger {
        identity: TriggerIdentity::new(name),
        event: event.to_owned(),
        action: Some(action.to_owned()),
        at: issue.updated_at,
        actor,
        subject,
        hops: 0,
        about,
    }
}
