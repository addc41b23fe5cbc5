//! What of two folders is kept in step: patterns name what alone is, and what is not.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::path::above;
use super::sync::{Entry, Tree};

/// Patterns over the paths below a folder. One without a slash is about names, wherever they are; one with a slash is about
/// paths from the folder on. What names a folder is about all below it.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What alone is kept in step; none where all is.
    only: Option<GlobSet>,
    except: GlobSet,
}

/// What is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a pattern: {why}")]
pub struct NotAPattern {
    /// The text.
    pub pattern: String,
    /// What is wrong with it.
    pub why: String,
}

impl Filter {
    /// Of these only, and of them not those.
    ///
    /// # Errors
    /// [`NotAPattern`] for what is none.
    pub fn new(only: &[String], except: &[String]) -> Result<Self, NotAPattern> {
        let only = if only.is_empty() { None } else { Some(set(only)?) };
        Ok(Self { only, except: set(except)? })
    }

    /// Whether something at a path is kept in step.
    #[must_use]
    pub fn takes(&self, path: &str) -> bool {
        !names(&self.except, path) && self.only.as_ref().is_none_or(|only| names(only, path))
    }

    /// Leaves out of a tree what is not kept in step. It is still seen there: a folder that holds some of it does not go.
    pub fn apply(&self, tree: &mut Tree) {
        let taken: Vec<String> = tree.keys().filter(|path| self.takes(path)).cloned().collect();
        let leads_to = |folder: &str| {
            let inside = format!("{folder}/");
            let at = taken.partition_point(|path| *path < inside);
            taken.get(at).is_some_and(|path| path.starts_with(&inside))
        };
        for (path, entry) in tree.iter_mut() {
            let stays = self.takes(path) || (*entry == Entry::Folder && leads_to(path));
            if !stays && !matches!(entry, Entry::LeftOut(_)) {
                *entry = Entry::LeftOut(Box::new(entry.clone()));
            }
        }
    }
}

/// Whether a set names a path, or a folder above it.
fn names(set: &GlobSet, path: &str) -> bool {
    !set.is_empty() && above(path).chain([path]).any(|path| set.is_match(path))
}

fn set(patterns: &[String]) -> Result<GlobSet, NotAPattern> {
    let bad = |pattern: &str, why: String| NotAPattern { pattern: pattern.to_owned(), why };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let plain = pattern.trim_end_matches('/');
        if plain.is_empty() {
            return Err(bad(pattern, "it names nothing".to_owned()));
        }
        let from_top = plain.strip_prefix('/').unwrap_or(plain);
        let glob = if plain.contains('/') { from_top.to_owned() } else { format!("**/{plain}") };
        let glob = GlobBuilder::new(&glob).literal_separator(true).build();
        set.add(glob.map_err(|error| bad(pattern, error.kind().to_string()))?);
    }
    set.build().map_err(|error| bad("", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(patterns: &[&str]) -> Vec<String> {
        patterns.iter().map(|pattern| (*pattern).to_owned()).collect()
    }

    #[test]
    fn a_name_is_meant_everywhere_a_path_from_the_top_and_a_folder_with_all_below() {
        let filter = Filter::new(&[], &all(&[".env", "node_modules", "docs/*.tmp", "/build/"])).unwrap();
        for out in [".env", "a/.env", "node_modules/x/y.js", "a/node_modules/x", "docs/a.tmp", "build/a"] {
            assert!(!filter.takes(out), "{out}");
        }
        for kept in ["env", ".env.md", "docs/deep/a.tmp", "a.tmp", "a/build/b", "node_modules.md"] {
            assert!(filter.takes(kept), "{kept}");
        }
        let filter = Filter::new(&all(&["*.md", "img"]), &all(&["draft*"])).unwrap();
        for (path, takes) in [("a.md", true), ("a/b.md", true), ("img/a.png", true), ("a.png", false)] {
            assert_eq!(filter.takes(path), takes, "{path}");
        }
        assert!(!filter.takes("drafts/a.md"));
        assert!(Filter::new(&[], &all(&["a[", "b"])).is_err() && Filter::new(&all(&["/"]), &[]).is_err());
        assert!(Filter::default().takes("a"));
    }

    #[test]
    fn folders_that_lead_to_something_stay() {
        let file = || Entry::File { size: 1, md5: String::new() };
        let mut tree: Tree = [
            ("a", Entry::Folder),
            ("a/b.md", file()),
            ("a.png", file()),
            ("empty", Entry::Folder),
            ("c", Entry::Folder),
            ("c/d.png", file()),
        ]
        .map(|(path, entry)| (path.to_owned(), entry))
        .into();
        Filter::new(&all(&["*.md"]), &[]).unwrap().apply(&mut tree);
        let kept: Vec<&String> = tree
            .iter()
            .filter(|(_, entry)| !matches!(entry, Entry::LeftOut(_)))
            .map(|(path, _)| path)
            .collect();
        assert_eq!(kept, ["a", "a/b.md"]);
    }
}
