//! How data written by an older version becomes data of the current one: one step for each type and version.

use std::borrow::Cow;

/// Every event type by its wire name, with the version of its data that this program writes.
/// Whoever raises a version adds a step to [`STEPS`] and a golden line under `state/golden`.
pub const TYPES: [(&str, u32); 43] = [
    ("trigger.received", 1),
    ("trigger.refused", 1),
    ("trigger.held", 1),
    ("trigger.settled", 1),
    ("task.enqueued", 1),
    ("task.amended", 1),
    ("task.claimed", 1),
    ("task.progressed", 1),
    ("task.completed", 1),
    ("task.retried", 1),
    ("task.failed", 1),
    ("task.released", 1),
    ("task.cancelled", 1),
    ("task.revived", 1),
    ("outcome.ignored", 1),
    ("fact.observed", 1),
    ("schedule.set", 1),
    ("schedule.removed", 1),
    ("schedule.fired", 1),
    ("repository.reconciled", 1),
    ("model.learned", 1),
    ("drive.read", 1),
    ("drive.changed", 1),
    ("drive.used", 1),
    ("model.set_aside", 1),
    ("command.granted", 1),
    ("command.refused", 1),
    ("access.granted", 1),
    ("access.refused", 1),
    ("command.answered", 1),
    ("subject.paused", 1),
    ("subject.resumed", 1),
    ("feature.paused", 1),
    ("feature.resumed", 1),
    ("feature.fell_back", 1),
    ("feature.restored", 1),
    ("text.forgotten", 1),
    ("credential.used", 1),
    ("keys.opened", 1),
    ("keys.changed", 1),
    ("effect.intended", 1),
    ("effect.completed", 1),
    ("assistant.answered", 1),
];

/// Rewrites the JSON of one version as the JSON of the next.
pub type Rewrite = fn(&str) -> Result<String, serde_json::Error>;

/// One step: the wire name, the version it reads, and how it makes the next.
pub type Step = (&'static str, u32, Rewrite);

/// All steps. None yet: every type is at its first version.
pub const STEPS: &[Step] = &[];

/// Why old data could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This program does not know the type, or only older versions of it.
    #[error("{0}")]
    Newer(String),
    /// The data is not what its version says.
    #[error("version {version} of `{kind}` cannot be read: {reason}")]
    Unreadable {
        /// The event type.
        kind: String,
        /// The version that the line claims.
        version: u32,
        /// What the reader said.
        reason: String,
    },
}

/// The version of `kind` that this program writes; none when it does not know the type.
#[must_use]
pub fn current(kind: &str) -> Option<u32> {
    TYPES.iter().find(|(name, _)| *name == kind).map(|(_, version)| *version)
}

/// The name itself when this program knows the type.
#[must_use]
pub fn known(kind: &str) -> Option<&'static str> {
    TYPES.iter().map(|(name, _)| *name).find(|name| *name == kind)
}

/// Brings `data` of `version` up to the version `target`, step by step.
///
/// # Errors
/// [`Error::Newer`] when `version` is above `target`; [`Error::Unreadable`] when a step is missing or fails.
pub fn raise<'a>(
    steps: &[Step],
    kind: &str,
    version: u32,
    target: u32,
    data: &'a str,
) -> Result<Cow<'a, str>, Error> {
    if version > target {
        return Err(Error::Newer(format!(
            "`{kind}` has version {version}, this program reads up to {target}"
        )));
    }
    (version..target).try_fold(Cow::Borrowed(data), |data, from| {
        let unreadable = |reason: String| Error::Unreadable { kind: kind.to_owned(), version, reason };
        let (_, _, rewrite) = steps
            .iter()
            .find(|(name, version, _)| *name == kind && *version == from)
            .ok_or_else(|| unreadable(format!("nothing leads from version {from} to the next")))?;
        rewrite(&data).map(Cow::Owned).map_err(|error| unreadable(error.to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_STEPS: &[Step] = &[
        ("task.claimed", 1, |old| Ok(old.replace("worker", "run"))),
        ("task.claimed", 2, |old| Ok(old.replace('}', ",\"lease\":1}"))),
    ];

    #[test]
    fn old_data_is_raised_step_by_step_and_current_data_is_left_alone() {
        let raise = |version, data| raise(TWO_STEPS, "task.claimed", version, 3, data).expect("known");
        assert_eq!(raise(1, r#"{"worker":"a"}"#), r#"{"run":"a","lease":1}"#);
        assert_eq!(raise(2, r#"{"run":"a"}"#), r#"{"run":"a","lease":1}"#);
        assert!(matches!(raise(3, "{}"), Cow::Borrowed("{}")));
    }

    #[test]
    fn newer_data_and_a_missing_step_are_told_apart() {
        assert!(matches!(raise(TWO_STEPS, "task.claimed", 4, 3, "{}"), Err(Error::Newer(_))));
        assert!(matches!(raise(&[], "task.claimed", 1, 2, "{}"), Err(Error::Unreadable { .. })));
    }

    #[test]
    fn every_version_above_the_first_has_the_steps_that_lead_to_it() {
        for (kind, current) in TYPES {
            for from in 1..current {
                assert!(
                    STEPS.iter().any(|(name, version, _)| *name == kind && *version == from),
                    "{kind} {from}"
                );
            }
        }
    }
}
