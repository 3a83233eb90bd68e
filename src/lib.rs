//! redress: the support chat server of a buy-now-pay-later company.

pub mod catalog;
pub mod cli;
pub mod dialog;
pub mod domain;
pub mod services;
pub mod understanding;
