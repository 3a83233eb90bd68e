//! Saved replies of the desk: `replies/*.md`, one a file, a section for each language, variables from a closed list.

use super::diagnostic::{Diagnostic, Place, Report, suggestion};
use super::folder::SourceFile;
use super::{fields::Fields, read};
use crate::domain::handoff::QUEUES;
use crate::domain::suggest::ReplyAbout;
use minijinja::{Environment, UndefinedBehavior};
use std::collections::BTreeMap;

/// What a saved reply may name.
pub const VARIABLES: [&str; 9] = [
    "customer.first_name",
    "agent.name",
    "order.number",
    "order.store",
    "order.total",
    "plan.next_due_date",
    "plan.next_amount",
    "dispute.reference",
    "dispute.deadline",
];
const LANGUAGES: [&str; 3] = ["en", "sv", "de"];
/// Codes with which a conversation can be resolved.
pub const CODES: [&str; 6] = ["solved", "explained", "customer_left", "passed_on", "duplicate", "spam"];
/// Longest text in characters: as long as a message may be.
const MOST: usize = 4000;

/// What the desk does after a saved reply was sent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Ends the conversation with this code.
    Resolve(String),
    /// Puts it into another queue.
    Transfer(String),
    /// Lets it sleep for so many hours.
    SnoozeHours(i64),
}

/// A saved reply.
#[derive(Clone, Debug)]
pub struct SavedReply {
    /// Path from the content folder.
    pub file: String,
    /// What agents type after a slash.
    pub shortcut: String,
    /// Its name in the list.
    pub title: String,
    /// What follows it: then it is a macro.
    pub then: Option<Then>,
    /// The intent that it answers, if it answers one only.
    pub intent: Option<String>,
    /// The texts by language.
    pub texts: BTreeMap<String, String>,
}

/// Why a saved reply can't be written for a customer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// A variable has no value.
    #[error("this reply needs `{0}`, and there is none here. Write it by hand, or choose another reply")]
    Missing(String),
    /// The template is broken; the check finds that before.
    #[error("this reply can't be written: {0}")]
    Broken(String),
}

/// The fewest characters by which a saved reply is known again.
const TELLING: usize = 30;

impl SavedReply {
    /// By what it is known again in what an agent wrote, when it answers one intent only.
    pub fn about(&self) -> Option<ReplyAbout> {
        let fixed = |text: &String| {
            // What stands between variables is the same for every customer; an agent may have changed the rest.
            let pieces = text.split("}}").map(|piece| piece.split("{{").next().unwrap_or_default().trim());
            pieces.max_by_key(|piece| piece.len()).filter(|piece| piece.chars().count() >= TELLING).map(str::to_owned)
        };
        let pieces = self.texts.values().filter_map(fixed).collect();
        Some(ReplyAbout { title: self.title.clone(), intent: self.intent.clone()?, pieces })
    }

    /// The text in a language (else in English, else in any), with the values filled in; and its language.
    ///
    /// # Errors
    /// When a variable has no value.
    pub fn fill(&self, language: &str, values: &BTreeMap<&str, Option<String>>) -> Result<(String, String), FillError> {
        let found = self.texts.get_key_value(language).or_else(|| self.texts.get_key_value("en")).or_else(|| self.texts.iter().next());
        let (language, text) = found.ok_or_else(|| FillError::Broken("it has no text".into()))?;
        for name in names(text) {
            if values.get(name.as_str()).is_none_or(Option::is_none) {
                return Err(FillError::Missing(name));
            }
        }
        let mut context: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (name, value) in values {
            if let (Some((group, name)), Some(value)) = (name.split_once('.'), value) {
                context.entry(group.to_owned()).or_default().insert(name.to_owned(), value.clone());
            }
        }
        let mut engine = Environment::new();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        let text = engine.render_str(text, context).map_err(|error| FillError::Broken(error.to_string()))?;
        Ok((text, language.clone()))
    }
}

/// The variables that a text names.
fn names(text: &str) -> Vec<String> {
    let engine = Environment::new();
    let Ok(template) = engine.template_from_str(text) else { return Vec::new() };
    let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
    names.sort_unstable();
    names
}

/// Reads the files of `replies/`, which may name these intents; what is wrong with one is told, and it is left out.
pub(crate) fn load(files: &[SourceFile], intents: &[&str]) -> (Vec<SavedReply>, Vec<Diagnostic>) {
    let (mut all, mut problems): (Vec<SavedReply>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    for file in files.iter().filter(|file| file.path.starts_with("replies/")) {
        let mut report = Report::on(&file.path);
        if let Some(reply) = one(file, intents, &mut report) {
            if all.iter().any(|known| known.shortcut == reply.shortcut) {
                let problem = format!("The shortcut `{}` is taken by another file", reply.shortcut);
                report.error(Place::FILE, problem, "Choose another; agents type it to find the reply.");
            }
            all.push(reply);
        }
        problems.extend(report.finish());
    }
    all.sort_by(|one, two| one.title.cmp(&two.title));
    (all, problems)
}

fn one(file: &SourceFile, intents: &[&str], report: &mut Report) -> Option<SavedReply> {
    let source = read::text(&file.bytes, report)?;
    let parts = source.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    let Some((head, body)) = parts else {
        report.error(
            Place::FILE,
            "A saved reply begins with its title",
            "Write `---`, `title: …`, `shortcut: …`, `---`, then a section `## en`.",
        );
        return None;
    };
    let root = read::tree(head, report)?;
    let fields = Fields::of(&root, "a saved reply", &["title", "shortcut", "then", "intent"], report)?;
    let title = fields.required("title", "Write what the list shows.", report)?.text;
    let shortcut = fields.required("shortcut", "Write what agents type after a slash.", report)?;
    if !shortcut.text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        report.error(shortcut.place, format!("The shortcut `{}` can't be typed", shortcut.text), "Use lower-case letters, digits and `-`.");
    }
    let then = fields.words("then", report).and_then(|words| {
        let then = match words.text.split_once(' ') {
            Some(("resolve", code)) if CODES.contains(&code.trim()) => Some(Then::Resolve(code.trim().to_owned())),
            Some(("transfer", queue)) if QUEUES.contains(&queue.trim()) => Some(Then::Transfer(queue.trim().to_owned())),
            Some(("snooze", hours)) => hours.trim().parse().ok().filter(|hours| (1..=720).contains(hours)).map(Then::SnoozeHours),
            Some(_) | None => None,
        };
        if then.is_none() {
            let remedy = format!("Write `resolve` with one of {}, `transfer` with a queue, or `snooze` with hours.", CODES.join(", "));
            report.error(words.place, format!("`{}` is nothing that the desk can do", words.text), remedy);
        }
        then
    });
    let intent = fields.words("intent", report).map(|words| {
        if !intents.contains(&words.text.as_str()) {
            report.error(words.place, format!("There is no intent `{}`", words.text), suggestion(&words.text, intents));
        }
        words.text
    });
    let above = u32::try_from(head.lines().count()).unwrap_or(0) + 2;
    let texts = sections(body, above, report);
    if texts.is_empty() {
        report.error(Place::FILE, "There is no text", "Write a section `## en`.");
    }
    Some(SavedReply { file: file.path.clone(), shortcut: shortcut.text, title, then, intent, texts })
}

fn sections(body: &str, above: u32, report: &mut Report) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut language: Option<String> = None;
    for (line, number) in body.lines().zip(above + 1..) {
        let place = Place { line: number, column: 1 };
        if let Some(name) = line.strip_prefix("## ") {
            let name = name.trim();
            if !LANGUAGES.contains(&name) {
                report.error(place, format!("`{name}` is no language here"), suggestion(name, &LANGUAGES));
            }
            texts.insert(name.to_owned(), String::new());
            language = Some(name.to_owned());
        } else if let Some(text) = language.as_ref().and_then(|language| texts.get_mut(language)) {
            text.push_str(line);
            text.push('\n');
        } else if !line.trim().is_empty() {
            report.error(place, "This text has no language", "Write `## en` above it.");
        }
    }
    for (language, text) in &mut texts {
        *text = text.trim().to_owned();
        let place = Place::FILE;
        if text.is_empty() || text.chars().count() > MOST {
            report.error(place, format!("The text in `{language}` has {} characters", text.chars().count()), format!("Write 1 to {MOST}."));
        }
        if let Err(error) = Environment::new().template_from_str(text) {
            report.error(place, format!("The text in `{language}` can't be read: {error}"), "Check its braces.");
        }
        for name in names(text) {
            if !VARIABLES.contains(&name.as_str()) {
                report.error(place, format!("Unknown variable `{name}` in `{language}`"), suggestion(&name, &VARIABLES));
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile { path: "replies/one.md".into(), bytes: text.as_bytes().to_vec() }
    }

    const GOOD: &str = "---\ntitle: Hello\nshortcut: hello\nthen: resolve solved\nintent: order_help\n---\n## en\nHi {{ customer.first_name }},\n\nyour order {{ order.number }}.\n\n## sv\nHej!\n";

    #[test]
    fn a_reply_is_written_with_its_values_or_says_what_is_missing() {
        let (replies, problems) = load(&[file(GOOD)], &["order_help"]);
        assert!(problems.is_empty(), "{problems:?}");
        let reply = &replies[0];
        assert_eq!(reply.then, Some(Then::Resolve("solved".into())));
        let mut values = BTreeMap::from([("customer.first_name", Some("Maya".to_owned())), ("order.number", None)]);
        assert_eq!(reply.fill("en", &values), Err(FillError::Missing("order.number".into())));
        values.insert("order.number", Some("<b>R-1</b>".to_owned()));
        let (text, language) = reply.fill("en", &values).expect("all there");
        assert_eq!((text.as_str(), language.as_str()), ("Hi Maya,\n\nyour order <b>R-1</b>.", "en"), "text, never markup");
        let about = reply.about().expect("an intent");
        assert_eq!((about.intent.as_str(), about.pieces.len()), ("order_help", 0), "too short to tell");
        assert_eq!(reply.fill("sv", &values).expect("no variables").0, "Hej!");
        assert_eq!(reply.fill("fi", &values).expect("English").1, "en");
    }

    #[test]
    fn problems_have_a_remedy() {
        for (from, to, expected) in [
            ("title: Hello", "titel: Hello", "Unknown key `titel`"),
            ("shortcut: hello", "shortcut: Hello!", "can't be typed"),
            ("resolve solved", "resolve never", "nothing that the desk can do"),
            ("intent: order_help", "intent: order_hlp", "There is no intent `order_hlp`"),
            ("## sv", "## xx", "`xx` is no language here"),
            ("order.number", "order.numbr", "Unknown variable `order.numbr`"),
            ("{{ order.number }}", "{{ order.number", "can't be read"),
            ("---\n## en", "## en", "begins with its title"),
        ] {
            let (_, problems) = load(&[file(&GOOD.replacen(from, to, 1))], &["order_help"]);
            assert!(problems.iter().any(|problem| problem.to_string().contains(expected)), "{expected}: {problems:?}");
        }
    }
}
