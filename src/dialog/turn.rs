//! One step under way: the state, what was said and offered so far, and the notes that become the turn's decision.

use super::flow::Flows;
use super::replies::LAST_RESORT;
use super::scope::World;
use super::state::{DialogState, Frame, Waiting};
use super::texts;
use super::{Call, Effect, HandOver, Level, OptionOffer, Step, StepContext};
use crate::domain::ids::IntentId;
use crate::domain::language::same;
use jiff::SignedDuration;
use minijinja::Value;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// How long an open question waits before the bot asks whether the customer is still there.
pub(super) const REMIND_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// Instructions that one turn may run.
pub(super) const OPS_A_TURN: u32 = 250;
/// The most bytes of known facts that go with a hand-over.
pub(super) const KNOWN_BYTES: usize = 8 * 1024;
/// The most bytes of a decision.
pub(super) const DECISION_BYTES: usize = 600;
/// The option that always fetches a person.
pub(super) const HUMAN: &str = "human";
/// The option that says that none of the offered intents is meant.
pub(super) const ELSE: &str = "else";
/// The intent that a wish for a person starts.
pub(super) const TALK_TO_HUMAN: &str = "talk_to_human";
/// The queue when no intent names one.
const GENERAL: &str = "general";
/// Intents that most customers come for, for "what can you do".
const POPULAR: [&str; 6] =
    ["payment_due_date", "extend_due_date", "refund_status", "goods_not_received", "report_return", "dispute_status"];
const LAST_SAID_CHARS: usize = 4000;

/// An instruction that failed: its path and why.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) op: String,
    pub(super) why: String,
}

pub(super) struct Turn<'a> {
    pub(super) flows: &'a Flows,
    pub(super) context: &'a StepContext,
    pub(super) world: Arc<World>,
    /// The same for texts that stand in English only: dates and amounts in them are English, too.
    pub(super) english: Arc<World>,
    /// BCP 47 language that the bot speaks now.
    pub(super) locale: String,
    pub(super) state: DialogState,
    pub(super) ask: Option<Call>,
    effects: Vec<Effect>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(flows: &'a Flows, state: DialogState, context: &'a StepContext) -> Self {
        let world = World::new(context, &context.locale);
        let english = if same(&context.locale, "en") { Arc::clone(&world) } else { World::new(context, "en") };
        let locale = context.locale.clone();
        Self { flows, context, world, english, locale, state, ask: None, effects: Vec::with_capacity(4) }
    }

    pub(super) fn rule(&mut self, rule: &'static str) {
        self.state.notes.rule = rule;
    }

    pub(super) fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(super) fn say(&mut self, text: String) {
        self.say_with(text, None);
    }

    pub(super) fn say_with(&mut self, text: String, step_up: Option<Level>) {
        if text.is_empty() && step_up.is_none() {
            return;
        }
        self.note_said(&text);
        self.effects.push(Effect::Say { text, step_up });
    }

    pub(super) fn note_said(&mut self, text: &str) {
        let said = &mut self.state.notes.said;
        if !said.is_empty() {
            said.push_str("\n\n");
        }
        said.push_str(text);
    }

    pub(super) fn offer(&mut self, options: Vec<OptionOffer>) {
        if !options.is_empty() {
            self.effects.push(Effect::Offer(options));
        }
    }

    /// The wording of a reply.
    pub(super) fn wording(&self, key: &str, variables: &[(&'static str, Value)]) -> String {
        let rendered = self.flows.reply(key, &self.locale).and_then(|(id, locale)| {
            let world = if same(locale, &self.locale) { &self.world } else { &self.english };
            texts::render(&self.flows.texts, id, world.with(variables)).ok()
        });
        rendered.unwrap_or_else(|| LAST_RESORT.to_owned())
    }

    pub(super) fn reply(&mut self, key: &str, variables: &[(&'static str, Value)]) {
        let text = self.wording(key, variables);
        self.say(text);
    }

    /// A reply about a flow, with its title.
    pub(super) fn reply_about(&mut self, key: &str, intent: &IntentId) {
        let title = self.title(intent);
        self.reply(key, &[("title", Value::from(title))]);
    }

    pub(super) fn title(&self, intent: &IntentId) -> String {
        self.flows.flows.get(intent).map_or_else(|| intent.as_str().replace('_', " "), |flow| flow.title.get(&self.locale).clone())
    }

    /// An option for "a person, please".
    pub(super) fn human_option(&self) -> OptionOffer {
        OptionOffer { id: HUMAN.to_owned(), label: self.wording("option_person", &[]) }
    }

    /// Options for these intents, "something else" when asked for, and a person.
    pub(super) fn offer_intents(&mut self, intents: &[IntentId], or_else: bool) {
        // A person is on offer anyway, as the last option.
        let others = intents.iter().filter(|intent| intent.as_str() != TALK_TO_HUMAN);
        let mut options: Vec<_> = others.map(|intent| OptionOffer { id: format!("intent:{intent}"), label: self.title(intent) }).collect();
        if or_else {
            options.push(OptionOffer { id: ELSE.to_owned(), label: self.wording("option_else", &[]) });
        }
        options.push(self.human_option());
        self.state.offered = options.clone();
        self.offer(options);
    }

    /// What the bot can do, for people who do not know: at most four intents.
    pub(super) fn examples(&self) -> Vec<IntentId> {
        let mut known: Vec<_> = POPULAR.iter().map(|name| IntentId::from(*name)).filter(|id| self.flows.flows.contains_key(id)).collect();
        if known.is_empty() {
            known = self.flows.flows.keys().filter(|id| id.as_str() != TALK_TO_HUMAN).cloned().collect();
            known.sort();
        }
        known.truncate(4);
        known
    }

    /// A reply that names examples, with the examples as options.
    pub(super) fn reply_with_examples(&mut self, key: &str) {
        let examples = self.examples();
        let titles: Vec<_> = examples.iter().map(|id| self.title(id)).collect();
        self.reply(key, &[("examples", Value::from(titles))]);
        self.offer_intents(&examples, false);
    }

    /// Fetches a person. The flow that asks for one is over; flows below it stay, and go on when the person gives the
    /// conversation back. `ask` is the frame that hands over, if one does.
    pub(super) fn hand_over(&mut self, frame: Option<&Frame>, reason: &str, queue: Option<&str>, priority: Option<u8>) {
        let flow = frame.and_then(|frame| self.flows.flows.get(&frame.intent));
        let human = |frame: &&Frame| frame.intent.as_str() == TALK_TO_HUMAN;
        let about = frame.filter(|frame| !human(frame)).or(self.state.stack.last()).or(frame);
        let intent = about.filter(|frame| !human(frame)).map(|frame| frame.intent.clone()).or_else(|| self.state.topic.clone());
        let intent = intent.or_else(|| about.map(|frame| frame.intent.clone()));
        let hand_over = HandOver {
            reason: reason.to_owned(),
            queue: queue.map(str::to_owned).or_else(|| flow.map(|flow| flow.queue.clone())).unwrap_or_else(|| GENERAL.to_owned()),
            priority: priority.or_else(|| flow.map(|flow| flow.priority)).unwrap_or(4),
            known: about.map_or_else(|| json!({}), |frame| known(&frame.slots, &frame.vars)),
            intent: intent.clone(),
            also: std::mem::take(&mut self.state.later).into_iter().map(|later| later.intent).collect(),
        };
        self.emit(Effect::HandOver(hand_over));
        self.state.topic = intent;
        self.state.offered.clear();
        self.state.misses = 0;
        self.state.notes.handed_over = true;
        self.state.notes.person = false;
    }

    /// Gives up a flow that cannot go on: an apology, and a person.
    pub(super) fn fail(&mut self, frame: &Frame, fault: Fault) {
        self.state.notes.error = Some((fault.op, fault.why));
        self.state.stack.clear();
        self.reply("flow_error", &[]);
        self.hand_over(Some(frame), "flow_error", None, None);
    }

    /// The step as the driver sees it. The last step of a turn carries the decision and, when an answer is awaited, the reminder.
    pub(super) fn finish(mut self) -> Step {
        let (locale, missed) = (self.state.notes.locale.clone(), self.state.notes.missed.clone());
        if self.ask.is_none() {
            let notes = std::mem::take(&mut self.state.notes);
            let waits = self.state.stack.last().is_some_and(|frame| frame.waiting.is_some()) || !self.state.offered.is_empty();
            if waits && !notes.handed_over && self.state.silences < 2 {
                self.emit(Effect::Remind(self.context.now.checked_add(REMIND_AFTER).unwrap_or(self.context.now)));
            }
            self.emit(Effect::Decision(notes.decision()));
            if !notes.said.is_empty() {
                self.state.last_said = notes.said.chars().take(LAST_SAID_CHARS).collect();
            }
        }
        Step { state: self.state, effects: merge(self.effects), locale, missed, ask: self.ask }
    }
}

impl super::state::TurnNotes {
    fn decision(&self) -> Json {
        let mut decision = Map::new();
        decision.insert("rule".to_owned(), Json::from(self.rule));
        if let Some(Json::Object(read)) = &self.read {
            decision.extend(read.clone());
        }
        if let Some((op, why)) = &self.error {
            decision.insert("error".to_owned(), json!({"op": short(op, 80), "why": short(why, 160)}));
        }
        if !self.why.is_empty() {
            decision.insert("why".to_owned(), Json::from(short(&self.why, 120)));
        }
        let mut path: Vec<_> = self.path.iter().rev().take(24).map(|op| Json::from(short(op, 40))).collect();
        path.reverse();
        decision.insert("path".to_owned(), Json::Array(path));
        let mut excess = Json::Object(decision.clone()).to_string().len().saturating_sub(DECISION_BYTES - 1);
        if let Some(Json::Array(path)) = decision.get_mut("path") {
            while excess > 0 && !path.is_empty() {
                excess = excess.saturating_sub(path.remove(0).to_string().len() + 1);
            }
        }
        if excess > 0 {
            decision.remove("why");
        }
        Json::Object(decision)
    }
}

/// At most that many bytes of the text.
fn short(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Slots and variables for the packet, in at most `KNOWN_BYTES`; what is too big is named in `left_out`.
fn known(slots: &Map<String, Json>, vars: &Map<String, Json>) -> Json {
    let mut room = KNOWN_BYTES - 512;
    let mut left_out = Vec::new();
    let mut fitting = |values: &Map<String, Json>| {
        let mut kept = Map::new();
        for (name, value) in values {
            let bytes = name.len() + value.to_string().len() + 4;
            if bytes <= room {
                room -= bytes;
                kept.insert(name.clone(), value.clone());
            } else if left_out.len() < 10 {
                left_out.push(Json::from(short(name, 40)));
            }
        }
        kept
    };
    let (slots, vars) = (fitting(slots), fitting(vars));
    let mut known = json!({"slots": slots, "vars": vars});
    if !left_out.is_empty() {
        known["left_out"] = Json::Array(left_out);
    }
    known
}

/// Neighbouring texts become one message, with a blank line between them. The driver does this for the effects of a whole turn.
pub fn merge(effects: Vec<Effect>) -> Vec<Effect> {
    let mut merged: Vec<Effect> = Vec::with_capacity(effects.len());
    for effect in effects {
        match (merged.last_mut(), effect) {
            (Some(Effect::Say { text, step_up }), Effect::Say { text: more, step_up: higher }) => {
                text.push_str("\n\n");
                text.push_str(&more);
                *step_up = (*step_up).max(higher);
            }
            (_, effect) => merged.push(effect),
        }
    }
    merged
}

/// Whether the flow below can go on at this level.
pub(super) fn waits_for_level(frame: &Frame) -> bool {
    matches!(frame.waiting, Some(Waiting::Level))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialog::state::TurnNotes;

    fn say(text: &str, step_up: Option<u8>) -> Effect {
        Effect::Say { text: text.to_owned(), step_up: step_up.map(Level) }
    }

    #[test]
    fn neighbouring_texts_become_one() {
        let merged = merge(vec![say("a", None), say("b", Some(2)), Effect::Offer(vec![]), say("c", None)]);
        assert_eq!(merged, [say("a\n\nb", Some(2)), Effect::Offer(vec![]), say("c", None)]);
    }

    #[test]
    fn decisions_stay_small() {
        let notes = TurnNotes {
            rule: "start",
            why: "é".repeat(500),
            path: vec!["é".repeat(50); 300],
            error: Some(("x".repeat(500), "y".repeat(900))),
            ..TurnNotes::default()
        };
        assert!(notes.decision().to_string().len() < DECISION_BYTES);
    }

    #[test]
    fn what_is_known_fits_the_packet() {
        let map = |n: usize| (0..n).map(|i| (format!("v{i}"), Json::from("x".repeat(100)))).collect::<Map<_, _>>();
        let mut vars = map(60);
        vars.insert("big".to_owned(), Json::from("x".repeat(9000)));
        let known = known(&map(60), &vars);
        assert!(known.to_string().len() <= KNOWN_BYTES);
        assert!(known["slots"]["v59"].is_string());
        assert!(known["left_out"].is_array());
    }
}
