//! Text with `{placeholders}`: parsed once, expanded with values that are never looked at as text again.

/// Text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Placeholder(String),
}

/// The text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATemplate {
    /// A placeholder that means nothing here.
    #[error("`{{{name}}}` is not a placeholder here; there are {}", list(.known))]
    Unknown {
        /// What stands between the braces.
        name: String,
        /// What may stand there.
        known: Vec<String>,
    },
    /// A brace without its partner.
    #[error("a `{{` or `}}` stands alone")]
    Unbalanced,
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{{{name}}}`")).collect::<Vec<_>>().join(" and ")
}

impl Template {
    /// Reads `text`, in which braces only ever enclose one of the `known` names.
    ///
    /// # Errors
    /// [`NotATemplate`] for any other use of a brace.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, NotATemplate> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            let (name, after) = brace
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'))
                .ok_or(NotATemplate::Unbalanced)?;
            if name.contains('{') {
                return Err(NotATemplate::Unbalanced);
            }
            if !known.contains(&name) {
                let known = known.iter().map(|&name| name.to_owned()).collect();
                return Err(NotATemplate::Unknown { name: name.to_owned(), known });
            }
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Placeholder(name.to_owned()));
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self { pieces })
    }

    /// Whether the placeholder occurs.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Placeholder(held) if held == name))
    }

    /// Puts in what `value` gives for each placeholder.
    #[must_use]
    pub fn expand(&self, value: impl Fn(&str) -> String) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Placeholder(name) => value(name),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_and_not_read_again() {
        let template = Template::parse("Fix #{number}: {title}", &["number", "title"]).unwrap();
        let title = "braces {number} stay";
        assert_eq!(
            template.expand(|name| if name == "title" { title.to_owned() } else { "7".to_owned() }),
            "Fix #7: braces {number} stay"
        );
    }

    #[test]
    fn other_placeholders_and_stray_braces_are_refused() {
        assert_eq!(
            Template::parse("{issue}", &["number", "slug"]).unwrap_err().to_string(),
            "`{issue}` is not a placeholder here; there are `{number}` and `{slug}`"
        );
        for text in ["{", "}", "a}b{number}", "{{number}}", "{number"] {
            assert_eq!(Template::parse(text, &["number"]), Err(NotATemplate::Unbalanced), "{text}");
        }
    }
}
