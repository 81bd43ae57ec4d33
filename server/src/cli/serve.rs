//! `postern serve`.

use super::{Failure, backend, settings, up};
use crate::{
    config::{Config, Keys},
    connections,
    router::{self, router},
    telemetry,
};
use backend::{Backend, Settings, clock::SystemClock, demo, mail::Mailer, operator, store::Database, worker};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// How long what is under way, requests and mails, may take after the signal to stop.
const FAREWELL: Duration = Duration::from_millis(950);

pub async fn run(keys: &Keys) -> Result<(), Failure> {
    let config = Config::load(keys)?;
    let (listen, public_url, mail_from) = (config.listen()?, config.public_url()?, config.mail_from()?);
    let (master, trusted) = (config.master_key()?, config.trusted_proxies()?);
    let mailer = Mailer::smtp(&config.smtp_url()?)
        .map_err(|problem| Failure::Refused(format!("POSTERN_SMTP_URL: {problem}")))?;
    let database = Database::open(&config.database_url()?).await?;
    if database.is_sqlite() {
        up(&database).await?;
    }
    let backend = backend(
        database,
        SystemClock::default(),
        &master,
        Settings { places: config.places()?, ..settings(public_url, mail_from, config.breaches()?, &config) },
    )
    .texting_by(config.sms()?);
    if demo::is_marked(&backend).await? {
        let said =
            "this is a demo's database: its passwords are known to everybody. Name another in POSTERN_DATABASE_URL.";
        return Err(Failure::Refused(said.to_owned()));
    }
    if operator::is_empty(&backend).await? {
        eprintln!(
            "Nobody is in this database yet. Make the first account, from another terminal with the same settings:\n  \
             postern account create --name NAME --plan paid --owner-email ADDRESS --owner-name NAME"
        );
    }
    telemetry::start();
    listen_and_work(listen, backend, mailer, router::Parts { trusted, ..router::Parts::default() }).await
}

/// Serves and works until SIGTERM or Ctrl-C, then lets what is under way finish.
pub async fn listen_and_work(
    listen: SocketAddr,
    backend: Backend,
    mailer: Mailer,
    parts: router::Parts,
) -> Result<(), Failure> {
    let failed = |problem| Failure::File { path: listen.to_string(), problem };
    // Before anybody can know that it runs: it may be asked to stop at once.
    let asked_to_stop = StopSignals::listen();
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let (stop, stopped) = watch::channel(false);
    let wait = |mut stopped: watch::Receiver<bool>| async move {
        // The sender outlives every receiver, or the process is ending anyway.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let working = tokio::spawn(worker::run(backend.clone(), mailer, wait(stopped.clone())));
    let mut serving = tokio::spawn(connections::serve(listener, router(&parts, backend), wait(stopped)));
    eprintln!("Listening on http://{listen}");
    tokio::select! {
        () = asked_to_stop.first() => {}
        _ = &mut serving => return Err(Failure::Refused("the server ended by itself: the log says why.".to_owned())),
    }
    stop.send_replace(true);
    // Neither fails in a way that could be told to anybody now.
    let _ = tokio::time::timeout(FAREWELL, async { tokio::join!(serving, working) }).await;
    Ok(())
}

/// What asks the server to stop.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// From now on they no longer end the process by themselves.
    fn listen() -> Self {
        let of = |kind| signal(kind).expect("a handler for the signals to stop");
        Self { terminate: of(SignalKind::terminate()), interrupt: of(SignalKind::interrupt()) }
    }

    /// Until the first of them, also one that came before this was asked.
    async fn first(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
