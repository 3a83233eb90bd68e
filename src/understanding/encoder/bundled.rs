//! The encoder that redress carries: a MiniLM of six layers, prepared by `models/minilm/make.py`.

use super::carried;
use super::graph::{Graph, of_length_one};
use super::wordpiece::WordPiece;
use super::{EncodeError, Encoder};

const MODEL: &[u8] = include_bytes!("../../../models/minilm/encoder.onnx");
const VOCABULARY: &str = include_str!("../../../models/minilm/vocab.txt");
/// The directions that vectors are kept along, row by row: those in which sentences of customers differ most, see `models/minilm/axes.py`.
const AXES: &[u8] = include_bytes!("../../../models/minilm/axes.bin");
const ID: &str = "all-MiniLM-L6-v2, 160 axes";
const WIDTH: usize = 160;
/// Numbers that the model gives.
const MODEL_WIDTH: usize = 384;
/// Pieces of a text that are read; the model has no more positions.
const MAX_PIECES: usize = 64;

/// The carried encoder, loaded.
#[derive(Debug)]
pub struct Bundled {
    pieces: WordPiece,
    graph: Graph,
    axes: Vec<f32>,
}

impl Bundled {
    /// Loads it, to work on up to `threads` texts at a time.
    ///
    /// # Errors
    /// [`EncodeError::Model`] if this processor can't run it.
    pub fn load(threads: usize) -> Result<Self, EncodeError> {
        let (numbers, _) = AXES.as_chunks();
        let axes = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
        Ok(Self { pieces: WordPiece::from_lines(VOCABULARY, MAX_PIECES)?, graph: Graph::from_static(MODEL, threads)?, axes })
    }

    /// A vector of the model along the axes, of length one.
    pub(super) fn along_axes(&self, vector: &[f32]) -> Vec<f32> {
        let along = |axis: &[f32]| axis.iter().zip(vector).map(|(one, other)| one * other).sum();
        of_length_one(&self.axes.chunks_exact(MODEL_WIDTH).map(along).collect::<Vec<f32>>())
    }
}

impl Encoder for Bundled {
    fn id(&self) -> &str {
        ID
    }

    fn width(&self) -> usize {
        WIDTH
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let pieces: Vec<Vec<u32>> = texts.iter().map(|text| self.pieces.pieces(text)).collect();
        Ok(self.graph.vectors(&pieces)?.iter().map(|vector| self.along_axes(vector)).collect())
    }

    fn encode_kept(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let carried: Vec<Option<Vec<f32>>> = texts.iter().map(|text| carried::vector(text, WIDTH)).collect();
        let missing: Vec<&str> = texts.iter().zip(&carried).filter(|(_, vector)| vector.is_none()).map(|(text, _)| *text).collect();
        let mut made = if missing.is_empty() { Vec::new() } else { self.encode(&missing)? }.into_iter();
        Ok(carried.into_iter().filter_map(|vector| vector.or_else(|| made.next().map(|vector| carried::rounded(&vector)))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_of_length_one_alike_for_like_texts_and_the_same_in_any_batch() {
        let encoder = Bundled::load(1).expect("the carried model loads");
        let long = "where is my parcel ".repeat(500);
        let texts = ["where is my parcel", "my package has not come", "i want to close my account", "", "😀", &long];
        let together = encoder.encode(&texts).expect("the carried model runs");
        let cosine = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        for (text, vector) in texts.iter().zip(&together) {
            assert_eq!(vector.len(), encoder.width());
            assert!((cosine(vector, vector) - 1.0).abs() < 1e-3);
            let alone = encoder.encode(&[text]).expect("the carried model runs");
            assert!(cosine(vector, &alone[0]) > 0.98, "{text}");
        }
        assert!(cosine(&together[0], &together[1]) > cosine(&together[0], &together[2]) + 0.1);
    }
}
