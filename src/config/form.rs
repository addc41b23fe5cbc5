//! Issue forms of a repository (`.github/ISSUE_TEMPLATE/*.yml`): which fields they have, and which they require.
//!
//! <https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema>

use super::tree::{self, Node, Value};

/// A field of a form that becomes a heading of the issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Its label, which is the heading.
    pub label: String,
    /// Whether the form requires an answer.
    pub required: bool,
}

/// Whether this is where GitHub looks for forms. `config.yml` there is about the chooser.
#[must_use]
pub fn is_form(path: &str) -> bool {
    let Some(name) = path.strip_prefix(".github/ISSUE_TEMPLATE/") else { return false };
    let is_yaml = [".yml", ".yaml"].iter().any(|ending| name.ends_with(ending));
    is_yaml && !name.contains('/') && !matches!(name, "config.yml" | "config.yaml")
}

/// The fields of a form, in order. A file that is no form has none: that is GitHub's to complain about.
#[must_use]
pub fn fields(yaml: &str) -> Vec<FormField> {
    let Ok(tree) = tree::read(yaml) else { return Vec::new() };
    let Some(Node { value: Value::List(items), .. }) = member(&tree, "body") else { return Vec::new() };
    items.iter().filter_map(field).collect()
}

fn field(item: &Node) -> Option<FormField> {
    // Of check boxes each option says whether it is required; a text of instructions makes no heading.
    let is_answered = matches!(member(item, "type")?.text()?, "input" | "textarea" | "dropdown");
    let label = member(member(item, "attributes")?, "label")?.text()?.trim().to_owned();
    let required = member(item, "validations").and_then(|rules| member(rules, "required"));
    let required = matches!(required, Some(Node { value: Value::Bool(true), .. }));
    (is_answered && !label.is_empty()).then_some(FormField { label, required })
}

fn member<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    match &node.value {
        Value::Map(members) => {
            members.iter().find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_that_become_headings_are_read() {
        let yaml = "name: Bug\ndescription: A bug\nbody:\n- type: markdown\n  attributes: {value: Thanks}\n\
            - type: input\n  id: v\n  attributes: {label: Version}\n  validations: {required: true}\n\
            - type: textarea\n  attributes: {label: Anything else?}\n\
            - type: checkboxes\n  attributes: {label: Terms, options: [{label: Agreed, required: true}]}\n";
        let field = |label: &str, required| FormField { label: label.to_owned(), required };
        assert_eq!(fields(yaml), [field("Version", true), field("Anything else?", false)]);
        for nonsense in ["", "a: [", "body: text", "body: [1, {type: input}]", "- 1"] {
            assert_eq!(fields(nonsense), [], "{nonsense}");
        }
    }

    #[test]
    fn forms_lie_in_one_folder() {
        assert!(is_form(".github/ISSUE_TEMPLATE/bug.yml") && is_form(".github/ISSUE_TEMPLATE/a.yaml"));
        for other in [
            "bug.yml",
            ".github/ISSUE_TEMPLATE/config.yml",
            ".github/ISSUE_TEMPLATE/bug.md",
            ".github/ISSUE_TEMPLATE/x/bug.yml",
        ] {
            assert!(!is_form(other), "{other}");
        }
    }
}
