//! git's wire: whatever a server answers, a fetch or a push ends with objects that are sound, or with a reason.

use std::sync::{Arc, Mutex};

use automata::domain::time::Timestamp;
use automata::services::git::http_remote::HttpRemote;
use automata::services::git::objects::{Draft, Entry, ObjectId, Objects};
use automata::services::git::remote::{Depth, Push, RefUpdate, Remote};
use automata::services::http;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;

use super::{Target, outcome};
use crate::contract::log::home::NoWaiting;

/// The ref that is asked for.
const REF: &str = "refs/heads/automata-state";

/// What the server answers: to `info/refs` of both services, to `ls-refs`, to `fetch`, to a push.
type Answers = [Vec<u8>; 5];

/// A packet: its length in four digits of base 16, and its data.
fn packet(data: impl AsRef<[u8]>) -> Vec<u8> {
    let data = data.as_ref();
    [format!("{:04x}", data.len() + 4).as_bytes(), data].concat()
}

/// Sound answers of a server that speaks protocol 2, and those of one that does not.
fn sound(commit: ObjectId, pack: &[u8]) -> [Answers; 2] {
    let flush = b"0000".to_vec();
    let banded = |band: u8, data: &[u8]| packet([&[band], data].concat());
    let two = [
        packet("# service=git-upload-pack\n"),
        flush.clone(),
        packet("version 2\n"),
        packet("agent=git/2.47.3\n"),
    ];
    let two = [
        two.concat(),
        packet("ls-refs=unborn\n"),
        packet("fetch=shallow filter\n"),
        packet("object-format=sha1\n"),
        flush.clone(),
    ];
    let list = [packet(format!("{commit} {REF} symref-target:refs/heads/x\n")), flush.clone()].concat();
    let sections = [
        packet("shallow-info\n"),
        packet(format!("shallow {commit}\n")),
        b"0001".to_vec(),
        packet("packfile\n"),
    ];
    let fetched = [sections.concat(), banded(2, b"Counting\r"), banded(1, pack), flush.clone()].concat();
    let capable = "report-status side-band-64k ofs-delta shallow atomic object-format=sha1 symref=HEAD:refs/heads/main agent=git/2";
    let first = packet(format!("{commit} {REF}\0{capable}\n"));
    let receive =
        [packet("# service=git-receive-pack\n"), flush.clone(), first.clone(), flush.clone()].concat();
    let report = [packet("unpack ok\n"), packet(format!("ok {REF}\n")), flush.clone()].concat();
    let pushed = [banded(1, &report), flush.clone()].concat();
    let zero = [
        packet("# service=git-upload-pack\n"),
        flush.clone(),
        first,
        packet(format!("{commit} HEAD\n")),
        flush.clone(),
    ]
    .concat();
    let bare =
        [packet(format!("shallow {commit}\n")), flush, packet("NAK\n"), banded(1, pack), b"0000".to_vec()]
            .concat();
    let bad = [packet("unpack ok\n"), packet(format!("ng {REF} fetch first\n")), b"0000".to_vec()].concat();
    [[two.concat(), receive.clone(), list, fetched, pushed], [zero, receive, Vec::new(), bare, bad]]
}

async fn answer(State(answers): State<Arc<Mutex<Answers>>>, uri: Uri, body: Bytes) -> Vec<u8> {
    let answers = answers.lock().unwrap();
    let is_list = body.windows(15).any(|bytes| bytes == b"command=ls-refs");
    let which = match (uri.path().ends_with("/info/refs"), uri.to_string().contains("git-receive-pack")) {
        (true, false) => 0,
        (true, true) => 1,
        (false, true) => 4,
        (false, false) if is_list => 2,
        (false, false) => 3,
    };
    answers[which].clone()
}

#[test]
fn nothing_that_a_git_server_answers_breaks_the_client() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let source = Objects::temporary(None).unwrap();
    let file = Entry::file("a", source.write_blob(b"content\n").unwrap());
    let tree = source.write_tree(std::slice::from_ref(&file)).unwrap();
    let at = Timestamp::from_millis(0);
    let draft =
        Draft { tree, parents: Vec::new(), author: ("mona", "mona@example.org"), at, message: "first" };
    let commit = source.write_commit(&draft).unwrap();
    let known = [commit, tree, file.id];
    let both = sound(commit, &source.make_pack(&known).unwrap());

    let answers = Arc::new(Mutex::new(both[0].clone()));
    let router = Router::new().fallback(answer).with_state(answers.clone());
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/acme/widgets", listener.local_addr().unwrap());
    runtime.spawn(axum::serve(listener, router).into_future());
    let client =
        http::client(&http::Settings { proxy_from_environment: false, ..http::Settings::default() }).unwrap();

    // The first byte chooses the server, the second which of its answers is replaced by the rest.
    let seeds = (0..2_u8).flat_map(|server| (0..5_u8).map(move |which| (server, which)));
    let seeds = seeds.map(|(server, which)| {
        [&[server, which][..], both[usize::from(server)][usize::from(which)].as_slice()].concat()
    });
    let words = [
        "0000",
        "0001",
        "0002",
        "0003",
        "0004",
        "ffff",
        "fff0",
        "0008NAK\n",
        "\u{1}",
        "\u{2}",
        "\u{3}",
        "PACK",
        "\0",
        "version 2\n",
        "version 1\n",
        "unpack ok\n",
        "ok refs/heads/automata-state\n",
        "ng ",
        "ERR ",
        "shallow ",
        "^{}",
        "symref=",
        "object-format=sha256",
    ];
    let (seeds, words) = (seeds.collect(), words.as_slice());
    Target { name: "wire", seeds, words }.fuzz(|input| {
        let [server, which, rest @ ..] = input else { return String::new() };
        let mut given = both[usize::from(*server % 2)].clone();
        given[usize::from(*which % 5)] = rest.to_vec();
        *answers.lock().unwrap() = given;
        let remote = HttpRemote::new(client.clone(), &url, None, Arc::new(NoWaiting));
        let objects = Objects::temporary(None).unwrap();
        let push = Push {
            updates: vec![RefUpdate { name: REF.to_owned(), expected: Some(commit), target: commit }],
            together: false,
            objects: known.to_vec(),
        };
        let (listed, fetched, pushed) = runtime.block_on(async {
            let listed = remote.refs(&["refs/"]).await;
            let fetched = remote.fetch(&objects, &[commit], Depth::Tip).await;
            (listed, fetched, remote.push(&source, &push).await)
        });
        if let Ok(refs) = &listed {
            assert!(refs.iter().all(|found| found.name.starts_with("refs/")), "{refs:?}");
        }
        if objects.has(commit) {
            // An object is what its name says, whatever the server sent.
            let read = objects.read_commit(commit).unwrap();
            assert_eq!(read.tree, tree);
        }
        if let Ok(outcomes) = &pushed {
            assert_eq!(outcomes.len(), 1);
        }
        format!(
            "{} / {} / {}",
            outcome(&listed, Vec::len),
            outcome(&fetched, |()| 0),
            outcome(&pushed, Vec::len)
        )
    });
}
