//! The MFA reset, as its two sides meet it: who asks for it, and who accepts it.

pub(crate) mod accept_api;
mod accept_page;
mod actions;
mod api;
mod awaiting;
mod decide;
mod of_mine;
mod request_dialog;
mod request_form;
mod request_page;
mod told;
mod waits;

pub(crate) use accept_page::AcceptPage;
pub(crate) use actions::{ResetAction, ResetActionErrors, ResetActionItem, ResetActions, ResetOutcome};
pub(crate) use api::DeclineMine;
pub(crate) use awaiting::AwaitingApproval;
pub(crate) use of_mine::ResetOfMineBanner;
pub(crate) use request_dialog::{RequestDialog, RequestDialogHandle};
pub(crate) use request_page::RequestPage;
