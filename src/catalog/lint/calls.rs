//! Lookups, checks and actions: known names, known arguments, nothing forgotten.

use crate::catalog::compile::Program;
use crate::catalog::diagnostic::{Report, nearest, suggestion};
use crate::catalog::file::IntentFile;
use crate::catalog::steps::{Request, Step, StepKind};
use crate::dialog::CallKind;
use crate::dialog::call::{Argument, find, names};
use regex::Regex;
use std::sync::LazyLock;

/// An expression that is one word in quotes.
static ONE_WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"^\s*(?:'([^'"]*)'|"([^'"]*)")\s*$"#).expect("a constant pattern"));

/// Looks at every request of the flow.
pub(super) fn lint(file: &IntentFile, program: &Program, report: &mut Report) {
    for request in requests(&file.flow) {
        check(request, report);
    }
    for request in requests(&file.flow) {
        let reserved = ["slots", "customer", "today", "level", "text", "item", "locale"];
        if reserved.contains(&request.into.text.as_str()) || program.flow.slots.contains_key(&request.into.text) {
            let problem = format!("`{}` can't be the name of a variable", request.into.text);
            report.error(request.into.place, problem, "It names a slot or something that every expression sees: choose another name.");
        }
    }
}

fn check(request: &Request, report: &mut Report) {
    let name = &request.name;
    let (what, plural) = match request.kind {
        CallKind::Lookup => ("capability", "lookup"),
        CallKind::Check => ("rule", "check"),
        CallKind::Do => ("action", "do"),
    };
    let Some(callable) = find(request.kind, &name.text) else {
        let other = [CallKind::Lookup, CallKind::Check, CallKind::Do].into_iter().find(|kind| find(*kind, &name.text).is_some());
        let remedy = match other {
            Some(CallKind::Lookup) => "It is a capability: use `lookup`.".to_owned(),
            Some(CallKind::Check) => "It is a rule: use `check`.".to_owned(),
            Some(CallKind::Do) => "It is an action: use `do`.".to_owned(),
            None => suggestion(&name.text, &names(request.kind)),
        };
        report.error(name.place, format!("Unknown {what} `{}`", name.text), remedy);
        return;
    };
    for (argument, value) in &request.with {
        let Some(known) = callable.with.iter().find(|known| known.name == argument.text) else {
            let problem = format!("`{}` takes no argument `{}`", name.text, argument.text);
            report.error(argument.place, problem, argument_remedy(&argument.text, callable.with));
            continue;
        };
        let Some(found) = ONE_WORD.captures(&value.text) else { continue };
        let word = found.get(1).or_else(|| found.get(2)).map_or("", |word| word.as_str());
        if !known.words.is_empty() && !known.words.contains(&word) {
            report.error(value.place, format!("`{}` of `{}` can't be `{word}`", argument.text, name.text), suggestion(word, known.words));
        }
    }
    for missing in callable.with.iter().filter(|known| known.required && !request.with.iter().any(|(given, _)| given.text == known.name)) {
        let problem = format!("`{plural}: {}` needs the argument `{}`", name.text, missing.name);
        report.error(name.place, problem, format!("Add it: `with: {{ {}: … }}`.", missing.name));
    }
}

fn argument_remedy(given: &str, with: &[Argument]) -> String {
    let known: Vec<&str> = with.iter().map(|argument| argument.name).collect();
    match nearest(given, known.iter().copied()) {
        Some(name) => format!("Did you mean `{name}`?"),
        None if known.is_empty() => "It takes no arguments at all.".to_owned(),
        None => format!("It takes {}.", crate::catalog::diagnostic::list(&known)),
    }
}

/// All requests of these steps, nested ones too.
fn requests(steps: &[Step]) -> Vec<&Request> {
    let mut found = Vec::new();
    for step in steps {
        let branches: [Option<&[Step]>; 2] = match &step.kind {
            StepKind::Lookup(request) => {
                found.push(request);
                [None, None]
            }
            StepKind::Check(request, branch) | StepKind::Do(request, branch) => {
                found.push(request);
                [branch.as_deref(), None]
            }
            StepKind::Choose { none, .. } => [none.as_deref(), None],
            StepKind::Confirm(_, no) => [no.as_deref(), None],
            StepKind::When { then, otherwise, .. } => [Some(then), Some(otherwise)],
            StepKind::Say(_) | StepKind::Ask(_) | StepKind::Card { .. } | StepKind::Promise { .. } => [None, None],
            StepKind::Link(_) | StepKind::Goto(_) | StepKind::HandOver { .. } | StepKind::Done => [None, None],
        };
        branches.into_iter().flatten().for_each(|steps| found.extend(requests(steps)));
    }
    found
}
