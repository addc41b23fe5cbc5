//! What features suggest, in the status comment: what would be done, why, and what to say so that it is.

use std::fmt::Write as _;

use crate::config::CommentWords;
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
        let (what, why) = (what(task), markdown_line(&task.spec.reason, LINE));
        let _ = writeln!(text, "- {feature}: {what}, because {}", why.trim_end_matches('.'));
    }
    if tasks.len() > LISTED {
        let _ = writeln!(text, "- and {} more", tasks.len() - LISTED);
    }
    let _ = writeln!(text, "\n{}\n", words.suggested_end);
}

/// What a task would do, a clause.
#[must_use]
pub fn what(task: &Task) -> String {
    let spec = &task.spec;
    let quoted = |name: &String| markdown_line(name, LINE);
    let told = match spec.kind.as_str() {
        input::LABEL => spec.input.read().ok().map(|wanted: input::Label| {
            let list = |verb: &str, names: &[String]| {
                let names: Vec<String> = names.iter().map(quoted).collect();
                (!names.is_empty()).then(|| format!("{verb} {}", names.join(", ")))
            };
            let parts = [list("add", &wanted.add), list("take off", &wanted.remove)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" and ")
        }),
        input::ASSIGN => spec.input.read().ok().map(|wanted: input::Assign| {
            let names: Vec<String> =
                wanted.logins.iter().map(Login::as_str).map(|name| markdown_line(name, LINE)).collect();
            format!("assign {}", names.join(", "))
        }),
        input::SET_TYPE => spec
            .input
            .read()
            .ok()
            .map(|wanted: input::SetType| format!("set the type {}", quoted(&wanted.name))),
        input::SET_MILESTONE => spec
            .input
            .read()
            .ok()
            .map(|wanted: input::SetMilestone| format!("plan it for {}", quoted(&wanted.title))),
        input::SET_FIELD => spec.input.read().ok().map(|wanted: input::SetField| {
            format!("set {} to {}", quoted(&wanted.field), quoted(&wanted.option))
        }),
        input::SET_STATE => spec.input.read().ok().map(|wanted: input::SetState| {
            match wanted.to {
                OpenState::Closed => "close it",
                OpenState::Open => "open it again",
            }
            .to_owned()
        }),
        input::EXEC => spec
            .input
            .read()
            .ok()
            .map(|wanted: input::Exec| format!("start the plugin {}", quoted(&wanted.plugin))),
        input::IMPLEMENT => Some("ask for a change and open a pull request".to_owned()),
        input::OPEN_PULL_REQUEST => Some("open the pull request".to_owned()),
        input::REVISE => Some("go on with the pull request".to_owned()),
        input::TEND => Some("bring the pull request up to date, and merge it when it may be".to_owned()),
        input::REQUEST_REVIEW => Some("ask for a review".to_owned()),
        input::REMIND => Some("see whether the answer has come, when its time is over".to_owned()),
        _ => None,
    };
    told.filter(|told| !told.is_empty()).unwrap_or_else(|| spec.kind.as_str().replace('_', " "))
}
