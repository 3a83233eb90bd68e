//! What the load generator's customers say: everyday conversations of the demo personas, in their language.
//!
//! Scripts don't know what the bot will answer, they only react to what it offers: a [`Line::Pick`] is skipped when nothing is on offer.

use super::frames::Choice;

/// Which conversations are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Flows {
    /// Lookups and actions (disputes, postponed payments) alike.
    All,
    /// Only conversations that read accounts.
    Lookups,
    /// Only messages that the local reading is unsure of: a model is asked about every second one.
    Unsure,
}

/// One thing that a customer does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line {
    /// Writes a message.
    Say(&'static str),
    /// Clicks the first option whose label contains one of the words (lower case). Without words: the first that neither leads to a person nor confirms a change.
    Pick(&'static [&'static str]),
}

/// A customer and what they come for, over and over.
#[derive(Debug)]
pub(super) struct Persona {
    /// The demo customer; nobody for an anonymous one.
    pub(super) customer: Option<&'static str>,
    /// How well they are known: 0, 1 or 2.
    pub(super) level: u8,
    /// Their conversation.
    pub(super) lines: &'static [Line],
}

use Line::{Pick, Say};

const LOOKUPS: &[Persona] = &[
    Persona {
        customer: Some("P01"),
        level: 1,
        lines: &[
            Say("when is my next payment due?"),
            Say("can you say that again please"),
            Say("and how much do i owe in total"),
            Say("show me my payment schedule"),
            Pick(&[]),
        ],
    },
    Persona {
        customer: Some("P02"),
        level: 1,
        lines: &[
            Say("what date is my payment due"),
            Say("what's my balance right now"),
            Say("show me the whole payment plan"),
            Pick(&[]),
            Say("when do i have to pay"),
        ],
    },
    Persona {
        customer: Some("P11"),
        level: 1,
        lines: &[
            Say("where is my refund? i sent the parcel back two weeks ago"),
            Pick(&[]),
            Say("tell me again"),
            Say("when is my next payment due"),
            Say("how much do i still owe"),
        ],
    },
    Persona {
        customer: Some("P09"),
        level: 1,
        lines: &[
            Say("has my refund been processed"),
            Pick(&[]),
            Say("what is my outstanding balance"),
            Say("show me my payment schedule"),
            Pick(&[]),
        ],
    },
    Persona {
        customer: Some("P03"),
        level: 1,
        lines: &[Say("how much do i owe"), Say("when is my next instalment due"), Say("show me my payment schedule"), Pick(&[])],
    },
    Persona {
        customer: Some("P10"),
        level: 1,
        lines: &[
            Say("refund status please"),
            Pick(&[]),
            Say("when is my next payment"),
            Say("repeat that please"),
            Say("what do i owe in total"),
        ],
    },
    Persona {
        customer: Some("P13"),
        level: 1,
        lines: &[Say("what is the status of my dispute"), Pick(&[]), Say("when is my next payment due"), Say("and my total balance")],
    },
    Persona {
        customer: Some("P28"),
        level: 1,
        lines: &[
            Say("show me my payment plan"),
            Pick(&[]),
            Say("when is the next payment due"),
            Say("how much do i owe altogether"),
            Say("can you repeat that"),
        ],
    },
];

const ACTIONS: &[Persona] = &[
    Persona {
        customer: Some("P07"),
        level: 1,
        lines: &[
            Say("my parcel never came"),
            Say("wait, when is my next payment due?"),
            Pick(&["never arrived"]),
            Pick(&["yes"]),
            Pick(&["haven't contacted"]),
            Pick(&["yes"]),
            Say("what is happening with my dispute"),
            Say("never mind"),
        ],
    },
    Persona {
        customer: Some("P06"),
        level: 2,
        lines: &[
            Say("can i pay a week later"),
            Pick(&["days later", "leave it"]),
            Pick(&["yes"]),
            Say("when is my next payment due"),
            Say("never mind"),
        ],
    },
    Persona {
        customer: Some("P02"),
        level: 1,
        lines: &[Say("i need more time for my payment"), Say("never mind"), Say("how much do i owe"), Say("when is it due")],
    },
    Persona { customer: None, level: 0, lines: &[Say("when is my next payment due"), Say("never mind"), Say("what can you do")] },
];

/// After each message "never mind", so that no flow waits for an answer: then no model would be asked.
const UNSURE: &[Persona] = &[
    Persona {
        customer: Some("P01"),
        level: 1,
        lines: &[
            Say("how long have i got left before i need to pay for the trainers"),
            Say("never mind"),
            Say("is there a penalty if i finish my plan ahead of time"),
            Say("never mind"),
            Say("can the recurring date move to after the 25th for good"),
            Say("never mind"),
            Say("do i need to put a deposit down with pay later"),
            Say("never mind"),
        ],
    },
    Persona {
        customer: Some("P02"),
        level: 1,
        lines: &[
            Say("can i do this months one by bank transfer, whats the account details"),
            Say("never mind"),
            Say("How is the reminder cost calculated, per order or per instalment?"),
            Say("never mind"),
            Say("has the store sent my stuff"),
            Say("never mind"),
            Say("will paying early help my score?"),
            Say("never mind"),
        ],
    },
    Persona {
        customer: Some("P03"),
        level: 1,
        lines: &[
            Say("do i keep paying if the retailer doesnt exist any more"),
            Say("never mind"),
            Say("on its way or not yet?"),
            Say("never mind"),
            Say("Converting to financing - do I need to reapply?"),
            Say("never mind"),
            Say("how much is left on my account for shopping"),
            Say("never mind"),
        ],
    },
    Persona {
        customer: None,
        level: 0,
        lines: &[
            Say("is there a maximum penalty or does it go on forever"),
            Say("never mind"),
            Say("picked too small a size, my own fault. whats the way of sending it back"),
            Say("never mind"),
            Say("checkout keeps saying choose another payment method"),
            Say("never mind"),
            Say("can i still back out of the 12 month finance thing i took out 5 days ago"),
            Say("never mind"),
        ],
    },
];

/// The personas of a kind of load. `All` is two thirds lookups.
pub(super) fn personas(flows: Flows) -> Vec<&'static Persona> {
    match flows {
        Flows::Lookups => LOOKUPS.iter().collect(),
        Flows::Unsure => UNSURE.iter().collect(),
        Flows::All => LOOKUPS.iter().chain(ACTIONS).collect(),
    }
}

/// The option that a [`Line::Pick`] clicks.
pub(super) fn pick<'a>(choices: &'a [Choice], words: &[&str]) -> Option<&'a Choice> {
    let has = |choice: &Choice, words: &[&str]| {
        let label = choice.label.to_lowercase();
        words.iter().any(|word| label.contains(word))
    };
    if words.is_empty() {
        let harmless = |choice: &&Choice| choice.label != "Yes" && !has(choice, &["person", "human", "agent", "someone", "pay now"]);
        return choices.iter().find(harmless);
    }
    choices.iter().find(|choice| has(choice, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_never_asks_for_a_person_by_itself() {
        let choices: Vec<Choice> = ["A person, please", "The shoes", "Only a part came"]
            .iter()
            .enumerate()
            .map(|(number, label)| Choice { id: number.to_string(), label: (*label).to_owned() })
            .collect();
        let yes = [Choice { id: "y".to_owned(), label: "Yes".to_owned() }];
        assert_eq!((pick(&yes, &[]), pick(&yes, &["yes"])), (None, yes.first()));
        assert_eq!(pick(&choices, &[]).map(|choice| choice.id.as_str()), Some("1"));
        assert_eq!(pick(&choices, &["part"]).map(|choice| choice.id.as_str()), Some("2"));
        assert_eq!(pick(&choices[..1], &["never"]), None);
    }

    #[test]
    fn every_persona_begins_with_words() {
        for persona in personas(Flows::All).into_iter().chain(personas(Flows::Unsure)) {
            assert!(matches!(persona.lines.first(), Some(Line::Say(_))), "{persona:?}");
            assert_eq!(persona.customer.is_none(), persona.level == 0, "{persona:?}");
        }
    }
}
