//! What a program may not do.

use std::net::TcpListener;

use super::*;

/// Tries each of these and says which of them worked.
const TRIES: &str = r#"
try() { if eval "$2" >/dev/null 2>&1; then echo "$1: yes"; else echo "$1: no"; fi; }
try 'write to the work folder' 'echo x > here'
try 'write to its home' 'echo x > "$HOME/x"'
try 'write to its temporary folder' 'echo x > "$TMPDIR/x"'
try 'throw away' 'echo x > /dev/null'
try 'read the system' 'cat /etc/passwd'
try 'start programs' 'env true'
try 'write outside' 'echo x > "$OUTSIDE/x"'
try 'change a file outside' 'echo x >> "$OUTSIDE/secret"'
try 'remove a file outside' 'rm -f "$OUTSIDE/secret"'
try 'read a file outside' 'cat "$OUTSIDE/secret"'
try 'list a folder outside' 'ls "$OUTSIDE"'
try 'link to the outside' 'ln -s "$OUTSIDE/secret" link && cat link'
try 'write to the system' 'echo x > /usr/automata-was-here'
try 'read our environment' 'cat /proc/$OUTER/environ'
try 'end us' 'kill -0 $OUTER'
try 'touch its own bounds' 'echo x >> "$HOME/../notes"'
"#;

#[tokio::test]
async fn a_program_writes_to_its_own_folders_only_and_reads_nobody_elses() {
    let (bench, outside) = (Bench::new(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("secret"), "secret").unwrap();
    let mut order = bench.script(TRIES);
    order.environment.insert("OUTSIDE".to_owned(), Secret::new(outside.path().to_str().unwrap()));
    order.environment.insert("OUTER".to_owned(), Secret::new(std::process::id().to_string()));
    let ended = bench.run(&order).await;
    if !has_bounds(&ended) {
        return;
    }
    insta::assert_snapshot!(ended.stdout.text(), @"
    write to the work folder: yes
    write to its home: yes
    write to its temporary folder: yes
    throw away: yes
    read the system: yes
    start programs: yes
    write outside: no
    change a file outside: no
    remove a file outside: no
    read a file outside: no
    list a folder outside: no
    link to the outside: no
    write to the system: no
    read our environment: no
    end us: no
    touch its own bounds: no
    ");
    assert_eq!(fs::read_to_string(outside.path().join("secret")).unwrap(), "secret");
}

#[tokio::test]
async fn a_folder_that_may_be_read_still_may_not_be_written() {
    let (bench, outside) = (Bench::new(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("tool"), "tool\n").unwrap();
    let mut order = bench.script("cat \"$OUTSIDE/tool\"; echo x > \"$OUTSIDE/tool\" || echo refused");
    order.environment.insert("OUTSIDE".to_owned(), Secret::new(outside.path().to_str().unwrap()));
    order.readable.push(outside.path().to_owned());
    let ended = bench.run(&order).await;
    if has_bounds(&ended) {
        assert_eq!(ended.stdout.text(), "tool\nrefused\n");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_other_programs_share_in_memory_is_not_to_be_read() {
    let Ok(shared) = tempfile::tempdir_in("/dev/shm") else { return };
    fs::write(shared.path().join("secret"), "secret").unwrap();
    let bench = Bench::new();
    let mut order = bench.script(
        "cat \"$OUTSIDE/secret\" || echo refused; ls /dev/shm || echo refused; head -c 4 /dev/urandom | wc -c; \
         echo kept | cat /dev/stdin",
    );
    order.environment.insert("OUTSIDE".to_owned(), Secret::new(shared.path().to_str().unwrap()));
    let ended = bench.run(&order).await;
    if has_bounds(&ended) {
        assert_eq!(ended.stdout.text(), "refused\nrefused\n4\nkept\n");
    }
}

#[tokio::test]
async fn a_program_that_writes_without_end_is_ended() {
    let bench = Bench::new();
    let mut order = bench.order(&["dd", "if=/dev/zero", "of=large", "bs=1024"]);
    order.limits.file_bytes = 64 * 1024;
    let ended = bench.run(&order).await;
    assert_ne!(ended.exit, Exit::Code(0), "{ended:?}");
    assert_eq!(fs::metadata(bench.path().join("large")).unwrap().len(), 64 * 1024);
}

/// Connects to a port of this machine.
const CONNECT: &str =
    "import os, socket; socket.create_connection(('127.0.0.1', int(os.environ['PORT'])), 5)";

#[tokio::test]
async fn the_network_is_there_unless_it_is_refused() {
    let bench = Bench::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut order = bench.order(&["python3", "-c", CONNECT]);
    order
        .environment
        .insert("PORT".to_owned(), Secret::new(listener.local_addr().unwrap().port().to_string()));
    let with = bench.run(&order).await;
    assert_eq!(with.exit, Exit::Code(0), "{}", with.stderr.text());
    order.network = false;
    let without = bench.run(&order).await;
    if without.notes.iter().any(|note| note == "This machine cannot refuse a program the network.") {
        return eprintln!("not looked at on this machine: {:?}", without.notes);
    }
    assert_eq!(without.exit, Exit::Code(1), "{:?} {}", without.notes, without.stderr.text());
}
