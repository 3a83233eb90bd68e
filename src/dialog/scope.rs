//! What expressions and texts see: slots, variables, item, customer, today, level, text, locale. Nothing is copied:
//! records are looked at in place, and only the leaves that a template touches are converted.

use super::StepContext;
use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// What stays the same during one step.
#[derive(Debug)]
pub(super) struct World {
    customer: Value,
    today: Value,
    level: Value,
    locale: Value,
}

impl World {
    /// `locale` may be another than that of the context: the customer has just changed it.
    pub(super) fn new(context: &StepContext, locale: &str) -> Arc<Self> {
        let customer = if context.customer.is_null() {
            Value::from_pairs(["given_name", "market", "locale", "currency"].map(|key| (key, Value::from(""))))
        } else {
            let root = Map::from_iter([("customer".to_owned(), context.customer.clone())]);
            look(&Arc::new(root), "customer").unwrap_or_default()
        };
        Arc::new(Self {
            customer,
            today: Value::from(context.today.to_string()),
            level: Value::from(context.level.0),
            locale: Value::from(locale),
        })
    }

    /// A scope for the wording of repair: these variables, `today` and `locale`.
    pub(super) fn with(&self, variables: &[(&'static str, Value)]) -> Value {
        let own = [("today", self.today.clone()), ("locale", self.locale.clone())];
        Value::from_pairs(own.into_iter().chain(variables.iter().cloned()))
    }
}

/// Answers and results of the running flow, shared with templates.
#[derive(Debug, Default, Clone)]
pub(super) struct Memory {
    pub(super) slots: Arc<Map<String, Json>>,
    pub(super) vars: Arc<Map<String, Json>>,
    pub(super) text: Arc<str>,
}

impl Memory {
    /// A scope for the flow's texts and expressions.
    pub(super) fn scope(&self, world: &Arc<World>, item: Option<Value>) -> Value {
        Value::from_object(Scope { world: Arc::clone(world), memory: self.clone(), item })
    }
}

#[derive(Debug)]
struct Scope {
    world: Arc<World>,
    memory: Memory,
    item: Option<Value>,
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "slots" => Some(Value::from_object(Slots(Arc::clone(&self.memory.slots)))),
            "customer" => Some(self.world.customer.clone()),
            "today" => Some(self.world.today.clone()),
            "level" => Some(self.world.level.clone()),
            "locale" => Some(self.world.locale.clone()),
            "text" => Some(Value::from(Arc::clone(&self.memory.text))),
            "item" => self.item.clone(),
            name => look(&self.memory.vars, name),
        }
    }
}

/// The slots; one without a value is null.
#[derive(Debug)]
struct Slots(Arc<Map<String, Json>>);

impl Object for Slots {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(look(&self.0, key).unwrap_or_else(|| Value::from(())))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.keys().map(|key| Value::from(key.as_str())).collect())
    }
}

/// A scope of these fields alone.
pub(super) fn of(fields: Map<String, Json>) -> Value {
    let root = Arc::new(fields);
    let pairs: Vec<(String, Value)> = root.keys().filter_map(|key| Some((key.clone(), look(&root, key)?))).collect();
    Value::from_pairs(pairs)
}

fn look(root: &Arc<Map<String, Json>>, name: &str) -> Option<Value> {
    let json = root.get(name)?;
    Some(leaf(json).unwrap_or_else(|| Value::from_object(Node { above: Above::Root(Arc::clone(root)), hop: Hop::Key(name.into()) })))
}

/// A list or an object inside the memory: where it is, not what it holds.
#[derive(Debug)]
struct Node {
    above: Above,
    hop: Hop,
}

#[derive(Debug)]
enum Above {
    Root(Arc<Map<String, Json>>),
    Node(Arc<Node>),
}

#[derive(Debug)]
enum Hop {
    Key(Box<str>),
    Index(usize),
}

impl Node {
    fn json(&self) -> &Json {
        let found = match (&self.above, &self.hop) {
            (Above::Root(map), Hop::Key(key)) => map.get(&**key),
            (Above::Root(_), Hop::Index(_)) => None,
            (Above::Node(node), Hop::Key(key)) => node.json().get(&**key),
            (Above::Node(node), Hop::Index(index)) => node.json().get(*index),
        };
        found.unwrap_or(&Json::Null)
    }

    fn child(self: &Arc<Self>, json: &Json, hop: Hop) -> Value {
        leaf(json).unwrap_or_else(|| Value::from_object(Node { above: Above::Node(Arc::clone(self)), hop }))
    }
}

impl Object for Node {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.json().is_array() { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(name) = key.as_str() {
            return self.get_value_by_str(name);
        }
        let index = key.as_usize()?;
        Some(self.child(self.json().get(index)?, Hop::Index(index)))
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(self.child(self.json().get(key)?, Hop::Key(key.into())))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.json() {
            Json::Array(items) => Enumerator::Seq(items.len()),
            Json::Object(map) => Enumerator::Values(map.keys().map(|key| Value::from(key.as_str())).collect()),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Enumerator::Empty,
        }
    }
}

/// A value without parts; `None` for lists and objects.
fn leaf(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::from(()),
        Json::Bool(yes) => Value::from(*yes),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Value::from(whole),
            (None, Some(whole)) => Value::from(whole),
            (None, None) => Value::from(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

/// A value of an expression as JSON again; what cannot be JSON is null.
pub(super) fn to_json(value: &Value) -> Json {
    match value.downcast_object_ref::<Node>() {
        Some(node) => node.json().clone(),
        None if value.is_undefined() => Json::Null,
        None => serde_json::to_value(value).unwrap_or(Json::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialog::Level;
    use crate::dialog::flow::{ExprId, TextId};
    use crate::dialog::texts;
    use jiff::Timestamp;
    use serde_json::json;

    fn memory() -> Memory {
        let map = |value: Json| Arc::new(value.as_object().cloned().unwrap_or_default());
        Memory {
            slots: map(json!({"reason": "lost", "order": {"id": "a", "n": 2}})),
            vars: map(json!({"due": {"items": [{"id": "x", "amount": 5}, {"id": "y", "amount": 7}], "next": null, "empty": []}})),
            text: "hello".into(),
        }
    }

    fn world() -> Arc<World> {
        let context = StepContext {
            now: Timestamp::UNIX_EPOCH,
            today: jiff::civil::Date::constant(2026, 12, 4),
            level: Level(1),
            customer: json!({"given_name": "Ann"}),
            locale: "en".to_owned(),
            article: None,
            proposal: None,
        };
        World::new(&context, "en")
    }

    #[test]
    fn templates_see_everything_in_place() {
        for (source, expected) in [
            ("{{ slots.reason }} {{ slots.order.n }}", "lost 2"),
            ("{{ due.items[1].amount }} {{ due.items|length }} {{ due.items|map(attribute='id')|join(',') }}", "7 2 x,y"),
            ("{{ due.items|sum(attribute='amount') }}", "12"),
            ("{% for i in due.items if i.amount > 5 %}{{ i.id }}{% endfor %}", "y"),
            ("{{ 'none' if slots.other is none else 'some' }}", "none"),
            ("{% if not due.next and not due.empty and due.items %}ok{% endif %}", "ok"),
            ("{{ customer.given_name }} {{ level }} {{ text }} {{ today }}", "Ann 1 hello 2026-12-04"),
        ] {
            let mut env = texts::environment();
            let id = TextId("t".to_owned());
            texts::add_text(&mut env, &id, source).expect(source);
            let text = texts::render(&env, &id, memory().scope(&world(), None));
            assert_eq!(text.expect(source), expected);
        }
    }

    #[test]
    fn values_come_back_as_json() {
        for (source, expected) in [
            ("due.items", json!([{"id": "x", "amount": 5}, {"id": "y", "amount": 7}])),
            ("due.items|selectattr('amount', 'gt', 5)|list", json!([{"id": "y", "amount": 7}])),
            ("slots.order.id", json!("a")),
            ("{'a': slots.order, 'b': due.next}", json!({"a": {"id": "a", "n": 2}, "b": null})),
            ("slots.nothing", json!(null)),
        ] {
            let mut env = texts::environment();
            let id = ExprId("e".to_owned());
            texts::add_expr(&mut env, &id, source).expect(source);
            let value = texts::evaluate(&env, &id, memory().scope(&world(), None)).expect(source);
            assert_eq!(to_json(&value), expected, "{source}");
        }
    }
}
