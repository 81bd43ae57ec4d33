//! stub
/// How mails leave.
#[derive(Clone)]
pub enum Mailer {
    /// Nowhere.
    Stub,
}
