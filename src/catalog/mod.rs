//! Files to one immutable, checked value.
