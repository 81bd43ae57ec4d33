//! A ceremony from beginning to end: the server's challenge, the authenticator's answer, the server's word on it.

use super::api;
use crate::{
    error::{AppError, problem_text},
    next::Next,
    ui::passkey,
};
use domain::{authenticators::PasskeyCeremony, errors::Field};
use leptos::prelude::*;

/// What a passkey is asked for.
#[derive(Clone)]
pub(crate) enum Ceremony {
    /// To be made and bound.
    Bind { name: String, signs_in: bool, next: Next },
    /// The second step of a sign-in, or step-up.
    Prove { trust: bool, next: Next },
    /// To sign in alone.
    SignIn(Next),
}

/// Why nothing came of it.
#[derive(Clone, PartialEq)]
enum Failure {
    /// The server said no.
    Ours(AppError),
    /// The browser or the authenticator did: the name of its exception, and where passkeys work.
    Theirs { name: String, origin: String },
}

/// A ceremony that can be played again.
#[derive(Clone, Copy)]
pub(crate) struct Play(Action<Ceremony, Result<(), Failure>>);

pub(crate) fn use_play() -> Play {
    Play(Action::new(|ceremony: &Ceremony| play(ceremony.clone())))
}

impl Play {
    pub(crate) fn begin(self, ceremony: Ceremony) {
        if !self.0.pending().get_untracked() {
            self.0.dispatch(ceremony);
        }
    }

    pub(crate) fn pending(self) -> Memo<bool> {
        self.0.pending()
    }

    /// What the server said, for the form as a whole.
    pub(crate) fn error(self) -> Signal<Option<AppError>> {
        Signal::derive(move || match self.failure() {
            Some(Failure::Ours(error)) => Some(error),
            _ => None,
        })
    }

    /// What is wrong with the passkey itself.
    pub(crate) fn problem(self) -> Signal<Option<String>> {
        Signal::derive(move || match self.failure()? {
            Failure::Ours(error) => error.of(Field::Passkey).map(problem_text),
            Failure::Theirs { name, origin } => Some(their_text(&name, &origin)),
        })
    }

    fn failure(self) -> Option<Failure> {
        self.0.value().get()?.err()
    }
}

async fn play(ceremony: Ceremony) -> Result<(), Failure> {
    let ours = Failure::Ours;
    match ceremony {
        Ceremony::Bind { name, signs_in, next } => {
            let asked = api::begin_binding(signs_in).await.map_err(ours)?;
            let (id, answer) = answered("create", asked).await?;
            api::bind(id, name, answer, next).await.map_err(ours)
        }
        Ceremony::Prove { trust, next } => {
            let (id, answer) = answered("get", api::begin_proof().await.map_err(ours)?).await?;
            api::prove(id, answer, trust, next).await.map_err(ours)
        }
        Ceremony::SignIn(next) => {
            let (id, answer) = answered("get", api::begin_sign_in().await.map_err(ours)?).await?;
            api::sign_in(id, answer, next).await.map_err(ours)
        }
    }
}

async fn answered(method: &'static str, asked: PasskeyCeremony) -> Result<(domain::ids::CeremonyId, String), Failure> {
    let PasskeyCeremony { id, options, origin } = asked;
    let answer = passkey(method, options).await.map_err(|name| Failure::Theirs { name, origin })?;
    Ok((id, answer))
}

/// An exception of `navigator.credentials`, by its name (WebAuthn §5.1.3, §5.1.4), in the person's words.
fn their_text(name: &str, origin: &str) -> String {
    match name {
        "NotAllowedError" | "AbortError" => tr!("passkeys.not_done").to_owned(),
        "InvalidStateError" => tr!("passkeys.known").to_owned(),
        "SecurityError" => tr!("passkeys.elsewhere", origin = origin),
        _ => tr!("passkeys.unable").to_owned(),
    }
}
