//! The notice of a sign-in by a browser that was not seen before (3.9): who gets one, who is spared, and that whoever
//! got in cannot keep it from leaving.

use crate::{
    mfa_reset::{asked, northwind},
    support::{HOUR, MINUTE, Person, SoftKey, World, code_in},
};
use backend::{authenticators, crypto::Password, passkeys, password_reset, sessions, sign_in};
use domain::{authenticators::FactorKind, person::EmailAddress, sessions::Standing};

const NOTICE: &str = "New sign-in";

/// How many notices this person got so far.
async fn notices(world: &World, person: &Person) -> usize {
    world.subjects_to(person).await.iter().filter(|subject| *subject == NOTICE).count()
}

async fn marta(world: &World) -> Person {
    world.look_at_notices();
    let account = world.account("Northwind").await;
    world.user("Marta").with_totp().manager_of(&account).await
}

on_each_database!(a_browser_is_told_of_when_it_is_in_and_never_again, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.browser();
    laptop.password(&marta).await.unwrap();
    laptop.code("000000").await.unwrap_err();
    assert_eq!(notices(world, &marta).await, 0, "nobody is in yet");
    laptop.code(&marta.code(world)).await.unwrap();
    assert_eq!(notices(world, &marta).await, 1);
    let mail = world.mail_to(&marta).await;
    for said in ["Firefox on Linux", "192.0.2.7", "https://postern.example/forgot-password"] {
        assert!(mail.text.contains(said), "{}", mail.text);
    }
    // Step-up, and the next sign-in, are of a browser that is known.
    world.advance(MINUTE);
    laptop.code(&marta.code(world)).await.unwrap();
    world.advance(MINUTE);
    laptop.sign_in(&marta).await;
    assert_eq!(notices(world, &marta).await, 1);
    world.signed_in(&marta).await;
    assert_eq!(notices(world, &marta).await, 2, "another browser is another");
});

on_each_database!(whoever_typed_a_code_out_of_the_mailbox_is_told_no_more, async |world| {
    world.look_at_notices();
    let account = world.account("Freehold").free().await;
    let bruno = world.user("Bruno").manager_of(&account).await;
    let mut laptop = world.browser();
    laptop.password(&bruno).await.unwrap();
    let code = code_in(&world.mail_to(&bruno).await.text);
    assert_eq!(laptop.device_code(&code).await.unwrap(), Standing::Enter);
    // Nor when the epoch moves on in this browser, which forgets it and remembers it anew.
    laptop.enrol().await.unwrap();
    assert_eq!(notices(world, &bruno).await, 0);
});

on_each_database!(a_method_bound_or_removed_makes_no_browser_new, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    let mut key = SoftKey::new(&world.backend.random);
    laptop.bind_passkey(&mut key, false).await.unwrap();
    let methods = authenticators::mine(&world.backend, &laptop.me().await).await.unwrap().authenticators;
    let app = methods.iter().find(|method| method.kind == FactorKind::Totp).unwrap().id;
    let step = authenticators::unbind(&world.backend, &laptop.me().await, app).await.unwrap();
    laptop.take(step);
    assert_eq!(notices(world, &marta).await, 1);
});

on_each_database!(a_passkey_alone_is_told_of_too, async |world| {
    let marta = marta(world).await;
    let mut key = SoftKey::new(&world.backend.random);
    world.signed_in(&marta).await.bind_passkey(&mut key, true).await.unwrap();
    assert_eq!(notices(world, &marta).await, 1);
    let asked = passkeys::begin_sign_in(&world.backend, &world.visitor()).await.unwrap();
    world.browser().sign_in_by(&asked, &key.answered(&asked)).await.unwrap();
    assert_eq!(notices(world, &marta).await, 2);
});

on_each_database!(a_browser_that_an_end_of_everything_forgot_is_new_again, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.signed_in(&marta).await;
    world.advance(HOUR);
    let email = EmailAddress::parse(&marta.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    world.see_to_knocks().await;
    let link = world.password_link(&marta).await;
    let new = Password::new("a quite different sentence".into());
    password_reset::set(&world.backend, &world.visitor(), &link, new).await.unwrap();
    laptop.visitor.session = None;
    laptop.type_in(&marta.email, "a quite different sentence").await.unwrap();
    laptop.code(&marta.code(world)).await.unwrap();
    assert_eq!(notices(world, &marta).await, 2);
});

on_each_database!(who_accepted_a_reset_in_this_browser_is_spared, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    world.look_at_notices();
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    assert_eq!(phone.password(&story.marta).await.unwrap(), Standing::EnrolOnly);
    phone.enrol().await.unwrap();
    assert_eq!(notices(world, &story.marta).await, 0);
});

on_each_database!(whoever_got_in_cannot_keep_the_notice_from_leaving, async |world| {
    let marta = marta(world).await;
    // Signed in, the device removed and the session ended, all before a mail could leave.
    let thief = world.signed_in(&marta).await;
    let me = thief.me().await;
    let device = sessions::mine(&world.backend, &me).await.unwrap().devices[0].id;
    sessions::forget_device(&world.backend, &me, device).await.unwrap();
    sessions::end(&world.backend, &me, me.session_id).await.unwrap();
    let mail = world.mail_to(&marta).await;
    assert_eq!(mail.subject, NOTICE);
    assert!(mail.text.contains("When: 22 November 2026"), "{}", mail.text);
});

on_each_database!(of_twenty_that_send_one_code_one_is_told_of, async |world| {
    let marta = marta(world).await;
    let mut laptop = world.browser();
    laptop.password(&marta).await.unwrap();
    let (me, code) = (laptop.me().await, marta.code(world));
    let answers = world
        .at_once(20, |server, _| {
            let (me, code) = (me.clone(), code.clone());
            async move { sign_in::submit_totp(&server, &me, &code, false).await.is_ok() }
        })
        .await;
    assert_eq!(answers.iter().filter(|is_in| **is_in).count(), 1);
    assert_eq!(notices(world, &marta).await, 1);
});
