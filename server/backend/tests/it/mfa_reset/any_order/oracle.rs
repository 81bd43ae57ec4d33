//! What may come of what was done, worked out by the specification alone (2.4, 2.5, 5.5, 5.6, 5.12).
//!
//! It keeps a book of its own: who held which place when and by whom, what every scope has set, every request and what it
//! needs. No rule of the domain is asked. Where the specification leaves a choice it takes the mildest reading, so what it
//! objects to is wrong by every reading.

use domain::{
    guards::{ApproverFor, Guards, Hours},
    ids::UserId,
    roles::Role,
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
const FOREVER: Timestamp = Timestamp::from_ms(i64::MAX);

/// 3 for an Owner, 2 for an Admin, 1 for everybody else (2.5), 0 for who is not there.
fn rank(role: Option<Role>) -> u8 {
    match role {
        Some(Role::Owner | Role::PortfolioOwner) => 3,
        Some(Role::Admin | Role::PortfolioAdmin) => 2,
        Some(_) => 1,
        None => 0,
    }
}

/// Owner and Admin, of an account or a portfolio (2.4).
fn resets_mfa(role: Option<Role>) -> bool {
    rank(role) >= 2
}

/// From when on somebody holds a role in a scope, or none, and who made it so.
struct Turn {
    at: Timestamp,
    who: UserId,
    scope: Scope,
    role: Option<Role>,
    by: Option<UserId>,
}

/// The time between two turns of one person in one scope.
struct Span {
    since: Timestamp,
    until: Timestamp,
    role: Option<Role>,
}

/// What a request needs besides the person's “Accept”.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// The scopes that want a second administrator.
    approval: Vec<Scope>,
    wait: Duration,
    /// How long it waits if nobody approves.
    unapproved_wait: Duration,
    pub number: bool,
}

/// A request, as it was asked.
#[derive(Debug)]
pub struct Request {
    pub id: Uuid,
    pub target: UserId,
    /// Nothing for the operator's, and so for who asked.
    pub asked: Option<(Scope, UserId)>,
    pub asked_at: Timestamp,
    demand: Demand,
    /// The four digits, if it has them.
    pub number: Option<String>,
    wrong_numbers: u8,
    pub opened_at: Option<Timestamp>,
    approver: Option<UserId>,
    /// When the person accepted, and the earliest moment at which it may take effect.
    accepted: Option<(Timestamp, Timestamp)>,
    done_at: Option<Timestamp>,
    /// Whether nothing can come of it any more.
    pub is_over: bool,
    /// Whether a place of its asker or target changed since: then it may be over, and nobody has to say so.
    pub is_doubtful: bool,
}

impl Request {
    fn expires_at(&self) -> Timestamp {
        self.opened_at.unwrap_or(self.asked_at) + HOUR * 12
    }

    pub fn is_live(&self, now: Timestamp) -> bool {
        !self.is_over && (self.accepted.is_some() || now < self.expires_at())
    }

    pub fn awaits_approval(&self, now: Timestamp) -> bool {
        self.is_live(now) && self.opened_at.is_none()
    }

    pub fn waits(&self) -> bool {
        !self.is_over && self.accepted.is_some()
    }

    fn scope(&self) -> Option<Scope> {
        self.asked.map(|(scope, _)| scope)
    }

    /// Where somebody may agree to it.
    pub fn voices(&self) -> Vec<Scope> {
        self.scope().into_iter().chain(self.demand.approval.iter().copied()).collect()
    }
}

/// The guards of a scope: in force, and later.
#[derive(Default)]
struct Setting {
    guards: Guards,
    later: Option<(Guards, Timestamp)>,
}

#[derive(Default)]
pub struct Oracle {
    turns: Vec<Turn>,
    settings: HashMap<Scope, Setting>,
    /// The portfolio of an account.
    linked: HashMap<Scope, Scope>,
    pub requests: Vec<Request>,
    password_mailed_at: HashMap<UserId, Timestamp>,
    enrolled_at: HashMap<UserId, Timestamp>,
}

// ── who is what ───────────────────────────────────────────────────────────────────────────────────────────────────

impl Oracle {
    pub fn link(&mut self, account: Scope, portfolio: Scope) {
        self.linked.insert(account, portfolio);
    }

    /// Somebody holds another role from now on, or none.
    pub fn turn(&mut self, who: UserId, scope: Scope, role: Option<Role>, by: Option<UserId>, now: Timestamp) {
        self.turns.push(Turn { at: now, who, scope, role, by });
        for request in &mut self.requests {
            request.is_doubtful |= request.target == who || request.asked.is_some_and(|(_, asker)| asker == who);
        }
    }

    fn spans(&self, who: UserId, scope: Scope) -> Vec<Span> {
        let turns: Vec<&Turn> = self.turns.iter().filter(|turn| (turn.who, turn.scope) == (who, scope)).collect();
        let until = turns.iter().skip(1).map(|next| next.at).chain([FOREVER]);
        let spans = turns.iter().zip(until).map(|(turn, until)| Span { since: turn.at, until, role: turn.role });
        spans.filter(|span| span.since < span.until).collect()
    }

    pub fn role(&self, who: UserId, scope: Scope) -> Option<Role> {
        self.spans(who, scope).pop()?.role
    }

    /// Whether somebody may reset MFA there now.
    pub fn may_reset(&self, who: UserId, scope: Scope) -> bool {
        resets_mfa(self.role(who, scope))
    }

    /// The highest rank within seven days.
    fn highest(&self, who: UserId, scope: Scope, now: Timestamp) -> u8 {
        let remembered = |span: &Span| span.until > now - WEEK;
        self.spans(who, scope).into_iter().filter(remembered).map(|span| rank(span.role)).max().unwrap_or(0)
    }

    /// The highest number of administrators at any moment within seven days.
    fn most_administrators(&self, scope: Scope, now: Timestamp) -> usize {
        let mut people: Vec<UserId> =
            self.turns.iter().filter(|turn| turn.scope == scope).map(|turn| turn.who).collect();
        people.sort();
        people.dedup();
        let turns = self.turns.iter().filter(|turn| turn.scope == scope && turn.at > now - WEEK).map(|turn| turn.at);
        let held = |who: &UserId, at: Timestamp| {
            self.spans(*who, scope).iter().any(|span| span.since <= at && at < span.until && rank(span.role) >= 2)
        };
        let count = |at| people.iter().filter(|who| held(who, at)).count();
        turns.chain([now - WEEK]).map(count).max().unwrap_or(0)
    }

    /// Whether somebody has been able to reset MFA there for seven days without a break.
    fn is_seasoned(&self, who: UserId, scope: Scope, now: Timestamp) -> bool {
        let lately: Vec<Span> = self.spans(who, scope).into_iter().filter(|span| span.until > now - WEEK).collect();
        lately.first().is_some_and(|span| span.since <= now - WEEK) && lately.iter().all(|span| resets_mfa(span.role))
    }

    /// By whom somebody was raised there, by whom those were, and so on.
    fn raised_by(&self, who: UserId, scope: Scope) -> Vec<UserId> {
        let mut found = vec![who];
        let mut next = 0;
        while let Some(raised) = found.get(next).copied() {
            next += 1;
            let turns: Vec<&Turn> =
                self.turns.iter().filter(|turn| (turn.who, turn.scope) == (raised, scope)).collect();
            let raises = turns.windows(2).filter(|pair| rank(pair[1].role) > rank(pair[0].role).max(1));
            let by: Vec<UserId> = raises.filter_map(|pair| pair[1].by).filter(|by| !found.contains(by)).collect();
            found.extend(by);
        }
        found.split_off(1)
    }

    /// Whether somebody may agree to what `asker` asked about `target`: another, an administrator for seven days, not of
    /// the asker's making, and the asker not of theirs, unless for seven days.
    fn may_approve(&self, who: UserId, scope: Scope, asker: UserId, target: UserId, now: Timestamp) -> bool {
        let made_the_asker = self.raised_by(asker, scope).contains(&who) && !self.is_seasoned(asker, scope, now);
        let is_of_one_hand = self.raised_by(who, scope).contains(&asker) || made_the_asker;
        let is_another = who != asker && who != target;
        is_another && self.is_seasoned(who, scope, now) && !is_of_one_hand && !self.was_reset_lately(who, now)
    }

    fn was_reset_lately(&self, who: UserId, now: Timestamp) -> bool {
        let is = |request: &Request| request.target == who && request.done_at.is_some_and(|at| now < at + DAY);
        self.requests.iter().any(is)
    }

    /// Whose second factors were reset within a day.
    pub fn reset_lately(&self, now: Timestamp) -> Vec<UserId> {
        let targets = self.requests.iter().map(|request| request.target);
        targets.filter(|who| self.was_reset_lately(*who, now)).collect()
    }

    /// Who was raised there within seven days and may reset MFA now.
    pub fn raised_lately(&self, scope: Scope, now: Timestamp) -> Vec<UserId> {
        let lately = self.turns.iter().filter(|turn| turn.scope == scope && turn.at > now - WEEK && turn.by.is_some());
        lately.map(|turn| turn.who).filter(|who| self.may_reset(*who, scope)).collect()
    }

    /// Whose password was set by a mailed link within three days.
    pub fn password_mailed_lately(&self, now: Timestamp) -> Vec<UserId> {
        let lately = self.password_mailed_at.iter().filter(|(_, at)| now < **at + DAY * 3);
        let mut people: Vec<UserId> = lately.map(|(who, _)| *who).collect();
        people.sort();
        people
    }

    // ── what is set ───────────────────────────────────────────────────────────────────────────────────────────────

    fn guards(&self, scope: Scope, now: Timestamp) -> Guards {
        match self.settings.get(&scope) {
            Some(Setting { later: Some((later, due)), .. }) if *due <= now => *later,
            Some(setting) => setting.guards,
            None => Guards::default(),
        }
    }

    pub fn begins_with(&mut self, scope: Scope, guards: Guards) {
        self.settings.insert(scope, Setting { guards, later: None });
    }

    /// What is stricter holds at once, what is looser a day later.
    pub fn set_guards(&mut self, scope: Scope, asked: Guards, now: Timestamp) {
        let before = self.guards(scope, now);
        let strictness = |approver| ApproverFor::ALL.into_iter().position(|one| one == approver);
        let stricter = strictness(before.approver) > strictness(asked.approver);
        let guards = Guards {
            approver: if stricter { before.approver } else { asked.approver },
            wait: if before.wait.get() > asked.wait.get() { before.wait } else { asked.wait },
            owner_wait: if before.owner_wait.get() > asked.owner_wait.get() {
                before.owner_wait
            } else {
                asked.owner_wait
            },
            number: before.number || asked.number,
        };
        let later = (guards != asked).then_some((asked, now + DAY));
        self.settings.insert(scope, Setting { guards, later });
    }

    /// What was to be looser is called off.
    pub fn keep_guards(&mut self, scope: Scope, now: Timestamp) {
        let guards = self.guards(scope, now);
        self.settings.insert(scope, Setting { guards, later: None });
    }

    // ── what a request needs ──────────────────────────────────────────────────────────────────────────────────────

    /// What the asker acts over, as far as the person is in it, or was an administrator there within seven days.
    fn reach(&self, scope: Scope, target: UserId, now: Timestamp) -> Vec<Scope> {
        let is_in = |at: &Scope| self.role(target, *at).is_some() || self.highest(target, *at, now) >= 2;
        let linked = self.linked.iter().filter(|(account, portfolio)| **portfolio == scope && is_in(account));
        [scope].into_iter().chain(linked.map(|(account, _)| *account)).collect()
    }

    pub fn demand(&self, scope: Scope, target: UserId, asker: UserId, now: Timestamp) -> Demand {
        let reach = self.reach(scope, target, now);
        let own = |scope: Scope| self.highest(target, scope, now);
        // A portfolio's Owner and Admin stand so high over its accounts, and a portfolio sees the highest of them.
        let over = |scope: Scope| own(scope).max(self.linked.get(&scope).map_or(0, |portfolio| own(*portfolio)));
        let seen = |at: Scope| match at.kind() {
            ScopeKind::Account => over(at),
            ScopeKind::Portfolio => reach.iter().map(|one| over(*one)).max().unwrap_or(0),
        };
        let mut demand = Demand::default();
        for at in &reach {
            let guards = self.guards(*at, now);
            let wants = match guards.approver {
                ApproverFor::Nobody => false,
                ApproverFor::Administrators => seen(*at) >= 2 && self.most_administrators(*at, now) >= 3,
                ApproverFor::Everybody => true,
            };
            demand.approval.extend(wants.then_some(*at));
            let owner_wait = if seen(*at) == 3 { guards.owner_wait } else { Hours::NONE };
            demand.wait = demand.wait.max(guards.wait.span());
            demand.unapproved_wait = demand.unapproved_wait.max(owner_wait.span());
            demand.number |= guards.number;
        }
        // A reset of who raised the asker counts as the asker's own, as long as they are new.
        let makers = if self.is_seasoned(asker, scope, now) { Vec::new() } else { self.raised_by(asker, scope) };
        let was_reset = [asker].into_iter().chain(makers).any(|who| self.was_reset_lately(who, now));
        if was_reset && !demand.approval.contains(&scope) {
            demand.approval.push(scope);
        }
        demand.number |= self.password_mailed_at.get(&target).is_some_and(|at| now < *at + DAY * 3);
        demand
    }

    /// Whether the person is, or was within seven days, an administrator of a scope outside the asker's reach, though they
    /// be shut out there now.
    fn is_administrator_elsewhere(&self, scope: Scope, target: UserId, now: Timestamp) -> bool {
        let reach = self.reach(scope, target, now);
        let elsewhere = self.turns.iter().filter(|turn| turn.who == target && !reach.contains(&turn.scope));
        elsewhere.map(|turn| turn.scope).any(|at| self.highest(target, at, now) >= 2)
    }
}

// ── what was done ─────────────────────────────────────────────────────────────────────────────────────────────────

impl Oracle {
    fn request(&self, id: Uuid) -> &Request {
        self.requests.iter().find(|request| request.id == id).expect("it is in the book")
    }

    fn request_mut(&mut self, id: Uuid) -> &mut Request {
        self.requests.iter_mut().find(|request| request.id == id).expect("it is in the book")
    }

    /// Somebody asked, or the operator, and was allowed to. Whether it is open now, and the number, if it has one.
    pub fn asked(
        &mut self,
        id: Uuid,
        target: UserId,
        asked: Option<(Scope, UserId)>,
        (is_open, number): (bool, Option<String>),
        now: Timestamp,
    ) {
        let mut demand = Demand::default();
        if let Some((scope, asker)) = asked {
            assert!(self.may_reset(asker, scope) && asker != target, "asked by who may not");
            let in_reach = self.reach(scope, target, now).iter().any(|at| self.role(target, *at).is_some());
            assert!(in_reach, "asked about who is not in reach");
            let today = |request: &&Request| request.scope() == Some(scope) && now < request.asked_at + DAY;
            let of_target = self.requests.iter().filter(|request| request.target == target);
            assert!(of_target.clone().filter(today).count() < 5, "asked for the sixth time in a day");
            let waits = |request: &Request| request.scope() == Some(scope) && request.waits() && !request.is_doubtful;
            assert!(!of_target.clone().any(waits), "asked while one waits");
            demand = self.demand(scope, target, asker, now);
            assert!(number.is_some() || !demand.number, "no number is asked for: {demand:?}");
            assert!(!is_open || demand.approval.is_empty(), "nobody has to approve: {demand:?}");
        }
        let replaced = |request: &&mut Request| {
            request.target == target && (asked.is_none() || request.scope() == asked.map(|(scope, _)| scope))
        };
        self.requests.iter_mut().filter(replaced).for_each(|request| request.is_over = true);
        self.requests.push(Request {
            id,
            target,
            asked,
            asked_at: now,
            demand,
            number,
            wrong_numbers: 0,
            opened_at: is_open.then_some(now),
            approver: None,
            accepted: None,
            done_at: None,
            is_over: false,
            is_doubtful: false,
        });
    }

    /// Somebody agreed, in this scope.
    pub fn approved(&mut self, id: Uuid, who: UserId, scope: Scope, now: Timestamp) {
        let request = self.request(id);
        let (_, asker) = request.asked.expect("the operator's needs no approval");
        assert!(request.awaits_approval(now), "approved when nothing awaited it: {request:?}");
        assert!(request.voices().contains(&scope), "approved where it has no business: {request:?}");
        assert!(self.may_approve(who, scope, asker, request.target, now), "approved by who may not: {request:?}");
        let request = self.request_mut(id);
        (request.approver, request.opened_at) = (Some(who), Some(now));
    }

    /// Whether “Accept” with this number has to be taken now.
    pub fn is_acceptable(&self, id: Uuid, typed: &str, now: Timestamp) -> bool {
        let request = self.request(id);
        let is_right = request.number.as_ref().is_none_or(|number| number == typed);
        let is_open = request.is_live(now) && request.accepted.is_none() && request.opened_at.is_some();
        is_open && is_right && !request.is_doubtful
    }

    /// A wrong number was counted.
    pub fn mistyped(&mut self, id: Uuid) {
        let request = self.request_mut(id);
        request.wrong_numbers += 1;
        request.is_over |= request.wrong_numbers >= 3;
    }

    /// The person accepted, with a link from their own mailbox and this number.
    pub fn accepted(&mut self, id: Uuid, typed: &str, now: Timestamp) {
        let request = self.request(id);
        assert!(request.is_live(now) && request.accepted.is_none(), "accepted too late or twice: {request:?}");
        assert!(request.opened_at.is_some(), "accepted before it was approved: {request:?}");
        assert!(request.number.as_ref().is_none_or(|number| number == typed), "accepted with {typed}: {request:?}");
        let mut wait = request.demand.wait;
        let mut unapproved_wait = request.demand.unapproved_wait;
        if let Some((scope, asker)) = request.asked {
            let demand = self.demand(scope, request.target, asker, now);
            wait = wait.max(demand.wait);
            unapproved_wait = unapproved_wait.max(demand.unapproved_wait);
            if self.is_administrator_elsewhere(scope, request.target, now) {
                wait = wait.max(DAY);
            }
        }
        let wait = if request.approver.is_some() { wait } else { wait.max(unapproved_wait) };
        self.request_mut(id).accepted = Some((now, now + wait));
    }

    /// Somebody's second factors are gone, because of this request.
    pub fn gone(&mut self, id: Uuid, now: Timestamp) {
        let request = self.request(id);
        let Some((_, due)) = request.accepted else { panic!("gone without an accept: {request:?}") };
        assert!(!request.is_over, "gone though it was over: {request:?}");
        assert!(request.done_at.is_none(), "gone twice: {request:?}");
        assert!(due <= now, "gone too soon, at {now:?}: {request:?}");
        assert!(request.demand.approval.is_empty() || request.approver.is_some(), "gone unapproved: {request:?}");
        if let Some((scope, asker)) = request.asked {
            assert!(self.may_reset(asker, scope), "gone though its asker lost the right: {request:?}");
            let in_reach =
                self.reach(scope, request.target, now).iter().any(|at| self.role(request.target, *at).is_some());
            assert!(in_reach, "gone though its person left: {request:?}");
        }
        self.request_mut(id).done_at = Some(now);
        let target = self.request(id).target;
        self.epoch_moved(target);
    }

    /// What was mailed to a person is void.
    pub fn epoch_moved(&mut self, who: UserId) {
        self.requests.iter_mut().filter(|request| request.target == who).for_each(|request| request.is_over = true);
    }

    /// A person bound a second factor again.
    pub fn enrolled(&mut self, who: UserId, now: Timestamp) {
        self.enrolled_at.insert(who, now);
        self.epoch_moved(who);
    }

    /// A person's password was set by a mailed link: not while a request that takes nothing but the mailbox is live, nor
    /// from then until the next enrolment, or three days (5.12).
    pub fn password_set(&mut self, who: UserId, now: Timestamp) {
        let enrolled_at = self.enrolled_at.get(&who).copied();
        for request in self.requests.iter().filter(|request| request.target == who && request.number.is_none()) {
            assert!(!request.is_live(now) || request.is_doubtful, "a password by mail, and one is live: {request:?}");
            let lately = request.done_at.filter(|at| now < *at + DAY * 3);
            assert!(
                lately.is_none_or(|at| enrolled_at > Some(at)),
                "a password by mail after one was done: {request:?}"
            );
        }
        self.password_mailed_at.insert(who, now);
        self.epoch_moved(who);
    }
}
