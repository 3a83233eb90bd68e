//! The wording of repair: `prompts/replies.yaml`, with the defaults of the binary for what a content folder leaves out.

use super::compile::refuse;
use super::diagnostic::{Diagnostic, Place, Report, list, suggestion};
use super::fields::words;
use super::folder::REPLIES;
use super::node::{Content, Words};
use super::wording::{is_code, meant};
use super::{names_in, read};
use crate::dialog::flow::TextId;
use crate::dialog::replies::REPLY_KEYS;
use crate::dialog::texts::add_text;
use minijinja::Environment;
use std::collections::HashMap;

/// The wording that every binary knows.
pub(crate) const DEFAULT: &str = include_str!("../../prompts/replies.yaml");

/// Compiles the defaults and then, over them, the content folder's own wording. Replies are kept as `key.language`.
pub(crate) fn load(own: Option<&[u8]>, texts: &mut Environment<'static>) -> (HashMap<String, TextId>, Vec<Diagnostic>) {
    let mut replies = HashMap::new();
    let mut problems = compile(DEFAULT.as_bytes(), texts, &mut replies);
    let built_in = problems.len();
    if let Some(own) = own {
        problems.extend(compile(own, texts, &mut replies));
    }
    // The project's tests keep the defaults clean; whoever edits content can't do anything about them.
    problems.drain(..built_in);
    (replies, problems)
}

fn compile(bytes: &[u8], texts: &mut Environment<'static>, replies: &mut HashMap<String, TextId>) -> Vec<Diagnostic> {
    let mut report = Report::on(REPLIES);
    let Some(source) = read::text(bytes, &mut report) else { return report.finish() };
    let Some(root) = read::tree(source, &mut report) else { return report.finish() };
    let Content::Map(entries) = &root.content else {
        report.error(root.place, format!("The file is a map of replies, not {}", root.kind()), "Write `key: { en: \"…\" }`.");
        return report.finish();
    };
    let keys: Vec<&str> = REPLY_KEYS.iter().map(|(key, _)| *key).collect();
    for entry in entries {
        let Some((_, variables)) = REPLY_KEYS.iter().find(|(key, _)| *key == entry.key) else {
            report.error(entry.place, format!("Unknown reply `{}`", entry.key), suggestion(&entry.key, &keys));
            continue;
        };
        let Content::Map(languages) = &entry.value.content else {
            report.error(entry.value.place, format!("`{}` is a map of languages", entry.key), "Write `en: \"…\"` below it.");
            continue;
        };
        for language in languages {
            if !is_code(&language.key) {
                report.error(language.place, format!("`{}` is not a language", language.key), meant(&language.key));
                continue;
            }
            let Some(text) = words(&language.value, &format!("`{}`", language.key), &mut report) else { continue };
            let id = TextId(format!("reply/{}.{}", entry.key, language.key));
            match add_text(texts, &id, &text.text) {
                Err(error) => refuse(&error, &text, source, "text", &mut report),
                Ok(()) => {
                    check_names(&entry.key, &id, &text, variables, source, texts, &mut report);
                    replies.insert(format!("{}.{}", entry.key, language.key), id);
                }
            }
        }
    }
    report.finish()
}

fn check_names(key: &str, id: &TextId, text: &Words, variables: &[&str], source: &str, texts: &Environment<'static>, report: &mut Report) {
    let mut known: Vec<&str> = variables.to_vec();
    known.extend(["today", "locale"]);
    for name in names_in(texts, &id.0) {
        let root = name.split('.').next().unwrap_or(&name);
        if known.contains(&root) || texts.globals().any(|(global, _)| global == root) {
            continue;
        }
        let place: Place = text.place_of(source, &name);
        report.error(place, format!("The reply `{key}` has no variable `{root}`"), format!("It can use {}.", list(&known)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialog::texts::environment;

    #[test]
    fn the_defaults_are_complete_and_clean() {
        let mut replies = HashMap::new();
        let problems = compile(DEFAULT.as_bytes(), &mut environment(), &mut replies);
        assert!(problems.is_empty(), "{problems:#?}");
        for (key, _) in REPLY_KEYS {
            assert!(replies.contains_key(&format!("{key}.en")), "{key} has no English wording");
        }
    }

    #[test]
    fn a_folder_overrides_key_by_key() {
        let (key, _) = REPLY_KEYS[0];
        let mut texts = environment();
        let own = format!("{key}:\n  en: Mine.\n");
        let (replies, problems) = load(Some(own.as_bytes()), &mut texts);
        assert!(problems.is_empty(), "{problems:#?}");
        let text = |name: String| texts.get_template(&replies[&name].0).map(|template| template.source().to_owned()).expect("compiled");
        assert_eq!(text(format!("{key}.en")), "Mine.");
        assert_ne!(text(format!("{}.en", REPLY_KEYS[1].0)), "Mine.");
    }

    #[test]
    fn says_what_is_wrong_in_it() {
        let (key, _) = REPLY_KEYS[0];
        for (own, expected) in [
            ("greeet:\n  en: Hi\n".to_owned(), "prompts/replies.yaml:1:1: Unknown reply `greeet`. Did you mean `greet`?".to_owned()),
            (
                format!("{key}:\n  en: Hi {{{{ nobody }}}}\n"),
                format!("prompts/replies.yaml:2:13: The reply `{key}` has no variable `nobody`"),
            ),
            (format!("{key}:\n  en: Hi {{{{ name\n"), "This text can't be read".to_owned()),
            (format!("{key}: Hi\n"), "is a map of languages".to_owned()),
            (format!("{key}:\n  english: Hi\n"), "`english` is not a language".to_owned()),
        ] {
            let (_, problems) = load(Some(own.as_bytes()), &mut environment());
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            assert!(lines.len() == 1 && lines[0].contains(&expected), "{own:?} gave {lines:#?}");
        }
    }
}
