//! What happens without anybody asking for it: mail leaves, and what time has decided is written down. Nothing depends
//! on when it runs: expiry is part of every question, not of this loop.
//!
//! Any number of servers run it on one database. It polls: half a second of waiting, on average, is less than any mail
//! takes, and a poll finds what another process enqueued as well.

use crate::{
    Backend, Result, authenticators, bulk_changes, email_change, invitations, knock, locked_out, loosening,
    mail::Mailer,
    mfa_reset, notice_email, operator,
    outbox::{self, Post},
    passkeys, portfolios, sessions, throttle,
};
use domain::time::Timestamp;
use std::{pin::pin, time::Duration};
use tokio::task::JoinSet;

/// How often it is looked what is due.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is looked whether requests, and links of accounts, still have the ground they were made on.
const GROUND: Duration = Duration::from_secs(10);
/// How often it is swept.
const SWEEP: Duration = Duration::from_secs(600);
/// How long mails that are under way may still take once the process is to stop.
const FAREWELL: Duration = Duration::from_millis(500);

/// Does all that is due now: mails, expiries, waiting times. Returns how many mails left.
pub async fn run_due(backend: &Backend, mailer: &Mailer) -> Result<usize> {
    while knock::see_to(backend).await? {}
    locked_out::call_helpers(backend).await?;
    mfa_reset::finish_due(backend).await?;
    loosening::apply_due(backend).await?;
    operator::apply_due(backend).await?;
    mfa_reset::bulk::work(backend).await?;
    bulk_changes::work(backend).await?;
    portfolios::ask_to_confirm(backend).await?;
    portfolios::end_due(backend).await?;
    mfa_reset::end_groundless(backend).await?;
    sweep(backend).await?;
    outbox::deliver_due(backend, mailer).await
}

/// Does what is due every second until `stop` is done. No error ends it; a mail server that hangs holds up nothing else.
pub async fn run(backend: Backend, mailer: Mailer, stop: impl Future<Output = ()> + Send) {
    // Beside the mail, so that however much there is of it no mail waits; broken off when this ends.
    let mut beside = JoinSet::new();
    beside.spawn(see_to_knocks(backend.clone()));
    beside.spawn(follow_time(backend.clone()));
    let mut post = Post::new(backend, mailer);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            collected = post.collect() => complain(collected.map(drop)),
        }
        let mut pause = pin!(tokio::time::sleep(PAUSE));
        loop {
            tokio::select! {
                () = &mut stop => return farewell(post).await,
                () = &mut pause => break,
                // Room for the next that waits.
                Some(_) = post.next() => if let Ok(1..) = post.collect().await {},
            }
        }
    }
    farewell(post).await;
}

async fn see_to_knocks(backend: Backend) {
    loop {
        let seen = knock::see_to(&backend).await;
        complain(locked_out::call_helpers(&backend).await);
        match seen {
            Ok(true) => continue,
            done => complain(done.map(drop)),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Writes down what time has decided, looks whether requests and links still have their ground, and sweeps.
async fn follow_time(backend: Backend) {
    let (mut grounded, mut swept) = (None, None);
    loop {
        complain(mfa_reset::finish_due(&backend).await);
        complain(loosening::apply_due(&backend).await);
        complain(operator::apply_due(&backend).await);
        complain(mfa_reset::bulk::work(&backend).await);
        complain(bulk_changes::work(&backend).await);
        complain(portfolios::end_due(&backend).await);
        let now = backend.now();
        if is_due(grounded, GROUND, now) {
            grounded = Some(now);
            complain(portfolios::ask_to_confirm(&backend).await);
            complain(mfa_reset::end_groundless(&backend).await);
        }
        if is_due(swept, SWEEP, now) {
            swept = Some(now);
            complain(sweep(&backend).await);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn complain(done: Result<()>) {
    if let Err(error) = done {
        tracing::error!(%error, "what is due could not be done; it is tried again");
    }
}

/// Whether it is time again. A clock that was set back is no reason to wait for it.
fn is_due(last: Option<Timestamp>, every: Duration, now: Timestamp) -> bool {
    last.is_none_or(|last| now < last || now.since(last) >= every)
}

/// What is under way has a moment; what does not make it leaves after the next start.
async fn farewell(mut post: Post) {
    let _ = tokio::time::timeout(FAREWELL, async { while post.next().await.is_some() {} }).await;
}

/// Away with what nobody needs any more.
async fn sweep(backend: &Backend) -> Result<()> {
    let now = backend.now();
    sessions::sweep(backend, now).await?;
    passkeys::sweep(backend, now).await?;
    authenticators::sweep(backend, now).await?;
    notice_email::sweep(backend, now).await?;
    throttle::sweep(backend, now).await?;
    locked_out::sweep(backend, now).await?;
    invitations::sweep(backend, now).await?;
    email_change::sweep(backend, now).await?;
    mfa_reset::bulk::sweep(backend, now).await?;
    bulk_changes::sweep(backend, now).await?;
    portfolios::sweep(backend, now).await?;
    outbox::sweep(backend, now).await
}
