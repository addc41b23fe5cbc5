//! What to look for, built of typed terms: no text of anybody's is ever pasted into Drive's query language.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::file::{FOLDER, File};
use super::id::{DriveId, FileId};
use crate::domain::time::Timestamp;

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// It has this name. Drive compares without case; [`Term::fits`] does not.
    NameIs(String),
    /// A word of its name begins so.
    NameHas(String),
    /// Its name, its description or its content has these words.
    TextHas(String),
    /// It has this type.
    MimeIs(String),
    /// Its type begins so: `image/`.
    MimeBegins(String),
    /// It is in this folder, not deeper. Ask for two folders in two lists: of several in one query with `or`
    /// Drive loses results (<https://issuetracker.google.com/issues/149522397>).
    In(FileId),
    /// It is in the trash, or is not.
    Trashed(bool),
    /// It is starred.
    Starred,
    /// Others shared it with us.
    SharedWithMe,
    /// It changed after then.
    ModifiedAfter(Timestamp),
    /// It changed before then.
    ModifiedBefore(Timestamp),
    /// It was made after then.
    CreatedAfter(Timestamp),
    /// This address owns it.
    OwnedBy(String),
    /// This address may change it.
    WritableBy(String),
    /// This address may read it.
    ReadableBy(String),
    /// Everybody with the link, or everybody, gets to it.
    IsPublic,
    /// Our application wrote this value.
    AppProperty(String, String),
    /// It is not so.
    Not(Box<Self>),
    /// One of them holds.
    Any(Vec<Self>),
}

/// Conditions that hold together. Shown, it is in Drive's language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Query(Vec<Term>);

impl Query {
    /// What fits all of `terms`; of none, everything.
    #[must_use]
    pub fn all(terms: impl IntoIterator<Item = Term>) -> Self {
        Self(terms.into_iter().collect())
    }

    /// What is in a folder and not in the trash.
    #[must_use]
    pub fn children(folder: FileId) -> Self {
        Self::all([Term::In(folder), Term::Trashed(false)])
    }

    /// What has this name in a folder, is a folder or is none, and is not in the trash.
    #[must_use]
    pub fn child(folder: FileId, name: &str, is_folder: bool) -> Self {
        let kind = Term::MimeIs(FOLDER.to_owned());
        let kind = if is_folder { kind } else { Term::Not(Box::new(kind)) };
        Self::all([Term::In(folder), Term::NameIs(name.to_owned()), kind, Term::Trashed(false)])
    }

    /// One condition more.
    #[must_use]
    pub fn and(mut self, term: Term) -> Self {
        self.0.push(term);
        self
    }

    /// Whether there is no condition.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The question for all of a folder's things that are not in the trash, where this one asks for some of them by
    /// conditions that [`Query::fits`] settles; none for others.
    #[must_use]
    pub fn whole_folder(&self) -> Option<Self> {
        let mut folder = None;
        let mut is_live = false;
        for term in &self.0 {
            match term {
                Term::In(id) if folder.is_none() => folder = Some(id.clone()),
                Term::Trashed(false) => is_live = true,
                Term::NameIs(_) | Term::MimeIs(_) => {}
                Term::Not(term) if matches!(**term, Term::MimeIs(_)) => {}
                _ => return None,
            }
        }
        folder.filter(|_| is_live).map(Self::children)
    }

    /// The conditions that Drive found to hold and that do not hold exactly: `name =` ignores case there.
    #[must_use]
    pub fn fits(&self, file: &File) -> bool {
        self.0.iter().all(|term| term.fits(file))
    }
}

impl Term {
    /// Whether a file that Drive found is what was meant, as far as Drive is less exact than we are.
    #[must_use]
    pub fn fits(&self, file: &File) -> bool {
        match self {
            Self::NameIs(name) => file.name == *name,
            Self::MimeIs(mime) => file.mime == *mime,
            Self::Not(term) => match &**term {
                Self::NameIs(_) | Self::MimeIs(_) => !term.fits(file),
                _ => true,
            },
            Self::Any(terms) => terms.is_empty() || terms.iter().any(|term| term.fits(file)),
            _ => true,
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        joined(f, &self.0, " and ")
    }
}

fn joined(f: &mut fmt::Formatter<'_>, terms: &[Term], word: &str) -> fmt::Result {
    for (place, term) in terms.iter().enumerate() {
        if place > 0 {
            f.write_str(word)?;
        }
        write!(f, "{term}")?;
    }
    Ok(())
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameIs(name) => write!(f, "name = {}", Quoted(name)),
            Self::NameHas(word) => write!(f, "name contains {}", Quoted(word)),
            Self::TextHas(words) => write!(f, "fullText contains {}", Quoted(words)),
            Self::MimeIs(mime) => write!(f, "mimeType = {}", Quoted(mime)),
            Self::MimeBegins(mime) => write!(f, "mimeType contains {}", Quoted(mime)),
            Self::In(folder) => write!(f, "{} in parents", Quoted(folder.as_str())),
            Self::Trashed(trashed) => write!(f, "trashed = {trashed}"),
            Self::Starred => f.write_str("starred = true"),
            Self::SharedWithMe => f.write_str("sharedWithMe = true"),
            Self::ModifiedAfter(time) => write!(f, "modifiedTime > '{time}'"),
            Self::ModifiedBefore(time) => write!(f, "modifiedTime < '{time}'"),
            Self::CreatedAfter(time) => write!(f, "createdTime > '{time}'"),
            Self::OwnedBy(address) => write!(f, "{} in owners", Quoted(address)),
            Self::WritableBy(address) => write!(f, "{} in writers", Quoted(address)),
            Self::ReadableBy(address) => write!(f, "{} in readers", Quoted(address)),
            Self::IsPublic => f.write_str("(visibility = 'anyoneCanFind' or visibility = 'anyoneWithLink')"),
            Self::AppProperty(key, value) => {
                write!(f, "appProperties has {{ key={} and value={} }}", Quoted(key), Quoted(value))
            }
            Self::Not(term) => write!(f, "not ({term})"),
            // Nothing to choose from is no condition, which Drive has no word for.
            Self::Any(terms) if terms.is_empty() => f.write_str("(trashed = true or trashed = false)"),
            Self::Any(terms) => {
                f.write_str("(")?;
                joined(f, terms, " or ")?;
                f.write_str(")")
            }
        }
    }
}

/// A text in single quotes, in which a quote and a backslash each get a backslash before them:
/// <https://developers.google.com/workspace/drive/api/guides/search-files>.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("'")?;
        for letter in self.0.chars() {
            if matches!(letter, '\'' | '\\') {
                f.write_str("\\")?;
            }
            write!(f, "{letter}")?;
        }
        f.write_str("'")
    }
}

/// In which order a list comes. Folders stand first where the name counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// As Drive likes.
    #[default]
    Any,
    /// By name, as people count: `a2` before `a10`.
    Name,
    /// What changed last comes first.
    Newest,
}

/// A list to ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// What is looked for.
    pub query: Query,
    /// Where: in this shared drive; in our own and what is shared with us when none is said.
    pub drive: Option<DriveId>,
    /// Everywhere: our own, what is shared with us, and all shared drives. Slow, and Drive may leave it
    /// incomplete.
    pub everywhere: bool,
    /// In which order.
    pub order: Order,
    /// How many a page has at most, 1 to 1,000; a thousand when none is said, because each page costs the same.
    pub page_size: Option<u16>,
}

impl Listing {
    /// What fits `query` in a shared drive, or in our own.
    #[must_use]
    pub fn of(query: Query, drive: Option<DriveId>) -> Self {
        Self { query, drive, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terms_are_written_as_drive_reads_them() {
        let folder = FileId::parse("1abc").unwrap();
        let time: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let any = Term::Any(vec![
            Term::MimeBegins("image/".into()),
            Term::Not(Box::new(Term::OwnedBy("a@example.org".into()))),
        ]);
        let all = Query::child(folder, r"Bob's \ draft' or trashed = true or name = '", false)
            .and(any)
            .and(Term::ModifiedAfter(time))
            .and(Term::IsPublic)
            .and(Term::AppProperty("automata".into(), "t1/upload".into()));
        insta::assert_snapshot!(all.to_string().replace(" and ", "\nand "), @r"
    '1abc' in parents
    and name = 'Bob\'s \\ draft\' or trashed = true or name = \''
    and not (mimeType = 'application/vnd.google-apps.folder')
    and trashed = false
    and (mimeType contains 'image/' or not ('a@example.org' in owners))
    and modifiedTime > '2026-11-22T10:00:00Z'
    and (visibility = 'anyoneCanFind' or visibility = 'anyoneWithLink')
    and appProperties has { key='automata'
    and value='t1/upload' }
    ");
    }

    proptest! {
        #[test]
        fn no_text_gets_out_of_its_quotes(text in "[a'\\\\ =]{0,12}") {
            let written = Quoted(&text).to_string();
            // Read as Drive does: a backslash takes the next letter as it is, a bare quote ends the text.
            let (mut read, mut letters) = (String::new(), written[1..].chars());
            let rest = loop {
                match letters.next() {
                    Some('\\') => read.extend(letters.next()),
                    Some('\'') => break letters.as_str(),
                    Some(letter) => read.push(letter),
                    None => prop_assert!(false, "it never ends: {written}"),
                }
            };
            prop_assert_eq!((read.as_str(), rest), (text.as_str(), ""));
        }
    }
}
