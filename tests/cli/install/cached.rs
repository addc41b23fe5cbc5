//! What lies in a cache, where somebody else may have laid it: never taken in place of a release.

use super::*;

#[test]
fn what_lies_in_a_cache_never_stands_in_for_a_release() {
    for reference in ["v0.1.0", RELEASED, "v0"] {
        let runner = Runner::with_release();
        runner.file("forge/commits/v0", RELEASED);
        let action = runner.action(reference);
        runner.plant(&action);
        assert!(runner.install(&action).is_release(), "{reference}");
        // Nor while GitHub does not answer, of which whoever planted it may be the cause: nothing names the cache.
        runner.file("forge/down", "gh: API rate limit exceeded (HTTP 403)\n");
        let stopped = runner.install(&action);
        stopped.ended(3, "cannot be had now: ");
        assert!(stopped.said.contains("run the job again"), "{}", stopped.said);
        assert_eq!(stopped.outputs, "");
        // Nor where this machine cannot check one: then the sources are built, for this run alone.
        fs::remove_file(runner.path("forge/down")).unwrap();
        runner.file("forge/help", "unknown command \"attestation\" for \"gh\"");
        let built = runner.install(&action);
        assert!(!built.binary().contains("# planted"), "{reference}");
        assert_eq!((built.output("key"), built.output("built")), (None, None), "no cache is read or written");
        assert!(built.said.contains("The binary is for this run alone."), "{}", built.said);
    }
}

#[test]
fn a_build_that_somebody_planted_is_taken_as_the_documents_say() {
    let runner = Runner::with_release();
    runner.file(&format!("forge/commits/{ANOTHER}"), ANOTHER);
    let action = runner.action(ANOTHER);
    runner.plant(&action);
    assert!(runner.install(&action).binary().contains("# planted"));
}

#[test]
fn the_action_reads_and_writes_the_cache_only_for_what_has_a_key() {
    let action = fs::read_to_string(repository().join("action.yml")).unwrap();
    let action: serde_json::Value = serde_saphyr::from_str(&action).unwrap();
    let steps = action["runs"]["steps"].as_array().unwrap();
    let step = |name: &str| steps.iter().find(|step| step["name"] == name).unwrap();
    assert_eq!(step("Look for an earlier build")["if"], "steps.find.outputs.key != ''");
    assert_eq!(step("Build")["env"]["FRESH"], "${{ steps.find.outputs.fresh }}");
    assert_eq!(step("Keep the build")["if"], "steps.build.outputs.built == 'true'");
}
