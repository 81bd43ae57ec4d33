//! stub
/// The database.
pub struct Database;
