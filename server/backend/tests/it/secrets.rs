//! What must not stand in the database: whoever reads all of it gets nothing to sign in with (12.3, 3.6, 4.5).

use crate::{
    mfa_reset::{ask, northwind},
    support::World,
};
use backend::{crypto::LinkToken, mfa_reset, password_reset};
use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD, HEXLOWER};
use domain::person::EmailAddress;

/// Nothing of a token, in any dress, anywhere.
async fn is_nowhere(world: &World, what: &str, shown: &str) {
    let dump = world.dump().await;
    assert!(dump.find(shown).is_empty(), "{what} stands in {:?}", dump.find(shown));
    if let Ok(bytes) = BASE64URL_NOPAD.decode(shown.as_bytes()) {
        assert!(dump.find_bytes(&bytes).is_empty(), "{what} stands in {:?}", dump.find_bytes(&bytes));
    }
}

on_each_database!(no_table_holds_a_token_a_link_a_code_a_seed_or_a_password, async |world| {
    let story = northwind(world).await;
    // Marta enrols a second app, makes codes, forgets the password, and is reset; Bruno signs in from a new device.
    let mut laptop = world.signed_in(&story.marta).await;
    let seed = laptop.enrol().await.unwrap();
    let codes = laptop.make_backup_codes().await;
    let free = world.account("Freehold").free().await;
    let bruno = world.user("Bruno").manager_of(&free).await;
    let mut new_device = world.browser();
    new_device.password(&bruno).await.unwrap();
    let device_code = world.mailed_code(&bruno).await;
    let email = EmailAddress::parse(&story.marta.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let password_link = world.password_link(&story.marta).await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    let reset_link = world.reset_link(&story.marta).await;

    let session = laptop.visitor.session.as_ref().unwrap().expose();
    let device = laptop.visitor.known_device.as_ref().unwrap().expose();
    is_nowhere(world, "a session token", &session).await;
    is_nowhere(world, "a device token", &device).await;
    is_nowhere(world, "the link of a reset", &reset_link.expose()).await;
    is_nowhere(world, "the link of a password", &password_link.expose()).await;
    for code in &codes {
        is_nowhere(world, "a backup code", code).await;
        is_nowhere(world, "a backup code", &code.replace('-', "")).await;
        is_nowhere(
            world,
            "a backup code",
            &HEXLOWER.encode(&BASE32_NOPAD.decode(code.replace('-', "").to_uppercase().as_bytes()).unwrap()),
        )
        .await;
    }
    for seed in [&seed, story.marta.totp_seed.as_ref().unwrap()] {
        is_nowhere(world, "a seed", &HEXLOWER.encode(seed)).await;
        is_nowhere(world, "a seed", &BASE32_NOPAD.encode(seed)).await;
        is_nowhere(world, "a seed", &BASE64.encode(seed)).await;
    }
    is_nowhere(world, "a password", &story.marta.password).await;
    // Six digits stand somewhere by chance; not as a value of their own.
    let dump = format!("{:?}", world.dump().await);
    assert!(!dump.contains(&format!("\"{device_code}\"")) && !dump.contains(&format!("\"'{device_code}'\"")));
    // The search finds what is there: the digest of the session.
    let digest = laptop.visitor.session.as_ref().unwrap().digest();
    assert_eq!(world.dump().await.find_bytes(&digest.0), ["sessions.token_digest"]);

    let mut phone = world.browser();
    phone.accept(&reset_link).await.unwrap();
    is_nowhere(world, "the cookie of an accepted reset", &phone.visitor.returning.as_ref().unwrap().expose()).await;
    world.deliver().await;
});

on_each_database!(what_stands_in_the_database_is_no_link, async |world| {
    // Whoever has a copy of the database has every nonce and digest; without the master key none makes a link.
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    world.deliver().await;
    let row = world.resets_of(&story.marta).await.remove(0);
    let mut guesses = vec![row.token_digest.clone(), row.nonce.repeat(2)];
    guesses.push([row.id.as_bytes().as_slice(), &row.nonce].concat());
    for guess in guesses {
        let link = LinkToken::parse(&BASE64URL_NOPAD.encode(&guess)).unwrap();
        assert!(mfa_reset::accept(&world.backend, &world.visitor(), &link, "").await.is_err());
    }
});

on_each_database!(a_sealed_seed_opens_in_its_own_row_only, async |world| {
    let story = northwind(world).await;
    // Chiara's sealed seed copied into Marta's row.
    let sql = "UPDATE authenticators SET sealed_secret = (SELECT sealed_secret FROM authenticators WHERE user_id = ?) \
               WHERE user_id = ?";
    world.execute(sql, [story.chiara.id.0.into(), story.marta.id.0.into()]).await;
    let mut browser = world.browser();
    browser.password(&story.marta).await.unwrap();
    assert!(browser.code(&story.chiara.code(world)).await.is_err());
    assert!(browser.code(&story.marta.code(world)).await.is_err());
});
