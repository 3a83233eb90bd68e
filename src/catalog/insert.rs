//! Puts an example or a scripted conversation into the text of an intent file, and leaves every other byte of it alone. What comes out is read
//! again: it says what was wanted, or nothing is changed.

use super::file::{self, IntentFile};
use super::lint::same_example;
use super::talks::TestInput;
use crate::domain::suggest::one_line;
use crate::yaml::write::scalar;

/// Longest name of a test that is made from a message.
const NAME_CHARS: usize = 60;

/// A text with something put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inserted {
    /// The whole file.
    pub text: String,
    /// The first line that is new, from 1.
    pub line: usize,
}

/// Why nothing was put in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cannot {
    /// The file has it.
    #[error("the file has this example already, on line {0}")]
    Already(u32),
    /// The file can't be read.
    #[error("the file can't be read as it stands. Mend it first: {0}")]
    Unreadable(String),
    /// It is written in a way that this does not understand.
    #[error("{0}")]
    ByHand(&'static str),
}

/// A conversation of one message, to be kept as a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTest {
    /// What the customer says.
    pub text: String,
    /// The demo persona who says it.
    pub customer: Option<String>,
    /// Their sign-in level, when it is not the usual one.
    pub level: Option<u8>,
    /// The language that the client asks for.
    pub locale: Option<String>,
}

/// Adds what a customer says to the examples of a language, below the last one.
///
/// # Errors
/// See [`Cannot`].
pub fn example(path: &str, source: &str, language: &str, text: &str) -> Result<Inserted, Cannot> {
    let text = one_line(text);
    let file = read(path, source)?;
    if let Some(known) = file.examples.values().flatten().find(|words| same_example(&words.text, &text)) {
        return Err(Cannot::Already(known.place.line));
    }
    let lines: Vec<&str> = source.split('\n').collect();
    let own = file.examples.get(language).and_then(|examples| examples.last());
    let last = own.or_else(|| file.examples.values().filter_map(|examples| examples.last()).max_by_key(|words| words.end_line));
    let last = last.ok_or(Cannot::ByHand("the file has no example yet. Write the first one by hand, under `examples:`"))?;
    let indent = lines
        .get(last.place.line.saturating_sub(1) as usize)
        .and_then(|line| item_indent(line))
        .ok_or(Cannot::ByHand("the examples are not written one a line with a dash. Add it by hand, or write the list that way"))?;
    let item = format!("{indent}- {}", scalar(&text));
    let mut new = vec![item];
    if own.is_none() {
        let inside = indent.len().saturating_sub(2).max(2);
        new.insert(0, format!("{}{language}:", " ".repeat(inside)));
    }
    let after = last.end_line.max(last.place.line) as usize;
    let line = after + new.len();
    let text_now = with_lines(&lines, after, new);
    let now = read(path, &text_now)?;
    let count = |file: &IntentFile| file.examples.values().map(Vec::len).sum::<usize>();
    let kept = now.examples.get(language).and_then(|examples| examples.last()).is_some_and(|words| words.text == text);
    if !kept || count(&now) != count(&file) + 1 {
        return Err(Cannot::ByHand("this example can't be put in without touching others. Add it by hand"));
    }
    Ok(Inserted { text: text_now, line })
}

/// Adds a scripted conversation that expects the message to start this file's intent.
///
/// # Errors
/// See [`Cannot`].
pub fn test(path: &str, source: &str, new: &NewTest) -> Result<Inserted, Cannot> {
    let file = read(path, source)?;
    let text = one_line(&new.text);
    let lines: Vec<&str> = source.split('\n').collect();
    let begins = lines.iter().position(|line| line.starts_with("tests:"));
    let indent = match file.tests.last() {
        None => "  ",
        Some(last) => lines
            .get(last.place.line.saturating_sub(1) as usize)
            .and_then(|line| item_indent(line))
            .ok_or(Cannot::ByHand("the tests are not written as a list with dashes. Add it by hand, or write the list that way"))?,
    };
    let name: String = format!("reads \"{}\"", text.chars().take(NAME_CHARS).collect::<String>());
    let mut item = vec![format!("{indent}- name: {}", scalar(&name))];
    item.extend(new.customer.iter().map(|customer| format!("{indent}  customer: {}", scalar(customer))));
    item.extend(new.level.iter().map(|level| format!("{indent}  level: {level}")));
    item.extend(new.locale.iter().map(|locale| format!("{indent}  locale: {}", scalar(locale))));
    item.push(format!("{indent}  talk:"));
    item.push(format!("{indent}    - me: {}", scalar(&text)));
    item.push(format!("{indent}      intent: {}", file.intent.text));
    let end = match begins {
        Some(begins) if !file.tests.is_empty() => {
            let next = lines[begins + 1..].iter().position(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
            next.map_or(lines.len(), |next| begins + 1 + next)
        }
        Some(_) => return Err(Cannot::ByHand("the list of tests is empty. Write the first one by hand, under `tests:`")),
        None => {
            item.insert(0, "tests:".to_owned());
            item.insert(0, String::new());
            lines.len()
        }
    };
    let filled = lines[..end].iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
    let line = filled + 1;
    let text_now = with_lines(&lines, filled, item);
    let now = read(path, &text_now)?;
    let said = now.tests.last().and_then(|test| test.talk.first());
    if now.tests.len() != file.tests.len() + 1 || said.is_none_or(|turn| turn.does != TestInput::Me(text)) {
        return Err(Cannot::ByHand("this test can't be put in without touching others. Add it by hand"));
    }
    Ok(Inserted { text: text_now, line })
}

fn read(path: &str, source: &str) -> Result<IntentFile, Cannot> {
    let (file, problems) = file::read(path, source.as_bytes());
    match (file, problems.iter().find(|problem| problem.is_error())) {
        (Some(file), None) => Ok(file),
        (_, Some(problem)) => Err(Cannot::Unreadable(problem.to_string())),
        (None, None) => Err(Cannot::Unreadable(format!("{path} holds no intent."))),
    }
}

/// What stands before the dash of a list's item that has a line of its own.
fn item_indent(line: &str) -> Option<&str> {
    let bare = line.trim_start_matches(' ');
    bare.starts_with("- ").then(|| &line[..line.len() - bare.len()])
}

/// The text with lines put in after so many; the last line of a file keeps its end.
fn with_lines(lines: &[&str], after: usize, new: Vec<String>) -> String {
    let ends_bare = after == lines.len() && lines.last().is_some_and(|last| !last.is_empty());
    let mut all: Vec<&str> = lines[..after].to_vec();
    all.extend(new.iter().map(String::as_str));
    all.extend(&lines[after..]);
    let text = all.join("\n");
    if ends_bare { text + "\n" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "intents/a.yaml";
    const FILE: &str = "# about a\nintent: a\ntitle: T\ndescription: D\nauth: none\nqueue: general\nexamples:\n  en:\n    - one thing  # said once\n    - \"two: things\"\n\n  sv:\n    - en sak\nflow:\n  - done\n\ntests:\n  - name: t\n    talk:\n      - me: one thing\n\n# the end\n";

    #[test]
    fn an_example_goes_below_the_last_of_its_language() {
        for (language, text, after, expected) in [
            ("en", "three  things\nplease", "\"two: things\"\n", "    - three things please\n"),
            ("en", "#4: what?", "\"two: things\"\n", "    - \"#4: what?\"\n"),
            ("en", "no", "\"two: things\"\n", "    - \"no\"\n"),
            ("sv", "två saker", "- en sak\n", "    - två saker\n"),
            ("de", "ein \"Ding\": ja", "- en sak\n", "  de:\n    - \"ein \\\"Ding\\\": ja\"\n"),
        ] {
            let inserted = example(PATH, FILE, language, text).expect("it can be put in");
            assert_eq!(inserted.text, FILE.replace(after, &format!("{after}{expected}")), "{text}");
            let line = inserted.text.lines().nth(inserted.line - 1).expect("the line");
            assert!(expected.ends_with(&format!("{line}\n")), "{line}");
        }
        let bare = FILE.split("flow:").next().expect("a start").to_owned() + "flow: [ done ]";
        assert!(example(PATH, &bare, "sv", "två").is_ok_and(|inserted| inserted.text.contains("en sak\n    - två\nflow")));
    }

    #[test]
    fn a_test_goes_below_the_last() {
        let new = NewTest { text: "Where: is it".into(), customer: Some("P01".into()), level: Some(2), locale: Some("sv".into()) };
        let added = "  - name: \"reads \\\"Where: is it\\\"\"\n    customer: P01\n    level: 2\n    locale: sv\n    talk:\n      - me: \"Where: is it\"\n        intent: a\n";
        let inserted = test(PATH, FILE, &new);
        assert!(inserted.is_ok(), "{inserted:?}");
        let without = FILE.replace("\ntests:\n  - name: t\n    talk:\n      - me: one thing\n\n# the end\n", "");
        let inserted = test(PATH, &without, &new).expect("the first test");
        assert_eq!(inserted.text, format!("{without}\ntests:\n{added}"));
    }

    #[test]
    fn what_cannot_be_put_in_is_told() {
        assert_eq!(example(PATH, FILE, "en", " One thing! "), Err(Cannot::Already(9)));
        assert!(matches!(example(PATH, "intent: [", "en", "x"), Err(Cannot::Unreadable(_))));
        let flowing =
            FILE.replace("    - one thing  # said once\n    - \"two: things\"\n", "").replace("  en:\n", "  en: [ one thing, two ]\n");
        assert!(matches!(example(PATH, &flowing, "en", "x"), Err(Cannot::ByHand(_))));
    }
}
