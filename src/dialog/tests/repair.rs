//! Conversations for every rule of repair, as tables: what the customer writes, then what must occur in the answer
//! (`!text` must not, `[label]` is on offer, `>reason` is a hand-over, `=rule` is the rule that was taken, `*action` was done).

use super::Talk;
use crate::dialog::Input;

pub(super) fn check(name: &str, level: u8, turns: &[(&str, &[&str])]) -> Talk {
    let mut talk = Talk::new(level);
    for (said, expected) in turns {
        match said.strip_prefix('@') {
            None => _ = talk.say(said),
            Some("silence") => talk.turn(Input::Silence),
            Some("person") => talk.turn(Input::WantsHuman),
            Some("returned") => talk.turn(Input::Returned),
            Some("level 1") => level_raised(&mut talk, 1),
            Some("level 2") => level_raised(&mut talk, 2),
            Some(label) => _ = talk.click(label),
        }
        let bot = talk.bot();
        for fact in *expected {
            let context = || format!("{name}: after '{said}' expected {fact}; bot: {bot}\n{:?}\n{:?}", talk.effects, talk.state.stack);
            if let Some(text) = fact.strip_prefix('!') {
                assert!(!bot.contains(text), "{}", context());
            } else if let Some(label) = fact.strip_prefix('[') {
                assert!(talk.labels().iter().any(|offered| offered.contains(label.trim_end_matches(']'))), "{}", context());
            } else if let Some(reason) = fact.strip_prefix('>') {
                let reasons = talk.handed_over().map(|hand_over| hand_over.reason.as_str()).unwrap_or_default();
                assert_eq!(reasons, reason, "{}", context());
            } else if let Some(rule) = fact.strip_prefix('=') {
                assert_eq!(talk.rule(), rule, "{}", context());
            } else if let Some(action) = fact.strip_prefix('*') {
                assert_eq!(talk.did().join(","), action, "{}", context());
            } else {
                assert!(bot.contains(fact), "{}", context());
            }
        }
    }
    talk
}

fn level_raised(talk: &mut Talk, level: u8) {
    talk.context.level.0 = level;
    talk.turn(Input::LevelRaised);
}

const START: [(&str, &[&str]); 4] = [
    ("please #extend", &["Which payment?", "[Nordlys: running shoes, £45.00]", "[Kettle]", "=start"]),
    ("the shoes", &["What is the day?", "=answer"]),
    ("2026-12-11", &["What is the reason?", "[payday]"]),
    ("my salary is late", &["Move Nordlys to Friday 11 December because payday?", "[Yes]", "[No]", "*"]),
];

fn after_start(name: &str, level: u8, more: &[(&str, &[&str])]) -> Talk {
    let turns: Vec<_> = START.iter().chain(more).copied().collect();
    check(name, level, &turns)
}

#[test]
fn a_flow_from_end_to_end() {
    let talk = after_start("yes", 2, &[("yes please", &["Moved to Friday 11 December.", "*extend", "=confirmed"])]);
    assert!(talk.state.stack.is_empty());
    after_start("no", 2, &[("no", &["nothing was changed", "*", "=declined"]), ("yes", &["What is it about?", "*"])]);
    let clicks: &[(&str, &[&str])] = &[
        ("#extend", &[]),
        ("@Kettle", &["What is the day?"]),
        ("2026-12-11", &[]),
        ("@I was ill", &["Move Kettle & Co to Friday 11 December because ill?"]),
        ("@Yes", &["Moved", "*extend"]),
    ];
    check("clicks", 2, clicks);
    check("in other words", 2, &[("#extend", &[]), ("the second one", &[]), ("2026-12-11", &[]), ("1", &["Kettle & Co", "payday?"])]);
}

#[test]
fn only_an_explicit_yes_counts() {
    for said in ["yes but later", "yes, and #due", "yes?", "hm", "yes if it is free", "maybe", "i meant yes"] {
        after_start(said, 2, &[(said, &["*"])]);
    }
    after_start(
        "neither",
        2,
        &[("hm", &["clear yes", "Move Nordlys", "[Yes]"]), ("hm", &["[A person"]), ("hm", &[">not_understood", "*"])],
    );
    after_start("edited", 2, &[("yes but #due", &["Next: £45.00.", "Back to", "Move Nordlys"]), ("yes", &["*extend"])]);
}

#[test]
fn levels_are_asked_for_and_gone_on_from() {
    let talk = check("anonymous", 0, &[("#due", &["signed in", "[A person", "!Next"]), ("@level 1", &["Next: £45.00."])]);
    assert!(talk.state.stack.is_empty());
    check("by words", 0, &[("#due", &["signed in"]), ("no", &["stopped", "=cancel"])]);
    check("no sense", 0, &[("#due", &[]), ("a b", &["signed in"]), ("a b", &["signed in"]), ("a b", &[">not_understood"])]);
    let mut turns = START.to_vec();
    turns[3].1 = &["sure it's you", "!Move Nordlys"];
    turns.push(("#method", &["What is the kind?"]));
    turns.push(("cash", &["Noted: cash.", "Back to", "sure it's you"]));
    turns.push(("@level 2", &["Move Nordlys to Friday 11 December because payday?"]));
    turns.push(("yes", &["*extend"]));
    check("step-up", 1, &turns);
    // A level that was lost between question and yes is asked for again, and the confirmation too.
    let mut talk = after_start("lost", 2, &[]);
    talk.context.level.0 = 1;
    assert!(talk.say("yes").bot().contains("sure it's you") && talk.did().is_empty());
    level_raised(&mut talk, 2);
    assert!(talk.bot().contains("Move Nordlys"));
    assert_eq!(talk.say("yes").did(), ["extend"]);
}

#[test]
fn a_no_is_a_no_even_when_it_sounds_like_a_correction() {
    check("nothing to correct", 2, &[("#report", &["Report it?"]), ("no, that's wrong", &["Not reported.", "*", "=declined"])]);
}

#[test]
fn what_was_rendered_is_what_is_confirmed() {
    let mut talk = after_start("midnight", 2, &[]);
    talk.context.today = jiff::civil::Date::constant(2026, 12, 10);
    assert!(talk.say("yes").bot().contains("Friday 11 December (tomorrow)"));
    assert!(talk.did().is_empty());
    assert_eq!(talk.say("yes").did(), ["extend"]);
}

#[test]
fn commands_work_while_a_question_is_open() {
    after_start("cancel", 2, &[("never mind", &["nothing was changed", "*"])]);
    check("cancel", 2, &[("#extend", &[]), ("never mind", &["stopped there", "=cancel"])]);
    check("repeat", 2, &[("#extend", &[]), ("say that again", &["Which payment?", "[Nordlys", "=repeat"])]);
    check("help", 2, &[("#method", &[]), ("what can you do", &["in the middle", "Help for kind.", "What is the kind?", "[Cash]"])]);
    check("text", 0, &[("#complain", &["What is the story?"]), ("never mind", &["stopped", "=cancel"])]);
    let long = "they said never mind and then they cancelled my order twice";
    check("long text", 0, &[("#complain", &[]), (long, &["What is the again?"])]);
    check("small talk", 2, &[("#extend", &[]), ("thanks", &["Which payment?", "=small_talk"]), ("goodbye", &["Goodbye", "=goodbye"])]);
}

#[test]
fn earlier_answers_can_be_corrected() {
    after_start("other record", 2, &[("i meant the other payment", &["let's change that", "What is the day?", "=correct"])]);
    after_start("described", 2, &[("no, the kettle", &["What is the day?", "=correct", "!nothing was changed"])]);
    after_start(
        "date",
        2,
        &[("no i meant 2026-12-20", &["What is the reason?", "=correct"]), ("ill", &["20 December 2026 because ill", "*"])],
    );
    after_start(
        "choice",
        2,
        &[("i meant i was ill", &["Move Nordlys to Friday 11 December because ill?", "=correct", "*"]), ("yes", &["*extend"])],
    );
    after_start("unsaid", 2, &[("that's wrong somehow", &["What is the reason?", "=correct"])]);
    let unannounced: &[(&str, &[&str])] =
        &[("#extend", &[]), ("the shoes", &["What is the day?"]), ("the kettle", &["change that", "What is the day?"])];
    let talk = check("unannounced", 2, unannounced);
    assert_eq!(talk.state.stack[0].slots["payment"]["id"], "p2");
    assert_eq!(talk.calls.len(), 1, "the rule is asked again for the other payment");
}

#[test]
fn digressions_come_back() {
    let open = "Which payment?";
    check(
        "answered",
        2,
        &[
            ("#extend", &[open]),
            ("wait, #due ?", &["Next: £45.00.", "Back to where we were: Title of extend", open, "[Kettle]", "=digress"]),
        ],
    );
    let deep: &[(&str, &[&str])] = &[
        ("#extend", &[open]),
        ("#method", &["What is the kind?"]),
        ("#survey", &["What is the sure?"]),
        ("#complain", &["Let's finish this first: Title of survey", "What is the sure?", "=too_deep"]),
        ("yes", &["Thank you.", "Back to where we were: Title of method", "What is the kind?"]),
        ("card", &["Noted: card.", "Back to", open]),
        ("the shoes", &["What is the day?"]),
    ];
    check("deep", 2, deep);
    check("down again", 2, &[("#extend", &[open]), ("#method", &[]), ("#extend", &["Back to", open])]);
    check(
        "any text",
        0,
        &[("#complain", &[]), ("wait, what about #method ?", &["What is the kind?"]), ("cash", &["Back to", "What is the story?"])],
    );
    check("not an aside", 0, &[("#complain", &[]), ("it was about the #method i suppose", &["What is the again?"])]);
    check(
        "hand over",
        2,
        &[("#extend", &[]), ("#crisis", &["Help is near."]), ("well", &[">crisis"]), ("@returned", &["not finished", open])],
    );
}

#[test]
fn an_answer_of_the_wrong_kind_is_asked_for_again() {
    let choice: &[(&str, &[&str])] = &[
        ("#method", &[]),
        ("blue", &["didn't get that", "Help for kind.", "[Cash]", "=not_an_answer"]),
        ("blue", &["still didn't", "[Cash]", "[A person"]),
        ("blue", &[">not_understood"]),
    ];
    let talk = check("choice", 0, choice);
    assert!(talk.state.stack.is_empty());
    check("person", 0, &[("#method", &[]), ("blue", &[]), ("blue", &[]), ("@A person", &["I'm an AI.", ">asked_for_person"])]);
    let kinds: &[(&str, &[&str])] = &[
        ("#complain", &["What is the story?"]),
        ("it broke", &["What is the again?", "[Yes]"]),
        ("hm", &["Help for again."]),
        ("no", &["What is the count?"]),
        ("77", &["Help for count."]),
        ("skip", &["What is the amount?"]),
        ("£45", &[">complaint"]),
    ];
    let talk = check("kinds", 1, kinds);
    let known = talk.handed_over().map(|hand_over| hand_over.known.clone()).unwrap_or_default();
    assert_eq!(known["slots"], serde_json::json!({"story": "it broke", "again": false, "count": null, "amount": 4500}));
    check("prefill", 1, &[("#complain about £12", &["story"]), ("x", &[]), ("no", &[]), ("2", &[">complaint", "!amount"])]);
}

#[test]
fn a_person_is_always_in_reach() {
    check("idle", 0, &[("@person", &["I'm an AI.", ">asked_for_person"])]);
    let talk = check("words", 2, &[("#extend", &[]), ("a person please", &[">asked_for_person", "=person"])]);
    let hand_over = talk.handed_over().expect("handed over");
    assert_eq!((hand_over.intent.as_ref().map(|intent| intent.as_str()), &*hand_over.queue), (Some("extend"), "talk_to_human_queue"));
    assert!(hand_over.known["vars"]["due"].is_object());
    let back: &[(&str, &[&str])] =
        &[("#extend", &[]), ("@person", &[]), ("@returned", &["back from my colleague", "Which payment?", "[Kettle]"])];
    check("back", 2, back);
    check("back to nothing", 2, &[("@person", &[]), ("@returned", &["anything else", "!Which"])]);
    check("intent", 0, &[("#method", &[]), ("#talk_to_human", &["I'm an AI.", ">asked_for_person"])]);
    check(
        "told",
        0,
        &[("#complain", &[]), ("i already had #talk_to_human with two of you and nothing happened at all", &["What is the again?"])],
    );
    check("bot?", 0, &[("are you a bot", &["I'm an AI."])]);
    let mut talk = Talk::new(0);
    talk.flows.flows.remove(&crate::domain::ids::IntentId::from("talk_to_human"));
    talk.say("#method").say("a person");
    assert_eq!(talk.handed_over().map(|hand_over| hand_over.queue.as_str()), Some("general"));
}

#[test]
fn safety_comes_first() {
    let turns: &[(&str, &[&str])] = &[
        ("#extend", &[]),
        ("yes i will kill myself", &["Help is near.", "=safety"]),
        ("i said kill myself", &[">crisis", "!Which payment"]),
    ];
    let talk = check("safety", 2, turns);
    assert!(talk.state.stack.is_empty());
}

#[test]
fn idle_talk() {
    check(
        "greet",
        1,
        &[("hello", &["Hello Ann!"]), ("hello #due", &["Next", "!Hello"]), ("thanks", &["welcome"]), ("goodbye", &["Goodbye"])],
    );
    check("help", 0, &[("what can you do", &["[Title of", "[A person"]), ("never mind", &["All right"])]);
    check("repeat", 1, &[("say that again", &["haven't said"]), ("#due", &["Next"]), ("say that again", &["Next"])]);
    let clarify: &[(&str, &[&str])] = &[
        ("~due ~method", &["Which of these", "[Title of due]", "[Title of method]", "[Something else]", "[A person", "=clarify"]),
        ("the second one", &["What is the kind?"]),
        ("cash", &["Noted"]),
        ("~due ~method", &[]),
        ("@Something else", &["own words"]),
        ("~due ~method", &[]),
        ("@Title of due", &["Next"]),
        ("~due ~method", &[]),
        ("title of due", &["Next"]),
    ];
    check("clarify", 1, clarify);
    check("misses", 0, &[("x y", &["other words", "[Title of", "=rephrase"]), ("x y", &["still don't", ">not_understood"])]);
    check("misses forgive", 1, &[("x y", &[]), ("#due", &["Next"]), ("x y", &["other words"])]);
    check("clarify twice", 1, &[("~due ~method", &[]), ("~due ~method", &["Which"]), ("~due ~method", &[">not_understood"])]);
    check("not known", 0, &[("#nosuchintent", &["other words"])]);
}

#[test]
fn old_clicks_are_told_apart() {
    let mut talk = check("old", 2, &[("#extend", &[])]);
    let old = talk.state.on_offer().next().cloned().expect("an option");
    talk.say("the shoes").turn(Input::Chose { option: old.id, label: old.label });
    assert!(talk.bot().contains("no longer open") && talk.bot().contains("What is the day?"));
    talk.turn(Input::Chose { option: "intent:due".to_owned(), label: String::new() });
    assert_eq!(talk.rule(), "choice_gone");
}

#[test]
fn silence_is_asked_about_once() {
    let talk = check(
        "open",
        2,
        &[("#extend", &[]), ("@silence", &["still there"]), ("@silence", &["!still"]), ("the shoes", &["What is the day?"])],
    );
    assert_eq!(talk.state.silences, 0);
    let mut talk = check("idle", 1, &[("#due", &[]), ("@silence", &["!still"]), ("@silence", &["!still"])]);
    assert!(talk.effects.iter().any(|effect| matches!(effect, crate::dialog::Effect::Close(_))));
    let reminds = |talk: &Talk| talk.effects.iter().any(|effect| matches!(effect, crate::dialog::Effect::Remind(_)));
    assert!(reminds(talk.say("#method")) && !reminds(talk.say("cash")));
}

#[test]
fn edited_flows_start_again_with_the_answers() {
    let mut talk = check("edited", 2, &[("#extend", &[]), ("the shoes", &[]), ("2026-12-11", &["What is the reason?"])]);
    let edit = |talk: &mut Talk, path: &str| {
        let flow = talk.flows.flows.get_mut(&crate::domain::ids::IntentId::from("extend")).expect("the flow");
        flow.ops[4].path = path.to_owned();
    };
    edit(&mut talk, "new");
    assert!(talk.say("ill").bot().contains("just improved"));
    assert!(talk.bot().contains("What is the reason?"), "{}", talk.bot());
    edit(&mut talk, "newer");
    assert!(talk.say("ill").bot().contains("no longer go on"));
    assert!(talk.state.stack.is_empty());
}

#[test]
fn refusals_take_their_branch() {
    let mut talk = Talk::new(2);
    talk.refuse = true;
    assert!(talk.say("#extend").say("the shoes").bot().contains("Not possible: It is too close."));
    assert!(talk.say("#report").say("yes").bot().contains("Refused: It is too late"));
    talk.refuse = false;
    assert_eq!(talk.say("#report").say("yes").did(), ["report", "note"], "one yes, two actions");
    assert!(talk.say("#report").say("no").bot().contains("Not reported."));
    talk.say("#extend").say("the shoes").say("2026-12-11").say("ill");
    talk.refuse = true;
    assert!(talk.say("yes").bot().contains("couldn't be done: It is too late"));
    assert_eq!(talk.handed_over().map(|hand_over| hand_over.reason.as_str()), Some("action_refused"));
    talk.payments = serde_json::json!([]);
    assert!(talk.say("#extend").bot().contains("no open payments"));
}

#[test]
fn broken_flows_become_an_apology_and_a_person() {
    for intent in ["endless", "broken", "sneaky"] {
        check(intent, 2, &[(&format!("#{intent}"), &["went wrong on our side", ">flow_error", "*"])]);
    }
    check("linked", 0, &[("#linked", &["What is the kind?"])]);
}
