//! What docs/protocol.md promises to customers' clients.

use crate::harness::{Agent, Customer, Heard, Hello, Server, Socket, by_bot, core, new_id, seq, token};
use serde_json::{Value, json};

#[tokio::test]
async fn a_question_is_acknowledged_and_answered() {
    let server = Server::shared();
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    let welcome = &customer.welcome;
    assert_eq!(
        (&welcome["ai"], &welcome["level"], &welcome["owner"], &welcome["head"]),
        (&json!(true), &json!(1), &json!("bot"), &json!(0))
    );
    assert_eq!(welcome["locale"], "en");
    assert!(welcome["customer"].is_string() && welcome["now"].is_string(), "{welcome}");

    let id = customer.post(json!({ "type": "message", "text": "when is my next payment due?" })).await;
    let ack = customer.until(|frame| frame["type"] == "ack").await;
    assert_eq!(ack["id"], id.as_str());
    let said = customer.answer_after(seq(&ack)).await;
    assert!(said.contains(char::is_numeric), "an answer with a date: {said}");
    let own = &customer.log[0];
    assert_eq!((seq(own), &own["id"], &own["by"]["kind"], &own["kind"]), (seq(&ack), &json!(id), &json!("customer"), &json!("message")));
    assert_eq!(own["data"]["text"], "when is my next payment due?");
    assert!(own["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{own}");
}

#[tokio::test]
async fn coming_back_brings_what_was_missed_once_and_in_order() {
    let server = Server::shared();
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    customer.ask("when is my next payment due?").await;
    customer.ask("how much do i owe in total?").await;
    let all = server.public_events(&customer.conversation).await;
    customer.up_to(all.len() as u64).await;
    for after in 0..=all.len() as u64 {
        let mut again = Customer::enter(&server, Hello { after, ..customer.hello.clone() }).await;
        assert_eq!(again.welcome["head"], json!(all.len()));
        again.up_to(all.len() as u64).await;
        let missed: Vec<Value> = again.log.iter().map(core).collect();
        let expected: Vec<Value> = all[after as usize..].iter().map(core).collect();
        assert_eq!(missed, expected, "after {after}");
    }
}

#[tokio::test]
async fn the_language_is_the_customers() {
    let server = Server::shared();
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    let said = customer.ask("när ska jag betala nästa gång?").await;
    assert!(said.contains("Din nästa betalning är"), "{said}");
    let locales = |customer: &Customer| -> Vec<Value> {
        customer.log.iter().filter(|event| event["kind"] == "message").map(|event| event["data"]["locale"].clone()).collect()
    };
    assert!(locales(&customer).iter().all(|locale| locale == "sv"), "{:?}", locales(&customer));
    customer.reconnect(&server).await;
    assert_eq!(customer.welcome["locale"], "sv", "the conversation keeps its language, whatever the client asks for");
    let said = customer.ask("ok").await;
    assert!(said.contains("Självklart"), "{said}");
    let german = Customer::enter(&server, Hello { locale: Some("de-AT"), ..Hello::default() }).await;
    assert_eq!(german.welcome["locale"], "de-AT");
}

#[tokio::test]
async fn two_sockets_see_the_same_events() {
    let server = Server::shared();
    let mut phone = Customer::signed_in(&server, "P02", 1).await;
    phone.ask("when is my next payment due?").await;
    let mut laptop = Customer::enter(&server, phone.hello.clone()).await;
    let place = laptop.say("how much do i owe?").await;
    laptop.answer_after(place).await;
    phone.answer_after(place).await;
    let head = server.public_events(&phone.conversation).await.len() as u64;
    phone.up_to(head).await;
    laptop.up_to(head).await;
    assert_eq!(phone.log, laptop.log);
}

#[tokio::test]
async fn a_resent_message_gets_its_first_place_and_happens_once() {
    let server = Server::shared();
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    let frame = json!({ "type": "message", "id": new_id(), "text": "when is my next payment due?" });
    for _ in 0..3 {
        customer.socket.send(&frame).await;
    }
    let first = customer.until(|frame| frame["type"] == "ack").await;
    for _ in 0..2 {
        assert_eq!(customer.until(|frame| frame["type"] == "ack").await, first);
    }
    customer.answer_after(seq(&first)).await;
    // Once more from another socket, long after.
    customer.reconnect(&server).await;
    customer.socket.send(&frame).await;
    assert_eq!(customer.until(|frame| frame["type"] == "ack").await, first);
    customer.ask("how much do i owe?").await;
    let events = server.public_events(&customer.conversation).await;
    assert_eq!(events.iter().filter(|event| event["id"] == frame["id"]).count(), 1);
    assert_eq!(events.iter().filter(|event| event["by"]["kind"] == "customer").count(), 2);
}

#[tokio::test]
async fn a_ping_is_answered_with_the_same_t() {
    let server = Server::shared();
    let mut customer = Customer::anonymous(&server).await;
    for t in [json!(7), json!("now"), json!({ "a": [1, null] }), json!(-1.5)] {
        customer.socket.send(&json!({ "type": "ping", "t": t })).await;
        assert_eq!(customer.until(|frame| frame["type"] == "pong").await["t"], t);
    }
    assert!(customer.log.is_empty(), "a ping is not stored");
}

#[tokio::test]
async fn typing_and_reading_reach_the_other_side_and_are_not_stored() {
    let server = Server::shared();
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    customer.ask_for_a_person().await;
    let mut agent = Agent::sign_in(&server, 0).await;
    let conversation = customer.conversation.clone();
    agent.does(json!({ "type": "claim", "conversation": conversation })).await;

    customer.socket.send(&json!({ "type": "typing", "on": true })).await;
    agent.until(|frame| frame["type"] == "typing" && frame["conversation"] == conversation.as_str() && frame["on"] == true).await;
    customer.socket.send(&json!({ "type": "read", "seq": 1 })).await;
    agent.socket.send(&json!({ "type": "typing", "conversation": conversation, "on": true })).await;
    let typing = customer.until(|frame| frame["type"] == "typing").await;
    assert_eq!((&typing["on"], &typing["by"]["kind"]), (&json!(true), &json!("agent")));

    agent.does(json!({ "type": "reply", "conversation": conversation, "text": "Hello, I am here." })).await;
    customer.until(|frame| frame["type"] == "event" && frame["by"]["kind"] == "agent" && frame["kind"] == "message").await;
    for event in server.events(&conversation).await {
        assert_ne!(event["kind"], "typing");
        assert_ne!(event["kind"], "read");
    }
}

#[tokio::test]
async fn a_person_is_always_one_frame_away() {
    let server = Server::shared();
    for (customer, level) in [(None, 0), (Some("P07"), 1)] {
        let mut customer = match customer {
            Some(customer) => Customer::signed_in(&server, customer, level).await,
            None => Customer::anonymous(&server).await,
        };
        if level > 0 {
            customer.ask("my parcel never came").await;
        }
        let place = customer.acked(json!({ "type": "human" })).await;
        let queue = customer.until(|frame| frame["type"] == "queue").await;
        assert!(queue["position"].as_u64().is_some_and(|position| position >= 1), "{queue}");
        let log = server.public_events(&customer.conversation).await;
        let queued = log.iter().find(|event| event["kind"] == "handoff" && event["data"]["state"] == "queued").expect("a hand-over");
        assert!(seq(queued) > place);
        let waiting = server.api("/api/queue").await.to_string();
        assert!(waiting.contains(&customer.conversation), "the waiting list has it: {waiting}");
        customer.reconnect(&server).await;
        assert_eq!(customer.welcome["owner"], "queued");
    }
}

#[tokio::test]
async fn a_rating_is_stored_once() {
    let server = Server::shared();
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    customer.ask("when is my next payment due?").await;
    let place = customer.acked(json!({ "type": "rate", "score": 4, "comment": "quick" })).await;
    customer.up_to(place).await;
    let rating = customer.log.iter().find(|event| seq(event) == place).expect("the rating");
    assert_eq!((&rating["kind"], &rating["data"]["score"], &rating["data"]["comment"]), (&json!("rating"), &json!(4), &json!("quick")));
    for score in [json!(0), json!(6), json!("5"), json!(4.5), Value::Null] {
        let answer = customer.command(json!({ "type": "rate", "score": score })).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("bad_frame")), "{score}: {answer}");
    }
}

#[tokio::test]
async fn only_options_on_offer_can_be_chosen() {
    let server = Server::shared();
    let mut customer = Customer::signed_in(&server, "P07", 1).await;
    let place = customer.say("my parcel never came").await;
    let choices = customer.choices_after(place).await;
    let (option, label) = choices.first().expect("an option").clone();
    let wrong = customer.command(json!({ "type": "choose", "option": "no-such-option" })).await;
    assert_eq!((&wrong["type"], &wrong["code"]), (&json!("error"), &json!("conflict")), "{wrong}");
    let place = customer.acked(json!({ "type": "choose", "option": option })).await;
    customer.up_to(place).await;
    let click = customer.log.iter().find(|event| seq(event) == place).expect("the click");
    assert_eq!((&click["kind"], &click["data"]["option"], &click["data"]["text"]), (&json!("message"), &json!(option), &json!(label)));
    customer.answer_after(place).await;
    // The customer's next message ends the offer.
    let place = customer.say("never mind").await;
    customer.answer_after(place).await;
    let late = customer.command(json!({ "type": "choose", "option": option })).await;
    assert_eq!((&late["type"], &late["code"]), (&json!("error"), &json!("conflict")), "{late}");
}

#[tokio::test]
async fn nobody_may_stay_without_hello() {
    let server = Server::with(&["--frames-per-second", "0", "--hello-seconds", "1"]);
    let mut silent = Socket::open(&server, "/ws/chat").await;
    assert_eq!(silent.ended().await.1, 4001);
    let mut silent = Socket::open(&server, "/ws/desk").await;
    assert_eq!(silent.ended().await.1, 4001);
    for first in [json!({ "type": "ping", "t": 1 }), json!({ "type": "message", "id": new_id(), "text": "hi" }), json!({ "type": "helo" })]
    {
        let mut socket = Socket::open(&server, "/ws/chat").await;
        socket.send(&first).await;
        let (frames, code) = socket.ended().await;
        assert_eq!(code, 4001, "{first}");
        assert_eq!(frames[0]["code"], "bad_frame", "{first}: {frames:?}");
    }
    let mut good = Customer::anonymous(&server).await;
    good.socket.send(&json!({ "type": "ping", "t": 1 })).await;
    good.until(|frame| frame["type"] == "pong").await;
}

#[tokio::test]
async fn a_polite_end_tells_clients_to_come_back_and_loses_nothing() {
    let mut server = Server::on_lasting_port(&["--frames-per-second", "0"]);
    let mut customers = Vec::new();
    for _ in 0..8 {
        customers.push(Customer::signed_in(&server, "P01", 1).await);
    }
    let mut sent = Vec::new();
    for customer in &mut customers {
        let mut ids = Vec::new();
        for text in ["when is my next payment due?", "how much do i owe?", "show me my payment schedule"] {
            ids.push(customer.post(json!({ "type": "message", "text": text })).await);
        }
        // At least the first is acknowledged before the end.
        customer.until(|frame| frame["type"] == "ack").await;
        sent.push(ids);
    }
    server.ask_to_stop();
    for customer in &mut customers {
        loop {
            match customer.hear().await {
                Heard::Frame(_) => {}
                Heard::Closed(code, _) => break assert_eq!(code, 1012),
                Heard::Gone => panic!("the server should say that it restarts"),
            }
        }
    }
    assert!(server.terminate(), "the server ends with success");
    server.restart();
    for (customer, ids) in customers.iter_mut().zip(&sent) {
        customer.reconnect(&server).await;
        for (id, text) in ids.iter().zip(["when is my next payment due?", "how much do i owe?", "show me my payment schedule"]) {
            customer.socket.send(&json!({ "type": "message", "id": id, "text": text })).await;
            customer.until(|frame| frame["type"] == "ack" && frame["id"] == id.as_str()).await;
        }
        let last = customer.ask("how much do i owe in total?").await;
        assert!(!last.is_empty());
        let events = server.public_events(&customer.conversation).await;
        for (index, event) in events.iter().enumerate() {
            assert_eq!(seq(event), index as u64 + 1);
        }
        for id in ids {
            assert_eq!(events.iter().filter(|event| event["id"] == id.as_str()).count(), 1, "{id} is stored once");
        }
        customer.up_to(events.len() as u64).await;
        assert_eq!(customer.log.iter().map(core).collect::<Vec<_>>(), events.iter().map(core).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn conversations_belong_to_those_who_began_them() {
    let server = Server::shared();
    let mut anonymous = Customer::anonymous(&server).await;
    anonymous.ask("hello").await;
    let mut signed_in = Customer::signed_in(&server, "P01", 1).await;
    signed_in.ask("when is my next payment due?").await;
    let (conversation, resume) = signed_in.hello.back.clone().expect("a way back");
    let secret_of_another = anonymous.hello.back.clone().expect("a way back").1;

    let refused = [
        ("the resume secret alone", Hello { back: Some((conversation.clone(), resume.clone())), ..Hello::default() }),
        ("another customer's token", Hello { token: Some(token("P02", 1)), ..signed_in.hello.clone() }),
        ("a wrong secret", Hello { back: Some((anonymous.conversation.clone(), resume.clone())), ..Hello::default() }),
        ("a secret of another conversation", Hello { back: Some((conversation.clone(), secret_of_another)), ..Hello::default() }),
        ("an invented conversation", Hello { back: Some(("no-such-conversation".into(), resume.clone())), ..Hello::default() }),
        ("no secret", Hello { back: Some((anonymous.conversation.clone(), String::new())), ..Hello::default() }),
    ];
    for (what, hello) in refused {
        let mut socket = Socket::open(&server, "/ws/chat").await;
        socket.send(&hello.frame()).await;
        let (frames, code) = socket.ended().await;
        assert_eq!(code, 4004, "{what}");
        assert!(frames.len() == 1 && frames[0]["code"] == "forbidden", "{what}: {frames:?}");
    }
    // The owner comes back with a token alone.
    let back = Hello { token: Some(token("P01", 1)), back: Some((conversation, String::new())), after: 0, locale: None };
    let mut owner = Customer::enter(&server, back).await;
    owner.up_to(signed_in.head()).await;
}

#[tokio::test]
async fn signing_in_while_coming_back_makes_the_conversation_the_customers() {
    let server = Server::shared();
    let mut customer = Customer::anonymous(&server).await;
    customer.ask("when is my next payment due?").await;
    let before = customer.log.clone();
    let anonymous = customer.hello.clone();
    customer.hello.token = Some(token("P01", 1));
    customer.reconnect(&server).await;
    assert_eq!(customer.welcome["level"], 1);
    let said = customer.ask("when is my next payment due?").await;
    assert!(said.contains(char::is_numeric), "{said}");
    assert_eq!(customer.log[..before.len()], before[..]);
    let refused = Customer::try_enter(&server, anonymous).await.err().expect("the secret alone is not enough any more");
    assert!(refused.contains("forbidden"), "{refused}");
}

#[tokio::test]
async fn a_longer_message_than_allowed_is_refused_and_the_longest_is_not() {
    let server = Server::shared();
    let mut customer = Customer::anonymous(&server).await;
    for text in ["".to_owned(), "   ".to_owned(), "x".repeat(4001)] {
        let answer = customer.command(json!({ "type": "message", "text": text })).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("bad_frame")), "{} characters: {answer}", text.len());
    }
    let longest = "ü".repeat(4000);
    let place = customer.say(&longest).await;
    customer.answer_after(place).await;
    assert_eq!(customer.log[0]["data"]["text"], longest);
    assert!(customer.log.iter().any(by_bot));
}

#[tokio::test]
async fn the_desk_sees_more_than_the_customer_and_owns_what_it_claims() {
    let server = Server::shared();
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    customer.ask("when is my next payment due?").await;
    customer.ask_for_a_person().await;
    let conversation = customer.conversation.clone();
    let mut agent = Agent::sign_in(&server, 0).await;
    let mut other = Agent::sign_in(&server, 1).await;
    agent.until(|frame| frame["type"] == "queue" && frame["waiting"].to_string().contains(&conversation)).await;
    agent.does(json!({ "type": "claim", "conversation": conversation })).await;
    let packet = agent.until(|frame| frame["type"] == "packet" && frame["conversation"] == conversation.as_str()).await;
    assert!(packet["packet"]["turns"].is_array() && packet["packet"]["customer"]["id"] == "P01", "{packet}");
    customer.until(|frame| frame["kind"] == "handoff" && frame["data"]["state"] == "claimed").await;

    let late = other.command(json!({ "type": "claim", "conversation": conversation })).await;
    assert_eq!(late["code"], "conflict");
    let first_name = agent.name.split(' ').next().expect("a name");
    assert!(late["message"].as_str().is_some_and(|message| message.contains(first_name)), "it names who has it: {late}");
    let meddling = other.command(json!({ "type": "reply", "conversation": conversation, "text": "me too" })).await;
    assert_eq!(meddling["type"], "error", "{meddling}");

    agent.does(json!({ "type": "note", "conversation": conversation, "text": "a secret note" })).await;
    let replied = agent.does(json!({ "type": "reply", "conversation": conversation, "text": "I moved it for you." })).await;
    let reply = customer.until(|frame| frame["type"] == "event" && frame["by"]["kind"] == "agent" && frame["kind"] == "message").await;
    assert_eq!((seq(&reply), &reply["data"]["text"]), (seq(&replied), &json!("I moved it for you.")));
    let place = customer.say("thank you").await;
    agent.until(|frame| frame["type"] == "event" && frame["seq"] == json!(place) && frame["by"]["kind"] == "customer").await;

    agent.does(json!({ "type": "return", "conversation": conversation })).await;
    customer.until(|frame| frame["kind"] == "handoff" && frame["data"]["state"] == "returned").await;
    let said = customer.ask("how much do i owe?").await;
    assert!(said.contains(char::is_numeric), "{said}");
    let seen = customer.log.iter().map(Value::to_string).collect::<String>();
    assert!(!seen.contains("a secret note"), "a note is for the desk only");
    assert!(server.events(&conversation).await.iter().any(|event| event["kind"] == "note"));
    let owned = server.public_events(&conversation).await;
    let state = |event: &Value, state: &str| event["kind"] == "handoff" && event["data"]["state"] == state;
    let claimed = owned.iter().position(|event| state(event, "claimed")).expect("claimed");
    let returned = owned.iter().position(|event| state(event, "returned")).expect("returned");
    assert!(!owned[claimed..returned].iter().any(by_bot), "the bot is silent while a person has it");
}
