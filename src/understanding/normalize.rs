//! Text to a plain form that everything else reads: compatibility forms, case, accents, quotes and "soooo" are levelled,
//! and words are cut. Work is bounded whatever comes in.

use unicode_normalization::char::decompose_compatible;

/// Only this many bytes of the plain text are cut into words; the rest is still seen by patterns and safety rules.
const WORDS_FROM_BYTES: usize = 2_000;

/// The plain form of one message. Kept and refilled from message to message, so that reading allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    /// Lower-case, accents folded, straight quotes, single spaces, long runs of a letter cut to one. What patterns are matched against.
    pub(crate) text: String,
    words: String,
    cuts: Vec<(u32, u32)>,
    /// Where each word stands in `text`.
    places: Vec<(u32, u32)>,
}

impl Plain {
    /// The plain form of `text`.
    pub(crate) fn of(text: &str) -> Self {
        let mut plain = Self::default();
        plain.fill(text);
        plain
    }

    /// Replaces the contents by the plain form of `text`.
    pub(crate) fn fill(&mut self, text: &str) {
        self.level(text);
        self.cut();
    }

    /// How many words there are; `?`, `!` and thumbs count as words.
    pub(crate) fn len(&self) -> usize {
        self.cuts.len()
    }

    /// The word at `index`, or an empty string past the end.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.cuts.get(index).map_or("", |&(start, end)| &self.words[start as usize..end as usize])
    }

    /// Where the word at `index` stands in `text`, as bytes.
    pub(crate) fn place(&self, index: usize) -> (usize, usize) {
        self.places.get(index).map_or((0, 0), |&(start, end)| (start as usize, end as usize))
    }

    /// All words in order.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.cuts.iter().map(|&(start, end)| &self.words[start as usize..end as usize])
    }

    fn level(&mut self, text: &str) {
        self.text.clear();
        self.text.reserve(text.len());
        let mut run = ('\0', 0_u32);
        for c in text.chars() {
            fold(c, |c| {
                if c == ' ' {
                    if !self.text.is_empty() && !self.text.ends_with(' ') {
                        self.text.push(' ');
                    }
                    run = ('\0', 0);
                    return;
                }
                run = if c == run.0 { (c, run.1 + 1) } else { (c, 1) };
                if run.1 >= 3 && c.is_alphabetic() {
                    if run.1 == 3 {
                        self.text.pop();
                    }
                    return;
                }
                self.text.push(c);
            });
        }
        if self.text.ends_with(' ') {
            self.text.pop();
        }
    }

    fn cut(&mut self) {
        let Self { text, words, cuts, places } = self;
        words.clear();
        cuts.clear();
        places.clear();
        let end = text.floor_char_boundary(WORDS_FROM_BYTES);
        let (mut start, mut begins) = (0, 0);
        let mut before = ' ';
        let mut chars = text[..end].char_indices().peekable();
        let mut end_word = |words: &mut String, begins: usize, ends: usize| {
            if words.len() > start {
                if let Some(long) = written_out(&words[start..]) {
                    words.truncate(start);
                    words.push_str(long);
                }
                cuts.push((start as u32, words.len() as u32));
                places.push((begins as u32, ends as u32));
            }
            start = words.len();
        };
        while let Some((at, c)) = chars.next() {
            if c.is_alphanumeric() {
                words.push(c);
            } else if c == '\'' && before.is_alphanumeric() && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric()) {
                // "don't" and "dont" are the same word.
            } else {
                end_word(words, begins, at);
                begins = at + c.len_utf8();
                if matches!(c, '?' | '!' | '👍' | '👎') {
                    words.push(c);
                    end_word(words, at, begins);
                }
            }
            before = c;
        }
        end_word(words, begins, end);
    }
}

/// Folds accents and quotes of a pattern the way messages are folded, so that both meet. Letters keep their case, because `\B` is not `\b`.
pub(crate) fn fold_pattern(pattern: &str) -> String {
    let mut folded = String::with_capacity(pattern.len());
    for c in pattern.chars() {
        if c.is_ascii() { folded.push(c) } else { fold(c, |c| folded.push(c)) }
    }
    folded
}

/// Characters that take no room of their own: accents, direction marks, joiners, variation selectors.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}' | '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fe0e}' | '\u{fe0f}')
}

/// Gives the plain characters of one character: none, one or several.
pub(crate) fn fold(c: char, mut push: impl FnMut(char)) {
    if c.is_ascii() {
        push(if c.is_ascii_whitespace() || c.is_ascii_control() { ' ' } else { c.to_ascii_lowercase() });
        return;
    }
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{2032}' | '\u{00b4}' | '\u{02bc}' => push('\''),
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{00ab}' | '\u{00bb}' => push('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => push('-'),
        _ if is_unseen(c) => {}
        'ß' => ['s', 's'].into_iter().for_each(push),
        'æ' | 'Æ' => ['a', 'e'].into_iter().for_each(push),
        'œ' | 'Œ' => ['o', 'e'].into_iter().for_each(push),
        'ø' | 'Ø' => push('o'),
        'ł' | 'Ł' => push('l'),
        'đ' | 'Đ' | 'ð' => push('d'),
        'ı' => push('i'),
        _ => decompose_compatible(c, |part| match part {
            '\u{0300}'..='\u{036f}' => {}
            part if part.is_whitespace() || part.is_control() => push(' '),
            part => part.to_lowercase().filter(|lower| !('\u{0300}'..='\u{036f}').contains(lower)).for_each(&mut push),
        }),
    }
}

/// Chat shorthand written out.
fn written_out(word: &str) -> Option<&'static str> {
    Some(match word {
        "u" => "you",
        "ur" => "your",
        "r" => "are",
        "pls" | "plz" | "plss" => "please",
        "thx" | "tnx" | "thnx" => "thanks",
        "ty" => "thanks",
        "acct" | "acc" => "account",
        "cuz" | "coz" | "bc" => "because",
        "tmrw" | "tmr" | "tmw" | "tomoz" => "tomorrow",
        "msg" => "message",
        "idk" => "dunno",
        "wanna" => "want",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_levelled_and_cut() {
        let cases: &[(&str, &str, &str)] = &[
            ("Where's   my REFUND?!", "where's my refund?!", "wheres|my|refund|?|!"),
            ("I don’t know…", "i don't know...", "i|dont|know"),
            ("sooooo anyyyway, Nooo", "so anyway, no", "so|anyway|no"),
            ("2000 coffee book", "2000 coffee book", "2000|coffee|book"),
            ("Förlåt, ÅÄÖ straße Łódź", "forlat, aao strasse lodz", "forlat|aao|strasse|lodz"),
            ("ﬁne １２", "fine 12", "fine|12"),
            ("can u pls", "can u pls", "can|you|please"),
            ("don\u{2019}t\u{200b} 'quote'", "don't 'quote'", "dont|quote"),
            ("👍", "👍", "👍"),
            ("  \n\t ", "", ""),
            ("", "", ""),
        ];
        for (text, level, words) in cases {
            let plain = Plain::of(text);
            assert_eq!(plain.text, *level, "{text}");
            assert_eq!(plain.words().collect::<Vec<_>>().join("|"), *words, "{text}");
            for (index, word) in plain.words().enumerate() {
                let (start, end) = plain.place(index);
                let written = plain.text[start..end].replace('\'', "");
                assert!(written == word || written_out(&written) == Some(word), "{text}: {written} is {word}");
            }
        }
    }

    #[test]
    fn patterns_keep_their_escapes() {
        assert_eq!(fold_pattern(r"\bFörsenad\B’"), r"\bForsenad\B'");
    }

    #[test]
    fn work_is_bounded() {
        let plain = Plain::of(&"é ab ".repeat(4_000));
        assert!(plain.len() <= WORDS_FROM_BYTES);
        assert_eq!(plain.word(100_000), "");
    }
}
