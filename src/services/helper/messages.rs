//! Help with a message that the local reading is unsure of: a second opinion on what it means, and an answer from the articles.

use super::{Helper, mask};
use crate::catalog::Catalog;
use crate::catalog::prompts::{Given, Shown};
use crate::dialog::Article;
use crate::domain::account::Account;
use crate::domain::ids::IntentId;
use crate::knowledge::{Found, Question};
use crate::leash::grounding::{self, Answer, ground};
use crate::leash::guard::{self, Opinion, settle};
use crate::llm::Use;
use crate::understanding::{Decision, Reading};
use tokio::time::Instant;

/// Passages that a model answers from.
const PASSAGES: usize = 3;
/// What is not clear in its language.
const UNKNOWN: &str = "und";

/// What a model made of a message.
#[derive(Clone, Debug, Default)]
pub(in crate::services) struct Helped {
    opinion: Option<Opinion>,
    answer: Option<Article>,
}

/// Whether an article may be shown in answer to a message: no flow surely serves it, and nobody may be in danger. Where another urgent matter
/// is only suspected the article is shown all the same: most who ask something like it just ask, and the matter is offered below.
fn is_open(catalog: &Catalog, reading: &Reading) -> bool {
    let unsure = match &reading.decision {
        Decision::Act(_) => false,
        Decision::Clarify(asked) => !asked.iter().any(|intent| catalog.is_danger(intent)),
        Decision::Abstain => true,
    };
    unsure && reading.safety.is_none() && reading.acts.is_empty()
}

/// Whether a model may answer it from the articles: nothing urgent is suspected at all.
fn is_calm(catalog: &Catalog, reading: &Reading) -> bool {
    !matches!(&reading.decision, Decision::Clarify(asked) if asked.iter().any(|intent| catalog.is_urgent(intent)))
}

/// The passages that may answer a message.
fn found<'a>(catalog: &'a Catalog, message: Message<'_>) -> Vec<Found<'a>> {
    let Message { text, vector, reading, locale } = message;
    if !is_open(catalog, reading) {
        return Vec::new();
    }
    let language = if reading.language == UNKNOWN { locale } else { reading.language };
    catalog.library.find(&Question { text, vector, guesses: &reading.intents, language }, PASSAGES)
}

/// Those that a model is shown.
fn found_for_model<'a>(catalog: &'a Catalog, message: Message<'_>) -> Vec<Found<'a>> {
    if is_calm(catalog, message.reading) { found(catalog, message) } else { Vec::new() }
}

/// What the articles say to a message that is not understood otherwise: the best passage as it stands, if it surely fits.
pub(in crate::services) fn article(catalog: &Catalog, message: Message<'_>) -> Option<Article> {
    let found = found(catalog, message);
    let best = found.first().filter(|best| best.is_sure)?;
    Some(shown(best, best.section.text.clone(), false, message.reading))
}

fn shown(found: &Found<'_>, text: String, by_model: bool, reading: &Reading) -> Article {
    let mut intents = found.article.intents.clone();
    let likely = |intent: &IntentId| reading.intents.iter().find(|guess| guess.intent == *intent).map_or(0.0, |guess| guess.confidence);
    intents.sort_by(|one, other| likely(other).total_cmp(&likely(one)));
    Article { text, title: found.article.title.clone(), link: found.article.link.clone(), by_model, intents }
}

impl Helper {
    /// Whether a model may help with this message; without one, or with a dead one, never.
    pub(in crate::services) fn may_help(&self, catalog: &Catalog, account: Option<&Account>, message: Message<'_>) -> bool {
        let reading = message.reading;
        let speaks = reading.language == UNKNOWN || catalog.flows.speaks(reading.language);
        let opinion = || !guard::candidates(reading, |intent| catalog.is_urgent(intent)).is_empty();
        speaks
            && ((self.would_ask(Use::SecondOpinion, account) && opinion())
                || (self.would_ask(Use::Answer, account) && !found_for_model(catalog, message).is_empty()))
    }

    /// Until when a model may be waited for, so that the customer has a reply in time: a quarter of it is for storing and telling,
    /// on a busy machine.
    pub(in crate::services) fn reply_by(&self) -> Instant {
        Instant::now() + self.reply_time() * 3 / 4
    }

    /// Asks for a second opinion and, where nothing is meant that a flow could do, for an answer from the articles.
    pub(in crate::services) async fn help(
        &self,
        catalog: &Catalog,
        account: Option<&Account>,
        message: Message<'_>,
        until: Instant,
    ) -> Helped {
        let Message { text, vector, reading, .. } = message;
        let mut mask = mask(account);
        let masked = mask.hide(text);
        let mut helped = Helped::default();
        let candidates = guard::candidates(reading, |intent| catalog.is_urgent(intent));
        if !candidates.is_empty() {
            let topics = catalog.topics(&candidates, vector);
            let given = Given::SecondOpinion { intents: &topics, none: guard::NONE, language: reading.language, message: &masked };
            helped.opinion = self.ask(catalog, account, &given, &guard::schema(&candidates), until).await.ok();
        }
        let settled = settle(reading.clone(), &candidates, helped.opinion.as_ref());
        let passages = found_for_model(catalog, Message { reading: &settled, ..message });
        if !passages.is_empty() {
            let texts: Vec<String> = passages.iter().map(passage).collect();
            let listed: Vec<Shown<'_>> = texts.iter().enumerate().map(|(place, text)| Shown { number: place + 1, text }).collect();
            let given = Given::Answer { passages: &listed, language: &passages[0].article.language, question: &masked };
            if let Ok(answer) = self.ask::<Answer>(catalog, account, &given, &grounding::schema(), until).await {
                let bare: Vec<&str> = passages.iter().map(|found| found.section.text.as_str()).collect();
                helped.answer = ground(&answer, &bare).and_then(|grounded| {
                    metrics::counter!("redress_model_sentences_replaced_total").increment(grounded.replaced as u64);
                    let first = passages.get(*grounded.passages.first()?)?;
                    Some(shown(first, grounded.text, true, reading))
                });
                let outcome = if helped.answer.is_some() { "grounded" } else { "refused" };
                metrics::counter!("redress_model_answers_total", "outcome" => outcome).increment(1);
            }
        }
        helped
    }
}

/// A passage as a model reads it: below its heading.
fn passage(found: &Found<'_>) -> String {
    let heading = if found.section.heading.is_empty() { &found.article.title } else { &found.section.heading };
    format!("{heading}\n{}", found.section.text)
}

/// A message, read locally.
#[derive(Clone, Copy, Debug)]
pub(in crate::services) struct Message<'a> {
    /// What the customer wrote, as it is stored.
    pub(in crate::services) text: &'a str,
    /// The vector of the whole, when there is one.
    pub(in crate::services) vector: Option<&'a [f32]>,
    /// What it was read as.
    pub(in crate::services) reading: &'a Reading,
    /// The conversation's language.
    pub(in crate::services) locale: &'a str,
}

impl Helped {
    /// The reading and the article as they are with this help.
    pub(in crate::services) fn apply(&self, catalog: &Catalog, reading: Reading, article: Option<Article>) -> (Reading, Option<Article>) {
        let candidates = guard::candidates(&reading, |intent| catalog.is_urgent(intent));
        let settled = settle(reading, &candidates, self.opinion.as_ref());
        (settled, self.answer.clone().or(article))
    }
}
