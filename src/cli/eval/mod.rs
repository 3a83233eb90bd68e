//! `redress eval`: how good the understanding is on sentences that it has not seen.

mod pictures;

use super::Content;
use crate::domain::market::Market;
use crate::understanding::eval::{
    Answer, Figures, Labelled, OUT_OF_SCOPE, Sorter, Tally, binomial_interval, coverage_at, draw, reliability, risk_coverage, split,
};
use crate::understanding::{ERROR_BUDGET, ReadContext, Sentences, URGENT};
use anyhow::{Context, bail};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// How long readings took, in microseconds.
#[derive(Default)]
struct Times {
    all: Vec<f64>,
    /// Those that the encoder was not asked for.
    by_words: Vec<f64>,
}

impl Times {
    fn take(&mut self, ask: impl FnOnce() -> Answer) -> Answer {
        let began = std::time::Instant::now();
        let answer = ask();
        let took = began.elapsed().as_secs_f64() * 1e6;
        self.all.push(took);
        if !answer.encoder_asked {
            self.by_words.push(took);
        }
        answer
    }

    fn p99(&self) -> Option<f64> {
        let mut sorted = self.all.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() * 99 / 100).copied()
    }
}

/// `None` of nothing.
fn mean(times: &[f64]) -> Option<f64> {
    (!times.is_empty()).then(|| times.iter().sum::<f64>() / times.len() as f64)
}

/// Learns from one labelled file and scores another; draws pictures into a folder.
pub(super) fn files(
    content: &Content,
    train: &Path,
    test: &Path,
    (shots, seed): (Option<usize>, u64),
    pictures: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let sentences = content.sentences()?;
    let (mut taught, asked) = (read(train)?, read(test)?);
    if let Some(shots) = shots {
        taught = draw(&taught, shots, seed);
    }
    let began = std::time::Instant::now();
    let sorter = learn(&taught, &sentences, train)?;
    let train_seconds = began.elapsed().as_secs_f64();
    let mut times = Times::default();
    let answers: Vec<Answer> = asked.iter().map(|sentence| times.take(|| sorter.ask(sentence, &sentences))).collect();
    let figures = Figures::of(&answers, sorter.labels().len());
    let share = answers.iter().filter(|answer| answer.encoder_asked).count() as f64 / answers.len().max(1) as f64;
    let (curve, bands, confused) = (risk_coverage(&answers), reliability(&answers), confused(&answers, sorter.labels()));
    let with_all_heads: Vec<Answer> = asked.iter().map(|sentence| sorter.ask_all_heads(sentence, &sentences)).collect();
    let mut line = json!(figures);
    line["accuracy_all_heads"] = json!(Figures::of(&with_all_heads, sorter.labels().len()).accuracy);
    line["train_seconds"] = json!(train_seconds);
    line["micros_per_message"] = json!(mean(&times.all));
    line["micros_by_words_alone"] = json!(mean(&times.by_words));
    line["micros_p99"] = json!(times.p99());
    line["encoder_asked"] = json!(share);
    line["model_bytes"] = json!(sorter.bytes());
    line["labels"] = json!(sorter.labels().len());
    line["n"] = json!(answers.len());
    line["budget"] = budget(&answers, &curve);
    line["coverage_at_risk"] =
        json!([0.01, 0.02, 0.05, 0.1].map(|risk| (format!("{risk}"), coverage_at(&curve, risk))).into_iter().collect::<BTreeMap<_, _>>());
    line["reliability"] = json!(bands);
    line["confused"] = json!(confused.iter().take(30).collect::<Vec<_>>());
    writeln!(std::io::stdout().lock(), "{line}")?;
    if let Some(folder) = pictures {
        std::fs::create_dir_all(folder).with_context(|| format!("--pictures {}: the folder can't be made", folder.display()))?;
        let drawn = [
            ("risk-coverage.svg", pictures::risk_coverage(&curve, ERROR_BUDGET)),
            ("reliability.svg", pictures::reliability(&bands)),
            ("confusion.svg", pictures::confusion(&confused[..confused.len().min(20)])),
        ];
        for (name, picture) in drawn {
            let path = folder.join(name);
            std::fs::write(&path, picture).with_context(|| format!("--pictures: {} can't be written", path.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Learns from five sixths and asks about the rest, so many times: whether the error budget holds on each draw.
pub(super) fn splits(content: &Content, train: &Path, count: u64, seed: u64) -> anyhow::Result<ExitCode> {
    let sentences = content.sentences()?;
    let all = read(train)?;
    let (mut within, mut out) = (0, std::io::stdout().lock());
    for number in 0..count {
        let (taught, asked) = split(&all, seed + number);
        let sorter = learn(&taught, &sentences, train)?;
        let answers: Vec<Answer> = asked.iter().map(|sentence| sorter.ask(sentence, &sentences)).collect();
        let mut line = budget(&answers, &risk_coverage(&answers));
        within += u64::from(line["within"] == true);
        line["seed"] = json!(seed + number);
        line["accuracy"] = json!(Figures::of(&answers, sorter.labels().len()).accuracy);
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", json!({ "splits": count, "within": within }))?;
    Ok(ExitCode::SUCCESS)
}

fn learn(taught: &[Labelled], sentences: &Sentences, file: &Path) -> anyhow::Result<Sorter> {
    let sorter = Sorter::learn(taught, sentences).context("the sentence encoder failed")?;
    if sorter.labels().is_empty() {
        bail!("{} has no sentence with a label other than `oos`: there is nothing to learn", file.display());
    }
    Ok(sorter)
}

/// What is wrong among the answers in scope that would be acted on, whether chance explains that at the budget, and how many would
/// be acted on by the best single threshold that risks as much: of the confidence at the budget, and of the probability alone at the
/// risk that was run.
fn budget(answers: &[Answer], curve: &[(f32, f32)]) -> serde_json::Value {
    let acted: Vec<&Answer> = answers.iter().filter(|answer| answer.in_scope && answer.acted).collect();
    let all = answers.iter().filter(|answer| answer.in_scope).count().max(1);
    let wrong = acted.iter().filter(|answer| !answer.right).count() as u32;
    let (least, most) = binomial_interval(acted.len() as u32, f64::from(ERROR_BUDGET));
    let risk = wrong as f32 / acted.len().max(1) as f32;
    let plain: Vec<Answer> = answers.iter().map(|answer| Answer { confidence: answer.probability, ..*answer }).collect();
    json!({
        "coverage_by_probability": coverage_at(&risk_coverage(&plain), risk),
        "acted": acted.len() as f64 / all as f64, "acted_wrong": f64::from(wrong) / acted.len().max(1) as f64,
        "wrong": wrong, "expected": [least, most], "within": wrong <= most,
        "coverage_at_budget": coverage_at(curve, ERROR_BUDGET),
    })
}

/// Label, what it was read as, and how often; the most frequent first.
fn confused(answers: &[Answer], labels: &[String]) -> Vec<(String, String, usize)> {
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| answer.in_scope && !answer.right) {
        if let (Some(wanted), given) = answer.labels {
            *counts.entry((wanted, given)).or_default() += 1;
        }
    }
    let mut pairs: Vec<_> =
        counts.into_iter().map(|((wanted, given), count)| (labels[wanted].clone(), labels[given].clone(), count)).collect();
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.2));
    pairs
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
