//! Settings > Security of a scope: whether everybody here must have a second factor.

mod api;
mod page;

pub(crate) use page::SecurityPage;
