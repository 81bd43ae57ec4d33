//! Security > “MFA reset”: what a reset needs besides the person's “Accept”, and what is to be loosened.

mod api;
mod loosening;
mod section;

pub(crate) use loosening::LooseningNotice;
pub(crate) use section::GuardsSection;
