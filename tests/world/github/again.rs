//! Does to one simulated GitHub what was done to another, and takes plans back.

use super::desk::Incoming;
use super::reply::Outcome;
use super::{GitHubWorld, TOKEN};

impl GitHubWorld {
    /// Takes in a line of another world's `writes`.
    pub(crate) fn again(&self, line: &str) {
        let mut parts = line.splitn(3, ' ');
        let mut next = || parts.next().unwrap_or_default().to_owned();
        let (method, path, body) = (next(), next(), next());
        let mut headers = axum::http::HeaderMap::new();
        for (name, value) in [
            ("accept", "application/vnd.github+json".to_owned()),
            ("x-github-api-version", "2022-11-28".to_owned()),
            ("content-type", "application/json".to_owned()),
            ("content-length", body.len().to_string()),
            ("user-agent", "again".to_owned()),
            ("authorization", format!("Bearer {TOKEN}")),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let incoming = Incoming { method, path, query: String::new(), headers, body };
        let outcome = self.at_now().take_in(&incoming);
        assert!(matches!(outcome, Outcome::Reply(reply) if reply.status < 300), "{line}");
    }

    /// Forgets bad luck that was planned and not met; how much it was.
    pub(crate) fn forget_plans(&self) -> usize {
        std::mem::take(&mut self.at_now().faults).values().map(std::collections::VecDeque::len).sum()
    }
}
