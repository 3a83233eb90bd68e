//! An encoder of the user's own: a BERT-like model in ONNX with its WordPiece vocabulary.

use super::graph::Graph;
use super::wordpiece::WordPiece;
use super::{EncodeError, Encoder};

/// Pieces of a text that are read: messages are short, and time grows with them.
const MAX_PIECES: usize = 96;

/// A model that was handed in, loaded and tried once.
#[derive(Debug)]
pub struct Own {
    id: String,
    width: usize,
    pieces: WordPiece,
    graph: Graph,
}

impl Own {
    /// Loads it under a name, to work on up to `threads` texts at a time.
    ///
    /// # Errors
    /// When the model or the vocabulary can't be used, or the first sentence fails.
    pub fn load(id: &str, model: Vec<u8>, vocabulary: &str, threads: usize) -> Result<Self, EncodeError> {
        let mut own = Self {
            id: id.to_owned(),
            width: 0,
            pieces: WordPiece::from_lines(vocabulary, MAX_PIECES)?,
            graph: Graph::from_bytes(model, threads)?,
        };
        own.width = own.encode(&["where is my parcel"])?.first().map_or(0, Vec::len);
        Ok(own)
    }
}

impl Encoder for Own {
    fn id(&self) -> &str {
        &self.id
    }

    fn width(&self) -> usize {
        self.width
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let pieces: Vec<Vec<u32>> = texts.iter().map(|text| self.pieces.pieces(text)).collect();
        self.graph.vectors(&pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Bundled;
    use super::*;

    const MODEL: &[u8] = include_bytes!("../../../models/minilm/encoder.onnx");
    const VOCABULARY: &str = include_str!("../../../models/minilm/vocab.txt");

    #[test]
    fn the_carried_model_handed_in_gives_the_same_vectors_in_full() {
        let (own, bundled) = (Own::load("own", MODEL.to_vec(), VOCABULARY, 1), Bundled::load(1));
        let (own, bundled) = (own.expect("it is good"), bundled.expect("it is good"));
        assert_eq!((own.width(), own.id()), (384, "own"));
        let texts = ["where is my parcel", "i lost my job"];
        let (a, b) = (own.encode(&texts).expect("it runs"), bundled.encode(&texts).expect("it runs"));
        let close = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
        assert!(a.iter().zip(&b).all(|(a, b)| close(&bundled.along_axes(a), b)));
    }

    #[test]
    fn what_is_no_model_or_no_vocabulary_is_refused() {
        assert!(matches!(Own::load("x", b"no model".to_vec(), VOCABULARY, 1), Err(EncodeError::Model(_))));
        assert!(matches!(Own::load("x", MODEL.to_vec(), "no\nvocabulary", 1), Err(EncodeError::Vocabulary(_))));
    }
}
