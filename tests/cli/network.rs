//! The way to the outside: servers under a company's own certificate authority, and a proxy on the way.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::program::Program;

/// What a server answers that knows nothing of what it is asked for.
const GONE: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The first lines of the requests that came.
type Asked = Arc<Mutex<Vec<String>>>;

/// A server on loopback that answers every connection this way, until the test ends.
fn serve(answer: impl Fn(TcpStream) -> Option<String> + Send + 'static) -> (SocketAddr, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Asked::default());
    let told = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            told.lock().unwrap().extend(answer(stream));
        }
    });
    (address, asked)
}

/// Reads a request up to its body, says that there is nothing, and gives its first line.
fn knows_nothing(mut stream: impl std::io::Read + std::io::Write) -> Option<String> {
    let mut lines = BufReader::new(&mut stream).lines();
    let first = lines.next()?.ok()?;
    while lines.next()?.ok()? != "" {}
    drop(lines);
    stream.write_all(GONE.as_bytes()).ok()?;
    stream.flush().ok()?;
    Some(first)
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// A server called `localhost` under the authority of the fixtures.
fn company_server() -> (SocketAddr, Asked) {
    let chain = CertificateDer::pem_file_iter(fixture("server.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    serve(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        knows_nothing(StreamOwned::new(connection, stream))
    })
}

fn status(server: &str) -> Program {
    Program::new(&["status"])
        .set("GITHUB_REPOSITORY", "acme/widgets")
        .set("GITHUB_TOKEN", "made-up")
        .set("GITHUB_API_URL", format!("{server}/api/v3"))
        .set("GITHUB_SERVER_URL", server)
}

#[test]
fn a_server_under_a_companys_own_authority_is_trusted_when_its_certificate_is_given_and_only_then() {
    let (address, asked) = company_server();
    let program = status(&format!("https://localhost:{}", address.port()));
    let stranger = program.run();
    assert_eq!(asked.lock().unwrap().len(), 0, "nothing is said to whom nobody trusts: {}", stranger.stderr);
    assert_ne!(stranger.code, Some(0));
    for variable in ["AUTOMATA_CA_FILE", "SSL_CERT_FILE"] {
        program.clone().set(variable, fixture("authority.pem")).run();
        let asked = std::mem::take(&mut *asked.lock().unwrap());
        let is_git =
            |line: &String| line.starts_with("GET /acme/widgets.git/info/refs?service=git-upload-pack");
        assert!(asked.iter().any(is_git), "{variable}: {asked:?}");
    }
}

#[test]
fn what_goes_out_takes_the_way_through_the_proxy() {
    let (address, asked) = serve(knows_nothing);
    let proxy = format!("http://{address}");
    status("http://git.example.test").set("HTTP_PROXY", &proxy).set("http_proxy", &proxy).run();
    let plain = std::mem::take(&mut *asked.lock().unwrap());
    let first = "GET http://git.example.test/acme/widgets.git/info/refs?service=git-upload-pack";
    assert!(plain.iter().any(|line| line.starts_with(first)), "{plain:?}");
    status("https://git.example.test").set("HTTPS_PROXY", &proxy).run();
    let sealed = std::mem::take(&mut *asked.lock().unwrap());
    assert!(sealed.iter().any(|line| line == "CONNECT git.example.test:443 HTTP/1.1"), "{sealed:?}");
}
