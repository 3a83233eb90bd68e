//! `redress classify`: how messages are read, one JSON object each.

use super::Content;
use crate::domain::market::Market;
use crate::domain::time::wall;
use crate::services::ops::playground::classified;
use crate::understanding::ReadContext;
use std::io::{BufRead, Write};
use std::process::ExitCode;

/// Reads one text, or one message a line of standard input, in order.
pub(super) fn run(content: &Content, text: Option<&str>) -> anyhow::Result<ExitCode> {
    let catalog = content.catalog()?;
    let market = Market::fallback();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut answer = |text: &str| {
        let line = classified(&catalog, text, &ReadContext::of(market, wall()));
        writeln!(out, "{line}").and_then(|()| out.flush())
    };
    match text {
        Some(text) => answer(text)?,
        None => {
            let mut input = std::io::stdin().lock();
            let mut bytes = Vec::new();
            while input.read_until(b'\n', &mut bytes)? > 0 {
                answer(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']))?;
                bytes.clear();
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
