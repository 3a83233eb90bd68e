//! When a call is made again: with growing pauses and some chance in them, as the endpoint asks, never beyond the time that is left, and
//! only while most calls need no second try. Pure; chance and now are arguments.

use jiff::Timestamp;
use std::time::Duration;

/// Tries of one question at one endpoint, the first included.
pub(super) const TRIES: u32 = 3;
/// The first pause, before chance.
const FIRST: Duration = Duration::from_millis(120);
/// Less time than this is not worth a try.
pub(super) const WORTH_A_TRY: Duration = Duration::from_millis(150);

/// How long to wait before try number `try_no` (the second is 1), or `None` when there is no time for it. `asked` is what the endpoint wants
/// (`Retry-After`), `left` the time that the use still has, `chance` from 0 to 1.
pub(super) fn pause(try_no: u32, asked: Option<Duration>, left: Duration, chance: f64) -> Option<Duration> {
    let grown = FIRST * 2_u32.saturating_pow(try_no.saturating_sub(1).min(8));
    let own = grown.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
    // When it names a time, everybody else was named the same: come a little after.
    let pause = asked.map_or(own, |asked| asked.saturating_add(own / 4));
    (pause.saturating_add(WORTH_A_TRY) < left).then_some(pause)
}

/// What a `Retry-After` header asks for: seconds, or an instant.
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    Some(Duration::from_millis(u64::try_from(at.as_millisecond() - now.as_millisecond()).unwrap_or(0)))
}

/// How many second tries all calls together may have: a tenth of a try is earned with every call, so that an endpoint that is down is not
/// asked twice as often as one that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RetryBudget(u32);

impl RetryBudget {
    const FULL: u32 = 100;
    const COST: u32 = 10;
    const EARNED: u32 = 2;

    /// A call was made.
    pub(super) fn earn(&mut self) {
        self.0 = (self.0 + Self::EARNED).min(Self::FULL);
    }

    /// Takes a second try; `false` when there is none left.
    pub(super) fn take(&mut self) -> bool {
        let left = self.0.checked_sub(Self::COST);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Self::FULL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pauses_grow_and_honour_what_is_asked_within_the_time_left() {
        let second = Duration::from_secs(1);
        assert!(pause(1, None, second, 0.0) < pause(2, None, second, 0.0));
        assert!(pause(1, Some(second), 3 * second, 0.5).is_some_and(|pause| pause >= second));
        assert_eq!(pause(1, Some(second), second, 0.5), None, "it must not go beyond the time");
        assert_eq!(pause(1, None, Duration::from_millis(100), 0.5), None);
    }

    #[test]
    fn reads_both_forms_of_retry_after() {
        let now: Timestamp = "2015-10-21T07:27:30Z".parse().expect("an instant");
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:20:00 GMT", now), Some(Duration::ZERO));
        for wrong in ["soon", "", "NaN", "inf"] {
            assert_eq!(retry_after(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn second_tries_run_out_and_are_earned_again() {
        let mut budget = RetryBudget::default();
        assert_eq!((0..50).filter(|_| budget.take()).count(), 10);
        (0..5).for_each(|_| budget.earn());
        assert!(budget.take() && !budget.take());
    }

    proptest! {
        #[test]
        fn never_beyond_the_time_left(try_no in 0u32..40, asked in proptest::option::of(0u64..100_000), left in 0u64..5_000, chance in -1.0f64..2.0) {
            let left = Duration::from_millis(left);
            if let Some(pause) = pause(try_no, asked.map(Duration::from_millis), left, chance) {
                prop_assert!(pause + WORTH_A_TRY < left);
            }
        }
    }
}
