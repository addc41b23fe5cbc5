//! `automata drive audit`: what the configuration wants beside what is so, and mended where that is allowed.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::failure::{Ended, Kind};
use super::super::inspect::titled;
use super::access::change_access;
use super::ledger::{Ledger, Order};
use super::{Desk, ended};
use crate::cli;
use crate::domain::count::counted;
use crate::domain::input::{DRIVE_AUDIT, DriveAudit, DriveAudited};
use crate::domain::untrusted::one_line;
use crate::drive::audit::{Finding, Mend};
use crate::tasks::drive_audit::{self, Found};

/// Width of what a table tells.
const WIDE: usize = 120;

/// What was found at one place.
struct Audited {
    found: Found,
    findings: Vec<Judged>,
}

/// A finding, and what became of it.
struct Judged {
    finding: Finding,
    /// Whether it was mended.
    mended: bool,
    /// Why it was left as it is, although it could have been mended.
    left: Option<String>,
    /// Whether it is so still.
    stands: bool,
}

impl Judged {
    const fn of(finding: Finding) -> Self {
        Self { finding, mended: false, left: None, stands: true }
    }

    fn remedy(&self) -> String {
        match &self.left {
            Some(why) => format!("left as it is: {why}"),
            None if self.mended => "mended".to_owned(),
            None => drive_audit::remedy(&self.finding),
        }
    }
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
    let mut unseen = Vec::new();
    for rule in &desk.rules.access {
        let file = match desk.finder().file(rule.folder.as_str()).await {
            Err(ended) if ended.kind != Kind::Again => {
                unseen.push((rule.folder.as_str().to_owned(), ended.message));
                continue;
            }
            file => file?,
        };
        let found =
            drive_audit::look_below(&*desk.drive, &desk.rules, rule, &known, file).await.map_err(ended)?;
        for found in found {
            let mut findings: Vec<Judged> = found.findings.iter().cloned().map(Judged::of).collect();
            if arguments.repair && rule.repair && !findings.is_empty() {
                // What is refused is told with all the rest, and the rest is mended.
                for judged in &mut findings {
                    (judged.mended, judged.left) = mend(desk, &found, &judged.finding.mend)
                        .await
                        .unwrap_or_else(|ended| (false, Some(ended.message)));
                }
                // Looked at again: what Drive and the log say counts, and not what we asked for.
                let given = match &desk.ledger {
                    Some(ledger) => ledger.given().await?,
                    None => drive_audit::GivenAt::new(),
                };
                let left = found.again(&*desk.drive, &given).await.map_err(ended)?;
                for judged in findings.iter_mut().filter(|judged| judged.mended || judged.left.is_some()) {
                    judged.stands = left.contains(&judged.finding);
                    judged.mended &= !judged.stands;
                }
                // What somebody has made of it meanwhile may be another thing that is not as wanted.
                let is_new = |new: &Finding| !findings.iter().any(|judged| judged.finding == *new);
                let new: Vec<Judged> = left.into_iter().filter(is_new).map(Judged::of).collect();
                findings.extend(new);
            }
            all.push(Audited { found, findings });
        }
    }
    let unlooked =
        unseen.iter().map(|(place, why)| json!({ "folder": place, "findings": [], "unseen": why }));
    let values: Vec<Value> = all.iter().map(shown).chain(unlooked).collect();
    let rows = all.iter().flat_map(|found| {
        found.findings.iter().map(|judged| {
            let weight = drive_audit::weight(&judged.finding).to_owned();
            vec![weight, found.found.place.clone(), one_line(&judged.finding.what, WIDE), judged.remedy()]
        })
    });
    let unlooked = unseen.iter().map(|(place, why)| {
        vec!["unseen".to_owned(), place.clone(), one_line(why, WIDE), "look at `drive.access`".to_owned()]
    });
    let rows = rows.chain(unlooked);
    desk.tell(&values, &titled(desk.terminal, &["weight", "folder", "what", "remedy"], rows))?;
    let left =
        all.iter().flat_map(|found| &found.findings).filter(|judged| judged.stands).count() + unseen.len();
    let folders = counted(desk.rules.access.len() - unseen.len(), "folder was", "folders were");
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
    Ok(if left == 0 { ExitCode::SUCCESS } else { ExitCode::from(Kind::Work.exit_code()) })
}

fn shown(found: &Audited) -> Value {
    let findings: Vec<Value> = found
        .findings
        .iter()
        .map(|Judged { finding, mended, left, .. }| {
            let mut value = json!({ "weight": finding.weight, "kind": finding.kind, "what": finding.what, "mend": finding.mend, "mended": mended });
            if let Some(left) = left {
                value["left"] = json!(left);
            }
            value
        })
        .collect();
    json!({ "folder": found.found.place, "id": found.found.file.id, "findings": findings })
}

/// Mends one thing, where it is as it was found; says whether there was something to do, and why it was left otherwise.
async fn mend(desk: &Desk, found: &Found, mend: &Mend) -> Result<(bool, Option<String>), Ended> {
    let Some(change) = drive_audit::change(mend, &found.grants) else { return Ok((false, None)) };
    let grant = drive_audit::grant_found(&change, &found.grants);
    let came = change_access(desk, &found.file, &change, Some(grant)).await?;
    Ok((came.left.is_none(), came.left))
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
