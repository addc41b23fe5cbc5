//! The dashboard as one self-contained page: markup, style, script and data in one file that asks nothing of anybody.
//!
//! Figures, charts and the tables that fit a page are written here and can be read without the script. The script pages
//! through what is long: issues, tasks, stories, search. Whatever strangers wrote is escaped in the markup, and written
//! as text by the script.

use crate::domain::event::Event;
use crate::domain::trigger::About;
use crate::domain::untrusted::one_line;
use crate::log::Envelope;
use crate::report::sentence;
use crate::views::dashboard::Dashboard;

mod charts;
mod graph;
mod html;
mod overview;
mod page;
mod people;
mod policy;
mod queue;
mod words;

/// Width of a sentence: what fits two lines of a page.
const WIDE: usize = 200;

/// How the page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As a file, for good.
    Still,
    /// By a server that tells when there is something new.
    Live,
}

/// The event as a sentence that anybody may read. The page may be seen by more people than the repository: what a comment
/// or an answer says is left out, who said it is not.
#[must_use]
pub fn tell(envelope: &Envelope) -> String {
    let sentence = match &envelope.recorded.event {
        Event::TriggerReceived(trigger) => match &trigger.about {
            About::Comment { issue, .. } => {
                let action = trigger.action.as_deref().unwrap_or("created");
                format!("{} {} a comment on #{}", trigger.actor.login, spoken(action), issue.number)
            }
            _ => sentence::received(trigger),
        },
        Event::CommandAnswered(answered) if !answered.text.is_empty() => {
            format!("{} is answered", answered.asked_by)
        }
        _ => sentence::of(envelope),
    };
    one_line(&sentence, WIDE)
}

fn spoken(action: &str) -> &str {
    if action == "created" { "wrote" } else { action }
}

/// The page.
#[must_use]
pub fn page(dashboard: &Dashboard, shown: Shown) -> String {
    page::write(dashboard, shown)
}

/// The headers that a server sends along: what the page's own policy cannot say of itself.
#[must_use]
pub fn policy(shown: Shown) -> String {
    policy::header(shown)
}

#[cfg(test)]
mod tests;
