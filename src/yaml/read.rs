//! Bytes to a tree: UTF-8 YAML without its traps (no tabs, anchors, tags, several documents or duplicate keys), with limits
//! on size and depth. Whatever is wrong becomes a problem with a place.

use super::diagnostic::{Place, Report};
use super::node::{Content, Entry, Node};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};

/// The largest file that is read.
pub(crate) const MAX_BYTES: usize = 256 * 1024;
/// The deepest nesting of lists and maps.
const MAX_DEPTH: usize = 64;
/// After so many lines with tabs the rest isn't listed.
const MAX_TABS: usize = 10;

/// The file's text, if it is small enough and UTF-8.
pub(crate) fn text<'a>(bytes: &'a [u8], report: &mut Report) -> Option<&'a str> {
    if bytes.len() > MAX_BYTES {
        let problem = format!("The file has {} KiB, and {} KiB is the most that is read", bytes.len().div_ceil(1024), MAX_BYTES / 1024);
        report.error(Place::START, problem, "Move part of it into another file.");
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let good = &bytes[..error.valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
            let start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let column = String::from_utf8_lossy(&good[start..]).chars().count() as u32 + 1;
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            report.error(
                Place { line, column },
                format!("The file is not UTF-8: byte 0x{byte:02X} does not belong there"),
                "Save the file as UTF-8 in your editor and write that character again.",
            );
            None
        }
    }
}

/// The tree of a YAML file; `None` when it can't be read at all (the reason is in the report) or is empty.
pub(crate) fn tree(text: &str, report: &mut Report) -> Option<Node> {
    if has_tabs(text, report) {
        return None;
    }
    let mut builder = Builder { report, open: Vec::new(), root: None, documents: 0, overflow: false };
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        match next {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => {
                refuse(&error, text, builder.report);
                return None;
            }
        }
        if builder.overflow {
            return None;
        }
    }
    let root = builder.root;
    if root.is_none() {
        report.error(Place::START, "The file is empty", "Write the intent, or delete the file.");
    }
    root
}

/// Tabs in the indentation: YAML can't count them.
fn has_tabs(text: &str, report: &mut Report) -> bool {
    let mut found = 0;
    for (number, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let Some(at) = line[..indent].find('\t') else { continue };
        if line.trim().is_empty() {
            continue;
        }
        found += 1;
        if found <= MAX_TABS {
            let place = Place { line: number as u32 + 1, column: at as u32 + 1 };
            report.error(place, "This line is indented with a tab", "Use spaces: YAML does not accept tabs for indentation.");
        }
    }
    found > 0
}

/// Says a parser's error in words for people who write content.
fn refuse(error: &ScanError, text: &str, report: &mut Report) {
    let place = place(*error.marker(), text);
    let info = error.info();
    let line = text.lines().nth((place.line - 1) as usize).unwrap_or_default();
    let (problem, remedy) = if info.contains("mapping values are not allowed") {
        (
            "This line can't be read: there is a `: ` where no key is expected",
            "Put the text in quotes when it contains a colon followed by a space, and check the indentation.",
        )
    } else if info.contains("quoted scalar") || info.contains("unexpected end of stream") {
        ("A quote is opened here and never closed", "Close the quote; inside single quotes write an apostrophe twice ('').")
    } else if line.trim_start().starts_with(['`', '@', '%']) || info.contains("cannot start any token") {
        ("A text can't begin with this character", "Put the text in quotes.")
    } else if info.contains("flow") || info.contains("',' or ']'") || info.contains("',' or '}'") {
        (
            "A bracket is opened here and never closed properly",
            "Close every `[` and `{`, or put the text in quotes when the bracket is part of it.",
        )
    } else if info.contains("simple key") || info.contains("could not find expected ':'") {
        (
            "A key without a colon, or a text that goes on at the wrong indentation",
            "Write `key: value`, and indent what belongs together alike.",
        )
    } else if info.contains("expected") || info.contains("indent") {
        ("The indentation does not fit the lines above", "Indent the keys of one step or map alike, with spaces.")
    } else {
        ("This can't be read as YAML", "Compare the indentation and the quotes with the lines above.")
    };
    report.error(place, format!("{problem} ({})", info.trim_end_matches('.')), remedy);
}

fn place(marker: Marker, text: &str) -> Place {
    // The end of the text is reported one line after the last; people look for the last one.
    let lines = text.lines().count().max(1);
    if marker.line() > lines {
        let last = text.lines().last().unwrap_or_default();
        return Place { line: lines as u32, column: last.chars().count() as u32 + 1 };
    }
    at(marker)
}

fn at(marker: Marker) -> Place {
    Place { line: marker.line().max(1) as u32, column: marker.col() as u32 + 1 }
}

/// A list or map that isn't closed yet.
enum Open {
    List(Place, Vec<Node>),
    /// The map, the key that waits for its value, and whether that key is a repetition.
    Map(Place, Vec<Entry>, Option<(String, Place, bool)>),
}

struct Builder<'a> {
    report: &'a mut Report,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    overflow: bool,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) {
        let place = at(span.start);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.report.error(
                        place,
                        "A second document begins here (`---`)",
                        "Put it into a file of its own: one file is one intent.",
                    );
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(place, anchor, tag.is_some());
                let plain = style == ScalarStyle::Plain;
                let end_line = span.end.line().max(span.start.line()) as u32;
                self.put(Node { place, end_line, content: Content::Scalar { text: text.into_owned(), plain } });
            }
            Event::Alias(_) => {
                self.report.error(place, "Aliases (`*name`) are not supported", "Write the value out where it is needed.");
                self.put(Node { place, end_line: place.line, content: Content::Scalar { text: String::new(), plain: true } });
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_extras(place, anchor, tag.is_some());
                self.enter(Open::List(place, Vec::new()), place);
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_extras(place, anchor, tag.is_some());
                self.enter(Open::Map(place, Vec::new(), None), place);
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(span.end.line() as u32),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }

    fn refuse_extras(&mut self, place: Place, anchor: usize, tag: bool) {
        if anchor > 0 {
            self.report.error(place, "Anchors (`&name`) are not supported", "Write the value out where it is needed.");
        }
        if tag {
            self.report.error(place, "Tags (`!name`) are not supported", "Leave the tag out, or put the text in quotes.");
        }
    }

    fn enter(&mut self, open: Open, place: Place) {
        if self.open.len() >= MAX_DEPTH {
            self.report.error(
                place,
                format!("Lists and maps are nested more than {MAX_DEPTH} deep"),
                "Flatten it: use `goto` or another intent.",
            );
            self.overflow = true;
            return;
        }
        self.open.push(open);
    }

    fn leave(&mut self, end_line: u32) {
        let node = match self.open.pop() {
            Some(Open::List(place, items)) => Node { place, end_line, content: Content::List(items) },
            Some(Open::Map(place, entries, _)) => Node { place, end_line, content: Content::Map(entries) },
            None => return,
        };
        self.put(node);
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => {
                if self.root.is_none() && self.documents < 2 && !node.is_null() {
                    self.root = Some(node);
                }
            }
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, waiting)) => match waiting.take() {
                Some((_, _, true)) => {}
                Some((key, place, false)) => entries.push(Entry { key, place, value: node }),
                None => match node.content {
                    Content::Scalar { text, .. } => {
                        let first = entries.iter().find(|entry| entry.key == text).map(|entry| entry.place.line);
                        if let Some(line) = first {
                            let problem = format!("The key `{text}` was already given on line {line}");
                            self.report.error(node.place, problem, "Keep one of the two.");
                        }
                        *waiting = Some((text, node.place, first.is_some()));
                    }
                    Content::List(_) | Content::Map(_) => {
                        let remedy = "If this is a text that begins with `{` or `[`, put it in quotes.";
                        self.report.error(node.place, "A list or map stands where a key is expected", remedy);
                        *waiting = Some((String::new(), node.place, true));
                    }
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(source: &[u8]) -> Vec<String> {
        let mut report = Report::on("f");
        if let Some(text) = text(source, &mut report) {
            tree(text, &mut report);
        }
        report.finish().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn keeps_places_of_keys_and_values() {
        let mut report = Report::on("f");
        let root = tree("a: 1\nlist:\n  - x\n  - |\n    one\n    two\nb: 'q'\n", &mut report).expect("reads");
        let Content::Map(entries) = root.content else { panic!("a map") };
        assert_eq!(entries[1].place, Place { line: 2, column: 1 });
        let Content::List(items) = &entries[1].value.content else { panic!("a list") };
        assert_eq!((items[0].place, items[1].place.line), (Place { line: 3, column: 5 }, 5));
        assert!(items[1].end_line >= 6, "{}", items[1].end_line);
        assert_eq!(entries[2].value.place, Place { line: 7, column: 4 });
        assert_eq!(report.count(), 0);
    }

    #[test]
    fn refuses_the_traps_of_yaml() {
        for (source, expected) in [
            (&b"a:\n\tb: 1\n"[..], "f:2:1: This line is indented with a tab"),
            (b"a: 1\na: 2\n", "f:2:1: The key `a` was already given on line 1"),
            (b"a: &x 1\nb: *x\n", "f:1:"),
            (b"a: !!str 1\n", "Tags (`!name`) are not supported"),
            (b"a: 1\n---\nb: 2\n", "A second document begins here"),
            (b"a: b\xE9\n", "f:1:5: The file is not UTF-8: byte 0xE9"),
            (b"", "The file is empty"),
            (b"# nothing\n", "The file is empty"),
            (b"a: 'open\nb: 2\n", "never closed"),
            (b"a: say: x\n", "Put the text in quotes when it contains a colon"),
            (b"a: {{ x }}\n", "put it in quotes"),
            (b"- a\n b: 1\n", "f:2:"),
            (b"a: [1, 2\n", "f:"),
        ] {
            let found = problems(source);
            assert!(found.iter().any(|line| line.contains(expected)), "{:?} gave {found:#?}", String::from_utf8_lossy(source));
        }
    }

    #[test]
    fn has_limits() {
        assert!(problems("[".repeat(100).as_bytes())[0].contains("nested more than 64 deep"));
        assert!(problems(&vec![b'a'; MAX_BYTES + 1])[0].contains("256 KiB is the most"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_a_tree_or_a_problem(source in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let mut report = Report::on("f");
            let tree = text(&source, &mut report).and_then(|text| tree(text, &mut report));
            proptest::prop_assert!(tree.is_some() || report.count() > 0);
        }

        #[test]
        fn any_yaml_like_text_gives_a_tree_or_a_problem(source in "[ \\-:a-c{}\\[\\]'\"|>&*!#\n\t]{0,80}") {
            let mut report = Report::on("f");
            let tree = tree(&source, &mut report);
            proptest::prop_assert!(tree.is_some() || report.count() > 0);
        }
    }
}
