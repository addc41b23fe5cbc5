//! The plan over trees that are made up: what it promises whatever the sides look like.

use super::*;
use crate::drive::path::above;
use proptest::prelude::*;

fn file(content: &str) -> Entry {
    Entry::File { size: content.len() as u64, md5: content.to_owned() }
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, content) in files {
        for folder in above(path) {
            tree.insert(folder.to_owned(), Entry::Folder);
        }
        tree.insert((*path).to_owned(), file(content));
    }
    tree
}

const fn rules(direction: Direction, delete: bool) -> Rules {
    Rules { direction, delete, most_deletions: 100 }
}

fn told(plan: &Plan) -> String {
    let step = |step: &Step| match step {
        Step::MakeFolder { on, path } => format!("make {path}/ on {on:?}"),
        Step::Copy { to, path, replaces, .. } => {
            format!("copy {path} to {to:?}{}", if *replaces { ", replacing" } else { "" })
        }
        Step::Remove { from, path } => format!("remove {path} from {from:?}"),
        Step::SetAside { path, to } => format!("call {path} here {to}"),
    };
    let left = |word: &str, left: &[Left]| {
        left.iter().map(|left| format!("{word} {}: {}", left.path, left.why)).collect::<Vec<_>>()
    };
    let mut lines: Vec<String> = plan.steps.iter().map(step).collect();
    lines.extend(left("conflict", &plan.conflicts));
    lines.extend(left("left", &plan.left));
    lines.push(format!("{} unchanged", plan.unchanged));
    lines.join("\n")
}

/// What the sides are after a plan.
fn carried_out(plan: &Plan, here: &mut Tree, drive: &mut Tree) {
    for step in &plan.steps {
        match step {
            Step::MakeFolder { on, path } => {
                let side = if *on == Side::Here { &mut *here } else { &mut *drive };
                assert!(above(path).all(|folder| side.get(folder) == Some(&Entry::Folder)), "{path}");
                assert_eq!(side.insert(path.clone(), Entry::Folder), None, "{path} was there");
            }
            Step::Copy { to, path, replaces, .. } => {
                let (from, side) =
                    if *to == Side::Here { (&*drive, &mut *here) } else { (&*here, &mut *drive) };
                let entry = from[path].clone();
                assert!(above(path).all(|folder| side.get(folder) == Some(&Entry::Folder)), "{path}");
                assert_eq!(side.insert(path.clone(), entry).is_some(), *replaces, "{path}");
            }
            Step::SetAside { path, to } => {
                let entry = here.remove(path).unwrap();
                assert_eq!(here.insert(to.clone(), entry), None, "{to} was there");
            }
            Step::Remove { from, path } => {
                let side = if *from == Side::Here { &mut *here } else { &mut *drive };
                let inside = format!("{path}/");
                assert!(!side.keys().any(|other| other.starts_with(&inside)), "{path} is not empty");
                assert!(side.remove(path).is_some());
            }
        }
    }
}

#[test]
fn one_side_becomes_as_the_other_is() {
    let here = tree(&[("a", "1"), ("new/b", "2"), ("same", "x")]);
    let drive = tree(&[("a", "0"), ("old/c", "3"), ("same", "x")]);
    let plan = |rules| told(&super::plan(&here, &drive, &Base::new(), rules));
    insta::assert_snapshot!(plan(rules(Direction::Up, false)), @"
    make new/ on Drive
    copy a to Drive, replacing
    copy new/b to Drive
    1 unchanged
    ");
    insta::assert_snapshot!(plan(rules(Direction::Up, true)), @"
    make new/ on Drive
    copy a to Drive, replacing
    copy new/b to Drive
    remove old/c from Drive
    remove old from Drive
    1 unchanged
    ");
    insta::assert_snapshot!(plan(rules(Direction::Down, true)), @"
    make old/ on Here
    copy a to Here, replacing
    copy old/c to Here
    remove new/b from Here
    remove new from Here
    1 unchanged
    ");
}

#[test]
fn both_sides_take_over_what_changed_and_of_conflicts_both_are_kept() {
    let base = sums(&tree(&[("a", "0"), ("b", "0"), ("c.md", "0"), ("d", "0"), ("e", "0"), ("old/f", "0")]));
    let here =
        tree(&[("a", "1"), ("b", "0"), ("c.md", "1000000"), ("e", "1"), ("mine", "1"), ("old/f", "0")]);
    let drive = tree(&[("a", "0"), ("b", "2"), ("c.md", "2"), ("d", "0"), ("theirs", "2")]);
    let plan = super::plan(&here, &drive, &base, rules(Direction::Both, true));
    insta::assert_snapshot!(told(&plan), @"
    copy a to Drive, replacing
    copy b to Here, replacing
    call c.md here c (conflict 100000).md
    copy c (conflict 100000).md to Drive
    copy c.md to Here
    copy e to Drive
    copy mine to Drive
    copy theirs to Here
    remove old/f from Here
    remove d from Drive
    remove old from Here
    conflict c.md: it changed here and in Drive; what was here is kept as c (conflict 100000).md
    conflict e: it changed on one side and was deleted on the other; it is kept
    0 unchanged
    ");
}

#[test]
fn what_cannot_be_kept_in_step_is_told_and_its_folder_stays() {
    let mut drive = tree(&[("docs/a", "1")]);
    drive.insert("docs/notes".to_owned(), Entry::Other("a Google document".to_owned()));
    let plan = super::plan(&Tree::new(), &drive, &Base::new(), rules(Direction::Up, true));
    insta::assert_snapshot!(told(&plan), @"
    remove docs/a from Drive
    left docs/notes: a Google document
    0 unchanged
    ");
    let here = tree(&[("docs/notes/x", "1"), ("docs/a/y", "1")]);
    let plan = super::plan(&here, &drive, &Base::new(), rules(Direction::Up, true));
    insta::assert_snapshot!(told(&plan), @"
    conflict docs/a: a folder here is a file in Drive
    left docs/notes: a Google document
    0 unchanged
    ");
}

/// A folder that several things have the name of, with what is in them.
fn odd(files: &[(&str, &str)], path: &str) -> Tree {
    let mut tree = tree(files);
    tree.insert(path.to_owned(), Entry::Other("odd".to_owned()));
    tree
}

#[test]
fn below_what_is_left_alone_on_either_side_nothing_is_done_on_either() {
    let plain = tree(&[("a/x", "1"), ("a/deep/y", "1"), ("b", "1")]);
    let twins = odd(&[("a/y", "2"), ("a/z/w", "2")], "a");
    let link = odd(&[], "a");
    for direction in [Direction::Up, Direction::Down, Direction::Both] {
        for (here, drive) in [(&plain, &twins), (&link, &twins), (&twins, &plain), (&plain, &link)] {
            let base = sums(&tree(&[("a/x", "1"), ("a/y", "2"), ("a/deep/y", "1")]));
            let plan = super::plan(here, drive, &base, rules(direction, true));
            let touched = plan.steps.iter().filter(|step| match step {
                Step::MakeFolder { path, .. } | Step::Copy { path, .. } | Step::Remove { path, .. } => {
                    path.starts_with('a')
                }
                Step::SetAside { .. } => true,
            });
            assert_eq!(touched.count(), 0, "{direction:?}: {}", told(&plan));
            assert_eq!(plan.left, [Left { path: "a".to_owned(), why: "odd".to_owned() }]);
            let kept = remember(here, drive, &base, &plan, &BTreeSet::new(), &Base::new(), true);
            let seen = |path: &&String| here.contains_key(*path) || drive.contains_key(*path);
            assert!(base.keys().filter(seen).all(|path| kept.get(path) == base.get(path)), "{direction:?}");
        }
    }
}

#[test]
fn below_a_name_that_leads_elsewhere_nothing_comes_here() {
    let names = |names: &[&str]| {
        crate::drive::path::joined(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    };
    let mut drive = Tree::new();
    for name in ["..", "../../etc", "x\\", ".git"] {
        drive.insert(names(&[name]), Entry::Other("odd".to_owned()));
        drive.insert(names(&[name, "hooks"]), Entry::Folder);
        drive.insert(names(&[name, "hooks", "run"]), file("1"));
    }
    for direction in [Direction::Down, Direction::Both] {
        let plan = super::plan(&Tree::new(), &drive, &Base::new(), rules(direction, true));
        assert_eq!((plan.steps.len(), plan.left.len()), (0, 4), "{}", told(&plan));
    }
}

#[test]
fn what_is_left_out_is_in_the_way_all_the_same_and_then_it_is_told() {
    use crate::drive::filter::Filter;
    let filter = Filter::new(&["*.md".to_owned()], &[]).unwrap();
    let filtered = |mut tree: Tree| {
        filter.apply(&mut tree);
        tree
    };
    let model = || filtered(tree(&[("a/x.md", "1"), ("f/x.md", "1"), ("new/x.md", "1")]));
    let mut other = odd(&[("f", "1"), ("new/y", "1"), ("link", "1")], "a");
    other.insert("quiet".to_owned(), Entry::Other("odd".to_owned()));
    let other = || filtered(other.clone());
    insta::assert_snapshot!(told(&super::plan(&model(), &other(), &Base::new(), rules(Direction::Up, true))), @"
    copy new/x.md to Drive
    left a: odd
    left f: it is a file on one side and a folder on the other
    0 unchanged
    ");
    insta::assert_snapshot!(told(&super::plan(&other(), &model(), &Base::new(), rules(Direction::Down, true))), @"
    copy new/x.md to Here
    left a: odd
    left f: it is a file on one side and a folder on the other
    0 unchanged
    ");
}

#[test]
fn what_one_run_leaves_out_is_remembered_as_it_was() {
    use crate::drive::filter::Filter;
    let both = || tree(&[("a.png", "1"), ("b.md", "1")]);
    let base =
        remember(&both(), &both(), &Base::new(), &Plan::default(), &BTreeSet::new(), &Base::new(), true);
    let filter = Filter::new(&["*.md".to_owned()], &[]).unwrap();
    let (mut here, mut drive) = (both(), both());
    filter.apply(&mut here);
    filter.apply(&mut drive);
    let kept = remember(&here, &drive, &base, &Plan::default(), &BTreeSet::new(), &Base::new(), true);
    assert_eq!(kept, base);
}

#[test]
fn what_was_written_while_it_was_copied_is_remembered_as_it_came() {
    let (here, drive) = (tree(&[("up", "1"), ("same", "x")]), tree(&[("down", "2"), ("same", "x")]));
    let plan = super::plan(&here, &drive, &Base::new(), rules(Direction::Both, true));
    let came: Base =
        [("up", "10"), ("down", "20")].map(|(path, md5)| (path.to_owned(), md5.to_owned())).into();
    let kept = remember(&here, &drive, &Base::new(), &plan, &BTreeSet::new(), &came, true);
    let sums = [("down", "20"), ("same", "x"), ("up", "10")];
    assert_eq!(kept, sums.map(|(path, md5)| (path.to_owned(), md5.to_owned())).into());
}

#[test]
fn more_deletions_than_may_be_refuse_the_whole_plan() {
    let drive = tree(&[("a", "1"), ("b", "1"), ("c", "1")]);
    let rules = Rules { most_deletions: 2, ..rules(Direction::Up, true) };
    let plan = super::plan(&Tree::new(), &drive, &Base::new(), rules);
    insta::assert_snapshot!(plan.within(rules.most_deletions).unwrap_err(), @"3 files would be deleted, and 2 may be: a, b, c");
}

/// As if all of a tree had been the same on both sides.
fn sums(tree: &Tree) -> Base {
    remember(tree, tree, &Base::new(), &Plan::default(), &BTreeSet::new(), &Base::new(), true)
}

fn side() -> impl Strategy<Value = Tree> {
    let entry = prop_oneof![
        6 => "[01]{1,2}".prop_map(|content| file(&content)),
        1 => Just(Entry::Other("odd".to_owned())),
    ];
    prop::collection::btree_map("[ab](/[ab]){0,2}", entry, 0..6).prop_map(|entries| {
        // A path cannot be a file and the folder of others.
        let mut tree = Tree::new();
        for (path, entry) in entries {
            if above(&path).any(|folder| tree.get(folder).is_some_and(|entry| *entry != Entry::Folder))
                || tree.contains_key(&path)
            {
                continue;
            }
            for folder in above(&path) {
                tree.insert(folder.to_owned(), Entry::Folder);
            }
            tree.insert(path, entry);
        }
        tree
    })
}

fn files(tree: &Tree) -> BTreeMap<&String, &Entry> {
    tree.iter().filter(|(_, entry)| matches!(entry, Entry::File { .. })).collect()
}

proptest! {
    #[test]
    fn after_a_plan_there_is_nothing_left_to_do(here in side(), drive in side(), base in side(), up in 0..3_usize, delete: bool) {
        let direction = [Direction::Up, Direction::Down, Direction::Both][up];
        let base = sums(&base);
        let (mut new_here, mut new_drive) = (here.clone(), drive.clone());
        let first = plan(&here, &drive, &base, rules(direction, delete));
        carried_out(&first, &mut new_here, &mut new_drive);
        let again = plan(&new_here, &new_drive, &base, rules(direction, delete));
        prop_assert_eq!(&again.steps, &Vec::new(), "{}", told(&again));
        let kept = remember(&here, &drive, &base, &first, &BTreeSet::new(), &Base::new(), true);
        let same: Base = sums(&new_here).into_iter().filter(|(path, md5)| sums(&new_drive).get(path) == Some(md5)).collect();
        for (path, md5) in &same {
            prop_assert_eq!(kept.get(path), Some(md5), "{}", path);
        }
        if direction == Direction::Up {
            prop_assert_eq!(&new_here, &here, "the model stays as it is");
        }
        if direction == Direction::Down {
            prop_assert_eq!(&new_drive, &drive, "the model stays as it is");
        }
        if !delete {
            let removes = first.steps.iter().any(|step| matches!(step, Step::Remove { .. }));
            prop_assert!(!removes);
        }
    }

    #[test]
    fn what_came_here_and_was_thrown_away_again_takes_nothing_from_drive(here in side(), drive in side(), base in side()) {
        let base = sums(&base);
        let first = plan(&here, &drive, &base, rules(Direction::Both, true));
        let mut new_drive = drive.clone();
        carried_out(&first, &mut here.clone(), &mut new_drive);
        let kept = remember(&here, &drive, &base, &first, &BTreeSet::new(), &Base::new(), false);
        let again = plan(&here, &new_drive, &kept, rules(Direction::Both, true));
        for step in &again.steps {
            let takes = matches!(step, Step::Remove { from: Side::Drive, .. } | Step::Copy { to: Side::Drive, replaces: true, .. });
            prop_assert!(!takes, "{}", told(&again));
        }
    }

    #[test]
    fn where_nothing_is_odd_one_side_becomes_the_other(here in side(), drive in side()) {
        let odd = |tree: &Tree| tree.values().any(|entry| matches!(entry, Entry::Other(_)));
        prop_assume!(!odd(&here) && !odd(&drive));
        let plan = plan(&here, &drive, &Base::new(), rules(Direction::Up, true));
        prop_assume!(plan.conflicts.is_empty() && plan.left.is_empty());
        let (mut new_here, mut new_drive) = (here.clone(), drive);
        carried_out(&plan, &mut new_here, &mut new_drive);
        prop_assert_eq!(files(&new_drive), files(&here));
    }

    #[test]
    fn of_two_changed_sides_no_change_is_lost(here in side(), drive in side(), base in side()) {
        let base = sums(&base);
        let (mut new_here, mut new_drive) = (here.clone(), drive.clone());
        let plan = plan(&here, &drive, &base, rules(Direction::Both, true));
        carried_out(&plan, &mut new_here, &mut new_drive);
        for (path, entry) in files(&here).into_iter().chain(files(&drive)) {
            let Entry::File { md5, .. } = entry else { continue };
            let is_new = base.get(path) != Some(md5);
            let kept = new_here.values().chain(new_drive.values()).any(|kept| kept == entry);
            prop_assert!(kept || !is_new, "{path} is lost: {}", told(&plan));
        }
    }

    #[test]
    fn a_limit_is_kept(here in side(), drive in side(), most in 0..3_usize) {
        let rules = Rules { most_deletions: most, ..rules(Direction::Up, true) };
        let plan = plan(&here, &drive, &Base::new(), rules);
        if plan.within(most).is_ok() {
            let removed = plan.steps.iter().filter(|step| matches!(step, Step::Remove { path, .. } if is_file(&drive, path)));
            prop_assert!(removed.count() <= most);
        }
    }
}
