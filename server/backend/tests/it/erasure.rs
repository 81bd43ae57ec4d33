//! Deleting one's own sign-in (6.4): what goes, what stays to be read, and who hears of it.

use crate::{
    mfa_reset::{accept, ask, denied, northwind, refused_as},
    support::{Browser, HOUR, Person, World},
};
use backend::{
    Error, Result, audit, erasure, invitations, operator, sessions,
    store::entity::{audit_entry, mfa_reset as reset_row, outbox, tenure},
    users,
};
use domain::{
    audit::AuditQuery,
    errors::{Field, FieldErrors, Problem},
    mfa_reset::State,
    person::{EmailAddress, Name},
    policy::Denied,
    roles::Role,
};
use std::collections::BTreeSet;

async fn erase(browser: &Browser<'_>, typed: &str) -> Result<()> {
    erasure::erase(&browser.backend, &browser.me().await, &EmailAddress::parse(typed).unwrap()).await
}

/// Tables that have a row of this person.
async fn tables_of(world: &World, person: &Person) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for table in world.tables().await {
        if world.columns(&table).await.iter().any(|column| column == "user_id") {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE user_id = ?");
            if world.number(&sql, [person.id.0.into()]).await > 0 {
                found.insert(table);
            }
        }
    }
    found
}

on_each_database!(nothing_of_a_deleted_sign_in_is_left_but_what_it_did, async |world| {
    let story = northwind(world).await;
    let (scope, marta) = (story.account.scope, &story.marta);
    let other = world.account("Contoso").await;
    let cora = world.user("Cora").with_totp().owner_of(&other).await;
    world.join(marta, &other, Role::Admin).await;
    world.execute("UPDATE users SET notice_email = 'second@new.example' WHERE id = ?", [marta.id.0.into()]).await;
    let mut laptop = world.signed_in(marta).await;
    laptop.make_backup_codes().await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, scope, marta).await.unwrap();
    let link = world.reset_link(marta).await;
    world.deliver().await;
    let shown = erasure::get(&world.backend, &laptop.me().await).await.unwrap();
    assert_eq!((shown.email.as_str(), shown.allowed()), (marta.email.as_str(), Ok(())));

    erase(&laptop, &marta.email.to_uppercase()).await.unwrap();
    assert!(matches!(laptop.caller().await, Err(Error::NotSignedIn)), "signed out everywhere");
    assert!(laptop.password(marta).await.is_err());
    let row = world.row_of(marta).await;
    assert_eq!((row.email.as_str(), row.name.as_str(), row.notice_email), ("", "", None));
    assert_eq!((row.password_hash, row.language.as_str(), row.time_zone.as_str()), (None, "", ""));
    // Resets and their end, the last mails, and who was an administrator until when.
    assert_eq!(tables_of(world, marta).await, ["mfa_resets", "outbox", "tenures"].map(str::to_owned).into());
    assert!(world.rows::<tenure::Entity>().await.iter().all(|row| row.user_id != marta.id.0 || row.until.is_some()));
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);

    // Both addresses hear of it, once, and nothing in it can be pressed.
    let mails = world.deliver().await;
    let last: Vec<_> = mails.iter().filter(|mail| mail.subject == "Your sign-in is deleted").collect();
    let to: BTreeSet<_> = last.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!((last.len(), to), (2, BTreeSet::from([marta.email.as_str(), "second@new.example"])));
    assert!(last.iter().all(|mail| !mail.text.contains("://") && !mail.html.contains("href")));
    let kept = world.rows::<outbox::Entity>().await;
    assert!(kept.iter().all(|row| row.copy_to.is_none()), "no address of theirs is kept");
    // Each place reads that she left, and of no other.
    for (place, owner) in [(scope, &story.olga), (other.scope, &cora)] {
        let log = world.log_of(place).await;
        assert_eq!(log.iter().filter(|line| *line == "Marta: member_left → Marta").count(), 1, "{log:?}");
        let desk = world.signed_in(owner).await;
        let page = audit::list(&world.backend, &desk.me().await, place, &AuditQuery::default()).await.unwrap();
        assert!(page.lines.iter().any(|line| line.actor.as_deref() == Some("Marta")), "the log reads as before");
        let listed = users::list(&world.backend, &desk.me().await, place, &Default::default()).await.unwrap();
        assert!(listed.rows.iter().all(|row| row.user_id != marta.id));
    }
    let nobodys = world.rows::<audit_entry::Entity>().await.into_iter().filter(|row| row.action == "sign_in_deleted");
    let nobodys: Vec<_> = nobodys.map(|row| (row.scope_kind, row.target_name)).collect();
    assert_eq!(nobodys, [(None, Some(String::new()))]);
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(the_address_is_free_again, async |world| {
    let story = northwind(world).await;
    erase(&world.signed_in(&story.marta).await, &story.marta.email).await.unwrap();
    world.deliver().await;
    let (address, name) = (EmailAddress::parse(&story.marta.email).unwrap(), Name::parse("Marta II").unwrap());
    let (id, _) = operator::create_user(&world.backend, &address, &name, None).await.unwrap();
    assert_ne!(id, story.marta.id);
    let owner = world.signed_in(&story.olga).await;
    let scope = story.account.scope;
    invitations::invite(&world.backend, &owner.me().await, scope, &address, "en", Role::Support).await.unwrap();
    world.deliver().await;
});

on_each_database!(an_owner_stays_and_everybody_proves_who_they_are_and_types_their_address, async |world| {
    let story = northwind(world).await;
    let (owner, laptop) = (world.signed_in(&story.olga).await, world.signed_in(&story.marta).await);
    let shown = erasure::get(&world.backend, &owner.me().await).await.unwrap();
    let owned: Vec<_> = shown.owner_of.iter().map(|place| (place.scope, place.name.as_str())).collect();
    assert_eq!(owned, [(story.account.scope, "Northwind")]);
    let before = world.dump().await;
    assert_eq!(denied(erase(&owner, &story.olga.email).await), Denied::OwnerStays);
    let other = erase(&laptop, &story.olga.email).await;
    let said =
        matches!(&other, Err(Error::Invalid(FieldErrors(wrong))) if wrong[..] == [(Field::Email, Problem::Unknown)]);
    assert!(said, "{other:?}");
    assert_eq!(world.dump().await, before);
    world.advance(std::time::Duration::from_secs(601));
    assert!(matches!(denied(erase(&laptop, &story.marta.email).await), Denied::StepUpNeeded(_)));
    assert_eq!(world.row_of(&story.marta).await.erased_at, None);
});

on_each_database!(what_was_made_void_deletes_nothing, async |world| {
    let story = northwind(world).await;
    let laptop = world.signed_in(&story.marta).await;
    let caller = laptop.me().await;
    sessions::end_others(&world.backend, &caller).await.unwrap();
    world.execute("UPDATE users SET epoch = epoch + 1 WHERE id = ?", [story.marta.id.0.into()]).await;
    let typed = EmailAddress::parse(&story.marta.email).unwrap();
    assert!(matches!(erasure::erase(&world.backend, &caller, &typed).await, Err(Error::NotSignedIn)));
    assert_eq!(world.row_of(&story.marta).await.erased_at, None);
});

on_each_database!(who_deletes_and_who_is_made_owner_in_that_moment_do_not_leave_a_place_without_one, async |world| {
    for round in 0..4 {
        let account = world.account(&format!("Northwind {round}")).await;
        let olga = world.user(&format!("Olga {round}")).with_totp().owner_of(&account).await;
        let marta = world.user(&format!("Marta {round}")).with_totp().manager_of(&account).await;
        let (owner, leaver) = (world.signed_in(&olga).await.me().await, world.signed_in(&marta).await.me().await);
        let typed = EmailAddress::parse(&marta.email).unwrap();
        let (scope, heir) = (account.scope, marta.id);
        let answers = world
            .at_once(4, |server, number| {
                let (owner, leaver, typed) = (owner.clone(), leaver.clone(), typed.clone());
                async move {
                    match number % 2 {
                        0 => users::transfer_ownership(&server, &owner, scope, heir).await,
                        _ => erasure::erase(&server, &leaver, &typed).await,
                    }
                }
            })
            .await;
        let gone = world.row_of(&marta).await.erased_at.is_some();
        let owners = "SELECT COUNT(*) FROM memberships WHERE scope_id = ? AND role = 'owner' AND status = 'active'";
        assert_eq!(world.number(owners, [scope.uuid().into()]).await, 1, "{answers:?}");
        assert_eq!(world.place_of(&olga, scope).await.role_key() == Role::Owner.key(), gone, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    }
    world.deliver().await;
    assert_eq!(world.out_of_step().await, 0);
});

on_each_database!(what_somebody_asked_for_ends_with_them_and_is_still_read_by_their_name, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    world.deliver().await;
    erase(&chiara, &story.chiara.email).await.unwrap();
    world.advance(HOUR);
    world.deliver().await;
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: asker_lost_right"]);
    assert_eq!(world.rows::<reset_row::Entity>().await[0].asker_name.as_deref(), Some("Chiara"));
    let log = world.log_of(story.account.scope).await;
    assert!(log.contains(&"Chiara: mfa_reset_requested → Marta".to_owned()), "{log:?}");
});
