//! Roles: what they are called, which there are, and the editor of a scope's own.

mod api;
mod editor;
mod label;
mod list_page;
mod new_page;
mod role_page;

pub(crate) use label::{changes_text, role_text, written_text};
pub(crate) use list_page::{RolesPage, way_to_new_role};
pub(crate) use new_page::NewRolePage;
pub(crate) use role_page::RolePage;
