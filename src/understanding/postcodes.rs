//! Postcodes of the markets' countries, where their form or a word before them tells: bare digits stay a number.

use crate::understanding::lexicon::role;
use crate::understanding::pieces::Pieces;

/// A postcode of that country that starts at `at`, how many pieces it takes, and whether it may as well be another number.
pub(crate) fn read(pieces: &Pieces<'_>, at: usize, country: &str) -> Option<(String, usize, bool)> {
    let piece = pieces.get(at);
    let next = pieces.get(at + 1);
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let named = || (1..=3).any(|back| at.checked_sub(back).is_some_and(|at| pieces.word(at).is(role::POSTCODE)));
    match country {
        "GB" => british(pieces, at),
        "US" => {
            let (zip, more) = piece.split_once('-').map_or((piece, None), |(zip, more)| (zip, Some(more)));
            let long = more.is_some_and(|more| digits(more, 4));
            let state = pieces.original(at.wrapping_sub(1));
            let state =
                at > 0 && state.len() == 2 && state.bytes().all(|b| b.is_ascii_uppercase()) && !matches!(state, "NO" | "ID" | "NR" | "OK");
            (digits(zip, 5) && (long || (more.is_none() && (named() || state)))).then(|| (piece.to_owned(), 1, false))
        }
        "SE" if digits(piece, 3) && !piece.starts_with('0') && digits(next, 2) && pieces.spaced(at) => {
            let after = pieces.word(at + 2);
            (after.coin.is_none() && after.unit.is_none() && after.month == 0).then(|| (format!("{piece} {next}"), 2, false))
        }
        "NL" if digits(piece, 4) && !piece.starts_with('0') && next.len() == 2 && pieces.gap(at).len() <= 1 => {
            let letters = pieces.original(at + 1);
            let upper = letters.bytes().all(|b| b.is_ascii_uppercase());
            let lower = named() && letters.bytes().all(|b| b.is_ascii_alphabetic());
            let used = !matches!(next, "sa" | "sd" | "ss") && pieces.word(at + 1).coin.is_none();
            ((upper || lower) && used).then(|| (format!("{piece} {}", next.to_ascii_uppercase()), 2, false))
        }
        "NL" if piece.len() == 6 && digits(&piece[..piece.floor_char_boundary(4)], 4) && !piece.starts_with('0') => {
            let letters = &piece[4..];
            let code = letters.bytes().all(|b| b.is_ascii_alphabetic()) && !matches!(letters, "sa" | "sd" | "ss");
            code.then(|| (format!("{} {}", &piece[..4], letters.to_ascii_uppercase()), 1, true))
        }
        "JP" => {
            let (area, rest) = piece.split_once('-')?;
            (digits(area, 3) && digits(rest, 4)).then(|| (piece.to_owned(), 1, false))
        }
        "SE" | "DE" | "FI" => (digits(piece, 5) && named()).then(|| (piece.to_owned(), 1, false)),
        _ => None,
    }
}

/// The areas of British postcodes.
const AREAS: &str = " ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e ec eh en ex fk fy g gl gu gy ha \
    hd hg hp hr hs hu hx ig im ip iv je ka kt kw ky l la ld le ll ln ls lu m me mk ml n ne ng nn np nr nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk \
    sl sm sn so sp sr ss st sw sy ta td tf tn tq tr ts tw ub w wa wc wd wf wn wr ws wv yo ze ";

/// "SW1A 1AA"; written in one word ("M11AE") it may as well be a reference.
fn british(pieces: &Pieces<'_>, at: usize) -> Option<(String, usize, bool)> {
    let piece = pieces.get(at);
    if !piece.as_bytes().first().is_some_and(u8::is_ascii_lowercase) || !piece.is_ascii() || piece.len() > 7 {
        return None;
    }
    let next = pieces.get(at + 1);
    let (outward, inward, count) = if is_outward(piece) && is_inward(next) && pieces.spaced(at) {
        (piece, next, 2)
    } else {
        let split = piece.len().checked_sub(3).filter(|split| *split >= 2)?;
        (&piece[..split], &piece[split..], 1)
    };
    (is_outward(outward) && is_inward(inward)).then(|| (format!("{outward} {inward}").to_ascii_uppercase(), count, count == 1))
}

fn is_inward(text: &str) -> bool {
    let bytes = text.as_bytes();
    let letter = |b: u8| b.is_ascii_lowercase() && !matches!(b, b'c' | b'i' | b'k' | b'm' | b'o' | b'v');
    bytes.len() == 3 && bytes[0].is_ascii_digit() && letter(bytes[1]) && letter(bytes[2]) && !matches!(text, "2nd" | "1st" | "3rd")
}

fn is_outward(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_lowercase).count();
    let rest = text.as_bytes().get(letters..).unwrap_or_default();
    let district = match rest {
        [one] => one.is_ascii_digit(),
        [one, two] => one.is_ascii_digit() && two.is_ascii_alphanumeric(),
        _ => false,
    };
    let mut area = [b' '; 4];
    if !(1..=2).contains(&letters) || !district {
        return false;
    }
    area[1..=letters].copy_from_slice(&text.as_bytes()[..letters]);
    AREAS.as_bytes().windows(letters + 2).any(|window| window == &area[..letters + 2])
}

#[cfg(test)]
mod tests {
    use crate::understanding::entities::tests::check;

    #[test]
    fn postcodes_by_market() {
        check(&[
            ("SW1A 1AA", "GB", "postcode SW1A 1AA"),
            ("i live in m1 1ae", "GB", "postcode M1 1AE"),
            ("EC1A1BB", "GB", "postcode EC1A 1BB, reference EC1A1BB"),
            ("zz1 1aa", "GB", ""),
            ("D-7F3K2", "GB", "dispute D-7F3K2"),
            ("b2 2nd", "GB", "ordinal 2"),
            ("zip 10001", "US", "postcode 10001"),
            ("New York, NY 10001", "US", "postcode 10001"),
            ("10001-1234", "US", "postcode 10001-1234"),
            ("10001", "US", "number 10001, reference 10001"),
            ("114 55 Stockholm", "SE", "postcode 114 55"),
            ("114 55 kr", "SE", "number 114, money 5500 SEK"),
            ("postnummer 11455", "SE", "postcode 11455"),
            ("PLZ 10115", "DE", "postcode 10115"),
            ("10115", "DE", "number 10115, reference 10115"),
            ("1012 AB", "NL", "postcode 1012 AB"),
            ("1012ab", "NL", "postcode 1012 AB, reference 1012ab"),
            ("1000 is te veel", "NL", "number 1000"),
            ("postinumero 00100", "FI", "postcode 00100"),
            ("150-0002", "JP", "postcode 150-0002"),
            ("order 48213", "US", "order 48213"),
        ]);
    }
}
