//! What a sentence claims that can be held against its source: numbers, dates, promises, denials, and the words that carry its meaning. A
//! sentence is supported when its source says all of that; that it may still leave something out is why the source is always shown with it.

use std::collections::BTreeSet;

/// Words that carry no claim of their own.
const EMPTY: &str = "a an the this that these those it its they them their you your yours we our ours us i me my he she his her of to in on at by for \
    from with as is are be been being am was were do does did has have had having and or so then than there here also too just which who whom \
    whose what when where how why if because while during into about out up down over under again once all any each other some such own same \
    very please more most please yes ok okay well one's s t ll ve re d dont";

/// Words that turn a sentence round, which the source must have too.
const DENIALS: &str = "not no never none nothing nobody neither nor without cannot cant dont doesnt didnt wont wouldnt isnt arent wasnt werent hasnt \
    havent hadnt couldnt shouldnt unless except only until before after inte aldrig ingen inget nicht kein keine nie ohne";

/// Words that promise or oblige, which the source must have too.
const COMMITS: &str = "will shall must guarantee guaranteed guarantees promise promised promises always definitely certainly surely immediately \
    instantly today tomorrow tonight soon free automatically entitled right may might can could should would";

/// Numbers in words, and what counts like them.
const COUNTS: &str = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen \
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half quarter third double twice thrice dozen first \
    second percent per cent monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september \
    october november december days day week weeks month months year years hour hours minute minutes weekend";

/// Whether a word carries a claim of its own.
pub fn is_telling(word: &str) -> bool {
    !has(EMPTY, word)
}

fn has(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

/// Words in lower case, without apostrophes.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        match c {
            '\'' | '’' => {}
            c if c.is_alphanumeric() => word.extend(c.to_lowercase()),
            _ if !word.is_empty() => words.push(std::mem::take(&mut word)),
            _ => {}
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A word without its ending, so that "payments" meets "payment" and "paused" meets "pause".
pub fn stem(word: &str) -> &str {
    if word.len() <= 3 || !word.is_ascii() {
        return word;
    }
    for ending in ["ies", "ing", "ed", "es", "ly", "s", "e", "y"] {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.len() >= 3
            && !(ending == "s" && stem.ends_with('s'))
        {
            return stem;
        }
    }
    word
}

/// The numbers of a text: digits with what joins them ("1,299.50", "12:30"), and signs of money and per cent.
pub fn numbers(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut number = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let joins = !number.is_empty() && matches!(c, '.' | ',' | ':') && chars.peek().is_some_and(|next| next.is_numeric());
        if c.is_numeric() || joins {
            number.push(c);
        } else {
            if !number.is_empty() {
                found.insert(std::mem::take(&mut number));
            }
            if matches!(c, '£' | '$' | '€' | '¥' | '%' | '‰') {
                found.insert(c.to_string());
            }
        }
    }
    if !number.is_empty() {
        found.insert(number);
    }
    found
}

/// Why a sentence is not supported by its source; `None` when it is.
pub fn unsupported(sentence: &str, source: &str) -> Option<String> {
    if let Some(number) = numbers(sentence).difference(&numbers(source)).next() {
        return Some(format!("the source does not have the number {number}"));
    }
    let (said, known) = (words(sentence), words(source));
    let exact: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    let stems: BTreeSet<&str> = known.iter().map(|word| stem(word)).collect();
    for word in &said {
        let hard = has(DENIALS, word) || has(COMMITS, word) || has(COUNTS, word);
        let there = if hard { exact.contains(word.as_str()) } else { stems.contains(stem(word)) };
        if !there && (hard || !has(EMPTY, word)) {
            return Some(format!("the source does not have the word '{word}'"));
        }
    }
    // What the source denies must not become a plain statement: every denial of the source that stands among the sentence's own words counts.
    let denies = |words: &[String]| words.iter().filter(|word| has(DENIALS, word)).count();
    (denies(&said) != denies(&known)).then(|| "what the source denies or restricts is left out".to_owned())
}

/// The sentences of a text, each with its mark of end.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut start = 0;
        for (at, c) in line.char_indices() {
            let after = &line[at + c.len_utf8()..];
            let ends = matches!(c, '.' | '!' | '?') && (after.is_empty() || after.starts_with(' '));
            let last = line[start..at].trim().rsplit(' ').next().unwrap_or_default().to_lowercase();
            let short =
                c == '.' && !after.is_empty() && matches!(last.as_str(), "no" | "nr" | "e.g" | "i.e" | "mr" | "mrs" | "ms" | "dr" | "st");
            if ends && !short {
                found.push(line[start..at + c.len_utf8()].trim());
                start = at + c.len_utf8();
            }
        }
        found.push(line[start..].trim());
    }
    found.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "No late fee is added on the due date itself, nor in the 7 days after it.";

    #[test]
    fn what_the_source_says_is_supported() {
        for (sentence, source) in [
            ("No late fee is added on the due date, nor in the 7 days after it.", SOURCE),
            ("Your order can never have more than two late fees.", "An order never has more than two late fees, as orders can."),
            ("You can ask the chat to remove the fee.", "Ask the chat to remove the fee, you can."),
            ("Fees are removed.", "We remove a fee."),
        ] {
            assert_eq!(unsupported(sentence, source), None, "{sentence}");
        }
    }

    #[test]
    fn inventions_are_not() {
        for sentence in [
            "No late fee is added in the 14 days after it, nor on the due date.",
            "A late fee is added on the due date itself.",
            "We will refund the late fee.",
            "No late fee is added on the due date, nor in the 7 days after it, and interest is waived.",
            "No late fee is added on the due date, nor in the seven days after it.",
            "The fee is £7, no, nor.",
            "Late fee days.",
        ] {
            assert!(unsupported(sentence, SOURCE).is_some(), "{sentence}");
        }
    }

    #[test]
    fn numbers_keep_their_marks() {
        let numbers: Vec<String> = numbers("£1,299.50, 3 of 4 at 12:30. 5%").into_iter().collect();
        assert_eq!(numbers, ["%", "1,299.50", "12:30", "3", "4", "5", "£"]);
    }

    #[test]
    fn sentences_end_where_they_do() {
        assert_eq!(sentences("One. Two costs 1.50! Is no. 3 it?\nFour"), ["One.", "Two costs 1.50!", "Is no. 3 it?", "Four"]);
    }
}
