//! Where one is signed in, and which browsers are known as one's own.

mod api;
mod page;

pub(crate) use page::MySessionsPage;
