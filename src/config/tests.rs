//! Which tasks follow from what, and how the checker keeps step with the schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::*;
use crate::domain::actor::Actor;
use crate::domain::id::{IssueNumber, TriggerIdentity};
use crate::domain::spec::TaskRequest;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, CommentFacts, IssueFacts, OpenState, PullFacts, Trigger};
use crate::domain::untrusted::Excerpt;
use crate::domain::verdict::{
    Analysis, CodePlace, Finding, IssueType, LabelFinding, Need, Owner, SecurityReport, Urgency,
};

mod after_analysis;
mod builtin_rules;
mod own_rules;
mod rehearsals;
mod schedules;
mod schema_and_checker;
mod subscriptions;
mod telling;

const PATCH: &str = "Try:\n```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n```\n";

fn configured(yaml: &str) -> Config {
    parse(yaml).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn an_issue(body: &str) -> IssueFacts {
    IssueFacts {
        number: IssueNumber(42),
        title: Excerpt::title("Crash on start"),
        body: Excerpt::body(body),
        written: None,
        author: Actor::person("ann"),
        state: OpenState::Open,
        labels: vec![],
        assignees: vec![],
        is_pull: false,
        created_at: Timestamp::default(),
        updated_at: Timestamp::default(),
    }
}

fn trigger(name: &str, subject: Subject, about: About) -> Trigger {
    let (event, action) = name.split_once('.').map_or((name, None), |(event, action)| (event, Some(action)));
    Trigger {
        identity: TriggerIdentity::new(name),
        event: event.to_owned(),
        action: action.map(str::to_owned),
        at: Timestamp::default(),
        actor: Actor::person("ann"),
        subject,
        hops: 0,
        about,
    }
}

fn on_issue(name: &str, issue: IssueFacts) -> Trigger {
    trigger(name, Subject::Issue(issue.number), About::Issue { issue, change: None })
}

fn on_comment(body: &str, issue: IssueFacts) -> Trigger {
    let comment = CommentFacts {
        id: 7,
        author: Actor::person("bob"),
        body: Excerpt::body(body),
        created_at: Timestamp::default(),
    };
    let subject = if issue.is_pull { Subject::Pull(issue.number) } else { Subject::Issue(issue.number) };
    trigger("issue_comment.created", subject, About::Comment { issue, comment })
}

fn on_pull(name: &str) -> Trigger {
    let pull = PullFacts {
        number: IssueNumber(9),
        title: Excerpt::title("WIP: faster"),
        body: Excerpt::default(),
        written: None,
        author: Actor::person("ann"),
        state: OpenState::Open,
        merged: false,
        draft: true,
        head: "faster".to_owned(),
        head_commit: "c".to_owned(),
        base: "main".to_owned(),
        from_fork: false,
        labels: vec!["Draft".to_owned()],
    };
    trigger(name, Subject::Pull(pull.number), About::Pull { pull, change: None })
}

fn show(requests: &[TaskRequest]) -> String {
    requests.iter().fold(String::new(), |mut text, request| {
        let spec = &request.spec;
        writeln!(
            text,
            "{} {} {} ({}) [{}]",
            spec.kind,
            spec.subject,
            spec.input.as_str(),
            spec.reason,
            spec.unique.as_deref().unwrap_or("-")
        )
        .unwrap();
        text
    })
}

fn asked(config: &Config, trigger: &Trigger) -> String {
    show(&rules::requests(config, trigger))
}

fn finding<T>(value: T, confidence: f64) -> Option<Finding<T>> {
    Some(Finding { value, confidence, reasons: vec!["because".to_owned()] })
}

fn an_analysis() -> Analysis {
    Analysis {
        issue_type: finding(IssueType::Bug, 0.9),
        urgency: finding(Urgency::High, 0.7),
        owners: vec![
            Owner { name: "olga".into(), reason: "line 1".to_owned(), confidence: 0.9 },
            Owner { name: "octo/team".into(), reason: "line 1".to_owned(), confidence: 0.9 },
            Owner { name: "Olga".into(), reason: "line 2".to_owned(), confidence: 0.9 },
            Owner { name: "mail@example.org".into(), reason: "line 3".to_owned(), confidence: 0.9 },
        ],
        ..Analysis::default()
    }
}

fn labels(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn follows(config: &Config, issue: &IssueFacts, analysis: &Analysis, known: Known<'_>) -> String {
    show(&rules::after_analysis(config, issue, analysis, &known))
}
