//! The texts that a change is made of: what people with write access said, and what they were picked from.

use std::collections::BTreeSet;

use crate::domain::access::Wish;
use crate::domain::actor::Actor;
use crate::domain::count::counted;
use crate::domain::failure::Failure;
use crate::domain::fenced::{fenced_patches, has_sketch};
use crate::domain::id::Login;
use crate::domain::input;
use crate::domain::time::Timestamp;
use crate::services::assistant::TrustedText;
use crate::services::github::{Comment, Issue};
use crate::tasks::rights::{Rights, Wanted};
use crate::tasks::{Context, as_of};

/// The texts that may be acted on: by people with write access only, whoever may ask for a change. `Err` says why nobody
/// asks for one who may.
pub(super) async fn trusted(
    context: &Context<'_>,
    issue: &Issue,
    wanted: &input::Implement,
) -> Result<Result<Texts, String>, Failure> {
    let source = wanted.source;
    let mut rights = Rights::new(context.services.github.as_ref());
    let opening =
        TrustedText { author: issue.author.clone(), place: "the issue".to_owned(), body: issue.body.clone() };
    let asked = match source {
        input::Source::Issue => None,
        spot => match said_at(context, spot).await? {
            Some(comment) => Some(comment),
            None => return Ok(Err("the comment that asked for it is gone".to_owned())),
        },
    };
    let writer = asked.as_ref().map_or(&issue.author, |comment| &comment.author);
    let author = &writer.login;
    let mut asker = wanted.asked_by.as_ref().unwrap_or(author);
    let other = wanted.asked_by.clone().map(|login| Actor::person(login.as_str()));
    if !wanted.granted && !may_ask(context, &mut rights, wanted, other.as_ref().unwrap_or(writer)).await? {
        // Whoever put a label on may be less than whoever wrote the issue.
        if asker == author || !may_ask(context, &mut rights, &wanted.clone().by_anyone(), writer).await? {
            let what = if asker == author { "wrote is not acted on" } else { "want is not done" };
            return Ok(Err(format!(
                "{asker} has no write access, so what they {what}; somebody who has can repeat it in a comment"
            )));
        }
        asker = author;
    }
    let wanted_by = asker.clone();
    let (mut word, mut searched) = (None, Search::default());
    let mut trusted = Vec::new();
    searched.saw(&opening);
    if counts(context, &mut rights, &opening, None).await? {
        trusted.push(opening);
    } else {
        searched.passed_over(&opening);
    }
    if let Some(asked) = asked {
        let counts = counts(context, &mut rights, &said_in(&asked), Some(asked.id)).await?;
        if !counts || fenced_patches(&asked.body).is_empty() {
            // What was said on a pull request counts its ids in another row.
            let before = match source {
                input::Source::Comment { id } => Before::Comment(id),
                _ => Before::Then(asked.created_at),
            };
            trusted.extend(newest_patch(context, issue, before, &mut rights, &mut searched).await?);
        }
        let asked = said_in(&asked);
        searched.saw(&asked);
        if counts {
            trusted.push(asked);
        } else {
            searched.passed_over(&asked);
            word = Some(asked.body);
        }
    } else if wanted.granted {
        // A word that stands nowhere on the issue means what one in a comment would mean.
        let before = Before::Then(context.task.enqueued_at);
        trusted.extend(newest_patch(context, issue, before, &mut rights, &mut searched).await?);
    }
    Ok(Ok(Texts { trusted, searched: searched.told(wanted), wanted_by, word }))
}

/// Whether somebody may ask for a change without one of our words.
async fn may_ask(
    context: &Context<'_>,
    rights: &mut Rights<'_>,
    wanted: &input::Implement,
    asker: &Actor,
) -> Result<bool, Failure> {
    let (said, id) = match (wanted.source, &wanted.asked_by) {
        (input::Source::Issue, None) => ("a change that the issue asks for", None),
        (input::Source::Issue, Some(_)) => ("a change that a label or an assignment asks for", None),
        (input::Source::Comment { id }, _) => ("a change that a comment asks for", Some(id)),
        (input::Source::Line { id, .. }, _) => ("a change that a comment on a line asks for", Some(id)),
        (input::Source::Review { id, .. }, _) => ("a change that a review asks for", Some(id)),
    };
    let asked = Wanted { wish: Wish::Change, about: None, said, id };
    rights.may(context, &asked, asker).await
}

/// Whether a text may be acted on. That of a patch is recorded; without one there is nothing to act on.
async fn counts(
    context: &Context<'_>,
    rights: &mut Rights<'_>,
    text: &TrustedText,
    id: Option<u64>,
) -> Result<bool, Failure> {
    if fenced_patches(&text.body).is_empty() {
        return rights.can_write(&text.author.login).await;
    }
    let said = format!("a patch in {}", text.place);
    rights.may(context, &Wanted { wish: Wish::Patch, about: None, said: &said, id }, &text.author).await
}

/// What was said there, as a comment; nothing when it is gone.
async fn said_at(context: &Context<'_>, source: input::Source) -> Result<Option<Comment>, Failure> {
    let github = &context.services.github;
    let comment = |id, author, body, created_at| Comment {
        id,
        author,
        body,
        created_at,
        updated_at: created_at,
        url: String::new(),
    };
    Ok(match source {
        input::Source::Issue => None,
        input::Source::Comment { id } => github.comment(id).await?,
        input::Source::Line { pull, id } => {
            let found = github.line_comments(pull).await?.into_iter().find(|line| line.id == id);
            found.map(|line| comment(id, line.author, line.body, line.created_at))
        }
        input::Source::Review { pull, id } => {
            let found = github.reviews(pull).await?.into_iter().find(|review| review.id == id);
            found.map(|review| {
                comment(id, review.author, review.body, review.submitted_at.unwrap_or_default())
            })
        }
    })
}

/// What stood there when a change was asked for: what came before this.
#[derive(Clone, Copy)]
enum Before {
    /// The comment that asks, by GitHub's id.
    Comment(u64),
    /// That time; what came in the same second as well.
    Then(Timestamp),
}

/// The newest comment with a patch by somebody with write access that stood there when the change was asked for.
async fn newest_patch(
    context: &Context<'_>,
    issue: &Issue,
    before: Before,
    rights: &mut Rights<'_>,
    searched: &mut Search,
) -> Result<Option<TrustedText>, Failure> {
    let comments = context.services.github.comments(issue.number, None).await?;
    let earlier = comments.iter().filter(|comment| match before {
        Before::Comment(id) => comment.id < id,
        Before::Then(at) => comment.created_at <= at,
    });
    let as_of = context.task.spec.as_of.as_ref();
    let earlier: Vec<(u64, bool, TrustedText)> = earlier
        .map(|comment| (comment.id, as_of::is_since(comment.updated_at, as_of), said_in(comment)))
        .collect();
    searched.comments = earlier.len();
    for (id, is_since, text) in earlier.into_iter().rev() {
        searched.saw(&text);
        if fenced_patches(&text.body).is_empty() {
            continue;
        }
        if is_since && !rights.can_write(&text.author.login).await? {
            searched.passed_over(&text);
            continue;
        }
        if counts(context, rights, &text, Some(id)).await? {
            return Ok(Some(text));
        }
        searched.passed_over(&text);
    }
    Ok(None)
}

fn said_in(comment: &Comment) -> TrustedText {
    TrustedText {
        author: comment.author.clone(),
        place: format!("the comment of {}", &comment.created_at.to_string()[..10]),
        body: comment.body.clone(),
    }
}

/// What may be acted on, and what it was picked from.
pub(super) struct Texts {
    pub(super) trusted: Vec<TrustedText>,
    pub(super) searched: String,
    /// Whose wish the change is.
    pub(super) wanted_by: Login,
    /// What they said, where it is none of the texts: they may ask for a change, and have no write access.
    pub(super) word: Option<String>,
}

/// What was looked at on the way, for people who wonder why nothing was found.
#[derive(Default)]
struct Search {
    comments: usize,
    /// Whose patches do not count.
    strangers: BTreeSet<String>,
    /// Who showed a change without the lines that make it a patch.
    sketchers: BTreeSet<String>,
}

impl Search {
    fn saw(&mut self, text: &TrustedText) {
        if has_sketch(&text.body) {
            self.sketchers.insert(text.author.login.to_string());
        }
    }

    fn passed_over(&mut self, text: &TrustedText) {
        if !fenced_patches(&text.body).is_empty() {
            self.strangers.insert(text.author.login.to_string());
        }
    }

    fn told(&self, wanted: &input::Implement) -> String {
        let earlier = counted(self.comments, "comment", "comments");
        let mut told = match wanted.source {
            input::Source::Issue if wanted.granted => format!("Looked at the issue's text and at {earlier}"),
            input::Source::Issue => "Looked at the issue's text".to_owned(),
            _ => {
                format!("Looked at the issue's text, at {earlier} before the one that asks, and at that one")
            }
        };
        let names = |logins: &BTreeSet<String>| logins.iter().cloned().collect::<Vec<_>>().join(", ");
        if !self.strangers.is_empty() {
            told.push_str(&format!(
                "; what {} posted does not count without write access",
                names(&self.strangers)
            ));
        }
        if !self.sketchers.is_empty() {
            let whose = names(&self.sketchers);
            told.push_str(&format!(
                "; a block of {whose} is no unified diff, which has lines with `---`, `+++` and `@@`"
            ));
        }
        told
    }
}
