//! What a model may be shown and what may come back from it, pure: words of customers are fenced as data, every answer is checked by code
//! against what it rests on, and where a check fails the answer without a model stands. A model never acts and never supplies a number.

pub mod claims;
pub mod fence;
pub mod filter;
pub mod grounding;
pub mod guard;
pub mod rewrite;
pub mod slots;
pub mod support;
pub mod weights;
