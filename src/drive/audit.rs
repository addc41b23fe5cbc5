//! What grants on a folder should be beside what they are: drift, risk, and what would mend each.

mod finding;
mod judge;
mod own;
mod words;

use std::collections::BTreeMap;

pub use finding::{Finding, Mend, Weight};
pub use words::{Given, May, Standing, Wanted, Who};

use judge::judge;

/// Compares. What is worst comes first.
#[must_use]
pub fn compare(wanted: &Wanted, real: &[Standing]) -> Vec<Finding> {
    let mut left: BTreeMap<Who, May> = wanted.grants.iter().map(|(who, may)| (who.key(), *may)).collect();
    let mut findings: Vec<Finding> =
        real.iter().flat_map(|standing| judge(standing, wanted, &mut left)).collect();
    for (who, may) in &wanted.grants {
        if left.contains_key(&who.key()) {
            findings.push(Finding {
                weight: Weight::Drift,
                kind: "missing",
                what: format!("{who} should be {}, and is not let in", may.word()),
                mend: Mend::Give { who: who.clone(), may: *may },
            });
        }
    }
    own::keep(wanted, real, &mut findings);
    findings.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.what.cmp(&b.what)));
    findings
}

/// Looks at something that lies below a folder of which `wanted` speaks. What comes from above was told there, `above`
/// being what stands at the folder that it lies in; so only what was given at this very place counts: more than is
/// wanted above, or somebody of whom nothing is wanted.
#[must_use]
pub fn below(wanted: &Wanted, real: &[Standing], above: &[Standing]) -> Vec<Finding> {
    let comes_from_above = |standing: &Standing| {
        // Outside of shared drives Drive does not always say where a grant comes from: it has the same id there.
        let is_it = |other: &Standing| (&other.id, other.may) == (&standing.id, standing.may);
        standing.inherited || above.iter().any(is_it)
    };
    let is_enough = |standing: &Standing| {
        let asked = wanted
            .grants
            .iter()
            .filter(|(who, _)| standing.who.as_ref().is_some_and(|standing| standing.key() == who.key()));
        let is_asked = asked.clone().any(|(_, asked)| standing.may.is_some_and(|may| may <= *asked));
        (!standing.deleted && is_asked) || wanted.is_given(standing)
    };
    let own = real.iter().filter(|standing| !comes_from_above(standing) && !is_enough(standing));
    let asked: BTreeMap<Who, May> = wanted.grants.iter().map(|(who, may)| (who.key(), *may)).collect();
    let judged = |standing: &Standing| {
        // Whoever makes a file outside of a shared drive owns it, and that is not too much.
        let is_owner = standing.may == Some(May::Owner);
        judge(standing, wanted, &mut if is_owner { BTreeMap::new() } else { asked.clone() })
    };
    let mut findings: Vec<Finding> = own.flat_map(judged).collect();
    for finding in findings.iter_mut().filter(|finding| finding.is_of_owner(real)) {
        finding.mend = Mend::ByHand { what: "Its owner has to hand it over.".to_owned() };
    }
    own::keep(wanted, real, &mut findings);
    findings.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.what.cmp(&b.what)));
    findings
}

#[cfg(test)]
mod tests;
