//! Tests from outside: the real binary, real sockets, real kills. Nothing here knows how the server works inside.

mod bad_input;
mod harness;
mod kill;
mod protocol;
mod races;
mod storm;
