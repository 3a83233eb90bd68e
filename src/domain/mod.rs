//! Nouns and their rules: pure, no input or output, no clock, no randomness (ids and the clock itself excepted).

pub mod account;
pub mod conversation;
pub mod event;
pub mod format;
pub mod handoff;
pub mod ids;
pub mod money;
pub mod time;
