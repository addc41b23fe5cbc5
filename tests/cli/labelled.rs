//! Issues that people have labelled, for those who learn from them.

use automata::domain::id::Login;
use automata::services::github::local::NewIssue;

/// What such issues are about.
pub(crate) const MACHINES: [&str; 12] = [
    "press", "mill", "lathe", "saw", "drill", "crane", "pump", "valve", "boiler", "turbine", "loom", "forge",
];

/// An issue that carol opens, with these labels.
pub(crate) fn issue(title: String, body: &str, labels: &[&str]) -> NewIssue {
    let labels = labels.iter().map(|&label| label.to_owned()).collect();
    NewIssue { key: title.clone(), author: Login::new("carol"), title, body: body.to_owned(), labels }
}
