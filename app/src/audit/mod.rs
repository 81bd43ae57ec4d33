//! Settings > Activity log: who did what in this scope, latest first. Only read here; nothing is ever changed in it.

mod api;
mod line;
mod page;

pub(crate) use line::Line;
pub(crate) use page::ActivityPage;
