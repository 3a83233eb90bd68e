//! One customer of a load run: writes, waits for the answer, keeps the books, comes back when the connection is cut.

use super::frames::{self, Author, Choice, Event, Frame};
use super::ledger::Ledger;
use super::load::{Journal, Tally};
use super::scripts::{self, Line, Persona};
use super::socket::{Broken, Socket, Target};
use anyhow::{Context, Result, bail};
use futures_util::FutureExt;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What all customers of a run share.
pub(super) struct World {
    pub(super) target: Target,
    /// How long to wait for an answer, or for a server that is away.
    pub(super) patience: Duration,
    /// What a reply may take.
    pub(super) budget: Duration,
    pub(super) stop: CancellationToken,
    pub(super) tally: RefCell<Tally>,
    pub(super) journal: Option<Journal>,
}

/// When the turns of one conversation are due, in an open loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub(super) next: Instant,
    pub(super) every: Duration,
}

pub(super) struct Conversation {
    world: Rc<World>,
    number: usize,
    persona: &'static Persona,
    token: Option<String>,
    socket: Option<Socket>,
    /// Conversation and secret, once the server has named them.
    name: Option<(String, String)>,
    ledger: Ledger,
    line: usize,
    choices: Vec<Choice>,
    turn: Option<Turn>,
    /// A person has it, or it is closed: the bot won't answer any more.
    over: bool,
}

/// A frame of ours, from the moment it was due until the bot has answered.
struct Turn {
    id: String,
    frame: String,
    due: Instant,
    /// Its place in the log, as soon as the event or the acknowledgement says so.
    place: Option<u64>,
    acked: bool,
    answered: Option<Instant>,
    /// The server asked for a pause before it is sent again.
    pause: Option<Duration>,
    /// The connection was cut meanwhile, so its latency says nothing.
    cut: bool,
    /// The server refused it, or nobody is there to answer it.
    refused: bool,
}

impl Turn {
    fn done(&self) -> bool {
        self.refused || (self.acked && self.answered.is_some())
    }
}

impl Conversation {
    pub(super) fn new(world: Rc<World>, number: usize, persona: &'static Persona, token: Option<String>) -> Self {
        Self {
            world,
            number,
            persona,
            token,
            socket: None,
            name: None,
            ledger: new_ledger(),
            line: 0,
            choices: Vec::new(),
            turn: None,
            over: false,
        }
    }

    /// Opens the socket and says hello.
    ///
    /// # Errors
    /// When the server does not let us in.
    pub(super) async fn open(&mut self) -> Result<()> {
        let mut socket = self.world.target.connect(self.number).await?;
        let back = self.name.as_ref().map(|(conversation, resume)| (conversation.as_str(), resume.as_str()));
        let hello = frames::hello(self.token.as_deref(), back, self.ledger.head());
        let gone = |broken| anyhow::anyhow!("the server cut the connection at hello ({broken:?})");
        socket.send(hello).await.map_err(gone)?;
        let text = tokio::time::timeout(self.world.patience, socket.read()).await.context("no welcome in time")?.map_err(gone)?;
        match frames::parse(&text) {
            Ok(Frame::Welcome { conversation, resume, head, owner }) => {
                self.ledger.welcomed(head);
                self.name = Some((conversation.to_owned(), resume.to_owned()));
                self.over |= owner != "bot";
            }
            Ok(Frame::Error { code, .. }) => bail!("the server refused hello: {code}"),
            other => bail!("instead of a welcome came {other:?}"),
        }
        self.socket = Some(socket);
        Ok(())
    }

    /// Talks until the run stops. With a schedule the turns come when they are due, else each at once after the answer to the last.
    pub(super) async fn talk(mut self, mut schedule: Option<Schedule>) {
        loop {
            let stopping = self.world.stop.is_cancelled();
            if stopping && self.turn.is_none() {
                break;
            }
            if self.over && self.turn.is_none() {
                self.begin_again().await;
            }
            if self.socket.is_none() {
                if !self.come_back().await {
                    break;
                }
                continue;
            }
            let step = if self.turn.is_some() { self.finish_turn().await } else { self.begin_turn(schedule.as_mut()).await };
            if let Err(broken) = step {
                self.cut(&broken);
            }
        }
        self.ledger.close();
        self.world.tally.borrow_mut().faults.add(&self.ledger.faults);
        if let Some(socket) = self.socket.take() {
            socket.close().await;
        }
    }

    /// Notes that the connection is gone.
    fn cut(&mut self, broken: &Broken) {
        self.socket = None;
        let mut tally = self.world.tally.borrow_mut();
        tally.reconnects += 1;
        match broken {
            Broken::Gone | Broken::Closed(1000 | 1001 | 1006 | 1012) => {}
            Broken::Closed(code) => {
                tally.error(&format!("closed_{code}"));
                drop(tally);
                self.over = true;
                self.turn = None;
                return;
            }
        }
        drop(tally);
        if let Some(turn) = &mut self.turn {
            turn.cut = true;
        }
    }

    /// The last conversation ended: the next one is a new one.
    async fn begin_again(&mut self) {
        self.world.tally.borrow_mut().handovers += 1;
        if let Some(socket) = self.socket.take() {
            socket.close().await;
        }
        let mut ledger = std::mem::replace(&mut self.ledger, new_ledger());
        ledger.close();
        self.world.tally.borrow_mut().faults.add(&ledger.faults);
        self.name = None;
        self.choices.clear();
        self.line = 0;
        self.over = false;
    }

    /// Tries to get back in for as long as patience lasts; `false` when it gives up.
    async fn come_back(&mut self) -> bool {
        let until = Instant::now() + self.world.patience;
        loop {
            match self.open().await {
                Ok(()) => break,
                Err(error) if Instant::now() > until => {
                    let mut tally = self.world.tally.borrow_mut();
                    tally.error("connect");
                    tally.faults.note(format!("gave up: {error:#}"));
                    return false;
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        // What was not acknowledged is sent again under its old id; the server must not take it twice.
        if let (Some(turn), Some(socket)) = (&self.turn, &mut self.socket)
            && !turn.acked
            && let Err(broken) = socket.send(turn.frame.clone()).await
        {
            self.cut(&broken);
        }
        true
    }

    /// Waits until the next turn is due and sends its frame.
    async fn begin_turn(&mut self, schedule: Option<&mut Schedule>) -> Result<(), Broken> {
        self.take_ready().await?;
        let due = match schedule {
            None => None,
            Some(schedule) => {
                let due = schedule.next;
                if !self.read_until(due).await? {
                    return Ok(());
                }
                schedule.next += schedule.every;
                Some(due)
            }
        };
        if self.over {
            return Ok(());
        }
        let id = self.ledger.next_id();
        let frame = self.next_frame(&id);
        self.choices.clear();
        let turn = Turn {
            id,
            frame,
            due: due.unwrap_or_else(Instant::now),
            place: None,
            acked: false,
            answered: None,
            pause: None,
            cut: false,
            refused: false,
        };
        let frame = turn.frame.clone();
        self.turn = Some(turn);
        match &mut self.socket {
            Some(socket) => socket.send(frame).await,
            None => Err(Broken::Gone),
        }
    }

    fn next_frame(&mut self, id: &str) -> String {
        loop {
            let line = self.persona.lines[self.line % self.persona.lines.len()];
            self.line += 1;
            match line {
                Line::Say(text) => return frames::message(id, text),
                Line::Pick(words) => {
                    if let Some(choice) = scripts::pick(&self.choices, words) {
                        return frames::choose(id, &choice.id);
                    }
                }
            }
        }
    }

    /// Takes frames that are there already.
    async fn take_ready(&mut self) -> Result<(), Broken> {
        while let Some(text) = self.socket.as_mut().and_then(|socket| socket.read().now_or_never()) {
            self.take(&text?);
        }
        Ok(())
    }

    /// Takes frames until `due`; `false` when the run stops first.
    async fn read_until(&mut self, due: Instant) -> Result<bool, Broken> {
        let stop = self.world.stop.clone();
        let sleep = tokio::time::sleep_until(due.into());
        tokio::pin!(sleep);
        loop {
            let Some(socket) = &mut self.socket else { return Err(Broken::Gone) };
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(false),
                () = &mut sleep => return Ok(true),
                text = socket.read() => { let text = text?; self.take(&text); }
            }
        }
    }

    /// Takes frames until the turn is acknowledged and answered.
    async fn finish_turn(&mut self) -> Result<(), Broken> {
        let patience = self.world.patience;
        match tokio::time::timeout(patience, self.wait_for_answer()).await {
            Ok(Ok(())) => {}
            Ok(Err(broken)) => return Err(broken),
            Err(_) => {
                let turn = self.turn.take();
                let mut tally = self.world.tally.borrow_mut();
                tally.unanswered += 1;
                if let (Some(turn), Some((conversation, _))) = (turn, &self.name) {
                    tally.faults.note(format!("{conversation}: no answer in time to {} (acknowledged: {})", turn.frame, turn.acked));
                }
                return Ok(());
            }
        }
        if let Some(turn) = self.turn.take()
            && !turn.refused
        {
            let mut tally = self.world.tally.borrow_mut();
            tally.turns += 1;
            if let Some(answered) = turn.answered
                && !turn.cut
            {
                let took = answered.saturating_duration_since(turn.due);
                tally.reply.record(took);
                tally.late += u64::from(took > self.world.budget);
            }
        }
        Ok(())
    }

    async fn wait_for_answer(&mut self) -> Result<(), Broken> {
        while let Some(turn) = self.turn.as_mut().filter(|turn| !turn.done()) {
            if self.over && turn.acked {
                // A person took over between the bot's last word and ours: no bot will answer this one.
                turn.refused = true;
                break;
            }
            let Some(socket) = &mut self.socket else { return Err(Broken::Gone) };
            let text = socket.read().await?;
            self.take(&text);
            if let (Some(turn), Some(socket)) = (&mut self.turn, &mut self.socket)
                && let Some(pause) = turn.pause.take()
            {
                tokio::time::sleep(pause).await;
                socket.send(turn.frame.clone()).await?;
            }
        }
        Ok(())
    }

    /// Books one frame.
    fn take(&mut self, text: &str) {
        match frames::parse(text) {
            Ok(Frame::Event(event)) => self.take_event(&event),
            Ok(Frame::Ack { id, seq }) => {
                self.ledger.ack(id, seq);
                let Some(turn) = self.turn.as_mut().filter(|turn| turn.id == id) else { return };
                if !turn.acked {
                    turn.acked = true;
                    turn.place.get_or_insert(seq);
                    if !turn.cut {
                        self.world.tally.borrow_mut().ack.record(turn.due.elapsed());
                    }
                    if let (Some(journal), Some((conversation, resume))) = (&self.world.journal, &self.name) {
                        journal.acked(self.persona.customer, conversation, resume, id, seq);
                    }
                }
            }
            Ok(Frame::Error { id, code, retry_after_ms }) => {
                self.world.tally.borrow_mut().error(code);
                if let Some(turn) = self.turn.as_mut().filter(|turn| id.is_none_or(|id| id == turn.id)) {
                    match code {
                        "rate_limited" | "unavailable" => turn.pause = Some(Duration::from_millis(retry_after_ms.clamp(10, 5_000))),
                        _ => turn.refused = true,
                    }
                }
            }
            Ok(Frame::Welcome { .. } | Frame::Passing) => {}
            Err(problem) => {
                self.ledger.faults.unreadable += 1;
                self.ledger.faults.note(problem);
            }
        }
    }

    fn take_event(&mut self, event: &Event<'_>) {
        self.world.tally.borrow_mut().events += 1;
        self.ledger.event(event);
        match event.kind {
            // An offer is good until the customer's next message.
            "message" if event.author == Author::Customer => self.choices.clear(),
            "choices" => self.choices = frames::choices(event.data),
            "handoff" => self.over = frames::handoff_state(event.data).is_none_or(|state| state != "returned"),
            "closed" => self.over = true,
            _ => {}
        }
        let Some(turn) = &mut self.turn else { return };
        if event.id == Some(turn.id.as_str()) {
            turn.place = Some(event.seq);
        } else if event.author != Author::Customer && turn.answered.is_none() && turn.place.is_some_and(|place| event.seq > place) {
            turn.answered = Some(Instant::now());
        }
    }
}

/// Books under an author's number that no other client has.
fn new_ledger() -> Ledger {
    Ledger::new(uuid::Uuid::new_v4().as_u64_pair().0 ^ uuid::Uuid::new_v4().as_u64_pair().1)
}
