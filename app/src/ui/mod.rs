//! Building blocks that know no domain and no server function.

pub(crate) mod form;
