//! Schedules whose times never come, and tasks that could not be worked on.

use super::Found;
use crate::config::check::suggestion;
use crate::config::schedule::{ScheduleRule, TaskRule};
use crate::config::tree::Step;
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::schedule::{NAME_CHARS, is_name};
use crate::domain::subject::{Scope, Subject};
use crate::queue::recurring::{self, Timetable, Unusable};

impl Found<'_> {
    pub(super) fn schedule(&mut self, name: &str, schedule: &ScheduleRule) {
        let at = |keys: &[&str]| -> Vec<Step> {
            ["schedules", name].iter().chain(keys).map(|key| Step::from(*key)).collect()
        };
        if !is_name(name) {
            let hint = format!("use up to {NAME_CHARS} letters, digits, `-`, `_` and `.`");
            self.add(&at(&[]), "this is no name for a schedule", Some(&hint));
        }
        if let Err(unusable) = Timetable::read(schedule.cron.as_str(), &schedule.zone) {
            let hint = schedule_hint(&unusable);
            self.add(&at(&[unusable.key()]), unusable.to_string(), Some(&hint));
        }
        self.task(&schedule.task, &at);
    }

    pub(super) fn task(&mut self, task: &TaskRule, at: &dyn Fn(&[&str]) -> Vec<Step>) {
        let kind = task.kind.0.as_str();
        match Subject::said(&task.subject) {
            Err(error) => self.add(&at(&["do", "subject"]), error.to_string(), None),
            Ok(subject) if !input::scope(kind).covers(subject) => {
                let (about, example) = match input::scope(kind) {
                    Scope::Issues => ("an issue", "issue/42"),
                    Scope::Pulls => ("a pull request", "pull/7"),
                    Scope::Files => ("a file in Drive", "drive/ID"),
                    _ => ("an issue or a pull request", "issue/42 or pull/7"),
                };
                let message = format!("a task of the kind `{kind}` is about {about}, not about `{subject}`");
                self.add(&at(&["do", "subject"]), message, Some(&format!("name it: `subject: {example}`")));
            }
            Ok(_) => {}
        }
        let given = Payload::of(&task.input).unwrap_or_default();
        if let Err(reason) = input::check(kind, &given) {
            let message = format!("this is no input for the kind `{kind}`: {reason}");
            self.add(&at(&["do", "input"]), message, None);
        }
    }
}

/// What to write instead of a schedule's expression or time zone, a clause.
#[must_use]
pub fn schedule_hint(unusable: &Unusable) -> String {
    let meant = match unusable {
        Unusable::Zone(zone) => near_zone(zone),
        _ => None,
    };
    meant.unwrap_or_else(|| unusable.hint().to_owned())
}

fn near_zone(zone: &str) -> Option<String> {
    let zones = recurring::zones();
    let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
    suggestion(zone, &zones)
}
