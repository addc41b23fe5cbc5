//! Task kind `set_field`: sets a field of the issue once, in a project or one of the organisation's. What people make of it
//! afterwards is theirs.

use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::{input, receipt};
use crate::services::github::{FieldSet, FieldValue};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::SetField { project, field, option } = context.input()?;
    let github = &context.services.github;
    if github.issue(number).await?.is_none() {
        return Done::note("the issue is gone", Vec::new());
    }
    let place = project.map(|number| format!("project {number}, ")).unwrap_or_default();
    let told = format!("{place}{field}: {option}");
    // What an earlier attempt may have done is closed with a receipt, not passed over.
    let was_set = {
        let state = context.journal.state();
        state.issues.get(&number).is_some_and(|known| known.fields_set.contains(&told))
    };
    if was_set && !context.is_open("field") {
        return Done::note("it was set before, and is as people left it", Vec::new());
    }
    let announcement = Announcement {
        step: "field",
        kind: EffectKind::Field,
        target: context.task.spec.subject.to_string(),
        detail: told.clone(),
    };
    let value = FieldValue { project, field, option };
    let receipt: receipt::Field = context
        .effect(
            announcement,
            // An issue is in a project once, and a choice made twice is one: doing it again is how to look.
            async || Ok(None),
            async || {
                Ok(match github.set_field(number, &value).await? {
                    FieldSet::Done { before } => receipt::Field {
                        set: Some(told.clone()),
                        before: Some(receipt::Before { value: before }),
                        ..receipt::Field::default()
                    },
                    FieldSet::Not(why) => receipt::Field { why_not: Some(why), ..receipt::Field::default() },
                })
            },
        )
        .await?;
    match receipt.why_not {
        Some(why) => Done::note(&format!("not set: {why}"), Vec::new()),
        None => Done::with(&serde_json::json!({ "set": receipt.set }), Vec::new()),
    }
}
