//! What holds whatever happens: no panic, no action without a yes to what was rendered at the right level, a person in reach.

use super::{Talk, read};
use crate::dialog::state::Waiting;
use crate::dialog::{Answer, CallKind, Input, Level, step};
use proptest::prelude::*;
use serde_json::json;

const PHRASES: [&str; 34] = [
    "#extend",
    "#due",
    "#complain",
    "#method",
    "#survey",
    "#report",
    "#crisis",
    "#linked",
    "#endless",
    "#broken",
    "#sneaky",
    "the shoes",
    "the second one",
    "2026-12-11",
    "my salary",
    "yes",
    "yes",
    "yes but #due",
    "no",
    "no, the kettle",
    "never mind",
    "say that again",
    "what can you do",
    "i meant 2026-12-20",
    "i meant the other",
    "that's wrong somehow",
    "skip",
    "hello",
    "cash",
    "£45",
    "~due ~method",
    "kill myself",
    "are you a bot",
    "",
];

#[derive(Clone, Debug)]
enum Event {
    Said(String),
    Click(usize),
    OldClick(u32),
    Silence,
    Level(u8),
    Returned,
    Stray,
    Edited(usize),
    Refusing(bool),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        8 => prop::sample::select(PHRASES.to_vec()).prop_map(|text| Event::Said(text.to_owned())),
        1 => ".{0,40}".prop_map(Event::Said),
        4 => (0_usize..5).prop_map(Event::Click),
        1 => (0_u32..20).prop_map(Event::OldClick),
        1 => Just(Event::Silence),
        2 => (0_u8..=2).prop_map(Event::Level),
        1 => Just(Event::Returned),
        1 => Just(Event::Stray),
        1 => (0_usize..12).prop_map(Event::Edited),
        1 => any::<bool>().prop_map(Event::Refusing),
    ];
    prop::collection::vec(event, 1..25)
}

fn play(talk: &mut Talk, event: &Event) {
    // What the customer would have to say yes to, before this event.
    let open = talk.state.stack.last().map(|frame| (frame.intent.clone(), frame.waiting.clone()));
    let mut explicit_yes = false;
    let input = match event {
        Event::Said(text) => {
            explicit_yes = text == "yes";
            Input::Said { text: text.clone(), reading: Box::new(read(text)) }
        }
        Event::Click(nth) => match talk.state.on_offer().nth(*nth).cloned() {
            Some(option) => {
                explicit_yes = option.label == "Yes";
                Input::Chose { option: option.id, label: option.label }
            }
            None => return,
        },
        Event::OldClick(number) => Input::Chose { option: format!("o{number}.yes"), label: "Yes".to_owned() },
        Event::Silence => Input::Silence,
        Event::Level(level) => {
            talk.context.level = Level(*level);
            Input::LevelRaised
        }
        Event::Returned => Input::Returned,
        Event::Stray => Input::Answered(Answer::Value(json!([1]))),
        Event::Edited(op) => {
            let flow = talk.flows.flows.get_mut(&"extend".into()).expect("the flow");
            flow.ops[*op].path.push('x');
            return;
        }
        Event::Refusing(refuse) => {
            talk.refuse = *refuse;
            return;
        }
    };
    let clicked_open = match &input {
        Input::Chose { option, .. } => open
            .as_ref()
            .and_then(|(_, waiting)| waiting.as_ref())
            .is_some_and(|waiting| waiting.offered().iter().any(|offer| offer.id == *option)),
        _ => true,
    };
    talk.turn(input);
    if !talk.did().is_empty() {
        let (intent, waiting) = open.expect("something was open");
        if matches!(waiting, Some(Waiting::Call)) {
            // A turn that was cut off goes on with the answer to its call: its yes came before.
            return;
        }
        assert!(matches!(waiting, Some(Waiting::Yes { .. })), "an action without a rendered confirmation");
        assert!((explicit_yes || matches!(event, Event::OldClick(_))) && clicked_open, "an action without a yes: {event:?}");
        assert!(talk.context.level >= talk.flows.flows[&intent].auth, "an action below its level");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_done_without_a_yes_and_a_person_is_always_in_reach(level in 0_u8..=2, events in events()) {
        let mut talk = Talk::new(level);
        for event in &events {
            play(&mut talk, event);
            let state = talk.state.clone();
            talk.turn(Input::WantsHuman);
            prop_assert!(talk.handed_over().is_some(), "no person after {event:?}");
            talk.state = state;
        }
    }

    #[test]
    fn a_state_from_anywhere_is_survived(level in 0_u8..=2, events in events(), kind in 0_u8..4) {
        // A turn that was cut off between a call and its answer leaves a frame that waits for a call.
        let mut talk = Talk::new(level);
        for event in &events {
            if let Event::Said(text) = event {
                let step = step(&talk.flows, talk.state.clone(), Input::Said { text: text.clone(), reading: Box::new(read(text)) }, &talk.context);
                talk.state = step.state;
                if let Some(call) = step.ask {
                    prop_assert!(call.kind != CallKind::Do || text == "yes");
                    let answer = match kind {
                        0 => Answer::Value(json!(null)),
                        1 => Answer::Refused(json!("no")),
                        2 => Answer::Value(json!({"items": "none", "allowed": 1})),
                        _ => continue,
                    };
                    talk.turn(Input::Answered(answer));
                }
            } else {
                play(&mut talk, event);
            }
        }
    }
}
