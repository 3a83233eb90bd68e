//! redress: the support chat server of a buy-now-pay-later company.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod dialog;
pub mod domain;
pub mod gateway;
pub mod http;
pub mod services;
pub mod store;
pub mod telemetry;
pub mod understanding;
