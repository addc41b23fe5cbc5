//! Who looks after a place: CODEOWNERS, read by GitHub's rules.

use crate::domain::id::Login;
use crate::domain::verdict::{CodePlace, Owner};

/// Where GitHub looks for the file, in this order; the first one found counts.
/// <https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>
pub const LOCATIONS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// Bytes from which on GitHub does not read the file (the same page).
const FILE_BYTES: usize = 3 * 1024 * 1024;

/// How sure it is that the owners of a place look after the issue: of a path, of the file that has a symbol.
const BY_PATH: f64 = 0.9;
const BY_SYMBOL: f64 = 0.7;

/// A CODEOWNERS file, read.
#[derive(Clone, Debug, Default)]
pub struct Codeowners {
    rules: Vec<Rule>,
    /// What was passed over and why, one sentence for each line.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug)]
struct Rule {
    line: usize,
    pattern: String,
    /// The globs it stands for, split at slashes.
    globs: Vec<Vec<String>>,
    /// Users' logins and `org/team`, without the `@`.
    owners: Vec<Login>,
}

impl Codeowners {
    /// Reads the file. A line that GitHub would not take is passed over with a note; a pattern without
    /// owners is a rule that says nobody.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut read = Self::default();
        if text.len() > FILE_BYTES {
            read.notes.push("CODEOWNERS is larger than 3 MB, so GitHub does not read it.".to_owned());
            return read;
        }
        for (index, line) in text.lines().enumerate() {
            let words = words(line);
            let Some((pattern, owners)) = words.split_first() else { continue };
            match rule(index + 1, pattern, owners, &mut read.notes) {
                Ok(rule) => read.rules.push(rule),
                Err(why) => read.notes.push(format!("CODEOWNERS line {}: {why}.", index + 1)),
            }
        }
        read
    }

    /// The rule that counts for a path: the last that matches.
    fn rule_for(&self, path: &str) -> Option<&Rule> {
        let parts: Vec<&str> = path.split('/').collect();
        self.rules.iter().rev().find(|rule| rule.globs.iter().any(|glob| is_match(glob, &parts)))
    }
}

/// The owners of some places, in the places' order, each once, with the rule that names them.
#[must_use]
pub fn owners_of(codeowners: &Codeowners, places: &[CodePlace]) -> Vec<Owner> {
    let mut owners: Vec<Owner> = Vec::new();
    for place in places {
        let Some(rule) = codeowners.rule_for(&place.path) else { continue };
        for name in &rule.owners {
            if owners.iter().all(|owner| owner.name != *name) {
                let reason =
                    format!("CODEOWNERS line {}: `{}` matches `{}`.", rule.line, rule.pattern, place.path);
                // A path that the text names is one; a symbol may have been found in the wrong file.
                let confidence =
                    if place.symbol.is_none() || place.line.is_some() { BY_PATH } else { BY_SYMBOL };
                owners.push(Owner { name: name.clone(), reason, confidence });
            }
        }
    }
    owners
}

/// The words of a line, up to a comment. A backslash keeps the blank or `#` behind it.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters = line.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\\' if matches!(letters.peek(), Some(' ' | '\t')) => word.extend(letters.next()),
            '\\' if matches!(letters.peek(), Some('#')) => {
                word.push('\\');
                word.extend(letters.next());
            }
            '#' if word.is_empty() => break,
            _ if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn rule(line: usize, pattern: &str, owners: &[String], notes: &mut Vec<String>) -> Result<Rule, String> {
    if pattern.starts_with('!') {
        return Err("a pattern cannot be taken back with `!`".to_owned());
    }
    if pattern.starts_with("\\#") {
        return Err("a pattern cannot begin with `#`".to_owned());
    }
    if pattern.contains(['[', ']']) {
        return Err("a pattern cannot hold `[` or `]`".to_owned());
    }
    let mut names = Vec::new();
    for owner in owners {
        match owner.strip_prefix('@') {
            Some(name) if is_account(name) => names.push(Login::new(name)),
            // Only GitHub knows whose address it is.
            None if is_mail(owner) => {
                notes.push(format!("CODEOWNERS line {line}: whose address {owner} is cannot be told."))
            }
            _ => {
                return Err(format!(
                    "`{}` is neither @user, @org/team nor an address",
                    crate::domain::untrusted::one_line(owner, 60)
                ));
            }
        }
    }
    Ok(Rule { line, pattern: pattern.to_owned(), globs: globs(pattern), owners: names })
}

fn is_account(name: &str) -> bool {
    let part = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    match name.split_once('/') {
        Some((organisation, team)) => part(organisation) && part(team),
        None => part(name),
    }
}

fn is_mail(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

/// The globs that a pattern stands for. A pattern with a slash at its start or inside begins at the root,
/// any other matches at every depth; a folder's pattern matches all that is below it; `docs/*` matches
/// only what is right inside `docs`.
fn globs(pattern: &str) -> Vec<Vec<String>> {
    let is_folder = pattern.ends_with('/');
    let ends_in_star = pattern.ends_with("/*");
    let is_rooted = pattern.trim_end_matches('/').contains('/');
    let mut here: Vec<String> = if is_rooted { Vec::new() } else { vec!["**".to_owned()] };
    here.extend(pattern.split('/').filter(|part| !part.is_empty()).map(str::to_owned));
    if here.last().is_some_and(|part| part == "**") {
        // At the end it stands for what is inside, not for the folder itself.
        here.push("*".to_owned());
    }
    let below = [here.as_slice(), &["**".to_owned(), "*".to_owned()]].concat();
    match (is_folder, ends_in_star) {
        (true, _) => vec![below],
        (false, true) => vec![here],
        (false, false) => vec![here, below],
    }
}

/// Whether a glob, split at slashes, matches a path, split likewise.
fn is_match(glob: &[String], path: &[&str]) -> bool {
    wild(
        glob,
        path,
        |part| part == "**",
        |part, name| {
            let (part, name): (Vec<char>, Vec<char>) = (part.chars().collect(), name.chars().collect());
            wild(&part, &name, |c| *c == '*', |c, letter| *c == '?' || c == letter)
        },
    )
}

/// Matches with wildcards that stand for any run. When it fails behind a wildcard, only the last one has to take
/// one more, so the work is at most the product of both lengths.
fn wild<P, T>(pattern: &[P], text: &[T], is_run: impl Fn(&P) -> bool, fits: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut last_run: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(part) if is_run(part) => {
                last_run = Some((at + 1, read));
                at += 1;
            }
            Some(part) if fits(part, &text[read]) => (at, read) = (at + 1, read + 1),
            _ => {
                let Some((behind, taken)) = last_run else { return false };
                (at, read) = (behind, taken + 1);
                last_run = Some((behind, taken + 1));
            }
        }
    }
    pattern[at..].iter().all(is_run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(path: &str) -> CodePlace {
        CodePlace { path: path.to_owned(), line: None, symbol: None, mention: String::new() }
    }

    fn owners(text: &str, path: &str) -> String {
        let found = owners_of(&Codeowners::parse(text), &[place(path)]);
        found.iter().map(|owner| owner.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn patterns_match_as_github_documents_them() {
        let cases = [
            ("*", "src/deep/x.rs", true),
            ("*.js", "src/deep/x.js", true),
            ("*.js", "src/x.jsx", false),
            ("/build/logs/", "build/logs/a/b.txt", true),
            ("/build/logs/", "x/build/logs/a.txt", false),
            ("docs/*", "docs/getting-started.md", true),
            ("docs/*", "docs/build-app/troubleshooting.md", false),
            ("apps/", "x/apps/y/z.txt", true),
            ("apps/", "apps", false),
            ("/docs/", "docs/a/b.md", true),
            ("/scripts/", "scripts", false),
            ("**/logs", "deeply/nested/logs/x.log", true),
            ("/apps/github", "apps/github/x", true),
            ("/apps/**/test", "apps/a/b/test/x", true),
            ("src/main.rs", "src/main.rs", true),
            ("src/main.rs", "other/src/main.rs", false),
            ("main.rs", "src/main.rs", true),
            ("docs/my\\ file.md", "docs/my file.md", true),
            ("a?c.txt", "x/abc.txt", true),
            ("{a,b}.txt", "a.txt", false),
            ("Docs/", "docs/x", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(owners(&format!("{pattern} @ada"), path) == "ada", expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn the_last_rule_counts_and_may_say_nobody() {
        let text = "# Owners\n*       @org/all  # everybody\n/src/   @ada @Bob @ada\n/src/generated/\n";
        assert_eq!(owners(text, "README.md"), "org/all");
        assert_eq!(owners(text, "src/main.rs"), "ada Bob");
        assert_eq!(owners(text, "src/generated/x.rs"), "");
    }

    #[test]
    fn lines_that_github_does_not_take_are_passed_over_with_a_note() {
        let text = "!x @ada\n[Section] @ada\nsrc/ ada\n*.md docs@example.org @bob\n\\#x @ada\n* @ada\n";
        let read = Codeowners::parse(text);
        insta::assert_snapshot!(read.notes.join("\n"), @r"
        CODEOWNERS line 1: a pattern cannot be taken back with `!`.
        CODEOWNERS line 2: a pattern cannot hold `[` or `]`.
        CODEOWNERS line 3: `ada` is neither @user, @org/team nor an address.
        CODEOWNERS line 4: whose address docs@example.org is cannot be told.
        CODEOWNERS line 5: a pattern cannot begin with `#`.
        ");
        let found = owners_of(&read, &[place("a.md"), place("b.md"), place("c.rs")]);
        insta::assert_debug_snapshot!(found, @r#"
    [
        Owner {
            name: Login(
                "ada",
            ),
            reason: "CODEOWNERS line 6: `*` matches `a.md`.",
            confidence: 0.9,
        },
    ]
    "#);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "([*?/\\\\{},!#@\\[\\] a-c.]|\\PC|\n){0,60}", path in "[a-c/.]{1,12}") {
            let _ = owners_of(&Codeowners::parse(&text), &[place(&path)]);
        }
    }
}
