//! What a catalog does with labelled sentences that stand apart from its examples.

use crate::understanding::{Decision, Reading};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Counts over sentences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    sentences: u32,
    first_right: u32,
    acted: u32,
    acted_right: u32,
    asked: u32,
    asked_right: u32,
    abstained: u32,
    several: u32,
    several_right: u32,
    urgent: u32,
    urgent_started: u32,
    urgent_exact: u32,
    urgent_asked: u32,
    ordinary: u32,
    false_started: u32,
    false_asked: u32,
    confused: BTreeMap<(String, String), u32>,
}

impl Tally {
    /// Counts one sentence. `label`: its intent, several with `|` between, or `oos`. `urgent`: whether an intent is.
    pub fn add(&mut self, label: &str, reading: &Reading, urgent: &dyn Fn(&str) -> bool) {
        let labels: Vec<&str> = label.split('|').collect();
        let of = |flag: bool| u32::from(flag);
        self.sentences += 1;
        let first = reading.intents.first().map_or("", |guess| guess.intent.as_str());
        self.first_right += of(labels.contains(&first));
        if !labels.contains(&first) && label != super::OUT_OF_SCOPE {
            *self.confused.entry((label.to_owned(), first.to_owned())).or_default() += 1;
        }
        let (mut started, mut offered): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        match &reading.decision {
            Decision::Act(intent) => {
                started = std::iter::once(intent).chain(&reading.also).map(|intent| intent.as_str()).collect();
                self.acted += 1;
                self.acted_right += of(labels.contains(&started[0]));
            }
            Decision::Clarify(among) => {
                offered = among.iter().map(|intent| intent.as_str()).collect();
                self.asked += 1;
                self.asked_right += of(labels.iter().any(|label| offered.contains(label)));
            }
            Decision::Abstain => self.abstained += 1,
        }
        if labels.len() > 1 {
            let mut wanted = labels.clone();
            let mut got = started.clone();
            wanted.sort_unstable();
            got.sort_unstable();
            self.several += 1;
            self.several_right += of(wanted == got);
        }
        let starts_urgent = started.iter().any(|intent| urgent(intent));
        let offers_urgent = offered.iter().any(|intent| urgent(intent));
        if labels.iter().any(|label| urgent(label)) {
            self.urgent += 1;
            self.urgent_started += of(starts_urgent);
            self.urgent_exact += of(started.iter().chain(&offered).any(|intent| urgent(intent) && labels.contains(intent)));
            self.urgent_asked += of(!starts_urgent && offers_urgent);
        } else {
            self.ordinary += 1;
            self.false_started += of(starts_urgent);
            self.false_asked += of(!starts_urgent && offers_urgent);
        }
    }

    /// The figures: shares from 0 to 1, `null` where nothing was counted.
    pub fn as_json(&self) -> Value {
        let share = |part: u32, whole: u32| if whole == 0 { Value::Null } else { json!(f64::from(part) / f64::from(whole)) };
        let mut confused: Vec<_> = self.confused.iter().collect();
        confused.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let confused: Vec<_> = confused.iter().take(30).map(|((wanted, given), count)| json!([wanted, given, count])).collect();
        json!({
            "n": self.sentences,
            "accuracy": share(self.first_right, self.sentences),
            "acted": share(self.acted, self.sentences), "acted_right": share(self.acted_right, self.acted),
            "asked": share(self.asked, self.sentences), "asked_right": share(self.asked_right, self.asked),
            "abstained": share(self.abstained, self.sentences),
            "several": { "n": self.several, "right": share(self.several_right, self.several) },
            "urgent": {
                "n": self.urgent, "started": share(self.urgent_started, self.urgent), "asked": share(self.urgent_asked, self.urgent),
                "found": share(self.urgent_started + self.urgent_asked, self.urgent), "exact": share(self.urgent_exact, self.urgent),
            },
            "false_alarms": { "n": self.ordinary, "started": share(self.false_started, self.ordinary), "asked": share(self.false_asked, self.ordinary) },
            "confused": confused,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::IntentId;
    use crate::understanding::Guess;

    fn reading(decision: Decision, also: &[&str]) -> Reading {
        let first = match &decision {
            Decision::Act(intent) => vec![Guess { intent: intent.clone(), confidence: 0.9 }],
            Decision::Clarify(_) | Decision::Abstain => vec![],
        };
        Reading {
            intents: first,
            decision,
            also: also.iter().map(|&intent| IntentId::from(intent)).collect(),
            safety: None,
            acts: vec![],
            entities: vec![],
            language: "en",
            why: String::new(),
        }
    }

    #[test]
    fn counts_what_was_done_and_what_should_have_been() {
        let mut tally = Tally::default();
        let urgent = |intent: &str| intent == "hardship";
        let act = |intent: &str| Decision::Act(IntentId::from(intent));
        let ask = |among: &[&str]| Decision::Clarify(among.iter().map(|&intent| IntentId::from(intent)).collect());
        tally.add("refund", &reading(act("refund"), &[]), &urgent);
        tally.add("refund|move", &reading(act("move"), &["refund"]), &urgent);
        tally.add("refund", &reading(ask(&["hardship", "refund"]), &[]), &urgent);
        tally.add("hardship", &reading(ask(&["hardship", "move"]), &[]), &urgent);
        tally.add("hardship", &reading(act("move"), &[]), &urgent);
        tally.add("oos", &reading(Decision::Abstain, &[]), &urgent);
        let figures = tally.as_json();
        assert_eq!((&figures["acted"], &figures["acted_right"]), (&json!(0.5), &json!(2.0 / 3.0)));
        assert_eq!((&figures["asked_right"], &figures["several"]["right"]), (&json!(1.0), &json!(1.0)));
        assert_eq!((&figures["urgent"]["found"], &figures["false_alarms"]["asked"]), (&json!(0.5), &json!(0.25)));
        assert_eq!(figures["confused"][0], json!(["hardship", "", 1]));
    }
}
