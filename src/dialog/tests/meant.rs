//! Values that were read out of free words: the customer is asked, and nothing is used without their yes.

use super::Talk;
use crate::dialog::Proposal;
use crate::dialog::state::Waiting;
use jiff::civil::Date;
use serde_json::json;

const DAY: Proposal = Proposal::Date(Date::constant(2026, 12, 11));
const QUESTION: &str = "I read that as Friday 11 December. Is that right?";

/// A talk that waits for a day, and a message that a model has read a day out of.
fn asked() -> Talk {
    let mut talk = Talk::new(2);
    talk.say("please #extend").say("the shoes");
    talk.context.proposal = Some(DAY);
    talk.say("when i get my salary");
    talk.context.proposal = None;
    assert_eq!((talk.bot().as_str(), talk.rule().as_str()), (QUESTION, "meant"));
    assert_eq!(talk.labels(), ["Yes", "No"]);
    talk
}

fn day(talk: &Talk) -> serde_json::Value {
    talk.state.stack.last().map_or(json!(null), |frame| frame.slots.get("day").cloned().unwrap_or_default())
}

#[test]
fn a_yes_fills_the_slot_and_nothing_else_does() {
    for yes in ["yes", "@click"] {
        let mut talk = asked();
        assert_eq!(day(&talk), json!(null), "not before the yes");
        if yes == "@click" {
            talk.click("Yes")
        } else {
            talk.say(yes)
        };
        assert!(talk.bot().contains("What is the reason?"), "{}", talk.bot());
        assert_eq!(day(&talk), json!("2026-12-11"));
    }
    for no in ["no", "@click"] {
        let mut talk = asked();
        if no == "@click" {
            talk.click("No")
        } else {
            talk.say(no)
        };
        assert!(talk.bot().contains("What is the day?") && talk.rule() == "not_meant", "{}", talk.bot());
        assert_eq!(day(&talk), json!(null));
    }
}

#[test]
fn other_words_answer_the_question_itself() {
    let mut talk = asked();
    talk.say("2026-12-12");
    assert!(talk.bot().contains("What is the reason?"), "{}", talk.bot());
    assert_eq!(day(&talk), json!("2026-12-12"));
    let mut talk = asked();
    talk.say("yes but later");
    assert!(talk.rule() == "not_an_answer" && day(&talk) == json!(null), "{}", talk.rule());
    let mut talk = asked();
    talk.say("never mind");
    assert!(talk.state.stack.is_empty(), "{:?}", talk.state.stack);
}

#[test]
fn after_a_digression_the_question_itself_is_open() {
    let mut talk = asked();
    talk.say("#due");
    assert!(talk.bot().contains("What is the day?"), "{}", talk.bot());
    talk.say("yes");
    assert_eq!(day(&talk), json!(null));
}

#[test]
fn a_proposal_has_to_fit_and_never_answers_a_yes_or_no() {
    let mut talk = Talk::new(2);
    talk.say("please #extend").say("the shoes");
    for proposal in [Proposal::Date(Date::constant(2026, 11, 11)), Proposal::Money(100), Proposal::One(0)] {
        let mut talk = Talk::new(2);
        talk.say("please #extend").say("the shoes");
        talk.context.proposal = Some(proposal.clone());
        talk.say("some day");
        assert_eq!(talk.rule(), "not_an_answer", "{proposal:?}");
    }
    talk.say("2026-12-11").say("my salary is late");
    assert!(matches!(talk.state.stack.last().and_then(|frame| frame.waiting.as_ref()), Some(Waiting::Yes { .. })));
    talk.context.proposal = Some(DAY);
    talk.say("when i get my salary");
    assert_eq!(talk.rule(), "not_an_answer");
    assert!(talk.did().is_empty());
}

#[test]
fn one_of_the_things_on_offer_is_asked_about_by_its_label() {
    let mut talk = Talk::new(2);
    talk.say("please #extend");
    talk.context.proposal = Some(Proposal::One(1));
    talk.say("that thing for boiling water");
    assert!(talk.bot().contains("I read that as this: Kettle") && talk.rule() == "meant", "{}", talk.bot());
    talk.context.proposal = None;
    talk.say("yes");
    assert!(talk.bot().contains("What is the day?"), "{}", talk.bot());
}
