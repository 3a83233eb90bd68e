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
}

/// A passage of an article.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// From 1.
    pub number: usize,
    /// Its text; has to stand in a fence.
    pub text: &'a str,
}

/// What a prompt is rendered with: one kind a use. Texts of others (`message`, `question`, `talk`, a passage's `text`) have to stand in a fence,
/// and nothing personal is in them.
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
}

impl Given<'_> {
    /// The use that it is for.
    pub fn purpose(&self) -> Use {
        match self {
            Self::SecondOpinion { .. } => Use::SecondOpinion,
            Self::Answer { .. } => Use::Answer,
            Self::Summary { .. } => Use::Summary,
            Self::Draft { .. } => Use::Draft,
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

const INTENTS: Variable = variable("intents", "the topics to choose among, each with `name`, `title` and `description`");
const NONE: Variable = variable("none_of_these", "the name for none of them (`none` alone is a word of the template language)");
const PASSAGES: Variable = variable("passages", "passages of articles, each with `number` and `text`; the text belongs in a fence");
const MESSAGE: Variable = variable("message", "what the customer wrote, without personal data; belongs in a fence");
const QUESTION: Variable = variable("question", "what the customer asks, without personal data; belongs in a fence");
const TALK: Variable = variable("talk", "the talk, a line an event: `SEQ WHO: what was said`; belongs in a fence");
const LANGUAGE: Variable = variable("language", "the language, as BCP 47 has it; `und` when it is not clear");

/// The variables of a use's prompt.
pub fn variables(purpose: Use) -> &'static [Variable] {
    match purpose {
        Use::SecondOpinion => &[INTENTS, NONE, LANGUAGE, MESSAGE],
        Use::Answer => &[PASSAGES, LANGUAGE, QUESTION],
        Use::Summary => &[LANGUAGE, TALK],
        Use::Draft => &[PASSAGES, LANGUAGE, TALK],
    }
}

/// Their names.
pub(super) fn names(purpose: Use) -> Vec<&'static str> {
    variables(purpose).iter().map(|variable| variable.name).collect()
}
