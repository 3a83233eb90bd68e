//! The encoder with a memory: vectors of sentences that were made before are kept, so that an edited catalog pays only for the
//! examples that are new.

use crate::understanding::encoder::{EncodeError, Encoder};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Sentences of messages that are remembered.
const RECENT: usize = 4_096;

/// An encoder, or none, and the vectors it made for examples and for the latest messages.
#[derive(Debug, Default)]
pub struct Sentences {
    encoder: Option<Arc<dyn Encoder>>,
    made: Mutex<HashMap<Box<str>, Arc<[f32]>>>,
    passages: Mutex<HashMap<Box<str>, Arc<[f32]>>>,
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

    /// Vectors of sentences of messages, in their order; none without an encoder, or when it fails. Remembered for a while: some things
    /// are said often. Blocks the thread.
    pub fn of_message(&self, texts: &[&str]) -> Vec<Arc<[f32]>> {
        let Some(encoder) = self.encoder.as_ref().filter(|_| !texts.is_empty()) else { return Vec::new() };
        let known = |recent: &HashMap<Box<str>, Arc<[f32]>>| -> Vec<Option<Arc<[f32]>>> {
            texts.iter().map(|text| recent.get(*text).map(Arc::clone)).collect()
        };
        let mut vectors = known(&self.recent.lock().unwrap_or_else(PoisonError::into_inner));
        let mut missing: Vec<&str> = texts.iter().zip(&vectors).filter(|(_, vector)| vector.is_none()).map(|(text, _)| *text).collect();
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            let Ok(made) = encoder.encode_soon(&missing) else { return Vec::new() };
            let made: HashMap<&str, Arc<[f32]>> = missing.into_iter().zip(made.into_iter().map(Into::into)).collect();
            for (text, vector) in texts.iter().zip(&mut vectors).filter(|(_, vector)| vector.is_none()) {
                *vector = made.get(text).map(Arc::clone);
            }
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if recent.len() + made.len() > RECENT {
                recent.clear();
            }
            recent.extend(made.into_iter().map(|(text, vector)| (text.into(), vector)));
        }
        vectors.into_iter().flatten().collect()
    }

    /// Vectors of examples, in their order; `None` without an encoder. What these examples do not need any more is forgotten.
    /// Blocks the thread.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub(crate) fn of_examples(&self, texts: &[&str]) -> Result<Option<Vec<Arc<[f32]>>>, EncodeError> {
        self.kept(&self.made, texts)
    }

    /// Vectors of passages of articles, in their order; none without an encoder, or when it fails. Blocks the thread.
    pub(crate) fn of_passages(&self, texts: &[&str]) -> Vec<Arc<[f32]>> {
        self.kept(&self.passages, texts).ok().flatten().unwrap_or_default()
    }

    fn kept(&self, made: &Mutex<HashMap<Box<str>, Arc<[f32]>>>, texts: &[&str]) -> Result<Option<Vec<Arc<[f32]>>>, EncodeError> {
        let Some(encoder) = &self.encoder else { return Ok(None) };
        let known = |made: &HashMap<Box<str>, Arc<[f32]>>, text: &str| made.get(text).map(Arc::clone);
        let mut missing: Vec<&str> = {
            let made = made.lock().unwrap_or_else(PoisonError::into_inner);
            texts.iter().copied().filter(|text| !made.contains_key(*text)).collect()
        };
        missing.sort_unstable();
        missing.dedup();
        let vectors = encoder.encode_kept(&missing)?;
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        made.extend(missing.into_iter().zip(vectors).map(|(text, vector)| (text.into(), vector.into())));
        let all: Vec<Arc<[f32]>> = texts.iter().filter_map(|text| known(&made, text)).collect();
        // Two catalogs' worth are kept, so that an edit that is taken back costs nothing.
        if made.len() > 2 * texts.len() + 64 {
            *made = texts.iter().zip(&all).map(|(text, vector)| ((*text).into(), Arc::clone(vector))).collect();
        }
        Ok(Some(all))
    }
}
