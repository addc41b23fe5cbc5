//! Reviews of pull requests on the simulated GitHub, and comments on their lines.

use serde_json::{Value, json};

use super::GitHubWorld;
use super::operations::Request;
use super::render::user;
use super::reply::Reply;
use super::state::{LineCommentRecord, ReviewRecord, State};

impl GitHubWorld {
    /// Somebody reviews a pull request: `approved`, `changes_requested` or `commented`. The event that GitHub would
    /// deliver.
    pub(crate) fn review(&self, pull: u64, reviewer: &str, verdict: &str, body: &str) -> Value {
        let review = {
            let mut state = self.at_now();
            let id = 5_000 + state.reviews.len() as u64;
            let (reviewer, verdict) = (reviewer.to_owned(), verdict.to_owned());
            let (body, submitted_at) = (body.to_owned(), state.now);
            state.reviews.push(ReviewRecord { id, pull, reviewer, verdict, body, submitted_at });
            state.touch(pull);
            let record = state.reviews.last().unwrap().clone();
            state.review(&record)
        };
        let mut event = self.event_payload_pull("submitted", pull, review["user"]["login"].as_str().unwrap());
        event["review"] = review;
        event
    }

    /// Somebody comments on a line of a pull request. The event that GitHub would deliver.
    pub(crate) fn comment_on_line(&self, pull: u64, author: &str, at: (&str, u64), body: &str) -> Value {
        let comment = {
            let mut state = self.at_now();
            state.last_comment += 1;
            let (id, (path, line)) = (state.last_comment, at);
            let (author, path, body) = (author.to_owned(), path.to_owned(), body.to_owned());
            let written_at = state.now;
            state.line_comments.push(LineCommentRecord { id, pull, author, path, line, body, written_at });
            state.touch(pull);
            let record = state.line_comments.last().unwrap().clone();
            state.line_comment(&record)
        };
        let mut event = self.event_payload_pull("created", pull, author);
        event["comment"] = comment;
        event
    }
}

impl State {
    pub(crate) fn list_reviews(&mut self, request: &Request<'_>) -> Reply {
        let pull = request.number("pull_number");
        let of_pull = self.reviews.iter().filter(|review| review.pull == pull);
        let found = of_pull.map(|review| self.review(review)).collect();
        self.page_of(request, found)
    }

    pub(crate) fn list_review_comments(&mut self, request: &Request<'_>) -> Reply {
        assert_eq!((request.query("sort"), request.query("direction")), (Some("updated"), Some("asc")));
        let since = request.since();
        let recent = self.line_comments.iter().filter(|comment| comment.written_at >= since);
        let found = recent.map(|comment| self.line_comment(comment)).collect();
        self.page_of(request, found)
    }

    fn review(&self, review: &ReviewRecord) -> Value {
        let (id, pull) = (review.id, review.pull);
        json!({
            "id": id, "node_id": format!("PRR_{id}"), "user": user(&review.reviewer), "body": review.body,
            "state": review.verdict.to_uppercase(), "submitted_at": review.submitted_at,
            "commit_id": self.issues[&pull].pull.as_ref().unwrap().head_commit(),
            "html_url": format!("{}/pull/{pull}#pullrequestreview-{id}", self.page()),
            "pull_request_url": self.api(&format!("/pulls/{pull}")),
            "author_association": self.association(&review.reviewer),
            "_links": self.review_links(pull, &format!("pullrequestreview-{id}")),
        })
    }

    fn line_comment(&self, comment: &LineCommentRecord) -> Value {
        let (id, pull) = (comment.id, comment.pull);
        let commit = self.issues[&pull].pull.as_ref().unwrap().head_commit();
        let mut links = self.review_links(pull, &format!("discussion_r{id}"));
        links["self"] = json!({ "href": self.api(&format!("/pulls/comments/{id}")) });
        json!({
            "id": id, "node_id": format!("PRRC_{id}"), "pull_request_review_id": null,
            "url": self.api(&format!("/pulls/comments/{id}")), "diff_hunk": "@@ -1 +1 @@",
            "path": comment.path, "line": comment.line, "commit_id": commit, "original_commit_id": commit,
            "user": user(&comment.author), "body": comment.body,
            "created_at": comment.written_at, "updated_at": comment.written_at,
            "html_url": format!("{}/pull/{pull}#discussion_r{id}", self.page()),
            "pull_request_url": self.api(&format!("/pulls/{pull}")),
            "author_association": self.association(&comment.author), "_links": links,
        })
    }

    fn review_links(&self, pull: u64, anchor: &str) -> Value {
        json!({
            "html": { "href": format!("{}/pull/{pull}#{anchor}", self.page()) },
            "pull_request": { "href": self.api(&format!("/pulls/{pull}")) },
        })
    }
}
