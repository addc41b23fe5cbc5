//! Addresses inside GitHub's API: text of others becomes one path segment or one query value, never more.

use http::Uri;
use http::uri::{Authority, Scheme};

use crate::domain::failure::Failure;
use crate::domain::id::RepositoryName;

/// Where the API lives: `https://api.github.com`, or `https://host/api/v3` on GitHub Enterprise Server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at the end; empty on github.com.
    prefix: String,
}

impl Base {
    /// Reads the value of `GITHUB_API_URL`.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let refused = || {
            Failure::permanent("bad_api_url", format!("`{text}` is not the address of a GitHub API."))
                .hint("Use https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server.")
        };
        let uri: Uri = text.trim().parse().map_err(|_| refused())?;
        let parts = uri.into_parts();
        let path = parts.path_and_query.as_ref().map_or("", |path| path.as_str());
        match (parts.scheme, parts.authority) {
            (Some(scheme), Some(authority))
                if (scheme == Scheme::HTTPS || scheme == Scheme::HTTP)
                    && !authority.as_str().contains('@')
                    && !path.contains('?') =>
            {
                Ok(Self { scheme, authority, prefix: path.trim_end_matches('/').to_owned() })
            }
            _ => Err(refused()),
        }
    }

    /// The absolute address of a route such as `/repos/acme/widgets`, or of an absolute address of this
    /// same server; nothing when it leads elsewhere, for the token must not go there.
    pub(super) fn resolve(&self, uri: &Uri) -> Option<String> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        match uri.authority() {
            None => Some(format!("{}://{}{}{path}", self.scheme, self.authority, self.prefix)),
            Some(_) if self.is_home(uri) => Some(uri.to_string()),
            Some(_) => None,
        }
    }

    /// Where GraphQL questions go: beside `/api/v3` on Enterprise Server, else below the base.
    pub(super) fn graphql(&self) -> String {
        let prefix = self.prefix.strip_suffix("/v3").unwrap_or(&self.prefix);
        format!("{}://{}{prefix}/graphql", self.scheme, self.authority)
    }

    /// Where people see what the API tells of: another host on github.com, the same on Enterprise Server.
    pub(super) fn web(&self) -> String {
        let host = match self.authority.as_str() {
            "api.github.com" => "github.com",
            host => host,
        };
        format!("{}://{host}", self.scheme)
    }

    /// Whether an absolute address has this base's scheme, host and port.
    pub(super) fn is_home(&self, uri: &Uri) -> bool {
        let port = |scheme: &Scheme, authority: &Authority| {
            authority.port_u16().unwrap_or(if *scheme == Scheme::HTTPS { 443 } else { 80 })
        };
        uri.scheme().zip(uri.authority()).is_some_and(|(scheme, authority)| {
            *scheme == self.scheme
                && authority.host().eq_ignore_ascii_case(self.authority.host())
                && port(scheme, authority) == port(&self.scheme, &self.authority)
                && !authority.as_str().contains('@')
        })
    }
}

/// A route below a repository, built segment by segment.
///
/// Refused are the segments that change a path whatever their encoding: `.` and `..`, which URL parsers
/// fold even when written `%2E`, and the empty one (`DELETE …/labels/` would take every label off).
pub(super) fn repository_route(repository: &RepositoryName, segments: &[&str]) -> Result<String, Failure> {
    let mut route = format!("/repos/{}/{}", repository.owner(), repository.name());
    for segment in segments {
        if matches!(*segment, "" | "." | "..") {
            return Err(Failure::permanent(
                "unusable_name",
                format!("`{segment}` cannot stand in an address of GitHub's API."),
            ));
        }
        route.push('/');
        route.push_str(&encoded(segment));
    }
    Ok(route)
}

/// Adds a query to a route that has none.
pub(super) fn with_query(route: &str, pairs: &[(&str, &str)]) -> String {
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    if query.is_empty() { route.to_owned() } else { format!("{route}?{}", query.join("&")) }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn encoded(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            safe.push(char::from(byte));
        } else {
            safe.push('%');
            safe.push(char::from(HEX[usize::from(byte >> 4)]));
            safe.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn widgets() -> RepositoryName {
        RepositoryName::parse("acme/widgets").unwrap()
    }

    #[test]
    fn the_prefix_of_enterprise_server_stays_and_graphql_lies_beside_it() {
        let seen = |base: &str| {
            let base = Base::parse(base).unwrap();
            (base.resolve(&"/repos/a/b?page=2".parse().unwrap()).unwrap(), base.graphql())
        };
        insta::assert_debug_snapshot!([
            seen("https://api.github.com"), seen("https://ghe.example/api/v3/"), seen("http://127.0.0.1:8080")
        ], @r#"
        [
            (
                "https://api.github.com/repos/a/b?page=2",
                "https://api.github.com/graphql",
            ),
            (
                "https://ghe.example/api/v3/repos/a/b?page=2",
                "https://ghe.example/api/graphql",
            ),
            (
                "http://127.0.0.1:8080/repos/a/b?page=2",
                "http://127.0.0.1:8080/graphql",
            ),
        ]
        "#);
    }

    #[test]
    fn only_the_same_server_is_home() {
        let base = Base::parse("https://api.github.com").unwrap();
        let home = |uri: &str| base.resolve(&uri.parse().unwrap()).is_some();
        assert!(home("https://api.github.com/repositories/1/issues?page=2"));
        assert!(home("https://API.GitHub.com:443/repositories/1"));
        for elsewhere in [
            "http://api.github.com/x",
            "https://api.github.com:8443/x",
            "https://api.github.com.evil.example/x",
            "https://api.github.com@evil.example/x",
            "https://evil@api.github.com/x",
        ] {
            assert!(!home(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn what_is_no_api_address_is_refused() {
        for text in ["", "api.github.com", "ftp://x/y", "https://user:pw@host/api", "https://host/api?x=1"] {
            assert!(Base::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_that_would_change_the_path_are_refused() {
        for name in ["", ".", ".."] {
            assert!(repository_route(&widgets(), &["issues", "1", "labels", name]).is_err(), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn any_other_name_stays_one_segment(name in "\\PC+|[./%?#\\\\ ]+") {
            prop_assume!(name != "." && name != "..");
            let route = repository_route(&widgets(), &["labels", &name]).unwrap();
            let url = reqwest::Url::parse(&format!("https://api.github.com{route}")).unwrap();
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 5);
            prop_assert_eq!(&segments[..4], &["repos", "acme", "widgets", "labels"]);
            prop_assert_eq!((url.query(), url.fragment()), (None, None));
        }

        #[test]
        fn any_text_stays_one_query_value(value in ".*") {
            let url = with_query("https://api.github.com/x", &[("head", &value), ("state", "all")]);
            let url = reqwest::Url::parse(&url).unwrap();
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, [("head".to_owned(), value), ("state".to_owned(), "all".to_owned())]);
        }
    }
}
