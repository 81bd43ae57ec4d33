//! What people set for themselves (6.4).

use crate::mfa_reset::northwind;
use backend::{Error, mail::zone, personal, users};
use domain::{
    errors::{Field, FieldErrors, Problem},
    person::Name,
    theme::Theme,
    users::UserQuery,
};

on_each_database!(another_name_holds_everywhere_and_each_log_says_what_it_was, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    world.join(&story.marta, &other, domain::roles::Role::Support).await;
    let laptop = world.signed_in(&story.marta).await;
    let name = Name::parse("Marta Söderström").unwrap();
    personal::set_name(&world.backend, &laptop.me().await, &name).await.unwrap();
    assert_eq!(laptop.me().await.name, "Marta Söderström");
    for scope in [story.account.scope, other.scope] {
        assert_eq!(world.place_of(&story.marta, scope).await.name, "Marta Söderström");
        let log = world.log_of(scope).await;
        let line = "Marta Söderström: name_changed → Marta Söderström (Marta)";
        assert_eq!(log.iter().filter(|told| *told == line).count(), 1, "{log:?}");
    }
    let olga = world.signed_in(&story.olga).await;
    for (q, found) in [("soderstrom", 1), (&*story.marta.email, 1)] {
        let query = UserQuery { q: q.into(), ..UserQuery::default() };
        let page = users::list(&world.backend, &olga.me().await, story.account.scope, &query).await.unwrap();
        assert_eq!(page.rows.len(), found, "{q}");
    }
    // The same again is nothing to tell of.
    let before = world.dump().await;
    personal::set_name(&world.backend, &laptop.me().await, &name).await.unwrap();
    assert_eq!(world.dump().await, before);
    world.deliver().await;
});

on_each_database!(a_time_zone_is_one_that_there_is, async |world| {
    let story = northwind(world).await;
    let laptop = world.signed_in(&story.marta).await;
    for (entered, stored) in [("europe/berlin", "Europe/Berlin"), (" Asia/Tokyo ", "Asia/Tokyo"), ("UTC", "UTC")] {
        personal::set_time_zone(&world.backend, &laptop.me().await, entered).await.unwrap();
        assert_eq!(world.row_of(&story.marta).await.time_zone, stored);
    }
    for wrong in ["Middle-earth/Shire", "", "../../etc/passwd", "Europe/Berlin\u{0}"] {
        let answer = personal::set_time_zone(&world.backend, &laptop.me().await, wrong).await;
        let said = matches!(&answer, Err(Error::Invalid(FieldErrors(wrong))) if wrong[..] == [(Field::TimeZone, Problem::Unknown)]);
        assert!(said, "{wrong:?}: {answer:?}");
    }
    assert_eq!(world.row_of(&story.marta).await.time_zone, "UTC");
    let names = zone::names();
    assert!(names.len() > 300 && names.contains(&"Europe/Berlin".to_owned()), "{}", names.len());
    assert!(names.iter().all(|name| zone::canonical(name).as_deref() == Some(name)), "each is taken as it is offered");
});

on_each_database!(light_or_dark_is_theirs_in_every_browser, async |world| {
    let story = northwind(world).await;
    let mut laptop = world.signed_in(&story.marta).await;
    assert_eq!(laptop.me().await.theme, Theme::Device);
    for theme in [Theme::Dark, Theme::Light, Theme::Device, Theme::Dark] {
        personal::set_theme(&world.backend, &laptop.me().await, theme).await.unwrap();
        assert_eq!(laptop.me().await.theme, theme);
    }
    assert_eq!(world.signed_in(&story.marta).await.me().await.theme, Theme::Dark);
    assert_eq!(world.signed_in(&story.olga).await.me().await.theme, Theme::Device);
    // What a later version wrote is as the device.
    world.execute("UPDATE users SET theme = 'sepia'", []).await;
    laptop.sign_in(&story.marta).await;
    assert_eq!(laptop.me().await.theme, Theme::Device);
    world.deliver().await;
});
