//! What a rule on access finds at its folder, and at all that lies below it.

use std::collections::BTreeMap;

use crate::config::{AccessRule, DriveRules};
use crate::domain::state::State;
use crate::drive::audit::{Finding, Given, May, Mend, Standing, Wanted, Weight, below, compare};
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
    /// What was wanted there.
    wanted: Wanted,
    /// What stands at the folder that it lies in; none for the folder that the rule names.
    above: Option<Vec<Standing>>,
}

/// What is to be known beside the rules: whose account looks, and whom Automata let in because of another rule.
pub struct Known {
    own: Option<String>,
    given: GivenAt,
}

/// Grants that rules on issues led to, by the ids of the folders.
pub type GivenAt = BTreeMap<String, Vec<Given>>;

/// Whom rules on issues let in, as the log has it.
#[must_use]
pub fn given(state: &State) -> GivenAt {
    let mut given = GivenAt::new();
    for let_in in state.let_in() {
        let (id, may) = (let_in.shared.permission.clone(), May::of_word(&let_in.shared.role));
        given.entry(let_in.folder.to_string()).or_default().push(Given { id, may });
    }
    given
}

/// As [`given`], of one file.
pub(in super::super) fn given_at(state: &State, file: &str) -> Vec<Given> {
    given(state).remove(file).unwrap_or_default()
}

/// Why a grant is to stay that was found to be too much: a rule has led to it, which was not known then.
pub(in super::super) fn is_given(given: &[Given], grant: &Permission) -> Option<String> {
    let wanted = Wanted { given: given.to_vec(), ..Wanted::default() };
    wanted
        .is_given(&standing(grant))
        .then(|| "a rule of the configuration has let them in meanwhile".to_owned())
}

impl Known {
    /// Asks whose account it is.
    ///
    /// # Errors
    /// As Drive says.
    pub async fn of(drive: &dyn Drive, given: GivenAt) -> Result<Self, Error> {
        Ok(Self { own: drive.about().await?.me.email, given })
    }

    /// What a rule wants of something.
    fn wanted(&self, rules: &DriveRules, rule: &AccessRule, file: &FileId) -> Wanted {
        let given = self.given.get(file.as_str()).cloned().unwrap_or_default();
        Wanted { own: self.own.clone(), given, ..rules.wanted(rule) }
    }
}

impl Found {
    /// What is not as wanted by now; `given` is what rules on issues led to by now.
    ///
    /// # Errors
    /// As Drive says.
    pub async fn again(&self, drive: &dyn Drive, given: &GivenAt) -> Result<Vec<Finding>, Error> {
        let real = match drive.permissions(&self.file.id).await {
            Err(error) if error.is_missing() => return Ok(Vec::new()),
            grants => standings(&grants?),
        };
        let given = given.get(self.file.id.as_str()).cloned().unwrap_or_default();
        let wanted = Wanted { given, ..self.wanted.clone() };
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
    known: &Known,
    top: File,
) -> Result<Vec<Found>, Error> {
    let wanted = known.wanted(rules, rule, &top.id);
    let grants = drive.permissions(&top.id).await?;
    let findings = compare(&wanted, &standings(&grants));
    let place = rule.folder.as_str().to_owned();
    if !rule.below || !top.is_folder() {
        return Ok(vec![Found { place, file: top, grants, findings, wanted, above: None }]);
    }
    let most = rules.limits.files;
    let tree = walk::tree(drive, &top, most, false).await?;
    let asked: Vec<&walk::Placed> =
        tree.entries.iter().filter(|placed| may_be_shared(&placed.file)).collect();
    let ids: Vec<FileId> = asked.iter().map(|placed| placed.file.id.clone()).collect();
    let seen = walk::grants(drive, &ids).await?;
    let unseen = seen.iter().filter(|grants| grants.is_none()).count();
    let at_top = standings(&grants);
    let mut all = vec![Found { place, file: top, grants, findings, wanted, above: None }];
    let by_id: BTreeMap<&FileId, &Option<Vec<Permission>>> = ids.iter().zip(&seen).collect();
    for (placed, grants) in asked.iter().zip(&seen) {
        let Some(grants) = grants else { continue };
        let above = match placed.file.parent.as_ref().and_then(|parent| by_id.get(parent)) {
            Some(grants) => grants.as_deref().map(standings).unwrap_or_default(),
            None => at_top.clone(),
        };
        let wanted = known.wanted(rules, rule, &placed.file.id);
        let findings = below(&wanted, &standings(grants), &above);
        if !findings.is_empty() {
            all.push(Found {
                place: written(rule, &placed.path),
                file: placed.file.clone(),
                grants: grants.clone(),
                findings,
                wanted,
                above: Some(above),
            });
        }
    }
    if let Some(top) = all.first_mut() {
        top.findings.extend(left_out(&tree, unseen, most));
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
fn left_out(tree: &walk::Tree, unseen: usize, most: usize) -> Vec<Finding> {
    let finding = |what: String, by_hand: &str| Finding {
        weight: Weight::Drift,
        kind: "unseen",
        what,
        mend: Mend::ByHand { what: by_hand.to_owned() },
    };
    let shut = tree.unlisted.iter().map(|path| {
        let folder = if path.is_empty() { "the folder".to_owned() } else { format!("`{}`", joined(path)) };
        finding(
            format!(
                "this account does not see what is in {folder}: its access is limited to those named at it"
            ),
            "Let the account that `automata drive doctor` names in there.",
        )
    });
    let too_many = tree.cut.then(|| {
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
    shut.chain(too_many).chain(hidden).collect()
}
