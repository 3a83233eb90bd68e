//! Teams: which queue is whose, who helps out, when they are there, and how soon somebody should have an answer.

use super::handoff::QUEUES;
use super::hours::{Hours, Week};
use super::market::Market;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The people of one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// The queue.
    pub name: String,
    /// Whose people are asked too when it is past due.
    pub overflow: Vec<String>,
    /// When they are there.
    pub week: Week,
}

/// How soon somebody should have an answer, in open time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Until the first answer of a person.
    pub first: SignedDuration,
    /// Until each further answer.
    pub next: SignedDuration,
    /// Until it is settled.
    pub settled: SignedDuration,
}

/// What runs for a conversation that people have or should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClockKind {
    /// Until the first answer of a person.
    FirstAnswer,
    /// Until the next answer.
    NextAnswer,
    /// Until it is settled.
    Settled,
}

impl ClockKind {
    /// All of them.
    pub const ALL: [ClockKind; 3] = [ClockKind::FirstAnswer, ClockKind::NextAnswer, ClockKind::Settled];

    /// The name on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            ClockKind::FirstAnswer => "first_answer",
            ClockKind::NextAnswer => "next_answer",
            ClockKind::Settled => "resolution",
        }
    }

    /// The kind with that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A clock that begins to run: when it warns and when it is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// Which.
    pub kind: ClockKind,
    /// A third of the time is left.
    pub warn_at: Timestamp,
    /// The time is over.
    pub due_at: Timestamp,
}

/// All teams with their targets.
#[derive(Clone, Debug)]
pub struct Teams {
    /// One for each queue.
    pub teams: Vec<Team>,
    /// By priority, 0 to 4.
    pub targets: [Target; 5],
    /// Of single markets, where they differ.
    pub market_targets: BTreeMap<(String, usize), Target>,
    /// Closed days by market.
    pub holidays: BTreeMap<String, BTreeSet<Date>>,
}

impl Teams {
    /// The team of a queue; that of `general` for a queue that nobody knows.
    pub fn of(&self, queue: &str) -> &Team {
        let found = self.teams.iter().find(|team| team.name == queue);
        found.or_else(|| self.teams.iter().find(|team| team.name == QUEUES[0])).expect("every set of teams that is taken has all queues")
    }

    /// When a team is there for customers of a market.
    pub fn hours<'a>(&'a self, queue: &str, market: &'a Market) -> Hours<'a> {
        Hours { week: &self.of(queue).week, zone: &market.zone, holidays: self.holidays.get(market.code) }
    }

    /// How soon, by priority and market.
    pub fn target(&self, priority: u8, market: &Market) -> Target {
        let at = usize::from(priority.min(4));
        self.market_targets.get(&(market.code.to_owned(), at)).copied().unwrap_or(self.targets[at])
    }

    /// The clock that begins to run now.
    pub fn clock(&self, kind: ClockKind, queue: &str, priority: u8, market: &Market, now: Timestamp) -> Running {
        let target = self.target(priority, market);
        let time = match kind {
            ClockKind::FirstAnswer => target.first,
            ClockKind::NextAnswer => target.next,
            ClockKind::Settled => target.settled,
        };
        let hours = self.hours(queue, market);
        Running { kind, warn_at: hours.after(now, time * 2 / 3), due_at: hours.after(now, time) }
    }
}
