//! Which methods a scope accepts, and for how long it trusts a browser: a section of the Security page.

mod api;
mod section;

pub(crate) use section::MfaPolicySection;
