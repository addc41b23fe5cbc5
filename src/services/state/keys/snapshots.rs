//! Snapshots of a log of which something is sealed: each file by itself, and a list of them.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::log::{ChainHash, Error, Snapshot};
use crate::services::seal::keyring::Opener;
use crate::services::state::GitLog;

/// The file of a sealed snapshot that says which other files belong to it.
const CONTENTS: &str = "contents.json";

impl GitLog {
    /// A snapshot with its files opened; without any when one of them cannot be: it is a cache. But where one is sealed
    /// there are keys, or whoever means to write must not go on.
    pub(in crate::services::state) fn opened_snapshot(&self, snapshot: Snapshot) -> Result<Snapshot, Error> {
        if is_sealed(&snapshot) {
            self.expect_keys()?;
        }
        let (sequence, fold) = (snapshot.sequence, snapshot.fold);
        Ok(opened(snapshot, &self.opener()).unwrap_or_else(|| {
            tracing::info!("the snapshot cannot be opened");
            Snapshot { sequence, fold, files: Vec::new() }
        }))
    }
}

fn is_sealed(snapshot: &Snapshot) -> bool {
    snapshot.files.iter().any(|(name, _)| name == CONTENTS)
}

fn digest(content: &[u8]) -> String {
    ChainHash(Sha256::digest(content).into()).to_string()
}

/// The files of a snapshot as they are stored: where there are keys, each by itself, and a list of them that belongs to
/// this place in the log.
pub(in crate::services::state) fn sealed_snapshot(
    snapshot: &Snapshot,
    opener: &Opener,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let refused = |reason: String| Error::Damaged {
        place: "the snapshot to append".to_owned(),
        reason,
        ways_out: Vec::new(),
    };
    if opener.keyring().is_none() {
        return Ok(snapshot.files.clone());
    }
    let fold = format!("fold {}", snapshot.fold);
    let mut files = Vec::new();
    for (name, content) in &snapshot.files {
        let sealed = opener.close_file(name, content, &fold).map_err(refused)?;
        files.extend(sealed.map(|sealed| (name.clone(), sealed)));
    }
    let contents: BTreeMap<&String, String> =
        files.iter().map(|(name, content)| (name, digest(content))).collect();
    let contents = serde_json::to_vec(&contents).map_err(|error| refused(error.to_string()))?;
    let about = format!("{fold} at {}", snapshot.sequence);
    let sealed = opener.close_file(CONTENTS, &contents, &about).map_err(refused)?;
    files.extend(sealed.map(|sealed| (CONTENTS.to_owned(), sealed)));
    Ok(files)
}

/// What [`sealed_snapshot`] sealed, when all of it is there and nothing else; a snapshot that is not sealed as it is.
fn opened(snapshot: Snapshot, opener: &Opener) -> Option<Snapshot> {
    if !is_sealed(&snapshot) {
        // Where lines are sealed, a snapshot that is not is older than that, or nobody's.
        return Some(snapshot);
    }
    let fold = format!("fold {}", snapshot.fold);
    let mut files: BTreeMap<String, Vec<u8>> = snapshot.files.into_iter().collect();
    let contents = files.remove(CONTENTS)?;
    let about = format!("{fold} at {}", snapshot.sequence);
    let contents: BTreeMap<String, String> =
        serde_json::from_slice(&opener.open_file(CONTENTS, contents, &about)?).ok()?;
    let found: BTreeMap<String, String> =
        files.iter().map(|(name, content)| (name.clone(), digest(content))).collect();
    if found != contents {
        return None;
    }
    let opened = files.into_iter().map(|(name, content)| {
        let content = opener.open_file(&name, content, &fold)?;
        Some((name, content))
    });
    Some(Snapshot { sequence: snapshot.sequence, fold: snapshot.fold, files: opened.collect::<Option<_>>()? })
}
