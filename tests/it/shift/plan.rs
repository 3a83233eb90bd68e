//! What happens in a shift, made from one seed: who works, who comes, who goes away without a word. And the same shift, first come first
//! served, as a measure.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Length of a step in seconds: shorter than an offer lasts, so that nobody misses one between two looks.
pub(super) const STEP: i64 = 20;

/// How large a shift is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) agents: usize,
    pub(super) customers: usize,
    pub(super) hours: usize,
}

impl Size {
    pub(super) fn steps(self) -> usize {
        self.hours * 3600 / STEP as usize
    }
}

/// What a customer comes with: what they say, the queue that it leads to, its priority and the minutes until the first answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matter {
    pub(super) says: Option<&'static str>,
    pub(super) queue: &'static str,
    pub(super) priority: i64,
    pub(super) minutes: i64,
}

const GENERAL: Matter = Matter { says: None, queue: "general", priority: 3, minutes: 30 };
/// Matters with how many of a hundred come with them.
const MATTERS: [(Matter, u32); 5] = [
    (GENERAL, 72),
    (Matter { says: Some("someone used my account to buy things that I never ordered"), queue: "fraud", priority: 1, minutes: 5 }, 9),
    (Matter { says: Some("I have lost my job and I can't pay any of my instalments"), queue: "hardship", priority: 1, minutes: 5 }, 9),
    (Matter { says: Some("I want to make a formal complaint about you"), queue: "complaints", priority: 2, minutes: 15 }, 8),
    (Matter { says: Some("I want to end my life"), queue: "safety", priority: 0, minutes: 1 }, 2),
];

/// A customer of the shift.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coming {
    pub(super) step: usize,
    pub(super) matter: Matter,
    pub(super) locale: &'static str,
    /// How long a person needs for them, in steps.
    pub(super) talk: usize,
}

/// Somebody who works in the shift.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) name: String,
    pub(super) skills: Vec<&'static str>,
    pub(super) languages: Vec<&'static str>,
    pub(super) capacity: usize,
    /// From and until when they are gone, in steps.
    pub(super) gone: Option<(usize, usize)>,
}

impl Worker {
    pub(super) fn is_there(&self, step: usize) -> bool {
        self.gone.is_none_or(|(from, until)| step < from || step >= until)
    }

    pub(super) fn can(&self, coming: &Coming) -> bool {
        self.skills.contains(&coming.matter.queue) && self.languages.contains(&coming.locale)
    }
}

pub(super) fn workers(size: Size, seed: u64) -> Vec<Worker> {
    let mut chance = StdRng::seed_from_u64(seed);
    (0..size.agents)
        .map(|at| {
            let skills = match at % 8 {
                0 => vec!["fraud", "safety", "general"],
                1 => vec!["hardship", "complaints", "safety"],
                2 => vec!["hardship", "fraud"],
                _ => vec!["general", "complaints", "credit"],
            };
            let languages = match at % 4 {
                0 => vec!["en", "sv", "de"],
                1 => vec!["en", "sv"],
                2 => vec!["en", "de"],
                _ => vec!["en"],
            };
            // One in five goes away without a word.
            let from = chance.random_range(size.steps() / 4..size.steps() * 3 / 4);
            let gone = (at % 5 == 3).then(|| (from, from + chance.random_range(20..60)));
            Worker { name: format!("Agent{at:02}"), skills, languages, capacity: 3, gone }
        })
        .collect()
}

pub(super) fn customers(size: Size, seed: u64) -> Vec<Coming> {
    let mut chance = StdRng::seed_from_u64(seed ^ 0x5eed);
    // In the fourth tenth of the shift there is a rush: four times as many come.
    let weight = |step: usize| if (size.steps() * 4 / 10..size.steps() / 2).contains(&step) { 4 } else { 1 };
    let arriving = size.steps() * 9 / 10;
    let all: usize = (0..arriving).map(weight).sum();
    let mut coming: Vec<Coming> = (0..size.customers)
        .map(|_| {
            let mut at = chance.random_range(0..all);
            let step = (0..arriving).find(|step| {
                let here = weight(*step);
                let found = at < here;
                at = at.saturating_sub(here);
                found
            });
            let mut pick = chance.random_range(0..100);
            let matter = MATTERS.iter().find(|(_, share)| {
                let found = pick < *share;
                pick = pick.saturating_sub(*share);
                found
            });
            let matter = matter.map_or(GENERAL, |(matter, _)| *matter);
            // Only what is asked for by the button comes in other languages: the rest is read in English here.
            let locale = if matter == GENERAL { ["en", "en", "en", "sv", "de"][chance.random_range(0..5)] } else { "en" };
            // Talks are spread exponentially around fourteen minutes, a minute at least.
            let minutes = (-14.0 * (1.0 - chance.random_range(0.0..1.0_f64)).ln()).clamp(1.0, 60.0);
            Coming { step: step.unwrap_or(0), matter, locale, talk: (minutes * 60.0 / STEP as f64).ceil() as usize }
        })
        .collect();
    coming.sort_by_key(|coming| coming.step);
    coming
}

/// Waits in seconds, first come first served: whoever is free takes the one who has waited longest of those whom they can help.
pub(super) fn first_come_first_served(coming: &[Coming], workers: &[Worker]) -> Vec<i64> {
    let mut waits = vec![0; coming.len()];
    let mut line: Vec<usize> = Vec::new();
    let mut busy: Vec<Vec<usize>> = vec![Vec::new(); workers.len()];
    let mut next = 0;
    let mut step = 0;
    while next < coming.len() || !line.is_empty() {
        while next < coming.len() && coming[next].step <= step {
            line.push(next);
            next += 1;
        }
        for (worker, talks) in workers.iter().zip(&mut busy) {
            talks.retain(|until| *until > step);
            while worker.is_there(step) && talks.len() < worker.capacity {
                let Some(at) = line.iter().position(|customer| worker.can(&coming[*customer])) else { break };
                let customer = line.remove(at);
                waits[customer] = (step - coming[customer].step) as i64 * STEP;
                talks.push(step + coming[customer].talk);
            }
        }
        step += 1;
    }
    waits
}
