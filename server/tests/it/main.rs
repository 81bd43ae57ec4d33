//! Every door, from the framework's own lists, so that a new one cannot be missed: what anybody, another site, another
//! tenant and plain nonsense get there.

mod doors;
mod house;
mod pages;
