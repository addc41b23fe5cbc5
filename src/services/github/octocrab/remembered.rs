//! Answers that GitHub may confirm with 304 instead of sending again: such a confirmation is free.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::HeaderValue;

use super::exchange::Answer;

/// Answers kept; a run looks at a few issues and their comments, page by page.
const MOST_ANSWERS: usize = 256;

/// An answer with the tag by which GitHub knows it.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) etag: HeaderValue,
    pub(super) answer: Answer,
}

/// The answers of this process, by address. Disposable: losing one costs a transfer.
#[derive(Default)]
pub(super) struct Remembered(Mutex<HashMap<String, Known>>);

impl Remembered {
    pub(super) fn recall(&self, address: &str) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }

    pub(super) fn keep(&self, address: &str, etag: &HeaderValue, answer: &Answer) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Starting over is enough here: what is still of use comes back with the next look.
        if known.len() >= MOST_ANSWERS {
            known.clear();
        }
        known.insert(address.to_owned(), Known { etag: etag.clone(), answer: answer.clone() });
    }
}
