//! redress: the support chat server of a buy-now-pay-later company.
//!
//! The folders are the architecture, from the ground up: `domain` (nouns and their rules), `understanding` (text to meaning) and `dialog`
//! (meaning to effects) are pure; `catalog` makes files into one checked value, `store` is the only one that knows SQL; `services` are the
//! verbs, where both meet; `gateway` (sockets) and `http` (requests) are the edge; `app`, `cli`, `config` and `telemetry` put it together.
//! A file uses its own layer and those below; `tests/it/architecture.rs` keeps that.
//!
//! **A customer's message**: `gateway::connection` → `gateway::protocol` → `gateway::customer` → `services::turn` → `services::think`
//! (`understanding`, then `dialog` ↔ `services::calls`) → `store::writer` (one commit) → `services::hub` → every socket of the conversation.
//!
//! **An escalation**: `dialog::Effect::HandOver` → `domain::handoff` (the packet) → one commit moves the owner → `services::queue` →
//! `gateway::agent` `claim` → `store::decide` lets exactly one win, and the moved version voids a bot turn in flight.
//!
//! **An edited intent file**: `catalog::watch` → read, compile, lint, train → `catalog::live` swaps, or keeps the old one and says why.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod dialog;
pub mod domain;
pub mod gateway;
pub mod http;
pub mod knowledge;
pub mod leash;
pub mod llm;
pub mod markets;
pub mod services;
pub mod store;
pub mod teams;
pub mod telemetry;
pub mod understanding;
pub mod yaml;
