//! Fields that were set, in projects and of the organisation's own, are given back what they had before.

use super::Scene;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::input::{SetField, Undone};
use crate::domain::receipt;
use crate::services::github::{FieldBack, FieldValue};

impl Scene<'_> {
    /// Each field that still has our value gets back what it had before, nothing perhaps. What somebody changed since is
    /// left, and so is what was set by an Automata that did not look what was there.
    pub(super) async fn fields(&self, undone: &mut Undone) -> Result<(), Failure> {
        for (at, (field, trace)) in self.receipts::<receipt::Field>(EffectKind::Field).into_iter().enumerate()
        {
            let Some(set) = field.set else { continue };
            let (Some(before), Ok(input)) = (field.before, trace.input.read::<SetField>()) else {
                undone.left.push(format!("Set in {set}: change it there."));
                continue;
            };
            let SetField { project, field, option } = input;
            if before.value.as_ref().is_some_and(|before| before.to_lowercase() == option.to_lowercase()) {
                // It was so before.
                continue;
            }
            let value = FieldValue { project, field, option };
            let back =
                self.set_back_field(&format!("field-{at}"), &set, &value, before.value.as_deref()).await?;
            match (back.taken_back, back.why_not, before.value) {
                (Some(_), _, None) => undone.taken_back.push(format!("No longer set: {set}.")),
                (Some(_), _, Some(before)) => {
                    undone.taken_back.push(format!("No longer set: {set}; it is `{before}` again."));
                }
                (None, why, _) => {
                    undone.left.push(format!("Set in {set}: {}.", why.unwrap_or_default()));
                }
            }
        }
        Ok(())
    }

    async fn set_back_field(
        &self,
        step: &str,
        set: &str,
        value: &FieldValue,
        before: Option<&str>,
    ) -> Result<receipt::Field, Failure> {
        if let Some(done) = self.context.receipt::<receipt::Field>(step) {
            return Ok(done);
        }
        let github = &self.context.services.github;
        let left = |why: String| receipt::Field { why_not: Some(why), ..receipt::Field::default() };
        let taken = || receipt::Field { taken_back: Some(set.to_owned()), ..receipt::Field::default() };
        self.context
            .effect(
                self.announcement(step, EffectKind::Field, format!("take back {set}")),
                // It looks by itself before it changes anything, and done twice it is done once.
                async || Ok(None),
                async || {
                    Ok(match github.set_field_back(self.issue.number, value, before).await? {
                        FieldBack::Done => taken(),
                        FieldBack::Touched => left("a person has settled that since".to_owned()),
                        FieldBack::Not(why) => left(format!("{why}; change it there")),
                    })
                },
            )
            .await
    }
}
