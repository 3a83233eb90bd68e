//! Where a flow can go from each instruction.

use crate::dialog::flow::{Op, Verb};

/// A way from one instruction to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To the next instruction: the condition is true, the rule allows it, the answer is yes, the action is done.
    On(usize),
    /// Elsewhere: the condition is false, the list is empty, the rule refuses, the answer is no, the action failed, a jump.
    Aside(usize),
}

impl Way {
    /// Where it leads; the length of the flow is its end.
    pub(super) fn target(self) -> usize {
        match self {
            Way::On(target) | Way::Aside(target) => target,
        }
    }
}

/// Where the flow can go after instruction `at`.
pub(super) fn ways(ops: &[Op], at: usize) -> Vec<Way> {
    let on = Way::On(at + 1);
    match &ops[at].verb {
        Verb::Say(_) | Verb::Ask(_) | Verb::Lookup { .. } | Verb::Card { .. } | Verb::Promise { .. } => vec![on],
        Verb::Choose { none, .. } => vec![on, Way::Aside(*none)],
        Verb::Check { refused, .. } => vec![on, Way::Aside(*refused)],
        Verb::Unless(_, target) => vec![on, Way::Aside(*target)],
        Verb::Jump(target) => vec![Way::Aside(*target)],
        Verb::Confirm { no, .. } => std::iter::once(on).chain(no.map(Way::Aside)).collect(),
        Verb::Do { failed, .. } => std::iter::once(on).chain(failed.map(Way::Aside)).collect(),
        Verb::Link(_) | Verb::HandOver { .. } | Verb::Done => Vec::new(),
    }
}

/// Whether the customer is asked something here.
pub(super) fn is_question(verb: &Verb) -> bool {
    matches!(verb, Verb::Ask(_) | Verb::Choose { .. } | Verb::Confirm { .. })
}

/// Which instructions can be reached from `start`, going through those that `through` accepts.
pub(super) fn reachable(ops: &[Op], start: usize, through: impl Fn(&Verb) -> bool) -> Vec<bool> {
    let mut seen = vec![false; ops.len()];
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        if at >= ops.len() || std::mem::replace(&mut seen[at], true) || !through(&ops[at].verb) {
            continue;
        }
        open.extend(ways(ops, at).into_iter().map(Way::target));
    }
    seen
}
