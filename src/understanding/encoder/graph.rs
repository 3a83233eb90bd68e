//! A model of the inference library, with one thread for each text that it may work on at a time.

use super::EncodeError;
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Texts in one run of the model. More don't make it faster.
const BATCH: usize = 32;

/// A loaded model with one input of numbers of pieces and one output of vectors.
pub(super) struct Graph {
    model: Model,
    input: NodeId,
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

    fn of(model: Model, threads: usize) -> Result<Self, EncodeError> {
        let (&[input], &[output]) = (model.input_ids(), model.output_ids()) else {
            return Err(EncodeError::Model("it has more than one input or output".into()));
        };
        let pools = (0..threads.clamp(1, 16)).map(|_| Arc::new(ThreadPool::with_num_threads(1))).collect();
        Ok(Self { model, input, output, pools, turn: AtomicUsize::new(0) })
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
        let input: ValueOrView = NdTensor::from_data([batch.len(), length], numbers).into();
        let pool = &self.pools[self.turn.fetch_add(1, Ordering::Relaxed) % self.pools.len()];
        let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
        let [output] = self.model.run_n(vec![(self.input, input)], [self.output], Some(options)).map_err(|error| failed(&error))?;
        let output: Tensor<f32> = output.try_into().map_err(|_| failed(&"it gave no numbers"))?;
        match output.shape() {
            [rows, width] if *rows == batch.len() && *width > 0 => Ok(output.to_vec().chunks(*width).map(<[f32]>::to_vec).collect()),
            shape => Err(failed(&format!("it gave numbers of shape {shape:?} for {} texts", batch.len()))),
        }
    }
}
