//! What follows from every analysis, one clause each.

use crate::config::model::Config;
use crate::config::rule::{LabelName, LoginName, Words};
use crate::config::triage::Confidence;

pub(super) fn after_analysis(config: &Config) -> Vec<String> {
    let mut clauses = sureness(config);
    clauses.extend(labels(config));
    clauses.push(owners(config));
    clauses.extend(special(config));
    if let Some(name) = &config.triage.assistant {
        clauses.push(format!(
            "`{}` is asked to judge the issue within the budgets; what it says is held to the same rules, and without a usable \
             answer the rules' own verdict stands",
            name.as_str()
        ));
        if let Some(settle) = config.triage.settle.as_ref().filter(|_| config.triage.settles().is_some()) {
            clauses.push(format!("it is asked when the issue has been left alone for {}", settle.as_str()));
        }
    }
    if !config.triage.learn_sets.is_empty() {
        let globs = quoted(config.triage.learn_sets.iter().map(Words::as_str));
        clauses.push(format!(
            "one label of each of {globs}, once `automata learn` has learned from labelled issues which; one that a person set stays"
        ));
    }
    clauses.push(match config.triage.learn_after {
        Some(count) => format!(
            "where `automata learn` has learned types, they are learned anew when people have corrected {count} of them"
        ),
        None => "types are learned by `automata learn` alone".to_owned(),
    });
    clauses.push(format!(
        "the status comment shows what is sure enough, with up to {} similar issues",
        config.triage.similar
    ));
    clauses
}

fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn sureness(config: &Config) -> Vec<String> {
    match &config.triage.confidence {
        Confidence::All(confidence) => vec![format!("findings less than {confidence} sure lead to nothing")],
        Confidence::Each(each) => vec![format!(
            "findings lead to a label when {} sure, to an assignment when {}, to a word in the status comment when {}, to \
             what rules say when {}, to quiet as a report of a weakness when {}",
            each.label, each.assign, each.comment, each.rules, each.security
        )],
    }
}

fn labels(config: &Config) -> Vec<String> {
    let names = &config.labels;
    let missing = if names.create { "made where missing" } else { "where the repository has it" };
    let mut clauses = vec![
        format!("one label for the type, {missing}: {}", quoted(names.of_type.all())),
        format!("one label for the urgency, {missing}: {}", quoted(names.of_urgency.all())),
    ];
    if !names.exclusive.is_empty() {
        let globs = quoted(names.exclusive.iter().map(Words::as_str));
        clauses.push(format!("at most one label of each of {globs}; one that a person set stays"));
    }
    for rule in &names.also {
        let paths = quoted(rule.paths.iter().map(Words::as_str));
        let words = quoted(rule.words.iter().map(Words::as_str));
        let what = match (rule.paths.is_empty(), rule.words.is_empty()) {
            (false, true) => format!("places in {paths}"),
            (true, _) => format!("words {words}"),
            (false, false) => format!("places in {paths} or words {words}"),
        };
        clauses.push(format!("the label `{}` for {what}", rule.label.as_str()));
    }
    let types = crate::domain::verdict::IssueType::ALL.into_iter();
    let types: Vec<&str> = types.filter_map(|kind| names.issue_types.of(kind)).collect();
    if !types.is_empty() {
        clauses.push(format!("the issue's type, where nobody has set one: {}", quoted(types)));
    }
    clauses
}

fn owners(config: &Config) -> String {
    let rules = &config.assign;
    if !rules.owners {
        return "owners by CODEOWNERS are named, not assigned".to_owned();
    }
    let who = if rules.round_robin { "one owner by CODEOWNERS, in turn," } else { "owners by CODEOWNERS" };
    let verb = if rules.round_robin { "is" } else { "are" };
    let mut told = format!("{who} {verb} assigned when nobody is");
    if !rules.unavailable.is_empty() {
        told.push_str(&format!(", but not {}", quoted(rules.unavailable.iter().map(LoginName::as_str))));
    }
    if let Some(most) = rules.most_open {
        told.push_str(&format!(", and nobody who has {most} open issues"));
    }
    told
}

fn special(config: &Config) -> Vec<String> {
    let (triage, names) = (&config.triage, &config.labels);
    let label = |label: Option<&LabelName>| {
        label.map_or_else(String::new, |label| format!(", and gets the label `{}`", label.as_str()))
    };
    let mut clauses = Vec::new();
    let security = label(triage.security.label.as_ref());
    clauses.push(if triage.security.quiet {
        format!("a report of a weakness is not analysed in public: it is told where to report it{security}")
    } else {
        format!("a report of a weakness is told where to report it{security}")
    });
    let needs_info = label(names.needs_info.as_ref());
    clauses.push(format!(
        "what required fields of an issue form lack is asked for once, in the status comment{needs_info}"
    ));
    for (kind, needs) in triage.needs.all() {
        clauses.push(format!("a {kind} has to tell {}", quoted(needs)));
    }
    if let Some(stale) = &triage.stale {
        let what = if stale.close { "it is closed as not planned" } else { "the status comment says so" };
        let also = label(stale.label.as_ref());
        clauses.push(format!("when no answer comes in {}, {what}{also}", stale.after.as_str()));
    }
    if let Some(least) = triage.duplicate {
        let also = label(names.duplicate.as_ref());
        clauses.push(format!(
            "an issue that is {least} alike to an older one is said to repeat it{also}; nothing is closed"
        ));
    }
    let closed = triage.closed.as_str();
    clauses.push(format!("it is compared with open issues, and with closed ones for {closed} after that"));
    clauses
}
