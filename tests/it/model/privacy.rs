//! Personal data of 200 people in what customers write, through the real server to the scripted model: not a byte of any may arrive.

use super::scripted::{Script, Scripted};
use super::{ASKED, desk, server, write};
use crate::harness::{Customer, Hello, desk_session, token};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Planted messages of one conversation: with the bot's answers they fit into what a summary is made from.
const OF_ONE: usize = 8;
/// The fewest characters of a part of an item that is searched for by itself; shorter ones stand in any text.
const PART: usize = 4;

struct Planted {
    kind: String,
    item: String,
    says: String,
}

fn planted() -> Vec<Planted> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/model/personal.jsonl");
    let text = fs::read_to_string(file).expect("the planted items");
    let read = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("JSON");
        let field = |name: &str| value[name].as_str().expect("text").to_owned();
        Planted { kind: field("kind"), item: field("item"), says: field("says") }
    };
    text.lines().map(read).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<Vec<_>>().into_iter()
}

/// Words that requests have anyway: of prompts, articles, the bot's own wording, and of the planted messages around their items.
fn everyday(planted: &[Planted]) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["prompts", "knowledge", "intents"].iter().map(|folder| root.join(folder)).collect();
    let mut known = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                known.extend(words(&fs::read_to_string(entry).expect("UTF-8")));
            }
        }
    }
    known.extend(planted.iter().flat_map(|one| words(&one.says.replace(&one.item, " ")).collect::<Vec<_>>()));
    known
}

/// Letters and digits alone, in small letters.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A word that marks a message, so that it can be found again behind the mask.
fn tag(place: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).expect("a letter"));
    format!("zq{}{}x", letter(place / 26), letter(place))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_one_byte_of_200_planted_items_reaches_the_model() {
    let planted = planted();
    assert_eq!(planted.len(), 200);
    let model = Scripted::start(Script::Good).await;
    let server = server("privacy", &model);
    let customers = [None, Some("P02"), Some("P03"), Some("P10"), Some("P11"), Some("P13"), Some("P24"), Some("P25")];
    let (mut given_back, mut rewritten) = (0, 0);
    let (_, agent) = desk_session(&server, 0).await;
    for (number, part) in planted.chunks(OF_ONE).enumerate() {
        let token = customers[number % customers.len()].map(|customer| token(customer, 1));
        let mut customer = Customer::enter(&server, Hello { token, ..Hello::default() }).await;
        // One that an article answers, so that every use of the model has its chance.
        assert!(write(&mut customer, &format!("{ASKED} {}", part[0].item)).await);
        for (place, one) in part.iter().enumerate() {
            let text = format!("{} ({})", one.says, tag(number * OF_ONE + place));
            assert!(write(&mut customer, &text).await, "{text} is taken");
        }
        let path = format!("/api/desk/conversations/{}", customer.conversation);
        let summary = desk(&server, "GET", &format!("{path}/summary")).await.to_string();
        desk(&server, "POST", &format!("{path}/draft")).await;
        // An agent may have any of it in a text of their own.
        for one in part {
            for (what, body) in [("polish", json!({ "text": one.says })), ("translate", json!({ "text": one.says, "to": "fr" }))] {
                let (status, answer) = server.desk(&agent, "POST", &format!("{path}/{what}"), Some(&body)).await;
                assert_eq!(status, 200, "{answer}");
                rewritten += usize::from(answer["text"].as_str().is_some_and(|text| text.contains(&one.item)));
            }
        }
        given_back += part.iter().filter(|one| summary.contains(&one.item)).count();
    }
    let wire = model.wire();
    let (lower, bare) = (wire.to_lowercase(), squeezed(&wire));
    let said: BTreeSet<String> = words(&wire).collect();
    let everyday = everyday(&planted);
    let (mut leaks, mut parts, mut kinds) = (Vec::new(), 0, BTreeMap::<&str, usize>::new());
    for (place, one) in planted.iter().enumerate() {
        assert!(said.contains(&tag(place)), "the model was shown what stands around {}", one.item);
        *kinds.entry(&one.kind).or_default() += 1;
        let whole = lower.contains(&one.item.to_lowercase());
        let digits = one.item.chars().filter(|c| c.is_numeric()).count();
        let other_writing = digits > 5 && bare.contains(&squeezed(&one.item));
        let part = words(&one.item).filter(|word| word.chars().count() >= PART && !everyday.contains(word));
        let left: Vec<String> = part.inspect(|_| parts += 1).filter(|word| said.contains(word)).collect();
        if whole || other_writing || !left.is_empty() {
            leaks.push(format!("{} {:?}: {left:?}", one.kind, one.item));
        }
    }
    let uses = |name: &str| model.asked().iter().filter(|asked| asked["response_format"]["json_schema"]["name"] == name).count();
    let uses = ["second_opinion", "answer", "summary", "draft", "polish", "translate"].map(|name| (name, uses(name)));
    println!(
        "{kinds:?}; {parts} parts looked for by themselves; requests: {uses:?}; given back to agents: {given_back}, in texts of theirs: {rewritten}"
    );
    assert!(leaks.is_empty(), "{} items have left the process:\n{}", leaks.len(), leaks.join("\n"));
    assert!(uses.iter().all(|(_, count)| *count > 0), "{uses:?}");
    assert!(given_back > 0 && rewritten > 0, "an agent reads the real values");
}
