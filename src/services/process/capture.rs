//! What a program writes, as much of it as is worth keeping: the beginning and the end.

use std::collections::VecDeque;

/// Bytes kept of the beginning: what a program says about itself.
const HEAD: usize = 256 * 1024;
/// Bytes kept of the end: results and errors stand there.
const TAIL: usize = 768 * 1024;

/// What a program wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    /// Bytes of the middle that were not kept.
    dropped: u64,
}

impl Output {
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let surplus = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..surplus);
        self.dropped += surplus as u64;
    }

    /// Whether all of it was kept.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.dropped == 0
    }

    /// As text; a line tells what is missing.
    #[must_use]
    pub fn text(&self) -> String {
        let mut bytes = self.head.clone();
        if self.dropped > 0 {
            bytes.extend_from_slice(format!("\n[{} bytes left out]\n", self.dropped).as_bytes());
        }
        bytes.extend(&self.tail);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginning_and_end_are_kept_and_the_middle_is_counted() {
        let mut output = Output::default();
        output.take(b"first\n");
        for _ in 0..20 {
            output.take(&vec![b'.'; 100_000]);
        }
        output.take(b"\nlast");
        let text = output.text();
        assert!(text.starts_with("first\n...") && text.ends_with("...\nlast"), "{}", text.len());
        let left_out = 6 + 20 * 100_000 + 5 - HEAD - TAIL;
        assert!(text.contains(&format!("\n[{left_out} bytes left out]\n")) && !output.is_whole());
        assert!(text.len() < HEAD + TAIL + 100);
    }

    #[test]
    fn what_fits_is_kept_as_it_is() {
        let mut output = Output::default();
        output.take("gr\u{fc}n".as_bytes());
        output.take(&[0xff]);
        assert_eq!((output.text().as_str(), output.is_whole()), ("gr\u{fc}n\u{fffd}", true));
    }
}
