//! Which of our credentials were used since a run began, and for which task first: noted where they are shown to others.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::id::TaskId;
use crate::domain::used::{CredentialKind, CredentialUsed, Used};

tokio::task_local! {
    /// The task that is worked on.
    static TASK: TaskId;
}

/// What one run used, each credential once.
#[derive(Clone, Debug, Default)]
pub struct Uses(Arc<Mutex<Vec<Used>>>);

/// Notes the use of one credential.
#[derive(Clone, Debug, Default)]
pub struct Noting(Option<(Uses, CredentialKind, String)>);

impl Uses {
    /// What notes the use of this one: an App's id, an assistant's, a plugin's or a webhook's name, or the variable that it is in.
    #[must_use]
    pub fn of(&self, credential: CredentialKind, name: &str) -> Noting {
        Noting(Some((self.clone(), credential, name.to_owned())))
    }

    /// All that was used.
    #[must_use]
    pub fn all(&self) -> Vec<Used> {
        self.held().clone()
    }

    fn held(&self) -> MutexGuard<'_, Vec<Used>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noting {
    /// It is used now.
    pub fn note(&self) {
        let Some((uses, credential, name)) = &self.0 else { return };
        let task = TASK.try_with(Clone::clone).ok();
        let used = Used::Credential(CredentialUsed { credential: *credential, name: name.clone(), task });
        let mut held = uses.held();
        if !held.iter().any(|known| known.is_again(&used)) {
            held.push(used);
        }
    }
}

/// Works for this task: what it uses was used for it.
pub async fn working_for<T>(task: TaskId, work: impl Future<Output = T>) -> T {
    TASK.scope(task, work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_credential_is_noted_once_with_the_first_task_that_needed_it() {
        let uses = Uses::default();
        let (slack, drive) = (uses.of(CredentialKind::Slack, "A"), uses.of(CredentialKind::Drive, "B"));
        working_for(TaskId::new("c1.0"), async { slack.note() }).await;
        working_for(TaskId::new("c1.1"), async { slack.note() }).await;
        drive.note();
        Noting::default().note();
        let told = uses.all().into_iter().map(|used| match used {
            Used::Credential(used) => (used.to_string(), used.task.map(|task| task.to_string())),
            other => panic!("{other:?}"),
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told, [("slack A".to_owned(), Some("c1.0".to_owned())), ("drive B".to_owned(), None)]);
    }
}
