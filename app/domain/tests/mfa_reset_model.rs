//! The life of an MFA reset in every order: two administrators, the person, two servers and the worker of each do what
//! they can whenever they can, and a model checker walks every order there is.
//!
//! A server does a thing in two steps. It reads, and asks the real rules ([`Life::step`], [`policy`], [`guards`]) what
//! becomes of what it has read; then it writes, by an update with the condition that the store's has. Between the two
//! anybody may do anything, and hours may go by. So what is proven is that the condition is enough: nothing that was
//! decided on something stale takes effect, without any lock. One lock there is: who asks holds the person's row, so two
//! who ask wait for each other. That the condition is needed, and each rule, is shown by leaving it out ([`Flaw`]): then an
//! order is found that does harm.
//!
//! What harm is, is told by a bookkeeping of the model's own, which asks none of those rules: a [`Story`] says of its
//! situation what is demanded there.
//!
//! What is not proven: that the store's update says what [`World::finds`] says, and that the use cases ask as they do here
//! (their own tests do that, against databases); numbers, portfolios, the daily limit and notice of what is loosened. There
//! are five moments; of the four hands two hold something at a time, three where nobody loses the right; and a hand is held
//! up over one of the spans between moments at most. Requests there are as many as anybody asks for in that time.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use domain::{
    authenticators::FactorKinds,
    guards::{self, Approver, ApproverFor, ELSEWHERE, Ground, Guards, Hours, Tenure},
    ids::{AccountId, UserId},
    mfa_reset::{End, EndReason, Event, Life, State},
    policy::{self, Principal, Target},
    roles::{Rank, Role},
    scope::Scope,
    sessions::StepUp,
    time::Timestamp,
    users::MembershipStatus,
};
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{Hash, Hasher},
    sync::{Arc, Mutex},
    time::Duration,
};
use uuid::Uuid;

/// When every story begins.
const BORN: Timestamp = Timestamp::from_ms(1_795_334_400_000);
const HOUR_MS: i64 = 3_600_000;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// The moments there are, in hours: an approval or an “Accept” just in time and just too late, waiting times over and not.
const MOMENTS: [u8; 5] = [0, 11, 12, 24, 36];
/// How many requests are there at a time that are not over: one that expired unnoticed, and one that is live.
const ROWS: usize = 2;
/// How many servers there are, each with a worker.
const SERVERS: usize = 2;
const HERE: Scope = Scope::Account(AccountId(Uuid::from_u128(1)));

fn time(hours: u8) -> Timestamp {
    Timestamp::from_ms(BORN.ms() + i64::from(hours) * HOUR_MS)
}

fn hours(at: Timestamp) -> u8 {
    ((at.ms() - BORN.ms()) / HOUR_MS) as u8
}

// ── who there is ──────────────────────────────────────────────────────────────────────────────────────────────────

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Who {
    /// An administrator.
    Chiara,
    /// Another one.
    Bruno,
    /// Whose second factors it is about.
    Marta,
}

use Who::{Bruno, Chiara, Marta};

impl Who {
    fn id(self) -> UserId {
        UserId(Uuid::from_u128(10 + self as u128))
    }

    fn other(self) -> Self {
        if self == Chiara { Bruno } else { Chiara }
    }
}

/// What became of an administrator's right.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Office {
    Kept,
    Lost,
    /// Raised again, by the other one. How long it took is not looked at: within these days all of it is remembered.
    Regained,
}

/// A situation, and what is demanded in it.
#[derive(Clone, Copy, Debug)]
struct Story {
    /// Where Marta stands.
    rank: Rank,
    /// What is set when it begins.
    guards: Guards,
    /// What may be set instead, at any moment: also what is looser, which really takes a day.
    then: Option<Guards>,
    /// Whether nobody loses the right.
    is_calm: bool,
    /// Whether Bruno was made an administrator by Chiara, though long ago.
    bruno_is_chiaras: bool,
    /// Whether Bruno has been one for a day only.
    bruno_is_new: bool,
    /// Whether Marta is an administrator of another place too.
    is_admin_elsewhere: bool,
    /// Whether a second administrator has to agree: asked before the other is set, and after.
    needs_approval: [bool; 2],
    /// How many hours pass at least between “Accept” and effect: before the other is set, and after.
    waits: [u8; 2],
}

impl Story {
    /// How many hands may have read and not written.
    fn at_once(&self) -> usize {
        if self.is_calm { 3 } else { 2 }
    }
}

fn stories() -> Vec<Story> {
    let default = Guards::default();
    let strict = Guards { approver: ApproverFor::Everybody, wait: Hours::DAY, ..default };
    let loose = Guards { approver: ApproverFor::Nobody, ..default };
    let member = Story {
        rank: Rank::Member,
        guards: default,
        then: None,
        is_calm: false,
        bruno_is_chiaras: false,
        bruno_is_new: false,
        is_admin_elsewhere: false,
        needs_approval: [false; 2],
        waits: [0; 2],
    };
    // With her there are three administrators.
    let admin = Story { rank: Rank::Admin, needs_approval: [true; 2], ..member };
    let owner = Story { rank: Rank::Owner, ..admin };
    let calm_member = Story { is_calm: true, then: Some(strict), ..member };
    let calm_admin =
        Story { is_calm: true, guards: Guards { wait: Hours::DAY, ..default }, then: Some(loose), ..admin };
    vec![
        Story { needs_approval: [false, true], waits: [0, 24], ..calm_member },
        Story { needs_approval: [true, false], waits: [24, 0], ..calm_admin },
        Story { is_admin_elsewhere: true, waits: [24; 2], ..member },
        Story { bruno_is_chiaras: true, ..admin },
        Story { bruno_is_new: true, ..owner },
        Story { is_calm: true, guards: loose, needs_approval: [false; 2], waits: [24; 2], ..owner },
    ]
}

// ── what there is ─────────────────────────────────────────────────────────────────────────────────────────────────

/// A [`Life`] as it is stored, in hours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Stored {
    requested_at: u8,
    opened_at: Option<u8>,
    expires_at: u8,
    accepted_at: Option<u8>,
    effective_at: Option<u8>,
    end: Option<(State, EndReason, u8)>,
}

impl From<Life> for Stored {
    fn from(life: Life) -> Self {
        Self {
            requested_at: hours(life.requested_at),
            opened_at: life.opened_at.map(hours),
            expires_at: hours(life.expires_at),
            accepted_at: life.accepted_at.map(hours),
            effective_at: life.effective_at.map(hours),
            end: life.end.map(|end| (end.state, end.reason, hours(end.at))),
        }
    }
}

impl Stored {
    fn life(self) -> Life {
        Life {
            requested_at: time(self.requested_at),
            opened_at: self.opened_at.map(time),
            expires_at: time(self.expires_at),
            accepted_at: self.accepted_at.map(time),
            effective_at: self.effective_at.map(time),
            end: self.end.map(|(state, reason, at)| End { state, reason, at: time(at) }),
        }
    }

    fn state(self, at: u8) -> State {
        self.life().state(time(at))
    }

    /// Whether it was opened, and accepted.
    fn shape(self) -> (bool, bool) {
        (self.opened_at.is_some(), self.accepted_at.is_some())
    }

    fn is_done(self) -> bool {
        self.end.is_some_and(|(state, ..)| state == State::Done)
    }
}

/// A request as it is stored, and what the model knows of it besides.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Row {
    asker: Who,
    epoch: u8,
    stored: Stored,
    /// The wait that was settled when it was made, in hours.
    wait: u8,
    approver: Option<Who>,
    known: Known,
}

/// The model's own bookkeeping.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Known {
    /// Whether somebody has to agree, as its story says.
    needs_approval: bool,
    /// Whether somebody did who may, as its story says.
    is_approved: bool,
    /// How many hours have to pass, as its story says.
    waits: u8,
    /// Whether Marta accepted it.
    is_accepted: bool,
    /// How often her second factors went because of it.
    effects: u8,
    /// Whether what was decided in its last moment was written when its time was over, see
    /// [`Setup::asking_ends_what_expired`].
    is_late: bool,
}

/// What a hand has read and decided, and is about to write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Job {
    /// Whether the hand is a worker.
    is_workers: bool,
    /// What it takes the time for.
    now: u8,
    /// Marta's epoch as it was read.
    epoch: u8,
    /// The request that it makes.
    new: Option<Row>,
    /// What becomes of requests that are there: all of it, or nothing.
    steps: [Option<Step>; ROWS],
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Step {
    row: usize,
    /// What it had been when it was read.
    shape: (bool, bool),
    after: Stored,
    /// Who approves by it.
    approver: Option<Who>,
    /// The bookkeeping once it is written.
    known: Known,
    /// Whether its asker could still ask when it was read.
    is_backed: bool,
}

/// What must never be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Harm {
    Twice,
    NotAccepted,
    NotApproved,
    TooSoon,
    AfterItsEnd,
    WithoutGround,
    FinalChanged,
    OffTheTable,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    story: usize,
    now: u8,
    offices: [Office; 2],
    /// Whether the other guards are set.
    is_set: bool,
    epoch: u8,
    has_factors: bool,
    rows: Vec<Row>,
    jobs: Vec<Job>,
    /// What was done wrong. There it ends.
    harm: Option<Harm>,
}

// ── what can happen ───────────────────────────────────────────────────────────────────────────────────────────────

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    /// Time goes by.
    Later,
    LosesRight(Who),
    RegainsRight(Who),
    SetsGuards,
    /// Marta sets a password, which makes void what was mailed to her.
    SetsPassword,
    /// Marta binds a second factor again.
    Enrols,
    /// A hand reads for somebody, and decides.
    Reads(Message),
    /// A hand writes what it has decided.
    Writes(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Message {
    Ask(Who),
    Approve(Who),
    Reject(Who),
    Cancel(Who),
    /// By an administrator of another place.
    CancelElsewhere,
    Accept(usize),
    Decline(usize),
    /// The worker looks at a request.
    Look(usize),
}

/// What is left out, to see that it is needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flaw {
    /// The update has no condition.
    NoCondition,
    /// The update does not ask whether the request has ended.
    EndedOrNot,
    /// The update does not ask whether it was opened or accepted meanwhile.
    AnyShape,
    /// No wait is handed to the life.
    NoWait,
    /// Whoever may reset MFA may approve.
    AnyApprover,
    /// Nobody has to.
    NoApproval,
    /// It is not looked at whether the asker may still ask.
    NoGround,
    /// Two who ask do not wait for each other.
    NoLock,
}

/// What is checked, and what was met on the way.
#[derive(Default)]
struct Setup {
    stories: Vec<Story>,
    flaw: Option<Flaw>,
    /// Whether who asks writes down which requests before have expired. The use case does not: one that is accepted, or
    /// approved, in its last moment by a server that is then held up before it has the lock stays live beside the one that
    /// is asked for a moment later. Such a pair is passed over where this is not set.
    asking_ends_what_expired: bool,
    tally: Arc<Tally>,
}

#[derive(Default)]
struct Tally {
    /// How often requests ended, by how.
    ends: Mutex<BTreeMap<String, usize>>,
    /// How often an update found its row changed.
    in_vain: Mutex<usize>,
}

impl Setup {
    fn all() -> Self {
        Self { stories: stories(), ..Self::default() }
    }

    fn lacks(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn story(&self, world: &World) -> &Story {
        &self.stories[world.story]
    }
}

// ── a hand reads and decides ──────────────────────────────────────────────────────────────────────────────────────

impl World {
    fn office(&self, who: Who) -> Office {
        self.offices[who as usize]
    }

    fn principal(&self, story: &Story, who: Who) -> Principal {
        let role = match (who, story.rank) {
            (Marta, Rank::Owner) => Role::Owner,
            (Marta, Rank::Admin) => Role::Admin,
            (Marta, Rank::Member) => Role::Manager,
            _ if self.office(who) == Office::Lost => Role::Manager,
            _ => Role::Admin,
        };
        let name = String::new();
        Principal { user_id: who.id(), name, scope: HERE, role, via: None, step_up: StepUp::FreshByAuthenticator }
    }

    fn target(&self, story: &Story) -> Target {
        Target {
            user_id: Marta.id(),
            name: String::new(),
            rank: story.rank,
            owns: story.rank == Rank::Owner,
            status: MembershipStatus::Active,
            factors: FactorKinds::from_bits(if self.has_factors { 0b010 } else { 0 }),
            resets_today: 0,
        }
    }

    /// Who was an administrator when, as the store remembers it.
    fn tenures(&self, story: &Story) -> Vec<Tenure> {
        let long_ago = BORN - DAY * 100;
        let rank = |who| if who == Marta { story.rank } else { Rank::Admin };
        let tenure = |who: Who, since, until, by: Option<Who>| Tenure {
            user_id: who.id(),
            rank: rank(who),
            resets_mfa: true,
            since,
            until,
            given_by: by.map(Who::id),
        };
        let mut tenures = Vec::new();
        if story.rank >= Rank::Admin {
            tenures.push(tenure(Marta, long_ago, None, None));
        }
        for who in [Chiara, Bruno] {
            let since = if who == Bruno && story.bruno_is_new { BORN - DAY } else { long_ago };
            let by = (who == Bruno && story.bruno_is_chiaras).then_some(Chiara);
            tenures.push(tenure(who, since, (self.office(who) != Office::Kept).then_some(BORN), by));
            if self.office(who) == Office::Regained {
                tenures.push(tenure(who, BORN + Duration::from_millis(1), None, Some(who.other())));
            }
        }
        tenures
    }

    fn grounds(&self, story: &Story) -> [Ground; 1] {
        let (tenures, now) = (self.tenures(story), time(self.now));
        [Ground {
            scope: HERE,
            guards: story.then.filter(|_| self.is_set).unwrap_or(story.guards),
            rank: guards::highest_rank(&tenures, Marta.id(), now),
            administrators: guards::most_administrators(&tenures, now),
        }]
    }

    fn approver(&self, story: &Story, who: Who, asker: Who) -> Approver {
        Approver::of(&self.tenures(story), &[], who.id(), Some(asker.id()), None, time(self.now))
    }

    /// Whether `who` may agree to what `asker` asked, told by the story alone.
    fn may_agree(&self, story: &Story, who: Who, asker: Who) -> bool {
        let is_somebody_else = who != asker && who != Marta;
        let is_seasoned = who == Chiara || !story.bruno_is_new;
        let is_askers = (who, asker) == (Bruno, Chiara) && story.bruno_is_chiaras;
        is_somebody_else && self.office(who) == Office::Kept && is_seasoned && !is_askers
    }

    /// The rows of what is live, oldest first.
    fn live(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.rows.len()).filter(|row| self.rows[*row].stored.state(self.now).is_live())
    }

    fn last_in(&self, state: State) -> Option<usize> {
        self.live().rfind(|row| self.rows[*row].stored.state(self.now) == state)
    }

    /// What becomes of a request by an event; nothing where its life refuses.
    fn step(&self, row: usize, event: Event) -> Option<Step> {
        let read = &self.rows[row];
        Some(Step {
            row,
            shape: read.stored.shape(),
            after: read.stored.life().step(event, time(self.now)).ok()?.into(),
            approver: None,
            known: read.known,
            is_backed: self.office(read.asker) != Office::Lost,
        })
    }

    /// The step by which a live request ends that has no ground any more: its epoch is over, or its asker lost the right.
    fn groundless(&self, setup: &Setup, row: usize) -> Option<Step> {
        let (read, story) = (&self.rows[row], setup.story(self));
        let asker = self.principal(story, read.asker);
        let reason = if read.epoch != self.epoch {
            EndReason::DoneElsewhere
        } else if policy::still_backs_mfa_reset(&asker, HERE, &self.target(story)).is_err() {
            EndReason::AskerLostRight
        } else {
            return None;
        };
        if setup.lacks(Flaw::NoGround) { None } else { self.step(row, Event::Cancel(reason)) }
    }

    fn ask(&self, setup: &Setup, asker: Who) -> Option<(Row, [Option<Step>; ROWS])> {
        let (story, now) = (setup.story(self), time(self.now));
        let others = self.jobs.iter().filter(|job| job.new.is_some()).count();
        let must_wait = others > 0 && !setup.lacks(Flaw::NoLock);
        // Where both are alike it makes no difference which of them begins.
        let is_mirrored = asker == Bruno && self.rows.is_empty() && !story.bruno_is_chiaras && !story.bruno_is_new;
        if self.rows.len() + others >= ROWS || must_wait || is_mirrored {
            return None;
        }
        let target = self.target(story);
        let permit = policy::request_mfa_reset(&self.principal(story, asker), HERE, &target).ok()?;
        let grounds = self.grounds(story);
        let approval = guards::approval(HERE, &grounds, None, now).filter(|_| !setup.lacks(Flaw::NoApproval));
        let can_approve = |who: Who| {
            let approver = self.approver(story, who, asker);
            policy::approve_mfa_reset(&self.principal(story, who), HERE, &target, &approver).is_ok()
        };
        let somebody_can = approval.is_some() && (can_approve(Chiara) || can_approve(Bruno));
        let mut steps = [None; ROWS];
        for (row, step) in (0..self.rows.len()).zip(&mut steps) {
            *step = match self.rows[row].stored.state(self.now) {
                State::Expired if setup.asking_ends_what_expired => self.step(row, Event::Expire),
                state if state.is_live() => Some(self.step(row, Event::Supersede)?),
                _ => None,
            };
        }
        let known = Known {
            needs_approval: story.needs_approval[usize::from(self.is_set)],
            waits: story.waits[usize::from(self.is_set)],
            ..Known::default()
        };
        let stored = Life::request(&permit, approval.is_some(), now).into();
        let wait = (guards::wait(&grounds, somebody_can).as_secs() / 3600) as u8;
        Some((Row { asker, epoch: self.epoch, stored, wait, approver: None, known }, steps))
    }

    fn approve(&self, setup: &Setup, who: Who) -> Option<Step> {
        let (story, row) = (setup.story(self), self.last_in(State::AwaitingApproval)?);
        let read = &self.rows[row];
        let anybody = Approver {
            is_asker: false,
            is_seasoned: true,
            is_made_by_asker: false,
            made_the_asker: false,
            is_freshly_reset: false,
        };
        let approver = if setup.lacks(Flaw::AnyApprover) { anybody } else { self.approver(story, who, read.asker) };
        let who_acts = self.principal(story, who);
        let _permit = policy::approve_mfa_reset(&who_acts, HERE, &self.target(story), &approver).ok()?;
        self.groundless(setup, row).or_else(|| {
            let known = Known { is_approved: self.may_agree(story, who, read.asker), ..read.known };
            Some(Step { approver: Some(who), known, ..self.step(row, Event::Approve)? })
        })
    }

    fn reject(&self, setup: &Setup, who: Who) -> Option<Step> {
        let (story, row) = (setup.story(self), self.last_in(State::AwaitingApproval)?);
        let approver = self.approver(story, who, self.rows[row].asker);
        let _permit =
            policy::reject_mfa_reset(&self.principal(story, who), HERE, &self.target(story), &approver).ok()?;
        self.step(row, Event::Reject)
    }

    fn cancel(&self, setup: &Setup, who: Who) -> Option<Step> {
        let (story, row) = (setup.story(self), self.live().next_back()?);
        let _permit = policy::cancel_mfa_reset(&self.principal(story, who), HERE, &self.target(story)).ok()?;
        self.step(row, Event::Cancel(EndReason::Asker))
    }

    fn cancel_elsewhere(&self, setup: &Setup) -> Option<Step> {
        let row = self.last_in(State::Waiting).filter(|_| setup.story(self).is_admin_elsewhere)?;
        self.step(row, Event::Cancel(EndReason::CalledOff))
    }

    fn accept(&self, setup: &Setup, row: usize) -> Option<Step> {
        let (read, story) = (&self.rows[row], setup.story(self));
        if !read.stored.state(self.now).is_live() {
            return None;
        }
        self.groundless(setup, row).or_else(|| {
            let settled = time(read.wait).since(BORN);
            let own = guards::wait(&self.grounds(story), read.approver.is_some()).max(settled);
            let wait = if story.is_admin_elsewhere { own.max(ELSEWHERE) } else { own };
            let wait = if setup.lacks(Flaw::NoWait) { Duration::ZERO } else { wait };
            let waits = read.known.waits.max(story.waits[usize::from(self.is_set)]);
            let known = Known { is_accepted: true, waits, ..read.known };
            Some(Step { known, ..self.step(row, Event::Accept { wait })? })
        })
    }

    fn decline(&self, row: usize) -> Option<Step> {
        let waits = self.rows[row].stored.state(self.now) == State::Waiting;
        self.step(row, if waits { Event::Cancel(EndReason::Target) } else { Event::Decline })
    }

    /// What the worker does: writes down that time is up, or that there is no ground, or carries out what is due.
    fn look(&self, setup: &Setup, row: usize) -> Option<Step> {
        if !self.rows[row].stored.state(self.now).is_live() {
            return self.step(row, Event::Expire);
        }
        self.groundless(setup, row).or_else(|| self.step(row, Event::Complete))
    }

    /// A hand reads for somebody; nothing where it has nothing to write.
    fn read(&self, setup: &Setup, message: Message) -> Option<Job> {
        let one = |step: Option<Step>| Some((None, [Some(step?), None]));
        let (new, steps) = match message {
            Message::Ask(who) => self.ask(setup, who).map(|(new, steps)| (Some(new), steps)),
            Message::Approve(who) => one(self.approve(setup, who)),
            Message::Reject(who) => one(self.reject(setup, who)),
            Message::Cancel(who) => one(self.cancel(setup, who)),
            Message::CancelElsewhere => one(self.cancel_elsewhere(setup)),
            Message::Accept(row) => one(self.accept(setup, row)),
            Message::Decline(row) => one(self.decline(row)),
            Message::Look(row) => one(self.look(setup, row)),
        }?;
        let is_workers = matches!(message, Message::Look(_));
        Some(Job { is_workers, now: self.now, epoch: self.epoch, new, steps })
    }
}

// ── a hand writes ─────────────────────────────────────────────────────────────────────────────────────────────────

impl World {
    /// Whether the update finds its row: as it was read, and when it opens or accepts it, in time; when it carries it out,
    /// due; and each time of the present epoch.
    fn finds(&self, setup: &Setup, step: &Step, now: u8) -> bool {
        let (row, after) = (&self.rows[step.row], &step.after);
        let ((was_opened, was_accepted), (is_opened, is_accepted)) = (step.shape, after.shape());
        let begins = (is_opened && !was_opened) || (is_accepted && !was_accepted);
        setup.lacks(Flaw::NoCondition)
            || ((row.stored.end.is_none() || setup.lacks(Flaw::EndedOrNot))
                && (row.stored.shape() == step.shape || setup.lacks(Flaw::AnyShape))
                && (!begins || row.stored.expires_at > now)
                && (!after.is_done() || row.stored.effective_at.is_none_or(|due| due <= now))
                && (!(begins || after.is_done()) || row.epoch == self.epoch))
    }

    /// Writes one step; nothing where the update finds no row.
    fn write_step(&mut self, setup: &Setup, step: &Step, (now, epoch): (u8, u8)) -> Option<()> {
        self.finds(setup, step, now).then_some(())?;
        let before = self.rows[step.row];
        let known = Known { effects: before.known.effects, ..step.known };
        let approver = step.approver.or(before.approver);
        let row = &mut self.rows[step.row];
        *row = Row { stored: step.after, approver, known, ..before };
        row.known.is_late |= before.stored.state(self.now) == State::Expired && row.stored.end.is_none();
        self.harm = self.harm.or(off_the_table(&before.stored, &step.after, now));
        if step.after.is_done() {
            self.carry_out(setup, step, &before, (now, epoch))?;
        }
        setup.tally.count(&before, &self.rows[step.row]);
        Some(())
    }

    /// The effect: her second factors go, and one raise of the epoch makes void what she holds.
    fn carry_out(&mut self, setup: &Setup, step: &Step, before: &Row, (now, epoch): (u8, u8)) -> Option<()> {
        (self.epoch == epoch).then_some(())?;
        let known = &mut self.rows[step.row].known;
        known.effects += 1;
        let due = before.stored.accepted_at.unwrap_or(now) + known.waits;
        let harm = [
            (known.effects > 1, Harm::Twice),
            (!known.is_accepted, Harm::NotAccepted),
            (known.needs_approval && !known.is_approved, Harm::NotApproved),
            (now < due, Harm::TooSoon),
            (!matches!(before.stored.state(now), State::Open | State::Waiting), Harm::AfterItsEnd),
            (!step.is_backed, Harm::WithoutGround),
        ];
        // What is worst is told.
        self.harm = harm.into_iter().find(|(is_so, _)| *is_so).map(|(_, harm)| harm).or(self.harm);
        self.has_factors = false;
        self.raise_epoch(setup, now)
    }

    /// Raises the epoch, which ends what is live, in one transaction.
    fn raise_epoch(&mut self, setup: &Setup, now: u8) -> Option<()> {
        self.epoch += 1;
        for row in 0..self.rows.len() {
            if self.rows[row].stored.state(now).is_live() {
                let there = Self { now, ..self.clone() };
                let step = there.step(row, Event::Cancel(EndReason::DoneElsewhere))?;
                self.write_step(setup, &step, (now, self.epoch))?;
            }
        }
        Some(())
    }

    /// Writes all that was decided, or nothing.
    fn write(&mut self, setup: &Setup, job: &Job) -> Option<()> {
        for step in job.steps.iter().flatten() {
            self.write_step(setup, step, (job.now, job.epoch))?;
        }
        if let Some(new) = job.new {
            (job.epoch == self.epoch).then_some(())?;
            self.rows.push(new);
        }
        Some(())
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut after = self.clone();
        change(&mut after);
        after
    }

    /// Leaves out what makes no difference any more: requests that are over; what was decided on something that has changed
    /// since, whose update will find no row whenever it comes; and which server is at what.
    fn reduced(mut self, setup: &Setup) -> Self {
        let mut jobs = std::mem::take(&mut self.jobs);
        // A flaw may make a difference of it.
        if setup.flaw.is_none() {
            let is_void = |job: &Job| job.new.is_some() && job.epoch != self.epoch;
            let before = jobs.len();
            jobs.retain(|job| !is_void(job) && job.steps.iter().flatten().all(|step| self.finds(setup, step, job.now)));
            *setup.tally.in_vain.lock().unwrap() += before - jobs.len();
            for row in (0..self.rows.len()).rev() {
                if self.rows[row].stored.end.is_some() {
                    self.rows.remove(row);
                    jobs.iter_mut().for_each(|job| job.follow_removal_of(row));
                }
            }
            // By now all that counts is of the present epoch.
            let of_jobs = jobs.iter_mut().map(|job| &mut job.epoch);
            self.rows.iter_mut().map(|row| &mut row.epoch).chain(of_jobs).for_each(|epoch| *epoch = 1);
            self.epoch = 1;
        }
        if jobs.len() > 1 {
            jobs.sort_by_cached_key(Fnv::of);
        }
        Self { jobs, ..self }
    }
}

impl Job {
    fn follow_removal_of(&mut self, row: usize) {
        for step in self.steps.iter_mut().flatten() {
            step.row -= usize::from(step.row > row);
        }
        if let [None, Some(only)] = self.steps {
            self.steps = [Some(only), None];
        }
    }
}

/// What may follow what (5.11), told without the life's own table.
fn off_the_table(before: &Stored, after: &Stored, now: u8) -> Option<Harm> {
    use State::*;
    let allowed: &[State] = match before.state(now) {
        AwaitingApproval => &[Open, Rejected, Cancelled, Superseded],
        Open => &[Waiting, Done, Declined, Cancelled, Superseded],
        Waiting => &[Done, Cancelled],
        Expired if before.end.is_none() => &[Expired],
        _ => return Some(Harm::FinalChanged),
    };
    (!allowed.contains(&after.state(now))).then_some(Harm::OffTheTable)
}

impl Tally {
    fn count(&self, before: &Row, after: &Row) {
        let Some((state, reason, _)) = after.stored.end.filter(|_| before.stored.end.is_none()) else { return };
        let waited = if before.stored.accepted_at.is_some() { ", accepted before" } else { "" };
        let approved = if after.approver.is_some() { ", approved" } else { "" };
        let key = format!("{}: {}{approved}{waited}", state.key(), reason.key());
        *self.ends.lock().unwrap().entry(key).or_default() += 1;
    }
}

/// A quick order of jobs, which says nothing.
struct Fnv(u64);

impl Fnv {
    fn of(job: &Job) -> u64 {
        let mut hasher = Self(0xcbf2_9ce4_8422_2325);
        job.hash(&mut hasher);
        hasher.0
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

// ── every order ───────────────────────────────────────────────────────────────────────────────────────────────────

impl Model for Setup {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        let world = |story| World {
            story,
            now: MOMENTS[0],
            offices: [Office::Kept; 2],
            is_set: false,
            epoch: 1,
            has_factors: true,
            rows: Vec::new(),
            jobs: Vec::new(),
            harm: None,
        };
        (0..self.stories.len()).map(world).collect()
    }

    fn actions(&self, world: &World, acts: &mut Vec<Act>) {
        if world.harm.is_some() {
            return;
        }
        acts.extend([Act::Later, Act::SetsGuards, Act::SetsPassword, Act::Enrols]);
        acts.extend([Chiara, Bruno].into_iter().flat_map(|who| [Act::LosesRight(who), Act::RegainsRight(who)]));
        acts.extend((0..world.jobs.len()).map(Act::Writes));
        if world.jobs.len() >= self.story(world).at_once() {
            return;
        }
        let rows = 0..world.rows.len();
        let workers = world.jobs.iter().filter(|job| job.is_workers).count();
        let mut messages = Vec::new();
        if world.jobs.len() - workers < SERVERS {
            for who in [Chiara, Bruno, Marta] {
                messages.extend([Message::Ask(who), Message::Approve(who), Message::Reject(who), Message::Cancel(who)]);
            }
            messages.push(Message::CancelElsewhere);
            messages.extend(rows.clone().flat_map(|row| [Message::Accept(row), Message::Decline(row)]));
        }
        if workers < SERVERS {
            messages.extend(rows.map(Message::Look));
        }
        acts.extend(messages.into_iter().map(Act::Reads));
    }

    fn next_state(&self, world: &World, act: Act) -> Option<World> {
        let story = self.story(world);
        let after = match act {
            // A hand is held up over one of these spans at most.
            Act::Later if world.jobs.iter().any(|job| job.now < world.now) => return None,
            Act::Later => {
                let later = MOMENTS.into_iter().find(|moment| *moment > world.now)?;
                world.with(|after| after.now = later)
            }
            Act::LosesRight(who) if !story.is_calm && world.office(who) != Office::Lost => {
                world.with(|after| after.offices[who as usize] = Office::Lost)
            }
            Act::RegainsRight(who) if world.office(who) == Office::Lost => {
                world.with(|after| after.offices[who as usize] = Office::Regained)
            }
            Act::SetsGuards if !world.is_set && story.then.is_some() => world.with(|after| after.is_set = true),
            Act::SetsPassword => {
                let mut after = world.clone();
                after.raise_epoch(self, world.now)?;
                after
            }
            Act::Enrols if !world.has_factors => {
                let mut after = world.with(|after| after.has_factors = true);
                after.raise_epoch(self, world.now)?;
                after
            }
            Act::Reads(message) => {
                let job = world.read(self, message)?;
                world.with(|after| after.jobs.push(job))
            }
            Act::Writes(number) => {
                let mut unwritten = world.clone();
                let job = unwritten.jobs.remove(number);
                let mut after = unwritten.clone();
                after.write(self, &job).map_or(unwritten, |()| after)
            }
            _ => return None,
        };
        Some(after.reduced(self))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let (always, sometimes) = (Property::<Self>::always, Property::<Self>::sometimes);
        vec![
            always("factors go once at most for one request", |_, world| world.harm != Some(Harm::Twice)),
            always("factors go once their person has accepted", |_, world| world.harm != Some(Harm::NotAccepted)),
            always("where somebody has to agree, somebody did who may", |_, world| {
                world.harm != Some(Harm::NotApproved)
            }),
            always("the wait that is demanded is over", |_, world| world.harm != Some(Harm::TooSoon)),
            always("nothing takes effect after its end", |_, world| world.harm != Some(Harm::AfterItsEnd)),
            always("nothing takes effect for who lost the right", |_, world| world.harm != Some(Harm::WithoutGround)),
            always("a final state is final", |_, world| world.harm != Some(Harm::FinalChanged)),
            always("a step goes where it may", |_, world| world.harm != Some(Harm::OffTheTable)),
            always("one request is live at most", |setup, world| {
                let counts = |row: &usize| setup.asking_ends_what_expired || !world.rows[*row].known.is_late;
                world.live().filter(counts).count() <= 1
            }),
            sometimes("factors are gone and nothing is left to do", |_, world| {
                !world.has_factors && world.rows.is_empty() && world.jobs.is_empty()
            }),
            sometimes("one waits", |_, world| world.last_in(State::Waiting).is_some()),
            sometimes("one expired unnoticed, and another is live", |_, world| {
                world.rows.len() == 2 && world.live().count() == 1
            }),
            sometimes("as many are at something as may", |setup, world| {
                world.jobs.len() == setup.story(world).at_once()
            }),
        ]
    }
}

/// How requests can end, and each of them has to be met.
const ENDS: [&str; 19] = [
    "cancelled: asker",
    "cancelled: asker, accepted before",
    "cancelled: asker_lost_right",
    "cancelled: asker_lost_right, accepted before",
    "cancelled: asker_lost_right, approved",
    "cancelled: done_elsewhere",
    "cancelled: done_elsewhere, accepted before",
    "cancelled: called_off, accepted before",
    "cancelled: target, accepted before",
    "cancelled: target, approved, accepted before",
    "declined: target",
    "declined: target, approved",
    "done: accepted",
    "done: accepted, accepted before",
    "done: accepted, approved",
    "done: accepted, approved, accepted before",
    "expired: time_up",
    "rejected: approver",
    "superseded: newer",
];

#[test]
fn whatever_happens_in_whatever_order_does_no_harm() {
    let setup = Setup::all();
    let tally = setup.tally.clone();
    let checker = setup.checker().threads(2).spawn_bfs().join();
    // What was found is told by walking there once more, so the tally is read before.
    let (ends, in_vain) = (tally.ends.lock().unwrap().clone(), *tally.in_vain.lock().unwrap());
    checker.assert_properties();
    let (states, steps, depth) = (checker.unique_state_count(), checker.state_count(), checker.max_depth());
    println!("{states} states, {steps} steps between them, {depth} deep; {in_vain} updates found no row");
    for (end, count) in &ends {
        println!("{count:8} × {end}");
    }
    let missing: Vec<&str> = ENDS.into_iter().filter(|end| !ends.contains_key(*end)).collect();
    assert!(missing.is_empty(), "never met: {missing:?}");
    assert!(in_vain > 10_000);
    assert!(states > 800_000, "{states} states are not every order");
}

#[test]
fn if_asking_wrote_down_what_expired_one_request_would_be_live_at_most_at_any_moment() {
    let stories = stories().into_iter().filter(|story| story.is_calm).collect();
    let setup = Setup { stories, asking_ends_what_expired: true, ..Setup::default() };
    setup.checker().spawn_bfs().join().assert_no_discovery("one request is live at most");
}

#[test]
fn without_any_of_it_an_order_is_found_that_does_harm() {
    for (flaw, harm) in [
        (Flaw::NoCondition, "nothing takes effect after its end"),
        (Flaw::EndedOrNot, "a final state is final"),
        (Flaw::AnyShape, "a step goes where it may"),
        (Flaw::NoWait, "the wait that is demanded is over"),
        (Flaw::AnyApprover, "where somebody has to agree, somebody did who may"),
        (Flaw::NoApproval, "where somebody has to agree, somebody did who may"),
        (Flaw::NoGround, "nothing takes effect for who lost the right"),
        (Flaw::NoLock, "one request is live at most"),
    ] {
        let setup = Setup { flaw: Some(flaw), ..Setup::all() };
        let until = HasDiscoveries::AllOf(BTreeSet::from([harm]));
        let checker = setup.checker().finish_when(until).target_state_count(400_000).spawn_bfs().join();
        let order = checker.discovery(harm).unwrap_or_else(|| panic!("without it ({flaw:?}) there is no harm"));
        println!("{flaw:?} ({} states): {:?}", checker.unique_state_count(), order.into_actions());
    }
}
