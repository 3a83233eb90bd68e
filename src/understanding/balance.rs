//! Classes of very different size: an intent with five times as many examples as the others is no five times likelier, it only was
//! hard to describe.

/// A class may count as much as so many halves of one of middling size.
const HALVES_OF_MIDDLING: usize = 3;

/// So many examples of one class count in full, by the sizes of all classes.
pub(crate) fn most(sizes: &[usize]) -> usize {
    let mut sizes: Vec<usize> = sizes.iter().copied().filter(|size| *size > 0).collect();
    sizes.sort_unstable();
    sizes.get(sizes.len() / 2).map_or(1, |middling| (HALVES_OF_MIDDLING * middling).div_ceil(2))
}

/// How much each example of a class counts, 0 to 1.
pub(crate) fn weights(sizes: &[usize]) -> Vec<f32> {
    let most = most(sizes) as f32;
    sizes.iter().map(|&size| if size == 0 { 1.0 } else { (most / size as f32).min(1.0) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_classes_are_weighed_down_to_one_and_a_half_middling_ones() {
        assert_eq!(most(&[10, 10, 50, 8, 0]), 15);
        assert_eq!(weights(&[10, 10, 50, 8, 0]), [1.0, 1.0, 0.3, 1.0, 1.0]);
        assert_eq!(most(&[]), 1);
    }
}
