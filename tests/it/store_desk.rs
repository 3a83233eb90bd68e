//! The desk's newer rows, told to both databases: alerts of other nodes, live sessions, people of a provider, carriers that were asked,
//! suggestions.

use crate::harness::Schema;
use jiff::Timestamp;
use redress::domain::event::{Author, Event, EventKind, NewEvent};
use redress::domain::ids::{AgentId, ConversationId, CustomerId, TicketId};
use redress::domain::suggest::Suggested;
use redress::store::alerts::Alert;
use redress::store::desk::{DeskSession, Role, Skills};
use redress::store::subjects::{Attempt, Known, Person};
use redress::store::suggestions::Stand;
use redress::store::unit::{DeskAct, Ticket, Turn, Write};
use redress::store::{Observer, Row, Store, Unit};
use serde_json::json;
use sqlx::AnyPool;
use std::sync::Arc;

struct Nobody;

impl Observer for Nobody {
    fn committed(&self, _: &Arc<Row>, _: &[Event]) {}
    fn account_changed(&self, _: &CustomerId) {}
    fn queue_changed(&self) {}
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("in range")
}

async fn story(url: &str) {
    let store = Store::open(url, Arc::new(Nobody)).await.expect("opens");

    // An alert is for the other nodes, for a minute.
    let alert = Alert { to: Some("ana".into()), conversation: None, what: "mention".into(), text: "Lea: \"hej\"".into() };
    store.leave_alert(&alert, "one", at(0)).await.expect("stored");
    assert!(store.alerts_of_others("one", at(1)).await.expect("reads").is_empty(), "one's own");
    let heard = store.alerts_of_others("two", at(1)).await.expect("reads");
    assert_eq!(heard.iter().map(|(_, alert)| alert).collect::<Vec<_>>(), [&alert]);
    assert!(store.alerts_of_others("two", at(61)).await.expect("reads").is_empty(), "too old");
    let leads = Alert { to: None, conversation: Some("c".into()), ..alert };
    store.leave_alert(&leads, "one", at(500)).await.expect("stored");
    assert_eq!(store.alerts_of_others("two", at(500)).await.expect("reads").len(), 1, "the old one is cleared away");

    // Live sessions: until they are ended or their time is over; a new password ends all but one.
    store
        .put_agent("Ana Lind", Role::Agent, &Skills { skills: Vec::new(), languages: Vec::new(), capacity: 3 }, "hash", at(0))
        .await
        .expect("stored");
    let (ana, _) = store.agent_by_name("Ana Lind").await.expect("reads").expect("is there");
    let session = |id: &str, expires| DeskSession {
        id: id.into(),
        agent: ana.name.clone(),
        started_at: at(0),
        expires_at: at(expires),
        address: String::new(),
        client: String::new(),
    };
    for (secret, expires) in [("h1", 100), ("h2", 200), ("h3", 200)] {
        store.open_session(secret, &ana.id, &session(secret, expires)).await.expect("stored");
    }
    assert_eq!(store.live_sessions(at(50)).await.expect("reads").len(), 3);
    assert_eq!(store.live_sessions(at(150)).await.expect("reads").len(), 2, "its time is over");
    store.set_password(&ana.id, "other", "h2").await.expect("stored");
    assert!(store.live_sessions(at(50)).await.expect("reads").iter().eq(["h2"]), "all but the one that changed it");
    assert_eq!(store.sessions(None, at(50)).await.expect("reads").len(), 1);

    // An attempt works once; a person is known by their subject, whatever they are called, and gets the role of the day.
    let attempt = Attempt { nonce: "n".into(), verifier: "v".into() };
    store.begin_attempt("state", &attempt, at(0), at(600)).await.expect("stored");
    assert_eq!(store.take_attempt("state", at(601)).await.expect("reads"), None, "too late");
    assert_eq!(store.take_attempt("state", at(1)).await.expect("reads"), Some(attempt));
    assert_eq!(store.take_attempt("state", at(1)).await.expect("reads"), None);
    let person = |subject: &str, role| Person { issuer: "https://id".into(), subject: subject.into(), name: "Ana Lind".into(), role };
    let (new, known) = store.agent_of(&person("s1", Role::Agent), "none", at(0)).await.expect("stored");
    assert!(known == Known::New && new.name != "Ana Lind" && new.id != ana.id, "{new:?}");
    let (again, known) = store.agent_of(&person("s1", Role::Lead), "none", at(1)).await.expect("stored");
    assert!(known == Known::Moved && again.id == new.id && again.role == Role::Lead, "{again:?}");
    assert_eq!(store.agent_of(&person("s1", Role::Lead), "none", at(2)).await.expect("stored").1, Known::Same);

    carriers(&store).await;
    suggestions(&store, url, &ana.id).await;
}

/// What carriers are asked waits for an answer, as what providers are asked does.
async fn carriers(store: &Store) {
    let row = Arc::new(Row::fresh(ConversationId::new(), None, "en", at(0)));
    let outbox = ["carrier.trace", "carrier.watch", "payment.debit", "account.told"].map(|topic| (topic.to_owned(), "{}".to_owned()));
    let turn = Turn { outbox: outbox.into(), ..Turn::default() };
    let event = NewEvent { by: Author::CUSTOMER, kind: EventKind::Message, data: json!({}), key: Some("k".into()) };
    let write = Write::Say { event, level: 0, wants_answer: true, turn: Some(Box::new(turn)), clock: None };
    store.commit(Unit { row, at: at(5), write }).await.expect("stored");
    let asked = store.outbox_unanswered(10).await.expect("reads");
    let mut topics: Vec<&str> = asked.iter().map(|message| message.topic.as_str()).collect();
    topics.sort_unstable();
    assert_eq!(topics, ["carrier.trace", "carrier.watch", "payment.debit"]);
    for message in &asked {
        store.outbox_answered(&message.id, at(6)).await.expect("stored");
    }
    assert!(store.outbox_unanswered(10).await.expect("reads").is_empty());
}

/// Written with the end of a conversation, listed in pages, decided once, gone with the conversation.
async fn suggestions(store: &Store, url: &str, ana: &AgentId) {
    let suggested = |seq: i64, intent: &str| Suggested {
        seq,
        text: format!("riddle {seq} \u{1F511} \"'"),
        language: "en".into(),
        read_as: (seq > 1).then(|| "complaint".to_owned()),
        intent: intent.into(),
        reason: "The bot did not understand it.".into(),
    };
    let row = Arc::new(Row::fresh(ConversationId::new(), Some("P01".into()), "en", at(0)));
    let ticket = Ticket {
        id: TicketId::new(),
        queue: "general".into(),
        priority: 2,
        reason: "not_understood".into(),
        intent: None,
        customer_name: None,
        preview: String::new(),
        packet: "{}".into(),
        waiting_since: at(0),
        due_at: at(60),
        language: "en".into(),
        market: "GB".into(),
        reserved: None,
        not_before: None,
        declined: Vec::new(),
        clocks: Vec::new(),
    };
    let event = NewEvent { by: Author::CUSTOMER, kind: EventKind::Message, data: json!({}), key: Some("k".into()) };
    let turn = Turn { ticket: Some(Box::new(ticket)), ..Turn::default() };
    let write = Write::Say { event, level: 0, wants_answer: true, turn: Some(Box::new(turn)), clock: None };
    let said = store.commit(Unit { row, at: at(5), write }).await.expect("stored");
    let desk = async |row: &Arc<Row>, act| {
        let write = Write::Desk { agent: ana.clone(), name: "Ana".into(), act };
        store.commit(Unit { row: Arc::clone(row), at: at(9), write }).await.expect("stored").row
    };
    let resolve = |suggested| DeskAct::Resolve { code: "solved".into(), ask: false, suggested };
    let held = desk(&said.row, DeskAct::Claim).await;
    let closed = desk(&held, resolve((1..=3).map(|seq| suggested(seq, "refund_status")).collect())).await;
    let open = store.suggestions(Stand::Open, "", 10).await.expect("reads");
    let seqs = |all: &[redress::store::suggestions::Suggestion]| all.iter().map(|one| one.suggested.seq).collect::<Vec<_>>();
    assert_eq!(seqs(&open), [1, 2, 3]);
    let first = &open[0];
    assert_eq!((first.by.as_str(), first.at, first.suggested.read_as.as_deref(), first.state), ("Ana", at(9), None, Stand::Open));
    assert!(first.conversation == closed.id && first.suggested.text == suggested(1, "").text, "{first:?}");
    assert_eq!(seqs(&store.suggestions(Stand::Open, &open[0].id, 1).await.expect("reads")), [2], "in pages");
    assert_eq!(store.suggestion("none").await.expect("reads"), None);

    // Decided once, with the intent of whoever decided.
    let (one, two) = tokio::join!(
        store.decide_suggestion(&first.id, Stand::Accepted, "refund_missing", "Lea", at(10)),
        store.decide_suggestion(&first.id, Stand::Dismissed, "refund_status", "Max", at(10)),
    );
    assert!(one.expect("stored") != two.expect("stored"), "one of two decides");
    let decided = store.suggestion(&first.id).await.expect("reads").expect("is there");
    assert_ne!(decided.state, Stand::Open);
    // Taken back and ended as something else: what is open is meant anew, what was decided stays.
    let again = desk(&closed, DeskAct::Reopen).await;
    desk(&again, resolve(vec![suggested(1, "privacy_request"), suggested(2, "privacy_request")])).await;
    assert_eq!(store.suggestion(&first.id).await.expect("reads"), Some(decided));
    let open = store.suggestions(Stand::Open, "", 10).await.expect("reads");
    assert_eq!(
        open.iter().map(|one| (one.suggested.seq, one.suggested.intent.as_str())).collect::<Vec<_>>(),
        [(2, "privacy_request"), (3, "refund_status")]
    );

    let pool = AnyPool::connect(url).await.expect("another program connects");
    sqlx::query("DELETE FROM conversations WHERE customer_id = 'P01'").execute(&pool).await.expect("erases");
    for state in [Stand::Open, Stand::Accepted, Stand::Dismissed] {
        assert!(store.suggestions(state, "", 10).await.expect("reads").is_empty(), "gone with the conversation");
    }
}

#[tokio::test]
async fn the_desks_rows_on_sqlite() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("store-desk-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    story(&Store::sqlite_url(&folder)).await;
    let _ = std::fs::remove_dir_all(&folder);
}

#[tokio::test]
async fn the_desks_rows_on_postgres() {
    let Some(schema) = Schema::new("store_desk").await else { return };
    story(&schema.url).await;
    schema.remove().await;
}
