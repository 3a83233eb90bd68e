//! Tests from outside: the real binary, real sockets, real kills. Nothing here knows how the server works inside.
//! One binary, so that there is one link.

mod answers;
mod architecture;
mod bad_input;
mod browser;
mod catalog;
mod desk;
mod desk_bad_input;
mod disputes;
mod documents;
mod endpoint;
mod eval;
mod evidence;
mod facts;
mod harness;
mod kill;
mod languages;
mod model;
mod nodes;
mod oidc;
mod ops;
mod protocol;
mod purchases;
mod races;
mod shift;
mod store_desk;
mod store_story;
mod storm;
mod suggestions;
mod vectors;
mod wording;
mod year;
