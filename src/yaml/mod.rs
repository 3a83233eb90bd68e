//! YAML with a place for every key and value, and problems that say where they are and what to do instead.

pub mod diagnostic;
pub(crate) mod fields;
pub mod node;
pub(crate) mod read;
pub(crate) mod write;
