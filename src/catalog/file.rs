//! An intent file as its author wrote it, with places. Reading collects every problem and keeps what can be kept.

use super::diagnostic::{Diagnostic, Place, Report};
use super::fields::{Fields, check_name, items, words};
use super::folder::SourceFile;
use super::node::{Content, Node, Words};
use super::slots::{self, SlotSpec};
use super::steps::{self, Step};
use super::talks::{self, ScriptedTest};
use super::wording::{Wording, is_code, meant};
use crate::dialog::Level;
use crate::domain::language::{primary, same};
use std::collections::BTreeMap;

/// One intent file.
#[derive(Clone, Debug)]
pub struct IntentFile {
    /// Path from the content folder, e.g. `intents/extend_due_date.yaml`.
    pub path: String,
    /// The intent's name. Its place is `Place::FILE` when the file doesn't say it; then it is the file's name.
    pub intent: Words,
    /// In the customer's words.
    pub title: Wording,
    /// One line for people and for search.
    pub description: String,
    /// The sign-in level that it needs.
    pub auth: Level,
    /// Where `auth` is said.
    pub auth_place: Place,
    /// Who gets it when a person is needed.
    pub queue: Option<Words>,
    /// 0 (at once) to 4.
    pub priority: u8,
    /// What customers say, by BCP 47 language.
    pub examples: BTreeMap<String, Vec<Words>>,
    /// Regular expressions that count as strong evidence.
    pub patterns: Vec<Words>,
    /// Regular expressions that start this intent before anything else.
    pub safety: Vec<Words>,
    /// What the flow may ask for.
    pub slots: Vec<SlotSpec>,
    /// What redress does about it.
    pub flow: Vec<Step>,
    /// How we know that it works.
    pub tests: Vec<ScriptedTest>,
    /// The file's text, for places inside texts.
    pub(crate) source: String,
    /// A step or slot could not be read, so nothing can be said about the order of the steps.
    pub(crate) holes: bool,
}

impl IntentFile {
    /// The languages beside English in which it has examples, without regions.
    pub fn languages(&self) -> Vec<String> {
        let mut languages: Vec<String> = self
            .examples
            .iter()
            .filter(|(language, examples)| !same(language, "en") && !examples.is_empty())
            .map(|(language, _)| primary(language).to_owned())
            .collect();
        languages.dedup();
        languages
    }
}

const KEYS: &[&str] =
    &["intent", "title", "description", "auth", "queue", "priority", "examples", "patterns", "safety", "slots", "flow", "tests"];

const LEVELS: &[(&str, Level)] = &[("none", Level(0)), ("signed_in", Level(1)), ("step_up", Level(2))];

/// Reads one intent file: what can be kept of it, and every problem.
pub(crate) fn read(path: &str, bytes: &[u8]) -> (Option<IntentFile>, Vec<Diagnostic>) {
    let mut report = Report::on(path);
    let file = super::read::text(bytes, &mut report).and_then(|source| {
        let root = super::read::tree(source, &mut report)?;
        intent_file(path, source, &root, &mut report)
    });
    (file, report.finish())
}

/// Reads intent files on all cores, each with its problems, in the order given.
pub(crate) fn read_all(sources: &[&SourceFile]) -> Vec<(Option<IntentFile>, Vec<Diagnostic>)> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8));
    let part = sources.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let read_part = |part: &[&SourceFile]| part.iter().map(|source| read(&source.path, &source.bytes)).collect::<Vec<_>>();
        let parts: Vec<_> = sources.chunks(part).map(|part| scope.spawn(move || read_part(part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// The name of a file without folder and ending.
pub(crate) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn intent_file(path: &str, source: &str, root: &Node, report: &mut Report) -> Option<IntentFile> {
    let fields = Fields::of(root, "an intent file", KEYS, report)?;
    let intent = fields.required("intent", "Write the intent's name: the same as the file's, without `.yaml`.", report);
    if let Some(intent) = &intent {
        check_name(intent, "The intent", report);
        if intent.text != stem(path) {
            let problem = format!("The intent is called `{}`, but its file `{}`", intent.text, stem(path));
            report.error(intent.place, problem, "Give both the same name.");
        }
    }
    let title = fields.required_wording("title", "Say it in the customer's words: the bot asks with it \"did you mean …\".", report);
    let description = fields.required("description", "Say in one line what the customer wants.", report);
    let before = report.count();
    let slots = slots::read(&fields, source, report);
    let flow = match fields.value("flow") {
        Some(node) => steps::read(node, report),
        None => {
            report.error(
                fields.place,
                "The intent has no `flow`",
                "Write its steps, or hand over: `flow: [ { handover: needs_a_person } ]`.",
            );
            Vec::new()
        }
    };
    let holes = report.count() > before;
    Some(IntentFile {
        path: path.to_owned(),
        intent: intent.unwrap_or_else(|| Words { text: stem(path).to_owned(), place: Place::FILE, end_line: 0 }),
        title: title.unwrap_or_else(|| Wording::english(Words { text: String::new(), place: Place::FILE, end_line: 0 })),
        description: description.map(|description| description.text).unwrap_or_default(),
        auth: auth(&fields, report),
        auth_place: fields.value("auth").map_or(fields.place, |node| node.place),
        queue: fields.words("queue", report),
        priority: fields.number("priority", 0, 4, report).and_then(|priority| u8::try_from(priority).ok()).unwrap_or(4),
        examples: examples(&fields, source, report),
        patterns: fields.texts("patterns", report),
        safety: fields.texts("safety", report),
        slots,
        flow,
        tests: talks::read(&fields, report),
        source: source.to_owned(),
        holes,
    })
}

fn auth(fields: &Fields<'_>, report: &mut Report) -> Level {
    let names: Vec<&str> = LEVELS.iter().map(|(name, _)| *name).collect();
    let Some(level) = fields.required("auth", "Write `auth: none`, `auth: signed_in` or `auth: step_up`.", report) else { return Level(0) };
    let known = LEVELS.iter().find(|(name, _)| *name == level.text);
    if known.is_none() {
        let problem = format!("Unknown sign-in level `{}`", level.text);
        report.error(level.place, problem, super::diagnostic::suggestion(&level.text, &names));
    }
    known.map(|(_, level)| *level).unwrap_or_default()
}

fn examples(fields: &Fields<'_>, source: &str, report: &mut Report) -> BTreeMap<String, Vec<Words>> {
    let mut examples = BTreeMap::new();
    let Some(node) = fields.value("examples") else { return examples };
    let Content::Map(entries) = &node.content else {
        report.error(node.place, "`examples` is a map of languages", "Write `en:` and below it one example a line.");
        return examples;
    };
    for entry in entries {
        if !is_language(&entry.key) {
            report.error(entry.place, format!("`{}` is not a language tag", entry.key), meant(&entry.key));
        }
        let list = items(&entry.value, "The list of examples", report);
        for item in list {
            warn_about_comment(item, source, report);
        }
        let texts = list.iter().filter_map(|item| words(item, "An example", report)).collect();
        examples.insert(entry.key.clone(), texts);
    }
    examples
}

/// `- my order #12` without quotes is "my order" for YAML.
fn warn_about_comment(item: &Node, source: &str, report: &mut Report) {
    let Content::Scalar { text, plain: true } = &item.content else { return };
    let line = source.lines().nth(item.place.line.saturating_sub(1) as usize).unwrap_or_default();
    let rest: String = line.chars().skip(item.place.column.saturating_sub(1) as usize + text.chars().count()).collect();
    if rest.trim_start().starts_with('#') {
        report.warn(item.place, "The example ends at the `#`: YAML takes the rest of the line for a comment", "Put the example in quotes.");
    }
}

/// Whether this is a BCP 47 tag: the code of a language, and perhaps a region, such as `de-AT`.
pub(crate) fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    parts.next().is_some_and(is_code)
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
