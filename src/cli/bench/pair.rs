//! The same load on two servers in turns, so that what a machine does meanwhile strikes both: for "as fast as without".

use super::load::{self, Plan};
use super::socket::Target;
use super::tokens::Tokens;
use anyhow::Result;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

/// How often each server has its turn.
pub(super) const ROUNDS: u32 = 5;

/// How much slower the first server was than the other.
#[derive(Debug, Serialize)]
pub(super) struct PairReport {
    /// The other server.
    against: String,
    /// Median of the rounds' quotients of replies' p50.
    p50_ratio: f64,
    /// Median of the rounds' quotients of replies' p99.
    p99_ratio: f64,
    /// Each round's p99, in milliseconds: ours, the other's.
    p99_ms: Vec<(f64, f64)>,
    turns: (u64, u64),
    clean: bool,
}

impl PairReport {
    pub(super) fn is_clean(&self) -> bool {
        self.clean
    }
}

/// Plays the plan on both, a part of its time at a time. Must run inside a `LocalSet`.
///
/// # Errors
/// When a server cannot be reached.
pub(super) async fn run(
    ours: Target,
    other: Target,
    tokens: (&Tokens, &Tokens),
    plan: &Plan,
    stop: &CancellationToken,
) -> Result<PairReport> {
    let part = Plan { seconds: plan.seconds / f64::from(ROUNDS), ..plan.clone() };
    let mut report =
        PairReport { against: other.url.clone(), p50_ratio: 0.0, p99_ratio: 0.0, p99_ms: Vec::new(), turns: (0, 0), clean: true };
    let mut middles = Vec::new();
    for round in 0..ROUNDS {
        // A run stops its token at the end, so each has one of its own.
        let one = load::run(ours.clone(), tokens.0, &part, None, stop.child_token());
        let two = load::run(other.clone(), tokens.1, &part, None, stop.child_token());
        // Who goes first changes: the second finds a machine that is awake.
        let (one, two) = if round % 2 == 0 {
            let one = one.await?;
            (one, two.await?)
        } else {
            let two = two.await?;
            (one.await?, two)
        };
        report.turns = (report.turns.0 + one.turns, report.turns.1 + two.turns);
        report.clean &= one.is_clean() && two.is_clean();
        middles.push((one.reply_ms.p50, two.reply_ms.p50));
        report.p99_ms.push((one.reply_ms.p99, two.reply_ms.p99));
    }
    (report.p50_ratio, report.p99_ratio) = (median_ratio(&middles), median_ratio(&report.p99_ms));
    Ok(report)
}

fn median_ratio(pairs: &[(f64, f64)]) -> f64 {
    let mut ratios: Vec<f64> = pairs.iter().filter(|(_, other)| *other > 0.0).map(|(one, other)| one / other).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_round_does_not_decide() {
        assert_eq!(median_ratio(&[(1.0, 1.0), (9.0, 1.0), (2.0, 2.0)]), 1.0);
        assert_eq!(median_ratio(&[]), 0.0);
    }
}
