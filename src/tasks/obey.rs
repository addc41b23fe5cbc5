//! Task kind `obey`: judges what somebody said in a comment or by a dispatch, and does it.
//!
//! ```text
//! lines ── judge (asks GitHub) ──> reaction on the comment ──> orders to the log and follow-ups, all at once ──> answer
//! ```
//! Nothing is awaited between the first order and the outcome: they become durable together or not at all.

use serde::{Deserialize, Serialize};

use super::rights::Rights;
use super::{Announcement, Context, Done, comment};
use crate::config::Mode;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::effect::EffectKind;
use crate::domain::event::{CommandAnswered, CommandJudged};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input::{Line, Obey, Spot};
use crate::domain::receipt;
use crate::domain::subject::Subject;
use crate::domain::words::{Verb, Word, parse};
use crate::report::answer;
use crate::services::github::Reaction;

mod begun;
mod brakes;
mod carry_out;
mod change;
mod look_up;
mod often;
mod orders;

use look_up::Found;
use orders::Orders;

/// A word that may be done, and what had to be found out for it.
struct Wish {
    word: Word,
    found: Found,
}

/// What is known when everything that needs the network was asked.
#[derive(Default)]
struct Heard {
    judged: Vec<(bool, CommandJudged)>,
    wishes: Vec<Wish>,
    /// Blocks of the answer: what was not understood, what may not be.
    problems: Vec<String>,
    /// Whether whoever said it has a role here, where that was asked.
    has_a_role: Option<bool>,
}

/// What came of it, for the log.
#[derive(Default, Serialize, Deserialize)]
struct Came {
    /// The verbs that were done.
    granted: Vec<String>,
    /// How many may not be.
    refused: usize,
    /// Why it was not answered, if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Whether whoever said it has a role here, where that was found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    has_a_role: Option<bool>,
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let asked: Obey = context.input()?;
    let Some(actor) = asked.actors.last() else { return Done::note("nobody said anything", Vec::new()) };
    let subject = match subject(context, &asked).await? {
        Some(subject) => subject,
        None => return Done::note("what it is about is gone, or was never named", Vec::new()),
    };
    if let Some(reason) = often::refusal(context, &asked).await? {
        return pass_over(context, actor, subject, &asked, &reason);
    }
    let heard = hear(context, subject, &asked).await?;
    // What a bot may not say is recorded and not answered, or two of them would go on for ever.
    let speaks =
        asked.actors.iter().all(Actor::is_person) || heard.judged.iter().any(|(granted, _)| *granted);
    if heard.judged.is_empty() && heard.problems.is_empty() {
        return Done::note("all of it was said and judged before", Vec::new());
    }
    if let Some(comment) = asked.comment.filter(|_| speaks && context.config.mode == Mode::Act) {
        react(context, (asked.spot, comment), heard.reaction()).await?;
    }
    let said = asked.comment.map(|id| (asked.spot, id));
    let mut orders = Orders::new(context, actor, subject, said).said_at(asked.at);
    for (granted, judged) in &heard.judged {
        let (granted, judged) = (*granted, judged.clone());
        orders.log(Command::Judge { subject, granted, judged });
    }
    for wish in &heard.wishes {
        orders.carry_out(&wish.word, &wish.found);
    }
    let says: Vec<String> =
        if speaks { heard.problems.iter().cloned().chain(orders.take_says()).collect() } else { Vec::new() };
    let answered = answer(context, actor, subject, &says);
    let Orders { mut requests, shows, .. } = orders.with_answer(answered);
    if shows {
        requests.extend(comment::refresh_of(subject));
    }
    let granted = heard.wishes.iter().map(|wish| wish.word.verb().name().to_owned()).collect();
    let refused = heard.judged.iter().filter(|(granted, _)| !granted).count();
    Done::with(&Came { granted, refused, reason: None, has_a_role: heard.has_a_role }, requests)
}

/// Records what was said as refused, and changes nothing else, here or on GitHub.
fn pass_over(
    context: &Context<'_>,
    actor: &Actor,
    subject: Subject,
    asked: &Obey,
    reason: &str,
) -> Result<Done, Failure> {
    let orders = Orders::new(context, actor, subject, asked.comment.map(|id| (asked.spot, id)));
    let mut refused = 0;
    for line in &asked.lines {
        let Line::Word(said) = line else { continue };
        let Ok(word) = parse(said) else { continue };
        if was_heard(context, subject, asked.comment, said) {
            continue;
        }
        let judged = CommandJudged {
            verb: word.verb().name().to_owned(),
            said: word.to_string(),
            actor: actor.clone(),
            permission: None,
            reason: reason.to_owned(),
            comment: asked.comment,
        };
        orders.log(Command::Judge { subject, granted: false, judged });
        refused += 1;
    }
    let (reason, has_a_role) = (Some(reason.to_owned()), Some(false));
    Done::with(&Came { granted: Vec::new(), refused, reason, has_a_role }, Vec::new())
}

/// The issue or pull request that it is about.
async fn subject(context: &Context<'_>, asked: &Obey) -> Result<Option<Subject>, Failure> {
    let subject = context.task.spec.subject;
    if subject.number().is_some() {
        return Ok(Some(subject));
    }
    let Some(number) = asked.issue else { return Ok(None) };
    let of = |is_pull| if is_pull { Subject::Pull(number) } else { Subject::Issue(number) };
    let known = context.journal.state().issues.get(&number).map(|known| known.is_pull);
    if let Some(is_pull) = known {
        return Ok(Some(of(is_pull)));
    }
    Ok(context.services.github.issue(number).await?.map(|issue| of(issue.is_pull)))
}

/// Judges each line, and asks what has to be known for those that may be.
async fn hear(context: &Context<'_>, subject: Subject, asked: &Obey) -> Result<Heard, Failure> {
    let mut rights = Rights::new(context.services.github.as_ref());
    let mut heard = Heard::default();
    let words = &context.config.comment.words;
    for line in &asked.lines {
        let (said, word) = match line {
            Line::Misread { line, problem, hint } => {
                heard.problems.push(answer::misread(words, line, problem, hint));
                continue;
            }
            Line::Word(said) => (said, parse(said)),
        };
        let word = match word {
            Ok(word) => word,
            // Another version wrote it.
            Err(misread) => {
                heard.problems.push(answer::misread(words, said, &misread.problem, &misread.hint));
                continue;
            }
        };
        if was_heard(context, subject, asked.comment, said) {
            continue;
        }
        if let Some(judged) = refusal(context, &mut rights, &word, asked, &mut heard).await? {
            heard.problems.push(answer::refused(words, said, &judged));
            continue;
        }
        let found = look_up::for_word(context, subject, &word).await?;
        heard.problems.extend(found.problem.iter().map(|problem| answer::told(&word, problem)));
        heard.wishes.push(Wish { word, found });
    }
    let last = asked.actors.last();
    heard.has_a_role = last.and_then(|actor| rights.is_known_to_have_a_role(&actor.login));
    Ok(heard)
}

/// Records the judgement about a word; why it may not be, where one of the actors may not say it.
async fn refusal(
    context: &Context<'_>,
    rights: &mut Rights<'_>,
    word: &Word,
    asked: &Obey,
    heard: &mut Heard,
) -> Result<Option<String>, Failure> {
    let mut judged = None;
    for actor in &asked.actors {
        let ruling = rights.judge(&context.config.access, word, actor).await?;
        let entry = CommandJudged {
            verb: word.verb().name().to_owned(),
            said: word.to_string(),
            actor: actor.clone(),
            permission: ruling.permission,
            reason: ruling.reason.clone(),
            comment: asked.comment,
        };
        judged = Some((ruling.granted, entry));
        if !ruling.granted {
            heard.judged.extend(judged);
            return Ok(Some(ruling.reason));
        }
    }
    heard.judged.extend(judged);
    Ok(None)
}

/// Whether this comment said it before, and it was judged then.
fn was_heard(context: &Context<'_>, subject: Subject, comment: Option<u64>, said: &str) -> bool {
    let state = context.journal.state();
    let known = subject.number().and_then(|number| state.issues.get(&number));
    known
        .zip(comment)
        .is_some_and(|(issue, comment)| issue.heard.get(&comment).is_some_and(|heard| heard.contains(said)))
}

impl Heard {
    fn reaction(&self) -> Reaction {
        let takes_time = |wish: &Wish| {
            matches!(
                wish.word.verb(),
                Verb::Run | Verb::Implement | Verb::Revise | Verb::Retry | Verb::Undo | Verb::Resume
            )
        };
        match () {
            () if !self.problems.is_empty() => Reaction::Confused,
            () if self.wishes.iter().any(takes_time) => Reaction::Eyes,
            () => Reaction::ThumbsUp,
        }
    }
}

async fn react(
    context: &Context<'_>,
    (spot, comment): (Spot, u64),
    reaction: Reaction,
) -> Result<(), Failure> {
    let github = &context.services.github;
    let (content, place) = match spot {
        Spot::Comment => (reaction.content(), "comment"),
        Spot::Line => (reaction.content(), "line"),
        // GitHub's REST API has no reactions on reviews: what is done has to speak for itself.
        Spot::Review => return Ok(()),
    };
    let announcement = Announcement {
        step: "reaction",
        kind: EffectKind::Reaction,
        target: format!("{place}/{comment}"),
        detail: content.to_owned(),
    };
    let receipt = || receipt::Reaction { comment, content: content.to_owned() };
    let reacted = context
        .effect(
            announcement,
            // GitHub keeps one of a sort: doing it again is how to look.
            async || Ok(None),
            async || {
                let reacted = match spot {
                    Spot::Line => github.react_on_line(comment, reaction).await,
                    _ => github.react(comment, reaction).await,
                };
                reacted.map(|_| receipt())
            },
        )
        .await;
    match reacted {
        // A token that may not react can still obey; the answer tells the rest.
        Err(failure) if failure.code == "missing_permission" => Ok(()),
        reacted => reacted.map(drop),
    }
}

/// What is to stand in the status comment, if anything has to change there.
fn answer(context: &Context<'_>, actor: &Actor, subject: Subject, says: &[String]) -> Option<Command> {
    let known = |number: IssueNumber| {
        context.journal.state().issues.get(&number).is_some_and(|issue| issue.answer.is_some())
    };
    let stands = subject.number().is_some_and(known);
    let asked_by: Login = actor.login.clone();
    let answered = CommandAnswered { asked_by, text: answer::whole(&context.config.comment.words, says) };
    (!says.is_empty() || stands).then_some(Command::Answer { subject, answered })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::Reach;

    #[test]
    fn a_problem_confuses_and_work_is_looked_at() {
        let wish = |word| Wish { word, found: Found::default() };
        let mut heard = Heard { wishes: vec![wish(Word::Pause(Reach::Here))], ..Heard::default() };
        assert_eq!(heard.reaction(), Reaction::ThumbsUp);
        heard.wishes.push(wish(Word::Retry));
        assert_eq!(heard.reaction(), Reaction::Eyes);
        heard.problems.push("- It was not understood.".to_owned());
        assert_eq!(heard.reaction(), Reaction::Confused);
    }
}
