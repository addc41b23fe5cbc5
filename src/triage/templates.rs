//! Markdown templates of issues (`.github/ISSUE_TEMPLATE/*.md`): their headings, and what stands below each before anybody
//! has written anything.
//!
//! <https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/manually-creating-a-single-issue-template-for-your-repository>

use super::missing::{Form, sections};
use super::text::{IssueText, Readable};

/// Where GitHub looks for a single template, in small letters.
const SINGLE: [&str; 3] = ["issue_template.md", ".github/issue_template.md", "docs/issue_template.md"];
/// The folder for several, in small letters.
const FOLDER: &str = ".github/issue_template/";
/// Words by which a heading, or the text below it, says that it may be left out.
const OPTIONAL: [&str; 6] =
    ["optional", "if applicable", "additional context", "any other", "anything else", "if any"];

/// Whether a path is one of a Markdown template.
#[must_use]
pub fn is_template(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let in_folder = path.strip_prefix(FOLDER).is_some_and(|name| !name.contains('/'));
    (in_folder && path.ends_with(".md")) || SINGLE.contains(&path.as_str())
}

/// A template as a form: its headings are the fields, required unless they say otherwise.
#[must_use]
pub fn read(path: &str, text: &str) -> Form {
    let body = without_front_matter(text);
    let hints = body.to_lowercase();
    let readable = Readable::of(&IssueText { title: "", body });
    let mut form = Form { path: path.to_owned(), is_loose: true, ..Form::default() };
    for section in sections(&readable.body) {
        // What a comment below the heading says counts too, and was taken out above.
        let below = below(&hints, &section.heading).unwrap_or_default();
        let is_optional = OPTIONAL.iter().any(|word| section.heading.contains(word) || below.contains(word));
        form.fields.push((section.name, !is_optional));
        form.unfilled.push((section.heading, section.content));
    }
    form
}

/// The text between a heading and the next line that looks like one, comments included.
fn below<'a>(text: &'a str, heading: &str) -> Option<&'a str> {
    let rest = &text[text.find(heading)? + heading.len()..];
    let end = rest.match_indices('\n').map(|(at, _)| at + 1).find(|at| {
        let line = &rest[*at..];
        line.starts_with('#') || line.starts_with("**")
    });
    Some(&rest[..end.unwrap_or(rest.len())])
}

/// Name, labels and so on, between two lines of dashes at the top.
fn without_front_matter(text: &str) -> &str {
    let Some(rest) = text.trim_start().strip_prefix("---\n") else { return text };
    rest.split_once("\n---").map_or(text, |(_, body)| body.split_once('\n').map_or("", |(_, body)| body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::missing::missing;
    use proptest::prelude::*;

    const TEMPLATE: &str = "---\nname: Bug report\nlabels: bug\n---\n\n**Describe the bug**\nA clear and concise description of what the bug is.\n\n\
        **To Reproduce**\nSteps to reproduce the behavior:\n1. Go to '...'\n2. See error\n\n## Version\n<!-- the output of `widgets --version` -->\n\n\
        ## Logs\n<!-- Optional: what it printed -->\n\n**Screenshots**\nIf applicable, add screenshots.\n";

    fn lacks(body: &str) -> Vec<String> {
        let form = read(".github/ISSUE_TEMPLATE/bug.md", TEMPLATE);
        let text = Readable::of(&IssueText { title: "It stops", body });
        missing(&text, &[form], &[])
            .into_iter()
            .map(|need| format!("{}: {}", need.what, need.reason))
            .collect()
    }

    #[test]
    fn what_is_left_as_the_template_has_it_is_missing() {
        let (_, untouched) = TEMPLATE.split_once("---\n\n").unwrap();
        insta::assert_snapshot!(lacks(untouched).join("\n"), @"
    “Describe the bug”: The template `.github/ISSUE_TEMPLATE/bug.md` requires it.
    “To Reproduce”: The template `.github/ISSUE_TEMPLATE/bug.md` requires it.
    “Version”: The template `.github/ISSUE_TEMPLATE/bug.md` requires it.
    ");
        let filled = untouched
            .replace("A clear and concise description of what the bug is.", "It stops on a comment.")
            .replace("1. Go to '...'\n2. See error", "1. Write a comment")
            .replace("<!-- the output of `widgets --version` -->", "1.2");
        assert_eq!(lacks(&filled), [""; 0]);
        assert_eq!(lacks(&filled.replace("1.2", "  _No response_")).len(), 1);
        assert_eq!(lacks(&untouched.replace('\n', "\r\n")).len(), 3, "line ends say nothing");
    }

    #[test]
    fn who_did_not_use_the_template_or_took_a_heading_out_is_not_held_to_it() {
        assert_eq!(lacks("It stops."), [""; 0]);
        assert_eq!(lacks("## Version\n"), [""; 0], "one heading of five is chance");
        assert_eq!(
            lacks("**Describe the bug**\nIt stops.\n**To Reproduce**\nRun it.\n**Logs**\n```\nx\n```\n"),
            [""; 0]
        );
    }

    #[test]
    fn templates_lie_where_github_looks_for_them() {
        for path in [
            ".github/ISSUE_TEMPLATE/bug.md",
            ".github/ISSUE_TEMPLATE.md",
            "ISSUE_TEMPLATE.md",
            "docs/issue_template.md",
        ] {
            assert!(is_template(path), "{path}");
        }
        for path in [
            "README.md",
            ".github/ISSUE_TEMPLATE/bug.yml",
            ".github/ISSUE_TEMPLATE/x/bug.md",
            "src/ISSUE_TEMPLATE.md",
        ] {
            assert!(!is_template(path), "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_template_is_read(text in "(---\n|### |\\*\\*a\\*\\*\n|<!--|-->|optional|\\PC|\n){0,40}") {
            let form = read("ISSUE_TEMPLATE.md", &text);
            prop_assert_eq!(form.fields.len(), form.unfilled.len());
        }
    }
}
