//! Evidence over HTTP: taken in parts, resumed after a cut and a kill, refused in words, seen by agents only.

use crate::harness::{Customer, Server, desk_session, token};
use redress::cli::bench::http::{self, Answer};
use serde_json::{Value, json};
use std::path::PathBuf;

/// A document of so many bytes.
fn document(bytes: usize, mark: &str) -> String {
    let head = format!("%PDF-1.4\n% {mark}\n");
    format!("{head}{}\n%%EOF\n", "x".repeat(bytes.saturating_sub(head.len() + 7)))
}

/// A scanner that finds the word VIRUS.
fn scanner() -> PathBuf {
    let script = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("scan-{}.sh", std::process::id()));
    std::fs::write(&script, "if grep -q VIRUS \"$1\"; then exit 1; fi\nexit 0\n").expect("a script");
    script
}

async fn ask(server: &Server, method: &str, path: &str, token: &str, body: Option<&str>) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers: &[(&str, &str)] = if token.is_empty() { &[] } else { &[("authorization", &bearer)] };
    http::request(method, &server.authority(), path, headers, body).await.expect("an answer")
}

async fn begin(server: &Server, token: &str, conversation: &str, name: &str, size: usize) -> Answer {
    let body = json!({"conversation": conversation, "name": name, "size": size}).to_string();
    ask(server, "POST", "/api/evidence", token, Some(&body)).await
}

async fn send(server: &Server, token: &str, conversation: &str, name: &str, content: &str) -> Answer {
    let begun = begin(server, token, conversation, name, content.len()).await;
    if begun.status != 201 {
        return begun;
    }
    let id = begun.json().expect("JSON")["id"].as_str().expect("an id").to_owned();
    ask(server, "PUT", &format!("/api/evidence/{id}?offset=0"), token, Some(content)).await
}

async fn files(server: &Server, customer: &str) -> Vec<Value> {
    let account = server.api(&format!("/api/customers/{customer}")).await;
    let evidence = account["orders"][0]["disputes"][0]["evidence"].as_array().expect("a list").clone();
    evidence.into_iter().filter(|one| one["file"].is_string()).collect()
}

#[tokio::test]
async fn a_file_arrives_once_whatever_is_cut() {
    let mut server = Server::on_lasting_port(&["--frames-per-second", "0", "--encoder", "none"]);
    let (mine, customer) = (token("P12", 1), Customer::signed_in(&server, "P12", 1).await);
    let content = document(3_000_000, "receipt");
    let begun = begin(&server, &mine, &customer.conversation, "../../receipt.pdf", content.len()).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let begun = begun.json().expect("JSON");
    assert_eq!((begun["name"].as_str(), begun["dispute"].as_str()), (Some("receipt.pdf"), Some("D-2QX7M")));
    let path = format!("/api/evidence/{}", begun["id"].as_str().expect("an id"));
    let (first, rest) = content.split_at(1_234_567);
    let half = ask(&server, "PUT", &format!("{path}?offset=0"), &mine, Some(first)).await.json().expect("JSON");
    assert_eq!(half["offset"], 1_234_567);
    server.kill9();
    server.restart();
    assert_eq!(ask(&server, "GET", &path, &mine, None).await.json().expect("JSON")["offset"], 1_234_567);
    let elsewhere = ask(&server, "PUT", &format!("{path}?offset=7"), &mine, Some(rest)).await;
    assert_eq!((elsewhere.status, elsewhere.json().expect("JSON")["offset"].as_u64()), (409, Some(1_234_567)));
    assert!(files(&server, "P12").await.is_empty(), "half a file is no evidence");
    let done = ask(&server, "PUT", &format!("{path}?offset=1234567"), &mine, Some(rest)).await;
    assert_eq!(done.json().expect("JSON")["done"], true, "{}", done.body);
    assert_eq!(ask(&server, "GET", &path, &mine, None).await.status, 404, "it is done");
    // The same file once more is the same evidence.
    let again = send(&server, &mine, &customer.conversation, "again.pdf", &content).await;
    assert_eq!((again.status, files(&server, "P12").await.len()), (200, 1));
    let (_, desk) = desk_session(&server, 0).await;
    let file = format!("/api/desk/disputes/D-2QX7M/evidence/{}", files(&server, "P12").await[0]["file"].as_str().expect("a hash"));
    let shown = ask(&server, "GET", &file, &desk, None).await;
    assert_eq!((shown.status, shown.body.len()), (200, content.len()));
    assert_eq!(shown.header("content-disposition"), Some("attachment; filename*=UTF-8''receipt.pdf"));
    assert_eq!(ask(&server, "GET", &file, "", None).await.status, 401);
    assert_eq!(ask(&server, "GET", &file, &mine, None).await.status, 401, "a customer's token is no agent's");
    let events = server.public_events(&customer.conversation).await;
    let told =
        events.iter().filter(|event| event["data"]["text"].as_str().is_some_and(|text| text.contains("is added to dispute D-2QX7M")));
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_words_and_nothing_is_kept() {
    let scan = format!("sh {}", scanner().display());
    let server = Server::with(&["--frames-per-second", "0", "--encoder", "none", "--evidence-scanner", &scan]);
    let (mine, mut customer) = (token("P12", 1), Customer::signed_in(&server, "P12", 1).await);
    customer.ask("hello").await;
    let talk = customer.conversation.as_str();
    for (name, content, code, words) in [
        ("photo.jpg", "MZ this is a program".to_owned(), "other_kind", "something else, whatever its name says"),
        ("photo.png", "PK\u{3}\u{4} an archive".to_owned(), "other_kind", "JPEG and PNG pictures and PDF documents"),
        ("cut.pdf", "%PDF-1.4 no end".to_owned(), "broken", "damaged or not complete"),
        ("tool.pdf", "%PDF-1.4 /S /JavaScript %%EOF".to_owned(), "active", "programs or other files"),
        ("worm.pdf", document(500, "VIRUS"), "infected", "something harmful"),
    ] {
        let refused = send(&server, &mine, talk, name, &content).await;
        let body = refused.json().expect("JSON");
        assert_eq!((refused.status, body["code"].as_str()), (422, Some(code)), "{name}: {body}");
        assert!(body["detail"].as_str().is_some_and(|detail| detail.contains(words)), "{name}: {body}");
    }
    for (size, code) in [(0, "empty"), (7 * 1024 * 1024 + 1, "too_large")] {
        let refused = begin(&server, &mine, talk, "a.pdf", size).await;
        assert_eq!((refused.status, refused.json().expect("JSON")["code"].as_str()), (422, Some(code)));
    }
    // More bytes than announced; somebody else's conversation, upload and token; nobody; no case.
    let begun = begin(&server, &mine, talk, "a.pdf", 10).await.json().expect("JSON");
    let path = format!("/api/evidence/{}?offset=0", begun["id"].as_str().expect("an id"));
    let other = token("P01", 1);
    assert_eq!(ask(&server, "PUT", &path, &other, Some("0123")).await.status, 404);
    assert_eq!(ask(&server, "PUT", &path, &mine, Some("more than ten bytes")).await.status, 400);
    assert_eq!(begin(&server, &other, talk, "a.pdf", 10).await.status, 403);
    assert_eq!(begin(&server, "", talk, "a.pdf", 10).await.status, 401);
    assert_eq!(begin(&server, "no.such.token", talk, "a.pdf", 10).await.status, 401);
    assert_eq!(ask(&server, "GET", "/api/evidence/..%2f..%2fetc", &mine, None).await.status, 404);
    let theirs = Customer::signed_in(&server, "P01", 1).await;
    let none = begin(&server, &other, &theirs.conversation, "a.pdf", 10).await.json().expect("JSON");
    assert_eq!(none["code"], "no_case");
    assert!(files(&server, "P12").await.is_empty());
    // Ten files fit; the eleventh is told so.
    for number in 0..10 {
        let taken = send(&server, &mine, talk, "page.pdf", &document(400, &format!("page {number}"))).await;
        assert_eq!(taken.status, 200, "{}", taken.body);
    }
    let eleventh = begin(&server, &mine, talk, "page.pdf", 400).await.json().expect("JSON");
    assert_eq!((eleventh["code"].as_str(), files(&server, "P12").await.len()), (Some("too_many"), 10));
    assert!(files(&server, "P12").await.iter().all(|file| file["scan"] == "clean"));
}
