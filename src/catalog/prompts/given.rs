//! What each prompt is rendered with.

use crate::llm::Use;
use minijinja::Value;
use serde::Serialize;

/// A topic to choose among.
#[derive(Clone, Debug)]
pub struct Topic<'a> {
    /// The intent's name.
    pub name: &'a str,
    /// In the customer's words.
    pub title: &'a str,
    /// One line.
    pub description: &'a str,
    /// How customers say it: the examples nearest to the message.
    pub examples: Vec<&'a str>,
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
    /// `intents`, `none_of_these`, `language`, `message`.
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
            let lines = [("name", topic.name), ("title", topic.title), ("description", topic.description)];
            let examples: Vec<Value> = topic.examples.iter().map(|example| text(example)).collect();
            Value::from_pairs(lines.map(|(key, value)| (key, text(value))).into_iter().chain([("examples", Value::from(examples))]))
        };
        match *self {
            Self::SecondOpinion { intents, none, language, message } => {
                let intents = Value::from(intents.iter().map(topic).collect::<Vec<_>>());
                Value::from_pairs([
                    ("intents", intents),
                    ("none_of_these", text(none)),
                    ("language", text(language)),
                    ("message", text(message)),
                ])
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

/// A variable of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: &'static str,
}

const fn variable(name: &'static str, holds: &'static str) -> Variable {
    Variable { name, holds }
}

const INTENTS: Variable = variable("intents", "the topics to choose among, each with `name`, `title`, `description` and `examples`");
const NONE: Variable = variable("none_of_these", "the name for none of them (`none` alone is a word of the template language)");
const PASSAGES: Variable = variable("passages", "passages of articles, each with `number` and `text`; the text belongs in a fence");
const MESSAGE: Variable = variable("message", "what the customer wrote, without personal data; belongs in a fence");
const QUESTION: Variable = variable("question", "what the customer asks, without personal data; belongs in a fence");
const TALK: Variable = variable("talk", "the talk, a line an event: `SEQ WHO: what was said`; belongs in a fence");
const TEXT: Variable = variable("text", "the agent's text, its values as placeholders; belongs in a fence");
const FROM: Variable = variable("from", "the language of the texts, by its English name");
const TO: Variable = variable("to", "the language that they are wanted in, by its English name");
const TEXTS: Variable =
    variable("texts", "the texts, each with `number` and `text`, their values as placeholders; the text belongs in a fence");
const KIND: Variable = variable("kind", "what is asked for: `date`, `amount` or `option`");
const TODAY: Variable = variable("today", "the customer's weekday and date");
const ASKED: Variable = variable("question", "what the bot asked; belongs in a fence");
const OPTIONS: Variable = variable("options", "what there is to choose from, each with `number` and `text`; the text belongs in a fence");
const WRITTEN_IN: Variable = variable("language", "the language of the text, by its English name");
const LANGUAGE: Variable = variable("language", "the language, as BCP 47 has it; `und` when it is not clear");

/// The variables of a use's prompt.
pub fn variables(purpose: Use) -> &'static [Variable] {
    match purpose {
        Use::SecondOpinion => &[INTENTS, NONE, LANGUAGE, MESSAGE],
        Use::Answer => &[PASSAGES, LANGUAGE, QUESTION],
        Use::Summary => &[LANGUAGE, TALK],
        Use::Draft => &[PASSAGES, LANGUAGE, TALK],
        Use::Polish => &[WRITTEN_IN, TEXT],
        Use::Translate => &[FROM, TO, TEXTS],
        Use::Slot => &[KIND, TODAY, LANGUAGE, ASKED, OPTIONS, MESSAGE],
    }
}

/// Their names.
pub(super) fn names(purpose: Use) -> Vec<&'static str> {
    variables(purpose).iter().map(|variable| variable.name).collect()
}
