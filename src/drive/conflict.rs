//! Whether something can still be done to a file as it was meant: somebody may have changed it since, or wants
//! something else of it at the same time. Found before anything is sent.

use crate::domain::input::{Arrange, FileSeen};

/// Why an action does not fit any more, a clause; none where it does. `now` is none when the file is gone, or not for
/// us to see.
#[must_use]
pub fn since(action: &Arrange, seen: &FileSeen, now: Option<&FileSeen>) -> Option<String> {
    let Some(now) = now else {
        let goes_anyway = matches!(action, Arrange::Trash | Arrange::Delete);
        return (!goes_anyway).then(|| "it is gone, or not to be seen any more".to_owned());
    };
    match action {
        // Whoever throws away what they saw does not mean what somebody has written since.
        Arrange::Trash | Arrange::Delete => elsewhere(seen, now)
            .or_else(|| (now.content != seen.content).then(|| "its content was changed".to_owned())),
        Arrange::Restore => elsewhere(seen, now),
        _ => trashed(seen, now).or_else(|| elsewhere(seen, now)),
    }
}

/// Why something is not the file or the folder any more that was meant, a clause: whoever named it by its place did not
/// mean what lies there under another name since. None where it is.
#[must_use]
pub fn is_another(seen: &FileSeen, now: &FileSeen) -> Option<String> {
    trashed(seen, now).or_else(|| elsewhere(seen, now))
}

fn trashed(seen: &FileSeen, now: &FileSeen) -> Option<String> {
    (now.trashed && !seen.trashed).then(|| "it was put into the trash".to_owned())
}

fn elsewhere(seen: &FileSeen, now: &FileSeen) -> Option<String> {
    let renamed = (now.name != seen.name).then(|| format!("it was renamed to `{}`", now.name));
    renamed.or_else(|| (now.parent != seen.parent).then(|| "it was moved to another folder".to_owned()))
}

/// How a file is to be once what waits for its turn was done to it.
#[must_use]
pub fn after(seen: FileSeen, waits: &Arrange) -> FileSeen {
    match waits {
        Arrange::Rename { to } => FileSeen { name: to.clone(), ..seen },
        Arrange::Move { to, name } => FileSeen {
            name: name.clone().unwrap_or_else(|| seen.name.clone()),
            parent: Some(to.clone()),
            ..seen
        },
        Arrange::Trash => FileSeen { trashed: true, ..seen },
        Arrange::Restore => FileSeen { trashed: false, ..seen },
        _ => seen,
    }
}

/// Why an action cannot be asked for while another waits for its turn, a clause; none where one can follow the other.
#[must_use]
pub fn between(waits: &Arrange, wanted: &Arrange) -> Option<&'static str> {
    use Arrange::{Copy, Delete, Limit, MakeFolders, Move, Rename, Restore, Shortcut, Trash};
    let renames = |action: &Arrange| matches!(action, Rename { .. } | Move { name: Some(_), .. });
    match (waits, wanted) {
        (waits, wanted) if waits == wanted => None,
        (Delete, _) => Some("it is to be deleted for good"),
        (
            Trash,
            Rename { .. } | Move { .. } | Copy { .. } | Shortcut { .. } | Limit { .. } | MakeFolders { .. },
        ) => Some("it is to go into the trash"),
        (Restore, Trash) | (Trash, Restore | Trash | Delete) => None,
        (Limit { .. }, Limit { .. }) => Some("who gets in from above is to be set otherwise"),
        (Move { .. }, Move { .. }) => Some("it is to be moved elsewhere"),
        (waits, wanted) if renames(waits) && renames(wanted) => Some("it is to be renamed otherwise"),
        (Rename { .. } | Move { .. }, Trash | Delete) => Some("it is to be changed first"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> FileSeen {
        FileSeen { name: "a".into(), parent: Some("p".into()), trashed: false, content: Some("1".into()) }
    }

    fn rename(to: &str) -> Arrange {
        Arrange::Rename { to: to.into() }
    }

    #[test]
    fn what_somebody_changed_meanwhile_is_not_overruled() {
        let moved = FileSeen { parent: Some("q".into()), ..seen() };
        let renamed = FileSeen { name: "b".into(), ..seen() };
        let edited = FileSeen { content: Some("2".into()), ..seen() };
        let trashed = FileSeen { trashed: true, ..seen() };
        let to_q = Arrange::Move { to: "q2".into(), name: None };
        let told = |action: &Arrange, now: Option<&FileSeen>| since(action, &seen(), now).unwrap_or_default();
        assert_eq!(told(&rename("c"), Some(&renamed)), "it was renamed to `b`");
        assert_eq!(told(&rename("c"), Some(&moved)), "it was moved to another folder");
        assert_eq!(told(&rename("c"), Some(&edited)), "");
        assert_eq!(told(&to_q, Some(&moved)), "it was moved to another folder");
        let copy = Arrange::Copy { to: "q".into(), name: None };
        for action in [&to_q, &copy, &Arrange::Trash, &Arrange::Delete, &Arrange::Limit { limited: true }] {
            assert_eq!(told(action, Some(&renamed)), "it was renamed to `b`", "{action:?}");
            assert_eq!(told(action, Some(&moved)), "it was moved to another folder", "{action:?}");
        }
        assert_eq!(told(&to_q, Some(&trashed)), "it was put into the trash");
        assert_eq!(told(&Arrange::Trash, Some(&edited)), "its content was changed");
        assert_eq!(told(&Arrange::Trash, Some(&trashed)), "", "it is where it was to go");
        assert_eq!(told(&Arrange::Trash, None), "", "it is gone, as was wanted");
        assert_eq!(told(&Arrange::Restore, Some(&trashed)), "");
        assert_eq!(is_another(&seen(), &renamed).unwrap_or_default(), "it was renamed to `b`");
        assert_eq!(is_another(&seen(), &edited), None);
        assert_eq!(told(&rename("c"), None), "it is gone, or not to be seen any more");
        let all =
            [rename("c"), to_q, Arrange::Trash, Arrange::Delete, Arrange::MakeFolders { names: vec![] }];
        assert!(all.iter().all(|action| told(action, Some(&seen())).is_empty()), "nothing was changed");
    }

    #[test]
    fn what_waits_its_turn_is_no_change_of_somebody_else() {
        let to_q = Arrange::Move { to: "q".into(), name: None };
        let then = after(after(seen(), &rename("b")), &to_q);
        assert_eq!(then, FileSeen { name: "b".into(), parent: Some("q".into()), ..seen() });
        assert!(after(seen(), &Arrange::Trash).trashed && !after(seen(), &Arrange::Restore).trashed);
    }

    #[test]
    fn two_that_cannot_both_be_meant_do_not_stand_in_the_row_together() {
        let to = |to: &str| Arrange::Move { to: to.into(), name: None };
        assert!(between(&rename("b"), &rename("c")).is_some());
        assert!(between(&rename("b"), &rename("b")).is_none(), "said twice is said once");
        assert!(between(&rename("b"), &to("q")).is_none());
        assert!(between(&to("q"), &to("r")).is_some());
        assert!(between(&rename("b"), &Arrange::Trash).is_some());
        assert!(between(&Arrange::Trash, &rename("b")).is_some());
        assert!(between(&Arrange::Trash, &Arrange::Restore).is_none());
        assert!(between(&Arrange::Delete, &Arrange::Restore).is_some());
    }
}
