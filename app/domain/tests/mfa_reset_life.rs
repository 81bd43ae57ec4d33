//! The life of an MFA reset: whatever happens to it, in whatever order and at whatever times, what the specification
//! says of it stays true; and the whole table of what may follow what, in `mfa_reset_life.txt`, to be read in a review.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use domain::{
    authenticators::FactorKinds,
    ids::{AccountId, UserId},
    mfa_reset::{ACCEPT_TTL, EndReason, Event, Life, State},
    policy::{self, Principal, Target},
    roles::{Rank, Role},
    scope::Scope,
    sessions::StepUp,
    time::Timestamp,
    users::MembershipStatus,
};
use proptest::prelude::*;
use std::time::Duration;
use uuid::Uuid;

/// When every life here begins.
const BORN: Timestamp = Timestamp::from_ms(1_795_334_400_000);
const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// A new life. There is no other way to one than through policy.
fn born(needs_approval: bool) -> Life {
    let scope = Scope::Account(AccountId(Uuid::from_u128(1)));
    let who = Principal {
        user_id: UserId(Uuid::from_u128(2)),
        name: "Chiara".into(),
        scope,
        role: Role::Admin,
        via: None,
        step_up: StepUp::FreshByAuthenticator,
    };
    let target = Target {
        user_id: UserId(Uuid::from_u128(3)),
        name: "Marta".into(),
        rank: Rank::Member,
        owns: false,
        status: MembershipStatus::Active,
        factors: FactorKinds::from_bits(0b010),
        resets_today: 0,
    };
    Life::request(&policy::request_mfa_reset(&who, scope, &target).unwrap(), needs_approval, BORN)
}

fn is_final(state: State) -> bool {
    !matches!(state, State::AwaitingApproval | State::Open | State::Waiting)
}

// ── any life ──────────────────────────────────────────────────────────────────────────────────────────────────────

fn any_event() -> impl Strategy<Value = Event> {
    let waits = prop_oneof![Just(Duration::ZERO), Just(MS), (1u64..=72).prop_map(|hours| HOUR * hours as u32)];
    prop_oneof![
        Just(Event::Approve),
        Just(Event::Reject),
        waits.prop_map(|wait| Event::Accept { wait }),
        Just(Event::Decline),
        proptest::sample::select(EndReason::ALL.to_vec()).prop_map(Event::Cancel),
        Just(Event::Supersede),
        Just(Event::Expire),
        Just(Event::Complete),
    ]
}

/// Times around every edge there is, and in between; backwards too, as between servers whose clocks differ.
fn any_time() -> impl Strategy<Value = Timestamp> {
    let day = 24 * 3600 * 1000i64;
    let edges = vec![0, 1, 12 * 3600 * 1000 - 1, 12 * 3600 * 1000, 12 * 3600 * 1000 + 1, day - 1, day, day + 1];
    prop_oneof![proptest::sample::select(edges), -1000..5 * day].prop_map(|ms| Timestamp::from_ms(BORN.ms() + ms))
}

/// A life after any events at any times, those that it allowed.
fn any_life() -> impl Strategy<Value = Life> {
    (any::<bool>(), prop::collection::vec((any_event(), any_time()), 0..6)).prop_map(|(needs_approval, events)| {
        events.into_iter().fold(born(needs_approval), |life, (event, at)| life.step(event, at).unwrap_or(life))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_final_state_is_final(life in any_life(), event in any_event(), at in any_time(), later in any_time()) {
        if life.end.is_some() {
            prop_assert!(is_final(life.state(at)));
            prop_assert_eq!(life.step(event, at), Err(life.state(at)));
            prop_assert_eq!(life.state(later), life.state(at), "time changes nothing any more");
        }
    }

    #[test]
    fn time_alone_only_ever_ends_a_life(life in any_life(), at in any_time(), later in any_time()) {
        let (at, later) = (at.min(later), at.max(later));
        if is_final(life.state(at)) {
            prop_assert_eq!(life.state(later), life.state(at));
        } else {
            prop_assert!([life.state(at), State::Expired].contains(&life.state(later)));
        }
    }

    #[test]
    fn nothing_is_accepted_at_or_after_its_end(life in any_life(), at in any_time(), hours in 0u32..72) {
        let accepted = life.step(Event::Accept { wait: HOUR * hours }, at);
        if at >= life.expires_at {
            prop_assert!(accepted.is_err());
        }
        prop_assert!(life.accepted_at.is_none_or(|accepted| accepted < life.expires_at));
        prop_assert!(life.expires_at <= life.opened_at.unwrap_or(life.requested_at) + ACCEPT_TTL);
    }

    #[test]
    fn nothing_is_done_without_an_accept(life in any_life(), at in any_time()) {
        if life.state(at) == State::Done {
            let accepted = life.accepted_at.expect("it was accepted");
            prop_assert!(life.opened_at.is_some());
            prop_assert!(life.effective_at.is_some_and(|due| due >= accepted));
            prop_assert_eq!(life.end.map(|end| end.reason), Some(EndReason::Accepted));
        }
        if life.state(at) == State::Waiting {
            prop_assert!(life.accepted_at.is_some());
        }
    }

    #[test]
    fn nothing_is_done_before_its_waiting_time_is_over(life in any_life(), at in any_time()) {
        if let (State::Waiting, Ok(done)) = (life.state(at), life.step(Event::Complete, at)) {
            prop_assert!(life.effective_at.is_some_and(|due| due <= at));
            prop_assert_eq!(done.state(at), State::Done);
        }
    }

    #[test]
    fn what_was_accepted_does_not_expire(life in any_life(), at in any_time()) {
        if life.accepted_at.is_some() {
            prop_assert_ne!(life.state(at), State::Expired);
            prop_assert!(life.step(Event::Expire, at).is_err());
            prop_assert!(life.step(Event::Supersede, at).is_err());
        }
    }

    #[test]
    fn the_state_agrees_with_the_stored_end(life in any_life(), at in any_time()) {
        match life.end {
            Some(end) => prop_assert_eq!(life.state(at), end.state),
            // Without one it is live, or time has decided and nobody has written that down yet.
            None => prop_assert!(life.state(at).is_live() || (life.state(at) == State::Expired && at >= life.expires_at)),
        }
        prop_assert_eq!(life.state(at).is_live(), !is_final(life.state(at)));
    }

    #[test]
    fn an_end_has_the_reason_of_its_state(life in any_life()) {
        if let Some(end) = life.end {
            let fits = match end.state {
                State::Done => end.reason == EndReason::Accepted,
                State::Declined => end.reason == EndReason::Target,
                State::Rejected => end.reason == EndReason::Approver,
                State::Superseded => end.reason == EndReason::Newer,
                State::Expired => end.reason == EndReason::TimeUp,
                State::Cancelled => true,
                State::AwaitingApproval | State::Open | State::Waiting => false,
            };
            prop_assert!(fits, "{end:?}");
        }
    }

    #[test]
    fn a_step_goes_where_the_specification_lets_it(life in any_life(), event in any_event(), at in any_time()) {
        let from = life.state(at);
        match life.step(event, at) {
            Err(state) => prop_assert_eq!(state, from, "who is refused hears where it stands"),
            Ok(after) => {
                let to = after.state(at);
                let allowed: &[State] = match from {
                    State::AwaitingApproval => &[State::Open, State::Rejected, State::Cancelled, State::Superseded],
                    State::Open => {
                        &[State::Waiting, State::Done, State::Declined, State::Cancelled, State::Superseded]
                    }
                    State::Waiting => &[State::Done, State::Cancelled],
                    // Written down, not gone anywhere.
                    State::Expired => &[State::Expired],
                    _ => &[],
                };
                prop_assert!(allowed.contains(&to), "{from:?} → {to:?} by {event:?}");
                prop_assert_eq!(after.requested_at, life.requested_at);
            }
        }
    }
}

#[test]
fn at_twelve_hours_to_the_millisecond_it_is_too_late() {
    let (life, accept) = (born(false), Event::Accept { wait: Duration::ZERO });
    let end = BORN + 12 * HOUR;
    assert_eq!(life.expires_at, end);
    assert!(life.step(accept, end - MS).is_ok());
    assert_eq!(life.step(accept, end), Err(State::Expired));
    assert_eq!(life.state(end), State::Expired);
}

#[test]
fn an_approval_opens_for_another_twelve_hours_and_is_itself_given_within_twelve() {
    let life = born(true);
    assert_eq!(life.state(BORN), State::AwaitingApproval);
    assert_eq!(life.step(Event::Approve, BORN + 12 * HOUR), Err(State::Expired));
    let open = life.step(Event::Approve, BORN + 11 * HOUR).unwrap();
    assert_eq!(open.expires_at, BORN + 23 * HOUR);
    assert_eq!(open.state(BORN + 22 * HOUR), State::Open);
}

// ── the table ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// One life in each state, with the time at which it is looked at.
fn one_of_each() -> Vec<(&'static str, Life, Timestamp)> {
    let at = BORN + HOUR;
    let open = born(false);
    let waiting = open.step(Event::Accept { wait: 24 * HOUR }, at).unwrap();
    let ended = |life: Life, event, at| life.step(event, at).unwrap();
    vec![
        ("awaiting_approval", born(true), at),
        ("awaiting_approval, 12 hours later", born(true), BORN + 12 * HOUR),
        ("open", open, at),
        ("open, 12 hours later", open, BORN + 12 * HOUR),
        ("waiting", waiting, at),
        ("waiting, when it is due", waiting, at + 24 * HOUR),
        ("done", ended(open, Event::Accept { wait: Duration::ZERO }, at), at),
        ("declined", ended(open, Event::Decline, at), at),
        ("cancelled", ended(open, Event::Cancel(EndReason::Asker), at), at),
        ("rejected", ended(born(true), Event::Reject, at), at),
        ("superseded", ended(open, Event::Supersede, at), at),
        ("expired, written down", ended(open, Event::Expire, BORN + 12 * HOUR), BORN + 13 * HOUR),
    ]
}

const EVERY_EVENT: [(&str, Event); 9] = [
    ("approve", Event::Approve),
    ("reject", Event::Reject),
    ("accept", Event::Accept { wait: Duration::ZERO }),
    ("accept with a wait", Event::Accept { wait: Duration::from_secs(24 * 3600) }),
    ("decline", Event::Decline),
    ("cancel", Event::Cancel(EndReason::Asker)),
    ("supersede", Event::Supersede),
    ("expire", Event::Expire),
    ("complete", Event::Complete),
];

fn table() -> String {
    let mut out = String::from("What may follow what. Everything else is refused.\n");
    for (name, life, at) in one_of_each() {
        out.push_str(&format!("\n{name}\n"));
        let mut refused = Vec::new();
        for (event, what) in EVERY_EVENT {
            match life.step(what, at) {
                Ok(after) => {
                    let end = after.end.map(|end| format!(", because {}", end.reason.key())).unwrap_or_default();
                    out.push_str(&format!("  {event:18} → {}{end}\n", after.state(at).key()));
                }
                Err(state) => {
                    assert_eq!(state, life.state(at));
                    refused.push(event);
                }
            }
        }
        out.push_str(&format!("  refused as {}: {}\n", life.state(at).key(), refused.join(", ")));
    }
    out
}

#[test]
fn the_table_is_as_it_was_reviewed() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mfa_reset_life.txt");
    let now = table();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(now, reviewed, "if that is wanted: UPDATE=1 cargo test -p domain");
}

#[test]
fn a_cancel_goes_the_same_way_for_every_reason_and_keeps_it() {
    for (name, life, at) in one_of_each() {
        for reason in EndReason::ALL {
            let kept = life.step(Event::Cancel(reason), at).map(|after| after.end.map(|end| (end.state, end.reason)));
            let expected = life.state(at).is_live().then_some(Some((State::Cancelled, reason))).ok_or(life.state(at));
            assert_eq!(kept, expected, "{name}");
        }
    }
}

#[test]
fn every_state_and_reason_is_found_by_its_key() {
    for state in State::ALL {
        assert_eq!(State::of_key(state.key()), Some(state));
    }
    for reason in EndReason::ALL {
        assert_eq!(EndReason::of_key(reason.key()), Some(reason));
    }
    assert_eq!((State::of_key("open "), EndReason::of_key("")), (None, None));
    assert!(one_of_each().iter().all(|(_, life, at)| State::ALL.contains(&life.state(*at))));
}
