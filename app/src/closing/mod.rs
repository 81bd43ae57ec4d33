//! Closing an account or portfolio: the page that asks its Owner.

mod api;
mod page;

pub(crate) use page::{CloseLink, ClosePage, close_text};
