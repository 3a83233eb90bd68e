//! Texts for the customer: one text, which is English, or a map of languages to texts.

use super::diagnostic::{Report, list};
use super::fields::{Fields, capital, words};
use super::node::{Content, Node, Words};
use crate::domain::language::ByLanguage;
use regex::Regex;
use std::sync::LazyLock;

/// What minijinja evaluates.
pub(crate) static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}").expect("a constant pattern"));

/// A text for the customer as its author wrote it.
pub type Wording = ByLanguage<Words>;

/// All ISO 639-1 codes.
const CODES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et \
    eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks \
    ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm \
    rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh \
    yi yo za zh zu";

/// Codes of countries and other wrong codes that people write for languages.
const MISTAKEN: &[(&str, &str)] = &[
    ("dk", "da"),
    ("gb", "en"),
    ("us", "en"),
    ("at", "de"),
    ("cz", "cs"),
    ("gr", "el"),
    ("jp", "ja"),
    ("cn", "zh"),
    ("ua", "uk"),
    ("english", "en"),
    ("swedish", "sv"),
    ("svenska", "sv"),
    ("swe", "sv"),
    ("german", "de"),
    ("deutsch", "de"),
    ("ger", "de"),
    ("deu", "de"),
    ("eng", "en"),
];

/// Whether this is the code of a language: two letters of ISO 639-1.
pub(crate) fn is_code(code: &str) -> bool {
    code.len() == 2 && CODES.split_ascii_whitespace().any(|known| known == code)
}

/// What to write instead of a wrong code.
pub(crate) fn meant(code: &str) -> String {
    let primary = code.split(['-', '_']).next().unwrap_or_default().to_lowercase();
    let known = MISTAKEN.iter().find(|(wrong, _)| *wrong == primary).map(|(_, right)| *right);
    match known.or(is_code(&primary).then_some(primary.as_str())) {
        Some(right) => format!("Did you mean `{right}`?"),
        None => "Write the two letters of the language, such as `en`, `sv` or `de`.".to_owned(),
    }
}

/// A text in one or several languages; what is wrong with it goes to the report.
pub(crate) fn wording(node: &Node, what: &str, report: &mut Report) -> Option<Wording> {
    let entries = match &node.content {
        Content::Map(entries) if !entries.is_empty() => entries,
        Content::Map(_) | Content::List(_) | Content::Scalar { .. } => return words(node, what, report).map(Wording::english),
    };
    let mut english = None;
    let mut others = Vec::new();
    for entry in entries {
        if !is_code(&entry.key) {
            report.error(entry.place, format!("`{}` is not a language", entry.key), meant(&entry.key));
            continue;
        }
        let Some(text) = words(&entry.value, &format!("{what} in `{}`", entry.key), report) else { continue };
        if entry.key == "en" {
            english = Some(text);
        } else {
            others.push((entry.key.clone(), text));
        }
    }
    if !entries.iter().any(|entry| entry.key == "en") {
        let there: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let problem = format!("{} has no English text (it has {})", capital(what), list(&there));
        report.error(node.place, problem, "Add `en:`: customers whose language is missing get English.");
    }
    Some(Wording { english: english?, others })
}

/// Whether a template says anything in a language, and does not only show variables.
pub(crate) fn has_words(template: &str) -> bool {
    CODE.replace_all(template, "").chars().any(char::is_alphabetic)
}

impl Fields<'_> {
    /// A text for the customer that may be missing.
    pub(crate) fn wording(&self, key: &str, report: &mut Report) -> Option<Wording> {
        wording(self.value(key)?, &format!("`{key}`"), report)
    }

    /// A text for the customer that must be there.
    pub(crate) fn required_wording(&self, key: &str, remedy: &str, report: &mut Report) -> Option<Wording> {
        if self.entry(key).is_none() {
            self.required(key, remedy, report);
            return None;
        }
        self.wording(key, report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> (Option<Wording>, Vec<String>) {
        let mut report = Report::on("f");
        let root = super::super::read::tree(source, &mut report).expect("reads");
        let fields = Fields::of(&root, "a step", &["say"], &mut report).expect("a map");
        let wording = fields.wording("say", &mut report);
        (wording, report.finish().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn one_text_is_english_and_a_map_is_many() {
        for (source, languages) in [
            ("say: Hello\n", vec![("en", "Hello")]),
            ("say: { en: Hello, sv: Hej }\n", vec![("en", "Hello"), ("sv", "Hej")]),
            ("say:\n  sv: Hej\n  de: |-\n    Hallo\n    du\n  en: Hello\n", vec![("en", "Hello"), ("sv", "Hej"), ("de", "Hallo\ndu")]),
        ] {
            let (wording, problems) = read(source);
            assert_eq!(problems, Vec::<String>::new(), "{source}");
            let wording = wording.expect(source);
            let mut found = vec![("en", wording.english.text.as_str())];
            found.extend(wording.others.iter().map(|(language, words)| (language.as_str(), words.text.as_str())));
            assert_eq!(found, languages, "{source}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_map() {
        for (source, expected) in [
            ("say: { sv: Hej }\n", "f:1:6: `say` has no English text (it has `sv`). Add `en:`"),
            ("say: { en: Hello, dk: Hej }\n", "f:1:19: `dk` is not a language. Did you mean `da`?"),
            ("say: { en: Hello, sv-SE: Hej }\n", "`sv-SE` is not a language. Did you mean `sv`?"),
            ("say: { en: Hello, foo: Hej }\n", "Write the two letters of the language"),
            ("say: { en: Hello, sv: '' }\n", "f:1:23: `say` in `sv` is empty"),
            ("say: { en: [a], sv: Hej }\n", "`say` in `en` is a text, not a list"),
            ("say: [a]\n", "`say` is a text, not a list"),
        ] {
            let (_, problems) = read(source);
            assert!(problems.len() == 1 && problems[0].contains(expected), "{source:?} gave {problems:#?}");
        }
    }
}
