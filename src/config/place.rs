//! Where the log may not lie: on names that belong to something else.

use super::model::Config;
use crate::domain::branch::{BranchName, broken_rule};

/// A name that is refused, and what to do.
pub(super) type Refused = (String, Option<&'static str>);

/// What to do where any other name will do.
const ANOTHER: Option<&str> = Some("name a branch of its own, such as `automata-state`");

/// Places of refs that are somebody else's: GitHub's pull requests, git's tags and copies of remotes.
const TAKEN: [(&str, &str); 3] = [
    ("refs/pull", "belongs to GitHub's pull requests"),
    ("refs/tags", "is where tags are, which do not move"),
    ("refs/remotes", "is where git keeps copies of other repositories' branches"),
];

/// Where logs usually lie. One that was left there stays, with its archive and its witness, whatever is configured now.
const USUAL: [&str; 2] = ["refs/heads/automata-state", "refs/automata/state"];

/// The folder in which models lie, see `state/README.md`.
const MODELS: &str = "refs/automata/models";

/// Folders in which the witnesses of logs lie, see `state/README.md`.
const WITNESSES: [&str; 2] = ["refs/automata/witness", "refs/automata/witness-after"];

/// Why the log cannot lie on the state branch of `config`, in a repository with this default branch, where it is known.
pub(super) fn refused(config: &Config, default_branch: Option<&str>) -> Option<Refused> {
    let (name, template) = (config.state.branch.as_str(), config.pull_requests.branch.as_str());
    let Some(branch) = name.strip_prefix("refs/heads/").or((!name.starts_with("refs/")).then_some(name))
    else {
        return refused_ref(name);
    };
    if let Err(error) = BranchName::parse(branch) {
        return Some((error.to_string(), None));
    }
    if default_branch == Some(branch) {
        return Some((format!("`{branch}` is the default branch, with the code on it"), ANOTHER));
    }
    if let Some(other) = default_branch.filter(|other| is_one_inside_the_other(branch, other)) {
        return Some((format!("git cannot keep `{branch}` beside the default branch `{other}`"), NO_FOLDER));
    }
    if let Some(told) = beside_usual(&format!("refs/heads/{branch}")) {
        return Some((told, NO_FOLDER));
    }
    if let Some(log) = archived(branch) {
        return Some((format!("`{branch}` is where a log on `{log}` keeps its archive"), ANOTHER));
    }
    if is_for_pull_requests(branch, template) {
        let told = format!("`{branch}` is among the branches of pull requests, named `{template}`");
        return Some((told, ANOTHER));
    }
    clash(branch, template).then(|| {
        let told = format!("git cannot keep `{branch}` beside branches named `{template}`");
        (told, Some("one must not be a folder of the other: rename one of them"))
    })
}

/// What to do where one name would be a folder of another, which refs cannot be.
const NO_FOLDER: Option<&str> =
    Some("one must not be a folder of the other: name another branch, such as `automata-log`");

/// Refs are kept as files, so `a` and `a/b` cannot both exist.
fn is_one_inside_the_other(one: &str, other: &str) -> bool {
    let is_in =
        |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    is_in(one, other) || is_in(other, one)
}

/// Why a ref cannot be where a log usually lies, or its archive.
fn beside_usual(name: &str) -> Option<String> {
    let short = |name: &str| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
    USUAL.iter().find_map(|usual| {
        let archive = format!("{usual}-archive");
        let (other, what) =
            [(*usual, "where a log usually lies"), (&archive, "where the usual log keeps its archive")]
                .into_iter()
                .find(|(other, _)| is_one_inside_the_other(name, other))?;
        Some(format!("git cannot keep `{}` beside `{}`, {what}", short(name), short(other)))
    })
}

fn refused_ref(name: &str) -> Option<Refused> {
    let is_in =
        |folder: &str| name.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    const ANOTHER_REF: Option<&str> = Some("name a branch, or a ref such as `refs/automata/state`");
    if let Some(reason) = broken_rule(name) {
        return Some((format!("`{name}` is not a ref name: {reason}"), None));
    }
    if let Some((folder, whose)) = TAKEN.iter().find(|(folder, _)| is_in(folder)) {
        return Some((format!("`{folder}` {whose}"), ANOTHER_REF));
    }
    if is_in(MODELS) {
        return Some((format!("`{MODELS}` is where models are kept"), ANOTHER_REF));
    }
    if name == "refs/heads" {
        return Some((format!("`{name}` is the folder of all branches"), ANOTHER_REF));
    }
    if name == "refs/automata" || WITNESSES.iter().any(|folder| is_in(folder)) {
        return Some((
            format!("`{name}` is in the way of the refs that witness where a log stands"),
            ANOTHER_REF,
        ));
    }
    if let Some(told) = beside_usual(name) {
        return Some((told, NO_FOLDER));
    }
    archived(name).map(|log| (format!("`{name}` is where a log on `{log}` keeps its archive"), ANOTHER_REF))
}

fn archived(name: &str) -> Option<&str> {
    name.strip_suffix("-archive").filter(|log| !log.is_empty() && !log.ends_with('/'))
}

/// Whether branches of pull requests may be named so: in their folder everything with their prefix, elsewhere what
/// goes on with a number where the number comes.
fn is_for_pull_requests(branch: &str, template: &str) -> bool {
    let Some((prefix, rest)) = template.split_once('{') else { return false };
    let Some(after) = branch.strip_prefix(prefix) else { return false };
    prefix.contains('/')
        || (rest.starts_with("number}") && after.starts_with(|first: char| first.is_ascii_digit()))
}

/// Refs are kept as files, so `a` and `a/b` cannot both exist. Only the fixed folders of the template count.
fn clash(branch: &str, template: &str) -> bool {
    let mut folders: Vec<&str> = template.split('/').collect();
    folders.pop();
    let fixed = folders.iter().take_while(|folder| !folder.contains('{')).count();
    (1..=fixed).any(|depth| folders[..depth].join("/") == branch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(branch: &str, template: &str, default_branch: Option<&str>) -> Option<String> {
        let mut config = Config::default();
        config.state.branch = branch.to_owned();
        config.pull_requests.branch = template.to_owned();
        refused(&config, default_branch).map(|(told, _)| told)
    }

    #[test]
    fn names_that_belong_to_something_else_are_refused() {
        let template = Config::default().pull_requests.branch;
        let told =
            |branch| told(branch, &template, Some("trunk")).unwrap_or_else(|| format!("{branch} is taken"));
        let names = [
            "trunk",
            "refs/heads/trunk",
            "HEAD",
            "refs/heads/HEAD",
            "automata-state-archive",
            "refs/automata/state-archive",
            "automata/issue-7-log",
            "refs/heads/automata/issue-log",
            "automata",
            "refs/automata",
            "refs/automata/witness/x",
            "refs/pull/7/head",
            "refs/tags/v1",
            "refs/a..b",
            "automata-state/x",
            "refs/heads/automata-state/x",
            "automata-state-archive/x/y",
            "refs/automata/state/x",
            "refs/automata/models/type/x",
            "refs/heads",
            "trunk/log",
        ];
        insta::assert_snapshot!(names.map(told).join("\n"), @"
        `trunk` is the default branch, with the code on it
        `trunk` is the default branch, with the code on it
        `HEAD` is not a branch name: `HEAD` is git's own name
        `HEAD` is not a branch name: `HEAD` is git's own name
        `automata-state-archive` is where a log on `automata-state` keeps its archive
        `refs/automata/state-archive` is where a log on `refs/automata/state` keeps its archive
        `automata/issue-7-log` is among the branches of pull requests, named `automata/issue-{number}-{slug}`
        `automata/issue-log` is among the branches of pull requests, named `automata/issue-{number}-{slug}`
        git cannot keep `automata` beside branches named `automata/issue-{number}-{slug}`
        `refs/automata` is in the way of the refs that witness where a log stands
        `refs/automata/witness/x` is in the way of the refs that witness where a log stands
        `refs/pull` belongs to GitHub's pull requests
        `refs/tags` is where tags are, which do not move
        `refs/a..b` is not a ref name: it contains `..`
        git cannot keep `automata-state/x` beside `automata-state`, where a log usually lies
        git cannot keep `automata-state/x` beside `automata-state`, where a log usually lies
        git cannot keep `automata-state-archive/x/y` beside `automata-state-archive`, where the usual log keeps its archive
        git cannot keep `refs/automata/state/x` beside `refs/automata/state`, where a log usually lies
        `refs/automata/models` is where models are kept
        `refs/heads` is the folder of all branches
        git cannot keep `trunk/log` beside the default branch `trunk`
        ");
    }

    #[test]
    fn all_other_names_are_taken() {
        let template = Config::default().pull_requests.branch;
        for branch in
            ["automata-state", "main", "archive", "automata/state", "refs/automata/state", "refs/meta/log"]
        {
            assert_eq!(told(branch, &template, Some("trunk")), None, "{branch}");
        }
        assert_eq!(told("main", &template, None), None, "nobody knows which branch is the default");
        assert_eq!(told("automata-state", "automata-{number}", None), None, "no number follows");
        assert_eq!(
            told("automata-state", "{slug}-{number}", None),
            None,
            "a name without a prefix covers nothing"
        );
        assert!(told("automata-7", "automata-{number}", None).is_some());
    }
}
