//! What was decided becomes durable: it is appended at the head it was decided at, or decided again.

use std::collections::BTreeSet;
use std::time::Duration;

use super::present::{due_snapshot, fold, message};
use super::{Error, Session};
use crate::domain::command::Command;
use crate::domain::id::{Sequence, TaskId};
use crate::log::{self, Append, Envelope, Loaded};

/// Appends tried before a run gives up. With 32 runs at once each loses some thirty races at worst.
const MOST_TRIES: u32 = 64;
/// The wait after the first lost race, at most, in durations of the try that lost, from reading the log to being told.
/// That duration tells how crowded the remote is: a shorter wait has all runs try again at once, and each of them but
/// one lose again.
const RACE_WAIT: u32 = 8;
/// It becomes one duration shorter with each race, down to this: others have won meanwhile, so that fewer are left,
/// and the last few would wait for nobody.
const LEAST_RACE_WAIT: u32 = 3;
/// The wait after a lost race is drawn from at least this: two runs on one machine must come apart.
const SHORTEST_RACE_WAIT: Duration = Duration::from_millis(20);

/// Tries while the remote does not answer: it is probably down, and the next run finds everything.
const UNREACHABLE_TRIES: u32 = 3;
/// The wait between them: a restart of a server behind a load balancer takes about as long.
const UNREACHABLE_WAIT: Duration = Duration::from_secs(1);

impl Session {
    /// Makes everything buffered durable in one append. When the log has moved on, reads it and decides
    /// again; commands that are refused then are dropped.
    ///
    /// # Errors
    /// When the log cannot be written; what was buffered stays buffered, and nothing is half-written.
    pub async fn flush(&self) -> Result<(), Error> {
        if self.inner.borrow().is_tainted {
            self.decide_again(false).await?;
        }
        let (mut unanswered, mut told) = (0, String::new());
        let mut race_wait = RACE_WAIT;
        let mut began = self.clock.now();
        for _ in 0..MOST_TRIES {
            self.record_uses();
            match self.append().await {
                Ok(()) => return Ok(()),
                Err(log::Error::Conflict) => {
                    let wait = (self.clock.now().since(began) * race_wait).max(SHORTEST_RACE_WAIT);
                    race_wait = race_wait.saturating_sub(1).max(LEAST_RACE_WAIT);
                    self.clock.sleep(wait.mul_f64(self.entropy.fraction())).await;
                }
                Err(log::Error::Unreachable(reason)) => {
                    (unanswered, told) = (unanswered + 1, reason);
                    self.clock.sleep(UNREACHABLE_WAIT).await;
                }
                Err(error) => return Err(error.into()),
            }
            began = self.clock.now();
            // Either somebody was faster, or nobody knows whether it was written: reading the log tells.
            match self.decide_again(unanswered > 0).await {
                // Everything was written after all, or is settled by what others wrote.
                Ok(()) if self.is_clean() => return Ok(()),
                Ok(()) => {}
                Err(Error::Log(log::Error::Unreachable(reason))) => {
                    (unanswered, told) = (unanswered + 1, reason);
                }
                Err(error) => return Err(error),
            }
            if unanswered > UNREACHABLE_TRIES {
                return Err(Error::Log(log::Error::Unreachable(told)));
            }
        }
        Err(Error::GaveUp(MOST_TRIES))
    }

    /// Has what was used of credentials and keys since recorded with what is about to be written; where nothing is, it is
    /// not worth an append.
    fn record_uses(&self) {
        let used = self.inner.borrow().unrecorded(self.uses.all().into_iter().chain(self.log.used()));
        if !used.is_empty()
            && let Err(reason) = self.submit(Command::RecordUsed(used))
        {
            tracing::warn!(%reason, "what was used of credentials is not recorded");
        }
    }

    /// Appends what is buffered at the head that this run knows.
    async fn append(&self) -> Result<(), log::Error> {
        let (commands, events, head, snapshot) = {
            let inner = self.inner.borrow();
            let events: Vec<Envelope> =
                inner.buffer.iter().flat_map(|entry| entry.envelopes.clone()).collect();
            (inner.buffer.len(), events, inner.head.clone(), inner.snapshot.clone())
        };
        if events.is_empty() {
            self.inner.borrow_mut().buffer.drain(..commands);
        } else {
            let message = message(&events);
            let batch = Append { events: &events, message: &message, snapshot: snapshot.as_ref() };
            let head = self.log.append(&head, &batch).await?;
            self.inner.borrow_mut().written(commands, events, head);
        }
        self.durable.notify_waiters();
        Ok(())
    }

    /// Reads the log and decides every buffered command again on what it says now. `in_doubt` when an append
    /// had no answer, so that what is buffered may be there already.
    pub(super) async fn decide_again(&self, in_doubt: bool) -> Result<(), Error> {
        self.read_and_decide(in_doubt).await?;
        // What was impossible is dropped, and the rest decided as if it had never been asked for.
        while self.inner.borrow().is_tainted {
            self.read_and_decide(false).await?;
        }
        Ok(())
    }

    async fn read_and_decide(&self, in_doubt: bool) -> Result<(), Error> {
        let known = self.inner.borrow().head.sequence.next();
        let loaded = self.log.load().await?;
        let there = if in_doubt { self.ids_from(known, &loaded).await? } else { BTreeSet::new() };
        let (state, head) = fold(self.log.as_ref(), loaded).await?;
        let others_wrote = head.sequence >= known;
        let mut inner = self.inner.borrow_mut();
        inner.snapshot = due_snapshot(&state, &head);
        (inner.state, inner.head, inner.is_tainted) = (state, head, false);
        let written = inner.written.len();
        for entry in std::mem::take(&mut inner.buffer) {
            if entry.envelopes.first().is_some_and(|first| there.contains(&first.id)) {
                // The append had succeeded and only its answer was lost.
                inner.written.extend(entry.envelopes);
                continue;
            }
            if matches!(entry.command, Command::RecordUsed(_)) {
                // It goes with whatever is left to be written, as it is by then.
                continue;
            }
            let (before, command) = (entry.claimed_lease(), entry.context.command.clone());
            let outdated = |(task, _): &(TaskId, u64)| others_wrote && inner.may_stand_for_more(task, known);
            if let Some(lease) = before.clone().filter(outdated) {
                // Begun too early: it is claimed and begun anew.
                inner.lost.insert(lease);
                continue;
            }
            if let Err(reason) = inner.submit_again(entry.command, entry.context, before) {
                tracing::debug!(%reason, "a command no longer applies");
                inner.refused.insert(command, reason);
            }
        }
        inner.appends += usize::from(inner.written.len() > written);
        drop(inner);
        self.durable.notify_waiters();
        Ok(())
    }

    /// The ids of the events from `first` on.
    async fn ids_from(&self, first: Sequence, loaded: &Loaded) -> Result<BTreeSet<String>, Error> {
        let mut ids: BTreeSet<String> = loaded.tail.iter().map(|envelope| envelope.id.clone()).collect();
        let tail = loaded.head.sequence.0 - loaded.tail.len() as u64;
        if tail >= first.0 {
            // A snapshot has been made in the meantime and covers the place where ours would be.
            self.log.history(first, &mut |envelope| ids.extend([envelope.id])).await?;
        }
        Ok(ids)
    }
}
