//! How often may be tried (3.5), counted in the database before the secret is looked at, so that parallel requests and
//! several servers get no extra guesses.
//!
//! [`count`] is one statement: it counts the try as a miss and says how long the next one has to wait, unless the
//! subject has to wait already, when it changes nothing. A success takes the misses back. Subjects are keyed digests: the
//! table says nobody's address.
//!
//! Nobody waits longer than their misses cost: what ends later than that was written before the clock was set back.

use crate::{
    Backend, Error, Result, authenticators,
    crypto::TokenDigest,
    fold,
    settings::ThrottleLimits,
    store::{
        self,
        entity::{known_device, throttle, user},
    },
};
use domain::{ids::UserId, person::EmailAddress, scope::Scope, time::Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use std::{net::IpAddr, time::Duration};

const HOUR: Duration = Duration::from_secs(3600);
/// Clocks of several servers differ by less.
const SLACK: Duration = Duration::from_secs(60);

/// What is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A password, by address or by recognised browser.
    Password,
    /// A second factor, by person.
    Factor,
    /// Anything, by network address.
    Network,
    /// A mail with a link to set a password, by address.
    ResetMail,
    /// Asking for another address, to sign in with or for notices, by person, and by the address asked for.
    EmailChange,
    /// A call for help to the administrators, by person.
    HelpCall,
    /// A code by text message, by person; forgotten once one was right.
    Sms,
    /// The same, by number: each one costs the operator, and may earn whoever has the number.
    SmsOfNumber,
    /// The same, by account and by portfolio.
    SmsOfScope,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Password,
        Self::Factor,
        Self::Network,
        Self::ResetMail,
        Self::EmailChange,
        Self::HelpCall,
        Self::Sms,
        Self::SmsOfNumber,
        Self::SmsOfScope,
    ];

    /// As stored, and as the operator reads it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Factor => "factor",
            Self::Network => "network",
            Self::ResetMail => "reset_mail",
            Self::EmailChange => "email_change",
            Self::HelpCall => "help_call",
            Self::Sms => "sms",
            Self::SmsOfNumber => "sms_of_number",
            Self::SmsOfScope => "sms_of_scope",
        }
    }

    /// The wait after each miss in a row, counted from the first; the last holds for all that follow.
    fn waits(self, limits: &ThrottleLimits) -> Vec<(u32, Duration)> {
        match self {
            Self::Password | Self::Factor => {
                let mut waits = Vec::new();
                let (mut misses, mut wait) = (limits.free_misses, limits.first_wait);
                while wait < limits.longest_wait {
                    waits.push((misses, wait));
                    (misses, wait) = (misses + 1, wait * 2);
                }
                waits.push((misses, limits.longest_wait));
                waits
            }
            Self::Network => vec![(limits.network_misses, Duration::from_secs(1))],
            Self::ResetMail | Self::EmailChange => vec![(limits.reset_mails_an_hour, HOUR)],
            // Not a number to set: each one is a mail to every administrator.
            Self::HelpCall => vec![(1, HOUR), (2, HOUR * 4), (3, HOUR * 24)],
            Self::Sms => {
                vec![(1, limits.resend_after), (limits.sms_an_hour, HOUR), (limits.sms_an_hour * 2, HOUR * 24)]
            }
            Self::SmsOfNumber => vec![(limits.sms_a_day_per_number, HOUR * 24)],
            Self::SmsOfScope => vec![(limits.sms_a_day_per_scope, HOUR * 24)],
        }
    }

    /// From when the time runs after which misses are forgotten: from the last one, or of a network, where somebody always
    /// mistypes, from the first.
    const fn runs_from_the_last(self) -> bool {
        !matches!(self, Self::Network | Self::SmsOfNumber | Self::SmsOfScope)
    }

    fn forget_after(self, limits: &ThrottleLimits) -> Duration {
        match self {
            Self::Password | Self::Factor => limits.forget_after,
            Self::Network => limits.network_window,
            Self::ResetMail | Self::EmailChange => HOUR,
            Self::HelpCall | Self::Sms | Self::SmsOfNumber | Self::SmsOfScope => HOUR * 24,
        }
    }
}

/// Whose tries are counted, as it stands in the table.
pub type Subject = TokenDigest;

/// By normalised address, known or not.
pub fn by_address(backend: &Backend, folded: &str) -> Subject {
    backend.keys.digest("throttle address", folded.as_bytes())
}

/// By recognised browser: a stranger's misses do not delay the person.
pub fn by_device(backend: &Backend, device: uuid::Uuid) -> Subject {
    backend.keys.digest("throttle device", device.as_bytes())
}

/// By person.
pub fn by_user(backend: &Backend, user: UserId) -> Subject {
    backend.keys.digest("throttle user", user.0.as_bytes())
}

/// By telephone number.
pub fn by_number(backend: &Backend, number: &str) -> Subject {
    backend.keys.digest("throttle number", number.as_bytes())
}

/// By account or portfolio.
pub fn by_scope(backend: &Backend, scope: Scope) -> Subject {
    backend.keys.digest("throttle scope", scope.uuid().as_bytes())
}

/// By network address; of IPv6 the first 64 bits, which one customer has to themselves.
pub fn by_network(backend: &Backend, address: Option<IpAddr>) -> Subject {
    let bytes = match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(v4)) => v4.octets().to_vec(),
        Some(IpAddr::V6(v6)) => v6.octets()[..8].to_vec(),
        None => Vec::new(),
    };
    backend.keys.digest("throttle network", &bytes)
}

/// Counts a try of `subject` as a miss.
///
/// # Errors
/// [`Error::Throttled`] with the time that is left, when the subject has to wait; then nothing is counted.
pub async fn count(backend: &Backend, kind: Kind, subject: Subject, now: Timestamp) -> Result<()> {
    let limits = &backend.settings.throttle;
    let forgotten = (now - kind.forget_after(limits)).ms();
    let misses = "(CASE WHEN throttles.last_miss_at <= ? THEN 1 ELSE throttles.misses + 1 END)";
    let mut waits = kind.waits(limits);
    // Where not even one miss is free, the first try has to wait already for the next.
    let after_the_first = waits.iter().rev().find(|(from, _)| *from <= 1).map_or(0, |(_, wait)| (now + *wait).ms());
    waits.reverse();
    let mut until = String::from("CASE");
    let mut until_values: Vec<sea_orm::Value> = Vec::new();
    // Until when, at most, who has to wait already.
    let mut at_most = String::from("CASE");
    let mut at_most_values: Vec<sea_orm::Value> = Vec::new();
    for (from, wait) in &waits {
        at_most.push_str(" WHEN throttles.misses >= ? THEN ?");
        at_most_values.extend([i64::from(*from).into(), (now + *wait + SLACK).ms().into()]);
        until.push_str(&format!(" WHEN {misses} >= ? THEN ?"));
        until_values.extend([forgotten.into(), i64::from(*from).into(), (now + *wait).ms().into()]);
    }
    until.push_str(" ELSE 0 END");
    at_most.push_str(" ELSE ? END");
    at_most_values.push((now + SLACK).ms().into());
    let since = match kind.runs_from_the_last() {
        true => "?",
        false => "(CASE WHEN throttles.last_miss_at <= ? THEN ? ELSE throttles.last_miss_at END)",
    };
    let sql = format!(
        "INSERT INTO throttles (kind, subject, misses, blocked_until, last_miss_at) VALUES (?, ?, 1, ?, ?) \
         ON CONFLICT (kind, subject) DO UPDATE SET misses = {misses}, blocked_until = {until}, \
         told_at = (CASE WHEN throttles.last_miss_at <= ? THEN NULL ELSE throttles.told_at END), last_miss_at = {since} \
         WHERE throttles.blocked_until <= ? OR throttles.blocked_until > {at_most}"
    );
    let mut values: Vec<sea_orm::Value> =
        vec![kind.key().into(), subject.to_vec().into(), after_the_first.into(), now.ms().into(), forgotten.into()];
    values.extend(until_values);
    values.push(forgotten.into());
    if !kind.runs_from_the_last() {
        values.push(forgotten.into());
    }
    values.extend([now.ms().into(), now.ms().into()]);
    values.extend(at_most_values);
    let on = backend.database.write();
    if on.execute_raw(store::statement(on, &sql, values)).await?.rows_affected() == 1 {
        return Ok(());
    }
    let row = throttle::Entity::find_by_id((kind.key().to_owned(), subject.to_vec())).one(on).await?;
    let until = Timestamp::from_ms(row.map_or(0, |row| row.blocked_until));
    Err(Error::Throttled { retry_after: until.since(now).max(Duration::from_secs(1)) })
}

/// Counts a try of anybody at `network`. Who comes with a browser that is known as the person's is counted and let through:
/// strangers behind the same address do not delay them.
///
/// # Errors
/// As [`count`], for everybody else.
pub async fn count_network(backend: &Backend, network: Subject, is_recognised: bool, now: Timestamp) -> Result<()> {
    match count(backend, Kind::Network, network, now).await {
        Err(Error::Throttled { .. }) if is_recognised => Ok(()),
        counted => counted,
    }
}

/// Whether somebody is to be told now of so many misses of `subject`: of any number of requests that ask, and of all misses
/// until they are forgotten, one is answered so.
pub async fn is_news(
    on: &impl ConnectionTrait,
    kind: Kind,
    subject: Subject,
    misses: u32,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE throttles SET told_at = ? WHERE kind = ? AND subject = ? AND misses >= ? AND told_at IS NULL";
    let values = [now.ms().into(), kind.key().into(), subject.to_vec().into(), i64::from(misses).into()];
    Ok(on.execute_raw(store::statement(on, sql, values)).await?.rows_affected() == 1)
}

/// A success: all misses of `subject` are forgotten.
pub async fn forget(on: &impl ConnectionTrait, kind: Kind, subject: Subject) -> Result<()> {
    let sql = "DELETE FROM throttles WHERE kind = ? AND subject = ?";
    on.execute_raw(store::statement(on, sql, [kind.key().into(), subject.to_vec().into()])).await?;
    Ok(())
}

/// A success: the one try that was counted in advance was no miss; others from the same network were.
pub async fn take_back(on: &impl ConnectionTrait, kind: Kind, subject: Subject) -> Result<()> {
    let sql = "UPDATE throttles SET misses = misses - 1 WHERE kind = ? AND subject = ? AND misses > 0";
    on.execute_raw(store::statement(on, sql, [kind.key().into(), subject.to_vec().into()])).await?;
    Ok(())
}

/// What is counted against somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tally {
    /// What was tried.
    pub kind: Kind,
    /// How often in vain.
    pub misses: u32,
    /// Until when they have to wait, if they do.
    pub until: Option<Timestamp>,
}

/// What is counted of one kind, whoever it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overall {
    /// What was tried.
    pub kind: Kind,
    /// Against how many something is counted.
    pub counted: u64,
    /// How many of them have to wait.
    pub waiting: u64,
    /// The most misses of one.
    pub misses: u32,
    /// Until when the last of them has to wait, if one has to.
    pub until: Option<Timestamp>,
}

/// Every kind, whether or not anything is counted. Says nobody's address: the table knows none.
pub async fn overall(backend: &Backend, now: Timestamp) -> Result<Vec<Overall>> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        counted: i64,
        waiting: i64,
        misses: i32,
        until: i64,
    }
    let on = backend.database.read();
    let sql = "SELECT kind, COUNT(*) AS counted, COUNT(CASE WHEN blocked_until > ? THEN 1 END) AS waiting, \
                 MAX(misses) AS misses, MAX(blocked_until) AS until \
               FROM throttles WHERE misses > 0 GROUP BY kind";
    let rows = Row::find_by_statement(store::statement(on, sql, [now.ms().into()])).all(on).await?;
    let of = |kind: Kind| {
        let row = rows.iter().find(|row| row.kind == kind.key());
        Overall {
            kind,
            counted: row.map_or(0, |row| row.counted.unsigned_abs()),
            waiting: row.map_or(0, |row| row.waiting.unsigned_abs()),
            misses: row.map_or(0, |row| row.misses.unsigned_abs()),
            until: row.map(|row| Timestamp::from_ms(row.until)).filter(|until| *until > now),
        }
    };
    Ok(Kind::ALL.into_iter().map(of).collect())
}

/// Everything that is counted against who has this address: by the address, known or not, by person, by each browser that is
/// recognised as theirs, and by each telephone number that is bound.
pub async fn of_person(backend: &Backend, email: &EmailAddress, now: Timestamp) -> Result<Vec<Tally>> {
    let subjects = subjects_of(backend, email).await?;
    let rows = throttle::Entity::find()
        .filter(throttle::Column::Subject.is_in(subjects))
        .order_by_asc(throttle::Column::Kind)
        .all(backend.database.read())
        .await?;
    let tally = |row: throttle::Model| {
        let kind = Kind::ALL.into_iter().find(|kind| kind.key() == row.kind)?;
        let until = Some(Timestamp::from_ms(row.blocked_until)).filter(|until| *until > now);
        Some(Tally { kind, misses: row.misses.unsigned_abs(), until })
    };
    Ok(rows.into_iter().filter_map(tally).collect())
}

/// Forgets all of that. Answers how much it was.
pub(crate) async fn clear(on: &impl ConnectionTrait, backend: &Backend, email: &EmailAddress) -> Result<u64> {
    let subjects = subjects_of(backend, email).await?;
    let theirs = throttle::Column::Subject.is_in(subjects);
    Ok(throttle::Entity::delete_many().filter(theirs).exec(on).await?.rows_affected)
}

async fn subjects_of(backend: &Backend, email: &EmailAddress) -> Result<Vec<Vec<u8>>> {
    let (on, folded) = (backend.database.read(), fold::address(email));
    let mut subjects = vec![by_address(backend, &folded)];
    if let Some(person) = user::Entity::find().filter(user::Column::EmailFolded.eq(&folded)).one(on).await? {
        subjects.push(by_user(backend, UserId(person.id)));
        let theirs = known_device::Column::UserId.eq(person.id);
        let devices = known_device::Entity::find().filter(theirs).all(on).await?;
        subjects.extend(devices.iter().map(|device| by_device(backend, device.id)));
        let bound = authenticators::of(on, UserId(person.id)).await?;
        let numbers = bound.iter().filter_map(|row| authenticators::number_of(backend, row));
        subjects.extend(numbers.map(|number| by_number(backend, &number)));
    }
    Ok(subjects.iter().map(|subject| subject.to_vec()).collect())
}

/// Removes what is long forgotten.
pub async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let on = backend.database.write();
    let limits = &backend.settings.throttle;
    let longest = Kind::ALL.into_iter().map(|kind| kind.forget_after(limits)).max().unwrap_or_default();
    let sql = "DELETE FROM throttles WHERE last_miss_at < ? AND blocked_until <= ?";
    on.execute_raw(store::statement(on, sql, [(now - longest).ms().into(), now.ms().into()])).await?;
    Ok(())
}
