//! A year in a minute: generated customers, facts, chats and people under the movable clock, killed on the way. At the end nothing is
//! missing, nothing happened twice, and the books are those of the run that was never killed.
//!
//! `REDRESS_TEST_YEAR=CUSTOMERS,DAYS,KILLS` makes it larger; the full one is `2000,365,10`.

mod made;

use crate::harness::{Customer, Hello, SERVICE_TOKEN, Server, WORDS_ALONE, desk_session, token};
use made::{Lot, START};
use redress::cli::bench::http;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// How large a run is.
#[derive(Clone, Copy)]
struct Size {
    customers: u32,
    days: u32,
    kills: u32,
}

fn size() -> Size {
    let given = std::env::var("REDRESS_TEST_YEAR").unwrap_or_default();
    let numbers: Vec<u32> = given.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    match numbers[..] {
        [customers, days, kills] => Size { customers, days, kills },
        _ => Size { customers: 40, days: 75, kills: 3 },
    }
}

#[tokio::test]
async fn a_year_of_everything_ends_the_same_however_often_it_is_killed() {
    let size = size();
    let started = std::time::Instant::now();
    let calm = run(Size { kills: 0, ..size }).await;
    let between = started.elapsed();
    let killed = run(size).await;
    println!(
        "{} customers, {} days: {:?} without a kill, {:?} with {} kills; {} disputes, {} debits, {} refunds paid out",
        size.customers,
        size.days,
        between,
        started.elapsed() - between,
        size.kills,
        calm.disputes,
        calm.sent["payment.debit"],
        calm.sent.get("refund.pay_out").copied().unwrap_or_default()
    );
    assert!(calm.disputes > 0 && calm.sent["payment.debit"] > 0, "nothing happened: {calm:?}");
    for (customer, books) in &calm.books {
        assert_eq!(books, &killed.books[customer], "{customer}: the books differ from those of the run that was never killed");
    }
    assert_eq!(calm.sent, killed.sent, "other systems were asked for something more or less often");
}

/// What a run leaves behind.
#[derive(Debug, Default)]
struct End {
    /// By customer: plans, refunds, disputes and ledger, without ids and instants that follow from the wall clock.
    books: BTreeMap<String, Value>,
    /// How many messages of each topic left.
    sent: BTreeMap<String, usize>,
    disputes: usize,
}

async fn run(size: Size) -> End {
    let mut server = Server::on_lasting_port(&WORDS_ALONE);
    server.kill9();
    server.import(&made::customers(size.customers));
    let mut now = START.to_owned();
    server.restart_at(&now);
    let kill_days: BTreeSet<u32> = (1..=size.kills).map(|kill| kill * size.days / (size.kills + 1)).collect();
    for day in 0..size.days {
        let facts = made::facts(size.customers, day, &now);
        let killed = kill_days.contains(&day);
        if killed && day % 2 == 0 {
            // In the middle of the facts: half of them, a kill, then all of them again.
            post(&server, &facts[..facts.len() / 2]).await;
            server.kill9();
            server.restart_at(&now);
        }
        post(&server, &facts).await;
        people(&server, size.customers, day).await;
        let next = made::day_after(&now);
        if killed && day % 2 == 1 {
            // In the middle of a day's timers.
            let (authority, body) = (server.authority(), json!({ "advance": "P1D" }).to_string());
            let moving = tokio::spawn(async move {
                let bearer = format!("Bearer {SERVICE_TOKEN}");
                let _ = http::request("POST", &authority, "/api/clock", &[("authorization", &bearer)], Some(&body)).await;
            });
            tokio::task::yield_now().await;
            let _ = server.get("/healthz").await;
            server.kill9();
            moving.abort();
            server.restart_at(&next);
        } else {
            let answer = server.post("/api/clock", &json!({ "advance": "P1D" })).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        now = next;
    }
    let end = end(&server, size, &now).await;
    server.kill9();
    let verified = Command::new(env!("CARGO_BIN_EXE_redress")).args(["verify", "--data"]).arg(server.folder().join("data")).output();
    let verified = verified.expect("the books are checked");
    assert!(verified.status.success(), "{}{}", String::from_utf8_lossy(&verified.stdout), String::from_utf8_lossy(&verified.stderr));
    end
}

async fn post(server: &Server, facts: &[Value]) {
    for part in facts.chunks(400) {
        let answer = server.post("/api/events", &json!({ "events": part })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for receipt in answer.json().expect("JSON")["results"].as_array().expect("a list") {
            assert_ne!(receipt["status"], "refused", "{receipt}");
        }
    }
}

/// What people do on a day: customers move a date in the chat, agents file claims and decide what waits.
async fn people(server: &Server, customers: u32, day: u32) {
    let (_, desk) = desk_session(server, 0).await;
    let (_, second) = desk_session(server, 1).await;
    for lot in made::filing(customers, day) {
        let filing = json!({"customer": lot.customer, "order": lot.order, "reason": lot.reason, "note": "told by phone"});
        ask(server, &desk, "POST", "/api/desk/disputes", Some(&filing)).await;
    }
    for lot in made::chatting(customers, day) {
        later(server, &lot).await;
    }
    let waiting = ask(server, &desk, "GET", "/api/desk/disputes", None).await.1;
    for dispute in waiting["disputes"].as_array().into_iter().flatten() {
        let (id, state) = (dispute["id"].as_str().unwrap_or_default(), dispute["state"].as_str().unwrap_or_default());
        let path = format!("/api/desk/disputes/{id}");
        let ours = made::decides_for_store(dispute["order_ref"].as_str().unwrap_or_default());
        let (outcome, detail) = if ours { ("merchant_won", "goods_as_described") } else { ("customer_won_full", "no_proof_of_delivery") };
        let event = if state == "appeal_review" { "final_decision" } else { "decide" };
        let by = if state == "appeal_review" { &second } else { &desk };
        let step = json!({"event": event, "state": state, "outcome": outcome, "detail": detail});
        let (status, answer) = ask(server, by, "POST", &path, Some(&step)).await;
        assert_eq!(status, 200, "{answer}");
    }
}

async fn ask(server: &Server, desk: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let (bearer, text) = (format!("Bearer {desk}"), body.map(Value::to_string));
    let answer = http::request(method, &server.authority(), path, &[("authorization", &bearer)], text.as_deref()).await.expect("an answer");
    (answer.status, answer.json().unwrap_or(Value::Null))
}

/// A customer asks in the chat for more time, takes the first date that is offered and says yes, as far as the rules allow.
async fn later(server: &Server, lot: &Lot) {
    let hello = Hello { token: Some(token(&lot.customer, 2)), ..Hello::default() };
    let mut customer = Customer::enter(server, hello).await;
    let said = customer.ask(&format!("I want to move the due date of my payment for order {}", lot.order)).await;
    if !said.contains("can move") {
        return;
    }
    let place = customer.head();
    let options = customer.choices_after(0).await;
    customer.acked(json!({"type": "choose", "option": options[0].0})).await;
    let confirm = customer.answer_after(place).await;
    assert!(confirm.contains("Shall I move it?"), "{confirm}");
    let place = customer.head();
    customer.say("yes").await;
    let done = customer.answer_after(place).await;
    assert!(done.contains("moved from"), "{done}");
}

/// Looks at everything: nothing overdue was left, nothing left twice, no money counted twice.
async fn end(server: &Server, size: Size, now: &str) -> End {
    let mut end = End::default();
    let (mut after, mut seen) = (String::new(), BTreeSet::new());
    loop {
        let page = server.api(&format!("/api/outbox?after={after}")).await;
        let rows = page["facts"].as_array().expect("a list").clone();
        let Some(last) = rows.last() else { break };
        after = last["id"].as_str().map_or_else(|| last["id"].to_string(), str::to_owned);
        for row in &rows {
            let (topic, payload) = (row["topic"].as_str().expect("a topic"), &row["payload"]);
            *end.sent.entry(topic.to_owned()).or_default() += 1;
            let once = match topic {
                "payment.debit" => Some(format!("{} {} {}", payload["instalment"], payload["attempt"], payload["amount_minor"])),
                "refund.pay_out" => Some(payload["refund"].to_string()),
                "merchant.evidence_requested" => Some(format!("{} {}", payload["dispute"], payload["round"])),
                "customer.tell" => Some(payload["telling"].to_string() + &payload["customer"].to_string()),
                _ => None,
            };
            if let Some(once) = once {
                assert!(seen.insert(format!("{topic} {once}")), "twice: {row}");
            }
        }
    }
    for number in 0..size.customers {
        let id = made::customer_id(number);
        let account = server.api(&format!("/api/customers/{id}")).await;
        let mut books = Vec::new();
        for order in account["orders"].as_array().expect("a list") {
            for dispute in order["disputes"].as_array().expect("a list") {
                end.disputes += 1;
                let deadline = dispute["next_deadline_at"].as_str();
                let waits_for_us =
                    ["under_review", "appeal_review", "fraud_investigation"].contains(&dispute["state"].as_str().unwrap_or(""));
                // The store has a day more than its deadline.
                assert!(waits_for_us || deadline.is_none_or(|at| made::days_between(at, now) <= 1), "a deadline was missed: {dispute}");
            }
            let plan = &order["plan"];
            let total: i64 = plan["instalments"].as_array().expect("a list").iter().map(|due| number_of(due, "amount_minor")).sum();
            assert_eq!(total, number_of(order, "total_minor"), "the instalments are no longer what was bought: {order}");
            for due in plan["instalments"].as_array().expect("a list") {
                assert!(number_of(due, "refunded_minor") <= number_of(due, "amount_minor"), "{due}");
                let debited = plan["status"] == "active" && plan["autopay"] == true && due["status"] == "scheduled";
                let late = due["due_on"].as_str().is_some_and(|on| made::days_between(&format!("{on}T23:00:00Z"), now) > 0);
                let tried = due["attempts"].as_array().is_some_and(|attempts| !attempts.is_empty());
                assert!(!debited || !late || tried, "a debit was missed: {due}");
            }
            let refunded: i64 = order["refunds"].as_array().expect("a list").iter().map(|refund| number_of(refund, "amount_minor")).sum();
            assert!(refunded <= number_of(order, "total_minor"), "more came back than was bought: {order}");
            books.push(made::books_of(order));
        }
        end.books.insert(id, json!({"orders": books, "ledger": account["ledger"], "status": account["status"]}));
    }
    end
}

fn number_of(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_default()
}
