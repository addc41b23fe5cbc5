//! What the page may do: run the script and the style that were written with it, and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::Shown;

pub(super) const STYLE: &str = include_str!("page.css");
/// Sets the colours before anything is painted.
pub(super) const FIRST: &str = include_str!("first.js");
pub(super) const SCRIPT: &str = include_str!("page.js");

/// The policy by the digests of what stands in the page, see <https://www.w3.org/TR/CSP3/>. The data is no script to a
/// browser and needs none.
pub(super) fn content(shown: Shown) -> String {
    let connect = match shown {
        Shown::Still => "'none'",
        Shown::Live => "'self'",
    };
    format!(
        "default-src 'none'; script-src {} {}; style-src {}; img-src data:; connect-src {connect}; base-uri 'none'; form-action 'none'",
        source(FIRST),
        source(SCRIPT),
        source(STYLE)
    )
}

/// The same for a server, which can say besides that no other page may frame this one.
pub(super) fn header(shown: Shown) -> String {
    content(shown) + "; frame-ancestors 'none'"
}

fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
