//! What a document in Drive is as a file of the repository: its bytes, its path, and when it was changed.

use crate::domain::failure::Failure;
use crate::domain::input::ExportFormat;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::domain::watched::DriveKey;
use crate::drive::document;
use crate::services::drive::{Drive, Error, Reason, file::SHORTCUT};
use crate::tasks::{Context, lodge};

/// A document as a file.
pub(super) struct Document {
    /// Its name in Drive. A stranger's text.
    pub(super) name: String,
    /// Where it goes in the repository.
    pub(super) path: String,
    /// What is in it.
    pub(super) bytes: Vec<u8>,
    /// When it was changed last.
    pub(super) at: Timestamp,
    /// The page a person looks at.
    pub(super) url: Option<String>,
    /// Whether an export of it is other bytes each time, so that they do not tell whether it has changed.
    pub(super) varies: bool,
}

/// The document as it is now, or why there is none to bring.
pub(super) async fn of(
    context: &Context<'_>,
    drive: &dyn Drive,
    item: DriveKey,
    (to, becomes): (&str, Option<ExportFormat>),
) -> Result<Result<Document, String>, Failure> {
    let id = lodge::id_of(item)?;
    let file = match drive.file(&id).await {
        Ok(file) if file.trashed => return Ok(Err("it is in the trash".to_owned())),
        Ok(file) => file,
        Err(error) if error.is_missing() => return Ok(Err("it is gone".to_owned())),
        Err(error) => return Err(error.into()),
    };
    if file.is_folder() || file.mime == SHORTCUT {
        return Ok(Err("folders and shortcuts have nothing to bring".to_owned()));
    }
    if !file.rights.download {
        let told = format!("this account may not fetch `{}`", one_line(&file.name, 80));
        return Err(Error::new(Reason::DownloadForbidden, told).into());
    }
    let most = context.config.drive.limits.copy_mib * 1024 * 1024;
    let (bytes, ending) = if file.has_content() {
        match drive.read(&id, most).await {
            Ok(bytes) => (bytes, None),
            Err(error) if error.reason == Reason::TooLarge => {
                let mib = context.config.drive.limits.copy_mib;
                return Err(Failure::permanent("drive_too_large", format!("it has more than {mib} MiB"))
                    .hint("Raise `drive.limits.copy_mib`, or leave it out by the rule's conditions."));
            }
            Err(error) => return Err(error.into()),
        }
    } else {
        let Some(becomes) = becomes.or_else(|| document::usual(&file.mime)) else {
            let mime = one_line(&file.mime, 80);
            return Ok(Err(format!("Drive exports nothing of the type `{mime}` that a repository holds")));
        };
        if let Some(unfit) = document::unfit(&file.mime, becomes) {
            return Ok(Err(unfit.told(&file.name, &file.mime, becomes)));
        }
        let format = document::format(becomes);
        let mut bytes = match drive.export(&id, format).await {
            Ok(bytes) => bytes,
            // Of a rarer kind only Drive knows what it becomes, and a rule hears of all that changes.
            Err(error) if document::usual(&file.mime).is_none() && error.is_no_format() => {
                return Ok(Err(error.message));
            }
            // Somebody took it away in the same moment.
            Err(error) if error.is_missing() => return Ok(Err("it is gone".to_owned())),
            Err(error) => return Err(error.into()),
        };
        // A text ends with a line's end, which not every export has.
        if format.starts_with("text/") && bytes.last().is_some_and(|last| *last != b'\n') {
            bytes.push(b'\n');
        }
        (bytes, Some(becomes))
    };
    let varies = ending.is_some_and(|format| !document::is_text(format));
    let path = path(to, &file.name, ending.map(ExportFormat::word));
    let at = file.modified_at.or(file.created_at).unwrap_or_default();
    Ok(Ok(Document { name: file.name, path, bytes, at, url: file.url, varies }))
}

/// Where it goes: the file that is named, or one with the document's name in the folder that is named.
fn path(to: &str, name: &str, ending: Option<&str>) -> String {
    let Some(folder) = to.strip_suffix('/') else { return to.to_owned() };
    let mut file = lodge::name_of(name);
    if let Some(ending) = ending
        && !file.rsplit_once('.').is_some_and(|(_, known)| known.eq_ignore_ascii_case(ending))
    {
        file = format!("{file}.{ending}");
    }
    format!("{folder}/{file}")
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_document_gets_a_file_of_its_name_below_the_folder() {
        assert_eq!(path("docs/", "Plan: 2026/27", Some("md")), "docs/Plan- 2026-27.md");
        assert_eq!(path("docs/", "notes.MD", Some("md")), "docs/notes.MD");
        assert_eq!(path("docs/", "../../.git/config", None), "docs/-..-.git-config");
        assert_eq!(path("docs/plan.md", "whatever", Some("md")), "docs/plan.md");
    }
}
