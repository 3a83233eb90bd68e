//! Texts in other words: an agent's draft polished or translated, and the texts of a talk in another language. What counts is hidden behind marks
//! before, and what comes back is held against what was given; else the text stays what it was.

use super::{Helper, NoHelp, mask};
use crate::catalog::Catalog;
use crate::catalog::prompts::{Given, Shown};
use crate::domain::account::Account;
use crate::domain::ids::ConversationId;
use crate::domain::language::{english_name, primary};
use crate::domain::mask::{Mask, marks};
use crate::leash::rewrite::{self, Rewritten, Unfaithful, faithful};
use crate::leash::weights::{day_in_english, knows};
use crate::llm::{Failure, Use};
use crate::services::Service;
use crate::understanding::language_of;
use std::time::Duration;
use tokio::time::Instant;

/// No agent waits longer than this; the use's own time is shorter.
const LONGEST: Duration = Duration::from_secs(600);
/// What is not clear in its language.
const UNKNOWN: &str = "und";
const ENGLISH: &str = "en";

/// Why a text was not rewritten.
#[derive(Clone, Debug, thiserror::Error)]
pub(in crate::services) enum NotRewritten {
    /// There was no answer.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The answer was refused.
    #[error("the model's version was not taken: {0}. Your text is unchanged")]
    Refused(String),
}

impl From<NotRewritten> for NoHelp {
    fn from(why: NotRewritten) -> Self {
        Self::NoAnswer(why.to_string())
    }
}

/// Texts to translate, with what must stay as it is hidden.
pub(in crate::services) struct Pinned {
    mask: Mask,
    texts: Vec<String>,
}

impl Pinned {
    pub(in crate::services) fn of(account: Option<&Account>, texts: &[&str]) -> Self {
        let mut mask = mask(account);
        // A name that is introduced late stands before that, too.
        texts.iter().for_each(|text| mask.learn(text));
        let texts = texts.iter().map(|text| mask.pin(text)).collect();
        Self { mask, texts }
    }

    /// A text that came back, with everything in its place.
    fn restored(&self, place: usize, came: &str, from: &str, to: &str) -> Result<String, Unfaithful> {
        let given = self.texts.get(place).ok_or(Unfaithful::Count)?;
        let checked = faithful(given, came, from, to)?;
        self.mask.restore(&checked).ok_or_else(|| Unfaithful::Mark("a mark".into()))
    }

    /// Why a text was refused, in words for people: with what stands behind the marks.
    fn told(&self, why: &Unfaithful) -> NotRewritten {
        let text = why.to_string();
        NotRewritten::Refused(self.mask.restore(&text).unwrap_or(text))
    }
}

/// Whether a text has anything to translate beside marks.
fn has_words(pinned: &str) -> bool {
    marks(pinned).into_iter().fold(pinned.to_owned(), |text, mark| text.replacen(mark, " ", 1)).contains(char::is_alphabetic)
}

/// What the model makes of a text, for understanding only: names of days in it stand in English, so that they can be read.
#[derive(Clone, Debug)]
pub(in crate::services) struct Translated {
    /// As people read it.
    pub(in crate::services) text: String,
    /// As it is read for its meaning.
    pub(in crate::services) readable: String,
}

impl Helper {
    /// Texts in another language; those that could not be taken are `None`. All in one question.
    pub(in crate::services) async fn translate(
        &self,
        catalog: &Catalog,
        account: Option<&Account>,
        texts: &[&str],
        (from, to): (&str, &str),
        until: Instant,
    ) -> Result<Vec<Result<String, NotRewritten>>, Failure> {
        let pinned = Pinned::of(account, texts);
        let worded: Vec<usize> = (0..texts.len()).filter(|place| has_words(&pinned.texts[*place])).collect();
        let came = self.translated(catalog, account, &pinned, &worded, (from, to), until).await?;
        let mut all: Vec<Result<String, NotRewritten>> = texts.iter().map(|text| Ok((*text).to_owned())).collect();
        for (place, came) in worded.into_iter().zip(came) {
            all[place] = pinned.restored(place, &came, from, to).map_err(|why| pinned.told(&why));
        }
        let refused = all.iter().filter(|text| text.is_err()).count();
        metrics::counter!("redress_model_translations_total", "outcome" => "taken").increment((all.len() - refused) as u64);
        metrics::counter!("redress_model_translations_total", "outcome" => "refused").increment(refused as u64);
        Ok(all)
    }

    async fn translated(
        &self,
        catalog: &Catalog,
        account: Option<&Account>,
        pinned: &Pinned,
        worded: &[usize],
        (from, to): (&str, &str),
        until: Instant,
    ) -> Result<Vec<String>, Failure> {
        if worded.is_empty() {
            return Ok(Vec::new());
        }
        let listed: Vec<Shown<'_>> =
            worded.iter().enumerate().map(|(number, place)| Shown { number: number + 1, text: &pinned.texts[*place] }).collect();
        let given = Given::Translate { from: english_name(from), to: english_name(to), texts: &listed };
        let came: Rewritten = self.ask(catalog, account, &given, &rewrite::schema(worded.len()), until).await?;
        // Fewer or more than were given: then nobody knows which is which.
        Ok(if came.texts.len() == worded.len() { came.texts } else { vec![String::new(); worded.len()] })
    }

    /// A customer's message in English, to be understood by it.
    pub(in crate::services) async fn understand(
        &self,
        catalog: &Catalog,
        account: Option<&Account>,
        text: &str,
        language: &str,
        until: Instant,
    ) -> Result<Translated, NotRewritten> {
        let pinned = Pinned::of(account, &[text]);
        if !has_words(&pinned.texts[0]) {
            return Ok(Translated { text: text.to_owned(), readable: text.to_owned() });
        }
        let came = self.translated(catalog, account, &pinned, &[0], (language, ENGLISH), until).await?;
        let came = came.first().map(String::as_str).unwrap_or_default();
        let text = pinned.restored(0, came, language, ENGLISH).map_err(|why| pinned.told(&why))?;
        let mut readable = came.trim().to_owned();
        for mark in marks(came) {
            let value = pinned.mask.behind(mark).unwrap_or_default();
            readable = readable.replacen(mark, &dated(value, language), 1);
        }
        Ok(Translated { text, readable })
    }
}

/// "12 de diciembre" as "12 december"; anything else as it is.
fn dated(value: &str, language: &str) -> String {
    let words: Vec<&str> = value.split_whitespace().collect();
    if !words.iter().any(|word| day_in_english(word, language).is_some()) {
        return value.to_owned();
    }
    let kept = words.into_iter().filter(|word| !["de", "del", "den", "le", "di"].contains(&word.to_lowercase().as_str()));
    kept.map(|word| day_in_english(word.trim_end_matches([',', '.']), language).unwrap_or(word)).collect::<Vec<_>>().join(" ")
}

impl Service {
    /// An agent's own words, better written, or in the language `to`. Nothing is stored, nothing is sent.
    ///
    /// # Errors
    /// See [`NoHelp`]; the agent's text stays what it is.
    pub async fn rewrite_for_agent(&self, conversation: &ConversationId, text: &str, to: Option<&str>) -> Result<String, NoHelp> {
        let row = self.row(conversation).await?.ok_or(NoHelp::NotFound)?;
        let account = self.account_of(row.customer.as_ref()).await?;
        let account = account.as_deref();
        let purpose = if to.is_some() { Use::Translate } else { Use::Polish };
        self.helper.must_ask(purpose, account)?;
        let catalog = self.catalog.current();
        let until = Instant::now() + LONGEST;
        let spoken = match language_of(text) {
            UNKNOWN if to.is_none() && knows(primary(&row.locale)) => primary(&row.locale),
            UNKNOWN => ENGLISH,
            clear => clear,
        };
        let Some(to) = to.map(primary) else {
            let pinned = Pinned::of(account, &[text]);
            let given = Given::Polish { language: english_name(spoken), text: &pinned.texts[0] };
            let came: Rewritten = self.helper.ask(&catalog, account, &given, &rewrite::schema(1), until).await?;
            let came = came.texts.first().map(String::as_str).unwrap_or_default();
            return pinned.restored(0, came, spoken, spoken).map_err(|why| pinned.told(&why).into());
        };
        if to == spoken {
            return Err(NoHelp::NoAnswer(format!("your text is in {} already", english_name(to))));
        }
        let mut texts = self.helper.translate(&catalog, account, &[text], (spoken, to), until).await?;
        texts.pop().ok_or_else(|| NoHelp::NoAnswer("the model gave no text".into()))?.map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_readable() {
        for (value, language, expected) in [
            ("12 de diciembre", "es", "12 december"),
            ("lundi 7 décembre 2026", "fr", "monday 7 december 2026"),
            ("45,50 €", "fr", "45,50 €"),
            ("12.12.2026", "pl", "12.12.2026"),
        ] {
            assert_eq!(dated(value, language), expected);
        }
    }

    #[test]
    fn a_refusal_names_what_the_agent_wrote() {
        let pinned = Pinned::of(None, &["You owe £45.00."]);
        let why = pinned.restored(0, "You owe something.", "en", "en").expect_err("the amount is gone");
        assert!(pinned.told(&why).to_string().contains("£45.00"), "{}", pinned.told(&why));
        assert_eq!(pinned.restored(0, "You owe [AMOUNT_1] to us.", "en", "en").as_deref(), Ok("You owe £45.00 to us."));
    }
}
