//! Corrections: "no, the other order" fills an earlier slot again, forgets what was made after it, and goes on from there.

use super::OptionOffer;
use super::choose::{only, pick};
use super::flow::{SlotKind, Verb};
use super::hear::Heard;
use super::run::Live;
use super::slots::{Fit, fit};
use super::state::Frame;
use super::turn::Turn;
use crate::understanding::Which;
use serde_json::Value as Json;

/// Words for "the other one".
const OTHER: [&str; 4] = ["other", "andra", "andere", "anderen"];

/// Which answers a message may correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Any, because the customer says that it is a correction.
    Any,
    /// Only the newest, and only if it is described rather than counted: the message may as well answer the open question.
    Newest,
    /// Only choices, because the customer does not say that it is a correction.
    Choices,
}

/// Forgets the answer at that place of the trail and everything that was made after it was asked for.
fn rewind(frame: &mut Frame, place: usize) {
    let kept = frame.trail[place].vars.clone();
    for answered in frame.trail.drain(place..) {
        frame.slots.remove(&answered.slot);
    }
    frame.vars.retain(|name, _| kept.contains(name));
    frame.confirmed = false;
    frame.waiting = None;
}

impl<'a> Turn<'a> {
    /// Corrects an earlier answer and goes on; gives the frame back when the message does not correct any.
    pub(super) fn correct(&mut self, frame: Frame, heard: &Heard, reach: Reach) -> Option<Frame> {
        let Some(flow) = self.flows.flows.get(&frame.intent) else { return Some(frame) };
        let places = (0..frame.trail.len()).rev().take(if reach == Reach::Newest { 1 } else { usize::MAX });
        for place in places {
            let answered = &frame.trail[place];
            let Some(index) = flow.ops.iter().position(|op| op.path == answered.at) else { continue };
            let old = frame.slots.get(&answered.slot).cloned().unwrap_or(Json::Null);
            let mut rewound = frame.clone();
            rewind(&mut rewound, place);
            let mut live = Live::new(flow, rewound);
            let op = &flow.ops[index];
            let new = match &op.verb {
                Verb::Ask(name) => self.fits_again(&live, name, heard, reach),
                Verb::Choose { .. } => self.chosen_again(&live, op, &old, heard, reach),
                _ => None,
            };
            if let Some(new) = new.filter(|new| *new != old) {
                self.reply("corrected", &[]);
                live.trail(&answered.slot, &op.path, false);
                live.set_slot(&answered.slot, new);
                self.run(live.into_frame(), index + 1);
                return None;
            }
        }
        Some(frame)
    }

    /// The customer says that something was wrong, but not what: asks the last question again.
    pub(super) fn ask_last_again(&mut self, mut frame: Frame) -> Option<Frame> {
        let flow = self.flows.flows.get(&frame.intent);
        let place = frame.trail.iter().rposition(|answered| !answered.auto);
        let found = place.and_then(|place| Some((place, flow?.ops.iter().position(|op| op.path == frame.trail[place].at)?)));
        let Some((place, index)) = found else { return Some(frame) };
        rewind(&mut frame, place);
        self.reply("corrected", &[]);
        self.run(frame, index);
        None
    }

    fn fits_again(&self, live: &Live<'a>, name: &str, heard: &Heard, reach: Reach) -> Option<Json> {
        let slot = live.flow.slots.get(name)?;
        let may = match slot.kind {
            SlotKind::Choice(_) => true,
            SlotKind::Date { .. } | SlotKind::Money | SlotKind::Number { .. } | SlotKind::Reference => reach != Reach::Choices,
            SlotKind::Text | SlotKind::YesNo | SlotKind::Record => false,
        };
        let options = if may { self.options(live, slot).ok()? } else { return None };
        let offered: Vec<_> = options.into_iter().map(|(value, label)| OptionOffer { id: format!("o.{value}"), label }).collect();
        match fit(slot, &offered, heard, self.context) {
            Fit::Value { value, sure, counted } => (sure && !value.is_null() && (!counted || reach == Reach::Any)).then_some(value),
            Fit::Several(_) | Fit::No => None,
        }
    }

    fn chosen_again(&self, live: &Live, op: &super::flow::Op, old: &Json, heard: &Heard, reach: Reach) -> Option<Json> {
        let mut offer = self.records(live, op).ok()?;
        let labels: Vec<_> = offer.labels.iter().map(String::as_str).collect();
        let picked = Some(pick(&labels, &offer.records, heard)).filter(|pick| pick.sure && (!pick.counted || reach == Reach::Any));
        let said_other = reach != Reach::Choices && heard.words.iter().any(|word| OTHER.contains(&word.as_str()));
        let was = |index: &usize| offer.records.get(*index) == Some(old);
        let index = match picked.as_ref().map(|pick| &pick.which) {
            // "den andra" is the second one, and the other one.
            Some(Which::One(index)) if !(said_other && was(index)) => Some(*index),
            // Two fit, and one of them was wrong.
            Some(Which::Several(several)) if reach != Reach::Choices && several.iter().any(was) => {
                only(several.iter().copied().filter(|index| !was(index)))
            }
            Some(Which::One(_) | Which::Several(_) | Which::None) | None => None,
        };
        let index = index.or_else(|| (said_other && offer.records.len() == 2).then(|| usize::from(offer.records[0] == *old)))?;
        Some(offer.records.swap_remove(index))
    }
}
