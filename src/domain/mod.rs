//! Nouns and their rules: pure, no input or output, no clock, no randomness (ids and the clock itself excepted).

pub mod account;
#[cfg(test)]
pub(crate) mod cases;
pub mod conversation;
pub mod dispute;
pub mod event;
pub mod evidence;
pub mod fact;
pub mod forecast;
pub mod format;
pub mod handoff;
pub mod hours;
pub mod ids;
pub mod import;
pub mod language;
pub mod ledger;
pub mod market;
pub mod mask;
pub mod merchants;
pub mod money;
pub mod notice;
pub mod packet;
pub mod personas;
pub mod plan;
pub mod progress;
pub mod purchases;
pub mod redact;
pub mod refund;
pub mod routing;
pub mod rule;
pub mod subject;
pub mod suggest;
pub mod team;
pub mod time;
pub mod timer;
