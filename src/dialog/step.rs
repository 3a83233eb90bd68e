//! The entry: what happened, in the order of precedence. For a message:
//!
//! 1. safety: its intent starts at once, whatever runs is dropped (only the topic is remembered);
//! 2. a wish for a person, and "are you a bot": the intent `talk_to_human`;
//! 3. a wish for another language, and a message in a language that the content does not speak: see `language`;
//! 4. while a question is open: see `open`;
//! 5. else: an option in words, an intent, a command, small talk, "did you mean", a passage of an article, and what is not understood the first
//!    time (say it otherwise, with examples) and the second time (a person).
//!
//! Silence: the first time while something is open the bot asks whether the customer is still there, and waits once more;
//! after that an open question simply stays open, and a conversation with nothing open is closed.
//!
//! After a hand-over the flow that handed over is gone. Flows below it that wait for the customer stay, so that the bot can
//! go on when the person gives the conversation back; a failed flow and a customer who was not understood take everything with them.

use super::choose::pick;
use super::flow::Flows;
use super::hear::Heard;
use super::language::{Meant, next};
use super::open::{offers, takes_any_text};
use super::question::Again;
use super::slots::prefill;
use super::state::{DialogState, Frame, Later, TurnNotes, Waiting};
use super::turn::{ELSE, HUMAN, TALK_TO_HUMAN, Turn, waits_for_level};
use super::{Answer, Effect, Input, OptionOffer, Step, StepContext};
use crate::domain::ids::IntentId;
use crate::understanding::{Act, Decision, Reading};
use minijinja::Value;
use serde_json::{Value as Json, json};

/// So many matters are kept for later.
const MOST_LATER: usize = 4;

/// The next state and what must happen. Never fails: a flow that cannot go on becomes an apology and a hand-over.
///
/// When `Step::ask` is set, answer it and call again with `Input::Answered` and the state of this step; the turn ends with
/// the first step that asks nothing. Its last effect is the turn's only `Effect::Decision`.
pub fn step(flows: &Flows, state: DialogState, input: Input, context: &StepContext) -> Step {
    let mut turn = Turn::new(flows, state, context);
    if let Input::Answered(answer) = input {
        turn.take_answer(answer);
        return turn.finish();
    }
    turn.state.notes = TurnNotes::default();
    turn.state.format = DialogState::FORMAT;
    turn.state.shown.clear();
    turn.state.stack.retain(|frame| !matches!(frame.waiting, None | Some(Waiting::Call)));
    if !matches!(input, Input::Silence) {
        turn.state.silences = 0;
    }
    match input {
        Input::Said { text, reading } => turn.said(&text, &reading),
        Input::Chose { option, label } => turn.chose(&option, &label),
        Input::WantsHuman => turn.want_person("", None, true),
        Input::Answered(_) => {}
        Input::Silence => turn.silence(),
        Input::LevelRaised => turn.level_raised(),
        Input::Returned => turn.returned(),
    }
    turn.finish()
}

impl<'a> Turn<'a> {
    fn take_answer(&mut self, answer: Answer) {
        if self.state.stack.last().is_some_and(|frame| frame.waiting == Some(Waiting::Call))
            && let Some(frame) = self.state.stack.pop()
        {
            return self.answered(frame, answer);
        }
        self.rule("stray_answer");
        if self.state.notes.person {
            self.state.notes.person = false;
            self.reply("handover", &[]);
            self.hand_over(None, "asked_for_person", None, None);
        }
    }

    /// Starts an intent on top of whatever waits.
    pub(super) fn start(&mut self, intent: &IntentId, text: &str, heard: Option<&Heard>) {
        self.state.misses = 0;
        let mut frame = Frame::new(intent.clone(), text.to_owned());
        if let (Some(heard), Some(flow)) = (heard, self.flows.flows.get(intent)) {
            frame.slots = prefill(flow.slots.values(), heard, self.context);
            self.state.notes.opening = Some((text.to_owned(), Box::new(heard.reading.clone())));
            self.put_off(intent, heard);
        }
        self.run(frame, 0);
    }

    /// Keeps what else the message is about for later, so that nothing is forgotten.
    fn put_off(&mut self, first: &IntentId, heard: &Heard) {
        for intent in heard.reading.also.iter().filter(|intent| *intent != first && intent.as_str() != TALK_TO_HUMAN) {
            let known = self.state.later.iter().any(|later| later.intent == *intent)
                || self.state.stack.iter().any(|frame| frame.intent == *intent);
            if let Some(flow) = self.flows.flows.get(intent)
                && !known
                && self.state.later.len() < MOST_LATER
            {
                let slots = prefill(flow.slots.values(), heard, self.context);
                self.state.later.push(Later { intent: intent.clone(), text: heard.text.to_owned(), slots });
            }
        }
    }

    /// `forced`: a person is fetched in this turn whatever the flow of `talk_to_human` does.
    fn want_person(&mut self, text: &str, heard: Option<&Heard>, forced: bool) {
        self.rule("person");
        self.state.offered.clear();
        let repeated = self.state.stack.pop_if(|frame| frame.intent.as_str() == TALK_TO_HUMAN).is_some();
        self.state.notes.person = forced || repeated;
        let intent = IntentId::from(TALK_TO_HUMAN);
        if self.flows.flows.contains_key(&intent) {
            return self.start(&intent, text, heard);
        }
        self.reply("handover", &[]);
        self.hand_over(None, "asked_for_person", None, None);
    }

    fn said(&mut self, text: &str, reading: &Reading) {
        self.state.notes.read = Some(summary(reading));
        self.state.notes.why.clone_from(&reading.why);
        let heard = Heard::new(text, reading);
        if let Some(language) = next(self.flows, &heard, &self.locale) {
            self.speak(language);
        }
        let running = self.state.stack.last().map(|frame| frame.intent.clone());
        if let Some(hit) = &reading.safety
            && hit.intent.as_str() != TALK_TO_HUMAN
            && running.as_ref() != Some(&hit.intent)
            && self.flows.flows.contains_key(&hit.intent)
        {
            self.rule("safety");
            self.state.topic = running.or(self.state.topic.take());
            self.state.stack.clear();
            self.state.offered.clear();
            return self.start(&hit.intent, text, Some(&heard));
        }
        let person = reading.safety.as_ref().is_some_and(|hit| hit.intent.as_str() == TALK_TO_HUMAN) || self.wishes_person(&heard);
        if person || heard.does(Act::Human) || heard.does(Act::AreYouBot) {
            if self.is_foreign(&heard) {
                let frame = self.state.stack.pop();
                return self.foreign(frame.as_ref(), &heard, "asked_for_person");
            }
            return self.want_person(text, Some(&heard), false);
        }
        let offered = std::mem::take(&mut self.state.offered);
        match self.state.stack.pop() {
            frame if heard.does(Act::Language) => self.wish_for_language(frame, &offered, &heard),
            Some(frame) => self.said_open(frame, &heard),
            None if self.is_foreign(&heard) => self.foreign(None, &heard, "language"),
            None => self.said_idle(&heard, &offered),
        }
    }

    /// The message reads as the intent of asking for a person. In answer to a question that takes any text it has to be short:
    /// a story may well tell of people.
    fn wishes_person(&self, heard: &Heard) -> bool {
        let reads_so = matches!(&heard.reading.decision, Decision::Act(intent) if intent.as_str() == TALK_TO_HUMAN);
        reads_so && (heard.words.len() <= 8 || !self.state.stack.last().is_some_and(|frame| takes_any_text(self.flows, frame)))
    }

    fn said_idle(&mut self, heard: &Heard, offered: &[OptionOffer]) {
        let labels: Vec<_> = offered.iter().map(|option| option.label.as_str()).collect();
        let pick = pick(&labels, &[], heard);
        let picked = pick.one().map(|index| offered[index].id.as_str());
        if let Some(option) = picked.filter(|_| pick.sure) {
            return self.take_offer(option, heard.text, Some(heard));
        }
        let means = Meant::of(heard.reading, self.flows);
        if let Meant::Act(intent) = means {
            self.rule("start");
            return self.start(intent, heard.text, Some(heard));
        }
        if let Some(option) = picked {
            return self.take_offer(option, heard.text, Some(heard));
        }
        if self.small_talk(heard, offered) {
            self.state.misses = 0;
            return;
        }
        let meant: Vec<IntentId> = match means {
            Meant::Unspoken => return self.unspoken(),
            Meant::Clarify(intents) => intents.into_iter().cloned().collect(),
            Meant::Act(_) | Meant::Nothing => Vec::new(),
        };
        if let Some(article) = &self.context.article {
            return self.show_article(article, &meant);
        }
        if meant.is_empty() || !offered.is_empty() {
            self.state.misses += 1;
        }
        if self.state.misses >= 2 {
            self.rule("not_understood");
            self.reply("not_understood_handover", &[]);
            self.hand_over(None, "not_understood", None, None);
        } else if meant.is_empty() {
            self.rule("rephrase");
            self.reply_with_examples("not_understood");
        } else {
            self.rule("clarify");
            self.reply("clarify", &[]);
            self.offer_intents(&meant, true);
        }
    }

    /// Commands and small talk while nothing is open.
    fn small_talk(&mut self, heard: &Heard, offered: &[OptionOffer]) -> bool {
        let clarify = matches!(heard.reading.decision, Decision::Clarify(_)) && heard.words.len() > 4;
        let Some(act) = heard.reading.acts.iter().find(|act| !matches!(act, Act::Correct)) else { return false };
        match act {
            Act::Help => {
                self.rule("help");
                self.reply_with_examples("help");
            }
            Act::Repeat => {
                self.rule("repeat");
                if self.state.last_said.is_empty() {
                    self.reply("nothing_to_repeat", &[]);
                } else {
                    self.emit(Effect::Say { text: self.state.last_said.clone(), step_up: None });
                    self.state.offered = offered.to_vec();
                    self.offer(offered.to_vec());
                }
            }
            Act::Cancel => {
                self.rule("cancel");
                self.reply(if offered.is_empty() { "nothing_to_cancel" } else { "all_right" }, &[]);
            }
            _ if clarify => return false,
            Act::Greet => {
                self.rule("greet");
                let name = self.context.customer.get("given_name").and_then(Json::as_str).unwrap_or_default();
                self.reply("greet", &[("name", Value::from(name))]);
            }
            Act::Thanks => {
                self.rule("thanks");
                self.reply("thanks", &[]);
            }
            Act::Goodbye => {
                self.rule("goodbye");
                self.reply("goodbye", &[]);
            }
            Act::Yes if heard.words.len() <= 4 => {
                self.rule("yes");
                self.reply("say_more", &[]);
            }
            Act::No if heard.words.len() <= 4 => {
                self.rule("no");
                self.reply(if offered.is_empty() { "all_right" } else { "rephrase" }, &[]);
            }
            Act::Yes | Act::No | Act::Correct | Act::Skip | Act::Human | Act::AreYouBot | Act::Language => return false,
        }
        true
    }

    /// An option that was offered outside any flow.
    fn take_offer(&mut self, option: &str, text: &str, heard: Option<&Heard>) {
        self.rule("offered");
        match option.strip_prefix("intent:").map(IntentId::from) {
            _ if option == HUMAN => self.want_person(text, heard, true),
            Some(intent) if self.flows.flows.contains_key(&intent) => self.start(&intent, text, heard),
            Some(_) | None => {
                self.state.misses = 0;
                self.reply("rephrase", &[]);
            }
        }
    }

    fn chose(&mut self, option: &str, label: &str) {
        if option == HUMAN {
            return self.want_person(label, None, true);
        }
        let offered = std::mem::take(&mut self.state.offered);
        if self.state.stack.is_empty()
            && (option == ELSE || option.starts_with("intent:"))
            && offered.iter().any(|offer| offer.id == option)
        {
            return self.take_offer(option, label, None);
        }
        match self.state.stack.pop() {
            Some(frame) if offers(&frame, option) => self.chose_open(frame, option),
            open => {
                self.rule("choice_gone");
                self.reply("choice_gone", &[]);
                match open {
                    Some(frame) => {
                        let next = self.reopen(frame, Again::Plain);
                        self.run_from(next);
                    }
                    None => {
                        self.offer(offered.clone());
                        self.state.offered = offered;
                    }
                }
            }
        }
    }

    fn silence(&mut self) {
        self.rule("silence");
        let open = !self.state.stack.is_empty() || !self.state.offered.is_empty();
        self.state.silences = self.state.silences.saturating_add(1);
        if open && self.state.silences == 1 {
            let text = self.wording("still_there", &[]);
            self.emit(Effect::Say { text, step_up: None });
        } else if !open && self.state.silences > 1 {
            self.emit(Effect::Close("silence".to_owned()));
        }
    }

    fn level_raised(&mut self) {
        self.rule("level");
        if let Some(frame) = self.state.stack.pop_if(|frame| waits_for_level(frame)) {
            self.state.offered.clear();
            self.state.misses = 0;
            let next = self.reopen(frame, Again::Plain);
            self.run_from(next);
        }
    }

    fn returned(&mut self) {
        self.rule("returned");
        self.state.offered.clear();
        self.state.misses = 0;
        match self.state.stack.pop() {
            Some(frame) => {
                self.reply_about("returned_open", &frame.intent);
                let next = self.reopen(frame, Again::Plain);
                self.run_from(next);
            }
            None => self.reply("returned", &[]),
        }
    }
}

/// The reading in short, for the decision.
fn summary(reading: &Reading) -> Json {
    let intents: Vec<_> =
        reading.intents.iter().take(3).map(|guess| json!([guess.intent, f64::from((guess.confidence * 100.0).round()) / 100.0])).collect();
    let decision = match &reading.decision {
        Decision::Act(_) => "act",
        Decision::Clarify(_) => "clarify",
        Decision::Abstain => "abstain",
    };
    let mut short = json!({"intents": intents, "decision": decision, "language": reading.language});
    if let Some(hit) = &reading.safety {
        short["safety"] = Json::from(hit.intent.as_str());
    }
    short
}
