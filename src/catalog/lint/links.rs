//! Links from flow to flow: to flows that exist, with a level that the customer can have, without going in circles.

use super::Content;
use super::graph::{is_question, reachable};
use super::texts::Templates;
use crate::catalog::compile::{Program, Role};
use crate::catalog::diagnostic::{Diagnostic, Place, Report, suggestion};
use crate::catalog::file::IntentFile;
use crate::dialog::flow::Verb;
use std::collections::{BTreeMap, HashMap};

/// Looks at the links of one flow.
pub(super) fn lint(file: &IntentFile, program: &Program, content: &Content<'_>, templates: &Templates, report: &mut Report) {
    let minds_level = program
        .uses
        .iter()
        .filter(|used| used.role == Role::Expression)
        .any(|used| templates.names(used).iter().any(|name| name == "level"));
    for (at, op) in program.flow.ops.iter().enumerate() {
        let Verb::Link(target) = &op.verb else { continue };
        let place = program.places[at];
        let found = content.files.iter().find(|(file, _)| file.intent.text == target.as_str());
        match found {
            Some((other, _)) => {
                if other.auth > file.auth && file.auth.0 == 0 && !minds_level {
                    let problem = format!("`{target}` needs a customer who is signed in, and this flow does not");
                    report.warn(
                        place,
                        problem,
                        "An anonymous customer is asked to sign in there; test `level` before the link if that is not meant.",
                    );
                }
            }
            None if content.unread.iter().any(|name| name == target.as_str()) => {}
            None => {
                let known: Vec<&str> = content.files.iter().map(|(file, _)| file.intent.text.as_str()).collect();
                report.error(place, format!("There is no intent `{target}` to link to"), suggestion(target.as_str(), &known));
            }
        }
    }
    for turn in file.tests.iter().flat_map(|test| &test.talk) {
        let Some(intent) = &turn.intent else { continue };
        let known = content.files.iter().any(|(file, _)| file.intent.text == intent.text) || content.unread.contains(&intent.text);
        if !known {
            let names: Vec<&str> = content.files.iter().map(|(file, _)| file.intent.text.as_str()).collect();
            report.error(intent.place, format!("There is no intent `{}`", intent.text), suggestion(&intent.text, &names));
        }
    }
}

/// For each intent the slots that flows which link to it may bring along.
pub(super) fn carried_slots<'a>(content: &'a Content<'_>) -> HashMap<&'a str, Vec<&'a str>> {
    let mut carried: HashMap<&str, Vec<&str>> = HashMap::new();
    for (_, program) in content.files {
        for op in &program.flow.ops {
            if let Verb::Link(target) = &op.verb {
                carried.entry(target.as_str()).or_default().extend(program.flow.slots.keys().map(String::as_str));
            }
        }
    }
    carried
}

/// Links that lead back to where they began without asking anything on the way.
pub(super) fn cycles(content: &Content<'_>) -> Vec<Diagnostic> {
    let mut links: BTreeMap<&str, Vec<(&str, Place)>> = BTreeMap::new();
    for (file, program) in content.files.iter().filter(|(file, program)| !file.holes && !program.flow.ops.is_empty()) {
        let ops = &program.flow.ops;
        let seen = reachable(ops, 0, |verb| !is_question(verb));
        for (at, op) in ops.iter().enumerate() {
            if let (true, Verb::Link(target)) = (seen[at], &op.verb) {
                links.entry(file.intent.text.as_str()).or_default().push((target.as_str(), program.places[at]));
            }
        }
    }
    let mut problems = Vec::new();
    for (file, _) in content.files {
        let start = file.intent.text.as_str();
        for (target, place) in links.get(start).into_iter().flatten() {
            let Some(way) = way_back(&links, target, start) else { continue };
            let mut report = Report::on(&file.path);
            let shown = std::iter::once(start).chain(way).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" → ");
            report.error(
                *place,
                format!("These links go in a circle without asking anything: {shown}"),
                "Ask the customer something on the way, or end one of these flows.",
            );
            problems.extend(report.finish());
        }
    }
    problems
}

/// The intents from `from` to `to`, both included.
fn way_back<'a>(links: &BTreeMap<&'a str, Vec<(&'a str, Place)>>, from: &'a str, to: &'a str) -> Option<Vec<&'a str>> {
    let mut came_from: HashMap<&str, &str> = HashMap::new();
    let mut open = std::collections::VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        if at == to {
            let mut way = vec![to];
            let mut step = to;
            while step != from {
                step = came_from.get(step).copied()?;
                way.push(step);
            }
            way.reverse();
            return Some(way);
        }
        for (next, _) in links.get(at).into_iter().flatten() {
            if *next != from && !came_from.contains_key(next) {
                came_from.insert(next, at);
                open.push_back(next);
            }
        }
    }
    None
}
