//! Two who bind a first method at the same moment (4.2): in two browsers or two tabs, of one kind or of two, on two servers.
//! One does, whichever; what the other held is void, as is everything else of before.

use crate::{
    sms::{ACCEPTED, so},
    support::{Account, Browser, Person, SoftKey, World, code_of},
};
use backend::{
    Backend, Caller, Error, Result, authenticators, passkeys,
    sign_in::SignedIn,
    store::entity::{authenticator, recovery_code},
};
use domain::{authenticators::FactorKind, ids::CeremonyId, person::Name, sessions::Standing};

/// All but the last step.
#[derive(Clone)]
enum Ready {
    Totp(String),
    Sms(String),
    Passkey(CeremonyId, String),
}

/// Looks at the seed, has the code texted, or makes the key.
async fn ready(world: &World, browser: &Browser<'_>, kind: FactorKind, number: &str) -> Ready {
    let (backend, caller) = (&world.backend, browser.me().await);
    match kind {
        FactorKind::Totp => {
            let shown = authenticators::totp_enrolment(backend, &caller).await.unwrap();
            let seed = data_encoding::BASE32_NOPAD.decode(shown.key.replace(' ', "").as_bytes()).unwrap();
            Ready::Totp(code_of(&seed, world.now()))
        }
        FactorKind::Sms => {
            authenticators::request_sms_binding(backend, &caller, "DE", number).await.unwrap();
            Ready::Sms(world.phones.code())
        }
        FactorKind::Passkey => {
            let asked = browser.begin_binding(false).await.unwrap();
            Ready::Passkey(asked.id, SoftKey::new(&world.backend.random).created(&asked))
        }
    }
}

async fn bind(backend: &Backend, caller: &Caller, ready: &Ready) -> Result<SignedIn> {
    let name = Name::parse("First").unwrap();
    match ready {
        Ready::Totp(code) => authenticators::bind_totp(backend, caller, &name, code).await,
        Ready::Sms(code) => authenticators::bind_sms(backend, caller, &name, code).await,
        Ready::Passkey(ceremony, answer) => passkeys::bind(backend, caller, *ceremony, &name, answer).await,
    }
}

/// Lets both go at the same moment; the place of the one that did it in the two.
async fn race(world: &World, person: &Person, both: [(Caller, Ready); 2], what: &str) -> usize {
    let epoch = world.row_of(person).await.epoch;
    let answers = world
        .at_once(2, |backend, number| {
            let (caller, ready) = both[number].clone();
            async move { bind(&backend, &caller, &ready).await.map(|step| step.standing) }
        })
        .await;
    let won: Vec<usize> = (0..2).filter(|number| answers[*number].is_ok()).collect();
    let [won] = won[..] else { panic!("{what}: {answers:?}") };
    assert_eq!(*answers[won].as_ref().unwrap(), Standing::Enter, "{what}");
    let lost = answers[1 - won].as_ref().unwrap_err();
    assert!(matches!(lost, Error::NotSignedIn | Error::Conflict(_) | Error::Invalid(_)), "{what}: {lost:?}");
    let bound = world.rows::<authenticator::Entity>().await;
    assert_eq!(bound.iter().filter(|row| row.user_id == person.id.0).count(), 1, "{what}");
    let codes = world.rows::<recovery_code::Entity>().await;
    assert_eq!(codes.iter().filter(|row| row.user_id == person.id.0).count(), 10, "{what}");
    assert_eq!(world.row_of(person).await.epoch, epoch + 1, "{what}");
    won
}

/// Somebody who has to set a method up, in an account that accepts every kind.
async fn una(world: &World, account: &Account, number: usize) -> Person {
    world.user(&format!("Una {number}")).analyst_of(account).await
}

async fn northwind(world: &World) -> Account {
    let account = world.account("Northwind").await;
    so(world, account.scope, ACCEPTED).await;
    account
}

use FactorKind::{Passkey, Sms, Totp};

on_each_database!(of_two_browsers_one_binds_the_first_method, async |world| {
    let account = northwind(world).await;
    let pairs = [[Totp, Totp], [Sms, Sms], [Passkey, Passkey], [Totp, Sms], [Passkey, Totp], [Sms, Passkey]];
    for (number, kinds) in pairs.into_iter().chain(pairs).enumerate() {
        let una = una(world, &account, number).await;
        let (one, other) = (world.signed_in(&una).await, world.signed_in(&una).await);
        let both = [
            (one.me().await, ready(world, &one, kinds[0], &format!("0171 12345{number:02}")).await),
            (other.me().await, ready(world, &other, kinds[1], &format!("0172 76543{number:02}")).await),
        ];
        let won = race(world, &una, both, &format!("{kinds:?}")).await;
        // The other browser is out; so is the token of before in the one that did it.
        for browser in [&one, &other] {
            assert!(matches!(browser.caller().await, Err(Error::NotSignedIn)), "{kinds:?}, {won} won");
        }
    }
    world.deliver().await;
});

on_each_database!(of_two_tabs_with_two_kinds_one_binds_the_first_method, async |world| {
    let account = northwind(world).await;
    let pairs = [[Totp, Sms], [Totp, Passkey], [Sms, Passkey]];
    for (number, kinds) in pairs.into_iter().chain(pairs).enumerate() {
        let una = una(world, &account, number).await;
        let tabs = world.signed_in(&una).await;
        let both = [
            (tabs.me().await, ready(world, &tabs, kinds[0], &format!("0171 12345{number:02}")).await),
            (tabs.me().await, ready(world, &tabs, kinds[1], &format!("0172 76543{number:02}")).await),
        ];
        race(world, &una, both, &format!("{kinds:?}")).await;
        assert!(matches!(tabs.caller().await, Err(Error::NotSignedIn)), "its token is another now");
    }
    world.deliver().await;
});
