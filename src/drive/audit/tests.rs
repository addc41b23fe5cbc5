//! What is found, by examples and by chance.

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
        grants: vec![(user("mona"), May::Writer), (user("otto"), May::Reader), (user("new"), May::Reader)],
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
