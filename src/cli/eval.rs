//! `redress eval`: how good the understanding is on sentences that it has not seen.

use super::Content;
use crate::domain::market::Market;
use crate::understanding::eval::{Answer, Figures, Labelled, OUT_OF_SCOPE, Sorter, Tally, draw};
use crate::understanding::{ReadContext, URGENT};
use anyhow::{Context, bail};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Learns from one labelled file and scores another.
pub(super) fn files(content: &Content, train: &Path, test: &Path, shots: Option<usize>, seed: u64) -> anyhow::Result<ExitCode> {
    let sentences = content.sentences()?;
    let (mut taught, asked) = (read(train)?, read(test)?);
    if let Some(shots) = shots {
        taught = draw(&taught, shots, seed);
    }
    let began = std::time::Instant::now();
    let sorter = Sorter::learn(&taught, &sentences).context("the sentence encoder failed")?;
    let train_seconds = began.elapsed().as_secs_f64();
    if sorter.labels().is_empty() {
        bail!("{} has no sentence with a label other than `oos`: there is nothing to learn", train.display());
    }
    let began = std::time::Instant::now();
    let answers: Vec<Answer> = asked.iter().map(|sentence| sorter.ask(sentence, &sentences)).collect();
    let micros = began.elapsed().as_micros() as f64 / answers.len().max(1) as f64;
    let figures = Figures::of(&answers, sorter.labels().len());
    let share = answers.iter().filter(|answer| answer.encoder_asked).count() as f64 / answers.len().max(1) as f64;
    let mut line = json!(figures);
    line["train_seconds"] = json!(train_seconds);
    line["micros_per_message"] = json!(micros);
    line["encoder_asked"] = json!(share);
    line["model_bytes"] = json!(sorter.bytes());
    line["labels"] = json!(sorter.labels().len());
    line["n"] = json!(answers.len());
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(ExitCode::SUCCESS)
}

/// Reads every example of the content as if nobody had put it there, and names the pairs that are confused most.
pub(super) fn content(content: &Content) -> anyhow::Result<ExitCode> {
    let catalog = content.catalog()?;
    let tried = catalog.understander.tried();
    let name = |intent: usize| catalog.intents[intent].intent.text.as_str();
    let count = |of: &dyn Fn(&crate::understanding::Tried) -> bool| tried.iter().filter(|tried| of(tried)).count() as f64;
    let right = |tried: &crate::understanding::Tried| tried.read_as == Some(tried.intent);
    let mut confused: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for tried in tried.iter().filter(|tried| !right(tried)) {
        if let Some(read_as) = tried.read_as {
            *confused.entry((name(tried.intent), name(read_as))).or_default() += 1;
        }
    }
    let mut confused: Vec<_> = confused.into_iter().collect();
    confused.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let pairs: Vec<_> = confused.iter().take(30).map(|((wanted, given), count)| json!([wanted, given, count])).collect();
    let (n, acted) = (tried.len().max(1) as f64, count(&|tried| tried.acted));
    let line = json!({
        "accuracy": count(&right) / n, "acted": acted / n, "acted_wrong": count(&|tried| tried.acted && !right(tried)) / acted.max(1.0),
        "labels": catalog.intents.len(), "n": tried.len(), "confused": pairs,
    });
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(ExitCode::SUCCESS)
}

/// Scores the content on sentences that stand apart from its examples: what would have been done, and what should have been.
pub(super) fn apart(content: &Content, test: &Path) -> anyhow::Result<ExitCode> {
    let asked = read(test)?;
    let catalog = content.catalog()?;
    let known = |label: &str| label == OUT_OF_SCOPE || catalog.intents.iter().any(|file| file.intent.text == label);
    if let Some(stranger) = asked.iter().flat_map(|sentence| sentence.label.split('|')).find(|label| !known(label)) {
        bail!("{}: `{stranger}` is no intent of {}; correct the label, or write `oos`", test.display(), content.folder.display());
    }
    let urgent =
        |label: &str| catalog.intents.iter().any(|file| file.intent.text == label && !file.safety.is_empty() && file.priority <= URGENT);
    let context = ReadContext::of(Market::fallback(), crate::domain::time::wall());
    let mut tally = Tally::default();
    let began = std::time::Instant::now();
    for sentence in &asked {
        tally.add(&sentence.label, &catalog.understander.read(&sentence.text, &context), &urgent);
    }
    let micros = began.elapsed().as_micros() as f64 / asked.len().max(1) as f64;
    let mut line = tally.as_json();
    line["micros_per_message"] = json!(micros);
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(ExitCode::SUCCESS)
}

/// A CSV file with a header and the columns `text` and `label` or `labels`.
fn read(path: &Path) -> anyhow::Result<Vec<Labelled>> {
    let name = path.display();
    let mut file = csv::Reader::from_path(path).with_context(|| format!("{name} cannot be read"))?;
    let header = file.headers().with_context(|| format!("{name}:1: the header cannot be read"))?;
    let column = |wanted: &str| header.iter().position(|column| column.trim() == wanted);
    let (Some(text), Some(label)) = (column("text"), column("label").or_else(|| column("labels"))) else {
        bail!("{name}:1: the header must name the columns `text` and `label`; it has: {}", header.iter().collect::<Vec<_>>().join(", "));
    };
    let mut sentences = Vec::new();
    for row in file.records() {
        let row = row.with_context(|| format!("{name}: a row cannot be read; quote texts that hold commas or quotes"))?;
        let line = row.position().map_or(0, csv::Position::line);
        match (row.get(text), row.get(label).map(str::trim)) {
            (Some(text), Some(label)) if !label.is_empty() => {
                sentences.push(Labelled { text: text.to_owned(), label: label.to_owned() });
            }
            _ => bail!("{name}:{line}: the row has no label. Write one, `oos` for a sentence that belongs nowhere"),
        }
    }
    Ok(sentences)
}
