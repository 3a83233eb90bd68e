//! Vectors that redress carries for the examples and the passages of its own content, so that a first start need not make them. What is not
//! among them is made, and rounded in the same way: whether a vector was carried changes nothing.

use sha2::{Digest, Sha256};

/// Sorted by key. Written by a test, see `models/minilm/README.md`.
const FILES: [&[u8]; 2] = [include_bytes!("../../../models/minilm/examples.bin"), include_bytes!("../../../models/minilm/passages.bin")];
/// The key of a text: the first bytes of its SHA-256.
const KEY: usize = 8;
/// The size of a step.
const STEP: usize = 4;

/// The carried vector of a text, of so many numbers.
pub(super) fn vector(text: &str, width: usize) -> Option<Vec<f32>> {
    let key = key(text);
    FILES.iter().find_map(|file| find(file, key, width))
}

/// A vector of length one as it is carried: every number in whole steps, at most 127 of them.
pub(super) fn rounded(vector: &[f32]) -> Vec<f32> {
    let (step, steps) = in_steps(vector);
    from_steps(step, steps.into_iter())
}

/// The bytes of a file of carried vectors.
pub fn file<'a>(vectors: impl Iterator<Item = (&'a str, Vec<f32>)>) -> Vec<u8> {
    let mut rows: Vec<([u8; KEY], f32, Vec<i8>)> = vectors
        .map(|(text, vector)| {
            let (step, steps) = in_steps(&vector);
            (key(text), step, steps)
        })
        .collect();
    rows.sort_by_key(|(key, ..)| *key);
    rows.dedup_by_key(|(key, ..)| *key);
    let bytes = rows
        .into_iter()
        .flat_map(|(key, step, steps)| key.into_iter().chain(step.to_le_bytes()).chain(steps.into_iter().map(i8::cast_unsigned)));
    bytes.collect()
}

/// The vector of a text in a file of vectors of so many numbers.
pub fn find_in(file: &[u8], text: &str, width: usize) -> Option<Vec<f32>> {
    find(file, key(text), width)
}

fn find(file: &[u8], key: [u8; KEY], width: usize) -> Option<Vec<f32>> {
    let row = KEY + STEP + width;
    let rows = file.len() / row;
    let at = |number: usize| &file[number * row..(number + 1) * row];
    let (mut from, mut to) = (0, rows);
    while from < to {
        let middle = usize::midpoint(from, to);
        if at(middle)[..KEY] < key[..] { from = middle + 1 } else { to = middle }
    }
    let found = (from < rows).then(|| at(from)).filter(|row| row[..KEY] == key)?;
    let (step, steps) = found[KEY..].split_first_chunk::<STEP>()?;
    Some(from_steps(f32::from_le_bytes(*step), steps.iter().map(|step| step.cast_signed())))
}

fn key(text: &str) -> [u8; KEY] {
    let digest = Sha256::digest(text.as_bytes());
    std::array::from_fn(|at| digest[at])
}

fn in_steps(vector: &[f32]) -> (f32, Vec<i8>) {
    let most = vector.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
    let step = (most / f32::from(i8::MAX)).max(f32::MIN_POSITIVE);
    (step, vector.iter().map(|number| (number / step).round() as i8).collect())
}

fn from_steps(step: f32, steps: impl Iterator<Item = i8>) -> Vec<f32> {
    super::graph::of_length_one(&steps.map(|number| f32::from(number) * step).collect::<Vec<f32>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_is_what_would_be_made_and_nothing_else_is_found() {
        let vectors = [("one", vec![0.6_f32, -0.8, 0.0]), ("two", vec![0.1, 0.2, 0.974_679_4]), ("three", vec![0.0, 0.0, 0.0])];
        let bytes = file(vectors.iter().map(|(text, vector)| (*text, vector.clone())));
        assert_eq!(bytes.len(), 3 * (KEY + STEP + 3));
        for (text, vector) in &vectors {
            assert_eq!(find_in(&bytes, text, 3), Some(rounded(vector)), "{text}");
        }
        assert_eq!(find_in(&bytes, "four", 3), None);
        assert_eq!(find_in(&[], "one", 3), None);
        let off = rounded(&vectors[1].1).iter().zip(&vectors[1].1).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
        assert!(off < 0.01, "{off}");
    }
}
