//! What has to be asked of GitHub before a word can be done.

use crate::config::filled;
use crate::domain::decide;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::input;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::trigger::IssueFacts;
use crate::domain::untrusted::one_line;
use crate::domain::words::Word;
use crate::tasks::Context;
use crate::tasks::analyse::issue_facts;
use crate::tasks::rights::Rights;

/// Width at which a name is quoted.
const NAME: usize = 60;

/// What was found out.
#[derive(Default)]
pub(super) struct Found {
    /// What is wrong with the wish, a sentence; it is done as far as it can be.
    pub(super) problem: Option<String>,
    /// Whether nothing of it can be done.
    pub(super) is_void: bool,
    /// Who is assigned.
    pub(super) assigned: Vec<Login>,
    /// The present with what it has forgotten of the subject, where somebody asks about that.
    pub(super) recalled: Option<Box<State>>,
    /// Whether the text that something waits with is by somebody who may write here, where it is approved.
    pub(super) is_theirs: bool,
    /// The issue as it is, where somebody asks why something is not so.
    pub(super) seen: Option<Box<IssueFacts>>,
}

impl Found {
    fn void(problem: String) -> Self {
        Self { problem: Some(problem), is_void: true, ..Self::default() }
    }
}

pub(super) async fn for_word(context: &Context<'_>, subject: Subject, word: &Word) -> Result<Found, Failure> {
    let github = &context.services.github;
    let words = &context.config.comment.words;
    match word {
        Word::Label { add, .. } if !add.is_empty() && !context.config.labels.create => {
            let labels = github.labels().await?;
            let is_known =
                |name: &&String| labels.iter().any(|label| label.name.to_lowercase() == name.to_lowercase());
            let unknown: Vec<String> = add
                .iter()
                .filter(|name| !is_known(name))
                .map(|name| format!("`{}`", one_line(name, NAME)))
                .collect();
            let problem = filled(&words.no_label, &[("names", &unknown.join(", "))]);
            Ok(Found { problem: (!unknown.is_empty()).then_some(problem), ..Found::default() })
        }
        Word::Duplicate { of } if subject.number() == Some(*of) => {
            Ok(Found::void(words.own_duplicate.clone()))
        }
        Word::Duplicate { of } => Ok(match github.issue(*of).await? {
            Some(_) => Found::default(),
            None => Found::void(filled(&words.no_issue, &[("number", &of.to_string())])),
        }),
        Word::Unassign { logins } if logins.is_empty() => {
            let Some(number) = subject.number() else { return Ok(Found::default()) };
            let issue = github.issue(number).await?;
            let assigned = issue.map(|issue| issue.assignees).unwrap_or_default();
            Ok(Found { assigned, ..Found::default() })
        }
        Word::Why { what } => {
            let (mut found, is_forgotten) = (Found::default(), is_forgotten(context, subject));
            if is_forgotten {
                // The whole history is read, which only what the present knows nothing of is worth.
                let recalled = context.journal.recall(subject, Timestamp::default()).await?;
                found.recalled = Some(Box::new(recalled));
            }
            // Conditions of rules are about the issue as it is.
            if let Some(number) = subject.number().filter(|_| is_forgotten || what.is_some()) {
                found.seen = github.issue(number).await?.map(|issue| Box::new(issue_facts(&issue)));
            }
            Ok(found)
        }
        Word::Approve { .. } => {
            let author = {
                let state = context.journal.state();
                let number = decide::text_of(&state, subject);
                number.and_then(|number| state.issues.get(&number)).map(|issue| issue.author.clone())
            };
            let is_theirs = match author {
                Some(author) => Rights::new(github.as_ref()).can_write(&author).await?,
                None => false,
            };
            Ok(Found { is_theirs, ..Found::default() })
        }
        _ => Ok(Found::default()),
    }
}

/// Whether the present has nothing to tell of a subject: what was about it is long over.
fn is_forgotten(context: &Context<'_>, subject: Subject) -> bool {
    let state = context.journal.state();
    let is_known = subject.number().and_then(|number| state.issues.get(&number)).is_some_and(|issue| {
        issue.analysis.is_some() || issue.pull_request.is_some() || issue.status_comment.is_some()
    });
    let tells = |kind: &str| matches!(kind, input::OBEY | input::COMMENT) || input::is_telling(kind);
    let mut tasks = state.tasks.values().filter(|task| task.spec.subject == subject);
    !is_known && !tasks.any(|task| !tells(task.spec.kind.as_str()))
}
