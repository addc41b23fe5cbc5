//! CODEOWNERS: whatever the file says, the owners of a place are accounts that it names, and notes say what was passed over.

use automata::domain::verdict::CodePlace;
use automata::triage::owners::{Codeowners, owners_of};

use super::{Target, text};

const SEED: &str = "\
# Comment
*                @octo/everyone @mona
/src/parser.rs   @otto # the parser
docs/            docs@example.org
*.rs             @rust-team
/a\\ b/**/c?.txt  @mona
apps/ !no [x]    @nobody
/build/logs/
";

#[test]
fn no_codeowners_file_breaks_the_reader() {
    let place = |path: &str| CodePlace {
        path: path.to_owned(),
        line: Some(1),
        symbol: None,
        mention: path.to_owned(),
    };
    let deep = "a/".repeat(200) + "x.rs";
    let places =
        ["src/parser.rs", "README.md", "docs/a/b.md", "a b/x/cy.txt", "build/logs/x", &deep].map(place);
    let words = [
        "*",
        "**",
        "/",
        "?",
        "\\ ",
        "\\#",
        "#",
        "@",
        "!",
        "[",
        "]",
        "\n",
        " @mona",
        "@octo/team",
        "/**/",
        "a@b.c",
    ];
    Target { name: "owners", seeds: vec![SEED.as_bytes().to_vec()], words: &words }.fuzz(|input| {
        let file = text(input);
        let read = Codeowners::parse(&file);
        let lines = file.lines().count();
        assert!(read.notes.len() <= file.len() + 1);
        let owners = owners_of(&read, &places);
        for owner in &owners {
            let name = owner.name.as_str();
            assert!(
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)),
                "{name}"
            );
            assert!(
                file.to_lowercase().contains(&format!("@{}", name.to_lowercase())),
                "{name} is not named"
            );
        }
        format!("{} {} {}", lines.min(20), read.notes.len().min(20), owners.len())
    });
}
