//! Reviews of pull requests on the simulated GitHub, and comments on their lines.

use serde_json::{Value, json};

use super::GitHubWorld;
use super::operations::{Request, too_long};
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
            state.no_more_asked(pull, reviewer);
            let (reviewer, verdict) = (reviewer.to_owned(), verdict.to_owned());
            let (body, submitted_at) = (body.to_owned(), state.now);
            let commit = state.head_of(state.issues[&pull].pull.as_ref().unwrap());
            state.reviews.push(ReviewRecord { id, pull, reviewer, verdict, body, commit, submitted_at });
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
            let answers = None;
            state.line_comments.push(LineCommentRecord {
                id,
                pull,
                answers,
                author,
                path,
                line,
                body,
                written_at,
            });
            state.touch(pull);
            let record = state.line_comments.last().unwrap().clone();
            state.line_comment(&record)
        };
        let mut event = self.event_payload_pull("created", pull, author);
        event["comment"] = comment;
        event
    }
}

impl GitHubWorld {
    /// Somebody answers in a thread.
    pub(crate) fn answer_in(&self, thread: u64, author: &str, body: &str) {
        self.at_now().add_answer(thread, author, body);
    }

    /// What was said in a thread, `author: text`, without hidden first lines.
    pub(crate) fn thread(&self, thread: u64) -> Vec<String> {
        let state = self.at_now();
        let of_thread =
            |comment: &&LineCommentRecord| comment.id == thread || comment.answers == Some(thread);
        let told = |comment: &LineCommentRecord| {
            let body = comment.body.lines().filter(|line| !line.starts_with("<!--")).collect::<Vec<_>>();
            format!("{}: {}", comment.author, body.join("\n"))
        };
        state.line_comments.iter().filter(of_thread).map(told).collect()
    }
}

impl State {
    fn add_answer(&mut self, thread: u64, author: &str, body: &str) -> LineCommentRecord {
        self.last_comment += 1;
        let first = self.line_comments.iter().find(|comment| comment.id == thread).unwrap();
        let answer = LineCommentRecord {
            id: self.last_comment,
            answers: Some(thread),
            author: author.to_owned(),
            body: body.to_owned(),
            written_at: self.now,
            ..first.clone()
        };
        self.line_comments.push(answer.clone());
        answer
    }

    pub(crate) fn reply(&mut self, request: &Request<'_>) -> Reply {
        let (pull, thread) = (request.number("pull_number"), request.number("comment_id"));
        let is_thread = |comment: &LineCommentRecord| {
            comment.id == thread && comment.pull == pull && comment.answers.is_none()
        };
        if !self.line_comments.iter().any(is_thread) {
            return Reply::not_found();
        }
        if let Some(refusal) = too_long("PullRequestReviewComment", request.text("body")) {
            return refusal;
        }
        let author = self.viewer.0.clone();
        let answer = self.add_answer(thread, &author, request.text("body"));
        Reply::with(201, self.line_comment(&answer))
    }

    pub(crate) fn list_line_comments(&mut self, request: &Request<'_>) -> Reply {
        let pull = request.number("pull_number");
        let of_pull = self.line_comments.iter().filter(|comment| comment.pull == pull);
        let found = of_pull.map(|comment| self.line_comment(comment)).collect();
        self.page_of(request, found)
    }

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
            "commit_id": review.commit,
            "html_url": format!("{}/pull/{pull}#pullrequestreview-{id}", self.page()),
            "pull_request_url": self.api(&format!("/pulls/{pull}")),
            "author_association": self.association(&review.reviewer),
            "_links": self.review_links(pull, &format!("pullrequestreview-{id}")),
        })
    }

    fn line_comment(&self, comment: &LineCommentRecord) -> Value {
        let (id, pull) = (comment.id, comment.pull);
        let commit = self.head_of(self.issues[&pull].pull.as_ref().unwrap());
        let mut links = self.review_links(pull, &format!("discussion_r{id}"));
        links["self"] = json!({ "href": self.api(&format!("/pulls/comments/{id}")) });
        let mut shown = json!({
            "id": id, "node_id": format!("PRRC_{id}"), "pull_request_review_id": null,
            "url": self.api(&format!("/pulls/comments/{id}")), "diff_hunk": "@@ -1 +1 @@",
            "path": comment.path, "line": comment.line, "commit_id": commit, "original_commit_id": commit,
            "user": user(&comment.author), "body": comment.body,
            "created_at": comment.written_at, "updated_at": comment.written_at,
            "html_url": format!("{}/pull/{pull}#discussion_r{id}", self.page()),
            "pull_request_url": self.api(&format!("/pulls/{pull}")),
            "author_association": self.association(&comment.author), "_links": links,
        });
        if let Some(thread) = comment.answers {
            shown["in_reply_to_id"] = json!(thread);
        }
        shown
    }

    fn review_links(&self, pull: u64, anchor: &str) -> Value {
        json!({
            "html": { "href": format!("{}/pull/{pull}#{anchor}", self.page()) },
            "pull_request": { "href": self.api(&format!("/pulls/{pull}")) },
        })
    }
}
