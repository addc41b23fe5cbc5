//! Why somebody is not assigned because of us.

use super::{Lacking, Unmoved, too_little};
use crate::config::rule::{Action, LoginName};
use crate::config::rules::rules;
use crate::config::verdict::owners::loads;
use crate::domain::feature::Feature;
use crate::domain::id::Login;
use crate::domain::input;
use crate::domain::task::Task;
use crate::domain::verdict::Owner;

impl Lacking<'_> {
    /// Why somebody is not assigned because of us, as far as the configuration of today tells; none where nobody of that name is
    /// known.
    #[must_use]
    pub fn unassigned(&self, name: &str) -> Option<Vec<Unmoved>> {
        let login = Login::new(name.trim_start_matches('@'));
        let owner = self.analysis.and_then(|found| found.owners.iter().find(|owner| owner.name == login));
        if owner.is_none() && !name.starts_with('@') && !self.is_somebody(&login) {
            return None;
        }
        let issue = self.issue();
        if issue.is_some_and(|issue| {
            issue.our_assignees.contains(&login) || issue.refused_assignees.contains(&login)
        }) {
            return Some(Vec::new());
        }
        let is_named = |action: &Action| match action {
            Action::Assign(logins) => logins.as_slice().iter().any(|named| is(named, &login)),
            _ => false,
        };
        let (_, mut told) = self.of_rules(&is_named);
        if issue.is_some_and(|issue| issue.assignees.contains(&login)) {
            told.push("they are assigned already, and not because of Automata".to_owned());
        } else {
            match owner {
                None if told.is_empty() => told.push(self.looks_after_nothing()),
                None => {}
                Some(_) if self.is_told_by_a_task(&|task| assigns(task, &login)) => {}
                Some(owner) => told.extend(self.passed_over(owner)),
            }
        }
        let what = format!("`{login}` is not assigned");
        Some(if told.is_empty() { Vec::new() } else { vec![Unmoved { what, because: told }] })
    }

    fn looks_after_nothing(&self) -> String {
        match self.analysis {
            Some(_) => "no place that the issue names is known to be looked after by them".to_owned(),
            None => self.unread(),
        }
    }

    /// Whether a login is known to the log or the configuration.
    fn is_somebody(&self, login: &Login) -> bool {
        let mut issues = self.state.issues.values();
        let names = |action: &Action| matches!(action, Action::Assign(logins) if logins.as_slice().iter().any(|named| is(named, login)));
        issues.any(|issue| issue.author == *login || issue.assignees.contains(login))
            || self
                .state
                .issues
                .values()
                .filter_map(|issue| issue.analysis.as_ref())
                .any(|found| found.owners.iter().any(|owner| owner.name == *login))
            || self.config.assign.unavailable.iter().any(|away| is(away, login))
            || rules(self.config).iter().any(|(_, rule)| rule.actions.as_slice().iter().any(names))
    }

    /// Why an owner is passed over.
    fn passed_over(&self, owner: &Owner) -> Vec<String> {
        let Owner { name, confidence, .. } = owner;
        let (rules, sure) = (&self.config.assign, self.config.triage.sure().assign);
        let mut told = Vec::new();
        if !rules.owners {
            told.push(
                "`assign.owners` is not on: who looks after a place is named, and not assigned".to_owned(),
            );
        }
        if name.as_str().contains(['/', '@']) {
            told.push("teams and mail addresses cannot be assigned".to_owned());
        }
        if *confidence < sure {
            told.push(too_little(*confidence, sure, "assignments"));
        }
        if self.issue().is_some_and(|issue| issue.author == *name) {
            told.push("they opened it themselves".to_owned());
        }
        if rules.unavailable.iter().any(|away| is(away, name)) {
            told.push("`assign.unavailable` names them".to_owned());
        }
        let open = loads(self.state).iter().find(|load| load.login == *name).map_or(0, |load| load.open);
        if let Some(most) = rules.most_open.filter(|most| open >= *most) {
            told.push(format!("{open} open issues are assigned to them, and `assign.most_open` is {most}"));
        }
        let judged = self.analysis.and_then(|found| found.judged.as_ref());
        if let Some(judged) =
            judged.filter(|judged| !judged.people.is_empty() && !judged.people.contains(name))
        {
            told.push(format!("{} named others", judged.by));
        }
        let assigned = self.issue().map(|issue| issue.assignees.as_slice()).unwrap_or_default();
        if let Some(other) = assigned.first() {
            let is_ours = self.issue().is_some_and(|issue| issue.our_assignees.contains(other));
            told.push(match is_ours && rules.round_robin {
                true => format!("it was {other}'s turn (`assign.round_robin`)"),
                false => format!("{other} is assigned already"),
            });
        }
        told.extend(self.held_by(Feature::Assign));
        if told.is_empty() {
            told.push("the configuration of today would assign them; when the issue was analysed it may have been another one".to_owned());
        }
        told
    }
}

fn is(named: &LoginName, login: &Login) -> bool {
    *login == Login::new(named.as_str().trim_start_matches('@'))
}

/// Whether a task is to assign somebody.
fn assigns(task: &Task, login: &Login) -> bool {
    task.spec.kind.as_str() == input::ASSIGN
        && task.spec.input.read::<input::Assign>().is_ok_and(|wanted| wanted.logins.contains(login))
}
