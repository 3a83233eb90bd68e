//! The `slots` of an intent file.

use super::diagnostic::{Report, suggestion};
use super::fields::{Fields, check_name};
use super::node::{Content, Node, Words};
use super::regexes::checked_pattern;
use super::wording::Wording;
use regex::Regex;

/// One slot as its author wrote it.
#[derive(Clone, Debug)]
pub struct SlotSpec {
    /// Its name, at the place of its key.
    pub name: Words,
    /// What kind of answer fits.
    pub kind: SlotType,
    /// The question.
    pub ask: Option<Wording>,
    /// Said when the answer did not fit.
    pub help: Option<Wording>,
    /// Answers of a `choice`.
    pub options: Vec<OptionSpec>,
    /// "skip" gives null.
    pub optional: bool,
    /// An entity of the opening message may fill it.
    pub prefill: bool,
    /// Dates: not after today.
    pub past: bool,
    /// Dates: not before today.
    pub future: bool,
    /// Numbers: least.
    pub min: Option<i64>,
    /// Numbers: most.
    pub max: Option<i64>,
}

/// One answer of a `choice`.
#[derive(Clone, Debug)]
pub struct OptionSpec {
    /// Its value.
    pub id: Words,
    /// What the customer sees.
    pub label: Wording,
    /// Other words that mean it.
    pub matches: Vec<Regex>,
}

/// The type of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotType {
    /// Anything.
    Text,
    /// Yes or no.
    YesNo,
    /// One of its options.
    Choice,
    /// A date.
    Date,
    /// An amount.
    Money,
    /// A whole number.
    Number,
    /// One word with a digit.
    Reference,
}

const TYPES: &[(&str, SlotType)] = &[
    ("text", SlotType::Text),
    ("yes_no", SlotType::YesNo),
    ("choice", SlotType::Choice),
    ("date", SlotType::Date),
    ("money", SlotType::Money),
    ("number", SlotType::Number),
    ("reference", SlotType::Reference),
];

const KEYS: &[&str] = &["type", "ask", "help", "options", "optional", "prefill", "past", "future", "min", "max"];

/// Reads `slots`.
pub(crate) fn read(fields: &Fields<'_>, source: &str, report: &mut Report) -> Vec<SlotSpec> {
    let Some(node) = fields.value("slots") else { return Vec::new() };
    let Content::Map(entries) = &node.content else {
        report.error(
            node.place,
            format!("`slots` is a map of names, not {}", node.kind()),
            "Write the slot's name as a key and `type`, `ask`, … below it.",
        );
        return Vec::new();
    };
    let mut slots = Vec::new();
    for entry in entries {
        let name = Words { text: entry.key.clone(), place: entry.place, end_line: entry.place.line };
        check_name(&name, "The slot", report);
        slots.extend(slot(name, &entry.value, source, report));
    }
    slots
}

fn slot(name: Words, node: &Node, source: &str, report: &mut Report) -> Option<SlotSpec> {
    let fields = Fields::of(node, "a slot", KEYS, report)?;
    let names: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
    let kind = fields.required("type", &format!("Write one of {}.", super::diagnostic::list(&names)), report)?;
    let Some((_, kind)) = TYPES.iter().find(|(name, _)| *name == kind.text).copied() else {
        report.error(kind.place, format!("Unknown slot type `{}`", kind.text), suggestion(&kind.text, &names));
        return None;
    };
    let slot = SlotSpec {
        kind,
        ask: fields.wording("ask", report),
        help: fields.wording("help", report),
        options: fields.items("options", report).iter().filter_map(|item| option(item, source, report)).collect(),
        optional: fields.flag("optional", false, report),
        prefill: fields.flag("prefill", false, report),
        past: fields.flag("past", false, report),
        future: fields.flag("future", false, report),
        min: fields.number("min", i64::MIN, i64::MAX, report),
        max: fields.number("max", i64::MIN, i64::MAX, report),
        name,
    };
    check_fit(&slot, &fields, report);
    Some(slot)
}

/// Keys that don't belong to the slot's type.
fn check_fit(slot: &SlotSpec, fields: &Fields<'_>, report: &mut Report) {
    let place = |key: &str| fields.entry(key).map_or(slot.name.place, |entry| entry.place);
    let name = &slot.name.text;
    if slot.kind == SlotType::Choice && slot.options.is_empty() {
        report.error(
            slot.name.place,
            format!("The choice `{name}` has no options"),
            "Add `options:` with at least two of `{ id, label, match }`.",
        );
    }
    if slot.kind != SlotType::Choice && !slot.options.is_empty() {
        report.error(
            place("options"),
            format!("`options` don't fit the type of `{name}`"),
            "Make it `type: choice`, or leave the options out.",
        );
    }
    if slot.kind != SlotType::Date && (slot.past || slot.future) {
        let key = if slot.past { "past" } else { "future" };
        report.error(place(key), format!("`{key}` fits only dates, and `{name}` is none"), "Make it `type: date`, or leave the key out.");
    }
    if slot.past && slot.future {
        report.error(place("future"), format!("`{name}` must be both before and after today"), "Keep `past` or `future`.");
    }
    if slot.kind != SlotType::Number && (slot.min.is_some() || slot.max.is_some()) {
        let key = if slot.min.is_some() { "min" } else { "max" };
        report.error(
            place(key),
            format!("`{key}` fits only numbers, and `{name}` is none"),
            "Make it `type: number`, or leave the key out.",
        );
    }
    if let (Some(min), Some(max)) = (slot.min, slot.max)
        && min > max
    {
        report.error(place("min"), format!("No number fits `{name}`: `min` is above `max`"), "Swap them.");
    }
    if slot.prefill && !matches!(slot.kind, SlotType::Date | SlotType::Money | SlotType::Reference) {
        report.error(
            place("prefill"),
            format!("`prefill` does not fit the type of `{name}`"),
            "Only a date, money or reference slot can be filled from the message.",
        );
    }
    for (index, option) in slot.options.iter().enumerate() {
        let same = |other: &&OptionSpec| other.id.text == option.id.text;
        if let Some(first) = slot.options[..index].iter().find(same) {
            let problem = format!("The option `{}` was already given on line {}", option.id.text, first.id.place.line);
            report.error(option.id.place, problem, "Give every option of a slot its own id.");
        }
    }
}

fn option(node: &Node, source: &str, report: &mut Report) -> Option<OptionSpec> {
    let fields = Fields::of(node, "an option", &["id", "label", "match"], report)?;
    let id = fields.required("id", "Expressions compare with it, for example `slots.reason == 'never_arrived'`.", report);
    if let Some(id) = &id {
        check_name(id, "The option", report);
    }
    let label = fields.required_wording("label", "It is what the customer sees.", report);
    let matches = fields.texts("match", report).iter().filter_map(|words| checked_pattern(words, source, report)).collect();
    Some(OptionSpec { id: id?, label: label?, matches })
}

/// For lists of `{label, value}`.
pub(crate) fn label_and_value(node: &Node, report: &mut Report) -> Option<(Wording, Wording)> {
    let fields = Fields::of(node, "a line of a card", &["label", "value"], report)?;
    let label = fields.required_wording("label", "It says what the value is.", report);
    let value = fields.wording("value", report);
    if fields.entry("value").is_none() {
        report.error(fields.place, "A line of a card needs `value`", "Write a template such as \"{{ slots.order.ref }}\".");
    }
    Some((label?, value?))
}
