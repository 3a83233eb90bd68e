//! One run: the floor is played on until everybody who waits now is taken.

use super::{Floor, HORIZON, LASTS, LATELY, Start, Waits};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Most newcomers and ends of talks in one run.
const FUEL: usize = 20_000;

/// One run.
pub(super) struct Run<'a> {
    start: &'a Start,
    lines: Vec<VecDeque<Waits>>,
    room: Vec<i64>,
    /// Ends of talks, in milliseconds: numbers that have an order.
    ends: BinaryHeap<Reverse<(i64, usize)>>,
    chance: Chance,
    /// When each place was taken, in seconds.
    taken: Vec<f64>,
    /// How many of the places are not.
    left: usize,
}

impl<'a> Run<'a> {
    pub(super) fn of(start: &'a Start, floor: &Floor<'_>, chance: Chance) -> Self {
        let (lines, room) = (start.lines.clone(), start.room.clone());
        let taken = vec![HORIZON; floor.places.len()];
        let mut run = Self { start, lines, room, ends: BinaryHeap::new(), chance, taken, left: floor.places.len() };
        for (person, since) in floor.talking {
            let rest = start.rest(*since as f64, &mut run.chance);
            run.ends_at(rest, *person);
        }
        // Whoever is asked now takes it: they have kept room for it.
        for (at, place) in floor.places.iter().enumerate() {
            let Some((agent, _)) = place.offered.as_ref().filter(|(_, until)| *until > floor.now) else { continue };
            let Some(person) = floor.people.iter().position(|person| person.id == *agent && person.available) else { continue };
            run.lines.iter_mut().for_each(|line| line.retain(|waits| waits.place != Some(at)));
            (run.taken[at], run.left) = (0.0, run.left - 1);
            let talk = start.talk(&mut run.chance);
            run.ends_at(talk, person);
        }
        run
    }

    /// Plays until everybody who waits now is taken: when, in seconds.
    pub(super) fn play(mut self) -> Vec<f64> {
        let Start { lately, reach, ref coming, .. } = *self.start;
        // Each run has an idea of its own of the pace, as far as so few newcomers tell it, and of how long it holds.
        let mut told = |count: usize, seconds: f64| self.chance.around(count) / seconds;
        let (pace, usual) = (told(lately, LATELY), told(coming.len(), reach));
        let turn = self.chance.exponential() * LASTS;
        let gap = |chance: &mut Chance, pace: f64| if pace > 0.0 { chance.exponential() / pace } else { f64::INFINITY };
        let next = |chance: &mut Chance, now: f64| {
            let soon = now + gap(chance, pace);
            if now >= turn || soon > turn { now.max(turn) + gap(chance, usual) } else { soon }
        };
        (0..self.room.len()).for_each(|person| self.give(person, 0.0));
        let (mut now, mut newcomer) = (0.0, next(&mut self.chance, 0.0));
        for _ in 0..FUEL {
            let end = self.ends.peek().map_or(f64::INFINITY, |Reverse((at, _))| *at as f64 / 1000.0);
            let before = std::mem::replace(&mut now, end.min(newcomer));
            if self.left == 0 || now >= HORIZON {
                break;
            }
            self.help_out(before, now);
            if newcomer < end {
                self.comes(now, if now < turn { lately } else { coming.len() });
                newcomer = next(&mut self.chance, now);
            } else if let Some(Reverse((_, person))) = self.ends.pop() {
                self.room[person] += 1;
                self.give(person, now);
            }
        }
        self.taken
    }

    fn ends_at(&mut self, seconds: f64, person: usize) {
        self.ends.push(Reverse(((seconds * 1000.0) as i64, person)));
    }

    /// This person takes the first whom they can, as long as they have room.
    fn give(&mut self, person: usize, now: f64) {
        while self.room[person] > 0 {
            let firsts = self.lines.iter().zip(&self.start.kinds).enumerate().filter_map(|(at, (line, kind))| {
                let first = line.front().filter(|first| kind.can(person, first.due <= now))?;
                Some((kind.rank, first.due, at))
            });
            let first = firsts.min_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
            let Some(waits) = first.and_then(|(.., at)| self.lines[at].pop_front()) else { return };
            self.room[person] -= 1;
            let talk = self.start.talk(&mut self.chance);
            self.ends_at(now + talk, person);
            if let Some(place) = waits.place {
                (self.taken[place], self.left) = (now, self.left - 1);
            }
        }
    }

    /// What has become late since then goes to those of other teams who have room.
    fn help_out(&mut self, before: f64, now: f64) {
        for kind in 0..self.lines.len() {
            if self.lines[kind].front().is_some_and(|first| first.due > before && first.due <= now) {
                self.give_out(kind, now);
            }
        }
    }

    /// Somebody new comes.
    fn comes(&mut self, now: f64, of: usize) {
        let (kind, due_s) = self.start.coming[self.chance.below(of)];
        let waits = Waits { due: now + due_s, place: None };
        let at = self.lines[kind].partition_point(|other| other.due <= waits.due);
        self.lines[kind].insert(at, waits);
        self.give_out(kind, now);
    }

    /// Whoever has room and can takes from this line.
    fn give_out(&mut self, kind: usize, now: f64) {
        for person in 0..self.room.len() {
            let can = |first: &Waits| self.start.kinds[kind].can(person, first.due <= now);
            if self.room[person] > 0 && self.lines[kind].front().is_some_and(can) {
                self.give(person, now);
            }
        }
    }
}

/// Numbers by chance that follow from a seed alone (SplitMix64).
pub(super) struct Chance(pub(super) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1, both left out.
    fn share(&mut self) -> f64 {
        ((self.next() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// One of the first `n` whole numbers; `n` is not 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((self.share() * n as f64) as usize).min(n - 1)
    }

    /// What a count tells of its mean: spread around it as the square root, 0 for none.
    fn around(&mut self, count: usize) -> f64 {
        let count = count as f64;
        // The sum of four shares is near enough to the bell curve.
        let bell = ((0..4).map(|_| self.share()).sum::<f64>() - 2.0) * 3.0_f64.sqrt();
        (count + bell * count.sqrt()).max(0.0)
    }

    /// Exponentially spread around 1.
    pub(super) fn exponential(&mut self) -> f64 {
        -self.share().ln()
    }
}
