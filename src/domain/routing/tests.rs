//! Examples of routing, and what must hold of every offer.

use super::*;
use crate::domain::team::Teams;
use proptest::prelude::*;

fn teams() -> Teams {
    crate::teams::built_in()
}

fn now() -> Timestamp {
    "2026-12-04T09:00:00Z".parse().expect("an instant")
}

fn at(minutes: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_mins(minutes)).expect("in range")
}

fn place(ticket: &str, queue: &str, priority: i64, due: i64) -> Place {
    Place {
        ticket: ticket.into(),
        queue: queue.into(),
        priority,
        due: at(due),
        language: "en".into(),
        reserved: None,
        not_before: None,
        declined: Vec::new(),
        offered: None,
    }
}

fn person(id: &str, skills: &[&str], languages: &[&str]) -> Person {
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Person { id: AgentId::from(id), skills: own(skills), languages: own(languages), capacity: 2, load: 0, available: true }
}

fn asked(places: &[Place], people: &[Person]) -> Vec<(String, String)> {
    offers(places, people, &teams(), now()).into_iter().map(|offer| (offer.ticket, offer.agent.to_string())).collect()
}

#[test]
fn the_urgent_first_then_whoever_is_due_soonest() {
    let places = [place("later", "general", 4, 50), place("old", "general", 4, -5), place("urgent", "general", 1, 4)];
    let one = [Person { capacity: 1, ..person("ana", &[], &[]) }];
    assert_eq!(asked(&places, &one), [("urgent".to_owned(), "ana".to_owned())]);
    let two = [person("ana", &[], &[])];
    assert_eq!(asked(&places, &two).iter().map(|(ticket, _)| ticket.as_str()).collect::<Vec<_>>(), ["urgent", "old"]);
}

#[test]
fn an_old_place_of_low_priority_overtakes_new_ones() {
    // A P4 that is an hour late stands before a P2 that has just come.
    assert!(rank(4, at(-60)) < rank(2, at(15)));
    assert!(rank(1, at(5)) < rank(4, at(-600)), "danger and fraud stay first");
}

#[test]
fn the_unskilled_are_not_asked_unless_they_help_out() {
    let ben = [person("ben", &["disputes"], &[])];
    assert!(asked(&[place("t", "fraud", 1, -30)], &ben).is_empty(), "nobody helps out in fraud");
    assert!(asked(&[place("t", "general", 4, 30)], &ben).is_empty(), "not due yet");
    assert_eq!(asked(&[place("t", "general", 4, -1)], &ben).len(), 1, "past due: disputes help out");
}

#[test]
fn the_language_counts_while_somebody_speaks_it() {
    let swedish = Place { language: "sv".into(), ..place("t", "general", 4, 30) };
    let (ana, ben) = (person("ana", &[], &["en"]), person("ben", &[], &["sv"]));
    assert_eq!(asked(std::slice::from_ref(&swedish), &[ana.clone(), ben.clone()])[0].1, "ben");
    let full = Person { load: 2, ..ben };
    assert!(asked(std::slice::from_ref(&swedish), &[ana.clone(), full]).is_empty(), "the one who speaks it is busy: wait");
    assert_eq!(asked(&[swedish], &[ana])[0].1, "ana", "nobody speaks it: better somebody than nobody");
}

#[test]
fn a_reservation_waits_for_its_person_and_ends() {
    let kept = |until: i64| Place { reserved: Some((AgentId::from("ana"), at(until))), ..place("t", "general", 4, 30) };
    let (ana, ben) = (person("ana", &[], &[]), person("ben", &[], &[]));
    assert_eq!(asked(&[kept(5)], &[Person { load: 2, ..ana.clone() }, ben.clone()])[0].1, "ana", "one more than they have room for");
    assert!(asked(&[kept(5)], &[Person { load: 3, ..ana.clone() }, ben.clone()]).is_empty());
    assert_eq!(asked(&[kept(-1)], &[Person { load: 3, ..ana.clone() }, ben.clone()])[0].1, "ben");
    assert_eq!(asked(&[kept(5)], &[Person { available: false, ..ana }, ben])[0].1, "ben", "gone: somebody else");
}

#[test]
fn who_declined_is_asked_again_only_when_nobody_else_is_left() {
    let declined = Place { declined: vec![AgentId::from("ana")], ..place("t", "general", 4, 30) };
    assert_eq!(asked(std::slice::from_ref(&declined), &[person("ana", &[], &[]), person("ben", &[], &[])])[0].1, "ben");
    assert_eq!(asked(&[declined], &[person("ana", &[], &[])])[0].1, "ana");
}

#[test]
fn nobody_is_asked_for_what_sleeps_or_is_being_asked_about() {
    let people = [person("ana", &[], &[])];
    assert!(asked(&[Place { not_before: Some(at(5)), ..place("t", "general", 4, 30) }], &people).is_empty());
    assert!(asked(&[Place { offered: Some((AgentId::from("ben"), at(1))), ..place("t", "general", 4, 30) }], &people).is_empty());
    assert_eq!(asked(&[Place { offered: Some((AgentId::from("ben"), at(-1))), ..place("t", "general", 4, 30) }], &people).len(), 1);
}

fn places() -> impl Strategy<Value = Vec<Place>> {
    let one = (0_usize..8, 0_i64..5, -90_i64..90, 0_usize..3).prop_map(|(queue, priority, due, language)| Place {
        language: ["en", "sv", "de"][language].into(),
        ..place("", crate::domain::handoff::QUEUES[queue], priority, due)
    });
    proptest::collection::vec(one, 0..30).prop_map(|mut places| {
        for (at, place) in places.iter_mut().enumerate() {
            place.ticket = format!("t{at:02}");
        }
        places
    })
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    let one =
        (proptest::collection::vec(0_usize..8, 0..4), proptest::collection::vec(0_usize..3, 0..3), 1_usize..4, 0_usize..4, any::<bool>());
    let one = one.prop_map(|(skills, languages, capacity, load, available)| Person {
        id: AgentId::from(""),
        skills: skills.into_iter().map(|at| crate::domain::handoff::QUEUES[at].to_owned()).collect(),
        languages: languages.into_iter().map(|at| ["en", "sv", "de"][at].to_owned()).collect(),
        capacity,
        load,
        available,
    });
    proptest::collection::vec(one, 0..10).prop_map(|mut people| {
        for (at, person) in people.iter_mut().enumerate() {
            person.id = AgentId::from(format!("a{at}"));
        }
        people
    })
}

proptest! {
    /// Nobody gets more than they have room for, nobody unskilled or away is asked, every ticket is offered once, and what stays is not
    /// takeable: whoever could take it is full or someone more fitting is expected.
    #[test]
    fn offers_keep_their_rules(places in places(), people in people()) {
        let teams = teams();
        let offers = offers(&places, &people, &teams, now());
        let mut load: Vec<usize> = people.iter().map(|person| person.load).collect();
        let mut seen = std::collections::HashSet::new();
        for offer in &offers {
            prop_assert!(seen.insert(offer.ticket.clone()), "offered once");
            let place = places.iter().find(|place| place.ticket == offer.ticket).expect("a place");
            let at = people.iter().position(|person| person.id == offer.agent).expect("a person");
            prop_assert!(people[at].available && people[at].can(place, &teams, now()));
            load[at] += 1;
            prop_assert!(load[at] <= people[at].capacity);
        }
        for place in places.iter().filter(|place| !seen.contains(&place.ticket)) {
            let could = people.iter().enumerate().any(|(at, person)| {
                person.available && person.can(place, &teams, now()) && person.speaks(&place.language) && load[at] < person.capacity
            });
            prop_assert!(!could, "{} waits although somebody fits and has room", place.ticket);
        }
    }
}
