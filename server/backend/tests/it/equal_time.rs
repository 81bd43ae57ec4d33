//! Equal time (3.3): whoever types an address at any door learns nothing from how long the answer takes.
//!
//! At each door answers about an address that has a sign-in and about one that has none are measured in turns, so that
//! whatever else the machine does falls on both. They can be told apart when two things are so: their ranks differ more than
//! chance has it (Mann–Whitney, |z| > 4: once in 15,000 runs), and their medians by more than a tenth. A second pair that does
//! differ shows that this would be seen.

use crate::support::{Person, World};
use backend::{
    Backend, Caller,
    crypto::{Argon2Cost, Password, PasswordHasher, Random},
    email_change, invitations, locked_out, notice_email, password_reset, sign_in,
};
use domain::{person::EmailAddress, roles::Role};
use std::time::Duration;
use tokio::time::Instant;

/// Of each of the two.
const SAMPLES: usize = 40;

/// How two lists of times compare.
#[derive(Debug)]
struct Comparison {
    /// By how many standard deviations the ranks differ from what chance has in the middle.
    z: f64,
    medians: [Duration; 2],
}

impl Comparison {
    fn of(times: [Vec<Duration>; 2]) -> Self {
        let [mut one, mut other] = times;
        let above = |time: &Duration| other.iter().filter(|than| time > *than).count() as f64;
        let (m, n) = (one.len() as f64, other.len() as f64);
        let u: f64 = one.iter().map(above).sum();
        let z = (u - m * n / 2.0) / (m * n * (m + n + 1.0) / 12.0).sqrt();
        one.sort();
        other.sort();
        Self { z, medians: [one[one.len() / 2], other[other.len() / 2]] }
    }

    fn tells_them_apart(&self) -> bool {
        let [one, other] = self.medians.map(|median| median.as_secs_f64());
        self.z.abs() > 4.0 && (one - other).abs() > 0.1 * one.min(other)
    }
}

/// Lets each of the two answer in turns.
async fn compare(world: &World, one: impl AsyncFn(usize), other: impl AsyncFn(usize)) -> Comparison {
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..SAMPLES {
        // Nobody waits because of the one before.
        world.execute("DELETE FROM throttles", []).await;
        let began = Instant::now();
        one(number).await;
        times[0].push(began.elapsed());
        world.execute("DELETE FROM throttles", []).await;
        let began = Instant::now();
        other(number).await;
        times[1].push(began.elapsed());
    }
    Comparison::of(times)
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// An address that nobody has.
fn nobody(number: usize) -> EmailAddress {
    address(&format!("nobody{number}@postern.example"))
}

/// A server that hashes as it does in earnest, and people whose passwords are kept so.
async fn in_earnest(world: &World, people: &[&Person]) -> Backend {
    let hasher = PasswordHasher::new(Argon2Cost::OWASP, 2, Random::seeded(3));
    let server = world.server_with(3, hasher).await;
    for person in people {
        let hash = server.hasher.hash(&Password::new(person.password.clone())).await;
        world.execute("UPDATE users SET password_hash = ? WHERE id = ?", [hash.into(), person.id.0.into()]).await;
    }
    server
}

async fn refused(server: &Backend, world: &World, email: &EmailAddress) {
    let wrong = Password::new("not the right one".into());
    sign_in::sign_in(server, &world.visitor(), email, wrong).await.unwrap_err();
}

on_each_database!(a_sign_in_that_is_refused_takes_the_same_time_for_whomever, async |world| {
    let account = world.account("Northwind").await;
    let known = world.user("Marta").with_totp().manager_of(&account).await;
    let shut = world.user("Simon").with_totp().manager_of(&account).await;
    let fresh = world.user("Fiona").without_password().manager_of(&account).await;
    let server = in_earnest(world, &[&known, &shut]).await;
    world.shut_out(&shut).await;
    for person in [&known, &shut, &fresh] {
        let email = address(&person.email);
        let known = async |_| refused(&server, world, &email).await;
        let unknown = async |number| refused(&server, world, &nobody(number)).await;
        let seen = compare(world, known, unknown).await;
        assert!(!seen.tells_them_apart(), "{}: {seen:?}", person.name);
    }
    // A cheaper hash for nobody's sake is seen.
    let email = address(&known.email);
    let cheaper = async |number| refused(&world.backend, world, &nobody(number)).await;
    let seen = compare(world, async |_| refused(&server, world, &email).await, cheaper).await;
    assert!(seen.tells_them_apart(), "{seen:?}");
    world.deliver().await;
});

on_each_database!(a_forgotten_password_takes_the_same_time_for_whomever, async |world| {
    let account = world.account("Northwind").await;
    let known = world.user("Marta").with_totp().manager_of(&account).await;
    let shut = world.user("Simon").with_totp().manager_of(&account).await;
    world.shut_out(&shut).await;
    // No link leaves for her while an MFA reset is under way (5.12).
    let withheld = world.user("Wanda").with_totp().manager_of(&account).await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    crate::mfa_reset::ask(&world.signed_in(&olga).await, account.scope, &withheld).await.unwrap();
    world.deliver().await;
    let ask = async |email: EmailAddress| {
        password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    };
    for person in [&known, &shut, &withheld] {
        let email = address(&person.email);
        let seen = compare(world, async |_| ask(email.clone()).await, async |number| ask(nobody(number)).await).await;
        assert!(!seen.tells_them_apart(), "{}: {seen:?}", person.name);
    }
    world.deliver().await;
});

on_each_database!(an_invitation_takes_the_same_time_for_whomever, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let mut known = Vec::new();
    for number in 0..SAMPLES {
        known.push(address(&world.user(&format!("Person {number}")).await.email));
    }
    let caller = world.signed_in(&olga).await.me().await;
    let invite = async |email: &EmailAddress| {
        invitations::invite(&world.backend, &caller, account.scope, email, "en", Role::Support).await.unwrap();
    };
    let seen =
        compare(world, async |number| invite(&known[number]).await, async |number| invite(&nobody(number)).await);
    let seen = seen.await;
    assert!(!seen.tells_them_apart(), "{seen:?}");
    world.deliver().await;
});

on_each_database!(another_address_takes_the_same_time_whoever_has_it, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut known = Vec::new();
    for number in 0..SAMPLES {
        known.push(address(&world.user(&format!("Person {number}")).await.email));
    }
    let caller = world.signed_in(&marta).await.me().await;
    let change = async |email: &EmailAddress| {
        email_change::request(&world.backend, &caller, email).await.unwrap();
    };
    let seen =
        compare(world, async |number| change(&known[number]).await, async |number| change(&nobody(number)).await);
    let seen = seen.await;
    assert!(!seen.tells_them_apart(), "to sign in with: {seen:?}");
    let second = async |email: &EmailAddress| {
        notice_email::request(&world.backend, &caller, email).await.unwrap();
    };
    let seen =
        compare(world, async |number| second(&known[number]).await, async |number| second(&nobody(number)).await);
    let seen = seen.await;
    assert!(!seen.tells_them_apart(), "for notices: {seen:?}");
    world.deliver().await;
});

on_each_database!(a_call_for_help_takes_the_same_time_whether_or_not_anybody_can_help, async |world| {
    let (many, none) = (world.account("Northwind").await, world.account("Contoso").await);
    for number in 0..10 {
        world.user(&format!("Admin {number}")).with_totp().admin_of(&many).await;
    }
    let marta = world.user("Marta").with_totp().manager_of(&many).await;
    let sole = world.user("Sole").with_totp().owner_of(&none).await;
    let (mut helped, mut alone) = (world.browser(), world.browser());
    helped.password(&marta).await.unwrap();
    alone.password(&sole).await.unwrap();
    let (helped, alone) = (helped.me().await, alone.me().await);
    let ask = async |caller: &Caller| locked_out::ask(&world.backend, caller).await.unwrap();
    let seen = compare(world, async |_| ask(&helped).await, async |_| ask(&alone).await).await;
    assert!(!seen.tells_them_apart(), "{seen:?}");
    world.deliver().await;
    assert!(world.mails().await.iter().any(|mail| mail == "help_wanted to Admin 9"));
});
