//! The epoch (3.6): whatever a person can hold carries it, and nothing that carries an older one is worth anything.
//!
//! The first test guards what is not written yet. Whoever adds a table that belongs to a person is stopped here and has
//! to say what it is.

use crate::{
    mfa_reset::{accept, asked, northwind},
    support::{Browser, SoftKey, World, code_in},
};
use backend::{Error, authenticators, crypto::Password, email_change, notice_email, password_reset, sessions, sign_in};
use domain::{
    passwords::LinkState,
    person::{EmailAddress, Name},
    roles::Role,
    sessions::Standing,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a table is whose rows belong to a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Held {
    /// Held by a person or a browser, and void when the epoch moves on.
    ByEpoch,
    /// A second factor, or part of one: removed by an accepted MFA reset, and by nothing else but its person.
    Factor,
    /// A record of what is or was. Nobody gets in with it.
    Record,
    /// Part of a row of this table, gone with it and worth nothing without.
    PartOf(&'static str),
    /// A stranger's, by an address: there is nobody yet whose epoch it could carry.
    OfAnAddress,
}

use Held::*;

/// Every table with a `user_id`, that belongs to one with it, or that keeps a secret. **A new one goes here**, and:
///
/// - what can be held (a token, a code, a link, a device) gets an `epoch` column, is inserted by `epoch::insert_under`,
///   compared with the person's epoch wherever it is used, and named in `epoch::HELD`;
/// - a factor is removed by `authenticators::unbind_all`;
/// - of a record, nothing is asked.
///
/// And it gets a line in `nothing_that_is_held_outlives_the_epoch` below.
const TABLES: &[(&str, Held)] = &[
    ("authenticators", Factor),
    ("bulk_reset_items", Record),
    ("device_codes", ByEpoch),
    ("email_changes", ByEpoch),
    ("help_calls", ByEpoch),
    // Accepted by who is signed in, or by making a sign-in, never to get into one that is there.
    ("invitations", OfAnAddress),
    ("known_devices", ByEpoch),
    ("memberships", Record),
    // Its link is void by the condition under which it is accepted, and its row ends by `mfa_reset::end_elsewhere`.
    ("mfa_reset_voices", PartOf("mfa_resets")),
    ("mfa_resets", Record),
    ("notice_email_codes", ByEpoch),
    // Nobody acts on it but the operator, and time.
    ("operator_changes", Record),
    ("outbox", Record),
    ("passkey_ceremonies", ByEpoch),
    ("password_resets", ByEpoch),
    // The set may be looked at by the session that made it, under its epoch; the codes themselves are a factor.
    ("recovery_code_sets", ByEpoch),
    ("recovery_codes", Factor),
    ("session_proofs", PartOf("sessions")),
    ("sessions", ByEpoch),
    ("sms_codes", ByEpoch),
    ("tenures", Record),
];

/// Whether a row is somebody's or something's to hold, by the name of a column. Not every one refers to a row that has to be
/// there.
fn is_held(column: &str) -> bool {
    matches!(column, "user_id" | "session_id" | "authenticator_id" | "nonce") || column.ends_with("_digest")
}

on_each_database!(every_table_of_a_person_is_classified_here, async |world| {
    let mut of_persons = BTreeSet::new();
    let mut with_epoch = BTreeSet::new();
    let mut owners = BTreeMap::new();
    for table in world.tables().await {
        owners.insert(table.clone(), world.owners(&table).await);
        let columns = world.columns(&table).await;
        if columns.iter().any(|column| is_held(column)) {
            of_persons.insert(table.clone());
        }
        if columns.iter().any(|column| column == "epoch") {
            with_epoch.insert(table);
        }
    }
    // And whatever belongs to one of them, or to something that does.
    loop {
        let is_of = |owner: &String| owner == "users" || of_persons.contains(owner);
        let more = owners.iter().filter(|(table, of)| !of_persons.contains(*table) && of.iter().any(is_of));
        let more: Vec<String> = more.map(|(table, _)| table.clone()).collect();
        if more.is_empty() {
            break;
        }
        of_persons.extend(more);
    }
    for (table, held) in TABLES {
        if let PartOf(whole) = held {
            assert!(owners[*table].iter().any(|owner| owner == whole), "{table} does not go with {whole}");
        }
    }
    let classified: BTreeSet<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(of_persons, classified, "a table of a person came or went: read what stands above `TABLES`");

    let by_epoch: BTreeSet<&str> =
        TABLES.iter().filter(|(_, held)| *held == ByEpoch).map(|(table, _)| *table).collect();
    let held: BTreeSet<&str> = backend::epoch::HELD.into_iter().collect();
    assert_eq!(held, by_epoch, "`epoch::HELD` names what can be held");
    for table in &held {
        assert!(with_epoch.contains(*table), "{table} can be held and has no epoch");
    }
    // Whatever has an epoch is held, or is a person, or a record that says under which it was made.
    let records: Vec<&str> = TABLES.iter().filter(|(_, held)| *held == Record).map(|(table, _)| *table).collect();
    for table in &with_epoch {
        let known = held.contains(table.as_str()) || table == "users" || records.contains(&table.as_str());
        assert!(known, "{table} has an epoch and is neither held nor a record");
    }
});

on_each_database!(an_accepted_reset_removes_every_factor_table, async |world| {
    let story = northwind(world).await;
    world.signed_in(&story.marta).await.make_backup_codes().await;
    let id = story.marta.id.0;
    let factors = TABLES.iter().filter(|(_, held)| *held == Factor).map(|(table, _)| *table);
    for table in factors.clone() {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE user_id = ?");
        assert!(world.number(&sql, [id.into()]).await > 0, "{table} is part of this story: give Marta one");
    }
    accept(&world.backend, &asked(world, &story).await).await.unwrap();
    for table in factors {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE user_id = ?");
        assert_eq!(world.number(&sql, [id.into()]).await, 0, "{table}");
    }
    world.deliver().await;
});

/// Moves the epoch on and nothing else: as if `epoch::raise` had removed not one row.
async fn raise_bare(world: &World, person: &crate::support::Person) {
    world.execute("UPDATE users SET epoch = epoch + 1 WHERE id = ?", [person.id.0.into()]).await;
}

on_each_database!(nothing_that_is_held_outlives_the_epoch, async |world| {
    let account = world.account("Freehold").free().await;
    let bruno = world.user("Bruno").manager_of(&account).await;
    // One of each: a session, a known device, a device code, a password link, a change of address.
    let mut laptop = world.signed_in(&bruno).await;
    let mut new_device = world.browser();
    new_device.password(&bruno).await.unwrap();
    let device_code = world.mailed_code(&bruno).await;
    let waiting = new_device.me().await;
    let email = EmailAddress::parse(&bruno.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let link = world.password_link(&bruno).await;
    let locked_out = world.user("Lars").with_totp().manager_of(&account).await;
    let mut stuck = world.browser();
    stuck.password(&locked_out).await.unwrap();
    backend::locked_out::ask(&world.backend, &stuck.me().await).await.unwrap();
    let call = world.link_to(&locked_out, "sign-in/not-me").await;
    let asked = laptop.begin_binding(false).await.unwrap();
    let new_address = EmailAddress::parse("bruno@new.example").unwrap();
    email_change::request(&world.backend, &laptop.me().await, &new_address).await.unwrap();
    let email_link = world.link_to(&bruno, "email-change").await;
    world.execute("UPDATE accounts SET mfa_sms = TRUE", []).await;
    let number = authenticators::request_sms_binding(&world.backend, &laptop.me().await, "DE", "0171 1234567").await;
    number.unwrap();
    let texted = world.phones.code();
    let second = EmailAddress::parse("second@new.example").unwrap();
    notice_email::request(&world.backend, &laptop.me().await, &second).await.unwrap();
    let proves = code_in(&world.deliver().await.iter().find(|mail| mail.to == second.as_str()).unwrap().text);
    let held = world.dump().await.tables_with_rows();
    for table in backend::epoch::HELD.into_iter().filter(|table| *table != "recovery_code_sets") {
        assert!(held.contains(table), "{table}");
    }
    let signed_in = laptop.me().await;
    raise_bare(world, &bruno).await;
    raise_bare(world, &locked_out).await;

    // sessions
    assert!(matches!(laptop.caller().await, Err(Error::NotSignedIn)));
    // passkey_ceremonies: nor by a session that was taken along
    let answer = SoftKey::new(&world.backend.random).created(&asked);
    let renewed = backend::Caller { epoch: signed_in.epoch + 1, ..signed_in };
    let name = Name::parse("Late").unwrap();
    let bound = backend::passkeys::bind(&world.backend, &renewed, asked.id, &name, &answer).await;
    assert!(matches!(bound, Err(Error::Invalid(_))), "{bound:?}");
    assert!(matches!(new_device.caller().await, Err(Error::NotSignedIn)));
    // device_codes
    let late = sign_in::submit_device_code(&world.backend, &waiting, &device_code).await;
    assert!(matches!(late, Err(Error::NotSignedIn | Error::NotFound)), "{late:?}");
    // sms_codes: nor by a session that was taken along
    let late = authenticators::bind_sms(&world.backend, &renewed, &name, &texted).await;
    assert!(matches!(late, Err(Error::Invalid(_))), "{late:?}");
    // notice_email_codes: nor by a session that was taken along
    let late = notice_email::confirm(&world.backend, &renewed, &proves).await;
    assert!(matches!(late, Err(Error::Invalid(_))), "{late:?}");
    // password_resets
    assert_eq!(password_reset::peek(&world.backend, &Default::default(), &link).await.unwrap(), LinkState::Expired);
    let set =
        password_reset::set(&world.backend, &world.visitor(), &link, Password::new("a".repeat(3) + " good one!")).await;
    assert!(set.is_err(), "{set:?}");
    // email_changes
    let confirmed = email_change::confirm(&world.backend, &world.visitor(), &email_link).await;
    assert!(confirmed.is_err(), "{confirmed:?}");
    // help_calls
    let disowned = backend::locked_out::disown(&world.backend, &world.visitor(), &call).await;
    assert!(matches!(disowned, Err(Error::NotFound)), "{disowned:?}");
    // known_devices
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::AwaitingDeviceCode);
    world.deliver().await;
});

on_each_database!(codes_to_look_at_are_void_under_another_epoch, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let mut laptop = world.signed_in(&marta).await;
    laptop.make_backup_codes().await;
    let caller = laptop.me().await;
    raise_bare(world, &marta).await;
    assert!(laptop.caller().await.is_err());
    // Even a session that was taken along is not shown what an older epoch made.
    let renewed = backend::Caller { epoch: caller.epoch + 1, ..caller };
    let shown = authenticators::fresh_backup_codes(&world.backend, &renewed).await;
    assert!(matches!(shown, Ok(None)), "{shown:?}");
});

/// Everything that a caller of before may try after.
async fn is_worthless(world: &World, browser: &Browser<'_>, caller: &backend::Caller, code: &str) {
    let on = &world.backend;
    let name = Name::parse("Late").unwrap();
    assert!(matches!(browser.caller().await, Err(Error::NotSignedIn)));
    assert!(authenticators::bind_totp(on, caller, &name, code).await.is_err());
    assert!(authenticators::make_backup_codes(on, caller).await.is_err());
    assert!(sign_in::submit_totp(on, caller, code, false).await.is_err());
    assert!(sign_in::resend_device_code(on, caller).await.is_err());
}

on_each_database!(whoever_was_half_way_through_a_request_gets_no_further, async |world| {
    let account = world.account("Northwind").await;
    let marta = world.user("Marta").with_totp().with_role(Role::Admin, account.scope).await;
    let laptop = world.signed_in(&marta).await;
    let caller = laptop.me().await;
    raise_bare(world, &marta).await;
    world.advance(std::time::Duration::from_secs(30));
    let code = marta.code(world);
    let before = world.dump().await;
    is_worthless(world, &laptop, &caller, &code).await;
    let denied = backend::users::list(&world.backend, &caller, account.scope, &Default::default()).await;
    assert!(matches!(denied, Err(Error::NotSignedIn)));
    let denied = backend::mfa_requirement::set(&world.backend, &caller, account.scope, true).await;
    assert!(matches!(denied, Err(Error::NotSignedIn)));
    let after = world.dump().await;
    // The tries are counted, and that is all.
    assert_eq!(before.tables_that_differ(&after), ["throttles"]);
    assert!(sessions::mine(&world.backend, &caller).await.is_ok_and(|mine| mine.sessions.len() <= 1));
});
