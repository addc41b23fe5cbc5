//! What is said of one grant.

use std::collections::BTreeMap;

use super::finding::{Finding, Mend, Weight};
use super::words::{May, Standing, Wanted, Who};

/// Judges a grant. What is wanted of somebody is taken out of `left`.
pub(super) fn judge(standing: &Standing, wanted: &Wanted, left: &mut BTreeMap<Who, May>) -> Vec<Finding> {
    let finding = |weight, kind, what, mend| vec![Finding { weight, kind, what, mend }];
    let take = || {
        if standing.inherited {
            Mend::ByHand { what: "It comes from a folder above: change it there.".to_owned() }
        } else {
            Mend::Take { id: standing.id.clone() }
        }
    };
    let (Some(who), Some(may)) = (&standing.who, standing.may) else {
        let what = format!("grant {} is of a kind that Automata does not know", standing.id);
        return finding(Weight::Drift, "unknown", what, Mend::Nothing);
    };
    if standing.deleted {
        let what = format!("the account of {who} ({}) was deleted", may.word());
        let mend = if may == May::Owner {
            Mend::ByHand { what: "An administrator has to hand the file over to somebody.".to_owned() }
        } else {
            take()
        };
        return finding(Weight::Risk, "orphaned", what, mend);
    }
    let asked = left.remove(&who.key());
    if wanted.is_given(standing) && asked.is_none_or(|asked| asked <= may) {
        return Vec::new();
    }
    match asked {
        Some(asked) if asked == may => Vec::new(),
        Some(asked) if may == May::Owner => {
            let what = format!("{who} owns it, and should be {}", asked.word());
            finding(
                Weight::Drift,
                "too_much",
                what,
                Mend::ByHand { what: "Hand it over first: `automata drive transfer`.".to_owned() },
            )
        }
        Some(asked) => {
            let what = format!("{who} is {}, and should be {}", may.word(), asked.word());
            let more = may > asked;
            // What is inherited can be widened here, and not lessened.
            let mend = if standing.inherited && more {
                take()
            } else {
                Mend::Change { id: standing.id.clone(), may: asked }
            };
            let (weight, kind) =
                if more { (Weight::Risk, "too_much") } else { (Weight::Drift, "too_little") };
            finding(weight, kind, what, mend)
        }
        None => unasked(standing, who, may, wanted, take),
    }
}

/// What is said of a grant that nobody asked for.
fn unasked(
    standing: &Standing,
    who: &Who,
    may: May,
    wanted: &Wanted,
    take: impl FnOnce() -> Mend,
) -> Vec<Finding> {
    let finding = |weight, kind, what, mend| vec![Finding { weight, kind, what, mend }];
    // What the configuration does not speak of goes only where it says so.
    let mend = |take: Mend| if wanted.only { take } else { Mend::Nothing };
    let until = if standing.ends { ", for a time" } else { "" };
    if *who == Who::Anyone {
        let what = format!("anyone with the link is {}", may.word());
        return finding(Weight::Risk, "public", what, mend(take()));
    }
    let domain = who.domain().unwrap_or_default();
    // Our own account may be a program's, which belongs to nobody's organisation; those of others are told.
    let outside = !wanted.inside.is_empty()
        && !wanted.is_own(who)
        && !wanted.inside.iter().any(|inside| inside.eq_ignore_ascii_case(&domain));
    if outside {
        let what = format!("{who}, from outside, is {}{until}", may.word());
        return finding(Weight::Risk, "outside", what, mend(take()));
    }
    // There is always an owner, and a drive's organizers are its members; neither is said to be too much.
    if wanted.only && may < May::Organizer && !standing.inherited {
        let what = format!("{who} is {}{until}, and nobody asked for it", may.word());
        return finding(Weight::Drift, "extra", what, mend(take()));
    }
    Vec::new()
}
