//! The end of a failed job's log. It lies on another server, to which GitHub leads and our token does not go.

use std::sync::Arc;

use http::header::{ACCEPT, AUTHORIZATION};
use http::{StatusCode, Uri};

use super::address::{Base, repository_route};
use super::exchange::Exchange;
use crate::domain::credential;
use crate::domain::failure::Failure;
use crate::domain::id::RepositoryName;
use crate::services::credential::Credential;

/// Bytes of a log that are read before the rest is given up: a job that prints more has said nothing for people.
const MOST_READ: usize = 64 * 1024 * 1024;
/// Bytes that are kept of its end: what a test prints about its failures fits, with room.
const KEPT: usize = 16 * 1024;
/// Letters of the time that begins each line: `2026-11-22T10:00:00.0000000Z `.
const STAMP: usize = 29;

/// Reads logs of jobs.
pub(super) struct Logs {
    client: reqwest::Client,
    base: Base,
    credential: Arc<Credential>,
}

impl Logs {
    pub(super) const fn new(client: reqwest::Client, base: Base, credential: Arc<Credential>) -> Self {
        Self { client, base, credential }
    }

    /// The last lines of a job's log; nothing when GitHub keeps it no longer. The client drops the token where it is
    /// led to another host.
    pub(super) async fn end_of(
        &self,
        exchange: &Exchange,
        repository: &RepositoryName,
        job: u64,
    ) -> Result<String, Failure> {
        exchange.admit().await?;
        let route = repository_route(repository, &["actions", "jobs", &job.to_string(), "logs"])?;
        let lost = |_| Failure::transient("github_unreachable", "the log of a job could not be read");
        let uri: Uri = route.parse().map_err(|_| Failure::permanent("bug", "a route is no address"))?;
        let Some(address) = self.base.resolve(&uri) else { return Ok(String::new()) };
        let request = self.client.get(address).header(AUTHORIZATION, self.credential.bearer().await?);
        let request = request
            .header(ACCEPT, "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28");
        let mut answer = request.send().await.map_err(lost)?;
        if answer.status() != StatusCode::OK {
            tracing::debug!(job, status = answer.status().as_u16(), "no log of the job");
            return Ok(String::new());
        }
        let (mut end, mut read) = (Vec::new(), 0);
        while let Some(piece) = answer.chunk().await.map_err(lost)? {
            read += piece.len();
            end.extend_from_slice(&piece);
            if end.len() > 4 * KEPT {
                end.drain(..end.len() - KEPT);
            }
            if read > MOST_READ {
                break;
            }
        }
        end.drain(..end.len().saturating_sub(KEPT));
        Ok(told(&String::from_utf8_lossy(&end), read > KEPT))
    }
}

/// The lines without their times, without colours, and without any that holds a credential.
fn told(text: &str, is_cut: bool) -> String {
    let skipped = if is_cut { text.find('\n').map_or(text.len(), |at| at + 1) } else { 0 };
    let mut told = String::with_capacity(text.len());
    for line in text[skipped..].lines() {
        let line = line.trim_start_matches('\u{feff}');
        let is_stamped =
            line.get(STAMP - 2..STAMP) == Some("Z ") && line.as_bytes()[..4].iter().all(u8::is_ascii_digit);
        let line = plain(if is_stamped { &line[STAMP..] } else { line });
        match credential::find(&line) {
            Some(what) => {
                told.push_str("(a line with ");
                told.push_str(what);
                told.push_str(" is left out)");
            }
            None => told.push_str(&line),
        }
        told.push('\n');
    }
    told
}

/// Without escape sequences (ECMA-48): they begin with ESC `[` and end with a letter.
fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter != '\u{1b}' {
            plain.push(letter);
            continue;
        }
        if letters.next() == Some('[') {
            let _ = letters.find(char::is_ascii_alphabetic);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_told_without_times_colours_and_credentials() {
        let token = format!("gh{}_{}", 's', "a8Fk29dLmQ4xZ7vBa8Fk29dLmQ4xZ7vBa8Fk29");
        let text = format!(
            "half a line\n2026-11-22T10:00:00.1234567Z \u{1b}[31mpanicked\u{1b}[0m at src/a.rs:1\n2026-11-22T10:00:00.1234567Z TOKEN={token}\nplain\n"
        );
        insta::assert_snapshot!(told(&text, true), @"
        panicked at src/a.rs:1
        (a line with a GitHub token is left out)
        plain
        ");
        assert!(told("whole\n", false).starts_with("whole"));
    }
}
