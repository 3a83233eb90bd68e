//! The encoder with a memory: vectors of sentences that were made before are kept, so that an edited catalog pays only for the
//! examples that are new.

use crate::understanding::encoder::{EncodeError, Encoder};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Sentences of messages that are remembered: enough for every turn that is being thought out, and for what is said often.
const RECENT: usize = 4_096;

/// An encoder, or none, and the vectors it made for examples and for the latest messages.
#[derive(Debug, Default)]
pub struct Sentences {
    encoder: Option<Arc<dyn Encoder>>,
    made: Mutex<HashMap<Box<str>, Arc<[f32]>>>,
    recent: Mutex<HashMap<Box<str>, Arc<[f32]>>>,
}

impl Sentences {
    /// With an encoder.
    pub fn by(encoder: Arc<dyn Encoder>) -> Self {
        Self { encoder: Some(encoder), ..Self::default() }
    }

    /// Without: everything is read by words alone.
    pub fn none() -> Self {
        Self::default()
    }

    /// Vectors of a message's sentences, in their order; none without an encoder, or when it fails. Remembered for a while: what was
    /// asked for on a thread that may wait is there at once for one that may not.
    pub fn of_message(&self, texts: &[&str]) -> Vec<Arc<[f32]>> {
        let Some(encoder) = self.encoder.as_ref().filter(|_| !texts.is_empty()) else { return Vec::new() };
        let known = |recent: &HashMap<Box<str>, Arc<[f32]>>| -> Option<Vec<Arc<[f32]>>> {
            texts.iter().map(|text| recent.get(*text).map(Arc::clone)).collect()
        };
        if let Some(vectors) = known(&self.recent.lock().unwrap_or_else(PoisonError::into_inner)) {
            return vectors;
        }
        let Ok(vectors) = encoder.encode(texts) else { return Vec::new() };
        let vectors: Vec<Arc<[f32]>> = vectors.into_iter().map(Into::into).collect();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() + texts.len() > RECENT {
            recent.clear();
        }
        recent.extend(texts.iter().zip(&vectors).map(|(text, vector)| ((*text).into(), Arc::clone(vector))));
        vectors
    }

    /// Vectors of examples, in their order; `None` without an encoder. What these examples do not need any more is forgotten.
    /// Blocks the thread.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub(crate) fn of_examples(&self, texts: &[&str]) -> Result<Option<Vec<Arc<[f32]>>>, EncodeError> {
        let Some(encoder) = &self.encoder else { return Ok(None) };
        let known = |made: &HashMap<Box<str>, Arc<[f32]>>, text: &str| made.get(text).map(Arc::clone);
        let mut missing: Vec<&str> = {
            let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            texts.iter().copied().filter(|text| !made.contains_key(*text)).collect()
        };
        missing.sort_unstable();
        missing.dedup();
        let vectors = encoder.encode(&missing)?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.extend(missing.into_iter().zip(vectors).map(|(text, vector)| (text.into(), vector.into())));
        let all: Vec<Arc<[f32]>> = texts.iter().filter_map(|text| known(&made, text)).collect();
        // Two catalogs' worth are kept, so that an edit that is taken back costs nothing.
        if made.len() > 2 * texts.len() + 64 {
            *made = texts.iter().zip(&all).map(|(text, vector)| ((*text).into(), Arc::clone(vector))).collect();
        }
        Ok(Some(all))
    }
}
