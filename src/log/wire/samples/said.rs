//! Samples of what people said and wanted, and what came of it.

use crate::domain::actor::{Actor, Permission};
use crate::domain::event::{
    CommandAnswered, CommandJudged, Event, FeatureChanged, SubjectPaused, SubjectResumed, TextForgotten,
};
use crate::domain::feature::Feature;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::subject::Subject;

/// What people said, and what came of it.
pub(super) fn said() -> Vec<Event> {
    let judged = |verb: &str, said: &str, permission| CommandJudged {
        verb: verb.to_owned(),
        said: said.to_owned(),
        actor: Actor::person("octo-cat"),
        permission,
        reason: "octo-cat has read access.".to_owned(),
        comment: Some(5),
    };
    let wish = judged("patch", "a patch in the comment of 2026-11-22", Some(Permission::Write));
    let feature = |reason: &str| FeatureChanged { feature: Feature::Label, reason: reason.to_owned() };
    vec![
        Event::CommandGranted(judged("help", "help", None)),
        Event::CommandRefused(judged("label", "label +bug", Some(Permission::Read))),
        Event::AccessGranted(wish.clone()),
        Event::AccessRefused(CommandJudged { permission: None, comment: None, ..wish }),
        Event::CommandAnswered(CommandAnswered {
            asked_by: Login::new("octo-cat"),
            text: "Nothing waits.".to_owned(),
        }),
        Event::SubjectPaused(SubjectPaused { reason: "octo-cat asked.".to_owned() }),
        Event::SubjectResumed(SubjectResumed { reason: "octo-cat asked.".to_owned() }),
        Event::FeaturePaused(feature("octo-cat asked.")),
        Event::FeatureResumed(feature("octo-cat asked.")),
        Event::FeatureFellBack(feature("octo-cat asked.")),
        Event::FeatureRestored(feature("octo-cat asked.")),
        Event::TextForgotten(TextForgotten {
            subjects: vec![Subject::Issue(IssueNumber(42))],
            events: 12,
            readable: 2,
        }),
    ]
}
