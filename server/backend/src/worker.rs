//! stub
use crate::{Backend, Result, mail::Mailer};
/// Does all that is due now: mails, expiries, waiting times. Returns how many mails left.
pub async fn run_due(_b: &Backend, _m: &Mailer) -> Result<usize> {
    todo!()
}
/// Runs [`run_due`] every second, and at once when this process enqueued a mail, until `stop` is done.
pub async fn run(_b: Backend, _m: Mailer, _stop: impl Future<Output = ()> + Send) {
    todo!()
}
