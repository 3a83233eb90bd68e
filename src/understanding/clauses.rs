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

/// Words that a piece may begin with before it says what it is about.
const OPENERS: &[&str] = &[
    "no", "well", "so", "but", "and", "please", "sorry", "it", "its", "this", "that", "thats", "im", "i", "am", "is", "was", "you", "they",
    "we", "are", "really",
];
/// After these "not" turns a topic away: "not asking when", "not the next payment". After others it tells a fact: "not here yet".
const TURNED_AWAY: &[&str] =
    &["saying", "asking", "talking", "about", "a", "an", "the", "my", "your", "that", "just", "only", "two", "because"];
/// What "don't" turns away: "I don't want to move it".
const WISHES: &[&str] = &["want", "need", "wish", "mean", "ask"];

/// Whether a piece only says what the message is not about. "I don't want it any more" is a wish like any other.
pub(crate) fn turns_away(piece: &Plain) -> bool {
    let mut words = piece.words().skip_while(|word| OPENERS.contains(word));
    let turned = match (words.next(), words.next(), words.next()) {
        (Some("not"), Some(next), _) => TURNED_AWAY.contains(&next),
        (Some("dont" | "didnt"), Some(wish), _) | (Some("do" | "did"), Some("not"), Some(wish)) => WISHES.contains(&wish),
        _ => false,
    };
    turned && !piece.words().any(|word| matches!(word, "anymore" | "more" | "longer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_that_are_turned_away_are_no_matters() {
        for (text, wanted) in [
            ("I'm not saying it's late", true),
            ("not asking when it comes", true),
            ("No, i don't want to know where it is", true),
            ("i do not need a new date", true),
            ("it's not the next payment", true),
            ("I don't want the dispute any more", false),
            ("it's not here yet", false),
            ("i did not return it", false),
            ("i never got my parcel", false),
            ("not", false),
            ("", false),
        ] {
            assert_eq!(turns_away(&Plain::of(text)), wanted, "{text}");
        }
    }

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
