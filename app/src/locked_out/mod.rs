//! Who cannot give the second factor (5.8): two ways back in, a call for help to the administrators, and the mailed link by
//! which its person disowns one.

pub(crate) mod api;
mod help_page;
mod not_me_page;

pub(crate) use help_page::HelpPage;
pub(crate) use not_me_page::NotMePage;
