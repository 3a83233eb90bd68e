//! Learning from a catalog, and reading messages with what was learned.

use crate::domain::ids::IntentId;
use crate::understanding::calibrate::{Calibration, Verdict, rank};
use crate::understanding::features::{Coverage, Grams, Sparse};
use crate::understanding::model::{Lesson, Model, dry_run, lessons, pattern_owners};
use crate::understanding::normalize::Plain;
use crate::understanding::safety::Safety;
use crate::understanding::{Act, BadPattern, Decision, Guess, PatternSet, ReadContext, Reading, TrainingIntent};
use crate::understanding::{acts, entities, language};
use std::cell::RefCell;

/// Parts of the dry run that fits the calibration.
const FOLDS: usize = 4;

/// Everything learned from one catalog. Reading needs only `&self`, so one is shared by all conversations.
#[derive(Debug)]
pub struct Understander {
    pub(crate) intents: Vec<IntentId>,
    pub(crate) model: Model,
    pub(crate) calibration: Calibration,
    pub(crate) patterns: PatternSet,
    /// The intent of each pattern.
    pub(crate) owners: Vec<usize>,
    pub(crate) safety: Safety,
}

/// What one reading needs besides the text, kept for the next one.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) plain: Plain,
    grams: Grams,
    ids: Vec<u32>,
    pub(crate) row: Sparse,
    scores: Vec<f32>,
    pub(crate) probabilities: Vec<f32>,
    ranked: Vec<(usize, f32)>,
    pub(crate) hits: Vec<usize>,
    pub(crate) coverage: Coverage,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Compiles the patterns and cuts the examples: lessons, patterns, and the intent of each pattern.
pub(crate) fn prepare(intents: &[TrainingIntent]) -> Result<(Vec<Lesson>, PatternSet, Vec<usize>), Vec<BadPattern>> {
    let all: Vec<(usize, &str)> = intents
        .iter()
        .enumerate()
        .flat_map(|(number, intent)| intent.patterns.iter().map(move |pattern| (number, pattern.as_str())))
        .collect();
    let patterns = PatternSet::compile(all.iter().map(|(_, pattern)| *pattern)).map_err(|bad| {
        let name = |(number, problem): (usize, String)| {
            let (intent, pattern) = all.get(number)?;
            Some(BadPattern { intent: intents[*intent].id.clone(), safety: false, pattern: (*pattern).to_owned(), problem })
        };
        bad.into_iter().filter_map(name).collect::<Vec<_>>()
    })?;
    let owners: Vec<usize> = all.iter().map(|(number, _)| *number).collect();
    Ok((lessons(intents, &patterns, &owners), patterns, owners))
}

impl Understander {
    /// Learns from a catalog. The same catalog always gives the same result.
    ///
    /// # Errors
    /// The patterns that cannot be used.
    pub fn train(intents: &[TrainingIntent]) -> Result<Self, Vec<BadPattern>> {
        let (prepared, safety) = (prepare(intents), Safety::of(intents));
        let ((lessons, patterns, owners), safety) = match (prepared, safety) {
            (Ok(prepared), Ok(safety)) => (prepared, safety),
            (prepared, safety) => return Err(prepared.err().into_iter().chain(safety.err()).flatten().collect()),
        };
        let background = intents.len();
        let calibration = Calibration::fit(&dry_run(&lessons, background + 1, FOLDS), background);
        let model = Model::learn(&lessons, background + 1);
        Ok(Self { intents: intents.iter().map(|intent| intent.id.clone()).collect(), model, calibration, patterns, owners, safety })
    }

    /// Reads one message. Never fails, and its work is bounded whatever the text is.
    pub fn read(&self, text: &str, context: &ReadContext) -> Reading {
        SCRATCH.with_borrow_mut(|scratch| self.read_with(text, context, scratch))
    }

    /// Reads one message and leaves in `scratch` what it was decided by.
    pub(crate) fn read_with(&self, text: &str, context: &ReadContext, scratch: &mut Scratch) -> Reading {
        scratch.plain.fill(text);
        let safety = self.safety.check(&scratch.plain.text);
        let acts = acts::read(&scratch.plain);
        self.classify(scratch);
        let background = self.intents.len();
        let stranger = scratch.probabilities[background];
        let verdict = self.calibration.decide(&scratch.ranked, stranger, &scratch.hits, scratch.coverage);
        let intents: Vec<Guess> = scratch
            .ranked
            .iter()
            .enumerate()
            .filter(|(place, (_, p))| *place < 2 || *p >= 0.005)
            .map(|(_, &(intent, confidence))| Guess { intent: self.intents[intent].clone(), confidence })
            .collect();
        let (decision, why) = if let Some(hit) = &safety {
            (Decision::Act(hit.intent.clone()), format!("The safety rule '{}' of {} fired.", hit.rule, hit.intent))
        } else if acts.only && !acts.acts.iter().any(|act| matches!(act, Act::Human | Act::AreYouBot)) {
            (Decision::Abstain, format!("It only does something in the talk ({}), and names no topic.", names(&acts.acts)))
        } else {
            self.put(verdict, scratch, &intents)
        };
        Reading {
            intents,
            decision,
            safety,
            acts: acts.acts,
            entities: entities::find(text, context),
            language: language::detect(&scratch.plain),
            why,
        }
    }

    /// Fills everything from the hits to the ranking.
    fn classify(&self, scratch: &mut Scratch) {
        scratch.hits.clear();
        if scratch.plain.len() > 0 {
            pattern_owners(&self.patterns, &self.owners, &scratch.plain.text, &mut scratch.hits);
        }
        scratch.grams.fill(&scratch.plain);
        scratch.coverage = self.model.vocabulary.vectorize(&scratch.grams, &mut scratch.ids, &mut scratch.row);
        scratch.scores.clear();
        scratch.scores.resize(self.model.classifier.classes(), 0.0);
        self.model.classifier.score(&scratch.row, &mut scratch.scores);
        self.calibration.probabilities(&scratch.scores, &scratch.hits, &mut scratch.probabilities);
        rank(&scratch.probabilities, self.intents.len(), &mut scratch.ranked);
    }

    fn put(&self, verdict: Verdict, scratch: &Scratch, intents: &[Guess]) -> (Decision, String) {
        let percent = |guess: Option<&Guess>| guess.map_or(0.0, |guess| guess.confidence * 100.0).round();
        match verdict {
            Verdict::Act(best) => {
                let pattern = if scratch.hits.contains(&best) { ", and one of its patterns hit" } else { "" };
                let least = self.calibration.act * 100.0;
                let why =
                    format!("{} at {} % is above the {least:.0} % needed to act{pattern}.", self.intents[best], percent(intents.first()));
                (Decision::Act(self.intents[best].clone()), why)
            }
            Verdict::Clarify(count) => {
                let offered: Vec<IntentId> = intents.iter().take(count).map(|guess| guess.intent.clone()).collect();
                let list: Vec<String> =
                    intents.iter().take(count).map(|guess| format!("{} {:.0} %", guess.intent, guess.confidence * 100.0)).collect();
                (Decision::Clarify(offered), format!("Several readings are close: {}.", list.join(", ")))
            }
            Verdict::Unfamiliar => (Decision::Abstain, "Too few of its words are known from the examples.".to_owned()),
            Verdict::Background => (Decision::Abstain, "It reads like small talk or somebody else's business.".to_owned()),
            Verdict::Unsure => match intents.first() {
                Some(guess) => (
                    Decision::Abstain,
                    format!("No intent stands out; the likeliest is {} at {:.0} %.", guess.intent, guess.confidence * 100.0),
                ),
                None => (Decision::Abstain, "There are no intents to choose from.".to_owned()),
            },
        }
    }
}

fn names(acts: &[Act]) -> String {
    let names: Vec<String> = acts.iter().map(|act| format!("{act:?}").to_lowercase()).collect();
    names.join(", ")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// A catalog of five intents.
    pub(crate) fn intents() -> Vec<TrainingIntent> {
        let intent = |id: &str, title: &str, examples: &[&str], patterns: &[&str], safety: &[&str]| TrainingIntent {
            id: IntentId::from(id),
            title: title.to_owned(),
            description: title.to_owned(),
            examples: examples.iter().map(|&text| ("en".to_owned(), text.to_owned())).collect(),
            patterns: patterns.iter().map(|&pattern| pattern.to_owned()).collect(),
            safety: safety.iter().map(|&pattern| pattern.to_owned()).collect(),
            priority: u8::from(id != "self_harm_or_threat"),
        };
        vec![
            intent(
                "refund_status",
                "Where is my refund",
                &[
                    "where is my refund",
                    "refund still not here",
                    "when do i get my money back",
                    "how long does a refund take",
                    "no refund yet",
                    "the shop refunded me but i see nothing",
                    "has my refund been sent",
                    "waiting for my refund since monday",
                ],
                &[r"\bmoney back\b"],
                &[],
            ),
            intent(
                "goods_not_received",
                "My order never arrived",
                &[
                    "my parcel never came",
                    "order not arrived",
                    "i never got the shoes",
                    "nothing was delivered",
                    "package is missing",
                    "where is my parcel it never arrived",
                    "still have not received my order",
                    "the delivery never came",
                ],
                &[],
                &[],
            ),
            intent(
                "extend_due_date",
                "Pay later",
                &[
                    "can i pay next week instead",
                    "need more time to pay",
                    "move my payment to friday",
                    "can i get an extension",
                    "postpone my payment",
                    "pay a bit later please",
                    "push the due date back",
                    "can you delay my instalment",
                ],
                &[r"\b(snooze|postpone)\b"],
                &[],
            ),
            intent(
                "talk_to_human",
                "Talk to a person",
                &[
                    "i want to talk to a human",
                    "get me an agent",
                    "real person please",
                    "can i speak to someone",
                    "human now",
                    "connect me to support staff",
                    "let me talk to a person",
                    "i want to chat with an agent",
                ],
                &[],
                &[],
            ),
            intent(
                "self_harm_or_threat",
                "I may hurt myself",
                &[
                    "i want to kill myself",
                    "i cannot go on living",
                    "i will hurt myself",
                    "i want to die",
                    "there is no point in living",
                    "i might end my life",
                    "thinking of suicide",
                    "i dont want to live",
                ],
                &[],
                &[r"\b(kill|hurt) myself\b"],
            ),
        ]
    }

    static UNDERSTANDER: LazyLock<Understander> = LazyLock::new(|| Understander::train(&intents()).expect("good patterns"));

    fn context() -> ReadContext {
        ReadContext { now: "2026-12-04T12:00:00Z".parse().expect("a time"), zone: TimeZone::UTC, currency: None, market: "" }
    }

    #[test]
    fn messages_are_decided_on() {
        let act = |id: &str| Decision::Act(IntentId::from(id));
        for (text, decision) in [
            ("Where is my REFUND??", act("refund_status")),
            ("my parcel never arrived", act("goods_not_received")),
            ("please postpone the payment", act("extend_due_date")),
            ("i want my refund and i will kill myself", act("self_harm_or_threat")),
            ("what's the weather", Decision::Abstain),
            ("asdf qwer", Decision::Abstain),
            ("", Decision::Abstain),
            ("🎉🎉", Decision::Abstain),
            ("hello", Decision::Abstain),
            ("thanks", Decision::Abstain),
            ("yes please", Decision::Abstain),
            ("no", Decision::Abstain),
        ] {
            let reading = UNDERSTANDER.read(text, &context());
            assert_eq!(reading.decision, decision, "{text}: {reading:?}");
            assert!(!reading.why.is_empty());
        }
    }

    #[test]
    fn bad_patterns_are_named() {
        let mut broken = intents();
        broken[0].patterns.push("(oops".to_owned());
        broken[1].safety.push("a*".to_owned());
        let bad = Understander::train(&broken).expect_err("two bad patterns");
        let named: Vec<_> = bad.iter().map(|bad| (bad.intent.as_str(), bad.safety, bad.pattern.as_str())).collect();
        assert_eq!(named, [("refund_status", false, "(oops"), ("goods_not_received", true, "a*")]);
    }

    #[test]
    fn an_empty_catalog_understands_nothing() {
        let understander = Understander::train(&[]).expect("nothing to refuse");
        let reading = understander.read("where is my refund", &context());
        assert_eq!((reading.decision, reading.intents.len()), (Decision::Abstain, 0));
    }

    #[test]
    fn training_twice_reads_the_same() {
        let again = Understander::train(&intents()).expect("good patterns");
        for text in ["where is my money", "pay later", "never came", "is there anybody"] {
            assert_eq!(UNDERSTANDER.read(text, &context()), again.read(text, &context()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,300}|[0-9a-z£€$#@./: -]{0,80}|(in|next|last|the|a|[0-9]{1,9}|[0-9]{1,3}[./-][0-9]{1,3}|days|weeks|months|ago|dec|friday| ){0,12}") {
            let reading = UNDERSTANDER.read(&text, &context());
            prop_assert!(reading.intents.len() <= 5);
            let sum: f32 = reading.intents.iter().map(|guess| guess.confidence).sum();
            prop_assert!(sum <= 1.001);
            for entity in &reading.entities {
                prop_assert_eq!(text.get(entity.start..entity.end), Some(entity.text.as_str()));
            }
            prop_assert!(reading.entities.windows(2).all(|pair| pair[0].start <= pair[1].start));
        }
    }

    #[test]
    fn sixteen_kibibytes_of_anything_are_read() {
        for piece in ["a", "é", "where is my refund ", "£1 ", "1/1 ", "😀", "ﷺ", "\u{301}", "no ", "in 999999999999 weeks "] {
            let text = piece.repeat(16 * 1024 / piece.len());
            UNDERSTANDER.read(&text, &context());
        }
    }
}
