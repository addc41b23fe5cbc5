//! What the configuration grants an attempt, as the port to assistants wants it.

use std::time::Duration;

use crate::config::AttemptRules;
use crate::services::assistant::Allowance;

impl From<&AttemptRules> for Allowance {
    fn from(rules: &AttemptRules) -> Self {
        Self {
            time: Duration::from_secs(rules.minutes * 60),
            steps: rules.steps,
            tokens: rules.tokens,
            micro_dollars: rules.dollars.micro(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_defaults_are_one() {
        assert_eq!(Allowance::from(&AttemptRules::default()), Allowance::default());
    }
}
