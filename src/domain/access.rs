//! Who may say what, and have what done: one judgement for every word, every other wish and every actor, with its reason.
//!
//! - A person's right is the repository permission that GitHub tells, never `author_association`.
//! - An App, a bot, and whatever is no user account has none; only the configuration's list gives it any.
//! - What Automata wrote itself is nobody's wish.
//! - Whoever has no rights here (strangers, first-time contributors, authors of forks) gets what anyone gets:
//!   triage of what they report, and answers.

use serde::{Deserialize, Serialize};

use super::actor::{Actor, ActorKind, Permission};
use super::id::Login;
use super::words::Verb;

/// What somebody needs in order to say a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Nothing: every person may.
    Anyone,
    /// The triage role or more.
    Triage,
    /// Write access or more.
    Write,
    /// The maintain role or more.
    Maintain,
    /// The admin role.
    Admin,
    /// It is switched off.
    Nobody,
}

impl Need {
    /// All of them, the weakest first.
    pub const ALL: [Self; 6] =
        [Self::Anyone, Self::Triage, Self::Write, Self::Maintain, Self::Admin, Self::Nobody];

    /// The name as the configuration writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
            Self::Nobody => "nobody",
        }
    }

    /// The permission that is enough; none when none is.
    const fn permission(self) -> Option<Permission> {
        match self {
            Self::Anyone => Some(Permission::None),
            Self::Triage => Some(Permission::Triage),
            Self::Write => Some(Permission::Write),
            Self::Maintain => Some(Permission::Maintain),
            Self::Admin => Some(Permission::Admin),
            Self::Nobody => None,
        }
    }
}

/// Whether somebody may say something, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// Whether they may.
    pub granted: bool,
    /// What GitHub said about them; none where it was not asked.
    pub permission: Option<Permission>,
    /// Why, a part of a sentence in words for people.
    pub reason: String,
}

/// Whether the judgement depends on what GitHub says about this actor.
#[must_use]
pub fn has_to_ask(need: Need, actor: &Actor, allowed: &[Login]) -> bool {
    actor.is_person() && !matches!(need, Need::Anyone | Need::Nobody) && !allowed.contains(&actor.login)
}

/// Judges one actor. `permission` is what GitHub says where [`has_to_ask`] wants to know it; what is not known there
/// counts as nothing. `allowed` is the configuration's list: a login on it may say everything that anybody may. Names
/// are compared whole: `octo` on the list is not `octo[bot]`.
#[must_use]
pub fn judge(
    verb: Verb,
    need: Need,
    actor: &Actor,
    permission: Option<Permission>,
    allowed: &[Login],
) -> Ruling {
    let ruling = |granted: bool, reason: String| Ruling { granted, permission, reason };
    let (login, name) = (&actor.login, verb.name());
    let Some(enough) = need.permission() else {
        return ruling(false, format!("`{name}` is switched off in the configuration"));
    };
    match actor.kind {
        ActorKind::Automata | ActorKind::System => {
            return ruling(false, format!("{login} is no person, and nobody's word"));
        }
        _ if allowed.contains(login) => {
            return ruling(true, format!("`access.allow` in the configuration names {login}"));
        }
        ActorKind::App | ActorKind::Bot => {
            return ruling(
                false,
                format!("{login} is a bot, and `access.allow` in the configuration does not name it"),
            );
        }
        ActorKind::Person if need == Need::Anyone => {
            return ruling(true, format!("anyone may say `{name}`"));
        }
        ActorKind::Person => {}
    }
    let held = permission.unwrap_or(Permission::None);
    let needs = format!("`{name}` needs {}", access(enough));
    if held >= enough {
        ruling(true, format!("{login} has {}; {needs}", access(held)))
    } else {
        ruling(false, format!("{needs} to this repository, and {login} has {}", access(held)))
    }
}

/// What somebody wants done without one of our words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A change to be made: by an issue, a comment, a label.
    Change,
    /// A patch to be taken.
    Patch,
    /// What a review says to be heeded: that something is to be another, that it may be merged.
    Review,
    /// What is said in a review's thread to be seen to.
    Thread,
    /// What is said where a pull request is closed to be told to whoever tries again.
    Closing,
}

impl Wish {
    /// The name in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Patch => "patch",
            Self::Review => "review",
            Self::Thread => "thread",
            Self::Closing => "closing",
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Change => "asking for a change",
            Self::Patch => "a patch that is to be taken",
            Self::Review => "a review that is to be heeded",
            Self::Thread => "a thread that is to be seen to",
            Self::Closing => "a reason that the next attempt is told",
        }
    }
}

/// Judges whether what somebody wants is done: it needs write access, whoever they are. `permission` is what GitHub says;
/// none where it was not asked, because too many others were.
#[must_use]
pub fn weigh(wish: Wish, login: &Login, permission: Option<Permission>) -> Ruling {
    let (granted, told) = (permission.is_some_and(Permission::can_write), wish.told());
    let reason = match permission {
        None => {
            format!("{told} needs write access, and so many others were asked about that {login} was not")
        }
        Some(held) if granted => format!("{login} has {}; {told} needs write access", access(held)),
        Some(held) => {
            format!("{told} needs write access to this repository, and {login} has {}", access(held))
        }
    };
    Ruling { granted, permission, reason }
}

fn access(permission: Permission) -> &'static str {
    match permission {
        Permission::None => "none",
        Permission::Read => "read access",
        Permission::Triage => "the triage role",
        Permission::Write => "write access",
        Permission::Maintain => "the maintain role",
        Permission::Admin => "the admin role",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: ActorKind, login: &str) -> Actor {
        Actor { kind, login: Login::new(login) }
    }

    fn granted(need: Need, actor: &Actor, permission: Option<Permission>) -> bool {
        judge(Verb::Implement, need, actor, permission, &[Login::new("helper[bot]"), Login::new("ann")])
            .granted
    }

    #[test]
    fn a_person_has_what_the_repository_gives_and_nothing_else() {
        let mona = Actor::person("mona");
        for (permission, expected) in [
            (None, [true, false, false, false, false, false]),
            (Some(Permission::None), [true, false, false, false, false, false]),
            (Some(Permission::Read), [true, false, false, false, false, false]),
            (Some(Permission::Triage), [true, true, false, false, false, false]),
            (Some(Permission::Write), [true, true, true, false, false, false]),
            (Some(Permission::Maintain), [true, true, true, true, false, false]),
            (Some(Permission::Admin), [true, true, true, true, true, false]),
        ] {
            assert_eq!(Need::ALL.map(|need| granted(need, &mona, permission)), expected, "{permission:?}");
        }
    }

    #[test]
    fn an_app_or_a_bot_counts_only_when_it_is_named_letter_for_letter() {
        for kind in [ActorKind::App, ActorKind::Bot] {
            assert!(granted(Need::Admin, &of(kind, "Helper[bot]"), None));
            for login in ["helper", "other[bot]", "helper[bot]x"] {
                assert!(!granted(Need::Anyone, &of(kind, login), Some(Permission::Admin)), "{login}");
            }
        }
        assert!(!granted(Need::Write, &Actor::person("helper"), Some(Permission::Read)), "a look-alike");
    }

    #[test]
    fn what_automata_wrote_is_nobodys_word_even_when_it_is_named() {
        let ours = Actor::automata();
        assert!(!judge(Verb::Help, Need::Anyone, &ours, None, std::slice::from_ref(&ours.login)).granted);
    }

    #[test]
    fn github_is_asked_only_where_its_answer_counts() {
        let allowed = [Login::new("ann")];
        assert!(has_to_ask(Need::Triage, &Actor::person("mona"), &allowed));
        assert!(!has_to_ask(Need::Triage, &Actor::person("Ann"), &allowed));
        assert!(!has_to_ask(Need::Anyone, &Actor::person("mona"), &allowed));
        assert!(!has_to_ask(Need::Nobody, &Actor::person("mona"), &allowed));
        assert!(!has_to_ask(Need::Write, &of(ActorKind::Bot, "mona"), &allowed));
    }

    #[test]
    fn what_is_wanted_without_a_word_needs_write_access() {
        let mona = Login::new("mona");
        let told = |permission| {
            let Ruling { granted, reason, .. } = weigh(Wish::Patch, &mona, permission);
            format!("{granted}: {reason}")
        };
        let all = [None, Some(Permission::Triage), Some(Permission::Write)];
        insta::assert_snapshot!(all.map(told).join("\n"), @"
        false: a patch that is to be taken needs write access, and so many others were asked about that mona was not
        false: a patch that is to be taken needs write access to this repository, and mona has the triage role
        true: mona has write access; a patch that is to be taken needs write access
        ");
    }

    #[test]
    fn the_reason_says_what_is_missing() {
        let told =
            |actor: &Actor, permission| judge(Verb::Cancel, Need::Write, actor, permission, &[]).reason;
        assert_eq!(
            told(&Actor::person("mallory"), Some(Permission::Read)),
            "`cancel` needs write access to this repository, and mallory has read access"
        );
        assert_eq!(
            told(&Actor::person("mona"), Some(Permission::Maintain)),
            "mona has the maintain role; `cancel` needs write access"
        );
    }
}
