//! Reading the keys of a map: what must be there, what may be, and what doesn't belong there.

use super::diagnostic::{Place, Report, suggestion};
use super::node::{Content, Entry, Node, Words};

/// The keys of one map.
pub(crate) struct Fields<'n> {
    entries: &'n [Entry],
    /// Where the map begins.
    pub(crate) place: Place,
    /// "an option", for messages.
    what: &'static str,
}

impl<'n> Fields<'n> {
    /// The keys of `node`, which must be a map that has no other keys than `known`.
    pub(crate) fn of(node: &'n Node, what: &'static str, known: &[&str], report: &mut Report) -> Option<Self> {
        let Content::Map(entries) = &node.content else {
            report.error(
                node.place,
                format!("Here {} is expected, not {}", what, node.kind()),
                format!("Its keys are {}.", super::diagnostic::list(known)),
            );
            return None;
        };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            report.error(entry.place, format!("Unknown key `{}` in {what}", entry.key), suggestion(&entry.key, known));
        }
        Some(Self { entries, place: node.place, what })
    }

    /// The entry of a key, if it was given.
    pub(crate) fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value of a key, if it was given.
    pub(crate) fn value(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// A text that may be missing, but not empty.
    pub(crate) fn words(&self, key: &str, report: &mut Report) -> Option<Words> {
        words(self.value(key)?, &format!("`{key}`"), report)
    }

    /// A text that must be there.
    pub(crate) fn required(&self, key: &str, remedy: &str, report: &mut Report) -> Option<Words> {
        if self.entry(key).is_none() {
            report.error(self.place, format!("{} needs `{key}`", capital(self.what)), remedy);
            return None;
        }
        self.words(key, report)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, key: &str, default: bool, report: &mut Report) -> bool {
        let Some(node) = self.value(key) else { return default };
        match &node.content {
            Content::Scalar { text, plain: true } if text == "true" => true,
            Content::Scalar { text, plain: true } if text == "false" => false,
            Content::Scalar { .. } | Content::List(_) | Content::Map(_) => {
                report.error(node.place, format!("`{key}` is a flag"), "Write `true` or `false`, without quotes.");
                default
            }
        }
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn number(&self, key: &str, least: i64, most: i64, report: &mut Report) -> Option<i64> {
        let node = self.value(key)?;
        let number = match &node.content {
            Content::Scalar { text, plain: true } => text.parse::<i64>().ok().filter(|number| (least..=most).contains(number)),
            Content::Scalar { .. } | Content::List(_) | Content::Map(_) => None,
        };
        if number.is_none() {
            let range = if (least, most) == (i64::MIN, i64::MAX) { String::new() } else { format!(" from {least} to {most}") };
            report.error(node.place, format!("`{key}` is a whole number{range}"), "Write the digits, without quotes.");
        }
        number
    }

    /// The items of a list; empty when the key is missing.
    pub(crate) fn items(&self, key: &str, report: &mut Report) -> &'n [Node] {
        self.value(key).map_or(&[], |node| items(node, &format!("`{key}`"), report))
    }

    /// Texts of a list, or one text; empty when the key is missing.
    pub(crate) fn texts(&self, key: &str, report: &mut Report) -> Vec<Words> {
        match self.value(key) {
            None => Vec::new(),
            Some(node) if matches!(node.content, Content::Scalar { .. }) && !node.is_null() => {
                words(node, &format!("`{key}`"), report).into_iter().collect()
            }
            Some(node) => items(node, &format!("`{key}`"), report)
                .iter()
                .filter_map(|item| words(item, &format!("An entry of `{key}`"), report))
                .collect(),
        }
    }
}

/// The text of a scalar.
pub(crate) fn words(node: &Node, what: &str, report: &mut Report) -> Option<Words> {
    let Content::Scalar { text, .. } = &node.content else {
        let remedy = match node.content {
            Content::Map(_) => "Write the text on this line. If it begins with `{`, put it in quotes.",
            Content::List(_) | Content::Scalar { .. } => "Write one text. If it begins with `[`, put it in quotes.",
        };
        report.error(node.place, format!("{what} is a text, not {}", node.kind()), remedy);
        return None;
    };
    if text.trim().is_empty() {
        report.error(node.place, format!("{what} is empty"), "Write the text, or leave the line out.");
        return None;
    }
    Some(Words { text: text.clone(), place: node.place, end_line: node.end_line })
}

/// The items of a list.
pub(crate) fn items<'n>(node: &'n Node, what: &str, report: &mut Report) -> &'n [Node] {
    match &node.content {
        Content::List(items) => items,
        Content::Scalar { .. } | Content::Map(_) => {
            report.error(node.place, format!("{what} is a list, not {}", node.kind()), "Begin every entry with `- ` on a line of its own.");
            &[]
        }
    }
}

/// Whether this is a name: lower-case letters, digits and underscores, beginning with a letter.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Reports a text that isn't a name.
pub(crate) fn check_name(words: &Words, what: &str, report: &mut Report) {
    if !is_name(&words.text) {
        let problem = format!("{what} `{}` is not a name", words.text);
        report.error(words.place, problem, "Use lower-case letters, digits and underscores, and begin with a letter.");
    }
}

/// Lower-case first letter to upper-case.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}
