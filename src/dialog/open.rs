//! A message or a click while a question is open. In this order: an answer, a command (stop, repeat, help), a correction,
//! a digression, small talk; and what is none of these is asked for again with help, and at the third time by a person.

use super::choose::pick;
use super::correct::Reach;
use super::flow::{Flow, Flows, SlotKind, Verb};
use super::hear::Heard;
use super::question::Again;
use super::run::{Live, locate};
use super::slots::{Fit, fit, value_of};
use super::state::{Frame, Waiting};
use super::turn::{HUMAN, Turn};
use super::{Effect, Level};
use crate::domain::ids::IntentId;
use crate::understanding::{Act, Which};
use serde_json::Value as Json;

/// How many flows may be open at once.
pub(super) const DEEPEST: usize = 3;
/// Confidence from which another intent counts as a digression although the open question takes any text.
const VERY_SURE: f32 = 0.93;
/// A command is short: a longer text in answer to an open question is an answer.
const COMMAND_WORDS: usize = 6;

/// What a message is to the open question.
enum Answer {
    Value(Json),
    /// It fits several of the offered things: their positions.
    Several(Vec<usize>),
    Yes,
    No,
    Nothing,
}

impl<'a> Turn<'a> {
    /// A message while the frame (not on the stack) waits.
    pub(super) fn said_open(&mut self, frame: Frame, heard: &Heard) {
        let Some((flow, index)) = self.flows.flows.get(&frame.intent).and_then(|flow| Some((flow, locate(&frame, flow)?))) else {
            self.rule("flow_changed");
            let next = self.restart(frame);
            return self.run_from(next);
        };
        if takes_any_text(self.flows, &frame) {
            return self.said_to_any(frame, flow, index, heard);
        }
        let Some(frame) = self.said_to_meant(frame, flow, index, heard) else { return };
        let corrects = heard.does(Act::Correct);
        let Some(frame) = (if corrects { self.correct(frame, heard, Reach::Newest) } else { Some(frame) }) else {
            return self.rule("correct");
        };
        match self.read_answer(&frame, flow, index, heard) {
            Answer::Value(value) => return self.fill(frame, flow, index, value),
            Answer::Several(several) => return self.narrow(frame, &several),
            Answer::Yes => return self.yes(frame, flow, index),
            Answer::No => {
                let Some(frame) = (if heard.words.len() > 2 { self.correct(frame, heard, Reach::Choices) } else { Some(frame) }) else {
                    return self.rule("correct");
                };
                return self.no(frame, flow, index);
            }
            Answer::Nothing => {}
        }
        if self.is_foreign(heard) {
            return self.foreign(Some(&frame), heard, "language");
        }
        let Some(frame) = self.command(frame, heard) else { return };
        let reach = if corrects { Reach::Any } else { Reach::Choices };
        let other = heard.other(&frame.intent, self.flows).map(|(intent, _)| intent.clone());
        let mut frame = frame;
        if corrects || other.is_none() {
            match self.correct(frame, heard, reach) {
                None => return self.rule("correct"),
                Some(back) => frame = back,
            }
        }
        if let Some(intent) = other {
            return self.digress(frame, &intent, heard);
        }
        if corrects && heard.words.len() > 2 {
            match self.ask_last_again(frame) {
                None => return self.rule("correct"),
                Some(back) => frame = back,
            }
        }
        if matches!(frame.waiting, Some(Waiting::Yes { .. })) && heard.yes_or_no() == Some(false) && !heard.does(Act::Yes) {
            return self.no(frame, flow, index);
        }
        if heard.does(Act::Goodbye) {
            self.rule("goodbye");
            self.state.stack.clear();
            self.state.later.clear();
            return self.reply("goodbye", &[]);
        }
        if matches!(frame.waiting, Some(Waiting::Level)) {
            return self.said_at_gate(frame, flow, index);
        }
        if heard.does(Act::Greet) || heard.does(Act::Thanks) {
            self.rule("small_talk");
            let next = self.reopen(frame, Again::Plain);
            return self.run_from(next);
        }
        self.not_an_answer(frame);
    }

    /// A question that takes any text: only short commands, clear corrections and very clear other intents are not its answer.
    fn said_to_any(&mut self, frame: Frame, flow: &'a Flow, index: usize, heard: &Heard) {
        let Some(frame) = (if heard.words.len() <= COMMAND_WORDS { self.command(frame, heard) } else { Some(frame) }) else { return };
        let Some(frame) = (if heard.does(Act::Correct) { self.correct(frame, heard, Reach::Any) } else { Some(frame) }) else {
            return self.rule("correct");
        };
        let other = heard.other(&frame.intent, self.flows).filter(|(_, confidence)| {
            *confidence >= VERY_SURE && heard.words.len() <= 15 && (heard.opens_anew() || *confidence >= (1.0 + VERY_SURE) / 2.0)
        });
        if let Some((intent, _)) = other {
            let intent = intent.clone();
            return self.digress(frame, &intent, heard);
        }
        match self.read_answer(&frame, flow, index, heard) {
            Answer::Value(value) => self.fill(frame, flow, index, value),
            Answer::Several(_) | Answer::Yes | Answer::No | Answer::Nothing => self.not_an_answer(frame),
        }
    }

    fn read_answer(&self, frame: &Frame, flow: &'a Flow, index: usize, heard: &Heard) -> Answer {
        let aside = || heard.opens_anew() && heard.other(&frame.intent, self.flows).is_some();
        match &frame.waiting {
            Some(Waiting::Slot { slot, offered, .. }) => {
                let slot = &flow.slots[slot];
                if matches!(slot.kind, SlotKind::YesNo) && heard.cancels() {
                    return Answer::Nothing;
                }
                match fit(slot, offered, heard, self.context) {
                    Fit::Value { value, sure, .. } if sure || !aside() => Answer::Value(value),
                    Fit::Several(several) if !aside() => Answer::Several(several),
                    Fit::Value { .. } | Fit::Several(_) | Fit::No => Answer::Nothing,
                }
            }
            Some(Waiting::Record { offered, records, .. }) => {
                let labels: Vec<_> = offered.iter().take(records.len()).map(|option| option.label.as_str()).collect();
                let pick = pick(&labels, records, heard);
                match pick.which {
                    _ if !pick.sure && aside() => Answer::Nothing,
                    Which::One(index) => records.get(index).cloned().map_or(Answer::Nothing, Answer::Value),
                    Which::Several(several) if pick.sure => Answer::Several(several),
                    Which::Several(_) | Which::None => self.among_all(frame, flow, index, records.len(), heard),
                }
            }
            Some(Waiting::Yes { .. }) => {
                if heard.plain_yes(&frame.intent, self.flows) {
                    Answer::Yes
                } else if heard.does(Act::Correct) {
                    Answer::Nothing
                } else if heard.yes_or_no() == Some(false) && !heard.does(Act::Yes) || heard.cancels() {
                    Answer::No
                } else {
                    Answer::Nothing
                }
            }
            Some(Waiting::Level) if heard.yes_or_no() == Some(false) => Answer::No,
            Some(Waiting::Meant { .. } | Waiting::Level | Waiting::Call) | None => Answer::Nothing,
        }
    }

    /// After several were asked about, the customer may still name one of the others.
    fn among_all(&self, frame: &Frame, flow: &'a Flow, index: usize, offered: usize, heard: &Heard) -> Answer {
        let all = self.records(&Live::new(flow, frame.clone()), &flow.ops[index]).ok().filter(|all| all.records.len() > offered);
        let Some(mut all) = all else { return Answer::Nothing };
        let labels: Vec<_> = all.labels.iter().map(String::as_str).collect();
        let pick = pick(&labels, &all.records, heard);
        match pick.one().filter(|_| pick.sure && !pick.counted) {
            Some(index) => Answer::Value(all.records.swap_remove(index)),
            None => Answer::Nothing,
        }
    }

    /// A description that fits several of the offered things: asks which of them. When it fits all, nothing is gained by it.
    fn narrow(&mut self, mut frame: Frame, several: &[usize]) {
        let fewer = match &mut frame.waiting {
            Some(Waiting::Slot { offered, .. }) => narrowed(offered, several),
            Some(Waiting::Record { offered, records, .. }) => {
                offered.truncate(records.len());
                narrowed(records, several);
                narrowed(offered, several)
            }
            Some(Waiting::Yes { .. } | Waiting::Meant { .. } | Waiting::Call | Waiting::Level) | None => return self.not_an_answer(frame),
        };
        if !fewer {
            return self.not_an_answer_but(frame, "one_of_these");
        }
        self.rule("which_one");
        let offered = frame.waiting.as_ref().map(|waiting| waiting.offered().to_vec()).unwrap_or_default();
        self.reply("one_of_these", &[]);
        self.offer(offered);
        self.state.stack.push(frame);
    }

    /// A click on an option of the frame (not on the stack) that it offers.
    pub(super) fn chose_open(&mut self, frame: Frame, option: &str) {
        let Some((flow, index)) = self.flows.flows.get(&frame.intent).and_then(|flow| Some((flow, locate(&frame, flow)?))) else {
            self.rule("flow_changed");
            let next = self.restart(frame);
            return self.run_from(next);
        };
        let place = frame.waiting.as_ref().and_then(|waiting| waiting.offered().iter().position(|offer| offer.id == option));
        let value = match (&frame.waiting, place) {
            (Some(Waiting::Slot { slot, .. }), Some(_)) => match &flow.slots[slot].kind {
                SlotKind::Choice(options) => {
                    value_of(option).filter(|value| options.iter().any(|option| option.id == *value)).map(Json::from)
                }
                SlotKind::YesNo => value_of(option).map(|value| Json::Bool(value == "yes")),
                SlotKind::Text | SlotKind::Date { .. } | SlotKind::Money => None,
                SlotKind::Number { .. } | SlotKind::Reference | SlotKind::Record => None,
            },
            (Some(Waiting::Record { records, .. }), Some(place)) => records.get(place).cloned(),
            (Some(Waiting::Meant { .. }), Some(_)) => return self.chose_meant(frame, flow, index, option),
            (Some(Waiting::Yes { .. }), Some(_)) if value_of(option) == Some("yes") => return self.yes(frame, flow, index),
            (Some(Waiting::Yes { .. }), Some(_)) => return self.no(frame, flow, index),
            (_, _) => None,
        };
        match value {
            Some(value) => self.fill(frame, flow, index, value),
            None => {
                self.rule("flow_changed");
                let next = self.restart(frame);
                self.run_from(next);
            }
        }
    }

    pub(super) fn fill(&mut self, frame: Frame, flow: &'a Flow, index: usize, value: Json) {
        self.rule("answer");
        self.state.misses = 0;
        let mut live = Live::new(flow, frame);
        if let Some(Waiting::Slot { slot, .. } | Waiting::Record { slot, .. }) = live.frame.waiting.take() {
            live.trail(&slot, &flow.ops[index].path, false);
            live.set_slot(&slot, value);
        }
        self.run(live.into_frame(), index + 1);
    }

    /// An explicit yes. It counts only for what was rendered: when the same step would now read otherwise, it is asked again.
    fn yes(&mut self, frame: Frame, flow: &'a Flow, index: usize) {
        self.rule("confirmed");
        self.state.misses = 0;
        let rendered = if let Some(Waiting::Yes { text, .. }) = &frame.waiting { text.clone() } else { String::new() };
        let mut live = Live::new(flow, frame);
        let now = match &flow.ops[index].verb {
            Verb::Confirm { text, .. } => self.text_before(&live, text).ok(),
            _ => None,
        };
        let counts = now.as_deref() == Some(&*rendered) && self.context.level >= flow.auth;
        live.frame.confirmed = counts;
        self.run(live.into_frame(), if counts { index + 1 } else { index });
    }

    fn no(&mut self, mut frame: Frame, flow: &'a Flow, index: usize) {
        self.state.misses = 0;
        frame.confirmed = false;
        match &flow.ops[index].verb {
            Verb::Confirm { no, .. } if matches!(frame.waiting, Some(Waiting::Yes { .. })) => {
                self.rule("declined");
                match no {
                    Some(target) => self.run(frame, *target),
                    None => {
                        self.reply("nothing_changed", &[]);
                        self.drop_flow(frame);
                    }
                }
            }
            _ => self.cancel(frame),
        }
    }

    fn cancel(&mut self, frame: Frame) {
        self.rule("cancel");
        self.reply_about("cancelled", &frame.intent);
        self.drop_flow(frame);
    }

    fn drop_flow(&mut self, frame: Frame) {
        self.state.topic = Some(frame.intent);
        let next = self.come_back();
        self.run_from(next);
    }

    /// Stop, repeat, help; gives the frame back when the message is none of these.
    fn command(&mut self, frame: Frame, heard: &Heard) -> Option<Frame> {
        if heard.does(Act::Cancel) {
            self.cancel(frame);
        } else if heard.does(Act::Repeat) {
            self.rule("repeat");
            let offered = frame.waiting.as_ref().map(|waiting| waiting.offered().to_vec()).unwrap_or_default();
            let at_gate = matches!(frame.waiting, Some(Waiting::Level));
            let last = self.state.last_said.clone();
            if last.is_empty() || at_gate {
                let next = self.reopen(frame, Again::Plain);
                self.run_from(next);
            } else {
                self.emit(Effect::Say { text: last, step_up: None });
                self.offer(offered);
                self.state.stack.push(frame);
            }
        } else if heard.does(Act::Help) && heard.other(&frame.intent, self.flows).is_none() {
            self.rule("help");
            self.reply_about("help_open", &frame.intent);
            let next = self.reopen(frame, Again::Help);
            self.run_from(next);
        } else {
            return Some(frame);
        }
        None
    }

    /// Another intent while a question is open: it runs first, then the question is opened again.
    pub(super) fn digress(&mut self, frame: Frame, intent: &IntentId, heard: &Heard) {
        self.rule("digress");
        self.state.misses = 0;
        if let Some(place) = self.state.stack.iter().position(|below| below.intent == *intent) {
            self.state.stack.truncate(place + 1);
            let next = self.come_back();
            return self.run_from(next);
        }
        if self.state.stack.len() + 1 >= DEEPEST {
            self.rule("too_deep");
            self.reply_about("too_deep", &frame.intent);
            let next = self.reopen(frame, Again::Plain);
            return self.run_from(next);
        }
        self.state.stack.push(frame);
        self.start(intent, heard.text, Some(heard));
    }

    /// A message while the flow waits for a sign-in level that the customer may have reached meanwhile.
    fn said_at_gate(&mut self, frame: Frame, flow: &Flow, index: usize) {
        let needed = match flow.ops.get(index).map(|op| &op.verb) {
            Some(Verb::Confirm { .. }) => flow.auth,
            _ => Level(1),
        };
        if self.context.level < needed {
            self.state.misses += 1;
        }
        self.rule("gate");
        if self.state.misses >= 3 {
            return self.give_up(&frame);
        }
        self.run(frame, index);
    }

    fn not_an_answer(&mut self, frame: Frame) {
        self.not_an_answer_but(frame, "wrong_kind");
    }

    /// Asks again; the first time with that reply (for a confirmation with its own).
    fn not_an_answer_but(&mut self, frame: Frame, reply: &'static str) {
        let asked = match self.flows.flows.get(&frame.intent) {
            Some(flow) => self.ask_meant(frame, flow),
            None => Some(frame),
        };
        let Some(mut frame) = asked else { return };
        self.rule("not_an_answer");
        let (first, tries) = match &mut frame.waiting {
            Some(Waiting::Slot { tries, .. } | Waiting::Record { tries, .. }) => (reply, tries),
            Some(Waiting::Yes { tries, .. }) => ("confirm_again", tries),
            Some(Waiting::Meant { .. } | Waiting::Call | Waiting::Level) | None => {
                let next = self.restart(frame);
                return self.run_from(next);
            }
        };
        *tries += 1;
        let (key, again) = match *tries {
            0 | 1 => (first, Again::Help),
            2 => ("wrong_kind_again", Again::HelpAndPerson),
            _ => return self.give_up(&frame),
        };
        self.reply(key, &[]);
        let next = self.reopen(frame, again);
        self.run_from(next);
    }

    fn give_up(&mut self, frame: &Frame) {
        self.state.stack.clear();
        self.reply("not_understood_handover", &[]);
        self.hand_over(Some(frame), "not_understood", None, None);
    }
}

/// Keeps only these; tells whether some were taken out.
fn narrowed<T>(all: &mut Vec<T>, keep: &[usize]) -> bool {
    let before = all.len();
    let mut place = 0;
    all.retain(|_| {
        place += 1;
        keep.contains(&(place - 1))
    });
    all.len() < before
}

/// Whether the frame offers that option (a person can always be chosen).
pub(super) fn offers(frame: &Frame, option: &str) -> bool {
    option != HUMAN && frame.waiting.as_ref().is_some_and(|waiting| waiting.offered().iter().any(|offer| offer.id == option))
}

/// Whether the open question takes any text.
pub(super) fn takes_any_text(flows: &Flows, frame: &Frame) -> bool {
    let Some(Waiting::Slot { slot, .. }) = &frame.waiting else { return false };
    let slot = flows.flows.get(&frame.intent).and_then(|flow| flow.slots.get(slot));
    slot.is_some_and(|slot| matches!(slot.kind, SlotKind::Text))
}
