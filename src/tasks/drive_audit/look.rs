//! What a rule on access finds at its folder, and at all that lies below it.

use std::collections::BTreeMap;

use crate::config::{AccessRule, DriveRules};
use crate::drive::audit::{Finding, Mend, Standing, Weight, below, compare};
use crate::drive::path::joined;
use crate::services::drive::{Drive, Error, File, FileId, Permission, walk};

use super::standing;

/// What was found at one folder or file.
pub struct Found {
    /// Where: the folder as the configuration writes it, and the names from there on.
    pub place: String,
    /// What it is.
    pub file: File,
    /// Who may do what with it.
    pub grants: Vec<Permission>,
    /// What is not as wanted.
    pub findings: Vec<Finding>,
    /// What stands at the folder that it lies in; none for the folder that the rule names.
    above: Option<Vec<Standing>>,
}

impl Found {
    /// What is not as wanted by now.
    ///
    /// # Errors
    /// As Drive says.
    pub async fn again(
        &self,
        drive: &dyn Drive,
        rules: &DriveRules,
        rule: &AccessRule,
    ) -> Result<Vec<Finding>, Error> {
        let real = standings(&drive.permissions(&self.file.id).await?);
        let wanted = rules.wanted(rule);
        Ok(match &self.above {
            None => compare(&wanted, &real),
            Some(above) => below(&wanted, &real, above),
        })
    }
}

fn standings(grants: &[Permission]) -> Vec<Standing> {
    grants.iter().map(standing).collect()
}

/// Looks at a folder, and below it at whatever somebody was let in at. The folder comes first, of the rest only where
/// something was found. It costs the lists of the tree, and a request for each hundred things that are shared.
///
/// # Errors
/// As Drive says.
pub async fn look(
    drive: &dyn Drive,
    rules: &DriveRules,
    rule: &AccessRule,
    top: File,
) -> Result<Vec<Found>, Error> {
    let wanted = rules.wanted(rule);
    let grants = drive.permissions(&top.id).await?;
    let findings = compare(&wanted, &standings(&grants));
    let place = rule.folder.as_str().to_owned();
    if !rule.below || !top.is_folder() {
        return Ok(vec![Found { place, file: top, grants, findings, above: None }]);
    }
    let most = rules.limits.files;
    let tree = walk::tree(drive, &top, most, false).await?;
    let asked: Vec<&walk::Placed> =
        tree.entries.iter().filter(|placed| may_be_shared(&placed.file)).collect();
    let ids: Vec<FileId> = asked.iter().map(|placed| placed.file.id.clone()).collect();
    let seen = walk::grants(drive, &ids).await?;
    let unseen = seen.iter().filter(|grants| grants.is_none()).count();
    let at_top = standings(&grants);
    let mut all = vec![Found { place, file: top, grants, findings, above: None }];
    let by_id: BTreeMap<&FileId, &Option<Vec<Permission>>> = ids.iter().zip(&seen).collect();
    for (placed, grants) in asked.iter().zip(&seen) {
        let Some(grants) = grants else { continue };
        let above = match placed.file.parent.as_ref().and_then(|parent| by_id.get(parent)) {
            Some(grants) => grants.as_deref().map(standings).unwrap_or_default(),
            None => at_top.clone(),
        };
        let findings = below(&wanted, &standings(grants), &above);
        if !findings.is_empty() {
            all.push(Found {
                place: written(rule, &placed.path),
                file: placed.file.clone(),
                grants: grants.clone(),
                findings,
                above: Some(above),
            });
        }
    }
    if let Some(top) = all.first_mut() {
        top.findings.extend(left_out(tree.incomplete, unseen, most));
    }
    Ok(all)
}

/// Whether somebody may have been let in at this very place.
fn may_be_shared(file: &File) -> bool {
    match file.has_own_grants {
        Some(has) => has,
        // Drive says whether something is shared for what is in no shared drive only.
        None => file.shared || file.drive.is_some(),
    }
}

/// Where something lies, as places are written.
fn written(rule: &AccessRule, path: &[String]) -> String {
    let folder = rule.folder.as_str();
    let between = if folder.ends_with(':') { "" } else { "/" };
    format!("{folder}{between}{}", joined(path))
}

/// What could not be looked at is told: nothing to be found is no word about it.
fn left_out(incomplete: bool, unseen: usize, most: usize) -> Vec<Finding> {
    let finding = |what: String, by_hand: &str| Finding {
        weight: Weight::Drift,
        kind: "unseen",
        what,
        mend: Mend::ByHand { what: by_hand.to_owned() },
    };
    let too_many = incomplete.then(|| {
        finding(
            format!("not all that lies below could be looked at: there is more than {most} things, or Drive did not tell all"),
            "Raise `drive.limits.files`, or name folders further down.",
        )
    });
    let hidden = (unseen > 0).then(|| {
        finding(
            format!("who has access to {unseen} of the things below cannot be seen by this account"),
            "Let the account that `automata drive doctor` names write there.",
        )
    });
    [too_many, hidden].into_iter().flatten().collect()
}
