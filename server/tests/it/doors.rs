//! Server functions, each of them, from leptos' own list.

use crate::house::{House, PUBLIC_URL};
use axum::{body::Body, http::Request};
use domain::sessions::STEP_UP_TTL;
use http::{Method, StatusCode, header};
use sea_orm::{ConnectionTrait as _, Statement};
use server::server_functions;

const FORM: &str = "application/x-www-form-urlencoded";

/// Doors at which a stranger may knock: what they answer to nonsense is theirs.
const PUBLIC: [&str; 15] = [
    "/sign_in/api/sign_in",
    "/sign_in/api/sign_out",
    "/passkeys/api/begin_sign_in",
    "/passkeys/api/sign_in",
    "/password_reset/api/request",
    "/password_reset/api/peek",
    "/password_reset/api/set",
    "/mfa_reset/accept_api/peek",
    "/mfa_reset/accept_api/decide",
    "/invitations/accept_api/peek",
    "/invitations/accept_api/decide",
    "/email_change/accept_api/peek",
    "/email_change/accept_api/decide",
    "/locked_out/api/peek",
    "/locked_out/api/disown",
];

fn is_public(path: &str) -> bool {
    PUBLIC.iter().any(|public| path.ends_with(public))
}

fn post(path: &str) -> http::request::Builder {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, FORM)
        .header(header::ACCEPT, "application/json")
        .header(header::ORIGIN, PUBLIC_URL)
}

/// A form that every door can read: all fields that any of them takes.
fn full_form(scope: &str, user: &str) -> String {
    let id = "01a00000-0000-7000-8000-000000000001";
    format!(
        "scope%5Baccount%5D={scope}&user={user}&id={id}&account={scope}&seen=0&reason=x&required=false&approver=nobody&wait=0&owner_wait=0&trust_days=0&grace_days=0&floor=false&role=support&seen_role=support&users%5B0%5D={user}&code=000000&backup_code=aaaa&name=x&description=x&language=en\
         &email=x%40y.example&password=x&token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&decision=accept&answer=x&time_zone=Europe%2FRome&theme=dark&country=DE&phone_number=0171&addresses=x%40y.example&places%5B0%5D%5Bscope%5D%5Baccount%5D={scope}&places%5B0%5D%5Brole%5D=support&text=x&query%5Bq%5D="
    )
}

#[tokio::test]
async fn a_stranger_gets_nothing_at_any_door_that_is_not_public() {
    let house = House::open().await;
    let (account, user) = (house.demo.accounts[0].id.to_string(), "01a00000-0000-7000-8000-000000000002");
    let before = house.census().await;
    let mut looked_at = 0;
    for (path, method) in server_functions::all() {
        assert_eq!(method, Method::POST, "{path}");
        let (answer, said) = house.send(post(path).body(Body::from(full_form(&account, user))).unwrap()).await;
        if is_public(path) {
            assert!(answer.status().as_u16() < 500, "{path}: {} {said}", answer.status());
        } else {
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}: {said}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 20, "the list of doors is short: {looked_at}");
    let (mut after, mut before) = (house.census().await, before);
    // A failed sign-in is written down, and a challenge for who may have a passkey; nothing else.
    for counts in [&mut after, &mut before] {
        counts.retain(|(table, _)| !matches!(table.as_str(), "audit_entries" | "passkey_ceremonies"));
    }
    assert_eq!(after, before);
}

#[tokio::test]
async fn another_tenant_gets_nothing_of_this_one() {
    let house = House::open().await;
    let owner = house.demo.users.iter().find(|person| person.memberships[0].name == "Lumen Studio").unwrap();
    let cookie = house.signed_in(&owner.email).await;
    let account = house.demo.accounts[0].id.to_string();
    let before = house.census().await;
    for (path, _) in server_functions::all() {
        let is_of_a_scope = [
            "/mfa_reset/api/preview",
            "/mfa_reset/api/request",
            "/mfa_reset/api/resend",
            "/mfa_reset/api/cancel",
            "/mfa_reset/api/approve",
            "/mfa_reset/api/reject",
            "/bulk_change/",
            "/bulk_reset/",
            "/guards/",
            "/loosening/",
            "/invitations/api/",
            "/mfa_policy/",
            "/mfa_requirement/",
            "/portfolios/",
            "/roll_out/",
            "/users/",
            "/audit/",
            "/accounts/api/console",
            "/accounts/api/overview",
        ];
        if !is_of_a_scope.iter().any(|part| path.contains(part)) {
            continue;
        }
        let form = full_form(&account, "01a00000-0000-7000-8000-000000000002");
        let request = post(path).header(header::COOKIE, &cookie).body(Body::from(form)).unwrap();
        let (answer, said) = house.send(request).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}: {said}");
        assert!(!said.contains("Northwind"), "{path}: {said}");
    }
    assert_eq!(house.census().await, before);
}

#[tokio::test]
async fn nonsense_gets_a_typed_refusal_at_every_door() {
    let house = House::open().await;
    let cookie = house.signed_in("bram@northwind.example").await;
    let before = house.census().await;
    let large = "a=".to_owned() + &"x".repeat(80 * 1024);
    let deep = "scope".to_owned() + &"%5Ba%5D".repeat(200) + "=1";
    for (path, _) in server_functions::all() {
        if path.contains("sign_out") || path.contains("end_others") {
            continue;
        }
        for (what, kind, body, wanted) in [
            ("not a form", "application/json", "{}".to_owned(), vec![415]),
            ("no type", "", "x=1".to_owned(), vec![415]),
            ("too large", FORM, large.clone(), vec![413, 400]),
            (
                "wrong types",
                FORM,
                "scope=1&user=2&id=3&decision=4&query=5&required=6".to_owned(),
                vec![200, 302, 303, 400, 401, 404, 409, 422, 403],
            ),
            ("too deep", FORM, deep.clone(), vec![200, 302, 303, 400, 401, 404, 409, 422, 403]),
            ("not text", FORM, "%ff%fe=%00%ff".to_owned(), vec![200, 302, 303, 400, 401, 404, 409, 422, 403]),
        ] {
            let mut request = post(path).header(header::COOKIE, &cookie).body(Body::from(body)).unwrap();
            request.headers_mut().remove(header::CONTENT_TYPE);
            if !kind.is_empty() {
                request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
            }
            let (answer, said) = house.send(request).await;
            assert!(wanted.contains(&answer.status().as_u16()), "{path}, {what}: {} {said}", answer.status());
            assert!(
                !said.contains("panicked") && !said.contains("sqlx") && !said.contains("SELECT"),
                "{path}, {what}: {said}"
            );
        }
    }
    let (after, before) = (house.census().await, before);
    let changed: Vec<_> = after.iter().zip(&before).filter(|(after, before)| after != before).collect();
    // New backup codes and challenges need no argument: nonsense beside none is none. Nothing else may have changed.
    let allowed = ["audit_entries", "outbox", "passkey_ceremonies"];
    assert!(changed.iter().all(|((table, _), _)| allowed.contains(&table.as_str())), "{changed:?}");
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let house = House::open().await;
    let cookie = house.signed_in("bram@northwind.example").await;
    let before = house.census().await;
    for (path, _) in server_functions::all() {
        for (name, value) in
            [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
        {
            let mut request = post(path).header(header::COOKIE, &cookie).body(Body::from("required=false")).unwrap();
            request.headers_mut().remove(header::ORIGIN);
            request.headers_mut().insert(name, value.parse().unwrap());
            let (answer, said) = house.send(request).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}, {name}: {value}: {said}");
        }
    }
    assert_eq!(house.census().await, before);
}

#[tokio::test]
async fn every_door_says_what_a_browser_must_guard() {
    let house = House::open().await;
    for (path, _) in server_functions::all() {
        let (answer, _) = house.send(post(path).body(Body::empty()).unwrap()).await;
        for name in ["content-security-policy", "x-content-type-options", "referrer-policy"] {
            assert!(answer.headers().contains_key(name), "{path} lacks {name}");
        }
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{path}");
    }
}

/// A browser inside a mail client may say neither where it is nor where it was.
#[tokio::test]
async fn who_came_by_mail_is_sent_back_to_the_page_of_the_mail() {
    let house = House::open().await;
    let token = "A".repeat(43);
    for (door, page, rest) in [
        ("mfa_reset/accept_api/decide", "mfa-reset", "decision=accept"),
        ("password_reset/api/set", "password-reset", "password=short"),
        ("locked_out/api/disown", "sign-in/not-me", "x=y"),
    ] {
        for referer in [None, Some("https://postern.example/"), Some("https://evil.example/x")] {
            let mut request = Request::post(format!("/api/app/{door}"))
                .header(header::CONTENT_TYPE, FORM)
                .header(header::ACCEPT, "text/html");
            if let Some(referer) = referer {
                request = request.header(header::REFERER, referer);
            }
            let form = Body::from(format!("token={token}&{rest}"));
            let (answer, _) = house.send(request.body(form).unwrap()).await;
            let location = answer.headers()[header::LOCATION].to_str().unwrap();
            assert!(location.starts_with(&format!("/{page}/{token}?__path=")), "{door} {referer:?}: {location}");
        }
    }
    let request = Request::post("/api/app/mfa_reset/accept_api/decide").header(header::CONTENT_TYPE, FORM);
    let odd = request.header(header::ACCEPT, "text/html").body(Body::from("token=//evil.example&decision=accept"));
    let (answer, _) = house.send(odd.unwrap()).await;
    assert!(answer.headers()[header::LOCATION].to_str().unwrap().starts_with("/?__path="));
}

// ── step-up ───────────────────────────────────────────────────────────────────────────────────────────────────────

/// Doors behind which everybody has to have proven lately who they are (3.7). **A new door stands in one of these three
/// lists.**
const STEP_UP: [&str; 29] = [
    // Factors and new backup codes.
    "/authenticators/api/enrolment",
    "/authenticators/api/bind_totp",
    "/authenticators/api/prefer",
    "/authenticators/api/rename",
    "/authenticators/api/unbind",
    "/authenticators/api/make_backup_codes",
    "/passkeys/api/enrolment",
    "/passkeys/api/begin_binding",
    "/passkeys/api/bind",
    "/sms/api/enrolment",
    "/sms/api/request_binding",
    "/sms/api/binding",
    "/sms/api/resend_binding",
    "/sms/api/bind",
    // Password and address.
    "/passwords/api/change",
    "/email_change/api/request",
    "/notice_email/api/request",
    "/notice_email/api/remove",
    // 5.2, 5.6, 5.9.
    "/mfa_reset/api/request",
    "/bulk_reset/api/begin",
    // Many at once, whatever is in it.
    "/bulk_change/api/apply",
    "/guards/api/set",
    // MFA policy, grace, floor, trust.
    "/mfa_policy/api/set",
    // 2.6, and what is given up.
    "/users/api/transfer_ownership",
    "/users/api/remove",
    "/users/api/leave",
    "/closing/api/close",
    // Roles, and what an account's people can be reached by.
    "/roles/api/make",
    "/portfolios/api/create",
];

/// Doors behind which it depends on what is found there: a role that is sensitive, a member who is an administrator, a
/// request that waits. Those that are found here ask for a proof too; of all of them the policy's own table tells.
const BY_WHAT_IS_FOUND: [&str; 15] = [
    "/invitations/api/invite",
    "/invitations/api/resend",
    "/users/api/change_role",
    "/users/api/deactivate",
    "/users/api/reactivate",
    "/mfa_reset/api/approve",
    "/mfa_requirement/api/set",
    "/roles/api/edit",
    "/roles/api/delete",
    "/portfolios/api/ask",
    "/portfolios/api/agree",
    "/portfolios/api/confirm",
    "/portfolios/api/leave",
    "/portfolios/api/unlink",
    "/erasure/api/erase",
];

/// Doors that are open for as long as the session is. Who only looks, who declines or calls off, and who is on the way in.
const FREE: [&str; 73] = [
    "/accounts/api/console",
    "/accounts/api/home",
    "/accounts/api/mine",
    "/accounts/api/overview",
    "/audit/api/list",
    "/authenticators/api/acknowledge_backup_codes",
    "/authenticators/api/fresh_backup_codes",
    "/authenticators/api/mine",
    "/bulk_change/api/change_roles",
    "/bulk_change/api/get",
    "/bulk_change/api/invite",
    "/bulk_change/api/offer",
    "/bulk_reset/api/preview",
    "/bulk_reset/api/progress",
    "/closing/api/get",
    "/email_change/api/call_off",
    "/email_change/api/pending",
    "/erasure/api/get",
    "/guards/api/get",
    "/invitations/api/cancel",
    "/invitations/api/list",
    "/locked_out/api/ask",
    "/locked_out/api/may_ask",
    "/loosening/api/call_off",
    "/mfa_policy/api/get",
    "/mfa_requirement/api/get",
    "/mfa_reset/api/cancel",
    "/mfa_reset/api/decline_mine",
    "/mfa_reset/api/preview",
    "/mfa_reset/api/reject",
    "/mfa_reset/api/resend",
    "/notice_email/api/call_off",
    "/notice_email/api/confirm",
    "/notice_email/api/get",
    "/passkeys/api/begin_proof",
    "/passkeys/api/prove",
    "/personal/api/me",
    "/personal/api/set_language",
    "/personal/api/set_name",
    "/personal/api/set_theme",
    "/personal/api/set_time_zone",
    "/personal/api/time_zones",
    "/portfolios/api/accounts",
    "/portfolios/api/cancel",
    "/portfolios/api/decline",
    "/portfolios/api/link",
    "/portfolios/api/see_request",
    "/roles/api/get",
    "/roles/api/list",
    "/roll_out/api/get",
    "/roll_out/api/remind",
    "/sessions/api/distrust_device",
    "/sessions/api/end",
    "/sessions/api/end_others",
    "/sessions/api/forget_device",
    "/sessions/api/mine",
    "/sign_in/api/challenge",
    "/sign_in/api/device",
    "/sign_in/api/resend_device_code",
    "/sign_in/api/submit_backup_code",
    "/sign_in/api/submit_device_code",
    "/sign_in/api/submit_totp",
    "/sms/api/proof",
    "/sms/api/request_code",
    "/sms/api/resend_code",
    "/sms/api/submit_code",
    "/step_up/api/prove_by_password",
    "/step_up/api/standing",
    "/users/api/find",
    "/users/api/get",
    "/users/api/list",
    "/users/api/own_membership",
    "/users/api/sign_out",
];

/// Somebody in an account who is no administrator, has a second factor, and was never asked to accept a reset.
async fn a_member(house: &House, account: &str) -> String {
    let on = house.backend.database.read();
    let sql = "SELECT lower(hex(user_id)) FROM memberships WHERE lower(hex(scope_id)) = ? AND status = 'active' \
               AND role = 'support' AND factor_kinds <> 0 AND user_id NOT IN (SELECT user_id FROM mfa_resets)";
    let account = account.replace('-', "").into();
    let found = Statement::from_sql_and_values(on.get_database_backend(), sql, [account]);
    on.query_one_raw(found).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn every_door_says_whether_it_takes_a_proof_of_lately_and_does() {
    let house = House::open().await;
    let account = house.demo.accounts[0].id.to_string();
    let (owner, admin) = (house.demo.users[0].email.clone(), "bram@northwind.example");
    let (owner, admin) = (house.signed_in(&owner).await, house.signed_in(admin).await);
    let member = a_member(&house, &account).await;
    // The role that is given is one that is sensitive.
    let form = full_form(&account, &member).replace("&role=support", "&role=admin");
    house.clock.advance(STEP_UP_TTL);

    let is_in = |list: &[&str], path: &str| list.iter().any(|door| path.ends_with(door));
    let (all, before) = (server_functions::all(), house.census().await);
    for (path, _) in all.iter().filter(|(path, _)| !is_public(path)) {
        let lists: [&[&str]; 3] = [&STEP_UP, &BY_WHAT_IS_FOUND, &FREE];
        let listed = lists.iter().filter(|list| is_in(list, path)).count();
        assert_eq!(listed, 1, "{path} is to stand in one of `STEP_UP`, `BY_WHAT_IS_FOUND` and `FREE`");
    }
    for door in STEP_UP.iter().chain(&BY_WHAT_IS_FOUND).chain(&FREE) {
        assert!(all.iter().any(|(path, _)| path.ends_with(door)), "there is no {door} any more");
    }

    let knock = async |path: &str| {
        let cookie = if path.ends_with("/leave") { &admin } else { &owner };
        let request = post(path).header(header::COOKIE, cookie).body(Body::from(form.clone())).unwrap();
        let (answer, said) = house.send(request).await;
        (answer.status(), said)
    };
    let mut open = Vec::new();
    for (path, _) in all.iter().filter(|(path, _)| is_in(&STEP_UP, path)) {
        let (status, said) = knock(path).await;
        if status != StatusCode::FORBIDDEN || !said.contains("step_up_needed") {
            open.push(format!("{path}: {status} {said}"));
        }
    }
    assert!(open.is_empty(), "{open:#?}");
    for path in ["/invitations/api/invite", "/users/api/change_role"] {
        let (path, _) = all.iter().find(|(door, _)| door.ends_with(path)).unwrap();
        let (status, said) = knock(path).await;
        assert!(status == StatusCode::FORBIDDEN && said.contains("step_up_needed"), "{path}: {status} {said}");
    }
    assert_eq!(house.census().await, before);

    for (path, _) in all.iter().filter(|(path, _)| is_in(&FREE, path)) {
        let (status, said) = knock(path).await;
        assert!(!said.contains("step_up_needed"), "{path}: {status} {said}");
        // A step of the sign-in is none for who is in.
        assert!(status != StatusCode::UNAUTHORIZED || said.contains("unfinished"), "{path}: {said}");
    }
}
