//! `redress classify`: how messages are read, one JSON object each.

use super::Content;
use crate::domain::market::Market;
use crate::knowledge::Question;
use crate::understanding::ReadContext;
use serde_json::json;
use std::io::{BufRead, Write};
use std::process::ExitCode;

/// Reads one text, or one message a line of standard input, in order.
pub(super) fn run(content: &Content, text: Option<&str>) -> anyhow::Result<ExitCode> {
    let catalog = content.catalog()?;
    let market = Market::fallback();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut answer = |text: &str| {
        let context = ReadContext::of(market, crate::domain::time::wall());
        let explanation = catalog.understander.explain(text, &context);
        let reading = &explanation.reading;
        let decision = match &reading.decision {
            crate::understanding::Decision::Act(_) => "act",
            crate::understanding::Decision::Clarify(_) => "clarify",
            crate::understanding::Decision::Abstain => "abstain",
        };
        let among = match &reading.decision {
            crate::understanding::Decision::Act(intent) => json!([intent]),
            crate::understanding::Decision::Clarify(intents) => json!(intents),
            crate::understanding::Decision::Abstain => json!([]),
        };
        let draft = catalog.understander.begin(text, &context);
        let vectors = catalog.understander.vectors(&draft);
        let language = if reading.language == "und" { "en" } else { reading.language };
        let question = Question { text, vector: vectors.first().map(AsRef::as_ref), guesses: &reading.intents, language };
        let passages: Vec<_> = catalog
            .library
            .rank(&question)
            .iter()
            .take(3)
            .map(|found| json!({ "article": found.article.name, "section": found.section.heading, "score": found.score }))
            .collect();
        let line = json!({
            "text": text, "intents": reading.intents, "decision": decision, "among": among, "safety": reading.safety, "acts": reading.acts,
            "entities": reading.entities, "language": reading.language, "also": reading.also, "why": explanation.sentence,
            "passages": passages,
        });
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
