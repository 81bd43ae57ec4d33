//! Codes by text message (4.3): naming a number, and giving a code that was texted, to bind the number or as the second step.

mod api;
mod code_page;
mod enrol_page;
mod send;

pub(crate) use code_page::{BindSmsPage, SmsCodePage};
pub(crate) use enrol_page::EnrolSmsPage;
pub(crate) use send::SendForms;
