//! Patches that must not be pushed: each a dead letter with a clear word, and not one ref more.

use insta::assert_snapshot;

use super::texts::{CRASH, MENDED, TRACE, fenced};
use crate::world::stage::Stage;

/// Has mona post each patch on a new issue; gives what the comment says about it.
async fn refused(config: &str, patches: &[(&str, &str)]) -> String {
    let stage = Stage::configured(config).await;
    let before = stage.branches();
    let mut told = String::new();
    for (name, patch) in patches {
        let (issue, report) = stage.opens("mona", "Please", &fenced(patch)).await;
        assert!(report.failed(), "{name}: {:?}", report.warnings);
        assert_eq!(report.tally.failed, 1, "{name}");
        let comment = stage.status_comment(issue);
        let said = comment.lines().find(|line| line.contains("The change")).unwrap_or("nothing");
        assert!(!said.contains("..") || said.contains("../"), "{said}");
        told.push_str(&format!("{name}: {said}\n"));
    }
    let mut expected = [before, vec!["automata-state".to_owned()]].concat();
    expected.sort();
    assert_eq!(stage.branches(), expected);
    assert_eq!(stage.github.pulls(), [""; 0]);
    told
}

fn new_file(path: &str) -> String {
    format!("--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n")
}

#[tokio::test]
async fn a_patch_that_leaves_its_place_or_touches_what_is_protected_is_refused() {
    let symlink = "diff --git a/link b/link\nnew file mode 120000\n--- /dev/null\n+++ b/link\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n";
    let told = refused(
        "pull_requests: {protected: ['release/**']}\n",
        &[
            ("workflow", &new_file(".github/workflows/x.yml")),
            ("owners", &new_file("docs/CODEOWNERS")),
            ("submodules", &new_file(".gitmodules")),
            ("filters", &new_file("docs/.gitattributes")),
            ("filters above", &new_file(".GitAttributes")),
            ("large files", &new_file(".lfsconfig")),
            ("own rule", &new_file("release/notes.md")),
            ("parent", &new_file("../outside")),
            ("git", &new_file(".git/hooks/post-checkout")),
            ("git by case", &new_file("a/.GIT/config")),
            ("absolute", &new_file("/etc/passwd")),
            ("symlink", symlink),
        ],
    )
    .await;
    assert_snapshot!(told, @r#"
    workflow: - The change could not be made: The patch touches \`.github/workflows/x.yml\`, which is protected by \`.github/\*\*\`. Leave that file out of the patch, and change it in a pull request of your own.
    owners: - The change could not be made: The patch touches \`docs/CODEOWNERS\`, which is protected by \`docs/CODEOWNERS\`. Leave that file out of the patch, and change it in a pull request of your own.
    submodules: - The change could not be made: The patch touches \`.gitmodules\`, which is protected by \`.gitmodules\`. Leave that file out of the patch, and change it in a pull request of your own.
    filters: - The change could not be made: The patch touches \`docs/.gitattributes\`, which is protected by \`\*\*/.gitattributes\`. Leave that file out of the patch, and change it in a pull request of your own.
    filters above: - The change could not be made: The patch touches \`.GitAttributes\`, which is protected by \`\*\*/.gitattributes\`. Leave that file out of the patch, and change it in a pull request of your own.
    large files: - The change could not be made: The patch touches \`.lfsconfig\`, which is protected by \`.lfsconfig\`. Leave that file out of the patch, and change it in a pull request of your own.
    own rule: - The change could not be made: The patch touches \`release/notes.md\`, which is protected by \`release/\*\*\`. Leave that file out of the patch, and change it in a pull request of your own.
    parent: - The change could not be made: The patch names \`b/../outside\`: it leads through \`.\` or \`..\`. A patch may only change regular files inside the repository.
    git: - The change could not be made: The patch names \`b/.git/hooks/post-checkout\`: it leads into git's own folder. A patch may only change regular files inside the repository.
    git by case: - The change could not be made: The patch names \`b/a/.GIT/config\`: it leads into git's own folder. A patch may only change regular files inside the repository.
    absolute: - The change could not be made: The patch names \`b//etc/passwd\`: it has an empty part. A patch may only change regular files inside the repository.
    symlink: - The change could not be made: The patch names \`link\`: a symbolic link may point anywhere. A patch may only change regular files inside the repository.
    "#);
}

#[tokio::test]
async fn a_patch_that_is_too_large_or_does_not_apply_is_refused() {
    let told = refused(
        "pull_requests: {limits: {lines: 2, bytes: 300, files: 1}}\n",
        &[
            ("lines", "--- a/README.md\n+++ b/README.md\n@@ -1 +1,4 @@\n # widgets\n+a\n+b\n+c\n"),
            ("bytes", &new_file(&"x".repeat(300))),
            ("files", &(new_file("a") + &new_file("b"))),
            ("moved on", "--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-# gadgets\n+# widgets 2\n"),
            ("done already", "--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-# gadgets\n+# widgets\n"),
            ("no file", "--- a/missing.md\n+++ b/missing.md\n@@ -1 +1 @@\n-a\n+b\n"),
            ("no patch", "diff --git a/README.md b/README.md\nBinary files differ\n"),
        ],
    )
    .await;
    assert_snapshot!(told, @r#"
    lines: - The change could not be made: The patch has 3 changed lines; the limit is 2. Split the patch, or raise the limit in the configuration.
    bytes: - The change could not be made: The patch has 338 bytes; the limit is 300. Split the patch, or raise the limit in the configuration.
    files: - The change could not be made: The patch has 2 files; the limit is 1. Split the patch, or raise the limit in the configuration.
    moved on: - The change could not be made: The patch does not apply: in \`README.md\`, hunk 1 of 1 \(\`&#64;&#64; -1,1 +1,1 &#64;&#64;\`, line 3 of the patch\): the lines it expects are not there, and the patch does not say which version it was made for. Bring the change up to the default branch, make the patch again and post it in a new comment.
    done already: - The change could not be made: The patch does not apply: in \`README.md\`, hunk 1 of 1 \(\`&#64;&#64; -1,1 +1,1 &#64;&#64;\`, line 3 of the patch\): its lines are there already, as if the patch had been applied before. Bring the change up to the default branch, make the patch again and post it in a new comment.
    no file: - The change could not be made: The patch does not apply: there is no file \`missing.md\` on the default branch. Bring the change up to the default branch, make the patch again and post it in a new comment.
    no patch: - The change could not be made: The patch changes a binary file, which is not supported: \`a/README.md b/README.md\`. Leave binary files out of the patch and add them by hand.
    "#);
}

#[tokio::test]
async fn a_refused_patch_is_a_dead_letter_that_why_explains() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let report = stage.comments("mona", issue, &fenced(&new_file(".github/workflows/x.yml"))).await;
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task w4hm2.1 given up: The patch touches `.github/workflows/x.yml`, which is protected by `.github/**`. Leave that file out of the patch, and change it in a pull request of your own.");
    assert_eq!(stage.tasks().await.get("implement failed"), Some(&1));
    let why = stage.why(issue).await;
    assert!(why.contains("what to do: Leave that file out of the patch"), "{why}");
}

#[tokio::test]
async fn a_better_patch_makes_the_refused_one_history() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    stage.comments("mona", issue, &fenced(&new_file(".github/workflows/x.yml"))).await;
    stage.comments("mona", issue, &fenced(&new_file(".github/workflows/x.yml"))).await;
    let said = |comment: String| comment.lines().filter(|line| line.contains("The change")).count();
    assert_eq!(said(stage.status_comment(issue)), 2, "the same word is said once");
    stage.comments("mona", issue, MENDED).await;
    let comment = stage.status_comment(issue);
    assert!(comment.contains("Pull request: #2"), "{comment}");
    assert_eq!(said(comment), 0);
}
