//! Reading the stored lines of the whole log as they are, checked while they are read.

use super::archive::SEGMENTS_AT_ONCE;
use super::layout;
use super::tip::{Tip, check_end};
use super::{GitLog, tip::place};
use crate::log::Error;
use crate::log::export::{Heading, Keys};
use crate::log::reader::Reader;
use crate::services::git::objects::{Entry, ObjectId};

impl GitLog {
    /// Writes the whole log as one text, see [`crate::log::export`]; none when there is no log. What is sealed is not
    /// opened, so no key is needed.
    ///
    /// # Errors
    /// When the log cannot be reached or is damaged: what was written until then is not whole.
    pub async fn export(
        &self,
        repository: &str,
        out: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<Option<Heading>, Error> {
        let exported = async {
            let Some(tip) = self.tip().await? else { return Ok(None) };
            let heading = heading(repository, &tip);
            let line =
                heading.line().map_err(|error| place(tip.commit, layout::HEAD).damaged(error.to_string()))?;
            out(line.as_bytes());
            self.lines(&tip, out).await?;
            Ok(Some(heading))
        };
        self.with_ways_out(exported.await).await
    }

    /// Every stored line of the log that ends at `tip`, in order.
    pub(super) async fn lines(&self, tip: &Tip, out: &mut (dyn FnMut(&[u8]) + Send)) -> Result<(), Error> {
        let mut reader = Reader::START;
        let start = tip.tail_start();
        if start != Reader::START {
            for some in self.links(tip).await?.chunks(SEGMENTS_AT_ONCE) {
                let mut wanted = Vec::new();
                for link in some {
                    wanted.extend(self.files(link)?.iter().map(|file| file.id));
                }
                self.remote.fetch_blobs(&self.objects, &wanted).await?;
                for link in some {
                    self.checked(link.commit, &self.files(link)?, "", &mut reader, out)?;
                    let at = place(link.commit, "its message");
                    check_end(reader, link.segment.last, link.segment.chain, &at)?;
                }
            }
            check_end(reader, start.sequence, start.chain, &tip.place(layout::HEAD))?;
        }
        self.checked(tip.commit, tip.tail_files(), layout::TAIL, &mut reader, out)?;
        check_end(reader, tip.head.sequence, tip.head.chain, &tip.place(layout::HEAD))
    }

    /// The contents of some files, none of which is handed out before it was checked.
    fn checked(
        &self,
        commit: ObjectId,
        files: &[Entry],
        folder: &str,
        reader: &mut Reader,
        out: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<(), Error> {
        for file in files {
            let stored = [self.stored(commit, file, folder)?];
            reader.read(&stored, &mut |_| ())?;
            out(&stored[0].content);
        }
        Ok(())
    }
}

/// The first line of an export of the log at `tip`.
pub(super) fn heading(repository: &str, tip: &Tip) -> Heading {
    let keys = tip.head.keys.as_ref().map(|keys| Keys { id: keys.id.clone(), version: keys.version });
    Heading::new(repository.to_owned(), tip.head.format, (tip.head.sequence, tip.head.chain), keys)
}
