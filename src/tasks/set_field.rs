//! Task kind `set_field`: puts an issue into a project and chooses one option of a field there.

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
    let told = format!("project {project}, {field}: {option}");
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
                    FieldSet::Done => receipt::Field { set: Some(told.clone()), why_not: None },
                    FieldSet::Not(why) => receipt::Field { set: None, why_not: Some(why) },
                })
            },
        )
        .await?;
    match receipt.why_not {
        Some(why) => Done::note(&format!("not set: {why}"), Vec::new()),
        None => Done::with(&serde_json::json!({ "set": receipt.set }), Vec::new()),
    }
}
