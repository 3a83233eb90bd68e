//! Questions: asked for the first time, and opened again after a digression or an answer that did not fit.

use super::flow::{Op, Slot, SlotKind, Text, Verb};
use super::run::{Live, locate};
use super::scope::to_json;
use super::slots::value_of;
use super::state::{Frame, Waiting};
use super::turn::{Fault, HUMAN, Turn};
use super::{Level, OptionOffer};
use minijinja::Value;
use serde_json::Value as Json;

/// The most records that are offered at once.
pub(super) const RECORDS: usize = 12;

/// Records with their labels.
pub(super) struct Records {
    pub(super) records: Vec<Json>,
    pub(super) labels: Vec<String>,
}

/// How a question is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Just the question.
    Plain,
    /// With help on how to answer.
    Help,
    /// With help, and with a person among the options.
    HelpAndPerson,
}

impl<'a> Turn<'a> {
    fn numbered(&mut self, value: Option<&str>, label: String) -> OptionOffer {
        self.state.options = self.state.options.wrapping_add(1);
        let number = self.state.options;
        let id = value.map_or_else(|| format!("o{number}"), |value| format!("o{number}.{value}"));
        OptionOffer { id, label }
    }

    pub(super) fn yes_and_no(&mut self) -> Vec<OptionOffer> {
        let (yes, no) = (self.wording("yes_label", &[]), self.wording("no_label", &[]));
        vec![self.numbered(Some("yes"), yes), self.numbered(Some("no"), no)]
    }

    /// The options of a slot: value and label.
    pub(super) fn options(&self, live: &Live, slot: &'a Slot) -> Result<Vec<(&'a str, String)>, String> {
        match &slot.kind {
            SlotKind::Choice(options) => {
                options.iter().map(|option| Ok((option.id.as_str(), self.text(live, &option.label, None)?))).collect()
            }
            SlotKind::Text
            | SlotKind::YesNo
            | SlotKind::Date { .. }
            | SlotKind::Money
            | SlotKind::Number { .. }
            | SlotKind::Reference
            | SlotKind::Record => Ok(Vec::new()),
        }
    }

    pub(super) fn ask_slot(&mut self, live: &mut Live<'a>, op: &Op, name: &str) -> Result<(), String> {
        let slot = live.flow.slots.get(name).ok_or_else(|| format!("there is no slot '{name}'"))?;
        let ask = slot.ask.as_ref().ok_or_else(|| format!("the slot '{name}' has no question"))?;
        let text = self.text(live, ask, None)?;
        let offered = if matches!(slot.kind, SlotKind::YesNo) {
            self.yes_and_no()
        } else {
            let options = self.options(live, slot)?;
            options.into_iter().map(|(value, label)| self.numbered(Some(value), label)).collect()
        };
        self.say(text);
        self.offer(offered.clone());
        live.wait(&op.path, Waiting::Slot { slot: name.to_owned(), tries: 0, offered });
        Ok(())
    }

    /// The records that a `choose` offers, at most `RECORDS`.
    pub(super) fn records(&self, live: &Live, op: &Op) -> Result<Records, String> {
        let Verb::Choose { from, label, .. } = &op.verb else { return Err("this step offers no records".to_owned()) };
        let list = self.value(live, from)?;
        if list.is_none() {
            return Ok(Records { records: Vec::new(), labels: Vec::new() });
        }
        let items = list.try_iter().map_err(|_| "'from' is not a list".to_owned())?;
        let mut offer = Records { records: Vec::new(), labels: Vec::new() };
        for item in items.take(RECORDS) {
            offer.records.push(to_json(&item));
            offer.labels.push(self.text(live, label, Some(item))?);
        }
        Ok(offer)
    }

    pub(super) fn ask_record(&mut self, live: &mut Live, op: &Op, slot: &str, offer: Records) -> Result<(), String> {
        let Verb::Choose { ask, .. } = &op.verb else { return Err("this step offers no records".to_owned()) };
        let text = self.text(live, ask, None)?;
        let offered: Vec<_> = offer.labels.into_iter().map(|label| self.numbered(None, label)).collect();
        self.say(text);
        self.offer(offered.clone());
        live.wait(&op.path, Waiting::Record { slot: slot.to_owned(), tries: 0, offered, records: offer.records });
        Ok(())
    }

    pub(super) fn ask_yes(&mut self, live: &mut Live, op: &Op, text: &Text) -> Result<(), String> {
        let text = self.text(live, text, None)?;
        let offered = self.yes_and_no();
        self.say(text.clone());
        self.offer(offered.clone());
        live.wait(&op.path, Waiting::Yes { text, tries: 0, offered });
        Ok(())
    }

    pub(super) fn ask_level(&mut self, live: &mut Live, at: &str, level: Level) {
        let key = if level > Level(1) { "step_up" } else { "sign_in" };
        let text = self.wording(key, &[("title", Value::from(live.flow.title.get(&self.locale).as_str()))]);
        self.say_with(text, Some(level));
        self.state.offered = vec![self.human_option()];
        self.offer(self.state.offered.clone());
        live.wait(at, Waiting::Level);
    }

    /// Opens the question of a frame (not on the stack) again. Gives the frame back when it has to run instead: its flow
    /// was edited, or it waited for a sign-in level, which running asks for again if it is still missing.
    pub(super) fn reopen(&mut self, mut frame: Frame, again: Again) -> Option<(Frame, usize)> {
        let Some(flow) = self.flows.flows.get(&frame.intent) else { return self.gone(&frame) };
        let Some(index) = locate(&frame, flow) else { return self.restart(frame) };
        if matches!(frame.waiting, Some(Waiting::Level)) {
            return Some((frame, index));
        }
        let Some(waiting) = frame.waiting.take() else { return self.restart(frame) };
        let mut live = Live::new(flow, frame);
        let opened = self.ask_again(&live, &flow.ops[index], waiting, again);
        match opened {
            Ok(waiting) => {
                live.frame.waiting = Some(waiting);
                self.state.stack.push(live.into_frame());
            }
            Err(why) => self.fail(&live.into_frame(), Fault { op: flow.ops[index].path.clone(), why }),
        }
        None
    }

    fn ask_again(&mut self, live: &Live<'a>, op: &Op, mut waiting: Waiting, again: Again) -> Result<Waiting, String> {
        if self.state.notes.locale.is_some() {
            // A value that was asked about is asked for again: its question was rendered in the language before.
            if let Waiting::Meant { open, .. } = waiting {
                waiting = *open;
            }
            self.reword(live, op, &mut waiting)?;
        }
        let (help, question, offered) = match &mut waiting {
            Waiting::Slot { slot, offered, .. } => {
                let slot = live.flow.slots.get(slot).ok_or_else(|| format!("there is no slot '{slot}'"))?;
                let question = slot.ask.as_ref().map(|ask| self.text(live, ask, None)).transpose()?.unwrap_or_default();
                let help = match &slot.help {
                    Some(help) if again != Again::Plain => self.text(live, help, None)?,
                    Some(_) => String::new(),
                    None => self.usual_help(slot),
                };
                (help, question, offered)
            }
            Waiting::Record { offered, .. } => {
                let Verb::Choose { ask, .. } = &op.verb else { return Err("this step offers no records".to_owned()) };
                (self.wording("wrong_choice", &[]), self.text(live, ask, None)?, offered)
            }
            Waiting::Yes { text, offered, .. } | Waiting::Meant { text, offered, .. } => (String::new(), text.clone(), offered),
            Waiting::Call | Waiting::Level => return Err("there is no open question".to_owned()),
        };
        if again != Again::Plain {
            self.say(help);
        }
        self.say(question);
        if again == Again::HelpAndPerson && !offered.iter().any(|option| option.id == HUMAN) {
            offered.push(self.human_option());
        }
        self.offer(offered.clone());
        Ok(waiting)
    }

    /// What was offered and what waits for a yes, in the language that the conversation has changed to. The options stay what they are.
    fn reword(&self, live: &Live<'a>, op: &Op, waiting: &mut Waiting) -> Result<(), String> {
        let yes_or_no = |option: &mut OptionOffer| match value_of(&option.id) {
            Some("yes") => option.label = self.wording("yes_label", &[]),
            Some("no") => option.label = self.wording("no_label", &[]),
            Some(_) | None => {}
        };
        match (&mut *waiting, &op.verb) {
            (Waiting::Slot { slot, offered, .. }, _) => {
                let slot = live.flow.slots.get(slot).ok_or_else(|| format!("there is no slot '{slot}'"))?;
                let labels = self.options(live, slot)?;
                for option in offered.iter_mut() {
                    if let Some((_, label)) = labels.iter().find(|(value, _)| value_of(&option.id) == Some(value)) {
                        option.label.clone_from(label);
                    }
                }
                if matches!(slot.kind, SlotKind::YesNo) {
                    offered.iter_mut().for_each(yes_or_no);
                }
            }
            (Waiting::Record { offered, records, .. }, Verb::Choose { .. }) => {
                let labels = self.records(live, op)?;
                if labels.records == *records {
                    offered.iter_mut().zip(labels.labels).for_each(|(option, label)| option.label = label);
                }
            }
            (Waiting::Yes { text, offered, .. }, Verb::Confirm { text: confirm, .. }) => {
                *text = self.text(live, confirm, None)?;
                offered.iter_mut().for_each(yes_or_no);
            }
            (Waiting::Record { .. } | Waiting::Yes { .. } | Waiting::Meant { .. } | Waiting::Call | Waiting::Level, _) => {}
        }
        let person = self.human_option();
        if let Waiting::Slot { offered, .. } | Waiting::Record { offered, .. } | Waiting::Yes { offered, .. } = waiting
            && let Some(option) = offered.iter_mut().find(|option| option.id == HUMAN)
        {
            option.label = person.label;
        }
        Ok(())
    }

    fn usual_help(&self, slot: &Slot) -> String {
        match &slot.kind {
            SlotKind::Text => self.wording("wrong_text", &[]),
            SlotKind::YesNo => self.wording("wrong_yes_no", &[]),
            SlotKind::Choice(_) | SlotKind::Record => self.wording("wrong_choice", &[]),
            SlotKind::Date { past: true, .. } => self.wording("wrong_date_past", &[]),
            SlotKind::Date { future: true, .. } => self.wording("wrong_date_future", &[]),
            SlotKind::Date { .. } => self.wording("wrong_date", &[]),
            SlotKind::Money => self.wording("wrong_money", &[]),
            SlotKind::Number { min, max } => self.wording("wrong_number", &[("min", Value::from(*min)), ("max", Value::from(*max))]),
            SlotKind::Reference => self.wording("wrong_reference", &[]),
        }
    }

    /// Goes back to the question below, when a flow above it has ended; when there is none, to what was put off.
    pub(super) fn come_back(&mut self) -> Option<(Frame, usize)> {
        let Some(frame) = self.state.stack.pop() else {
            let later = (!self.state.later.is_empty()).then(|| self.state.later.remove(0))?;
            self.reply_about("also_asked", &later.intent);
            let mut frame = Frame::new(later.intent, later.text);
            frame.slots = later.slots;
            return Some((frame, 0));
        };
        self.reply_about("back_to", &frame.intent);
        self.reopen(frame, Again::Plain)
    }

    /// A flow was edited while it waited: it starts again with the answers that it still asks for; the second time it is dropped.
    pub(super) fn restart(&mut self, frame: Frame) -> Option<(Frame, usize)> {
        let Some(flow) = self.flows.flows.get(&frame.intent).filter(|_| !frame.restarted) else { return self.gone(&frame) };
        self.reply_about("flow_changed", &frame.intent);
        let mut fresh = Frame::new(frame.intent, frame.text);
        fresh.slots = frame.slots.into_iter().filter(|(name, _)| flow.has_slot(name)).collect();
        fresh.restarted = true;
        Some((fresh, 0))
    }

    /// A flow that cannot go on is dropped.
    pub(super) fn gone(&mut self, frame: &Frame) -> Option<(Frame, usize)> {
        self.reply_about("flow_gone", &frame.intent);
        if self.state.notes.person {
            self.reply("handover", &[]);
            self.hand_over(Some(frame), "asked_for_person", None, None);
            return None;
        }
        self.come_back()
    }
}
