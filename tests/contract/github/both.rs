//! The port's promises, kept by both adapters.

use std::time::Duration;

use automata::domain::actor::{ActorKind, Permission};
use automata::domain::id::{IssueNumber, Login, RunId};
use automata::domain::trigger::OpenState;
use automata::services::github::{
    BODY_CHARS, Checks, IssueQuery, Label, NewPullRequest, Opened, Reaction, RunState,
};

use super::stage::Stage;

const HOUR: Duration = Duration::from_hours(1);

kept_by_both!(
    an_issue_is_read_whole,
    what_is_not_there_is_none_or_not_found,
    issues_come_least_recently_changed_first,
    comments_come_oldest_first_and_since_counts_changes,
    a_comment_is_written_changed_and_deleted_and_may_be_gone,
    a_text_is_counted_in_characters,
    labels_compare_without_case_and_come_into_being,
    a_label_is_made_once,
    taking_off_a_label_that_is_not_there_is_no_failure,
    awkward_label_names_are_labels_all_the_same,
    who_cannot_be_assigned_is_passed_over,
    an_assignment_is_taken_away_and_one_that_is_not_there_is_no_failure,
    a_reaction_is_there_once_and_on_a_comment_that_is_gone_never,
    a_pull_request_is_closed_once_and_for_all,
    permissions_are_told_and_apps_are_nobody,
    a_pull_request_is_opened_once_and_then_adopted,
    pull_requests_of_a_branch_come_newest_first,
    a_pull_request_is_open_closed_or_merged,
    a_workflow_that_is_not_there_is_a_failure_for_good,
    a_run_that_nobody_knows_is_unknown,
    nothing_to_add_changes_nothing,
    the_repository_and_our_own_name_are_told,
);

fn pull(head: &str, title: &str) -> NewPullRequest {
    let (head, base) = (head.to_owned(), "main".to_owned());
    NewPullRequest { title: title.to_owned(), body: "Closes #1".to_owned(), head, base, draft: true }
}

fn names(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn logins(texts: &[&str]) -> Vec<Login> {
    texts.iter().map(|text| Login::new(*text)).collect()
}

async fn an_issue_is_read_whole(stage: Stage) {
    let long = "word ".repeat(10_000);
    let number = stage.opens("maria", "It breaks", &long, &["bug"]);
    let issue = stage.github().issue(number).await.unwrap().unwrap();
    assert_eq!(
        (issue.number, issue.title.as_str(), issue.body.as_str()),
        (number, "It breaks", long.as_str())
    );
    assert_eq!((issue.author.login.as_str(), issue.author.kind), ("maria", ActorKind::Person));
    assert_eq!((issue.state, issue.labels, issue.assignees), (OpenState::Open, names(&["bug"]), vec![]));
    assert_eq!((issue.is_pull, issue.created_at), (false, issue.updated_at));
    let empty = stage.opens("maria", "No text", "", &[]);
    assert_eq!(stage.github().issue(empty).await.unwrap().unwrap().body, "");
}

async fn what_is_not_there_is_none_or_not_found(stage: Stage) {
    let (github, nowhere) = (stage.github(), IssueNumber(99));
    assert_eq!(github.issue(nowhere).await, Ok(None));
    let not_found = |failure: automata::domain::failure::Failure| {
        assert!(failure.is_permanent());
        failure.code
    };
    assert_eq!(
        github.create_comment(nowhere, "x").await.map_err(not_found).map(drop),
        Err("not_found".into())
    );
    assert_eq!(github.comments(nowhere, None).await.map_err(not_found).map(drop), Err("not_found".into()));
    assert_eq!(github.add_labels(nowhere, &names(&["x"])).await.map_err(not_found), Err("not_found".into()));
    assert_eq!(github.remove_label(nowhere, "x").await.map_err(not_found), Err("not_found".into()));
    assert_eq!(
        github.add_assignees(nowhere, &logins(&["x"])).await.map_err(not_found),
        Err("not_found".into())
    );
}

async fn issues_come_least_recently_changed_first(stage: Stage) {
    let numbers: Vec<IssueNumber> = ["one", "two", "three"]
        .map(|title| {
            let number = stage.opens("maria", title, "", &[]);
            stage.lets_pass(HOUR);
            number
        })
        .into();
    stage.comments("maria", numbers[0], "ping");
    stage.lets_pass(HOUR);
    stage.closes(numbers[1]);
    let listed = async |query: IssueQuery| -> Vec<u64> {
        stage.github().issues(&query).await.unwrap().iter().map(|issue| issue.number.0).collect()
    };
    assert_eq!(listed(IssueQuery::default()).await, [3, 1, 2]);
    assert_eq!(listed(IssueQuery { open_only: true, since: None }).await, [3, 1]);
    let changed = stage.github().issue(numbers[0]).await.unwrap().unwrap().updated_at;
    assert_eq!(listed(IssueQuery { open_only: false, since: Some(changed) }).await, [1, 2]);
    let later = changed.plus(Duration::from_secs(1));
    assert_eq!(listed(IssueQuery { open_only: false, since: Some(later) }).await, [2]);
}

async fn comments_come_oldest_first_and_since_counts_changes(stage: Stage) {
    let issue = stage.opens("maria", "one", "", &[]);
    let first = stage.github().create_comment(issue, "first").await.unwrap();
    stage.lets_pass(HOUR);
    let second = stage.comments("joe", issue, "second");
    let elsewhere = stage.opens("maria", "two", "", &[]);
    stage.comments("maria", elsewhere, "elsewhere");
    stage.lets_pass(HOUR);
    let ids = async |since| -> Vec<u64> {
        stage.github().comments(issue, since).await.unwrap().iter().map(|comment| comment.id).collect()
    };
    assert_eq!(ids(None).await, [first.id, second]);
    let half = first.created_at.plus(HOUR / 2);
    assert_eq!(ids(Some(half)).await, [second]);
    stage.github().update_comment(first.id, "first, changed").await.unwrap();
    assert_eq!(ids(Some(half)).await, [first.id, second]);
}

async fn a_comment_is_written_changed_and_deleted_and_may_be_gone(stage: Stage) {
    let github = stage.github();
    let issue = stage.opens("maria", "one", "", &[]);
    let comment = github.create_comment(issue, "one\n\n<!-- mark -->").await.unwrap();
    assert_eq!(comment.author, github.myself().await.unwrap());
    let changed = github.update_comment(comment.id, "two").await.unwrap().unwrap();
    assert_eq!(
        (changed.id, changed.body.as_str(), changed.created_at),
        (comment.id, "two", comment.created_at)
    );
    assert_eq!(github.comment(comment.id).await, Ok(Some(changed.clone())));
    assert_eq!(github.comments(issue, None).await.unwrap(), [changed]);
    assert_eq!(github.delete_comment(comment.id).await, Ok(()));
    assert_eq!(github.delete_comment(comment.id).await, Ok(()), "twice is no failure");
    assert_eq!(github.comment(comment.id).await, Ok(None));
    assert_eq!(github.update_comment(comment.id, "three").await, Ok(None));
    assert_eq!(github.comments(issue, None).await, Ok(vec![]));
    let next = github.create_comment(issue, "again").await.unwrap();
    assert_ne!(next.id, comment.id, "an id is never given again");
}

async fn a_text_is_counted_in_characters(stage: Stage) {
    let github = stage.github();
    let issue = stage.opens("maria", "one", "", &[]);
    let comment = github.create_comment(issue, &"é".repeat(BODY_CHARS)).await.unwrap();
    let too_long = "é".repeat(BODY_CHARS + 1);
    let code = |failure: automata::domain::failure::Failure| failure.code;
    let refused = Err("body_too_long".to_owned());
    assert_eq!(github.create_comment(issue, &too_long).await.map(drop).map_err(code), refused);
    assert_eq!(github.update_comment(comment.id, &too_long).await.map(drop).map_err(code), refused);
    let new = NewPullRequest { body: too_long, ..pull("fix", "Fix") };
    assert_eq!(github.open_pull_request(&new).await.map(drop).map_err(code), refused);
}

async fn labels_compare_without_case_and_come_into_being(stage: Stage) {
    let github = stage.github();
    let bug = Label { name: "bug".into(), color: "d73a4a".into(), description: "Broken".into() };
    github.create_label(&bug).await.unwrap();
    let issue = stage.opens("maria", "one", "", &["docs"]);
    let after = github.add_labels(issue, &names(&["BUG", "needs triage"])).await.unwrap();
    assert_eq!(after, names(&["docs", "bug", "needs triage"]));
    let again = github.add_labels(issue, &names(&["Bug", "DOCS"])).await.unwrap();
    assert_eq!(again, after);
    github.remove_label(issue, "Docs").await.unwrap();
    let issue = github.issue(issue).await.unwrap().unwrap();
    assert_eq!(issue.labels, names(&["bug", "needs triage"]));
    let known: Vec<String> = github.labels().await.unwrap().into_iter().map(|label| label.name).collect();
    assert_eq!(known, names(&["bug", "docs", "needs triage"]));
}

async fn a_label_is_made_once(stage: Stage) {
    let label = |name: &str, color: &str| Label {
        name: name.into(),
        color: color.into(),
        description: String::new(),
    };
    stage.github().create_label(&label("Bug", "d73a4a")).await.unwrap();
    stage.github().create_label(&label("bug", "000000")).await.unwrap();
    assert_eq!(stage.github().labels().await.unwrap(), [label("Bug", "d73a4a")]);
}

async fn taking_off_a_label_that_is_not_there_is_no_failure(stage: Stage) {
    let issue = stage.opens("maria", "one", "", &["bug"]);
    assert_eq!(stage.github().remove_label(issue, "docs").await, Ok(()));
    assert_eq!(stage.github().issue(issue).await.unwrap().unwrap().labels, names(&["bug"]));
}

async fn awkward_label_names_are_labels_all_the_same(stage: Stage) {
    let awkward =
        names(&["area/ui", "what?", "100%", "good first issue", "größe", "a#b", "../x", "🐛", "C++"]);
    let issue = stage.opens("maria", "one", "", &[]);
    assert_eq!(stage.github().add_labels(issue, &awkward).await.unwrap(), awkward);
    for name in &awkward {
        stage.github().remove_label(issue, name).await.unwrap();
    }
    assert_eq!(stage.github().issue(issue).await.unwrap().unwrap().labels, names(&[]));
}

async fn who_cannot_be_assigned_is_passed_over(stage: Stage) {
    stage.permits("maria", Permission::Write);
    let issue = stage.opens("joe", "one", "", &[]);
    stage.comments("kim", issue, "me too");
    let first = stage.github().add_assignees(issue, &logins(&["Maria", "stranger"])).await.unwrap();
    assert_eq!(first, logins(&["maria"]));
    let second = stage.github().add_assignees(issue, &logins(&["kim", "maria"])).await.unwrap();
    assert_eq!(second, logins(&["maria", "kim"]));
    assert_eq!(stage.github().issue(issue).await.unwrap().unwrap().assignees, second);
    for n in 0..12 {
        stage.permits(&format!("writer{n}"), Permission::Write);
    }
    let many: Vec<Login> = (0..12).map(|n| Login::new(format!("writer{n}"))).collect();
    assert_eq!(stage.github().add_assignees(issue, &many).await.unwrap().len(), 10, "GitHub's most");
}

async fn an_assignment_is_taken_away_and_one_that_is_not_there_is_no_failure(stage: Stage) {
    for login in ["maria", "will"] {
        stage.permits(login, Permission::Write);
    }
    let issue = stage.opens("joe", "one", "", &[]);
    let github = stage.github();
    github.add_assignees(issue, &logins(&["maria", "will"])).await.unwrap();
    assert_eq!(github.remove_assignees(issue, &logins(&["Maria", "stranger"])).await, Ok(()));
    assert_eq!(github.remove_assignees(issue, &[]).await, Ok(()));
    assert_eq!(github.issue(issue).await.unwrap().unwrap().assignees, logins(&["will"]));
}

async fn a_reaction_is_there_once_and_on_a_comment_that_is_gone_never(stage: Stage) {
    let issue = stage.opens("joe", "one", "", &[]);
    let github = stage.github();
    let comment = github.create_comment(issue, "hello").await.unwrap();
    for _ in 0..2 {
        assert_eq!(github.react(comment.id, Reaction::Eyes).await, Ok(true));
    }
    assert_eq!(github.comment(comment.id).await.unwrap().unwrap().body, "hello");
    github.delete_comment(comment.id).await.unwrap();
    assert_eq!(github.react(comment.id, Reaction::ThumbsUp).await, Ok(false));
}

async fn a_pull_request_is_closed_once_and_for_all(stage: Stage) {
    let github = stage.github();
    let Opened::Created(opened) = github.open_pull_request(&pull("fix", "Fix")).await.unwrap() else {
        panic!("it is new")
    };
    for _ in 0..2 {
        assert_eq!(github.close_pull_request(opened.number).await, Ok(()));
        let state = github.pull_state(opened.number).await.unwrap().unwrap();
        assert_eq!((state.state, state.merged), (OpenState::Closed, false));
    }
}

async fn permissions_are_told_and_apps_are_nobody(stage: Stage) {
    use Permission::{Admin, Maintain, None, Read, Triage, Write};
    for (login, permission) in
        [("ann", Admin), ("max", Maintain), ("will", Write), ("tim", Triage), ("rob", Read)]
    {
        stage.permits(login, permission);
        assert_eq!(stage.github().permission(&login.into()).await, Ok(permission));
        assert_eq!(stage.github().permission(&login.to_uppercase().as_str().into()).await, Ok(permission));
    }
    assert_eq!(stage.github().permission(&"stranger".into()).await, Ok(Read));
    assert_eq!(stage.github().permission(&"dependabot[bot]".into()).await, Ok(None));
}

async fn a_pull_request_is_opened_once_and_then_adopted(stage: Stage) {
    let github = stage.github();
    let Opened::Created(first) =
        github.open_pull_request(&pull("automata/issue-1-fix", "Fix")).await.unwrap()
    else {
        panic!("the first is new")
    };
    assert_eq!((first.head.as_str(), first.base.as_str()), ("automata/issue-1-fix", "main"));
    assert_eq!((first.draft, first.merged, first.state), (true, false, OpenState::Open));
    let again = github.open_pull_request(&pull("automata/issue-1-fix", "Fix, again")).await.unwrap();
    assert_eq!(again, Opened::Exists(first.clone()));
    let other_base = NewPullRequest { base: "next".into(), ..pull("automata/issue-1-fix", "Fix for next") };
    assert!(matches!(github.open_pull_request(&other_base).await.unwrap(), Opened::Created(_)));
    stage.closes(first.number);
    let anew = github.open_pull_request(&pull("automata/issue-1-fix", "Fix, anew")).await.unwrap();
    assert!(matches!(anew, Opened::Created(_)), "a closed one is not adopted");
    let as_issue = github.issue(first.number).await.unwrap().unwrap();
    assert!(as_issue.is_pull);
}

async fn pull_requests_of_a_branch_come_newest_first(stage: Stage) {
    let github = stage.github();
    let open =
        async |head: &str, title: &str| match github.open_pull_request(&pull(head, title)).await.unwrap() {
            Opened::Created(pull) | Opened::Exists(pull) => pull.number,
        };
    let first = open("fix", "one").await;
    open("fix-more", "two").await;
    stage.closes(first);
    let third = open("fix", "three").await;
    let found: Vec<_> = github.pull_requests_from("fix").await.unwrap();
    let seen: Vec<_> = found.iter().map(|pull| (pull.number, pull.state)).collect();
    assert_eq!(seen, [(third, OpenState::Open), (first, OpenState::Closed)]);
    assert_eq!(github.pull_requests_from("none&state=all").await, Ok(vec![]));
}

async fn a_pull_request_is_open_closed_or_merged(stage: Stage) {
    let github = stage.github();
    let issue = stage.opens("maria", "one", "", &[]);
    let mut pulls = Vec::new();
    for head in ["one", "two", "three"] {
        let Opened::Created(pull) = github.open_pull_request(&pull(head, head)).await.unwrap() else {
            panic!("{head} is new")
        };
        pulls.push(pull.number);
    }
    stage.closes(pulls[1]);
    stage.merges(pulls[2]);
    let mut seen = Vec::new();
    for number in &pulls {
        let pull = github.pull_state(*number).await.unwrap().unwrap();
        seen.push((pull.state, pull.merged));
        if let Some(commit) = pull.head_commit {
            assert_eq!(github.checks(&commit).await, Ok(Checks::None), "nobody checks it");
        }
    }
    use OpenState::{Closed, Open};
    assert_eq!(seen, [(Open, false), (Closed, false), (Closed, true)]);
    assert_eq!(github.pull_state(issue).await, Ok(None), "an issue is no pull request");
    assert_eq!(github.pull_state(IssueNumber(99)).await, Ok(None));
}

async fn a_workflow_that_is_not_there_is_a_failure_for_good(stage: Stage) {
    let failure = stage.github().dispatch_workflow("nothing.yml", "main").await.unwrap_err();
    assert!(failure.is_permanent() && failure.hint.is_some(), "{failure:?}");
}

async fn a_run_that_nobody_knows_is_unknown(stage: Stage) {
    for run in ["77.1", "somewhere", ""] {
        assert_eq!(stage.github().run_state(&RunId::new(run)).await, Ok(RunState::Unknown), "{run}");
    }
}

async fn nothing_to_add_changes_nothing(stage: Stage) {
    let issue = stage.opens("maria", "one", "", &["bug"]);
    let before = stage.github().issue(issue).await.unwrap();
    stage.lets_pass(HOUR);
    assert_eq!(stage.github().add_labels(issue, &[]).await, Ok(names(&["bug"])));
    assert_eq!(stage.github().add_assignees(issue, &[]).await, Ok(vec![]));
    assert_eq!(stage.github().issue(issue).await.unwrap(), before);
}

async fn the_repository_and_our_own_name_are_told(stage: Stage) {
    assert_eq!(stage.github().repository().await.unwrap().default_branch, "main");
    let myself = stage.github().myself().await.unwrap();
    assert_eq!((myself.kind, myself.login.as_str()), (ActorKind::App, "github-actions[bot]"));
}
