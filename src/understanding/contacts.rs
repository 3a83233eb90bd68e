//! E-mail addresses and phone numbers. Careful: an order number, an amount or a parcel's number is never taken for one.

use crate::understanding::lexicon::role;
use crate::understanding::pieces::{BYTES, Pieces};

/// An address or number: where it starts, how long it is, and what was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mail<'a> {
    pub(crate) start: usize,
    pub(crate) text: &'a str,
}

/// The e-mail addresses of a message, at most `most`.
pub(crate) fn emails(text: &str, most: usize) -> Vec<Mail<'_>> {
    let mut found: Vec<Mail<'_>> = Vec::new();
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '%');
    for (at, _) in text.match_indices('@').take_while(|(at, _)| *at < BYTES).take(most) {
        let local = text[..at].char_indices().rev().take_while(|&(_, c)| inside(c)).take(64).last();
        let domain: usize = text[at + 1..].chars().take_while(|&c| inside(c)).take(255).map(char::len_utf8).sum();
        let host = text[at + 1..at + 1 + domain].trim_end_matches(['.', '-', '_', '+', '%']);
        let Some((start, _)) = local else { continue };
        let start = start + (text[start..at].len() - text[start..at].trim_start_matches(['.', '-', '+', '%']).len());
        let end = at + 1 + host.len();
        let dotted = host.rsplit_once('.').is_some_and(|(name, top)| !name.is_empty() && top.chars().count() >= 2);
        if start < at && dotted && found.last().is_none_or(|last| last.start + last.text.len() <= start) {
            found.push(Mail { start, text: &text[start..end] });
        }
    }
    found
}

/// Digits of a phone number, and how many pieces they take. International numbers begin with `+`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Phone {
    pub(crate) digits: String,
    pub(crate) count: usize,
    /// Written without gaps and without `+`: it may as well be some other number.
    pub(crate) solid: bool,
}

/// How many digits a number of that country has when it is written with its leading zero (for the USA without any).
fn national_lengths(country: &str) -> std::ops::RangeInclusive<usize> {
    match country {
        "GB" => 10..=11,
        "US" | "NL" => 10..=10,
        "SE" => 9..=10,
        "DE" => 9..=12,
        "FI" => 9..=10,
        "JP" => 10..=11,
        _ => 9..=12,
    }
}

/// A phone number that starts at `at`, in the usual forms of that country or international.
pub(crate) fn phone(pieces: &Pieces<'_>, at: usize, country: &str) -> Option<Phone> {
    let first = pieces.get(at);
    let lead = first.as_bytes().first().filter(|b| b.is_ascii_digit())?;
    let plus = pieces.gap_before(at).ends_with('+');
    let double_zero = !plus && first.starts_with("00");
    let american = country == "US" && matches!(lead, b'1'..=b'9');
    if !(plus || *lead == b'0' || american) {
        return None;
    }
    let mut digits = String::with_capacity(16);
    let (mut count, mut best) = (0, None);
    let mut grouped = false;
    while count < 8 {
        let piece = pieces.get(at + count);
        let group = piece.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'/'));
        if piece.is_empty() || !group || !piece.as_bytes()[0].is_ascii_digit() {
            break;
        }
        // "(0)" behind a country's code is not dialled.
        let not_dialled = (plus || double_zero) && count > 0 && piece == "0" && pieces.gap_before(at + count).ends_with('(');
        if !not_dialled {
            digits.extend(piece.chars().filter(char::is_ascii_digit));
        }
        grouped |= count > 0 || piece.len() > piece.bytes().filter(u8::is_ascii_digit).count();
        count += 1;
        if digits.len() > 17 {
            return None;
        }
        let fits = if plus {
            (8..=15).contains(&digits.len())
        } else if double_zero {
            (10..=15).contains(&digits.len())
        } else if american {
            american_fits(&digits, piece_shape(pieces, at, count))
        } else {
            national_lengths(country).contains(&digits.len()) && !digits.starts_with("00")
        };
        if fits {
            best = Some((digits.len(), count, grouped));
        }
        let gap = pieces.gap(at + count - 1);
        let close = gap.len() <= 3
            && !gap.is_empty()
            && gap.chars().all(|c| matches!(c, ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')' | '\u{2013}'));
        if !close {
            break;
        }
    }
    let (length, count, grouped) = best?;
    digits.truncate(length);
    let named = (1..=3).any(|back| at.checked_sub(back).is_some_and(|at| pieces.word(at).is(role::PHONE)));
    let solid = !plus && !grouped;
    // A date, an amount or a lone long number is no phone number.
    if american && solid && !named || *lead == b'0' && first.len() < 2 || first.contains(['.', '/']) && first.len() <= 5 {
        return None;
    }
    let digits = if plus {
        format!("+{digits}")
    } else if double_zero {
        format!("+{}", &digits[2..])
    } else {
        digits
    };
    Some(Phone { digits, count, solid: solid && !named })
}

/// How the digits of an American number are grouped: "555-123-4567" and "(555) 123 4567" have 3, 3 and 4.
fn piece_shape(pieces: &Pieces<'_>, at: usize, count: usize) -> [usize; 4] {
    let mut shape = [0; 4];
    let groups = (at..at + count).flat_map(|at| pieces.get(at).split(['-', '.', '/']));
    for (place, group) in groups.enumerate() {
        if let Some(length) = shape.get_mut(place) {
            *length = group.len();
        }
    }
    shape
}

fn american_fits(digits: &str, shape: [usize; 4]) -> bool {
    let (own, shape) = match (digits.len(), shape) {
        (11, [1, 3, 3, 4]) if digits.starts_with('1') => (&digits[1..], [3, 3, 4, 0]),
        (11, [11, 0, 0, 0]) if digits.starts_with('1') => (&digits[1..], [10, 0, 0, 0]),
        (10, shape) => (digits, shape),
        _ => return false,
    };
    let area = |from: usize| matches!(own.as_bytes().get(from), Some(b'2'..=b'9'));
    matches!(shape, [3, 3, 4, 0] | [10, 0, 0, 0] | [3, 7, 0, 0]) && area(0) && area(3)
}

#[cfg(test)]
mod tests {
    use crate::understanding::entities::tests::{check, check_british};

    #[test]
    fn phone_numbers_by_market() {
        check(&[
            ("call me on 07911 123456", "GB", "phone 07911123456"),
            ("my number is 020 7946 0958", "GB", "phone 02079460958"),
            ("+44 (0)20 7946 0958 please", "GB", "phone +442079460958"),
            ("+44 7911 123456", "SE", "phone +447911123456"),
            ("0046 70 123 45 67", "SE", "phone +46701234567"),
            ("070-123 45 67", "SE", "phone 0701234567"),
            ("08-123 456 78", "SE", "phone 0812345678"),
            ("0151 23456789", "DE", "phone 015123456789"),
            ("030/1234567", "DE", "phone 0301234567"),
            ("06-12345678", "NL", "phone 0612345678"),
            ("040 123 4567", "FI", "phone 0401234567"),
            ("090-1234-5678", "JP", "phone 09012345678"),
            ("(212) 155-0147", "US", "number 212, reference 155-0147"),
            ("(212) 555-2147", "US", "phone 2125552147"),
            ("212.555.2147", "US", "phone 2125552147"),
            ("1-212-555-2147", "US", "phone 12125552147"),
            ("text me: 2125552147", "US", "phone 2125552147"),
            ("07911123456", "GB", "phone 07911123456, reference 07911123456"),
            ("my mobile is 07911123456", "GB", "phone 07911123456"),
            ("2125552147", "US", "reference 2125552147"),
            ("00340434161094042557", "DE", "reference 00340434161094042557"),
            ("order 0012345678", "GB", "order 0012345678"),
            ("0,50 €", "DE", "money 50 EUR"),
            ("05.12.2026", "DE", "date 2026-12-05"),
            ("at 09:30", "GB", ""),
            ("1 299 kr", "SE", "money 129900 SEK"),
            ("NOR-48213", "US", "order NOR-48213"),
        ]);
    }

    #[test]
    fn addresses() {
        check_british(&[
            ("mail me at Jo.Doe+x@example.co.uk, ok", "email Jo.Doe+x@example.co.uk"),
            ("a@b", ""),
            ("@", ""),
            ("x@y.com z@w.se", "email x@y.com, email z@w.se"),
            ("@@a@@b.c@d", ""),
        ]);
    }
}
