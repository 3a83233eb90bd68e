//! Concrete things in a message: amounts, dates, order and dispute numbers, ordinals, numbers, references, e-mail addresses.
//! Ranges are bytes of the message as it was written. An ambiguous piece ("the 3rd") may give two entities with the same range.

use crate::understanding::{Entity, EntityValue, ReadContext, amounts, dates};

/// Only this many bytes are looked at.
const BYTES: usize = 4_000;
/// Most entities that one message may have.
const MOST: usize = 40;

/// A message cut at spaces and punctuation, for reading entities. `12,50`, `12/12`, `NOR-48213` and `#5` stay in one piece; currency signs are pieces.
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    text: &'a str,
    lower: String,
    cuts: Vec<Cut>,
}

#[derive(Clone, Copy, Debug)]
struct Cut {
    start: usize,
    end: usize,
    lower_start: usize,
    lower_end: usize,
}

impl<'a> Pieces<'a> {
    /// Cuts a message.
    pub(crate) fn of(text: &'a str) -> Self {
        let mut end = text.len().min(BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut pieces = Self { text, lower: String::with_capacity(end), cuts: Vec::with_capacity(end / 5 + 1) };
        let (mut open, mut lower_open, mut before) = (0, 0, ' ');
        let mut chars = text[..end].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map_or(' ', |&(_, next)| next);
            let sign = matches!(c, '£' | '€' | '$' | '¥');
            let joins = match c {
                '.' | ',' | ':' | '/' => before.is_ascii_digit() && next.is_ascii_digit(),
                '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' => before.is_alphanumeric() && next.is_alphanumeric(),
                '\'' | '\u{2019}' => before.is_alphabetic() && next.is_alphabetic(),
                '#' => !before.is_alphanumeric() && next.is_ascii_digit(),
                '%' => before.is_ascii_digit(),
                c => c.is_alphanumeric(),
            };
            if !joins || (sign && at > open) {
                pieces.close(open, at, lower_open);
                (open, lower_open) = (at, pieces.lower.len());
            }
            if sign {
                pieces.lower.push(c);
                pieces.close(open, at + c.len_utf8(), lower_open);
            }
            match c {
                '\u{2010}' | '\u{2011}' | '\u{2013}' if joins => pieces.lower.push('-'),
                '\'' | '\u{2019}' => {}
                c if joins => pieces.lower.extend(c.to_lowercase()),
                _ => {}
            }
            if !joins {
                (open, lower_open) = (at + c.len_utf8(), pieces.lower.len());
            }
            before = c;
        }
        pieces.close(open, end, lower_open);
        pieces
    }

    fn close(&mut self, start: usize, end: usize, lower_start: usize) {
        if end > start && self.lower.len() > lower_start {
            self.cuts.push(Cut { start, end, lower_start, lower_end: self.lower.len() });
        }
    }

    /// How many pieces there are.
    pub(crate) fn len(&self) -> usize {
        self.cuts.len()
    }

    /// The piece at `at` in lower case, or an empty string past the end.
    pub(crate) fn get(&self, at: usize) -> &str {
        self.cuts.get(at).map_or("", |cut| &self.lower[cut.lower_start..cut.lower_end])
    }

    /// The piece before `at`, or an empty string.
    pub(crate) fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.get(at))
    }

    /// The piece as it was written.
    fn original(&self, at: usize) -> &'a str {
        self.cuts.get(at).map_or("", |cut| &self.text[cut.start..cut.end])
    }

    /// What follows the piece in the message.
    pub(crate) fn after(&self, at: usize) -> &'a str {
        self.cuts.get(at).map_or("", |cut| &self.text[cut.end..])
    }

    fn range(&self, at: usize, count: usize) -> (usize, usize) {
        let last = (at + count.max(1) - 1).min(self.cuts.len() - 1);
        (self.cuts[at].start, self.cuts[last].end)
    }
}

/// The entities of a message, in order of appearance.
pub(crate) fn find(text: &str, context: &ReadContext) -> Vec<Entity> {
    let pieces = Pieces::of(text);
    let mut found: Vec<Entity> = emails(text);
    let mails = found.len();
    let today = context.now.to_zoned(context.zone.clone()).date();
    let month_first = context.currency.is_some_and(|currency| currency.code() == "USD");
    let mut at = 0;
    while at < pieces.len() && found.len() < MOST {
        let (start, _) = pieces.range(at, 1);
        if found[..mails].iter().any(|mail| mail.start <= start && start < mail.end) {
            at += 1;
            continue;
        }
        let mut put = |value: EntityValue, count: usize| {
            let (start, end) = pieces.range(at, count);
            found.push(Entity { value, text: text[start..end].to_owned(), start, end });
        };
        let mut step = 1;
        if let Some((value, count)) = amounts::read(&pieces, at, context.currency) {
            put(value, count);
            step = count;
            if let Some((value, count)) = dates::read_dotted(&pieces, at, today) {
                put(value, count);
            }
        } else if let Some((value, count)) = dates::read(&pieces, at, today, month_first) {
            put(value, count);
            step = count;
            if let Some(ordinal) = (count == 2).then(|| ordinal_digits(pieces.get(at + 1))).flatten().filter(|_| pieces.get(at) == "the") {
                put(EntityValue::Ordinal(ordinal), count);
            }
        } else if let Some((value, count)) = public_number(&pieces, at) {
            put(value, count);
            step = count;
        } else if let Some((value, count)) = ordinal(&pieces, at) {
            put(value, count);
            step = count;
        } else if let Some((number, count)) = number(&pieces, at) {
            put(EntityValue::Number(number), count);
            step = count;
            if count == 1 && is_reference(pieces.get(at)) {
                put(EntityValue::Reference(pieces.original(at).to_owned()), 1);
            }
        } else if is_reference(pieces.get(at)) {
            put(EntityValue::Reference(pieces.original(at).trim_start_matches('#').to_owned()), 1);
        }
        at += step.max(1);
    }
    if mails > 0 {
        found.sort_by_key(|entity| (entity.start, entity.end));
    }
    found
}

fn emails(text: &str) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '%');
    for (at, _) in text.match_indices('@').take_while(|(at, _)| *at < BYTES).take(MOST) {
        let local = text[..at].char_indices().rev().take_while(|&(_, c)| inside(c)).take(64).last();
        let domain: usize = text[at + 1..].chars().take_while(|&c| inside(c)).take(255).map(char::len_utf8).sum();
        let host = text[at + 1..at + 1 + domain].trim_end_matches(['.', '-', '_', '+', '%']);
        let Some((start, _)) = local else { continue };
        let start = start + (text[start..at].len() - text[start..at].trim_start_matches(['.', '-', '+', '%']).len());
        let end = at + 1 + host.len();
        let dotted = host.rsplit_once('.').is_some_and(|(name, top)| !name.is_empty() && top.chars().count() >= 2);
        if start < at && dotted && found.last().is_none_or(|last| last.end <= start) {
            let mail = &text[start..end];
            found.push(Entity { value: EntityValue::Email(mail.to_owned()), text: mail.to_owned(), start, end });
        }
    }
    found
}

/// Order and dispute numbers.
fn public_number(pieces: &Pieces<'_>, at: usize) -> Option<(EntityValue, usize)> {
    let piece = pieces.get(at);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((letters, rest)) = piece.split_once('-') {
        let five = rest.len() == 5 && rest.bytes().all(|b| b.is_ascii_alphanumeric());
        let written = pieces.original(at);
        if letters == "d" && five && (rest.bytes().any(|b| b.is_ascii_digit()) || written.bytes().all(|b| !b.is_ascii_lowercase())) {
            return Some((EntityValue::Dispute(piece.to_ascii_uppercase()), 1));
        }
        if (1..=6).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphabetic()) && digits(rest) && rest.len() >= 3 {
            return Some((EntityValue::Order(piece.to_ascii_uppercase()), 1));
        }
        return None;
    }
    if let Some(rest) = piece.strip_prefix('#')
        && digits(rest)
        && rest.len() >= 3
    {
        return Some((EntityValue::Order(rest.to_owned()), 1));
    }
    let named = |name: &[&str]| {
        let before = pieces.before(at);
        let back = if matches!(before, "number" | "no" | "nr" | "num" | "id" | "ref" | "reference") { 2 } else { 1 };
        at.checked_sub(back).is_some_and(|at| name.contains(&pieces.get(at)))
    };
    if piece.len() >= 4 && digits(piece) && named(&["order", "orders", "purchase"]) {
        return Some((EntityValue::Order(piece.to_owned()), 1));
    }
    let mixed = piece.len() == 5 && piece.bytes().all(|b| b.is_ascii_alphanumeric()) && piece.bytes().any(|b| b.is_ascii_digit());
    if mixed && !digits(piece) && named(&["dispute", "case", "claim"]) {
        return Some((EntityValue::Dispute(format!("D-{}", piece.to_ascii_uppercase())), 1));
    }
    None
}

/// A word with a digit in it that nothing else has claimed.
fn is_reference(piece: &str) -> bool {
    let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/' | b'#' | b'.');
    piece.len() >= 5 && piece.len() <= 64 && piece.bytes().all(inside) && piece.bytes().any(|b| b.is_ascii_digit())
}

const ORDINALS: &[&str] = &["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/// What an ordinal may count; after "last", one of these is needed.
const COUNTED: &[&str] =
    &["one", "order", "purchase", "item", "option", "payment", "parcel", "instalment", "installment", "in", "of", "on", "from"];

/// "2nd" = 2.
pub(crate) fn ordinal_digits(piece: &str) -> Option<i64> {
    let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
    let number = piece[..digits].parse::<i64>().ok().filter(|number| (1..=99).contains(number))?;
    matches!(&piece[digits..], "st" | "nd" | "rd" | "th").then_some(number)
}

fn ordinal(pieces: &Pieces<'_>, at: usize) -> Option<(EntityValue, usize)> {
    let the = usize::from(pieces.get(at) == "the");
    let word = pieces.get(at + the);
    let next = pieces.get(at + the + 1);
    let one = usize::from(next == "one");
    let before = pieces.before(at);
    if let Some(number) = ordinal_digits(word) {
        return Some((EntityValue::Ordinal(number), the + 1 + one));
    }
    if let Some(index) = ORDINALS.iter().position(|ordinal| *ordinal == word) {
        let time = word == "second" && matches!(before, "a" | "one" | "split" | "per" | "every" | "this");
        let talk = word == "first"
            && (matches!(before, "at")
                || matches!(next, "time" | "place" | "name" | "thing")
                || (next == "of" && pieces.get(at + the + 2) == "all"));
        return (!time && !talk).then_some((EntityValue::Ordinal(index as i64 + 1), the + 1 + one));
    }
    match word {
        "last" | "latest" | "newest" | "bottom" => {
            let counted = COUNTED[..8].contains(&next) || (the == 1 && next.is_empty()) || (pieces.len() == 1);
            counted.then_some((EntityValue::Ordinal(-1), the + 1 + one))
        }
        "top" | "upper" if one == 1 => Some((EntityValue::Ordinal(1), the + 2)),
        _ => None,
    }
}

/// A bare number in digits or words.
fn number(pieces: &Pieces<'_>, at: usize) -> Option<(i64, usize)> {
    let piece = pieces.get(at);
    let piece = piece.strip_prefix('#').unwrap_or(piece);
    if !piece.is_empty() && piece.len() <= 9 && piece.bytes().all(|b| b.is_ascii_digit()) {
        return piece.parse().ok().map(|number| (number, 1));
    }
    let (value, count) = amounts::number_words(pieces, at)?;
    let lone_one = value == 1 && count == 1;
    let meant = pieces.len() <= 3 && (at == 0 || matches!(pieces.before(at), "option" | "number" | "only" | "just"));
    (!lone_one || meant).then_some((value, count))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::money::Currency;
    use jiff::tz::TimeZone;

    /// Friday 4 December 2026, London.
    pub(crate) fn context(currency: &str) -> ReadContext {
        let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
        ReadContext { now: "2026-12-04T12:00:00Z".parse().expect("a time"), zone, currency: Currency::parse(currency) }
    }

    /// The entities in a short form.
    pub(crate) fn short(text: &str, currency: &str) -> Vec<String> {
        let entities = find(text, &context(currency));
        for entity in &entities {
            assert_eq!(&text[entity.start..entity.end], entity.text, "{text}");
        }
        let name = |currency: &Option<Currency>| currency.map_or("?", Currency::code);
        entities
            .into_iter()
            .map(|entity| match &entity.value {
                EntityValue::Money { minor, currency } => format!("money {minor} {}", name(currency)),
                EntityValue::Date(date) => format!("date {date}"),
                EntityValue::Days(days) => format!("days {days}"),
                EntityValue::Order(order) => format!("order {order}"),
                EntityValue::Dispute(dispute) => format!("dispute {dispute}"),
                EntityValue::Ordinal(ordinal) => format!("ordinal {ordinal}"),
                EntityValue::Number(number) => format!("number {number}"),
                EntityValue::Reference(reference) => format!("reference {reference}"),
                EntityValue::Email(email) => format!("email {email}"),
            })
            .collect()
    }

    #[test]
    fn numbers_ids_ordinals_and_addresses() {
        let cases: &[(&str, &[&str])] = &[
            ("D-7F3K2", &["dispute D-7F3K2"]),
            ("what about d-7f3k2?", &["dispute D-7F3K2"]),
            ("dispute 7F3K2", &["dispute D-7F3K2"]),
            ("d-later", &[]),
            ("order NOR-48213 is late", &["order NOR-48213"]),
            ("it's #48213.", &["order 48213"]),
            ("order number 48213", &["order 48213"]),
            ("my order 48213", &["order 48213"]),
            ("the second one", &["ordinal 2"]),
            ("2nd", &["ordinal 2"]),
            ("the 2nd one please", &["ordinal 2"]),
            ("last one", &["ordinal -1"]),
            ("the last one", &["ordinal -1"]),
            ("the last", &["ordinal -1"]),
            ("first", &["ordinal 1"]),
            ("first of all where is it", &[]),
            ("just a second", &[]),
            ("top one", &["ordinal 1"]),
            ("2", &["number 2"]),
            ("two", &["number 2"]),
            ("option three", &["number 3"]),
            ("one", &["number 1"]),
            ("this one", &[]),
            ("twenty five", &["number 25"]),
            ("1Z999AA10123784", &["reference 1Z999AA10123784"]),
            ("tracking is JD0146000", &["reference JD0146000"]),
            ("00340434161094042557", &["reference 00340434161094042557"]),
            ("mail me at Jo.Doe+x@example.co.uk, ok", &["email Jo.Doe+x@example.co.uk"]),
            ("a@b", &[]),
            ("call me at 10:30", &[]),
            ("50% off", &[]),
            ("no", &[]),
        ];
        for (text, wanted) in cases {
            assert_eq!(short(text, "GBP"), *wanted, "{text}");
        }
    }

    #[test]
    fn ranges_fit_any_writing() {
        let text = "Größe: £45 — und ‘D-7F3K2’ 😀 2nd";
        let entities = find(text, &context("GBP"));
        assert_eq!(entities.iter().map(|entity| entity.text.as_str()).collect::<Vec<_>>(), ["£45", "D-7F3K2", "2nd"]);
    }
}
