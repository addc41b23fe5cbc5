//! What features suggest, in the status comment: what would be done, why, and what to say so that it is.

use std::fmt::Write as _;

use crate::config::{CommentWords, filled};
use crate::domain::feature::Feature;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input;
use crate::domain::state::State;
use crate::domain::task::Task;
use crate::domain::trigger::OpenState;
use crate::domain::untrusted::markdown_line;

/// Width of a quoted line.
const LINE: usize = 300;
/// Suggestions that are shown.
const LISTED: usize = 10;

/// What is suggested about an issue or a pull request; nothing is written when nothing is.
pub(super) fn tell(text: &mut String, state: &State, number: IssueNumber, words: &CommentWords) {
    let about = |task: &&Task| task.spec.subject.number() == Some(number) && task.is_suggested();
    let mut tasks: Vec<&Task> = state.tasks.values().filter(about).collect();
    if tasks.is_empty() {
        return;
    }
    tasks.sort_by_key(|task| task.enqueued);
    let _ = writeln!(text, "{}", words.suggested);
    for task in tasks.iter().take(LISTED) {
        let feature = Feature::of(&task.spec).map_or("", Feature::name);
        let (what, why) = (what(task, words), markdown_line(&task.spec.reason, LINE));
        let values = [("feature", feature), ("what", &what), ("why", why.trim_end_matches('.'))];
        let _ = writeln!(text, "- {}", filled(&words.suggestion, &values));
    }
    if tasks.len() > LISTED {
        let count = (tasks.len() - LISTED).to_string();
        let _ = writeln!(text, "- {}", filled(&words.and_more, &[("count", &count)]));
    }
    let _ = writeln!(text, "\n{}\n", words.suggested_end);
}

/// What a task would do, a clause.
fn what(task: &Task, words: &CommentWords) -> String {
    let kind = task.spec.kind.as_str();
    told(task, words).filter(|told| !told.is_empty()).unwrap_or_else(|| kind.replace('_', " "))
}

fn told(task: &Task, words: &CommentWords) -> Option<String> {
    let input = &task.spec.input;
    let quoted = |name: &str| markdown_line(name, LINE);
    let one = |template: &str, key: &str, name: &str| filled(template, &[(key, &quoted(name))]);
    match task.spec.kind.as_str() {
        input::LABEL => {
            let wanted: input::Label = input.read().ok()?;
            let list = |template: &str, names: &[String]| {
                let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
                (!names.is_empty()).then(|| filled(template, &[("names", &names.join(", "))]))
            };
            let parts = [list(&words.would_add, &wanted.add), list(&words.would_take_off, &wanted.remove)];
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(&words.and))
        }
        input::ASSIGN => {
            let wanted: input::Assign = input.read().ok()?;
            let names: Vec<String> = wanted.logins.iter().map(Login::as_str).map(quoted).collect();
            Some(filled(&words.would_assign, &[("names", &names.join(", "))]))
        }
        input::SET_TYPE => {
            let wanted: input::SetType = input.read().ok()?;
            Some(one(&words.would_set_type, "name", &wanted.name))
        }
        input::SET_MILESTONE => {
            let wanted: input::SetMilestone = input.read().ok()?;
            Some(one(&words.would_plan, "name", &wanted.title))
        }
        input::SET_FIELD => {
            let wanted: input::SetField = input.read().ok()?;
            let (field, option) = (quoted(&wanted.field), quoted(&wanted.option));
            Some(filled(&words.would_set_field, &[("field", &field), ("option", &option)]))
        }
        input::SET_STATE => {
            let wanted: input::SetState = input.read().ok()?;
            let would = match wanted.to {
                OpenState::Closed => &words.would_close,
                OpenState::Open => &words.would_reopen,
            };
            Some(would.clone())
        }
        input::EXEC => {
            let wanted: input::Exec = input.read().ok()?;
            Some(one(&words.would_start, "name", &wanted.plugin))
        }
        input::IMPLEMENT => Some(words.would_implement.clone()),
        input::OPEN_PULL_REQUEST => Some(words.would_open.clone()),
        input::REVISE => Some(words.would_revise.clone()),
        input::TEND => Some(words.would_tend.clone()),
        input::REQUEST_REVIEW => Some(words.would_request_review.clone()),
        input::REMIND => Some(words.would_remind.clone()),
        _ => None,
    }
}
