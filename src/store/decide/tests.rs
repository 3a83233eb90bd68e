//! The ownership protocol, exhaustively: every order in which customers, two agents, a lead, time and the turns of two nodes can move one
//! conversation. A state is what later moves can depend on; the search goes on until no new one is found, so what holds here holds for
//! interleavings of any length.

use super::*;
use crate::domain::ids::{ConversationId, TicketId};
use crate::store::unit::Requeue;
use std::collections::{HashSet, VecDeque};

/// A turn that a node has thought out and not committed yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Thought {
    version: i64,
    hands_over: bool,
}

/// One conversation with what its two nodes have in flight.
#[derive(Clone, Debug)]
struct World {
    row: Row,
    nodes: [Option<Thought>; 2],
}

/// What somebody does.
#[derive(Clone, Copy, Debug)]
enum Move {
    /// The customer writes; the node has an answer for the row as it stands, or none.
    Say {
        with_turn: bool,
    },
    /// The customer no longer wants to wait.
    Leave,
    /// A node begins to think.
    Think {
        node: usize,
        hands_over: bool,
    },
    /// It commits what it has thought.
    Commit {
        node: usize,
    },
    Claim(usize),
    Reply(usize),
    Note(usize),
    Return(usize),
    Requeue(usize),
    Resolve(usize),
    Reopen(usize),
    TakeOver(usize),
    /// An agent is gone: the floor puts their conversation back.
    Gone(usize),
}

const AGENTS: [&str; 3] = ["ana", "ben", "lea"];

fn moves() -> Vec<Move> {
    let mut all = vec![Move::Say { with_turn: true }, Move::Say { with_turn: false }, Move::Leave];
    for node in 0..2 {
        all.extend([Move::Think { node, hands_over: false }, Move::Think { node, hands_over: true }, Move::Commit { node }]);
    }
    for agent in 0..2 {
        all.extend([
            Move::Claim(agent),
            Move::Reply(agent),
            Move::Note(agent),
            Move::Return(agent),
            Move::Requeue(agent),
            Move::Resolve(agent),
            Move::Reopen(agent),
            Move::Gone(agent),
        ]);
    }
    all.extend([Move::TakeOver(2), Move::Reply(2), Move::Return(2), Move::Gone(2)]);
    all
}

/// What later moves can depend on.
fn essence(world: &World) -> impl std::hash::Hash + Eq + Clone + use<> {
    let owner = match &world.row.owner {
        Owner::Bot => 0,
        Owner::Queued(_) => 1,
        Owner::Closed(_) => 2,
        Owner::Agent(agent) => 3 + AGENTS.iter().position(|name| *name == agent.as_str()).expect("one of ours"),
    };
    let node = |thought: &Option<Thought>| thought.as_ref().map(|thought| (thought.version == world.row.version, thought.hands_over));
    (owner, world.row.asked > world.row.answered, node(&world.nodes[0]), node(&world.nodes[1]))
}

fn message(by: Author) -> NewEvent {
    NewEvent { by, kind: EventKind::Message, data: json!({ "text": "…" }), key: None }
}

fn ticket() -> Ticket {
    Ticket {
        id: TicketId::new(),
        queue: "general".into(),
        priority: 4,
        reason: "asked_for_person".into(),
        intent: None,
        customer_name: None,
        preview: String::new(),
        packet: "{}".into(),
        waiting_since: Timestamp::UNIX_EPOCH,
        due_at: Timestamp::UNIX_EPOCH,
        language: "en".into(),
        market: String::new(),
        reserved: None,
        not_before: None,
        declined: Vec::new(),
        clocks: Vec::new(),
    }
}

fn turn(thought: &Thought, asked: i64) -> Box<Turn> {
    let ticket = thought.hands_over.then(|| Box::new(ticket()));
    Box::new(Turn { version: thought.version, answers: asked, events: vec![message(Author::BOT)], ticket, ..Turn::default() })
}

fn write(world: &World, doing: Move) -> Option<Write> {
    let agent = |at: usize| AgentId::from(AGENTS[at]);
    let desk = |at: usize, act| Some(Write::Desk { agent: agent(at), name: AGENTS[at].into(), act });
    let requeue = |of: usize| DeskAct::Requeue(Box::new(Requeue { of: agent(of), ticket: ticket(), state: "queued", note: None }));
    match doing {
        Move::Say { with_turn } => {
            let thought = Thought { version: world.row.version, hands_over: false };
            let bot_has_it = matches!(world.row.owner, Owner::Bot | Owner::Closed(_)) && world.row.asked <= world.row.answered;
            let turn = (with_turn && bot_has_it).then(|| turn(&thought, world.row.asked));
            Some(Write::Say { event: message(Author::CUSTOMER), level: 0, wants_answer: true, turn, clock: None })
        }
        Move::Leave => Some(Write::Leave(NewEvent { kind: EventKind::Handoff, ..message(Author::CUSTOMER) })),
        Move::Think { .. } => None,
        Move::Commit { node } => world.nodes[node].as_ref().map(|thought| Write::Turn(turn(thought, world.row.asked))),
        Move::Claim(at) => desk(at, DeskAct::Claim),
        Move::Reply(at) => desk(at, DeskAct::Reply { event: message(Author::agent(AGENTS[at])), absent: false }),
        Move::Note(at) => desk(at, DeskAct::Note(NewEvent { kind: EventKind::Note, ..message(Author::agent(AGENTS[at])) })),
        Move::Return(at) => desk(at, DeskAct::Return),
        Move::Requeue(at) | Move::Gone(at) => desk(at, requeue(at)),
        Move::Resolve(at) => desk(at, DeskAct::Resolve { code: "solved".into(), ask: true, suggested: Vec::new() }),
        Move::Reopen(at) => desk(at, DeskAct::Reopen),
        Move::TakeOver(at) => desk(at, DeskAct::TakeOver),
    }
}

/// Makes a move and checks everything that must hold of it.
fn after(world: &World, doing: Move) -> World {
    let mut next = world.clone();
    if let Move::Think { node, hands_over } = doing {
        // A node thinks only about what the bot has and owes.
        if world.row.is_unanswered() {
            next.nodes[node] = Some(Thought { version: world.row.version, hands_over });
        }
        return next;
    }
    let Some(write) = write(world, doing) else { return next };
    let facts = Facts { repeated: None, account_is_current: true };
    let (outcome, effects) = apply(&mut next.row, &write, Timestamp::UNIX_EPOCH, &facts);
    if let Move::Commit { node } = doing {
        next.nodes[node] = None;
    }
    let before = &world.row.owner;
    let has = |agent: usize| *before == Owner::Agent(AgentId::from(AGENTS[agent]));
    let by_bot = effects.events.iter().any(|event| event.by == Author::BOT);
    let by_agent =
        effects.events.iter().any(|event| event.by.kind == crate::domain::event::AuthorKind::Agent && event.kind == EventKind::Message);
    let place = format!("{before:?} · {doing:?} → {outcome:?} · {:?}", next.row.owner);

    assert!(!by_bot || matches!(before, Owner::Bot | Owner::Closed(_)), "the bot spoke over a person: {place}");
    assert!(!by_bot || matches!(doing, Move::Say { .. } | Move::Commit { .. }), "{place}");
    match doing {
        Move::Say { .. } => {
            assert!(matches!(outcome, Outcome::Said { .. }), "a customer's message was refused: {place}");
            let first = effects.events.first().expect("the message is stored");
            assert_eq!((first.by.clone(), first.seq), (Author::CUSTOMER, world.row.head.seq + 1), "{place}");
            let answered = by_bot || next.row.asked > next.row.answered || !matches!(before, Owner::Bot | Owner::Closed(_));
            assert!(answered, "nobody owes an answer: {place}");
        }
        Move::Reply(at) => assert_eq!(by_agent, has(at), "only the one who has it may reply: {place}"),
        Move::Return(at) | Move::Requeue(at) | Move::Gone(at) | Move::Resolve(at) => {
            assert_eq!(matches!(outcome, Outcome::Done { .. }), has(at), "only what one has can be given away: {place}");
        }
        Move::Claim(at) => {
            let free = matches!(before, Owner::Queued(_) | Owner::Bot);
            assert_eq!(matches!(outcome, Outcome::Done { .. }), free, "{place}");
            assert!(!free || next.row.owner == Owner::Agent(AgentId::from(AGENTS[at])), "{place}");
        }
        Move::Commit { node } => {
            let fresh = world.nodes[node].as_ref().is_some_and(|thought| thought.version == world.row.version) && *before == Owner::Bot;
            assert_eq!(outcome == Outcome::Turned, fresh, "a turn counts only for what it was thought out for: {place}");
        }
        Move::Leave | Move::Think { .. } | Move::Note(_) | Move::Reopen(_) | Move::TakeOver(_) => {}
    }
    if matches!(outcome, Outcome::Refused(_) | Outcome::Stale) {
        assert!(
            next.row == world.row && effects.events.is_empty() && effects.ticket.is_none(),
            "a refused move changed something: {place}"
        );
    } else {
        assert!(next.row.version > world.row.version, "the fence did not move: {place}");
    }
    // Whoever waits has a place in the list, made in the same commit.
    if matches!(next.row.owner, Owner::Queued(_)) && !matches!(before, Owner::Queued(_)) {
        assert!(effects.ticket.is_some(), "waiting without a place in the list: {place}");
    }
    if matches!(before, Owner::Queued(_)) && !matches!(next.row.owner, Owner::Queued(_)) {
        assert!(effects.tickets != TicketChange::None, "a place in the list was left behind: {place}");
    }
    // Public events count on without a hole; what only the desk sees stands between them.
    let mut seq = world.row.head.seq;
    for event in &effects.events {
        seq += i64::from(event.kind.is_public());
        assert_eq!(event.seq, seq, "{place}");
    }
    assert_eq!(next.row.head.seq, seq, "{place}");
    next
}

#[test]
fn every_interleaving_has_one_owner_at_most_and_loses_nothing() {
    let row = Row::fresh(ConversationId::from("c"), None, "en", Timestamp::UNIX_EPOCH);
    let start = World { row, nodes: [None, None] };
    let mut seen = HashSet::from([essence(&start)]);
    let (mut open, mut steps) = (VecDeque::from([start]), 0);
    while let Some(world) = open.pop_front() {
        for doing in moves() {
            steps += 1;
            let next = after(&world, doing);
            if seen.insert(essence(&next)) {
                open.push_back(next);
            }
        }
    }
    assert!(seen.len() >= 60 && steps >= 60 * moves().len(), "{} states, {steps} moves: the search did not get far", seen.len());
}

#[test]
fn what_was_ended_can_be_taken_back_unless_somebody_else_has_it() {
    let ana = AgentId::from("ana");
    assert_eq!(Owner::Closed("solved".into()).reopen(ana.clone()), Ok(Owner::Agent(ana.clone())));
    assert_eq!(Owner::Bot.reopen(ana.clone()), Ok(Owner::Agent(ana.clone())));
    let ben = AgentId::from("ben");
    assert_eq!(Owner::Agent(ben.clone()).reopen(ana.clone()), Err(OwnerError::Taken(ben)));
    assert_eq!(Owner::Bot.leave(), Err(OwnerError::NotWaiting));
    assert_eq!(Owner::Closed("solved".into()).take_over(ana), Err(OwnerError::NotWaiting));
}
