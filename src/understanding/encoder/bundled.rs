//! The encoder that redress carries: a MiniLM of six layers, prepared by `models/minilm/make.py`.

use super::graph::Graph;
use super::wordpiece::WordPiece;
use super::{EncodeError, Encoder};

const MODEL: &[u8] = include_bytes!("../../../models/minilm/encoder.onnx");
const VOCABULARY: &str = include_str!("../../../models/minilm/vocab.txt");
/// Changes with the files; a test compares it with their checksum.
const ID: &str = "all-MiniLM-L6-v2";
const WIDTH: usize = 384;
/// Pieces of a text that are read; the model has no more positions.
const MAX_PIECES: usize = 64;

/// The carried encoder, loaded.
#[derive(Debug)]
pub struct Bundled {
    pieces: WordPiece,
    graph: Graph,
}

impl Bundled {
    /// Loads it, to work on up to `threads` texts at a time.
    ///
    /// # Errors
    /// [`EncodeError::Model`] if this processor can't run it.
    pub fn load(threads: usize) -> Result<Self, EncodeError> {
        Ok(Self { pieces: WordPiece::from_lines(VOCABULARY, MAX_PIECES)?, graph: Graph::from_static(MODEL, threads)? })
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
        self.graph.vectors(&pieces)
    }
}
