//! The MFA reset, as its two sides meet it: who asks for it, and who accepts it.

mod accept_api;
mod accept_page;

pub(crate) use accept_page::AcceptPage;
