//! Changing the address one signs in with: asking for it, and the page behind the links to both mailboxes.

pub(crate) mod accept_api;
mod api;
mod ask_page;
mod confirm_page;
mod pending;
mod without_mailbox;

pub(crate) use ask_page::ChangeEmailPage;
pub(crate) use confirm_page::ConfirmEmailPage;
pub(crate) use pending::PendingChange;
use without_mailbox::WithoutMailbox;
