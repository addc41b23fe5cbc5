//! `automata drive audit`: what the configuration wants beside what is so, and mended where that is allowed.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::failure::Ended;
use super::super::inspect::titled;
use super::access::change_access;
use super::ledger::{Ledger, Order};
use super::{Desk, ended};
use crate::cli;
use crate::domain::count::counted;
use crate::domain::input::{DRIVE_AUDIT, DriveAudit, DriveAudited};
use crate::domain::untrusted::one_line;
use crate::drive::audit::{Finding, Mend};
use crate::services::drive::File;
use crate::tasks::drive_audit::{self, Found};

/// Width of what a table tells.
const WIDE: usize = 120;

/// What was found at one place, each with whether it was mended.
struct Audited {
    found: Found,
    findings: Vec<(Finding, bool)>,
}

pub(super) async fn audit(desk: &Desk, arguments: &cli::DriveAudit) -> Result<ExitCode, Ended> {
    if desk.rules.access.is_empty() {
        return Err(Ended::usage(
            "the configuration does not say who is to have access to what",
            "Write it under `drive.access`, for example: [{folder: \"docs:\", grants: [{user: mona@example.org, role: writer}]}]",
        ));
    }
    let teller = match &desk.ledger {
        None if arguments.issue => {
            return Err(Ended::usage(
                "an issue needs the log of a repository, and none is at hand",
                "Add --forge local --directory DIR, or set GITHUB_REPOSITORY and a token; and leave --unrecorded out.",
            ));
        }
        ledger => ledger.as_ref().filter(|_| arguments.issue),
    };
    let given = match &desk.ledger {
        Some(ledger) => ledger.given().await?,
        // Whom rules let in only the log knows.
        None if arguments.repair && desk.shares => {
            return Err(Ended::usage(
                "without the log it cannot be told whom a rule with `share` has let in, to take nothing from them",
                "Add --forge local --directory DIR, or set GITHUB_REPOSITORY and a token; and leave --unrecorded out.",
            ));
        }
        None => drive_audit::GivenAt::new(),
    };
    let known = drive_audit::Known::of(&*desk.drive, given).await.map_err(ended)?;
    let mut all = Vec::new();
    for rule in &desk.rules.access {
        let file = desk.finder().file(rule.folder.as_str()).await?;
        let found =
            drive_audit::look_below(&*desk.drive, &desk.rules, rule, &known, file).await.map_err(ended)?;
        for found in found {
            let mut findings: Vec<(Finding, bool)> =
                found.findings.iter().cloned().map(|finding| (finding, false)).collect();
            if arguments.repair && rule.repair && !findings.is_empty() {
                for (finding, mended) in &mut findings {
                    *mended = mend(desk, &found.file, &finding.mend).await?;
                }
                // Looked at again: what Drive says counts, and not what we asked for.
                let left = found.again(&*desk.drive).await.map_err(ended)?;
                for (finding, mended) in &mut findings {
                    *mended &= !left.contains(finding);
                }
            }
            all.push(Audited { found, findings });
        }
    }
    let values: Vec<Value> = all.iter().map(shown).collect();
    let rows = all.iter().flat_map(|found| {
        found.findings.iter().map(|(finding, mended)| {
            let remedy = if *mended { "mended".to_owned() } else { drive_audit::remedy(finding) };
            let weight = drive_audit::weight(finding).to_owned();
            vec![weight, found.found.place.clone(), one_line(&finding.what, WIDE), remedy]
        })
    });
    desk.tell(&values, &titled(desk.terminal, &["weight", "folder", "what", "remedy"], rows))?;
    let left = all.iter().flat_map(|found| &found.findings).filter(|(_, mended)| !mended).count();
    let folders = counted(desk.rules.access.len(), "folder was", "folders were");
    match left {
        0 => desk.note(&format!("{folders} looked at; access is as wanted.")),
        left => desk.note(&format!(
            "{folders} looked at; {} not as wanted.",
            counted(left, "thing is", "things are")
        )),
    }
    if let Some(ledger) = teller {
        keep_issue(desk, ledger).await?;
    }
    Ok(if left == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(super::super::failure::Kind::Work.exit_code())
    })
}

fn shown(found: &Audited) -> Value {
    let findings: Vec<Value> = found
        .findings
        .iter()
        .map(|(finding, mended)| {
            json!({ "weight": finding.weight, "kind": finding.kind, "what": finding.what, "mend": finding.mend, "mended": mended })
        })
        .collect();
    json!({ "folder": found.found.place, "id": found.found.file.id, "findings": findings })
}

/// Mends one thing; says whether there was something to do.
async fn mend(desk: &Desk, file: &File, mend: &Mend) -> Result<bool, Ended> {
    let grants = match mend {
        Mend::Change { .. } => desk.drive.permissions(&file.id).await.map_err(ended)?,
        _ => Vec::new(),
    };
    // Where somebody took it away meanwhile, the comparison that follows tells.
    let Some(change) = drive_audit::change(mend, &grants) else { return Ok(false) };
    change_access(desk, file, &change).await.map(|_| true)
}

/// Has the log's own audit keep the issue; says what came of it.
async fn keep_issue(desk: &Desk, ledger: &Ledger) -> Result<(), Ended> {
    let order = Order {
        kind: DRIVE_AUDIT,
        unique: DRIVE_AUDIT.to_owned(),
        reason: format!("{} asked for it on the command line", ledger.asks()),
        input: &DriveAudit::default(),
    };
    let done: DriveAudited = ledger.carry_out(&order).await?;
    match (done.issue, done.findings) {
        (Some(url), _) => desk.note(&format!("It is told in {url}")),
        (None, 0) => desk.note("No issue is needed."),
        (None, _) => desk.note("Somebody has closed the issue that told all this; it stays closed."),
    }
    Ok(())
}
