//! Every door, from the framework's own lists, so that a new one cannot be missed: what anybody, another site, another
//! tenant and plain nonsense get there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod doors;
mod exports;
mod house;
mod imports;
mod language;
mod operator;
mod pages;
