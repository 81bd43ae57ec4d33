//! What measurements begin with: a database with people in it, and somebody signed in.

use backend::{
    Backend, Caller, Parts, Settings, Visitor,
    clock::TestClock,
    crypto::{Argon2Cost, Keys, MasterKey, Password, PasswordHasher, Random},
    demo, sessions, sign_in,
    store::Database,
};
use domain::{person::EmailAddress, time::Timestamp};
use std::{path::Path, sync::Arc};

/// Opens a database, or makes it.
pub async fn open(file: &Path) -> Database {
    Database::open(&format!("sqlite:{}", file.display())).await.unwrap()
}

/// A server on it, whose clock stands still and whose passwords are cheap.
pub fn server(database: Database, random: Random) -> Backend {
    Backend::new(Parts {
        database,
        clock: Arc::new(TestClock::at(Timestamp::from_ms(1_795_000_000_000))),
        sms: None,
        hasher: PasswordHasher::new(Argon2Cost { memory_kib: 64, passes: 1 }, 2, random.clone()),
        keys: Keys::derive(1, &MasterKey::parse("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap()),
        random,
        settings: Settings {
            public_url: "http://127.0.0.1:3000".into(),
            support_url: None,
            breaches: None,
            places: None,
            mail_from: "Postern <postern@postern.example>".into(),
            sessions: Default::default(),
            throttle: Default::default(),
        },
    })
}

/// Signs somebody of a demo in, second factor included.
pub async fn enter(backend: &Backend, email: &str, password: &str, totp_secret: &str) -> Caller {
    let mut visitor = Visitor::default();
    let address = EmailAddress::parse(email).unwrap();
    let begun = sign_in::sign_in(backend, &visitor, &address, Password::new(password.to_owned())).await.unwrap();
    visitor.session = Some(begun.session);
    let caller = sessions::caller(backend, &visitor).await.unwrap();
    let code = demo::code_of(totp_secret, backend.now()).unwrap();
    visitor.session = Some(sign_in::submit_totp(backend, &caller, &code, false).await.unwrap().session);
    sessions::caller(backend, &visitor).await.unwrap()
}
