//! Whether an issue reports a weakness that others could use: such a report belongs to the maintainers first.

use super::phrases::Words;
use super::text::Readable;
use crate::domain::verdict::SecurityReport;

/// Phrases that speak for one thing, and how much. Points are small whole numbers, so that a person can add them up:
/// three are enough by themselves.
struct Sign {
    points: i32,
    /// What it says about the issue, for people.
    reason: &'static str,
    phrases: &'static [&'static str],
}

const SIGNS: &[Sign] = &[
    Sign {
        points: 3,
        reason: "it speaks of a vulnerability",
        phrases: &[
            "vulnerabilit*",
            "vulnerable to",
            "security issue",
            "security bug",
            "security hole",
            "security flaw",
            "security advisory",
            "security problem",
            "security report",
            "security concern",
            "security breach",
            "responsible disclosure",
            "coordinated disclosure",
            "zero-day",
            "0-day",
        ],
    },
    Sign {
        points: 3,
        reason: "it names a CVE, a CWE or an advisory",
        phrases: &["cve-*", "cwe-*", "ghsa-*"],
    },
    Sign {
        points: 2,
        reason: "it names a kind of attack",
        phrases: &[
            "rce",
            "remote code execution",
            "arbitrary code",
            "arbitrary command*",
            "arbitrary file*",
            "code execution",
            "sql injection",
            "sqli",
            "command injection",
            "code injection",
            "shell injection",
            "template injection",
            "prompt injection",
            "header injection",
            "xss",
            "cross-site scripting",
            "cross site scripting",
            "csrf",
            "ssrf",
            "xxe",
            "path traversal",
            "directory traversal",
            "zip slip",
            "privilege escalation",
            "escalate privileges",
            "authentication bypass",
            "auth bypass",
            "bypass authentication",
            "bypass authorization",
            "bypasses authentication",
            "bypasses authorization",
            "sandbox escape",
            "insecure deserialization",
            "buffer overflow",
            "heap overflow",
            "stack overflow attack",
            "use-after-free",
            "use after free",
            "out-of-bounds write",
            "open redirect",
            "session hijack*",
            "session fixation",
            "timing attack",
            "request smuggling",
            "prototype pollution",
            "denial of service",
            "denial-of-service",
        ],
    },
    Sign {
        points: 2,
        reason: "it tells how somebody could use it",
        phrases: &[
            "exploit",
            "exploits",
            "exploited",
            "exploitable",
            "exploitation",
            "attacker*",
            "malicious",
            "proof of concept",
            "proof-of-concept",
            "poc",
            "unauthenticated",
            "without authentication",
        ],
    },
    Sign {
        points: 3,
        reason: "it says that secrets come out",
        phrases: &[
            "leaks credentials",
            "leaks the token",
            "leaks tokens",
            "leaks secrets",
            "leaks passwords",
            "leaked credentials",
            "leaked token*",
            "exposes credentials",
            "exposes secrets",
            "exposes passwords",
            "exposes tokens",
            "credentials exposed",
            "plaintext password*",
            "plain text password*",
        ],
    },
    Sign {
        points: -3,
        reason: "it asks for words or measures about security",
        phrases: &[
            "security policy",
            "security.md",
            "security documentation",
            "security docs",
            "security headers",
            "security audit",
            "security scan*",
            "vulnerability scan*",
            "vulnerability report template",
            "false positive",
        ],
    },
];

/// `injection` alone is a way to build programs; with one of these it is an attack.
const INJECTED: &[&str] =
    &["attacker*", "unsanitized", "unsanitised", "untrusted", "user input", "user-supplied", "malicious"];

/// What a sign in the title counts more: it is what the issue is about.
const IN_TITLE: i32 = 1;
/// Points of a label or a form of the repository that says it.
const BY_LABEL: i32 = 4;
/// Points from which on it is called a report at all; below, no word is lost about it.
const ENOUGH: i32 = 2;

/// The last part of labels that say it: `security`, `type: security`, `kind/vulnerability`.
const LABELS: &[&str] = &["security", "vulnerability", "security report"];
/// Headings of forms for such reports.
const HEADINGS: &[&str] = &["vulnerability", "attack vector", "proof of concept", "cvss", "security impact"];

/// Confidence by points, from [`ENOUGH`] on; with more it stays at the last.
const SURE: [f64; 4] = [0.5, 0.75, 0.9, 0.97];

/// As [`security`], for a text that was not taken apart yet.
#[must_use]
pub fn of(issue: &super::IssueText<'_>, labels: &[String]) -> Option<SecurityReport> {
    security(&Readable::of(issue), labels)
}

/// Whether it is such a report, and by what signs. The reasons quote our list, never the issue.
#[must_use]
pub fn security(text: &Readable, labels: &[String]) -> Option<SecurityReport> {
    let title = Words::of(&text.title);
    let words = Words::of(&format!("{}. {}", text.title, text.prose));
    let (mut points, mut reasons) = (0, Vec::new());
    let mut found = |more: i32, reason: &str, what: &str| {
        points += more;
        if more > 0 {
            reasons.push(format!("{} (\u{201c}{what}\u{201d}, {more:+}).", super::urgency::capital(reason)));
        }
    };
    for sign in SIGNS {
        let Some(phrase) = sign.phrases.iter().find(|phrase| words.say(phrase)) else { continue };
        let leads = sign.points > 0 && sign.phrases.iter().any(|phrase| title.say(phrase));
        found(
            sign.points + if leads { IN_TITLE } else { 0 },
            sign.reason,
            phrase.trim_end_matches(['*', '-']),
        );
    }
    if words.say("injection") && INJECTED.iter().any(|phrase| words.say(phrase)) {
        found(3, "it speaks of text that gets through", "injection");
    }
    if let Some(label) = LABELS.iter().find(|wanted| labels.iter().any(|label| ends_in(label, wanted))) {
        found(BY_LABEL, "it has a label that says so", label);
    }
    if let Some(heading) = HEADINGS.iter().find(|wanted| text.headings.iter().any(|said| said == *wanted)) {
        found(3, "it is written into a form for such reports", heading);
    }
    let step = usize::try_from(points.checked_sub(ENOUGH)?).ok()?;
    let confidence = SURE[step.min(SURE.len() - 1)];
    (!reasons.is_empty()).then_some(SecurityReport {
        confidence,
        reasons,
        quiet: false,
        policy: None,
        private: None,
    })
}

/// Whether a label, or the part behind its namespace, is `wanted`.
fn ends_in(label: &str, wanted: &str) -> bool {
    let label = label.to_lowercase();
    label == wanted || label.rsplit([':', '/']).next().is_some_and(|last| last.trim() == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::text::IssueText;
    use proptest::prelude::*;

    fn read(title: &str, body: &str, labels: &[&str]) -> Option<SecurityReport> {
        let labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
        security(&Readable::of(&IssueText { title, body }), &labels)
    }

    /// Sure enough to act on, by the default.
    fn is_report(title: &str, body: &str, labels: &[&str]) -> bool {
        read(title, body, labels).is_some_and(|found| found.confidence >= 0.6)
    }

    #[test]
    fn reports_of_weaknesses_are_recognised() {
        for (title, body) in [
            ("SQL injection in the login form", ""),
            ("RCE via crafted archive", "An attacker can run any program."),
            ("Parser", "I have found a security vulnerability and would like to disclose it."),
            ("CVE-2026-1234 in the bundled zlib", ""),
            ("Path traversal when unpacking", "`../` is not stripped."),
            ("Upload", "A malicious file leads to arbitrary code being run."),
            ("Template names", "Untrusted names allow injection into the shell."),
            ("Debug output leaks tokens", ""),
            ("Odd", "### Attack vector\n\nnetwork"),
        ] {
            assert!(is_report(title, body, &[]), "{title}: {:?}", read(title, body, &[]));
        }
        assert!(is_report("Something odd", "", &["Type: Security"]));
    }

    #[test]
    fn what_only_sounds_like_one_is_not() {
        for (title, body) in [
            ("A more secure default", "It would be nice."),
            ("Dependency injection for plugins", "Inject the clock."),
            ("Add a security policy", "There is no SECURITY.md, people ask where to report a vulnerability."),
            ("Exploiting all cores", "The build should exploit the machine."),
            ("It crashes", "No vulnerability, just a crash."),
            ("Typo in the security documentation", ""),
            ("Crash", "```\nsecurity vulnerability: exploit\n```"),
            ("Insecure?", "I do not feel secure about this API."),
        ] {
            assert!(!is_report(title, body, &[]), "{title}: {:?}", read(title, body, &[]));
        }
        assert!(!is_report("It is slow", "", &["securityish", "not: insecurity"]));
    }

    #[test]
    fn the_reasons_can_be_added_up_and_quote_nothing_of_the_report() {
        let found =
            read("RCE in Zorgle", "An attacker sends Zorgle-Frob: 1 to frobnicate(), see CVE-2026-9.", &[])
                .unwrap();
        insta::assert_snapshot!(found.reasons.join("\n"), @"
    It names a CVE, a CWE or an advisory (“cve”, +3).
    It names a kind of attack (“rce”, +3).
    It tells how somebody could use it (“attacker”, +2).
    ");
        assert!(!found.reasons.join(" ").to_lowercase().contains("zorgle"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(title in "\\PC{0,40}", body in "(cve-1|exploit|no |\\PC|\n){0,40}") {
            if let Some(found) = read(&title, &body, &[]) {
                prop_assert!((0.0..=1.0).contains(&found.confidence) && !found.reasons.is_empty());
            }
        }
    }
}
