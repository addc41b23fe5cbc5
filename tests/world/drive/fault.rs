//! Bad luck that a story plans, and when it strikes.

use std::collections::BTreeMap;

/// Bad luck, planned for one call.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The connection ends before anything happened.
    LoseRequest,
    /// It happened, and the connection ended before the answer.
    LoseReply,
    /// No answer ever comes, and nothing happened.
    Hang,
    /// Nothing happened, and a page for people says so: what a proxy in front of Google answers.
    Html(u16),
    /// Nothing happened, for this reason: `(403, "userRateLimitExceeded")`.
    Reason(u16, &'static str),
    /// Nothing happened for several reasons; the telling one need not be the first.
    Reasons(u16, &'static [&'static str]),
    /// Nothing happened, for this reason in these words.
    Words(u16, &'static str, &'static str),
    /// Nothing happened, for this in the form of OAuth: a word and a sentence.
    OAuth(u16, &'static str, &'static str),
    /// It happens, and is answered as if it had not: in these words.
    DoneAndTold(u16, &'static str, &'static str),
    /// It happens, and a list says that not everything was looked through.
    NotEverywhere,
    /// Nothing happened, and it is said when to come again.
    RetryAfter { status: u16, reason: &'static str, seconds: u64 },
    /// Of a chunk only so many bytes are kept; the answer says which.
    KeepOnly(u64),
    /// A chunk is kept in part, and the server fails before saying so.
    KeepOnlyThenFail(u64),
    /// The upload session forgets everything that it had.
    ForgetBytes,
    /// The upload session is gone.
    ForgetSession,
    /// It happens, and right after it somebody else gives this grant: file, address, role.
    MeanwhileShared(String, String, String),
    /// It happens, and right after it somebody moves this into this folder.
    MeanwhileMoved(String, String),
    /// It happens, and right after it somebody puts a file there: who, folder, name, content.
    MeanwhilePut(String, String, String, String),
    /// It happens, and right after it somebody gives this file other content: who, file, content.
    MeanwhileWritten(String, String, String),
    /// It happens, and right after it somebody writes a file on this machine: where, content.
    MeanwhileHere(std::path::PathBuf, String),
    /// The content comes short: only so many bytes, then the connection ends.
    CutContent(usize),
    /// The content comes damaged: one byte of it is another.
    Damage,
}

#[derive(Debug)]
struct Planned {
    /// Calls to let pass before.
    passing: u32,
    fault: Fault,
}

/// What is planned, by operation.
#[derive(Debug, Default)]
pub(crate) struct Plans(BTreeMap<String, Vec<Planned>>);

impl Plans {
    pub(crate) fn add(&mut self, operation: &str, passing: u32, fault: Fault) {
        self.0.entry(operation.to_owned()).or_default().push(Planned { passing, fault });
    }

    /// What strikes a call that goes by these names.
    pub(crate) fn strike(&mut self, names: &[&str]) -> Option<Fault> {
        let mut struck = None;
        for name in names {
            let Some(planned) = self.0.get_mut(*name) else { continue };
            // The plans of an operation come one after the other.
            match planned.first_mut() {
                Some(first) if first.passing > 0 => first.passing -= 1,
                Some(_) if struck.is_none() => struck = Some(planned.remove(0).fault),
                _ => {}
            }
        }
        struck
    }

    /// What never struck.
    pub(crate) fn left(&mut self) -> Vec<String> {
        let left = std::mem::take(&mut self.0).into_iter().filter(|(_, planned)| !planned.is_empty());
        left.map(|(operation, planned)| format!("{operation}: {planned:?}")).collect()
    }
}
