//! Nested steps to a flat program, texts and expressions to compiled templates.

use super::diagnostic::{Place, Report, nearest, suggestion};
use super::file::IntentFile;
use super::node::Words;
use super::program::{Program, Role, TRANSLATION, Use};
use super::slots::{SlotSpec, SlotType};
use super::steps::{Request, Step, StepKind};
use super::wording::{Wording, has_words};
use crate::dialog::call::{CARDS, QUEUES};
use crate::dialog::flow::{ChoiceOption, ExprId, Flow, Op, Slot, SlotKind, Text, TextId, Verb};
use crate::dialog::texts::{add_expr, add_text};
use crate::domain::ids::IntentId;
use minijinja::Environment;
use std::collections::{BTreeMap, HashMap};

/// Compiles a file's steps; problems of texts, jumps and names go to the report.
pub(crate) fn compile(file: &IntentFile, texts: &mut Environment<'static>, report: &mut Report) -> Program {
    let mut compiler = Compiler {
        intent: &file.intent.text,
        source: &file.source,
        languages: file.languages(),
        texts,
        report,
        slots: BTreeMap::new(),
        slot_uses: HashMap::new(),
        ops: Vec::new(),
        places: Vec::new(),
        uses: Vec::new(),
        labels: HashMap::new(),
        jumps: Vec::new(),
        furthest: 0,
    };
    for spec in &file.slots {
        compiler.slot(spec);
    }
    compiler.steps(&file.flow, "");
    compiler.resolve_jumps();
    let (slots, ops, places, uses, languages) = (compiler.slots, compiler.ops, compiler.places, compiler.uses, compiler.languages);
    let flow = Flow {
        intent: IntentId::from(file.intent.text.as_str()),
        title: file.title.map(|title| title.text.clone()),
        auth: file.auth,
        queue: file.queue.as_ref().map(|queue| queue.text.clone()).unwrap_or_default(),
        priority: file.priority,
        languages,
        slots,
        ops,
    };
    Program { flow, places, uses }
}

struct Compiler<'a> {
    intent: &'a str,
    source: &'a str,
    /// Languages beside English that the flow speaks.
    languages: Vec<String>,
    texts: &'a mut Environment<'static>,
    report: &'a mut Report,
    slots: BTreeMap<String, Slot>,
    /// Texts of each slot, for the instructions that ask for it.
    slot_uses: HashMap<String, Vec<(String, Wording)>>,
    ops: Vec<Op>,
    places: Vec<Place>,
    uses: Vec<Use>,
    /// First instruction of the step with this id.
    labels: HashMap<String, (usize, Place)>,
    /// Jumps that wait for their label.
    jumps: Vec<(usize, Words)>,
    /// The furthest instruction that a jump leads to so far.
    furthest: usize,
}

impl Compiler<'_> {
    fn slot(&mut self, spec: &SlotSpec) {
        let name = &spec.name.text;
        let mut uses = Vec::new();
        let mut text = |this: &mut Self, key: &str, wording: &Wording| {
            let key = format!("slots.{name}.{key}");
            let text = this.text(&key, wording);
            uses.push((key, wording.clone()));
            text
        };
        let ask = spec.ask.as_ref().map(|words| text(self, "ask", words));
        let help = spec.help.as_ref().map(|words| text(self, "help", words));
        let mut options = Vec::new();
        for option in &spec.options {
            let label = text(self, &format!("options.{}", option.id.text), &option.label);
            options.push(ChoiceOption { id: option.id.text.clone(), label, matches: option.matches.clone() });
        }
        let kind = match spec.kind {
            SlotType::Text => SlotKind::Text,
            SlotType::YesNo => SlotKind::YesNo,
            SlotType::Choice => SlotKind::Choice(options),
            SlotType::Date => SlotKind::Date { past: spec.past, future: spec.future },
            SlotType::Money => SlotKind::Money,
            SlotType::Number => SlotKind::Number { min: spec.min, max: spec.max },
            SlotType::Reference => SlotKind::Reference,
        };
        let slot = Slot { name: name.clone(), kind, ask, help, optional: spec.optional, prefill: spec.prefill };
        self.slots.insert(name.clone(), slot);
        self.slot_uses.insert(name.clone(), uses);
    }

    fn steps(&mut self, steps: &[Step], prefix: &str) {
        for (index, step) in steps.iter().enumerate() {
            let path = step.id.as_ref().map_or_else(|| format!("{prefix}{index}"), |id| id.text.clone());
            self.step(step, &path);
        }
    }

    fn step(&mut self, step: &Step, path: &str) {
        if let Some(id) = &step.id {
            let here = self.ops.len();
            if let Some((_, first)) = self.labels.insert(id.text.clone(), (here, id.place)) {
                let problem = format!("The step id `{}` was already given on line {}", id.text, first.line);
                self.report.error(id.place, problem, "Give every step of a flow its own id.");
            }
        }
        let skip = step.condition.as_ref().map(|condition| {
            let test = self.expression(&format!("{path}.if"), condition);
            let op = self.push(format!("{path}.if"), step.place, Verb::Unless(test, 0));
            self.used(op, Role::Expression, format!("{path}.if"), condition);
            op
        });
        self.kind(step, path);
        if let Some(op) = skip {
            let end = self.ops.len();
            self.aim(op, end);
        }
    }

    fn kind(&mut self, step: &Step, path: &str) {
        let place = step.place;
        match &step.kind {
            StepKind::Say(wording) => {
                let text = self.text(&format!("{path}.say"), wording);
                let op = self.push(path.to_owned(), place, Verb::Say(text));
                self.used_text(op, Role::Said, &format!("{path}.say"), wording);
            }
            StepKind::Ask(slot) => self.ask(slot, path, place),
            StepKind::Choose { slot, from, label, ask, none, pick_single } => {
                let default = Words { text: "{{ item.label }}".to_owned(), place: from.place, end_line: from.end_line };
                let default = Wording::english(default);
                let label = label.as_ref().unwrap_or(&default);
                let record =
                    Slot { name: slot.text.clone(), kind: SlotKind::Record, ask: None, help: None, optional: false, prefill: false };
                self.slots.entry(slot.text.clone()).or_insert(record);
                let verb = Verb::Choose {
                    slot: slot.text.clone(),
                    from: self.expression(&format!("{path}.from"), from),
                    label: self.text(&format!("{path}.label"), label),
                    ask: self.text(&format!("{path}.ask"), ask),
                    none: 0,
                    pick_single: *pick_single,
                };
                let op = self.push(path.to_owned(), place, verb);
                self.used(op, Role::Expression, format!("{path}.from"), from);
                self.used_text(op, Role::Label, &format!("{path}.label"), label);
                self.used_text(op, Role::Said, &format!("{path}.ask"), ask);
                match none {
                    Some(steps) => self.branch(op, steps, &format!("{path}.none")),
                    None => self.hand_over_when_nothing_to_choose(op, path, place),
                }
            }
            StepKind::Lookup(request) => {
                let with = self.arguments(request, path);
                let verb = Verb::Lookup { name: request.name.text.clone(), with, into: request.into.text.clone() };
                let op = self.push(path.to_owned(), place, verb);
                self.used_arguments(op, request, path);
            }
            StepKind::Check(request, refused) => {
                let with = self.arguments(request, path);
                let verb = Verb::Check { name: request.name.text.clone(), with, into: request.into.text.clone(), refused: 0 };
                let op = self.push(path.to_owned(), place, verb);
                self.used_arguments(op, request, path);
                match refused {
                    Some(steps) => self.branch(op, steps, &format!("{path}.refused")),
                    None => self.aim(op, op + 1),
                }
            }
            StepKind::Do(request, failed) => {
                let with = self.arguments(request, path);
                let verb = Verb::Do { name: request.name.text.clone(), with, into: request.into.text.clone(), failed: None };
                let op = self.push(path.to_owned(), place, verb);
                self.used_arguments(op, request, path);
                if let Some(steps) = failed {
                    self.branch(op, steps, &format!("{path}.failed"));
                }
            }
            StepKind::When { test, then, otherwise } => {
                let condition = self.expression(&format!("{path}.when"), test);
                let op = self.push(path.to_owned(), place, Verb::Unless(condition, 0));
                self.used(op, Role::Expression, format!("{path}.when"), test);
                self.steps(then, &format!("{path}.then."));
                let over = (!otherwise.is_empty() && !self.ended()).then(|| self.push(format!("{path}.else"), place, Verb::Jump(0)));
                let start = self.ops.len();
                self.aim(op, start);
                self.steps(otherwise, &format!("{path}.else."));
                if let Some(over) = over {
                    let end = self.ops.len();
                    self.aim(over, end);
                }
            }
            StepKind::Confirm(wording, no) => {
                let text = self.text(&format!("{path}.confirm"), wording);
                let op = self.push(path.to_owned(), place, Verb::Confirm { text, no: None });
                self.used_text(op, Role::Said, &format!("{path}.confirm"), wording);
                if let Some(steps) = no {
                    self.branch(op, steps, &format!("{path}.no"));
                }
            }
            StepKind::Card { card, title, fields, fields_from } => {
                self.known(card, CARDS, "card");
                let verb = Verb::Card {
                    card: card.text.clone(),
                    title: title.as_ref().map(|title| self.text(&format!("{path}.title"), title)),
                    fields: fields
                        .iter()
                        .enumerate()
                        .map(|(row, (label, value))| {
                            (self.text(&format!("{path}.label.{row}"), label), self.text(&format!("{path}.value.{row}"), value))
                        })
                        .collect(),
                    fields_from: fields_from.as_ref().map(|from| self.expression(&format!("{path}.fields_from"), from)),
                };
                let op = self.push(path.to_owned(), place, verb);
                if let Some(title) = title {
                    self.used_text(op, Role::Said, &format!("{path}.title"), title);
                }
                for (row, (label, value)) in fields.iter().enumerate() {
                    self.used_text(op, Role::Said, &format!("{path}.label.{row}"), label);
                    self.used_text(op, Role::Said, &format!("{path}.value.{row}"), value);
                }
                if let Some(from) = fields_from {
                    self.used(op, Role::Expression, format!("{path}.fields_from"), from);
                }
            }
            StepKind::Promise { text, due, subject } => {
                let verb = Verb::Promise {
                    text: self.text(&format!("{path}.promise"), text),
                    due: self.expression(&format!("{path}.due"), due),
                    subject: subject.as_ref().map_or_else(|| self.intent.to_owned(), |subject| subject.text.clone()),
                };
                let op = self.push(path.to_owned(), place, verb);
                self.used_text(op, Role::Promised, &format!("{path}.promise"), text);
                self.used(op, Role::Expression, format!("{path}.due"), due);
            }
            StepKind::Link(target) => {
                self.push(path.to_owned(), target.place, Verb::Link(IntentId::from(target.text.as_str())));
            }
            StepKind::Goto(label) => {
                let op = self.push(path.to_owned(), place, Verb::Jump(0));
                self.jumps.push((op, label.clone()));
            }
            StepKind::HandOver { reason, say, queue, priority } => {
                if let Some(queue) = queue {
                    self.known(queue, QUEUES, "queue");
                }
                let verb = Verb::HandOver {
                    reason: reason.text.clone(),
                    say: say.as_ref().map(|say| self.text(&format!("{path}.say"), say)),
                    queue: queue.as_ref().map(|queue| queue.text.clone()),
                    priority: *priority,
                };
                let op = self.push(path.to_owned(), place, verb);
                if let Some(say) = say {
                    self.used_text(op, Role::Said, &format!("{path}.say"), say);
                }
            }
            StepKind::Done => {
                self.push(path.to_owned(), place, Verb::Done);
            }
        }
    }

    fn ask(&mut self, slot: &Words, path: &str, place: Place) {
        match self.slots.get(&slot.text) {
            None => {
                let known: Vec<&str> = self.slots.keys().map(String::as_str).collect();
                let remedy = nearest(&slot.text, known)
                    .map_or_else(|| "Define it under `slots:`.".to_owned(), |name| format!("Did you mean `{name}`?"));
                self.report.error(slot.place, format!("Unknown slot `{}`", slot.text), remedy);
            }
            Some(known) if known.ask.is_none() && !matches!(known.kind, SlotKind::Record) => {
                let problem = format!("The slot `{}` has no question", slot.text);
                self.report.error(slot.place, problem, format!("Add `ask:` to `{}` under `slots:`.", slot.text));
            }
            Some(known) if matches!(known.kind, SlotKind::Record) => {
                let problem = format!("`{}` holds a record and can't be asked for", slot.text);
                self.report.error(slot.place, problem, "Only `choose` can offer records: use it here too.");
            }
            Some(_) => {}
        }
        let op = self.push(path.to_owned(), place, Verb::Ask(slot.text.clone()));
        for (key, wording) in self.slot_uses.get(&slot.text).cloned().unwrap_or_default() {
            self.used_text(op, Role::Said, &key, &wording);
        }
    }

    /// Steps that run instead of the rest of the flow: they end it when they run off their end.
    fn branch(&mut self, op: usize, steps: &[Step], prefix: &str) {
        let place = self.places[op];
        let over = self.push(format!("{prefix}.over"), place, Verb::Jump(0));
        let start = self.ops.len();
        self.aim(op, start);
        self.steps(steps, &format!("{prefix}."));
        if !self.ended() || start == self.ops.len() {
            self.push(format!("{prefix}.end"), place, Verb::Done);
        }
        let end = self.ops.len();
        self.aim(over, end);
    }

    fn hand_over_when_nothing_to_choose(&mut self, op: usize, path: &str, place: Place) {
        let over = self.push(format!("{path}.none.over"), place, Verb::Jump(0));
        let reason = "nothing_to_choose".to_owned();
        let target = self.push(format!("{path}.none"), place, Verb::HandOver { reason, say: None, queue: None, priority: None });
        self.aim(op, target);
        self.aim(over, target + 1);
    }

    /// Whether nothing leads to the instruction that would be added next.
    fn ended(&self) -> bool {
        self.furthest < self.ops.len()
            && self.ops.last().is_some_and(|op| matches!(op.verb, Verb::Jump(_) | Verb::Link(_) | Verb::HandOver { .. } | Verb::Done))
    }

    fn push(&mut self, path: String, place: Place, verb: Verb) -> usize {
        self.ops.push(Op { path, line: place.line, verb });
        self.places.push(place);
        self.ops.len() - 1
    }

    fn aim(&mut self, op: usize, target: usize) {
        self.furthest = self.furthest.max(target);
        match &mut self.ops[op].verb {
            Verb::Choose { none, .. } => *none = target,
            Verb::Check { refused, .. } => *refused = target,
            Verb::Unless(_, to) | Verb::Jump(to) => *to = target,
            Verb::Confirm { no, .. } => *no = Some(target),
            Verb::Do { failed, .. } => *failed = Some(target),
            Verb::Say(_) | Verb::Ask(_) | Verb::Lookup { .. } | Verb::Card { .. } | Verb::Promise { .. } => {}
            Verb::Link(_) | Verb::HandOver { .. } | Verb::Done => {}
        }
    }

    fn resolve_jumps(&mut self) {
        for (op, label) in std::mem::take(&mut self.jumps) {
            if let Some((target, _)) = self.labels.get(&label.text).copied() {
                self.aim(op, target);
                continue;
            }
            let end = self.ops.len();
            self.aim(op, end);
            let known: Vec<&str> = self.labels.keys().map(String::as_str).collect();
            let remedy = if known.is_empty() {
                "No step of this flow has an `id`: give one to the step that is meant.".to_owned()
            } else {
                suggestion(&label.text, &known)
            };
            self.report.error(label.place, format!("`goto` leads nowhere: no step has the id `{}`", label.text), remedy);
        }
    }

    fn known(&mut self, words: &Words, known: &[&str], what: &str) {
        if !known.contains(&words.text.as_str()) {
            self.report.error(words.place, format!("Unknown {what} `{}`", words.text), suggestion(&words.text, known));
        }
    }

    fn arguments(&mut self, request: &Request, path: &str) -> Vec<(String, ExprId)> {
        let ids =
            request.with.iter().map(|(name, value)| (name.text.clone(), self.expression(&format!("{path}.with.{}", name.text), value)));
        ids.collect()
    }

    fn used_arguments(&mut self, op: usize, request: &Request, path: &str) {
        for (name, value) in &request.with {
            self.used(op, Role::Expression, format!("{path}.with.{}", name.text), value);
        }
    }

    fn used(&mut self, op: usize, role: Role, key: String, words: &Words) {
        let id = self.name(&key);
        self.uses.push(Use { op, id, words: words.clone(), role, language: None });
    }

    fn used_text(&mut self, op: usize, role: Role, key: &str, wording: &Wording) {
        self.used(op, role, key.to_owned(), &wording.english);
        for (language, words) in &wording.others {
            let id = self.translation(key, language);
            self.uses.push(Use { op, id, words: words.clone(), role, language: Some(language.clone()) });
        }
    }

    fn name(&self, key: &str) -> String {
        format!("{}/{key}", self.intent)
    }

    fn translation(&self, key: &str, language: &str) -> String {
        format!("{}/{key}{TRANSLATION}{language}", self.intent)
    }

    fn text(&mut self, key: &str, wording: &Wording) -> Text {
        let english = self.template(self.name(key), &wording.english);
        if wording.others.is_empty() && !has_words(&wording.english.text) {
            // Variables only: it is in every language that the flow speaks.
            return Text { others: self.languages.iter().map(|language| (language.clone(), english.clone())).collect(), english };
        }
        let others = wording.others.iter().map(|(language, words)| {
            let id = self.template(self.translation(key, language), words);
            (language.clone(), id)
        });
        Text { english, others: others.collect() }
    }

    fn template(&mut self, name: String, words: &Words) -> TextId {
        let id = TextId(name);
        if let Err(error) = add_text(self.texts, &id, &words.text) {
            refuse(&error, words, self.source, "text", self.report);
        }
        id
    }

    fn expression(&mut self, key: &str, words: &Words) -> ExprId {
        let id = ExprId(self.name(key));
        if let Err(error) = add_expr(self.texts, &id, &words.text) {
            refuse(&error, words, self.source, "expression", self.report);
        }
        id
    }
}

/// Reports a text or an expression that doesn't compile.
pub(crate) fn refuse(error: &minijinja::Error, words: &Words, source: &str, what: &str, report: &mut Report) {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
    // Templates keep the line breaks of block texts (`|`), so the line inside the template tells the line in the file.
    let inside = error.line().unwrap_or(1).saturating_sub(1) as u32;
    let place = if inside > 0 && words.place.line + inside <= words.end_line {
        Place { line: words.place.line + inside, column: 1 }
    } else {
        words.place_of(source, if what == "text" { "{" } else { words.text.as_str() })
    };
    let remedy = match what {
        "text" => "Close every `{{` with `}}` and every `{%` with `%}`; every `if` needs its `endif`.",
        _ => "Write an expression such as `due.count > 0 and not slots.order.paused`; words are put in quotes.",
    };
    report.error(place, format!("This {what} can't be read: {detail}"), remedy);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialog::texts::environment;

    /// The program of these steps, one line an instruction: `path verb target`.
    fn program(steps: &str) -> Vec<String> {
        let head = "intent: a\ntitle: T\ndescription: D\nauth: none\nqueue: general\nslots:\n  s: { type: text, ask: S? }\nflow:\n";
        let (file, problems) = super::super::file::read("intents/a.yaml", format!("{head}{steps}").as_bytes());
        assert!(problems.is_empty(), "{problems:#?}");
        let mut report = Report::on("intents/a.yaml");
        let program = compile(&file.expect("reads"), &mut environment(), &mut report);
        assert_eq!(report.count(), 0, "{:#?}", report.finish());
        let target = |verb: &Verb| match verb {
            Verb::Unless(_, to) => format!("unless {to}"),
            Verb::Jump(to) => format!("jump {to}"),
            Verb::Check { refused, .. } => format!("check {refused}"),
            Verb::Do { failed, .. } => format!("do {failed:?}"),
            Verb::Confirm { no, .. } => format!("confirm {no:?}"),
            Verb::Choose { none, .. } => format!("choose {none}"),
            other => format!("{other:?}").split([' ', '(']).next().unwrap_or_default().to_lowercase(),
        };
        program.flow.ops.iter().map(|op| format!("{} {}", op.path, target(&op.verb))).collect()
    }

    #[test]
    fn branches_are_laid_out_with_jumps_and_stable_paths() {
        for (steps, expected) in [
            ("- say: A\n  if: level == 1\n- done\n", vec!["0.if unless 2", "0 say", "1 done"]),
            (
                "- id: x\n  when: level == 1\n  then: [ { say: A } ]\n  else: [ { say: B } ]\n- say: C\n",
                vec!["x unless 3", "x.then.0 say", "x.else jump 4", "x.else.0 say", "1 say"],
            ),
            // A `then` that ends needs no jump over the `else`; one that can run off its end does.
            ("- when: level == 1\n  then: [ done ]\n  else: [ { say: B } ]\n", vec!["0 unless 2", "0.then.0 done", "0.else.0 say"]),
            (
                "- when: level == 1\n  then: [ { when: level == 2, then: [ done ] } ]\n  else: [ { say: B } ]\n",
                vec!["0 unless 4", "0.then.0 unless 3", "0.then.0.then.0 done", "0.else jump 5", "0.else.0 say"],
            ),
            // What runs instead of the rest of the flow ends it.
            (
                "- check: can_return\n  with: { order: today }\n  refused: [ { say: No } ]\n- say: Yes\n",
                vec!["0 check 2", "0.refused.over jump 4", "0.refused.0 say", "0.refused.end done", "1 say"],
            ),
            ("- check: can_return\n  with: { order: today }\n- say: Yes\n", vec!["0 check 1", "1 say"]),
            (
                "- choose: o\n  from: '[]'\n  ask: Which?\n- ask: s\n- goto: end\n- say: B\n- id: end\n  done: true\n",
                vec!["0 choose 2", "0.none.over jump 3", "0.none handover", "1 ask", "2 jump 6", "3 say", "end done"],
            ),
            (
                "- confirm: Sure?\n  no: [ { link: b } ]\n- do: waive_fee\n  with: { fee: today }\n",
                vec!["0 confirm Some(2)", "0.no.over jump 3", "0.no.0 link", "1 do None"],
            ),
        ] {
            assert_eq!(program(steps), expected, "{steps}");
        }
    }
}
