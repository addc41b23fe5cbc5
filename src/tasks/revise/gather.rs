//! Gathers what is asked of a pull request: reviews, open threads and failed checks, and whose word counts.

use std::collections::{BTreeMap, BTreeSet};

use super::Thread;
use crate::domain::access::Wish;
use crate::domain::actor::Actor;
use crate::domain::count::counted;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber, Login};
use crate::domain::input::{Asking, Revise};
use crate::domain::state::Fate;
use crate::domain::time::Timestamp;
use crate::report::prompt::{self, Said};
use crate::services::assistant::TrustedText;
use crate::services::github::{Comment, LineComment, Review, ReviewThread};
use crate::tasks::rights::{Rights, Wanted};
use crate::tasks::{Context, as_of};

/// A verdict by which a reviewer asks for changes.
const CHANGES_REQUESTED: &str = "changes_requested";

/// All that is asked, and by whom.
pub(super) struct Asked {
    /// What people with write access said.
    pub(super) texts: Vec<TrustedText>,
    /// The same and what others said there, for those who read.
    pub(super) said: prompt::Review,
    /// The threads to answer.
    pub(super) threads: Vec<Thread>,
    /// The newest review that is taken up.
    pub(super) review: u64,
    /// Whose wish it is.
    pub(super) wanted_by: Login,
    /// When the last of it was said.
    pub(super) at: Timestamp,
    /// What somebody said who may ask for it, where that stands in none of these.
    pub(super) word: Option<String>,
    /// What was looked at, a clause for people.
    pub(super) searched: String,
}

/// Whether anything is to be done.
pub(super) enum Verdict {
    Asked(Box<Asked>),
    /// No, and nobody needs to hear of it.
    PassedOver(String),
    /// No, and whoever asked should know why.
    Declined(String),
}

/// What asks for the revision, apart from what stands in reviews and threads.
struct Cause {
    wanted_by: Login,
    at: Timestamp,
    said: Option<Said>,
    /// What was said by somebody who may ask for it and has no write access, or nowhere on the pull request.
    word: Option<String>,
    checks: Vec<prompt::FailedCheck>,
}

pub(super) async fn asked(
    context: &Context<'_>,
    pull: IssueNumber,
    wanted: &Revise,
    fate: &Fate,
    head: &CommitId,
) -> Result<Verdict, Failure> {
    let (source, asked_by) = (&wanted.source, wanted.asked_by.as_ref());
    let github = &context.services.github;
    let mut rights = Rights::new(context.services.github.as_ref());
    let (myself, reviews, comments) =
        futures_util::join!(github.myself(), github.reviews(pull), github.line_comments(pull));
    let (myself, reviews, comments) = (myself?.login, reviews?, comments?);
    let resolved = resolved(context, pull, source, &comments, &myself).await?;
    let word = match source {
        Asking::Comment { id } => github.comment(*id).await?.map(Word::from),
        Asking::Line { id } => line_of(&comments, *id),
        Asking::Word { id } => review_of(&reviews, *id),
        _ => None,
    };
    let mut news = Vec::new();
    for review in reviews.into_iter().filter(|review| review.id > fate.review) {
        let said = told_of(&review);
        let wanted = Wanted { wish: Wish::Review, about: None, said: &said, id: Some(review.id) };
        if review.author.login != myself && rights.may(context, &wanted, &review.author).await? {
            news.push(review);
        }
    }
    let cause = match source {
        Asking::Review { .. } => of_reviews(&news),
        Asking::Comment { .. } | Asking::Line { .. } | Asking::Word { .. } => {
            match of_word(context, word, asked_by, &mut rights).await? {
                Ok(cause) => Some(cause),
                Err(declined) => return Ok(Verdict::Declined(declined)),
            }
        }
        Asking::Said { text } => asked_by.map(|login| Cause {
            wanted_by: login.clone(),
            at: context.task.enqueued_at,
            said: None,
            word: Some(text.clone()),
            checks: Vec::new(),
        }),
        // Whichever commit it was told of, the newest is what counts: what failed on it came later, and was not asked for
        // again because this one waited. So was a review.
        Asking::Checks { .. } => {
            of_checks(context, head, myself.clone()).await?.or_else(|| of_reviews(&news))
        }
    };
    let Some(cause) = cause else {
        let why = "nobody with write access asks for anything that was not taken up before";
        return Ok(Verdict::PassedOver(why.to_owned()));
    };
    let mut asked = Asked {
        texts: Vec::new(),
        said: prompt::Review { checks: cause.checks, ..prompt::Review::default() },
        threads: Vec::new(),
        review: news.iter().map(|review| review.id).max().unwrap_or(fate.review),
        wanted_by: cause.wanted_by,
        at: cause.at,
        word: cause.word,
        searched: String::new(),
    };
    for review in &news {
        asked.hear(review);
    }
    // A review that is new is heard with the others.
    let is_heard = |said: &Said| asked.said.said.iter().any(|known| known.body == said.body);
    let said = cause.said.filter(|said| !is_heard(said));
    asked.said.said.extend(said);
    let count = news.len();
    for (id, thread) in threads(comments).into_iter().filter(|(id, _)| !resolved.contains(id)) {
        asked.take_up(context, id, &thread, (&myself, &mut rights)).await?;
    }
    let seen = counted(asked.threads.len(), "open thread", "open threads");
    let reviews = counted(count, "review", "reviews");
    asked.searched = format!("Looked at {reviews} and {seen} of pull request #{pull}");
    let said = asked.said.said.iter().filter(|said| said.is_trusted);
    asked.texts.extend(said.map(|said| TrustedText {
        author: Actor::person(said.author.clone()),
        place: said.place.clone(),
        body: said.body.clone(),
    }));
    Ok(Verdict::Asked(Box::new(asked)))
}

/// Where it stands, in words for people.
fn told_of(review: &Review) -> String {
    let day = &review.submitted_at.unwrap_or_default().to_string()[..10];
    let verdict = match review.state.as_str() {
        CHANGES_REQUESTED => "that asks for changes",
        "approved" => "that approves",
        _ => "that remarks something",
    };
    format!("a review of {day} {verdict}")
}

/// The newest review that asks for changes.
fn of_reviews(news: &[Review]) -> Option<Cause> {
    let review = news.iter().rev().find(|review| review.state == CHANGES_REQUESTED)?;
    Some(Cause {
        wanted_by: review.author.login.clone(),
        at: review.submitted_at.unwrap_or_default(),
        said: None,
        word: None,
        checks: Vec::new(),
    })
}

/// What was said in a comment, on a line, or in a review.
struct Word {
    id: u64,
    author: Actor,
    at: Timestamp,
    place: String,
    body: String,
}

impl From<Comment> for Word {
    fn from(comment: Comment) -> Self {
        let place = format!("a comment of {}", &comment.created_at.to_string()[..10]);
        let Comment { id, author, created_at: at, body, .. } = comment;
        Self { id, author, at, place, body }
    }
}

fn line_of(comments: &[LineComment], id: u64) -> Option<Word> {
    let found = comments.iter().find(|comment| comment.id == id)?;
    let (author, at, body) = (found.author.clone(), found.created_at, found.body.clone());
    Some(Word { id, author, at, place: format!("a comment at {}", found.path), body })
}

fn review_of(reviews: &[Review], id: u64) -> Option<Word> {
    let found = reviews.iter().find(|review| review.id == id)?;
    let at = found.submitted_at.unwrap_or_default();
    let place = format!("a review of {}", &at.to_string()[..10]);
    Some(Word { id, author: found.author.clone(), at, place, body: found.body.clone() })
}

/// Whoever was found to be allowed to ask for it may; what they say counts as a review's text only with write access.
async fn of_word(
    context: &Context<'_>,
    word: Option<Word>,
    asked_by: Option<&Login>,
    rights: &mut Rights<'_>,
) -> Result<Result<Cause, String>, Failure> {
    let Some(Word { id, author, at, place, body }) = word else {
        return Ok(Err("the comment that asked for it is gone".to_owned()));
    };
    let wanted = Wanted { wish: Wish::Review, about: None, said: &place, id: Some(id) };
    // What somebody may ask for who was found to be allowed to is recorded with their word.
    let counts = match asked_by {
        Some(_) => rights.can_write(&author.login).await?,
        None => rights.may(context, &wanted, &author).await?,
    };
    if !counts && asked_by.is_none() {
        return Ok(Err(format!("{} has no write access", author.login)));
    }
    let wanted_by = asked_by.unwrap_or(&author.login).clone();
    let (said, word) = if counts {
        (Some(Said { author: author.login.to_string(), place, body, is_trusted: true }), None)
    } else {
        (None, Some(body))
    };
    Ok(Ok(Cause { wanted_by, at, said, word, checks: Vec::new() }))
}

/// Failed checks ask by themselves; their cost is ours.
async fn of_checks(
    context: &Context<'_>,
    commit: &CommitId,
    myself: Login,
) -> Result<Option<Cause>, Failure> {
    let failed = context.services.github.failed_checks(commit).await?;
    let checks: Vec<_> = failed
        .into_iter()
        .map(|check| prompt::FailedCheck { name: check.name, said: check.said, log: check.log })
        .collect();
    let at = context.journal.state().tasks.get(&context.task.id).map(|task| task.enqueued_at);
    let at = at.unwrap_or_default();
    let cause = Cause { wanted_by: myself, at, said: None, word: None, checks };
    Ok(Some(cause).filter(|cause| !cause.checks.is_empty()))
}

/// The threads that people have called resolved: they ask for nothing any more, whatever was said in them. One that we called
/// so is asked about again by whoever goes on in it, and so is the one in which the revision is asked for.
async fn resolved(
    context: &Context<'_>,
    pull: IssueNumber,
    source: &Asking,
    comments: &[LineComment],
    myself: &Login,
) -> Result<BTreeSet<u64>, Failure> {
    if comments.is_empty() {
        return Ok(BTreeSet::new());
    }
    let threads = match context.services.github.review_threads(pull).await {
        Ok(threads) => threads,
        Err(failure) if failure.is_permanent() => {
            tracing::warn!(%failure, "which threads are resolved cannot be seen; all of them are taken for open");
            return Ok(BTreeSet::new());
        }
        Err(failure) => return Err(failure),
    };
    let said_in = |id: u64| comments.iter().find(|comment| comment.id == id).map(|comment| comment.thread);
    let asking = if let Asking::Line { id } = source { said_in(*id) } else { None };
    let by_people = |thread: &ReviewThread| {
        thread.is_resolved && thread.resolved_by.as_ref().is_some_and(|login| login != myself)
    };
    let resolved = threads.into_iter().filter(by_people).map(|thread| thread.first);
    Ok(resolved.filter(|thread| Some(*thread) != asking).collect())
}

fn threads(comments: Vec<LineComment>) -> BTreeMap<u64, Vec<LineComment>> {
    let mut threads: BTreeMap<u64, Vec<LineComment>> = BTreeMap::new();
    for comment in comments {
        threads.entry(comment.thread).or_default().push(comment);
    }
    threads
}

impl Asked {
    fn hear(&mut self, review: &Review) {
        let at = review.submitted_at.unwrap_or_default();
        self.at = self.at.max(at);
        if !review.body.trim().is_empty() {
            self.said.said.push(Said {
                author: review.author.login.to_string(),
                place: format!("a review of {}", &at.to_string()[..10]),
                body: review.body.clone(),
                is_trusted: true,
            });
        }
    }

    /// Takes up a thread in which somebody with write access has said something since we answered.
    async fn take_up(
        &mut self,
        context: &Context<'_>,
        id: u64,
        thread: &[LineComment],
        (myself, rights): (&Login, &mut Rights<'_>),
    ) -> Result<(), Failure> {
        let answered = thread.iter().rposition(|comment| comment.author.login == *myself);
        let since = answered.map_or(0, |place| place + 1);
        let (mut said, mut is_asked) = (Vec::with_capacity(thread.len()), false);
        for (place, comment) in thread.iter().enumerate() {
            let is_ours = comment.author.login == *myself;
            let stands = format!("a comment at {}", comment.path);
            let wanted = Wanted { wish: Wish::Thread, about: None, said: &stands, id: Some(comment.id) };
            let is_trusted = match place >= since {
                _ if is_ours => false,
                true => rights.may(context, &wanted, &comment.author).await?,
                false => rights.can_write(&comment.author.login).await?,
            };
            is_asked |= is_trusted && place >= since;
            let as_of = context.task.spec.as_of.as_ref();
            let is_late = !is_trusted && !is_ours && as_of::is_since(comment.updated_at, as_of);
            let text = Said {
                author: comment.author.login.to_string(),
                place: format!("a comment at {}", comment.path),
                body: if is_late { as_of::LEFT_OUT.to_owned() } else { comment.body.clone() },
                is_trusted,
            };
            if is_trusted && place >= since {
                self.at = self.at.max(comment.created_at);
            }
            said.push(text);
        }
        let Some(first) = thread.first().filter(|_| is_asked) else { return Ok(()) };
        let trusted = said.iter().skip(since).filter(|said| said.is_trusted);
        self.texts.extend(trusted.map(|said| TrustedText {
            author: Actor::person(said.author.clone()),
            place: said.place.clone(),
            body: said.body.clone(),
        }));
        self.threads.push(Thread { id, path: first.path.clone(), line: first.line });
        let (path, line, hunk) = (first.path.clone(), first.line, first.hunk.clone());
        self.said.threads.push(prompt::Thread { id, path, line, hunk, said });
        Ok(())
    }
}
