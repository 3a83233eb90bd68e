//! How long those who wait will wait: the floor is played on from where it stands, several times, with what the last minutes have brought.
//! Pure; chance comes from fixed seeds, so the same floor gives the same answer.
//!
//! What is played: people take what routing would offer them; talks end at the pace of the last ones; newcomers come at the pace and of the kinds
//! of the last ten minutes, after a while at those of the last two hours, and the more urgent of them go first. Nobody foresees when a
//! rush begins or ends and who will go away: the range is wider by that.

mod run;

use super::routing::{Person, Place, rank};
use super::team::Teams;
use jiff::{SignedDuration, Timestamp};
use run::{Chance, Run};
use std::collections::VecDeque;

/// How far back newcomers are looked at.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(2);
/// The pace of so long holds now; that of the whole window afterwards.
const LATELY: f64 = 10.0 * 60.0;
/// For how long it holds, on average: nobody knows when a rush ends.
const LASTS: f64 = 30.0 * 60.0;
/// How often the floor is played on.
const RUNS: u64 = 24;
/// Beyond this nothing is foreseen, in seconds.
const HORIZON: f64 = 4.0 * 3600.0;
/// So much of a wait is left to what nobody foresees.
const UNFORESEEN: f64 = 0.15;
/// Seconds that a talk takes, until enough have been seen; so many are enough.
const TALK: f64 = 480.0;
const ENOUGH: usize = 5;
/// What the estimate takes for somebody's first look at it, in seconds.
const LOOK: f64 = 20.0;

/// An honest estimate of a wait: how long it may take at least, probably and at most, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Estimate {
    /// One run in six waited less, and a part of that for what nobody foresees.
    pub low: u64,
    /// The estimate.
    pub likely: u64,
    /// One run in six waited longer, and a part of that besides.
    pub high: u64,
}

/// Somebody who has come within [`WINDOW`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// The queue.
    pub queue: String,
    /// 0 (at once) to 4.
    pub priority: i64,
    /// Two-letter language.
    pub language: String,
    /// Seconds from coming until it was due.
    pub due_s: i64,
    /// How many seconds ago they came.
    pub ago_s: i64,
}

/// A talk that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Talk {
    /// How long it took, in seconds.
    pub took_s: i64,
    /// How many seconds ago it ended.
    pub ago_s: i64,
}

/// The floor as it stands.
#[derive(Debug)]
pub struct Floor<'a> {
    /// Who waits, in any order; what sleeps is not played.
    pub places: &'a [Place],
    /// Everybody at the desk.
    pub people: &'a [Person],
    /// Who talks, by their position in `people`, and for how many seconds.
    pub talking: &'a [(usize, i64)],
    /// Who has come within [`WINDOW`].
    pub came: &'a [Came],
    /// The last talks that have ended.
    pub talks: &'a [Talk],
    /// Whose people help out.
    pub teams: &'a Teams,
    /// Now.
    pub now: Timestamp,
}

/// Somebody in the line of a run.
#[derive(Clone, Copy, Debug)]
struct Waits {
    /// Second at which it is due.
    due: f64,
    /// The position of the place, for those who wait now.
    place: Option<usize>,
}

/// Those who go by the same rank and need the same people: among them whoever is due first is first.
#[derive(Clone, Debug, PartialEq)]
struct Kind {
    rank: i64,
    /// Who can take it before it is due, by position.
    own: Vec<bool>,
    /// And after.
    late: Vec<bool>,
}

impl Kind {
    fn can(&self, person: usize, late: bool) -> bool {
        if late { self.late[person] } else { self.own[person] }
    }
}

/// What all runs start from.
struct Start {
    kinds: Vec<Kind>,
    /// The line of each kind.
    lines: Vec<VecDeque<Waits>>,
    /// Newcomers of the window, the latest first: their kind, and in how many seconds they are due.
    coming: Vec<(usize, f64)>,
    /// How many of them came lately.
    lately: usize,
    /// How far the window reaches back in fact, in seconds: a server that has just opened knows less.
    reach: f64,
    /// Room for talks by person; below 0 for those who have more than they have room for.
    room: Vec<i64>,
    talks: Vec<f64>,
}

/// The estimate for each place, in their order.
pub fn forecast(floor: &Floor<'_>) -> Vec<Estimate> {
    if floor.places.is_empty() {
        return Vec::new();
    }
    let start = Start::of(floor);
    let mut waits: Vec<Vec<f64>> = vec![Vec::with_capacity(RUNS as usize); floor.places.len()];
    for run in 0..RUNS {
        let played = Run::of(&start, floor, Chance(run)).play();
        waits.iter_mut().zip(played).for_each(|(waits, at)| waits.push(at));
    }
    waits.into_iter().map(estimate).collect()
}

fn estimate(mut waits: Vec<f64>) -> Estimate {
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits[((waits.len() as f64 - 1.0) * share).round() as usize];
    let (low, likely, high) = (at(1.0 / 6.0), at(0.5), at(5.0 / 6.0));
    let (low, high) = (low * (1.0 - UNFORESEEN), high * (1.0 + UNFORESEEN));
    let looked = |wait: f64| if wait > 0.0 { wait + LOOK } else { 0.0 };
    Estimate { low: rounded(looked(low)), likely: rounded(looked(likely).max(LOOK)), high: rounded(looked(high).max(3.0 * LOOK)) }
}

/// Ten seconds, half a minute, a minute: what is told does not change with every second.
fn rounded(seconds: f64) -> u64 {
    let grain = if seconds < 120.0 {
        10.0
    } else if seconds < 600.0 {
        30.0
    } else {
        60.0
    };
    ((seconds / grain).round() * grain) as u64
}

impl Start {
    fn of(floor: &Floor<'_>) -> Self {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut kind = |queue: &str, language: &str, priority: i64| {
            let of = kind_of(floor, queue, language, priority);
            kinds.iter().position(|known| *known == of).unwrap_or_else(|| {
                kinds.push(of);
                kinds.len() - 1
            })
        };
        let waiting = floor.places.iter().enumerate().map(|(at, place)| {
            let due = place.due.duration_since(floor.now).as_secs_f64();
            (kind(&place.queue, &place.language, place.priority), Waits { due, place: Some(at) })
        });
        let waiting: Vec<(usize, Waits)> = waiting.collect();
        let mut came: Vec<&Came> = floor.came.iter().collect();
        came.sort_by_key(|came| came.ago_s);
        let lately = came.iter().filter(|came| came.ago_s as f64 <= LATELY).count();
        let reach = came.last().map_or(LATELY, |first| (first.ago_s as f64).max(LATELY));
        let coming = came.iter().map(|came| (kind(&came.queue, &came.language, came.priority), came.due_s as f64)).collect();
        let mut lines: Vec<VecDeque<Waits>> = vec![VecDeque::new(); kinds.len()];
        waiting.into_iter().for_each(|(kind, waits)| lines[kind].push_back(waits));
        lines.iter_mut().for_each(|line| line.make_contiguous().sort_by(|one, other| one.due.total_cmp(&other.due)));
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        // Who is away takes nothing new, however many of their talks end.
        let room = |person: &Person| if person.available { whole(person.capacity) - whole(person.load) } else { i64::from(i32::MIN) };
        Self { kinds, lines, coming, lately, reach, room: floor.people.iter().map(room).collect(), talks: lengths(floor) }
    }

    /// How long a talk takes.
    fn talk(&self, chance: &mut Chance) -> f64 {
        if self.talks.is_empty() { chance.exponential() * TALK } else { self.talks[chance.below(self.talks.len())] }
    }

    /// How much longer a talk takes that has taken so long.
    fn rest(&self, since: f64, chance: &mut Chance) -> f64 {
        let longer: Vec<f64> = self.talks.iter().filter(|talk| **talk > since).map(|talk| talk - since).collect();
        if !longer.is_empty() {
            return longer[chance.below(longer.len())];
        }
        let mean = if self.talks.is_empty() { TALK } else { self.talks.iter().sum::<f64>() / self.talks.len() as f64 };
        chance.exponential() * mean
    }
}

/// How long talks last: as the last ones did, but drawn out or in to the pace at which talks end. When many have just begun the first to end
/// are the short ones, and when few begin the long ones; time spent in talks by ends of talks knows better.
fn lengths(floor: &Floor<'_>) -> Vec<f64> {
    let Some(reach) = floor.talks.iter().map(|talk| talk.ago_s).max().filter(|_| floor.talks.len() >= ENOUGH) else { return Vec::new() };
    let took = |talk: &Talk| talk.took_s.clamp(10, 7_200);
    let inside =
        floor.talks.iter().map(|talk| took(talk).min(reach - talk.ago_s)).chain(floor.talking.iter().map(|(_, since)| *since.min(&reach)));
    let pace = inside.sum::<i64>() as f64 / floor.talks.len() as f64;
    let mean = floor.talks.iter().map(took).sum::<i64>() as f64 / floor.talks.len() as f64;
    let drawn = if pace > 0.0 { (pace / mean).clamp(0.5, 2.0) } else { 1.0 };
    floor.talks.iter().map(|talk| took(talk) as f64 * drawn).collect()
}

/// Who can take something of that queue in that language: as routing has it.
fn kind_of(floor: &Floor<'_>, queue: &str, language: &str, priority: i64) -> Kind {
    let place = |due| Place {
        ticket: String::new(),
        queue: queue.to_owned(),
        priority: 4,
        due,
        language: language.to_owned(),
        reserved: None,
        not_before: None,
        declined: Vec::new(),
        offered: None,
    };
    let who = |due| {
        let place = place(due);
        let can = |person: &Person| person.available && person.can(&place, floor.teams, floor.now);
        let spoken = floor.people.iter().any(|person| can(person) && person.speaks(language));
        floor.people.iter().map(|person| can(person) && (!spoken || person.speaks(language))).collect()
    };
    Kind { rank: rank(priority, floor.now).0, own: who(Timestamp::MAX), late: who(floor.now) }
}

#[cfg(test)]
mod tests;
