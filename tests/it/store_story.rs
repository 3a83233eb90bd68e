//! One long story, told to both databases: the log, the fence, resends, ownership, accounts, the waiting list.

use crate::harness::Schema;
use jiff::Timestamp;
use redress::domain::account::{Account, Telling, TellingKind, TellingState};
use redress::domain::conversation::{Owner, OwnerError};
use redress::domain::event::{Author, Event, EventKind, NewEvent, Place};
use redress::domain::ids::{AgentId, ConversationId, CustomerId, TicketId};
use redress::domain::market::Market;
use redress::domain::personas;
use redress::domain::team::{ClockKind, Running};
use redress::domain::timer::{TimerKind, timers};
use redress::store::change::{Call, Change, Changed};
use redress::store::desk::{DeskSession, Role, Skills};
use redress::store::facts::{FactRow, FactState};
use redress::store::floor::Presence;
use redress::store::search::{Filter, View};
use redress::store::unit::{AccountUse, DeskAct, Requeue, Ticket, Turn, Write};
use redress::store::{Observer, Outcome, Row, Store, Unit};
use serde_json::json;
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Heard(Mutex<Vec<(ConversationId, Vec<Place>)>>);

impl Observer for Heard {
    fn committed(&self, row: &Arc<Row>, events: &[Event]) {
        self.0.lock().expect("not poisoned").push((row.id.clone(), events.iter().map(Event::place).collect()));
    }
    fn account_changed(&self, _: &CustomerId) {}
    fn queue_changed(&self) {}
}

fn said(text: &str, key: &str) -> NewEvent {
    NewEvent { by: Author::CUSTOMER, kind: EventKind::Message, data: json!({ "text": text }), key: Some(key.into()) }
}

fn bot(kind: EventKind, text: &str) -> NewEvent {
    NewEvent { by: Author::BOT, kind, data: json!({ "text": text }), key: None }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("in range")
}

fn say(row: &Arc<Row>, text: &str, key: &str, turn: Option<Turn>) -> Unit {
    let write = Write::Say { event: said(text, key), level: 1, wants_answer: true, turn: turn.map(Box::new), clock: None };
    Unit { row: Arc::clone(row), at: at(1), write }
}

fn ticket(priority: u8, since: i64) -> Ticket {
    Ticket {
        id: TicketId::new(),
        queue: "general".into(),
        priority,
        reason: "asked_for_person".into(),
        intent: Some("talk_to_human".into()),
        customer_name: Some("Maya".into()),
        preview: "a person, please".into(),
        packet: "{}".into(),
        waiting_since: at(since),
        due_at: at(since + 60),
        language: "en".into(),
        market: "GB".into(),
        reserved: None,
        not_before: None,
        declined: Vec::new(),
        clocks: Vec::new(),
    }
}

fn desk(row: &Arc<Row>, agent: &AgentId, act: DeskAct) -> Unit {
    Unit { row: Arc::clone(row), at: at(9), write: Write::Desk { agent: agent.clone(), name: "Ana".into(), act } }
}

async fn story(url: &str) {
    let heard = Arc::new(Heard::default());
    let store = Store::open(url, Arc::<Heard>::clone(&heard)).await.expect("opens");
    let id = ConversationId::new();
    let fresh = Arc::new(Row::fresh(id.clone(), Some("P07".into()), "en", at(0)));

    // Message and answer in one commit; what only the desk sees takes no seq.
    let turn = Turn {
        events: vec![bot(EventKind::Decision, "why"), bot(EventKind::Message, "hello"), bot(EventKind::Note, "n")],
        state: "{\"format\":1}".into(),
        ..Turn::default()
    };
    let first = store.commit(say(&fresh, "hi", "k1", Some(turn))).await.expect("stored");
    assert_eq!(first.outcome, Outcome::Said { seq: 1, turned: true });
    let places = |events: &[Event]| events.iter().map(|event| (event.seq, event.sub)).collect::<Vec<_>>();
    let all = store.events_after(&id, Place::default(), false, 100).await.expect("reads");
    assert_eq!(places(&all), [(1, 0), (1, 1), (2, 0), (2, 1)]);
    let public = store.events_after(&id, Place { seq: 1, sub: 0 }, true, 100).await.expect("reads");
    assert_eq!(places(&public), [(2, 0)]);
    assert_eq!((first.row.asked, first.row.answered), (1, 1));

    // A resend gets its old seq and changes nothing, also beside a new message in the same batch.
    let (again, new) = tokio::join!(store.commit(say(&first.row, "hi", "k1", None)), store.commit(say(&first.row, "more", "k2", None)));
    assert_eq!(again.expect("answered").outcome, Outcome::Repeated { seq: 1 });
    let new = new.expect("stored");
    assert_eq!(new.outcome, Outcome::Said { seq: 3, turned: false });
    assert!(new.row.is_unanswered());
    assert_eq!(store.unanswered("", 10).await.expect("reads"), std::slice::from_ref(&id));
    assert_eq!(store.seq_of(&id, "k2").await.expect("reads"), Some(3));

    // A turn for an old version is stale; one for the current version answers what was asked.
    let stale = Turn { version: first.row.version, events: vec![bot(EventKind::Message, "late")], ..Turn::default() };
    let unit = Unit { row: Arc::clone(&first.row), at: at(3), write: Write::Turn(Box::new(stale)) };
    assert_eq!(store.commit(unit).await.expect("decided").outcome, Outcome::Stale);
    let turn = Turn {
        version: new.row.version,
        answers: 3,
        events: vec![bot(EventKind::Message, "there")],
        wake_at: Some(at(600)),
        ..Turn::default()
    };
    let unit = Unit { row: Arc::clone(&new.row), at: at(3), write: Write::Turn(Box::new(turn)) };
    let turned = store.commit(unit).await.expect("stored");
    assert_eq!(turned.outcome, Outcome::Turned);
    assert!(store.unanswered("", 10).await.expect("reads").is_empty());
    assert!(store.due(at(599), 10).await.expect("reads").is_empty());
    assert_eq!(store.due(at(600), 10).await.expect("reads"), std::slice::from_ref(&id));

    // Accounts: read, changed by a turn, and a turn on an old reading is void though its message is stored.
    let accounts: Vec<Account> = personas::accounts().into_iter().filter(|account| account.customer.id.as_str() <= "P08").collect();
    store.import(&personas::load().merchants, &accounts, at(0)).await.expect("imports");
    let customer = CustomerId::from("P07");
    let read = Arc::new(store.account(&customer).await.expect("reads").expect("is there"));
    assert_eq!(read.customer, accounts.iter().find(|account| account.customer.id == customer).expect("P07").customer);
    let mut becomes = Account::clone(&read);
    becomes.version += 1;
    let plan = becomes.customer.orders[0].plan.as_mut().expect("has a plan");
    plan.extensions_used = 1;
    let open = plan.instalments.iter_mut().find(|instalment| instalment.is_open()).expect("has something open");
    open.fee_minor += 500;
    let uses = |becomes: Option<Account>| Some(AccountUse { read: Arc::clone(&read), becomes: becomes.map(Box::new) });
    let turn = Turn {
        version: turned.row.version,
        account: uses(Some(becomes.clone())),
        outbox: vec![("account.extend_due_date".into(), "{}".into())],
        ..Turn::default()
    };
    let moved = store.commit(say(&turned.row, "yes", "k3", Some(turn))).await.expect("stored");
    assert_eq!(moved.outcome, Outcome::Said { seq: 5, turned: true });
    assert_eq!(store.account(&customer).await.expect("reads").expect("is there"), becomes);
    let turn = Turn { version: moved.row.version, account: uses(Some(becomes.clone())), ..Turn::default() };
    let void = store.commit(say(&moved.row, "yes", "k4", Some(turn))).await.expect("stored");
    assert_eq!(void.outcome, Outcome::Said { seq: 6, turned: false }, "the account has moved since it was read");
    assert_eq!(store.outbox_after("", 10).await.expect("reads").len(), 1);
    // The books were opened by the import and moved with the account, once; the next import takes the fee back.
    let fees = async || {
        let books = store.books(&customer).await.expect("reads");
        books.into_iter().find(|one| one.book == "fee_income").map(|one| (one.debit_minor, one.credit_minor))
    };
    assert_eq!(fees().await, Some((0, 500)));
    assert_eq!(store.check_books().await.expect("reads"), (accounts.len(), Vec::new()));
    store.import(&[], &accounts, at(0)).await.expect("the same file again");
    let again = store.account(&customer).await.expect("reads").expect("is there");
    assert_eq!(again.customer, read.customer, "an import replaces what it names");
    assert_eq!(fees().await, Some((500, 500)));
    assert_eq!(store.check_books().await.expect("reads"), (accounts.len(), Vec::new()));

    // A hand-over, one winner, silence of the bot, and the way back.
    let turn = Turn { version: void.row.version, answers: 6, ticket: Some(Box::new(ticket(2, 20))), ..Turn::default() };
    let unit = Unit { row: Arc::clone(&void.row), at: at(20), write: Write::Turn(Box::new(turn)) };
    let queued = store.commit(unit).await.expect("stored");
    assert!(matches!(queued.row.owner, Owner::Queued(_)));
    assert_eq!(store.waiting().await.expect("reads").len(), 1);
    let (ana, ben) = (AgentId::from("ana"), AgentId::from("ben"));
    let (one, two) =
        tokio::join!(store.commit(desk(&queued.row, &ana, DeskAct::Claim)), store.commit(desk(&queued.row, &ben, DeskAct::Claim)));
    assert_eq!(one.expect("decided").outcome, Outcome::Done { place: Place { seq: 7, sub: 0 } });
    assert_eq!(two.expect("decided").outcome, Outcome::Refused(OwnerError::Taken(ana.clone())));
    assert!(store.waiting().await.expect("reads").is_empty());
    let late = Turn { version: queued.row.version, events: vec![bot(EventKind::Message, "me too")], ..Turn::default() };
    let unheard = store.commit(say(&queued.row, "hello?", "k5", Some(late))).await.expect("stored");
    assert_eq!(unheard.outcome, Outcome::Said { seq: 8, turned: false }, "the bot is silent while a person has it");
    let note = DeskAct::Note(NewEvent { by: Author::agent("Ana"), kind: EventKind::Note, data: json!({}), key: Some("n1".into()) });
    let noted = store.commit(desk(&unheard.row, &ana, note)).await.expect("stored");
    assert_eq!(noted.outcome, Outcome::Done { place: Place { seq: 8, sub: 1 } });
    let refused = store.commit(desk(&unheard.row, &ben, DeskAct::Return)).await.expect("decided");
    assert_eq!(refused.outcome, Outcome::Refused(OwnerError::NotYours));
    let transfer = store
        .commit(desk(
            &unheard.row,
            &ana,
            DeskAct::Requeue(Box::new(Requeue { of: ana.clone(), ticket: ticket(1, 20), state: "queued", note: None })),
        ))
        .await
        .expect("stored");
    assert!(matches!(transfer.row.owner, Owner::Queued(_)));
    store.commit(desk(&unheard.row, &ben, DeskAct::Claim)).await.expect("stored");
    let back = store.commit(desk(&unheard.row, &ben, DeskAct::Return)).await.expect("stored");
    assert_eq!(back.row.owner, Owner::Bot);
    let held = store.commit(desk(&back.row, &ana, DeskAct::Claim)).await.expect("stored");
    let closed = store
        .commit(desk(&held.row, &ana, DeskAct::Resolve { code: "solved".into(), ask: true, suggested: Vec::new() }))
        .await
        .expect("stored");
    assert_eq!(closed.row.owner, Owner::Closed("solved".into()));
    let reopened = store.commit(say(&closed.row, "one more thing", "k6", None)).await.expect("stored");
    assert_eq!(reopened.row.owner, Owner::Bot);

    // The log has no hole and no double, and the observer heard it in order.
    let all = store.events_after(&id, Place::default(), false, 1000).await.expect("reads");
    let public: Vec<i64> = all.iter().filter(|event| event.is_public()).map(|event| event.seq).collect();
    assert_eq!(public, (1..=reopened.row.head.seq).collect::<Vec<_>>());
    let told: Vec<Place> = heard.0.lock().expect("not poisoned").iter().flat_map(|(_, places)| places.clone()).collect();
    assert_eq!(told, all.iter().map(Event::place).collect::<Vec<_>>());
    assert_eq!(store.conversation(&id).await.expect("reads").as_ref(), Some(&*reopened.row));

    time_and_facts(&store, &customer).await;

    // Many at once, and the desk's sign-ins.
    let rows: Vec<Arc<Row>> = (0..300).map(|_| Arc::new(Row::fresh(ConversationId::new(), None, "en", at(0)))).collect();
    let commits = rows.iter().map(|row| store.commit(say(row, "x", "same", None)));
    for result in futures_util::future::join_all(commits).await {
        assert_eq!(result.expect("stored").outcome, Outcome::Said { seq: 1, turned: false });
    }
    store.put_agent("Ana Lind", Role::Agent, &skills(), "hash", at(0)).await.expect("stored");
    let (agent, _) = store.agent_by_name("ana lind").await.expect("reads").expect("is there");
    let session = DeskSession {
        id: "s1".into(),
        agent: agent.name.clone(),
        started_at: at(0),
        expires_at: at(100),
        address: "127.0.0.1".into(),
        client: "a test".into(),
    };
    store.open_session("secret", &agent.id, &session).await.expect("stored");
    assert_eq!(store.sessions(Some(&agent.id), at(50)).await.expect("reads"), [("secret".to_owned(), session)]);
    the_floor(&store, &agent.id).await;
    assert_eq!(store.session("secret", at(99)).await.expect("reads"), Some(agent));
    assert_eq!(store.session("secret", at(100)).await.expect("reads"), None);
    assert_eq!(store.setting("s", || "one".into()).await.expect("reads"), "one");
    assert_eq!(store.setting("s", || "two".into()).await.expect("reads"), "one");
}

fn skills() -> Skills {
    Skills { skills: Vec::new(), languages: vec!["en".into(), "sv".into()], capacity: 3 }
}

/// Who is there, offers, clocks, search, and the chained log.
async fn the_floor(store: &Store, ana: &AgentId) {
    store.came(ana, "node", at(0), at(0)).await.expect("stored");
    store.set_available(ana, true).await.expect("stored");
    let there = |all: Vec<Presence>| all.into_iter().find(|one| &one.agent == ana).expect("is there");
    assert!(there(store.presence().await.expect("reads")).available);
    store.went(ana, "node", at(10)).await.expect("stored");
    assert_eq!(there(store.presence().await.expect("reads")).gone_at, Some(at(10)));
    store.came(ana, "other", at(20), at(5)).await.expect("stored");
    assert!(there(store.presence().await.expect("reads")).available, "a short cut");
    store.beat("node", at(100), at(50), at(60)).await.expect("stored");
    assert_eq!(there(store.presence().await.expect("reads")).gone_at, Some(at(60)), "its node has been silent");
    store.came(ana, "node", at(100), at(90)).await.expect("stored");
    assert!(!there(store.presence().await.expect("reads")).available, "gone for too long");

    let talk = Arc::new(Row::fresh(ConversationId::new(), Some("P01".into()), "en", at(0)));
    let clock = Running { kind: ClockKind::FirstAnswer, warn_at: at(200), due_at: at(300) };
    let place = Ticket { clocks: vec![clock], ..ticket(2, 5) };
    let turn = Turn { ticket: Some(Box::new(place.clone())), ..Turn::default() };
    let said = store.commit(say(&talk, "Wo ist die Ölkanne für Bestellung?", "k", Some(turn))).await.expect("stored");
    assert_eq!(said.outcome, Outcome::Said { seq: 1, turned: true });
    assert!(store.offer(place.id.as_str(), ana, at(100), at(130)).await.expect("stored"));
    assert!(!store.offer(place.id.as_str(), ana, at(110), at(140)).await.expect("stored"), "somebody is being asked");
    assert!(store.offer(place.id.as_str(), ana, at(130), at(160)).await.expect("stored"), "the offer has passed");
    assert!(store.end_offer(place.id.as_str(), ana, std::slice::from_ref(ana)).await.expect("stored"));
    let places = store.places().await.expect("reads");
    let (_, kept) = places.iter().find(|(id, _)| id == &talk.id).expect("waits");
    assert_eq!((kept.declined.as_slice(), kept.offered.as_ref()), (std::slice::from_ref(ana), None));
    let clocks = store.desk_clocks().await.expect("reads");
    let running = clocks.iter().find(|clock| clock.conversation == talk.id).expect("runs");
    assert!(store.move_clock(running, "warned").await.expect("stored") && !store.move_clock(running, "warned").await.expect("stored"));
    let taken = store.commit(desk(&said.row, ana, DeskAct::Claim)).await.expect("stored");
    let event = NewEvent { by: Author::agent("Ana"), kind: EventKind::Message, data: json!({"text": "Hier"}), key: Some("r".into()) };
    store.commit(desk(&taken.row, ana, DeskAct::Reply { event, absent: true })).await.expect("stored");
    assert!(store.desk_clocks().await.expect("reads").iter().all(|clock| clock.conversation != talk.id), "answered");
    assert!(store.outbox_after("", 1000).await.expect("reads").iter().any(|(_, topic, ..)| topic == "message.unseen"));
    assert!(store.taken().await.expect("reads").iter().any(|row| row.conversation == talk.id && row.priority == Some(2)));

    let search = |text: &str| Filter { text: Some(text.into()), most: 10, ..Filter::default() };
    for (text, hits) in [("ölkanne", 1), ("bestell", 1), ("\"' OR *", 0), ("nothing of the kind", 0), ("p01", 1)] {
        let found = store.find(&search(text)).await.expect("searches");
        assert_eq!(found.iter().filter(|found| found.conversation == talk.id).count(), hits, "{text}: {found:?}");
    }
    let own = Filter { view: View::Of(ana.clone()), most: 10, ..Filter::default() };
    assert!(store.find(&own).await.expect("searches").iter().any(|found| found.conversation == talk.id && found.owner == "agent"));

    for act in ["reveal", "assign"] {
        store.audit(at(1), "Ana Lind", act, "c", "d").await.expect("stored");
    }
    let (acts, broken) = store.check_audit().await.expect("reads");
    assert!(acts >= 2 && broken.is_none());
    assert_eq!(store.acts_before(i64::MAX, 1).await.expect("reads")[0].act, "assign");
}

/// Timers, facts, messages and calls go along with the account that they come from, and each is there once.
async fn time_and_facts(store: &Store, customer: &CustomerId) {
    let account = || async { Arc::new(store.account(customer).await.expect("reads").expect("is there")) };
    let stored = || async {
        let all = store.due_timers(at(1_000_000_000), 10_000).await.expect("reads");
        all.into_iter().filter(|(of, _)| of == customer).map(|(_, timer)| timer).collect::<Vec<_>>()
    };
    let market = Market::of("GB");
    let read = account().await;
    assert_eq!(stored().await, timers(&read, market), "what is stored is what is derived");
    assert_eq!(store.holders("P07-1-s1").await.expect("reads"), std::slice::from_ref(customer));

    let fact = |id: &str, state| FactRow {
        source: "test".into(),
        id: id.into(),
        kind: "shipment.scan".into(),
        subject: "P07-1-s1".into(),
        occurred_at: at(50),
        received_at: at(51),
        body: "{}".into(),
        state,
        why: None,
        customer: None,
    };
    let mut becomes = Account::clone(&read);
    becomes.version += 1;
    becomes.tellings.push(Telling {
        id: "parcel_late/P07-1-s1".into(),
        kind: TellingKind::ParcelLate,
        subject: "P07-1-s1".into(),
        data: json!({}),
        made_at: at(51),
        not_before: at(60),
        until: None,
        state: TellingState::Pending,
        told_at: None,
    });
    let call = || Call {
        row: Row {
            version: 1,
            head: Place { seq: 0, sub: 1 },
            owner: Owner::Queued("t-call".into()),
            ..Row::fresh("call_1".into(), Some(customer.clone()), "en", at(51))
        },
        note: NewEvent { by: Author::SYSTEM, kind: EventKind::Note, data: json!({"text": "look"}), key: None },
        ticket: Box::new(Ticket { id: "t-call".into(), ..ticket(1, 51) }),
    };
    let change = |read: &Arc<Account>, becomes: &Account| Change {
        at: at(51),
        account: Some(AccountUse { read: Arc::clone(read), becomes: Some(Box::new(becomes.clone())) }),
        fact: Some(fact("f1", FactState::Applied)),
        outbox: vec![("payment.debit".into(), "{}".into())],
        calls: vec![call()],
    };
    let before = (store.waiting().await.expect("reads").len(), store.outbox_unsent(at(0), 100).await.expect("reads").len());
    assert_eq!(store.change(change(&read, &becomes)).await.expect("stored"), Changed::Done);
    assert_eq!(store.change(change(&read, &becomes)).await.expect("decided"), Changed::Stale, "the account has moved");
    let now = account().await;
    let mut next = Account::clone(&now);
    next.version += 1;
    let again = store.change(change(&now, &next)).await.expect("decided");
    assert_eq!(again, Changed::Repeated(FactState::Applied), "the same fact again changes nothing");
    assert_eq!(account().await.version, now.version);
    assert_eq!(stored().await, timers(&now, market));
    assert!(stored().await.iter().any(|timer| timer.kind == TimerKind::Tell && timer.due_at == at(60)));
    assert_eq!(store.waiting().await.expect("reads").len(), before.0 + 1);
    assert_eq!(store.events_after(&"call_1".into(), Place::default(), false, 10).await.expect("reads").len(), 1);

    // Messages: tried, taken, answered.
    let unsent = store.outbox_unsent(at(0), 100).await.expect("reads");
    assert_eq!(unsent.len(), before.1 + 1);
    store.outbox_retry(&unsent[0].id, at(10)).await.expect("stored");
    assert_eq!(store.outbox_unsent(at(9), 100).await.expect("reads").len(), before.1);
    assert_eq!(store.outbox_unsent(at(10), 100).await.expect("reads").len(), before.1 + 1);
    store.outbox_sent(&unsent[0].id, at(10)).await.expect("stored");
    assert_eq!(store.outbox_unsent(at(99), 100).await.expect("reads").len(), before.1);
    let asked = store.outbox_unanswered(10).await.expect("reads");
    assert_eq!(asked.len(), 1);
    store.outbox_answered(&asked[0].id, at(99)).await.expect("stored");
    assert!(store.outbox_unanswered(10).await.expect("reads").is_empty());

    // A parked fact waits for its subject; one whose subject is there is found, and settled once.
    let park = |id: &str, subject: &str| Change {
        at: at(52),
        fact: Some(FactRow { subject: subject.into(), ..fact(id, FactState::Parked) }),
        ..Change::default()
    };
    assert_eq!(store.change(park("f2", "nothing")).await.expect("stored"), Changed::Done);
    assert_eq!(store.change(park("f2", "nothing")).await.expect("decided"), Changed::Repeated(FactState::Parked));
    assert_eq!(store.change(park("f3", "P07-1-s1")).await.expect("stored"), Changed::Done);
    let known = store.facts_to_apply(10).await.expect("reads");
    assert_eq!(known.iter().map(|fact| fact.id.as_str()).collect::<Vec<_>>(), ["f3"]);
    let settle = || Change { at: at(53), fact: Some(fact("f3", FactState::Noted)), ..Change::default() };
    assert_eq!(store.change(settle()).await.expect("stored"), Changed::Done);
    assert_eq!(store.change(settle()).await.expect("decided"), Changed::Repeated(FactState::Noted));
    assert_eq!(store.report_parked(at(60)).await.expect("stored"), 1);
    assert_eq!(store.facts_in(FactState::Reported, 10).await.expect("reads")[0].id, "f2");

    // What is derived can be derived again from nothing but the accounts.
    store.derive_again(customer).await.expect("derives");
    assert_eq!(stored().await, timers(&now, market));
}

#[tokio::test]
async fn the_story_on_sqlite() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("story-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    story(&Store::sqlite_url(&folder)).await;
    let _ = std::fs::remove_dir_all(&folder);
}

#[tokio::test]
async fn the_story_on_postgres() {
    let Some(schema) = Schema::new("story").await else { return };
    story(&schema.url).await;
    schema.remove().await;
}
