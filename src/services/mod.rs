//! What the server can do: here, and only here, pure logic meets the store.

pub mod calls;
