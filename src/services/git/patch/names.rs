//! The names in a patch: unquoting as git quotes, and which part of `a/src/main.rs` is the path.

use super::unreadable;
use crate::domain::failure::Failure;

/// What a patch writes for a side that does not exist.
const NOWHERE: &str = "/dev/null";

/// Bytes that two names on one line may have: two of Linux's longest paths, with each byte quoted. It also
/// bounds the search for the blank between them.
const NAMES_BYTES: usize = 2 * 4 * 4096;

/// The two names of one file, taken out of its prefixes. `None` is the side that does not exist.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) old: Option<String>,
    pub(super) new: Option<String>,
}

/// The name on a `---` or `+++` line: quoted, or up to the tab before the time.
///
/// GNU diff marks a missing file by the first second of 1970 instead of `/dev/null`.
pub(super) fn on_file_line(rest: &str) -> Result<Option<String>, Failure> {
    let (name, tail) = if rest.starts_with('"') {
        unquoted(rest)?
    } else {
        let (name, tail) = rest.split_once('\t').unwrap_or((rest, ""));
        (name.trim_end().to_owned(), tail)
    };
    let stamp = tail.trim_start();
    let missing = stamp.starts_with("1970-01-01 0") || stamp.starts_with("1969-12-31 ");
    Ok((name != NOWHERE && !missing).then_some(name))
}

/// A whole name on an extended header line: `rename from <name>`.
pub(super) fn on_header_line(rest: &str) -> Result<String, Failure> {
    match unquoted(rest) {
        Ok((name, "")) => Ok(name),
        Ok(_) => Err(unreadable(format!("The patch has something behind the name `{}`.", shown(rest)))),
        Err(_) if !rest.starts_with('"') => Ok(rest.to_owned()),
        Err(failure) => Err(failure),
    }
}

/// The two names behind `diff --git `, prefixes and all. Unquoted names may hold blanks, so the line is
/// cut where both halves name the same file; `None` where there is no such place (a rename).
pub(super) fn on_git_line(rest: &str) -> Result<Option<(String, String)>, Failure> {
    if rest.len() > NAMES_BYTES {
        return Err(unreadable(format!("The patch has a `diff --git` line of {} bytes.", rest.len())));
    }
    if rest.starts_with('"') {
        let (old, tail) = unquoted(rest)?;
        let new = on_header_line(tail.trim_start())?;
        return Ok(Some((old, new)));
    }
    if let Some((old, quoted)) = rest.split_once(" \"") {
        return Ok(Some((old.to_owned(), on_header_line(&rest[rest.len() - quoted.len() - 1..])?)));
    }
    let cut = rest.match_indices(' ').map(|(at, _)| (&rest[..at], &rest[at + 1..]));
    Ok(cut
        .filter(|(old, new)| {
            old == new || matches!((without_first(old), without_first(new)), (Some(a), Some(b)) if a == b)
        })
        .map(|(old, new)| (old.to_owned(), new.to_owned()))
        .next())
}

/// Takes the prefixes off two raw names.
///
/// `a/x` and `b/x` differ in their first part only, so that part is a prefix, whatever it is called;
/// two equal names carry none. With one side missing, only `a/` (old) and `b/` (new) are taken for a
/// prefix, unless `prefixed` says what the `diff --git` line showed.
pub(super) fn without_prefixes(
    old: Option<String>,
    new: Option<String>,
    prefixed: Option<bool>,
) -> Result<Pair, Failure> {
    let one = |name: String, usual: &str| match prefixed {
        Some(true) => without_first(&name).map_or(name.clone(), str::to_owned),
        Some(false) => name,
        None => name.strip_prefix(usual).map_or(name.clone(), str::to_owned),
    };
    match (old, new) {
        (Some(old), Some(new)) if old == new => Ok(Pair { old: Some(old), new: Some(new) }),
        (Some(old), Some(new)) => match (without_first(&old), without_first(&new)) {
            (Some(a), Some(b)) if a == b => Ok(Pair { old: Some(a.to_owned()), new: Some(b.to_owned()) }),
            _ if is_copy_of(&old, &new) => Ok(Pair { old: Some(new.clone()), new: Some(new) }),
            _ => Err(unreadable(format!(
                "The patch names two different files, `{}` and `{}`, without saying that one is renamed.",
                shown(&old),
                shown(&new)
            ))),
        },
        (Some(old), None) => Ok(Pair { old: Some(one(old, "a/")), new: None }),
        (None, Some(new)) => Ok(Pair { old: None, new: Some(one(new, "b/")) }),
        (None, None) => Err(unreadable("The patch has a part that names no file on either side.")),
    }
}

/// Whether `old` is how people call the copy they made of `new` before they changed it.
fn is_copy_of(old: &str, new: &str) -> bool {
    old.strip_prefix(new).is_some_and(|ending| matches!(ending, ".orig" | ".old" | ".bak" | "~"))
}

/// The name behind its first part: `src/main.rs` of `a/src/main.rs`.
pub(super) fn without_first(name: &str) -> Option<&str> {
    name.split_once('/').map(|(_, rest)| rest).filter(|rest| !rest.is_empty())
}

/// A name as a message may show it: one line, not too long.
pub(in crate::services::git) fn shown(name: &str) -> String {
    /// Characters of a path that a message shows; enough to find it.
    const WIDTH: usize = 120;
    crate::domain::untrusted::one_line(name, WIDTH)
}

/// Reads a name in git's double quotes (`core.quotePath`): C escapes and octal bytes. Gives the name and
/// what stands behind the closing quote.
fn unquoted(text: &str) -> Result<(String, &str), Failure> {
    let bad =
        || unreadable(format!("The patch has a name that is not quoted as git quotes: {}", shown(text)));
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'"') {
        return Err(bad());
    }
    let mut name = Vec::new();
    let mut at = 1;
    loop {
        match *bytes.get(at).ok_or_else(bad)? {
            b'"' => break,
            b'\\' => {
                at += 1;
                let plain = match *bytes.get(at).ok_or_else(bad)? {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    byte @ (b'"' | b'\\') => byte,
                    b'0'..=b'3' => {
                        let digits = text.get(at..at + 3).ok_or_else(bad)?;
                        at += 2;
                        u8::from_str_radix(digits, 8).map_err(|_| bad())?
                    }
                    _ => return Err(bad()),
                };
                name.push(plain);
            }
            byte => name.push(byte),
        }
        at += 1;
    }
    let name = String::from_utf8(name)
        .map_err(|_| unreadable(format!("The patch has a name that is not UTF-8: {}.", shown(text))))?;
    Ok((name, &text[at + 1..]))
}
