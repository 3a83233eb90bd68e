//! People decide disputes over HTTP: what they may do, what they are told when it is not possible, and that two never decide at once.

use crate::harness::{Customer, SERVICE_TOKEN, Server, WORDS_ALONE, desk_session};
use serde_json::{Value, json};

async fn fact(server: &Server, sort: &str, data: Value) {
    let now = server.post("/api/clock", &json!({"advance": "PT0S"})).await.json().expect("JSON")["now"].clone();
    let event = json!({"id": format!("{sort}-{now}"), "source": "test", "type": sort, "occurred_at": now, "data": data});
    let receipt = server.post("/api/events", &event).await.json().expect("JSON");
    assert_eq!(receipt["status"], "applied", "{receipt}");
}

#[tokio::test]
async fn a_dispute_goes_through_two_people_to_its_end() {
    let server = Server::with(&WORDS_ALONE);
    let ((_, ana), (_, ben)) = (desk_session(&server, 0).await, desk_session(&server, 1).await);
    let mut customer = Customer::signed_in(&server, "P08", 1).await;
    customer.ask("hello").await;
    let filing = json!({"customer": "P08", "order": "LUM-31177", "reason": "goods_not_received", "note": "neighbours were asked"});
    let (status, case) = server.desk(&ana, "POST", "/api/desk/disputes", Some(&filing)).await;
    assert_eq!((status, case["state"].as_str()), (200, Some("merchant_window")), "{case}");
    let path = format!("/api/desk/disputes/{}", case["public_no"].as_str().expect("a number"));
    let step = |event: &str, state: &str, more: Value| {
        let mut body = json!({"event": event, "state": state});
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        body
    };
    let (status, twice) = server.desk(&ana, "POST", "/api/desk/disputes", Some(&filing)).await;
    assert!(status == 422 && twice["detail"].as_str().is_some_and(|text| text.contains("already")), "{twice}");

    // What is not possible is told with what is.
    for (body, status, words) in [
        (step("decide", "merchant_window", json!({})), 422, "an agent can now: need_info"),
        (step("fly", "merchant_window", json!({})), 422, "'fly' is no step"),
        (step("need_info", "merchant_window", json!({})), 422, "needs a text"),
        (step("decide", "under_review", json!({})), 409, "is in state 'merchant_window' now"),
        (json!({"event": "decide"}), 422, "missing field `state`"),
    ] {
        let (given, answer) = server.desk(&ana, "POST", &path, Some(&body)).await;
        assert!(given == status && answer["detail"].as_str().is_some_and(|text| text.contains(words)), "{body}: {given} {answer}");
    }
    assert_eq!(server.desk(&ana, "GET", "/api/desk/disputes/D-NONE", None).await.0, 404);
    assert_eq!(server.desk(SERVICE_TOKEN, "GET", "/api/desk/disputes", None).await.0, 401);

    // The customer is asked, answers in the chat's account, and it goes back to where it was.
    let asked = step("need_info", "merchant_window", json!({"text": "a photo of your letter box"}));
    assert_eq!(server.desk(&ana, "POST", &path, Some(&asked)).await.1["state"], "customer_info_requested");
    customer
        .until(|frame| {
            frame["kind"] == "notice"
                && frame["data"]["text"].as_str().is_some_and(|text| text.contains("We need a photo of your letter box from you"))
        })
        .await;
    let back = step("info_supplied", "customer_info_requested", json!({"text": "seen by phone"}));
    assert_eq!(server.desk(&ana, "POST", &path, Some(&back)).await.1["state"], "merchant_window");
    server.desk(&ana, "POST", &path, Some(&step("risk_escalation", "merchant_window", json!({})))).await;
    fact(&server, "dispute.evidence", json!({"dispute": case["public_no"], "type": "proof_of_delivery"})).await;

    // Two decide at once: one does, the other is told that it has moved.
    let for_store = json!({"outcome": "merchant_won", "detail": "delivered_to_your_address"});
    let decide = step("decide", "under_review", for_store.clone());
    let (one, two) = tokio::join!(server.desk(&ana, "POST", &path, Some(&decide)), server.desk(&ben, "POST", &path, Some(&decide)));
    let mut statuses = [one.0, two.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{one:?} {two:?}");
    let (first, second) = if one.0 == 200 { (&ana, &ben) } else { (&ben, &ana) };
    customer
        .until(|frame| {
            frame["kind"] == "notice" && frame["data"]["text"].as_str().is_some_and(|text| text.contains("handed over at your address"))
        })
        .await;

    // The store asks for a second look: the same person may not take it.
    fact(&server, "dispute.appealed", json!({"dispute": case["public_no"], "text": "we disagree in part"})).await;
    let last = step(
        "final_decision",
        "appeal_review",
        json!({"outcome": "customer_won_partial", "refund_minor": 10_000, "detail": "both_sides_have_a_point"}),
    );
    let (status, same) = server.desk(first, "POST", &path, Some(&last)).await;
    assert!(status == 422 && same["detail"].as_str().is_some_and(|text| text.contains("another person")), "{same}");
    let too_much = step(
        "final_decision",
        "appeal_review",
        json!({"outcome": "customer_won_partial", "refund_minor": 99_999_999, "detail": "both_sides_have_a_point"}),
    );
    assert_eq!(server.desk(second, "POST", &path, Some(&too_much)).await.0, 422);
    let (status, closed) = server.desk(second, "POST", &path, Some(&last)).await;
    assert_eq!((status, closed["state"].as_str(), closed["refund_minor"].as_i64()), (200, Some("closed"), Some(10_000)), "{closed}");
    let account = server.api("/api/customers/P08").await;
    let refunds: i64 =
        account["orders"][0]["refunds"].as_array().expect("a list").iter().filter_map(|refund| refund["amount_minor"].as_i64()).sum();
    assert_eq!((refunds, account["orders"][0]["plan"]["status"].as_str()), (10_000, Some("active")));
    let (status, list) = server.desk(&ana, "GET", "/api/desk/disputes", None).await;
    let waits = list["disputes"].as_array().expect("a list");
    assert!(status == 200 && waits.iter().all(|dispute| dispute["public_no"] != case["public_no"]), "{list}");
}
