//! Many people at once (6.1, 7.2): tried before anything is done, applied once, each line like any other change.

use crate::support::{Account, Browser, HOUR, MINUTE, Person, World};
use backend::{Error, Result, bulk_changes, invitations, password_reset, users, worker};
use domain::{
    bulk_change::{BulkChange, MOST, Outcome, Place, Wish},
    errors::{Conflict, Field, Problem},
    ids::BulkChangeId,
    person::{EmailAddress, TextProblem},
    policy::Denied,
    roles::{Area, Role},
    scope::Scope,
    users::MembershipStatus,
};

struct Story<'w> {
    account: Account,
    olga: Person,
    chiara: Person,
    marta: Person,
    admin: Browser<'w>,
}

async fn northwind(world: &World) -> Story<'_> {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let admin = world.signed_in(&chiara).await;
    Story { account, olga, chiara, marta, admin }
}

fn wish(line: u32, address: &str, role: &str) -> Wish {
    Wish { line, address: address.to_owned(), role: role.to_owned(), account: String::new() }
}

fn of(account: &str, wish: Wish) -> Wish {
    Wish { account: account.to_owned(), ..wish }
}

async fn propose(by: &Browser<'_>, scope: Scope, wishes: &[Wish]) -> Result<BulkChangeId> {
    bulk_changes::propose(&by.backend, &by.me().await, scope, "en", wishes).await
}

async fn apply(by: &Browser<'_>, scope: Scope, id: BulkChangeId) -> Result<()> {
    bulk_changes::apply(&by.backend, &by.me().await, scope, id).await
}

async fn get(by: &Browser<'_>, scope: Scope, id: BulkChangeId) -> BulkChange {
    bulk_changes::get(&by.backend, &by.me().await, scope, id).await.unwrap()
}

fn outcomes(change: &BulkChange) -> Vec<Outcome> {
    change.lines.iter().map(|line| line.outcome).collect()
}

/// All but what was proposed.
async fn untouched(world: &World) -> impl PartialEq + std::fmt::Debug + use<> {
    let dump = world.dump().await;
    let tables: Vec<String> = dump.tables_with_rows().into_iter().filter(|table| !table.starts_with("bulk_")).collect();
    let rows: Vec<_> = tables.iter().map(|table| dump.rows(table)).collect();
    (tables, rows)
}

on_each_database!(what_would_become_of_each_line_is_shown_and_then_done, async |world| {
    let Story { account, olga, chiara, marta, admin } = northwind(world).await;
    let scope = account.scope;
    let otto = world.user("Otto").analyst_of(&account).await;
    world.set_status(&otto, scope, MembershipStatus::Deactivated).await;
    let bea = world.user("Bea").analyst_of(&account).await;
    world.deliver().await;
    let before = untouched(world).await;
    let wishes = [
        wish(2, "New.One@postern.example", "Campaign Coordinator"),
        wish(3, &marta.email.to_uppercase(), "admin"),
        wish(4, &bea.email, "Analyst"),
        wish(5, "nobody", "support"),
        wish(6, "other@postern.example", "root"),
        wish(7, "new.one@postern.example", "support"),
        wish(8, &otto.email, "support"),
        wish(9, &olga.email, "support"),
        wish(10, &chiara.email, "support"),
        wish(11, "boss@postern.example", "owner"),
        of("Contoso", wish(12, "far@postern.example", "support")),
    ];
    let id = propose(&admin, scope, &wishes).await.unwrap();
    let expected = [
        Outcome::Invited,
        Outcome::Changed,
        Outcome::Unchanged,
        Outcome::NotAnAddress,
        Outcome::UnknownRole,
        Outcome::Repeated,
        Outcome::ShutOut,
        Outcome::Outranked,
        Outcome::Oneself,
        Outcome::GrantsMore,
        Outcome::UnknownAccount,
    ];
    let seen = get(&admin, scope, id).await;
    assert_eq!(outcomes(&seen), expected);
    assert_eq!((seen.changes(), seen.refusals(), seen.done()), (2, 8, 0));
    assert_eq!(seen.lines.iter().map(|line| line.line).collect::<Vec<_>>(), (2..=12).collect::<Vec<_>>());
    assert_eq!(seen.lines[1].had.as_ref().map(|had| had.role), Some(Role::Manager));
    // It was tried and taken back, and nothing goes on by itself.
    world.deliver().await;
    assert_eq!(untouched(world).await, before);

    apply(&admin, scope, id).await.unwrap();
    let restarted = world.server(9).await;
    worker::run_due(&restarted, &world.mailer).await.unwrap();
    let seen = get(&admin, scope, id).await;
    assert_eq!((outcomes(&seen), seen.done()), (expected.to_vec(), 11));
    assert_eq!(world.place_of(&marta, scope).await.role, "admin");
    let log = world.log_of(scope).await;
    assert!(log.contains(&"Chiara: role_changed → Marta (manager → admin)".to_owned()), "{log:?}");
    assert!(log.iter().any(|line| line.starts_with("Chiara: user_invited")), "{log:?}");
    assert_eq!(world.out_of_step().await, 0);
    let mails = world.mailbox.mails();
    assert!(mails.iter().any(|mail| mail.to == "New.One@postern.example"), "{mails:?}");
    // A second time there is nothing left to do.
    assert!(matches!(apply(&admin, scope, id).await, Err(Error::Conflict(Conflict::ChangedMeanwhile))));
    let again = propose(&admin, scope, &wishes[..2]).await.unwrap();
    assert_eq!(outcomes(&get(&admin, scope, again).await), [Outcome::AlreadyInvited, Outcome::Unchanged]);
});

on_each_database!(a_portfolio_asks_into_its_accounts_and_changes_roles_there, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let lumen = world.account("Lumen Studio").linked_to(&portfolio).await;
    let northwind = world.account("Northwind").linked_to(&portfolio).await;
    let contoso = world.account("Contoso").await;
    let paula = world.user("Paula").with_totp().portfolio_owner_of(&portfolio).await;
    let leilani = world.user("Leilani").with_totp().portfolio_admin_of(&portfolio).await;
    let olga = world.user("Olga").with_totp().owner_of(&northwind).await;
    let marta = world.user("Marta").manager_of(&northwind).await;
    world.join(&marta, &lumen, Role::Analyst).await;
    world.join(&marta, &contoso, Role::Manager).await;
    let (owner, admin) = (world.signed_in(&paula).await, world.signed_in(&leilani).await);
    // Who only sees users changes none.
    let refused = propose(&admin, portfolio.scope, &[wish(1, "a@postern.example", "portfolio_analyst")]).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::RoleLacks { area: Area::UserManagement, .. }))), "{refused:?}");

    let openings = bulk_changes::openings(&owner.backend, &owner.me().await, portfolio.scope).await.unwrap();
    let mut offered: Vec<_> = openings.places.iter().map(|place| (place.name.as_str(), place.roles[0].role)).collect();
    offered[1..].sort_by_key(|place| place.0);
    // An analyst takes data away, which the Owner of a portfolio does not, and gives all the same, since it is theirs.
    let least =
        [("Meridian Group", Role::PortfolioAnalyst), ("Lumen Studio", Role::Support), ("Northwind", Role::Support)];
    assert_eq!(offered, least);
    let places = [
        Place { scope: northwind.scope, role: "support".to_owned() },
        Place { scope: lumen.scope, role: String::new() },
        Place { scope: portfolio.scope, role: "portfolio_manager".to_owned() },
    ];
    let (backend, caller) = (&owner.backend, owner.me().await);
    let text = "New One <new@postern.example>";
    let id = bulk_changes::propose_invitations(backend, &caller, portfolio.scope, "de", text, &places).await.unwrap();
    let seen = get(&owner, portfolio.scope, id).await;
    assert_eq!(outcomes(&seen), [Outcome::Invited, Outcome::Invited]);
    assert_eq!(seen.lines.iter().map(|line| line.account.as_str()).collect::<Vec<_>>(), ["Northwind", ""]);
    apply(&owner, portfolio.scope, id).await.unwrap();
    let mails = world.deliver().await;
    let of_northwind = mails.iter().find(|mail| mail.text.contains("Northwind")).unwrap();
    let link = crate::support::link_in(of_northwind, "invitation").unwrap();
    // The right to ask them in is the portfolio's, and still counts.
    let asked = invitations::peek(&world.backend, &link).await.unwrap();
    assert!(format!("{asked:?}").contains("Northwind"), "{asked:?}");

    let ids = [marta.id, olga.id];
    let role = Role::Support.key();
    let id = bulk_changes::propose_role(backend, &caller, portfolio.scope, &ids, role, None).await.unwrap();
    let mut told: Vec<_> = get(&owner, portfolio.scope, id).await.lines;
    told.sort_by(|a, b| (&a.address, &a.account).cmp(&(&b.address, &b.account)));
    let told: Vec<_> = told.iter().map(|line| (line.account.as_str(), line.outcome)).collect();
    assert_eq!(
        told,
        [("Lumen Studio", Outcome::Changed), ("Northwind", Outcome::Changed), ("Northwind", Outcome::OwnerStays)],
        "Contoso is nobody's here"
    );
    apply(&owner, portfolio.scope, id).await.unwrap();
    worker::run_due(&world.backend, &world.mailer).await.unwrap();
    for scope in [lumen.scope, northwind.scope] {
        assert_eq!(world.place_of(&marta, scope).await.role, "support");
        let sql = "SELECT COUNT(*) FROM audit_entries WHERE action = 'role_changed' AND scope_id = ? AND via_portfolio_id = ?";
        assert_eq!(world.number(sql, [scope.uuid().into(), portfolio.scope.uuid().into()]).await, 1);
    }
    assert_eq!(world.place_of(&marta, contoso.scope).await.role, "manager");
    assert_eq!(world.place_of(&olga, northwind.scope).await.role, "owner");
    world.deliver().await;
    // More than one's own is given nowhere.
    let more = of("Northwind", wish(1, &marta.email, "manager"));
    let id = propose(&owner, portfolio.scope, &[more]).await.unwrap();
    assert_eq!(outcomes(&get(&owner, portfolio.scope, id).await), [Outcome::GrantsMore]);
    // An account that left is out of reach, also for what was proposed before.
    let id = propose(&owner, portfolio.scope, &[of("northwind", wish(1, "late@postern.example", "support"))]).await;
    let id = id.unwrap();
    world.execute("UPDATE accounts SET portfolio_id = NULL WHERE id = ?", [northwind.scope.uuid().into()]).await;
    apply(&owner, portfolio.scope, id).await.unwrap();
    worker::run_due(&world.backend, &world.mailer).await.unwrap();
    assert_eq!(outcomes(&get(&owner, portfolio.scope, id).await), [Outcome::ProposerLostRight]);
});

on_each_database!(however_many_servers_apply_and_work_each_line_is_done_once, async |world| {
    let Story { account, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let wishes: Vec<Wish> = (0..12).map(|at| wish(at + 1, &format!("new{at}@postern.example"), "support")).collect();
    let id = propose(&admin, scope, &wishes).await.unwrap();
    let caller = admin.me().await;
    let applied = world
        .at_once(6, |server, _| {
            let caller = caller.clone();
            async move { bulk_changes::apply(&server, &caller, scope, id).await.is_ok() }
        })
        .await;
    assert_eq!(applied.iter().filter(|done| **done).count(), 1);
    let worked = world.at_once(6, |server, _| async move { bulk_changes::work(&server).await.is_ok() }).await;
    assert!(worked.iter().all(|done| *done));
    bulk_changes::work(&world.backend).await.unwrap();
    assert_eq!(outcomes(&get(&admin, scope, id).await), vec![Outcome::Invited; 12]);
    assert_eq!(world.number("SELECT COUNT(*) FROM invitations", []).await, 12);
    assert_eq!(world.deliver().await.iter().filter(|mail| mail.to.starts_with("new")).count(), 12);
});

on_each_database!(who_is_something_else_by_then_is_left_alone, async |world| {
    let Story { account, marta, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let late = world.user("Late").await;
    let wishes = [wish(1, &marta.email, "support"), wish(2, &late.email, "support")];
    let id = propose(&admin, scope, &wishes).await.unwrap();
    world.set_role(&marta, scope, Role::Analyst).await;
    world.join(&late, &account, Role::Analyst).await;
    apply(&admin, scope, id).await.unwrap();
    worker::run_due(&world.backend, &world.mailer).await.unwrap();
    assert_eq!(outcomes(&get(&admin, scope, id).await), [Outcome::ChangedMeanwhile; 2]);
    assert_eq!(world.place_of(&marta, scope).await.role, "analyst");
    assert_eq!(world.place_of(&late, scope).await.role, "analyst");
});

on_each_database!(it_stops_with_the_right_of_who_proposed_it_and_with_their_session, async |world| {
    let Story { account, olga, chiara, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let first = propose(&admin, scope, &[wish(1, "a@postern.example", "support")]).await.unwrap();
    let second = propose(&admin, scope, &[wish(1, "b@postern.example", "support")]).await.unwrap();
    apply(&admin, scope, first).await.unwrap();
    apply(&admin, scope, second).await.unwrap();
    world.set_role(&chiara, scope, Role::Manager).await;
    bulk_changes::work(&world.backend).await.unwrap();
    world.set_role(&chiara, scope, Role::Admin).await;
    assert_eq!(outcomes(&get(&admin, scope, first).await), [Outcome::ProposerLostRight]);
    let third = propose(&admin, scope, &[wish(1, "c@postern.example", "support")]).await.unwrap();
    apply(&admin, scope, third).await.unwrap();
    // A stolen session is ended in the place alone; who comes in again begins anew.
    world.advance(MINUTE);
    let owner = world.signed_in(&olga).await;
    users::sign_out(&world.backend, &owner.me().await, scope, chiara.id).await.unwrap();
    bulk_changes::work(&world.backend).await.unwrap();
    world.advance(MINUTE);
    let admin = world.signed_in(&chiara).await;
    assert_eq!(outcomes(&get(&admin, scope, third).await), [Outcome::ProposerLostRight]);
    let fourth = propose(&admin, scope, &[wish(1, "d@postern.example", "support")]).await.unwrap();
    apply(&admin, scope, fourth).await.unwrap();
    world.execute("UPDATE users SET epoch = epoch + 1 WHERE id = ?", [chiara.id.0.into()]).await;
    bulk_changes::work(&world.backend).await.unwrap();
    assert_eq!(world.number("SELECT COUNT(*) FROM invitations", []).await, 0);
});

on_each_database!(the_log_tells_in_which_browser_it_was_applied_and_from_where, async |world| {
    let Story { account, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let id = propose(&admin, scope, &[wish(1, "a@postern.example", "support")]).await.unwrap();
    let mut other = admin.me().await;
    other.visitor.device = "Safari on iPhone".to_owned();
    other.visitor.address = Some("203.0.113.9".parse().unwrap());
    bulk_changes::apply(&world.backend, &other, scope, id).await.unwrap();
    bulk_changes::work(&world.backend).await.unwrap();
    let sql = "SELECT COUNT(*) FROM audit_entries WHERE scope_id = ? AND device = ? AND place = ?";
    let values = [scope.uuid().into(), "Safari on iPhone".into(), "203.0.113.9".into()];
    assert_eq!(world.number(sql, values).await, 1);
    world.deliver().await;
});

on_each_database!(who_waits_at_a_screen_is_not_behind_a_thousand_invitations, async |world| {
    let Story { account, chiara, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let wishes: Vec<Wish> = (0..20).map(|at| wish(at + 1, &format!("new{at}@postern.example"), "support")).collect();
    let id = propose(&admin, scope, &wishes).await.unwrap();
    apply(&admin, scope, id).await.unwrap();
    bulk_changes::work(&world.backend).await.unwrap();
    world.advance(MINUTE);
    let email = EmailAddress::parse(&chiara.email).unwrap();
    password_reset::request(&world.backend, &Default::default(), &email).await.unwrap();
    world.see_to_knocks().await;
    world.advance(MINUTE);
    let due = backend::store::outbox::due(world.backend.database.read(), world.now(), 8).await.unwrap();
    let kinds: Vec<&str> = due.iter().map(|mail| mail.kind.as_str()).take(3).collect();
    assert_eq!(kinds, ["new_device", "password_reset", "invitation"]);
    world.deliver().await;
});

on_each_database!(however_many_servers_work_for_a_portfolio_no_line_fails, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let northwind = world.account("Northwind").linked_to(&portfolio).await;
    let paula = world.user("Paula").with_totp().portfolio_owner_of(&portfolio).await;
    let marta = world.user("Marta").analyst_of(&northwind).await;
    let owner = world.signed_in(&paula).await;
    let new = (0..16).map(|at| of("Northwind", wish(at + 2, &format!("new{at}@postern.example"), "support")));
    let wishes: Vec<Wish> = std::iter::once(of("Northwind", wish(1, &marta.email, "support"))).chain(new).collect();
    let id = propose(&owner, portfolio.scope, &wishes).await.unwrap();
    apply(&owner, portfolio.scope, id).await.unwrap();
    let worked = world.at_once(6, |server, _| async move { bulk_changes::work(&server).await }).await;
    assert!(worked.iter().all(Result::is_ok), "{worked:?}");
    bulk_changes::work(&world.backend).await.unwrap();
    let mut became = outcomes(&get(&owner, portfolio.scope, id).await);
    assert_eq!(became.remove(0), Outcome::Changed);
    assert_eq!(became, vec![Outcome::Invited; 16]);
    assert_eq!(world.number("SELECT COUNT(*) FROM invitations", []).await, 16);
    world.deliver().await;
});

on_each_database!(only_who_proposed_it_applies_it_in_time_and_with_a_fresh_proof, async |world| {
    let Story { account, olga, chiara, marta, admin } = northwind(world).await;
    let (scope, elsewhere) = (account.scope, world.account("Contoso").await);
    let id = propose(&admin, scope, &[wish(1, "a@postern.example", "support")]).await.unwrap();
    let owner = world.signed_in(&olga).await;
    assert!(!get(&owner, scope, id).await.is_own);
    assert!(matches!(apply(&owner, scope, id).await, Err(Error::NotFound)));
    let manager = world.signed_in(&marta).await;
    let refused = bulk_changes::get(&manager.backend, &manager.me().await, scope, id).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::RoleLacks { .. }))), "{refused:?}");
    let stranger = world.user("Sam").with_totp().owner_of(&elsewhere).await;
    let stranger = world.signed_in(&stranger).await;
    let refused = bulk_changes::get(&stranger.backend, &stranger.me().await, elsewhere.scope, id).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    world.advance(11 * MINUTE);
    assert!(matches!(apply(&admin, scope, id).await, Err(Error::Denied(Denied::StepUpNeeded(_)))));
    world.advance(24 * HOUR);
    let again = world.signed_in(&chiara).await;
    assert!(!get(&again, scope, id).await.is_open());
    let late = apply(&again, scope, id).await;
    assert!(matches!(late, Err(Error::Conflict(Conflict::ChangedMeanwhile))), "{late:?}");
    worker::run_due(&world.backend, &world.mailer).await.unwrap();
    assert_eq!(world.number("SELECT COUNT(*) FROM bulk_change_lines", []).await, 0, "swept");
});

on_each_database!(nothing_and_too_much_are_refused, async |world| {
    let Story { account, admin, .. } = northwind(world).await;
    let scope = account.scope;
    let wrong = |answer: Result<BulkChangeId>, field| match answer {
        Err(Error::Invalid(fields)) => fields.of(field),
        other => panic!("{other:?}"),
    };
    let empty = Some(Problem::Text(TextProblem::Empty));
    assert_eq!(wrong(propose(&admin, scope, &[]).await, Field::Users), empty);
    let many = vec![wish(1, "a@postern.example", "support"); MOST + 1];
    let too_long = Some(Problem::Text(TextProblem::TooLong { max: MOST as u16 }));
    assert_eq!(wrong(propose(&admin, scope, &many).await, Field::Users), too_long);
    let (backend, caller) = (&admin.backend, admin.me().await);
    let nowhere = bulk_changes::propose_invitations(backend, &caller, scope, "en", "a@postern.example", &[]).await;
    assert_eq!(wrong(nowhere, Field::Role), empty);
    let place = [Place { scope, role: "support".to_owned() }];
    let nobody = bulk_changes::propose_invitations(backend, &caller, scope, "en", " \n;", &place).await;
    assert_eq!(wrong(nobody, Field::Users), empty);
    let nobody = bulk_changes::propose_role(backend, &caller, scope, &[], Role::Support.key(), None).await;
    assert_eq!(wrong(nobody, Field::Users), empty);
});
