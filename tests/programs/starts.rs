//! What a program is given and what is known of it afterwards.

use super::*;

#[tokio::test]
async fn a_program_has_no_variable_that_it_was_not_given() {
    let bench = Bench::new();
    let mut order = bench.script("env | grep -v '^PWD=\\|^OLDPWD=\\|^SHLVL=\\|^_=\\|^PATH=' | sort");
    order.environment.insert("MY_KEY".to_owned(), Secret::new("made-up"));
    order.environment.insert("HOME".to_owned(), Secret::new("/elsewhere"));
    let ended = bench.run(&order).await;
    insta::assert_snapshot!(bench.named(&ended.stdout.text()), @"
    HOME=ROOM/home
    LANG=C.UTF-8
    MY_KEY=made-up
    NO_COLOR=1
    TERM=dumb
    TMPDIR=ROOM/tmp
    ");
}

#[tokio::test]
async fn a_program_reads_its_input_and_tells_both_ways_and_how_it_ended() {
    let bench = Bench::new();
    let mut order = bench.script("cat; echo to err >&2; pwd; exit 7");
    order.stdin = b"from us\n".to_vec();
    let ended = bench.run(&order).await;
    assert_eq!(bench.named(&ended.stdout.text()), "from us\nFOLDER\n");
    assert_eq!((ended.stderr.text().as_str(), ended.exit), ("to err\n", Exit::Code(7)));
}

#[tokio::test]
async fn input_that_nobody_reads_holds_nobody_up() {
    let bench = Bench::new();
    let mut order = bench.script("exec <&-; echo done");
    order.stdin = vec![b'x'; 1 << 20];
    let ended = bench.run(&order).await;
    assert_eq!((ended.stdout.text().as_str(), ended.exit), ("done\n", Exit::Code(0)));
}

#[tokio::test]
async fn of_endless_output_the_beginning_and_the_end_are_kept() {
    let bench = Bench::new();
    let order = bench.script("echo first; yes filler | head -n 1000000; echo last");
    let text = bench.run(&order).await.stdout.text();
    assert!(
        text.starts_with("first\nfiller\n")
            && text.ends_with("filler\nlast\n")
            && text.contains("bytes left out]")
    );
    assert!(text.len() < 2 << 20, "{}", text.len());
}

#[tokio::test]
async fn a_program_of_the_work_folder_is_started_by_its_path() {
    let bench = Bench::new();
    bench.executable("agent.sh", "#!/bin/sh\necho \"agent $1\"\n");
    let ended = bench.run(&bench.order(&["./agent.sh", "--yes; echo no"])).await;
    assert_eq!(ended.stdout.text(), "agent --yes; echo no\n");
}

#[tokio::test]
async fn what_cannot_be_started_is_told_from_what_fails() {
    let bench = Bench::new();
    fs::write(bench.path().join("plain"), "no program").unwrap();
    bench.executable("broken", "#!/no/such/interpreter\n");
    for (name, code, told) in [
        ("no-such-program", "program_missing", "there is no program `no-such-program` here"),
        ("./plain", "program_missing", "there is no program `./plain` here"),
        (
            "./broken",
            "program_not_started",
            "FOLDER/./broken could not be started: No such file or directory (os error 2)",
        ),
    ] {
        let order = bench.order(&[name]);
        let failure = programs(Arc::new(SystemClock)).run(&order, &bench.room).await.unwrap_err();
        assert!(failure.is_permanent());
        assert_eq!((failure.code.as_str(), bench.named(&failure.message).as_str()), (code, told));
    }
}
