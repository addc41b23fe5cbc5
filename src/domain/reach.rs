//! What a credential for GitHub may do, as far as questions that change nothing tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::actor::Permission;

/// How much of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// To look at it.
    Read,
    /// To change it.
    Write,
}

/// Something that a credential may be allowed, as it stands under `permissions:` of a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permit {
    /// Of what: `pull-requests`.
    pub of: &'static str,
    /// How much.
    pub level: Level,
}

/// The projects of the repository's owner. Nothing under `permissions:` of a workflow leads to them.
pub const PROJECTS: &str = "projects";
/// Check runs, which only Apps write.
const CHECKS: &str = "checks";
/// Files, branches and the log.
const CONTENTS: &str = "contents";

impl Permit {
    /// To look at it.
    #[must_use]
    pub const fn read(of: &'static str) -> Self {
        Self { of, level: Level::Read }
    }

    /// To change it.
    #[must_use]
    pub const fn write(of: &'static str) -> Self {
        Self { of, level: Level::Write }
    }

    /// Its name in the settings of Apps and of fine-grained tokens.
    fn setting(self) -> String {
        let name = match self.of {
            "statuses" => "Commit statuses",
            "pull-requests" => "Pull requests",
            "contents" => "Contents",
            "issues" => "Issues",
            "actions" => "Actions",
            "checks" => "Checks",
            "projects" => "Projects",
            other => other,
        };
        let level = if self.level == Level::Read { "Read-only" } else { "Read and write" };
        format!("{name}: {level}")
    }
}

impl fmt::Display for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = if self.level == Level::Read { "read" } else { "write" };
        write!(f, "{}: {level}", self.of)
    }
}

/// Whose credential it is, which decides how it is given more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// An App whose key we have.
    App,
    /// The workflow's own token.
    Workflow,
    /// A token that an App got elsewhere.
    Installation,
    /// A person's token with scopes.
    Classic,
    /// A person's token with permissions.
    FineGrained,
    /// A person's token that an App of either sort was given.
    Person,
    /// Of no form that is known.
    Unknown,
}

/// The account of the workflow's own token.
const ACTIONS_LOGIN: &str = "github-actions[bot]";

impl Sort {
    /// By the forms that GitHub gave its tokens, see [`super::credential`]; `account` is who it turned out to be.
    #[must_use]
    pub fn of(token: &str, account: &str) -> Self {
        let begins = |with: &str| token.starts_with(with);
        match () {
            () if begins("ghp_") => Self::Classic,
            () if begins("github_pat_") => Self::FineGrained,
            () if begins("gho_") || begins("ghu_") => Self::Person,
            () if account == ACTIONS_LOGIN => Self::Workflow,
            () if begins("ghs_") => Self::Installation,
            () => Self::Unknown,
        }
    }

    /// What it is, for people.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::App => "an App",
            Self::Workflow => "the workflow's own token",
            Self::Installation => "an App's token that was got elsewhere",
            Self::Classic => "a person's classic token",
            Self::FineGrained => "a person's fine-grained token",
            Self::Person => "a person's token that an App was given",
            Self::Unknown => "a token of no form that is known",
        }
    }

    /// Whether what it does starts workflows; none when that is not known.
    #[must_use]
    pub const fn starts_workflows(self) -> Option<bool> {
        match self {
            Self::Workflow => Some(false),
            Self::Unknown => None,
            _ => Some(true),
        }
    }
}

/// What was found out about a credential by looking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The account behind it.
    pub account: String,
    /// Whether not everybody may see the repository.
    pub is_private: bool,
    /// What the account may do in the repository; none for Apps, whose role GitHub does not tell.
    pub role: Option<Permission>,
    /// The scopes of a classic token; none for others.
    pub scopes: Option<BTreeSet<String>>,
    /// What an App's installation may do, by GitHub's names: `pull_requests` and `write`.
    pub listed: Option<BTreeMap<String, String>>,
    /// What could be looked at, and what not and why.
    pub looks: BTreeMap<&'static str, Result<(), String>>,
    /// Whether git would take a push; none when nobody asked.
    pub pushes: Option<Result<(), String>>,
    /// Whether projects can be changed, by their numbers.
    pub projects: BTreeMap<u64, Result<(), String>>,
}

/// Whether something is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum May {
    /// It is.
    Yes,
    /// It is not, and why.
    No(String),
    /// Only doing it would tell.
    Unseen,
}

impl Seen {
    /// Whether a credential of this sort may do that.
    #[must_use]
    pub fn may(&self, sort: Sort, permit: Permit) -> May {
        if let Some(Err(why)) = self.looks.get(permit.of) {
            return May::No(why.clone());
        }
        match (permit.of, permit.level) {
            (PROJECTS, _) => match self.projects.values().find_map(|seen| seen.as_ref().err()) {
                Some(why) => May::No(why.clone()),
                None => May::Yes,
            },
            (CONTENTS, Level::Write) => match &self.pushes {
                Some(Ok(())) => May::Yes,
                Some(Err(why)) => May::No(why.clone()),
                None => May::Unseen,
            },
            (of, Level::Read) if self.looks.contains_key(of) => May::Yes,
            _ => self.told(sort, permit),
        }
    }

    /// What follows from what GitHub lists, from scopes and from the account's role.
    fn told(&self, sort: Sort, permit: Permit) -> May {
        if let Some(listed) = &self.listed {
            let name = permit.of.replace('-', "_");
            return match listed.get(&name).map(String::as_str) {
                Some("write" | "admin") => May::Yes,
                Some("read") if permit.level == Level::Read => May::Yes,
                Some(level) => May::No(format!("the App's installation has `{name}: {level}`")),
                None => May::No(format!("the App's installation has nothing of `{name}`")),
            };
        }
        let is_apps = matches!(sort, Sort::App | Sort::Workflow | Sort::Installation);
        if !is_apps && permit == Permit::write(CHECKS) {
            return May::No("GitHub lets nobody but Apps write checks".to_owned());
        }
        let needed = if permit.level == Level::Write { Permission::Write } else { Permission::Read };
        if let (false, Some(role)) = (is_apps, self.role)
            && role < needed
        {
            return May::No(format!("{} has only {} access to the repository", self.account, name(role)));
        }
        let Some(scopes) = &self.scopes else { return May::Unseen };
        let is_open = !self.is_private && scopes.contains("public_repo");
        if scopes.contains("repo") || is_open {
            return May::Yes;
        }
        let has: Vec<&str> = scopes.iter().map(String::as_str).collect();
        let has = if has.is_empty() { "no scope at all".to_owned() } else { has.join(", ") };
        May::No(format!("the token has {has}, and not the scope `repo`"))
    }

    /// How a credential of this sort is allowed that.
    #[must_use]
    pub fn way_out(sort: Sort, permit: Permit) -> String {
        let setting = permit.setting();
        match (sort, permit.of, permit.level) {
            (Sort::Workflow, PROJECTS, _) => {
                "Nothing under `permissions:` leads to projects: work as an App with the organisation permission \
                 `Projects: Read and write` (`app-id`, `app-private-key`), or with a person's token with the scope `project`."
                    .to_owned()
            }
            (Sort::Workflow, _, _) => format!("Add `{permit}` under `permissions:` in the workflow."),
            (Sort::App | Sort::Installation, _, _) => format!(
                "Give the App `{setting}` in its settings, under Permissions & events, and have whoever installed it accept that."
            ),
            (_, CHECKS, Level::Write) => {
                "Work as an App (`app-id`, `app-private-key`) or with the workflow's own token, or leave out `pull_requests.check_run`."
                    .to_owned()
            }
            (Sort::Classic, PROJECTS, _) => "Give the token the scope `project`.".to_owned(),
            (Sort::Classic, ..) => {
                "Give the token the scope `repo`, and its account write access to the repository.".to_owned()
            }
            (Sort::FineGrained, ..) => format!("Give the token the permission `{setting}` for this repository."),
            (Sort::Person | Sort::Unknown, ..) => format!("Hand in a credential that has `{setting}`."),
        }
    }
}

const fn name(role: Permission) -> &'static str {
    match role {
        Permission::None => "no",
        Permission::Read => "read",
        Permission::Triage => "triage",
        Permission::Write => "write",
        Permission::Maintain => "maintain",
        Permission::Admin => "admin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUES: Permit = Permit::write("issues");

    #[test]
    fn a_token_is_known_by_its_form_and_the_workflows_own_by_its_account() {
        let of = |token| Sort::of(token, "mona");
        assert_eq!(
            [of("ghp_a"), of("github_pat_a"), of("ghu_a")],
            [Sort::Classic, Sort::FineGrained, Sort::Person]
        );
        assert_eq!([of("ghs_a"), of("v1.a")], [Sort::Installation, Sort::Unknown]);
        assert_eq!(Sort::of("ghs_a", "github-actions[bot]"), Sort::Workflow);
        assert_eq!(Sort::Workflow.starts_workflows(), Some(false));
    }

    #[test]
    fn what_an_installation_lists_is_believed_and_a_look_that_was_refused_before_that() {
        let listed = BTreeMap::from([("issues".to_owned(), "read".to_owned())]);
        let mut seen = Seen { listed: Some(listed), ..Seen::default() };
        assert_eq!(
            seen.may(Sort::App, ISSUES),
            May::No("the App's installation has `issues: read`".to_owned())
        );
        assert_eq!(seen.may(Sort::App, Permit::read("issues")), May::Yes);
        assert_eq!(
            seen.may(Sort::App, Permit::write("pull-requests")),
            May::No("the App's installation has nothing of `pull_requests`".to_owned())
        );
        seen.looks.insert("issues", Err("no".to_owned()));
        assert_eq!(seen.may(Sort::App, Permit::read("issues")), May::No("no".to_owned()));
    }

    #[test]
    fn of_the_workflows_own_token_only_what_was_tried_is_known() {
        let looks = BTreeMap::from([("issues", Ok(()))]);
        let mut seen = Seen { looks, ..Seen::default() };
        assert_eq!(seen.may(Sort::Workflow, Permit::read("issues")), May::Yes);
        assert_eq!(seen.may(Sort::Workflow, ISSUES), May::Unseen);
        seen.pushes = Some(Err("denied".to_owned()));
        assert_eq!(seen.may(Sort::Workflow, Permit::write("contents")), May::No("denied".to_owned()));
    }

    #[test]
    fn a_classic_token_is_judged_by_its_scopes_and_its_account() {
        let scopes = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let seen = |names: &[&str], role, is_private| Seen {
            account: "mona".to_owned(),
            scopes: scopes(names),
            role: Some(role),
            is_private,
            ..Seen::default()
        };
        let may = |seen: &Seen, permit| seen.may(Sort::Classic, permit);
        assert_eq!(may(&seen(&["repo"], Permission::Write, true), ISSUES), May::Yes);
        assert_eq!(may(&seen(&["public_repo"], Permission::Write, false), ISSUES), May::Yes);
        assert!(matches!(may(&seen(&["public_repo"], Permission::Write, true), ISSUES), May::No(_)));
        let reader = may(&seen(&["repo"], Permission::Read, false), ISSUES);
        assert_eq!(reader, May::No("mona has only read access to the repository".to_owned()));
        let checks = may(&seen(&["repo"], Permission::Admin, false), Permit::write("checks"));
        assert_eq!(checks, May::No("GitHub lets nobody but Apps write checks".to_owned()));
    }
}
