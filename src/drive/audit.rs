//! What grants on a folder should be beside what they are: drift, risk, and what would mend each.

mod own;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// Who is let in, in words of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A person or a service account, by its address.
    User(String),
    /// A group, by its address.
    Group(String),
    /// Everybody of an organisation.
    Domain(String),
    /// Everybody who has the link.
    Anyone,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(address) => f.write_str(address),
            Self::Group(address) => write!(f, "group {address}"),
            Self::Domain(domain) => write!(f, "everybody at {domain}"),
            Self::Anyone => f.write_str("anyone with the link"),
        }
    }
}

impl Who {
    /// The same however capitals are used: addresses and domains have none.
    fn key(&self) -> Self {
        match self {
            Self::User(address) => Self::User(address.to_lowercase()),
            Self::Group(address) => Self::Group(address.to_lowercase()),
            Self::Domain(domain) => Self::Domain(domain.to_lowercase()),
            Self::Anyone => Self::Anyone,
        }
    }

    /// The organisation that they belong to, where that can be told.
    fn domain(&self) -> Option<String> {
        match self {
            Self::User(address) | Self::Group(address) => {
                address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase())
            }
            Self::Domain(domain) => Some(domain.to_lowercase()),
            Self::Anyone => None,
        }
    }
}

/// What somebody may do, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum May {
    /// See it.
    Reader,
    /// Say something about it.
    Commenter,
    /// Change it.
    Writer,
    /// Change, move and share what is in a shared drive.
    FileOrganizer,
    /// Manage a shared drive.
    Organizer,
    /// Own it.
    Owner,
}

impl May {
    /// Drive's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Commenter => "commenter",
            Self::Writer => "writer",
            Self::FileOrganizer => "fileOrganizer",
            Self::Organizer => "organizer",
            Self::Owner => "owner",
        }
    }

    /// What Drive's word means.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Reader, Self::Commenter, Self::Writer, Self::FileOrganizer, Self::Organizer, Self::Owner]
            .into_iter()
            .find(|may| may.word() == word)
    }
}

/// A grant that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// Who is let in; none where Drive keeps that back.
    pub who: Option<Who>,
    /// What they may do; none for what we have no word for.
    pub may: Option<May>,
    /// Whether it comes from above, so that it cannot be changed here.
    pub inherited: bool,
    /// Whether the account behind it was deleted.
    pub deleted: bool,
    /// Whether it ends by itself.
    pub ends: bool,
}

/// What is wanted of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who may do what.
    pub grants: Vec<(Who, May)>,
    /// Whether others that are not inherited are to go.
    pub only: bool,
    /// Organisations whose people are no outsiders.
    pub inside: Vec<String>,
    /// The address of the account that we work with.
    pub own: Option<String>,
    /// Grants that we gave there ourselves, as another rule wants it.
    pub given: Vec<Given>,
}

/// A grant that another rule of the configuration led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its id.
    pub id: String,
    /// What was given; none where that is not known any more.
    pub may: Option<May>,
}

impl Wanted {
    /// Whether this is our own account.
    fn is_own(&self, who: &Who) -> bool {
        self.own.as_ref().is_some_and(|own| Who::User(own.clone()).key() == who.key())
    }

    /// Whether it is what we gave, or less.
    fn is_given(&self, standing: &Standing) -> bool {
        let is_it = |given: &Given| {
            given.id == standing.id
                && given.may.is_none_or(|most| standing.may.is_some_and(|may| may <= most))
        };
        !standing.deleted && self.given.iter().any(is_it)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Not as wanted.
    Drift,
    /// Somebody may see or do what they should not.
    Risk,
}

/// What would mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Mend {
    /// Access is given.
    Give {
        /// To whom.
        who: Who,
        /// What.
        may: May,
    },
    /// A grant is changed.
    Change {
        /// Which.
        id: String,
        /// To what.
        may: May,
    },
    /// A grant is taken away.
    Take {
        /// Which.
        id: String,
    },
    /// A person has to.
    ByHand {
        /// What.
        what: String,
    },
    /// Nothing: it is only told.
    Nothing,
}

/// Something that is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub weight: Weight,
    /// One word: `missing`, `too_little`, `too_much`, `extra`, `public`, `outside`, `orphaned`, `unknown`.
    pub kind: &'static str,
    /// What is the matter, one sentence without its full stop.
    pub what: String,
    /// What would mend it.
    pub mend: Mend,
}

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

impl Finding {
    /// Whether the owner would have to go, which nobody can take away.
    fn is_of_owner(&self, real: &[Standing]) -> bool {
        let is_owner = |id: &str| real.iter().any(|one| one.id == id && one.may == Some(May::Owner));
        matches!(&self.mend, Mend::Take { id } if is_owner(id))
    }
}

fn judge(standing: &Standing, wanted: &Wanted, left: &mut BTreeMap<Who, May>) -> Vec<Finding> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn user(name: &str) -> Who {
        Who::User(format!("{name}@acme.example"))
    }

    fn standing(who: Who, may: May) -> Standing {
        let id = who.to_string();
        Standing { id, who: Some(who), may: Some(may), inherited: false, deleted: false, ends: false }
    }

    fn told(findings: &[Finding]) -> String {
        findings
            .iter()
            .map(|found| format!("{:?} {}: {} => {:?}", found.weight, found.kind, found.what, found.mend))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn drift_and_risk_are_told_apart_and_each_has_its_remedy() {
        let wanted = Wanted {
            grants: vec![
                (user("mona"), May::Writer),
                (user("otto"), May::Reader),
                (user("new"), May::Reader),
            ],
            only: true,
            inside: vec!["acme.example".into()],
            ..Wanted::default()
        };
        let real = [
            standing(user("Mona"), May::Writer),
            standing(user("otto"), May::Writer),
            standing(user("boss"), May::Owner),
            standing(user("extra"), May::Commenter),
            Standing { inherited: true, ..standing(Who::Domain("other.example".into()), May::Reader) },
            standing(Who::Anyone, May::Reader),
            Standing { deleted: true, ..standing(user("left"), May::Writer) },
            Standing { who: None, ..standing(Who::Anyone, May::Reader) },
        ];
        insta::assert_snapshot!(told(&compare(&wanted, &real)), @r#"
    Risk public: anyone with the link is reader => Take { id: "anyone with the link" }
    Risk outside: everybody at other.example, from outside, is reader => ByHand { what: "It comes from a folder above: change it there." }
    Risk too_much: otto@acme.example is writer, and should be reader => Change { id: "otto@acme.example", may: Reader }
    Risk orphaned: the account of left@acme.example (writer) was deleted => Take { id: "left@acme.example" }
    Drift extra: extra@acme.example is commenter, and nobody asked for it => Take { id: "extra@acme.example" }
    Drift unknown: grant anyone with the link is of a kind that Automata does not know => Nothing
    Drift missing: new@acme.example should be reader, and is not let in => Give { who: User("new@acme.example"), may: Reader }
    "#);
    }

    #[test]
    fn without_only_what_is_not_spoken_of_is_told_and_left() {
        let real = [standing(Who::Anyone, May::Writer), standing(user("somebody"), May::Writer)];
        let findings = compare(&Wanted::default(), &real);
        insta::assert_snapshot!(told(&findings), @"Risk public: anyone with the link is writer => Nothing");
    }

    #[test]
    fn below_a_folder_only_what_was_given_there_counts() {
        let wanted = |only| Wanted {
            grants: vec![(user("mona"), May::Writer), (user("otto"), May::Reader)],
            only,
            inside: vec!["acme.example".into()],
            ..Wanted::default()
        };
        let above = [standing(user("mona"), May::Writer), standing(user("legacy"), May::Writer)];
        let real = [
            standing(user("mona"), May::Writer),
            standing(user("legacy"), May::Writer),
            standing(user("otto"), May::Writer),
            standing(user("pat"), May::Owner),
            standing(user("temp"), May::Reader),
            Standing { inherited: true, ..standing(Who::Domain("other.example".into()), May::Reader) },
            standing(Who::Anyone, May::Reader),
            standing(Who::User("eve@other.example".into()), May::Owner),
            Standing { deleted: true, ..standing(user("left"), May::Owner) },
        ];
        insta::assert_snapshot!(told(&below(&wanted(true), &real, &above)), @r#"
        Risk public: anyone with the link is reader => Take { id: "anyone with the link" }
        Risk outside: eve@other.example, from outside, is owner => ByHand { what: "Its owner has to hand it over." }
        Risk too_much: otto@acme.example is writer, and should be reader => Change { id: "otto@acme.example", may: Reader }
        Risk orphaned: the account of left@acme.example (owner) was deleted => ByHand { what: "An administrator has to hand the file over to somebody." }
        Drift extra: temp@acme.example is reader, and nobody asked for it => Take { id: "temp@acme.example" }
        "#);
        insta::assert_snapshot!(told(&below(&wanted(false), &real, &above)), @r#"
        Risk public: anyone with the link is reader => Nothing
        Risk outside: eve@other.example, from outside, is owner => Nothing
        Risk too_much: otto@acme.example is writer, and should be reader => Change { id: "otto@acme.example", may: Reader }
        Risk orphaned: the account of left@acme.example (owner) was deleted => ByHand { what: "An administrator has to hand the file over to somebody." }
        "#);
    }

    proptest! {
        #[test]
        fn what_is_mended_is_not_found_again(
            wanted in prop::collection::btree_map(0..4_usize, 0..3_usize, 0..4),
            real in prop::collection::btree_map(0..4_usize, 0..3_usize, 0..4),
            only: bool,
        ) {
            let people = ["a", "b", "c", "d"].map(user);
            let mays = [May::Reader, May::Commenter, May::Writer];
            let wanted = Wanted {
                grants: wanted.into_iter().map(|(who, may)| (people[who].clone(), mays[may])).collect(),
                only,
                inside: vec!["acme.example".into()],
                ..Wanted::default()
            };
            let mut real: Vec<Standing> = real.into_iter().map(|(who, may)| standing(people[who].clone(), mays[may])).collect();
            for finding in compare(&wanted, &real) {
                match finding.mend {
                    Mend::Give { who, may } => real.push(standing(who, may)),
                    Mend::Change { id, may } => real.iter_mut().filter(|standing| standing.id == id).for_each(|standing| standing.may = Some(may)),
                    Mend::Take { id } => real.retain(|standing| standing.id != id),
                    Mend::ByHand { .. } | Mend::Nothing => {}
                }
            }
            prop_assert_eq!(compare(&wanted, &real), Vec::new());
        }
    }
}
