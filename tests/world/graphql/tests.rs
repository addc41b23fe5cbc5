//! The judge itself: what GitHub would refuse is refused, what it would answer fits.

use serde_json::json;

use super::*;

fn refused(document: &str, variables: &Value) -> String {
    judge(document, variables).1.join("; ")
}

#[test]
fn what_github_would_refuse_is_refused() {
    let asked =
        |inner: &str| format!("query Q($n: Int!) {{ repository(owner: \"a\", name: \"b\") {{ {inner} }} }}");
    let one = json!({ "n": 1 });
    let sound = asked("issue(number: $n) { id }");
    assert_eq!(judge(&sound, &one), ("Q".to_owned(), Vec::new()));
    insta::assert_snapshot!(
        [
            refused("query {", &one),
            refused(&asked("issue(number: $n) { colour }"), &one),
            refused(&asked("issue(number: $n)"), &one),
            refused(&asked("issue { id }"), &json!({})),
            refused(&asked("issue(number: $m, size: 1) { id { x } }"), &one),
            refused(&asked("pullRequest(number: $n) { ... on Issue { id } state }"), &json!({ "n": "1" })),
            refused(
                "mutation($t: String) { resolveReviewThread(input: { threadId: $t, sort: 1 }) { thread { id } } }",
                &json!({})
            ),
            refused(
                "mutation($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { mergeQueueEntry { id } } }",
                &json!({ "input": { "jump": "high" } })
            ),
        ]
        .join("\n"),
        @r#"
the document cannot be read: query parse error: Parse error at 1:8
Unexpected end of input
Expected Name

Issue has no field colour
Repository.issue needs a choice of fields
variable $n is not given; Repository.issue needs number; variable $n is not used
variable $m is not declared; Repository.issue takes no size; Issue.id has no fields; variable $n is not used
$n is "1", which is no Int; no PullRequest is ever a Issue
ResolveReviewThreadInput has no field sort; $t is a String, and Mutation.resolveReviewThread(input).threadId wants a ID!
$input.jump is "high", which is no Boolean; $input lacks pullRequestId
"#
    );
}

#[test]
fn our_own_answers_are_held_to_the_schema_too() {
    let document = "query { repository(owner: \"a\", name: \"b\") { pullRequest(number: 1) { state isDraft mergeCommit { oid } } } }";
    let answer = |pull: Value| misfits(document, &json!({ "repository": { "pullRequest": pull } }));
    assert_eq!(
        answer(json!({ "state": "OPEN", "isDraft": false, "mergeCommit": null })),
        Vec::<String>::new()
    );
    assert_eq!(
        answer(json!({ "state": "open", "isDraft": null, "mergeCommit": [] })).join("; "),
        "PullRequest.state is never \"open\"; PullRequest.isDraft is never null; PullRequest.mergeCommit is an object"
    );
}
