//! Local bytes: read by ranges on their way up, added up on both ways.

use std::io::{Read as _, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use md5::Md5;
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::task::JoinHandle;

use crate::services::drive::error::{Error, Reason};
use crate::services::drive::file::Checksums;
use crate::services::drive::transfer::{Bytes, Content, Verification};

/// Bytes read at a time where only their sum counts.
const PIECE: usize = 1024 * 1024;

/// A file of this machine that cannot be read or written.
pub(super) fn local(error: &std::io::Error, path: &std::path::Path) -> Error {
    Error::new(Reason::LocalFile, format!("{}: {error}", path.display()))
}

/// How many bytes there are.
pub(super) async fn size(content: &Content) -> Result<u64, Error> {
    match &content.bytes {
        Bytes::Memory(bytes) => Ok(bytes.len() as u64),
        Bytes::File(path) => {
            let about = tokio::fs::metadata(path).await.map_err(|error| local(&error, path))?;
            if about.is_file() {
                return Ok(about.len());
            }
            Err(Error::new(Reason::LocalFile, format!("{} is no file", path.display())))
        }
    }
}

/// The bytes from `at` on, `count` of them.
pub(super) async fn range(content: &Content, at: u64, count: u64) -> Result<Vec<u8>, Error> {
    match &content.bytes {
        Bytes::Memory(bytes) => {
            let from = usize::try_from(at).unwrap_or(usize::MAX);
            let to = usize::try_from(at + count).unwrap_or(usize::MAX);
            bytes.get(from..to).map(<[u8]>::to_vec).ok_or_else(changed)
        }
        Bytes::File(path) => {
            let failed = |error| local(&error, path);
            let mut file = File::open(path).await.map_err(failed)?;
            file.seek(SeekFrom::Start(at)).await.map_err(failed)?;
            let mut bytes = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
            file.take(count).read_to_end(&mut bytes).await.map_err(failed)?;
            if bytes.len() as u64 == count { Ok(bytes) } else { Err(changed()) }
        }
    }
}

fn changed() -> Error {
    Error::new(Reason::LocalFile, "the file became shorter while it was sent")
        .hint("Send it again as it is now.")
}

/// Adds bytes up.
#[derive(Default)]
pub(super) struct Sums {
    md5: Md5,
    sha256: Sha256,
}

impl Sums {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.sha256.update(bytes);
    }

    pub(super) fn finish(self) -> Checksums {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Checksums {
            md5: Some(hex(&self.md5.finalize())),
            sha1: None,
            sha256: Some(hex(&self.sha256.finalize())),
        }
    }
}

/// What local bytes add up to.
pub(super) async fn sums(content: &Content) -> Result<Checksums, Error> {
    let mut sums = Sums::default();
    match &content.bytes {
        Bytes::Memory(bytes) => sums.add(bytes),
        Bytes::File(path) => {
            let mut file = File::open(path).await.map_err(|error| local(&error, path))?;
            let mut piece = vec![0; PIECE];
            loop {
                match file.read(&mut piece).await.map_err(|error| local(&error, path))? {
                    0 => break,
                    count => sums.add(&piece[..count]),
                }
            }
        }
    }
    Ok(sums.finish())
}

/// What a local file adds up to, worked out on a thread of its own while its parts are sent.
pub(super) struct Summing {
    sums: JoinHandle<Result<Checksums, Error>>,
    is_over: Arc<AtomicBool>,
}

impl Summing {
    /// Begins; none for what is in memory, which would have to be copied.
    pub(super) fn begin(content: &Content) -> Option<Self> {
        let Bytes::File(path) = &content.bytes else { return None };
        let (path, is_over) = (path.clone(), Arc::new(AtomicBool::new(false)));
        let stop = Arc::clone(&is_over);
        let sums = tokio::task::spawn_blocking(move || {
            let failed = |error| local(&error, &path);
            let mut file = std::fs::File::open(&path).map_err(failed)?;
            let (mut sums, mut piece) = (Sums::default(), vec![0; PIECE]);
            while !stop.load(Ordering::Relaxed) {
                match file.read(&mut piece).map_err(failed)? {
                    0 => return Ok(sums.finish()),
                    count => sums.add(&piece[..count]),
                }
            }
            Err(Error::new(Reason::Stopped, "nobody wants the sum any more"))
        });
        Some(Self { sums, is_over })
    }

    /// What it came to.
    pub(super) async fn end(&mut self) -> Result<Checksums, Error> {
        let ended = (&mut self.sums).await;
        ended.unwrap_or_else(|_| Err(Error::new(Reason::LocalFile, "the file could not be added up")))
    }
}

/// An upload that was broken off does not keep the process.
impl Drop for Summing {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Whether bytes are what Drive says they are, by the strongest sum that it has.
pub(super) fn verified(ours: &Checksums, theirs: &Checksums) -> Result<Verification, Error> {
    let pairs =
        [(&ours.sha256, &theirs.sha256, Verification::Sha256), (&ours.md5, &theirs.md5, Verification::Md5)];
    let known = pairs.into_iter().find_map(|(ours, theirs, by)| Some((ours.as_ref()?, theirs.as_ref()?, by)));
    match known {
        None => Ok(Verification::Length),
        Some((ours, theirs, by)) if ours == theirs => Ok(by),
        Some((ours, theirs, _)) => Err(Error::new(
            Reason::ChecksumMismatch,
            format!("the bytes here add up to {ours}, and those in Drive to {theirs}"),
        )),
    }
}
