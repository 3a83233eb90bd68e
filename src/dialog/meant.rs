//! A value that was read out of free words by others than the reader of values: the customer is asked whether it is what they meant, and it answers
//! the open question only after a yes. Whatever else they say is an answer to the open question itself.

use super::StepContext;
use super::flow::{Flow, SlotKind};
use super::hear::Heard;
use super::question::Again;
use super::slots::value_of;
use super::state::{Frame, Waiting};
use super::turn::Turn;
use jiff::civil::Date;
use minijinja::Value;
use serde_json::Value as Json;

/// A longer message says more than no.
const PLAIN_WORDS: usize = 3;

/// What an open question waits for, when a message did not answer it.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// A day, on this side of today.
    Date {
        /// Not after today.
        past: bool,
        /// Not before today.
        future: bool,
    },
    /// An amount in the customer's currency.
    Money,
    /// One of these things of the customer's own, by their labels.
    One(Vec<String>),
}

/// What a message may have meant by it.
#[derive(Clone, Debug, PartialEq)]
pub enum Proposal {
    /// This day.
    Date(Date),
    /// So many minor units of the customer's currency.
    Money(i64),
    /// The thing at this place of the list.
    One(usize),
}

/// What the frame's question waits for, if it can be read out of free words. Never a yes or no.
pub(super) fn wanted(flow: &Flow, waiting: Option<&Waiting>) -> Option<Wanted> {
    match waiting? {
        Waiting::Slot { slot, .. } => match flow.slots.get(slot)?.kind {
            SlotKind::Date { past, future } => Some(Wanted::Date { past, future }),
            SlotKind::Money => Some(Wanted::Money),
            SlotKind::Text | SlotKind::YesNo | SlotKind::Choice(_) | SlotKind::Number { .. } | SlotKind::Reference | SlotKind::Record => {
                None
            }
        },
        Waiting::Record { offered, records, .. } => {
            Some(Wanted::One(offered.iter().take(records.len()).map(|option| option.label.clone()).collect()))
        }
        Waiting::Yes { .. } | Waiting::Meant { .. } | Waiting::Call | Waiting::Level => None,
    }
}

/// The value that a proposal gives to the open question, when it fits it like any other answer.
fn value(wanted: &Wanted, proposal: &Proposal, records: &[Json], context: &StepContext) -> Option<Json> {
    match (wanted, proposal) {
        (Wanted::Date { past, future }, Proposal::Date(date)) => {
            ((!past || *date <= context.today) && (!future || *date >= context.today)).then(|| Json::from(date.to_string()))
        }
        (Wanted::Money, Proposal::Money(minor)) => (*minor > 0).then(|| Json::from(*minor)),
        (Wanted::One(_), Proposal::One(place)) => records.get(*place).cloned(),
        (Wanted::Date { .. } | Wanted::Money | Wanted::One(_), _) => None,
    }
}

impl<'a> Turn<'a> {
    /// Asks whether a proposal is what was meant; gives the frame back when there is none that fits.
    pub(super) fn ask_meant(&mut self, mut frame: Frame, flow: &Flow) -> Option<Frame> {
        let Some(wanted) = wanted(flow, frame.waiting.as_ref()) else { return Some(frame) };
        let Some(proposal) = &self.context.proposal else {
            self.state.notes.missed = Some(wanted);
            return Some(frame);
        };
        let (records, labels) = match &frame.waiting {
            Some(Waiting::Record { records, offered, .. }) => (records.as_slice(), offered.as_slice()),
            Some(Waiting::Slot { .. } | Waiting::Yes { .. } | Waiting::Meant { .. } | Waiting::Call | Waiting::Level) | None => {
                (&[][..], &[][..])
            }
        };
        let Some(value) = value(&wanted, proposal, records, self.context) else { return Some(frame) };
        let shown = match proposal {
            Proposal::Date(date) => ("day", Value::from(date.to_string())),
            Proposal::Money(minor) => ("amount_minor", Value::from(*minor)),
            Proposal::One(place) => ("thing", Value::from(labels.get(*place).map(|option| option.label.as_str()).unwrap_or_default())),
        };
        let currency = self.context.customer.get("currency").and_then(Json::as_str).unwrap_or_default();
        let mut variables = ["day", "amount_minor", "thing"].map(|name| (name, Value::from("")));
        variables.iter_mut().filter(|(name, _)| *name == shown.0).for_each(|variable| variable.1 = shown.1.clone());
        let text = self.wording("meant", &[variables.as_slice(), &[("currency", Value::from(currency))]].concat());
        let offered = self.yes_and_no();
        self.rule("meant");
        self.say(text.clone());
        self.offer(offered.clone());
        if let Some(open) = frame.waiting.take() {
            frame.waiting = Some(Waiting::Meant { value, text, offered, open: Box::new(open) });
        }
        self.state.stack.push(frame);
        None
    }

    /// A message while the customer is asked whether a value is what they meant. Gives the frame back, with the question itself open again, when
    /// the message is neither a plain yes nor a plain no.
    pub(super) fn said_to_meant(&mut self, mut frame: Frame, flow: &'a Flow, index: usize, heard: &Heard) -> Option<Frame> {
        let Some(Waiting::Meant { value, open, .. }) = frame.waiting.clone() else { return Some(frame) };
        frame.waiting = Some(*open);
        if heard.plain_yes(&frame.intent, self.flows) {
            self.fill(frame, flow, index, value);
            return None;
        }
        if heard.yes_or_no() == Some(false) && heard.words.len() <= PLAIN_WORDS {
            self.not_meant(frame);
            return None;
        }
        Some(frame)
    }

    /// A click on yes or no.
    pub(super) fn chose_meant(&mut self, mut frame: Frame, flow: &'a Flow, index: usize, option: &str) {
        let Some(Waiting::Meant { value, open, .. }) = frame.waiting.take() else { return };
        frame.waiting = Some(*open);
        if value_of(option) == Some("yes") { self.fill(frame, flow, index, value) } else { self.not_meant(frame) }
    }

    fn not_meant(&mut self, frame: Frame) {
        self.rule("not_meant");
        let next = self.reopen(frame, Again::Help);
        self.run_from(next);
    }
}
