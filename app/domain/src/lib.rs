//! The rules of Postern.
