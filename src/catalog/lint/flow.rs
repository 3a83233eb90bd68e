//! The shape of a flow: actions only after a yes, no loop without a question, no step that is never reached, nobody left
//! without an answer.

use super::graph::{is_question, reachable, ways};
use super::texts::Templates;
use crate::catalog::compile::Program;
use crate::catalog::diagnostic::Report;
use crate::dialog::flow::{Op, Verb};

/// Looks at the shape of one flow.
pub(super) fn lint(program: &Program, templates: &Templates, report: &mut Report) {
    let ops = &program.flow.ops;
    if ops.is_empty() {
        return;
    }
    let reached = reachable(ops, 0, |_| true);
    unconfirmed(program, &reached, report);
    loops(program, report);
    unreached(program, &reached, report);
    silent_branches(program, report);
    unseen_verdicts(program, templates, report);
}

/// What is known about the customer's yes when an instruction is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Yes {
    /// Given on every path, and not used up.
    Given,
    /// On some path an action has used it up (at that instruction).
    UsedBy(usize),
    /// On some path nobody asked.
    Missing,
}

impl Yes {
    /// What holds when two paths meet.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Yes::Missing, _) | (_, Yes::Missing) => Yes::Missing,
            (Yes::UsedBy(one), Yes::UsedBy(two)) => Yes::UsedBy(one.min(two)),
            (Yes::UsedBy(at), Yes::Given) | (Yes::Given, Yes::UsedBy(at)) => Yes::UsedBy(at),
            (Yes::Given, Yes::Given) => Yes::Given,
        }
    }
}

fn unconfirmed(program: &Program, reached: &[bool], report: &mut Report) {
    let ops = &program.flow.ops;
    let mut before: Vec<Option<Yes>> = vec![None; ops.len()];
    let mut open = vec![(0, Yes::Missing)];
    while let Some((at, yes)) = open.pop() {
        let Some(known) = before.get(at) else { continue };
        let met = known.map_or(yes, |known| known.and(yes));
        if *known == Some(met) {
            continue;
        }
        before[at] = Some(met);
        for way in ways(ops, at) {
            let after = match (&ops[at].verb, way) {
                (Verb::Confirm { .. }, super::graph::Way::On(_)) => Yes::Given,
                (Verb::Confirm { .. }, super::graph::Way::Aside(_)) => Yes::Missing,
                (Verb::Do { .. }, _) => Yes::UsedBy(at),
                (_, _) => met,
            };
            open.push((way.target(), after));
        }
    }
    for (at, op) in ops.iter().enumerate().filter(|(at, _)| reached[*at]) {
        let Verb::Do { name, .. } = &op.verb else { continue };
        match before[at] {
            Some(Yes::Given) | None => {}
            Some(Yes::UsedBy(other)) => {
                let line = program.places[other].line;
                let problem = format!("The customer's yes was used up by the action on line {line} before `do: {name}`");
                report.error(program.places[at], problem, "Ask again: put a `confirm` of its own before this action.");
            }
            Some(Yes::Missing) => {
                let problem = format!("`do: {name}` can be reached without a `confirm`");
                report.error(program.places[at], problem, "Put a `confirm` before it, on every path that leads here.");
            }
        }
    }
}

/// Jumps backwards that can come round again without anybody being asked.
fn loops(program: &Program, report: &mut Report) {
    let ops = &program.flow.ops;
    for (at, op) in ops.iter().enumerate() {
        let Verb::Jump(target) = op.verb else { continue };
        if target > at {
            continue;
        }
        if reachable(ops, target, |verb| !is_question(verb))[at] && !is_question(&ops[target].verb) {
            let line = program.places[target].line;
            let problem = format!("This `goto` goes back to line {line}, and nothing between asks the customer anything");
            report.error(program.places[at], problem, "Put an `ask`, a `choose` or a `confirm` into the loop, or hand over.");
        }
    }
}

/// The first instruction of every stretch that nothing leads to.
fn unreached(program: &Program, reached: &[bool], report: &mut Report) {
    let mut before = true;
    for (at, op) in program.flow.ops.iter().enumerate() {
        if !reached[at] && before && !is_glue(op) {
            report.warn(
                program.places[at],
                "This step is never reached",
                "The steps before it always end or go elsewhere: delete it, or move it up.",
            );
        }
        before = reached[at] || is_glue(op) && before;
    }
}

/// Added by the compiler, not by the author.
fn is_glue(op: &Op) -> bool {
    [".over", ".end", ".else", ".none"].iter().any(|ending| op.path.ends_with(ending))
}

/// After a refusal or a failure the customer must hear something.
fn silent_branches(program: &Program, report: &mut Report) {
    let ops = &program.flow.ops;
    for (at, op) in ops.iter().enumerate() {
        let (branch, target) = match &op.verb {
            Verb::Check { refused, .. } if *refused != at + 1 => ("refused", *refused),
            Verb::Do { failed: Some(failed), .. } => ("failed", *failed),
            Verb::Choose { none, .. } => ("none", *none),
            Verb::Confirm { no: Some(no), .. } => ("no", *no),
            Verb::Say(_) | Verb::Ask(_) | Verb::Lookup { .. } | Verb::Check { .. } => continue,
            Verb::Unless(..) | Verb::Jump(_) | Verb::Confirm { .. } | Verb::Do { .. } | Verb::Card { .. } => continue,
            Verb::Promise { .. } | Verb::Link(_) | Verb::HandOver { .. } | Verb::Done => continue,
        };
        if can_end_silently(ops, target) {
            let problem = format!("The `{branch}` branch can end without a word to the customer");
            report.warn(program.places[at], problem, "Say what this means and what the customer can do now, or hand over.");
        }
    }
}

/// Whether a path leads from here to the end of the flow past nothing that speaks.
fn can_end_silently(ops: &[Op], start: usize) -> bool {
    let speaks = |verb: &Verb| {
        is_question(verb)
            || matches!(
                verb,
                Verb::Say(_) | Verb::Promise { .. } | Verb::Card { .. } | Verb::Link(_) | Verb::HandOver { .. } | Verb::Do { .. }
            )
    };
    let seen = reachable(ops, start, |verb| !speaks(verb));
    if start >= ops.len() {
        return true;
    }
    let quiet = |at: &usize| seen[*at] && !speaks(&ops[*at].verb);
    (0..ops.len()).filter(quiet).any(|at| matches!(ops[at].verb, Verb::Done) || ways(ops, at).iter().any(|way| way.target() >= ops.len()))
}

/// A rule is asked, and nobody looks at its answer.
fn unseen_verdicts(program: &Program, templates: &Templates, report: &mut Report) {
    for (at, op) in program.flow.ops.iter().enumerate() {
        let Verb::Check { name, into, refused, .. } = &op.verb else { continue };
        let looked_at =
            |used: &crate::catalog::compile::Use| templates.names(used).iter().any(|known| known.split('.').next() == Some(into));
        if *refused == at + 1 && !program.uses.iter().any(looked_at) {
            let problem = format!("Nobody looks at what `{name}` answers");
            report.warn(program.places[at], problem, format!("Add `refused:` with steps, or test `{into}.allowed`."));
        }
    }
}
