//! What is used for GitHub, in which order it is looked for, and whether it may do what the configuration needs.

use super::super::environment::Environment;
use super::super::failure::Ended;
use super::Findings;
use crate::cli::{Forge, Global};
use crate::config::{Config, Need, needs, projects};
use crate::domain::feature::Feature;
use crate::domain::reach::{May, Seen, Sort};
use crate::report::doctor::{Finding, Standing};
use crate::services::git::remote::{Error, Remote};
use crate::services::github::GitHub;

pub(super) const AREA: &str = "GitHub";

/// Tells in which order credentials are looked for, and which of them is used.
pub(super) fn order(findings: &mut Findings, global: &Global, environment: &Environment) {
    if global.forge == Forge::Local {
        return findings.tell(AREA, "credential", Standing::Note, "a local forge asks for none");
    }
    let set = |name: &str| environment.variables.get(name).is_some();
    let app =
        environment.app_id.is_some() && (environment.app_key.is_some() || environment.app_key_file.is_some());
    let places = [
        ("an App (AUTOMATA_APP_ID with AUTOMATA_APP_PRIVATE_KEY or _FILE)", app),
        ("AUTOMATA_TOKEN", set("AUTOMATA_TOKEN")),
        ("GITHUB_TOKEN", set("GITHUB_TOKEN")),
    ];
    let mut is_found = false;
    for (place, (name, is_set)) in (1..).zip(places) {
        let told = match (is_set, is_found) {
            (true, false) => "used: the first of the three that is there",
            (true, true) => "there, and not used: another one comes first",
            (false, _) => "not there",
        };
        is_found |= is_set;
        findings.tell(AREA, format!("looked for as number {place}, {name}"), Standing::Note, told);
    }
}

/// Looks at what the credential may do, and tells of everything that is needed whether it suffices.
pub(super) async fn look(
    findings: &mut Findings,
    (forge, remote): (&dyn GitHub, &dyn Remote),
    config: &Config,
    environment: &Environment,
) {
    let numbers: Vec<u64> = projects(config).into_iter().collect();
    let mut seen = match forge.look_around(&numbers).await {
        Ok(Some(seen)) => seen,
        Ok(None) => return,
        Err(failure) => return findings.failed(AREA, "credential", &Ended::from(failure)),
    };
    seen.pushes = match remote.moves_together().await {
        Ok(_) => Some(Ok(())),
        Err(Error::Denied { reason, .. }) => Some(Err(reason)),
        Err(error) => {
            findings.failed(AREA, "git", &Ended::from(crate::domain::failure::Failure::from(error)));
            None
        }
    };
    let is_app = environment.app_id.is_some();
    let token = environment.token.as_ref().map_or("", |token| token.plain());
    let sort = if is_app { Sort::App } else { Sort::of(token, &seen.account) };
    who(findings, sort, &seen, forge);
    for need in needs(config) {
        findings.add(judged(&need, sort, &seen));
    }
    workflows(findings, sort, config);
}

/// Whose credential it is, and what of the API is left to it.
fn who(findings: &mut Findings, sort: Sort, seen: &Seen, forge: &dyn GitHub) {
    let told = format!("{}, acts as {}", sort.told(), seen.account);
    findings.tell(AREA, "credential", Standing::Good, told);
    if let Some(scopes) = &seen.scopes {
        let names: Vec<&str> = scopes.iter().map(String::as_str).collect();
        let told = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        findings.tell(AREA, "scopes", Standing::Note, told);
    }
    if let Some(listed) = &seen.listed {
        let names: Vec<String> = listed.iter().map(|(name, level)| format!("{name}: {level}")).collect();
        findings.tell(AREA, "permissions of the installation", Standing::Note, names.join(", "));
    }
    if let Some(budget) = forge.budget() {
        let told = format!("{} of {} are left of this hour", budget.left, budget.limit);
        findings.tell(AREA, "requests", Standing::Note, told);
    }
}

fn judged(need: &Need, sort: Sort, seen: &Seen) -> Finding {
    let features: Vec<&str> = need.features.iter().map(|feature| feature.name()).collect();
    let about = [need.about.to_owned(), features.join(", ")];
    let about: Vec<String> = about.into_iter().filter(|about| !about.is_empty()).collect();
    let about = about.join("; ");
    let what = format!("`{}`", need.permit);
    let way_out = || Seen::way_out(sort, need.permit);
    match seen.may(sort, need.permit) {
        May::Yes => Finding::new(AREA, what, Standing::Good, format!("for {about}")),
        May::No(why) => {
            let state = if need.is_optional { Standing::Note } else { Standing::Missing };
            let lacks = if need.is_optional { "better to have" } else { "needed" };
            Finding::new(AREA, what, state, format!("{lacks} for {about}: {why}")).change(way_out())
        }
        May::Unseen => {
            let told = format!("for {about}: GitHub does not say whether it is allowed");
            Finding::new(AREA, what, Standing::Unseen, told).change(format!("Where it is not: {}", way_out()))
        }
    }
}

/// Whether what is done with the credential starts workflows.
fn workflows(findings: &mut Findings, sort: Sort, config: &Config) {
    let opens = needs(config).iter().any(|need| need.features.contains(&Feature::Implement));
    let what = "starting workflows";
    let finding = match sort.starts_workflows() {
        Some(true) => {
            Finding::new(AREA, what, Standing::Good, "what it does starts workflows as a person's work does")
        }
        None => {
            Finding::new(AREA, what, Standing::Unseen, "whether what it does starts workflows is not known")
        }
        Some(false) => {
            let told = "what the workflow's own token does starts none; checks of the pull requests that it opens wait for \
                        somebody with write access to approve them";
            let change = "Work as an App (`app-id`, `app-private-key`) or with a person's token, or approve them by hand.";
            Finding::new(AREA, what, Standing::Note, told).change(if opens { change } else { "" })
        }
    };
    findings.add(finding);
    if opens && sort == Sort::Workflow {
        let told =
            "\"Allow GitHub Actions to create and approve pull requests\" cannot be seen with this token";
        let change = "It stands under Settings, Actions, General, and has to be on.";
        findings.add(Finding::new(AREA, "opening pull requests", Standing::Unseen, told).change(change));
    }
}
