//! Recurring tasks: keeps the log's schedules in step with the configuration, and fires what is due.

use super::session::Session;
use crate::config::{self, Config};
use crate::domain::command::Command;
use crate::domain::id::ScheduleName;
use crate::domain::schedule::{Recurring, Schedule, SetBy};
use crate::queue::recurring;

/// Brings the schedules of the log in step with the configuration: new and changed ones are set, those that have
/// gone from it are removed. What is set by hand stays. Nothing is recorded when nothing has changed.
pub fn keep_in_step(session: &Session, config: &Config) {
    let wanted = config::schedules(config);
    let known = session.state().schedules.clone();
    for (name, schedule) in &wanted {
        match known.get(name) {
            Some(known) if known.schedule == *schedule => {}
            Some(known) if known.schedule.set_by == SetBy::Hand => {
                tracing::warn!(schedule = %name, "it was set by hand and stays so: the configuration's needs another name");
            }
            before => set(session, name, schedule, before),
        }
    }
    for (name, recurring) in &known {
        if recurring.schedule.set_by == SetBy::Configuration && !wanted.contains_key(name) {
            let reason = "the configuration has it no more".to_owned();
            submit(session, Command::RemoveSchedule { name: name.clone(), reason });
        }
        if let Err(unusable) = recurring::due(recurring, session.now(), 0.0) {
            tracing::warn!(schedule = %name, "it does not come round: {unusable}; {}", unusable.hint());
        }
    }
}

fn set(session: &Session, name: &ScheduleName, schedule: &Schedule, before: Option<&Recurring>) {
    let rhythm = |schedule: &Schedule| (schedule.cron.clone(), schedule.zone.clone());
    let next = match before {
        // Only what is to be done is another: a time that is due, or put off, stays.
        Some(before) if rhythm(&before.schedule) == rhythm(schedule) => Ok(before.next),
        _ => recurring::first(schedule, session.now(), session.draw()),
    };
    match next {
        Ok(next) => {
            let (name, schedule) = (name.clone(), Box::new(schedule.clone()));
            submit(session, Command::SetSchedule { name, schedule, next });
        }
        // The configuration was checked, so this is no more than a guard.
        Err(unusable) => tracing::warn!(schedule = %name, "it cannot be set: {unusable}"),
    }
}

/// Enqueues what is due. Of two runs that do so at once, the one that appends first does it: the other decides again,
/// and finds that the time is another.
pub(super) fn fire_due(session: &Session) {
    let now = session.now();
    let is_due = |(_, recurring): &(&ScheduleName, &Recurring)| recurring.next <= now;
    let due: Vec<(ScheduleName, Recurring)> = {
        let state = session.state();
        state.schedules.iter().filter(is_due).map(|(name, known)| (name.clone(), known.clone())).collect()
    };
    for (name, known) in due {
        match recurring::due(&known, now, session.draw()) {
            Ok(Some(fire)) => {
                let recurring::Fire { times, missed, next } = fire;
                submit(session, Command::Fire { name, due: known.next, times, missed, next });
            }
            Ok(None) => {}
            // Every run says so once, when it brings the schedules in step.
            Err(unusable) => tracing::debug!(schedule = %name, %unusable, "a schedule is passed over"),
        }
    }
}

fn submit(session: &Session, command: Command) {
    if let Err(reason) = session.submit(command) {
        tracing::debug!(%reason, "a schedule was seen to already");
    }
}
