//! Deleting one's own sign-in: the page that asks, and where one is afterwards.

mod api;
mod delete_page;
mod deleted_page;

pub(crate) use delete_page::{DeleteLink, DeletePage};
pub(crate) use deleted_page::DeletedPage;
