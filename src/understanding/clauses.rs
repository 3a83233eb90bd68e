//! Where a message may go from one matter to the next: at the ends of sentences and at words like "and", "also", "by the way".
//! Cutting is generous; whether two pieces are two matters is decided by how they read.

use crate::understanding::normalize::Plain;

/// Shorter pieces belong to the piece before.
const LEAST_WORDS: usize = 3;
/// More pieces than this are not told apart.
const MOST: usize = 5;

/// Words between two matters.
const JOINERS: &[&str] =
    &["and", "also", "plus", "btw", "additionally", "secondly", "another", "och", "und", "sedan", "ausserdem", "dessutom"];

/// The pieces of a message as byte ranges of its plain text; none when it is of one piece.
pub(crate) fn split(plain: &Plain, pieces: &mut Vec<(usize, usize)>) {
    pieces.clear();
    if plain.len() < 2 * LEAST_WORDS {
        return;
    }
    let mut begins = 0;
    let mut words = 0;
    let mut before_end = 0;
    for index in 0..plain.len() {
        let (start, end) = plain.place(index);
        let joins = JOINERS.contains(&plain.word(index));
        let breaks = plain.text[before_end..start].contains(['.', ',', ';', '?', '!', '/', ':', '-', '\u{2022}']) || is_mark(plain, index);
        if (joins || breaks) && words >= LEAST_WORDS && pieces.len() + 1 < MOST && left(plain, index) >= LEAST_WORDS {
            pieces.push((begins, before_end));
            begins = start;
            words = 0;
        }
        words += usize::from(!joins && !matches!(plain.word(index), "?" | "!"));
        before_end = end;
    }
    pieces.push((begins, before_end));
    if pieces.len() < 2 {
        pieces.clear();
    }
}

/// Whether the word before is a question or exclamation mark.
fn is_mark(plain: &Plain, index: usize) -> bool {
    index > 0 && matches!(plain.word(index - 1), "?" | "!") && !matches!(plain.word(index), "?" | "!")
}

/// Words from `index` on, joiners and marks left out, as far as they matter.
fn left(plain: &Plain, index: usize) -> usize {
    (index..plain.len()).filter(|&at| !JOINERS.contains(&plain.word(at)) && !matches!(plain.word(at), "?" | "!")).take(LEAST_WORDS).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_where_a_new_matter_may_begin() {
        for (text, wanted) in [
            ("where's my refund and can i move friday's payment", vec!["where's my refund", "and can i move friday's payment"]),
            ("Where is my refund? Can I pay later? thanks", vec!["where is my refund?", "can i pay later? thanks"]),
            ("my parcel never came", vec![]),
            ("the shoes and the bag", vec![]),
            ("i paid, sent it back, also nobody answers me", vec!["i paid, sent it back", "also nobody answers me"]),
            ("", vec![]),
        ] {
            let plain = Plain::of(text);
            let mut pieces = Vec::new();
            split(&plain, &mut pieces);
            let got: Vec<&str> = pieces.iter().map(|&(start, end)| &plain.text[start..end]).collect();
            assert_eq!(got, wanted, "{text}");
        }
    }
}
