//! The articles of `knowledge/*.md`: front matter with title, intents and language, then a text with `## ` headings; below a heading lines
//! with `? ` say how customers ask for that part.

use super::diagnostic::{Diagnostic, Place, Report, suggestion};
use super::fields::Fields;
use super::folder::SourceFile;
use super::wording::{is_code, meant};
use super::{file, read};
use crate::domain::ids::IntentId;
use crate::knowledge::{Article, Section};

/// The longest passage: a chat shows no more at once.
const MOST_CHARS: usize = 1_200;

/// What a line begins with that says how customers ask for a part.
const ASKED: &str = "? ";

/// Reads all articles; `intents` are the names that they may belong to, when all of them are known.
pub(crate) fn read_all(files: &[SourceFile], intents: &[&str]) -> (Vec<Article>, Vec<Diagnostic>) {
    let (mut articles, mut problems) = (Vec::new(), Vec::new());
    for source in files.iter().filter(|source| source.path.starts_with("knowledge/")) {
        let mut report = Report::on(&source.path);
        let article = read::text(&source.bytes, &mut report).and_then(|text| article(&source.path, text, intents, &mut report));
        problems.extend(report.finish());
        articles.extend(article);
    }
    (articles, problems)
}

fn article(path: &str, text: &str, intents: &[&str], report: &mut Report) -> Option<Article> {
    let Some((front, body)) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) else {
        report.error(
            Place::START,
            "The article has no front matter",
            "Begin with a line `---`, then `title:`, `intents:` and `language:`, then a line `---`.",
        );
        return None;
    };
    // An empty line takes the place of the first mark, so that lines count as in the file.
    let root = read::tree(&format!("\n{front}\n"), report)?;
    let fields = Fields::of(&root, "the front matter", &["title", "intents", "language", "link"], report)?;
    let title = fields.required("title", "Write what customers see it called.", report)?;
    let language = fields.words("language", report);
    if let Some(language) = language.as_ref().filter(|language| !is_code(&language.text)) {
        report.error(language.place, format!("`{}` is not a language", language.text), meant(&language.text));
    }
    let link = fields.words("link", report);
    if let Some(link) = link.as_ref().filter(|link| !link.text.starts_with("https://") || link.text.contains([' ', '(', ')', '<', '>'])) {
        report.error(link.place, "The link is no address", "Write it as `https://…`, or leave the line out.");
    }
    let named = fields.texts("intents", report);
    for intent in named.iter().filter(|intent| !intents.is_empty() && !intents.contains(&intent.text.as_str())) {
        report.error(intent.place, format!("There is no intent `{}`", intent.text), suggestion(&intent.text, intents));
    }
    let first_line = u32::try_from(front.lines().count() + 3).unwrap_or(u32::MAX);
    let sections = sections(body, first_line, report);
    if sections.is_empty() {
        report.error(Place::FILE, "The article has no text", "Write it below the front matter, with `## ` headings.");
    }
    Some(Article {
        name: file::stem(path).to_owned(),
        title: title.text,
        language: language.map_or_else(|| "en".to_owned(), |language| language.text),
        intents: named.into_iter().map(|intent| IntentId::from(intent.text)).collect(),
        link: link.map(|link| link.text),
        sections,
    })
}

fn sections(body: &str, first_line: u32, report: &mut Report) -> Vec<Section> {
    let mut sections = vec![(first_line, Section::default())];
    for (line, text) in (first_line..).zip(body.lines()) {
        if let Some(heading) = text.strip_prefix("## ") {
            let heading = heading.trim().to_owned();
            if sections.iter().any(|(_, section)| section.heading == heading) {
                report.error(
                    Place { line, column: 1 },
                    format!("The heading `{heading}` stands twice"),
                    "Give every part its own heading.",
                );
            }
            sections.push((line, Section { heading, ..Section::default() }));
        } else if let (Some(asked), Some((_, section))) = (text.strip_prefix(ASKED), sections.last_mut()) {
            let place = Place { line, column: 1 };
            if !section.text.trim().is_empty() {
                report.error(
                    place,
                    "A customer's wording stands below the text of its part",
                    "Put lines with `? ` directly below the heading, or at the top of the text.",
                );
            }
            match asked.trim() {
                "" => report.error(place, "There is no wording after `? `", "Write how customers ask for this part, or delete the line."),
                asked => section.asked.push(asked.to_owned()),
            }
        } else if let Some((_, section)) = sections.last_mut() {
            section.text.push_str(text);
            section.text.push('\n');
        }
    }
    for (line, section) in &mut sections {
        section.text = section.text.trim().to_owned();
        let place = Place { line: *line, column: 1 };
        if section.text.chars().count() > MOST_CHARS {
            report.error(
                place,
                format!("This part has more than {MOST_CHARS} characters"),
                "Divide it with another `## ` heading: a chat shows one part at a time.",
            );
        }
        if section.text.contains('<') {
            report.error(place, "This part has HTML", "Write plain CommonMark.");
        }
        if section.text.is_empty() && !section.heading.is_empty() {
            report.error(place, "There is nothing below this heading", "Write its text, or delete the heading.");
        }
    }
    sections.into_iter().map(|(_, section)| section).filter(|section| !section.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (Vec<Article>, Vec<String>) {
        let files = [SourceFile { path: "knowledge/late-fees.md".into(), bytes: text.as_bytes().to_vec() }];
        let (articles, problems) = read_all(&files, &["late_fee_explain"]);
        (articles, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_article_is_title_intents_and_passages() {
        let (articles, problems) = check(
            "---\ntitle: Late fees\nintents: [late_fee_explain]\nlanguage: en\n---\nIn short.\n\n## How much\n? what is it\n? the price\n\nSome.\nMore.\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let parts: Vec<(&str, &str)> =
            articles[0].sections.iter().map(|section| (section.heading.as_str(), section.text.as_str())).collect();
        assert_eq!(parts, [("", "In short."), ("How much", "Some.\nMore.")]);
        assert_eq!(articles[0].sections[1].asked, ["what is it", "the price"]);
        assert_eq!((articles[0].name.as_str(), articles[0].title.as_str()), ("late-fees", "Late fees"));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, expected) in [
            ("Late fees", "knowledge/late-fees.md:1:1: The article has no front matter"),
            ("---\ntitel: x\n---\ntext\n", "Did you mean `title`?"),
            (
                "---\ntitle: x\nintents: [late_fee_explian]\n---\ntext\n",
                "knowledge/late-fees.md:3:11: There is no intent `late_fee_explian`. Did you mean",
            ),
            ("---\ntitle: x\nlanguage: english\n---\ntext\n", "knowledge/late-fees.md:3:11: `english` is not a language"),
            ("---\ntitle: x\nlink: javascript:1\n---\ntext\n", "The link is no address"),
            ("---\ntitle: x\n---\n\n", "The article has no text"),
            ("---\ntitle: x\n---\ntext\n## A\n## B\nb\n", "knowledge/late-fees.md:5:1: There is nothing below this heading"),
            ("---\ntitle: x\n---\na <b>c</b>\n", "This part has HTML"),
            ("---\ntitle: x\n---\na\n? why\n", "knowledge/late-fees.md:5:1: A customer's wording stands below the text of its part"),
            ("---\ntitle: x\n---\n? \na\n", "knowledge/late-fees.md:4:1: There is no wording after `? `"),
            ("---\ntitle: x\n---\na\n## A\n? why\n", "knowledge/late-fees.md:5:1: There is nothing below this heading"),
            ("---\ntitle: x\n---\na\n## A\nb\n## A\nc\n", "knowledge/late-fees.md:7:1: The heading `A` stands twice"),
        ] {
            let (_, problems) = check(text);
            assert!(problems.iter().any(|problem| problem.contains(expected)), "{text:?} gave {problems:#?}");
        }
    }
}
