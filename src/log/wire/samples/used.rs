//! What was used of credentials and keys.

use crate::domain::encryption::{Extent, Recipient};
use crate::domain::event::{ApiBudget, Event, ListSeen, RepositoryReconciled};
use crate::domain::id::TaskId;
use crate::domain::time::Timestamp;
use crate::domain::used::{CredentialKind, CredentialUsed, KeysChanged, KeysOpened, Used};

pub(super) fn used() -> Vec<Event> {
    let credential = |credential, name: &str, task| {
        Used::Credential(CredentialUsed { credential, name: name.to_owned(), task })
    };
    let (ours, theirs) = (Recipient::of([7; 32]), Recipient::of([8; 32]));
    vec![
        credential(CredentialKind::GithubApp, "Iv1.8a61f9b3a7aba766", None),
        credential(CredentialKind::AssistantKey, "claude", Some(TaskId::new("7zq3m0x1c2v4.1"))),
        Used::KeysOpened(KeysOpened { by: ours.clone() }),
        Used::KeysChanged(KeysChanged {
            extent: Extent::Sensitive,
            added: vec![theirs],
            removed: vec![ours],
        }),
    ]
    .into_iter()
    .map(Event::Used)
    .chain([Event::RepositoryReconciled(RepositoryReconciled {
        until: super::at(900),
        found: 0,
        budget: Some(ApiBudget { left: 4_321, limit: 5_000 }),
        lists: Some(
            [("issues".to_owned(), ListSeen { since: super::at(840), tag: "W/\"5e5e\"".to_owned() })].into(),
        ),
        repository: Some("octo/repo".to_owned()),
    })])
    .collect()
}

/// A look that told nothing of its budget, and of no list.
pub(super) fn reconciled(until: Timestamp, found: u32) -> Event {
    Event::RepositoryReconciled(RepositoryReconciled {
        until,
        found,
        budget: None,
        lists: None,
        repository: None,
    })
}
