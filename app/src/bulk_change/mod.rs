//! Many people at once, as *choose, review, apply*: asked in by addresses or by a file, or given another role where they were
//! chosen in the list. What would become of each line is decided before anything is done.

mod api;
mod many_page;
mod outcome;
mod review_page;
mod role_page;

pub(crate) use many_page::ManyPage;
pub(crate) use review_page::ReviewPage;
pub(crate) use role_page::ChangeRolesPage;
