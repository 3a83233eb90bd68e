//! Time and facts from outside move accounts: over HTTP, with the real binary and its clock.

use crate::harness::{Customer, SERVICE_TOKEN, Server, wall_s};
use redress::cli::bench::http;
use redress::services::webhook::sign;
use serde_json::{Value, json};

const SECRET: &str = "the-secret-of-carriers-and-stores";

fn server() -> Server {
    Server::with(&["--frames-per-second", "0", "--encoder", "none", "--events-secret", SECRET])
}

/// Posts events with these headers; status and body.
async fn post(server: &Server, body: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let answer = http::request("POST", &server.authority(), "/api/events", headers, Some(body)).await.expect("an answer");
    (answer.status, answer.json().unwrap_or(Value::Null))
}

async fn signed(server: &Server, body: &Value) -> (u16, Value) {
    let text = body.to_string();
    let signature = sign(SECRET, wall_s(), text.as_bytes());
    post(server, &text, &[("redress-signature", &signature)]).await
}

fn event(id: &str, sort: &str, at: &str, data: Value) -> Value {
    json!({"id": id, "source": "test", "type": sort, "occurred_at": at, "data": data})
}

async fn advance(server: &Server, by: &str) {
    let answer = server.post("/api/clock", &json!({ "advance": by })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

async fn notice(customer: &mut Customer, about: &str, text: &str) {
    let fits = |event: &Value| {
        event["kind"] == "notice"
            && event["data"]["about"] == about
            && event["data"]["text"].as_str().is_some_and(|said| said.contains(text))
    };
    if !customer.log.iter().any(fits) {
        customer.until(|frame| frame["type"] == "event" && fits(frame)).await;
    }
}

#[tokio::test]
async fn events_are_signed_checked_and_taken_once() {
    let server = server();
    let scan = event("s1", "shipment.scan", "2026-12-04T08:00:00Z", json!({"shipment": "P06-1-s1", "code": "out_for_delivery"}));
    let text = scan.to_string();
    let bearer = format!("Bearer {SERVICE_TOKEN}");
    for (headers, why) in [
        (vec![], "nothing"),
        (vec![("authorization", "Bearer wrong".to_owned())], "a wrong token"),
        (vec![("redress-signature", sign("another secret of somebody", wall_s(), text.as_bytes()))], "a wrong secret"),
        (vec![("redress-signature", sign(SECRET, wall_s(), b"other"))], "another body"),
        (vec![("redress-signature", sign(SECRET, wall_s() - 400, text.as_bytes()))], "an old signature"),
        (vec![("redress-signature", "t=1".to_owned()), ("authorization", bearer.clone())], "a broken one beside a right token"),
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(post(&server, &text, &headers).await.0, 401, "{why}");
    }
    assert_eq!(signed(&server, &scan).await, (200, json!({"id": "s1", "status": "applied"})));
    assert_eq!(signed(&server, &scan).await.1["status"], "repeated");
    let account = server.api("/api/customers/P06").await;
    assert_eq!(account["orders"][0]["shipments"][0]["status"], "out_for_delivery");

    let mut other = scan.clone();
    other["data"]["code"] = json!("delivered");
    let (status, problem) = signed(&server, &other).await;
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().is_some_and(|why| why.contains("other content")), "{problem}");
    let future = event("s2", "shipment.scan", "2027-06-01T08:00:00Z", json!({"shipment": "P06-1-s1", "code": "delivered"}));
    assert_eq!(signed(&server, &future).await.0, 422);

    // A batch: an answer for each, in order; the service token opens it too. An earlier scan that comes late does not turn anything back.
    let late = event("s3", "shipment.scan", "2026-12-03T08:00:00Z", json!({"shipment": "P06-1-s1", "code": "in_transit"}));
    let unknown =
        event("s4", "refund.posted", "2026-12-04T08:00:00Z", json!({"refund": "r9", "order": "X-9", "amount_minor": 5, "currency": "GBP"}));
    let batch = json!({"events": [late, scan, unknown, {"id": "s5"}]}).to_string();
    let (status, answer) = post(&server, &batch, &[("authorization", &bearer)]).await;
    assert_eq!(status, 200, "{answer}");
    let statuses: Vec<&str> = answer["results"].as_array().expect("results").iter().filter_map(|one| one["status"].as_str()).collect();
    assert_eq!(statuses, ["applied", "repeated", "parked", "refused"]);
    let account = server.api("/api/customers/P06").await;
    assert_eq!(account["orders"][0]["shipments"][0]["status"], "out_for_delivery");
    let parked = server.api("/api/events?state=parked").await;
    assert_eq!(parked["facts"][0]["id"], "s4");
    assert_eq!(post(&server, "{", &[("authorization", &bearer)]).await.0, 400);
}

#[tokio::test]
async fn a_parked_fact_is_applied_when_its_subject_appears_and_reported_when_it_never_does() {
    let mut server = server();
    let early = event("p1", "shipment.scan", "2026-12-04T08:00:00Z", json!({"shipment": "N01-1-s1", "code": "lost"}));
    let never = event("p2", "shipment.scan", "2026-12-04T08:00:00Z", json!({"shipment": "nowhere", "code": "lost"}));
    assert_eq!(signed(&server, &early).await.1["status"], "parked");
    assert_eq!(signed(&server, &never).await.1["status"], "parked");
    server.kill9();
    server.import(&persona("P06").replace("P06", "N01"));
    server.restart();
    let account = server.api("/api/customers/N01").await;
    assert_eq!(account["orders"][0]["shipments"][0]["status"], "lost");
    assert_eq!(signed(&server, &early).await.1["status"], "repeated");
    advance(&server, "P31D").await;
    let reported = server.api("/api/events?state=reported").await;
    assert_eq!(reported["facts"][0]["id"], "p2");
}

/// The line of a persona in the demo's file.
fn persona(id: &str) -> String {
    let start = format!("{{\"kind\":\"customer\",\"id\":\"{id}\"");
    redress::domain::personas::JSONL.lines().find(|line| line.starts_with(&start)).expect("a persona").to_owned()
}

#[tokio::test]
async fn a_silent_store_loses_and_the_customer_hears_of_every_step() {
    let server = server();
    let mut customer = Customer::signed_in(&server, "P07", 2).await;
    for said in ["never got my order", "it never arrived", "no not yet", "i haven't contacted them", "yes"] {
        customer.ask(said).await;
    }
    let account = server.api("/api/customers/P07").await;
    let dispute = account["orders"][0]["disputes"][0]["public_no"].as_str().expect("a dispute").to_owned();
    assert!(account["notices"].as_array().is_some_and(|notices| notices.iter().any(|notice| notice["kind"] == "dispute")), "{account}");

    // The window of the store passes, and then its time for evidence; the clock jumps over both with hours to spare.
    advance(&server, "P22D").await;
    assert_eq!(server.api(&format!("/api/disputes/{dispute}")).await["state"], "merchant_evidence_requested");
    notice(&mut customer, "dispute_moved", "proof").await;
    advance(&server, "P15D").await;
    let closed = server.api(&format!("/api/disputes/{dispute}")).await;
    assert_eq!((closed["state"].as_str(), closed["outcome"].as_str()), (Some("closed"), Some("customer_won_full")), "{closed}");
    notice(&mut customer, "dispute_moved", "Decided for you").await;
    advance(&server, "P3D").await;
    notice(&mut customer, "refund_posted", "£84.00").await;

    let account = server.api("/api/customers/P07").await;
    let order = &account["orders"][0];
    assert_eq!(order["refunds"][0]["status"], "posted", "{order}");
    assert_eq!(order["plan"]["status"], "cancelled");
    let paid: i64 = order["plan"]["instalments"].as_array().expect("a plan").iter().filter_map(|due| due["paid_minor"].as_i64()).sum();
    assert_eq!(paid, 2_800, "nothing was collected inside the pause");
    // Once each, in the order in which it happened.
    let told: Vec<&str> =
        customer.log.iter().filter(|event| event["kind"] == "notice").filter_map(|event| event["data"]["about"].as_str()).collect();
    assert_eq!(told, ["dispute_moved", "dispute_moved", "refund_posted"]);
}

#[tokio::test]
async fn who_is_away_hears_it_at_the_next_visit_unless_they_asked_not_to() {
    let server = server();
    let quiet = server.post("/api/customers/P02/quiet", &json!({ "quiet": true })).await;
    assert_eq!(quiet.status, 200, "{}", quiet.body);
    // P01's payment is announced on the day before, and collected by the simulated provider on its day.
    advance(&server, "P4DT2H").await;
    let mut customer = Customer::signed_in(&server, "P01", 1).await;
    notice(&mut customer, "payment_tomorrow", "due").await;
    let mut again = Customer::signed_in(&server, "P01", 1).await;
    let other = Customer::signed_in(&server, "P02", 1).await;
    assert!(other.welcome["head"] == 0);
    again.ask("hello").await;
    assert!(again.log.iter().all(|event| event["kind"] != "notice"), "nobody is told twice");
    advance(&server, "P1D").await;
    let account = server.api("/api/customers/P01").await;
    let due = account["orders"].as_array().expect("orders").iter().flat_map(|order| order["plan"]["instalments"].as_array());
    assert!(due.flatten().any(|due| due["due_on"] == "2026-12-09" && due["status"] == "paid"), "{account}");
}

#[tokio::test]
async fn a_carrier_is_asked_about_a_late_parcel_and_its_word_counts() {
    let server = server();
    let parcel = async || {
        let account = server.api("/api/customers/P15").await;
        let orders = account["orders"].as_array().expect("orders").clone();
        let parcels = orders.iter().flat_map(|order| order["shipments"].as_array().cloned().unwrap_or_default());
        parcels.into_iter().find(|parcel| parcel["id"] == "P15-2-s1").expect("the phone's parcel")
    };
    assert_eq!(parcel().await["status"], "in_transit");
    // Promised for the 6th: noticed on the 7th, when the carrier is asked; the demo's simulated one answers two days later.
    advance(&server, "P4D").await;
    let asked = server.api("/api/outbox").await;
    let asked = asked["facts"].as_array().unwrap_or_else(|| panic!("a list, not {asked}")).clone();
    let trace = asked.iter().find(|message| message["topic"] == "carrier.trace").expect("the carrier is asked");
    assert_eq!(trace["payload"]["tracking_no"], "PW10066301GB", "{trace}");
    assert_eq!(parcel().await["status"], "in_transit");
    advance(&server, "P2D").await;
    let found = parcel().await;
    assert_eq!(found["status"], "delivered", "{found}");
}
