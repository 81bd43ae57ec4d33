//! Security > “MFA reset”: what a reset needs besides the person's “Accept”.

mod api;
mod section;

pub(crate) use section::{GuardFacts, GuardsSection};
