//! All programs of a run behind one fence: what is demanded of their bounds, and which of these could not be set.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{Ended, Order, Programs, Room};
use crate::domain::failure::Failure;

/// What holds for all programs that are started behind it. Clones are the same fence.
#[derive(Clone, Default)]
pub struct Fence(Arc<Held>);

#[derive(Default)]
struct Held {
    is_required: AtomicBool,
    missing: Mutex<BTreeSet<String>>,
}

impl fmt::Debug for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fence").field("missing", &self.missing()).finish_non_exhaustive()
    }
}

impl Fence {
    /// Whether nothing is started any more where a bound of files or of the network cannot be set.
    pub fn require(&self, is_required: bool) {
        self.0.is_required.store(is_required, Ordering::Relaxed);
    }

    /// The bounds that could not be set up to now, whole sentences, each once.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        self.0.missing.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Has these programs started behind it.
    #[must_use]
    pub fn around(&self, programs: Arc<dyn Programs>) -> Arc<dyn Programs> {
        Arc::new(Fenced { programs, fence: self.clone() })
    }
}

struct Fenced {
    programs: Arc<dyn Programs>,
    fence: Fence,
}

#[async_trait]
impl Programs for Fenced {
    async fn run(&self, order: &Order, room: &Room) -> Result<Ended, Failure> {
        let held = &self.fence.0;
        let required = order.required || held.is_required.load(Ordering::Relaxed);
        let ended = self.programs.run(&Order { required, ..order.clone() }, room).await?;
        let mut missing = held.missing.lock().unwrap_or_else(PoisonError::into_inner);
        missing.extend(ended.notes.iter().cloned());
        drop(missing);
        Ok(ended)
    }
}
