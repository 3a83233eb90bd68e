//! A file's tree: what YAML says, with a place for every key and every value.

use super::diagnostic::Place;

/// One value of the file.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where it begins.
    pub(crate) place: Place,
    /// The last line that it covers.
    pub(crate) end_line: u32,
    /// What it is.
    pub(crate) content: Content,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// One text, number or flag; `plain` when it was written without quotes.
    Scalar {
        /// As the file means it.
        text: String,
        /// Without quotes or a block sign.
        plain: bool,
    },
    /// Values in order.
    List(Vec<Node>),
    /// Keys with values, in the order of the file; keys are unique.
    Map(Vec<Entry>),
}

/// One key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Where the key begins.
    pub(crate) place: Place,
    /// Its value.
    pub(crate) value: Node,
}

impl Node {
    /// "a list", for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar { .. } if self.is_null() => "nothing",
            Content::Scalar { .. } => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map of keys",
        }
    }

    /// Nothing was written, or `null` or `~`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

/// A text of the file with its place, so that problems inside it can be pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The text.
    pub text: String,
    /// Where it begins.
    pub place: Place,
    /// The last line that it covers.
    pub end_line: u32,
}

impl Words {
    /// The place of `needle` (as a whole word) inside this text, looked up in the file's source; the beginning when it isn't found.
    pub(crate) fn place_of(&self, source: &str, needle: &str) -> Place {
        let first = self.place.line.max(1) as usize;
        let last = (self.end_line as usize).max(first);
        for (number, line) in source.lines().enumerate().skip(first - 1).take(last - first + 1) {
            let from = if number + 1 == first { byte_of(line, self.place.column.saturating_sub(1) as usize) } else { 0 };
            let hit = line[from..].match_indices(needle).map(|(at, _)| from + at).find(|at| stands_alone(line, *at, needle));
            if let Some(at) = hit {
                return Place { line: number as u32 + 1, column: line[..at].chars().count() as u32 + 1 };
            }
        }
        self.place
    }
}

fn byte_of(line: &str, column: usize) -> usize {
    line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
}

fn stands_alone(line: &str, at: usize, needle: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let open = !needle.starts_with(in_name) || !line[..at].chars().next_back().is_some_and(|c| in_name(c) || c == '.');
    let close = !needle.ends_with(in_name) || !line[at + needle.len()..].chars().next().is_some_and(in_name);
    open && close
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_whole_words_inside_the_source() {
        let source = "a: 1\nsay: due today, {{ due.next }}\n  and {{ due }}\n";
        let words = Words { text: String::new(), place: Place { line: 2, column: 6 }, end_line: 3 };
        for (needle, expected) in [
            ("due.next", (2, 20)),
            ("today", (2, 10)),
            ("next", (2, 6)), // only as an attribute: falls back to the beginning
            ("}}", (2, 29)),
            ("missing", (2, 6)),
        ] {
            let place = words.place_of(source, needle);
            assert_eq!((place.line, place.column), expected, "{needle}");
        }
    }
}
