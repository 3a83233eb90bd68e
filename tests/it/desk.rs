//! The desk through the real server: work is offered, passed on, taken back and handed over, and nobody who waits is lost on the way.

use crate::harness::{Agent, Customer, Server, WORDS_ALONE, by_bot, desk_session};
use serde_json::{Value, json};

fn row<'a>(frame: &'a Value, list: &str, conversation: &str) -> Option<&'a Value> {
    frame[list].as_array()?.iter().find(|row| row["conversation"] == conversation)
}

fn is_offer(frame: &Value, conversation: &str) -> bool {
    frame["type"] == "queue" && row(frame, "waiting", conversation).is_some_and(|row| row["offered"]["mine"] == true)
}

fn handoff(frame: &Value, state: &str) -> bool {
    frame["type"] == "event" && frame["kind"] == "handoff" && frame["data"]["state"] == state
}

async fn advance(server: &Server, by: &str) {
    let answer = server.post("/api/clock", &json!({ "advance": by })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

async fn on_duty(server: &Server, number: usize) -> Agent {
    let mut agent = Agent::sign_in(server, number).await;
    agent.does(json!({ "type": "available", "on": true })).await;
    agent
}

/// Accept and decline, an offer that is let pass, and who lets two pass is away.
#[tokio::test]
async fn work_is_offered_and_passed_on() {
    let server = Server::with(&WORDS_ALONE);
    let (mut ana, mut ben) = (on_duty(&server, 0).await, on_duty(&server, 1).await);
    let mut customer = Customer::anonymous(&server).await;
    customer.ask_for_a_person().await;
    let id = customer.conversation.clone();
    let asked_ana = tokio::select! {
        _ = ana.until(|frame| is_offer(frame, &id)) => true,
        _ = ben.until(|frame| is_offer(frame, &id)) => false,
    };
    let (first, second) = if asked_ana { (&mut ana, &mut ben) } else { (&mut ben, &mut ana) };
    first.does(json!({ "type": "decline", "conversation": id })).await;
    second.until(|frame| is_offer(frame, &id)).await;
    let again = first.command(json!({ "type": "decline", "conversation": id })).await;
    assert_eq!(again["code"], "conflict", "{again}");
    second.does(json!({ "type": "claim", "conversation": id })).await;
    customer.until(|frame| handoff(frame, "claimed")).await;

    // Nobody answers: it goes on from one to the other, and both are away in the end. The place stays.
    let mut other = Customer::anonymous(&server).await;
    other.ask_for_a_person().await;
    for _ in 0..6 {
        advance(&server, "PT31S").await;
    }
    for agent in [&mut *first, &mut *second] {
        agent.until(|frame| frame["type"] == "alert" && frame["what"] == "away").await;
    }
    let queue = server.api("/api/queue").await;
    assert!(row(&queue, "waiting", &other.conversation).is_some() && queue["on_duty"] == 0, "{queue}");
    first.does(json!({ "type": "available", "on": true })).await;
    first.until(|frame| is_offer(frame, &other.conversation)).await;
}

/// An agent who goes away without a word: the customer is told, waits at the front, and the bot keeps quiet.
#[tokio::test]
async fn who_is_gone_is_replaced() {
    let server = Server::with(&WORDS_ALONE);
    let mut ana = Agent::sign_in(&server, 0).await;
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    customer.ask_for_a_person().await;
    let id = customer.conversation.clone();
    ana.does(json!({ "type": "claim", "conversation": id })).await;
    ana.does(json!({ "type": "reply", "conversation": id, "text": "I look into it." })).await;
    drop(ana);
    let mut ben = Agent::sign_in(&server, 1).await;
    ben.does(json!({ "type": "watch", "conversation": id })).await;
    customer.say("are you still there?").await;
    // A short cut changes nothing; a longer one does. The server hears of the closed socket in its own time.
    loop {
        advance(&server, "PT60S").await;
        if row(&server.api("/api/queue").await, "waiting", &id).is_some() {
            break;
        }
    }
    customer.until(|frame| handoff(frame, "waiting")).await;
    customer.say("hello?").await;
    ben.until(|frame| frame["kind"] == "note" && frame["data"]["text"].as_str().is_some_and(|text| text.contains("Ana is gone"))).await;
    ben.does(json!({ "type": "available", "on": true })).await;
    ben.until(|frame| is_offer(frame, &id)).await;
    ben.does(json!({ "type": "claim", "conversation": id })).await;
    ben.does(json!({ "type": "reply", "conversation": id, "text": "Ben here, I have read everything." })).await;
    customer.until(|frame| frame["data"]["text"] == "Ben here, I have read everything.").await;
    let events = server.events(&id).await;
    let handed = events.iter().position(|event| event["kind"] == "handoff").expect("handed over");
    assert!(events[handed..].iter().filter(|event| event["kind"] == "message").all(|event| !by_bot(event)), "the bot kept quiet");
}

/// Hand to a person, let sleep, take over, assign, take back: each is told to those whom it concerns.
#[tokio::test]
async fn conversations_change_hands() {
    let server = Server::with(&WORDS_ALONE);
    let (mut ana, mut ben, mut lea) = (on_duty(&server, 0).await, Agent::sign_in(&server, 1).await, Agent::sign_in(&server, 2).await);
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    customer.ask_for_a_person().await;
    let id = customer.conversation.clone();
    let wish = |kind: &str, more: Value| {
        let mut frame = json!({ "type": kind, "conversation": id });
        if let (Value::Object(frame), Value::Object(more)) = (&mut frame, more) {
            frame.extend(more);
        }
        frame
    };
    ana.does(wish("claim", json!({}))).await;
    ben.does(json!({ "type": "available", "on": true })).await;
    let unknown = ana.command(wish("transfer", json!({ "to": "nobody" }))).await;
    assert!(
        unknown["code"] == "bad_frame" && unknown["message"].as_str().is_some_and(|text| text.contains("nobody at the desk")),
        "{unknown}"
    );
    ana.does(wish("transfer", json!({ "to": "Ben", "reason": "knows the store" }))).await;
    ben.until(|frame| frame["type"] == "alert" && frame["what"] == "assigned").await;
    ben.until(|frame| is_offer(frame, &id)).await;
    ana.does(wish("reopen", json!({}))).await;
    let taken = ben.command(wish("claim", json!({}))).await;
    assert!(taken["code"] == "conflict" && taken["message"].as_str().is_some_and(|text| text.contains("Ana")), "{taken}");

    // Asleep until tomorrow; the customer's word wakes it, and it comes back to Ana.
    let past = ana.command(wish("snooze", json!({ "until": "2020-01-01T00:00:00Z" }))).await;
    assert_eq!(past["code"], "bad_frame", "{past}");
    ana.does(wish("snooze", json!({ "until": "2026-12-05T09:00:00Z", "reason": "the store answers tomorrow" }))).await;
    ana.until(|frame| row(frame, "waiting", &id).is_some_and(|row| row["snoozed_until"].is_string())).await;
    customer.say("I have found the tracking number").await;
    ana.until(|frame| is_offer(frame, &id)).await;
    ana.does(wish("claim", json!({}))).await;

    // Only who leads takes over and hands out.
    let refused = ben.command(wish("take_over", json!({}))).await;
    assert_eq!(refused["code"], "forbidden", "{refused}");
    lea.does(wish("take_over", json!({ "reason": "training" }))).await;
    ana.until(|frame| frame["type"] == "alert" && frame["what"] == "taken_over").await;
    let gone = ana.command(wish("reply", json!({ "text": "too late" }))).await;
    assert_eq!(gone["code"], "conflict", "{gone}");
    lea.does(wish("assign", json!({ "to": "Ben" }))).await;
    ben.until(|frame| is_offer(frame, &id)).await;
    ben.does(wish("claim", json!({}))).await;
    lea.does(wish("assign", json!({ "to": "Ben" }))).await;
    assert_eq!(server.events(&id).await.last().expect("events")["data"]["state"], "claimed", "what is Ben's stays Ben's");
    ben.does(wish("note", json!({ "text": "@Lea thank you <script>alert(1)</script>" }))).await;
    lea.until(|frame| frame["type"] == "alert" && frame["what"] == "mention").await;

    // Ended, taken back in time, ended again: too late now, and the rating was asked for once.
    ben.does(wish("resolve", json!({ "code": "solved" }))).await;
    ben.does(wish("reopen", json!({}))).await;
    ben.does(wish("resolve", json!({ "code": "solved" }))).await;
    advance(&server, "PT11S").await;
    let late = ben.command(wish("reopen", json!({}))).await;
    assert!(late["code"] == "conflict" && late["message"].as_str().is_some_and(|text| text.contains("10 seconds")), "{late}");
    let events = server.events(&id).await;
    assert_eq!(events.iter().filter(|event| event["kind"] == "rating_request").count(), 1);
    let customers = server.public_events(&id).await;
    assert!(customers.iter().all(|event| event["kind"] != "note" && !event.to_string().contains("script")), "notes stay at the desk");
}

/// Ended by a person, and the customer writes again: thanks are the assistant's, the same matter is the same person's.
#[tokio::test]
async fn the_same_matter_comes_back_to_the_same_person() {
    let server = Server::with(&WORDS_ALONE);
    let (mut ana, mut ben) = (on_duty(&server, 0).await, on_duty(&server, 1).await);
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    customer.ask_for_a_person().await;
    let id = customer.conversation.clone();
    ben.does(json!({ "type": "claim", "conversation": id })).await;
    ben.does(json!({ "type": "resolve", "conversation": id, "code": "solved" })).await;
    customer.ask("thank you").await;
    assert!(row(&server.api("/api/queue").await, "waiting", &id).is_none(), "thanks need nobody");
    customer.ask_for_a_person().await;
    ben.does(json!({ "type": "claim", "conversation": id })).await;
    ben.does(json!({ "type": "resolve", "conversation": id, "code": "solved" })).await;
    ben.inbox.clear();
    customer.say("hmm, it still does not look right to me somehow").await;
    ben.until(|frame| is_offer(frame, &id)).await;
    let queue = server.api("/api/queue").await;
    assert_eq!(row(&queue, "waiting", &id).expect("waits")["reason"], "reopened");
    ana.inbox.clear();
}

/// At night: the customer is told when somebody is there, asks to be called, or no longer wants to wait.
#[tokio::test]
async fn waiting_is_honest_and_can_end() {
    let server = Server::with(&WORDS_ALONE);
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    customer.ask_for_a_person().await;
    let queue = customer.until(|frame| frame["type"] == "queue").await;
    assert!(queue["position"] == 1 && queue["open"] == true && queue["on_duty"] == 0, "{queue}");
    advance(&server, "PT14H").await;
    let night = customer.until(|frame| frame["type"] == "queue" && frame["open"] == false).await;
    assert!(night["opens_at"].is_string() && night["slots"].as_array().is_some_and(|slots| slots.len() == 3), "{night}");
    let midnight = customer.command(json!({ "type": "callback", "at": "2026-12-04T23:30:00Z" })).await;
    assert_eq!(midnight["code"], "conflict", "{midnight}");
    customer.acked(json!({ "type": "callback", "at": night["slots"][0] })).await;
    let queue = server.api("/api/queue").await;
    assert_eq!(row(&queue, "waiting", &customer.conversation).expect("waits")["snoozed_until"], night["slots"][0]);
    customer.acked(json!({ "type": "leave" })).await;
    customer.until(by_bot).await;
    let queue = server.api("/api/queue").await;
    assert!(row(&queue, "waiting", &customer.conversation).is_none(), "{queue}");
    let twice = customer.command(json!({ "type": "leave" })).await;
    assert_eq!(twice["code"], "conflict", "{twice}");
}

/// Search, history, transcript, saved replies, masked data, and the log of it all.
#[tokio::test]
async fn the_desk_knows_what_was_said_and_writes_down_who_looked() {
    let server = Server::with(&WORDS_ALONE);
    let ((_, ana), (_, lea)) = (desk_session(&server, 0).await, desk_session(&server, 2).await);
    let mut customer = Customer::signed_in(&server, "P08", 1).await;
    customer.say("my turquoise lampshade never arrived, card 4111 1111 1111 1111").await;
    customer.ask_for_a_person().await;
    let id = customer.conversation.clone();
    for words in ["turquoise lamp", "LUM-31177", "P08"] {
        let path = format!("/api/desk/conversations?q={}", words.replace(' ', "%20"));
        let (status, found) = server.desk(&ana, "GET", &path, None).await;
        assert_eq!(status, 200, "{found}");
        assert!(found["rows"].as_array().is_some_and(|rows| rows.iter().any(|row| row["conversation"] == id)), "{words}: {found}");
    }
    let (status, waiting) = server.desk(&ana, "GET", "/api/desk/conversations?view=waiting", None).await;
    assert!(status == 200 && waiting["rows"][0]["owner"] == "queued", "{waiting}");
    let (status, wrong) = server.desk(&ana, "GET", "/api/desk/conversations?view=sideways", None).await;
    assert!(status == 400 && wrong["detail"].as_str().is_some_and(|text| text.contains("no view")), "{wrong}");

    let path = |end: &str| format!("/api/desk/conversations/{id}/{end}");
    let (status, text) = server.desk(&ana, "GET", &path("transcript"), None).await;
    assert!(status == 200 && text.as_str().is_some_and(|text| text.contains("turquoise") && !text.contains("4111 1111")), "{text}");
    let (status, shown) = server.desk(&ana, "POST", &path("reveal"), Some(&json!({ "field": "email" }))).await;
    assert!(status == 200 && shown["value"].as_str().is_some_and(|email| email.contains('@') && !email.contains('•')), "{shown}");
    let (status, account) = server.desk(&ana, "GET", &path("account"), None).await;
    assert!(status == 200 && account["account"]["email"] != shown["value"], "masked: {account}");
    let (status, log) = server.desk(&lea, "GET", "/api/desk/audit", None).await;
    let acts: Vec<&str> = log["rows"].as_array().into_iter().flatten().filter_map(|row| row["act"].as_str()).collect();
    assert!(status == 200 && acts.contains(&"reveal") && acts.contains(&"transcript"), "{log}");
    assert_eq!(server.desk(&ana, "GET", "/api/desk/audit", None).await.0, 403);

    let (status, replies) = server.desk(&ana, "GET", "/api/desk/replies", None).await;
    assert!(status == 200 && replies["replies"].as_array().is_some_and(|all| all.len() >= 20), "{replies}");
    let (status, filled) = server.desk(&ana, "GET", &path("replies/hello"), None).await;
    assert!(status == 200 && filled["text"].as_str().is_some_and(|text| text.contains("Ana") && !text.contains("{{")), "{filled}");
    assert_eq!(server.desk(&ana, "GET", &path("replies/none-such"), None).await.0, 404);
    let mut guest = Customer::anonymous(&server).await;
    guest.ask_for_a_person().await;
    let path = format!("/api/desk/conversations/{}/replies/hello", guest.conversation);
    let (status, missing) = server.desk(&ana, "GET", &path, None).await;
    assert!(status == 422 && missing["detail"].as_str().is_some_and(|text| text.contains("customer.first_name")), "{missing}");
}

/// Sessions are listed and ended, passwords change, a second factor is asked for.
#[tokio::test]
async fn access_is_in_the_agents_hands() {
    let server = Server::with(&WORDS_ALONE);
    let (name, old) = desk_session(&server, 0).await;
    let (_, new) = desk_session(&server, 0).await;
    let mut open = Agent::open(&server, name, &old).await;
    let (status, list) = server.desk(&new, "GET", "/api/desk/sessions", None).await;
    let sessions = list["sessions"].as_array().cloned().unwrap_or_default();
    assert!(status == 200 && sessions.len() == 2 && sessions.iter().filter(|one| one["current"] == true).count() == 1, "{list}");
    let other = sessions.iter().find(|one| one["current"] == false).and_then(|one| one["id"].as_str()).expect("the old one");
    assert_eq!(server.desk(&new, "DELETE", &format!("/api/desk/sessions/{other}"), None).await.0, 204);
    open.until(|frame| frame["type"] == "error" && frame["code"] == "unauthorized").await;
    assert_eq!(server.desk(&old, "GET", "/api/desk/session", None).await.0, 401, "the stolen one is out");

    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    assert_eq!(server.desk(&new, "POST", "/api/desk/password", Some(&change("wrong", "a-longer-password"))).await.0, 403);
    assert_eq!(server.desk(&new, "POST", "/api/desk/password", Some(&change("demo-desk", "short"))).await.0, 422);
    assert_eq!(server.desk(&new, "POST", "/api/desk/password", Some(&change("demo-desk", "a-longer-password"))).await.0, 204);
    let sign_in = |password: &str, code: Option<&str>| json!({ "name": "Ana", "password": password, "code": code });
    assert_eq!(server.post("/api/desk/session", &sign_in("demo-desk", None)).await.status, 401);

    let (status, set) = server.desk(&new, "POST", "/api/desk/totp", Some(&json!({}))).await;
    assert_eq!(status, 200, "{set}");
    let secret = totp_rs::Secret::try_from_base32(set["secret"].as_str().expect("a secret")).expect("base32");
    let engine = totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_secret(secret)
        .with_account_name("Ana")
        .build()
        .expect("an engine");
    assert_eq!(server.desk(&new, "PUT", "/api/desk/totp", Some(&json!({ "code": "000000x" }))).await.0, 403);
    let now = u64::try_from(crate::harness::wall_s()).expect("after 1970");
    let code = engine.generate(now).to_string();
    assert_eq!(server.desk(&new, "PUT", "/api/desk/totp", Some(&json!({ "code": code }))).await.0, 204);
    let asked = server.post("/api/desk/session", &sign_in("a-longer-password", None)).await;
    assert!(asked.status == 401 && asked.body.contains("\"need\":\"code\""), "{}", asked.body);
    let reused = server.post("/api/desk/session", &sign_in("a-longer-password", Some(&code))).await;
    assert_eq!(reused.status, 401, "a code works once: {}", reused.body);
    let next = engine.generate(now + 30).to_string();
    let entered = server.post("/api/desk/session", &sign_in("a-longer-password", Some(&next))).await;
    assert_eq!(entered.status, 200, "{}", entered.body);
}

/// What an agent reads who opens an escalated conversation: everything that the hand-over must tell, each fact with where it came from.
#[tokio::test]
async fn the_packet_tells_everything_with_its_source() {
    let server = Server::with(&WORDS_ALONE);
    // The question that is answered shows among what was asked; the card number shows nowhere.
    let cases: [(&str, &[&str], &str); 3] = [
        ("P08", &["my parcel never arrived, my card is 4111 1111 1111 1111", "A person, please"], "goods not received"),
        ("P16", &["I have lost my job and can't pay any of it"], "financial hardship"),
        ("P27", &["I never made this purchase, somebody used my account, card 4111 1111 1111 1111"], ""),
    ];
    for (persona, says, about) in cases {
        let mut customer = Customer::signed_in(&server, persona, 1).await;
        for text in says {
            if *text == "A person, please" {
                customer.ask_for_a_person().await;
            } else {
                customer.ask(text).await;
            }
        }
        if !customer.log.iter().any(|event| handoff(event, "queued")) {
            customer.ask_for_a_person().await;
        }
        let mut lea = Agent::sign_in(&server, 2).await;
        lea.does(json!({ "type": "claim", "conversation": customer.conversation })).await;
        let packet = lea.until(|frame| frame["type"] == "packet").await["packet"].clone();
        let account = server.api(&format!("/api/customers/{persona}")).await;
        let has = |section: &str, words: &str| {
            let facts = packet[section].as_array().cloned().unwrap_or_default();
            facts.iter().any(|fact| format!("{} {}", fact["label"], fact["text"]).to_lowercase().contains(&words.to_lowercase()))
        };
        // Who it is and how well that is known; flags; language; market.
        assert!(
            has("who", persona) && has("who", "signed in") && has("who", account["market"].as_str().expect("a market")),
            "{persona}: {packet}"
        );
        for flag in account["flags"].as_array().expect("flags") {
            assert!(has("who", &flag.as_str().expect("a word").replace('_', " ")), "{persona} {flag}: {packet}");
        }
        // What they want, with scores; their own words; why a person; queue and priority.
        assert!(has("wants", "%") && has("wants", about) && has("wants", "first words"), "{persona}: {packet}");
        assert!(has("why", "reason") && has("why", &format!("P{}", packet["priority"])), "{persona}: {packet}");
        assert!(
            packet["queue"].is_string()
                && packet["language"].is_string()
                && packet["turns"].as_array().is_some_and(|turns| turns.len() <= 10)
        );
        // What was done, what is open, every legal clock, every promise.
        let events = server.events(&customer.conversation).await;
        for action in events.iter().filter(|event| event["kind"] == "action") {
            let name = action["data"]["action"].as_str().expect("an action").replace('_', " ");
            assert!(has("tried", &name), "{persona} {name}: {packet}");
        }
        let open =
            |list: &str| account[list].as_array().into_iter().flatten().filter(|one| one["state"] == "open").cloned().collect::<Vec<_>>();
        for notice in open("notices") {
            assert!(has("clocks", &notice["kind"].as_str().expect("a kind").replace('_', " ")), "{persona} {notice}: {packet}");
        }
        for case in open("cases") {
            assert!(has("clocks", case["id"].as_str().expect("an id")) || case["due_at"].is_null(), "{persona} {case}: {packet}");
        }
        for promise in open("promises") {
            assert!(
                has("promises", &promise["text"].as_str().expect("a text").chars().take(40).collect::<String>()),
                "{persona}: {packet}"
            );
        }
        for order in account["orders"].as_array().expect("orders") {
            for dispute in order["disputes"].as_array().expect("disputes").iter().filter(|dispute| dispute["state"] != "closed") {
                let number = dispute["public_no"].as_str().expect("a number");
                assert!(
                    has("open", number) && (has("clocks", number) || dispute["next_deadline_at"].is_null()),
                    "{persona} {number}: {packet}"
                );
            }
        }
        assert!(packet["next"].as_array().is_some_and(|next| !next.is_empty()), "{persona}: a next step");
        // Every fact names an event that exists, or a lookup with its instant.
        let seqs: Vec<i64> = events.iter().filter_map(|event| event["seq"].as_i64()).collect();
        for section in ["who", "wants", "why", "tried", "asked", "open", "clocks", "promises", "next"] {
            for fact in packet[section].as_array().into_iter().flatten() {
                let source = &fact["source"];
                let by_event = source["event"].as_i64().is_some_and(|seq| seqs.contains(&seq));
                assert!(by_event || (source["lookup"].is_string() && source["at"].is_string()), "{persona} {section}: {fact}");
            }
        }
        let all = packet.to_string();
        assert!(!all.contains("4111") && !all.contains(account["email"].as_str().expect("a mail")), "masked: {all}");
    }
}

/// Who loads the page anew closes one socket and opens the next at the same time: they are there all the while, and keep what they have.
#[tokio::test]
async fn who_loads_the_page_anew_stays_there() {
    let server = Server::with(&WORDS_ALONE);
    let token = desk_session(&server, 0).await.1;
    let mut ana = Agent::open(&server, "Ana".into(), &token).await;
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    customer.ask_for_a_person().await;
    let id = customer.conversation.clone();
    ana.does(json!({ "type": "claim", "conversation": id })).await;
    for round in 0..8 {
        drop(ana);
        ana = Agent::open(&server, "Ana".into(), &token).await;
        advance(&server, "PT10M").await;
        ana.does(json!({ "type": "reply", "conversation": id, "text": format!("still here, {round}") })).await;
    }
}
