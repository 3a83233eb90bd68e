//! Tries a prompt's text out with the model on made-up words: what it answers, and what the checks that stand between a model and people
//! make of it. It costs what any call costs, and reaches nobody.

use super::Helper;
use crate::catalog::prompts::{Prompts, sample};
use crate::dialog::{Proposal, Wanted};
use crate::domain::ids::IntentId;
use crate::domain::market::Market;
use crate::leash::grounding::{self, Answer, ground};
use crate::leash::guard::{self, Opinion, settle};
use crate::leash::rewrite::{self, Rewritten, faithful};
use crate::leash::slots::{self, Read, Words, proposed};
use crate::leash::support::{self, Draft, Line, Summary, drafted, supported};
use crate::llm::{Failure, Models, Question, Tokens, Use};
use crate::understanding::{Decision, Guess, Reading};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Nobody waits longer; the use's own time is shorter.
const LONGEST: Duration = Duration::from_secs(60);

/// What the sample's question waits for.
const DAY_TO_COME: Wanted = Wanted::Date { past: false, future: true };

/// How a try went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tryout {
    /// What the model answered; `None`: nothing that could be read, see `failure`.
    pub answer: Option<Value>,
    /// Why there is no answer.
    pub failure: Option<String>,
    /// What the checks made of it, in sentences.
    pub leash: Vec<String>,
    /// What a customer or an agent would read of it; `None`: nothing.
    pub shown: Option<String>,
    /// Tokens of all requests that it took.
    pub tokens_in: u32,
    /// Tokens of the answers.
    pub tokens_out: u32,
    /// How long it took.
    pub ms: u64,
}

impl Helper {
    /// Asks the model with these prompts about the sample of a use; `None` without a model.
    pub async fn try_prompt(&self, prompts: &Prompts, purpose: Use) -> Option<Tryout> {
        let models = self.models()?;
        Some(match purpose {
            Use::SecondOpinion => {
                let candidates = guard::candidates(&unsure(), |_| false);
                run(models, prompts, purpose, &guard::schema(&candidates), |opinion: &Opinion| settled(&candidates, opinion)).await
            }
            Use::Answer => run(models, prompts, purpose, &grounding::schema(), grounded).await,
            Use::Summary => run(models, prompts, purpose, &support::summary_schema(), summed).await,
            Use::Draft => run(models, prompts, purpose, &support::draft_schema(), reply).await,
            Use::Polish => run(models, prompts, purpose, &rewrite::schema(1), |came| rewritten(came, "en")).await,
            Use::Translate => run(models, prompts, purpose, &rewrite::schema(1), |came| rewritten(came, sample::INTO)).await,
            Use::Slot => run(models, prompts, purpose, &slots::schema(&DAY_TO_COME), day).await,
        })
    }
}

/// What is made of an answer: sentences about it, and what is shown.
type Made = (Vec<String>, Option<String>);

async fn run<T: DeserializeOwned + Serialize>(
    models: &Models,
    prompts: &Prompts,
    purpose: Use,
    schema: &Value,
    made: impl FnOnce(&T) -> Made,
) -> Tryout {
    let began = Instant::now();
    let (answer, spent) = match prompts.render(&sample::sample(purpose)) {
        Ok(rendered) => {
            let question = Question { purpose, prompt: prompts.digest(purpose), system: rendered.system, user: rendered.user, schema };
            models.ask_counted::<T>(&question, began + LONGEST).await
        }
        Err(error) => {
            tracing::warn!(llm.purpose = purpose.name(), %error, "A prompt that was to be tried out cannot be rendered");
            (Err(Failure::Off), Tokens::default())
        }
    };
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (leash, shown) = answer.as_ref().map_or_else(|_| (Vec::new(), None), made);
    Tryout {
        failure: answer.as_ref().err().map(Failure::to_string),
        answer: answer.ok().map(|answer| json!(answer)),
        leash,
        shown,
        tokens_in: spent.input,
        tokens_out: spent.output,
        ms,
    }
}

/// The sample's message as a local reading that cannot decide.
fn unsure() -> Reading {
    let [first, second] = sample::TOPICS.map(IntentId::from);
    Reading {
        intents: vec![Guess { intent: first.clone(), confidence: 0.42 }, Guess { intent: second.clone(), confidence: 0.38 }],
        decision: Decision::Clarify(vec![first, second]),
        also: Vec::new(),
        safety: None,
        acts: Vec::new(),
        entities: Vec::new(),
        language: "en",
        why: "Two readings are nearly as likely.".to_owned(),
    }
}

fn settled(candidates: &[IntentId], opinion: &Opinion) -> Made {
    let known = candidates.iter().any(|intent| intent.as_str() == opinion.intent);
    let said = match &settle(unsure(), candidates, Some(opinion)).decision {
        _ if opinion.intent == guard::NONE => "It says that no topic fits: the local reading stands, and the customer is asked.".to_owned(),
        _ if !known => format!("`{}` is none of the topics that it was given: the local reading stands.", opinion.intent),
        Decision::Act(intent) => format!("It picks what the local reading finds likeliest: the flow of `{intent}` starts."),
        Decision::Clarify(asked) => {
            let names: Vec<String> = asked.iter().map(|intent| format!("`{intent}`")).collect();
            format!("The local reading finds another one likelier: the customer is asked about {}, in this order.", names.join(" and "))
        }
        Decision::Abstain => "The local reading stands.".to_owned(),
    };
    (vec![said], None)
}

fn grounded(answer: &Answer) -> Made {
    match ground(answer, &sample::PASSAGES) {
        Some(grounded) => {
            let replaced = match grounded.replaced {
                0 => "Every sentence says what its quote says.".to_owned(),
                1 => "One sentence said more than its quote and was replaced by the quote.".to_owned(),
                more => format!("{more} sentences said more than their quotes and were replaced by the quotes."),
            };
            (vec![replaced], Some(grounded.text))
        }
        None if !answer.found => {
            (vec!["It says that the passages have no answer: the best passage is shown if it surely fits.".to_owned()], None)
        }
        None => (vec!["Refused: no sentence has a quote that stands in a passage word by word.".to_owned()], None),
    }
}

fn summed(summary: &Summary) -> Made {
    let lines: Vec<Line> = sample::TALK.iter().map(|&(seq, by, text)| Line { seq, by, text: text.to_owned() }).collect();
    let kept = supported(summary, &lines);
    let dropped = summary.sentences.len() - kept.len();
    let said = match dropped {
        0 => "Every sentence is supported by the lines that it names.".to_owned(),
        1 => "One sentence was dropped: the lines that it names do not say it.".to_owned(),
        more => format!("{more} sentences were dropped: the lines that they name do not say them."),
    };
    let text: Vec<String> = kept.into_iter().map(|resting| resting.text).collect();
    (vec![said], Some(text.join("\n")).filter(|text| !text.is_empty()))
}

fn reply(draft: &Draft) -> Made {
    let mut sources: String = sample::TALK.iter().map(|(_, _, text)| format!("{text}\n")).collect();
    sources.push_str(&sample::PASSAGES.join("\n"));
    match drafted(draft, &sources) {
        Some(text) => (
            vec!["It states nothing that neither the talk nor a passage says in figures, and has no link or markup.".to_owned()],
            Some(text),
        ),
        None => (vec!["Refused: a figure that neither the talk nor a passage has, a link, markup, or too long.".to_owned()], None),
    }
}

fn rewritten(came: &Rewritten, to: &str) -> Made {
    let Some(text) = came.texts.first() else { return (vec!["Refused: it gives no text.".to_owned()], None) };
    match faithful(sample::WRITTEN, text, "en", to) {
        Ok(text) => (vec!["Every mark is where it belongs, and nothing was added that counts.".to_owned()], Some(text)),
        Err(why) => (vec![format!("Refused: {why}. The text stays what it was.")], None),
    }
}

fn day(read: &Read) -> Made {
    let words = Words { text: sample::DAY, language: "en", today: sample::TODAY, currency: Market::fallback().currency };
    match proposed(&DAY_TO_COME, read, words) {
        Some(Proposal::Date(date)) => {
            let said = "The customer's words bear it: they are asked whether it is right, and it is used only after a yes.";
            (vec![said.to_owned()], Some(date.to_string()))
        }
        _ if !read.found => (vec!["It finds no day: the question is asked again.".to_owned()], None),
        _ => (vec!["Refused: no day to come, or one that the customer's words do not name.".to_owned()], None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leash::grounding::Quoted;
    use crate::leash::support::Resting;

    #[test]
    fn the_leash_is_told_in_words() {
        let candidates = guard::candidates(&unsure(), |_| false);
        let opinion = |intent: &str| settled(&candidates, &Opinion { intent: intent.to_owned() }).0.remove(0);
        assert!(opinion("late_fee_waiver").contains("flow of `late_fee_waiver` starts"));
        assert!(opinion("late_fee_explain").contains("asked about `late_fee_waiver` and `late_fee_explain`"));
        assert!(opinion(guard::NONE).contains("no topic fits") && opinion("free_money").contains("none of the topics"));

        let quote = |quote: &str, text: &str| Answer {
            found: true,
            sentences: vec![Quoted { passage: 2, quote: quote.to_owned(), text: text.to_owned() }],
        };
        let (_, shown) = grounded(&quote("An order never has more than two late fees", "An order never has more than two late fees."));
        assert!(shown.is_some());
        assert!(grounded(&quote("we give you money back always", "Money!")).0[0].starts_with("Refused"));

        let summary = |text: &str| Summary { sentences: vec![Resting { text: text.to_owned(), seqs: vec![1] }] };
        assert!(summed(&summary("There is a late fee of 5.00 on the order.")).1.is_some());
        assert!(summed(&summary("The customer owes 500.00.")).0[0].starts_with("One sentence was dropped"));
        assert!(reply(&Draft { text: "I'm looking into it.".into() }).1.is_some());
        assert!(reply(&Draft { text: "You get 99.00 back.".into() }).1.is_none());

        let polished = |text: &str| rewritten(&Rewritten { texts: vec![text.to_owned()] }, "en");
        let good = "Hi, we received your shoes on [DATE_1], the refund of [AMOUNT_1] is on its way to your card.";
        assert_eq!(polished(good).1.as_deref(), Some(good));
        assert!(polished("Hi, the refund of [AMOUNT_1] is on its way.").0[0].starts_with("Refused"));
        let named = |date: &str| day(&Read { found: true, date: date.to_owned(), amount: String::new(), option: 0 });
        assert_eq!(named("2026-12-14").1.as_deref(), Some("2026-12-14"));
        assert!(named("2026-12-19").0[0].starts_with("Refused"));
    }
}
