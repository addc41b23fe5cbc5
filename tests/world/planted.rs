//! Every secret that stories hand in or that a simulated service gives out, told by its shape, and the look whether one of them
//! stands where none may: in what the program says, in what other services are sent, in any object of the repository.

use std::process::{Command, Stdio};

use super::{agent_desk, github, model, receiver, slack};
use crate::world::drive::jwt;
use crate::world::repository::BareRepository;

/// How a token of the simulated Drive begins.
pub(crate) const ACCESS: &str = "ya29.simulated-";
/// How a refresh token of the simulated Drive begins.
pub(crate) const REFRESH: &str = "1//simulated-";
/// How a secret key of age begins; so does every sentence about one.
const IDENTITY: &str = "AGE-SECRET-KEY-1";

/// What they are called, and what tells them.
fn marks() -> [(&'static str, &'static str); 10] {
    [
        ("GitHub's token", github::TOKEN),
        ("the token for Copilot", agent_desk::TOKEN),
        ("Slack's token", slack::TOKEN),
        ("the address of an incoming webhook of Slack's", slack::INCOMING),
        ("the secret of a webhook", receiver::SECRET),
        ("an assistant's key", model::KEY),
        ("an access token of Drive's", ACCESS),
        ("a refresh token of Drive's", REFRESH),
        ("the private key of an App or a service account", jwt::KEY.lines().nth(3).unwrap()),
        ("a secret key of age", IDENTITY),
    ]
}

/// What a planted secret in it is called, if there is one.
pub(crate) fn found_in(text: &[u8]) -> Option<&'static str> {
    marks().into_iter().find(|(_, mark)| stands_in(mark, text)).map(|(name, _)| name)
}

fn stands_in(mark: &str, text: &[u8]) -> bool {
    // A key of age and an address go on; a sentence about them does not.
    let goes_on = |at: usize| {
        let rest = &text[at + mark.len()..];
        mark != IDENTITY || rest.iter().take(20).filter(|byte| byte.is_ascii_alphanumeric()).count() == 20
    };
    memchr::memmem::find_iter(text, mark).any(goes_on)
}

/// Fails when there is one in what the program said, but for what it tells the runner to mask.
pub(crate) fn are_not_in(what: &str, text: &str) {
    // Most says nothing of the sort.
    if found_in(text.as_bytes()).is_some() {
        let lines = text.lines().filter(|line| !line.starts_with("::add-mask::"));
        for line in lines {
            assert_eq!(found_in(line.as_bytes()), None, "a planted secret stands in {what}: {line}");
        }
    }
}

/// Fails when there is one in any object of this repository.
pub(crate) fn are_in_no_object(repository: &BareRepository) {
    let read = Command::new("git")
        .args(["cat-file", "--batch-all-objects", "--unordered", "--batch"])
        .current_dir(repository.path())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(found_in(&read.stdout), None, "a planted secret stands in an object of the repository");
}
