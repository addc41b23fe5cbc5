//! Recognises credentials in a line of text by the shapes that their issuers gave them, so that they can be found.
//!
//! Only shapes with a fixed beginning and a known length are looked for: a guess would stop changes for nothing.

/// A shape of credentials.
struct Shape {
    /// What it is, for people.
    what: &'static str,
    /// How it begins.
    begins: &'static str,
    /// Letters that follow, at least.
    least: usize,
    /// Which letters may follow.
    letter: fn(char) -> bool,
}

const fn alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

const fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

const fn capital(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

/// The shapes: GitHub (<https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>),
/// AWS (unique id prefixes in the IAM reference), Google (API keys have 39 characters), Slack (token types in its
/// documentation), and those that other vendors published for GitHub's secret scanning.
const SHAPES: [Shape; 22] = [
    Shape { what: "a GitHub token", begins: "ghp_", least: 36, letter: alphanumeric },
    Shape { what: "a GitHub token", begins: "gho_", least: 36, letter: alphanumeric },
    Shape { what: "a GitHub token", begins: "ghu_", least: 36, letter: alphanumeric },
    Shape { what: "a GitHub token", begins: "ghs_", least: 36, letter: alphanumeric },
    Shape { what: "a GitHub token", begins: "ghr_", least: 36, letter: alphanumeric },
    Shape { what: "a GitHub token", begins: "github_pat_", least: 50, letter: word },
    Shape { what: "an AWS access key", begins: "AKIA", least: 16, letter: capital },
    Shape { what: "an AWS access key", begins: "ASIA", least: 16, letter: capital },
    Shape { what: "a Google API key", begins: "AIza", least: 35, letter: word },
    Shape { what: "a Google client secret", begins: "GOCSPX-", least: 28, letter: word },
    Shape { what: "a Slack token", begins: "xoxb-", least: 20, letter: word },
    Shape { what: "a Slack token", begins: "xoxp-", least: 20, letter: word },
    Shape { what: "a Slack token", begins: "xoxa-", least: 20, letter: word },
    Shape { what: "a Slack token", begins: "xoxs-", least: 20, letter: word },
    Shape { what: "a Slack token", begins: "xapp-", least: 20, letter: word },
    Shape { what: "an Anthropic key", begins: "sk-ant-", least: 40, letter: word },
    Shape { what: "an OpenAI key", begins: "sk-proj-", least: 40, letter: word },
    Shape { what: "a Stripe key", begins: "sk_live_", least: 24, letter: alphanumeric },
    Shape { what: "an npm token", begins: "npm_", least: 36, letter: alphanumeric },
    Shape { what: "a PyPI token", begins: "pypi-AgE", least: 50, letter: word },
    Shape { what: "a GitLab token", begins: "glpat-", least: 20, letter: word },
    Shape { what: "a Hugging Face token", begins: "hf_", least: 34, letter: alphanumeric },
];

/// Different letters that a real credential has at least; `xxxxxxxx` and `0000` stand for one.
const DIFFERENT: usize = 8;

/// What kind of credential the line holds; none when it holds none.
#[must_use]
pub fn find(line: &str) -> Option<&'static str> {
    if is_private_key(line) {
        return Some("a private key");
    }
    if is_slack_address(line) {
        return Some("a Slack webhook address");
    }
    SHAPES.iter().find(|shape| shape.is_in(line)).map(|shape| shape.what)
}

/// What tokens for GitHub begin with that stand for a person and outlive a job.
const PERSONAL: [&str; 4] = ["ghp_", "github_pat_", "gho_", "ghu_"];

/// Whether a token for GitHub is a person's. An App's and the workflow's own look alike and are none.
#[must_use]
pub fn is_personal(token: &str) -> bool {
    PERSONAL.iter().any(|begins| token.starts_with(begins))
}

impl Shape {
    fn is_in(&self, line: &str) -> bool {
        line.match_indices(self.begins).any(|(at, _)| {
            let is_inside_a_word = line[..at].chars().next_back().is_some_and(|c| word(c) && c != '-');
            let rest = &line[at + self.begins.len()..];
            let end = rest.find(|c| !(self.letter)(c)).unwrap_or(rest.len());
            let body = &rest[..end];
            !is_inside_a_word && body.len() >= self.least && is_real(body)
        })
    }
}

/// Whether it is drawn at random rather than made up: AWS's own documentation uses keys that end in `EXAMPLE`.
fn is_real(body: &str) -> bool {
    let mut letters: Vec<char> = body.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    letters.len() >= DIFFERENT && !body.to_ascii_lowercase().contains("example")
}

/// The first line of a private key in PEM (RFC 7468) or OpenSSH's form.
fn is_private_key(line: &str) -> bool {
    line.split("-----BEGIN ").skip(1).any(|rest| {
        rest.split_once("-----")
            .is_some_and(|(label, _)| label.ends_with("PRIVATE KEY") || label == "PGP PRIVATE KEY BLOCK")
    })
}

/// An address at which anybody can post (<https://api.slack.com/messaging/webhooks>).
fn is_slack_address(line: &str) -> bool {
    line.split("hooks.slack.com/services/T").skip(1).any(|rest| {
        let secret = rest.split('/').nth(2).unwrap_or_default();
        let end = secret.find(|c| !alphanumeric(c)).unwrap_or(secret.len());
        end >= 20 && is_real(&secret[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together here, so that no scanner takes this file for a leak.
    fn joined(begins: &str, length: usize, letters: &str) -> String {
        let body: String = letters.chars().cycle().take(length).collect();
        format!("{begins}{body}")
    }

    const MIXED: &str = "a8Fk29dLmQ4xZ7vB";

    #[test]
    fn what_the_large_issuers_hand_out_is_found() {
        for (token, what) in [
            (joined("gh", 0, MIXED) + &joined("p_", 36, MIXED), "a GitHub token"),
            (joined("github", 0, MIXED) + &joined("_pat_", 82, MIXED), "a GitHub token"),
            (joined("AK", 0, MIXED) + &joined("IA", 16, "Q3XB7ZK9LM2"), "an AWS access key"),
            (joined("AI", 0, MIXED) + &joined("za", 35, MIXED), "a Google API key"),
            (joined("xox", 0, MIXED) + &joined("b-", 40, MIXED), "a Slack token"),
            (
                joined("hooks.slack.com/serv", 0, MIXED) + "ices/T0/B0/" + &joined("", 24, MIXED),
                "a Slack webhook address",
            ),
            (joined("-----BEGIN RSA PRI", 0, MIXED) + "VATE KEY-----", "a private key"),
            (joined("-----BEGIN PRI", 0, MIXED) + "VATE KEY-----", "a private key"),
        ] {
            assert_eq!(find(&format!("let key = \"{token}\";")), Some(what), "{token}");
            assert_eq!(find(&format!("KEY={token}")), Some(what), "{token}");
        }
    }

    #[test]
    fn a_persons_token_is_told_from_a_jobs() {
        for token in ["ghp_a", "github_pat_a", "gho_a", "ghu_a"] {
            assert!(is_personal(token), "{token}");
        }
        assert!(!is_personal("ghs_a") && !is_personal("made-up"));
    }

    #[test]
    fn placeholders_public_keys_and_ordinary_words_are_none() {
        for line in [
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "AKIAIOSFODNN7EXAMPLE",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----",
            "ghp_short",
            "let alpha_AIza = 1;",
            "https://hooks.slack.com/services/T0/B0/000000000000000000000000",
            "a plain sentence",
            "",
        ] {
            assert_eq!(find(line), None, "{line}");
        }
        assert_eq!(find(&joined("aghp_", 36, MIXED)), None, "in the middle of a word");
    }
}
