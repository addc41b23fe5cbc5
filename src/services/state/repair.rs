//! What is wrong with a log, what would mend it, and doing that: only from where the refs stood when it was planned.

use sha2::{Digest, Sha256};

use super::gather::Gathered;
use super::import::{Stands, Writing};
use super::tip::short;
use super::witness::{Pace, Standing};
use super::{GitLog, layout};
use crate::domain::id::Sequence;
use crate::log::export::{Export, Heading, Keys};
use crate::log::{ChainHash, Error, Snapshot};
use crate::services::git::objects::ObjectId;
use crate::services::git::remote::{Push, RefUpdate};

/// Where refs keep what a repair took off the branch.
pub(super) const REPLACED: &str = "refs/automata/replaced";
/// Digits of a plan's name: enough that another one never has the same by chance, few enough to type.
const DIGEST: usize = 16;

/// Another place to look for lines.
pub enum Source<'a> {
    /// A clone of the repository.
    Clone(&'a GitLog),
    /// An export.
    File(&'a Export<'a>),
}

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// All is well, but for what only a fold can tell.
    Nothing,
    /// The branch is put back on the commit that the witness names.
    MoveBranch {
        /// The commit.
        to: ObjectId,
        /// The last event there.
        sequence: Sequence,
    },
    /// The witness is put on the branch's commit, whose log is whole.
    MoveWitness {
        /// The commit.
        to: ObjectId,
        /// The last event there.
        sequence: Sequence,
    },
    /// The log is written anew from the lines that were found.
    Write {
        /// The export that it is.
        content: Vec<u8>,
        /// The last event.
        sequence: Sequence,
        /// The last event that anybody knows of.
        last_known: Sequence,
        /// The numbers of the sources that have something of it: 0 is the repository itself.
        from: Vec<usize>,
    },
    /// Nothing is left: the branch and its witness go, and a log begins anew.
    Begin,
}

/// What is wrong, and what would be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is wrong, in words; nothing when all is well.
    pub wrong: Option<Error>,
    /// What would be done.
    pub remedy: Remedy,
    /// Refs that keep what would otherwise be named by none.
    pub kept: Vec<String>,
    stands: Stands,
}

impl Plan {
    /// The name of this plan: another one as soon as a ref has moved or something else would be done. `more` is what the
    /// caller adds to it.
    #[must_use]
    pub fn digest(&self, more: &str) -> String {
        let told = match &self.remedy {
            Remedy::Nothing => "nothing".to_owned(),
            Remedy::MoveBranch { to, .. } => format!("branch to {to}"),
            Remedy::MoveWitness { to, .. } => format!("witness to {to}"),
            Remedy::Write { content, .. } => format!("write {}", ChainHash(Sha256::digest(content).into())),
            Remedy::Begin => "begin".to_owned(),
        };
        let text = format!("{told}\n{:?}\n{more}", self.stands);
        plan_digest(&text)
    }
}

/// What a plan is known by, of all that it would do: a person types it behind `--apply`.
#[must_use]
pub fn plan_digest(text: &str) -> String {
    let digest = ChainHash(Sha256::digest(text.as_bytes()).into()).to_string();
    digest.chars().take(DIGEST).collect()
}

impl GitLog {
    /// Finds out what is wrong and what would mend it; nothing is written. `repository` is its name.
    ///
    /// # Errors
    /// When something cannot be reached, the log is of a newer program, or there is nothing that a program should mend:
    /// a ref that is a link, a branch of somebody's.
    pub async fn plan_repair(&self, repository: &str, sources: &[Source<'_>]) -> Result<Plan, Error> {
        let mut names = self.listed().to_vec();
        names.push(self.settings.archive());
        let refs = match self.remote.refs(&names.iter().map(String::as_str).collect::<Vec<_>>()).await {
            Ok(refs) => refs,
            // What is no ref is in git's way, and its file has to go first.
            Err(error) => return self.with_ways_out(Err(error.into())).await,
        };
        if let Some(link) = self.link_in(&refs) {
            return Err(link);
        }
        let seen = self.seen_in(&refs);
        let archive = refs.iter().find(|found| found.name == self.settings.archive());
        let mut stands = Stands {
            branch: seen.branch,
            witness: seen.witness,
            archive: archive.map(|archive| archive.target),
            ..Stands::default()
        };
        for commit in [seen.branch, seen.witness.map(|(_, commit)| commit)].into_iter().flatten() {
            if let Err(newer @ Error::Newer { .. }) = self.whole_log_at(commit).await {
                return Err(newer);
            }
        }
        let nothing = |stands| Plan { wrong: None, remedy: Remedy::Nothing, kept: Vec::new(), stands };
        let (wrong, through) = match self.standing().await {
            Ok(Standing::Sound(seen)) => match seen.branch {
                None if stands.archive.is_none() && sources.is_empty() => return Ok(nothing(stands)),
                None => (self.gone(), None),
                Some(branch) => match self.whole_log_at(branch).await {
                    Ok(()) => return Ok(nothing(stands)),
                    Err(error) if error.is_damage() => (error, seen.witness),
                    Err(error) => return Err(error),
                },
            },
            Ok(Standing::SetBack { branch, witness }) => (self.set_back(branch, witness), Some(witness)),
            Ok(Standing::WrongWitness { branch, witness, why }) => {
                let wrong = self.wrong_witness(branch, witness, why).await;
                if let Some(to) = branch
                    && self.whole_log_at(to).await.is_ok()
                    && let Some((sequence, _)) = self.end_at(to).await?
                {
                    self.keep(witness.1, &mut stands).await?;
                    let remedy = Remedy::MoveWitness { to, sequence };
                    return Ok(Plan { wrong: Some(wrong), remedy, kept: kept(&stands), stands });
                }
                (wrong, None)
            }
            Err(error) if error.is_damage() => (error, seen.witness),
            Err(error) => return Err(error),
        };
        let wrong = match self.with_ways_out::<()>(Err(wrong)).await {
            Err(wrong) => wrong,
            Ok(()) => return Ok(nothing(stands)),
        };
        let put_together = self.put_together(repository, sources, through).await?;
        let remedy = match (self.at_the_witness(&stands, through).await?, put_together) {
            // The branch may have gone on since the witness was moved.
            (Some((_, known)), written @ Remedy::Write { sequence, .. }) if known < sequence => written,
            (Some((to, sequence)), _) => Remedy::MoveBranch { to, sequence },
            (None, put_together) => put_together,
        };
        self.prepare_replacing(&remedy, &mut stands).await?;
        Ok(Plan { wrong: Some(wrong), remedy, kept: kept(&stands), stands })
    }

    /// Does what was planned, if every ref is still where it was then. `snapshot` is the state at the end of what is
    /// written.
    ///
    /// # Errors
    /// [`Error::Conflict`] when one is not, and nothing was changed; else as `append`.
    pub async fn repair(
        &self,
        plan: &Plan,
        export: Option<&Export<'_>>,
        snapshot: Option<&Snapshot>,
        writing: Writing<'_>,
    ) -> Result<(), Error> {
        let stands = &plan.stands;
        let mut updates = stands.kept.clone();
        let branch = |target| RefUpdate {
            name: self.settings.reference().to_owned(),
            expected: stands.branch,
            target,
        };
        let witness = |target| {
            stands.witness.map(|(pace, stood)| RefUpdate {
                name: self.settings.witness(pace),
                expected: Some(stood),
                target,
            })
        };
        match (&plan.remedy, export) {
            (Remedy::Nothing, _) => return Ok(()),
            (Remedy::MoveBranch { to, .. }, _) => updates.push(branch(*to)),
            (Remedy::MoveWitness { to, .. }, _) => updates.extend(witness(*to)),
            (Remedy::Write { .. }, Some(export)) => {
                return self.write_whole(export, snapshot, stands, "Put together", writing).await;
            }
            (Remedy::Write { .. }, None) => return Err(Error::Conflict),
            (Remedy::Begin, _) => {
                updates.extend(stands.branch.is_some().then(|| branch(ObjectId::nothing())));
                updates.extend(witness(ObjectId::nothing()));
                let gone = stands.archive.filter(|_| !stands.archive_is_readable);
                updates.extend(gone.map(|stood| RefUpdate {
                    name: self.settings.archive(),
                    expected: Some(stood),
                    target: ObjectId::nothing(),
                }));
            }
        }
        let together = stands.witness.is_none_or(|(pace, _)| pace == Pace::Together);
        self.move_all(Push { updates, together, objects: Vec::new() }).await
    }

    fn gone(&self) -> Error {
        let place = self.settings.reference().to_owned();
        Error::Damaged { place, reason: "the branch is gone".to_owned(), ways_out: Vec::new() }
    }

    /// Reads all of the log at a commit.
    async fn whole_log_at(&self, commit: ObjectId) -> Result<(), Error> {
        let tip = self.tip_at(commit).await?;
        self.lines(&tip, &mut |_| ()).await
    }

    /// The witness's commit and its last event, where all of a log is there.
    async fn at_the_witness(
        &self,
        stands: &Stands,
        through: Option<(Pace, ObjectId)>,
    ) -> Result<Option<(ObjectId, Sequence)>, Error> {
        let Some((_, to)) = through.filter(|(_, commit)| stands.branch != Some(*commit)) else {
            return Ok(None);
        };
        match self.whole_log_at(to).await {
            Ok(()) => Ok(self.end_at(to).await?.map(|(sequence, _)| (to, sequence))),
            Err(Error::NotALog(_)) => Ok(None),
            Err(error) if error.is_damage() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_together(
        &self,
        repository: &str,
        sources: &[Source<'_>],
        through: Option<(Pace, ObjectId)>,
    ) -> Result<Remedy, Error> {
        let mut gathered = Gathered::default();
        self.gather(0, &mut gathered).await?;
        for (place, source) in sources.iter().enumerate() {
            match source {
                Source::Clone(log) => log.gather(place + 1, &mut gathered).await?,
                Source::File(export) => {
                    gathered.found.add(export.lines, place + 1);
                    gathered.found.vouch(export.heading.sequence, export.heading.chain);
                    gathered.keys = gathered.keys.or_else(|| {
                        let keys = export.heading.keys.as_ref()?;
                        Some(layout::KeysMark { id: keys.id.clone(), version: keys.version })
                    });
                }
            }
        }
        let seen = match through {
            Some((_, commit)) => self.end_at(commit).await?,
            None => None,
        };
        let Some(mended) = gathered.found.longest(seen) else { return Ok(Remedy::Begin) };
        if gathered.keys.is_none() && is_sealed(&mended.lines) {
            return Err(Error::Locked {
                told: "what is left of the log is sealed, and nothing says under which keys".to_owned(),
                hint: "Name a clone or an export with --from that still says it.".to_owned(),
            });
        }
        let keys = gathered.keys.map(|keys| Keys { id: keys.id, version: keys.version });
        let format = if keys.is_some() { layout::SEALED_FORMAT } else { layout::OPEN_FORMAT };
        let heading = Heading::new(repository.to_owned(), format, (mended.sequence, mended.chain), keys);
        let first = heading.line().map_err(|error| Error::Damaged {
            place: "the lines that were found".to_owned(),
            reason: error.to_string(),
            ways_out: Vec::new(),
        })?;
        Ok(Remedy::Write {
            content: [first.into_bytes(), mended.lines].concat(),
            sequence: mended.sequence,
            last_known: gathered.found.last_known(),
            from: mended.from.into_iter().collect(),
        })
    }

    /// Sees to it that nothing that can be read is left without a name.
    async fn prepare_replacing(&self, remedy: &Remedy, stands: &mut Stands) -> Result<(), Error> {
        if let Some(archive) = stands.archive {
            stands.archive_is_readable = self.is_a_commit(archive).await?;
        }
        let Some(branch) = stands.branch else { return Ok(()) };
        let is_written = matches!(remedy, Remedy::Write { .. });
        if is_written && self.is_of_a_log(branch).await? {
            stands.branch_is_readable = true;
        } else {
            self.keep(branch, stands).await?;
        }
        if let (Some((_, witness)), Remedy::Write { .. } | Remedy::Begin) = (stands.witness, remedy)
            && witness != branch
        {
            self.keep(witness, stands).await?;
        }
        Ok(())
    }

    async fn keep(&self, commit: ObjectId, stands: &mut Stands) -> Result<(), Error> {
        let name = format!("{REPLACED}/{}/{}", self.settings.short(), short(commit));
        if self.is_a_commit(commit).await? && self.ref_at(&name).await?.is_none() {
            stands.kept.push(RefUpdate { name, expected: None, target: commit });
        }
        Ok(())
    }

    async fn is_a_commit(&self, commit: ObjectId) -> Result<bool, Error> {
        use crate::services::git::remote::{Depth, Error as Remote};
        match self.remote.fetch(&self.objects, &[commit], Depth::Tip).await {
            Err(Remote::Damaged { .. }) => Ok(false),
            fetched => {
                fetched?;
                Ok(self.objects.read_commit(commit).is_ok())
            }
        }
    }
}

/// Whether something in these lines is sealed: within a text of somebody's these quotes would be escaped.
fn is_sealed(lines: &[u8]) -> bool {
    let marks: [&[u8]; 2] = [b"\"sealed\":[{\"key\"", b"\"frame\":{\"key\""];
    marks.iter().any(|mark| memchr::memmem::find(lines, mark).is_some())
}

fn kept(stands: &Stands) -> Vec<String> {
    stands.kept.iter().map(|update| update.name.clone()).collect()
}
