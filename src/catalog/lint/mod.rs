//! What can be said about content that reads well and compiles: names that nobody knows, flows that go wrong, texts that
//! promise too much, examples that contradict each other.

mod calls;
mod examples;
mod flow;
mod graph;
mod intents;
mod languages;
mod links;
mod patterns;
mod texts;
mod variables;

pub(crate) use examples::{plain, short};

use super::diagnostic::{Diagnostic, Report};
use super::file::IntentFile;
use super::program::Program;
use minijinja::Environment;

/// Everything that was read, for lints that look across files.
pub(crate) struct Content<'a> {
    /// Files with their programs.
    pub(crate) files: &'a [(IntentFile, Program)],
    /// Compiled texts and expressions.
    pub(crate) texts: &'a Environment<'static>,
    /// Names of files that could not be read: links to them are not wrong.
    pub(crate) unread: &'a [String],
}

/// All lints over everything.
pub(crate) fn lint(content: &Content<'_>) -> Vec<Diagnostic> {
    let mut problems = intents::folder(content);
    let templates = texts::Templates::read(content);
    let carried = links::carried_slots(content);
    for (file, program) in content.files {
        let mut report = Report::on(&file.path);
        intents::lint(file, program, &mut report);
        examples::lint(file, &mut report);
        if !file.holes {
            calls::lint(file, program, &mut report);
            texts::lint(file, program, &templates, &mut report);
            let nothing = Vec::new();
            variables::lint(file, program, &templates, carried.get(file.intent.text.as_str()).unwrap_or(&nothing), &mut report);
            flow::lint(program, &templates, &mut report);
            languages::lint(file, program, &templates, &mut report);
            links::lint(file, program, content, &templates, &mut report);
        }
        problems.extend(report.finish());
    }
    problems.extend(links::cycles(content));
    problems.extend(examples::across_files(content));
    problems.extend(patterns::lint(content));
    problems
}
