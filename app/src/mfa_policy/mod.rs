//! Which methods a scope accepts, for how long it trusts a browser and lets people go without: a section of the Security
//! page.

mod api;
mod section;

pub(crate) use section::{MfaPolicyFacts, MfaPolicySection};
