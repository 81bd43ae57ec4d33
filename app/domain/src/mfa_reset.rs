//! The life of an MFA reset: the tracked request by which an administrator has a person's second factors removed, once
//! that person accepts by mail.
//!
//! ```text
//!                    ┌─ approve ─▶ open ─┬─ accept ─▶ done
//! awaiting_approval ─┤                   ├─ accept, with a waiting time ─▶ waiting ─┬─ complete ─▶ done
//!                    │                   │                                          └─ cancel ─▶ cancelled
//!                    ├─ reject           ├─ decline
//!                    └─ cancel, supersede, expire on either side
//! ```
//!
//! A life is its timestamps; the state is derived from them and the present time. So a request expires by itself,
//! whether or not anything runs at that moment, and nobody can accept at 12 hours and a millisecond because a job was
//! late. The worker that later writes the `expired` entry only records what is already so.
//!
//! [`Life::step`] is the whole table of what may follow what; everything it does not name is refused with the state that
//! refuses it. It decides for *one* reader of a row. That of a hundred parallel readers only one wins is the store's
//! part: it writes the new life by an update whose condition is the old one.
//!
//! Nothing here removes a factor, knows a link or sends a mail.

use crate::{
    authenticators::FactorKinds,
    guards::{Approver, Demands, ONE_MAILBOX},
    ids::{MfaResetId, UserId},
    policy::{Denied, Permit, Principal, RequestMfaReset, Target},
    scope::Scope,
    time::{Timestamp, ZonedTime},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a request can be accepted once it is open, and how long it waits for an approval before that.
pub const ACCEPT_TTL: Duration = Duration::from_secs(12 * 3600);
/// How many requests one person may be the target of, in one reach and 24 hours.
pub const REQUESTS_A_DAY: u32 = 5;
/// How long a decided link goes on showing its outcome.
pub const OUTCOME_TTL: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long the browser that accepted may skip the new-device code, once.
pub const RETURN_TTL: Duration = Duration::from_secs(24 * 3600);

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A second administrator has to approve.
    AwaitingApproval,
    /// The mail is out; the person may accept or decline.
    Open,
    /// Accepted; takes effect when the waiting time is over.
    Waiting,
    /// Accepted and carried out.
    Done,
    /// The person said “This wasn't me”.
    Declined,
    /// Called off by an administrator, the person, or because its ground is gone.
    Cancelled,
    /// The second administrator said no.
    Rejected,
    /// A newer request took its place.
    Superseded,
    /// Nobody accepted, or approved, in time.
    Expired,
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 9] = [
        Self::AwaitingApproval,
        Self::Open,
        Self::Waiting,
        Self::Done,
        Self::Declined,
        Self::Cancelled,
        Self::Rejected,
        Self::Superseded,
        Self::Expired,
    ];

    /// As stored, and as `data-state` of the accept page.
    pub const fn key(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
        }
    }

    /// The state with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether something can still come of it.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::AwaitingApproval | Self::Open | Self::Waiting)
    }
}

/// Why a request ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person accepted.
    Accepted,
    /// An administrator who may ask called it off.
    Asker,
    /// The person called it off.
    Target,
    /// The second administrator decided.
    Approver,
    /// Who asked may no longer ask.
    AskerLostRight,
    /// The person left the reach in which it was asked.
    TargetLeft,
    /// The person's second factors were removed, or all void made, by something else.
    DoneElsewhere,
    /// A newer request replaced it.
    Newer,
    /// Time ran out.
    TimeUp,
    /// Too many wrong numbers were typed.
    WrongNumbers,
    /// Called off while it waited, by a scope outside the asker's reach that has a say in it. That it was such a one is not
    /// the asker's to know, so its name does not say it.
    CalledOff,
    /// The account in which it was asked was closed.
    ScopeClosed,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::Accepted,
        Self::Asker,
        Self::Target,
        Self::Approver,
        Self::AskerLostRight,
        Self::TargetLeft,
        Self::DoneElsewhere,
        Self::Newer,
        Self::TimeUp,
        Self::WrongNumbers,
        Self::CalledOff,
        Self::ScopeClosed,
    ];

    /// As stored.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Asker => "asker",
            Self::Target => "target",
            Self::Approver => "approver",
            Self::AskerLostRight => "asker_lost_right",
            Self::TargetLeft => "target_left",
            Self::DoneElsewhere => "done_elsewhere",
            Self::Newer => "newer",
            Self::TimeUp => "time_up",
            Self::WrongNumbers => "wrong_numbers",
            Self::CalledOff => "called_off",
            Self::ScopeClosed => "scope_closed",
        }
    }

    /// The reason with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.key() == key)
    }
}

/// How a life ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct End {
    /// In which final state.
    pub state: State,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EndReason,
}

/// What can happen to a request after it was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A second administrator agrees.
    Approve,
    /// A second administrator does not.
    Reject,
    /// The person accepts; with a waiting time it takes effect later.
    Accept {
        /// Zero for at once.
        wait: Duration,
    },
    /// The person says “This wasn't me”.
    Decline,
    /// It is called off.
    Cancel(EndReason),
    /// A newer request takes its place.
    Supersede,
    /// Its time is over, and that is written down.
    Expire,
    /// Its waiting time is over.
    Complete,
}

/// The timestamps of one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Life {
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the mail could go out: at once, or with the approval.
    pub opened_at: Option<Timestamp>,
    /// Until when it can be approved, or once open, accepted. The moment itself is too late.
    pub expires_at: Timestamp,
    /// When the person accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it takes effect, or took.
    pub effective_at: Option<Timestamp>,
    /// How it ended, once it has.
    pub end: Option<End>,
}

impl Life {
    /// A new request. The permit is the proof that policy allowed it.
    pub fn request(_permit: &Permit<RequestMfaReset>, needs_approval: bool, now: Timestamp) -> Self {
        Self {
            requested_at: now,
            opened_at: (!needs_approval).then_some(now),
            expires_at: now + ACCEPT_TTL,
            accepted_at: None,
            effective_at: None,
            end: None,
        }
    }

    /// Where it stands at `now`.
    pub fn state(&self, now: Timestamp) -> State {
        match (self.end, self.accepted_at, self.opened_at) {
            (Some(end), _, _) => end.state,
            (None, Some(_), _) => State::Waiting,
            (None, None, _) if now >= self.expires_at => State::Expired,
            (None, None, Some(_)) => State::Open,
            (None, None, None) => State::AwaitingApproval,
        }
    }

    /// Whether because of this request a forgotten password is not set by a mailed link, so that one mailbox does not give
    /// back both password and second factor (5.12): while it is live, and from then until a second factor is bound again.
    /// Who need not bind one has the link back after [`ONE_MAILBOX`].
    ///
    /// A live request that asks for a number withholds nothing: accepting it takes more than the mailbox. Once it is accepted
    /// the mailbox is all that is missing, so the link is good in the browser that accepted, see [`PasswordLink`].
    pub fn password_link(&self, asks_number: bool, enrolled: bool, must_enrol: bool, now: Timestamp) -> PasswordLink {
        let withheld = match (self.state(now), self.end) {
            (State::Done, Some(end)) => !enrolled && (must_enrol || now < end.at + ONE_MAILBOX),
            (State::Waiting, _) => true,
            (state, _) => state.is_live() && !asks_number,
        };
        match (withheld, asks_number) {
            (false, _) => PasswordLink::Good,
            (true, true) => PasswordLink::WhereAccepted,
            (true, false) => PasswordLink::Withheld,
        }
    }

    /// What becomes of it by `event`, or the state that refuses.
    pub fn step(&self, event: Event, now: Timestamp) -> Result<Self, State> {
        let ended = |state, reason| Self { end: Some(End { state, at: now, reason }), ..*self };
        let state = self.state(now);
        match (state, event) {
            (State::AwaitingApproval, Event::Approve) => {
                Ok(Self { opened_at: Some(now), expires_at: now + ACCEPT_TTL, ..*self })
            }
            (State::AwaitingApproval, Event::Reject) => Ok(ended(State::Rejected, EndReason::Approver)),
            (State::Open, Event::Accept { wait }) if wait.is_zero() => {
                Ok(Self { accepted_at: Some(now), effective_at: Some(now), ..ended(State::Done, EndReason::Accepted) })
            }
            (State::Open, Event::Accept { wait }) => {
                Ok(Self { accepted_at: Some(now), effective_at: Some(now + wait), ..*self })
            }
            (State::Open, Event::Decline) => Ok(ended(State::Declined, EndReason::Target)),
            (State::AwaitingApproval | State::Open | State::Waiting, Event::Cancel(reason)) => {
                Ok(ended(State::Cancelled, reason))
            }
            (State::AwaitingApproval | State::Open, Event::Supersede) => Ok(ended(State::Superseded, EndReason::Newer)),
            (State::Expired, Event::Expire) if self.end.is_none() => Ok(ended(State::Expired, EndReason::TimeUp)),
            (State::Waiting, Event::Complete) if self.effective_at.is_some_and(|due| due <= now) => {
                Ok(ended(State::Done, EndReason::Accepted))
            }
            (state, _) => Err(state),
        }
    }
}

/// What a request makes of the link of a forgotten password, from good to bad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PasswordLink {
    /// It sets a password.
    Good,
    /// It does so in the browser that accepted the request, whose person told the number.
    WhereAccepted,
    /// It does not.
    Withheld,
}

/// How far the mail of a request got, for the administrator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Waiting to be sent, or to be tried again.
    Queued,
    /// Taken by the mail server.
    Sent,
    /// Refused for good by the mail server, with its reply code.
    Refused {
        /// SMTP reply code, e.g. 550.
        code: u16,
    },
}

/// A request that is still live, as an administrator sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PendingReset {
    /// Which one.
    pub id: MfaResetId,
    /// Where it stands.
    pub state: State,
    /// Who asked; nothing for the operator.
    pub asked_by: Option<String>,
    /// When.
    pub requested_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// How far its mail got.
    pub delivery: Delivery,
    /// Whether a number has to be typed to accept it.
    pub asks_number: bool,
    /// When it takes effect, of one that waits; nothing where that is not the reader's to know.
    pub effective_at: Option<Timestamp>,
    /// Whether it was asked for outside the reader's reach, who may only call it off while it waits.
    pub is_elsewhere: bool,
}

/// All that the “Reset MFA” dialog and page say and decide with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ResetPreview {
    /// Where.
    pub scope: Scope,
    /// The scope's name.
    pub scope_name: String,
    /// Who asks, as policy sees them.
    pub principal: Principal,
    /// Whose factors, as policy sees them.
    pub target: Target,
    /// The target's name here.
    pub name: String,
    /// The target's address.
    pub email: String,
    /// Kinds of method.
    pub factors: FactorKinds,
    /// Backup codes that are still good.
    pub backup_codes_left: u32,
    /// Last use of this scope.
    pub last_used_at: Option<Timestamp>,
    /// The request that is live now, if one is.
    pub pending: Option<PendingReset>,
    /// The number that has to be typed to accept it, for the asker alone, who tells it.
    pub number: Option<String>,
    /// What a request made now would meet.
    pub demands: Demands,
    /// Why the pending one was asked for, in the asker's words.
    pub asked_reason: Option<String>,
    /// The reader, as who may approve the request that waits for approval, if one does.
    pub approver: Option<Approver>,
    /// The server's time.
    pub now: Timestamp,
}

impl ResetPreview {
    /// Whether policy lets this be asked; the same function as the server's.
    pub fn verdict(&self) -> Result<(), Denied> {
        crate::policy::request_mfa_reset(&self.principal, self.scope, &self.target).map(drop)
    }
}

/// What the accept page shows to whoever holds the link.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeekedReset {
    /// Where it stands.
    pub state: State,
    /// Why it ended, if it has.
    pub reason: Option<EndReason>,
    /// Who asked; nothing for the operator.
    pub asked_by: Option<String>,
    /// The asker's role there: the key of a built-in one, or what a custom one was called when they asked.
    pub asked_as: Option<String>,
    /// The scope from which it was asked; nothing for the operator.
    pub scope_name: Option<String>,
    /// Whose factors: name.
    pub name: String,
    /// Whose factors: address.
    pub email: String,
    /// When it was asked.
    pub requested_at: ZonedTime,
    /// Until when it can be accepted.
    pub expires_at: ZonedTime,
    /// When it takes effect, or took.
    pub effective_at: Option<ZonedTime>,
    /// When it ended.
    pub ended_at: Option<ZonedTime>,
    /// Whether a second factor has to be set up again at the next sign-in.
    pub must_enrol: bool,
    /// Whether a number has to be typed to accept it.
    pub asks_number: bool,
    /// The server's time, to which times here are relative.
    pub now: ZonedTime,
}

/// A request that waits for a second administrator, in the list “Waiting for approval”.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AwaitedApproval {
    /// Whose factors.
    pub user_id: UserId,
    /// Their name here.
    pub name: String,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// Until when it can be approved.
    pub expires_at: Timestamp,
    /// Whether the reader asked.
    pub is_own: bool,
}

/// A live request against oneself, shown in every own session with “This wasn't me” (5.2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ResetOfMine {
    /// Where it stands.
    pub state: State,
    /// When it takes effect, if it was accepted.
    pub effective_at: Option<Timestamp>,
    /// Which one.
    pub id: MfaResetId,
    /// Whose: the one who is looking.
    pub user_id: UserId,
    /// Who asked; nothing for the operator.
    pub asked_by: Option<String>,
    /// The scope from which it was asked; nothing for the operator.
    pub scope_name: Option<String>,
    /// When.
    pub requested_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// The server's time.
    pub now: Timestamp,
}
