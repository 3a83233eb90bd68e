//! Several matters in one message: one after the other, none forgotten.

use super::Talk;
use super::repair::check;
use crate::domain::ids::IntentId;

#[test]
fn the_next_matter_follows_when_the_first_is_done() {
    check(
        "short ones",
        1,
        &[("#due #method", &["Next", "Now to the other thing that you asked about: Title of method", "What is the kind?"])],
    );
    let turns: &[(&str, &[&str])] = &[
        ("#method #due #method #due", &["What is the kind?", "!Next"]),
        ("cash", &["Noted", "asked about: Title of due", "Next"]),
        ("thanks", &["welcome", "!asked about"]),
    ];
    let talk = check("a question between", 1, turns);
    assert!(talk.state.later.is_empty() && talk.state.stack.is_empty());
}

#[test]
fn stopping_the_first_does_not_stop_the_others() {
    let turns: &[(&str, &[&str])] = &[("#method #due", &["What is the kind?"]), ("never mind", &["asked about: Title of due", "Next"])];
    check("stop", 1, turns);
    let turns: &[(&str, &[&str])] = &[
        ("#method", &["What is the kind?"]),
        ("#due #extend", &["Next", "What is the kind?"]),
        ("cash", &["Noted", "asked about: Title of extend"]),
    ];
    check("digression", 1, turns);
}

#[test]
fn a_person_is_told_what_is_still_open() {
    let mut talk = Talk::new(1);
    talk.say("#method #due").say("a person");
    assert_eq!(talk.handed_over().map(|hand_over| hand_over.also.clone()), Some(vec![IntentId::from("due")]));
    assert!(talk.state.later.is_empty());
}
