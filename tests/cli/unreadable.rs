//! A configuration that is no YAML any more: the event goes to the log that the mended file will name, or nowhere.

use super::forge::LocalForge;
use super::program::Ran;

/// Takes a new issue in.
fn takes_in_one_more(forge: &LocalForge) -> Ran {
    let title = format!("A new one beside {} others", forge.issues());
    forge.take_in(&forge.opens("bob", &title, ""))
}

/// The branches on which a log lies.
fn logs(forge: &LocalForge) -> Vec<String> {
    let refs = forge.git(&["for-each-ref", "--format=%(refname)"]);
    refs.lines().filter_map(|name| name.strip_prefix("refs/automata/witness/")).map(str::to_owned).collect()
}

/// A forge that never had a log, with this configuration.
fn configured(yaml: &str) -> LocalForge {
    let forge = LocalForge::new();
    forge.commits(".github/automata.yml", yaml);
    forge
}

#[test]
fn the_event_goes_where_the_broken_file_still_says() {
    let broken = [
        "state:\n  branch: my-state\nmode: [oops\n",
        "mode: [oops\nstate:\n  branch: my-state\n",
        "mode: [oops\nstate: { branch: my-state }\n",
        "state:\n\tbranch: my-state\n",
    ];
    for yaml in broken {
        let forge = configured(yaml);
        let ran = takes_in_one_more(&forge);
        assert_eq!(ran.code, Some(2), "{yaml}{}", ran.stderr);
        assert!(ran.stdout.starts_with("recorded: "), "{yaml}{}", ran.stdout);
        assert_eq!(logs(&forge), ["my-state"], "{yaml}");
        forge.commits(".github/automata.yml", "state:\n  branch: my-state\n");
        let drained = forge.program(&["drain", "--format", "json"]).run().well().json();
        assert_eq!(drained["tally"]["settled"], 1, "{yaml}");
    }
}

#[test]
fn where_no_place_can_be_told_nothing_is_recorded() {
    let broken = [
        "state:\n  branch: @\n",
        "state:\n  branch: 5\n",
        "state:\n  branch:\n",
        "state:\n  branch:\nmode: [oops\n",
        "state:\n  branch: 5\nmode: [oops\n",
        "state: my-state\n",
        "state\n  branch: my-state\n",
        "state:\n  brunch: my-state\n",
        "state:\n  branch: one\nstate:\n  branch: other\n",
        "mode: [oops\nstate:\n  branch: main\n",
    ];
    for yaml in broken {
        let forge = configured(yaml);
        let ran = takes_in_one_more(&forge);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{yaml}{}", ran.stderr);
        assert!(ran.stderr.contains("Nothing can be recorded"), "{yaml}{}", ran.stderr);
        assert_eq!(logs(&forge), [""; 0], "{yaml}");
    }
    insta::assert_snapshot!(takes_in_one_more(&configured(broken[0])).told(), @r"
    exit code 2
    -- stderr
    error: .github/automata.yml:2:11: unexpected character: `@'; because of that it cannot be told where `state.branch` keeps the log
    hint: Nothing can be recorded until `state.branch` names a branch of the log's own. Mend the file, then run this again.
    ");
}

#[test]
fn the_only_log_that_ever_was_is_the_place_where_the_file_does_not_tell() {
    for yaml in ["state:\n  branch: @\n", "mode: [oops\n"] {
        let forge = configured("state:\n  branch: my-state\n");
        takes_in_one_more(&forge).well();
        forge.commits(".github/automata.yml", yaml);
        assert_eq!(takes_in_one_more(&forge).code, Some(2), "{yaml}");
        assert_eq!(logs(&forge), ["my-state"], "{yaml}");
        forge.commits(".github/automata.yml", "state:\n  branch: my-state\n");
        let drained = forge.program(&["drain", "--format", "json"]).run().well().json();
        assert_eq!(drained["tally"]["settled"], 1, "{yaml}");
    }
}

#[test]
fn a_file_that_can_be_read_and_is_wrong_elsewhere_means_what_it_says() {
    let forge = configured("state:\n  branch: my-state\n");
    takes_in_one_more(&forge).well();
    forge.commits(".github/automata.yml", "mode: acting\n");
    assert_eq!(takes_in_one_more(&forge).code, Some(2));
    assert_eq!(logs(&forge), ["automata-state", "my-state"]);
    forge.commits(".github/automata.yml", "mode: act\n");
    let drained = forge.program(&["drain", "--format", "json"]).run().well().json();
    assert_eq!(drained["tally"]["settled"], 1);
}

#[test]
fn a_broken_file_that_says_nothing_of_the_log_means_the_usual_one() {
    let forge = configured("mode: [oops\nrules:\n  - on: issues\n    if: { state: open }\n    do: analyse\n");
    assert_eq!(takes_in_one_more(&forge).code, Some(2));
    assert_eq!(logs(&forge), ["automata-state"]);
}
