//! The action's install script, on a runner made of folders with a made-up `gh` and `cargo`: which binary it hands
//! on, what it says about that, and what it never does.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

mod cached;

/// The commit that the release was built from, and another one.
const RELEASED: &str = "1f0e2d3c4b5a69788796a5b4c3d2e1f001122334";
const ANOTHER: &str = "89abcdef0123456789abcdef0123456789abcdef";
const ASSET: &str = "automata-x86_64-unknown-linux-musl.tar.gz";

/// All that the script may call, besides `gh`, `cargo` and what hashes. `sleep` takes no time here.
const TOOLS: [&str; 17] = [
    "bash", "cat", "chmod", "cp", "cut", "find", "gzip", "head", "mkdir", "mktemp", "mv", "rm", "sed", "sh",
    "sort", "tar", "tr",
];

/// A runner with nothing on it but those tools.
struct Runner {
    home: TempDir,
}

/// What came of the steps of the action that look for a binary.
struct Installed {
    code: Option<i32>,
    said: String,
    outputs: String,
    calls: String,
}

impl Runner {
    fn new() -> Self {
        let runner = Self { home: tempfile::tempdir().unwrap() };
        for folder in ["bin", "temp", "tools", "forge/commits/tags"] {
            fs::create_dir_all(runner.path(folder)).unwrap();
        }
        for tool in TOOLS {
            symlink(found(tool), runner.path("bin").join(tool)).unwrap();
        }
        runner.script("bin/sleep", "exit 0");
        runner.script("bin/sha256sum", &format!("exec {} \"$@\"", hashing()));
        for fake in ["gh", "cargo"] {
            symlink(repository().join("tests/fixtures/install").join(fake), runner.path("bin").join(fake))
                .unwrap();
        }
        runner.file("forge/help", "Flags:\n  --source-digest string\n");
        runner
    }

    /// A runner for whose repository there is a release of the version that the sources have.
    fn with_release() -> Self {
        let runner = Self::new();
        runner.script("automata", "echo 'automata 0.1.0' # released");
        fs::create_dir(runner.path("forge/assets")).unwrap();
        let archive = runner.path("forge/assets").join(ASSET);
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(&archive).arg("-C").arg(runner.home.path()).arg("automata");
        assert!(tar.status().unwrap().success());
        let sum = format!("{:x}", Sha256::digest(fs::read(archive).unwrap()));
        runner.file("forge/assets/SHA256SUMS", &format!("{:064}  another.tar.gz\n{sum}  {ASSET}\n", 0));
        runner.file("forge/commits/tags/v0.1.0", &format!("{RELEASED}\n"));
        runner.file("forge/attested", RELEASED);
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn file(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn script(&self, name: &str, content: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.file(name, &format!("#!/bin/sh\n{content}\n"));
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn without(&self, tool: &str) {
        fs::remove_file(self.path("bin").join(tool)).unwrap();
    }

    /// The sources, where the runner puts an action that a workflow uses by this ref.
    fn action(&self, reference: &str) -> PathBuf {
        self.sources(&format!("_actions/acme/automata/{reference}"))
    }

    fn sources(&self, folder: &str) -> PathBuf {
        self.file(&format!("{folder}/Cargo.toml"), "[package]\nname = \"automata\"\nversion = \"0.1.0\"\n");
        self.file(&format!("{folder}/Cargo.lock"), "version = 4\n");
        self.file(&format!("{folder}/src/main.rs"), "fn main() {}\n");
        self.file(&format!("{folder}/.cargo/config.toml"), "[build]\n");
        self.path(folder)
    }

    /// Runs the steps as `action.yml` has them: a build where nothing was found.
    fn install(&self, action: &Path) -> Installed {
        self.install_with(action, &[])
    }

    fn install_with(&self, action: &Path, environment: &[(&str, &str)]) -> Installed {
        let _ = fs::remove_file(self.path("outputs"));
        let _ = fs::remove_file(self.path("forge/calls"));
        // The runner empties this folder before each job.
        fs::remove_dir_all(self.path("temp")).unwrap();
        fs::create_dir(self.path("temp")).unwrap();
        let mut find = self.step(action, "find");
        find.env("GH_TOKEN", "made-up-token")
            .env("AUTOMATA_COMMAND", "run")
            .envs(environment.iter().copied());
        let mut installed = self.ran(find);
        if installed.code == Some(0) && !installed.outputs.contains("automata=") {
            let mut build = self.step(action, "build");
            build.envs(environment.iter().copied());
            build.env("FRESH", installed.output("fresh").unwrap_or_default());
            let built = self.ran(build);
            installed = Installed { said: installed.said + &built.said, ..built };
        }
        for left in fs::read_dir(self.path("temp")).unwrap() {
            let left = left.unwrap().path();
            let handed =
                installed.output("automata").is_some_and(|binary| Path::new(binary).starts_with(&left));
            assert!(handed, "{} is left behind", left.display());
        }
        installed
    }

    /// Lays a binary of somebody's own where a build of these sources is kept on a machine that is not thrown away,
    /// which is also where the Actions cache unpacks one.
    fn plant(&self, action: &Path) {
        let checkout = self.path("as-checkout");
        let copied = Command::new("cp").arg("-r").arg(action).arg(&checkout).status().unwrap();
        assert!(copied.success());
        let kept = self.install(&checkout);
        fs::remove_dir_all(checkout).unwrap();
        let kept = PathBuf::from(kept.output("automata").unwrap());
        fs::write(kept, "#!/bin/sh\necho 'automata 0.1.0' # planted\n").unwrap();
    }

    fn step(&self, action: &Path, step: &str) -> Command {
        let mut command = Command::new(self.path("bin/bash"));
        command
            .arg(repository().join(".github/install.sh"))
            .arg(step)
            .current_dir(self.home.path())
            .env_clear();
        command.env("PATH", self.path("bin")).env("FORGE", self.path("forge")).env("ACTION_PATH", action);
        command.env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64").env("RUNNER_TEMP", self.path("temp"));
        command.env("RUNNER_TOOL_CACHE", self.path("tools")).env("GITHUB_OUTPUT", self.path("outputs"));
        command
    }

    fn ran(&self, mut command: Command) -> Installed {
        let output = command.output().unwrap();
        let read = |name| fs::read_to_string(self.path(name)).unwrap_or_default();
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
        Installed { code: output.status.code(), said, outputs: read("outputs"), calls: read("forge/calls") }
    }
}

impl Installed {
    fn output(&self, name: &str) -> Option<&str> {
        self.outputs.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
    }

    /// The binary that the action would run, checked to be one.
    fn binary(&self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.said);
        fs::read_to_string(self.output("automata").unwrap_or_else(|| panic!("no binary: {}", self.said)))
            .unwrap()
    }

    fn is_release(&self) -> bool {
        self.binary().contains("# released")
    }

    /// Nothing was handed on, and this was said.
    fn failed_saying(&self, what: &str) {
        self.ended(1, what);
    }

    /// Nothing was handed on, and the step ended with this code and word.
    fn ended(&self, code: i32, what: &str) {
        assert_eq!(self.code, Some(code), "{}", self.said);
        assert_eq!(self.output("automata"), None);
        assert!(
            self.said.starts_with("::error title=Automata::") && self.said.contains(what),
            "{}",
            self.said
        );
        assert!(!self.calls.contains("cargo"), "it never falls back: {}", self.calls);
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where this machine has a tool.
fn found(tool: &str) -> String {
    let path = shell(&format!("command -v {tool}"));
    assert!(path.starts_with('/'), "this machine has no {tool}");
    path
}

/// What hashes on this machine, as GNU's `sha256sum` does.
fn hashing() -> String {
    shell("command -v sha256sum || echo \"$(command -v shasum) -a 256\"")
}

fn shell(line: &str) -> String {
    let output = Command::new("sh").arg("-c").arg(line).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn by_the_tag_of_a_release_the_release_is_taken_after_both_checks() {
    let runner = Runner::with_release();
    let installed = runner.install(&runner.action("v0.1.0"));
    assert!(installed.is_release());
    assert_eq!(installed.said, "");
    let verified = format!("--source-digest {RELEASED}");
    assert!(installed.calls.trim_end().ends_with(&verified), "{}", installed.calls);
    // So it is in the next run on the same machine, and nothing is kept there.
    let again = runner.install(&runner.action("v0.1.0"));
    assert!(again.is_release());
    assert!(again.calls.trim_end().ends_with(&verified), "{}", again.calls);
    assert_eq!(fs::read_dir(runner.path("tools/automata")).unwrap().count(), 0);
}

#[test]
fn a_commit_or_a_moving_tag_that_is_the_releases_takes_the_release() {
    let runner = Runner::with_release();
    assert!(runner.install(&runner.action(RELEASED)).is_release());
    let runner = Runner::with_release();
    runner.file("forge/commits/v0", RELEASED);
    assert!(runner.install(&runner.action("v0")).is_release());
}

#[test]
fn a_commit_beside_the_release_is_built_from_its_own_sources() {
    for reference in [ANOTHER, "main", "topic/100%25%23"] {
        let runner = Runner::with_release();
        runner.file(&format!("forge/commits/{reference}"), ANOTHER);
        let installed = runner.install(&runner.action(&reference.replace("%25", "%").replace("%23", "#")));
        assert!(!installed.is_release(), "{reference}");
        assert!(!installed.calls.contains("download"), "{}", installed.calls);
        assert!(
            installed.said.contains(&format!("is not the commit of v0.1.0, which is {RELEASED}")),
            "{}",
            installed.said
        );
        assert!(!installed.said.contains("::warning"), "it is as asked for: {}", installed.said);
        assert_eq!(installed.output("built"), Some("true"));
    }
}

#[test]
fn an_action_within_an_action_goes_by_its_own_name() {
    let runner = Runner::with_release();
    let outer = [("ACTION_REPOSITORY", "acme/wrapper"), ("ACTION_REF", "v0.1.0")];
    let installed = runner.install_with(&runner.action(ANOTHER), &outer);
    assert!(!installed.is_release());
    assert!(!installed.calls.contains("wrapper"), "{}", installed.calls);
}

#[test]
fn a_checkout_is_built_and_nobody_is_asked() {
    let runner = Runner::with_release();
    let installed = runner.install(&runner.sources("work/widgets/widgets"));
    assert!(!installed.is_release());
    assert!(!installed.calls.contains("gh"), "{}", installed.calls);
    insta::assert_snapshot!(installed.said, @r"
    No release stands for these sources: the action is used from a checkout. An earlier build of them is taken, or one is made.
    ::notice title=Automata::Building the action from its sources, which takes some minutes. The binary is kept for the next runs.
    ");
}

#[test]
fn a_release_that_there_is_not_is_said_and_built_for_this_run_alone() {
    let told = |runner: &Runner| {
        let installed = runner.install(&runner.action("v0.1.0"));
        assert!(!installed.is_release());
        assert_eq!((installed.output("key"), installed.output("built")), (None, None));
        assert_eq!(fs::read_dir(runner.path("tools/automata")).unwrap().count(), 0);
        installed.said.lines().next().unwrap().to_owned()
    };
    let runner = Runner::new();
    insta::assert_snapshot!(told(&runner), @"::warning title=Automata::No release is used: the commit of v0.1.0 cannot be told (gh: No commit found for SHA: tags/v0.1.0 (HTTP 422)). The action's sources are built in its place, which takes some minutes in each run, since nothing that was kept stands in for a release.");
    let runner = Runner::with_release();
    fs::remove_dir_all(runner.path("forge/assets")).unwrap();
    insta::assert_snapshot!(told(&runner), @"::warning title=Automata::No release is used: the release v0.1.0 cannot be downloaded (release not found). The action's sources are built in its place, which takes some minutes in each run, since nothing that was kept stands in for a release.");
    let runner = Runner::with_release();
    fs::remove_file(runner.path("forge/assets").join(ASSET)).unwrap();
    insta::assert_snapshot!(told(&runner), @"::warning title=Automata::No release is used: the release v0.1.0 has no automata-x86_64-unknown-linux-musl.tar.gz. The action's sources are built in its place, which takes some minutes in each run, since nothing that was kept stands in for a release.");
    let runner = Runner::with_release();
    runner.without("gh");
    insta::assert_snapshot!(told(&runner), @"::warning title=Automata::No release is used: this runner has no gh, which checks the release's attestation. The action's sources are built in its place, which takes some minutes in each run, since nothing that was kept stands in for a release.");
    let runner = Runner::with_release();
    runner.file("forge/help", "unknown command \"attestation\" for \"gh\"");
    insta::assert_snapshot!(told(&runner), @"::warning title=Automata::No release is used: this runner's gh is too old to check the release's attestation; update it. The action's sources are built in its place, which takes some minutes in each run, since nothing that was kept stands in for a release.");
}

#[test]
fn while_github_does_not_answer_the_run_stops_and_nothing_is_built() {
    for reference in ["v0.1.0", "main", ANOTHER] {
        let runner = Runner::with_release();
        runner.file("forge/down", "error connecting to api.github.com\n100% of\nthe time");
        let installed = runner.install(&runner.action(reference));
        installed.ended(3, &format!("The release for acme/automata@{reference} cannot be had now: "));
        assert_eq!(installed.calls.matches("gh api").count(), 3, "what may pass is tried again");
    }
    let runner = Runner::with_release();
    runner.file("forge/down", "error connecting to api.github.com");
    let said = runner.install(&runner.action("v0.1.0")).said;
    insta::assert_snapshot!(said, @"::error title=Automata::The release for acme/automata@v0.1.0 cannot be had now: the commit of v0.1.0 cannot be told (error connecting to api.github.com). Nothing was run, and no earlier build is taken in its place; run the job again.");
}

#[test]
fn without_a_gh_that_can_check_a_branch_is_built_and_kept() {
    let runner = Runner::with_release();
    runner.without("gh");
    let installed = runner.install(&runner.action("main"));
    assert_eq!(installed.output("built"), Some("true"));
    assert!(installed.said.contains("::warning title=Automata::No release is used: this runner has no gh"));
}

#[test]
fn a_release_that_is_not_what_it_should_be_is_never_passed_over() {
    let runner = Runner::with_release();
    runner.file("forge/assets/SHA256SUMS", &format!("{:064}  {ASSET}\n", 0));
    runner.install(&runner.action("v0.1.0")).failed_saying("nothing was run");
    runner.file("forge/assets/SHA256SUMS", "");
    runner.install(&runner.action("v0.1.0")).failed_saying("nothing about it; nothing was run");
    fs::remove_file(runner.path("forge/assets/SHA256SUMS")).unwrap();
    runner.install(&runner.action("v0.1.0")).failed_saying("has no SHA256SUMS");
    let runner = Runner::with_release();
    runner.file("forge/attested", ANOTHER);
    runner.install(&runner.action("v0.1.0")).failed_saying("has no valid attestation");
    assert_eq!(fs::read_dir(runner.path("tools/automata")).unwrap().count(), 0, "and nothing is kept");
}

#[test]
fn a_build_is_kept_under_its_sources_and_not_under_its_dependencies() {
    let runner = Runner::new();
    let key = |action: &Path| {
        let mut find = runner.step(action, "find");
        find.env("AUTOMATA_COMMAND", "drain");
        let installed = runner.ran(find);
        let key = installed.output("key").unwrap().to_owned();
        fs::remove_file(runner.path("outputs")).unwrap();
        key
    };
    let first = key(&runner.sources("a"));
    assert_eq!(key(&runner.sources("b")), first, "the same sources, wherever they are");
    for (name, content) in [
        ("src/main.rs", "fn main() { }\n"),
        ("src/more.rs", ""),
        ("Cargo.lock", "version = 3\n"),
        (".cargo/config.toml", ""),
        ("rust-toolchain.toml", "[toolchain]\n"),
        ("build.rs", "fn main() {}\n"),
    ] {
        let changed = runner.sources(&name.replace('/', "-"));
        fs::write(changed.join(name), content).unwrap();
        assert_ne!(key(&changed), first, "{name}");
    }
    let noted = runner.sources("noted");
    fs::write(noted.join("README.md"), "# Automata\n").unwrap();
    assert_eq!(key(&noted), first, "what no build reads");
}

#[test]
fn a_build_that_was_kept_is_taken_again_and_a_damaged_one_is_made_again() {
    let runner = Runner::new();
    let action = runner.sources("checkout");
    let built = runner.install(&action);
    assert_eq!(built.output("built"), Some("true"));
    let again = runner.install(&action);
    assert_eq!((again.binary(), again.calls.as_str()), (built.binary(), ""));
    // The folder may also come back between the two steps, out of the cache.
    let kept = PathBuf::from(again.output("automata").unwrap());
    let restored = runner.ran(runner.step(&action, "build"));
    assert!(restored.said.contains("An earlier build of the same sources is taken."));
    assert_eq!((restored.output("built"), restored.calls.as_str()), (None, ""));
    fs::write(kept, "#!/bin/sh\nexit 1\n").unwrap();
    assert_eq!(runner.install(&action).output("built"), Some("true"));
}

#[test]
fn a_build_gets_no_token_and_none_of_the_workflows_own_flags() {
    let runner = Runner::new();
    let flags = [("RUSTFLAGS", "-D warnings"), ("RUSTUP_TOOLCHAIN", "nightly")];
    let installed = runner.install_with(&runner.sources("checkout"), &flags);
    assert_eq!(installed.calls, "cargo build --locked --release --bin automata, token '', flags ''\n");
}

#[test]
fn a_runner_without_gnu_tools_will_do() {
    let runner = Runner::with_release();
    runner.without("sha256sum");
    let check = "[ \"$1 $2\" = '-a 256' ] || exit 2; shift 2";
    runner.script("bin/shasum", &format!("{check}; exec {} \"$@\"", hashing()));
    assert!(runner.install(&runner.action("v0.1.0")).is_release());
    runner.without("shasum");
    runner.install(&runner.action("v0.1.0")).failed_saying("neither sha256sum nor shasum");
}

#[test]
fn what_cannot_work_is_said_before_anything_is_built() {
    let runner = Runner::new();
    let action = runner.sources("checkout");
    let wrong = runner.install_with(&action, &[("AUTOMATA_COMMAND", "run; rm -rf /")]);
    assert_eq!((wrong.code, wrong.calls.as_str()), (Some(2), ""));
    assert_eq!(
        wrong.said,
        "::error title=Automata::The input 'command' is none of 'run', 'drain', 'plan' and 'dashboard'.\n"
    );
    runner.install_with(&action, &[("RUNNER_OS", "Windows")]).failed_saying("no build for Windows on X64");
    let server = [("GITHUB_SERVER_URL", "https://github.acme.example")];
    assert!(!runner.install_with(&runner.action("v0.1.0"), &server).is_release());
    let runner = Runner::new();
    runner.without("cargo");
    let installed = runner.install(&runner.sources("checkout"));
    assert_eq!(installed.code, Some(1));
    assert!(installed.said.contains("::error title=Automata::There is no Rust here"), "{}", installed.said);
}
