//! A circuit breaker: an endpoint that fails again and again is left alone for a while, so that a dead model never slows a turn.
//! A pure state machine; time is an argument.

use std::time::{Duration, Instant};

/// Failures in a row after which an endpoint is left alone.
const FAILURES: u32 = 3;
/// How long it is left alone at first; twice as long after each try that fails again.
const SHORTEST_REST: Duration = Duration::from_secs(5);
/// How long it is left alone at most.
const LONGEST_REST: Duration = Duration::from_secs(120);
/// A try that has not told how it ended after this time counts for nothing, and another one may follow.
const TRIAL: Duration = Duration::from_secs(60);

/// Where an endpoint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breaker {
    /// It is asked. So many calls in a row have failed.
    Closed(u32),
    /// It is left alone until then; `rest` is how long that is in all.
    Open {
        /// Until when.
        until: Instant,
        /// For how long.
        rest: Duration,
    },
    /// One call since then tries whether it is back; the others leave it alone.
    Trying {
        /// Since when.
        since: Instant,
        /// How long it was left alone before.
        rest: Duration,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed(0)
    }
}

impl Breaker {
    /// Whether the endpoint would be asked now; nothing changes.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        let mut copy = *self;
        !copy.allows(now)
    }

    /// Whether a call may be made now. When the rest is over, the first that asks is let through to try.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        match *self {
            Self::Closed(_) => true,
            Self::Open { until, rest } if now >= until => {
                *self = Self::Trying { since: now, rest };
                true
            }
            Self::Trying { since, rest } if now.saturating_duration_since(since) >= TRIAL => {
                *self = Self::Trying { since: now, rest };
                true
            }
            Self::Open { .. } | Self::Trying { .. } => false,
        }
    }

    /// A call has succeeded.
    pub(super) fn succeeded(&mut self) {
        *self = Self::Closed(0);
    }

    /// A call has failed.
    pub(super) fn failed(&mut self, now: Instant) {
        *self = match *self {
            Self::Closed(failures) if failures + 1 < FAILURES => Self::Closed(failures + 1),
            Self::Closed(_) => Self::Open { until: now + SHORTEST_REST, rest: SHORTEST_REST },
            Self::Trying { rest, .. } => {
                let rest = (rest * 2).min(LONGEST_REST);
                Self::Open { until: now + rest, rest }
            }
            // A call that was under way when it opened.
            open @ Self::Open { .. } => open,
        };
    }

    /// The endpoint asks to be left alone for so long, or must be: its key is refused. At most `LONGEST_REST`.
    pub(super) fn rests(&mut self, now: Instant, asked: Duration) {
        let rest = asked.min(LONGEST_REST);
        let until = now + rest;
        match self {
            Self::Open { until: already, .. } if *already >= until => {}
            Self::Closed(_) | Self::Open { .. } | Self::Trying { .. } => *self = Self::Open { until, rest: rest.max(SHORTEST_REST) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn three_failures_in_a_row_open_it_and_one_call_tries_again() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..2 {
            breaker.failed(start);
            assert!(breaker.allows(start));
        }
        breaker.succeeded();
        for _ in 0..3 {
            assert!(breaker.allows(start));
            breaker.failed(start);
        }
        assert!(breaker.is_open(start) && !breaker.allows(start + 4 * SECOND));
        let later = start + SHORTEST_REST;
        assert!(breaker.allows(later), "one may try");
        assert!(!breaker.allows(later), "only one");
        breaker.failed(later);
        assert!(!breaker.allows(later + SHORTEST_REST), "the second rest is longer");
        assert!(breaker.allows(later + 2 * SHORTEST_REST));
        breaker.succeeded();
        assert_eq!(breaker, Breaker::Closed(0));
    }

    #[test]
    fn a_try_that_never_ends_does_not_block_for_ever() {
        let start = Instant::now();
        let mut breaker = Breaker::Trying { since: start, rest: SECOND };
        assert!(!breaker.allows(start + TRIAL - SECOND) && breaker.allows(start + TRIAL));
    }

    #[test]
    fn it_rests_when_it_asks_for_it_but_not_for_days() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        breaker.rests(start, Duration::from_secs(86_400));
        assert!(breaker.is_open(start + LONGEST_REST - SECOND) && breaker.allows(start + LONGEST_REST));
    }

    proptest! {
        #[test]
        fn it_always_comes_back(steps in proptest::collection::vec((0u8..3, 0u64..200), 0..60)) {
            let mut now = Instant::now();
            let mut breaker = Breaker::default();
            for (what, seconds) in steps {
                now += Duration::from_secs(seconds);
                match what {
                    0 => { breaker.allows(now); }
                    1 => breaker.failed(now),
                    _ => breaker.succeeded(),
                }
            }
            prop_assert!(breaker.allows(now + LONGEST_REST.max(TRIAL)));
        }
    }
}
