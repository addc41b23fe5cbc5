//! Task kind `label`: adds and removes labels one by one, and respects what people did to them.

use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::{input, receipt};
use crate::services::github::Label;

/// Grey, as GitHub gives a label that nobody chose a colour for.
const NEW_LABEL_COLOR: &str = "ededed";

/// GitHub compares label names without case.
fn is_in(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other.to_lowercase() == name.to_lowercase())
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let wanted: input::Label = context.input()?;
    let github = &context.services.github;
    let (issue, existing) = futures_util::join!(github.issue(number), github.labels());
    let (Some(issue), existing) = (issue?, existing?) else {
        return Done::note("the issue is gone", Vec::new());
    };
    let (refused, undone) = {
        let state = context.journal.state();
        let known = state.issues.get(&number);
        let refused = known.map(|known| known.labels_taken_off(&issue.labels)).unwrap_or_default();
        (refused, known.map(|known| known.undone_labels.clone()).unwrap_or_default())
    };
    // What an earlier attempt may have done is closed with a receipt, not passed over.
    let again = context.is_open("labels");
    let known = |name: &String| existing.iter().any(|label| label.name.eq_ignore_ascii_case(name));
    let (mut add, mut notes) = (Vec::new(), Vec::new());
    for name in wanted.add {
        if wanted.asked_by.is_none() && is_in(&refused, &name) {
            notes.push(match undone.get(&name) {
                Some(by) => format!("`{name}` was taken back, as {by} asked by `undo`, and is not put back"),
                None => format!("`{name}` was taken off by a person and is not put back"),
            });
        } else if !known(&name) && !context.config.labels.create {
            notes.push(format!("the repository has no label `{name}`"));
        } else if again || !is_in(&issue.labels, &name) {
            add.push(name);
        }
    }
    let is_there = |name: &String| is_in(&issue.labels, name);
    let remove: Vec<String> = wanted.remove.into_iter().filter(|name| again || is_there(name)).collect();
    if add.is_empty() && remove.is_empty() {
        let note = if notes.is_empty() { "nothing to change".to_owned() } else { notes.join("; ") };
        return Done::note(&note, Vec::new());
    }
    let signed = |sign: char| move |name: &String| format!("{sign}{name}");
    let detail: Vec<String> = add.iter().map(signed('+')).chain(remove.iter().map(signed('-'))).collect();
    let announcement = Announcement {
        step: "labels",
        kind: EffectKind::Labels,
        target: context.task.spec.subject.to_string(),
        detail: detail.join(" "),
    };
    let receipt = context
        .effect(
            announcement,
            async || {
                let is_done = add.iter().all(is_there) && !remove.iter().any(is_there);
                Ok(is_done.then(|| receipt::Labels { added: add.clone(), removed: remove.clone() }))
            },
            async || {
                for name in add.iter().filter(|name| !known(name)) {
                    let label = Label {
                        name: name.clone(),
                        color: NEW_LABEL_COLOR.to_owned(),
                        description: String::new(),
                    };
                    github.create_label(&label).await?;
                }
                if !add.is_empty() {
                    github.add_labels(number, &add).await?;
                }
                for name in &remove {
                    github.remove_label(number, name).await?;
                }
                Ok(receipt::Labels { added: add.clone(), removed: remove.clone() })
            },
        )
        .await?;
    Done::with(
        &serde_json::json!({ "added": receipt.added, "removed": receipt.removed, "notes": notes }),
        Vec::new(),
    )
}
