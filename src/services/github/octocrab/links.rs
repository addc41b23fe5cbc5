//! Reads the `Link` header (RFC 8288) by which GitHub names the next page.

use http::HeaderMap;
use http::header::LINK;

/// The address of the page after this one.
pub(super) fn next(headers: &HeaderMap) -> Option<String> {
    headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next_in)
}

/// Splits `<address>; rel="next", <address>; rel="last"`. A comma inside an address is part of it.
fn next_in(header: &str) -> Option<String> {
    let mut rest = header;
    loop {
        let (address, after) = rest.split_once('<')?.1.split_once('>')?;
        let end = after.find('<').unwrap_or(after.len());
        let is_next = after[..end].split([';', ',']).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').split_whitespace().any(|relation| relation == "next")
        });
        if is_next {
            return Some(address.to_owned());
        }
        rest = &after[end..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_wherever_it_stands() {
        let next = |header: &str| next_in(header);
        let github = r#"<https://api.github.com/repositories/1/issues?page=1>; rel="prev", <https://api.github.com/repositories/1/issues?labels=a,b&page=3>; rel="next", <https://x/?page=9>; rel="last""#;
        assert_eq!(
            next(github).as_deref(),
            Some("https://api.github.com/repositories/1/issues?labels=a,b&page=3")
        );
        assert_eq!(next("<https://x/2>; title=a; rel=next").as_deref(), Some("https://x/2"));
        for none in
            ["", "nonsense", "<https://x/1", r#"<https://x/1>; rel="last""#, "<https://x/1>; rel=nextish"]
        {
            assert_eq!(next(none), None, "{none}");
        }
    }
}
