//! The use cases of Postern.
