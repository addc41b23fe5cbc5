//! Task kind `drive_sync`: a folder of the working copy and one in Drive are brought into step, as the configuration
//! says under `drive.sync`. What is the same is left alone, so that doing it again does what is left.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::files::{drive, has_room, may_send, now, waits};
use super::place::folder;
use super::{Announcement, Context, Done, Files, WorkingCopy};
use crate::config::{Config, DriveRules};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::untrusted::one_line;
use crate::domain::{input, receipt};
use crate::drive::sync::{Left, Plan, Rules, Side, Step, plan};
use crate::services::drive::{Drive, File, FileId, MOST_IDS, UploadSession};

mod agreement;
pub mod here;
mod large;
mod made;
mod remove;
mod sides;
mod top;
mod work;

pub use agreement::{Agreement, note_written};
pub use large::Sessions;
pub use made::{Drawing, Made};
pub use sides::Sides;
pub use top::Top;
pub use work::{CarriedOut, Draw, Tools, carry_out};

/// Characters of a name that an error shows.
const NAME: usize = 80;
/// How much of what was left as it is the log has.
const LEFT: usize = 20;

/// A tree takes as long as it takes, like a large file.
pub(super) fn lease(_: &Config) -> Duration {
    Duration::from_hours(1)
}

/// What an earlier attempt left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The ids that were drawn last for what is made, by paths: a list may lag, and what it does not show yet must not
    /// be made a second time.
    #[serde(default)]
    ids: BTreeMap<String, FileId>,
    /// Those that were drawn before them: the list may lag on what was made last when the next ones are drawn.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    before: BTreeMap<String, FileId>,
    /// The sessions of large uploads that were begun, sealed, by what tells them apart.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    sessions: BTreeMap<String, String>,
}

impl Kept {
    /// As the log has it now: what this very attempt kept counts as well.
    fn of(context: &Context<'_>) -> Self {
        let state = context.journal.state();
        let progress = state.tasks.get(&context.task.id).and_then(|task| task.progress.as_ref());
        progress.and_then(|progress| progress.checkpoint.read().ok()).unwrap_or_default()
    }
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let wanted: input::DriveSync = context.input()?;
    let files = drive(context)?;
    let config = &context.config.drive;
    let Some(rule) = config.sync.get(&wanted.name) else {
        let told = format!("there is no `{}` under `drive.sync`", one_line(&wanted.name, NAME));
        return Err(Failure::permanent("bad_input", told).hint("Name one of the configuration."));
    };
    let path = here::folder(rule.path.as_str())?;
    here::expect_default(context, files.checked_out.as_ref()).await?;
    let (drive, place) = (&*files.drive, rule.drive.as_str());
    let found = match Top::id_of(place, config) {
        Some(id) => Found { id, file: None },
        None => {
            let file = folder(drive, config, place).await?;
            Found { id: file.id.clone(), file: Some(file) }
        }
    };
    let announcement = Announcement {
        step: "drive_tree",
        kind: EffectKind::DriveTree,
        target: format!("drive/{}", found.id),
        detail: format!("{} and {}", path.display(), rule.drive.as_str()),
    };
    let receipt = context
        .effect(
            announcement,
            // What an earlier attempt did is found the same by looking at both sides.
            async || Ok(None),
            async || {
                let rules = Rules {
                    direction: rule.direction.into(),
                    delete: rule.delete,
                    most_deletions: config.limits.deletions,
                };
                let filter = rule.filter().map_err(|error| {
                    Failure::permanent("bad_input", error.to_string()).hint("Look at `drive.sync`.")
                })?;
                let top = found.top(drive, config, place).await?;
                let (kept, id) = (Kept::of(context), top.id.clone());
                let agreement = Agreement {
                    manifest: files.manifest.as_ref(),
                    beside: files.synced.as_deref(),
                    working_copy: files.working_copy,
                    folder: path,
                    top: &id,
                    direction: rules.direction,
                };
                let made = Made {
                    ids: kept.before.into_iter().chain(kept.ids).collect(),
                    manifest: files.manifest.as_ref().map(|manifest| (manifest, now(context))),
                    lately: agreement.lately(now(context)).await?,
                    is_dry: false,
                };
                let sides = Sides::look(drive, path, top, rules.direction, &filter, &made).await?;
                let agreed = agreement.read(&sides).await?;
                let first = agreed.is_none();
                let base = agreed.unwrap_or_default();
                let plan = plan(&sides.here, &sides.drive, &base, rules);
                plan.within(rules.most_deletions).map_err(|error| {
                    Failure::permanent("too_many_deletions", error.to_string()).hint(
                        "Nothing was done. If they are to go, raise `drive.limits.deletions`, or do it once by hand: \
                         automata drive sync --most-deletions COUNT",
                    )
                })?;
                may_send(context, sending(&plan))?;
                if !plan.steps.is_empty() {
                    let (top, making) = (sides.top.asked(drive).await?, making(&plan));
                    if making > 0 {
                        has_room(context, files, top, making).await?;
                    }
                }
                let drawing = Drawing::new(files.manifest.as_ref(), &sides, now(context));
                let recorded = Recorded { context, files, drawing, ended: RefCell::default() };
                let tools = Tools {
                    drive,
                    progress: &(),
                    draw: &recorded,
                    sessions: &recorded,
                    part: config.limits.part_kib * 1024,
                    direction: rules.direction,
                    keeps_times: files.working_copy == WorkingCopy::Stays,
                };
                let came = carry_out(&sides, &plan, &tools).await?;
                agreement.keep(&sides, &plan, &base, &came, now(context)).await?;
                if let Some(first) = came.failed.first() {
                    let told = format!(
                        "{} of {} things could not be done; {}: {}",
                        came.failed.len(),
                        plan.steps.len(),
                        one_line(&first.path, NAME),
                        one_line(&first.why, 2 * NAME)
                    );
                    return Err(match came.later {
                        Some(error) => Failure { message: told, ..waits(context, error) },
                        None if came.may_pass => Failure::transient("drive_sync", told),
                        None => Failure::permanent("drive_sync", told)
                            .hint("`automata drive sync --dry-run` shows what is left to do."),
                    });
                }
                Ok(receipt::DriveTree {
                    unchanged: plan.unchanged,
                    done: plan.steps.len().saturating_sub(came.left.len()),
                    sent: came.sent,
                    trashed: came.trashed.iter().map(ToString::to_string).collect(),
                    first,
                    conflicts: plan.conflicts.iter().map(|left| one_line(&left.path, NAME)).collect(),
                    left: plan.left.iter().chain(&came.left).map(shown).take(LEFT).collect(),
                })
            },
        )
        .await?;
    Done::with(&receipt, Vec::new())
}

/// What was left as it is, one line.
fn shown(left: &Left) -> String {
    format!("{}: {}", one_line(&left.path, NAME), one_line(&left.why, 2 * NAME))
}

/// Bytes that a plan sends up.
#[must_use]
pub fn sending(plan: &Plan) -> u64 {
    let bytes = plan.steps.iter().map(|step| match step {
        Step::Copy { to: Side::Drive, size, .. } => *size,
        _ => 0,
    });
    bytes.fold(0, u64::saturating_add)
}

/// Bytes of the files that a plan makes in Drive; new content of one that is there takes its owner's storage.
#[must_use]
pub fn making(plan: &Plan) -> u64 {
    let bytes = plan.steps.iter().map(|step| match step {
        Step::Copy { to: Side::Drive, size, replaces: false, .. } => *size,
        _ => 0,
    });
    bytes.fold(0, u64::saturating_add)
}

/// The folder in Drive, as far as it was looked for.
struct Found {
    id: FileId,
    file: Option<File>,
}

impl Found {
    /// The folder with all that is below it.
    async fn top(&self, drive: &dyn Drive, rules: &DriveRules, place: &str) -> Result<Top, Failure> {
        let most = rules.limits.files;
        let found = match &self.file {
            Some(file) => file.clone(),
            None => match Top::by_content(drive, &self.id, most).await? {
                Some(top) => return Ok(top),
                None => folder(drive, rules, place).await?,
            },
        };
        Top::of(drive, found, most).await
    }
}

/// Ids and sessions that are durable before anything is made with them.
struct Recorded<'a> {
    context: &'a Context<'a>,
    files: &'a Files,
    /// What this machine remembers of ids: the next task knows of them as well.
    drawing: Drawing<'a>,
    /// Uploads whose sessions need not be kept any more.
    ended: RefCell<BTreeSet<String>>,
}

impl Recorded<'_> {
    /// What a session is sealed for: what is kept for one task opens for no other.
    fn about(&self, upload: &str) -> String {
        format!("{} {upload}", self.context.task.id)
    }

    /// What is kept now, without what came to its end since.
    fn present(&self) -> Kept {
        let mut kept = Kept::of(self.context);
        kept.sessions.retain(|upload, _| !self.ended.borrow().contains(upload));
        kept
    }
}

#[async_trait(?Send)]
impl Sessions for Recorded<'_> {
    fn kept(&self, upload: &str) -> Option<UploadSession> {
        let kept = self.present();
        UploadSession::opened(kept.sessions.get(upload)?, self.files.seal.as_deref()?, &self.about(upload))
    }

    async fn keep(&self, begun: &BTreeMap<String, UploadSession>) -> Result<(), Failure> {
        // Without a lasting secret nothing can be sealed, and what is cut off begins anew.
        let Some(seal) = self.files.seal.as_deref() else { return Ok(()) };
        let mut kept = self.present();
        let sealed = begun.iter().filter_map(|(upload, session)| {
            Some((upload.clone(), session.sealed(seal, &self.about(upload), &self.files.entropy)?))
        });
        kept.sessions.extend(sealed);
        self.context.keep(0, "large uploads were begun", &kept).await
    }

    fn ended(&self, upload: &str) {
        self.ended.borrow_mut().insert(upload.to_owned());
    }
}

#[async_trait(?Send)]
impl Draw for Recorded<'_> {
    async fn ids(&self, paths: &[&str]) -> Result<BTreeMap<String, FileId>, Failure> {
        let kept = self.present();
        let known = |path: &&str| {
            let id = kept.ids.get(*path).or_else(|| kept.before.get(*path))?;
            Some(((*path).to_owned(), id.clone()))
        };
        let mut ids: BTreeMap<String, FileId> = paths.iter().filter_map(known).collect();
        let missing: Vec<&str> = paths.iter().copied().filter(|path| !ids.contains_key(*path)).collect();
        for group in missing.chunks(usize::from(MOST_IDS)) {
            let count = u16::try_from(group.len()).unwrap_or(MOST_IDS);
            let drawn =
                self.files.drive.generate_ids(count).await.map_err(|error| waits(self.context, error))?;
            ids.extend(group.iter().map(|path| (*path).to_owned()).zip(drawn));
        }
        if !missing.is_empty() {
            let kept = Kept { ids: ids.clone(), before: kept.ids, sessions: kept.sessions };
            self.context.keep(0, "ids were drawn", &kept).await?;
        }
        self.drawing.keep(&ids);
        Ok(ids)
    }

    fn instead(&self, path: &str, id: &FileId) {
        self.drawing.keep(&[(path.to_owned(), id.clone())].into());
    }
}
