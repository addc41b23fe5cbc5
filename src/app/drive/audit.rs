//! `automata drive audit`: what the configuration wants beside what is so, and mended where that is allowed.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::failure::Ended;
use super::super::inspect::titled;
use super::access::change_access;
use super::{Desk, ended};
use crate::cli::DriveAudit;
use crate::domain::count::counted;
use crate::domain::input::AccessChange;
use crate::domain::untrusted::one_line;
use crate::drive::audit::{Finding, May, Mend, Standing, Weight, Who, compare};
use crate::services::drive::{File, Grantee, Permission};

/// Width of what a table tells.
const WIDE: usize = 120;

/// What was found at one folder.
struct Found {
    place: String,
    file: File,
    findings: Vec<(Finding, bool)>,
}

pub(super) async fn audit(desk: &Desk, arguments: &DriveAudit) -> Result<ExitCode, Ended> {
    if desk.rules.access.is_empty() {
        return Err(Ended::usage(
            "the configuration does not say who is to have access to what",
            "Write it under `drive.access`, for example: [{folder: \"docs:\", grants: [{user: mona@example.org, role: writer}]}]",
        ));
    }
    let mut all = Vec::new();
    for rule in &desk.rules.access {
        let file = desk.finder().file(rule.folder.as_str()).await?;
        let wanted = desk.rules.wanted(rule);
        let mut findings: Vec<(Finding, bool)> = compare(&wanted, &standing(desk, &file).await?)
            .into_iter()
            .map(|finding| (finding, false))
            .collect();
        if arguments.repair && rule.repair && !findings.is_empty() {
            for (finding, mended) in &mut findings {
                *mended = mend(desk, &file, &finding.mend).await?;
            }
            // Looked at again: what Drive says counts, and not what we asked for.
            let left = compare(&wanted, &standing(desk, &file).await?);
            for (finding, mended) in &mut findings {
                *mended &= !left.contains(finding);
            }
        }
        all.push(Found { place: rule.folder.as_str().to_owned(), file, findings });
    }
    let values: Vec<Value> = all.iter().map(shown).collect();
    let rows = all.iter().flat_map(|found| {
        found.findings.iter().map(|(finding, mended)| {
            let weight = match finding.weight {
                Weight::Risk => "risk",
                Weight::Drift => "drift",
            };
            vec![
                weight.to_owned(),
                found.place.clone(),
                one_line(&finding.what, WIDE),
                remedy(finding, *mended),
            ]
        })
    });
    desk.tell(&values, &titled(&["weight", "folder", "what", "remedy"], rows))?;
    let left = all.iter().flat_map(|found| &found.findings).filter(|(_, mended)| !mended).count();
    let folders = counted(all.len(), "folder was", "folders were");
    match left {
        0 => desk.note(&format!("{folders} looked at; access is as wanted.")),
        left => desk.note(&format!(
            "{folders} looked at; {} not as wanted.",
            counted(left, "thing is", "things are")
        )),
    }
    Ok(if left == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(super::super::failure::Kind::Work.exit_code())
    })
}

fn shown(found: &Found) -> Value {
    let findings: Vec<Value> = found
        .findings
        .iter()
        .map(|(finding, mended)| {
            json!({ "weight": finding.weight, "kind": finding.kind, "what": finding.what, "mend": finding.mend, "mended": mended })
        })
        .collect();
    json!({ "folder": found.place, "id": found.file.id, "findings": findings })
}

fn remedy(finding: &Finding, mended: bool) -> String {
    match &finding.mend {
        _ if mended => "mended".to_owned(),
        Mend::Give { who, may } => format!("give {who} {}", may.word()),
        Mend::Change { may, .. } => format!("make it {}", may.word()),
        Mend::Take { .. } => "take it away".to_owned(),
        Mend::ByHand { what } => what.clone(),
        Mend::Nothing => String::new(),
    }
}

/// The grants of a file as the comparison wants them.
async fn standing(desk: &Desk, file: &File) -> Result<Vec<Standing>, Ended> {
    let grants = desk.drive.permissions(&file.id).await.map_err(ended)?;
    Ok(grants.iter().map(as_standing).collect())
}

fn as_standing(grant: &Permission) -> Standing {
    let who = grant.grantee.as_ref().map(|grantee| match grantee {
        Grantee::User(address) => Who::User(address.clone()),
        Grantee::Group(address) => Who::Group(address.clone()),
        Grantee::Domain(domain) => Who::Domain(domain.clone()),
        Grantee::Anyone => Who::Anyone,
    });
    Standing {
        id: grant.id.to_string(),
        who,
        may: grant.role.and_then(|role| May::of_word(role.as_str())),
        inherited: grant.inherited,
        deleted: grant.deleted,
        ends: grant.expires_at.is_some(),
    }
}

/// Mends one thing; says whether there was something to do.
async fn mend(desk: &Desk, file: &File, mend: &Mend) -> Result<bool, Ended> {
    let give = |who: String, may: May| AccessChange::Give {
        who,
        role: may.word().to_owned(),
        until: None,
        notify: false,
    };
    let change = match mend {
        Mend::Give { who, may } => give(grantee(who).written(), *may),
        Mend::Change { id, may } => {
            let grants = desk.drive.permissions(&file.id).await.map_err(ended)?;
            let grant = grants.into_iter().find(|grant| grant.id.as_str() == id);
            // Somebody took it away meanwhile: the comparison that follows tells.
            let Some(who) = grant.and_then(|grant| grant.grantee) else { return Ok(false) };
            give(who.written(), *may)
        }
        Mend::Take { id } => AccessChange::Take { who: id.clone() },
        Mend::ByHand { .. } | Mend::Nothing => return Ok(false),
    };
    change_access(desk, file, &change).await.map(|_| true)
}

fn grantee(who: &Who) -> Grantee {
    match who.clone() {
        Who::User(address) => Grantee::User(address),
        Who::Group(address) => Grantee::Group(address),
        Who::Domain(domain) => Grantee::Domain(domain),
        Who::Anyone => Grantee::Anyone,
    }
}
