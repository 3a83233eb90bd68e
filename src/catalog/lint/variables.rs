//! Which variables and slots have a value where a text or expression uses them, and which fields they have.

use super::graph::{Way, reachable, ways};
use super::texts::Templates;
use crate::catalog::compile::{Program, Role, Use};
use crate::catalog::diagnostic::{Place, Report, list, nearest, suggestion};
use crate::catalog::file::IntentFile;
use crate::dialog::CallKind;
use crate::dialog::call::{CUSTOMER, Field, Holds, REFUSAL, find};
use crate::dialog::flow::{Op, SlotKind, Verb};
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static IS_DEFINED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"([A-Za-z_][\w.]*)\s+is\s+(not\s+)?(defined|undefined)\b").expect("a constant pattern"));
static DEFAULTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([A-Za-z_][\w.]*)\s*\|\s*(?:default|d)\b").expect("a constant pattern"));
static TESTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:if|elif|and|or|not)\s+(?:not\s+)?([A-Za-z_][\w.]*)|^\s*([A-Za-z_][\w.]*)\s+(?:and|or)\b").expect("a constant pattern")
});

/// What is known about one variable or slot at one instruction.
#[derive(Clone, Debug)]
struct Known {
    /// It has a value on every path.
    certain: bool,
    /// The fields that it can have; empty when it has none or nobody knows.
    shapes: Vec<&'static [Field]>,
}

impl Known {
    fn new(shapes: Vec<&'static [Field]>) -> Self {
        Self { certain: true, shapes }
    }

    /// Takes in what holds on another path; whether that changed anything.
    fn meet(&mut self, other: &Self) -> bool {
        let mut changed = self.certain && !other.certain;
        self.certain &= other.certain;
        for shape in &other.shapes {
            if !self.shapes.iter().any(|known| std::ptr::eq(*known, *shape)) {
                self.shapes.push(shape);
                changed = true;
            }
        }
        changed
    }
}

/// By variable, or `slots.NAME`.
type State = BTreeMap<String, Known>;

/// Looks at every name that a flow's texts and expressions use.
pub(super) fn lint(file: &IntentFile, program: &Program, templates: &Templates, carried: &[&str], report: &mut Report) {
    let states = states(program, templates, carried);
    let lint = Lint { file, program, templates };
    for used in &program.uses {
        let Some(Some(state)) = states.get(used.op) else { continue };
        for name in templates.names(used) {
            lint.name(name, used, state, report);
        }
    }
    lint.slots(report);
}

/// What is known before each instruction; `None` where nothing leads.
fn states(program: &Program, templates: &Templates, carried: &[&str]) -> Vec<Option<State>> {
    let ops = &program.flow.ops;
    let mut states: Vec<Option<State>> = vec![None; ops.len()];
    let mut start = State::new();
    for slot in program.flow.slots.values().filter(|slot| slot.prefill || carried.contains(&slot.name.as_str())) {
        start.insert(format!("slots.{}", slot.name), Known { certain: false, shapes: Vec::new() });
    }
    let mut open = vec![(0, start)];
    while let Some((at, state)) = open.pop() {
        let Some(known) = states.get_mut(at) else { continue };
        let changed = match known {
            None => {
                *known = Some(state);
                true
            }
            Some(known) => meet(known, &state),
        };
        if !changed {
            continue;
        }
        let Some(before) = states[at].clone() else { continue };
        for way in ways(ops, at) {
            open.push((way.target(), after(program, templates, at, way, before.clone())));
        }
    }
    states
}

fn meet(known: &mut State, other: &State) -> bool {
    let mut changed = false;
    for (name, value) in known.iter_mut() {
        match other.get(name) {
            Some(other) => changed |= value.meet(other),
            None => changed |= std::mem::replace(&mut value.certain, false),
        }
    }
    for (name, value) in other {
        if !known.contains_key(name) {
            known.insert(name.clone(), Known { certain: false, shapes: value.shapes.clone() });
            changed = true;
        }
    }
    changed
}

/// What is known after an instruction, on one of its ways.
fn after(program: &Program, templates: &Templates, at: usize, way: Way, mut state: State) -> State {
    let gives = |kind, name: &str| find(kind, name).map(|callable| callable.gives).into_iter().collect::<Vec<_>>();
    match (&program.flow.ops[at].verb, way) {
        (Verb::Ask(slot), _) => {
            state.insert(format!("slots.{slot}"), Known::new(Vec::new()));
        }
        (Verb::Choose { slot, .. }, Way::On(_)) => {
            let shapes = records(program, templates, at, &state);
            state.insert(format!("slots.{slot}"), Known::new(shapes));
        }
        (Verb::Lookup { name, into, .. }, _) => {
            state.insert(into.clone(), Known::new(gives(CallKind::Lookup, name)));
        }
        (Verb::Check { name, into, .. }, _) => {
            state.insert(into.clone(), Known::new(gives(CallKind::Check, name)));
        }
        (Verb::Do { name, into, .. }, Way::On(_)) => {
            state.insert(into.clone(), Known::new(gives(CallKind::Do, name)));
        }
        (Verb::Do { into, .. }, Way::Aside(_)) => {
            state.insert(into.clone(), Known::new(vec![REFUSAL]));
        }
        (Verb::Unless(..), way) => {
            let condition = program.uses.iter().find(|used| used.op == at).map_or("", |used| used.words.text.as_str());
            for found in IS_DEFINED.captures_iter(condition) {
                let positive = found.get(2).is_none() == (&found[3] == "defined");
                if positive == matches!(way, Way::On(_)) {
                    state.entry(key(&found[1]).0).or_insert_with(|| Known::new(Vec::new())).certain = true;
                }
            }
        }
        (Verb::Choose { .. }, Way::Aside(_)) | (Verb::Say(_) | Verb::Jump(_) | Verb::Confirm { .. }, _) => {}
        (Verb::Card { .. } | Verb::Promise { .. } | Verb::Link(_) | Verb::HandOver { .. } | Verb::Done, _) => {}
    }
    state
}

/// The fields of the records that a `choose` offers.
fn records(program: &Program, templates: &Templates, at: usize, state: &State) -> Vec<&'static [Field]> {
    let from = program.uses.iter().filter(|used| used.op == at && used.role == Role::Expression);
    let mut shapes: Vec<&'static [Field]> = Vec::new();
    for name in from.flat_map(|used| templates.names(used)) {
        let (key, rest) = key(name);
        let Some(known) = state.get(&key) else { continue };
        for shape in &known.shapes {
            if let Some(Holds::Records(item)) = walk(shape, &rest) {
                shapes.push(item);
            }
        }
    }
    shapes
}

/// What stands at the end of these attributes; `None` when there is no such thing.
fn walk(shape: &'static [Field], attributes: &[&str]) -> Option<Holds> {
    let (first, rest) = attributes.split_first()?;
    let field = shape.iter().find(|field| field.name == *first)?;
    match field.holds {
        holds if rest.is_empty() => Some(holds),
        Holds::Record(fields) => walk(fields, rest),
        Holds::Value | Holds::Records(_) => None,
    }
}

/// `slots.order.merchant` is the slot `slots.order` and the attribute `merchant`.
fn key(name: &str) -> (String, Vec<&str>) {
    let mut parts: Vec<&str> = name.split('.').collect();
    let length = if parts[0] == "slots" { 2.min(parts.len()) } else { 1 };
    let rest = parts.split_off(length);
    (parts.join("."), rest)
}

struct Lint<'a> {
    file: &'a IntentFile,
    program: &'a Program,
    templates: &'a Templates,
}

impl Lint<'_> {
    fn name(&self, name: &str, used: &Use, state: &State, report: &mut Report) {
        let place = used.words.place_of(&self.file.source, name);
        let (key, rest) = key(name);
        match key.as_str() {
            "today" | "level" | "text" | "locale" | "slots" => {}
            "customer" => self.fields("customer", &[CUSTOMER], &rest, place, report),
            "item" if used.role == Role::Label => {
                let shapes = records(self.program, self.templates, used.op, state);
                self.fields("item", &shapes, &rest, place, report);
            }
            "item" => {
                report.error(place, "`item` is known only in the `label` of a `choose`", "Here the record is in the slot: `slots.NAME`.")
            }
            global if self.templates.globals.contains(global) => {}
            _ => match state.get(&key) {
                Some(known) => {
                    self.fields(&key, &known.shapes, &rest, place, report);
                    // A slot without a value is null, which is fine unless somebody looks inside it.
                    let fine_as_null = key.starts_with("slots.") && rest.is_empty();
                    if !(known.certain || fine_as_null || guarded(&key, &used.words.text)) {
                        let problem = format!("`{key}` may have no value here: it is set on some of the paths that lead here only");
                        report.warn(place, problem, format!("Set it on every path, or test it first: `{key} is defined`."));
                    }
                }
                None => self.unset(&key, used, place, report),
            },
        }
    }

    /// A name that nothing before this instruction gives a value.
    fn unset(&self, key: &str, used: &Use, place: Place, report: &mut Report) {
        if let Some(slot) = key.strip_prefix("slots.") {
            let slots = &self.program.flow.slots;
            if !slots.contains_key(slot) {
                let known: Vec<&str> = slots.keys().map(String::as_str).collect();
                report.error(place, format!("Unknown slot `{slot}`"), suggestion(slot, &known));
            } else if !guarded(key, &used.words.text) && used.role != Role::Expression {
                let remedy = "Put its `ask` or `choose` before this step.";
                report.error(place, format!("The slot `{slot}` has no value here: nothing asked for it before"), remedy);
            }
            return;
        }
        let setters = self.setters();
        if let Some((_, line)) = setters.iter().find(|(name, _)| name == key) {
            if !guarded(key, &used.words.text) {
                let problem = format!("`{key}` has no value here: it is set on line {line}, which does not come before");
                report.error(place, problem, "Move that step up.");
            }
            return;
        }
        let mut known: Vec<&str> = setters.iter().map(|(name, _)| name.as_str()).collect();
        known.extend(["slots", "customer", "today", "level", "text"]);
        let slots = &self.program.flow.slots;
        let remedy = if slots.contains_key(key) {
            format!("The slot is `slots.{key}`.")
        } else if used.role == Role::Expression && used.words.text.trim() == key && nearest(key, known.iter().copied()).is_none() {
            format!("If the word is meant, put it in quotes inside the expression: \"'{key}'\".")
        } else if let Some(name) = nearest(key, known.iter().copied()) {
            format!("Did you mean `{name}`?")
        } else {
            format!("Known here: {}.", list(&known))
        };
        report.error(place, format!("Unknown variable `{key}`"), remedy);
    }

    /// Attributes that a record doesn't have.
    fn fields(&self, key: &str, shapes: &[&'static [Field]], attributes: &[&str], place: Place, report: &mut Report) {
        if attributes.is_empty() || shapes.is_empty() || shapes.iter().any(|shape| walk(shape, attributes).is_some()) {
            return;
        }
        let mut level: Vec<&'static [Field]> = shapes.to_vec();
        let mut path = key.to_owned();
        for attribute in attributes {
            let fields: Vec<&'static Field> =
                level.iter().flat_map(|shape| shape.iter()).filter(|field| field.name == *attribute).collect();
            if fields.is_empty() {
                let known: Vec<&str> = level.iter().flat_map(|shape| shape.iter()).map(|field| field.name).collect();
                report.error(place, format!("`{path}` has no field `{attribute}`"), suggestion(attribute, &known));
                return;
            }
            path = format!("{path}.{attribute}");
            level = fields.iter().filter_map(|field| if let Holds::Record(fields) = field.holds { Some(fields) } else { None }).collect();
            if level.is_empty() {
                let is_list = fields.iter().any(|field| matches!(field.holds, Holds::Records(_)));
                let remedy = if is_list {
                    format!("It is a list: take one record first, for example `({path}|first)`.")
                } else {
                    "It is a single value.".to_owned()
                };
                report.error(place, format!("`{path}` has no fields"), remedy);
                return;
            }
        }
    }

    /// Variables of the flow with the line that sets them.
    fn setters(&self) -> Vec<(String, u32)> {
        let sets = |op: &Op| match &op.verb {
            Verb::Lookup { into, .. } | Verb::Check { into, .. } | Verb::Do { into, .. } => Some((into.clone(), op.line)),
            Verb::Say(_) | Verb::Ask(_) | Verb::Choose { .. } | Verb::Unless(..) | Verb::Jump(_) | Verb::Confirm { .. } => None,
            Verb::Card { .. } | Verb::Promise { .. } | Verb::Link(_) | Verb::HandOver { .. } | Verb::Done => None,
        };
        self.program.flow.ops.iter().filter_map(sets).collect()
    }

    /// Slots that nobody asks for or looks at.
    fn slots(&self, report: &mut Report) {
        let ops = &self.program.flow.ops;
        for spec in &self.file.slots {
            let name = spec.name.text.as_str();
            let asks: Vec<usize> =
                (0..ops.len()).filter(|at| matches!(&ops[*at].verb, Verb::Ask(slot) | Verb::Choose { slot, .. } if slot == name)).collect();
            let full = format!("slots.{name}");
            let read = self
                .program
                .uses
                .iter()
                .any(|used| self.templates.names(used).iter().any(|known| known == "slots" || key(known).0 == full));
            if asks.is_empty() && !read {
                report.warn(
                    spec.name.place,
                    format!("Nothing asks for the slot `{name}`, and nothing uses it"),
                    format!("Add `ask: {name}` to the flow, or delete the slot."),
                );
                continue;
            }
            let Some(first) = asks.first() else { continue };
            // A person who takes over sees the answers; another flow may get them with a link.
            let seen = reachable(ops, *first, |_| true);
            let passed_on = (0..ops.len()).any(|at| seen[at] && matches!(ops[at].verb, Verb::HandOver { .. } | Verb::Link(_)));
            if !read && !passed_on {
                report.warn(
                    self.program.places[*first],
                    format!("The customer is asked for `{name}`, and nothing uses the answer"),
                    "Use it, or don't ask.",
                );
            }
        }
        for slot in self.program.flow.slots.values().filter(|slot| matches!(slot.kind, SlotKind::Choice(_))) {
            self.compared_options(&slot.name, &slot.kind, report);
        }
    }

    /// `slots.reason == 'lots'` when there is no such option.
    fn compared_options(&self, slot: &str, kind: &SlotKind, report: &mut Report) {
        let SlotKind::Choice(options) = kind else { return };
        let ids: Vec<&str> = options.iter().map(|option| option.id.as_str()).collect();
        let needle = format!("slots.{slot}");
        for used in &self.program.uses {
            for (at, _) in used.words.text.match_indices(&needle) {
                let rest = used.words.text[at + needle.len()..].trim_start();
                let Some(rest) = rest.strip_prefix("==").or_else(|| rest.strip_prefix("!=")) else { continue };
                let rest = rest.trim_start();
                let Some(quote) = rest.chars().next().filter(|c| ['\'', '"'].contains(c)) else { continue };
                let Some(word) = rest[1..].split(quote).next() else { continue };
                if !ids.contains(&word) {
                    let place = used.words.place_of(&self.file.source, word);
                    report.error(place, format!("The choice `{slot}` has no option `{word}`"), suggestion(word, &ids));
                }
            }
        }
    }
}

/// Whether the text itself takes care of a missing value.
fn guarded(key: &str, text: &str) -> bool {
    let names = |pattern: &Regex| {
        pattern
            .captures_iter(text)
            .any(|found| found.iter().skip(1).flatten().any(|name| name.as_str() == key || name.as_str().starts_with(&format!("{key}."))))
    };
    names(&IS_DEFINED) || names(&DEFAULTED) || (key.starts_with("slots.") && names(&TESTED))
}
