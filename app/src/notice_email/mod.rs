//! A second address for notices.

mod api;
mod page;

pub(crate) use page::NoticeEmailPage;
