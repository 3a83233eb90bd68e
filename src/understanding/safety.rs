//! Safety rules: they run before everything else, on the whole text, and the most urgent one wins.

use crate::domain::ids::IntentId;
use crate::understanding::patterns::PatternSet;
use crate::understanding::{BadPattern, SafetyHit, TrainingIntent};

/// All safety rules of a catalog.
#[derive(Debug)]
pub(crate) struct Safety {
    set: PatternSet,
    /// Priority, intent and pattern of each rule, in the order of the files.
    rules: Vec<(u8, IntentId, String)>,
}

impl Safety {
    /// Gathers the rules.
    ///
    /// # Errors
    /// The rules that cannot be used.
    pub(crate) fn of(intents: &[TrainingIntent]) -> Result<Self, Vec<BadPattern>> {
        let rules: Vec<_> = intents
            .iter()
            .flat_map(|intent| intent.safety.iter().map(|pattern| (intent.priority, intent.id.clone(), pattern.clone())))
            .collect();
        match PatternSet::compile(rules.iter().map(|(_, _, pattern)| pattern.as_str())) {
            Ok(set) => Ok(Self { set, rules }),
            Err(bad) => Err(bad
                .into_iter()
                .filter_map(|(number, problem)| {
                    let (_, intent, pattern) = rules.get(number)?;
                    Some(BadPattern { intent: intent.clone(), safety: true, pattern: pattern.clone(), problem })
                })
                .collect()),
        }
    }

    /// The most urgent rules that fire on the plain text.
    pub(crate) fn check(&self, text: &str) -> Option<Fired> {
        let mut hits = Vec::new();
        self.set.hits(text, &mut hits);
        let most = hits.iter().map(|&rule| self.rules[rule].0).min()?;
        let mut fired: Vec<usize> = hits.into_iter().filter(|&rule| self.rules[rule].0 == most).collect();
        fired.sort_unstable();
        Some(Fired(fired.into_iter().map(|rule| (self.rules[rule].1.clone(), self.rules[rule].2.clone())).collect()))
    }
}

/// Equally urgent rules that fired: intent and pattern of each, in the order of the files. Never empty.
#[derive(Debug)]
pub(crate) struct Fired(Vec<(IntentId, String)>);

impl Fired {
    /// The rule whose intent is likeliest by the rest of the reading; among equally likely ones the first.
    pub(crate) fn likeliest(self, probability: impl Fn(&IntentId) -> f32) -> SafetyHit {
        let mut rules = self.0.into_iter();
        let first = rules.next().unwrap_or_default();
        let (intent, pattern) = rules.fold(first, |best, rule| if probability(&rule.0) > probability(&best.0) { rule } else { best });
        SafetyHit { intent, rule: Some(pattern), confidence: 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(id: &str, priority: u8, safety: &[&str]) -> TrainingIntent {
        TrainingIntent {
            id: IntentId::from(id),
            title: String::new(),
            description: String::new(),
            examples: Vec::new(),
            patterns: Vec::new(),
            safety: safety.iter().map(|&pattern| pattern.to_owned()).collect(),
            priority,
        }
    }

    #[test]
    fn the_most_urgent_rule_wins() {
        let safety = Safety::of(&[
            intent("talk_to_human", 3, &[r"\b(human|person)\b"]),
            intent("self_harm_or_threat", 0, &[r"\bkill myself\b", r"\bend it all\b"]),
            intent("financial_hardship", 1, &[r"\blost my job\b"]),
        ])
        .expect("small");
        for (text, wanted) in [
            ("i lost my job, give me a person", Some("financial_hardship")),
            ("lost my job and i will kill myself", Some("self_harm_or_threat")),
            ("a person please", Some("talk_to_human")),
            ("where is my parcel", None),
        ] {
            assert_eq!(safety.check(text).map(|fired| fired.likeliest(|_| 0.0).intent), wanted.map(IntentId::from), "{text}");
        }
    }

    #[test]
    fn the_end_of_a_long_text_is_seen() {
        let safety = Safety::of(&[intent("self_harm_or_threat", 0, &[r"\bkill myself\b"])]).expect("small");
        let text = format!("{}i will kill myself", "blah ".repeat(3_000));
        assert!(safety.check(&text).is_some());
    }
}
