//! What no repair takes away: the access of the account that repairs.

use super::{Finding, Mend, Standing, Wanted, Who};

/// Leaves to a person whatever would take our own access away or lessen it: without it nothing else could be mended, and
/// nothing be looked at.
pub(super) fn keep(wanted: &Wanted, real: &[Standing], findings: &mut [Finding]) {
    let is_user = |standing: &Standing| {
        !standing.deleted && standing.who.as_ref().is_some_and(|who| wanted.is_own(who))
    };
    // Who are the members of a group is not told: where our address has not as much by itself, it may be that. Another group
    // may be one that we are not in, and a link is none that lets us in where we do not go by it.
    let has_as_much = |going: &Standing| {
        wanted.own.is_none()
            || real.iter().any(|held| is_user(held) && held.may.is_some() && held.may >= going.may)
    };
    for finding in findings {
        let Some(standing) = real.iter().find(|standing| lessens(&finding.mend, standing)) else { continue };
        if is_user(standing) {
            let what =
                "Automata works with this account: name it under `grants`, or change its access yourself.";
            finding.mend = Mend::ByHand { what: what.to_owned() };
        } else if may_be_ours(standing, wanted) && !has_as_much(standing) {
            let what = "Automata may have its own access by this: let its account in by its address first, with as much.";
            finding.mend = Mend::ByHand { what: what.to_owned() };
        }
    }
}

/// Whether it takes the grant away, or makes it less.
fn lessens(mend: &Mend, standing: &Standing) -> bool {
    match mend {
        Mend::Take { id } => *id == standing.id,
        Mend::Change { id, may } => *id == standing.id && standing.may.is_none_or(|has| has > *may),
        Mend::Give { .. } | Mend::ByHand { .. } | Mend::Nothing => false,
    }
}

/// Whether it may let us in among others.
fn may_be_ours(standing: &Standing, wanted: &Wanted) -> bool {
    let domain = wanted.own.as_ref().and_then(|own| Who::User(own.clone()).domain());
    match &standing.who {
        Some(Who::Group(_) | Who::Anyone) => !standing.deleted,
        Some(Who::Domain(_)) => standing.who.as_ref().and_then(Who::domain) == domain,
        Some(Who::User(_)) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Given, May, below, compare};
    use super::*;

    const OWN: &str = "robot@project.iam.gserviceaccount.com";

    fn standing(who: Who, may: May) -> Standing {
        let id = who.to_string();
        Standing { id, who: Some(who), may: Some(may), inherited: false, deleted: false, ends: false }
    }

    fn told(wanted: &Wanted, real: &[Standing]) -> String {
        let lines =
            compare(wanted, real).into_iter().map(|found| format!("{}: {:?}", found.what, found.mend));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn wanted(grants: Vec<(Who, May)>) -> Wanted {
        let inside = vec!["acme.example".to_owned()];
        Wanted { grants, only: true, inside, own: Some(OWN.to_uppercase()), given: Vec::new() }
    }

    #[test]
    fn our_own_access_is_neither_taken_nor_lessened_and_may_be_widened() {
        let own = Who::User(OWN.to_owned());
        let real = [
            standing(own.clone(), May::Writer),
            standing(Who::Group("all@acme.example".into()), May::Reader),
        ];
        insta::assert_snapshot!(told(&wanted(Vec::new()), &real), @r#"
        group all@acme.example is reader, and nobody asked for it: Take { id: "group all@acme.example" }
        robot@project.iam.gserviceaccount.com is writer, and nobody asked for it: ByHand { what: "Automata works with this account: name it under `grants`, or change its access yourself." }
        "#);
        insta::assert_snapshot!(told(&wanted(vec![(own.clone(), May::Reader)]), &real), @r#"
        robot@project.iam.gserviceaccount.com is writer, and should be reader: ByHand { what: "Automata works with this account: name it under `grants`, or change its access yourself." }
        group all@acme.example is reader, and nobody asked for it: Take { id: "group all@acme.example" }
        "#);
        insta::assert_snapshot!(told(&wanted(vec![(own, May::Organizer)]), &real), @r#"
        group all@acme.example is reader, and nobody asked for it: Take { id: "group all@acme.example" }
        robot@project.iam.gserviceaccount.com is writer, and should be organizer: Change { id: "robot@project.iam.gserviceaccount.com", may: Organizer }
        "#);
    }

    #[test]
    fn what_may_be_all_that_lets_us_in_is_left_to_a_person() {
        let real = [
            standing(Who::Group("all@acme.example".into()), May::Writer),
            standing(Who::User("otto@acme.example".into()), May::Reader),
            standing(Who::Domain("acme.example".into()), May::Reader),
            standing(Who::Anyone, May::Reader),
        ];
        insta::assert_snapshot!(told(&wanted(Vec::new()), &real), @r#"
        anyone with the link is reader: ByHand { what: "Automata may have its own access by this: let its account in by its address first, with as much." }
        everybody at acme.example is reader, and nobody asked for it: Take { id: "everybody at acme.example" }
        group all@acme.example is writer, and nobody asked for it: ByHand { what: "Automata may have its own access by this: let its account in by its address first, with as much." }
        otto@acme.example is reader, and nobody asked for it: Take { id: "otto@acme.example" }
        "#);
        let own = |may| standing(Who::User(OWN.to_owned()), may);
        let member = Standing { inherited: true, ..standing(Who::Anyone, May::Organizer) };
        let mends = |more: Standing| {
            let real: Vec<Standing> = real.iter().cloned().chain([more]).collect();
            let is_left = |found: &&Finding| matches!(found.mend, Mend::ByHand { .. });
            compare(&wanted(Vec::new()), &real)
                .iter()
                .filter(is_left)
                .map(|found| found.what.clone())
                .collect::<Vec<_>>()
        };
        insta::assert_debug_snapshot!(mends(member), @r#"
        [
            "anyone with the link is organizer",
            "anyone with the link is reader",
            "group all@acme.example is writer, and nobody asked for it",
        ]
        "#);
        insta::assert_debug_snapshot!(mends(own(May::Reader)), @r#"
        [
            "group all@acme.example is writer, and nobody asked for it",
            "robot@project.iam.gserviceaccount.com is reader, and nobody asked for it",
        ]
        "#);
        insta::assert_debug_snapshot!(mends(own(May::Writer)), @r#"
        [
            "robot@project.iam.gserviceaccount.com is writer, and nobody asked for it",
        ]
        "#);
    }

    #[test]
    fn what_another_rule_gave_stays_as_long_as_it_is_no_more_than_that() {
        let zoe = || Who::User("zoe@other.example".to_owned());
        let given = |may| Wanted { given: vec![Given { id: zoe().to_string(), may }], ..wanted(Vec::new()) };
        let real = [standing(zoe(), May::Commenter)];
        for enough in [Some(May::Commenter), Some(May::Writer), None] {
            assert_eq!(compare(&given(enough), &real), []);
            assert_eq!(below(&given(enough), &real, &[]), []);
        }
        assert_eq!(compare(&given(Some(May::Reader)), &real).len(), 1);
        assert_eq!(below(&given(Some(May::Reader)), &real, &[]).len(), 1);
        let asked = Wanted { grants: vec![(zoe(), May::Writer)], ..given(Some(May::Commenter)) };
        insta::assert_snapshot!(told(&asked, &real), @r#"zoe@other.example is commenter, and should be writer: Change { id: "zoe@other.example", may: Writer }"#);
    }

    #[test]
    fn accounts_of_other_programs_are_from_outside_unless_they_are_named() {
        let robot = |project: &str| Who::User(format!("robot@{project}.iam.gserviceaccount.com"));
        let real = [standing(robot("other"), May::Writer), standing(robot("ours"), May::Writer)];
        let inside = vec!["acme.example".to_owned(), "ours.iam.gserviceaccount.com".to_owned()];
        let wanted = Wanted { only: false, inside, ..wanted(Vec::new()) };
        insta::assert_snapshot!(told(&wanted, &real), @"robot@other.iam.gserviceaccount.com, from outside, is writer: Nothing");
    }
}
