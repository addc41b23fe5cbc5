//! Whom an analysis assigns: owners who are there, are not overloaded and did not write the issue themselves.

use super::{Known, Load};
use crate::config::model::Config;
use crate::domain::id::Login;
use crate::domain::state::State;
use crate::domain::trigger::IssueFacts;
use crate::domain::verdict::Analysis;

/// How many people an issue can have assigned (docs.github.com, "Assigning issues and pull requests to other
/// GitHub users").
const ASSIGNEES: usize = 10;

/// What people have to do, as far as the log tells.
#[must_use]
pub fn loads(state: &State) -> Vec<Load> {
    let mut loads: Vec<Load> = Vec::new();
    for (number, issue) in &state.issues {
        for login in &issue.assignees {
            let open = usize::from(issue.closed_at.is_none());
            match loads.iter_mut().find(|load| load.login == *login) {
                Some(load) => (load.open, load.newest) = (load.open + open, load.newest.max(*number)),
                None => loads.push(Load { login: login.clone(), open, newest: *number }),
            }
        }
    }
    loads
}

/// Whom to assign, and why; nobody where somebody is assigned or the configuration does not want it.
pub(super) fn chosen(
    config: &Config,
    issue: &IssueFacts,
    analysis: &Analysis,
    known: &Known<'_>,
) -> Option<(Vec<Login>, String)> {
    let rules = &config.assign;
    if !rules.owners || !issue.assignees.is_empty() {
        return None;
    }
    let sure = config.triage.sure().assign;
    let load = |login: &Login| known.loads.iter().find(|load| load.login == *login);
    let is_away = |login: &Login| rules.unavailable.iter().any(|away| *login == Login::new(away.as_str()));
    let is_full =
        |login: &Login| rules.most_open.is_some_and(|most| load(login).is_some_and(|load| load.open >= most));
    // Where an assistant that judged names some of them, it is these.
    let named = analysis.judged.as_ref().map(|judged| judged.people.as_slice()).unwrap_or_default();
    let is_meant = |login: &Login| named.is_empty() || named.contains(login);
    let mut people: Vec<Login> = Vec::new();
    for owner in analysis.owners.iter().filter(|owner| owner.confidence >= sure) {
        // Teams (`org/team`) and mail addresses of CODEOWNERS cannot be assigned.
        let is_person = !owner.name.as_str().contains(['/', '@']);
        let may =
            is_person && owner.name != issue.author.login && !is_away(&owner.name) && !is_full(&owner.name);
        let is_refused = known.refused_assignees.contains(&owner.name);
        if may
            && is_meant(&owner.name)
            && !is_refused
            && !people.contains(&owner.name)
            && people.len() < ASSIGNEES
        {
            people.push(owner.name.clone());
        }
    }
    let mut reason = "they look after a place that the issue mentions".to_owned();
    if rules.round_robin && people.len() > 1 {
        // Whose newest issue is the oldest has waited longest for their turn; who never had one goes first.
        let turn = |login: &Login| load(login).map(|Load { newest, .. }| *newest);
        let next = people.iter().min_by_key(|login| turn(login)).cloned();
        people = next.into_iter().collect();
        reason = format!("{reason}, and it is their turn");
    }
    (!people.is_empty()).then_some((people, reason))
}
