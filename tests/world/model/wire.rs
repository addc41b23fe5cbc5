//! HTTP by hand, so that answers can come in odd pieces and break off in the middle.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::Answer;

/// Bytes of a piece: a prime, so that pieces end in the middle of words, of lines and of characters.
const PIECE: usize = 13;

/// A request as it came.
pub(crate) struct Request {
    /// Method and path.
    pub(crate) line: String,
    /// Header lines, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Reads one request; none when the connection was closed instead.
pub(crate) fn read(connection: &mut TcpStream) -> Option<Request> {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    let end = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        match connection.read(&mut piece).ok()? {
            0 => return None,
            count => read.extend_from_slice(&piece[..count]),
        }
    };
    let head = String::from_utf8(read[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut request = Request { line, headers, body: String::new() };
    let length: usize = request.header("content-length").parse().unwrap_or(0);
    let mut body = read.split_off(end + 4);
    while body.len() < length {
        match connection.read(&mut piece).ok()? {
            0 => return None,
            count => body.extend_from_slice(&piece[..count]),
        }
    }
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}

/// Sends an answer in pieces. Whoever asked may have gone, which is no matter of ours.
pub(crate) fn write(connection: &mut TcpStream, answer: &Answer) {
    let _ = connection.set_nodelay(true);
    let head = format!(
        "HTTP/1.1 {} X\r\n{}transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        answer.status, answer.headers
    );
    if connection.write_all(head.as_bytes()).is_err() {
        return;
    }
    for piece in answer.body.as_bytes().chunks(PIECE) {
        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
        chunk.extend_from_slice(piece);
        chunk.extend_from_slice(b"\r\n");
        if connection.write_all(&chunk).is_err() {
            return;
        }
    }
    if !answer.breaks {
        let _ = connection.write_all(b"0\r\n\r\n");
    }
}
