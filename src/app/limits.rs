//! How much may run at once, as the configuration and the task kinds have it together.

use crate::config::Config;
use crate::domain::id::{KindName, ServiceName};
use crate::domain::spending::{Bucket, Spend};
use crate::queue::Limits;
use crate::tasks;

/// The service whose bucket all tasks that write to GitHub share.
pub(super) const GITHUB: &str = "github";
/// GitHub takes about 80 requests a minute that make content, and 500 an hour
/// (docs.github.com, "Rate limits for the REST API", secondary limits): a burst of the one, filled at the rate of
/// the other.
const GITHUB_WRITES: Bucket = Bucket { capacity: 80, per_minute: 8 };

/// What the configuration and the registry say about how much may run at once.
#[must_use]
pub(super) fn of(config: &Config) -> Limits {
    let heavy = tasks::REGISTRY.iter().filter(|kind| kind.heavy).map(|kind| KindName::new(kind.name));
    let spends = tasks::REGISTRY.iter().filter(|kind| kind.writes > 0).map(|kind| {
        let spend = Spend { service: ServiceName::new(GITHUB), tokens: kind.writes, bucket: GITHUB_WRITES };
        (KindName::new(kind.name), vec![spend])
    });
    let rules = &config.limits;
    Limits {
        overall: rules.all_runs,
        kinds: rules.kinds.iter().map(|(kind, limit)| (KindName::new(kind.as_str()), *limit)).collect(),
        keys: rules.keys.clone(),
        spends: spends.collect(),
        heavy: heavy.collect(),
        shard: None,
    }
}
