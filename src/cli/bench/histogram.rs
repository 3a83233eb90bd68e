//! A histogram of latencies: constant size, under 1 % error, from 1 µs to about 19 hours.
//!
//! Values below 256 µs are exact; above, every power of two is cut into 128 equal parts. So percentiles of millions of
//! latencies cost 30 KiB, and recording one is two additions.

use serde::Serialize;
use std::time::Duration;

const PARTS_BITS: u32 = 7;
const PARTS: usize = 1 << PARTS_BITS;
const LARGEST: u64 = (1 << 36) - 1;
const BUCKETS: usize = PARTS * (36 - PARTS_BITS as usize + 1);

/// How often each latency was seen.
#[derive(Clone)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    sum_us: u64,
    max_us: u64,
}

/// What a report says about a histogram, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Percentiles {
    /// How many latencies were recorded.
    pub(super) count: u64,
    /// The mean.
    pub(super) mean: f64,
    /// Half were at most this.
    pub(super) p50: f64,
    /// 90 % were at most this.
    pub(super) p90: f64,
    /// 99 % were at most this.
    pub(super) p99: f64,
    /// 99.9 % were at most this.
    pub(super) p999: f64,
    /// The largest, exact.
    pub(super) max: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0, sum_us: 0, max_us: 0 }
    }
}

impl Histogram {
    /// Counts one latency. More than 19 hours counts as 19 hours.
    pub(super) fn record(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(LARGEST).min(LARGEST);
        self.counts[bucket(us)] += 1;
        self.total += 1;
        self.sum_us += us;
        self.max_us = self.max_us.max(us);
    }

    /// The latency that `share` (0 to 1) of all were at most, in microseconds; 0 when nothing was recorded.
    pub(super) fn percentile_us(&self, share: f64) -> u64 {
        let wanted = ((self.total as f64 * share).ceil() as u64).clamp(1, self.total.max(1));
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper_end(index).min(self.max_us);
            }
        }
        0
    }

    /// The figures for a report.
    pub(super) fn percentiles(&self) -> Percentiles {
        let ms = |us: u64| us as f64 / 1000.0;
        Percentiles {
            count: self.total,
            mean: ms(self.sum_us.checked_div(self.total).unwrap_or(0)),
            p50: ms(self.percentile_us(0.5)),
            p90: ms(self.percentile_us(0.9)),
            p99: ms(self.percentile_us(0.99)),
            p999: ms(self.percentile_us(0.999)),
            max: ms(self.max_us),
        }
    }
}

/// Where a value is counted: values below 2 × PARTS one by one, then PARTS buckets for each power of two.
fn bucket(us: u64) -> usize {
    let shift = (64 - us.leading_zeros()).saturating_sub(PARTS_BITS + 1);
    (shift as usize) * PARTS + (us >> shift) as usize
}

/// The largest value that is counted in a bucket.
fn upper_end(index: usize) -> u64 {
    let shift = (index / PARTS).saturating_sub(1);
    let part = (index - shift * PARTS) as u64;
    ((part + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_of_one_to_a_thousand_milliseconds() {
        let mut histogram = Histogram::default();
        for ms in 1..=1000 {
            histogram.record(Duration::from_millis(ms));
        }
        let figures = histogram.percentiles();
        for (said, want) in [(figures.p50, 500.0), (figures.p90, 900.0), (figures.p99, 990.0), (figures.p999, 999.0)] {
            assert!((said - want).abs() / want < 0.01, "{said} should be near {want}");
        }
        assert_eq!(figures.max, 1000.0);
        assert_eq!(figures.count, 1000);
    }

    #[test]
    fn nothing_recorded_is_all_zero() {
        assert_eq!(Histogram::default().percentiles(), Percentiles::default());
    }

    proptest! {
        #[test]
        fn every_value_lies_in_its_bucket_within_one_percent(us in 0..=LARGEST) {
            let index = bucket(us);
            prop_assert!(index < BUCKETS);
            let end = upper_end(index);
            prop_assert!(end >= us && end - us <= us / 100 + 1, "{us} is counted up to {end}");
            prop_assert!(index == 0 || upper_end(index - 1) < us);
        }
    }
}
