//! The texts that a change is made of: what people with write access said, and what they were picked from.

use std::collections::BTreeSet;

use crate::domain::count::counted;
use crate::domain::failure::Failure;
use crate::domain::fenced::{fenced_patches, has_sketch};
use crate::domain::id::Login;
use crate::domain::input;
use crate::services::assistant::TrustedText;
use crate::services::github::{Comment, Issue};
use crate::tasks::Context;
use crate::tasks::rights::Rights;

/// The texts that may be acted on: by people with write access only. `Err` says why there are none.
pub(super) async fn trusted(
    context: &Context<'_>,
    issue: &Issue,
    source: input::Source,
) -> Result<Result<Texts, String>, Failure> {
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
    let asker = asked.as_ref().map_or(&issue.author, |comment| &comment.author);
    if !rights.can_write(&asker.login).await? {
        return Ok(Err(format!(
            "{} has no write access, so what they wrote is not acted on; somebody who has can repeat it in a comment",
            asker.login
        )));
    }
    let wanted_by = asker.login.clone();
    let mut searched = Search::default();
    let mut trusted = Vec::new();
    searched.saw(&opening);
    if rights.can_write(&opening.author.login).await? {
        trusted.push(opening);
    } else {
        searched.passed_over(&opening);
    }
    if let Some(asked) = asked {
        if fenced_patches(&asked.body).is_empty() {
            let is_one_of_them = matches!(source, input::Source::Comment { .. });
            let before = (is_one_of_them, &asked);
            trusted.extend(newest_patch(context, issue, before, &mut rights, &mut searched).await?);
        }
        let asked = said_in(&asked);
        searched.saw(&asked);
        trusted.push(asked);
    }
    Ok(Ok(Texts { trusted, searched: searched.told(source), wanted_by }))
}

/// What was said there, as a comment; nothing when it is gone.
async fn said_at(context: &Context<'_>, source: input::Source) -> Result<Option<Comment>, Failure> {
    let github = &context.services.github;
    let comment = |id, author, body, created_at| Comment { id, author, body, created_at, url: String::new() };
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

/// The newest comment with a patch by somebody with write access that stood there when the change was asked for.
async fn newest_patch(
    context: &Context<'_>,
    issue: &Issue,
    (is_one_of_them, asked): (bool, &Comment),
    rights: &mut Rights<'_>,
    searched: &mut Search,
) -> Result<Option<TrustedText>, Failure> {
    let comments = context.services.github.comments(issue.number, None).await?;
    // What was said on a pull request counts its ids in another row.
    let earlier = comments.iter().filter(|comment| match is_one_of_them {
        true => comment.id < asked.id,
        false => comment.created_at <= asked.created_at,
    });
    let earlier: Vec<TrustedText> = earlier.map(said_in).collect();
    searched.comments = earlier.len();
    for text in earlier.into_iter().rev() {
        searched.saw(&text);
        if fenced_patches(&text.body).is_empty() {
            continue;
        }
        if rights.can_write(&text.author.login).await? {
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

    fn told(&self, source: input::Source) -> String {
        let mut told = match source {
            input::Source::Issue => "Looked at the issue's text".to_owned(),
            _ => {
                let earlier = counted(self.comments, "comment", "comments");
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
