//! Sentences to vectors whose closeness is closeness of meaning. The only folder that names the inference library; pure and synchronous:
//! the bytes of a model are handed in, nothing is read or fetched here.

mod bundled;
pub mod carried;
mod graph;
mod own;
mod wordpiece;

pub use bundled::Bundled;
pub use own::Own;

/// Something that turns sentences into vectors.
pub trait Encoder: Send + Sync + std::fmt::Debug {
    /// Names weights and tokeniser. Vectors of encoders with different names must never be compared.
    fn id(&self) -> &str;

    /// Numbers in a vector.
    fn width(&self) -> usize;

    /// One vector of length 1 for each text, in the order of the texts. Blocks the thread.
    ///
    /// # Errors
    /// See [`EncodeError`]. Then none of the texts has a vector.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError>;

    /// The same for texts whose vectors are kept: examples and passages. An encoder that has some of them at hand makes the others only.
    ///
    /// # Errors
    /// As for [`Encoder::encode`].
    fn encode_kept(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        self.encode(texts)
    }

    /// The same for somebody who waits for an answer: an encoder that is slow today gives up early.
    ///
    /// # Errors
    /// As for [`Encoder::encode`], or no vectors in time.
    fn encode_soon(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        self.encode(texts)
    }
}

/// Why an encoder can't be used, or gave no vectors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The model's bytes are none that can be run.
    #[error("the encoder's model can't be loaded: {0}")]
    Model(String),
    /// The vocabulary is none of a WordPiece tokeniser.
    #[error("the encoder's vocabulary can't be read: {0}")]
    Vocabulary(String),
    /// The model ran and failed, or gave something other than one vector a text.
    #[error("the encoder failed: {0}")]
    Run(String),
}
