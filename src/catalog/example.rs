//! The line by which a sentence becomes an example of an intent: in which file, quoted and indented as it must stand there.

use super::lint::same_example;
use super::{Catalog, IntentFile};
use crate::domain::ids::IntentId;
use crate::domain::language::same;
use crate::yaml::write::scalar;
use serde::Serialize;

/// How deep the examples of files stand that have none yet.
const INDENT: usize = 4;

/// An example to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExampleLine {
    /// The file, from the content folder.
    pub file: String,
    /// The line to add below the language; with the line of the language above it where the file has none of it yet.
    pub line: String,
    /// Whether the file has this example already.
    pub already: bool,
}

impl Catalog {
    /// The file of an intent.
    pub fn file_of(&self, intent: &IntentId) -> Option<&IntentFile> {
        self.intents.iter().find(|file| file.intent.text == intent.as_str())
    }
}

impl IntentFile {
    /// The line by which this text becomes an example in that language.
    pub fn example_line(&self, language: &str, text: &str) -> ExampleLine {
        let examples = self.examples.iter().find(|(other, _)| same(other, language)).map(|(_, examples)| examples.as_slice());
        // The dash and a space stand before the text; columns count from 1.
        let indent = examples.and_then(<[_]>::first).map_or(INDENT, |first| (first.place.column as usize).saturating_sub(3));
        let line = format!("{:indent$}- {}", "", scalar(text));
        let already = examples.is_some_and(|examples| examples.iter().any(|known| same_example(&known.text, text)));
        let line = if examples.is_some() { line } else { format!("{:outer$}{language}:\n{line}", "", outer = INDENT / 2) };
        ExampleLine { file: self.path.clone(), line, already }
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::read;

    const FILE: &str = "intent: refund\ntitle: Refund\ndescription: Where it is.\nexamples:\n  en:\n    - where is my refund\n    - \"order #1: no refund\"\n  sv-SE:\n      - var är pengarna\nflow: []\n";

    #[test]
    fn a_line_stands_as_the_others_do() {
        let (file, problems) = read("intents/refund.yaml", FILE.as_bytes());
        let file = file.unwrap_or_else(|| panic!("{problems:?}"));
        for (language, text, line, already) in [
            ("en", "money: gone", "    - \"money: gone\"", false),
            ("en", "Where is my refund??", "    - Where is my refund??", true),
            ("en", "order 1 no refund", "    - order 1 no refund", true),
            ("sv", "pengarna är borta", "      - pengarna är borta", false),
            ("fi", "missä rahat", "  fi:\n    - missä rahat", false),
        ] {
            let found = file.example_line(language, text);
            assert_eq!((found.line.as_str(), found.already, found.file.as_str()), (line, already, "intents/refund.yaml"));
            if language != "fi" && !already {
                let after = if language == "en" { "    - where is my refund\n" } else { "      - var är pengarna\n" };
                let (again, _) = read("intents/refund.yaml", FILE.replace(after, &format!("{after}{line}\n")).as_bytes());
                let texts: Vec<String> = again.expect("still reads").examples.into_values().flatten().map(|words| words.text).collect();
                assert!(texts.contains(&text.to_owned()), "{texts:?}");
            }
        }
    }
}
