//! Where one is signed in, which browsers are known as one's own, and who one is.

mod api;
mod page;
mod personal_page;

pub(crate) use page::MySessionsPage;
pub(crate) use personal_page::PersonalPage;
