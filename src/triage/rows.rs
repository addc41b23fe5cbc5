//! Reads labelled issues from text: CSV with a heading line, or one JSON object a line.

use serde::Deserialize;

/// An issue and its label, as a file has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The repository, `owner/name`; empty when the file does not say.
    pub repo: String,
    /// The label, as it stands there; empty where the file has only `labels`.
    pub label: String,
    /// All labels, where the file tells them in a column of their own.
    pub labels: Vec<String>,
    /// The title.
    pub title: String,
    /// The body, Markdown; empty when there is none.
    pub body: String,
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing in it but, perhaps, a heading line.
    #[error("it has no rows")]
    Empty,
    /// A column is missing.
    #[error("it has no column `{column}`; it has {found}")]
    NoColumn {
        /// The one that is missing.
        column: &'static str,
        /// Those that are there.
        found: String,
    },
    /// Several columns have one name.
    #[error("it has {count} columns `{column}`")]
    SameColumns {
        /// Their name.
        column: &'static str,
        /// How many.
        count: usize,
    },
    /// All of it is one JSON list.
    #[error("it is one JSON list, and not one object a line")]
    List,
    /// A line is not such an object.
    #[error("line {line} cannot be read: {reason}")]
    NoObject {
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A line of CSV cannot be read.
    #[error("line {line} cannot be read: {reason}")]
    Unreadable {
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
}

/// Reads rows. Text that begins with a brace is JSON lines, anything else CSV as RFC 4180 has it. Columns come in
/// any order; those that are not known are passed over, and `repo` and `body` may be missing, and of `label` and `labels`
/// (in CSV parted by commas, in JSON a list of names, or of objects with a `name` as GitHub has them) one.
///
/// # Errors
/// See [`Error`].
pub fn read(text: &str) -> Result<Vec<Row>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rows = match text.trim_start().chars().next() {
        Some('{') => json(text)?,
        // No column is named so: a heading line with a bracket is no heading line.
        Some('[') => return Err(Error::List),
        _ => csv(text)?,
    };
    if rows.is_empty() { Err(Error::Empty) } else { Ok(rows) }
}

fn csv(text: &str) -> Result<Vec<Row>, Error> {
    if text.trim().is_empty() {
        return Err(Error::Empty);
    }
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let unreadable = |error: ::csv::Error| Error::Unreadable {
        line: error.position().map_or(1, ::csv::Position::line),
        reason: match error.kind() {
            ::csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("it has {len} fields, the first line has {expected_len}")
            }
            _ => error.to_string(),
        },
    };
    let names: Vec<String> =
        reader.headers().map_err(unreadable)?.iter().map(|name| name.trim().to_lowercase()).collect();
    for column in ["label", "labels", "title", "body", "repo"] {
        let count = names.iter().filter(|name| *name == column).count();
        if count > 1 {
            return Err(Error::SameColumns { column, count });
        }
    }
    let place = |column: &str| names.iter().position(|name| name == column);
    let needed = |column: &'static str| {
        place(column).ok_or_else(|| Error::NoColumn { column, found: names.join(", ") })
    };
    let labels = place("labels");
    let label = if labels.is_some() { place("label") } else { Some(needed("label")?) };
    let (title, body, repo) = (needed("title")?, place("body"), place("repo"));
    let (mut rows, mut last) = (Vec::new(), (1, false));
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let field =
            |place: Option<usize>| place.and_then(|place| record.get(place)).unwrap_or_default().to_owned();
        let line = record.position().map_or(1, ::csv::Position::line);
        last = (line, record.iter().any(|field| field.contains('\n')));
        rows.push(Row {
            repo: field(repo).trim().to_owned(),
            label: field(label).trim().to_owned(),
            labels: named(field(labels).split(',')),
            title: field(Some(title)),
            body: field(body),
        });
    }
    // RFC 4180, 2.5 to 2.7: quotes come in pairs. One without its pair takes all that follows into its field.
    if let (line, true) = last
        && text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
    {
        let reason = "a quote that begins in it is never closed, and takes in all that follows".to_owned();
        return Err(Error::Unreadable { line, reason });
    }
    Ok(rows)
}

/// Names of labels, without what is none.
fn named<T: AsRef<str>>(names: impl Iterator<Item = T>) -> Vec<String> {
    names.map(|name| name.as_ref().trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn json(text: &str) -> Result<Vec<Row>, Error> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(default)]
        repo: Option<String>,
        #[serde(default)]
        label: Option<String>,
        #[serde(default)]
        labels: Option<Vec<Label>>,
        title: String,
        #[serde(default)]
        body: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Label {
        Name(String),
        Whole { name: String },
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            let line: Line = serde_json::from_str(line).map_err(|error| {
                // The parser calls every line the first.
                let told = error.to_string();
                let reason = told.split(" at line ").next().unwrap_or_default();
                Error::NoObject {
                    line: index as u64 + 1,
                    reason: format!("{reason}, in column {}", error.column()),
                }
            })?;
            if line.label.is_none() && line.labels.is_none() {
                let reason = "it has neither `label` nor `labels`".to_owned();
                return Err(Error::NoObject { line: index as u64 + 1, reason });
            }
            let names = line.labels.into_iter().flatten().map(|label| match label {
                Label::Name(name) | Label::Whole { name } => name,
            });
            Ok(Row {
                repo: line.repo.unwrap_or_default().trim().to_owned(),
                label: line.label.unwrap_or_default().trim().to_owned(),
                labels: named(names),
                title: line.title,
                body: line.body.unwrap_or_default(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_come_in_any_order_and_quotes_keep_lines_together() {
        let text = "\u{feff}Body,label,created_at,title,repo\n\"It said \"\"no\"\",\nthen died\",bug,2024,Crash,acme/widgets\n";
        let row = Row {
            repo: "acme/widgets".to_owned(),
            label: "bug".to_owned(),
            labels: Vec::new(),
            title: "Crash".to_owned(),
            body: "It said \"no\",\nthen died".to_owned(),
        };
        assert_eq!(read(text), Ok(vec![row]));
    }

    #[test]
    fn a_quote_without_end_is_no_row() {
        let text = "label,title,body\nbug,a,b\nbug,b,\"open\nfeature,d,e\n";
        let reason = "a quote that begins in it is never closed, and takes in all that follows".to_owned();
        assert_eq!(read(text), Err(Error::Unreadable { line: 3, reason }));
        assert_eq!(read("label,title\nbug,5\" disk\n").map(|rows| rows.len()), Ok(1));
    }

    #[test]
    fn json_lines_say_the_same() {
        let text = "{\"label\":\"bug\",\"title\":\"Crash\",\"body\":null,\"repo\":\"a/b\"}\n\n";
        assert_eq!(
            read(text),
            Ok(vec![Row {
                repo: "a/b".to_owned(),
                label: "bug".to_owned(),
                labels: Vec::new(),
                title: "Crash".to_owned(),
                body: String::new()
            }])
        );
    }

    #[test]
    fn several_labels_stand_in_a_column_of_their_own() {
        let labels = |text| read(text).map(|rows| rows.into_iter().map(|row| row.labels).collect::<Vec<_>>());
        let both = || Ok(vec![vec!["bug".to_owned(), "area: parser".to_owned()]]);
        assert_eq!(labels("title,labels\nCrash,\"bug, area: parser,\"\n"), both());
        assert_eq!(labels("{\"title\":\"Crash\",\"labels\":[\"bug\",\"area: parser\"]}\n"), both());
        let as_github = "{\"title\":\"Crash\",\"labels\":[{\"name\":\"bug\",\"color\":\"f00\"},{\"name\":\"area: parser\"}]}\n";
        assert_eq!(labels(as_github), both());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let told = |text| read(text).unwrap_err().to_string();
        assert_eq!(told(""), "it has no rows");
        assert_eq!(told("label,title\n"), "it has no rows");
        assert_eq!(told("repo,title\na,b\n"), "it has no column `label`; it has repo, title");
        assert_eq!(
            told("label,title\nbug,a\nbug\n"),
            "line 3 cannot be read: it has 1 fields, the first line has 2"
        );
        assert_eq!(told("{\"title\":\"a\"}"), "line 1 cannot be read: it has neither `label` nor `labels`");
        assert_eq!(
            told("{\"label\":\"bug\",\"title\":\"a\"}\n\n{\"label\":\"bug\" \"title\":\"b\"}\n"),
            "line 3 cannot be read: expected `,` or `}`, in column 16"
        );
        assert_eq!(
            told("[{\"label\":\"bug\",\"title\":\"a\"}]"),
            "it is one JSON list, and not one object a line"
        );
        assert_eq!(told("label,title,Label\nbug,a,feature\n"), "it has 2 columns `label`");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(label|title|,|\"|\n|\\{|\\}|:|\\PC){0,60}") {
            let _ = read(&text);
        }
    }
}
