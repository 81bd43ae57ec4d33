//! What the operator types beside the running server when somebody has to wait: the command itself, on the same database.

use crate::house::{House, PUBLIC_URL};
use backend::{Visitor, crypto::Password, sign_in};
use domain::person::EmailAddress;
use sea_orm::{ConnectionTrait as _, Statement};
use std::process::Command;

const BRAM: &str = "bram@northwind.example";

/// Exit code, what is said on stdout and on stderr.
fn postern(house: &House, words: &[&str]) -> (Option<i32>, String, String) {
    let command = Command::new(env!("CARGO_BIN_EXE_postern"))
        .args(words)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .env_clear()
        .env("POSTERN_DATABASE_URL", house.database_url())
        .env("POSTERN_MASTER_KEY", house.master.expose().as_str())
        .env("POSTERN_PUBLIC_URL", PUBLIC_URL)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (command.status.code(), text(command.stdout), text(command.stderr))
}

async fn try_in_vain(house: &House, times: u32) {
    for _ in 0..times {
        let (email, wrong) = (EmailAddress::parse(BRAM).unwrap(), Password::new("not the right one".into()));
        sign_in::sign_in(&house.backend, &Visitor::default(), &email, wrong).await.unwrap_err();
    }
}

#[tokio::test]
async fn the_operator_sees_who_has_to_wait_and_ends_it() {
    let house = House::open().await;
    try_in_vain(&house, 5).await;
    // The house lives in another time than the command: it waits until 2100.
    let on = house.backend.database.write();
    let sql = "UPDATE throttles SET blocked_until = 4102444800000 WHERE kind = 'password'";
    on.execute_raw(Statement::from_string(on.get_database_backend(), sql)).await.unwrap();

    let (code, said, complained) = postern(&house, &["user", "throttle", "--email", "BRAM@northwind.example"]);
    assert_eq!((code, said.as_str()), (Some(0), "password misses 5 wait-until 2100-01-01T00:00:00Z\n"), "{complained}");
    let (code, said, complained) = postern(&house, &["throttles"]);
    assert_eq!(code, Some(0), "{complained}");
    let password = "password counted 1 waiting 1 most-misses 5 wait-until 2100-01-01T00:00:00Z";
    assert!(said.lines().any(|line| line == password), "{said}");
    assert!(said.lines().any(|line| line == "factor counted 0 waiting 0 most-misses 0"), "{said}");
    assert!(!said.contains('@'), "it names nobody: {said}");

    let (code, said, complained) = postern(&house, &["user", "clear-throttle", "--email", BRAM]);
    assert_eq!((code, said.as_str()), (Some(0), "cleared 1\n"), "{complained}");
    let (code, said, _) = postern(&house, &["user", "throttle", "--email", BRAM]);
    assert_eq!((code, said.as_str()), (Some(0), ""), "nothing is counted any more");
    try_in_vain(&house, 1).await;
}

#[tokio::test]
async fn a_wrong_address_clears_nothing_and_says_so() {
    let house = House::open().await;
    try_in_vain(&house, 2).await;
    let (code, said, complained) = postern(&house, &["user", "clear-throttle", "--email", "bran@northwind.example"]);
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(complained.contains("nobody has this address"), "{complained}");
    assert_eq!(postern(&house, &["user", "clear-throttle", "--email", "bram"]).0, Some(2));
    assert_eq!(postern(&house, &["user", "clear-throttle"]).0, Some(2));
    let (_, said, _) = postern(&house, &["user", "throttle", "--email", BRAM]);
    assert_eq!(said, "password misses 2\n");
}
