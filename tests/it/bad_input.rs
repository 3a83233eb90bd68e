//! Everything that can be wrong gets one clear error and harms nobody else.

use crate::harness::{Customer, Heard, Hello, IDENTITY_SECRET, SERVICE_TOKEN, Server, Socket, new_id, sign, token, wall_s};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redress::cli::bench::http;
use serde_json::{Value, json};
use std::path::Path;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// Whether the customer's socket still answers.
async fn is_well(customer: &mut Customer) {
    customer.socket.send(&json!({ "type": "ping", "t": "well" })).await;
    customer.until(|frame| frame["type"] == "pong" && frame["t"] == "well").await;
}

#[tokio::test]
async fn wrong_frames_get_one_sentence_and_the_socket_stays_open() {
    let server = Server::shared();
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    let id = new_id();
    let frames = [
        "".to_owned(),
        "hello".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "{}".to_owned(),
        r#"{"type":7}"#.to_owned(),
        r#"{"type":"mesage","text":"hi"}"#.to_owned(),
        r#"{"type":"claim","conversation":"x"}"#.to_owned(),
        r#"{"type":"hello"}"#.to_owned(),
        r#"{"type":"message","text":"no id"}"#.to_owned(),
        r#"{"type":"message","id":"7","text":"no uuid"}"#.to_owned(),
        format!(r#"{{"type":"message","id":"{id}"}}"#),
        format!(r#"{{"type":"message","id":"{id}","text":5}}"#),
        format!(r#"{{"type":"message","id":"{id}","text":["a"]}}"#),
        format!(r#"{{"type":"choose","id":"{id}","option":{{}}}}"#),
        format!(r#"{{"type":"rate","id":"{id}","score":"five"}}"#),
        r#"{"type":"typing","on":"yes"}"#.to_owned(),
        r#"{"type":"read","seq":-1}"#.to_owned(),
        format!(r#"{{"type":"ping","t":"{}"}}"#, "x".repeat(100)),
        format!(r#"{{"type":"ping","t":{}{}}}"#, "[".repeat(7000), "]".repeat(7000)),
        "[".repeat(16_000),
        r#"{"type":"message","id":"#.to_owned(),
    ];
    for frame in &frames {
        customer.socket.send_raw(Message::text(frame.clone())).await;
        let error = customer.until(|frame| frame["type"] == "error").await;
        assert_eq!(error["code"], "bad_frame", "{frame:.80} gave {error}");
        assert!(error["message"].as_str().is_some_and(|message| message.len() > 10), "{frame:.80} gave {error}");
        is_well(&mut customer).await;
    }
    assert!(customer.log.is_empty(), "nothing of it was stored");
}

#[tokio::test]
async fn the_error_names_the_frame() {
    let server = Server::shared();
    let mut customer = Customer::anonymous(&server).await;
    let answer = customer.command(json!({ "type": "message", "text": 5 })).await;
    assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("bad_frame")));
    assert!(answer["message"].as_str().is_some_and(|message| message.contains("text")), "it names the field: {answer}");
}

#[tokio::test]
async fn a_client_that_sends_only_rubbish_is_shown_out() {
    let server = Server::shared();
    let mut customer = Customer::anonymous(&server).await;
    for _ in 0..25 {
        customer.socket.send_raw(Message::text("rubbish")).await;
    }
    let (frames, code) = customer.socket.ended().await;
    assert_eq!(code, 4002);
    assert!((19..=20).contains(&frames.len()), "{} errors", frames.len());
}

#[tokio::test]
async fn frames_that_are_not_utf8_or_far_too_large_close_the_socket() {
    let server = Server::shared();
    let mut neighbour = Customer::signed_in(&server, "P01", 1).await;
    let huge = Message::text(json!({ "type": "message", "id": new_id(), "text": "x".repeat(80 * 1024) }).to_string());
    let latin1 = Message::Frame(Frame::message(b"{\"type\":\"ping\",\"t\":\"\xe9\"}".to_vec(), OpCode::Data(Data::Text), true));
    let half = Message::Frame(Frame::message(b"\xf0\x9f".to_vec(), OpCode::Data(Data::Text), true));
    for (what, message, expected) in [("80 KiB", huge, 1009), ("Latin-1", latin1, 1007), ("half a character", half, 1007)] {
        let mut customer = Customer::anonymous(&server).await;
        customer.socket.send_raw(message).await;
        let (frames, code) = customer.socket.ended().await;
        assert_eq!(code, expected, "{what}: {frames:?}");
        if expected == 1009 {
            assert!(frames.iter().any(|frame| frame["code"] == "too_large"), "{what}: {frames:?}");
        }
        assert!(!neighbour.ask("when is my next payment due?").await.is_empty(), "others don't notice {what}");
    }
    // What is only a little too large, or binary, is refused in words; the socket goes on.
    let mut customer = Customer::anonymous(&server).await;
    let large = json!({ "type": "message", "id": new_id(), "text": "x".repeat(17 * 1024) }).to_string();
    for (message, code) in [(Message::text(large), "too_large"), (Message::binary(vec![1, 2, 3]), "bad_frame")] {
        customer.socket.send_raw(message).await;
        let error = customer.until(|frame| frame["type"] == "error").await;
        assert_eq!(error["code"], code, "{error}");
    }
    customer.socket.send_raw(Message::text(format!("{{\"type\":\"ping\",\"t\":1,\"x\":\"{}\"}}", "x".repeat(16 * 1024 - 100)))).await;
    customer.until(|frame| frame["type"] == "pong").await;
}

#[tokio::test]
async fn a_flood_is_braked_and_then_cut_off() {
    let server = Server::with(&[]);
    let mut neighbour = Customer::signed_in(&server, "P01", 1).await;
    let mut flooder = Customer::anonymous(&server).await;
    for number in 0..100 {
        flooder.socket.send(&json!({ "type": "ping", "t": number })).await;
    }
    let error = flooder.until(|frame| frame["type"] == "error").await;
    assert_eq!(error["code"], "rate_limited");
    assert!(error["retry_after_ms"].as_u64().is_some_and(|ms| (1..=5_000).contains(&ms)), "{error}");
    assert!(!neighbour.ask("when is my next payment due?").await.is_empty(), "others don't notice");
    // Whoever doesn't listen is cut off.
    let mut sent = 0;
    let code = loop {
        assert!(sent < 20_000, "a flood should be cut off");
        flooder.socket.send(&json!({ "type": "ping", "t": sent })).await;
        sent += 1;
        match flooder.hear().await {
            Heard::Frame(_) => {}
            Heard::Closed(code, _) => break code,
            Heard::Gone => panic!("cut off without a reason"),
        }
    };
    assert_eq!(code, 4008);
    assert!(!neighbour.ask("how much do i owe?").await.is_empty());
}

#[tokio::test]
async fn tokens_that_prove_nothing_are_refused() {
    let server = Server::shared();
    let now = wall_s();
    let good = json!({ "sub": "P01", "level": 1, "iat": now, "exp": now + 600 });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |header: Value| format!("{}.{}.", part(&header), part(&good));
    let genuine = token("P01", 1);
    let signature = genuine.rsplit('.').next().expect("a signature");
    let other_claims = part(&json!({ "sub": "P02", "level": 2, "iat": now, "exp": now + 600 }));
    let header = genuine.split('.').next().expect("a header");
    let without = |field: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().expect("an object").remove(field);
        sign(&claims, IDENTITY_SECRET)
    };
    let with = |field: &str, value: Value| {
        let mut claims = good.clone();
        claims[field] = value;
        sign(&claims, IDENTITY_SECRET)
    };
    let tokens = [
        ("nonsense", "nonsense".to_owned()),
        ("three dots", "a.b.c".to_owned()),
        ("another secret", sign(&good, "another-secret-of-the-same-length-0123456789")),
        ("alg none", unsigned(json!({ "alg": "none", "typ": "JWT" }))),
        ("alg None", unsigned(json!({ "alg": "None" }))),
        ("alg none with a signature", format!("{}.{}.{signature}", part(&json!({ "alg": "none" })), part(&good))),
        ("RS256 without its key", format!("{}.{}.{signature}", part(&json!({ "alg": "RS256" })), part(&good))),
        ("changed claims", format!("{header}.{other_claims}.{signature}")),
        ("no signature", format!("{}.", genuine.rsplit_once('.').expect("dots").0)),
        ("expired", with("exp", json!(now - 120))),
        ("no exp", without("exp")),
        ("no sub", without("sub")),
        ("empty sub", with("sub", json!(""))),
        ("level 7", with("level", json!(7))),
        ("a level in words", with("level", json!("high"))),
    ];
    for (what, token) in tokens {
        let mut socket = Socket::open(&server, "/ws/chat").await;
        socket.send(&Hello { token: Some(token), ..Hello::default() }.frame()).await;
        let (frames, code) = socket.ended().await;
        assert_eq!(code, 4003, "{what}: {frames:?}");
        assert!(frames.len() == 1 && frames[0]["code"] == "unauthorized", "{what}: {frames:?}");
        let said = frames[0].to_string();
        assert!(!said.contains(IDENTITY_SECRET), "{what}: {said}");
    }
    Customer::enter(&server, Hello { token: Some(genuine), ..Hello::default() }).await;
}

#[tokio::test]
async fn other_sites_may_not_open_sockets() {
    let server = Server::shared();
    let own = format!("http://127.0.0.1:{}", server.port);
    for path in ["/ws/chat", "/ws/desk"] {
        for foreign in ["https://evil.example", "null", "http://127.0.0.1.evil.example", "https://localhost.evil.example:8080", "file://"] {
            let refused = Socket::try_open(&server, path, &[("origin", foreign)]).await.err();
            assert_eq!(refused, Some(403), "{path} from {foreign}");
        }
        assert!(Socket::try_open(&server, path, &[("origin", &own)]).await.is_ok(), "{path} from its own page");
        assert!(Socket::try_open(&server, path, &[]).await.is_ok(), "{path} without an origin");
    }
    let neighbour = [("origin", "http://localhost:3000")];
    assert!(Socket::try_open(&server, "/ws/chat", &neighbour).await.is_ok(), "a demo lets every page on this machine chat");
    assert_eq!(Socket::try_open(&server, "/ws/desk", &neighbour).await.err(), Some(403), "the desk is for its own page only");
}

#[tokio::test]
async fn a_card_number_is_masked_before_anything_else() {
    let server = Server::with(&["--frames-per-second", "0"]);
    let mut customer = Customer::signed_in(&server, "P27", 1).await;
    for number in ["4111 1111 1111 1111", "4111-1111-1111-1111", "5555555555554444"] {
        customer.say(&format!("my card is {number}, why was it declined?")).await;
    }
    customer.acked(json!({ "type": "rate", "score": 1, "comment": "my card 378282246310005 does not work" })).await;
    customer.ask_for_a_person().await;
    let mut agent = crate::harness::Agent::sign_in(&server, 0).await;
    agent.does(json!({ "type": "claim", "conversation": customer.conversation })).await;
    let packet = agent.until(|frame| frame["type"] == "packet").await.to_string();
    let events = Value::from(server.events(&customer.conversation).await).to_string();
    let seen = Value::from(customer.log.clone()).to_string();
    drop(server.api("/api/queue").await);
    for digits in ["4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "5555555555554444", "378282246310005"] {
        for (place, text) in [("the API", &events), ("the customer's log", &seen), ("the packet", &packet)] {
            assert!(!text.contains(digits), "{digits} stands in {place}");
        }
        assert!(!found_in(server.folder(), digits.as_bytes()), "{digits} stands in a file of the server");
    }
    assert!(events.contains("1111") || events.contains('•') || events.contains('*'), "something shows that a number was there: {events}");
}

/// Whether any file below a folder contains these bytes: data, journal and log.
fn found_in(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return found_in(&path, needle);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[tokio::test]
async fn requests_without_the_right_to_ask_get_a_problem() {
    let server = Server::shared();
    let paths =
        ["/api/customers/P01", "/api/conversations?customer=P01", "/api/conversations/x/events?after=0", "/api/queue", "/api/disputes/x"];
    for path in paths {
        for authorization in [None, Some("Bearer wrong"), Some("Basic eDp5"), Some(SERVICE_TOKEN)] {
            let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("authorization", *value)).collect();
            let answer = http::request("GET", &server.authority(), path, &headers, None).await.expect("an answer");
            assert_eq!(answer.status, 401, "{path} with {authorization:?}: {}", answer.body);
            is_problem(&answer, 401);
        }
    }
    let bearer = format!("Bearer {SERVICE_TOKEN}");
    for (method, path, body, status) in [
        ("GET", "/api/customers/nobody", None, 404),
        ("GET", "/api/customers/%00", None, 404),
        ("GET", "/api/conversations/nothing/events?after=0", None, 404),
        ("GET", "/api/conversations/nothing/events?after=x", None, 400),
        ("GET", "/api/disputes/nothing", None, 404),
        ("GET", "/api/nothing", None, 404),
        ("POST", "/api/tokens", Some("{"), 400),
        ("POST", "/api/tokens", Some(r#"{"customer":"P01","level":9}"#), 400),
        ("POST", "/api/tokens", Some(r#"{"customer":"P01","extra":1}"#), 400),
        ("POST", "/api/clock", Some(r#"{"advance":"later"}"#), 400),
        ("POST", "/api/clock", Some(r#"{"advance":"-PT1H"}"#), 400),
        ("POST", "/api/desk/session", Some(r#"{"name":"nobody","password":"wrong"}"#), 401),
    ] {
        let answer = http::request(method, &server.authority(), path, &[("authorization", &bearer)], body).await.expect("an answer");
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        is_problem(&answer, status);
    }
}

fn is_problem(answer: &http::Answer, status: u16) {
    let kind = answer.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("application/problem+json"), "{kind}: {}", answer.body);
    let problem = answer.json().expect("JSON");
    assert_eq!(problem["status"], json!(status));
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
}
