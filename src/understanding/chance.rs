//! A small fixed sequence of numbers, so that training, and everything that draws lots in it, is the same everywhere.

/// The state of the sequence (SplitMix64); any number may start it.
#[derive(Clone, Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Mixes an order.
    pub(crate) fn shuffle<T>(&mut self, order: &mut [T]) {
        for end in (1..order.len()).rev() {
            let other = self.below(end + 1);
            order.swap(end, other);
        }
    }
}
