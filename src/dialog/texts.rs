//! The template environment: texts and expressions of flows and replies, strict about undefined names, with a limit on
//! the work of one rendering, and with the filters of `docs/flows.md`. Filters speak the language of the variable `locale`.

use super::flow::{ExprId, TextId};
use crate::domain::format;
use crate::domain::money::Currency;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior};
use std::fmt;
use std::sync::Arc;

/// How many template instructions one text or expression may take.
pub const FUEL: u64 = 50_000;

/// An empty environment with the filters of `docs/flows.md`.
pub fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_fuel(Some(FUEL));
    env.set_formatter(|out, state, value| {
        if value.is_none() {
            return Err(invalid("a value that is null cannot be said; test for it first"));
        }
        minijinja::escape_formatter(out, state, value)
    });
    env.add_filter("money", money);
    env.add_filter("date", date);
    env.add_filter("day", day);
    env.add_filter("days_until", days_until);
    env.add_filter("join_and", join_and);
    env.add_filter("plural", plural);
    env
}

/// Adds a text under its id.
pub fn add_text(env: &mut Environment<'static>, id: &TextId, source: &str) -> Result<(), Error> {
    env.add_template_owned(id.0.clone(), source.to_owned())
}

/// Adds an expression under its id.
pub fn add_expr(env: &mut Environment<'static>, id: &ExprId, source: &str) -> Result<(), Error> {
    env.add_template_owned(id.0.clone(), format!("{{% set v = ({source}) %}}"))
}

/// The text with its variables filled in, without white space around it.
pub fn render(env: &Environment<'static>, id: &TextId, scope: Value) -> Result<String, Error> {
    let text = env.get_template(&id.0)?.render(scope)?;
    Ok(if text.trim().len() == text.len() { text } else { text.trim().to_owned() })
}

/// The value of the expression. One that is undefined is an error.
pub fn evaluate(env: &Environment<'static>, id: &ExprId, scope: Value) -> Result<Value, Error> {
    let rendered = env.get_template(&id.0)?.render_captured(scope)?;
    match rendered.state().lookup("v") {
        Some(value) if !value.is_undefined() => Ok(value),
        Some(_) | None => Err(Error::new(ErrorKind::UndefinedError, "the expression has no value")),
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

fn locale(state: &State) -> String {
    state.lookup("locale").and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_else(|| "en".to_owned())
}

fn today(state: &State) -> Result<Date, Error> {
    let value = state.lookup("today").ok_or_else(|| invalid("the variable 'today' is missing"))?;
    read_date(&value)
}

/// The date of a date, of an instant (in UTC), or of what `day` gave.
fn read_date(value: &Value) -> Result<Date, Error> {
    if let Some(day) = value.downcast_object_ref::<Day>() {
        return Ok(day.date);
    }
    let text = value.as_str().ok_or_else(|| invalid(format!("'{value}' is not a date")))?;
    let instant = || text.parse::<Timestamp>().map(|at| at.to_zoned(TimeZone::UTC).date());
    text.parse::<Date>()
        .ok()
        .filter(|_| !text.contains('Z'))
        .or_else(|| instant().ok())
        .ok_or_else(|| invalid(format!("'{text}' is not a date such as 2026-12-20")))
}

/// What `day` gives: reads like `date`, and can be given to `date` and `days_until`.
#[derive(Debug)]
struct Day {
    date: Date,
    text: String,
}

impl Object for Day {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn money(state: &State, minor: i64, currency: &str) -> Result<String, Error> {
    let known = Currency::parse(currency).ok_or_else(|| invalid(format!("'{currency}' is not a currency such as GBP")))?;
    Ok(format::money(minor, known, &locale(state)))
}

fn date(state: &State, value: Value) -> Result<String, Error> {
    Ok(format::date(read_date(&value)?, today(state)?, &locale(state)))
}

fn day(state: &State, value: Value) -> Result<Value, Error> {
    let date = read_date(&value)?;
    Ok(Value::from_object(Day { date, text: format::date(date, today(state)?, &locale(state)) }))
}

fn days_until(state: &State, value: Value) -> Result<i64, Error> {
    Ok(format::days_between(today(state)?, read_date(&value)?))
}

fn join_and(state: &State, items: Value) -> Result<String, Error> {
    let items: Vec<String> = items.try_iter()?.map(|item| item.to_string()).collect();
    Ok(format::join_and(&items, &locale(state)))
}

fn plural(state: &State, count: i64, one: &str, many: &str) -> String {
    format::plural(count, one, many, &locale(state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn check(source: &str) -> Result<String, Error> {
        let mut env = environment();
        let id = TextId("t".to_owned());
        add_text(&mut env, &id, source)?;
        render(&env, &id, context! { locale => "en", today => "2026-12-04", x => 1, gone => Option::<i32>::None })
    }

    #[test]
    fn filters_speak_to_people() {
        for (source, expected) in [
            ("{{ 4500|money('GBP') }}", "£45.00"),
            ("{{ '2026-12-11'|date }}", "Friday 11 December"),
            ("{{ '2026-12-04T22:00:00Z'|date }}", "Friday 4 December (today)"),
            ("{{ '2027-01-02T09:00:00Z'|day }}", "2 January 2027"),
            ("{{ '2027-01-02T09:00:00Z'|day|date }}", "2 January 2027"),
            ("{{ '2026-12-11'|days_until }}", "7"),
            ("{{ ['a', 'b', 'c']|join_and }}", "a, b and c"),
            ("{{ x|plural('day', 'days') }}", "1 day"),
            ("  {{ '<b>' }} & more ", "<b> & more"),
        ] {
            assert_eq!(check(source).expect(source), expected, "{source}");
        }
    }

    #[test]
    fn what_is_unknown_or_endless_is_an_error() {
        for source in [
            "{{ nobody }}",
            "{{ x.y.z }}",
            "{{ gone }}",
            "{{ 1|money('XXY') }}",
            "{{ 'soon'|date }}",
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        ] {
            assert!(check(source).is_err(), "{source}");
        }
    }

    #[test]
    fn expressions_have_values() {
        let mut env = environment();
        let id = ExprId("e".to_owned());
        add_expr(&mut env, &id, "x + 1 if x else none").expect("compiles");
        assert_eq!(evaluate(&env, &id, context! { x => 2 }).expect("a value"), Value::from(3));
        assert!(evaluate(&env, &id, context! { x => false }).expect("a value").is_none());
        assert!(evaluate(&env, &id, context! {}).is_err());
    }
}
