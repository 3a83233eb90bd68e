//! Every call against the personas: exactly the fields of `docs/flows.md`, the right answers, and nothing for strangers.

use super::*;
use crate::domain::account::{CustomerStatus, InstalmentStatus, PlanStatus};
use crate::domain::personas;
use proptest::prelude::*;
use std::sync::LazyLock;

pub(super) struct Demo {
    pub(super) merchants: Merchants,
    pub(super) accounts: Vec<Account>,
}

pub(super) static DEMO: LazyLock<Demo> =
    LazyLock::new(|| Demo { merchants: personas::load().merchants.into_iter().collect(), accounts: personas::accounts() });

pub(super) fn account(id: &str) -> Account {
    DEMO.accounts.iter().find(|account| account.customer.id.as_str() == id).expect("a persona").clone()
}

pub(super) fn now() -> Timestamp {
    personas::NOW.parse().expect("an instant")
}

fn ask_as(account: &Account, level: u8, kind: CallKind, name: &str, with: Value) -> Answered {
    ask_at(account, level, kind, name, with, now())
}

pub(super) fn ask_at(account: &Account, level: u8, kind: CallKind, name: &str, with: Value, now: Timestamp) -> Answered {
    let Value::Object(with) = with else { panic!("arguments are an object") };
    let session = Session { level: Level(level), customer: Some(account.customer.id.clone()) };
    let world = World { account: Some(account), merchants: &DEMO.merchants, now, language: Language::English };
    answer(world, &Call { kind, name: name.into(), with }, &session)
}

fn look(id: &str, name: &str, with: Value) -> Value {
    value_of(ask_as(&account(id), 1, CallKind::Lookup, name, with))
}

fn check(id: &str, name: &str, with: Value) -> Value {
    value_of(ask_as(&account(id), 1, CallKind::Check, name, with))
}

fn value_of(answered: Answered) -> Value {
    match answered.answer {
        Answer::Value(value) => value,
        Answer::Refused(no) => panic!("refused: {no}"),
    }
}

fn refusal_of(answered: Answered) -> String {
    assert!(answered.change.is_none());
    match answered.answer {
        Answer::Refused(no) => {
            assert_eq!(no["allowed"], json!(false));
            assert!(!no["why"].as_str().expect("a sentence").is_empty());
            no["reason"].as_str().expect("a code").to_owned()
        }
        Answer::Value(value) => panic!("answered: {value}"),
    }
}

fn fields(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[track_caller]
fn has_exactly(value: &Value, expected: &str) {
    let mut expected: Vec<&str> = expected.split_whitespace().collect();
    expected.sort_unstable();
    assert_eq!(fields(value), expected);
}

const ORDER: &str = "id ref merchant merchant_id placed_on total_minor currency status items_text label shipment plan_status dispute \
    return_status refund_status return_window_days return_until support_url";
const DISPUTE: &str = "id public_no order order_ref merchant reason reason_text state state_text open next_actor deadline_on opened_on \
    closed_on outcome outcome_text disputed_minor refund_minor offer_minor currency paused label";

#[test]
fn lookups_have_the_documented_fields() {
    let payables = look("P06", "payables", json!({}));
    has_exactly(&payables, "items count next total_minor paused_minor overdue_minor credit_minor currency any_paused any_overdue");
    has_exactly(
        &payables["items"][0],
        "id plan order order_ref merchant seq of due_on amount_minor currency status paused autopay method product days_until failed_on \
         failed_why next_try_on",
    );
    let plans = look("P06", "plans", json!({}));
    has_exactly(&plans, "items count");
    has_exactly(
        &plans["items"][0],
        "id order order_ref merchant product status paused autopay method currency total_minor open_minor paid_minor instalments label",
    );
    has_exactly(&plans["items"][0]["instalments"][0], "seq due_on amount_minor fee_minor open_minor status");
    let orders = look("P06", "orders", json!({"filter": "undelivered"}));
    has_exactly(&orders, "items count");
    has_exactly(&orders["items"][0], ORDER);
    has_exactly(&orders["items"][0]["shipment"], "carrier tracking_no status promised_on delivered_on last_city");
    let refunds = look("P11", "refunds", json!({}));
    has_exactly(&refunds, "items count");
    has_exactly(
        &refunds["items"][0],
        "id order order_ref merchant state amount_minor currency created_on posted_on return_status sent_on days_waiting expect_by to_method label",
    );
    let disputes = look("P12", "disputes", json!({"open": true}));
    has_exactly(&disputes, "items count");
    has_exactly(&disputes["items"][0], DISPUTE);
    let fees = look("P05", "fees", json!({}));
    has_exactly(&fees, "items count");
    has_exactly(
        &fees["items"][0],
        "id instalment plan order_ref merchant kind amount_minor currency charged_on due_on grace_days cap_minor waivable waive_reason label",
    );
    let charges = look("P14", "charges", json!({"amount_minor": 1499}));
    has_exactly(&charges, "items count");
    has_exactly(&charges["items"][0], &format!("{ORDER} alias device_known ship_city ship_matches household_hint"));
    has_exactly(
        &look("P06", "market", json!({})),
        "currency extension_days claim_window_days dispute_window_days refund_posting_days late_fee_minor late_fee_cap_percent grace_days \
         debt_help_name debt_help_url crisis_line ombudsman",
    );
}

#[test]
fn rules_have_the_documented_fields_also_when_they_say_no() {
    for (who, instalment) in [("P06", "P06-1-i2"), ("P02", "P02-1-i2")] {
        has_exactly(
            &check(who, "can_extend", json!({"instalment": instalment})),
            "allowed reason why old_due_on max_days options fee_minor currency",
        );
    }
    has_exactly(&check("P06", "can_extend", json!({"instalment": "P06-1-i2"}))["options"][0], "id days due_on fee_minor currency label");
    for who in ["P07", "P08", "P12"] {
        has_exactly(
            &check(who, "can_dispute", json!({"order": format!("{who}-1"), "reason": "goods_not_received"})),
            "allowed reason why disputed_minor currency deadline_on window_days paused_instalments merchant public_no from_on",
        );
    }
    for who in ["P01", "P11"] {
        let order = format!("{who}-1");
        has_exactly(&check(who, "can_return", json!({"order": order})), "allowed reason why until_on pause_days pause_until");
    }
    has_exactly(&check("P05", "can_waive_fee", json!({"fee": "fee_P05-1-i2"})), "allowed reason why amount_minor currency");
}

#[test]
fn actions_have_the_documented_fields_and_state_facts() {
    for (who, name, with, expected) in [
        ("P06", "extend_due_date", json!({"instalment": "P06-1-i2", "days": 7}), "old_due_on new_due_on fee_minor currency"),
        (
            "P07",
            "open_dispute",
            json!({"order": "P07-1", "reason": "goods_not_received", "sub_reason": "never_arrived", "store_contact": "unavailable",
                "store_contact_on": "2026-11-25", "note": null}),
            "public_no deadline_on disputed_minor currency merchant paused dispute",
        ),
        ("P01", "report_return", json!({"order": "P01-1", "sent_on": "2026-12-03", "carrier": null}), "return pause_until paused merchant"),
        ("P15", "report_unauthorised", json!({"order": "P15-2", "note": "not me"}), "public_no case paused merchant"),
        ("P05", "waive_fee", json!({"fee": "fee_P05-1-i2"}), "amount_minor currency"),
    ] {
        let before = account(who);
        let done = ask_as(&before, 2, CallKind::Do, name, with.clone());
        assert_eq!(done, ask_as(&before, 2, CallKind::Do, name, with.clone()), "{name}: a replay gives the same");
        let change = done.change.clone().expect("a change");
        has_exactly(&value_of(done), expected);
        assert!(!change.facts.is_empty());
        for fact in &change.facts {
            has_exactly(fact, "action rule_id subject before after");
        }
        assert_eq!(change.account.version, before.version);
        assert_ne!(change.account, before);
        let again = ask_as(&change.account, 2, CallKind::Do, name, with);
        let expected = match name {
            "extend_due_date" => "already_used",
            "report_return" => "already_reported",
            "waive_fee" => "outside_rule",
            _ => "already_open",
        };
        assert_eq!(refusal_of(again), expected, "{name}: a second time does nothing");
    }
}

#[test]
fn a_lost_parcel_becomes_a_dispute() {
    let may = check("P07", "can_dispute", json!({"order": "P07-1", "reason": "goods_not_received"}));
    assert_eq!((&may["allowed"], &may["deadline_on"], &may["paused_instalments"]), (&json!(true), &json!("2026-12-25"), &json!(2)));
    let with = json!({"order": "P07-1", "reason": "goods_not_received", "store_contact": "not_contacted"});
    let done = ask_as(&account("P07"), 1, CallKind::Do, "open_dispute", with);
    let changed = done.change.clone().expect("a change").account;
    let answer = value_of(done);
    let paused =
        json!([{"seq": 2, "due_on": "2026-12-10", "amount_minor": 2800}, {"seq": 3, "due_on": "2027-01-09", "amount_minor": 2800}]);
    assert_eq!(answer["paused"], paused);
    has_exactly(&answer["dispute"], DISPUTE);
    let text = "We've told Kestrel Shoes. They have until 25 December 2026 to sort it out with you. Your payments are paused.";
    assert_eq!(answer["dispute"]["state_text"], json!(text));
    let order = &changed.customer.orders[0];
    assert_eq!(order.disputes[0].next_deadline_at.expect("a deadline").to_string(), "2026-12-25T23:59:59Z");
    let plan = order.plan.as_ref().expect("a plan");
    assert_eq!(plan.status, PlanStatus::Paused);
    let states: Vec<_> = plan.instalments.iter().map(|instalment| instalment.status).collect();
    assert_eq!(states, [InstalmentStatus::Paid, InstalmentStatus::Paused, InstalmentStatus::Paused]);
    let payables = value_of(ask_as(&changed, 1, CallKind::Lookup, "payables", json!({})));
    assert_eq!((&payables["next"], &payables["paused_minor"], &payables["any_paused"]), (&json!(null), &json!(5600), &json!(true)));
}

#[test]
fn rules_say_no_for_the_right_reason() {
    for (who, rule, with, reason) in [
        ("P02", "can_extend", json!({"instalment": "P02-1-i2"}), "too_close"),
        ("P03", "can_extend", json!({"instalment": "P03-1-i1"}), "already_used"),
        ("P04", "can_extend", json!({"instalment": "P04-1-i2"}), "overdue"),
        ("P04", "can_extend", json!({"instalment": "P04-1-i3"}), "other_overdue"),
        ("P11", "can_extend", json!({"instalment": "P11-1-i1"}), "paused"),
        ("P16", "can_extend", json!({"instalment": "P16-3-i1"}), "hardship"),
        ("P19", "can_extend", json!({"instalment": "P19-1-i1"}), "financing"),
        ("P08", "can_dispute", json!({"order": "P08-1", "reason": "goods_not_received"}), "delivered"),
        ("P15", "can_dispute", json!({"order": "P15-2", "reason": "goods_not_received"}), "too_early"),
        ("P12", "can_dispute", json!({"order": "P12-1", "reason": "faulty_or_not_as_described"}), "already_open"),
        ("P25", "can_dispute", json!({"order": "P25-1", "reason": "goods_not_received"}), "needs_person"),
        ("P20", "can_dispute", json!({"order": "P20-1", "reason": "service_not_provided"}), "needs_person"),
        ("P11", "can_return", json!({"order": "P11-1"}), "already_reported"),
        ("P18", "can_return", json!({"order": "P18-1"}), "window_over"),
    ] {
        let no = check(who, rule, with);
        assert_eq!((&no["allowed"], &no["reason"]), (&json!(false), &json!(reason)), "{who} {rule}");
        assert!(!no["why"].as_str().expect("a sentence").is_empty());
    }
    let close = check("P02", "can_extend", json!({"instalment": "P02-1-i2"}));
    assert_eq!(close["why"], json!("It is due tomorrow, and a date can't be moved in the last 24 hours before it."));
    let early = check("P15", "can_dispute", json!({"order": "P15-2", "reason": "goods_not_received"}));
    assert_eq!(early["from_on"], json!("2026-12-10"));
    let open = check("P12", "can_dispute", json!({"order": "P12-1", "reason": "incorrect_amount"}));
    assert_eq!(open["public_no"], json!("D-2QX7M"));
}

#[test]
fn a_date_can_be_moved() {
    let may = check("P06", "can_extend", json!({"instalment": "P06-1-i2"}));
    assert_eq!((&may["allowed"], &may["max_days"], &may["fee_minor"], &may["reason"]), (&json!(true), &json!(14), &json!(0), &json!(null)));
    let days: Vec<&Value> = may["options"].as_array().expect("options").iter().map(|option| &option["days"]).collect();
    assert_eq!(days, [3, 7, 14]);
    assert_eq!(may["options"][1]["label"], json!("7 days later: Friday 25 December"));
    let with = json!({"instalment": "P06-1-i2", "days": 7});
    assert_eq!(refusal_of(ask_as(&account("P06"), 1, CallKind::Do, "extend_due_date", with.clone())), "step_up");
    let done = value_of(ask_as(&account("P06"), 2, CallKind::Do, "extend_due_date", with));
    assert_eq!(done, json!({"old_due_on": "2026-12-18", "new_due_on": "2026-12-25", "fee_minor": 0, "currency": "GBP"}));
    for days in [json!(0), json!(15), json!(-1), json!("7"), json!(1.5), json!(null), json!(i64::MAX)] {
        let with = json!({"instalment": "P06-1-i2", "days": days});
        assert_eq!(refusal_of(ask_as(&account("P06"), 2, CallKind::Do, "extend_due_date", with)), "bad_call", "{days}");
    }
}

#[test]
fn an_unauthorised_purchase_is_locked_at_once() {
    let charges = look("P15", "charges", json!({"merchant": "galleon"}));
    let found = &charges["items"][0];
    assert_eq!((&found["device_known"], &found["ship_matches"], &found["ship_city"]), (&json!(false), &json!(false), &json!("Birmingham")));
    let done = ask_as(&account("P15"), 1, CallKind::Do, "report_unauthorised", json!({"order": "P15-2"}));
    let changed = done.change.clone().expect("a change").account;
    let answer = value_of(done);
    assert_eq!(changed.cases[0].id, answer["case"].as_str().expect("a number"));
    assert_eq!(changed.cases[0].due_at.expect("a time").to_string(), "2026-12-04T10:00:00Z");
    assert_eq!(changed.customer.status, CustomerStatus::Restricted);
    let order = &changed.customer.orders[0];
    assert!(order.plan.as_ref().expect("a plan").is_paused());
    assert_eq!(order.disputes[0].next_deadline_at.expect("a deadline").to_string(), "2026-12-11T23:59:59Z");
    assert_eq!(answer["public_no"], json!(order.disputes[0].public_no));
}

#[test]
fn lookups_find_what_the_personas_are_about() {
    let next = look("P01", "payables", json!({}));
    assert_eq!((&next["next"]["days_until"], &next["next"]["due_on"]), (&json!(5), &json!("2026-12-09")));
    assert_eq!(look("P22", "payables", json!({}))["credit_minor"], json!(3500));
    assert_eq!(look("P23", "payables", json!({}))["credit_minor"], json!(3000));
    assert_eq!(look("P10", "payables", json!({}))["credit_minor"], json!(1000));
    assert_eq!(look("P04", "payables", json!({}))["overdue_minor"], json!(5000));
    let left = look("P09", "plans", json!({}));
    assert_eq!(left["items"][0]["open_minor"], json!(5000));
    let refund = &look("P11", "refunds", json!({}))["items"][0];
    assert_eq!(
        (&refund["state"], &refund["days_waiting"], &refund["amount_minor"]),
        (&json!("overdue_at_store"), &json!(16), &json!(8990))
    );
    let fee = &look("P05", "fees", json!({}))["items"][0];
    assert_eq!((&fee["waivable"], &fee["waive_reason"], &fee["charged_on"]), (&json!(true), &json!("inside_pause"), &json!("2026-11-13")));
    assert_eq!(look("P14", "charges", json!({"merchant": "BWM*DIGITAL"}))["items"][0]["merchant"], json!("Brightwell Media"));
    assert_eq!(look("P28", "orders", json!({"merchant": "kestrel", "on": "2026-11-17"}))["count"], json!(2));
    assert_eq!(look("P28", "orders", json!({"amount_minor": 5400}))["count"], json!(1));
    assert_eq!(look("P08", "orders", json!({"filter": "undelivered"}))["count"], json!(0));
    assert!(look("P24", "plans", json!({}))["items"][0]["label"].as_str().expect("a label").contains("¥8,000 left of ¥12,000"));
    let appeal = &look("P13", "disputes", json!({}))["items"][0]["state_text"];
    assert_eq!(*appeal, json!("First decision: decided for the store. Either side can ask for a second look until Tuesday 8 December."));
}

#[test]
fn strangers_see_nothing() {
    let owner = account("P06");
    let call = |kind, name: &str, with: Value| Call { kind, name: name.into(), with: with.as_object().cloned().unwrap_or_default() };
    let world = World { account: Some(&owner), merchants: &DEMO.merchants, now: now(), language: Language::English };
    let nobody = World { account: None, ..world };
    for session in [
        Session::default(),
        Session { level: Level(2), customer: None },
        Session { level: Level(2), customer: Some("P07".into()) },
        Session { level: Level(0), customer: Some("P06".into()) },
    ] {
        for world in [world, nobody] {
            assert_eq!(refusal_of(answer(world, &call(CallKind::Lookup, "payables", json!({})), &session)), "sign_in");
            let with = json!({"instalment": "P06-1-i2", "days": 7});
            assert_eq!(refusal_of(answer(world, &call(CallKind::Do, "extend_due_date", with), &session)), "sign_in");
            assert_eq!(value_of(answer(world, &call(CallKind::Lookup, "market", json!({})), &session))["currency"], json!("GBP"));
        }
    }
    assert_eq!(refusal_of(ask_as(&owner, 1, CallKind::Check, "can_return", json!({"order": "P07-1"}))), "bad_call");
    assert_eq!(refusal_of(ask_as(&owner, 1, CallKind::Lookup, "disputes", json!({"order": "P12-1"}))), "bad_call");
}

#[test]
fn wrong_calls_are_refused_in_words() {
    for (kind, name, with, detail) in [
        (CallKind::Lookup, "nonsense", json!({}), "there is no lookup 'nonsense'"),
        (CallKind::Check, "payables", json!({}), "there is no rule 'payables'"),
        (CallKind::Lookup, "orders", json!({"filter": "new"}), "orders needs 'filter' to be one of all,"),
        (CallKind::Lookup, "orders", json!({"colour": 1}), "orders has no argument 'colour'"),
        (CallKind::Lookup, "payables", json!({"x": 1}), "payables takes no argument"),
        (CallKind::Lookup, "charges", json!({"on": "soon"}), "charges needs 'on' to be a date"),
        (CallKind::Check, "can_extend", json!({}), "can_extend needs 'instalment' to be text, but got nothing"),
        (CallKind::Check, "can_dispute", json!({"order": "P06-1", "reason": "bored"}), "can_dispute needs 'reason'"),
        (
            CallKind::Do,
            "open_dispute",
            json!({"order": {"id": "P06-1"}, "reason": "goods_not_received"}),
            "open_dispute needs 'order' to be text",
        ),
        (CallKind::Do, "waive_fee", json!({"fee": "P05-1-i2"}), "the customer has no fee"),
    ] {
        let Answer::Refused(no) = ask_as(&account("P06"), 2, kind, name, with).answer else { panic!("{name} was answered") };
        assert_eq!(no["reason"], json!("bad_call"));
        assert!(no["detail"].as_str().expect("a detail").contains(detail), "{no}");
    }
}

fn arb_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "P06-1",
            "P06-1-i2",
            "P07-1",
            "P07-1-i3",
            "P12-1-d1",
            "D-9HT4C",
            "goods_not_received",
            "fee_P06-1-i2",
            "all",
            "2026-12-20"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}

proptest! {
    #[test]
    fn any_calls_in_any_order_keep_the_account_whole(
        calls in prop::collection::vec((0usize..24, prop::collection::vec((0usize..13, arb_json()), 0..4)), 1..12),
        who in prop::sample::select(vec!["P06", "P07", "P15", "P05", "P16", "P12", "P13"]),
    ) {
        const NAMES: [&str; 24] = ["payables", "plans", "orders", "refunds", "disputes", "fees", "charges", "market", "can_extend", "can_dispute",
            "can_return", "can_waive_fee", "extend_due_date", "open_dispute", "report_return", "report_unauthorised", "waive_fee", "withdraw_dispute",
            "appeal_dispute", "accept_offer", "refuse_offer", "answer_dispute", "can_withdraw", "can_appeal"];
        const ARGS: [&str; 13] = ["order", "instalment", "days", "reason", "fee", "filter", "merchant", "amount_minor", "on", "sub_reason", "note", "sent_on", "dispute"];
        let mut account = account(who);
        for (name, with) in calls {
            let kind = match name { 0..=7 => CallKind::Lookup, 8..=11 | 22.. => CallKind::Check, _ => CallKind::Do };
            let with: serde_json::Map<String, Value> = with.into_iter().map(|(name, value)| (ARGS[name].to_owned(), value)).collect();
            let open: i64 = account.customer.orders.iter().filter_map(|order| order.plan.as_ref()).map(Plan::open_minor).sum();
            if let Some(change) = ask_as(&account, 2, kind, NAMES[name], Value::Object(with)).change {
                account = change.account;
            }
            let mut after = 0;
            for order in &account.customer.orders {
                prop_assert!(order.disputes.iter().filter(|dispute| dispute.closed_at.is_none()).count() <= 1);
                if let Some(plan) = &order.plan {
                    after += plan.open_minor();
                    prop_assert!(plan.extensions_used <= 1);
                    prop_assert!(plan.instalments.iter().all(|i| i.paid_minor <= i.amount_minor + i.fee_minor));
                    if order.disputes.iter().any(|dispute| dispute.closed_at.is_none()) {
                        prop_assert!(plan.instalments.iter().all(|i| !i.is_open() || i.status == InstalmentStatus::Paused));
                    }
                }
            }
            prop_assert!(after <= open, "nothing that a customer does makes them owe more");
        }
    }
}
