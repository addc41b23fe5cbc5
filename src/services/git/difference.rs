//! What two trees differ in: counted, looked through for what must not leave the machine, and written as a patch.

use std::fmt::Write as _;

use git2::{Delta, DiffFormat, DiffOptions, FileMode, Oid, Patch, Repository, Tree};
use sha2::{Digest, Sha256};

use super::PatchLimits;
use super::patch::broken;
use super::patch::names::shown;
use super::patch::policy::{self, Protected, escape};
use crate::domain::credential;
use crate::domain::failure::Failure;
use crate::domain::generated;

/// Digits of the object ids in a patch: all of them, so that the version that it was made for is found again.
const WHOLE_ID: u16 = 40;
/// Bytes of a change's digest: among the changes of one issue, half of SHA-256 is plenty.
const DIGEST: usize = 16;

/// A file that differs.
#[derive(Debug)]
struct Changed {
    path: String,
    added: usize,
    removed: usize,
    /// Bytes of the lines that differ.
    bytes: usize,
    /// Bytes of the new content, when it is no text.
    binary: Option<usize>,
    is_text_file: bool,
    /// Number and text of each added line.
    lines: Vec<(u32, String)>,
    is_generated: bool,
}

/// What two trees differ in.
pub(super) struct Difference {
    files: Vec<Changed>,
    /// All that differs, without where in the files it stands.
    said: Sha256,
}

impl Difference {
    /// Compares two trees; the contents that differ must be in the repository.
    pub(super) fn between(repository: &Repository, old: &Tree<'_>, new: Oid) -> Result<Self, Failure> {
        let failed = |error: git2::Error| broken("compare two trees", &error);
        let diff = compare(repository, old, new).map_err(failed)?;
        let (mut files, mut said) = (Vec::new(), Sha256::new());
        for at in 0..diff.deltas().len() {
            let Some(delta) = diff.get_delta(at) else { continue };
            let (before, after) = (delta.old_file(), delta.new_file());
            let path = after.path_bytes().or_else(|| before.path_bytes()).unwrap_or_default();
            let path = std::str::from_utf8(path)
                .map_err(|_| escape(&String::from_utf8_lossy(path), "its name is no text"))?
                .to_owned();
            let is_file =
                |mode| matches!(mode, FileMode::Blob | FileMode::BlobExecutable | FileMode::Unreadable);
            let is_text_file = is_file(before.mode()) && is_file(after.mode());
            let content = (delta.status() != Delta::Deleted && is_text_file)
                .then(|| repository.find_blob(after.id()))
                .transpose()
                .map_err(failed)?;
            let binary = content.as_ref().filter(|blob| blob.is_binary()).map(|blob| blob.content().len());
            // The length keeps what follows from being read as a part of the name.
            said.update(format!("{} {path} ", path.len()));
            for mode in [before.mode(), after.mode()] {
                said.update(u32::from(mode).to_be_bytes());
            }
            if binary.is_some() || !is_text_file {
                said.update(after.id().as_bytes());
            }
            let is_generated = generated::is_generated(
                &path,
                content.as_ref().map(|blob| String::from_utf8_lossy(head(blob.content()))).as_deref(),
            );
            let mut changed = Changed {
                path,
                added: 0,
                removed: 0,
                bytes: 0,
                binary,
                is_text_file,
                lines: Vec::new(),
                is_generated,
            };
            if let Some(patch) = Patch::from_diff(&diff, at).map_err(failed)? {
                count(&patch, &mut changed, &mut said).map_err(failed)?;
            }
            files.push(changed);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files, said })
    }

    /// Refuses lines that hold what only its owner may know.
    pub(super) fn check_for_credentials(&self, what: &str) -> Result<(), Failure> {
        for file in &self.files {
            for (number, line) in &file.lines {
                if let Some(kind) = credential::find(line) {
                    return Err(Failure::permanent(
                        "secret_in_change",
                        format!(
                            "The {what} adds what looks like {kind} to `{}`, in line {number}.",
                            shown(&file.path)
                        ),
                    )
                    .hint("It was pushed nowhere. If it is a real one that was posted in public, revoke it; then read it from the environment instead."));
                }
            }
        }
        Ok(())
    }

    /// Refuses what no change may do: touch what is protected, be too large, hold large binary files or credentials.
    pub(super) fn check(&self, limits: &PatchLimits) -> Result<(), Failure> {
        let protected = Protected::of(limits)?;
        for file in &self.files {
            policy::check_path(&file.path)?;
            protected.check("change", &file.path)?;
        }
        policy::check_counts("change", self.files.len(), self.added() + self.removed(), limits)?;
        let bytes: usize = self.files.iter().map(|file| file.bytes).sum();
        if bytes > limits.bytes {
            return Err(policy::too_large("change", bytes, limits.bytes, "bytes in its lines"));
        }
        for file in &self.files {
            if let Some(bytes) = file.binary.filter(|bytes| *bytes > limits.binary_bytes) {
                return Err(Failure::permanent(
                    "binary_too_large",
                    format!(
                        "The change holds the binary file `{}` of {bytes} bytes; the limit is {}.",
                        shown(&file.path),
                        limits.binary_bytes
                    ),
                )
                .hint("Leave the file out, or raise `pull_requests.limits.binary_bytes`."));
            }
        }
        self.check_for_credentials("change")
    }

    /// The paths that differ, sorted.
    pub(super) fn paths(&self) -> Vec<String> {
        self.files.iter().map(|file| file.path.clone()).collect()
    }

    /// The paths of what tools made or brought from elsewhere.
    pub(super) fn generated(&self) -> Vec<String> {
        self.files.iter().filter(|file| file.is_generated).map(|file| file.path.clone()).collect()
    }

    /// See [`super::ProposedCommit::digest`].
    pub(super) fn digest(&self) -> String {
        let whole = self.said.clone().finalize();
        whole.iter().take(DIGEST).fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }

    pub(super) fn added(&self) -> usize {
        self.files.iter().map(|file| file.added).sum()
    }

    pub(super) fn removed(&self) -> usize {
        self.files.iter().map(|file| file.removed).sum()
    }

    /// Whether a patch of text can say all of it.
    fn is_text(&self) -> bool {
        self.files.iter().all(|file| file.is_text_file && file.binary.is_none())
    }
}

/// What `new` changes against `old`, as a unified diff; none when no text can say it.
pub(super) fn as_patch(repository: &Repository, old: &Tree<'_>, new: Oid) -> Result<Option<String>, Failure> {
    if !Difference::between(repository, old, new)?.is_text() {
        return Ok(None);
    }
    let mut text = Vec::new();
    let written = compare(repository, old, new).and_then(|diff| {
        diff.print(DiffFormat::Patch, |_, _, line| {
            if matches!(line.origin(), '+' | '-' | ' ') {
                text.push(u8::try_from(u32::from(line.origin())).unwrap_or(b' '));
            }
            text.extend_from_slice(line.content());
            true
        })
    });
    written.map_err(|error| broken("write a patch", &error))?;
    Ok(String::from_utf8(text).ok())
}

fn compare<'r>(repository: &'r Repository, old: &Tree<'_>, new: Oid) -> Result<git2::Diff<'r>, git2::Error> {
    let mut options = DiffOptions::new();
    options.id_abbrev(WHOLE_ID);
    repository.diff_tree_to_tree(Some(old), Some(&repository.find_tree(new)?), Some(&mut options))
}

fn count(patch: &Patch<'_>, changed: &mut Changed, said: &mut Sha256) -> Result<(), git2::Error> {
    for hunk in 0..patch.num_hunks() {
        for at in 0..patch.num_lines_in_hunk(hunk)? {
            let line = patch.line_in_hunk(hunk, at)?;
            match line.origin() {
                '+' => {
                    changed.added += 1;
                    let text = String::from_utf8_lossy(line.content()).into_owned();
                    changed.lines.push((line.new_lineno().unwrap_or_default(), text));
                }
                '-' => changed.removed += 1,
                _ => continue,
            }
            let sign = if line.origin() == '+' { "+" } else { "-" };
            said.update(format!("{sign}{} ", line.content().len()));
            said.update(line.content());
            changed.bytes += line.content().len();
        }
    }
    Ok(())
}

/// Where generators leave their mark: in the first lines.
fn head(content: &[u8]) -> &[u8] {
    /// Bytes; a licence's header is about half as long.
    const HEAD: usize = 2_048;
    &content[..content.len().min(HEAD)]
}
