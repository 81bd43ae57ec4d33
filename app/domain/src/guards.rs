//! The guards of an MFA reset (5.6, 5.12): what a request needs besides the person's “Accept”.
//!
//! [`Guards`] is what a scope has set. What a request meets there, as far as the last seven days remember, is a
//! [`Ground`]; a request that reaches several scopes stands on several, and the strictest of each guard applies:
//!
//! - [`approval`]: whether a second administrator has to agree, and of which scopes;
//! - [`wait`]: how long after “Accept” it takes effect;
//! - [`number`]: whether four digits that only the asker sees have to be typed.
//!
//! They are settled when the request is made, so that nothing that is loosened later makes it easier; the wait is looked
//! at again when it is accepted, and the longer one holds. What is loosened takes effect a day later, see
//! [`crate::loosening`].
//!
//! Of other scopes of the person, outside the asker's reach, nothing is asked here but whether there are any that
//! [`ELSEWHERE`] protects: who asks never learns of them.

use crate::{
    ids::UserId,
    loosening::{Loosenable, Loosening},
    roles::Rank,
    scope::Scope,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
/// Within this span one mailbox does not give back both password and second factor (5.12).
pub const ONE_MAILBOX: Duration = Duration::from_secs(72 * 3600);
/// How many wrong numbers end a request.
pub const NUMBER_TRIES: u8 = 3;
/// How far back ranks, and the number of administrators, are remembered; and how long one must have been able to reset MFA
/// before one may approve.
pub const MEMORY: Duration = Duration::from_secs(7 * 24 * 3600);
/// From so many administrators on, one more than asker and target, a second one has to approve by default.
pub const ENOUGH_ADMINISTRATORS: usize = 3;
/// How long an accepted request waits when the person is an administrator somewhere outside the asker's reach.
pub const ELSEWHERE: Duration = Duration::from_secs(24 * 3600);
/// How long after an own reset every request one makes needs an approver, and one approves none.
pub const FRESHLY_RESET: Duration = Duration::from_secs(24 * 3600);

/// For whose reset a second administrator has to approve, from nobody's on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApproverFor {
    /// Nobody's.
    Nobody,
    /// That of rank 2 and above, once the scope has [`ENOUGH_ADMINISTRATORS`].
    #[default]
    Administrators,
    /// Everybody's.
    Everybody,
}

impl ApproverFor {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Nobody, Self::Administrators, Self::Everybody];

    /// As stored and as in the form.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Administrators => "administrators",
            Self::Everybody => "everybody",
        }
    }

    /// The choice with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.key() == key)
    }
}

/// A waiting time, 0 to 72 hours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Hours(u8);

impl Hours {
    /// None.
    pub const NONE: Self = Self(0);
    /// A day.
    pub const DAY: Self = Self(24);
    /// The longest.
    pub const MOST: u8 = 72;
    /// What the form offers.
    pub const OFFERED: [Self; 8] = [Self(0), Self(1), Self(4), Self(12), Self(24), Self(36), Self(48), Self(72)];

    /// How many.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// As a span.
    pub const fn span(self) -> Duration {
        Duration::from_secs(self.0 as u64 * 3600)
    }
}

impl TryFrom<u8> for Hours {
    type Error = TooLong;

    fn try_from(hours: u8) -> Result<Self, TooLong> {
        if hours <= Self::MOST { Ok(Self(hours)) } else { Err(TooLong) }
    }
}

impl From<Hours> for u8 {
    fn from(hours: Hours) -> u8 {
        hours.0
    }
}

/// More than 72 hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a waiting time is at most 72 hours")]
pub struct TooLong;

/// What a scope has set under Security > “MFA reset”.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Guards {
    /// For whom a second administrator has to approve.
    pub approver: ApproverFor,
    /// The time between “Accept” and effect, for everybody.
    pub wait: Hours,
    /// The same for an Owner whose reset nobody else can approve.
    pub owner_wait: Hours,
    /// Whether every request asks for a number.
    pub number: bool,
}

impl Default for Guards {
    fn default() -> Self {
        Self { approver: ApproverFor::default(), wait: Hours::NONE, owner_wait: Hours::DAY, number: false }
    }
}

impl Loosenable for Guards {
    fn stricter_of(self, other: Self) -> Self {
        Self {
            approver: self.approver.max(other.approver),
            wait: self.wait.max(other.wait),
            owner_wait: self.owner_wait.max(other.owner_wait),
            number: self.number || other.number,
        }
    }
}

/// One scope that a request reaches, as its guards see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ground {
    /// Which.
    pub scope: Scope,
    /// What it has set.
    pub guards: Guards,
    /// The highest rank of the person there within [`MEMORY`].
    pub rank: Rank,
    /// The highest number of administrators there within [`MEMORY`].
    pub administrators: usize,
}

impl Ground {
    fn asks_for_approval(&self) -> Option<ApprovalReason> {
        let of_administrator = self.rank >= Rank::Admin && self.administrators >= ENOUGH_ADMINISTRATORS;
        match self.guards.approver {
            ApproverFor::Everybody => Some(ApprovalReason::Everybody),
            ApproverFor::Administrators if of_administrator => Some(ApprovalReason::Administrator),
            ApproverFor::Administrators | ApproverFor::Nobody => None,
        }
    }
}

/// Why a second administrator has to approve.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalReason {
    /// The person is an administrator, or was within the last seven days.
    Administrator,
    /// It is set for everybody.
    Everybody,
    /// The asker's own second factors were reset lately.
    AskerReset,
}

/// That a second administrator has to approve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approval {
    /// Why.
    pub reason: ApprovalReason,
    /// The scopes that ask for it: who approves may reset MFA in each of them.
    pub by: Vec<Scope>,
}

impl Approval {
    /// The scopes whose administrators may approve a request made in `asked_in`: that one, whose reach has all the others;
    /// and the one that asks for approval, if there is no second.
    pub fn voices(&self, asked_in: Scope) -> Vec<Scope> {
        match self.by.as_slice() {
            [only] if *only != asked_in => vec![asked_in, *only],
            _ => vec![asked_in],
        }
    }
}

/// Whether a second administrator has to approve a request made in `asked_in`. `asker_reset_at` is when the asker's own
/// second factors were last reset, if they were.
pub fn approval(
    asked_in: Scope,
    grounds: &[Ground],
    asker_reset_at: Option<Timestamp>,
    now: Timestamp,
) -> Option<Approval> {
    let asking = grounds.iter().filter_map(|ground| Some((ground.scope, ground.asks_for_approval()?)));
    let (mut by, reasons): (Vec<Scope>, Vec<ApprovalReason>) = asking.unzip();
    let freshly_reset = is_freshly_reset(asker_reset_at, now);
    if freshly_reset && !by.contains(&asked_in) {
        by.push(asked_in);
    }
    let reason = if freshly_reset { Some(ApprovalReason::AskerReset) } else { reasons.first().copied() };
    reason.map(|reason| Approval { reason, by })
}

/// Whether somebody's second factors were reset so lately that they do not reset others' on their own.
pub fn is_freshly_reset(reset_at: Option<Timestamp>, now: Timestamp) -> bool {
    reset_at.is_some_and(|at| now < at + FRESHLY_RESET)
}

/// How long after “Accept” a request takes effect, as far as the asker's reach goes. `approved` is whether a second
/// administrator agreed or, before one could, whether one has to and can.
pub fn wait(grounds: &[Ground], approved: bool) -> Duration {
    let longest = grounds.iter().map(|ground| match ground.rank {
        Rank::Owner if !approved => ground.guards.wait.max(ground.guards.owner_wait),
        _ => ground.guards.wait,
    });
    longest.max().unwrap_or_default().span()
}

/// Why a number is asked for: four digits that only the asker sees, who tells them by another channel than the mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberReason {
    /// The password was set by a mailed link lately: who reads the mailbox has it, and would have the factor next.
    PasswordMailed,
    /// It is set so.
    Set,
}

/// Whether the accept page asks for a number, and why. `password_mailed_at` is when the present password was set by a
/// mailed link, if it was.
pub fn number(grounds: &[Ground], password_mailed_at: Option<Timestamp>, now: Timestamp) -> Option<NumberReason> {
    let mailed = password_mailed_at.filter(|at| now < *at + ONE_MAILBOX).map(|_| NumberReason::PasswordMailed);
    let set = || grounds.iter().any(|ground| ground.guards.number).then_some(NumberReason::Set);
    mailed.or_else(set)
}

/// What a request made now would meet, as far as its asker may know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Demands {
    /// Why a second administrator would have to approve, if one would.
    pub approval: Option<ApprovalReason>,
    /// Whether somebody could.
    pub somebody_can_approve: bool,
    /// How long it would wait after “Accept”.
    pub wait: Duration,
    /// Why a number would be asked for, if one would.
    pub number: Option<NumberReason>,
}

/// One span of time in which somebody was an administrator of a scope, or could reset MFA there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tenure {
    /// Who.
    pub user_id: UserId,
    /// With which rank.
    pub rank: Rank,
    /// Whether they could reset MFA.
    pub resets_mfa: bool,
    /// From when.
    pub since: Timestamp,
    /// Until when, when it is over.
    pub until: Option<Timestamp>,
    /// Who gave it to them, if a person did.
    pub given_by: Option<UserId>,
}

impl Tenure {
    /// Whether some of it lies within [`MEMORY`].
    pub fn is_remembered(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until + MEMORY)
    }
}

/// The highest rank of `user` in these, within [`MEMORY`].
pub fn highest_rank(tenures: &[Tenure], user: UserId, now: Timestamp) -> Rank {
    let theirs = tenures.iter().filter(|tenure| tenure.user_id == user && tenure.is_remembered(now));
    theirs.map(|tenure| tenure.rank).max().unwrap_or_default()
}

/// The highest number of people who were administrators of one scope at one time, within [`MEMORY`].
pub fn most_administrators(tenures: &[Tenure], now: Timestamp) -> usize {
    let ranked = || tenures.iter().filter(|tenure| tenure.rank >= Rank::Admin && tenure.is_remembered(now));
    // The number only rises where a tenure begins, so the most were there at one of those times, or when memory begins.
    let begins = ranked().map(|tenure| tenure.since.max(now - MEMORY));
    let at = |time: Timestamp| {
        let there = |tenure: &&Tenure| tenure.since <= time && tenure.until.is_none_or(|until| time < until);
        let mut people: Vec<UserId> = ranked().filter(there).map(|tenure| tenure.user_id).collect();
        people.sort();
        people.dedup();
        people.len()
    };
    begins.map(at).max().unwrap_or(0)
}

/// Since when somebody has been able to reset MFA in one scope, one tenure after the other without a gap; nothing when they
/// are not.
fn holds_since(tenures: &[Tenure], user: UserId) -> Option<Timestamp> {
    let mut theirs: Vec<&Tenure> =
        tenures.iter().filter(|tenure| tenure.user_id == user && tenure.resets_mfa).collect();
    theirs.sort_by_key(|tenure| (tenure.until.is_none(), tenure.until, tenure.since));
    let mut since = None;
    for tenure in theirs.iter().rev() {
        match since {
            None if tenure.until.is_none() => since = Some(tenure.since),
            Some(next) if tenure.until >= Some(next) => since = Some(tenure.since.min(next)),
            _ => break,
        }
    }
    since
}

/// Whether somebody has been able to reset MFA in one scope for [`MEMORY`].
fn is_seasoned(tenures: &[Tenure], user: UserId, now: Timestamp) -> bool {
    holds_since(tenures, user).is_some_and(|since| since + MEMORY <= now)
}

/// Everybody by whom somebody became what they are in one scope: who invited or raised them, who did so with those, and so
/// on. `invited` is who was invited there, and by whom.
pub fn makers(tenures: &[Tenure], invited: &[(UserId, UserId)], user: UserId) -> Vec<UserId> {
    let mut makers = Vec::new();
    let mut next = vec![user];
    while let Some(made) = next.pop() {
        let raised = tenures.iter().filter(|tenure| tenure.user_id == made).filter_map(|tenure| tenure.given_by);
        let invited = invited.iter().filter(|(who, _)| *who == made).map(|(_, by)| *by);
        for maker in raised.chain(invited) {
            if maker != user && !makers.contains(&maker) {
                makers.push(maker);
                next.push(maker);
            }
        }
    }
    makers
}

/// Whose own reset counts as the asker's (5.6): the asker's, and as long as they have not been able to reset MFA for
/// [`MEMORY`], also that of those who made them so, or a fresh reset would be no hindrance to who raises somebody else.
pub fn answers_for(tenures: &[Tenure], invited: &[(UserId, UserId)], asker: UserId, now: Timestamp) -> Vec<UserId> {
    let mut all = vec![asker];
    if !is_seasoned(tenures, asker, now) {
        all.extend(makers(tenures, invited, asker));
    }
    all
}

/// What stands in the way of somebody's approving, as far as it is not in their role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approver {
    /// Whether they asked themselves.
    pub is_asker: bool,
    /// Whether they have been able to reset MFA here for [`MEMORY`].
    pub is_seasoned: bool,
    /// Whether the asker made them what they are: invited or raised them, or who did.
    pub is_made_by_asker: bool,
    /// Whether they so made the asker, who has not been able to reset MFA here for [`MEMORY`]: it would be one pair of hands.
    pub made_the_asker: bool,
    /// Whether their own second factors were reset within [`FRESHLY_RESET`].
    pub is_freshly_reset: bool,
}

impl Approver {
    /// Of `user`, from what was held in one scope, and who was invited there by whom.
    pub fn of(
        tenures: &[Tenure],
        invited: &[(UserId, UserId)],
        user: UserId,
        asker: Option<UserId>,
        reset_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let made = |maker: UserId, of: UserId| makers(tenures, invited, of).contains(&maker);
        Self {
            is_asker: asker == Some(user),
            is_seasoned: is_seasoned(tenures, user, now),
            is_made_by_asker: asker.is_some_and(|asker| made(asker, user)),
            made_the_asker: asker.is_some_and(|asker| made(user, asker) && !is_seasoned(tenures, asker, now)),
            is_freshly_reset: is_freshly_reset(reset_at, now),
        }
    }
}

/// Security > “MFA reset” as its page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GuardSettings {
    /// What is in force.
    pub guards: Guards,
    /// What is asked for and takes effect later, if anything is.
    pub loosening: Option<Loosening>,
    /// How many administrators there are now.
    pub administrators: usize,
    /// Who looks.
    pub principal: crate::policy::Principal,
    /// The server's time.
    pub now: Timestamp,
}

/// A span in whole hours, rounded up, for the reader.
pub fn in_hours(span: Duration) -> u64 {
    span.as_secs().div_ceil(HOUR.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;

    fn now() -> Timestamp {
        Timestamp::from_ms(1_795_334_400_000)
    }

    fn days(number: u64) -> Duration {
        Duration::from_secs(number * 24 * 3600)
    }

    fn person(number: u128) -> UserId {
        UserId(uuid::Uuid::from_u128(number))
    }

    fn ground(guards: Guards, rank: Rank, administrators: usize) -> Ground {
        Ground { scope: Scope::Account(AccountId(uuid::Uuid::nil())), guards, rank, administrators }
    }

    fn tenure(user: u128, rank: Rank, since: u64, until: Option<u64>) -> Tenure {
        let ago = |days_ago| now() - days(days_ago);
        Tenure {
            user_id: person(user),
            rank,
            resets_mfa: true,
            since: ago(since),
            until: until.map(ago),
            given_by: None,
        }
    }

    #[test]
    fn a_password_from_the_mailbox_asks_for_a_number_for_three_days() {
        let reason = Some(NumberReason::PasswordMailed);
        for (at, expected) in [
            (None, None),
            (Some(now()), reason),
            (Some(now() - ONE_MAILBOX + Duration::from_millis(1)), reason),
            (Some(now() - ONE_MAILBOX), None),
            // Servers' clocks differ.
            (Some(now() + Duration::from_secs(60)), reason),
        ] {
            assert_eq!(number(&[], at, now()), expected, "{at:?}");
        }
        let set = ground(Guards { number: true, ..Guards::default() }, Rank::Member, 1);
        assert_eq!(number(&[set], None, now()), Some(NumberReason::Set));
    }

    #[test]
    fn by_default_a_second_administrator_approves_once_there_are_three() {
        let asked = |rank, administrators| {
            let ground = ground(Guards::default(), rank, administrators);
            approval(ground.scope, &[ground], None, now()).map(|approval| approval.reason)
        };
        assert_eq!(asked(Rank::Member, 9), None);
        assert_eq!(asked(Rank::Admin, 2), None);
        assert_eq!(asked(Rank::Admin, 3), Some(ApprovalReason::Administrator));
        assert_eq!(asked(Rank::Owner, 3), Some(ApprovalReason::Administrator));
    }

    #[test]
    fn who_was_just_reset_needs_an_approver_for_a_day() {
        let ground = ground(Guards::default(), Rank::Member, 1);
        for (ago, expected) in [(Duration::ZERO, true), (HOUR * 23, true), (FRESHLY_RESET, false)] {
            let approval = approval(ground.scope, &[ground], Some(now() - ago), now());
            assert_eq!(approval.map(|approval| approval.by), expected.then(|| vec![ground.scope]), "{ago:?}");
        }
    }

    #[test]
    fn an_owner_waits_a_day_where_nobody_approves() {
        let owner = ground(Guards::default(), Rank::Owner, 2);
        assert_eq!(wait(&[owner], false), days(1));
        assert_eq!(wait(&[owner], true), Duration::ZERO);
        assert_eq!(wait(&[ground(Guards::default(), Rank::Admin, 2)], false), Duration::ZERO);
        // Of several the longest.
        let longer = ground(Guards { wait: Hours(72), ..Guards::default() }, Rank::Member, 1);
        assert_eq!(wait(&[owner, longer], true), days(3));
    }

    #[test]
    fn what_is_stricter_holds_at_once_and_what_is_looser_later() {
        let all = ApproverFor::ALL.into_iter().flat_map(|approver| {
            [0, 24, 72].into_iter().flat_map(move |wait| {
                [0, 24].into_iter().flat_map(move |owner_wait| {
                    [false, true].map(|number| Guards {
                        approver,
                        wait: Hours(wait),
                        owner_wait: Hours(owner_wait),
                        number,
                    })
                })
            })
        });
        let all: Vec<Guards> = all.collect();
        for before in &all {
            for asked in &all {
                let (at_once, later) = before.change(*asked);
                assert_eq!(at_once.stricter_of(*before), at_once, "nothing is looser at once");
                assert_eq!(at_once.stricter_of(*asked), at_once, "nothing that is stricter waits");
                assert_eq!(later.unwrap_or(at_once), *asked, "in the end it is as asked");
            }
        }
    }

    #[test]
    fn ranks_and_numbers_are_remembered_for_seven_days() {
        let demoted = [tenure(1, Rank::Admin, 30, Some(6))];
        assert_eq!(highest_rank(&demoted, person(1), now()), Rank::Admin);
        assert_eq!(highest_rank(&demoted, person(2), now()), Rank::Member);
        assert_eq!(highest_rank(&[tenure(1, Rank::Admin, 30, Some(7))], person(1), now()), Rank::Member);

        let two = [tenure(1, Rank::Owner, 99, None), tenure(2, Rank::Admin, 50, None)];
        assert_eq!(most_administrators(&two, now()), 2);
        // A third who left on Monday still counts, and so does not one who came after another had gone.
        let third = tenure(3, Rank::Admin, 50, Some(2));
        assert_eq!(most_administrators(&[two[0], two[1], third], now()), 3);
        let after = tenure(4, Rank::Admin, 1, None);
        assert_eq!(most_administrators(&[two[0], two[1], third, after], now()), 3);
        let long_gone = tenure(5, Rank::Admin, 50, Some(8));
        assert_eq!(most_administrators(&[two[0], two[1], long_gone], now()), 2);
        // One who was raised is one, not two.
        let raised = [tenure(1, Rank::Admin, 20, Some(3)), tenure(1, Rank::Owner, 3, None)];
        assert_eq!(most_administrators(&raised, now()), 1);
    }

    #[test]
    fn an_approver_has_held_the_right_for_seven_days_and_not_by_the_asker() {
        let approver = |tenures: &[Tenure]| Approver::of(tenures, &[], person(1), Some(person(9)), None, now());
        assert!(!approver(&[]).is_seasoned);
        assert!(!approver(&[tenure(1, Rank::Admin, 6, None)]).is_seasoned);
        assert!(approver(&[tenure(1, Rank::Admin, 7, None)]).is_seasoned);
        // Handed on without a gap: Owner, then Admin.
        assert!(approver(&[tenure(1, Rank::Owner, 30, Some(2)), tenure(1, Rank::Admin, 2, None)]).is_seasoned);
        assert!(!approver(&[tenure(1, Rank::Owner, 30, Some(3)), tenure(1, Rank::Admin, 2, None)]).is_seasoned);
        // Not any more.
        assert!(!approver(&[tenure(1, Rank::Owner, 30, Some(1))]).is_seasoned);

        let by_asker = Tenure { given_by: Some(person(9)), ..tenure(1, Rank::Admin, 400, None) };
        assert!(approver(&[by_asker]).is_made_by_asker);
        let by_another = Tenure { given_by: Some(person(8)), ..by_asker };
        assert!(!approver(&[by_another]).is_made_by_asker);
        let invited = [(person(1), person(9))];
        assert!(Approver::of(&[by_another], &invited, person(1), Some(person(9)), None, now()).is_made_by_asker);
        // Through another hand too, however the chain goes round.
        let chain = [by_another, Tenure { given_by: Some(person(9)), ..tenure(8, Rank::Admin, 400, None) }];
        assert!(approver(&chain).is_made_by_asker);
        let ring = [by_another, Tenure { given_by: Some(person(1)), ..tenure(8, Rank::Admin, 400, None) }];
        assert!(!approver(&ring).is_made_by_asker);
        // The operator's request has no asker, and whom nobody invited was not invited by nobody.
        assert!(!Approver::of(&[by_another], &[], person(1), None, None, now()).is_made_by_asker);
    }

    #[test]
    fn who_made_the_asker_lately_does_not_approve_and_a_reset_of_theirs_counts() {
        let asker = |days| Tenure { given_by: Some(person(1)), ..tenure(9, Rank::Admin, days, None) };
        let maker = tenure(1, Rank::Owner, 400, None);
        let approver = |days| Approver::of(&[asker(days), maker], &[], person(1), Some(person(9)), None, now());
        assert!(approver(6).made_the_asker);
        assert!(!approver(7).made_the_asker, "an Owner who made everybody approves those who are seasoned");
        let answers = |days| answers_for(&[asker(days), maker], &[], person(9), now());
        assert_eq!(answers(6), [person(9), person(1)]);
        assert_eq!(answers(7), [person(9)]);
    }
}
