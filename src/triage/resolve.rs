//! From what the text names to what is there: real paths, lines that the files have, definitions of symbols.

mod definitions;

use std::collections::{BTreeMap, BTreeSet};

use super::mentions::Mention;
use crate::domain::verdict::CodePlace;

/// Files whose contents are asked for: those named first, then those where a symbol may be defined.
const WANTED: usize = 40;
/// Places reported; a reader looks at the first few.
const PLACES: usize = 20;
/// Folders of code that is not the repository's own. A path through one resolves only as it stands.
const FOREIGN: &[&str] = &[
    "node_modules/",
    "site-packages/",
    "dist-packages/",
    "lib/python3",
    ".cargo/",
    "rustc/",
    "rustlib/",
    "go/pkg/mod/",
    "gems/",
    "vendor/",
    ".gradle/",
    ".m2/",
    "internal/modules/",
];
/// Names so common that a name alone, at the end of a longer path from elsewhere, says nothing.
const COMMON: &[&str] = &[
    "index.js",
    "index.ts",
    "index.tsx",
    "main.rs",
    "lib.rs",
    "mod.rs",
    "main.py",
    "main.go",
    "main.c",
    "main.cpp",
    "app.js",
    "app.py",
    "__init__.py",
    "utils.py",
    "setup.py",
    "README.md",
    "package.json",
    "Main.java",
];

/// The paths of a repository, ready to be searched by their last part.
struct Paths<'a> {
    by_name: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Paths<'a> {
    fn new(paths: &'a [String]) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in paths {
            by_name.entry(name_of(path)).or_default().push(path);
        }
        Self { by_name }
    }

    /// The one path that a mention means.
    ///
    /// It is the path itself, else the path that shares the longest run of last parts with it, where one of
    /// the two lies wholly in the other: `/srv/app/src/main.rs` means `src/main.rs`, and
    /// `parse/header.rs` means `src/parse/header.rs`. When several share equally much, none is meant. A path
    /// that climbs (`..`) means nothing, and one through a folder of dependencies only itself.
    fn resolve(&self, mention: &str) -> Option<&'a str> {
        let wanted: Vec<&str> = mention.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if wanted.contains(&"..") {
            return None;
        }
        let candidates = self.by_name.get(wanted.last()?)?;
        if let Some(exact) = candidates.iter().find(|path| path.split('/').eq(wanted.iter().copied())) {
            return Some(exact);
        }
        let rooted = format!("/{mention}");
        let is_foreign = FOREIGN.iter().any(|folder| rooted.contains(&format!("/{folder}")));
        if is_foreign {
            return None;
        }
        let mut best: Option<(usize, &str)> = None;
        let mut is_tied = false;
        for &path in candidates {
            let shared = path.rsplit('/').zip(wanted.iter().rev()).take_while(|(a, b)| a == *b).count();
            let parts = path.split('/').count();
            let is_whole = shared == parts || shared == wanted.len();
            let is_telling = shared > 1 || wanted.len() == 1 || !COMMON.contains(&name_of(path));
            if !is_whole || !is_telling {
                continue;
            }
            match best {
                Some((most, _)) if shared < most => {}
                Some((most, _)) if shared == most => is_tied = true,
                _ => (best, is_tied) = (Some((shared, path)), false),
            }
        }
        best.filter(|_| !is_tied).map(|(_, path)| path)
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The files whose contents [`resolve`] wants to see, at most 40, each once: those that the text names, then
/// those that are called like a part of a symbol (`Header::parse` is sought in `header.rs`), then the rest
/// of the code, shortest path first, as long as there is room. Pure: no content is needed to tell.
#[must_use]
pub fn wanted_files(mentions: &[Mention], paths: &[String]) -> Vec<String> {
    let index = Paths::new(paths);
    let mut seen = BTreeSet::new();
    let mut wanted: Vec<&str> = mentions
        .iter()
        .filter_map(|mention| index.resolve(mention.path.as_deref()?))
        .filter(|path| seen.insert(*path))
        .collect();
    let symbols: Vec<&str> = mentions
        .iter()
        .filter(|mention| mention.path.is_none())
        .filter_map(|mention| mention.symbol.as_deref())
        .collect();
    if !symbols.is_empty() {
        let parts: BTreeSet<String> =
            symbols.iter().flat_map(|symbol| definitions::parts(symbol)).map(definitions::folded).collect();
        let mut rest: Vec<&str> =
            paths.iter().map(String::as_str).filter(|path| definitions::is_code(path)).collect();
        let is_called_so = |path: &str| {
            path.split('/').any(|part| parts.contains(&definitions::folded(definitions::stem_of(part))))
        };
        rest.sort_by_cached_key(|path| (!is_called_so(path), path.matches('/').count(), path.len()));
        wanted.extend(rest.into_iter().filter(|path| seen.insert(*path)));
    }
    wanted.into_iter().take(WANTED).map(str::to_owned).collect()
}

/// The places that really exist, in the mentions' order, each once, at most 20.
///
/// A line is kept only when the file's content is at hand and has that many lines. A symbol is a place when it is
/// defined once in the contents at hand, or once in a file called like its qualifier; of several
/// definitions none is chosen.
#[must_use]
pub fn resolve(
    mentions: &[Mention],
    paths: &[String],
    contents: &BTreeMap<String, String>,
) -> Vec<CodePlace> {
    let index = Paths::new(paths);
    let mut places: Vec<CodePlace> = Vec::new();
    for mention in mentions {
        let place = match (&mention.path, &mention.symbol) {
            (Some(path), symbol) => index.resolve(path).map(|path| CodePlace {
                path: path.to_owned(),
                line: mention
                    .line
                    .filter(|line| contents.get(path).is_some_and(|text| has_line(text, *line))),
                symbol: symbol.clone(),
                mention: mention.text.clone(),
            }),
            (None, Some(symbol)) => definitions::find(symbol, contents).map(|(path, line)| CodePlace {
                path: path.to_owned(),
                line: Some(line),
                symbol: Some(symbol.clone()),
                mention: mention.text.clone(),
            }),
            (None, None) => None,
        };
        let Some(place) = place else { continue };
        keep(&mut places, place);
    }
    places.truncate(PLACES);
    places
}

/// Adds a place, unless it is known. A file named once with a line and once without is one place.
fn keep(places: &mut Vec<CodePlace>, place: CodePlace) {
    let of_file = |other: &CodePlace| other.path == place.path;
    if place.line.is_none() && places.iter().any(of_file) {
        return;
    }
    match places.iter().position(|other| of_file(other) && (other.line == place.line || other.line.is_none()))
    {
        Some(at) if places[at].line.is_none() => places[at] = place,
        Some(at) => places[at].symbol = places[at].symbol.take().or(place.symbol),
        None => places.push(place),
    }
}

fn has_line(text: &str, line: u64) -> bool {
    u64::try_from(text.lines().count()).is_ok_and(|lines| (1..=lines).contains(&line))
}

#[cfg(test)]
mod tests;
