//! What an analysis found, each finding with its reasons.

use super::Reasoned;
use crate::domain::id::IssueNumber;
use crate::domain::input;
use crate::domain::state::{IssueState, State};
use crate::domain::task::{Status, Task};
use crate::domain::untrusted::one_line;
use crate::domain::verdict::Analysis;

/// What the last analysis that is known as a task found: of an issue that has left the present nothing else is there.
pub(super) fn last_analysis(state: &State, number: IssueNumber) -> Option<Analysis> {
    let about = |task: &&Task| {
        task.spec.subject.number() == Some(number) && task.spec.kind.as_str() == input::ANALYSE
    };
    let found = state.tasks.values().filter(about).filter_map(|task| match &task.status {
        Status::Completed { output, .. } => Some((task.enqueued, output.read::<Analysis>().ok()?)),
        _ => None,
    });
    found.max_by_key(|(enqueued, _)| *enqueued).map(|(_, analysis)| analysis)
}

/// That the last attempt ended with a pull request that somebody closed, and what follows for the next one.
fn closed(issue: &IssueState) -> Option<Reasoned> {
    let pull = issue.pull_request.as_ref()?;
    let end = issue.fate.end.as_ref().filter(|end| !end.merged)?;
    let mut because =
        vec!["the next attempt is told what people with write access said of it there".to_owned()];
    if let Some(most) = issue.most_lines_next() {
        let lines = pull.lines.unwrap_or_default();
        because.push(format!(
            "an assistant's next change may have {most} lines: half of the {lines} that this one was opened with, and never less than 10"
        ));
    }
    Some(Reasoned { what: format!("{} closed #{} without merging it", end.by, pull.number), because })
}

pub(super) fn findings(state: &State, number: IssueNumber) -> Vec<Reasoned> {
    let known = state.issues.get(&number).and_then(|issue| issue.analysis.clone());
    let mut findings: Vec<Reasoned> = state.issues.get(&number).and_then(closed).into_iter().collect();
    let Some(analysis) = known.or_else(|| last_analysis(state, number)) else { return findings };
    if let Some(found) = &analysis.issue_type {
        let what = format!("it is a {} ({:.0}% sure)", found.value.name(), found.confidence * 100.0);
        findings.push(Reasoned { what, because: found.reasons.clone() });
    }
    if let Some(found) = &analysis.urgency {
        let what = format!("its urgency is {} ({:.0}% sure)", found.value.name(), found.confidence * 100.0);
        findings.push(Reasoned { what, because: found.reasons.clone() });
    }
    if let Some(report) = &analysis.security {
        let what = format!("it reports a weakness ({:.0}% sure)", report.confidence * 100.0);
        findings.push(Reasoned { what, because: report.reasons.clone() });
    }
    for need in &analysis.missing {
        findings
            .push(Reasoned { what: format!("it lacks {}", need.what), because: vec![need.reason.clone()] });
    }
    if let Some(found) = &analysis.duplicate {
        let what = format!("it repeats #{} ({:.0}% alike)", found.value, found.confidence * 100.0);
        findings.push(Reasoned { what, because: found.reasons.clone() });
    }
    for found in &analysis.labels {
        let what = format!("it belongs to `{}` ({:.0}% sure)", found.label, found.confidence * 100.0);
        findings.push(Reasoned { what, because: found.reasons.clone() });
    }
    if let Some(judged) = &analysis.judged {
        let said = judged.comment.as_ref().map(|said| (format!("{} judged it", judged.by), said));
        let in_vain =
            judged.in_vain.as_ref().map(|why| (format!("{} was asked to judge it, in vain", judged.by), why));
        findings.extend(
            said.into_iter().chain(in_vain).map(|(what, why)| Reasoned { what, because: vec![why.clone()] }),
        );
    }
    for place in &analysis.places {
        let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
        let because = vec![format!("the text says {}", one_line(&place.mention, 120))];
        findings.push(Reasoned { what: format!("it is about {}{line}", place.path), because });
    }
    for owner in &analysis.owners {
        let what = format!("{} looks after it", owner.name);
        findings.push(Reasoned { what, because: vec![owner.reason.clone()] });
    }
    for similar in &analysis.similar {
        let because = vec![format!("both say {}", similar.shared.join(", "))];
        findings.push(Reasoned { what: format!("it is like #{}", similar.number), because });
    }
    findings
}
