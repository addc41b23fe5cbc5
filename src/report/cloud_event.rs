//! What other systems are told: one event of CloudEvents 1.0 in its structured JSON form (cloudevents.io, specification 1.0.2).

use serde_json::{Value, json};

use crate::domain::notice::Notice;

/// What the types of our events begin with: a reversed name would have to be one that we own.
const PREFIX: &str = "automata.";

/// The event's id, the same whenever it is sent. After a rollback another event has its place in the log, and never its id.
#[must_use]
pub fn id(notice: &Notice) -> String {
    // Older tasks name the place alone.
    notice.event.clone().unwrap_or_else(|| format!("{}-{}", notice.sequence, notice.what.name()))
}

/// The event. `page` is the repository's page, its source.
#[must_use]
pub fn of(notice: &Notice, page: &str) -> String {
    let mut data = json!({
        "what": notice.what,
        "subject": notice.subject,
        "sequence": notice.sequence,
        "by": notice.by,
    });
    if let Some(number) = notice.subject.number() {
        data["number"] = json!(number);
        data["page"] = json!(format!("{page}/issues/{number}"));
    }
    let more = [("text", &notice.text), ("url", &notice.url)];
    for (name, value) in more.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        data[name] = json!(value);
    }
    if let Some(kind) = &notice.kind {
        data["kind"] = json!(kind);
    }
    let event: Value = json!({
        "specversion": "1.0",
        "id": id(notice),
        "source": page,
        "type": format!("{PREFIX}{}", notice.what.name()),
        "subject": notice.subject.to_string(),
        "time": notice.at,
        "datacontenttype": "application/json",
        "data": data,
    });
    event.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{IssueNumber, Login, Sequence};
    use crate::domain::notice::Happening;
    use crate::domain::subject::Subject;
    use crate::domain::time::Timestamp;

    #[test]
    fn an_event_has_what_the_specification_asks_for() {
        let notice = Notice {
            what: Happening::PullRequest,
            sequence: Sequence(17),
            subject: Subject::Issue(IssueNumber(42)),
            at: Timestamp::from_millis(1_795_341_600_000),
            by: Some(Login::new("mona")),
            kind: None,
            rule: None,
            text: Some("#43".to_owned()),
            url: Some("https://github.com/acme/widgets/pull/43".to_owned()),
            event: Some("7zq3m0x1c2v4-2".to_owned()),
        };
        let event: Value = serde_json::from_str(&of(&notice, "https://github.com/acme/widgets")).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&event).unwrap(), @r##"
    {
      "data": {
        "by": "mona",
        "number": 42,
        "page": "https://github.com/acme/widgets/issues/42",
        "sequence": 17,
        "subject": "issue/42",
        "text": "#43",
        "url": "https://github.com/acme/widgets/pull/43",
        "what": "pull_request"
      },
      "datacontenttype": "application/json",
      "id": "7zq3m0x1c2v4-2",
      "source": "https://github.com/acme/widgets",
      "specversion": "1.0",
      "subject": "issue/42",
      "time": "2026-11-22T10:00:00Z",
      "type": "automata.pull_request"
    }
    "##);
    }
}
