//! What people are told of refs that do not fit together, and the exact commands that lead out of it.

use super::GitLog;
use super::judging::Wrong;
use super::layout;
use super::tip::{Tip, short};
use super::witness::Pace;
use crate::log::Error;
use crate::services::git::objects::ObjectId;
use crate::services::git::remote::{self, RemoteRef};

impl GitLog {
    /// What is told of a branch that is not where it was left.
    pub(super) fn set_back(&self, branch: Option<ObjectId>, (pace, witness): (Pace, ObjectId)) -> Error {
        let (reference, name) = (self.settings.reference(), self.settings.witness(pace));
        let now = match branch {
            Some(now) => format!("{reference} was set back or rewritten: it is at {}", short(now)),
            None => format!("{reference} is gone"),
        };
        let lost = match branch {
            Some(_) => "what it had besides is lost",
            None => "all of it is lost, and to begin anew",
        };
        let mut ways_out = vec![
            format!("To bring the log back, in a clone: {}.", self.pushing_back(branch, &name, witness)),
            format!("To accept that {lost}: {}.", self.without_witness(&name, witness)),
        ];
        let is_a_log =
            branch.is_none_or(|now| self.objects.read_commit(now).is_ok_and(|read| self.has_head(read.tree)));
        if !is_a_log {
            ways_out.insert(
                0,
                format!(
                    "There is no log on {reference} now. If that is somebody's own work, leave it there and name another \
                     branch in `state.branch` of .github/automata.yml."
                ),
            );
        }
        Error::SetBack { told: format!("{now}, but {name} saw it at {}", short(witness)), ways_out }
    }

    /// What is told of a witness that never saw this log: above all, nothing that would put it on the branch.
    pub(super) async fn wrong_witness(
        &self,
        branch: Option<ObjectId>,
        (pace, witness): (Pace, ObjectId),
        why: Wrong,
    ) -> Error {
        let (reference, name) = (self.settings.reference(), self.settings.witness(pace));
        let log = match branch {
            Some(commit) => self.log_at(commit).await.ok().flatten(),
            None => None,
        };
        let now = match (branch, &log) {
            (_, Some(tip)) => format!("the log on {reference} ends with event {}", tip.head.sequence),
            (Some(_), None) => format!("no log can be read on {reference}"),
            (None, None) => format!("{reference} is gone"),
        };
        let without = self.without_witness(&name, witness);
        let goes_on = match log {
            Some(_) => "To go on with the log on the branch, if nothing is missing there",
            None => "To go on without it, if there is no log to bring back",
        };
        let (why, ways_out) = match why {
            Wrong::NoLog(why) => (
                format!("it is at {}, and holds no log ({why})", short(witness)),
                vec![format!("{goes_on}: {without}; the next append makes it anew.")],
            ),
            Wrong::OtherLog => (
                format!("it is at {}, and holds another log", short(witness)),
                vec![
                    format!(
                        "{goes_on}, and to keep the other one aside, in a clone: `git fetch origin {name}`, then \
                         `git push origin {witness}:refs/heads/automata-other-log`, then {without}."
                    ),
                    format!(
                        "To take the other one instead, and lose the one on the branch, in a clone: {}.",
                        self.pushing_back(branch, &name, witness)
                    ),
                ],
            ),
        };
        Error::SetBack { told: format!("{name} cannot be the log's witness: {why}; {now}"), ways_out }
    }

    /// Adds to a damage what can be done about it.
    pub(super) async fn with_ways_out<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        match result {
            Err(Error::Damaged { place, reason, .. }) => {
                let ways_out = self.way_back().await.into_iter().collect();
                Err(Error::Damaged { place, reason, ways_out })
            }
            result => result,
        }
    }

    /// How to bring back a branch that cannot be read, when its witness still can; and how to do without a witness
    /// that is no ref. None where neither is the trouble: then nothing here knows better than a person.
    async fn way_back(&self) -> Option<String> {
        let reference = self.settings.reference();
        let branch = remote::find(&*self.remote, reference).await;
        let now = branch.as_ref().ok().and_then(Option::as_ref).map(|found| found.target);
        let read = match now {
            Some(now) => self.whole_at(now).await,
            None => None,
        };
        for name in [Pace::Together, Pace::After].map(|pace| self.settings.witness(pace)) {
            let witness = match remote::find(&*self.remote, &name).await {
                Ok(Some(found)) => found.target,
                Ok(None) => continue,
                Err(_) => {
                    let (ends, file) = (read?.head.sequence, self.remote.ref_file(&name)?);
                    return Some(format!(
                        "The log on {reference} ends with event {ends}. If nothing is missing there: `rm {}`; the next append \
                         makes the witness anew.",
                        file.display()
                    ));
                }
            };
            if read.is_some() || now == Some(witness) {
                return None;
            }
            let left = self.whole_at(witness).await?;
            // git passes over what is no ref, and over one to an object that is gone; then it refuses to make it.
            let in_the_way =
                self.remote.ref_file(reference).filter(|_| now.is_none_or(|now| !self.objects.has(now)));
            let (first, stood) = match in_the_way {
                Some(file) => (format!("first `rm {}`, then ", file.display()), None),
                None => (String::new(), now),
            };
            return Some(format!(
                "To bring the log back as {name} saw it, up to event {}: {first}in a clone {}.",
                left.head.sequence,
                self.pushing_back(stood, &name, witness)
            ));
        }
        None
    }

    /// The log at a commit, when its tip is whole.
    async fn whole_at(&self, commit: ObjectId) -> Option<Tip> {
        let tip = self.tip_at(commit).await.ok()?;
        self.read(&tip).await.is_ok().then_some(tip)
    }

    /// A ref of the log that only stands for another one, which every push would move.
    pub(super) fn link_in(&self, refs: &[RemoteRef]) -> Option<Error> {
        let archive = self.settings.archive();
        let ours = self.listed();
        let (link, other) = refs
            .iter()
            .filter(|found| found.name == archive || ours.contains(&found.name))
            .find_map(|found| Some((&found.name, found.stands_for.as_ref()?)))?;
        Some(Error::Misplaced {
            told: format!("{link} is a symbolic ref: whatever is written on it goes to {other}"),
            hint: format!(
                "Nothing is written through it. Remove it where the repository lies, with \
                 `git symbolic-ref --delete {link}`, or name another branch in `state.branch` of .github/automata.yml."
            ),
        })
    }

    /// Whether a log can be kept at its place: none of its refs is a link, and none that has still to be made would be
    /// inside another ref or around one.
    ///
    /// # Errors
    /// [`Error::Misplaced`] where it cannot, or whatever the remote fails with.
    pub async fn expect_room(&self) -> Result<(), Error> {
        let mut names = self.references().to_vec();
        names.push(self.settings.archive());
        let refs = self.remote.refs(&names.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        if let Some(link) = self.link_in(&refs) {
            return Err(link);
        }
        names.retain(|name| refs.iter().all(|found| found.name != *name));
        self.nested(&names).await.map_or(Ok(()), Err)
    }

    /// Why some of these refs, which do not exist, can never be made: refs are kept as files, and none can be a folder
    /// of another.
    pub(super) async fn nested(&self, names: &[String]) -> Option<Error> {
        let mut prefixes = Vec::new();
        for name in names {
            prefixes.push(format!("{name}/"));
            // Whatever begins with `refs/heads` would be all branches, and it cannot be a ref itself.
            let folders = name.match_indices('/').skip(1).map(|(end, _)| &name[..end]);
            prefixes.extend(folders.filter(|folder| *folder != "refs/heads").map(str::to_owned));
        }
        let refs = self.remote.refs(&prefixes.iter().map(String::as_str).collect::<Vec<_>>()).await.ok()?;
        let is_in =
            |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
        let (name, other) = names.iter().find_map(|name| {
            let other = refs.iter().find(|found| is_in(name, &found.name) || is_in(&found.name, name))?;
            Some((name, &other.name))
        })?;
        Some(Error::Misplaced {
            told: format!("git cannot keep {name} beside {other}: no ref can be a folder of another"),
            hint: "Name another branch in `state.branch` of .github/automata.yml, or rename the other ref."
                .to_owned(),
        })
    }

    /// The commands that put `commit`, which the ref `from` names, on the branch.
    fn pushing_back(&self, branch: Option<ObjectId>, from: &str, commit: ObjectId) -> String {
        let reference = self.settings.reference();
        let stood = branch.map(|now| now.to_string()).unwrap_or_default();
        format!(
            "`git fetch origin {from}`, then \
             `git push --force-with-lease={reference}:{stood} origin {commit}:{reference}`"
        )
    }

    /// The command that removes a witness.
    fn without_witness(&self, name: &str, stands_at: ObjectId) -> String {
        // git passes over a ref to an object that is gone, so that it cannot be deleted by a push.
        match self.remote.ref_file(name).filter(|_| !self.objects.has(stands_at)) {
            Some(file) => format!("`rm {}`", file.display()),
            None => format!("`git push origin :{name}`"),
        }
    }

    fn has_head(&self, tree: ObjectId) -> bool {
        let is_head = |name: &[u8]| name == layout::HEAD.as_bytes();
        self.objects.read_tree(tree).is_ok_and(|entries| entries.iter().any(|entry| is_head(&entry.name)))
    }
}
