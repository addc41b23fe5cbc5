//! Moving refs: the old and new target of each in one request, the server's report, and what is so when
//! the report was lost.

use super::super::objects::{ObjectId, Objects};
use super::super::pktline::{Message, Packet, Packets, demultiplex, text};
use super::super::remote::{Error, Outcome, Push, RefUpdate, Remote};
use super::transport::Failed;
use super::{AGENT, HttpRemote};
use crate::domain::untrusted::one_line;

/// How often a push is sent in all when its answer is lost and the refs show that it did not arrive.
const PUSH_TRIES: u32 = 3;

/// What stands for "no object" in a push.
const NO_OBJECT: &str = "0000000000000000000000000000000000000000";

/// Words by which servers say that no retry helps. All else counts as a lost race, which is tried again
/// a bounded number of times: git itself has many wordings for that, and they change.
const FORBIDDEN: [&str; 9] = [
    "protected branch",
    "hook declined",
    "rule violations",
    "deny updating a hidden ref",
    "branch is currently checked out",
    "refusing to",
    "not allowed",
    "unpacker error",
    "funny refname",
];

impl HttpRemote {
    pub(super) async fn push_refs(&self, objects: &Objects, push: &Push) -> Result<Vec<Outcome>, Error> {
        if push.updates.len() < 2 {
            return self.push_once(objects, push, false).await;
        }
        // Asked before, since a server that does not know `atomic` ignores it and moves what it can.
        if push.together || self.knows_atomic().await? {
            return self.push_once(objects, push, true).await;
        }
        let mut outcomes: Vec<Outcome> = Vec::new();
        for update in &push.updates {
            if outcomes.last().is_some_and(|last| *last != Outcome::Done) {
                outcomes.push(Outcome::Stale("held back, since an update before it was not done".to_owned()));
                continue;
            }
            let single = Push { updates: vec![update.clone()], ..push.clone() };
            outcomes.extend(self.push_once(objects, &single, false).await?);
        }
        Ok(outcomes)
    }

    /// Whether the server moves several refs or none. It is asked once.
    pub(super) async fn knows_atomic(&self) -> Result<bool, Error> {
        self.atomic
            .get_or_try_init(async || {
                let (_, capabilities) = self.transport.receive_capabilities().await?;
                Ok(capabilities.iter().any(|known| known == "atomic"))
            })
            .await
            .copied()
    }

    /// Sends one request, and sends it again only when the refs show that it did not arrive. That is
    /// safe however late the lost one may still come: both name the same old and new targets.
    async fn push_once(&self, objects: &Objects, push: &Push, atomic: bool) -> Result<Vec<Outcome>, Error> {
        let mut base = self.known().await?.base.clone();
        // gitprotocol-pack(5): when refs are only deleted, no pack follows.
        let deletes = push.updates.iter().all(|update| update.target.is_nothing());
        let pack = if deletes { Vec::new() } else { objects.make_pack(&push.objects)? };
        let body = request(push, atomic, &pack);
        let mut tries = 1;
        loop {
            let answer = self.transport.receive_pack(&base, body.clone()).await;
            // A report that makes no sense is a lost one: the push may be done.
            match answer.and_then(|answer| report(&answer, &push.updates).map_err(Failed::lost)) {
                Ok(outcomes) => {
                    let was_sent_before = tries > 1;
                    if was_sent_before && outcomes.iter().any(|outcome| matches!(outcome, Outcome::Stale(_)))
                    {
                        return self.settle(&push.updates, "the answer to the first try was lost").await;
                    }
                    return Ok(outcomes);
                }
                Err(Failed { was_misasked: true, may_pass: false, error, .. }) if tries == 1 => {
                    // A server that wants its list of refs to be read first.
                    match self.transport.receive_capabilities().await {
                        Ok((found, _)) => base = found,
                        Err(_) => return Err(error),
                    }
                }
                Err(failed) if !failed.may_pass => return Err(failed.error),
                Err(failed) => {
                    let outcomes = self.settle(&push.updates, &failed.error.to_string()).await?;
                    let did_not_arrive = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stale(_)));
                    if !did_not_arrive {
                        return Ok(outcomes);
                    }
                    if tries == PUSH_TRIES {
                        return Err(failed.error);
                    }
                    self.transport.pause(tries).await;
                }
            }
            tries += 1;
        }
    }

    /// What is so after a lost answer, by where the refs stand now. Here `Stale` means that the ref is
    /// still where it was expected.
    async fn settle(&self, updates: &[RefUpdate], lost: &str) -> Result<Vec<Outcome>, Error> {
        let names: Vec<&str> = updates.iter().map(|update| update.name.as_str()).collect();
        let refs = self.refs(&names).await?;
        Ok(updates
            .iter()
            .map(|update| {
                let now: Option<ObjectId> =
                    refs.iter().find(|found| found.name == update.name).map(|found| found.target);
                if now == Some(update.target).filter(|target| !target.is_nothing()) {
                    Outcome::Done
                } else if now == update.expected {
                    Outcome::Stale(lost.to_owned())
                } else {
                    Outcome::Unsettled(lost.to_owned())
                }
            })
            .collect())
    }
}

fn request(push: &Push, atomic: bool, pack: &[u8]) -> Vec<u8> {
    let mut message = Message::new();
    for (place, update) in push.updates.iter().enumerate() {
        let old = update.expected.map_or_else(|| NO_OBJECT.to_owned(), |id| id.to_string());
        let command = format!("{old} {} {}", update.target, update.name);
        let atomic = if atomic { " atomic" } else { "" };
        message = match place {
            0 => message.data(
                format!("{command}\0 report-status side-band-64k{atomic} object-format=sha1 {AGENT}")
                    .as_bytes(),
            ),
            _ => message.data(command.as_bytes()),
        };
    }
    message.flush().raw(pack).bytes()
}

/// Reads the server's report: `unpack ok`, then `ok <ref>` or `ng <ref> <reason>` for each.
fn report(answer: &[u8], updates: &[RefUpdate]) -> Result<Vec<Outcome>, Error> {
    let mut packets = Packets::new(answer);
    // A server without side bands sends the report as it is.
    let is_banded = answer.get(4).is_some_and(|first| *first <= 3);
    let bands = if is_banded { demultiplex(&mut packets)? } else { Default::default() };
    let lines = if is_banded { bands.data.as_slice() } else { answer };
    let mut unpacked = None;
    let mut told: Vec<(String, Option<String>)> = Vec::new();
    for packet in Packets::new(lines) {
        let Packet::Data(line) = packet? else { break };
        let line = text(line);
        match line.split_once(' ') {
            Some(("unpack", result)) => unpacked = Some(result.to_owned()),
            Some(("ok", name)) => told.push((name.to_owned(), None)),
            Some(("ng", rest)) => {
                let (name, reason) = rest.split_once(' ').unwrap_or((rest, "no reason given"));
                told.push((name.to_owned(), Some(reason.to_owned())));
            }
            _ => {}
        }
    }
    match unpacked.as_deref() {
        Some("ok") => {}
        Some(other) => return Err(Error::Broken(format!("the server could not read the pack: {other}"))),
        None => return Err(Error::Broken("the server did not report what came of the push".to_owned())),
    }
    Ok(updates
        .iter()
        .map(|update| match told.iter().find(|(name, _)| *name == update.name) {
            Some((_, None)) => Outcome::Done,
            Some((_, Some(reason))) => rejected(&update.name, reason, &bands.told),
            None => Outcome::Unsettled(format!("the server said nothing about {}", update.name)),
        })
        .collect())
}

fn rejected(name: &str, reason: &str, told: &str) -> Outcome {
    let told = one_line(told, 400);
    let whole = match told.as_str() {
        "" => format!("{name}: {reason}"),
        told => format!("{name}: {reason} ({told})"),
    };
    // GH006 and GH013 are GitHub's protected branch and repository rules; they come on the second band.
    let is_forbidden = FORBIDDEN.iter().any(|words| reason.contains(words))
        || ["GH006", "GH013"].iter().any(|code| told.contains(code));
    if is_forbidden { Outcome::Forbidden(whole) } else { Outcome::Stale(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(name: &str) -> RefUpdate {
        RefUpdate { name: name.to_owned(), expected: None, target: "1".repeat(40).parse().unwrap() }
    }

    #[test]
    fn a_rejected_ref_is_never_done() {
        let updates = [update("refs/heads/a"), update("refs/heads/b"), update("refs/heads/c")];
        let lines = Message::new()
            .line("unpack ok")
            .line("ok refs/heads/a")
            .line("ng refs/heads/b failed to update ref")
            .flush()
            .bytes();
        let expected = [
            Outcome::Done,
            Outcome::Stale("refs/heads/b: failed to update ref".to_owned()),
            Outcome::Unsettled("the server said nothing about refs/heads/c".to_owned()),
        ];
        assert_eq!(report(&lines, &updates).unwrap(), expected);
        let banded = Message::new().data(&[b"\x01".as_slice(), &lines].concat()).flush().bytes();
        assert_eq!(report(&banded, &updates).unwrap(), expected);
    }

    #[test]
    fn a_protected_branch_is_no_lost_race() {
        let report = |reason: &str, told: &str| {
            let lines =
                Message::new().line("unpack ok").line(&format!("ng refs/heads/a {reason}")).flush().bytes();
            let message = Message::new().data(&[b"\x01".as_slice(), &lines].concat());
            let message =
                if told.is_empty() { message } else { message.data(format!("\x02{told}").as_bytes()) };
            super::report(&message.flush().bytes(), &[update("refs/heads/a")]).unwrap().remove(0)
        };
        insta::assert_debug_snapshot!(report("protected branch hook declined", "error: GH006: Protected branch update failed.\n"), @r#"
        Forbidden(
            "refs/heads/a: protected branch hook declined (error: GH006: Protected branch update failed.)",
        )
        "#);
        assert!(matches!(
            report("declined", "error: GH013: Repository rule violations found\n"),
            Outcome::Forbidden(_)
        ));
        for race in
            ["fetch first", "non-fast-forward", "cannot lock ref", "reference already exists", "stale info"]
        {
            assert!(matches!(report(race, ""), Outcome::Stale(_)), "{race}");
        }
    }

    #[test]
    fn an_answer_without_a_report_is_an_error() {
        let updates = [update("refs/heads/a")];
        let unpack = Message::new().line("unpack index-pack abnormal exit").flush().bytes();
        for answer in [b"".as_slice(), b"0000", b"<html>", &unpack] {
            assert!(report(answer, &updates).is_err(), "{answer:?}");
        }
    }
}
