//! Customers who write in a language that the content has nothing in: understood by a translation, answered in one, with the originals beside
//! them; and as without a model when it fails, or when the matter must not rest on a translation.

use super::scripted::{Script, Scripted};
use super::server;
use crate::harness::{Agent, Customer, Hello, Server, by_bot, seq, token};
use redress::domain::mask::Mask;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const WHEN: &str = "quand est-ce que je dois payer la prochaine fois";
const LATER: &str = "je voudrais payer une semaine plus tard s'il vous plaît";
const AGREED: &str = "faites exactement comme vous me le proposez";

/// What the bot said last.
fn last(customer: &Customer) -> &Value {
    customer.log.iter().rev().find(|event| by_bot(event) && event["kind"] == "message").expect("the bot spoke")
}

/// The translations that the desk reads: of which message, and what they say.
async fn notes(server: &Server, conversation: &str) -> Vec<(u64, String)> {
    let of = |event: &Value| Some((event["data"]["translation"]["of"].as_u64()?, event["data"]["text"].as_str()?.to_owned()));
    server.events(conversation).await.iter().filter_map(of).collect()
}

/// Clicks the option on offer that is labelled so.
async fn click(customer: &mut Customer, label: &str) -> String {
    let offered = customer.log.iter().rev().find(|event| event["kind"] == "choices").expect("options")["data"]["options"].clone();
    let option =
        offered.as_array().into_iter().flatten().find(|option| option["label"] == label).unwrap_or_else(|| panic!("{label} in {offered}"));
    let place = customer.acked(json!({ "type": "choose", "option": option["id"] })).await;
    customer.answer_after(place).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_question_is_understood_and_answered_with_the_original_beside_it() {
    let model = Scripted::start(Script::Good).await;
    let server = server("languages", &model);
    let mut customer = Customer::signed_in(&server, "P06", 1).await;
    let place = customer.say(WHEN).await;
    customer.answer_after(place).await;
    let said = last(&customer).clone();
    let data = &said["data"];
    assert_eq!((data["locale"].as_str(), data["translated"]["locale"].as_str()), (Some("fr"), Some("en")), "{said}");
    assert!(data["translated"]["note"].as_str().is_some_and(|note| note.contains("machine")), "{said}");
    let (shown, original) = (data["text"].as_str().expect("text"), data["translated"]["original"]["text"].as_str().expect("the original"));
    assert!(shown.contains("Voici ce que nous savons"), "{shown}");
    // Every amount and date of the original stands in the translation, and no other.
    let (mut pins, mut other) = (Mask::default(), Mask::default());
    let (before, after) = (pins.pin(original), other.pin(shown));
    let values = |mask: &Mask, text: &str| {
        let mut values: Vec<String> =
            redress::domain::mask::marks(text).iter().filter_map(|mark| mask.behind(mark).map(str::to_owned)).collect();
        values.sort();
        values
    };
    assert!(!values(&pins, &before).is_empty(), "{original}");
    assert_eq!(values(&pins, &before), values(&other, &after), "{original} | {shown}");
    assert_eq!(notes(&server, &customer.conversation).await, [(place, "when is my next payment due".to_owned())]);

    // What the customer wrote stays theirs, and later messages go on in their language.
    let own = customer.log.iter().find(|event| seq(event) == place).expect("stored");
    assert_eq!(own["data"]["text"], WHEN);
    let mut polish = Customer::enter(&server, Hello { token: Some(token("P06", 1)), locale: Some("pl"), ..Hello::default() }).await;
    polish.ask("kiedy muszę zapłacić następną ratę za moje zakupy").await;
    // The scripted model speaks French only: what comes in another language is refused, and English stands.
    assert!(last(&polish)["data"]["translated"].is_null() && last(&polish)["data"]["locale"] == "en", "{}", last(&polish));
    let asked = model.asked().len();
    let mut swedish = Customer::signed_in(&server, "P06", 1).await;
    swedish.ask("när ska jag betala nästa gång").await;
    assert_eq!(model.asked().len(), asked, "scripts in the customer's language win");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_translation_never_answers_a_confirmation() {
    let model = Scripted::start(Script::Good).await;
    let server = server("consent", &model);
    let before = server.api("/api/customers/P06").await;
    let mut customer = Customer::signed_in(&server, "P06", 2).await;
    customer.ask(LATER).await;
    customer.ask("la première de la liste s'il vous plaît").await;
    let said = last(&customer);
    assert!(said["data"]["translated"]["original"]["text"].as_str().is_some_and(|text| text.contains("I will move")), "{said}");
    // The translation of this is a plain yes.
    customer.ask(AGREED).await;
    let unchanged = server.api("/api/customers/P06").await;
    assert_eq!(before["orders"], unchanged["orders"], "nothing is done by a translated yes");
    let offered = customer.log.iter().rev().find(|event| event["kind"] == "choices").expect("yes and no")["data"]["options"].clone();
    let labels: Vec<&str> = offered.as_array().into_iter().flatten().filter_map(|option| option["label"].as_str()).collect();
    assert!(labels.contains(&"Oui") && labels.contains(&"Non"), "{labels:?}");
    click(&mut customer, "Oui").await;
    assert_ne!(before["orders"], server.api("/api/customers/P06").await["orders"], "a click is an explicit yes");
    let clicked = customer.log.iter().rev().find(|event| event["by"]["kind"] == "customer").expect("the click");
    assert_eq!(clicked["data"]["text"], "Oui", "the customer reads what they clicked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_urgent_or_late_goes_to_a_person_as_without_a_model() {
    let model = Scripted::start(Script::Good).await;
    let server = server("urgent", &model);
    let mut customer = Customer::anonymous(&server).await;
    let text = customer.ask("je n'en peux plus et je veux en finir avec la vie").await;
    assert!(text.contains("Je vous passe une personne"), "{text}");
    customer.until(|frame| frame["type"] == "queue").await;
    // What it may mean is enough to be in time, in the team that knows how.
    let queue = server.api("/api/queue").await;
    let rows = queue["waiting"].as_array().cloned().unwrap_or_default();
    let row = rows.iter().find(|row| row["conversation"] == customer.conversation.as_str()).expect("waits");
    assert!(row["priority"] == 0 && row["skill"] == "safety", "{row}");
    for script in [Script::Silent, Script::Worst, Script::Broken] {
        model.plays(script);
        let mut customer = Customer::anonymous(&server).await;
        let began = Instant::now();
        let text = customer.ask(WHEN).await;
        assert!(began.elapsed() < Duration::from_secs(4), "{script:?}: {:?}", began.elapsed());
        assert!(text.contains("Je ne peux pas encore aider"), "{script:?}: {text}");
        assert!(!text.contains("987"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_talk_reads_a_translation_beneath_foreign_words() {
    let model = Scripted::start(Script::Good).await;
    let server = server("desk-languages", &model);
    let mut customer = Customer::anonymous(&server).await;
    customer.ask_for_a_person().await;
    let mut agent = Agent::sign_in(&server, 0).await;
    agent.post(json!({ "type": "claim", "conversation": customer.conversation })).await;
    let place = customer.say(WHEN).await;
    let note = agent.until(|frame| frame["type"] == "event" && frame["data"]["translation"].is_object()).await;
    assert_eq!(
        (note["data"]["translation"]["of"].as_u64(), note["data"]["text"].as_str()),
        (Some(place), Some("when is my next payment due"))
    );
    assert!(customer.log.iter().all(|event| event["data"]["translation"].is_null()), "the customer sees nothing of it");
}
