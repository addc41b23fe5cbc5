//! The port's promises about plans, ends and reviews, kept by both adapters.

use std::time::Duration;

use automata::domain::id::{IssueNumber, Login};
use automata::domain::trigger::OpenState;
use automata::services::github::{FieldSet, FieldValue, NewPullRequest, Opened, Reaction};

use super::stage::Stage;

kept_by_both!(
    an_issue_is_closed_and_opened_again_and_saying_it_twice_is_no_failure,
    a_type_is_set_and_cleared,
    an_issue_is_planned_for_a_milestone_that_there_is,
    a_field_that_is_not_there_is_told_and_no_failure,
    who_is_asked_for_a_review_is_asked_once_people_and_teams,
    reviews_come_oldest_first_with_what_they_say,
    a_thread_is_answered_where_it_stands_and_one_that_is_gone_is_none,
    a_comment_on_a_line_has_a_reaction_once,
    a_file_that_nobody_changed_has_no_commits,
);

async fn opened(stage: &Stage) -> IssueNumber {
    let (head, base) = ("fix".to_owned(), "main".to_owned());
    let new = NewPullRequest { title: "Fix".into(), body: String::new(), head, base, draft: false };
    match stage.github().open_pull_request(&new).await.unwrap() {
        Opened::Created(pull) | Opened::Exists(pull) => pull.number,
    }
}

async fn an_issue_is_closed_and_opened_again_and_saying_it_twice_is_no_failure(stage: Stage) {
    let issue = stage.opens("maria", "one", "", &[]);
    let github = stage.github();
    for _ in 0..2 {
        github.close_issue(issue).await.unwrap();
        assert_eq!(github.issue(issue).await.unwrap().unwrap().state, OpenState::Closed);
    }
    for _ in 0..2 {
        github.reopen_issue(issue).await.unwrap();
        assert_eq!(github.issue(issue).await.unwrap().unwrap().state, OpenState::Open);
    }
}

async fn a_type_is_set_and_cleared(stage: Stage) {
    stage.has(&["Bug"], &[]);
    let issue = stage.opens("maria", "one", "", &[]);
    let github = stage.github();
    for wanted in [Some("Bug"), None] {
        assert_eq!(github.set_issue_type(issue, wanted).await.unwrap().as_deref(), wanted);
        assert_eq!(github.issue(issue).await.unwrap().unwrap().issue_type.as_deref(), wanted);
    }
}

async fn an_issue_is_planned_for_a_milestone_that_there_is(stage: Stage) {
    stage.has(&[], &["v1", "v2"]);
    let issue = stage.opens("maria", "one", "", &[]);
    assert_eq!(stage.github().set_milestone(issue, Some("v2")).await.unwrap().as_deref(), Some("v2"));
    assert_eq!(stage.github().issue(issue).await.unwrap().unwrap().milestone.as_deref(), Some("v2"));
}

async fn a_field_that_is_not_there_is_told_and_no_failure(stage: Stage) {
    let issue = stage.opens("maria", "one", "", &[]);
    for project in [Some(4), None] {
        let value = FieldValue { project, field: "Status".into(), option: "Ready".into() };
        let FieldSet::Not(why) = stage.github().set_field(issue, &value).await.unwrap() else {
            panic!("set")
        };
        assert!(!why.is_empty());
    }
}

async fn who_is_asked_for_a_review_is_asked_once_people_and_teams(stage: Stage) {
    let pull = opened(&stage).await;
    let github = stage.github();
    assert_eq!(github.reviewers(pull).await.unwrap(), [] as [Login; 0]);
    for _ in 0..2 {
        let wanted = ["maria", "acme/core"].map(Login::new);
        assert_eq!(github.request_reviewers(pull, &wanted).await.unwrap().unwrap(), wanted);
    }
    let more = github.request_reviewers(pull, &[Login::new("joe")]).await.unwrap().unwrap();
    assert_eq!(more.len(), 3);
    assert_eq!(github.reviewers(pull).await.unwrap(), more);
}

async fn reviews_come_oldest_first_with_what_they_say(stage: Stage) {
    let pull = opened(&stage).await;
    assert_eq!(stage.github().reviews(pull).await.unwrap(), []);
    for (who, verdict, text) in [
        ("maria", "changes_requested", "Nearly."),
        ("joe", "commented", "Hm."),
        ("maria", "approved", "Good."),
    ] {
        stage.reviews(who, pull, verdict, text);
        stage.lets_pass(Duration::from_secs(60));
    }
    let told: Vec<String> = stage
        .github()
        .reviews(pull)
        .await
        .unwrap()
        .iter()
        .map(|review| {
            assert!(review.submitted_at.is_some());
            format!("{} {}: {}", review.author.login, review.state, review.body)
        })
        .collect();
    assert_eq!(told, ["maria changes_requested: Nearly.", "joe commented: Hm.", "maria approved: Good."]);
}

async fn a_thread_is_answered_where_it_stands_and_one_that_is_gone_is_none(stage: Stage) {
    let pull = opened(&stage).await;
    let github = stage.github();
    let first = stage.comments_on_line("maria", pull, ("src/a.rs", 3), "Why?");
    let second = stage.comments_on_line("joe", pull, ("src/b.rs", 1), "And here?");
    let answer = github.answer_thread(pull, first, "Because.").await.unwrap().unwrap();
    assert_eq!(github.answer_thread(pull, 9_999, "Nobody hears it.").await, Ok(None));
    let lines = github.line_comments(pull).await.unwrap();
    let told: Vec<(u64, u64, &str, &str)> =
        lines.iter().map(|line| (line.id, line.thread, line.path.as_str(), line.body.as_str())).collect();
    assert_eq!(
        told,
        [
            (first, first, "src/a.rs", "Why?"),
            (second, second, "src/b.rs", "And here?"),
            (answer, first, "src/a.rs", "Because."),
        ]
    );
    assert_eq!(lines[0].line, Some(3));
}

async fn a_comment_on_a_line_has_a_reaction_once(stage: Stage) {
    let pull = opened(&stage).await;
    let comment = stage.comments_on_line("maria", pull, ("src/a.rs", 3), "/automata status");
    for _ in 0..2 {
        assert_eq!(stage.github().react_on_line(comment, Reaction::Eyes).await, Ok(true));
    }
    assert_eq!(stage.github().react_on_line(9_999, Reaction::Eyes).await, Ok(false));
}

async fn a_file_that_nobody_changed_has_no_commits(stage: Stage) {
    assert_eq!(stage.github().commits_of("src/a.rs").await.unwrap(), []);
}
