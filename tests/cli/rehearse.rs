//! `rehearse`: what another configuration would have done.

use super::forge::LocalForge;
use super::program::file;

const CRASH: &str = "It panics with an error on an empty line in src/main.rs, see the trace:\n```\nthread 'main' panicked at src/main.rs:1\n```\n";

/// A forge with a few issues and the answers to them.
fn past() -> LocalForge {
    let forge = LocalForge::new();
    forge.labelled(&["bug", "question"]);
    for (author, title, text) in [
        ("carol", "How do I read the list from a file?", "Nothing in the README tells how to do that."),
        ("dave", "Crash on an empty line", CRASH),
    ] {
        let payload = forge.opens(author, title, text);
        forge.take_in(&payload).well();
    }
    forge
}

fn changed(forge: &LocalForge, yaml: &str) -> String {
    file(forge.path(), "new.yml", yaml.as_bytes()).to_str().unwrap().to_owned()
}

#[test]
fn the_same_configuration_makes_no_difference() {
    let forge = past();
    let before = (forge.sequence(), forge.git(&["for-each-ref"]));
    let new = changed(&forge, "");
    insta::assert_snapshot!(forge.told(&["rehearse", "--config", &new, "--exit-code"]), @"
    exit code 0
    -- stdout
    No difference: 2 events since TIME would lead to the same

    IN ALL    NOW  CHANGED
    labels    2    2
    comments  2    2
    ");
    assert_eq!((forge.sequence(), forge.git(&["for-each-ref"])), before, "nothing is written anywhere");
}

#[test]
fn what_another_configuration_would_do_is_told_as_a_table_as_markdown_and_by_the_exit_code() {
    let forge = past();
    let new = changed(
        &forge,
        "labels: { create: true, type: { bug: defect } }\nrules:\n  - { on: issues.opened, do: [analyse, { assign: otto }] }\n",
    );
    insta::assert_snapshot!(forge.told(&["rehearse", "--config", &new]), @"
    exit code 0
    -- stdout
    5 differences over 2 events since TIME

    ABOUT    WHAT                   NOW  CHANGED
    issue/1  assignment +otto       0    1
    issue/2  label +bug             1    0
    issue/2  label +defect          0    1
    issue/2  label +priority: high  0    1
    issue/2  assignment +otto       0    1

    IN ALL       NOW  CHANGED
    labels       2    3
    comments     2    2
    assignments  0    2
    ");
    insta::assert_snapshot!(forge.told(&["rehearse", "--config", &new, "--format", "markdown"]), @"
    exit code 0
    -- stdout
    **5 differences over 2 events since TIME**

    | about | what | now | changed |
    |---|---|--:|--:|
    | issue/1 | assignment +otto | 0 | 1 |
    | issue/2 | label +bug | 1 | 0 |
    | issue/2 | label +defect | 0 | 1 |
    | issue/2 | label +priority: high | 0 | 1 |
    | issue/2 | assignment +otto | 0 | 1 |

    | in all | now | changed |
    |---|--:|--:|
    | labels | 2 | 3 |
    | comments | 2 | 2 |
    | assignments | 0 | 2 |
    ");
    let json = forge.program(&["rehearse", "--config", &new, "--format", "json"]).run().well().json();
    assert_eq!(json["differs"], true);
    assert_eq!(json["triggers"], 2);
    let coded = forge.program(&["rehearse", "--config", &new, "--exit-code"]).run();
    assert_eq!(coded.code, Some(1));
}

/// The rows of differences and totals, without the headline.
fn rows(forge: &LocalForge, yaml: &str) -> String {
    let new = changed(forge, yaml);
    let ran = forge.program(&["rehearse", "--config", &new]).run().well();
    let rows = ran.stdout.lines().skip(1).filter(|line| !line.is_empty()).map(str::trim_end);
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_feature_goes_as_far_as_its_mode_says_on_either_side() {
    let forge = past();
    insta::assert_snapshot!(rows(&forge, "features: { analyse: { mode: off } }\n"), @"
    ABOUT    WHAT                    NOW  CHANGED
    issue/1  label +question         1    0
    issue/1  status comment written  1    0
    issue/2  label +bug              1    0
    issue/2  status comment written  1    0
    IN ALL    NOW  CHANGED
    labels    2    0
    comments  2    0
    ");
    insta::assert_snapshot!(rows(&forge, "features: { label: { mode: observe } }\n"), @"
    ABOUT    WHAT             NOW  CHANGED
    issue/1  label +question  1    0
    issue/2  label +bug       1    0
    IN ALL    NOW  CHANGED
    labels    2    0
    comments  2    2
    ");
    insta::assert_snapshot!(rows(&forge, "features: { label: { mode: suggest } }\n"), @"
    ABOUT    WHAT                                    NOW  CHANGED
    issue/1  label +question                         1    0
    issue/1  label +question, suggested              0    1
    issue/1  the status comment says something else  0    1
    issue/2  label +bug                              1    0
    issue/2  label +bug, suggested                   0    1
    issue/2  the status comment says something else  0    1
    IN ALL       NOW  CHANGED
    labels       2    0
    comments     2    2
    suggestions  0    2
    ");
    assert_eq!(
        rows(&forge, "features: { label: { rollout: 0% } }\n"),
        rows(&forge, "features: { label: { mode: observe } }\n")
    );
    forge.commits(".github/automata.yml", "features: { label: { mode: off } }\n");
    insta::assert_snapshot!(rows(&forge, ""), @"
    ABOUT    WHAT             NOW  CHANGED
    issue/1  label +question  0    1
    issue/2  label +bug       0    1
    IN ALL    NOW  CHANGED
    labels    0    2
    comments  2    2
    ");
}

#[test]
fn nobody_is_told_in_a_rehearsal_and_what_they_would_be_told_is_counted() {
    let forge = past();
    // Nobody listens there: what would be sent would fail, and say so.
    let yaml = "slack: { url: 'http://127.0.0.1:9', routes: [{ channel: C0GENERAL }, { channel: C0ALERTS01, type: bug }] }\n\
        webhooks: { ci: { url: 'https://127.0.0.1:9', secret: HOOK, private: true, on: [opened, closed] } }\n";
    insta::assert_snapshot!(rows(&forge, yaml), @"
    ABOUT    WHAT                  NOW  CHANGED
    issue/1  call of ci            0    1
    issue/1  thread in C0GENERAL   0    1
    issue/2  call of ci            0    1
    issue/2  thread in C0ALERTS01  0    1
    issue/2  thread in C0GENERAL   0    1
    IN ALL                        NOW  CHANGED
    labels                        2    2
    comments                      2    2
    messages to Slack and others  0    5
    ");
}

#[test]
fn what_happened_earlier_is_left_out_and_still_known() {
    let forge = past();
    let new = changed(&forge, "mode: observe\n");
    let json = forge
        .program(&["rehearse", "--config", &new, "--since", "0m", "--format", "json"])
        .run()
        .well()
        .json();
    assert_eq!((&json["triggers"], &json["differs"]), (&0.into(), &false.into()));
}

#[test]
fn a_configuration_that_cannot_be_used_is_told_with_its_place() {
    let forge = LocalForge::new();
    let new = changed(&forge, "mode: dream\n");
    insta::assert_snapshot!(forge.told(&["rehearse", "--config", &new]), @"
    exit code 2
    -- stderr
    error: DIR/new.yml:1:7: mode: `dream` is not known here; there are `act`, `observe`
    hint: `automata check DIR/new.yml` tells more.
    ");
    insta::assert_snapshot!(forge.told(&["status", "--format", "markdown"]), @"
    exit code 2
    -- stderr
    error: only `automata rehearse` writes Markdown
    hint: Leave out `--format markdown`.
    ");
}
