//! A real bare repository in a temporary folder, untouched by the machine's git configuration.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Nothing is packed in the background, and as on GitHub everything may be asked for. What a story writes need not
/// outlive a power cut.
const OPTIONS: &str = "\
[gc]
	auto = 0
[core]
	fsync = none
[receive]
	autogc = false
[http]
	receivepack = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
";

/// A bare repository; gone with the value.
pub(crate) struct BareRepository {
    home: TempDir,
}

impl BareRepository {
    /// An empty one that never packs itself in the background.
    pub(crate) fn new() -> Self {
        let home = tempfile::Builder::new().prefix("automata-bare-").tempdir().unwrap();
        let repository = Self { home };
        std::fs::create_dir(repository.path()).unwrap();
        // Without templates: samples of hooks are no part of a server's repository, and copying them takes its time.
        repository.git(&["init", "--quiet", "--bare", "--template=", "--initial-branch=main", "."]);
        let mut file =
            std::fs::OpenOptions::new().append(true).open(repository.path().join("config")).unwrap();
        file.write_all(OPTIONS.as_bytes()).unwrap();
        repository
    }

    /// The repository's own folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.home.path().join("repository.git")
    }

    /// The folder it lies in, under the name `repository.git`.
    pub(crate) fn parent(&self) -> &Path {
        self.home.path()
    }

    /// Sets an option of this repository.
    pub(crate) fn config(&self, key: &str, value: &str) {
        self.git(&["config", key, value]);
    }

    /// Runs git here and gives what it prints; it must succeed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments, b"");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs git here with something to read, and gives what it prints.
    pub(crate) fn git_with(&self, arguments: &[&str], input: &[u8]) -> String {
        let output = self.try_git(arguments, input);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Puts `content` at `path` (with or without one folder) in a new commit on `branch`; none removes the file.
    pub(crate) fn commit_file(&self, branch: &str, path: &str, content: Option<&[u8]>) {
        let entries =
            |tree: &str| -> Vec<String> { self.git(&["ls-tree", tree]).lines().map(str::to_owned).collect() };
        let replace = |mut entries: Vec<String>, name: &str, entry: Option<String>| {
            entries.retain(|line| !line.ends_with(&format!("\t{name}")));
            entries.extend(entry);
            let text = entries.iter().map(|line| format!("{line}\n")).collect::<String>();
            self.git_with(&["mktree", "--missing"], text.as_bytes()).trim().to_owned()
        };
        let blob = content.map(|content| self.git_with(&["hash-object", "-w", "--stdin"], content));
        let file = |name: &str| blob.as_ref().map(|blob| format!("100644 blob {}\t{name}", blob.trim()));
        let tree = match path.split_once('/') {
            None => replace(entries(branch), path, file(path)),
            Some((folder, name)) => {
                let inner = replace(entries(&format!("{branch}:{folder}")), name, file(name));
                replace(entries(branch), folder, Some(format!("040000 tree {inner}\t{folder}")))
            }
        };
        let commit = self.git(&["commit-tree", &tree, "-p", branch, "-m", "Change by hand"]);
        self.git(&["update-ref", &format!("refs/heads/{branch}"), commit.trim()]);
    }

    pub(crate) fn try_git(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = hermetic_git();
        let command = command.current_dir(self.path()).args(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }
}

/// git as it is on a machine that nobody configured.
pub(crate) fn hermetic_git() -> Command {
    hermetic(Path::new("git"))
}

/// One of git's programs as it is on such a machine.
pub(crate) fn hermetic(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_AUTHOR_NAME", "Somebody")
        .env("GIT_AUTHOR_EMAIL", "somebody@example.org")
        .env("GIT_AUTHOR_DATE", "2026-11-22T10:00:00Z")
        .env("GIT_COMMITTER_NAME", "Somebody")
        .env("GIT_COMMITTER_EMAIL", "somebody@example.org")
        .env("GIT_COMMITTER_DATE", "2026-11-22T10:00:00Z")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_PROTOCOL");
    command
}
