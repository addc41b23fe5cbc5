//! Bodies of several parts: `multipart/related` of uploads, `multipart/mixed` of batches.

/// One part: its headers, names in lower case, and what it carries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Part {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// The boundary that a content type names.
pub(crate) fn boundary(content_type: &str) -> Option<&str> {
    let named = content_type.split(';').map(str::trim).find_map(|part| part.strip_prefix("boundary="))?;
    Some(named.trim_matches('"'))
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Lines of headers, and what is behind the empty line.
pub(crate) fn headed(text: &[u8]) -> Option<Part> {
    let (end, gap) = match find(text, b"\r\n\r\n") {
        _ if text.starts_with(b"\r\n") => (0, 2),
        Some(at) => (at, 4),
        None => return None,
    };
    let head = std::str::from_utf8(&text[..end]).ok()?;
    let headers = head
        .split("\r\n")
        .filter(|line| !line.is_empty())
        .map(|line| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())))
        .collect::<Option<Vec<_>>>()?;
    Some(Part { headers, body: text[end + gap..].to_vec() })
}

/// The parts of a body; none when it is not in order.
pub(crate) fn parts(body: &[u8], boundary: &str) -> Option<Vec<Part>> {
    let mark = format!("--{boundary}");
    let mut rest = &body[find(body, mark.as_bytes())? + mark.len()..];
    let between = format!("\r\n{mark}");
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, between.as_bytes())?;
        parts.push(headed(&rest[..end])?);
        rest = &rest[end + between.len()..];
    }
    Some(parts)
}

#[test]
fn parts_are_told_apart_and_what_is_cut_off_is_refused() {
    let body = b"--x\r\nContent-Type: a/b\r\n\r\n{}\r\n--x\r\n\r\nraw\r\n--x--\r\n";
    let read = parts(body, "x").unwrap();
    assert_eq!((read[0].header("content-type"), &read[0].body[..]), ("a/b", &b"{}"[..]));
    assert_eq!(read[1].body, b"raw");
    assert_eq!(parts(&body[..body.len() - 6], "x"), None);
    assert_eq!(boundary("multipart/mixed; boundary=\"a b\""), Some("a b"));
}
