//! What an analysis has to know: the code that the text names, other issues, and what the repository wants.

use std::collections::BTreeMap;

use crate::config::{self, Config, LabelName};
use crate::domain::actor::ActorKind;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::state::{IssueState, State};
use crate::domain::verdict::IssueType;
use crate::services::git::Code;
use crate::services::github::Issue;
use crate::tasks::Context;
use crate::triage::owners::LOCATIONS;
use crate::triage::templates;
use crate::triage::{
    self, Area, Codeowners, Form, IssueText, KnownIssue, RepositoryKnowledge, Standing, Wanted, Wishes,
};

/// Issue forms and templates that are read; a repository has a handful.
const FORMS: usize = 20;

/// Gathers it. The code is read in one request at most.
pub(in crate::tasks) async fn gather(
    context: &Context<'_>,
    issue: &Issue,
    text: &IssueText<'_>,
) -> Result<RepositoryKnowledge, Failure> {
    let (code, forms) = read_code(context.services.code.as_ref(), text).await?;
    let state = context.journal.state();
    let standing = Standing {
        labels: issue.labels.clone(),
        reactions: issue.reactions,
        milestone: issue.milestone.clone(),
    };
    let wishes = wishes(context.config, issue, &state, forms);
    let others = others(&state, context.config);
    Ok(RepositoryKnowledge { others, number: Some(issue.number), standing, wishes, ..code })
}

/// Whether a person took this label off the issue.
pub(in crate::tasks) fn is_refused(state: &State, issue: &Issue, label: Option<&LabelName>) -> bool {
    let Some((label, known)) = label.zip(state.issues.get(&issue.number)) else { return false };
    let off = known.labels_taken_off(&issue.labels);
    off.iter().any(|name| name.to_lowercase() == label.as_str().to_lowercase())
}

fn wishes(config: &Config, issue: &Issue, state: &State, forms: Vec<Form>) -> Wishes {
    let known = state.issues.get(&issue.number);
    let is_refused = |label: Option<&LabelName>| is_refused(state, issue, label);
    let triage = &config.triage;
    let is_answered =
        known.and_then(|known| known.asked.as_ref()).is_some_and(|asked| asked.answered.is_some());
    let wanted = |kind: IssueType| {
        (kind, triage.needs.of(kind).iter().map(|name| Wanted::named(name.as_str())).collect())
    };
    Wishes {
        // A person who took the label off has looked at it: it is no such report.
        security: (!is_refused(triage.security.label.as_ref())).then_some(triage.sure().security),
        quiet: triage.security.quiet,
        forms,
        needs: IssueType::ALL.into_iter().map(wanted).collect(),
        sure: triage.sure().label,
        // Once: who has answered is not asked again, nor is anybody when a person took the label off.
        may_ask: !is_answered
            && !is_refused(config.labels.needs_info.as_ref())
            && issue.author.kind == ActorKind::Person,
        areas: areas(config),
        sets: sets(config),
        duplicate: triage.duplicate,
    }
}

/// The configured labels for what an issue names.
pub(in crate::tasks) fn areas(config: &Config) -> Vec<Area> {
    let area = |rule: &config::LabelRule| Area {
        label: rule.label.as_str().to_owned(),
        paths: texts(&rule.paths),
        words: texts(&rule.words),
    };
    config.labels.also.iter().map(area).collect()
}

/// The configured sets of labels that are learned.
pub(in crate::tasks) fn sets(config: &Config) -> Vec<String> {
    texts(&config.triage.learn_sets)
}

fn texts(words: &[config::Words]) -> Vec<String> {
    words.iter().map(|word| word.as_str().to_owned()).collect()
}

/// What other issues are about, to compare with: open ones, and closed ones for as long as the configuration says.
pub(in crate::tasks) fn others(state: &State, config: &Config) -> Vec<KnownIssue> {
    let memory = config.triage.closed.span();
    let is_fresh = |closed_at| state.at.since(closed_at) <= memory;
    let known = state.issues.iter().filter(|(_, issue)| issue.closed_at.is_none_or(is_fresh));
    let known = known.filter_map(|(number, issue): (&IssueNumber, &IssueState)| {
        let terms = issue.analysis.as_ref()?.terms.clone();
        Some(KnownIssue { number: *number, terms, closed: issue.closed_at.is_some() })
    });
    let remembered = state.remembered.iter().filter(|(_, issue)| is_fresh(issue.closed_at));
    let remembered = remembered.filter(|(number, _)| !state.issues.contains_key(number));
    let remembered = remembered.map(|(number, issue)| KnownIssue {
        number: *number,
        terms: issue.terms.clone(),
        closed: true,
    });
    known.chain(remembered).collect()
}

/// Reads the part of the code that the text names, CODEOWNERS and the issue forms.
pub(in crate::tasks) async fn read_code(
    code: &dyn Code,
    text: &IssueText<'_>,
) -> Result<(RepositoryKnowledge, Vec<Form>), Failure> {
    let files = match code.files().await {
        Ok(files) => files,
        // An empty or unreadable repository has issues too; a passing trouble is worth another attempt.
        Err(failure) if failure.is_permanent() => return Ok(<_>::default()),
        Err(failure) => return Err(failure),
    };
    let paths: Vec<String> = files.into_iter().filter(|file| file.is_regular).map(|file| file.path).collect();
    let is_form = |path: &&String| config::is_form(path) || templates::is_template(path);
    let forms: Vec<String> = paths.iter().filter(is_form).take(FORMS).cloned().collect();
    let mut wanted = triage::needs(text, &paths);
    let owners_file = LOCATIONS.into_iter().find(|path| paths.iter().any(|known| known == path));
    for path in owners_file.map(str::to_owned).into_iter().chain(forms.iter().cloned()) {
        if !wanted.contains(&path) {
            wanted.push(path);
        }
    }
    let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let read = code.read(&names).await?;
    let mut contents: BTreeMap<String, String> = wanted
        .iter()
        .zip(read)
        .filter_map(|(path, content)| Some((path.clone(), String::from_utf8(content?).ok()?)))
        .collect();
    let form = |path: &String| {
        let content = contents.get(path)?;
        if templates::is_template(path) {
            return Some(templates::read(path, content));
        }
        let fields = config::fields(content).into_iter().map(|field| (field.label, field.required));
        Some(Form { path: path.clone(), fields: fields.collect(), ..Form::default() })
    };
    let forms = forms.iter().filter_map(form).collect();
    let codeowners = owners_file.and_then(|path| contents.remove(path)).map(|text| Codeowners::parse(&text));
    Ok((RepositoryKnowledge { paths, contents, codeowners, ..RepositoryKnowledge::default() }, forms))
}
