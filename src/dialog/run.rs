//! Executes a flow until it waits, ends or hands over.

use super::choose::described;
use super::flow::{ExprId, Flow, Op, Text, Verb};
use super::hear::Heard;
use super::question::Records;
use super::scope::{Memory, World, to_json};
use super::state::{Answered, Frame, Waiting};
use super::texts;
use super::turn::{Fault, OPS_A_TURN, Turn};
use super::{Answer, Call, CallKind, Card, CardField, Effect, Level};
use crate::domain::ids::IntentId;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use minijinja::Value;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A running frame with its flow. While it runs, answers and results live in `memory`, where templates can share them.
pub(super) struct Live<'a> {
    pub(super) flow: &'a Flow,
    pub(super) frame: Frame,
    pub(super) memory: Memory,
}

impl<'a> Live<'a> {
    pub(super) fn new(flow: &'a Flow, mut frame: Frame) -> Self {
        let memory = Memory {
            slots: Arc::new(std::mem::take(&mut frame.slots)),
            vars: Arc::new(std::mem::take(&mut frame.vars)),
            text: Arc::from(frame.text.as_str()),
        };
        Self { flow, frame, memory }
    }

    pub(super) fn into_frame(mut self) -> Frame {
        self.frame.slots = Arc::unwrap_or_clone(self.memory.slots);
        self.frame.vars = Arc::unwrap_or_clone(self.memory.vars);
        self.frame
    }

    /// Remembers that this instruction settled the slot.
    pub(super) fn trail(&mut self, slot: &str, at: &str, auto: bool) {
        self.frame.trail.retain(|answered| answered.slot != slot);
        let vars = self.memory.vars.keys().cloned().collect();
        self.frame.trail.push(Answered { slot: slot.to_owned(), at: at.to_owned(), vars, auto });
    }

    /// A slot has a value, or was skipped.
    fn has(&self, slot: &str) -> bool {
        self.memory.slots.contains_key(slot)
    }

    pub(super) fn set_slot(&mut self, slot: &str, value: Json) {
        self.frame.confirmed = false;
        Arc::make_mut(&mut self.memory.slots).insert(slot.to_owned(), value);
    }

    fn set_var(&mut self, name: &str, value: Json) {
        Arc::make_mut(&mut self.memory.vars).insert(name.to_owned(), value);
    }

    /// Stops at this instruction until somebody answers. A confirmation does not outlive a wait, except for the answer to a call.
    pub(super) fn wait(&mut self, at: &str, waiting: Waiting) {
        if waiting != Waiting::Call {
            self.frame.confirmed = false;
        }
        at.clone_into(&mut self.frame.at);
        self.frame.waiting = Some(waiting);
    }
}

/// How a run stops.
enum Exit {
    Waits,
    Done,
    HandOver { reason: String, queue: Option<String>, priority: Option<u8> },
    Link(IntentId),
}

/// What comes after an instruction.
enum Next {
    Go(usize),
    Stop(Exit),
}

/// Where a frame stands, when its flow still has that instruction and it still waits for the same.
pub(super) fn locate(frame: &Frame, flow: &Flow) -> Option<usize> {
    if frame.at.is_empty() && matches!(frame.waiting, Some(Waiting::Level)) {
        return Some(0);
    }
    let index = flow.ops.iter().position(|op| op.path == frame.at)?;
    waits_at(frame.waiting.as_ref()?, &flow.ops[index].verb, flow).then_some(index)
}

/// Whether an instruction waits for that.
fn waits_at(waiting: &Waiting, verb: &Verb, flow: &Flow) -> bool {
    match (waiting, verb) {
        (Waiting::Slot { slot, .. }, Verb::Ask(asked)) => slot == asked && flow.slots.contains_key(slot),
        (Waiting::Record { slot, .. }, Verb::Choose { slot: asked, .. }) => slot == asked,
        (Waiting::Yes { .. }, Verb::Confirm { .. }) => true,
        (Waiting::Call, Verb::Lookup { .. } | Verb::Check { .. } | Verb::Do { .. }) => true,
        (Waiting::Meant { open, .. }, verb) => waits_at(open, verb, flow),
        (Waiting::Level, _) => true,
        (Waiting::Slot { .. } | Waiting::Record { .. } | Waiting::Yes { .. } | Waiting::Call, _) => false,
    }
}

impl<'a> Turn<'a> {
    /// Runs a frame (not on the stack) from an instruction until it waits or everything above the open question has ended.
    pub(super) fn run(&mut self, frame: Frame, start: usize) {
        self.run_from(Some((frame, start)));
    }

    pub(super) fn run_from(&mut self, mut next: Option<(Frame, usize)>) {
        while let Some((mut frame, start)) = next.take() {
            let Some(flow) = self.flows.flows.get(&frame.intent) else {
                next = self.gone(&frame);
                continue;
            };
            frame.waiting = None;
            self.state.notes.path.push(frame.intent.as_str().to_owned());
            let mut live = Live::new(flow, frame);
            let exit = self.walk(&mut live, start);
            next = self.stopped(live.into_frame(), exit);
        }
    }

    /// Takes the answer to the call that a frame (not on the stack) waits for.
    pub(super) fn answered(&mut self, mut frame: Frame, answer: Answer) {
        let Some((flow, index)) = self.flows.flows.get(&frame.intent).and_then(|flow| Some((flow, locate(&frame, flow)?))) else {
            let next = self.restart(frame);
            return self.run_from(next);
        };
        frame.waiting = None;
        let mut live = Live::new(flow, frame);
        let op = &flow.ops[index];
        let exit = match self.take(&mut live, index, op, answer) {
            Ok(Next::Go(index)) => self.walk(&mut live, index),
            Ok(Next::Stop(exit)) => Ok(exit),
            Err(why) => Err(Fault { op: op.path.clone(), why }),
        };
        let next = self.stopped(live.into_frame(), exit);
        self.run_from(next);
    }

    fn stopped(&mut self, frame: Frame, exit: Result<Exit, Fault>) -> Option<(Frame, usize)> {
        let person = self.state.notes.person;
        match exit {
            Ok(Exit::Waits) if person && frame.waiting != Some(Waiting::Call) => self.person_after_all(&frame),
            Ok(Exit::Waits) => self.state.stack.push(frame),
            Ok(Exit::Done) if person => self.person_after_all(&frame),
            Ok(Exit::Done) => {
                self.state.topic = Some(frame.intent);
                return self.come_back();
            }
            Ok(Exit::HandOver { reason, queue, priority }) => self.hand_over(Some(&frame), &reason, queue.as_deref(), priority),
            Ok(Exit::Link(intent)) => {
                let known = self.flows.flows.get(&intent);
                let mut linked = Frame::new(intent, frame.text);
                linked.slots = frame.slots.into_iter().filter(|(slot, _)| known.is_some_and(|flow| flow.has_slot(slot))).collect();
                return Some((linked, 0));
            }
            Err(fault) => self.fail(&frame, fault),
        }
        None
    }

    /// The customer asked for a person, and the flow for that did not fetch one.
    fn person_after_all(&mut self, frame: &Frame) {
        self.reply("handover", &[]);
        self.hand_over(Some(frame), "asked_for_person", None, None);
    }

    fn walk(&mut self, live: &mut Live<'a>, start: usize) -> Result<Exit, Fault> {
        let flow = live.flow;
        let mut index = start;
        if flow.auth > Level(0) && self.context.level == Level(0) {
            let at = flow.ops.get(index).map_or("", |op| op.path.as_str());
            self.ask_level(live, at, Level(1));
            return Ok(Exit::Waits);
        }
        loop {
            let Some(op) = flow.ops.get(index) else { return Ok(Exit::Done) };
            let fault = |why| Fault { op: op.path.clone(), why };
            if self.state.notes.ops >= OPS_A_TURN {
                return Err(fault(format!("more than {OPS_A_TURN} steps in one turn")));
            }
            self.state.notes.ops += 1;
            self.state.notes.path.push(op.path.clone());
            match self.perform(live, index, op).map_err(fault)? {
                Next::Go(next) => index = next,
                Next::Stop(exit) => return Ok(exit),
            }
        }
    }

    /// A text of the flow, in the conversation's language if it stands in it.
    pub(super) fn text(&self, live: &Live, text: &Text, item: Option<Value>) -> Result<String, String> {
        let world = if text.has(&self.locale) { &self.world } else { &self.english };
        let scope = live.memory.scope(world, item);
        texts::render(&self.flows.texts, text.get(&self.locale), scope).map_err(|error| format!("{error:#}"))
    }

    /// The same as it was in the language in which the conversation was before this message.
    pub(super) fn text_before(&self, live: &Live, text: &Text) -> Result<String, String> {
        let locale = if text.has(&self.context.locale) { &self.context.locale } else { "en" };
        let scope = live.memory.scope(&World::new(self.context, locale), None);
        texts::render(&self.flows.texts, text.get(&self.context.locale), scope).map_err(|error| format!("{error:#}"))
    }

    pub(super) fn value(&self, live: &Live, id: &ExprId) -> Result<Value, String> {
        texts::evaluate(&self.flows.texts, id, live.memory.scope(&self.world, None)).map_err(|error| format!("{error:#}"))
    }

    fn perform(&mut self, live: &mut Live<'a>, index: usize, op: &Op) -> Result<Next, String> {
        let next = Next::Go(index + 1);
        Ok(match &op.verb {
            Verb::Say(text) => {
                let text = self.text(live, text, None)?;
                self.say(text);
                next
            }
            Verb::Ask(slot) if live.has(slot) => {
                if !live.frame.trail.iter().any(|answered| answered.slot == *slot) {
                    live.trail(slot, &op.path, true);
                }
                next
            }
            Verb::Ask(slot) => {
                self.ask_slot(live, op, slot)?;
                Next::Stop(Exit::Waits)
            }
            Verb::Choose { slot, .. } if live.has(slot) => next,
            Verb::Choose { slot, none, pick_single, .. } => {
                let mut offer = self.records(live, op)?;
                let taken = match offer.records.len() {
                    0 => return Ok(Next::Go(*none)),
                    1 if *pick_single => Some(0),
                    _ if *pick_single => self.named_at_once(live, &offer),
                    _ => None,
                };
                match taken {
                    Some(index) => {
                        live.trail(slot, &op.path, true);
                        live.set_slot(slot, offer.records.swap_remove(index));
                        next
                    }
                    None => {
                        self.ask_record(live, op, slot, offer)?;
                        Next::Stop(Exit::Waits)
                    }
                }
            }
            Verb::Lookup { name, with, .. } => self.call(live, op, CallKind::Lookup, name, with)?,
            Verb::Check { name, with, .. } => self.call(live, op, CallKind::Check, name, with)?,
            Verb::Do { name, with, .. } => {
                if !live.frame.confirmed {
                    return Err(format!("'{name}' would run without a confirmed yes"));
                }
                if self.context.level < live.flow.auth {
                    return Err(format!("'{name}' needs sign-in level {}", live.flow.auth.0));
                }
                self.call(live, op, CallKind::Do, name, with)?
            }
            Verb::Unless(condition, target) => {
                if self.value(live, condition)?.is_true() {
                    next
                } else {
                    Next::Go(*target)
                }
            }
            Verb::Jump(target) => Next::Go(*target),
            Verb::Confirm { text, .. } => {
                if self.context.level < live.flow.auth {
                    self.ask_level(live, &op.path, live.flow.auth);
                } else {
                    self.ask_yes(live, op, text)?;
                }
                Next::Stop(Exit::Waits)
            }
            Verb::Card { card, title, fields, fields_from } => {
                let title = title.as_ref().map(|title| self.text(live, title, None)).transpose()?.unwrap_or_default();
                let fields = match fields_from {
                    Some(list) => card_fields(&self.value(live, list)?)?,
                    None => fields
                        .iter()
                        .map(|(label, value)| Ok(CardField { label: self.text(live, label, None)?, value: self.text(live, value, None)? }))
                        .collect::<Result<_, String>>()?,
                };
                self.emit(Effect::Card(Card { card: card.clone(), title, fields }));
                next
            }
            Verb::Promise { text, due, subject } => {
                let due = instant(&to_json(&self.value(live, due)?))?;
                let text = self.text(live, text, None)?;
                self.note_said(&text);
                self.emit(Effect::Promise { text, due, subject: subject.clone() });
                next
            }
            Verb::Link(intent) if self.flows.flows.contains_key(intent) => Next::Stop(Exit::Link(intent.clone())),
            Verb::Link(intent) => return Err(format!("there is no intent '{intent}' to go on with")),
            Verb::HandOver { reason, say, queue, priority } => {
                match say {
                    Some(text) => {
                        let text = self.text(live, text, None)?;
                        self.say(text);
                    }
                    None => self.reply("handover", &[]),
                }
                Next::Stop(Exit::HandOver { reason: reason.clone(), queue: queue.clone(), priority: *priority })
            }
            Verb::Done => Next::Stop(Exit::Done),
        })
    }

    /// The record that the message which started the flow in this turn names.
    fn named_at_once(&self, live: &Live, offer: &Records) -> Option<usize> {
        let (text, reading) = self.state.notes.opening.as_ref().filter(|(text, _)| *text == live.frame.text)?;
        let labels: Vec<_> = offer.labels.iter().map(String::as_str).collect();
        described(&labels, &offer.records, &Heard::new(text, reading))
    }

    fn call(&mut self, live: &mut Live, op: &Op, kind: CallKind, name: &str, with: &[(String, ExprId)]) -> Result<Next, String> {
        let mut arguments = Map::new();
        for (key, expression) in with {
            arguments.insert(key.clone(), to_json(&self.value(live, expression)?));
        }
        live.wait(&op.path, Waiting::Call);
        self.ask = Some(Call { kind, name: name.to_owned(), with: arguments });
        Ok(Next::Stop(Exit::Waits))
    }

    fn take(&mut self, live: &mut Live, index: usize, op: &Op, answer: Answer) -> Result<Next, String> {
        let next = Next::Go(index + 1);
        Ok(match (&op.verb, answer) {
            (Verb::Lookup { into, .. }, Answer::Value(value)) => {
                live.set_var(into, value);
                next
            }
            (Verb::Lookup { name, .. }, Answer::Refused(why)) => return Err(format!("'{name}' could not be read: {why}")),
            (Verb::Check { into, refused, .. }, answer) => {
                let value = match answer {
                    Answer::Value(value) => value,
                    Answer::Refused(mut why) => {
                        if let Some(why) = why.as_object_mut() {
                            why.insert("allowed".to_owned(), Json::Bool(false));
                        }
                        why
                    }
                };
                let allowed = value.get("allowed").and_then(Json::as_bool).unwrap_or(false);
                live.set_var(into, value);
                if allowed { next } else { Next::Go(*refused) }
            }
            (Verb::Do { into, .. }, Answer::Value(value)) => {
                live.set_var(into, value);
                next
            }
            (Verb::Do { into, failed, .. }, Answer::Refused(why)) => {
                let said = why.get("why").and_then(Json::as_str).unwrap_or_default().to_owned();
                live.set_var(into, why);
                match failed {
                    Some(target) => Next::Go(*target),
                    None => {
                        self.reply("action_failed", &[("why", Value::from(said))]);
                        Next::Stop(Exit::HandOver { reason: "action_refused".to_owned(), queue: None, priority: None })
                    }
                }
            }
            (_, _) => return Err("an answer came that nobody asked for".to_owned()),
        })
    }
}

fn card_fields(list: &Value) -> Result<Vec<CardField>, String> {
    let items = list.try_iter().map_err(|_| "'fields_from' is not a list".to_owned())?;
    let word = |item: &Value, key: &str| match item.get_attr(key) {
        Ok(value) if !value.is_undefined() && !value.is_none() => Ok(value.to_string()),
        Ok(_) | Err(_) => Err(format!("a line of 'fields_from' has no '{key}'")),
    };
    items.map(|item| Ok(CardField { label: word(&item, "label")?, value: word(&item, "value")? })).collect()
}

/// An instant, or the end (UTC) of a date.
fn instant(due: &Json) -> Result<Timestamp, String> {
    let text = due.as_str().unwrap_or_default();
    let end_of = |date: Date| date.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).map(|at| at.timestamp()).ok();
    let found = text.parse::<Timestamp>().ok().or_else(|| text.parse::<Date>().ok().and_then(end_of));
    found.ok_or_else(|| format!("'{due}' is neither an instant nor a date"))
}
