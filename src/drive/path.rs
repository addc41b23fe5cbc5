//! How people name a place in Drive: a path with escapes, an id, a link, or a folder of the configuration.
//!
//! In Drive a name may hold anything, a slash too, and need not be the only one of its folder. In a path `\/` is a
//! slash of a name, `\\` a backslash and `\:` a colon; `.` and `..` are no places, because nothing of a stranger's is
//! to lead out of the folder that was meant.

use std::fmt;

/// Where a path begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The topmost folder of the account's own drive.
    Root,
    /// A file or folder by its id: `id:1AbC`, or a link.
    Id(String),
    /// A folder that the configuration names: `docs:`.
    Folder(String),
    /// A shared drive by its id or its name: `drive:Team`.
    Drive(String),
}

/// A place in Drive, as somebody named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it begins.
    pub start: Start,
    /// The names from there on, as Drive has them.
    pub names: Vec<String>,
}

/// The text names no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` names no place in Drive: {why}")]
pub struct NotAPlace {
    /// The text, made fit to be shown.
    pub shown: String,
    /// What is wrong with it.
    pub why: &'static str,
    /// What to do instead.
    pub hint: &'static str,
}

/// How a place is written.
pub const HINT: &str = "Write `folder/file` below your own drive, `id:ID` or a link for something by its id, `NAME:` for a \
                        folder under `drive.folders` in the configuration, `drive:NAME` for a shared drive; each may be \
                        followed by `/` and names. A slash in a name is written `\\/`, a backslash `\\\\`.";

/// Characters of a text that is shown in an error.
const SHOWN: usize = 80;

impl Place {
    /// Reads a place.
    ///
    /// # Errors
    /// [`NotAPlace`] for what is empty, has `.`, `..` or nothing for a name, ends in half an escape, or holds
    /// characters that cannot be seen.
    pub fn parse(text: &str) -> Result<Self, NotAPlace> {
        let wrong =
            |why| NotAPlace { shown: crate::domain::untrusted::one_line(text, SHOWN), why, hint: HINT };
        if text.trim().is_empty() {
            return Err(wrong("it is empty"));
        }
        if text.chars().any(char::is_control) {
            return Err(wrong("it holds a character that cannot be seen"));
        }
        if text.contains("://") {
            let id = id_of_link(text).ok_or_else(|| wrong("the link does not lead to something in Drive"))?;
            return Ok(Self { start: Start::Id(id.to_owned()), names: Vec::new() });
        }
        let (start, rest) = match prefix(text) {
            None => (Start::Root, text),
            Some(("id", rest)) => {
                let (id, rest) = rest.split_once('/').map_or((rest, ""), |(id, rest)| (id, rest));
                if !is_id(id) {
                    return Err(wrong("ids have letters, digits, `-` and `_` only"));
                }
                (Start::Id(id.to_owned()), rest)
            }
            Some(("drive", rest)) => {
                let mut names = segments(rest).map_err(wrong)?;
                if names.is_empty() {
                    return Err(wrong("`drive:` wants the name or the id of a shared drive"));
                }
                let drive = names.remove(0);
                return Ok(Self { start: Start::Drive(drive), names });
            }
            Some((folder, rest)) => (Start::Folder(folder.to_owned()), rest),
        };
        Ok(Self { start, names: segments(rest).map_err(wrong)? })
    }

    /// The place above, and the last name; none where there is no name.
    #[must_use]
    pub fn split(mut self) -> Option<(Self, String)> {
        let name = self.names.pop()?;
        Some((self, name))
    }
}

/// The word before the first colon, where it is no part of a name, and what follows.
fn prefix(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(':')?;
    let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    is_word.then_some((word, rest))
}

/// The names of a path.
fn segments(text: &str) -> Result<Vec<String>, &'static str> {
    let text = text.strip_prefix('/').unwrap_or(text);
    let mut names = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let name = names.last_mut().ok_or("it is empty")?;
        match letter {
            '/' => names.push(String::new()),
            '\\' => match letters.next() {
                Some(escaped @ ('/' | '\\' | ':')) => name.push(escaped),
                Some(_) => return Err("a backslash stands before `/`, `\\` or `:` only"),
                None => return Err("it ends with half an escape"),
            },
            letter => name.push(letter),
        }
    }
    // A slash at the end says that a folder is meant.
    if names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    if names.iter().any(String::is_empty) {
        return Err("there are two slashes with no name between them");
    }
    if names.iter().any(|name| name == "." || name == "..") {
        return Err("`.` and `..` are no places in Drive");
    }
    Ok(names)
}

/// Whether it has the form of an id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=128).contains(&text.len()) && text.bytes().all(allowed)
}

/// The id in the address of something in Drive, as browsers show it.
fn id_of_link(link: &str) -> Option<&str> {
    let rest = link.trim().strip_prefix("https://")?;
    let (host, path) = rest.split_once('/')?;
    if host != "drive.google.com" && host != "docs.google.com" {
        return None;
    }
    let path = path.split('#').next().unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut segments = path.split('/').skip_while(|segment| *segment != "d" && *segment != "folders");
    let in_query = || query.split('&').find_map(|pair| pair.strip_prefix("id="));
    segments.nth(1).or_else(in_query).filter(|id| is_id(id))
}

/// A name as it stands in a path.
#[must_use]
pub fn escaped(name: &str) -> String {
    name.chars().fold(String::with_capacity(name.len()), |mut text, letter| {
        if matches!(letter, '/' | '\\') {
            text.push('\\');
        }
        text.push(letter);
        text
    })
}

/// Names as one path.
#[must_use]
pub fn joined(names: &[String]) -> String {
    names.iter().map(|name| escaped(name)).collect::<Vec<_>>().join("/")
}

/// Where the slashes of a joined path stand that part names: those that no backslash escapes.
fn slashes(path: &str) -> impl DoubleEndedIterator<Item = usize> {
    let mut is_escaped = false;
    let bare = path.bytes().enumerate().filter_map(|(at, byte)| {
        let parts = byte == b'/' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        parts.then_some(at)
    });
    bare.collect::<Vec<_>>().into_iter()
}

/// The folders above a joined path, the outermost first.
pub fn above(path: &str) -> impl Iterator<Item = &str> {
    slashes(path).map(|at| &path[..at])
}

/// The last name of a joined path as it is, and the folder above it.
#[must_use]
pub fn split(path: &str) -> (&str, String) {
    match slashes(path).next_back() {
        Some(at) => (&path[..at], unescaped(&path[at + 1..])),
        None => ("", unescaped(path)),
    }
}

/// The names of a joined path as they are.
#[must_use]
pub fn parted(path: &str) -> Vec<String> {
    above(path).chain([path]).map(|path| split(path).1).collect()
}

fn unescaped(name: &str) -> String {
    let (mut text, mut letters) = (String::new(), name.chars());
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = joined(&self.names);
        match &self.start {
            // A colon of the first name would be taken for a word before it.
            Start::Root => f.write_str(&path.replace(':', "\\:")),
            Start::Id(id) if path.is_empty() => write!(f, "id:{id}"),
            Start::Id(id) => write!(f, "id:{id}/{path}"),
            Start::Folder(name) => write!(f, "{name}:{path}"),
            Start::Drive(name) if path.is_empty() => write!(f, "drive:{}", escaped(name)),
            Start::Drive(name) => write!(f, "drive:{}/{path}", escaped(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_joined_path_is_parted_where_a_bare_slash_stands() {
        for (path, folder, name) in [
            ("a/b/c", "a/b", "c"),
            ("a", "", "a"),
            (r"a/b\/c", "a", "b/c"),
            (r"x\\/c", r"x\\", "c"),
            (r"x\\", "", r"x\"),
        ] {
            assert_eq!(split(path), (folder, name.to_owned()), "{path}");
        }
        assert_eq!(above(r"..\/a/b/c").collect::<Vec<_>>(), [r"..\/a", r"..\/a/b"]);
        let names = ["a/b", r"c\", "d"].map(str::to_owned);
        assert_eq!(parted(&joined(&names)), names);
    }

    fn told(text: &str) -> String {
        match Place::parse(text) {
            Ok(place) => format!("{text} => {:?} {:?}", place.start, place.names),
            Err(error) => format!("{text} => {}", error.why),
        }
    }

    #[test]
    fn places_are_named_in_several_ways() {
        let texts = [
            "plans/2026/a.md",
            "/plans/",
            "/",
            r"a\/b/c\\d",
            "docs:plans/a.md",
            "docs:",
            "id:1AbC-_/x",
            "drive:Team docs/plans",
            r"2026\: plans/a",
            "https://drive.google.com/drive/folders/1AbC?usp=sharing",
            "https://docs.google.com/document/d/1AbC/edit#heading",
        ];
        insta::assert_snapshot!(texts.map(told).join("\n"), @r#"
    plans/2026/a.md => Root ["plans", "2026", "a.md"]
    /plans/ => Root ["plans"]
    / => Root []
    a\/b/c\\d => Root ["a/b", "c\\d"]
    docs:plans/a.md => Folder("docs") ["plans", "a.md"]
    docs: => Folder("docs") []
    id:1AbC-_/x => Id("1AbC-_") ["x"]
    drive:Team docs/plans => Drive("Team docs") ["plans"]
    2026\: plans/a => Root ["2026: plans", "a"]
    https://drive.google.com/drive/folders/1AbC?usp=sharing => Id("1AbC") []
    https://docs.google.com/document/d/1AbC/edit#heading => Id("1AbC") []
    "#);
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        let texts = [
            "",
            "..",
            "a/../b",
            "docs:../secret",
            "id:1AbC/..",
            "id:../x",
            "id:a?b",
            "a//b",
            r"a\",
            r"a\n",
            "a\nb",
            "drive:",
            "https://evil.example/d/1AbC",
            "https://drive.google.com.evil.example/file/d/1AbC/view",
        ];
        insta::assert_snapshot!(texts.map(|text| told(text).replace('\n', "\\n")).join("\n"), @r"
     => it is empty
    .. => `.` and `..` are no places in Drive
    a/../b => `.` and `..` are no places in Drive
    docs:../secret => `.` and `..` are no places in Drive
    id:1AbC/.. => `.` and `..` are no places in Drive
    id:../x => ids have letters, digits, `-` and `_` only
    id:a?b => ids have letters, digits, `-` and `_` only
    a//b => there are two slashes with no name between them
    a\ => it ends with half an escape
    a\n => a backslash stands before `/`, `\` or `:` only
    a\nb => it holds a character that cannot be seen
    drive: => `drive:` wants the name or the id of a shared drive
    https://evil.example/d/1AbC => the link does not lead to something in Drive
    https://drive.google.com.evil.example/file/d/1AbC/view => the link does not lead to something in Drive
    ");
    }

    proptest! {
        #[test]
        fn every_name_can_be_written_and_read_back(names in prop::collection::vec("[a-z/\\\\:'. ]{1,6}", 0..4)) {
            prop_assume!(names.iter().all(|name| name != "." && name != ".."));
            let place = Place { start: Start::Id("1x".to_owned()), names: names.clone() };
            prop_assert_eq!(Place::parse(&place.to_string()), Ok(place));
            let place = Place { start: Start::Root, names };
            prop_assume!(!place.to_string().trim().is_empty() && !place.to_string().contains("://"));
            prop_assert_eq!(Place::parse(&place.to_string()), Ok(place));
        }
    }
}
