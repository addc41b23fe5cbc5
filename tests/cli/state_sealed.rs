//! `state repair` and `rollback` of a log that is encrypted, over the wire: real git behind HTTP, in both modes, also after
//! something was forgotten.

use automata::domain::encryption::{IDENTITY, encode};
use automata::services::seal::age::Identity;
use automata::services::secrets::Secret;

use super::program::{Program, Ran};
use super::runner::Runner;
use crate::world::repository::hermetic_git;

const BRANCH: &str = "refs/heads/automata-state";
const WITNESS: &str = "refs/automata/witness/automata-state";
const MODES: [&str; 2] = ["sensitive", "all"];
/// A word that only whoever has a key reads, for each of two issues.
const WORDS: [&str; 2] = ["Quixotic", "Heliotrope"];

/// A runner whose log is encrypted, and a key that opens it.
struct Scene {
    runner: Runner,
    secret: String,
}

impl Scene {
    /// With two issues in the log.
    async fn written(mode: &str) -> Self {
        let secret = encode(&[1; 32], IDENTITY).to_ascii_uppercase();
        let reader = Identity::all(&Secret::new(&secret)).unwrap()[0].recipient().to_string();
        let scene = Self { runner: Runner::start().await, secret };
        let config = format!("state: {{encryption: {{mode: {mode}, recipients: [{reader}]}}}}\n");
        scene.runner.puts(".github/automata.yml", &config);
        for word in WORDS {
            scene.takes_in(word);
        }
        scene
    }

    fn takes_in(&self, word: &str) {
        let title = format!("The list loses {word} rows");
        let issue = self.runner.github.open_issue("carol", &title, "It writes nothing.", &[]);
        let step = self.runner.step("issues", &self.runner.github.event_payload_opened(issue));
        step.program.set("AUTOMATA_AGE_KEY", &self.secret).run().well();
    }

    fn program(&self, arguments: &[&str]) -> Program {
        let step = self.runner.step("push", &serde_json::Value::Null).program;
        step.set("GITHUB_ACTIONS", "").set("AUTOMATA_AGE_KEY", &self.secret).with(arguments)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.program(arguments).run()
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.runner.git.repository.git(arguments)
    }

    /// The whole log as it is stored; nobody needs a key for that.
    fn exported(&self) -> String {
        self.run(&["state", "export"]).well().stdout
    }

    fn events(&self) -> u64 {
        u64::try_from(self.exported().lines().count()).unwrap() - 1
    }

    /// The log is as it was, whoever has the key reads it, who has none does not, and work goes on.
    fn is_whole(&self, whole: &str, readable: &[&str]) {
        self.run(&["verify"]).well();
        assert!(self.exported() == whole);
        let told = self.run(&["log", "--last", "0", "--format", "json"]).well().stdout;
        let blind = self.program(&["log", "--last", "0", "--format", "json"]).set("AUTOMATA_AGE_KEY", "");
        let blind = blind.run().well().stdout;
        for word in WORDS {
            assert_eq!(told.contains(word), readable.contains(&word), "{word}");
            assert!(!blind.contains(word) && !self.stands_somewhere(word), "{word}");
        }
        let before = self.events();
        self.takes_in("new");
        self.run(&["verify"]).well();
        assert!(self.events() > before);
    }

    /// Whether a word stands in any object that the server keeps.
    fn stands_somewhere(&self, word: &str) -> bool {
        let arguments = ["cat-file", "--batch-all-objects", "--batch", "--unordered"];
        let folder = self.runner.git.repository.path();
        let kept = hermetic_git().current_dir(folder).args(arguments).output().unwrap();
        kept.stdout.windows(word.len()).any(|window| window == word.as_bytes())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happened_to_the_branch_is_mended_from_its_witness_over_the_wire() {
    for mode in MODES {
        let damages: [(&str, &[&str]); 3] = [
            ("set back", &["update-ref", BRANCH, "automata-state~1"]),
            ("deleted", &["update-ref", "-d", BRANCH]),
            ("rewritten", &["update-ref", BRANCH, "main"]),
        ];
        for (name, damage) in damages {
            let scene = Scene::written(mode).await;
            let whole = scene.exported();
            scene.git(damage);
            assert_ne!(scene.run(&["drain"]).code, Some(0), "{mode}, {name}: work stops");
            let plan = scene.run(&["state", "repair", "--format", "json"]).well().json();
            assert_eq!(plan["remedy"], "branch", "{mode}, {name}: {plan}");
            scene.run(&["state", "repair", "--yes"]).well();
            scene.is_whole(&whole, &WORDS);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_log_is_built_again_from_a_clone_and_from_the_archive() {
    for mode in MODES {
        for from_clone in [true, false] {
            let scene = Scene::written(mode).await;
            if !from_clone {
                scene.run(&["state", "compact"]).well();
            }
            let whole = scene.exported();
            let clone = tempfile::tempdir().unwrap();
            let origin = scene.runner.git.repository.path();
            let arguments =
                ["clone", "--quiet", "--bare", origin.to_str().unwrap(), clone.path().to_str().unwrap()];
            assert!(hermetic_git().args(arguments).status().unwrap().success());
            scene.git(&["update-ref", "-d", WITNESS]);
            scene.git(&["update-ref", "-d", BRANCH]);
            if !from_clone {
                // The archive has every line, and only the branch said under which keys.
                let alone = scene.run(&["state", "repair", "--yes"]);
                assert_eq!(alone.code, Some(2), "{mode}: {}", alone.stdout);
                assert!(alone.stderr.contains("nothing says under which keys"), "{}", alone.stderr);
            }
            scene.run(&["state", "repair", "--yes", "--from", clone.path().to_str().unwrap()]).well();
            scene.is_whole(&whole, &WORDS);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_forgotten_stays_so_when_the_log_is_mended() {
    for mode in MODES {
        let scene = Scene::written(mode).await;
        // A clone from before has the lines and no key that opens them any more.
        let clone = tempfile::tempdir().unwrap();
        let origin = scene.runner.git.repository.path();
        let arguments =
            ["clone", "--quiet", "--bare", origin.to_str().unwrap(), clone.path().to_str().unwrap()];
        assert!(hermetic_git().args(arguments).status().unwrap().success());
        if mode == "all" {
            // Where all of it is sealed, so are the names under which its parts could be forgotten.
            scene.run(&["state", "compact"]).well();
        }
        scene.run(&["forget", "--issue", "1"]).well();
        scene.git(&["gc", "--quiet", "--prune=now"]);
        let whole = scene.exported();
        scene.git(&["update-ref", "-d", BRANCH]);
        scene.run(&["state", "repair", "--yes", "--from", clone.path().to_str().unwrap()]).well();
        scene.is_whole(&whole, &WORDS[1..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_log_is_rolled_back_by_further_events() {
    for mode in MODES {
        let scene = Scene::written(mode).await;
        let to = scene.events().to_string();
        let before = scene.exported();
        let adds = ["tasks", "add", "analyse", "--subject", "issue/1", "--in", "2h", "--format", "json"];
        scene.run(&adds).well();
        let pending = |scene: &Scene| {
            scene.run(&["status", "--format", "json"]).well().json()["counts"]["pending"].clone()
        };
        assert_eq!(pending(&scene), 1, "{mode}");
        let keyless = scene.program(&["state", "rollback", "--to", &to]).set("AUTOMATA_AGE_KEY", "").run();
        assert_eq!(keyless.code, Some(2), "{mode}: nothing is written without the key: {}", keyless.stderr);
        scene.run(&["state", "rollback", "--to", &to]).well();
        assert_ne!(pending(&scene), 1, "{mode}");
        let after = scene.exported();
        assert!(after.lines().skip(1).zip(before.lines().skip(1)).all(|(now, then)| now == then), "{mode}");
        scene.is_whole(&after, &WORDS);
    }
}
