//! Reading accounts from JSON Lines: one merchant or customer a line. All problems are found in one pass, or nothing is taken.

mod checks;
mod shapes;

use super::account::{Customer, Merchant};
use super::merchants::Merchants;
use checks::Seen;
use serde_json::Value;
use serde_json::error::Category;
use std::fmt;

/// Longest line, bytes.
pub const MAX_LINE: usize = 1024 * 1024;

/// Problems after which reading stops: nobody reads more.
const MAX_PROBLEMS: usize = 1_000;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Import {
    /// Stores, in the order of the file.
    pub merchants: Vec<Merchant>,
    /// Customers, in the order of the file; instalments by `seq`.
    pub customers: Vec<Customer>,
    /// What is strange, but no reason to refuse the file.
    pub warnings: Vec<ImportProblem>,
}

/// What is wrong with a line, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProblem {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and where in the line.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for ImportProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}. {}", self.line, self.problem, self.remedy)
    }
}

/// What is wrong with one line, before its number is known.
struct Flaw {
    problem: String,
    remedy: String,
}

impl Flaw {
    fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { problem: problem.into(), remedy: remedy.into() }
    }
}

/// Reads a whole file. `known`: the stores that are there already; orders may also name a store of an earlier line.
///
/// Blank lines and a byte order mark are allowed.
pub fn parse(text: impl AsRef<[u8]>, known: &Merchants) -> Result<Import, Vec<ImportProblem>> {
    let bytes = text.as_ref();
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut import = Import::default();
    let mut seen = Seen::new(known);
    let mut problems = Vec::new();
    for (place, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let mut flaws = Vec::new();
        let mut strange = Vec::new();
        if !line.trim_ascii().is_empty() {
            read_line(line, &mut import, &mut seen, &mut flaws, &mut strange);
        }
        let numbered = |flaw: Flaw| ImportProblem { line: place + 1, problem: flaw.problem, remedy: flaw.remedy };
        problems.extend(flaws.into_iter().map(numbered));
        import.warnings.extend(strange.into_iter().map(numbered));
        if problems.len() >= MAX_PROBLEMS {
            let remedy = "Correct these, then try again".to_owned();
            problems.push(ImportProblem { line: place + 1, problem: "reading stopped here, there are too many problems".into(), remedy });
            break;
        }
    }
    if problems.is_empty() { Ok(import) } else { Err(problems) }
}

fn read_line(line: &[u8], import: &mut Import, seen: &mut Seen<'_>, flaws: &mut Vec<Flaw>, strange: &mut Vec<Flaw>) {
    if line.len() > MAX_LINE {
        flaws.push(Flaw::new(
            format!("the line has {} bytes, more than {MAX_LINE}", line.len()),
            "Put each merchant and each customer on a line of its own",
        ));
        return;
    }
    let mut fields = match object(line) {
        Ok(fields) => fields,
        Err(flaw) => return flaws.push(flaw),
    };
    let kind = fields.remove("kind");
    let rest = Value::Object(fields);
    match kind.as_ref().and_then(Value::as_str) {
        Some("merchant") => {
            if let Some(merchant) = typed::<Merchant>(&shapes::MERCHANT, rest, flaws) {
                checks::merchant(&merchant, seen, flaws);
                import.merchants.push(merchant);
            }
        }
        Some("customer") => {
            if let Some(mut customer) = typed::<Customer>(&shapes::CUSTOMER, rest, flaws) {
                checks::customer(&customer, seen, flaws, strange);
                for plan in customer.orders.iter_mut().filter_map(|order| order.plan.as_mut()) {
                    plan.instalments.sort_by_key(|instalment| instalment.seq);
                }
                import.customers.push(customer);
            }
        }
        Some(other) => {
            let meant = shapes::nearest(other, &["merchant", "customer"]).map_or(String::new(), |name| format!(" Did you mean '{name}'?"));
            flaws.push(Flaw::new(format!("the kind '{other}' is unknown"), format!("Use 'merchant' or 'customer'.{meant}")));
        }
        None => flaws.push(Flaw::new("the line has no 'kind'", "Begin it with \"kind\":\"merchant\" or \"kind\":\"customer\"")),
    }
}

fn object(line: &[u8]) -> Result<serde_json::Map<String, Value>, Flaw> {
    let text = std::str::from_utf8(line)
        .map_err(|error| Flaw::new(format!("byte {} is not UTF-8", error.valid_up_to() + 1), "Save the file as UTF-8"))?;
    match serde_json::from_str(text.trim_end()) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Flaw::new("the line is not a JSON object", "Write one object a line: {\"kind\":\"customer\", …}")),
        Err(error) if error.classify() == Category::Eof => Err(Flaw::new(
            format!("the line ends in the middle, at column {}", error.column()),
            "Keep the whole object on one line; if the file was cut off, export it again",
        )),
        Err(error) => {
            let full = error.to_string();
            let what = full.split(" at line ").next().unwrap_or("unreadable").to_owned();
            Err(Flaw::new(format!("not JSON at column {}: {what}", error.column()), "Write one JSON object a line"))
        }
    }
}

/// Turns the fields into the type; says everything that stands against it: unknown fields, negative money, then wrong or missing values.
fn typed<T: serde::de::DeserializeOwned>(shape: &'static shapes::Shape, value: Value, flaws: &mut Vec<Flaw>) -> Option<T> {
    let before = flaws.len();
    shapes::unknown_fields(shape, &value, "", flaws);
    shapes::negative_money(&value, "", flaws);
    if flaws.len() > before {
        return None;
    }
    shapes::wrong_values(shape, &value, "", flaws);
    if flaws.len() > before {
        return None;
    }
    match serde_json::from_value(value) {
        Ok(typed) => Some(typed),
        Err(error) => {
            flaws.push(Flaw::new(error.to_string(), "Correct the value"));
            None
        }
    }
}

#[cfg(test)]
mod tests;
