//! Every answer of policy, printed, and what must be true of all of them, in words.
//!
//! The whole cross product of role, scope relation, target and session is asked of every function of
//! [`domain::policy`]; the answers are folded into a tree (a question is printed only where its answer makes a
//! difference) and compared with `policy_matrix.txt`. Nothing is left out by the folding: every combination is one path
//! from the left margin to an answer. After a wanted change of rule, `UPDATE=1 cargo test -p domain` rewrites the file.

use domain::{
    accounts::Plan,
    authenticators::FactorKinds,
    guards::Approver,
    ids::{AccountId, PortfolioId, RoleId, UserId},
    mfa_reset::REQUESTS_A_DAY,
    policy::{self, Actor, Denied, Permit, Principal, Target},
    roles::{Area, CustomRole, Level, Permissions, Rank, Role},
    scope::{Scope, ScopeKind},
    sessions::StepUp,
    users::MembershipStatus,
};
use std::collections::BTreeMap;
use uuid::Uuid;

// ── the roles ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// Name, where it is of, and what it allows.
type Custom = (&'static str, ScopeKind, &'static [(Area, Level)]);

/// Custom roles that say what a permission alone is good for: what they are called here, and what they allow.
const CUSTOM: &[Custom] = &[
    ("a custom role of nothing", ScopeKind::Account, &[]),
    ("a custom help desk", ScopeKind::Account, &[(Area::UserManagement, Level::View), (Area::MfaReset, Level::Edit)]),
    ("a custom people desk", ScopeKind::Account, &[(Area::UserManagement, Level::Edit)]),
    ("a custom role of everything", ScopeKind::Account, ALL_OF_ADMIN),
    (
        "a custom portfolio help desk",
        ScopeKind::Portfolio,
        &[(Area::UserManagement, Level::View), (Area::MfaReset, Level::Edit)],
    ),
    ("a custom portfolio people desk", ScopeKind::Portfolio, &[(Area::UserManagement, Level::Edit)]),
];

/// Whoever has it may do what an Admin may, and is none.
const ALL_OF_ADMIN: &[(Area, Level)] = &[
    (Area::UserManagement, Level::Edit),
    (Area::AccountSettings, Level::Edit),
    (Area::SecuritySettings, Level::Edit),
    (Area::MfaReset, Level::Edit),
    (Area::ActivityLog, Level::ViewExport),
    (Area::ApiKeysIntegrations, Level::Edit),
    (Area::Billing, Level::Edit),
    (Area::Content, Level::Publish),
    (Area::ProfilesListsSegments, Level::Edit),
    (Area::DataPlatform, Level::Edit),
];

fn custom(index: usize) -> Role {
    let (_, kind, levels) = CUSTOM[index];
    let permissions =
        Permissions::of(&levels.iter().copied().collect::<BTreeMap<_, _>>()).expect("levels that there are");
    Role::Custom(CustomRole { id: RoleId(Uuid::from_u128(30 + index as u128)), kind, permissions })
}

/// Built-in ones and custom ones.
fn every_role() -> Vec<Role> {
    Role::ALL.iter().copied().chain((0..CUSTOM.len()).map(custom)).collect()
}

fn called(role: Role) -> &'static str {
    let custom = (0..CUSTOM.len()).find(|index| custom(*index).key() == role.key()).map(|index| CUSTOM[index].0);
    role.built_in_key().or(custom).expect("one of these")
}

// ── the questions ─────────────────────────────────────────────────────────────────────────────────────────────────

/// Where it is asked about, seen from where the acting person is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Where {
    Here,
    AnotherScope,
    AScopeOfTheOtherKind,
}

/// One combination. Each field is a question that the tree may ask.
#[derive(Clone, Copy, Debug)]
struct Case {
    place: Where,
    role: Role,
    via: bool,
    oneself: bool,
    rank: Rank,
    owns: bool,
    status: MembershipStatus,
    factors: FactorKinds,
    resets_today: u32,
    plan: Option<Plan>,
    required: bool,
    approver: Approver,
    granted: Role,
    step_up: StepUp,
}

const RANKS: [Rank; 3] = [Rank::Member, Rank::Admin, Rank::Owner];
const STEP_UPS: [StepUp; 5] = [
    StepUp::FreshByAuthenticator,
    StepUp::NeedsAuthenticator,
    StepUp::FreshByRecoveryCode,
    StepUp::FreshByPassword,
    StepUp::NeedsPassword,
];
const COUNTS: [u32; 4] = [0, REQUESTS_A_DAY - 1, REQUESTS_A_DAY, REQUESTS_A_DAY + 1];
const PLANS: [Option<Plan>; 3] = [None, Some(Plan::Free), Some(Plan::Paid)];

/// The first of everything: an Owner with a fresh proof and an ordinary member.
const START: Case = Case {
    place: Where::Here,
    role: Role::Owner,
    via: false,
    oneself: false,
    rank: Rank::Member,
    owns: false,
    status: MembershipStatus::Active,
    factors: FactorKinds::from_bits(0b010),
    resets_today: 0,
    plan: None,
    required: true,
    approver: Approver {
        is_asker: false,
        is_made_by_asker: false,
        made_the_asker: false,
        is_seasoned: true,
        is_freshly_reset: false,
    },
    granted: Role::Support,
    step_up: StepUp::FreshByAuthenticator,
};

const ACTING: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

impl Case {
    fn scope_of_principal(&self) -> Scope {
        // Through a portfolio one acts in an account with a portfolio role.
        let kind = if self.via { ScopeKind::Account } else { self.role.kind() };
        kind.with(Uuid::from_u128(10))
    }

    fn scope(&self) -> Scope {
        match (self.place, self.scope_of_principal()) {
            (Where::Here, here) => here,
            (Where::AnotherScope, here) => here.kind().with(Uuid::from_u128(11)),
            // The same bare id, so that only the kind tells them apart.
            (Where::AScopeOfTheOtherKind, Scope::Account(AccountId(id))) => Scope::Portfolio(PortfolioId(id)),
            (Where::AScopeOfTheOtherKind, Scope::Portfolio(PortfolioId(id))) => Scope::Account(AccountId(id)),
        }
    }

    fn principal(&self) -> Principal {
        Principal {
            user_id: UserId(ACTING),
            name: "Acting".into(),
            scope: self.scope_of_principal(),
            role: self.role,
            via: self.via.then_some(PortfolioId(Uuid::from_u128(20))),
            step_up: self.step_up,
        }
    }

    fn target(&self) -> Target {
        Target {
            user_id: UserId(if self.oneself { ACTING } else { OTHER }),
            name: "Target".into(),
            rank: self.rank,
            owns: self.owns,
            status: self.status,
            factors: self.factors,
            resets_today: self.resets_today,
        }
    }
}

/// What the answer may depend on. In this order the tree asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Question {
    Place,
    Role,
    Via,
    Oneself,
    Rank,
    Owns,
    Status,
    Factors,
    ResetsToday,
    Plan,
    Required,
    AskedIt,
    MadeByAsker,
    MadeTheAsker,
    Seasoned,
    FreshlyReset,
    Granted,
    StepUp,
}

use Question::*;

const OF_A_SCOPE: &[Question] = &[Place, Role, Via, StepUp];
const UPON_A_MEMBER: &[Question] = &[Place, Role, Via, Oneself, Rank, Status, Factors, ResetsToday, StepUp];
const OF_AN_APPROVAL: &[Question] =
    &[Place, Role, Via, Oneself, Rank, Status, AskedIt, MadeByAsker, MadeTheAsker, Seasoned, FreshlyReset, StepUp];
const UPON_A_MEMBERSHIP: &[Question] = &[Place, Role, Via, Oneself, Owns, Rank, Status, StepUp];
const OF_A_ROLE: &[Question] = &[Place, Role, Via, Oneself, Owns, Rank, Status, Granted, StepUp];
const OF_ROLES: &[Question] = &[Place, Role, Via, Granted, StepUp];
const OF_AN_INVITATION: &[Question] = &[Place, Role, Via, Granted, StepUp];
const OF_THE_OPERATOR: &[Question] = &[Rank, Status, Factors, ResetsToday];
const OF_A_NEW_PORTFOLIO: &[Question] = &[Place, Role, Via, Plan, StepUp];
const OF_THE_REQUIREMENT: &[Question] = &[Place, Role, Via, Plan, Required, StepUp];

impl Question {
    fn words(self) -> &'static str {
        match self {
            Place => "where",
            Role => "acting as",
            Via => "through",
            Oneself => "upon",
            Rank => "who ranks as",
            Owns => "who owns",
            Status => "and is",
            Factors => "has",
            ResetsToday => "resets today",
            Plan => "plan",
            Required => "turn it",
            AskedIt => "asked",
            MadeByAsker => "made administrator",
            MadeTheAsker => "made the asker one",
            Seasoned => "since",
            FreshlyReset => "own reset",
            Granted => "the role",
            StepUp => "proof",
        }
    }

    /// The case with each answer to this question.
    fn answers(self, case: Case) -> Vec<Case> {
        match self {
            Place => [Where::Here, Where::AnotherScope, Where::AScopeOfTheOtherKind]
                .map(|place| Case { place, ..case })
                .into(),
            Role => every_role().into_iter().map(|role| Case { role, ..case }).collect(),
            Via if case.role.kind() == ScopeKind::Account => vec![Case { via: false, ..case }],
            Via => [false, true].map(|via| Case { via, ..case }).into(),
            Oneself => [false, true].map(|oneself| Case { oneself, ..case }).into(),
            Rank if case.owns => vec![Case { rank: Rank::Owner, ..case }],
            Rank => RANKS.map(|rank| Case { rank, ..case }).into(),
            Owns => [false, true].map(|owns| Case { owns, ..case }).into(),
            Status => MembershipStatus::ALL.map(|status| Case { status, ..case }).into(),
            Factors => (0..8).map(|bits| Case { factors: FactorKinds::from_bits(bits), ..case }).collect(),
            ResetsToday => COUNTS.map(|resets_today| Case { resets_today, ..case }).into(),
            Plan => PLANS.map(|plan| Case { plan, ..case }).into(),
            Required => [true, false].map(|required| Case { required, ..case }).into(),
            AskedIt => {
                [false, true].map(|is_asker| Case { approver: Approver { is_asker, ..case.approver }, ..case }).into()
            }
            MadeByAsker => [false, true]
                .map(|is_made_by_asker| Case { approver: Approver { is_made_by_asker, ..case.approver }, ..case })
                .into(),
            MadeTheAsker => [false, true]
                .map(|made_the_asker| Case { approver: Approver { made_the_asker, ..case.approver }, ..case })
                .into(),
            Seasoned => [true, false]
                .map(|is_seasoned| Case { approver: Approver { is_seasoned, ..case.approver }, ..case })
                .into(),
            FreshlyReset => [false, true]
                .map(|is_freshly_reset| Case { approver: Approver { is_freshly_reset, ..case.approver }, ..case })
                .into(),
            Granted => every_role().into_iter().map(|granted| Case { granted, ..case }).collect(),
            StepUp => STEP_UPS.map(|step_up| Case { step_up, ..case }).into(),
        }
    }

    /// The answer that `case` gives, in words.
    fn answer(self, case: &Case) -> String {
        match self {
            Place => lower(&case.place),
            Role => called(case.role).into(),
            Via => if case.via { "a portfolio" } else { "an own membership" }.into(),
            Oneself => if case.oneself { "oneself" } else { "another" }.into(),
            Rank => lower(&case.rank),
            Owns => if case.owns { "the scope" } else { "it not" }.into(),
            Status => case.status.key().into(),
            Factors => kinds(case.factors),
            ResetsToday => case.resets_today.to_string(),
            Plan => case.plan.map_or("none", domain::accounts::Plan::key).into(),
            Required => if case.required { "on" } else { "off" }.into(),
            AskedIt => if case.approver.is_asker { "oneself" } else { "by another" }.into(),
            MadeByAsker => if case.approver.is_made_by_asker { "by the asker" } else { "not by the asker" }.into(),
            MadeTheAsker => if case.approver.made_the_asker { "within seven days" } else { "not lately" }.into(),
            Seasoned => if case.approver.is_seasoned { "seven days" } else { "less than seven days" }.into(),
            FreshlyReset => if case.approver.is_freshly_reset { "within a day" } else { "none within a day" }.into(),
            Granted => called(case.granted).into(),
            StepUp => lower(&case.step_up),
        }
    }
}

type Verdict = Result<(), Denied>;
type Ask = fn(&Case) -> Verdict;

/// Every function of policy, with what its answer may depend on.
const ACTIONS: &[(&str, &[Question], Ask)] = &[
    ("view_users", OF_A_SCOPE, |case| policy::view_users(&case.principal(), case.scope()).map(drop)),
    ("view_mfa_resets", OF_A_SCOPE, |case| policy::view_mfa_resets(&case.principal(), case.scope())),
    ("view_activity", OF_A_SCOPE, |case| policy::view_activity(&case.principal(), case.scope()).map(drop)),
    ("view_security", OF_A_SCOPE, |case| policy::view_security(&case.principal(), case.scope()).map(drop)),
    ("remind_of_mfa", OF_A_SCOPE, |case| policy::remind_of_mfa(&case.principal(), case.scope()).map(drop)),
    ("export_roll_out", OF_A_SCOPE, |case| policy::export_roll_out(&case.principal(), case.scope()).map(drop)),
    ("export_users", OF_A_SCOPE, |case| policy::export_users(&case.principal(), case.scope()).map(drop)),
    ("request_mfa_reset", UPON_A_MEMBER, request),
    ("request_mfa_resets", OF_A_SCOPE, |case| policy::request_mfa_resets(&case.principal(), case.scope()).map(drop)),
    ("still_backs_mfa_reset", UPON_A_MEMBER, |case| {
        policy::still_backs_mfa_reset(&case.principal(), case.scope(), &case.target())
    }),
    ("resend_mfa_reset", UPON_A_MEMBER, |case| {
        policy::resend_mfa_reset(&case.principal(), case.scope(), &case.target()).map(drop)
    }),
    ("cancel_mfa_reset", UPON_A_MEMBER, |case| {
        policy::cancel_mfa_reset(&case.principal(), case.scope(), &case.target()).map(drop)
    }),
    ("approve_mfa_reset", OF_AN_APPROVAL, |case| {
        policy::approve_mfa_reset(&case.principal(), case.scope(), &case.target(), &case.approver).map(drop)
    }),
    ("reject_mfa_reset", OF_AN_APPROVAL, |case| {
        policy::reject_mfa_reset(&case.principal(), case.scope(), &case.target(), &case.approver).map(drop)
    }),
    ("invite", OF_AN_INVITATION, |case| policy::invite(&case.principal(), case.scope(), case.granted).map(drop)),
    ("cancel_invitation", OF_A_SCOPE, |case| policy::cancel_invitation(&case.principal(), case.scope()).map(drop)),
    ("change_role", OF_A_ROLE, |case| {
        policy::change_role(&case.principal(), case.scope(), &case.target(), case.granted).map(drop)
    }),
    ("propose_many", OF_A_SCOPE, |case| policy::propose_many(&case.principal(), case.scope()).map(drop)),
    ("change_many", OF_A_SCOPE, |case| policy::change_many(&case.principal(), case.scope()).map(drop)),
    ("make_role", OF_ROLES, |case| {
        policy::make_role(&case.principal(), case.scope(), &case.granted.permissions()).map(drop)
    }),
    ("edit_role", OF_ROLES, |case| {
        policy::edit_role(&case.principal(), case.scope(), case.granted, &Permissions::NONE).map(drop)
    }),
    ("delete_role", OF_ROLES, |case| policy::delete_role(&case.principal(), case.scope(), case.granted).map(drop)),
    ("set_membership_status", OF_A_ROLE, |case| {
        policy::set_membership_status(&case.principal(), case.scope(), &case.target(), case.granted).map(drop)
    }),
    ("sign_out_member", UPON_A_MEMBERSHIP, |case| {
        policy::sign_out_member(&case.principal(), case.scope(), &case.target()).map(drop)
    }),
    ("remove_member", UPON_A_MEMBERSHIP, |case| {
        policy::remove_member(&case.principal(), case.scope(), &case.target()).map(drop)
    }),
    ("transfer_ownership", UPON_A_MEMBERSHIP, |case| {
        policy::transfer_ownership(&case.principal(), case.scope(), &case.target()).map(drop)
    }),
    ("close_scope", OF_A_SCOPE, |case| policy::close_scope(&case.principal(), case.scope()).map(drop)),
    ("leave", OF_A_SCOPE, |case| policy::leave(&case.principal(), case.scope()).map(drop)),
    ("create_portfolio", OF_A_NEW_PORTFOLIO, |case| {
        policy::create_portfolio(&case.principal(), case.scope(), case.plan).map(drop)
    }),
    ("view_accounts", OF_A_SCOPE, |case| policy::view_accounts(&case.principal(), case.scope()).map(drop)),
    ("ask_for_link", OF_A_SCOPE, |case| policy::ask_for_link(&case.principal(), case.scope()).map(drop)),
    ("cancel_link_request", OF_A_SCOPE, |case| policy::cancel_link_request(&case.principal(), case.scope()).map(drop)),
    ("agree_to_link", OF_A_SCOPE, |case| policy::agree_to_link(&case.principal(), case.scope()).map(drop)),
    ("decline_link", OF_A_SCOPE, |case| policy::decline_link(&case.principal(), case.scope()).map(drop)),
    ("confirm_link", OF_A_SCOPE, |case| policy::confirm_link(&case.principal(), case.scope()).map(drop)),
    ("unlink", OF_A_SCOPE, |case| policy::unlink(&case.principal(), case.scope()).map(drop)),
    ("set_guards", OF_A_SCOPE, |case| policy::set_guards(&case.principal(), case.scope()).map(drop)),
    ("set_mfa_policy", OF_A_SCOPE, |case| policy::set_mfa_policy(&case.principal(), case.scope()).map(drop)),
    ("cancel_loosening", OF_A_SCOPE, |case| policy::cancel_loosening(&case.principal(), case.scope()).map(drop)),
    ("call_off_mfa_reset", UPON_A_MEMBER, |case| {
        policy::call_off_mfa_reset(&case.principal(), case.scope(), &case.target()).map(drop)
    }),
    ("operator_requests_mfa_reset", OF_THE_OPERATOR, |case| {
        policy::operator_requests_mfa_reset(&case.target()).map(drop)
    }),
    ("set_mfa_requirement", OF_THE_REQUIREMENT, |case| {
        policy::set_mfa_requirement(&case.principal(), case.scope(), case.plan, case.required).map(drop)
    }),
];

fn request(case: &Case) -> Verdict {
    policy::request_mfa_reset(&case.principal(), case.scope(), &case.target()).map(drop)
}

/// Every combination of the answers to `questions`.
fn every(questions: &[Question]) -> Vec<Case> {
    questions
        .iter()
        .fold(vec![START], |cases, question| cases.into_iter().flat_map(|case| question.answers(case)).collect())
}

// ── the printed answers ───────────────────────────────────────────────────────────────────────────────────────────

/// What is answered, by the questions that make a difference.
#[derive(PartialEq, Eq)]
enum Tree {
    Answer(Verdict),
    Ask(Question, Vec<Branch>),
}

/// The answers to one question that lead to the same.
struct Branch {
    /// Which of the answers, counted as they are given.
    taken: Vec<usize>,
    /// One case for each, to tell them in words.
    cases: Vec<Case>,
    below: Tree,
}

impl PartialEq for Branch {
    fn eq(&self, other: &Self) -> bool {
        self.taken == other.taken && self.below == other.below
    }
}

impl Eq for Branch {}

fn tree(questions: &[Question], case: Case, ask: Ask) -> Tree {
    let Some((question, rest)) = questions.split_first() else { return Tree::Answer(ask(&case)) };
    let mut branches: Vec<Branch> = Vec::new();
    for (number, case) in question.answers(case).into_iter().enumerate() {
        let below = tree(rest, case, ask);
        match branches.iter_mut().find(|branch| branch.below == below) {
            Some(branch) => {
                branch.taken.push(number);
                branch.cases.push(case);
            }
            None => branches.push(Branch { taken: vec![number], cases: vec![case], below }),
        }
    }
    match branches.len() {
        1 => branches.remove(0).below,
        _ => Tree::Ask(*question, branches),
    }
}

impl Tree {
    fn print(&self, depth: usize, out: &mut String) {
        match self {
            Self::Answer(answer) => out.push_str(&format!(" → {}\n", verdict(*answer))),
            Self::Ask(question, branches) => {
                out.push('\n');
                for Branch { cases, below, .. } in branches {
                    let answers: Vec<String> = cases.iter().map(|case| question.answer(case)).collect();
                    out.push_str(&format!("{}{}: {}", "  ".repeat(depth), question.words(), answers.join(", ")));
                    below.print(depth + 1, out);
                }
            }
        }
    }
}

fn verdict(answer: Verdict) -> String {
    match answer {
        Ok(()) => "yes".into(),
        Err(Denied::RoleLacks { area, level }) => format!("no: role lacks {} {}", lower(&area), lower(&level)),
        Err(Denied::StepUpNeeded(step_up)) => format!("first prove identity: {}", lower(&step_up)),
        Err(denied) => format!("no: {}", lower(&denied)),
    }
}

fn kinds(kinds: FactorKinds) -> String {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.key()).collect();
    if names.is_empty() { "no factor".into() } else { names.join("+") }
}

/// `NeedsAuthenticator` as “needs authenticator”.
fn lower(value: &impl std::fmt::Debug) -> String {
    let mut words = String::new();
    for c in format!("{value:?}").chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

fn letter(level: Level) -> char {
    match level {
        Level::None => '–',
        Level::View => 'v',
        Level::ViewExport => 'x',
        Level::Edit => 'e',
        Level::Publish => 'p',
    }
}

fn permissions(role: Role) -> String {
    Area::ALL.map(|area| letter(role.permissions().level(area)).to_string()).join(" ")
}

fn matrix() -> String {
    let mut out = String::from("What each role holds: rank, then ");
    out.push_str(&Area::ALL.map(|area| lower(&area)).join(", "));
    out.push_str(".\n– none, v view, x view and export, e edit, p publish.\n\n");
    for role in every_role() {
        out.push_str(&format!("{:28} {}  {}\n", called(role), role.rank() as u8, permissions(role)));
    }
    out.push_str("\nEvery answer. What is not asked makes no difference.\n");
    for (name, questions, ask) in ACTIONS {
        let cases = every(questions).len();
        out.push_str(&format!("\n{name} ({cases} combinations)"));
        tree(questions, START, *ask).print(1, &mut out);
    }
    out
}

#[test]
fn the_matrix_is_as_it_was_reviewed() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy_matrix.txt");
    let now = matrix();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (reviewed, now)) in reviewed.lines().zip(now.lines()).enumerate() {
        assert_eq!(now, reviewed, "policy_matrix.txt:{}; if that is wanted: UPDATE=1 cargo test -p domain", number + 1);
    }
    assert_eq!(now.lines().count(), reviewed.lines().count(), "UPDATE=1 cargo test -p domain");
    assert!(now.lines().count() < 26 * ACTIONS.len(), "too long to be read in a review");
}

// ── what must be true of all of them ──────────────────────────────────────────────────────────────────────────────

/// The table of spec 2.3, as it stands there.
const SPEC: &str = "
| owner, admin         | e | e | e | e | x | e | e | p | e | e |
| manager              | v | v | – | – | v | – | – | p | e | e |
| analyst              | – | – | – | – | – | – | – | v | v | v |
| campaign_coordinator | – | – | – | – | – | – | – | p | v | – |
| content_creator      | – | – | – | – | – | – | – | e | – | – |
| support              | – | – | – | – | – | – | – | v | v | – |
| portfolio_owner      | e | e | e | e | x | e | e | v | v | v |
| portfolio_admin      | v | e | e | e | x | e | e | v | v | v |
| portfolio_manager    | v | v | – | – | v | – | – | v | v | v |
| portfolio_analyst    | – | – | – | – | – | – | – | v | x | v |
";

#[test]
fn roles_hold_what_the_specification_says() {
    let mut seen = Vec::new();
    for line in SPEC.lines().filter(|line| !line.is_empty()) {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let names = cells.next().unwrap();
        let levels = cells.collect::<Vec<_>>().join(" ");
        for name in names.split(", ") {
            let role = Role::of_key(name).unwrap();
            assert_eq!(permissions(role), levels, "{name}");
            seen.push(role);
        }
    }
    assert_eq!(seen, Role::ALL);
}

#[test]
fn owners_stand_at_three_admins_at_two_and_everybody_else_at_one() {
    for role in every_role() {
        let expected = match called(role) {
            "owner" | "portfolio_owner" => 3,
            "admin" | "portfolio_admin" => 2,
            _ => 1,
        };
        assert_eq!(role.rank() as u8, expected, "{}", called(role));
    }
}

#[test]
fn what_is_in_another_scope_is_not_there() {
    for (name, questions, ask) in ACTIONS.iter().filter(|(_, questions, _)| questions.contains(&Place)) {
        for case in every(questions) {
            let unseen = ask(&case) == Err(Denied::Unseen);
            assert_eq!(unseen, case.place != Where::Here, "{name} {case:?}");
        }
    }
}

#[test]
fn nobody_acts_upward_save_an_admin_for_an_owner() {
    for (name, _, ask) in ACTIONS.iter().filter(|(_, questions, _)| *questions == UPON_A_MEMBER) {
        for case in every(UPON_A_MEMBER) {
            let exception = case.role.rank() == Rank::Admin && case.rank == Rank::Owner;
            if case.rank > case.role.rank() && !exception {
                assert!(ask(&case).is_err(), "{name} {case:?}");
            }
        }
    }
    for role in [Role::Admin, Role::PortfolioAdmin] {
        assert_eq!(request(&Case { role, rank: Rank::Owner, ..START }), Ok(()), "a locked-out Owner has nobody else");
    }
}

#[test]
fn nobody_resets_themselves() {
    for (name, _, ask) in ACTIONS.iter().filter(|(_, questions, _)| *questions == UPON_A_MEMBER) {
        for case in every(UPON_A_MEMBER).into_iter().filter(|case| case.oneself) {
            assert!(ask(&case).is_err(), "{name} {case:?}");
        }
    }
}

#[test]
fn memberships_are_changed_downwards_and_sideways_and_never_an_owners() {
    let acting: Vec<Ask> = ACTIONS
        .iter()
        .filter(|(name, ..)| {
            ["change_role", "set_membership_status", "sign_out_member", "remove_member"].contains(name)
        })
        .map(|(_, _, ask)| *ask)
        .collect();
    assert_eq!(acting.len(), 4);
    for case in every(OF_A_ROLE) {
        if acting.iter().any(|ask| ask(&case).is_ok()) {
            assert!(!case.oneself && case.rank <= case.role.rank() && !case.owns, "{case:?}");
            assert!(case.role.permissions().allow(Area::UserManagement, Level::Edit), "{case:?}");
            // Ownership is never given this way, whoever asks.
            let given = policy::change_role(&case.principal(), case.scope(), &case.target(), Role::Owner).map(drop);
            assert!(given.is_err(), "{case:?}");
        }
    }
}

#[test]
fn only_the_owner_of_the_scope_itself_hands_it_over() {
    for case in every(UPON_A_MEMBERSHIP) {
        if policy::transfer_ownership(&case.principal(), case.scope(), &case.target()).is_ok() {
            let who = case.principal();
            assert!(who.rank() == Rank::Owner && who.via.is_none() && !case.oneself, "{case:?}");
            assert!(who.step_up.is_fresh() && case.target().status == MembershipStatus::Active, "{case:?}");
        }
    }
}

#[test]
fn only_the_owner_of_the_scope_itself_closes_it() {
    for case in every(OF_A_SCOPE) {
        if policy::close_scope(&case.principal(), case.scope()).is_ok() {
            let who = case.principal();
            assert!(who.rank() == Rank::Owner && who.via.is_none() && who.step_up.is_fresh(), "{case:?}");
        }
    }
}

#[test]
fn nobody_gives_a_role_above_their_own() {
    for case in every(OF_A_ROLE) {
        let (who, scope) = (case.principal(), case.scope());
        let gives = policy::invite(&who, scope, case.granted).is_ok()
            || policy::change_role(&who, scope, &case.target(), case.granted).is_ok();
        assert!(!gives || case.granted.rank() <= case.role.rank(), "{case:?}");
    }
}

#[test]
fn an_owner_gives_every_role_that_comes_with_the_scope_but_their_own() {
    for owner in [Role::Owner, Role::PortfolioOwner] {
        let case = Case { role: owner, ..START };
        for role in Role::of_kind(owner.kind()) {
            let given = policy::invite(&case.principal(), case.scope(), role).is_ok();
            assert_eq!(given, role != owner, "{}", called(role));
        }
    }
}

#[test]
fn only_owners_link_accounts_and_nobody_from_a_portfolio_speaks_for_an_account() {
    for case in every(OF_A_SCOPE) {
        let (who, scope) = (case.principal(), case.scope());
        if policy::ask_for_link(&who, scope).is_ok() {
            assert_eq!((case.role, case.via), (Role::PortfolioOwner, false), "{case:?}");
        }
        if policy::agree_to_link(&who, scope).is_ok() || policy::confirm_link(&who, scope).is_ok() {
            assert_eq!(case.role, Role::Owner, "{case:?}");
        }
        if policy::unlink(&who, scope).is_ok() {
            assert!([Role::Owner, Role::Admin, Role::PortfolioOwner].contains(&case.role) && !case.via, "{case:?}");
        }
        if policy::create_portfolio(&who, scope, Some(domain::accounts::Plan::Paid)).is_ok() {
            assert!([Role::Owner, Role::Admin].contains(&case.role), "{case:?}");
        }
    }
}

#[test]
fn managing_users_does_not_include_resetting_their_mfa() {
    for case in every(UPON_A_MEMBER).into_iter().filter(|case| request(case).is_ok()) {
        assert!(case.role.permissions().allow(Area::MfaReset, Level::Edit), "{case:?}");
    }
    // A Portfolio Admin may not edit members and may reset; a Manager sees members and may not even see resets.
    let portfolio_admin = Role::PortfolioAdmin.permissions();
    assert!(!portfolio_admin.allow(Area::UserManagement, Level::Edit));
    assert_eq!(request(&Case { role: Role::PortfolioAdmin, ..START }), Ok(()));
    let manager = Case { role: Role::Manager, ..START };
    assert!(policy::view_users(&manager.principal(), manager.scope()).is_ok());
    assert!(policy::view_mfa_resets(&manager.principal(), manager.scope()).is_err());
}

#[test]
fn only_owners_and_admins_reset_among_the_built_in_roles() {
    for role in Role::ALL {
        let may = request(&Case { role: *role, ..START }).is_ok();
        assert_eq!(may, role.rank() >= Rank::Admin, "{}", called(*role));
    }
}

#[test]
fn a_custom_role_resets_those_of_rank_one_and_nobody_above() {
    for role in every_role().into_iter().filter(|role| role.built_in_key().is_none()) {
        let may = role.permissions().allow(Area::MfaReset, Level::Edit);
        for rank in RANKS {
            let case = Case { role, rank, ..START };
            assert_eq!(request(&case).is_ok(), may && rank == Rank::Member, "{} {rank:?}", called(role));
        }
    }
}

#[test]
fn nobody_makes_a_role_of_more_than_their_own_or_changes_the_one_they_have() {
    for case in every(OF_ROLES) {
        let (who, scope, permissions) = (case.principal(), case.scope(), case.granted.permissions());
        if policy::make_role(&who, scope, &permissions).is_ok() {
            assert!(who.permissions().contain(&permissions), "{case:?}");
        }
        for to in every_role().iter().map(|role| role.permissions()) {
            if policy::edit_role(&who, scope, case.granted, &to).is_ok() {
                assert!(who.permissions().contain(&permissions) && who.permissions().contain(&to), "{case:?}");
                assert!(who.role.key() != case.granted.key() && case.granted.built_in_key().is_none(), "{case:?}");
                assert!(who.step_up.is_fresh(), "{case:?}");
            }
        }
    }
}

#[test]
fn another_is_reset_only_by_a_fresh_proof_of_an_own_authenticator() {
    for case in every(UPON_A_MEMBER).into_iter().filter(|case| request(case).is_ok()) {
        assert_eq!(case.step_up, StepUp::FreshByAuthenticator, "{case:?}");
    }
    for step_up in [StepUp::FreshByPassword, StepUp::NeedsPassword] {
        assert_eq!(request(&Case { step_up, ..START }), Err(Denied::OwnAuthenticatorNeeded));
    }
}

#[test]
fn only_an_active_member_with_something_to_reset_is_reset() {
    for case in every(UPON_A_MEMBER).into_iter().filter(|case| request(case).is_ok()) {
        assert_eq!(case.status, MembershipStatus::Active, "{case:?}");
        assert!(!case.factors.is_empty(), "{case:?}");
        assert!(case.resets_today < 5, "{case:?}");
    }
}

#[test]
fn proving_identity_again_is_asked_only_of_who_may_then_go_on() {
    for (name, questions, ask) in ACTIONS {
        for case in every(questions) {
            if let Err(denied) = ask(&case) {
                let mended = Case { step_up: StepUp::FreshByAuthenticator, ..case };
                assert_eq!(
                    denied.is_mendable(),
                    ask(&mended).is_ok() && denied != Denied::OwnAuthenticatorNeeded,
                    "{name} {case:?}"
                );
            }
        }
    }
}

#[test]
fn who_may_ask_may_also_resend_and_cancel_and_goes_on_backing_it() {
    for case in every(UPON_A_MEMBER) {
        let (who, scope, target) = (case.principal(), case.scope(), case.target());
        let backs = policy::still_backs_mfa_reset(&who, scope, &target);
        assert_eq!(policy::resend_mfa_reset(&who, scope, &target).map(drop), backs, "{case:?}");
        assert_eq!(policy::cancel_mfa_reset(&who, scope, &target).map(drop), backs, "{case:?}");
        if request(&case).is_ok() {
            assert_eq!(backs, Ok(()), "{case:?}");
        }
    }
}

#[test]
fn who_sees_users_without_resets_learns_no_more_than_that() {
    for (name, _, ask) in ACTIONS.iter().filter(|(_, questions, _)| *questions == UPON_A_MEMBER) {
        for case in every(UPON_A_MEMBER) {
            if case.place == Where::Here && !case.role.permissions().allow(Area::MfaReset, Level::Edit) {
                let lacks = Denied::RoleLacks { area: Area::MfaReset, level: Level::Edit };
                assert_eq!(ask(&case), Err(lacks), "the same whoever the target is: {name} {case:?}");
            }
        }
    }
}

#[test]
fn a_paid_plan_keeps_the_requirement_on() {
    for case in every(OF_THE_REQUIREMENT).into_iter().filter(|case| case.plan == Some(Plan::Paid) && !case.required) {
        assert!(
            policy::set_mfa_requirement(&case.principal(), case.scope(), case.plan, case.required).is_err(),
            "{case:?}"
        );
    }
}

#[test]
fn the_operator_stands_above_every_rank_and_resets_nothing_that_is_not_there() {
    for case in every(OF_THE_OPERATOR) {
        let expected = if case.factors.is_empty() { Err(Denied::NothingToReset) } else { Ok(()) };
        assert_eq!(policy::operator_requests_mfa_reset(&case.target()).map(drop), expected, "{case:?}");
    }
}

#[test]
fn a_permit_names_who_asked_where_and_upon_whom() {
    let case = Case { role: Role::PortfolioAdmin, via: true, ..START };
    let permit = policy::request_mfa_reset(&case.principal(), case.scope(), &case.target()).unwrap();
    let Principal { user_id, name, via, .. } = case.principal();
    assert_eq!(permit.actor(), &Actor::User { id: user_id, name, role: Some(Role::PortfolioAdmin), via });
    assert_eq!(permit.scope(), Some(case.scope()));
    assert_eq!(permit.target(), Some((UserId(OTHER), "Target")));
    let by_operator: Permit<_> = policy::operator_requests_mfa_reset(&case.target()).unwrap();
    assert_eq!((by_operator.actor(), by_operator.scope()), (&Actor::Operator, None));
}
