//! Hides what must never be stored: card numbers, their security codes and bank account numbers. Also masks contact data for the desk.
//!
//! Order references, tracking numbers and phone numbers survive: digits are hidden only when a check sum says what they are.

use regex::Regex;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// What was hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hidden {
    /// A card number; the last four digits stay.
    Card,
    /// A card's security code.
    Code,
    /// An international bank account number; the country and the last four characters stay.
    Iban,
}

impl Hidden {
    /// The word for it in events and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Hidden::Card => "card_number",
            Hidden::Code => "security_code",
            Hidden::Iban => "iban",
        }
    }
}

/// A text that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// What was hidden.
    pub kinds: Vec<Hidden>,
}

/// A place to hide, with what stands there afterwards.
struct Find {
    range: Range<usize>,
    kind: Hidden,
    mask: String,
}

/// Hides card numbers (13 to 19 digits that pass Luhn's check, also in groups), security codes that are called so or stand behind a
/// card number, and IBANs. Text with hardly any digit comes back as it is.
pub fn redact(text: &str) -> Redacted<'_> {
    let mut safe = Cow::Borrowed(text);
    let mut kinds = Vec::new();
    // What stays of one number may form another with its neighbours: look again until nothing is found. Every round removes digits.
    loop {
        let mut found = find(&safe);
        if found.is_empty() {
            return Redacted { text: safe, kinds };
        }
        found.sort_by_key(|find| find.range.start);
        let mut next = String::with_capacity(safe.len());
        let mut end = 0;
        for find in found.into_iter() {
            if find.range.start >= end {
                next.push_str(&safe[end..find.range.start]);
                next.push_str(&find.mask);
                end = find.range.end;
                kinds.push(find.kind);
            }
        }
        next.push_str(&safe[end..]);
        safe = Cow::Owned(next);
    }
}

/// Where a text has something that must never be stored.
pub(crate) fn places(text: &str) -> Vec<(Range<usize>, Hidden)> {
    find(text).into_iter().map(|find| (find.range, find.kind)).collect()
}

fn find(text: &str) -> Vec<Find> {
    let digits = text.chars().filter(|c| digit_of(*c).is_some()).count();
    let mut found = Vec::new();
    if digits >= 3 {
        found.extend(NAMED_CODE.captures_iter(text).filter_map(|captures| captures.get(1)).map(|code| hide_code(code.range())));
    }
    if digits >= FEWEST_IBAN_DIGITS {
        find_ibans(text, &mut found);
    }
    if digits >= 13 {
        find_cards(text, &mut found);
    }
    found
}

fn hide_code(range: Range<usize>) -> Find {
    Find { range, kind: Hidden::Code, mask: "•••".into() }
}

/// "CVV: 123", "the security code is 1234".
static NAMED_CODE: LazyLock<Regex> = LazyLock::new(|| {
    let names = r"cvv2?|cvc2?|csc|cid|security\s+(?:code|number)|turvakoodi|säkerhetskod|prüfziffer|kartenprüfnummer|beveiligingscode";
    Regex::new(&format!(r"(?i)\b(?:{names})\b[\s:=#-]*(?:(?:code|number|nr|is|was|on)\b[\s:=#-]*){{0,3}}(\d{{3,4}})\b"))
        .expect("a fixed expression, a test uses it")
});

/// Between a card number and its security code: at most an expiry date and a few marks.
static CODE_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\s,;:|/.-]{1,5}(?:(?:exp\w*[\s:.]*)?(?:0?[1-9]|1[0-2])\s?[/.-]\s?\d{2,4}[\s,;:|/.-]{1,5})?(\d{3,4})(?:[\s,;:|/.!?]|$)")
        .expect("a fixed expression, a test uses it")
});

/// Some digits without a gap: range in the text and their values.
struct Group {
    range: Range<usize>,
    values: Vec<u32>,
}

/// The value of a digit of any common script (full-width, Arabic …), so that typing differently doesn't hide a number from us.
fn digit_of(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    const ZEROS: [char; 5] = ['０', '٠', '۰', '०', '০'];
    ZEROS.iter().map(|zero| u32::from(c).wrapping_sub(u32::from(*zero))).find(|value| *value < 10)
}

/// What people and keyboards put between groups of digits, including characters that can't be seen.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '.' | '/' | '_' | '*' | '|' | '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2010}'..='\u{2015}' | '\u{2060}' | '\u{2212}' | '\u{FEFF}')
}

/// Groups of digits, in lists whose neighbours are at most three separators apart.
fn group_lists(text: &str) -> Vec<Vec<Group>> {
    let mut lists: Vec<Vec<Group>> = vec![Vec::new()];
    let mut gap = 0;
    for (at, c) in text.char_indices() {
        let Some(value) = digit_of(c) else {
            gap += 1;
            if gap > 3 || !is_separator(c) {
                gap = 4;
            }
            continue;
        };
        if gap > 3 {
            lists.push(Vec::new());
        }
        let end = at + c.len_utf8();
        if let Some(list) = lists.last_mut() {
            match list.last_mut() {
                Some(group) if gap == 0 => {
                    group.range.end = end;
                    group.values.push(value);
                }
                _ => list.push(Group { range: at..end, values: vec![value] }),
            }
        }
        gap = 0;
    }
    lists
}

/// Lengths of card numbers, the usual first.
const CARD_LENGTHS: [usize; 7] = [16, 15, 14, 13, 19, 18, 17];

fn find_cards(text: &str, found: &mut Vec<Find>) {
    for list in group_lists(text) {
        let mut from = 0;
        while from < list.len() {
            match card_at(text, &list[from..]) {
                Some(groups) => {
                    hide_card(text, &list[from..from + groups], found);
                    from += groups;
                }
                None => from += 1,
            }
        }
    }
}

/// How many groups from the first make a card number.
fn card_at(text: &str, list: &[Group]) -> Option<usize> {
    CARD_LENGTHS.into_iter().find_map(|length| {
        let mut digits: Vec<u32> = Vec::with_capacity(19);
        for (place, group) in list.iter().enumerate() {
            digits.extend(&group.values);
            if digits.len() > length {
                return None;
            }
            if digits.len() == length {
                return (passes_luhn(&digits) && !is_phone(text, list, length)).then_some(place + 1);
            }
        }
        None
    })
}

/// A plus sign and up to 14 digits: an international phone number, not a card.
fn is_phone(text: &str, list: &[Group], length: usize) -> bool {
    length <= 14 && list.first().is_some_and(|group| text[..group.range.start].ends_with('+'))
}

fn hide_card(text: &str, groups: &[Group], found: &mut Vec<Find>) {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return };
    let range = first.range.start..last.range.end;
    if found.iter().any(|other| range.start < other.range.end && other.range.start < range.end) {
        return;
    }
    let digits: Vec<u32> = groups.iter().flat_map(|group| &group.values).copied().collect();
    let kept: String = digits[digits.len() - 4..].iter().filter_map(|value| char::from_digit(*value, 10)).collect();
    if let Some(code) = CODE_BEHIND.captures(&text[range.end..]).and_then(|captures| captures.get(1)) {
        found.push(hide_code(range.end + code.start()..range.end + code.end()));
    }
    found.push(Find { range, kind: Hidden::Card, mask: format!("•••• •••• •••• {kept}") });
}

/// Luhn's check: every second digit from the right doubled, the sum of all digits ends in 0.
fn passes_luhn(digits: &[u32]) -> bool {
    let doubled = |(place, digit): (usize, &u32)| match (place % 2, digit * 2) {
        (0, _) => *digit,
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

/// Dutch IBANs have the fewest digits of the markets: 12. Malta's may have 10.
const FEWEST_IBAN_DIGITS: usize = 10;

fn find_ibans(text: &str, found: &mut Vec<Find>) {
    let mut end = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let begins_word = at >= end && c.is_ascii_alphabetic() && !before.is_alphanumeric();
        if let Some(to) = begins_word.then(|| iban_end(&text[at..])).flatten().map(|length| at + length) {
            let signs: String = text[at..to].chars().filter(char::is_ascii_alphanumeric).collect();
            let mask = format!("{}•• •••• •••• {}", &signs[..2], &signs[signs.len() - 4..]);
            found.push(Find { range: at..to, kind: Hidden::Iban, mask });
            end = to;
        }
        before = c;
    }
}

/// Length of an IBAN by country, from the public registry.
const IBAN_LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 \
    FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 \
    MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TN24 TR26 UA29 VA22 VG24 XK20";

fn iban_length(country: &str) -> Option<usize> {
    IBAN_LENGTHS.split_ascii_whitespace().find(|entry| entry[..2].eq_ignore_ascii_case(country)).and_then(|entry| entry[2..].parse().ok())
}

/// Bytes of the IBAN that begins the text: country and two check digits without a gap, then letters and digits, in groups or not.
fn iban_end(text: &str) -> Option<usize> {
    let head = text.as_bytes().get(..4)?;
    if !(head[..2].is_ascii() && head[2..].iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let length = iban_length(&text[..2])?;
    let mut signs: Vec<u8> = Vec::with_capacity(length);
    let mut gap = false;
    for (at, c) in text.char_indices() {
        if c.is_ascii_alphanumeric() {
            gap = false;
            signs.push(c.to_ascii_uppercase() as u8);
            if signs.len() == length {
                return passes_mod97(&signs).then_some(at + 1);
            }
        } else if gap || !is_separator(c) {
            return None;
        } else {
            gap = true;
        }
    }
    None
}

/// An IBAN's check: country and check digits to the end, letters as 10 to 35, and the rest of dividing by 97 is 1.
fn passes_mod97(signs: &[u8]) -> bool {
    let rest = signs[4..].iter().chain(&signs[..4]).fold(0u32, |rest, sign| {
        let value = char::from(*sign).to_digit(36).unwrap_or(0);
        if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 }
    });
    rest == 1
}

/// A mail address as the desk shows it: `a•••@example.com`. Anything else is hidden whole.
pub fn mask_email(email: &str) -> String {
    match email.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() => {
            format!("{}•••@{host}", name.chars().take(1).collect::<String>())
        }
        _ if email.is_empty() => String::new(),
        _ => "•••".into(),
    }
}

/// A phone number as the desk shows it: `+44 ••• 123`, or the last three digits alone.
pub fn mask_phone(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 7 {
        return if digits.is_empty() { String::new() } else { "•••".into() };
    }
    let country = phone.trim().split([' ', '-']).next().filter(|first| first.starts_with('+') && (2..=4).contains(&first.len()));
    let last = &digits[digits.len() - 3..];
    country.map_or_else(|| format!("••• {last}"), |country| format!("{country} ••• {last}"))
}

#[cfg(test)]
mod tests;
