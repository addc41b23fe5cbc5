//! `automata why`: reads the history for what is asked about, and explains it.

use super::failure::Ended;
use super::limits;
use super::reading::{history, present};
use super::world::World;
use crate::cli;
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
    let answer = answer.with_spending(&world.config.limits.budget, view.state, view.now).with_silence(
        &world.config,
        &view,
        timeline.events(),
        name,
    );
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
        None => Err(damage.unwrap_or_else(|| nothing_known(topic, asked))),
    }
}

fn nothing_known(topic: &Topic, asked: &str) -> Ended {
    let asked = one_line(asked, ASKED);
    let hint = match topic {
        Topic::Comment(_) => {
            "It is none of ours, and nothing was asked of Automata in it. For all about the issue: automata why NUMBER."
        }
        _ => {
            "No task, effect, run, label, login or branch of that name is in the log. For all about an issue: automata why NUMBER."
        }
    };
    Ended::usage(format!("nothing is recorded about `{asked}`"), hint)
}
