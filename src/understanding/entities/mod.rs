//! Concrete things in a message: amounts, dates, order and dispute numbers, ordinals, numbers, references, addresses.
//! Ranges are bytes of the message as it was written. An ambiguous piece ("the 3rd") may give several entities with the same range,
//! the likeliest first.

#[cfg(test)]
pub(crate) mod tests;

use crate::understanding::dates::{self, Calendar, Dated, Time};
use crate::understanding::lexicon::role;
use crate::understanding::pieces::Pieces;
use crate::understanding::{Entity, EntityValue, ReadContext, amounts, contacts, figures, numbers, postcodes};

/// Most entities that one message may have.
const MOST: usize = 40;

/// Markets where "3/12" is in March.
const MONTH_FIRST: [&str; 2] = ["US", "JP"];

/// What was found so far.
struct Found<'a> {
    pieces: &'a Pieces<'a>,
    text: &'a str,
    entities: Vec<Entity>,
}

impl Found<'_> {
    fn put(&mut self, value: EntityValue, at: usize, count: usize) {
        let (start, end) = self.pieces.range(at, count);
        self.entities.push(Entity { value, text: self.text[start..end].to_owned(), start, end });
    }

    fn put_date(&mut self, dated: Dated, at: usize) {
        for date in [Some(dated.likely), dated.other].into_iter().flatten() {
            self.put(EntityValue::Date(date), at, dated.count);
        }
    }
}

/// The entities of a message, in order of appearance.
pub(crate) fn find(text: &str, context: &ReadContext) -> Vec<Entity> {
    let pieces = Pieces::of(text);
    let country = context.market.split('-').next().unwrap_or_default();
    let calendar = Calendar { today: context.now.to_zoned(context.zone.clone()).date(), month_first: MONTH_FIRST.contains(&country) };
    let mut found = Found { pieces: &pieces, text, entities: Vec::new() };
    for mail in contacts::emails(text, MOST) {
        let (start, end) = (mail.start, mail.start + mail.text.len());
        found.entities.push(Entity { value: EntityValue::Email(mail.text.to_owned()), text: mail.text.to_owned(), start, end });
    }
    let mails = found.entities.len();
    let mut at = 0;
    while at < pieces.len() && found.entities.len() < MOST {
        let starts_with_digit = pieces.get(at).starts_with(|c: char| c.is_ascii_digit());
        if pieces.word(at).is_plain()
            && !starts_with_digit
            && !pieces.get(at).bytes().any(|b| b.is_ascii_digit())
            && !is_marked(&pieces, at)
        {
            at += 1;
            continue;
        }
        at += read(&mut found, at, context, country, &calendar).max(1);
    }
    let mut entities = found.entities;
    if mails > 0 {
        let mails: Vec<(usize, usize)> = entities[..mails].iter().map(|mail| (mail.start, mail.end)).collect();
        let apart = |entity: &Entity| mails.iter().all(|(start, end)| entity.end <= *start || entity.start >= *end);
        entities.retain(|entity| matches!(entity.value, EntityValue::Email(_)) || apart(entity));
        entities.sort_by_key(|entity| (entity.start, entity.end));
    }
    entities
}

/// A piece that says something although it is no known word and has no digit: "US" of "US$45", "mid-march", "top one".
fn is_marked(pieces: &Pieces<'_>, at: usize) -> bool {
    pieces.get(at).contains('-') || matches!(pieces.get(at + 1), "$" | "one")
}

/// Reads what starts at `at`, and tells how many pieces it takes.
fn read(found: &mut Found<'_>, at: usize, context: &ReadContext, country: &str, calendar: &Calendar) -> usize {
    let pieces = found.pieces;
    let named = is_named(pieces, at, role::ORDER);
    if !named && let Some(phone) = contacts::phone(pieces, at, country) {
        found.put(EntityValue::Phone(phone.digits), at, phone.count);
        if phone.solid && is_reference(pieces.get(at)) {
            found.put(EntityValue::Reference(pieces.original(at).to_owned()), at, 1);
        }
        return phone.count;
    }
    if !named && let Some((postcode, count, unsure)) = postcodes::read(pieces, at, country) {
        found.put(EntityValue::Postcode(postcode), at, count);
        if unsure && is_reference(pieces.get(at)) {
            found.put(EntityValue::Reference(pieces.original(at).to_owned()), at, 1);
        }
        return count;
    }
    if let Some((value, count)) = amounts::read(pieces, at, context.currency, country == "FI") {
        match dates::read_dotted(pieces, at, calendar).filter(|_| count == 1) {
            Some((dated, true)) => found.put_date(dated, at),
            Some((dated, false)) => {
                found.put(value, at, count);
                found.put_date(dated, at);
            }
            None => found.put(value, at, count),
        }
        return count;
    }
    match dates::read(pieces, at, calendar) {
        Some(Time::Date(dated)) => {
            found.put_date(dated, at);
            let the = pieces.word(at).is(role::THE);
            let nth = dates::ordinal_digits(pieces.get(at + 1)).map_or(pieces.word(at + 1).nth, |nth| nth);
            let swedish = numbers::digits(pieces.get(at + 1)).filter(|_| dated.count == 3 && pieces.gap(at + 1) == ":");
            let nth = swedish.or((dated.count == 2).then_some(i64::from(nth))).filter(|nth| the && *nth > 0);
            if let Some(nth) = nth {
                found.put(EntityValue::Ordinal(nth), at, dated.count);
            }
            return dated.count;
        }
        Some(Time::Days(days, count)) => {
            found.put(EntityValue::Days(days), at, count);
            return count;
        }
        None => {}
    }
    if let Some((value, count)) = public_number(pieces, at).or_else(|| ordinal(pieces, at)) {
        found.put(value, at, count);
        return count;
    }
    if let Some((number, count)) = number(pieces, at, context) {
        found.put(EntityValue::Number(number), at, count);
        if count == 1 && is_reference(pieces.get(at)) {
            found.put(EntityValue::Reference(pieces.original(at).to_owned()), at, 1);
        }
        return count;
    }
    if is_reference(pieces.get(at)) {
        found.put(EntityValue::Reference(pieces.original(at).trim_start_matches('#').to_owned()), at, 1);
    }
    1
}

/// Whether the piece stands behind a word of that role: "order 48213", "order number 48213".
fn is_named(pieces: &Pieces<'_>, at: usize, wanted: u64) -> bool {
    let back = if pieces.word_before(at).is(role::NUMBER) { 2 } else { 1 };
    at.checked_sub(back).is_some_and(|at| pieces.word(at).is(wanted))
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
        if (1..=6).contains(&letters.len())
            && letters.bytes().all(|b| b.is_ascii_alphabetic())
            && digits(rest)
            && (3..=20).contains(&rest.len())
        {
            return Some((EntityValue::Order(piece.to_ascii_uppercase()), 1));
        }
        return None;
    }
    if let Some(rest) = piece.strip_prefix('#')
        && digits(rest)
        && (3..=20).contains(&rest.len())
    {
        return Some((EntityValue::Order(rest.to_owned()), 1));
    }
    if (4..=20).contains(&piece.len()) && digits(piece) && is_named(pieces, at, role::ORDER) {
        return Some((EntityValue::Order(piece.to_owned()), 1));
    }
    let mixed = piece.len() == 5 && piece.bytes().all(|b| b.is_ascii_alphanumeric()) && piece.bytes().any(|b| b.is_ascii_digit());
    if mixed && !digits(piece) && is_named(pieces, at, role::DISPUTE) {
        return Some((EntityValue::Dispute(format!("D-{}", piece.to_ascii_uppercase())), 1));
    }
    None
}

/// A word with a digit in it that nothing else has claimed.
fn is_reference(piece: &str) -> bool {
    let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/' | b'#' | b'.');
    let number = piece.contains(['.', '/']) && piece.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/'));
    (5..=64).contains(&piece.len()) && !number && piece.bytes().all(inside) && piece.bytes().any(|b| b.is_ascii_digit())
}

/// "the second one", "2nd", "den andra", "last one", "top one".
fn ordinal(pieces: &Pieces<'_>, at: usize) -> Option<(EntityValue, usize)> {
    let the = usize::from(pieces.word(at).is(role::THE));
    let place = at + the;
    let word = pieces.word(place);
    let piece = pieces.get(place);
    let next = pieces.get(place + 1);
    let one = usize::from(next == "one");
    let before = pieces.before(at);
    if let Some(number) = dates::ordinal_digits(piece) {
        return Some((EntityValue::Ordinal(i64::from(number)), the + 1 + one));
    }
    if pieces.gap(place) == ":" && matches!(next, "e" | "a") {
        return numbers::digits(piece).map(|number| (EntityValue::Ordinal(number), the + 2));
    }
    if word.nth > 0 {
        let time = piece == "second" && matches!(before, "a" | "one" | "split" | "per" | "every" | "this");
        let talk = piece == "first"
            && (before == "at" || matches!(next, "time" | "place" | "name" | "thing") || (next == "of" && pieces.get(place + 2) == "all"));
        return (!time && !talk).then_some((EntityValue::Ordinal(i64::from(word.nth)), the + 1 + one));
    }
    if word.nth < 0 {
        let last = pieces.word(place + 1);
        let counted = last.is(role::COUNTED) || (the == 1 && next.is_empty()) || pieces.len() == 1;
        return counted.then_some((EntityValue::Ordinal(-1), the + 1 + one));
    }
    (matches!(piece, "top" | "upper") && one == 1).then_some((EntityValue::Ordinal(1), the + 2))
}

/// A bare number in digits or words.
fn number(pieces: &Pieces<'_>, at: usize, context: &ReadContext) -> Option<(i64, usize)> {
    if let Some(grouped) = figures::grouped(pieces, at, context.currency) {
        return Some(grouped);
    }
    let piece = pieces.get(at);
    let piece = piece.strip_prefix('#').unwrap_or(piece);
    if let Some(number) = numbers::digits(piece) {
        return numbers::words(pieces, at).or(Some((number, 1)));
    }
    let (value, count) = numbers::words(pieces, at)?;
    let lone_one = value == 1 && count == 1;
    let meant = pieces.len() <= 3 && (at == 0 || matches!(pieces.before(at), "option" | "number" | "only" | "just"));
    let weak = numbers::is_weak(pieces, at, count) && pieces.len() > 1;
    ((!lone_one || meant) && !weak).then_some((value, count))
}
