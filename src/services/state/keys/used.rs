//! What an append has to record of the keys: whose key opened them, and what it changes about them.

use super::Wanted;
use crate::domain::encryption::{Extent, Recipient};
use crate::domain::used::{KeysChanged, KeysOpened, Used};
use crate::services::state::{GitLog, unpoisoned};

impl GitLog {
    /// What the next append has to record of the keys.
    pub(in crate::services::state) fn used_keys(&self) -> Vec<Used> {
        let known = unpoisoned(&self.keys.known);
        let Some(known) = known.as_ref() else { return Vec::new() };
        let opened = known.opened_by.clone().map(|by| Used::KeysOpened(KeysOpened { by }));
        let extent = known.opener.keyring().map(|keyring| keyring.extent);
        let wanted = unpoisoned(&self.keys.wanted);
        let change = self
            .keys
            .sealing
            .as_ref()
            .and_then(|_| change(&wanted, known.commit.is_some(), &known.recipients, extent));
        opened.into_iter().chain(change.map(Used::KeysChanged)).collect()
    }
}

/// What keys that are to be as wanted change about those that are there, for `readers` and with that `extent`.
fn change(
    wanted: &Wanted,
    are_there: bool,
    readers: &[Recipient],
    extent: Option<Extent>,
) -> Option<KeysChanged> {
    let to_be = wanted.extent.unwrap_or_default();
    // Where nothing is to be sealed any more the same people go on reading what was.
    let people = if to_be == Extent::Nothing { readers } else { &wanted.recipients };
    let without = |these: &[Recipient], others: &[Recipient]| -> Vec<Recipient> {
        these.iter().filter(|one| !others.contains(one)).cloned().collect()
    };
    let (added, removed) = (without(people, readers), without(readers, people));
    let is_change = match extent {
        // Either nothing is sealed, or this is no reader's hand.
        None => to_be.is_anything() && !are_there,
        Some(extent) => {
            !added.is_empty() || !removed.is_empty() || wanted.extent.is_some_and(|wanted| wanted != extent)
        }
    };
    is_change.then_some(KeysChanged { extent: to_be, added, removed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(
        wanted: Option<Extent>,
        people: &[u8],
        readers: &[u8],
        extent: Option<Extent>,
    ) -> Option<(Extent, usize, usize)> {
        let of = |people: &[u8]| people.iter().map(|who| Recipient::of([*who; 32])).collect::<Vec<_>>();
        let wanted = Wanted { extent: wanted, recipients: of(people), ..Wanted::default() };
        let changed = change(&wanted, !readers.is_empty(), &of(readers), extent)?;
        Some((changed.extent, changed.added.len(), changed.removed.len()))
    }

    #[test]
    fn first_keys_other_readers_and_another_extent_are_changes_and_nothing_else_is() {
        let (some, all, none) = (Some(Extent::Sensitive), Some(Extent::All), Some(Extent::Nothing));
        assert_eq!(told(some, &[1, 2], &[], None), Some((Extent::Sensitive, 2, 0)));
        assert_eq!(told(some, &[1, 2], &[2, 1], some), None);
        assert_eq!(told(some, &[1, 3], &[1, 2], some), Some((Extent::Sensitive, 1, 1)));
        assert_eq!(told(all, &[1], &[1], some), Some((Extent::All, 0, 0)));
        assert_eq!(told(none, &[], &[1], some), Some((Extent::Nothing, 0, 0)));
        assert_eq!(told(none, &[], &[], None), None);
        assert_eq!(told(None, &[], &[1], some), None, "the configuration cannot be read");
        assert_eq!(told(some, &[1], &[1], None), None, "keys of others");
    }
}
