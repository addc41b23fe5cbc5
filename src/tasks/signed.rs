//! Commits that GitHub makes and signs itself, where commits have to be signed: never an unsigned one instead.

use super::Context;
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::services::git::{ProposedCommit, SIGNATURES_REQUIRED};
use crate::services::github::SignedCommit;

/// The line of a message by which our commit is found again after GitHub has made it anew; what follows is the name that
/// it has here.
const TRAILER: &str = "Automata-Commit: ";

/// Whether commits on `branch`, which are to reach `base`, have to be signed.
pub(super) async fn is_wanted(context: &Context<'_>, branch: &str, base: &str) -> Result<bool, Failure> {
    let github = &context.services.github;
    Ok(context.config.pull_requests.signed_commits
        || github.wants_signatures(branch).await?
        || github.wants_signatures(base).await?)
}

/// Whether a push was refused because commits have to be signed, which a token that may not read the rules learns only so.
pub(super) fn is_asked_for(failure: &Failure) -> bool {
    failure.code == SIGNATURES_REQUIRED
}

/// The same failure, where it is seen that an earlier push was refused so.
pub(super) fn asked_for(branch: &str) -> Failure {
    Failure::permanent(SIGNATURES_REQUIRED, format!("{branch} takes only signed commits"))
}

/// The commit at the end of a branch, when it is what GitHub made of `commit`.
pub(super) async fn found(
    context: &Context<'_>,
    branch: &str,
    commit: &CommitId,
) -> Result<Option<CommitId>, Failure> {
    let code = &context.services.code;
    let Some(at) = code.branch(branch).await? else { return Ok(None) };
    let wanted = format!("{TRAILER}{commit}");
    Ok(code.message(&at).await?.lines().any(|line| line == wanted).then_some(at))
}

/// Has GitHub make what `commit` is on top of `branch`, which must be at the commit that it stands on.
pub(super) async fn make(
    context: &Context<'_>,
    branch: &str,
    commit: &ProposedCommit,
) -> Result<CommitId, Failure> {
    let code = &context.services.code;
    let changes = code.file_changes(commit).await?;
    let message = code.message(&commit.commit).await?;
    let (headline, body) = message.split_once('\n').unwrap_or((&message, ""));
    let signed = SignedCommit {
        branch: branch.to_owned(),
        on: commit.base.clone(),
        headline: headline.to_owned(),
        body: with_trailer(body.trim(), &commit.commit),
        additions: changes.additions,
        deletions: changes.deletions,
    };
    context.services.github.create_commit(&signed).await?.ok_or_else(|| {
        Failure::transient("branch_moved", format!("somebody else pushed to {branch} in the same moment"))
    })
}

/// Trailers stand together in the last paragraph, or git does not take them for some (git-interpret-trailers(1)).
fn with_trailer(body: &str, commit: &CommitId) -> String {
    let last = body.rsplit("\n\n").next().unwrap_or_default();
    let between = match last {
        "" => "",
        last if last.starts_with("Co-authored-by: ") => "\n",
        _ => "\n\n",
    };
    format!("{body}{between}{TRAILER}{commit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_line_stands_with_the_other_trailers() {
        let commit = CommitId::new("c1");
        assert_eq!(with_trailer("", &commit), "Automata-Commit: c1");
        assert_eq!(with_trailer("Why.", &commit), "Why.\n\nAutomata-Commit: c1");
        let authored = "Why.\n\nCo-authored-by: a <a@example.org>";
        assert_eq!(with_trailer(authored, &commit), format!("{authored}\nAutomata-Commit: c1"));
    }
}
