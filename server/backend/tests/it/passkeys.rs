//! Passkeys and security keys (4.4): binding, the second step, signing in by one alone, and every answer that is to be
//! refused. The authenticator is a real one in software, [`SoftKey`].

use crate::support::{Browser, MINUTE, Person, Said, SoftKey, World, tampered, unverified};
use backend::{
    Error, Result, authenticators, passkeys,
    store::entity::{authenticator, passkey_ceremony},
};
use domain::{
    authenticators::{FactorKind, PasskeyCeremony},
    errors::{Conflict, Field, Problem},
    ids::{AuthenticatorId, CeremonyId},
    person::Name,
    policy::Denied,
    roles::Role,
    sessions::{Standing, StepUp},
};

fn key(world: &World) -> SoftKey {
    SoftKey::new(&world.backend.random)
}

/// Somebody in a paid account, without any method.
async fn ann(world: &World) -> Person {
    let account = world.account("Northwind").await;
    world.user("Ann").manager_of(&account).await
}

/// Somebody with a passkey that they made in this browser.
async fn with_passkey<'w>(world: &'w World, key: &mut SoftKey, signs_in: bool) -> (Person, Browser<'w>) {
    let ann = ann(world).await;
    let mut laptop = world.signed_in(&ann).await;
    laptop.bind_passkey(key, signs_in).await.unwrap();
    world.deliver().await;
    (ann, laptop)
}

fn problem<T: std::fmt::Debug>(answer: Result<T>) -> Problem {
    match answer {
        Err(Error::Invalid(fields)) => fields.of(Field::Passkey).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn passkeys_of(world: &World) -> Vec<authenticator::Model> {
    let mut rows = world.rows::<authenticator::Entity>().await;
    rows.retain(|row| row.kind == FactorKind::Passkey.key());
    rows
}

// ── binding ───────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_first_passkey_opens_the_door_and_comes_with_backup_codes, async |world| {
    let ann = ann(world).await;
    let mut laptop = world.browser();
    assert_eq!(laptop.sign_in(&ann).await, Standing::EnrolOnly);
    let mut phone = world.signed_in(&ann).await;
    assert_eq!(laptop.bind_passkey(&mut key(world), false).await.unwrap(), Standing::Enter);
    assert_eq!(laptop.shown_backup_codes().await.unwrap().len(), 10);
    // The epoch moved on: whoever else was signed in is not.
    assert!(matches!(phone.caller().await, Err(Error::NotSignedIn)));
    assert_eq!(phone.password(&ann).await.unwrap(), Standing::AwaitingMfa);
    assert_eq!(laptop.me().await.step_up(world.now()), StepUp::FreshByAuthenticator);
    world.deliver().await;
});

on_each_database!(a_passkey_is_the_second_step_and_step_up, async |world| {
    let mut key = key(world);
    let (ann, _) = with_passkey(world, &mut key, false).await;
    let mut phone = world.browser();
    assert_eq!(phone.password(&ann).await.unwrap(), Standing::AwaitingMfa);
    let challenge = backend::sign_in::challenge(&world.backend, &phone.me().await).await.unwrap();
    assert_eq!(challenge.first(), Some(FactorKind::Passkey));
    assert_eq!(phone.passkey(&mut key).await.unwrap(), Standing::Enter);
    world.advance(11 * MINUTE);
    assert_eq!(phone.me().await.step_up(world.now()), StepUp::NeedsAuthenticator);
    phone.passkey(&mut key).await.unwrap();
    assert_eq!(phone.me().await.step_up(world.now()), StepUp::FreshByAuthenticator);
    let mine = authenticators::mine(&world.backend, &phone.me().await).await.unwrap();
    assert_eq!(mine.authenticators[0].last_used_at, Some(world.now()));
});

on_each_database!(the_strongest_method_is_asked_for_first, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut laptop = world.signed_in(&marta).await;
    let mut key = key(world);
    laptop.bind_passkey(&mut key, false).await.unwrap();
    // The second of two raises no epoch: this session goes on, and so do others.
    let mut phone = world.browser();
    phone.password(&marta).await.unwrap();
    let challenge = backend::sign_in::challenge(&world.backend, &phone.me().await).await.unwrap();
    let kinds: Vec<FactorKind> = challenge.offered.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, [FactorKind::Passkey, FactorKind::Totp]);
    world.advance(MINUTE);
    assert_eq!(phone.code(&marta.code(world)).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(binding_needs_a_fresh_proof, async |world| {
    let mut first = key(world);
    let (_, mut laptop) = with_passkey(world, &mut first, false).await;
    let asked = laptop.begin_binding(false).await.unwrap();
    world.advance(MINUTE * 11);
    let denied = passkeys::begin_binding(&world.backend, &laptop.me().await, false).await;
    assert!(matches!(denied, Err(Error::Denied(Denied::StepUpNeeded(_)))), "{denied:?}");
    let mut second = key(world);
    let late = laptop.finish_binding(&asked, &second.created(&asked)).await;
    assert!(matches!(late, Err(Error::Denied(Denied::StepUpNeeded(_)))), "{late:?}");
    assert_eq!(passkeys_of(world).await.len(), 1);
});

on_each_database!(of_two_tabs_that_bind_a_first_passkey_one_does, async |world| {
    let ann = ann(world).await;
    let mut laptop = world.browser();
    laptop.sign_in(&ann).await;
    let (mut one, mut other) = (key(world), key(world));
    let (first, second) = (laptop.begin_binding(false).await.unwrap(), laptop.begin_binding(false).await.unwrap());
    let caller = laptop.me().await;
    let name = Name::parse("Key").unwrap();
    let (here, there) = (&world.backend, &world.other_server);
    let (first_said, second_said) = (one.created(&first), other.created(&second));
    let (a, b) = tokio::join!(
        passkeys::bind(here, &caller, first.id, &name, &first_said),
        passkeys::bind(there, &caller, second.id, &name, &second_said),
    );
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    assert_eq!(passkeys_of(world).await.len(), 1);
    world.deliver().await;
});

on_each_database!(one_key_is_one_persons_once, async |world| {
    let mut key = key(world);
    let (_, mut laptop) = with_passkey(world, &mut key, false).await;
    // The authenticator is told which it has; one that does not listen is told here.
    let asked = laptop.begin_binding(false).await.unwrap();
    assert!(asked.options.contains(&data_encoding::BASE64URL_NOPAD.encode(&key.id)), "{}", asked.options);
    assert_eq!(problem(laptop.finish_binding(&asked, &key.created(&asked)).await), Problem::PasskeyRefused);
    let account = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().manager_of(&account).await;
    let mut other = world.signed_in(&carlo).await;
    let asked = other.begin_binding(false).await.unwrap();
    assert_eq!(problem(other.finish_binding(&asked, &key.created(&asked)).await), Problem::PasskeyTaken);
    assert_eq!(passkeys_of(world).await.len(), 1);
});

// ── answers to be refused ─────────────────────────────────────────────────────────────────────────────────────────

type Change = fn(&mut Said);

/// What no authenticator of ours says, and what a site that is not ours makes one say.
const WRONG: [(&str, Change); 7] = [
    ("another origin", |said| said.origin = "https://postern.example.evil.example".into()),
    ("our name on another port", |said| said.origin = "https://postern.example:444".into()),
    ("no TLS", |said| said.origin = "http://postern.example".into()),
    ("another RP id", |said| said.rp_id = "evil.example".into()),
    ("another challenge", |said| said.challenge = "A".repeat(43)),
    ("another ceremony", |said| said.kind = "payment.get"),
    ("nobody verified", unverified),
];

/// What is no answer at all.
fn nonsense() -> Vec<String> {
    let deep = "[".repeat(10_000);
    let empty = r#"{"id":"","rawId":"","type":"public-key","response":{}}"#;
    vec![String::new(), "null".into(), "{}".into(), empty.into(), deep, "x".repeat(20_000), "{\"id\":\"\u{0}\"}".into()]
}

on_each_database!(nothing_is_bound_by_a_wrong_answer, async |world| {
    let ann = ann(world).await;
    let mut laptop = world.browser();
    laptop.sign_in(&ann).await;
    let mut key = key(world);
    for (what, change) in WRONG {
        let asked = laptop.begin_binding(false).await.unwrap();
        let answer = key.created_saying(&asked, change);
        assert_eq!(problem(laptop.finish_binding(&asked, &answer).await), Problem::PasskeyRefused, "{what}");
        // It was answered: the right answer comes too late.
        let answer = key.created(&asked);
        assert_eq!(problem(laptop.finish_binding(&asked, &answer).await), Problem::PasskeyRefused, "{what}");
    }
    for answer in nonsense() {
        let asked = laptop.begin_binding(false).await.unwrap();
        assert_eq!(problem(laptop.finish_binding(&asked, &answer).await), Problem::PasskeyRefused);
    }
    assert!(passkeys_of(world).await.is_empty());
    assert_eq!(laptop.caller().await.unwrap().standing(), Standing::EnrolOnly);
    assert_eq!(laptop.bind_passkey(&mut key, false).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(nobody_gets_in_by_a_wrong_answer, async |world| {
    let mut key = key(world);
    let (ann, _) = with_passkey(world, &mut key, true).await;
    let mut phone = world.browser();
    phone.password(&ann).await.unwrap();
    let fake = self::key(world).that_claims_to_be(&key);
    for (what, change) in WRONG {
        world.advance(30 * MINUTE);
        let asked = passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
        let answer = key.answered_saying(&asked, change);
        assert_eq!(problem(phone.answer(&asked, &answer).await), Problem::PasskeyRefused, "{what}");
        let asked = passkeys::begin_sign_in(&world.backend, &phone.visitor).await.unwrap();
        let answer = key.answered_saying(&asked, change);
        assert_eq!(problem(world.browser().sign_in_by(&asked, &answer).await), Problem::PasskeyRefused, "{what}");
    }
    world.advance(30 * MINUTE);
    let asked = passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
    let forged = fake.clone().answered(&asked);
    assert_eq!(problem(phone.answer(&asked, &forged).await), Problem::PasskeyRefused);
    let asked = passkeys::begin_sign_in(&world.backend, &phone.visitor).await.unwrap();
    let forged = fake.clone().answered_saying(&asked, |said| said.user_handle = Some(handle(&ann)));
    assert_eq!(problem(world.browser().sign_in_by(&asked, &forged).await), Problem::PasskeyRefused);
    for answer in nonsense() {
        world.advance(30 * MINUTE);
        let asked = passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
        assert_eq!(problem(phone.answer(&asked, &answer).await), Problem::PasskeyRefused);
        let asked = passkeys::begin_sign_in(&world.backend, &phone.visitor).await.unwrap();
        assert_eq!(problem(world.browser().sign_in_by(&asked, &answer).await), Problem::PasskeyRefused);
    }
    assert_eq!(phone.me().await.standing(), Standing::AwaitingMfa);
    world.deliver().await;
});

type Tampering = (&'static str, &'static str, fn(&mut Vec<u8>));

/// What is changed between the authenticator, which signed it, and us.
const SIGNED: [Tampering; 13] = [
    ("another site", "authenticatorData", |data| data[0] ^= 1),
    ("nobody there", "authenticatorData", |data| data[32] ^= 0x01),
    ("nobody verified", "authenticatorData", |data| data[32] ^= 0x04),
    ("it was backed up", "authenticatorData", |data| data[32] ^= 0x18),
    ("a later counter", "authenticatorData", |data| data[35] ^= 1),
    ("cut short", "authenticatorData", |data| data.truncate(36)),
    ("with more behind it", "authenticatorData", |data| data.push(0)),
    ("other client data that means the same", "clientDataJSON", |data| data.insert(1, b' ')),
    ("no client data", "clientDataJSON", Vec::clear),
    ("another signature", "signature", |data| *data.last_mut().unwrap() ^= 1),
    ("half a signature", "signature", |data| data.truncate(data.len() / 2)),
    ("no signature", "signature", Vec::clear),
    ("a signature of nothing", "signature", |data| *data = vec![0x30, 6, 2, 1, 0, 2, 1, 0]),
];

/// Where the authenticator data begin in an attestation object, and the public key in its place at the end.
fn data_in(object: &[u8]) -> usize {
    let label = b"authData";
    object.windows(label.len()).position(|window| window == label).unwrap() + label.len() + 2
}

const KEY: usize = 77;

/// The same of a new key, of which nothing is signed: it has to be one, for this site, made by somebody who is there.
const MADE: [Tampering; 12] = [
    ("another site", "attestationObject", |object| {
        let at = data_in(object);
        object[at] ^= 1;
    }),
    ("nobody there", "attestationObject", |object| {
        let at = data_in(object);
        object[at + 32] ^= 0x01;
    }),
    ("nobody verified", "attestationObject", |object| {
        let at = data_in(object);
        object[at + 32] ^= 0x04;
    }),
    ("no key in it", "attestationObject", |object| {
        let at = data_in(object);
        object[at + 32] ^= 0x40;
    }),
    ("an id longer than all of it", "attestationObject", |object| {
        let at = data_in(object);
        object[at + 53] = 0x7f;
    }),
    ("a point that is not on the curve", "attestationObject", |object| *object.last_mut().unwrap() ^= 1),
    ("another kind of key", "attestationObject", |object| {
        let at = object.len() - KEY;
        object[at + 2] = 0x03;
    }),
    ("another algorithm", "attestationObject", |object| {
        let at = object.len() - KEY;
        object[at + 4] = 0x27;
    }),
    ("another curve", "attestationObject", |object| {
        let at = object.len() - KEY;
        object[at + 6] = 0x02;
    }),
    ("cut short", "attestationObject", |object| object.truncate(object.len() - 1)),
    ("no attestation", "attestationObject", Vec::clear),
    ("no client data", "clientDataJSON", Vec::clear),
];

on_each_database!(nobody_gets_in_by_an_answer_that_was_changed_after_it_was_signed, async |world| {
    let mut key = key(world);
    let (ann, _) = with_passkey(world, &mut key, true).await;
    let mut phone = world.browser();
    phone.password(&ann).await.unwrap();
    for (what, part, change) in SIGNED {
        world.advance(30 * MINUTE);
        let asked = passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
        let answer = tampered(&key.answered(&asked), part, change);
        assert_eq!(problem(phone.answer(&asked, &answer).await), Problem::PasskeyRefused, "{what}");
        let asked = passkeys::begin_sign_in(&world.backend, &phone.visitor).await.unwrap();
        let answer = tampered(&key.answered(&asked), part, change);
        assert_eq!(problem(world.browser().sign_in_by(&asked, &answer).await), Problem::PasskeyRefused, "{what}");
    }
    // What was refused left the counter where it was: the key still serves.
    world.advance(30 * MINUTE);
    assert_eq!(phone.passkey(&mut key).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(nothing_is_bound_by_a_key_that_was_changed_on_the_way, async |world| {
    let ann = ann(world).await;
    let mut laptop = world.browser();
    laptop.sign_in(&ann).await;
    let mut key = key(world);
    for (what, part, change) in MADE {
        let asked = laptop.begin_binding(false).await.unwrap();
        let answer = tampered(&key.created(&asked), part, change);
        assert_eq!(problem(laptop.finish_binding(&asked, &answer).await), Problem::PasskeyRefused, "{what}");
    }
    assert!(passkeys_of(world).await.is_empty());
    assert_eq!(laptop.bind_passkey(&mut key, false).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

fn handle(person: &Person) -> serde_json::Value {
    data_encoding::BASE64URL_NOPAD.encode(person.id.0.as_bytes()).into()
}

on_each_database!(an_answer_counts_once_and_for_whom_it_was_asked, async |world| {
    let mut key = key(world);
    let (ann, laptop) = with_passkey(world, &mut key, true).await;
    let mut phone = world.browser();
    phone.password(&ann).await.unwrap();
    // Of another session of the same person.
    let asked = passkeys::begin_proof(&world.backend, &laptop.me().await).await.unwrap();
    let answer = key.answered(&asked);
    assert_eq!(problem(phone.answer(&asked, &answer).await), Problem::PasskeyRefused);
    // Made for something else.
    assert_eq!(problem(phone.sign_in_by(&asked, &answer).await), Problem::PasskeyRefused);
    // Once.
    let asked = passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
    let answer = key.answered(&asked);
    assert_eq!(phone.answer(&asked, &answer).await.unwrap(), Standing::Enter);
    assert_eq!(problem(phone.answer(&asked, &answer).await), Problem::PasskeyRefused);
    // Five minutes.
    let asked = passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
    world.advance(passkeys::CEREMONY_TTL);
    assert_eq!(problem(phone.answer(&asked, &key.answered(&asked)).await), Problem::PasskeyRefused);
    // Only the last that was asked for.
    let asked = passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
    for _ in 0..20 {
        passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
    }
    let of_phone = phone.me().await.session_id.0;
    let waiting = world.rows::<passkey_ceremony::Entity>().await;
    assert_eq!(waiting.iter().filter(|row| row.session_id == Some(of_phone)).count(), 1);
    assert_eq!(problem(phone.answer(&asked, &key.answered(&asked)).await), Problem::PasskeyRefused);
    // By nobody in particular.
    let none = PasskeyCeremony { id: CeremonyId(world.backend.random.uuid(world.now())), ..asked.clone() };
    assert_eq!(problem(phone.answer(&none, &key.answered(&asked)).await), Problem::PasskeyRefused);
    world.deliver().await;
    // What nobody answers is swept.
    passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
    world.advance(passkeys::CEREMONY_TTL);
    world.deliver().await;
    assert!(world.rows::<passkey_ceremony::Entity>().await.is_empty());
});

on_each_database!(another_persons_key_proves_nothing_of_mine, async |world| {
    let (mut anns, mut carlos) = (key(world), key(world));
    let (ann, _) = with_passkey(world, &mut anns, true).await;
    let account = world.account("Contoso").await;
    let carlo = world.user("Carlo").manager_of(&account).await;
    let mut other = world.signed_in(&carlo).await;
    other.bind_passkey(&mut carlos, true).await.unwrap();
    let mut thief = world.browser();
    thief.password(&ann).await.unwrap();
    let asked = passkeys::begin_proof(&world.backend, &thief.me().await).await.unwrap();
    assert_eq!(problem(thief.answer(&asked, &carlos.answered(&asked)).await), Problem::PasskeyRefused);
    // Carlo's key, which says that it is Ann's.
    let asked = passkeys::begin_sign_in(&world.backend, &thief.visitor).await.unwrap();
    let answer = carlos.answered_saying(&asked, |said| said.user_handle = Some(handle(&ann)));
    assert_eq!(problem(world.browser().sign_in_by(&asked, &answer).await), Problem::PasskeyRefused);
    let asked = passkeys::begin_sign_in(&world.backend, &thief.visitor).await.unwrap();
    let answer = carlos.answered_saying(&asked, |said| said.user_handle = None);
    assert_eq!(problem(world.browser().sign_in_by(&asked, &answer).await), Problem::PasskeyRefused);
    world.deliver().await;
});

on_each_database!(of_many_that_send_one_answer_one_gets_in, async |world| {
    let mut key = key(world);
    let (ann, _) = with_passkey(world, &mut key, false).await;
    let mut phone = world.browser();
    phone.password(&ann).await.unwrap();
    let caller = phone.me().await;
    let asked = passkeys::begin_proof(&world.backend, &caller).await.unwrap();
    let answer = key.answered(&asked);
    let (here, there) = (&world.backend, &world.other_server);
    let prove = |server| passkeys::prove(server, &caller, asked.id, &answer, false);
    let (a, b, c, d) = tokio::join!(prove(here), prove(there), prove(here), prove(there));
    let right = [a.is_ok(), b.is_ok(), c.is_ok(), d.is_ok()].into_iter().filter(|is| *is).count();
    assert_eq!(right, 1);
    world.deliver().await;
});

// ── signing in by one alone ───────────────────────────────────────────────────────────────────────────────────────

on_each_database!(who_chose_so_signs_in_without_the_password, async |world| {
    let mut key = key(world);
    let (_, laptop) = with_passkey(world, &mut key, true).await;
    let mut phone = world.browser();
    let asked = passkeys::begin_sign_in(&world.backend, &phone.visitor).await.unwrap();
    // Nobody is named before the answer.
    assert!(!asked.options.contains("allowCredentials") || asked.options.contains("\"allowCredentials\":[]"));
    assert_eq!(phone.sign_in_by(&asked, &key.answered(&asked)).await.unwrap(), Standing::Enter);
    assert_eq!(phone.me().await.user_id, laptop.me().await.user_id);
    assert_eq!(phone.me().await.step_up(world.now()), StepUp::FreshByAuthenticator);
});

on_each_database!(a_passkey_of_the_second_step_does_not_sign_in_alone, async |world| {
    let mut key = key(world);
    with_passkey(world, &mut key, false).await;
    let mut phone = world.browser();
    let asked = passkeys::begin_sign_in(&world.backend, &phone.visitor).await.unwrap();
    assert_eq!(problem(phone.sign_in_by(&asked, &key.answered(&asked)).await), Problem::PasskeySecondStep);
    assert!(phone.visitor.session.is_none());
});

on_each_database!(an_accepted_reset_removes_a_passkey_that_signs_in_alone, async |world| {
    let mut key = key(world);
    let (ann, laptop) = with_passkey(world, &mut key, true).await;
    let account = laptop.scope.unwrap();
    let olga = world.user("Olga").with_totp().with_role(Role::Owner, account).await;
    let owner = world.signed_in(&olga).await;
    crate::mfa_reset::ask(&owner, account, &ann).await.unwrap();
    let link = world.reset_link(&ann).await;
    let asked = passkeys::begin_sign_in(&world.backend, &world.visitor()).await.unwrap();
    crate::mfa_reset::accept(&world.backend, &link).await.unwrap();
    assert!(passkeys_of(world).await.is_empty(), "an accepted reset removes passkeys too");
    let answer = key.answered(&asked);
    assert_eq!(problem(world.browser().sign_in_by(&asked, &answer).await), Problem::PasskeyRefused);
    world.deliver().await;
});

on_each_database!(a_deactivated_person_is_not_let_in, async |world| {
    let mut key = key(world);
    let (ann, _) = with_passkey(world, &mut key, true).await;
    world.execute("UPDATE users SET deactivated_at = 1 WHERE id = ?", [ann.id.0.into()]).await;
    let asked = passkeys::begin_sign_in(&world.backend, &world.visitor()).await.unwrap();
    let answer = key.answered(&asked);
    assert_eq!(problem(world.browser().sign_in_by(&asked, &answer).await), Problem::PasskeyRefused);
});

on_each_database!(a_network_asks_a_hundred_times_in_vain_and_then_waits, async |world| {
    let mut key = key(world);
    with_passkey(world, &mut key, true).await;
    let mut phone = world.browser().at([192, 0, 2, 7]);
    let begin = async |phone: &Browser<'_>| passkeys::begin_sign_in(&world.backend, &phone.visitor).await;
    for _ in 0..99 {
        begin(&phone).await.unwrap();
    }
    // A success takes back what it counted.
    let asked = begin(&phone).await.unwrap();
    assert_eq!(phone.sign_in_by(&asked, &key.answered(&asked)).await.unwrap(), Standing::Enter);
    world.advance(crate::support::MINUTE / 60);
    begin(&phone).await.unwrap();
    assert!(matches!(begin(&phone).await, Err(Error::Throttled { .. })));
    assert!(world.rows::<passkey_ceremony::Entity>().await.len() <= 100);
});

// ── copies ────────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(of_two_copies_of_a_key_the_one_that_falls_behind_is_refused, async |world| {
    let mut key = key(world);
    let (ann, mut laptop) = with_passkey(world, &mut key, true).await;
    let mut copy = key.clone();
    laptop.passkey(&mut key).await.unwrap();
    laptop.passkey(&mut key).await.unwrap();
    let mut thief = world.browser();
    thief.password(&ann).await.unwrap();
    assert_eq!(problem(thief.passkey(&mut copy).await), Problem::PasskeyCopied);
    let mail = world.mail_to(&ann).await;
    assert!(mail.subject.contains("may have been copied"), "{}", mail.subject);
    let asked = passkeys::begin_sign_in(&world.backend, &thief.visitor).await.unwrap();
    let answer = copy.answered(&asked);
    assert_eq!(problem(world.browser().sign_in_by(&asked, &answer).await), Problem::PasskeyCopied);
    world.deliver().await;
    let log = world.log_of(laptop.scope.unwrap()).await;
    assert_eq!(log.iter().filter(|line| line.contains("passkey_copied")).count(), 2, "{log:?}");
    // The one that is ahead goes on.
    laptop.passkey(&mut key).await.unwrap();
});

on_each_database!(a_passkey_that_does_not_count_is_no_copy, async |world| {
    let mut key = key(world).that_does_not_count();
    let (_, mut laptop) = with_passkey(world, &mut key, false).await;
    for _ in 0..3 {
        laptop.passkey(&mut key).await.unwrap();
    }
    assert_eq!(passkeys_of(world).await[0].last_step, 0);
});

// ── beside other methods ──────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(of_several_keys_each_serves_and_only_for_itself, async |world| {
    let (mut blue, mut green) = (key(world), key(world));
    let (ann, mut laptop) = with_passkey(world, &mut blue, true).await;
    laptop.bind_passkey(&mut green, true).await.unwrap();
    world.deliver().await;
    for key in [&mut blue, &mut green] {
        world.advance(MINUTE);
        let mut phone = world.browser();
        phone.password(&ann).await.unwrap();
        assert_eq!(phone.passkey(key).await.unwrap(), Standing::Enter);
        let asked = passkeys::begin_sign_in(&world.backend, &phone.visitor).await.unwrap();
        assert_eq!(world.browser().sign_in_by(&asked, &key.answered(&asked)).await.unwrap(), Standing::Enter);
        let used = passkeys_of(world).await.into_iter().find(|row| row.credential_id.as_ref() == Some(&key.id));
        assert_eq!(used.unwrap().last_used_at, Some(world.now().ms()), "the one that was used, and no other");
    }
    // Both are asked for by name, and one does not answer for the other.
    let mut phone = world.browser();
    phone.password(&ann).await.unwrap();
    let asked = passkeys::begin_proof(&world.backend, &phone.me().await).await.unwrap();
    for key in [&blue, &green] {
        assert!(asked.options.contains(&data_encoding::BASE64URL_NOPAD.encode(&key.id)), "{}", asked.options);
    }
    let mixed = blue.clone().that_claims_to_be(&green).answered(&asked);
    assert_eq!(problem(phone.answer(&asked, &mixed).await), Problem::PasskeyRefused);
    // Without the one the other goes on.
    let first = passkeys_of(world).await.into_iter().find(|row| row.credential_id.as_ref() == Some(&blue.id)).unwrap();
    laptop.passkey(&mut green).await.unwrap();
    let step = authenticators::unbind(&world.backend, &laptop.me().await, AuthenticatorId(first.id)).await.unwrap();
    laptop.take(step);
    let mut phone = world.browser();
    phone.password(&ann).await.unwrap();
    assert_eq!(problem(phone.passkey(&mut blue).await), Problem::PasskeyRefused);
    assert_eq!(phone.passkey(&mut green).await.unwrap(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(removing_a_method_proves_nothing, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut laptop = world.signed_in(&marta).await;
    laptop.bind_passkey(&mut key(world), false).await.unwrap();
    let codes = laptop.make_backup_codes().await;
    // A thief with the password and one backup code.
    let mut thief = world.browser();
    thief.password(&marta).await.unwrap();
    thief.backup_code(&codes[0]).await.unwrap();
    let passkey = AuthenticatorId(passkeys_of(world).await[0].id);
    let step = authenticators::unbind(&world.backend, &thief.me().await, passkey).await.unwrap();
    thief.take(step);
    assert_eq!(thief.me().await.step_up(world.now()), StepUp::FreshByRecoveryCode);
    world.deliver().await;
});

on_each_database!(a_method_is_renamed_by_its_person_alone, async |world| {
    let mut key = key(world);
    let (_, laptop) = with_passkey(world, &mut key, false).await;
    let id = AuthenticatorId(passkeys_of(world).await[0].id);
    let name = Name::parse("Blue key").unwrap();
    let carlo = world.user("Carlo").with_totp().await;
    let stranger = world.signed_in(&carlo).await.me().await;
    let refused = authenticators::rename(&world.backend, &stranger, id, &name).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    authenticators::rename(&world.backend, &laptop.me().await, id, &name).await.unwrap();
    assert_eq!(passkeys_of(world).await[0].name, "Blue key");
    world.advance(11 * MINUTE);
    let stale = authenticators::rename(&world.backend, &laptop.me().await, id, &name).await;
    assert!(matches!(stale, Err(Error::Denied(Denied::StepUpNeeded(_)))), "{stale:?}");
});

on_each_database!(the_public_key_of_a_passkey_is_no_seed, async |world| {
    let mut key = key(world);
    let (ann, laptop) = with_passkey(world, &mut key, false).await;
    let secret = passkeys_of(world).await.remove(0);
    let sealed = backend::crypto::Sealed { key_id: secret.key_id, bytes: secret.sealed_secret };
    let public_key = world.backend.keys.open(secret.id, &sealed).unwrap();
    let mut phone = world.browser();
    phone.password(&ann).await.unwrap();
    assert!(phone.code(&crate::support::code_of(&public_key, world.now())).await.is_err());
    drop(laptop);
});

on_each_database!(who_has_no_passkey_is_asked_for_none, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let asked = passkeys::begin_proof(&world.backend, &world.signed_in(&marta).await.me().await).await;
    assert!(matches!(asked, Err(Error::Conflict(Conflict::OutOfOrder))), "{asked:?}");
});
