//! The round trip of every use with a real model: at the address in `REDRESS_TEST_MODEL`; see `tests/model/README.md`. It looks at shapes and at what the
//! checks let through, never at wording: that is the model's.

use redress::catalog::Checked;
use redress::catalog::prompts::{Given, Shown, Topic};
use redress::dialog::{Proposal, Wanted};
use redress::domain::ids::IntentId;
use redress::domain::mask::Mask;
use redress::domain::money::Currency;
use redress::leash::claims::numbers;
use redress::leash::grounding::{self, Answer, ground};
use redress::leash::guard::{self, Opinion};
use redress::leash::rewrite::{self, Rewritten, faithful};
use redress::leash::slots::{self, Read, Words, proposed};
use redress::leash::support::{self, Draft, Line, Summary, drafted, supported};
use redress::llm::{Failure, Models, Question, Settings};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// A small model on a busy machine takes its time.
const MS: u64 = 300_000;

async fn ask<T: DeserializeOwned>(models: &Models, content: &Checked, given: &Given<'_>, schema: &Value) -> Result<T, Failure> {
    let rendered = content.prompts.render(given).expect("renders");
    let question = Question { purpose: given.purpose(), prompt: "", system: rendered.system, user: rendered.user, schema };
    let began = Instant::now();
    let answer = models.ask(&question, tokio::time::Instant::now() + Duration::from_millis(MS)).await;
    println!("{}: {} after {:?}", given.purpose().name(), if answer.is_ok() { "answered" } else { "no answer" }, began.elapsed());
    answer
}

#[tokio::test]
async fn every_use_goes_round_with_a_real_model() {
    let Ok(url) = std::env::var("REDRESS_TEST_MODEL") else {
        assert!(std::env::var_os("CI").is_none(), "REDRESS_TEST_MODEL names no model: .ci/run starts one");
        eprintln!("REDRESS_TEST_MODEL names no model, so none is asked: tests/model/README.md tells how to start one");
        return;
    };
    let uses = ["second_opinion", "answer", "summary", "draft", "polish", "translate", "slot"]
        .map(|name| format!("  {name}: {{ ms: {MS} }}\n"))
        .concat();
    let text = format!("endpoints:\n  - url: {url}\n    model: test\nuses:\n{uses}");
    let models = Models::new(Settings::read("models.yaml", text.as_bytes(), |_| None).expect("good settings")).expect("a client");
    let content = Checked::folder(Path::new(env!("CARGO_MANIFEST_DIR")));

    let candidates = [IntentId::from("refund_status"), IntentId::from("late_fee_explain")];
    let topics = [
        Topic {
            name: "refund_status",
            title: "Where is my refund?",
            description: "The customer waits for a refund.",
            examples: vec!["where is my money"],
        },
        Topic {
            name: "late_fee_explain",
            title: "Why was I charged a late fee?",
            description: "The customer asks about a late fee.",
            examples: vec!["why this fee"],
        },
    ];
    let given = Given::SecondOpinion { intents: &topics, none: guard::NONE, language: "en", message: "when do i see my money again" };
    let opinion: Opinion = ask(&models, &content, &given, &guard::schema(&candidates)).await.expect("an opinion");
    println!("{opinion:?}");
    assert!(opinion.intent == guard::NONE || candidates.iter().any(|intent| intent.as_str() == opinion.intent), "{opinion:?}");

    let passage =
        "A late fee can be added when a payment is still open after its 7 days of grace. If you pay within that time, there is no fee.";
    let passages = [Shown { number: 1, text: passage }];
    let given = Given::Answer { passages: &passages, language: "en", question: "when do i have to pay a late fee" };
    match ask::<Answer>(&models, &content, &given, &grounding::schema()).await {
        Ok(answer) => {
            let grounded = ground(&answer, &[passage]);
            println!("{answer:?}\n{grounded:?}");
            assert!(grounded.is_none_or(|grounded| numbers(&grounded.text).is_subset(&numbers(passage))));
        }
        // A small model that does not come to an end is cut off.
        Err(failure) => assert!(["endless", "shape"].contains(&failure.name()), "{failure:?}"),
    }

    let line = |seq, by, text: &str| Line { seq, by, text: text.to_owned() };
    let talk = [
        line(1, "customer", "my lamp from Lumen never came and i was charged 45.00, call +44 7700 900123"),
        line(2, "bot", "I'm sorry. Shall I open a dispute?"),
        line(3, "customer", "no, i want to talk to somebody"),
    ];
    let mut mask = Mask::default();
    let shown: String = talk.iter().map(|line| format!("{} {}: {}\n", line.seq, line.by, mask.hide(&line.text))).collect();
    let given = Given::Summary { language: "en", talk: &shown };
    match ask::<Summary>(&models, &content, &given, &support::summary_schema()).await {
        Ok(summary) => println!("{} of {} sentences are supported", supported(&summary, &talk).len(), summary.sentences.len()),
        Err(failure) => assert!(["endless", "shape"].contains(&failure.name()), "{failure:?}"),
    }
    let given = Given::Draft { passages: &passages, language: "en", talk: &shown };
    match ask::<Draft>(&models, &content, &given, &support::draft_schema()).await {
        Ok(draft) => println!("a draft that {} be shown", if drafted(&draft, &shown).is_some() { "may" } else { "may not" }),
        Err(failure) => assert!(["endless", "shape"].contains(&failure.name()), "{failure:?}"),
    }

    let mut mask = Mask::default();
    let pinned = mask.pin("hi ana, ur payment of £45.00 is due on 4 december, u can move it");
    let given = Given::Polish { language: "English", text: &pinned };
    rewritten(ask(&models, &content, &given, &rewrite::schema(1)).await, &pinned, "en", "en");
    let pinned = mask.pin("Your payment of £45.00 is due on 4 December. You can move it.");
    let texts = [Shown { number: 1, text: &pinned }];
    let given = Given::Translate { from: "English", to: "French", texts: &texts };
    rewritten(ask(&models, &content, &given, &rewrite::schema(1)).await, &pinned, "en", "fr");

    let text = "when my salary comes, end of the month";
    let wanted = Wanted::Date { past: false, future: true };
    let today = "2026-12-04".parse().expect("a date");
    let question = "On which day can you pay?";
    let given =
        Given::Slot { kind: slots::kind(&wanted), today: "Friday 2026-12-04", language: "en", question, options: &[], message: text };
    match ask::<Read>(&models, &content, &given, &slots::schema(&wanted)).await {
        Ok(read) => {
            let currency = Currency::parse("GBP").expect("a currency");
            let proposal = proposed(&wanted, &read, Words { text, language: "en", today, currency });
            println!("{read:?}: {proposal:?}");
            assert!(matches!(proposal, None | Some(Proposal::Date(_))), "{proposal:?}");
        }
        Err(failure) => assert!(["endless", "shape"].contains(&failure.name()), "{failure:?}"),
    }
}

/// What became of a text: taken or refused, but it came.
fn rewritten(came: Result<Rewritten, Failure>, given: &str, from: &str, to: &str) {
    match came {
        Ok(came) => println!("{:?}: {:?}", came.texts, came.texts.first().map(|text| faithful(given, text, from, to))),
        Err(failure) => assert!(["endless", "shape"].contains(&failure.name()), "{failure:?}"),
    }
}
