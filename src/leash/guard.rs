//! A second opinion on what a message means. The local reading stands unless it is unsure, the model is in time, and it picks one of the few
//! intents that the local reading finds likely anyway. Urgent matters, answers to questions and yes or no are never asked about.

use crate::domain::ids::IntentId;
use crate::understanding::{Act, Decision, Reading};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most intents that a model chooses among.
const MOST: usize = 5;
/// The least probability of an intent that is offered to it.
const LIKELY: f32 = 0.03;
/// From this probability on the model's pick is acted on although nothing stood out, if it is the likeliest; else the customer is asked.
const ENOUGH: f32 = 0.15;
/// An urgent intent that is this likely is for the local rules alone.
const URGENT: f32 = 0.05;
/// The most intents that a customer is asked about.
const MOST_ASKED: usize = 3;
/// What it says when none fits.
pub const NONE: &str = "none_of_these";

/// What the model gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opinion {
    /// An intent of the list, or `none_of_these`.
    pub intent: String,
}

/// The JSON schema of an opinion about these intents.
pub fn schema(candidates: &[IntentId]) -> Value {
    let names: Vec<&str> = candidates.iter().map(IntentId::as_str).chain([NONE]).collect();
    json!({
        "type": "object", "additionalProperties": false, "required": ["intent"],
        "properties": { "intent": { "type": "string", "enum": names } },
    })
}

/// The intents to choose among, likeliest first; empty when no model is to be asked. `is_urgent` tells which intents never go to one.
pub fn candidates(reading: &Reading, is_urgent: impl Fn(&IntentId) -> bool) -> Vec<IntentId> {
    let talk = |act: &Act| match act {
        Act::Yes | Act::No | Act::Cancel | Act::Repeat | Act::Skip | Act::Human | Act::AreYouBot | Act::Language => true,
        Act::Greet | Act::Thanks | Act::Goodbye | Act::Help | Act::Correct => false,
    };
    let asked: &[IntentId] = match &reading.decision {
        Decision::Act(_) => return Vec::new(),
        Decision::Clarify(asked) => asked,
        Decision::Abstain => &[],
    };
    let urgent = asked.iter().any(&is_urgent) || reading.intents.iter().any(|guess| guess.confidence >= URGENT && is_urgent(&guess.intent));
    if reading.safety.is_some() || urgent || reading.acts.iter().any(talk) {
        return Vec::new();
    }
    let mut candidates: Vec<IntentId> = asked.to_vec();
    for guess in reading.intents.iter().filter(|guess| guess.confidence >= LIKELY && !is_urgent(&guess.intent)) {
        if candidates.len() < MOST && !candidates.contains(&guess.intent) {
            candidates.push(guess.intent.clone());
        }
    }
    candidates
}

/// What the message is read as, with the model's opinion if there is one. Only where both agree something is started; where they do not, the
/// customer is asked, about the local reading's first and then about the model's: models are right less often, see `docs/model.md`.
pub fn settle(mut reading: Reading, candidates: &[IntentId], opinion: Option<&Opinion>) -> Reading {
    let Some(picked) = opinion.and_then(|opinion| candidates.iter().find(|intent| intent.as_str() == opinion.intent)) else {
        return reading;
    };
    let confidence = reading.intents.iter().find(|guess| guess.intent == *picked).map_or(0.0, |guess| guess.confidence);
    let agrees = reading.intents.first().is_some_and(|guess| guess.intent == *picked);
    reading.decision = match reading.decision {
        Decision::Clarify(_) if agrees => Decision::Act(picked.clone()),
        Decision::Clarify(asked) if asked.first() == Some(picked) => Decision::Clarify(asked),
        Decision::Clarify(asked) => {
            let others = asked.into_iter().filter(|intent| intent != picked);
            let mut order: Vec<IntentId> = others.take(MOST_ASKED - 1).collect();
            order.insert(order.len().min(1), picked.clone());
            Decision::Clarify(order)
        }
        Decision::Abstain if agrees && confidence >= ENOUGH => Decision::Act(picked.clone()),
        Decision::Abstain => {
            let first = candidates.first().filter(|first| *first != picked);
            Decision::Clarify(first.into_iter().chain([picked]).cloned().collect())
        }
        act @ Decision::Act(_) => act,
    };
    reading.why = format!("{} A second opinion picked {picked}.", reading.why);
    reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::{Guess, SafetyHit};
    use proptest::prelude::*;

    fn id(name: &str) -> IntentId {
        IntentId::from(name)
    }

    fn reading(decision: Decision, guesses: &[(&str, f32)]) -> Reading {
        Reading {
            intents: guesses.iter().map(|(name, confidence)| Guess { intent: id(name), confidence: *confidence }).collect(),
            decision,
            also: Vec::new(),
            safety: None,
            acts: Vec::new(),
            entities: Vec::new(),
            language: "en",
            why: String::new(),
        }
    }

    fn urgent(intent: &IntentId) -> bool {
        intent.as_str() == "self_harm"
    }

    #[test]
    fn only_unsure_readings_of_plain_messages_are_asked_about() {
        let clarify = || reading(Decision::Clarify(vec![id("a"), id("b")]), &[("a", 0.4), ("b", 0.3), ("c", 0.1), ("d", 0.01)]);
        assert_eq!(candidates(&clarify(), urgent), [id("a"), id("b"), id("c")]);
        assert!(candidates(&reading(Decision::Act(id("a")), &[("a", 0.9)]), urgent).is_empty());
        assert!(candidates(&Reading { acts: vec![Act::Yes], ..clarify() }, urgent).is_empty(), "a yes is for the flow alone");
        let hit = SafetyHit { intent: id("self_harm"), rule: None, confidence: 0.4 };
        assert!(candidates(&Reading { safety: Some(hit), ..clarify() }, urgent).is_empty());
        assert!(candidates(&reading(Decision::Clarify(vec![id("self_harm"), id("a")]), &[]), urgent).is_empty());
        assert!(candidates(&reading(Decision::Abstain, &[("a", 0.3), ("self_harm", 0.2)]), urgent).is_empty());
    }

    #[test]
    fn the_local_reading_stands_unless_the_pick_is_on_the_list() {
        let local = reading(Decision::Clarify(vec![id("a"), id("b")]), &[("a", 0.4), ("b", 0.3), ("c", 0.1)]);
        let list = candidates(&local, urgent);
        for opinion in [None, Some("z"), Some(NONE), Some("d"), Some("")] {
            let opinion = opinion.map(|intent| Opinion { intent: intent.to_owned() });
            assert_eq!(settle(local.clone(), &list, opinion.as_ref()), local, "{opinion:?}");
        }
        let settled = |intent: &str| settle(local.clone(), &list, Some(&Opinion { intent: intent.into() })).decision;
        assert_eq!(settled("a"), Decision::Act(id("a")), "both agree");
        assert_eq!(settled("b"), Decision::Clarify(vec![id("a"), id("b")]));
        assert_eq!(settled("c"), Decision::Clarify(vec![id("a"), id("c"), id("b")]));
        let unsure = reading(Decision::Abstain, &[("a", 0.2), ("b", 0.05)]);
        let list = candidates(&unsure, urgent);
        let settled = |intent: &str| settle(unsure.clone(), &list, Some(&Opinion { intent: intent.into() })).decision;
        assert_eq!((settled("a"), settled("b")), (Decision::Act(id("a")), Decision::Clarify(vec![id("a"), id("b")])));
    }

    proptest! {
        /// Whatever the model says, nothing outside of the local list is ever acted on or offered.
        #[test]
        fn nothing_new_comes_from_a_model(picked in "[a-e]|self_harm|none_of_these|.*", p in proptest::collection::vec(0.0f32..0.6, 4), asks in any::<bool>()) {
            let names = ["a", "b", "c", "self_harm"];
            let guesses: Vec<(&str, f32)> = names.into_iter().zip(p).collect();
            let decision = if asks { Decision::Clarify(vec![id("a"), id("b")]) } else { Decision::Abstain };
            let local = reading(decision, &guesses);
            let list = candidates(&local, urgent);
            prop_assert!(!list.contains(&id("self_harm")));
            let settled = settle(local.clone(), &list, Some(&Opinion { intent: picked }));
            let allowed = |intent: &IntentId| list.contains(intent) || local.decision == settled.decision;
            match &settled.decision {
                Decision::Act(intent) => prop_assert!(allowed(intent)),
                Decision::Clarify(intents) => prop_assert!(intents.iter().all(allowed)),
                Decision::Abstain => {}
            }
        }
    }
}
