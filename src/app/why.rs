//! `automata why`: reads the history for what is asked about, and explains it.

use super::failure::Ended;
use super::limits;
use super::reading::{history, present};
use super::world::World;
use crate::cli;
use crate::config;
use crate::domain::id::{IssueNumber, Sequence};
use crate::domain::task::Task;
use crate::domain::untrusted::one_line;
use crate::report::terminal::Terminal;
use crate::report::why::{Answer, Present, recalled};
use crate::views::search::{Search, Topic};
use crate::views::timeline::Timeline;

/// Width of what somebody asked about.
const ASKED: usize = 60;

pub(super) async fn why(
    world: &World,
    arguments: &cli::Why,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let topic = Topic::parse(&arguments.what).ok_or_else(|| {
        Ended::usage(
            format!("`{}` is nothing that can be asked about", one_line(&arguments.what, ASKED)),
            "For example: automata why 42, automata why 42 bug, automata why bug, or a comment's address.",
        )
    })?;
    if matches!(topic, Topic::Number(_) | Topic::Comment(_)) && is_foreign(world, &arguments.what) {
        let repository = &world.repository;
        return Err(Ended::usage(
            format!("`{}` is not a page of {repository}", one_line(&arguments.what, ASKED)),
            format!(
                "This log is that of {repository}. Name another one by GITHUB_REPOSITORY; for an issue of this one: automata why NUMBER."
            ),
        ));
    }
    if arguments.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Ended::usage(
            "the name that is asked about is empty",
            "Leave it out for all about the issue, or name a label, a login or a branch.",
        ));
    }
    let (answer, damage) = match &topic {
        Topic::Number(number) => of_issue(world, *number, arguments.name.as_deref()).await?,
        other => of_topic(world, other, &arguments.what).await?,
    };
    let answer = match &arguments.name {
        Some(name) => answer.only(name),
        None => answer,
    };
    if json {
        terminal.json(&answer).map_err(Ended::bug)?;
    } else {
        for line in answer.lines() {
            terminal.data(&line);
        }
    }
    damage.map_or(Ok(()), Err)
}

/// An answer, and what is wrong with the log, to be told after it.
type Answered = (Answer, Option<Ended>);

async fn of_issue(world: &World, number: IssueNumber, name: Option<&str>) -> Result<Answered, Ended> {
    let (mut timeline, mut last) = (Timeline::of(number), Sequence::ZERO);
    let damage = history(world, Sequence(1), &mut |envelope| {
        last = envelope.recorded.stamp.sequence;
        timeline.offer(envelope);
    })
    .await?;
    if let Some(elsewhere) = timeline.elsewhere() {
        let mut found = Vec::new();
        // What is wrong with the log was told by the first reading.
        history(world, Sequence(1), &mut |envelope| {
            if elsewhere.takes(&envelope) {
                found.push(envelope);
            }
        })
        .await?;
        timeline.join(found);
    }
    let present = present(world).await?;
    let limits = limits::of(&world.config);
    let room = |task: &Task| limits.room(task);
    // What is over has left the present, and its story is read from the history.
    let whole = recalled(&present.state, timeline.events());
    let view = Present { state: &whole, now: world.clock.now(), room: &room };
    let answer = if damage.is_some() {
        view.explain_up_to(last, number, timeline.events())
    } else {
        view.explain(number, timeline.events())
    };
    let answer = answer.with_spending(&world.config.limits.budget, view.state, view.now);
    let repository = world.repository.to_string();
    // Defaults that stand in for what cannot be read say nothing about it.
    let answer = match world.problems.as_slice() {
        [] => answer.with_silence(&world.config, &repository, &view, timeline.events(), name),
        problems => answer.unsound(problems),
    };
    // The history can be damaged where a snapshot still tells the present.
    Ok((answer, damage.or(present.damage)))
}

async fn of_topic(world: &World, topic: &Topic, asked: &str) -> Result<Answered, Ended> {
    let mut search = Search::new(topic.clone());
    history(world, Sequence(1), &mut |envelope| search.offer(&envelope)).await?;
    let meant = search.found();
    let mut events = Vec::new();
    let damage = history(world, Sequence(1), &mut |envelope| {
        if meant.takes(&envelope) {
            events.push(envelope);
        }
    })
    .await?;
    let present = present(world).await?;
    let limits = limits::of(&world.config);
    let room = |task: &Task| limits.room(task);
    let whole = recalled(&present.state, &events);
    let view = Present { state: &whole, now: world.clock.now(), room: &room };
    let damage = damage.or(present.damage);
    match view.explain_topic(topic, &meant, &events) {
        Some(answer) => Ok((answer, damage)),
        None if damage.is_none() => {
            never_set(world, topic).map(|answer| (answer, None)).ok_or_else(|| nothing_known(topic, asked))
        }
        None => Err(damage.unwrap_or_else(|| nothing_known(topic, asked))),
    }
}

/// Whether an address is that of a page of another repository, or of another place altogether.
fn is_foreign(world: &World, asked: &str) -> bool {
    let Some((_, path)) = asked.trim().split_once("://") else { return false };
    let page = &world.services.outlets.page;
    let (path, ours) = match page.split_once("://") {
        Some((_, ours)) => (path, ours),
        // Where nobody knows on which host the pages are, the repository has to be the one.
        None => (path.split_once('/').map_or("", |(_, path)| path), page.as_str()),
    };
    let is_ours = path.get(..ours.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(ours));
    !is_ours || !path[ours.len()..].starts_with('/')
}

/// The answer about a label of the configuration that was never set: that is silence, and no slip of whoever asks.
fn never_set(world: &World, topic: &Topic) -> Option<Answer> {
    let Topic::Name(name) = topic else { return None };
    let set_by = config::set_by(&world.config, name);
    (!set_by.is_empty() && world.problems.is_empty()).then(|| Answer::never_set(name, set_by))
}

fn nothing_known(topic: &Topic, asked: &str) -> Ended {
    let asked = one_line(asked, ASKED);
    let hint = match topic {
        Topic::Comment(_) => {
            "It is none of ours, and nothing was asked of Automata in it. For all about the issue: automata why NUMBER."
        }
        _ => {
            "No task, effect, run, label, login or branch of that name is in the log. For all about an issue: automata why NUMBER; for why something is not there: automata why NUMBER NAME."
        }
    };
    Ended::usage(format!("nothing is recorded about `{asked}`"), hint)
}
