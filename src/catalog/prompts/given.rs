//! What each prompt is rendered with.

use crate::llm::Use;
use minijinja::Value;

/// A topic to choose among.
#[derive(Clone, Debug)]
pub struct Topic<'a> {
    /// The intent's name.
    pub name: &'a str,
    /// In the customer's words.
    pub title: &'a str,
    /// One line.
    pub description: &'a str,
}

/// One of several texts: a passage of an article, something to translate, something to choose.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// From 1.
    pub number: usize,
    /// Its text; has to stand in a fence.
    pub text: &'a str,
}

/// What a prompt is rendered with: one kind a use. Texts of others (`message`, `question`, `talk`, `text`, the `text` of a passage, of one to
/// translate and of an option) have to stand in a fence, and nothing personal is in them.
#[derive(Clone, Debug)]
pub enum Given<'a> {
    /// `intents`, `none`, `language`, `message`.
    SecondOpinion {
        /// The topics to choose among.
        intents: &'a [Topic<'a>],
        /// The name for none of them.
        none: &'a str,
        /// BCP 47 language of the message, or `und`.
        language: &'a str,
        /// What the customer wrote.
        message: &'a str,
    },
    /// `passages`, `language`, `question`.
    Answer {
        /// What may be answered from.
        passages: &'a [Shown<'a>],
        /// BCP 47 language of the answer.
        language: &'a str,
        /// What the customer wrote.
        question: &'a str,
    },
    /// `language`, `talk`.
    Summary {
        /// BCP 47 language of the talk.
        language: &'a str,
        /// A line an event: `SEQ WHO: what was said`.
        talk: &'a str,
    },
    /// `passages`, `language`, `talk`.
    Draft {
        /// What may be stated besides the talk.
        passages: &'a [Shown<'a>],
        /// BCP 47 language of the reply.
        language: &'a str,
        /// A line an event: `SEQ WHO: what was said`.
        talk: &'a str,
    },
    /// `language`, `text`.
    Polish {
        /// The language of the text, in English.
        language: &'a str,
        /// What an agent wrote.
        text: &'a str,
    },
    /// `from`, `to`, `texts`.
    Translate {
        /// The language of the texts, in English.
        from: &'a str,
        /// The language to translate into, in English.
        to: &'a str,
        /// What is translated.
        texts: &'a [Shown<'a>],
    },
    /// `kind`, `today`, `language`, `question`, `options`, `message`.
    Slot {
        /// `date`, `amount` or `option`.
        kind: &'a str,
        /// Weekday and date.
        today: &'a str,
        /// BCP 47 language of the message, or `und`.
        language: &'a str,
        /// What was asked.
        question: &'a str,
        /// What there is to choose; empty for dates and amounts.
        options: &'a [Shown<'a>],
        /// What the customer wrote.
        message: &'a str,
    },
}

impl Given<'_> {
    /// The use that it is for.
    pub fn purpose(&self) -> Use {
        match self {
            Self::SecondOpinion { .. } => Use::SecondOpinion,
            Self::Answer { .. } => Use::Answer,
            Self::Summary { .. } => Use::Summary,
            Self::Draft { .. } => Use::Draft,
            Self::Polish { .. } => Use::Polish,
            Self::Translate { .. } => Use::Translate,
            Self::Slot { .. } => Use::Slot,
        }
    }

    pub(super) fn value(&self) -> Value {
        let text = |text: &str| Value::from(text);
        let all = |shown: &[Shown<'_>]| {
            let list = shown.iter().map(|shown| Value::from_pairs([("number", Value::from(shown.number)), ("text", text(shown.text))]));
            Value::from(list.collect::<Vec<_>>())
        };
        let topic = |topic: &Topic<'_>| {
            Value::from_pairs(
                [("name", topic.name), ("title", topic.title), ("description", topic.description)].map(|(key, value)| (key, text(value))),
            )
        };
        match *self {
            Self::SecondOpinion { intents, none, language, message } => {
                let intents = Value::from(intents.iter().map(topic).collect::<Vec<_>>());
                Value::from_pairs([("intents", intents), ("none", text(none)), ("language", text(language)), ("message", text(message))])
            }
            Self::Answer { passages, language, question } => {
                Value::from_pairs([("passages", all(passages)), ("language", text(language)), ("question", text(question))])
            }
            Self::Summary { language, talk } => Value::from_pairs([("language", text(language)), ("talk", text(talk))]),
            Self::Draft { passages, language, talk } => {
                Value::from_pairs([("passages", all(passages)), ("language", text(language)), ("talk", text(talk))])
            }
            Self::Polish { language, text: own } => Value::from_pairs([("language", text(language)), ("text", text(own))]),
            Self::Translate { from, to, texts } => Value::from_pairs([("from", text(from)), ("to", text(to)), ("texts", all(texts))]),
            Self::Slot { kind, today, language, question, options, message } => Value::from_pairs([
                ("kind", text(kind)),
                ("today", text(today)),
                ("language", text(language)),
                ("question", text(question)),
                ("options", all(options)),
                ("message", text(message)),
            ]),
        }
    }
}

/// The variables of a use's prompt.
pub(super) fn variables(purpose: Use) -> &'static [&'static str] {
    match purpose {
        Use::SecondOpinion => &["intents", "none", "language", "message"],
        Use::Answer => &["passages", "language", "question"],
        Use::Summary => &["language", "talk"],
        Use::Draft => &["passages", "language", "talk"],
        Use::Polish => &["language", "text"],
        Use::Translate => &["from", "to", "texts"],
        Use::Slot => &["kind", "today", "language", "question", "options", "message"],
    }
}
