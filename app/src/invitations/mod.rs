//! Invitations: asking an address in, and accepting or declining.

pub(crate) mod accept_api;
mod accept_page;
mod api;
mod invite_page;
mod pending;

pub(crate) use accept_page::InvitationPage;
pub(crate) use invite_page::InvitePage;
