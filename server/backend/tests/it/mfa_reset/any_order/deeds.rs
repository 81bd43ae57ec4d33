//! What people and workers do, each thing with the arguments that chance gives it, and what the oracle is told of it.

use super::{
    oracle,
    stage::{Mailed, Place, Stage},
};
use crate::{mfa_reset::guards::hours, support::MINUTE};
use backend::{
    Caller, Error, Result, authenticators,
    crypto::{LinkToken, Nonce, Password, Purpose},
    guards, loosening,
    mail::{Mailer, Memory},
    mfa_requirement,
    mfa_reset::{self, Accepted},
    password_reset,
    store::entity::mfa_reset as row,
    worker,
};
use domain::{
    errors::{Conflict, Field},
    guards::{ApproverFor, Guards},
    ids::UserId,
    person::{EmailAddress, Reason},
    roles::Role,
    scope::{Scope, ScopeKind},
    sessions::Standing,
    time::Timestamp,
    users::MembershipStatus,
};
use std::time::Duration;
use uuid::Uuid;
/// A thing that can be done.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Ask,
    Approve,
    Reject,
    Resend,
    Cancel,
    Operator,
    Accept,
    DeclineByLink,
    DeclineInSession,
    GiveRole,
    HandOver,
    ShutOutOrLetIn,
    SetGuards,
    CallOffLoosening,
    ForgetPassword,
    SetPassword,
    SetRequirement,
    Enrol,
    Unbind,
    Deliver,
    FinishDue,
    EndGroundless,
    AtOnce,
    Minutes,
    Hours,
    Day,
}

impl Stage<'_> {
    /// Does it, a second after what was done before, and looks what came of it.
    pub async fn see(&mut self, deed: Deed) {
        self.world.advance(Duration::from_secs(1));
        let mut unbound = None;
        match deed {
            Deed::Ask => self.ask().await,
            Deed::Approve => self.approve().await,
            Deed::Reject => self.reject().await,
            Deed::Resend => self.resend().await,
            Deed::Cancel => self.cancel().await,
            Deed::Operator => self.ask_as_operator().await,
            Deed::Accept => self.accept().await,
            Deed::DeclineByLink => self.decline_by_link().await,
            Deed::DeclineInSession => self.decline_in_session().await,
            Deed::GiveRole => self.give_any_role().await,
            Deed::HandOver => self.hand_over().await,
            Deed::ShutOutOrLetIn => self.shut_out_or_let_in().await,
            Deed::SetGuards => self.set_guards().await,
            Deed::CallOffLoosening => self.call_off_loosening().await,
            Deed::ForgetPassword => self.forget_password().await,
            Deed::SetPassword => self.set_password().await,
            Deed::SetRequirement => self.set_requirement().await,
            Deed::Enrol => self.enrol().await,
            Deed::Unbind => unbound = self.unbind().await,
            Deed::Deliver => self.deliver().await,
            Deed::FinishDue => {
                let done = mfa_reset::finish_due(self.server()).await;
                self.tell("the worker does what is due".into(), &done);
            }
            Deed::EndGroundless => {
                let done = mfa_reset::end_groundless(self.server()).await;
                self.tell("the worker looks at what has no ground".into(), &done);
            }
            Deed::AtOnce => self.at_once().await,
            Deed::Minutes => self.world.advance(MINUTE * (1 + self.dice.below(59)) as u32),
            Deed::Hours => self.world.advance(MINUTE * (60 + self.dice.below(10 * 60)) as u32),
            Deed::Day => self.world.advance(MINUTE * (11 * 60 + self.dice.below(14 * 60)) as u32),
        }
        self.look(unbound).await;
    }

    async fn ask(&mut self) {
        let scope = self.dice.pick(&self.scopes).unwrap();
        let asker = self.some(self.oracle.raised_lately(scope, self.now())).unwrap_or(self.administrator(scope, &[]));
        let reach = self.reach(scope);
        let is_there = |place: &&Place| reach.contains(&place.scope) && place.who != asker && self.bound[place.who];
        let there: Vec<usize> = self.places.iter().filter(is_there).map(|place| place.who).collect();
        let mailed = self.some(self.oracle.password_mailed_lately(self.now())).filter(|who| there.contains(who));
        let target = self.dice.pick(&there).filter(|_| self.dice.percent(92)).unwrap_or_else(|| self.anybody());
        let target = mailed.unwrap_or(target);
        let caller = self.caller(asker).await;
        let asked = mfa_reset::request(self.server(), &caller, scope, self.id(target), &Reason::none()).await;
        let what = format!("{} asks in {} for {}", self.name(asker), self.place_name(scope), self.name(target));
        self.tell(what, &asked);
        if let Ok(id) = asked {
            self.is_present(&caller).await;
            assert!(self.bound[target] && self.bound[asker], "asked for, or by, who has none");
            self.asked(id.0, target, Some((scope, self.id(asker)))).await;
        }
    }

    async fn ask_as_operator(&mut self) {
        let target = self.anybody();
        let email = EmailAddress::parse(&self.people[target].email).unwrap();
        let asked = mfa_reset::request_by_operator(self.server(), &email, &Reason::none()).await;
        self.tell(format!("the operator asks for {}", self.name(target)), &asked);
        if let Ok((id, _)) = asked {
            self.asked(id.0, target, None).await;
        }
    }

    /// A request was made: it goes into the book, with its number.
    async fn asked(&mut self, id: Uuid, target: usize, asked: Option<(Scope, UserId)>) {
        let row = self.row(id).await;
        let digits = || self.world.backend.keys.digits(Purpose::MfaResetNumber, id, Nonce::from_slice(&row.nonce), 4);
        let number = row.asks_number.then(|| digits().to_string());
        self.oracle.asked(id, self.id(target), asked, (row.opened_at.is_some(), number), self.now());
    }

    /// Who succeeded did so in a session that is not void.
    async fn is_present(&self, caller: &Caller) {
        let who = self.who(caller.user_id);
        assert_eq!(self.world.row_of(&self.people[who]).await.epoch, caller.epoch, "done in a session that is void");
    }

    async fn approve(&mut self) {
        let now = self.now();
        let Some((target, scope, but)) = self.request(|request| request.awaits_approval(now)) else {
            return self.ask().await;
        };
        let who = self.administrator(scope, &but);
        let caller = self.caller(who).await;
        let approved = mfa_reset::approve(self.server(), &caller, scope, self.id(target)).await;
        let what = format!("{} approves in {} for {}", self.name(who), self.place_name(scope), self.name(target));
        self.tell(what, &approved);
        if approved.is_ok() {
            self.is_present(&caller).await;
            assert!(self.bound[who], "approved by who has none");
            let opened =
                |row: &&row::Model| row.opened_at == Some(now.ms()) && row.approver_id == Some(caller.user_id.0);
            let rows = self.rows().await;
            let row = rows.iter().filter(|row| row.user_id == self.id(target).0).find(opened).unwrap();
            self.oracle.approved(row.id, caller.user_id, scope, now);
        }
    }

    async fn reject(&mut self) {
        let now = self.now();
        let Some((target, scope, but)) = self.request(|request| request.awaits_approval(now)) else { return };
        let who = self.administrator(scope, &but);
        let caller = self.caller(who).await;
        let rejected = mfa_reset::reject(self.server(), &caller, scope, self.id(target)).await;
        let what = format!("{} rejects in {} for {}", self.name(who), self.place_name(scope), self.name(target));
        self.tell(what, &rejected);
        self.ends_one(&rejected, target, "rejected").await;
    }

    async fn resend(&mut self) {
        let now = self.now();
        let Some((target, scope, _)) = self.request(|request| request.is_live(now)) else { return };
        let who = self.administrator(scope, &[]);
        let caller = self.caller(who).await;
        let resent = mfa_reset::resend(self.server(), &caller, scope, self.id(target)).await;
        self.tell(format!("{} resends to {}", self.name(who), self.name(target)), &resent);
    }

    async fn cancel(&mut self) {
        let now = self.now();
        let waits = self.dice.percent(70);
        let request = self.request(|request| request.is_live(now) && (request.waits() || !waits));
        let Some((target, asked_in, _)) = request else { return };
        // As likely in another place of the person's.
        let elsewhere = self.places.iter().filter(|place| place.who == target && place.scope != asked_in);
        let elsewhere: Vec<Scope> = elsewhere.map(|place| place.scope).collect();
        let scope = self.dice.pick(&elsewhere).filter(|_| self.dice.percent(60)).unwrap_or(asked_in);
        let who = self.administrator(scope, &[]);
        let caller = self.caller(who).await;
        let cancelled = mfa_reset::cancel(self.server(), &caller, scope, self.id(target)).await;
        let what = format!("{} calls off in {} for {}", self.name(who), self.place_name(scope), self.name(target));
        self.tell(what, &cancelled);
        self.ends_one(&cancelled, target, "cancelled").await;
    }

    /// Who is told that it is over is told the truth.
    async fn ends_one<T>(&self, answer: &Result<T>, target: usize, ended_as: &str) {
        let is = |row: &row::Model| row.user_id == self.id(target).0 && row.ended_at == Some(self.now().ms());
        if answer.is_ok() {
            let rows = self.rows().await;
            let ends: Vec<&str> = rows.iter().filter(|row| is(row)).filter_map(|row| row.ended_as.as_deref()).collect();
            assert!(ends.contains(&ended_as), "nothing is {ended_as}: {ends:?}");
        }
    }

    /// As a rule a link from the mailbox of its person, to what is not accepted; now and then that of a request nobody was mailed.
    async fn any_link(&self) -> Option<(Uuid, LinkToken)> {
        let rows = self.rows().await;
        let request = |link: &LinkToken| rows.iter().find(|row| row.token_digest == link.digest().to_vec());
        let is_new = |mailed: &&Mailed| {
            request(&mailed.link).is_some_and(|row| row.ended_at.is_none() && row.accepted_at.is_none())
        };
        let mailed: Vec<&Mailed> = match self.dice.percent(75) {
            true => self.reset_links.iter().filter(is_new).collect(),
            false => self.reset_links.iter().collect(),
        };
        let link = match self.dice.recent(&mailed).filter(|_| self.dice.percent(95)) {
            Some(mailed) => mailed.link.clone(),
            None => {
                let row = self.dice.recent(&rows)?;
                self.world.backend.keys.link_token(Purpose::MfaReset, row.id, Nonce::from_slice(&row.nonce))
            }
        };
        Some((request(&link).unwrap().id, link))
    }

    async fn accept(&mut self) {
        if self.dice.percent(40) {
            self.deliver().await;
        }
        let Some((id, link)) = self.any_link().await else { return };
        let request = self.oracle.requests.iter().find(|request| request.id == id).unwrap();
        let (target, wrong) = (self.who(request.target), format!("{:04}", self.dice.below(10_000)));
        // Every other number is never told.
        let is_told = self.oracle.requests.iter().position(|request| request.id == id).is_some_and(|at| at % 2 == 0);
        let typed = match (&request.number, self.dice.below(100)) {
            (Some(number), ..85) if is_told => number.clone(),
            (Some(_), ..95) => wrong,
            _ => String::new(),
        };
        let has_to_be = self.oracle.is_acceptable(id, &typed, self.now());
        let accepted = mfa_reset::accept(self.server(), &self.world.visitor(), &link, &typed).await;
        self.tell(format!("{} accepts with “{typed}”", self.name(target)), &accepted);
        self.take_answer(id, &typed, accepted, has_to_be);
    }

    /// Writes down what “Accept” was answered; `has_to_be` is whether it had to be taken.
    fn take_answer(&mut self, id: Uuid, typed: &str, answer: Result<Accepted>, has_to_be: bool) {
        match answer {
            Ok(accepted) => {
                self.oracle.accepted(id, typed, self.now());
                let request = self.oracle.requests.iter().find(|request| request.id == id).unwrap();
                self.returning.insert(self.who(request.target), accepted.returning);
            }
            Err(_) if has_to_be => panic!("refused without a reason"),
            Err(Error::Invalid(fields)) if typed.len() == 4 && fields.of(Field::Number).is_some() => {
                self.oracle.mistyped(id);
            }
            Err(_) => {}
        }
    }

    /// What is accepted is due, and at this moment it is called off; or one link is accepted on both servers.
    async fn at_once(&mut self) {
        let rows = self.rows().await;
        let (here, there) = (&self.world.backend, &self.world.other_server);
        let is_open = |row: &&row::Model| row.ended_at.is_none() && row.opened_at.is_some();
        let Some(row) = rows.iter().rfind(is_open) else { return };
        let link = self.world.backend.keys.link_token(Purpose::MfaReset, row.id, Nonce::from_slice(&row.nonce));
        let visitor = self.world.visitor();
        let target = self.who(UserId(row.user_id));
        if let Some(due) = row.effective_at {
            self.world.clock.set(self.now().max(Timestamp::from_ms(due)));
            let declines = mfa_reset::decline(there, &visitor, &link);
            let (first, declined, second) =
                tokio::join!(mfa_reset::finish_due(here), declines, mfa_reset::finish_due(there));
            self.tell("the worker does what is due".into(), &first.and(second));
            self.tell(format!("{} declines at this moment", self.name(target)), &declined);
            self.ends_one(&declined, target, "cancelled").await;
        } else {
            let request = self.oracle.requests.iter().find(|request| request.id == row.id).unwrap();
            let typed = request.number.clone().unwrap_or_default();
            let has_to_be = self.oracle.is_acceptable(row.id, &typed, self.now());
            let accept = |server| mfa_reset::accept(server, &visitor, &link, &typed);
            let (one, other) = tokio::join!(accept(here), accept(there));
            self.tell(format!("{} accepts", self.name(target)), &one);
            self.tell(format!("{} accepts at this moment", self.name(target)), &other);
            let is_one = one.is_ok();
            self.take_answer(row.id, &typed, one, has_to_be && other.is_err());
            self.take_answer(row.id, &typed, other, has_to_be && !is_one);
        }
    }

    async fn decline_by_link(&mut self) {
        let Some((id, link)) = self.any_link().await else { return };
        let declined = mfa_reset::decline(self.server(), &self.world.visitor(), &link).await;
        let target = self.who(UserId(self.row(id).await.user_id));
        self.tell(format!("{} declines", self.name(target)), &declined);
        if let Ok(state) = declined {
            assert_eq!(self.row(id).await.ended_as.as_deref(), Some(state.key()), "what is declined is over");
        }
    }

    async fn decline_in_session(&mut self) {
        let now = self.now();
        let Some((who, ..)) = self.request(|request| request.is_live(now)) else { return };
        let caller = self.caller(who).await;
        let Some(mine) = mfa_reset::of_mine(self.server(), &caller).await.unwrap() else { return };
        let declined = mfa_reset::decline_mine(self.server(), &caller, mine.id).await;
        self.tell(format!("{} declines in a session", self.name(who)), &declined);
        if declined.is_ok() {
            self.is_present(&caller).await;
            assert!(self.row(mine.id.0).await.ended_at.is_some(), "what is declined is over");
        }
    }

    /// A place that is no Owner's; as likely that of somebody whom a live request is about, or who made it, there.
    fn any_place(&self, is: impl Fn(&Place) -> bool) -> Option<Place> {
        let concerned = |place: &&Place| {
            let who = self.id(place.who);
            let is = |request: &oracle::Request| {
                request.is_live(self.now())
                    && request
                        .asked
                        .is_some_and(|(scope, asker)| place.scope == scope && (asker == who || request.target == who))
            };
            self.oracle.requests.iter().any(is)
        };
        let places: Vec<Place> =
            self.places.iter().copied().filter(|place| !is_owner(place.role) && is(place)).collect();
        let concerned: Vec<Place> = places.iter().filter(concerned).copied().collect();
        self.dice.pick(&concerned).filter(|_| self.dice.percent(50)).or(self.dice.pick(&places))
    }

    async fn give_any_role(&mut self) {
        let Some(place) = self.any_place(|_| true) else { return };
        let role = match place.scope.kind() {
            ScopeKind::Account => self.dice.pick(&[Role::Admin, Role::Admin, Role::Manager, Role::Support]),
            ScopeKind::Portfolio => self.dice.pick(&[Role::PortfolioAdmin, Role::PortfolioManager]),
        };
        let reset = self.some(self.oracle.reset_lately(self.now()));
        let by = reset.filter(|who| self.oracle.may_reset(self.id(*who), place.scope));
        let by = by.or_else(|| self.dice.percent(80).then(|| self.administrator(place.scope, &[])));
        self.give_role(place.who, place.scope, role.unwrap(), by).await;
    }

    pub async fn give_role(&mut self, who: usize, scope: Scope, role: Role, by: Option<usize>) {
        let by_person = by.map(|by| &self.people[by]);
        self.world.set_role_by(by_person, &self.people[who], scope, role).await;
        let by_name = by.map_or("nobody", |by| self.name(by));
        let what = format!("{} is {role:?} in {} by {by_name}", self.name(who), self.place_name(scope));
        self.tell(what, &Ok(()));
        self.change_place(who, scope, by, |place| place.role = role);
    }

    fn change_place(&mut self, who: usize, scope: Scope, by: Option<usize>, change: impl FnOnce(&mut Place)) {
        let place = self.places.iter_mut().find(|place| (place.who, place.scope) == (who, scope)).unwrap();
        change(place);
        let role = place.is_active.then_some(place.role);
        self.oracle.turn(self.id(who), scope, role, by.map(|by| self.id(by)), self.now());
    }

    /// The Owner makes somebody else the Owner, and is Admin.
    async fn hand_over(&mut self) {
        let scope = self.dice.pick(&self.scopes).unwrap();
        let (owner, admin) = match scope.kind() {
            ScopeKind::Account => (Role::Owner, Role::Admin),
            ScopeKind::Portfolio => (Role::PortfolioOwner, Role::PortfolioAdmin),
        };
        let there: Vec<Place> = self.places.iter().copied().filter(|place| place.scope == scope).collect();
        let heirs: Vec<Place> = there.iter().copied().filter(|place| place.is_active && place.role != owner).collect();
        let old = there.iter().find(|place| place.role == owner).unwrap();
        if let Some(heir) = self.dice.pick(&heirs) {
            self.give_role(old.who, scope, admin, Some(old.who)).await;
            self.give_role(heir.who, scope, owner, Some(old.who)).await;
        }
    }

    async fn shut_out_or_let_in(&mut self) {
        let lets_in = self.dice.percent(60);
        let Some(place) = self.any_place(|place| place.is_active != lets_in) else { return };
        let status = if place.is_active { MembershipStatus::Deactivated } else { MembershipStatus::Active };
        self.world.set_status(&self.people[place.who], place.scope, status).await;
        let what = format!("{} is {status:?} in {}", self.name(place.who), self.place_name(place.scope));
        self.tell(what, &Ok(()));
        self.change_place(place.who, place.scope, None, |place| place.is_active = !place.is_active);
    }

    pub fn any_guards(&self) -> Guards {
        Guards {
            approver: self.dice.pick(&ApproverFor::ALL).unwrap(),
            wait: hours(self.dice.pick(&[0, 0, 1, 4, 24]).unwrap()),
            owner_wait: hours(self.dice.pick(&[0, 24]).unwrap()),
            number: self.dice.percent(40),
        }
    }

    async fn set_guards(&mut self) {
        let scope = self.dice.pick(&self.scopes).unwrap();
        let who = self.administrator(scope, &[]);
        let asked = self.any_guards();
        let caller = self.caller(who).await;
        let set = guards::set(self.server(), &caller, scope, asked).await;
        self.tell(format!("{} sets in {} {asked:?}", self.name(who), self.place_name(scope)), &set);
        if set.is_ok() {
            self.is_present(&caller).await;
            self.oracle.set_guards(scope, asked, self.now());
        }
    }

    async fn call_off_loosening(&mut self) {
        let scope = self.dice.pick(&self.scopes).unwrap();
        let who = self.administrator(scope, &[]);
        let caller = self.caller(who).await;
        let seen = guards::get(self.server(), &caller, scope).await;
        let Some(loosening) = seen.ok().and_then(|seen| seen.loosening) else { return };
        let called_off = loosening::cancel(self.server(), &caller, scope, loosening.id).await;
        let what = format!("{} calls off what is to be loosened in {}", self.name(who), self.place_name(scope));
        self.tell(what, &called_off);
        if called_off.is_ok() {
            self.oracle.keep_guards(scope, self.now());
        }
    }

    async fn set_requirement(&mut self) {
        let scope = self.dice.pick(&self.scopes).unwrap();
        let (who, required) = (self.administrator(scope, &[]), self.dice.percent(50));
        let caller = self.caller(who).await;
        let set = mfa_requirement::set(self.server(), &caller, scope, required).await;
        self.tell(format!("{} requires MFA in {}: {required}", self.name(who), self.place_name(scope)), &set);
    }

    async fn forget_password(&mut self) {
        let who = self.anybody();
        let email = EmailAddress::parse(&self.people[who].email).unwrap();
        let forgotten = password_reset::request(self.server(), &self.world.visitor(), &email).await;
        self.tell(format!("{} forgets the password", self.name(who)), &forgotten);
    }

    async fn set_password(&mut self) {
        if self.password_links.is_empty() || self.dice.percent(50) {
            self.forget_password().await;
            self.deliver().await;
        }
        let Some(Mailed { who, link }) = self.dice.recent(&self.password_links).cloned() else { return };
        let password = format!("a heron stands in moat number {}", self.dice.below(1_000_000));
        let set =
            password_reset::set(self.server(), &self.world.visitor(), &link, Password::new(password.clone())).await;
        self.tell(format!("{} sets a password by mail", self.name(who)), &set);
        if set.is_ok() {
            self.oracle.password_set(self.id(who), self.now());
            self.people[who].password = password;
        }
    }

    /// Who has no second factor signs in and binds one.
    async fn enrol(&mut self) {
        let without: Vec<usize> = (0..self.people.len()).filter(|who| !self.bound[*who]).collect();
        let Some(who) = self.dice.pick(&without) else { return };
        let mut browser = self.world.browser();
        browser.backend = self.server().clone();
        browser.visitor.returning = self.returning.remove(&who);
        let mut standing = browser.password(&self.people[who]).await.unwrap();
        if standing == Standing::AwaitingDeviceCode {
            self.deliver().await;
            let (_, code) = self.device_codes.iter().rfind(|(to, _)| *to == who).cloned().unwrap();
            standing = browser.device_code(&code).await.unwrap();
        }
        assert!(matches!(standing, Standing::EnrolOnly | Standing::Enter), "{standing:?}");
        let enrolled = browser.enrol().await;
        self.tell(format!("{} binds a second factor", self.name(who)), &enrolled);
        self.people[who].totp_seed = Some(enrolled.unwrap());
        self.bound[who] = true;
        self.oracle.enrolled(self.id(who), self.now());
    }

    /// Somebody removes their own, where they may; answers who.
    async fn unbind(&mut self) -> Option<usize> {
        let bound: Vec<usize> = (0..self.people.len()).filter(|who| self.bound[*who]).collect();
        let who = self.dice.pick(&bound)?;
        let browser = self.world.signed_in(&self.people[who]).await;
        let mine = authenticators::mine(&browser.backend, &browser.me().await).await.unwrap();
        let unbound = authenticators::unbind(self.server(), &browser.me().await, mine.authenticators[0].id).await;
        self.tell(format!("{} removes the own second factor", self.name(who)), &unbound);
        assert!(matches!(unbound, Ok(_) | Err(Error::Conflict(Conflict::LastMethod))), "{unbound:?}");
        unbound.is_ok().then(|| {
            self.oracle.epoch_moved(self.id(who));
            who
        })
    }

    /// The worker does all that it does; people read their mail.
    pub async fn deliver(&mut self) {
        let mailbox = Memory::default();
        let left = worker::run_due(self.server(), &Mailer::Memory(mailbox.clone())).await;
        self.tell("the worker runs".into(), &left);
        let link = |text: &str, page: &str| {
            let start = format!("{}/{page}/", crate::support::PUBLIC_URL);
            LinkToken::parse(text[text.find(&start)? + start.len()..].get(..43)?)
        };
        for mail in mailbox.mails() {
            // Another sequence's, else.
            let Some(who) = self.people.iter().position(|person| person.email == mail.to) else { continue };
            self.reset_links.extend(link(&mail.text, "mfa-reset").map(|link| Mailed { who, link }));
            self.password_links.extend(link(&mail.text, "password-reset").map(|link| Mailed { who, link }));
            let mut words = mail.text.split(|c: char| !c.is_ascii_alphanumeric());
            let code = words.find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
            self.device_codes.extend(code.map(|code| (who, code.to_owned())));
        }
    }
}

impl Stage<'_> {
    /// Now and then one of these people.
    fn some(&self, of: Vec<UserId>) -> Option<usize> {
        self.dice.pick(&of).filter(|_| self.dice.percent(40)).map(|id| self.who(id))
    }
}

fn is_owner(role: Role) -> bool {
    matches!(role, Role::Owner | Role::PortfolioOwner)
}
