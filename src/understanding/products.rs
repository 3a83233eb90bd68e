//! Sums of products over a table, many columns side by side: the scores of all classes, the cosines of many examples. Every sum has the same order
//! on any machine, however wide its registers are.

/// How many columns fill the widest registers.
pub(crate) const LANES: usize = 16;

/// Adds to each column's sum what every entry (a row of the table and its value) gives it, for as many blocks of `LANES` columns, from block
/// `first` on. The sums stay in registers while all entries are met. Runs in the widest registers only within `pulp`'s dispatch.
#[inline(always)]
pub(crate) fn add_up<const BLOCKS: usize>(
    sums: &mut [[f32; LANES]; BLOCKS],
    entries: impl Iterator<Item = (usize, f32)>,
    table: &[f32],
    columns: usize,
    first: usize,
) {
    let mut kept = *sums;
    for (row, value) in entries {
        let cells = table[row * columns + first * LANES..][..BLOCKS * LANES].as_chunks::<LANES>().0;
        for (sums, cells) in kept.iter_mut().zip(cells) {
            for (sum, cell) in sums.iter_mut().zip(cells) {
                *sum += value * cell;
            }
        }
    }
    *sums = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_gets_its_own_sum() {
        let columns = 3 * LANES;
        let table: Vec<f32> = (0..4 * columns).map(|cell| cell as f32).collect();
        let mut sums = [[1.0; LANES]; 2];
        add_up(&mut sums, [(0, 2.0), (3, -1.0)].into_iter(), &table, columns, 1);
        for (place, sum) in sums.iter().flatten().enumerate() {
            let column = LANES + place;
            assert_eq!(*sum, 1.0 + 2.0 * table[column] - table[3 * columns + column], "{place}");
        }
    }
}
