//! What a program may not do.

use std::net::TcpListener;

use automata::services::process::local::Surroundings;

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

/// Writes to a socket of this machine.
const CALL: &str = "import os, socket; s = socket.socket(socket.AF_UNIX); s.connect(os.environ['SOCKET'])";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_without_the_network_reaches_no_service_of_this_machine() {
    let (bench, outside) = (Bench::new(), tempfile::tempdir().unwrap());
    let socket = outside.path().join("service");
    let _service = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let mut order = bench.order(&["python3", "-c", CALL]);
    order.environment.insert("SOCKET".to_owned(), Secret::new(socket.to_str().unwrap()));
    order.network = false;
    let ended = bench.run(&order).await;
    if ended.notes.iter().any(|note| note.contains("sockets of its services")) {
        return eprintln!("not looked at on this machine: {:?}", ended.notes);
    }
    assert_eq!(ended.exit, Exit::Code(1), "{}", ended.stderr.text());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_without_the_network_still_talks_to_its_own_children() {
    let bench = Bench::new();
    let text = "import socket, subprocess, sys
a, b = socket.socketpair()
a.sendall(b'kept'); print(b.recv(4).decode())
print(subprocess.run(['sh', '-c', 'echo child | cat'], capture_output=True, text=True).stdout.strip())
";
    let mut order = bench.order(&["python3", "-c", text]);
    order.network = false;
    let ended = bench.run(&order).await;
    assert_eq!(ended.stdout.text(), "kept\nchild\n", "{}", ended.stderr.text());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_service_that_does_more_than_a_program_may_is_named_where_it_can_be_reached() {
    let (bench, outside) = (Bench::new(), tempfile::tempdir().unwrap());
    let socket = outside.path().canonicalize().unwrap().join("agent");
    let _service = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let surroundings = Surroundings { services: vec![socket.clone()], ..Surroundings::default() };
    let local = programs(Arc::new(SystemClock)).amid(surroundings);
    let mut order = bench.order(&["python3", "-c", CALL]);
    order.environment.insert("SOCKET".to_owned(), Secret::new(socket.to_str().unwrap()));
    let ended = local.run(&order, &bench.room).await.unwrap();
    let is_named = ended.notes.iter().any(|note| note.contains(socket.to_str().unwrap()));
    assert_eq!(is_named, ended.exit == Exit::Code(0), "{ended:?}");
    order.network = false;
    let ended = local.run(&order, &bench.room).await.unwrap();
    let is_named = ended.notes.iter().any(|note| note.contains(socket.to_str().unwrap()));
    assert_eq!(is_named, ended.exit == Exit::Code(0), "{ended:?}");
}

#[tokio::test]
async fn nothing_makes_a_whole_home_readable() {
    let (bench, home) = (Bench::new(), tempfile::tempdir().unwrap());
    for folder in ["bin", "secret"] {
        fs::create_dir(home.path().join(folder)).unwrap();
    }
    fs::write(home.path().join("secret/key"), "secret").unwrap();
    fs::write(home.path().join("bin/tool"), "tool").unwrap();
    let surroundings = Surroundings { home: Some(home.path().to_owned()), ..Surroundings::default() };
    let local = programs(Arc::new(SystemClock)).amid(surroundings);
    let mut order = bench.script("cat \"$OUTSIDE/bin/tool\"; cat \"$OUTSIDE/secret/key\" || echo refused");
    order.environment.insert("OUTSIDE".to_owned(), Secret::new(home.path().to_str().unwrap()));
    order.readable = vec![
        PathBuf::from("/"),
        home.path().parent().unwrap().into(),
        home.path().into(),
        home.path().join("bin"),
    ];
    let ended = local.run(&order, &bench.room).await.unwrap();
    if has_bounds(&ended) {
        assert_eq!(ended.stdout.text(), "toolrefused\n");
    }
}

#[tokio::test]
async fn what_a_program_lays_in_the_place_of_its_notes_is_never_read() {
    let (bench, outside) = (Bench::new(), tempfile::tempdir().unwrap());
    let forged = outside.path().join("forged");
    fs::write(&forged, "{\"unbounded\":\"forged\"}\n{\"ended\":7}\n").unwrap();
    // As on a machine that does not bound files: it may write beside its home.
    let order = |text: &str| {
        let mut order = bench.script(text);
        order.folder = bench.room.home().parent().unwrap().to_owned();
        order.environment.insert("OUTSIDE".to_owned(), Secret::new(forged.to_str().unwrap()));
        order
    };
    for text in [
        "[ ! -e notes ] && ln -s \"$OUTSIDE\" notes && echo linked",
        "rm -f notes; echo '{\"ended\":7}' > notes && echo linked",
        "rm -f notes; mkfifo notes && echo linked",
        "rm -f notes; echo linked",
    ] {
        let ended = bench.run(&order(text)).await;
        assert_eq!((ended.exit, ended.stdout.text().as_str()), (Exit::Code(0), "linked\n"), "{text}");
        assert!(!ended.notes.iter().any(|note| note == "forged"), "{text}");
    }
    assert_eq!(fs::read_to_string(&forged).unwrap().lines().count(), 2, "nor is it written to");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_a_program_and_its_children_hold_in_memory_together_is_bounded() {
    // Each of them has less than it may, and memory that is shared counts too.
    let children = "import os
os.fork(), os.fork()
part = bytearray(b'x' * (40 << 20))
open('never').read()";
    let shared = "import mmap
memory = mmap.mmap(-1, 200 << 20)
for page in range(0, 200 << 20, 4096): memory[page] = 1
open('never').read()";
    for text in [children, shared] {
        let bench = Bench::new();
        make_fifo(&bench.path().join("never"));
        let mut order = bench.order(&["python3", "-c", text]);
        order.limits.memory_bytes = 100 << 20;
        order.limits.together_bytes = Some(100 << 20);
        let ended = bench.run(&order).await;
        assert_eq!(ended.exit, Exit::Outgrown, "{text}: {ended:?}");
    }
}
