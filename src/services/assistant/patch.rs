//! The assistant that needs no intelligence: it takes the unified diff that a trusted person pasted.

use async_trait::async_trait;

use super::{Answer, Answers, Assistant, Change, NOTHING, Proposal, Request, TrustedText};
use crate::domain::failure::Failure;
use crate::domain::fenced::patches;
use crate::domain::usage::Usage;

/// Takes the newest fenced diff out of what people with write access said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patch;

#[async_trait]
impl Assistant for Patch {
    fn name(&self) -> &str {
        "patch"
    }

    fn needs_folder(&self) -> bool {
        false
    }

    async fn propose(&self, request: &Request) -> Answer {
        let outcome = newest_patch(&request.texts).ok_or_else(|| {
            Failure::permanent(
                NOTHING,
                format!(
                    "Nobody with write access has posted a patch for issue {}. {}.",
                    request.issue, request.searched
                ),
            )
            .hint("Post a comment with the output of `git diff` in a ```diff fence.")
        });
        Answer { outcome, usage: Usage::default(), answers: Answers::new() }
    }
}

/// The last text that holds a patch wins, because it corrects those before; several fences in one text
/// belong together and are joined in their order.
fn newest_patch(texts: &[TrustedText]) -> Option<Proposal> {
    texts.iter().rev().find_map(|text| {
        let fences = patches(&text.body);
        let patch = joined(&fences);
        if patch.trim().is_empty() {
            return None;
        }
        let parts = if fences.len() == 1 { "the patch" } else { "the patches" };
        Some(Proposal {
            change: Change::Patch(patch),
            summary: format!("Applies {parts} of {} in {}.", text.author.login, text.place),
        })
    })
}

fn joined(fences: &[String]) -> String {
    let mut patch = String::new();
    for fence in fences {
        patch.push_str(fence);
        if !fence.is_empty() && !fence.ends_with('\n') {
            patch.push('\n');
        }
    }
    patch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Actor;
    use crate::domain::id::IssueNumber;
    use crate::services::assistant::Allowance;

    fn text(author: &str, place: &str, body: &str) -> TrustedText {
        TrustedText { author: Actor::person(author), place: place.to_owned(), body: body.to_owned() }
    }

    async fn proposal(texts: Vec<TrustedText>) -> Result<Proposal, Failure> {
        let (title, searched) = ("Crash".to_owned(), "Looked at the issue's text".to_owned());
        let request = Request {
            issue: IssueNumber(7),
            title,
            texts,
            searched,
            prompt: String::new(),
            folder: None,
            allowance: Allowance::default(),
        };
        Patch.propose(&request).await.outcome
    }

    #[tokio::test]
    async fn the_newest_patch_wins_and_its_fences_are_joined() {
        let first = text("ada", "the issue", "```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+first\n```");
        let second = text(
            "bob",
            "a comment of 2026-11-22",
            "Better:\n```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+second\n```\nand\n\
             ```\ndiff --git a/y b/y\nold mode 100644\nnew mode 100755\n```",
        );
        let chat = text("ada", "a comment of 2026-11-23", "Thanks! `cargo test` passes:\n```\nok\n```");
        let found = proposal(vec![first, second, chat]).await.unwrap();
        assert_eq!(
            found.change,
            Change::Patch("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+second\ndiff --git a/y b/y\nold mode 100644\nnew mode 100755\n".to_owned())
        );
        assert_eq!(found.summary, "Applies the patches of bob in a comment of 2026-11-22.");
    }

    #[tokio::test]
    async fn without_a_patch_it_has_nothing_to_propose() {
        let failure =
            proposal(vec![text("ada", "the issue", "It crashes.\n```diff\n```")]).await.unwrap_err();
        assert_eq!(failure.code, "nothing_to_propose");
        assert!(failure.is_permanent());
        assert_eq!(
            failure.message,
            "Nobody with write access has posted a patch for issue 7. Looked at the issue's text."
        );
    }
}
