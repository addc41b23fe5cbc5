//! Drive: no name gets out of the quotes of a query, and a place that is read is written the same.

use automata::drive::path::Place;
use automata::services::drive::id::FileId;
use automata::services::drive::query::{Query, Term};

use super::{Target, text};

/// The texts in quotes of a query, and what stands around them: an independent reader of Drive's language.
fn taken_apart(query: &str) -> (Vec<String>, String) {
    let (mut quoted, mut around, mut letters) = (Vec::new(), String::new(), query.chars());
    while let Some(letter) = letters.next() {
        if letter != '\'' {
            around.push(letter);
            continue;
        }
        let mut text = String::new();
        loop {
            match letters.next().expect("a quote that is opened is closed") {
                '\\' => text.push(letters.next().expect("something behind a backslash")),
                '\'' => break,
                letter => text.push(letter),
            }
        }
        around.push('?');
        quoted.push(text);
    }
    (quoted, around)
}

#[test]
fn no_name_becomes_a_part_of_a_query_or_leads_to_another_place() {
    let seeds = [
        "Bob's \\ draft' or trashed = true or name = '",
        "docs:guides/a\\/b",
        "id:1AbC/x",
        "drive:Team/plans",
        "https://drive.google.com/drive/folders/1AbCdEfGhIjKlMnOpQrStUvWxYz",
        "../..",
        "a/./b",
        "name\\",
        "\u{202e}x",
    ];
    let words = [
        "'",
        "\\",
        "\\'",
        "\\\\",
        "/",
        "..",
        ".",
        ":",
        "id:",
        "drive:",
        "https://drive.google.com/file/d/",
        " or ",
        " and ",
    ];
    let folder = FileId::parse("1abc").unwrap();
    let seeds = seeds.map(|seed| seed.as_bytes().to_vec()).to_vec();
    Target { name: "queries", seeds, words: &words }.fuzz(|input| {
        let name = text(input);
        let query = Query::child(folder.clone(), &name, false)
            .and(Term::Any(vec![Term::NameHas(name.clone()), Term::OwnedBy(name.clone())]))
            .and(Term::AppProperty(name.clone(), name.clone()));
        let (quoted, around) = taken_apart(&query.to_string());
        let folder_type = "application/vnd.google-apps.folder";
        assert_eq!(quoted, ["1abc", &name, folder_type, &name, &name, &name, &name]);
        assert_eq!(
            around,
            "? in parents and name = ? and not (mimeType = ?) and trashed = false and (name contains ? or ? in owners) \
             and appProperties has { key=? and value=? }"
        );
        let place = Place::parse(&name);
        if let Ok(read) = &place {
            for name in &read.names {
                assert!(!matches!(name.as_str(), "" | "." | ".."), "{name:?}");
                assert!(!name.chars().any(char::is_control));
            }
            let written = read.to_string();
            // The topmost folder has no name of its own.
            assert!(written.is_empty() || Place::parse(&written).as_ref() == Ok(read), "{read:?} is written {written}");
        }
        match place {
            Ok(place) => format!("{} {}", format!("{:?}", place.start).len().min(3), place.names.len().min(20)),
            Err(error) => error.why.to_owned(),
        }
    });
}
