//! What rules may do between Google Drive, issues and the repository, and which tasks that becomes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Config;
use super::rule::{Action, Condition, LabelName, Words};
use super::rules::{Requests, any, rules, same};
use crate::domain::id::IssueNumber;
use crate::domain::input::{
    self, Collected, DriveAttach, DriveChange, DriveCollect, DriveFolder, DriveImport, DriveIssue,
    DriveShare, ExportFormat,
};
use crate::domain::spec::{OnDuplicate, Priority, TaskRequest};
use crate::domain::state::State;
use crate::domain::subject::{Scope, Subject};
use crate::domain::trigger::{About, Trigger};
use crate::domain::untrusted::one_line;
use crate::domain::watched::{Aspect, DriveChanged, DriveKey};

/// The moment when something in a watched folder in Drive is another than it was. It is ours, not GitHub's.
pub(super) const CHANGED: &str = "drive.changed";
/// Width of what a task's reason says of a change.
const REASON: usize = 120;
/// Sharing waits for the folder, which is asked for in the same breath.
const AFTER_THE_FOLDER: Priority = Priority::new(45);

/// An issue that is kept about a file or a folder in Drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueAction {
    /// Its title, with `{place}` and `{name}`.
    #[serde(default = "issue_title")]
    pub title: Words,
    /// Its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelName>,
    /// What one issue is kept about.
    #[serde(default)]
    pub per: IssuePer,
}

fn issue_title() -> Words {
    "`{place}` changed in Drive".into()
}

/// What may stand between braces in the title of such an issue.
pub(super) const ISSUE_TITLE: [&str; 2] = ["place", "name"];

/// What one issue is kept about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssuePer {
    /// A file or a folder.
    #[default]
    File,
    /// A folder, with all that is directly in it.
    Folder,
}

/// A document that is brought into the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportAction {
    /// Where it goes: a folder of the repository, ending with `/`, or a file.
    pub to: Words,
    /// What a Google document becomes; otherwise Markdown, CSV, text or SVG, as its kind is. All else comes as it is.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub becomes: Option<ImportFormat>,
}

/// A format in which a Google document is brought into the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// Markdown, of a document.
    Md,
    /// Plain text, of a document or slides.
    Txt,
    /// HTML, of a document.
    Html,
    /// PDF.
    Pdf,
    /// Microsoft Word, of a document.
    Docx,
    /// OpenDocument text, of a document.
    Odt,
    /// Comma-separated values, of the first sheet.
    Csv,
    /// Microsoft Excel, of a spreadsheet.
    Xlsx,
    /// Microsoft PowerPoint, of slides.
    Pptx,
    /// Scalable vector graphics, of a drawing.
    Svg,
}

impl ImportFormat {
    /// The same as tasks are told.
    #[must_use]
    pub const fn format(self) -> ExportFormat {
        match self {
            Self::Md => ExportFormat::Md,
            Self::Txt => ExportFormat::Txt,
            Self::Html => ExportFormat::Html,
            Self::Pdf => ExportFormat::Pdf,
            Self::Docx => ExportFormat::Docx,
            Self::Odt => ExportFormat::Odt,
            Self::Csv => ExportFormat::Csv,
            Self::Xlsx => ExportFormat::Xlsx,
            Self::Pptx => ExportFormat::Pptx,
            Self::Svg => ExportFormat::Svg,
        }
    }
}

/// A folder that is made for an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FolderAction {
    /// The folder above, as places are written: `docs:issues`.
    #[serde(rename = "in")]
    pub within: Words,
    /// Its name, with `{number}`, `{title}` and `{milestone}`.
    #[serde(default = "folder_name")]
    pub name: Words,
    /// What it is made for.
    #[serde(default)]
    pub per: FolderPer,
}

fn folder_name() -> Words {
    "{number} {title}".into()
}

/// What a folder is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FolderPer {
    /// An issue.
    #[default]
    Issue,
    /// A milestone: its issues share the folder. An issue without one gets none.
    Milestone,
}

/// Access to an issue's folder for those who are assigned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ShareAction {
    /// What they may do.
    pub role: ShareRole,
}

/// What those who are assigned may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShareRole {
    /// See it.
    Reader,
    /// Say something about it.
    Commenter,
    /// Change it.
    #[default]
    Writer,
}

impl ShareRole {
    const fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Commenter => "commenter",
            Self::Writer => "writer",
        }
    }
}

/// What a release or a workflow run made, to be copied into Drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectAction {
    /// The folder in Drive, as places are written: `docs:releases`. A folder in it is named after the release's tag, or
    /// the workflow and the number of its run.
    #[serde(rename = "in")]
    pub within: Words,
}

/// The tasks that the rules ask for when something changed in Drive. What Automata did itself leads to nothing.
#[must_use]
pub fn on_drive_change(config: &Config, state: &State, changed: &DriveChanged) -> Vec<TaskRequest> {
    let mut requests = Requests::default();
    if changed.ours {
        return requests.list;
    }
    for (name, rule) in rules(config) {
        let is_meant = rule.on.as_slice().iter().any(|event| event.0 == CHANGED);
        if is_meant && meets(&rule.condition, changed) {
            let who = changed.who().map(|who| format!(" by {}", one_line(who, REASON))).unwrap_or_default();
            let told = format!("{}{who}: {}", one_line(&changed.place, REASON), changed.words());
            let reason = format!("{name}, {told}");
            let before = requests.list.len();
            for action in rule.actions.as_slice() {
                add(&mut requests, action, state, changed, &reason);
            }
            requests.of_rule(&rule, before);
        }
    }
    requests.list
}

fn add(requests: &mut Requests, action: &Action, state: &State, changed: &DriveChanged, reason: &str) {
    let file = Subject::Drive(changed.file);
    match action {
        Action::Issue(rule) => {
            let above = changed.now.as_ref().or(changed.was.as_ref()).and_then(|seen| seen.parent.as_deref());
            let key: DriveKey = match rule.per {
                IssuePer::File => changed.file,
                IssuePer::Folder => above.and_then(|id| id.parse().ok()).unwrap_or(changed.file),
            };
            let template = crate::domain::template::Template::parse(rule.title.as_str(), &ISSUE_TITLE);
            let value = |name: &str| match name {
                "place" => one_line(&changed.place, REASON),
                _ => one_line(changed.title(), REASON),
            };
            let title = template
                .map_or_else(|_| issue_title().as_str().to_owned(), |template| template.expand(value));
            let labels = rule.labels.iter().map(|label| label.as_str().to_owned()).collect();
            let input = DriveIssue { key, title, labels, change: told(changed) };
            // A burst of changes becomes one word about the last of them.
            let key = format!("{} {key}", input::DRIVE_ISSUE);
            requests.push(input::DRIVE_ISSUE, Subject::Drive(input.key), &input, key, reason);
            requests.last_coalesces();
        }
        Action::Import(rule) if changed.now.as_ref().is_some_and(|now| !now.trashed) => {
            let input = DriveImport {
                to: rule.to.as_str().to_owned(),
                becomes: rule.becomes.map(ImportFormat::format),
            };
            requests.push(
                input::DRIVE_IMPORT,
                file,
                &input,
                format!("{} {file}", input::DRIVE_IMPORT),
                reason,
            );
        }
        Action::Task(task) => {
            let mut spec = super::schedule::asked(task, reason.to_owned());
            if spec.subject == Subject::Repository
                && matches!(input::scope(&task.kind.0), Scope::Everything | Scope::Files)
            {
                spec.subject = file;
            }
            requests.list.push(TaskRequest::from(spec));
        }
        Action::Comment | Action::Label(_) | Action::Unlabel(_) | Action::Assign(_) => {
            if let Some(number) = issue_of(state, changed) {
                requests.add(
                    action,
                    Subject::Issue(number),
                    &input::Implement::of(input::Source::Issue),
                    reason,
                );
            }
        }
        _ => {}
    }
}

/// The issue whose folder it lies in, else the one that is kept about it.
fn issue_of(state: &State, changed: &DriveChanged) -> Option<IssueNumber> {
    let of_folder = state.issues.iter().find(|(_, issue)| {
        let folder = issue.folder.as_ref().map(|folder| folder.made.id);
        let parent = changed.now.as_ref().or(changed.was.as_ref()).and_then(|seen| seen.parent.as_deref());
        let parent: Option<DriveKey> = parent.and_then(|id| id.parse().ok());
        folder.is_some_and(|folder| {
            parent.is_some_and(|parent| parent == folder || state.watched.is_in(parent, folder))
        })
    });
    let kept = || state.watched.issues.get(changed.file.as_str()).copied();
    of_folder.map(|(number, _)| *number).or_else(kept)
}

fn told(changed: &DriveChanged) -> DriveChange {
    DriveChange {
        place: changed.place.clone(),
        what: changed.words(),
        who: changed.who().unwrap_or_default().to_owned(),
        at: changed.at,
        url: changed.url.clone(),
    }
}

/// Whether all that a rule asks of a change in Drive holds.
fn meets(condition: &Condition, changed: &DriveChanged) -> bool {
    let is_path = |glob: &Words| {
        let built = globset::GlobBuilder::new(glob.as_str()).literal_separator(true).build();
        // Checked with the configuration, so that nothing is lost here.
        built.is_ok_and(|glob| glob.compile_matcher().is_match(&changed.place))
    };
    let is_mime = |mime: &Words| match mime.as_str().strip_suffix('*') {
        Some(begin) => changed.mime().starts_with(begin),
        None => changed.mime() == mime.as_str(),
    };
    any(condition.path.as_ref(), is_path)
        && any(condition.mime.as_ref(), is_mime)
        && any(condition.actor.as_ref(), |login| {
            changed.by.as_ref().is_some_and(|by| same(by.as_str(), login.as_str()))
        })
        && any(condition.changed.as_ref(), |aspect| {
            changed.what.iter().map(Aspect::word).any(|word| word == aspect.0)
        })
}

impl Requests {
    /// Adds what a rule asks of Drive when something happens on GitHub.
    pub(super) fn drive(&mut self, action: &Action, trigger: &Trigger, rule: &str) {
        let subject = trigger.subject;
        let is_issue = matches!(subject, Subject::Issue(_));
        match (action, &trigger.about) {
            (Action::Folder(folder), _) if is_issue => {
                let input = DriveFolder {
                    folder: folder.within.as_str().to_owned(),
                    name: folder.name.as_str().to_owned(),
                    milestone: folder.per == FolderPer::Milestone,
                };
                self.push(input::DRIVE_FOLDER, subject, &input, format!("drive_folder {subject}"), rule);
                if let Some(last) = self.list.last_mut().filter(|_| input.milestone) {
                    // Two at once would make two folders for one milestone.
                    last.spec.concurrency = Some(input::DRIVE_FOLDER.to_owned());
                }
            }
            (Action::Attach, about) if is_issue => {
                let comment = match about {
                    About::Comment { comment, .. } => Some(comment.id),
                    _ => None,
                };
                let place = comment.map_or_else(String::new, |id| format!(" comment/{id}"));
                let key = format!("drive_attach {subject}{place}");
                let folder = self.folder_of(subject);
                self.push(input::DRIVE_ATTACH, subject, &DriveAttach { comment }, key, rule);
                self.last_waits_for(folder);
                if let Some(last) = self.list.last_mut() {
                    // Two at once would make two shortcuts to what both texts link to.
                    last.spec.concurrency = Some(format!("{} {subject}", input::DRIVE_ATTACH));
                }
            }
            (Action::Share(share), _) if is_issue => {
                let input = DriveShare { role: share.role.word().to_owned(), folder: None };
                let folder = self.folder_of(subject);
                self.push(input::DRIVE_SHARE, subject, &input, format!("drive_share {subject}"), rule);
                self.last_waits_for(folder);
            }
            (Action::Collect(collect), About::Release { id, tag, .. }) => {
                self.collect(collect, Collected::Release { id: *id }, tag, None, rule);
            }
            (Action::Collect(collect), About::WorkflowRun { id, name, branch, .. }) => {
                let folder = format!("{name} {id}");
                self.collect(collect, Collected::Run { id: *id }, &folder, branch.clone(), rule);
            }
            _ => {}
        }
    }

    fn collect(
        &mut self,
        action: &CollectAction,
        from: Collected,
        name: &str,
        branch: Option<String>,
        rule: &str,
    ) {
        let (folder, name) = (action.within.as_str().to_owned(), name.to_owned());
        let input = DriveCollect { from, folder, name, branch };
        let key = match from {
            Collected::Release { id } => format!("drive_collect release/{id}"),
            Collected::Run { id } => format!("drive_collect run/{id}"),
        };
        self.push(input::DRIVE_COLLECT, Subject::Repository, &input, key, rule);
    }

    /// The place of the request that makes the folder of an issue.
    fn folder_of(&self, subject: Subject) -> Option<usize> {
        self.list.iter().position(|request| {
            request.spec.kind.as_str() == input::DRIVE_FOLDER && request.spec.subject == subject
        })
    }

    fn last_waits_for(&mut self, folder: Option<usize>) {
        let Some(last) = self.list.last_mut() else { return };
        if let Some(folder) = folder {
            last.after.push(folder);
        }
        last.spec.priority = AFTER_THE_FOLDER;
    }

    fn last_coalesces(&mut self) {
        if let Some(last) = self.list.last_mut() {
            last.spec.on_duplicate = OnDuplicate::Coalesce;
        }
    }
}
