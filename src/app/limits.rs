//! How much may run at once, as the configuration and the task kinds have it together.

use crate::config::{AssistantRule, Config, PlainAssistant};
use crate::domain::allowance;
use crate::domain::caps;
use crate::domain::id::{AssistantName, KindName, ServiceName};
use crate::domain::spending::{Bucket, Spend};
use crate::queue::Limits;
use crate::tasks;

/// The service whose bucket all tasks that write to GitHub share.
pub(super) const GITHUB: &str = caps::GITHUB;
/// GitHub takes about 80 requests a minute that make content, and 500 an hour
/// (docs.github.com, "Rate limits for the REST API", secondary limits): a burst of the one, filled at the rate of
/// the other.
const GITHUB_WRITES: Bucket = Bucket { capacity: 80, per_minute: 8 };

/// Drive's quota for a user in all runs together, in units: <https://developers.google.com/workspace/drive/api/guides/limits>.
const DRIVE_UNITS: Bucket = Bucket { capacity: 325_000, per_minute: 325_000 };

/// What the configuration and the registry say about how much may run at once.
#[must_use]
pub(super) fn of(config: &Config) -> Limits {
    let heavy = tasks::REGISTRY.iter().filter(|kind| kind.heavy).map(|kind| KindName::new(kind.name));
    let spends = tasks::REGISTRY.iter().map(|kind| {
        let github = Spend { service: ServiceName::new(GITHUB), tokens: kind.writes, bucket: GITHUB_WRITES };
        let drive = Spend {
            service: ServiceName::new(allowance::SERVICE),
            tokens: kind.drive_units,
            bucket: DRIVE_UNITS,
        };
        let spends = [github, drive].into_iter().filter(|spend| spend.tokens > 0).collect::<Vec<_>>();
        (KindName::new(kind.name), spends)
    });
    let rules = &config.limits;
    let looks = |rule: &&AssistantRule| matches!(rule, AssistantRule::Plain(PlainAssistant::Patch));
    let assistants = config.assistants.iter().filter(|rule| !looks(rule));
    Limits {
        overall: rules.all_runs,
        kinds: rules.kinds.iter().map(|(kind, limit)| (KindName::new(kind.as_str()), *limit)).collect(),
        keys: rules.keys.clone(),
        spends: spends.filter(|(_, spends)| !spends.is_empty()).collect(),
        heavy: heavy.collect(),
        caps: rules.caps.caps().into(),
        run: None,
        assistants: assistants.map(|rule| AssistantName::new(rule.name())).collect(),
        shard: None,
        only: None,
    }
}
