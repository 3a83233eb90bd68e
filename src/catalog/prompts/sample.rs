//! Made-up words that a prompt is shown and tried out with: a small talk about a late fee, two passages that speak of it, an agent's draft and a
//! day in free words.

use super::given::{Given, Shown, Topic};
use crate::llm::Use;
use jiff::civil::{Date, date};
use std::sync::LazyLock;

/// The topics of the sample, likeliest first, by their names.
pub const TOPICS: [&str; 2] = ["late_fee_waiver", "late_fee_explain"];
/// What the customer of the sample writes.
pub const MESSAGE: &str = "there is a fee on my plan that i dont get, can it come off";
/// What is asked.
pub const QUESTION: &str = "When do you add a late fee, and how many can there be?";
/// What it is answered from.
pub const PASSAGES: [&str; 2] = [
    "When a late fee is added\nA late fee is added when a payment is still open after its days of grace. We remind you before.",
    "How many fees there can be\nAn order never has more than two late fees, however late a payment is.",
];
/// The lines of the talk: `seq`, who, what.
pub const TALK: [(i64, &str, &str); 4] = [
    (1, "customer", "hi, there is a late fee of 5.00 on my order and my plan was paused"),
    (2, "bot", "I'm sorry about that. The fee of 5.00 was added on 28 November."),
    (3, "customer", "but it was paused because i sent the shoes back"),
    (5, "customer", "i want to talk to somebody"),
];
/// The talk as a prompt gets it.
const TALK_TEXT: &str = "1 customer: hi, there is a late fee of 5.00 on my order and my plan was paused\n\
    2 bot: I'm sorry about that. The fee of 5.00 was added on 28 November.\n\
    3 customer: but it was paused because i sent the shoes back\n\
    5 customer: i want to talk to somebody\n";

/// What an agent wrote, its values behind marks.
pub const WRITTEN: &str = "hi, we recieved ur shoes on [DATE_1], the refund of [AMOUNT_1] is on its way to ur card";
/// The language that it is translated into.
pub const INTO: &str = "de";
/// Today, a Friday, for the day in free words.
pub const TODAY: Date = date(2026, 12, 4);
/// What the customer answers to the question for a day.
pub const DAY: &str = "hmm lets say monday the fourteenth, thats when my pay is in";

static INTENTS: LazyLock<[Topic<'_>; 2]> = LazyLock::new(|| {
    [
        Topic {
            name: TOPICS[0],
            title: "Remove a late fee",
            description: "The customer asks for a fee to be taken off or paid back.",
            examples: vec!["can you take the fee off my plan", "i want my late fee back"],
        },
        Topic {
            name: TOPICS[1],
            title: "Explain a late fee",
            description: "The customer asks why there is a fee.",
            examples: vec!["why is there a fee on my plan"],
        },
    ]
});
const SHOWN: [Shown<'_>; 2] = [Shown { number: 1, text: PASSAGES[0] }, Shown { number: 2, text: PASSAGES[1] }];

/// What a use's prompt is rendered with to be looked at.
pub fn sample(purpose: Use) -> Given<'static> {
    match purpose {
        Use::SecondOpinion => {
            Given::SecondOpinion { intents: &*INTENTS, none: crate::leash::guard::NONE, language: "en", message: MESSAGE }
        }
        Use::Answer => Given::Answer { passages: &SHOWN, language: "en", question: QUESTION },
        Use::Summary => Given::Summary { language: "en", talk: TALK_TEXT },
        Use::Draft => Given::Draft { passages: &SHOWN, language: "en", talk: TALK_TEXT },
        Use::Polish => Given::Polish { language: "English", text: WRITTEN },
        Use::Translate => Given::Translate { from: "English", to: "German", texts: &[Shown { number: 1, text: WRITTEN }] },
        Use::Slot => Given::Slot {
            kind: "date",
            today: "Friday 2026-12-04",
            language: "en",
            question: "Which day would suit you?",
            options: &[],
            message: DAY,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_talk_is_the_same_in_both_forms() {
        let text: String = TALK.iter().map(|(seq, by, said)| format!("{seq} {by}: {said}\n")).collect();
        assert_eq!(text, TALK_TEXT);
    }
}
