//! `plan`, and several runners that share the queue.

use super::forge::LocalForge;

fn forge() -> LocalForge {
    let forge = LocalForge::new();
    for number in 1..=6 {
        forge.opens("carol", &format!("How do I read list {number} from a file?"), "");
    }
    forge
}

#[test]
fn a_plan_says_what_would_be_claimed_and_why_the_others_wait() {
    let forge = forge();
    insta::assert_snapshot!(forge.told(&["plan"]), @r"
    exit code 0
    -- stdout
    0 would be claimed now
    0 wait
    ");
    // Two of a kind that keeps a processor busy may run at once.
    for subject in ["issue/1", "issue/2", "issue/3"] {
        forge.adds(&["analyse", "--subject", subject]);
    }
    let next = forge.adds(&["comment", "--subject", "issue/1", "--priority", "90"]);
    forge.adds(&["comment", "--subject", "issue/2", "--after", &next]);
    forge.adds(&["comment", "--subject", "issue/3", "--not-before", "2999-01-01T00:00:00Z"]);
    insta::assert_snapshot!(forge.told(&["plan"]), @"
    exit code 0
    -- stdout
    3 would be claimed now
    pending  comment  issue/1  0/6  ID1.1  ready
    pending  analyse  issue/2  0/6  ID2.1  ready
    pending  analyse  issue/3  0/6  ID3.1  ready
    3 wait
    pending  analyse  issue/1  0/6  ID4.1  its turn comes after those that would be claimed
    pending  comment  issue/2  0/6  ID5.1  blocked by ID1.1
    pending  comment  issue/3  0/6  ID6.1  scheduled for TIME
    next due at TIME
    ");
    let plan = forge.program(&["plan", "--format", "json"]).run().well().json();
    let keys: Vec<&String> = plan.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["claims", "next_due", "sequence", "waits"]);
    assert_eq!((plan["claims"].as_array().unwrap().len(), plan["waits"].as_array().unwrap().len()), (3, 3));
    assert_eq!(plan["claims"][0]["task"], next.as_str());
}

#[test]
fn a_matrix_has_no_more_shards_than_there_is_work_and_at_least_one() {
    let forge = forge();
    insta::assert_snapshot!(forge.told(&["plan", "--matrix", "--shards", "4"]), @r#"
    exit code 0
    -- stdout
    {"include":[{"shard":"0/1"}]}
    "#);
    for subject in ["issue/1", "issue/2", "issue/2", "issue/3"] {
        forge.adds(&["comment", "--subject", subject]);
    }
    insta::assert_snapshot!(forge.told(&["plan", "--matrix", "--shards", "4"]), @r#"
    exit code 0
    -- stdout
    {"include":[{"shard":"0/3"},{"shard":"1/3"},{"shard":"2/3"}]}
    "#);
    insta::assert_snapshot!(forge.told(&["plan", "--matrix", "--shards", "2"]), @r#"
    exit code 0
    -- stdout
    {"include":[{"shard":"0/2"},{"shard":"1/2"}]}
    "#);
    insta::assert_snapshot!(forge.told(&["plan", "--matrix"]), @r#"
    exit code 0
    -- stdout
    {"include":[{"shard":"0/1"}]}
    "#);
    insta::assert_snapshot!(forge.told(&["plan", "--matrix", "--shards", "0"]), @r"
    exit code 2
    -- stderr
    error: --shards: `0` is no number of shards
    hint: Say how many runners may work at once, from 1 to 256.
    ");
    insta::assert_snapshot!(forge.told(&["plan", "--matrix", "--shards", "300"]), @r"
    exit code 2
    -- stderr
    error: --shards: `300` is no number of shards
    hint: Say how many runners may work at once, from 1 to 256.
    ");
    let output = forge.path().join("output");
    let plan = forge.program(&["plan"]).set("GITHUB_OUTPUT", &output).set("AUTOMATA_SHARDS", "2");
    plan.run().well();
    insta::assert_snapshot!(std::fs::read_to_string(&output).unwrap(), @r#"
    matrix={"include":[{"shard":"0/2"},{"shard":"1/2"}]}
    ready=3
    "#);
}

#[test]
fn each_shard_works_on_its_own_part_and_all_of_them_on_everything() {
    let forge = forge();
    for number in 1..=6 {
        forge.adds(&["analyse", "--subject", &format!("issue/{number}")]);
    }
    let matrix = forge.program(&["plan", "--matrix", "--shards", "3"]).run().well().json();
    let shards = matrix["include"].as_array().unwrap();
    assert_eq!(shards.len(), 3);
    let mut worked = Vec::new();
    for shard in shards {
        let shard = shard["shard"].as_str().unwrap();
        let ran = forge.program(&["drain", "--shard", shard, "--format", "json"]).run().well().json();
        worked.push(ran["tally"]["completed"].as_u64().unwrap());
    }
    let listed = forge.program(&["status", "--format", "json"]).run().well().json();
    assert_eq!(listed["counts"]["pending"], 0);
    // An analysis leads to a comment about the same issue, which stays in the shard.
    assert_eq!(worked.iter().sum::<u64>(), 12, "{worked:?}");
    assert!(worked.iter().all(|count| *count < 12), "{worked:?}");
}

#[test]
fn a_shard_that_is_none_is_refused() {
    let forge = forge();
    insta::assert_snapshot!(forge.told(&["drain", "--shard", "3/3"]), @r"
    exit code 2
    -- stderr
    error: --shard: `3/3` is not a shard: the parts of three are written 0/3, 1/3 and 2/3
    hint: `automata plan --matrix --shards 3` prints them.
    ");
    let ran = forge.program(&["drain"]).set("AUTOMATA_SHARD", "one").run();
    insta::assert_snapshot!(ran.told(), @r"
    exit code 2
    -- stderr
    error: AUTOMATA_SHARD: `one` is not a shard: the parts of three are written 0/3, 1/3 and 2/3
    hint: `automata plan --matrix --shards 3` prints them.
    ");
    assert_eq!(forge.program(&["drain"]).set("AUTOMATA_SHARD", "").run().code, Some(0));
}
