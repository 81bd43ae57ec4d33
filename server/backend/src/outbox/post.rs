//! Taking mail away: claim a row, work out what it says, hand it to the mailer, write down what became of it.
//!
//! No transaction is open while a mail server thinks. Instead a claim is a lease that is renewed for as long as its
//! holder lives: of any number of servers one sends a mail, and when that one dies another takes over within [`LEASE`].
//! A mail leaves twice only when its sender dies between the mail server's “250” and its own note of it; both copies
//! then have one `Message-ID`.

use super::MailKind;
use crate::{
    Backend, Result,
    mail::{Failure, Mailer, Message, render},
    store::{self, entity::outbox::Model},
};
use domain::time::Timestamp;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a claimed mail is nobody else's, from its last renewal.
const LEASE: Duration = Duration::from_secs(20);
/// How often the lease is renewed.
const RENEWAL: Duration = Duration::from_secs(5);
/// Mails under way at a time, so that a slow one holds up few.
const AT_A_TIME: usize = 8;
/// A mail that is about nothing that expires is given up after this long.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(3 * 24 * 3600);

/// How long to wait after so many attempts.
fn backoff(attempts: i32) -> Duration {
    Duration::from_secs(match attempts {
        ..=1 => 5,
        2 => 30,
        3 => 2 * 60,
        4 => 10 * 60,
        5 => 30 * 60,
        _ => 3600,
    })
}

/// Mails on their way. Dropping it breaks off what is under way; those mails leave later.
pub(crate) struct Post {
    backend: Backend,
    mailer: Mailer,
    under_way: JoinSet<bool>,
}

impl Post {
    pub(crate) fn new(backend: Backend, mailer: Mailer) -> Self {
        Self { backend, mailer, under_way: JoinSet::new() }
    }

    /// Claims as many due mails as there is room for and starts on them. Says how many.
    pub(crate) async fn collect(&mut self) -> Result<usize> {
        let room = AT_A_TIME.saturating_sub(self.under_way.len());
        if room == 0 {
            return Ok(0);
        }
        let now = self.backend.now();
        let due = store::outbox::due(self.backend.database.read(), now, room as u64).await?;
        let mut started = 0;
        for row in due {
            if let Some(claimed) = store::outbox::claim(self.backend.database.write(), &row, now, LEASE).await? {
                self.under_way.spawn(take(self.backend.clone(), self.mailer.clone(), claimed));
                started += 1;
            }
        }
        Ok(started)
    }

    /// Waits for one that is under way: whether it left. Nothing when none is.
    pub(crate) async fn next(&mut self) -> Option<bool> {
        self.under_way.join_next().await.map(|ended| ended.unwrap_or(false))
    }
}

/// Sends all that is due now, and waits for it. Says how many mails left.
pub(crate) async fn deliver_due(backend: &Backend, mailer: &Mailer) -> Result<usize> {
    let mut post = Post::new(backend.clone(), mailer.clone());
    let mut left = 0;
    loop {
        let started = post.collect().await?;
        match post.next().await {
            Some(sent) => left += usize::from(sent),
            None if started == 0 => return Ok(left),
            None => {}
        }
    }
}

/// One claimed mail, from row to mail server. Whether it left.
async fn take(backend: Backend, mailer: Mailer, row: Model) -> bool {
    let taken = async {
        let Some(message) = render::render(&backend, &row).await? else {
            tracing::info!(kind = row.kind, "a mail is not sent: there is no use in it any more");
            store::outbox::refused(backend.database.write(), &row, backend.now(), None).await?;
            return Ok(false);
        };
        let outcome = handed_over(&backend, &mailer, &row, message).await;
        written_down(&backend, &row, outcome).await?;
        Ok(outcome.is_ok())
    };
    let taken: Result<bool> = taken.await;
    taken.unwrap_or_else(|error| {
        tracing::error!(kind = row.kind, %error, "a mail stays in the outbox");
        false
    })
}

/// Hands it to the mailer, renewing the lease meanwhile.
async fn handed_over(
    backend: &Backend,
    mailer: &Mailer,
    row: &Model,
    message: Message,
) -> std::result::Result<(), Failure> {
    let mut sending = std::pin::pin!(mailer.send(message));
    loop {
        match tokio::time::timeout(RENEWAL, &mut sending).await {
            Ok(outcome) => return outcome,
            Err(_) => {
                // A lease that cannot be renewed is no reason to break off what may be arriving.
                let _ = store::outbox::renew(backend.database.write(), row, backend.now(), LEASE).await;
            }
        }
    }
}

async fn written_down(backend: &Backend, row: &Model, outcome: std::result::Result<(), Failure>) -> Result<()> {
    let (write, now) = (backend.database.write(), backend.now());
    let Err(failure) = outcome else {
        store::outbox::sent(write, row, now).await?;
        return forget_who_left(backend, row).await;
    };
    let given_up = now.since(Timestamp::from_ms(row.enqueued_at)) >= GIVEN_UP_AFTER;
    if failure.is_final() || given_up {
        tracing::warn!(kind = row.kind, attempts = row.attempts, %failure, "a mail is given up");
        store::outbox::refused(write, row, now, failure.code()).await?;
        return forget_who_left(backend, row).await;
    }
    tracing::warn!(kind = row.kind, attempts = row.attempts, %failure, "a mail has to wait");
    store::outbox::put_off(write, row, now + backoff(row.attempts), failure.code()).await
}

/// Of who deleted their sign-in the address is kept until the mail that says so is away, and no longer.
async fn forget_who_left(backend: &Backend, row: &Model) -> Result<()> {
    match MailKind::of_key(&row.kind) {
        Some(MailKind::SignInDeleted) => store::outbox::forget_address(backend.database.write(), row.id).await,
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_to_an_hour() {
        let waits: Vec<u64> = (1..=8).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(waits, [5, 30, 120, 600, 1_800, 3_600, 3_600, 3_600]);
    }
}
