//! Random edits, judged by git: our tree is the tree that `git apply` makes, or both refuse.

use proptest::prelude::*;

use super::super::{commit_patch, pre_image_blobs, touched_paths};
use super::world::{World, limits, sheet};

/// A few different lines, so that hunks have several places to fit.
fn line() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c", "", " indented", "-dash", "+plus", "\ttab", "x\r", "\\ no"])
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(line(), 0..14), any::<bool>()).prop_map(|(lines, ended)| {
        let mut text = lines.join("\n");
        if ended && !text.is_empty() {
            text.push('\n');
        }
        text.into_bytes()
    })
}

/// A set of files: some of a few names, plain or executable.
fn files() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = prop::sample::select(vec!["a", "b c", "d/e", "d/f", "g/h/i", "\u{e4}\"q"]);
    prop::collection::btree_map(name, (content(), any::<bool>()), 1..5).prop_map(|files| {
        files
            .into_iter()
            .map(|(name, (content, executable))| {
                (format!("{name}{}", if executable { "*" } else { "" }), content)
            })
            .collect()
    })
}

/// What happens to a line of an older version.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Delete,
    Replace(&'static str),
    InsertBefore(&'static str),
}

/// Edits of a few lines, by their place; places behind the end count from the start again.
fn edits() -> impl Strategy<Value = Vec<(usize, Edit)>> {
    let edit = prop_oneof![
        Just(Edit::Delete),
        line().prop_map(Edit::Replace),
        line().prop_map(Edit::InsertBefore),
        // Lines that are nowhere else, so that most edits can be told apart.
        Just(Edit::Replace("other")),
        Just(Edit::InsertBefore("more")),
    ];
    prop::collection::vec((0..16_usize, edit), 1..3)
}

fn after<'a>(old: &[&'a str], edits: &[(usize, Edit)]) -> Vec<&'a str> {
    let mut lines = Vec::new();
    for (at, line) in old.iter().enumerate() {
        let here = edits.iter().filter(|(place, _)| place % old.len() == at).map(|(_, edit)| *edit);
        let mut kept = Some(*line);
        for edit in here {
            match edit {
                Edit::Delete => kept = None,
                Edit::Replace(new) => kept = Some(new),
                Edit::InsertBefore(new) => lines.push(new),
            }
        }
        lines.extend(kept);
    }
    lines
}

fn borrowed(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect()
}

proptest! {
    // Each case runs git several times; enough cases for the corners, few enough for a quick run.
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_of_git_gives_the_tree_that_git_had(
        old in files(),
        new in files(),
        options in prop::sample::select(vec![vec![], vec!["-M"], vec!["-C", "--find-copies-harder"], vec!["-M", "-B"], vec!["--no-prefix"], vec!["--full-index", "-U1"]]),
    ) {
        let world = World::with(&borrowed(&old));
        let patch = world.diff_to(&borrowed(&new), &options);
        match world.apply(&patch) {
            Ok(made) => {
                let expected = World::with(&borrowed(&new));
                prop_assert_eq!(world.tree(&made.commit), expected.tree(&expected.base), "{}", patch);
                prop_assert!(!made.merged);
            }
            Err(failure) => prop_assert!(patch.is_empty(), "{}\n{}", failure, patch),
        }
    }

    #[test]
    fn a_patch_on_other_files_is_placed_where_git_places_it_or_refused_by_both(
        (old, new) in (content(), content()),
        (head, tail) in (prop::collection::vec(line(), 0..4), prop::collection::vec(line(), 0..4)),
        other in prop::option::weighted(0.2, content()),
        context in 0..4_usize,
    ) {
        let world = World::with(&[("f", &old)]);
        let patch = world.diff_to(&[("f", &new)], &[&format!("-U{context}"), "--no-indent-heuristic"]);
        // The default branch has grown around the old version, or has nothing to do with it.
        let lines = |lines: Vec<&str>| lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes();
        let there = other.unwrap_or_else(|| [lines(head), old.clone(), lines(tail)].concat());
        // Without the version it was made for at hand there is nothing to merge, as in `git apply`.
        let elsewhere = World::with(&[("f", &there)]);
        let by_git = elsewhere.tree_by_git(&patch);
        let ours = commit_patch(&elsewhere.repository, &elsewhere.base, &patch, &limits(), &sheet());
        match (ours, by_git) {
            (Ok(made), tree) => prop_assert_eq!(Some(elsewhere.tree(&made.commit)), tree, "{}", patch),
            (Err(failure), Some(tree)) => prop_assert!(
                tree == elsewhere.tree(&elsewhere.base), "git applied it, we did not: {}\n{}", failure, patch
            ),
            (Err(_), None) => {}
        }
    }

    #[test]
    fn a_patch_for_an_older_version_is_merged_as_git_merges_it_or_refused_by_both(
        old in prop::collection::vec(line(), 4..16),
        (patch_edits, branch_edits) in (edits(), edits()),
        context in 0..4_usize,
    ) {
        let text = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes();
        let edited = |edits: &[(usize, Edit)]| text(&after(&old, edits));
        let mut world = World::with(&[("f", &text(&old)), ("g", b"g\n")]);
        let patch = world.diff_to(&[("f", &edited(&patch_edits)), ("g", b"g\n")], &["--full-index", &format!("-U{context}")]);
        world.moves_on(&[("f", &edited(&branch_edits)), ("g", b"G\n")]);
        let by_git = world.tree_by_git_merging(&patch);
        let base = world.tree(&world.base);
        match (world.apply(&patch), by_git) {
            (Ok(made), tree) => prop_assert_eq!(Some(world.tree(&made.commit)), tree, "{}", patch),
            (Err(failure), Some(tree)) => prop_assert!(
                tree == base || patch.is_empty(), "git applied it, we did not: {}\n{}", failure, patch
            ),
            (Err(_), None) => {}
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(diff --git |--- |\\+\\+\\+ |@@ -[0-9]{0,3},1 \\+1 @@|rename from |index |\"a\\\\[0-7]{0,3}|[ab]/x|\\PC|\n|\r){0,40}") {
        let _ = touched_paths(&text);
        let _ = pre_image_blobs(&text);
    }
}
