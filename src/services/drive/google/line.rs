//! The line to Drive: how much it carries at a time in good time, and whether anything moves on it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// All parts of an upload but the last have a multiple of as many bytes.
pub(super) const GRAIN: u64 = 256 * 1024;
/// A part that takes longer is too much at a time: all of it may have to be sent again.
const LONG: Duration = Duration::from_secs(30);
/// A part that is there sooner could have been larger: most of its time goes into asking and answering.
const SHORT: Duration = Duration::from_secs(8);
/// Bytes that are handed to the connection at a time, which says that the ones before have moved.
const PIECE: usize = 64 * 1024;

/// How many bytes go up at a time; all uploads of an account share one line.
pub(super) struct Line {
    part: AtomicU64,
    most: u64,
}

impl Line {
    /// At most so many.
    pub(super) fn new(most: u64) -> Self {
        Self { part: AtomicU64::new((most / GRAIN * GRAIN).max(GRAIN)), most }
    }

    /// What was set as the most, for either direction.
    pub(super) const fn most(&self) -> u64 {
        self.most
    }

    /// Bytes of the next part.
    pub(super) fn part(&self) -> u64 {
        self.part.load(Ordering::Relaxed)
    }

    /// Notes how long a part took to come through. Several parts of a size that were on their way together say it once.
    pub(super) fn took(&self, bytes: u64, time: Duration) {
        if time > LONG {
            self.lost(bytes);
        } else if time < SHORT {
            let more = (bytes * 2).min(self.most) / GRAIN * GRAIN;
            self.part.fetch_max(more, Ordering::Relaxed);
        }
    }

    /// Notes that a part did not come through in time, or was cut off.
    pub(super) fn lost(&self, bytes: u64) {
        let less = (bytes / 2 / GRAIN * GRAIN).max(GRAIN);
        self.part.fetch_min(less, Ordering::Relaxed);
    }
}

/// A body that tells how far the connection has taken it.
pub(super) struct Carried {
    left: Bytes,
    moved: Arc<AtomicU64>,
}

impl Carried {
    /// The body, and the number of its bytes that were taken so far.
    pub(super) fn of(bytes: Bytes) -> (Self, Arc<AtomicU64>) {
        let moved = Arc::default();
        (Self { left: bytes, moved: Arc::clone(&moved) }, moved)
    }
}

impl Body for Carried {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let count = self.left.len().min(PIECE);
        self.moved.fetch_add(count as u64, Ordering::Relaxed);
        Poll::Ready((count > 0).then(|| Ok(Frame::data(self.left.split_to(count)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}

/// Nothing moved for too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Still;

/// Waits for an answer as long as what is sent moves, and once more so long afterwards.
pub(super) async fn carried<T>(
    answer: impl Future<Output = T>,
    moved: &AtomicU64,
    still: Duration,
) -> Result<T, Still> {
    let mut answer = std::pin::pin!(answer);
    let mut before = 0;
    loop {
        match tokio::time::timeout(still, &mut answer).await {
            Ok(answer) => return Ok(answer),
            Err(_) => match moved.load(Ordering::Relaxed) {
                now if now == before => return Err(Still),
                now => before = now,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn a_slow_line_carries_smaller_parts_and_a_fast_one_larger_ones() {
        let line = Line::new(16 * MIB);
        assert_eq!(line.part(), 16 * MIB);
        // Eight that were on their way together took their time together.
        (0..8).for_each(|_| line.took(16 * MIB, Duration::from_secs(85)));
        assert_eq!(line.part(), 8 * MIB);
        line.lost(8 * MIB);
        line.took(4 * MIB, Duration::from_secs(20));
        assert_eq!(line.part(), 4 * MIB);
        line.took(4 * MIB, Duration::from_secs(3));
        // The rest of a file says nothing about larger parts.
        line.took(1_000, Duration::from_millis(90));
        assert_eq!(line.part(), 8 * MIB);
        (0..9).for_each(|_| line.took(line.part(), Duration::from_secs(1)));
        assert_eq!(line.part(), 16 * MIB);
        (0..9).for_each(|_| line.lost(line.part()));
        assert_eq!((line.part(), Line::new(1).part()), (GRAIN, GRAIN));
    }

    #[tokio::test]
    async fn what_moves_has_time_and_what_stands_still_has_none() {
        let (moved, still) = (AtomicU64::new(0), Duration::from_millis(30));
        // Each look at the time finds that more has moved, until all is there.
        let mut looks = 0;
        let moving = std::future::poll_fn(|_| {
            looks += 1;
            moved.fetch_add(1, Ordering::Relaxed);
            if looks == 5 { Poll::Ready("there") } else { Poll::Pending }
        });
        assert_eq!(carried(moving, &moved, still).await, Ok("there"));
        assert_eq!(carried(std::future::pending::<()>(), &AtomicU64::new(7), still).await, Err(Still));
    }
}
