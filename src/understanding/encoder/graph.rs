//! A model of the inference library, with one thread for each text that it may work on at a time.

use super::EncodeError;
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Texts in one run of the model. More don't make it faster.
const BATCH: usize = 32;

/// What a model takes: each is a table of a row for each text and a column for each piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// The numbers of the pieces.
    Pieces,
    /// Which columns count: all, because only texts of one length are run together.
    Mask,
    /// Which of two sentences a piece belongs to: always the first.
    Segments,
}

/// A loaded model that takes numbers of pieces, and gives a vector for each text or for each piece of it.
pub(super) struct Graph {
    model: Model,
    inputs: Vec<(NodeId, Takes)>,
    output: NodeId,
    /// One thread each: a sentence is too little work to be shared between threads, several sentences are not.
    pools: Vec<Arc<ThreadPool>>,
    turn: AtomicUsize,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph").field("threads", &self.pools.len()).finish_non_exhaustive()
    }
}

impl Graph {
    /// Loads a model that lies in the program itself, to be run on up to `threads` threads.
    ///
    /// # Errors
    /// [`EncodeError::Model`].
    pub(super) fn from_static(bytes: &'static [u8], threads: usize) -> Result<Self, EncodeError> {
        let model = ModelOptions::with_all_ops().prepack_weights(true).load_static_slice(bytes);
        Self::of(model.map_err(|error| EncodeError::Model(error.to_string()))?, threads)
    }

    /// Loads a model from bytes, to be run on up to `threads` threads.
    ///
    /// # Errors
    /// [`EncodeError::Model`].
    pub(super) fn from_bytes(bytes: Vec<u8>, threads: usize) -> Result<Self, EncodeError> {
        let model = ModelOptions::with_all_ops().prepack_weights(true).load(bytes);
        Self::of(model.map_err(|error| EncodeError::Model(error.to_string()))?, threads)
    }

    fn of(model: Model, threads: usize) -> Result<Self, EncodeError> {
        let ids = model.input_ids();
        let takes = |id: NodeId| match model.node_info(id).and_then(|node| node.name().map(str::to_owned)).as_deref() {
            _ if ids.len() == 1 => Ok((id, Takes::Pieces)),
            Some("input_ids") => Ok((id, Takes::Pieces)),
            Some("attention_mask") => Ok((id, Takes::Mask)),
            Some("token_type_ids") => Ok((id, Takes::Segments)),
            name => Err(EncodeError::Model(format!("it wants an input `{}`, which no sentence has", name.unwrap_or("without a name")))),
        };
        let inputs = ids.iter().map(|id| takes(*id)).collect::<Result<Vec<_>, _>>()?;
        if !inputs.iter().any(|(_, takes)| *takes == Takes::Pieces) {
            return Err(EncodeError::Model("it has no input `input_ids`".into()));
        }
        let named = |wanted: &str| {
            model.output_ids().iter().copied().find(|id| model.node_info(*id).is_some_and(|node| node.name() == Some(wanted)))
        };
        let output = named("sentence_embedding").or_else(|| named("last_hidden_state")).or_else(|| model.output_ids().first().copied());
        let output = output.ok_or_else(|| EncodeError::Model("it has no output".into()))?;
        let pools = (0..threads.clamp(1, 16)).map(|_| Arc::new(ThreadPool::with_num_threads(1))).collect();
        Ok(Self { model, inputs, output, pools, turn: AtomicUsize::new(0) })
    }

    /// The vectors of texts that are cut into pieces, in their order.
    ///
    /// # Errors
    /// [`EncodeError::Run`].
    pub(super) fn vectors(&self, texts: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&at| texts[at].len());
        let batches: Vec<&[usize]> =
            order.chunk_by(|&a, &b| texts[a].len() == texts[b].len()).flat_map(|same| same.chunks(BATCH)).collect();
        let mut vectors = vec![Vec::new(); texts.len()];
        let threads = self.pools.len().min(batches.len());
        let mut keep = |batch: &[usize], made: Vec<Vec<f32>>| batch.iter().zip(made).for_each(|(&at, vector)| vectors[at] = vector);
        if threads <= 1 {
            for batch in batches {
                keep(batch, self.run(batch, texts)?);
            }
            return Ok(vectors);
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some(&batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((batch, self.run(batch, texts)));
            }
            done
        };
        let done = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .map(|worker| worker.join().map_err(|_| EncodeError::Run("a thread panicked".into())))
                .collect::<Result<Vec<_>, _>>()
        })?;
        for (batch, made) in done.into_iter().flatten() {
            keep(batch, made?);
        }
        Ok(vectors)
    }

    /// The vectors of the texts at `batch`, which are all of one length.
    fn run(&self, batch: &[usize], texts: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let failed = |error: &dyn std::fmt::Display| EncodeError::Run(error.to_string());
        let length = texts[batch[0]].len();
        let numbers: Vec<i32> = batch.iter().flat_map(|&at| &texts[at]).map(|&piece| piece.cast_signed()).collect();
        let constant = |value: i32| vec![value; numbers.len()];
        let table = |takes: Takes| -> ValueOrView<'_> {
            let cells = match takes {
                Takes::Pieces => numbers.clone(),
                Takes::Mask => constant(1),
                Takes::Segments => constant(0),
            };
            NdTensor::from_data([batch.len(), length], cells).into()
        };
        let inputs: Vec<(NodeId, ValueOrView<'_>)> = self.inputs.iter().map(|(id, takes)| (*id, table(*takes))).collect();
        let pool = &self.pools[self.turn.fetch_add(1, Ordering::Relaxed) % self.pools.len()];
        let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
        let [output] = self.model.run_n(inputs, [self.output], Some(options)).map_err(|error| failed(&error))?;
        let output: Tensor<f32> = output.try_into().map_err(|_| failed(&"it gave no numbers"))?;
        match output.shape() {
            [rows, width] if *rows == batch.len() && *width > 0 => Ok(output.to_vec().chunks(*width).map(of_length_one).collect()),
            [rows, pieces, width] if *rows == batch.len() && *pieces > 0 && *width > 0 => {
                Ok(output.to_vec().chunks(pieces * width).map(|text| of_length_one(&mean(text, *width))).collect())
            }
            shape => Err(failed(&format!("it gave numbers of shape {shape:?} for {} texts", batch.len()))),
        }
    }
}

/// The mean of the vectors of a text's pieces.
fn mean(pieces: &[f32], width: usize) -> Vec<f32> {
    let count = (pieces.len() / width) as f32;
    (0..width).map(|column| pieces.iter().skip(column).step_by(width).sum::<f32>() / count).collect()
}

pub(super) fn of_length_one(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt().max(1e-12);
    vector.iter().map(|number| number / length).collect()
}
