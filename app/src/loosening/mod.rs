//! What makes resets, or sign-in, easier takes effect a day later: the form that says so before, and the notice after, with
//! “Call it off”.

mod api;
mod form;
mod notice;

pub(crate) use form::LooseningForm;
pub(crate) use notice::LooseningNotice;
