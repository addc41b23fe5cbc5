//! Links to Google Drive in a text: what they lead to, by its id, and what whoever wrote them calls it.

use super::id::FileId;

/// Links of one text that are looked at: people name a handful.
const MOST_LINKED: usize = 20;
/// Letters that an id of Google's has at least; what is shorter are words of its own, such as `root`.
const SHORTEST: usize = 15;
/// What links begin with.
const BEGINS: [&str; 2] = ["https://docs.google.com/", "https://drive.google.com/"];

/// A link to something in Drive that stands in a text. All of it is a stranger's words, but for the id, which has the letters
/// that ids have and may be anybody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// What it leads to.
    pub target: FileId,
    /// What it is called by whoever wrote it: the words of a link in Markdown; otherwise what sort of thing its address
    /// tells of, and the id.
    pub said: String,
}

impl Linked {
    /// What a text links to, each once, in order. Addresses of other servers lead nowhere, whatever their path.
    #[must_use]
    pub fn all_in(text: &str) -> Vec<Self> {
        let mut places: Vec<usize> =
            BEGINS.iter().flat_map(|begin| text.match_indices(begin).map(|(at, _)| at)).collect();
        places.sort_unstable();
        let mut found: Vec<Self> = Vec::new();
        for at in places {
            let rest = &text[at..];
            let end = rest.find(|c: char| !is_of_address(c)).unwrap_or(rest.len());
            let address = rest[..end].trim_end_matches(['.', ',', ':', '?', '!']);
            let Some(target) = FileId::in_link(address).filter(|id| id.as_str().len() >= SHORTEST) else {
                continue;
            };
            if found.iter().any(|link| link.target == target) {
                continue;
            }
            let said = words_before(&text[..at]).unwrap_or_else(|| format!("{} {target}", sort(address)));
            found.push(Self { target, said });
            if found.len() == MOST_LINKED {
                break;
            }
        }
        found
    }
}

fn is_of_address(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_./?=&%#+~:@!,;".contains(c)
}

/// The words of a link in Markdown whose address comes next: of `see [the plan](`, `the plan`.
fn words_before(text: &str) -> Option<String> {
    let text = text.strip_suffix("](").or_else(|| text.strip_suffix("](<"))?;
    let line = text.rsplit('\n').next().unwrap_or_default();
    let words = line.rsplit_once('[')?.1.trim();
    (!words.is_empty() && !words.contains("://")).then(|| words.to_owned())
}

/// What an address says of what it leads to.
fn sort(address: &str) -> &'static str {
    let is_in = |part: &str| address.split('/').any(|segment| segment == part);
    match () {
        () if is_in("document") => "document",
        () if is_in("spreadsheets") => "spreadsheet",
        () if is_in("presentation") => "presentation",
        () if is_in("folders") => "folder",
        () => "file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        Linked::all_in(text).into_iter().map(|link| format!("{} {}", link.target, link.said)).collect()
    }

    #[test]
    fn each_sort_of_link_is_read_once_and_called_as_its_writer_does() {
        let text = "See [the plan](https://docs.google.com/document/d/1PlanAAAAAAAAAAAAAA/edit?usp=sharing#heading=h.x),\n\
            https://docs.google.com/spreadsheets/d/1SheetAAAAAAAAAAAA/edit. And <https://docs.google.com/presentation/d/1SlidesAAAAAAAAAAA>\n\
            (https://drive.google.com/file/d/1FileAAAAAAAAAAAAA/view), ![](https://drive.google.com/open?id=1OpenAAAAAAAAAAAAA)\n\
            https://drive.google.com/drive/u/0/folders/1FolderAAAAAAAAAAA?resourcekey=0-x and again\n\
            https://docs.google.com/document/d/1PlanAAAAAAAAAAAAAA";
        insta::assert_snapshot!(told(text).join("\n"), @"
        1PlanAAAAAAAAAAAAAA the plan
        1SheetAAAAAAAAAAAA spreadsheet 1SheetAAAAAAAAAAAA
        1SlidesAAAAAAAAAAA presentation 1SlidesAAAAAAAAAAA
        1FileAAAAAAAAAAAAA file 1FileAAAAAAAAAAAAA
        1OpenAAAAAAAAAAAAA file 1OpenAAAAAAAAAAAAA
        1FolderAAAAAAAAAAA folder 1FolderAAAAAAAAAAA
        ");
    }

    #[test]
    fn what_is_no_link_to_something_in_drive_is_none() {
        for text in [
            "https://drive.google.com/drive/my-drive",
            "https://drive.google.com/drive/folders/root",
            "https://drive.google.com/open?id=appDataFolder",
            "https://docs.google.com/document/d/e/2PACX-1vAAAAAAAAAAAAAAAAAA/pub",
            "https://docs.google.com.evil.example/document/d/1PlanAAAAAAAAAAAAAA/edit",
            "https://evil.example/https/docs.google.com/document/d/1PlanAAAAAAAAAAAAAA",
            "http://docs.google.com/document/d/1PlanAAAAAAAAAAAAAA",
            "https://drive.google.com/file/d/..%2F..%2Fpermissions%2FanyoneWithLink/view",
            "https://drive.google.com/open?id=1PlanAAAAAAAAAAAAAA%2Fpermissions",
            "1PlanAAAAAAAAAAAAAA",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn of_many_links_the_first_twenty_count() {
        let many: String = (0..30)
            .map(|n| format!("https://drive.google.com/file/d/1FileAAAAAAAAAAAA{n:02}/view "))
            .collect();
        assert_eq!(told(&many).len(), MOST_LINKED);
    }
}
