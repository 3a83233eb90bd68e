//! In which language a conversation goes on, and what becomes of a message in a language that the content does not speak: it is
//! never guessed at, a person takes over.

use super::OptionOffer;
use super::flow::Flows;
use super::hear::Heard;
use super::question::Again;
use super::scope::World;
use super::state::Frame;
use super::turn::{ELSE, Turn};
use crate::domain::ids::IntentId;
use crate::domain::language::same;
use crate::understanding::{Act, Decision, Reading};

/// The code for "not clear".
pub(super) const UNKNOWN: &str = "und";
/// Confidence from which an intent is reached in a language in which it has no examples: a pattern hit, or words that languages share.
const CERTAIN: f32 = 0.9;
/// Longer messages are more than small talk.
const SMALL_TALK_WORDS: usize = 3;

/// What a message means, as far as its language allows to say.
pub(super) enum Meant<'a> {
    /// This intent.
    Act(&'a IntentId),
    /// One of these, probably.
    Clarify(Vec<&'a IntentId>),
    /// Probably something that has no examples in the message's language.
    Unspoken,
    /// It is not clear.
    Nothing,
}

impl<'a> Meant<'a> {
    /// What a reading comes to with these flows.
    pub(super) fn of(reading: &'a Reading, flows: &Flows) -> Self {
        let known = |intent: &&IntentId| flows.flows.contains_key(*intent);
        let spoken = |intent: &&IntentId| {
            let language = reading.language;
            language == UNKNOWN || flows.flows.get(*intent).is_some_and(|flow| flow.speaks(language))
        };
        match &reading.decision {
            Decision::Act(intent) if !known(&intent) => Self::Nothing,
            Decision::Act(intent) if spoken(&intent) || confidence(reading, intent) >= CERTAIN => Self::Act(intent),
            Decision::Act(_) => Self::Unspoken,
            Decision::Clarify(intents) => {
                let known: Vec<&IntentId> = intents.iter().filter(known).collect();
                match known.first() {
                    None => Self::Nothing,
                    Some(first) if !spoken(first) => Self::Unspoken,
                    Some(_) => Self::Clarify(known.into_iter().filter(spoken).take(3).collect()),
                }
            }
            Decision::Abstain => Self::Nothing,
        }
    }
}

/// The confidence of an intent that was decided on.
pub(super) fn confidence(reading: &Reading, intent: &IntentId) -> f32 {
    reading.intents.iter().find(|guess| guess.intent == *intent).map_or(1.0, |guess| guess.confidence)
}

/// The language that the conversation goes on in after this message, when it is another one: the message asks for it, or is clearly in it.
/// One loanword ("merci") changes nothing.
pub(super) fn next(flows: &Flows, heard: &Heard, locale: &str) -> Option<&'static str> {
    let language = heard.reading.language;
    let other = language != UNKNOWN && !same(language, locale) && flows.speaks(language);
    let loanword = heard.words.len() <= 1 && !heard.reading.acts.is_empty() && !heard.does(Act::Language);
    (other && !loanword).then_some(language)
}

/// Whether a message is in a language that no intent has examples in, and is more than small talk.
pub fn is_foreign(flows: &Flows, text: &str, reading: &Reading) -> bool {
    foreign(flows, &Heard::new(text, reading))
}

fn foreign(flows: &Flows, heard: &Heard) -> bool {
    let language = heard.reading.language;
    let small_talk = heard.words.len() <= SMALL_TALK_WORDS && !heard.reading.acts.is_empty() && !heard.does(Act::Language);
    language != UNKNOWN && !small_talk && !flows.speaks(language)
}

impl<'a> Turn<'a> {
    /// From now on the conversation is in this language.
    pub(super) fn speak(&mut self, language: &str) {
        language.clone_into(&mut self.locale);
        self.world = World::new(self.context, &self.locale);
        self.state.notes.locale = Some(self.locale.clone());
    }

    /// The message is in a language that no intent has examples in, and is more than small talk.
    pub(super) fn is_foreign(&self, heard: &Heard) -> bool {
        foreign(self.flows, heard)
    }

    /// A person takes over, who may speak the language: said in it, if the wording of repair has it.
    pub(super) fn foreign(&mut self, frame: Option<&Frame>, heard: &Heard, reason: &str) {
        self.rule("foreign_language");
        self.speak(heard.reading.language);
        self.reply("no_language", &[]);
        self.hand_over(frame, reason, None, None);
    }

    /// The content speaks the language, but not about this.
    pub(super) fn unspoken(&mut self) {
        self.rule("unspoken");
        self.reply("topic_not_in_language", &[]);
        self.hand_over(None, "language", None, None);
    }

    /// "Auf Deutsch bitte": said so, and whatever was asked is asked again.
    pub(super) fn wish_for_language(&mut self, frame: Option<Frame>, offered: &[OptionOffer], heard: &Heard) {
        if self.is_foreign(heard) {
            return self.foreign(frame.as_ref(), heard, "language");
        }
        self.rule("language");
        self.reply("language_changed", &[]);
        if let Some(frame) = frame {
            let next = self.reopen(frame, Again::Plain);
            return self.run_from(next);
        }
        let intents: Vec<IntentId> = offered.iter().filter_map(|option| option.id.strip_prefix("intent:")).map(IntentId::from).collect();
        if intents.is_empty() {
            self.offer(offered.to_vec());
            self.state.offered = offered.to_vec();
        } else {
            self.offer_intents(&intents, offered.iter().any(|option| option.id == ELSE));
        }
    }
}
