//! The simulated Google by itself: what it does, and what it refuses.

mod access;
mod tokens;

use automata::services::http;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{DriveWorld, Fault, multipart};

const MONA: &str = "mona@acme.example";
const OTTO: &str = "otto@acme.example";

/// Somebody who talks to it without any client library.
struct Caller<'a> {
    world: &'a DriveWorld,
    client: http::Client,
    token: String,
}

impl<'a> Caller<'a> {
    fn of(world: &'a DriveWorld, email: &str) -> Self {
        let settings = http::Settings { proxy_from_environment: false, ..http::Settings::default() };
        Self { world, client: http::client(&settings).unwrap(), token: world.token_for(email) }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.world.url())).bearer_auth(&self.token)
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.request(method, path);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        told(request.send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::PATCH, path, Some(body)).await
    }

    async fn piece(&self, session: &str, range: &str, bytes: &[u8]) -> (u16, Option<String>) {
        let request = self.client.put(session).header("content-range", range).body(bytes.to_vec());
        let response = request.send().await.unwrap();
        let kept = response.headers().get("range").map(|range| range.to_str().unwrap().to_owned());
        (response.status().as_u16(), kept)
    }
}

async fn told(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn reason(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"]["errors"][0]["reason"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn what_people_do_themselves_is_seen_as_if_a_call_had_done_it() {
    let world = DriveWorld::start();
    let root = world.root_of(MONA);
    let (mona, otto) = (Caller::of(&world, MONA), Caller::of(&world, OTTO));
    let (from, to) = (world.folder(MONA, &root, "from"), world.folder(MONA, &root, "to"));
    let file = world.file(MONA, &from, "a", b"x");
    world.share(&root, "user", OTTO, "reader");
    world.move_to(&file, &to);
    world.trash(&to);
    assert_eq!(world.tree(&root), ["from/", "to/ (trashed)", "to/a 1 bytes"]);
    world.untrash(&to);
    let path = format!("/drive/v3/files/{file}");
    assert_eq!(otto.get(&path).await.0, 200);
    world.limit_access(&to);
    assert_eq!(otto.get(&path).await.0, 404, "the folder keeps out whom it does not name");
    assert_eq!(mona.patch(&path, json!({ "appProperties": { "task": "7" } })).await.0, 200);
    assert_eq!(world.app_properties(&file)["task"], "7");
    assert_eq!(mona.patch(&path, json!({ "appProperties": { "task": null } })).await.0, 200);
    assert!(world.app_properties(&file).is_empty());
    world.plan("files.get", Fault::MeanwhileShared(file.clone(), OTTO.to_owned(), "writer".to_owned()));
    mona.get(&path).await;
    assert_eq!(world.grants(&file), ["user mona@acme.example owner", "user otto@acme.example writer"]);
    world.bound_uploads(3);
    let upload = async || {
        let request = mona.request(Method::POST, "/upload/drive/v3/files?uploadType=media");
        told(request.header("content-type", "text/plain").body("xx").send().await.unwrap()).await
    };
    assert_eq!(upload().await.0, 200);
    assert_eq!(reason(&upload().await), (403, "userRateLimitExceeded"));
    world.delete(&to);
    assert!(!world.exists(&file));
}

#[tokio::test]
async fn a_file_with_an_id_of_ours_is_made_once() {
    let world = DriveWorld::start();
    let mona = Caller::of(&world, MONA);
    let (_, ids) = mona.get("/drive/v3/files/generateIds?count=2").await;
    let id = ids["ids"][0].as_str().unwrap();
    let new = json!({ "id": id, "name": "docs", "mimeType": "application/vnd.google-apps.folder" });
    assert_eq!(mona.post("/drive/v3/files", new.clone()).await.0, 200);
    assert_eq!(reason(&mona.post("/drive/v3/files", new).await), (409, "fileIdInUse"));
    assert_eq!(reason(&mona.post("/drive/v3/files", json!({ "id": "made-up" })).await), (400, "invalid"));
    assert_eq!(world.tree(&world.root_of(MONA)), ["docs/"]);
    let (_, shown) = mona
        .get(&format!("/drive/v3/files/{id}?fields=name,owners/emailAddress,capabilities(canEdit)"))
        .await;
    assert_eq!(
        shown,
        json!({ "name": "docs", "owners": [{ "emailAddress": MONA }], "capabilities": { "canEdit": true } })
    );
}

#[tokio::test]
async fn what_the_description_does_not_know_is_refused_and_fails_the_story() {
    let world = DriveWorld::start();
    let mona = Caller::of(&world, MONA);
    let id = world.file(MONA, &world.root_of(MONA), "a", b"x");
    for (path, body) in [
        ("/drive/v3/files?colour=red".to_owned(), json!({ "name": "x" })),
        ("/drive/v3/files".to_owned(), json!({ "title": "x" })),
        ("/drive/v3/files".to_owned(), json!({ "md5Checksum": "x" })),
        ("/drive/v3/files".to_owned(), json!({ "starred": "yes" })),
        (format!("/drive/v3/files/{id}/rename"), json!({})),
        (
            format!("/drive/v3/files/{id}/permissions?supportsAllDrives=1"),
            json!({ "role": "reader", "type": "anyone" }),
        ),
    ] {
        assert!(matches!(mona.post(&path, body).await.0, 400 | 404), "{path}");
        assert_eq!(world.take_violations().len(), 1, "{path}");
    }
    assert_eq!(mona.get("/drive/v3/files?pageSize=1001").await.0, 400);
    assert_eq!(mona.get("/drive/v3/changes").await.0, 400);
    insta::assert_snapshot!(world.take_violations().join("\n"), @r#"
    GET /drive/v3/files?pageSize=1001: pageSize=1001 does not fit {"default":"100","format":"int32","location":"query","maximum":"1000","minimum":"1","type":"integer"}
    GET /drive/v3/changes: changes.list needs the parameter pageToken
    "#);
}

#[tokio::test]
async fn a_resumable_upload_tells_what_it_kept_and_counts_what_comes_twice() {
    const CHUNK: usize = 256 * 1024;
    let world = DriveWorld::start();
    let mona = Caller::of(&world, MONA);
    let content = vec![7_u8; 3 * CHUNK];
    let begun = mona
        .request(Method::POST, "/upload/drive/v3/files?uploadType=resumable&fields=id,md5Checksum")
        .header("x-upload-content-type", "image/png")
        .header("x-upload-content-length", content.len())
        .json(&json!({ "name": "a.png" }))
        .send()
        .await
        .unwrap();
    let session = begun.headers()["location"].to_str().unwrap().to_owned();
    let total = content.len();
    let range = |from: usize, to: usize| format!("bytes {from}-{}/{total}", to - 1);
    world.plan("upload.chunk", Fault::KeepOnly(1_000));
    assert_eq!(
        mona.piece(&session, &range(0, CHUNK), &content[..CHUNK]).await,
        (308, Some("bytes=0-999".into()))
    );
    assert_eq!(
        mona.piece(&session, &format!("bytes */{total}"), &[]).await,
        (308, Some("bytes=0-999".into()))
    );
    // A client that does not believe the answer skips bytes.
    assert_eq!(mona.piece(&session, &range(CHUNK, 2 * CHUNK), &content[CHUNK..2 * CHUNK]).await.0, 503);
    assert_eq!(world.sent_again(), 0);
    assert_eq!(
        mona.piece(&session, &range(0, CHUNK), &content[..CHUNK]).await,
        (308, Some("bytes=0-262143".into()))
    );
    assert_eq!(world.sent_again(), 1_000);
    world.plan("upload.chunk", Fault::LoseReply);
    let request = mona.client.put(&session).header("content-range", range(CHUNK, total));
    assert!(request.body(content[CHUNK..].to_vec()).send().await.is_err());
    let request = mona.client.put(&session).header("content-range", format!("bytes */{total}"));
    let (status, file) = told(request.send().await.unwrap()).await;
    assert_eq!((status, file["md5Checksum"].as_str().unwrap().len()), (200, 32));
    assert_eq!(world.tree(&world.root_of(MONA)), ["a.png 786432 bytes"]);
}

#[tokio::test]
async fn a_piece_whose_connection_broke_is_kept_in_whole_grains() {
    use std::io::Write as _;
    let world = DriveWorld::start();
    let mona = Caller::of(&world, MONA);
    let begun = mona
        .request(Method::POST, "/upload/drive/v3/files?uploadType=resumable")
        .json(&json!({ "name": "b" }));
    let session = begun.send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let address = world.url().trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let path = session.trim_start_matches(world.url());
    write!(stream, "PUT {path} HTTP/1.1\r\nhost: x\r\nuser-agent: x\r\ncontent-range: bytes 0-999999/1000000\r\ncontent-length: 1000000\r\n\r\n").unwrap();
    stream.write_all(&vec![1; 600_000]).unwrap();
    drop(stream);
    let kept = loop {
        let (status, kept) = mona.piece(&session, "bytes */1000000", &[]).await;
        assert_eq!(status, 308);
        if kept.is_some() {
            break kept;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(kept.unwrap(), "bytes=0-524287");
}

#[tokio::test]
async fn a_batch_answers_each_call_for_itself_in_any_order() {
    let world = DriveWorld::start();
    let root = world.root_of(MONA);
    let mona = Caller::of(&world, MONA);
    let file = world.file(MONA, &root, "a", b"a");
    world.plan("files.get", Fault::Reason(403, "userRateLimitExceeded"));
    let body = format!(
        "--b\r\nContent-Type: application/http\r\nContent-ID: <1>\r\n\r\nGET /drive/v3/files/{file}?fields=name HTTP/1.1\r\n\r\n\r\n--b\r\nContent-Type: application/http\r\nContent-ID: <2>\r\n\r\nPATCH /drive/v3/files/{file}?fields=name HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{{\"name\":\"b\"}}\r\n--b--\r\n"
    );
    let request =
        mona.request(Method::POST, "/batch/drive/v3").header("content-type", "multipart/mixed; boundary=b");
    let response = request.body(body).send().await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let bytes = response.bytes().await.unwrap();
    let parts = multipart::parts(&bytes, multipart::boundary(&kind).unwrap()).unwrap();
    let shown: Vec<String> = parts
        .iter()
        .map(|part| {
            let text = String::from_utf8_lossy(&part.body).into_owned();
            format!("{} {}", part.header("content-id"), text.lines().next().unwrap())
        })
        .collect();
    assert_eq!(shown, ["<response-2> HTTP/1.1 200 OK", "<response-1> HTTP/1.1 403 Error"]);
    assert_eq!(world.tree(&root), ["b 1 bytes"]);
}

#[tokio::test]
async fn queries_lists_and_pages_work_as_drive_has_them() {
    let world = DriveWorld::start();
    let root = world.root_of(MONA);
    for name in ["Plan", "plan b", "it's"] {
        world.file(MONA, &root, name, b"x");
    }
    let mona = Caller::of(&world, MONA);
    let names = async |query: &[(&str, &str)]| -> Value {
        let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let query: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = mona.request(Method::GET, &format!("/drive/v3/files?{}", query.join("&")));
        let (status, answer) = told(request.send().await.unwrap()).await;
        assert_eq!(status, 200, "{answer}");
        answer["files"].as_array().unwrap().iter().map(|file| file["name"].clone()).collect()
    };
    assert_eq!(names(&[("q", "name = 'plan'")]).await, json!(["Plan"]));
    assert_eq!(
        names(&[("q", r"name = 'it\'s' and trashed = false and 'root' in parents")]).await,
        json!(["it's"])
    );
    assert_eq!(
        names(&[("q", "name contains 'PLAN'"), ("orderBy", "name desc")]).await,
        json!(["plan b", "Plan"])
    );
    let (_, first) = mona.get("/drive/v3/files?pageSize=2&fields=*").await;
    let next = first["nextPageToken"].as_str().unwrap();
    assert_eq!(names(&[("pageSize", "2"), ("pageToken", next)]).await.as_array().unwrap().len(), 1);
    assert_eq!(mona.get("/drive/v3/files?pageToken=x").await.0, 400);
    assert_eq!(mona.get("/drive/v3/files?q=name%20%3D%20'it's'").await.0, 400);
    world.lists_lag();
    world.file(MONA, &root, "new", b"x");
    assert_eq!(names(&[("q", "name = 'new'")]).await, json!([]));
    world.lists_catch_up();
    assert_eq!(names(&[("q", "name = 'new'")]).await, json!(["new"]));
}

#[tokio::test]
async fn content_goes_out_in_ranges_and_documents_in_other_formats_up_to_a_limit() {
    let world = DriveWorld::start();
    let root = world.root_of(MONA);
    let mona = Caller::of(&world, MONA);
    let file = world.file(MONA, &root, "a", b"0123456789");
    let path = format!("/drive/v3/files/{file}?alt=media");
    let part = mona.request(Method::GET, &path).header("range", "bytes=3-5").send().await.unwrap();
    assert_eq!(
        (part.status().as_u16(), part.headers()["content-range"].to_str().unwrap()),
        (206, "bytes 3-5/10")
    );
    assert_eq!(part.text().await.unwrap(), "345");
    let document = world.document(MONA, &root, "notes", "document", "# Notes");
    assert_eq!(
        reason(&mona.get(&format!("/drive/v3/files/{document}?alt=media")).await),
        (403, "fileNotDownloadable")
    );
    let (_, text) = mona.get(&format!("/drive/v3/files/{document}/export?mimeType=text/markdown")).await;
    assert_eq!(text, "# Notes");
    world.write(MONA, &document, &vec![b'x'; 11 << 20]);
    let refused = mona.get(&format!("/drive/v3/files/{document}/export?mimeType=text/plain")).await;
    assert_eq!(reason(&refused), (403, "exportSizeLimitExceeded"));
    world.call_abusive(&file);
    assert_eq!(reason(&mona.get(&path).await), (403, "cannotDownloadAbusiveFile"));
    assert_eq!(
        mona.request(Method::GET, &format!("{path}&acknowledgeAbuse=true")).send().await.unwrap().status(),
        200
    );
}
