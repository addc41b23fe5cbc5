//! What the object database promises, held against the git command line.

use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::*;

fn at() -> Timestamp {
    Timestamp::from_millis(1_795_348_800_999)
}

fn commit(objects: &Objects, tree: ObjectId, parents: Vec<ObjectId>) -> ObjectId {
    let author = ("A <b>", "a@example.org\n");
    objects.write_commit(&Draft { tree, parents, author, at: at(), message: "Say\n\nmore\n\n" }).unwrap()
}

fn git(objects: &Objects, arguments: &[&str]) -> String {
    git_reads(objects, arguments, b"")
}

fn git_reads(objects: &Objects, arguments: &[&str], input: &[u8]) -> String {
    let path = objects.lock().path().to_owned();
    let mut command = Command::new("git");
    command.arg("-C").arg(path).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_written_is_what_git_reads() {
    let objects = Objects::temporary(None).unwrap();
    let blob = objects.write_blob(b"hello\n").unwrap();
    let inner = objects.write_tree(&[Entry::file("z", blob)]).unwrap();
    // `a.b` sorts before the folder `a`, which counts as `a/`.
    let tree = objects.write_tree(&[Entry::tree("a", inner), Entry::file("a.b", blob)]).unwrap();
    let root = commit(&objects, tree, vec![]);
    let next = commit(&objects, inner, vec![root]);
    let pack = objects.make_pack(&[blob, inner, tree, root, next]).unwrap();
    git_reads(&objects, &["index-pack", "--stdin"], &pack);
    insta::assert_snapshot!(git(&objects, &["cat-file", "-p", &next.to_string()]), @"
    tree f0ad4b1a526fb17e17c6e9e6dbb468846f523176
    parent 9bc298ef8e02afec871b38d5ddf0190f7481cf80
    author A b <a@example.org> 1795348800 +0000
    committer A b <a@example.org> 1795348800 +0000

    Say

    more
    ");
    insta::assert_snapshot!(git(&objects, &["ls-tree", "-r", "--name-only", &root.to_string()]), @"
    a.b
    a/z
    ");
    assert_eq!(git(&objects, &["fsck", "--strict", &next.to_string()]), "");
    let read = objects.read_commit(next).unwrap();
    assert_eq!(read, Commit { tree: inner, parents: vec![root], message: "Say\n\nmore\n".to_owned() });
    assert_eq!(objects.read_tree(inner).unwrap(), [Entry::file("z", blob)]);
}

#[test]
fn a_pack_holds_exactly_what_was_asked_and_goes_in_elsewhere() {
    let (here, there) = (Objects::temporary(None).unwrap(), Objects::temporary(None).unwrap());
    let blob = here.write_blob(b"hello\n").unwrap();
    let other = here.write_blob(b"other\n").unwrap();
    there.take_pack(&here.make_pack(&[blob]).unwrap()).unwrap();
    assert_eq!(there.read_blob(blob).unwrap(), b"hello\n");
    assert!(there.has(blob) && !there.has(other));
    assert_eq!(there.read_blob(other), Err(Error::Missing(other)));
    assert_eq!(there.make_pack(&[other]), Err(Error::Missing(other)));
    assert!(there.take_pack(b"PACK\0\0\0\x02\0\0\0\x01nonsense").is_err());
    there.take_pack(&here.make_pack(&[]).unwrap()).unwrap();
}

#[test]
fn another_repository_is_read_and_never_written() {
    let folder = TempDir::new().unwrap();
    let far = Repository::init_bare(folder.path()).unwrap();
    let blob = far.blob(b"far\n").unwrap();
    let near = Objects::temporary(Some(&folder.path().join("objects"))).unwrap();
    assert_eq!(near.read_blob(ObjectId(blob)).unwrap(), b"far\n");
    let new = near.write_blob(b"near\n").unwrap();
    assert!(far.find_blob(new.0).is_err());
    let later = far.blob(b"later\n").unwrap();
    assert_eq!(near.read_blob(ObjectId(later)).unwrap(), b"later\n");
}

#[test]
fn a_commit_brings_only_what_its_parent_has_not() {
    let objects = Objects::temporary(None).unwrap();
    let kept = objects.write_blob(b"kept\n").unwrap();
    let absent: ObjectId = "1".repeat(40).parse().unwrap();
    let quiet = objects.write_tree(&[Entry::file("same", kept), Entry::file("absent", absent)]).unwrap();
    let old = objects.write_tree(&[Entry::tree("quiet", quiet), Entry::file("a", kept)]).unwrap();
    let base = commit(&objects, old, vec![]);
    let new = objects.write_blob(b"new\n").unwrap();
    let folder = objects.write_tree(&[Entry::file("new", new)]).unwrap();
    let tree = objects
        .write_tree(&[Entry::tree("quiet", quiet), Entry::tree("a", folder), Entry::file("moved", absent)])
        .unwrap();
    let next = commit(&objects, tree, vec![base]);
    let mut expected = vec![next, tree, folder, new];
    expected.sort_unstable();
    assert_eq!(objects.brought_by(next).unwrap(), expected);
}

#[test]
fn only_forty_digits_are_a_name() {
    assert!("1".repeat(40).parse::<ObjectId>().is_ok());
    for text in ["", "123", &"g".repeat(40), &"1".repeat(41), &"1".repeat(39)] {
        assert!(text.parse::<ObjectId>().is_err(), "{text}");
    }
}
