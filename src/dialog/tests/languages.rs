//! Languages: a clear message or a wish changes the conversation's; what the content does not speak goes to a person.

use super::*;

#[test]
fn a_clear_message_changes_the_language() {
    let mut talk = Talk::new(1);
    talk.say("@sv #method i want to pay");
    assert_eq!((talk.bot().as_str(), talk.context.locale.as_str()), ("Hur vill du betala?", "sv"));
    assert_eq!(talk.labels(), ["Kontant", "Card"], "what has no translation is English");
    talk.say("@und Kontant");
    assert_eq!(talk.bot(), "Noterat: cash.");
    talk.say("@en #method in other words please");
    assert_eq!((talk.bot().as_str(), talk.context.locale.as_str()), ("What is the kind?", "en"));
}

#[test]
fn one_loanword_changes_nothing() {
    let mut talk = Talk::new(1);
    talk.say("@sv thanks");
    assert_eq!((talk.context.locale.as_str(), talk.rule().as_str()), ("en", "thanks"));
    talk.say("@und #method");
    assert_eq!(talk.bot(), "What is the kind?");
}

#[test]
fn a_wish_changes_the_language_and_asks_again() {
    let mut talk = Talk::new(1);
    talk.say("#method");
    let before: Vec<_> = talk.state.on_offer().map(|option| option.id.clone()).collect();
    talk.say("@sv svenska tack");
    assert_eq!(talk.rule(), "language");
    assert!(
        talk.bot().starts_with("Självklart, vi fortsätter på svenska.") && talk.bot().ends_with("Hur vill du betala?"),
        "{}",
        talk.bot()
    );
    let after: Vec<_> = talk.state.on_offer().cloned().collect();
    assert_eq!(after.iter().map(|option| option.id.clone()).collect::<Vec<_>>(), before, "the options stay clickable");
    assert_eq!(after[0].label, "Kontant");
    talk.click("Kontant");
    assert_eq!(talk.bot(), "Noterat: cash.");
    talk.say("@fr svenska tack");
    assert_eq!((talk.rule().as_str(), talk.handed_over().map(|over| over.reason.as_str())), ("foreign_language", Some("language")));
}

#[test]
fn a_yes_in_another_language_counts_for_what_was_read() {
    let mut talk = Talk::new(1);
    talk.say("#report");
    talk.say("@sv yes yes");
    assert_eq!(talk.did(), ["report", "note"]);
    assert_eq!(talk.context.locale, "sv");
}

#[test]
fn a_language_without_examples_goes_to_a_person() {
    for (opening, text, reason) in [
        ("", "@fr where is my money then", "language"),
        ("", "@fr #due where is my money then", "language"),
        ("", "@fr i want a person for this", "asked_for_person"),
        ("#method", "@fr something else entirely here", "language"),
    ] {
        let mut talk = Talk::new(1);
        if !opening.is_empty() {
            talk.say(opening);
        }
        talk.say(text);
        let over = talk.handed_over().unwrap_or_else(|| panic!("{text} is not handed over: {}", talk.bot()));
        assert_eq!(over.reason, reason, "{text}");
        assert_eq!(talk.bot(), "Je ne peux pas encore aider dans cette langue. Je vous passe une personne.");
        assert_eq!(talk.context.locale, "fr", "the person knows the language");
    }
}

#[test]
fn small_talk_and_safety_need_no_examples() {
    let mut talk = Talk::new(1);
    talk.say("@fr hello thanks");
    assert!(talk.handed_over().is_none() && talk.context.locale == "en");
    talk.say("@fr i will kill myself today");
    assert_eq!(talk.rule(), "safety");
    assert!(talk.handed_over().is_none());
    talk.say("@fr any text is an answer to this");
    assert_eq!(talk.handed_over().map(|over| over.reason.as_str()), Some("crisis"));
}

#[test]
fn an_intent_without_examples_in_the_language_needs_certainty() {
    let mut talk = Talk::new(1);
    talk.say("@sv #due when do i pay");
    assert!(talk.bot().starts_with("Next:"), "certain enough: {}", talk.bot());
    talk.say("@sv #due when do i pay %70");
    assert_eq!((talk.rule().as_str(), talk.handed_over().map(|over| over.reason.as_str())), ("unspoken", Some("language")));
    let mut talk = Talk::new(1);
    talk.say("@sv #method when do i pay %70");
    assert_eq!(talk.bot(), "Hur vill du betala?");
    let mut talk = Talk::new(1);
    talk.say("@sv ~method ~due this or that");
    assert_eq!(talk.labels(), ["Betalsätt", "Något annat", "En människa, tack"]);
    let mut talk = Talk::new(1);
    talk.say("@sv ~due ~method this or that");
    assert_eq!(talk.rule(), "unspoken");
}
