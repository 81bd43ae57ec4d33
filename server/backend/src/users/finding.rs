//! Which members a page of Users has, and how many there are, without reading everybody: at a million members as at a thousand.
//!
//! Without filters the page is a range of the index that has its order. With filters there are two ways, and how many the
//! filters leave decides, which is counted to 1,001 first:
//!
//! - Few: all of them are looked up by an index that knows them, and then sorted.
//! - Many: they are dense, so the page is among the next few hundred or thousand members in its order. Where it is not, since
//!   those who are sought all come late (Marias are next to each other), they are looked up like few.
//!
//! Which index knows them: PostgreSQL decides by its statistics. SQLite has none, so [`Driver`] says what it goes through first.
//! Of what is typed its index also knows the names, so of many only those of the page are read.

use super::cursor::Cursor;
use crate::{
    Result, fold, mfa_reset,
    store::{
        self,
        entity::membership::{Column, Entity, Model},
        reach,
        search::{self, Asked},
    },
};
use domain::{
    authenticators::{FactorKind, FactorKinds},
    roles::RoleKey,
    scope::Scope,
    time::Timestamp,
    users::{MembershipStatus, MfaFilter, UserQuery, UserSort},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, Order, QueryFilter, QueryTrait,
    sea_query::{Alias, Expr, ExprTrait, IntoIden, Query, SelectStatement, SimpleExpr},
};

/// Members on a page.
pub const PAGE: u64 = 25;
/// A filtered total is counted no further than one more than this.
pub const COUNTED_TO: u32 = 1_000;
/// How far is looked in the order of the page for those that many share, and how far then.
const LOOKS: [u64; 2] = [250, 5_000];
/// A search that finds more than this in its index goes through another filter first, if there is one.
const COMMON: u64 = 20_000;
/// Characters of a search that count.
const SEARCH: usize = 100;
/// Word for word as in the indexes.
const HAS_MFA: &str = "(CASE WHEN factor_kinds = 0 THEN 0 ELSE 1 END)";

/// A page of members, with the cursors of its neighbours.
pub(super) struct Found {
    pub(super) places: Vec<Model>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    /// How many the filters leave, no further than 1,001; nothing without filters.
    pub(super) filtered: Option<u32>,
}

/// The page that the query means.
pub(super) async fn page(on: &impl ConnectionTrait, scope: Scope, query: &UserQuery, now: Timestamp) -> Result<Found> {
    let after = query.after.as_deref().and_then(|text| Cursor::parse(text, query.sort));
    let before = query.before.as_deref().and_then(|text| Cursor::parse(text, query.sort)).filter(|_| after.is_none());
    let backwards = before.is_some();
    let sequence = Sequence::new(query.sort, after.as_ref().or(before.as_ref()), backwards);
    let filters = Filters::new(scope, query, now);
    let (mut places, filtered) = match filters.is_any() {
        true => {
            let (places, count) = filters.find(on, &sequence).await?;
            (places, Some(count))
        }
        false => {
            let everybody = Entity::find().filter(reach::listed(scope)).into_query();
            (read(on, sequence.first(everybody, PAGE + 1)).await?, None)
        }
    };
    let more = places.len() as u64 > PAGE;
    places.truncate(PAGE as usize);
    if backwards {
        places.reverse();
    }
    let (has_before, has_after) = if backwards { (more, true) } else { (after.is_some(), more) };
    let before = places.first().filter(|_| has_before).map(|row| Cursor::of(row, query.sort).to_string());
    let after = places.last().filter(|_| has_after).map(|row| Cursor::of(row, query.sort).to_string());
    Ok(Found { places, before, after, filtered })
}

/// Some of those the filters leave, by name from a place in that order on: for who reads all of them, which is one pass.
pub(super) async fn part(
    on: &impl ConnectionTrait,
    scope: Scope,
    query: &UserQuery,
    after: Option<&Cursor>,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<Model>> {
    let sequence = Sequence::new(UserSort::Name, after, false);
    read(on, sequence.first(Filters::new(scope, query, now).everybody(), limit)).await
}

/// The order of a page and where in it the page begins.
struct Sequence {
    sort: UserSort,
    column: Column,
    order: Order,
    beyond: Option<SimpleExpr>,
}

impl Sequence {
    fn new(sort: UserSort, bound: Option<&Cursor>, backwards: bool) -> Self {
        let descending = matches!(sort, UserSort::NameDesc | UserSort::LastActive) != backwards;
        let column = match sort {
            UserSort::Name | UserSort::NameDesc => Column::NameFolded,
            UserSort::LastActive | UserSort::LastActiveAsc => Column::LastUsedAt,
        };
        let beyond = bound.map(|Cursor { value, id }| {
            let key = Expr::tuple([column.into_expr(), Column::Id.into_expr()]);
            let at = Expr::tuple([Expr::val(value.clone()), Expr::val(*id)]);
            if descending { key.lt(at) } else { key.gt(at) }
        });
        Self { sort, column, order: if descending { Order::Desc } else { Order::Asc }, beyond }
    }

    /// The first so many of these members from where the page begins.
    fn first(&self, mut of: SelectStatement, limit: u64) -> SelectStatement {
        of.cond_where(Condition::all().add_option(self.beyond.clone())).limit(limit);
        self.sorted(of)
    }

    fn sorted(&self, mut members: SelectStatement) -> SelectStatement {
        for column in [self.column, Column::Id] {
            members.order_by_expr(column.into_expr(), self.order.clone());
        }
        members
    }

    fn is_by_name(&self) -> bool {
        matches!(self.sort, UserSort::Name | UserSort::NameDesc)
    }
}

/// What SQLite goes through first.
enum Driver {
    /// Keys of memberships, each once. Among them are those whom the filters leave.
    Keys { keys: SelectStatement, of: Column },
    /// What the index of trigrams knows of those whom the filters leave, which is what sorts them by name.
    Found(SelectStatement),
}

/// The filters of a query.
struct Filters<'q> {
    scope: Scope,
    query: &'q UserQuery,
    sought: String,
    now: Timestamp,
}

impl<'q> Filters<'q> {
    fn new(scope: Scope, query: &'q UserQuery, now: Timestamp) -> Self {
        let sought = fold::text(&query.q).chars().take(SEARCH).collect();
        Self { scope, query, sought, now }
    }

    fn is_any(&self) -> bool {
        let UserQuery { q, role, mfa, status, .. } = self.query;
        !q.trim().is_empty() || role.is_some() || mfa.is_some() || status.is_some()
    }

    /// The first of whom the filters leave, one more than a page, and how many they are.
    async fn find(&self, on: &impl ConnectionTrait, sequence: &Sequence) -> Result<(Vec<Model>, u32)> {
        if self.are_many_at_hand(on, sequence).await?
            && let Some(places) = self.at_hand(on, sequence, &LOOKS).await?
        {
            return Ok((places, COUNTED_TO + 1));
        }
        let driver = self.driver(on).await?;
        let (count, looks) = match &driver {
            Some(Driver::Found(found)) => {
                let (count, among) = search::counted(on, found.clone(), COUNTED_TO + 1).await?;
                // By name they are sorted sooner than looked for, unless every tenth is one of them.
                let is_sooner = sequence.is_by_name() && among > 10 * u64::from(COUNTED_TO);
                (count, if is_sooner { &LOOKS[..1] } else { &LOOKS })
            }
            driver => (counted(on, self.all(driver.as_ref())).await?, &LOOKS[..]),
        };
        if count > COUNTED_TO
            && let Some(places) = self.at_hand(on, sequence, looks).await?
        {
            return Ok((places, count));
        }
        let first = match driver {
            Some(Driver::Found(found)) if sequence.is_by_name() => {
                self.through(sequence.first(found, PAGE + 1), Column::Id)
            }
            driver => {
                let beyond = Condition::all().add_option(sequence.beyond.clone());
                // A limit of its own, so that what is looked up is not looked for in the order of the page.
                let everybody = self.all(driver.as_ref()).cond_where(beyond).limit(i64::MAX as u64).to_owned();
                whole(everybody).limit(PAGE + 1).to_owned()
            }
        };
        Ok((read(on, sequence.sorted(first)).await?, count))
    }

    /// Of something short, which nearly everybody may have, whether more have it than are counted, by a look alone.
    async fn are_many_at_hand(&self, on: &impl ConnectionTrait, sequence: &Sequence) -> Result<bool> {
        if self.sought.is_empty() || !search::is_short(&self.sought) {
            return Ok(false);
        }
        let from_the_first = Sequence::new(sequence.sort, None, false);
        Ok(counted(on, self.look(&from_the_first, LOOKS[1])).await? > COUNTED_TO)
    }

    /// The page, if so few looks have all of it.
    async fn at_hand(
        &self,
        on: &impl ConnectionTrait,
        sequence: &Sequence,
        looks: &[u64],
    ) -> Result<Option<Vec<Model>>> {
        for look in looks {
            let at_hand = self.look(sequence, *look).limit(PAGE + 1).to_owned();
            let places = read(on, sequence.sorted(at_hand)).await?;
            if places.len() as u64 > PAGE {
                return Ok(Some(places));
            }
        }
        Ok(None)
    }

    /// Whom the filters leave of the next so many members.
    fn look(&self, sequence: &Sequence, look: u64) -> SelectStatement {
        let mut members = Entity::find().filter(reach::listed(self.scope));
        // What an index has together with the order.
        match (self.scope, self.query.role) {
            (Scope::Account(_), Some(role)) if sequence.is_by_name() => {
                members = members.filter(Column::Role.eq(role.to_string()));
            }
            _ => {}
        }
        if !sequence.is_by_name() && matches!(self.query.mfa, Some(MfaFilter::On | MfaFilter::Off)) {
            members = members.filter(Condition::all().add_option(self.has_mfa(true)));
        }
        whole(sequence.first(members.into_query(), look)).cond_where(self.tests()).to_owned()
    }

    /// All whom the filters leave, in no order.
    fn all(&self, driver: Option<&Driver>) -> SelectStatement {
        match driver {
            Some(Driver::Keys { keys, of }) => self.through(keys.clone(), *of),
            Some(Driver::Found(found)) => self.through(found.clone(), Column::Id),
            None => self.everybody(),
        }
    }

    /// Those of them whom these keys are of.
    fn through(&self, keys: SelectStatement, of: Column) -> SelectStatement {
        let found = Alias::new("found");
        self.everybody()
            .from_clear()
            .from_subquery(keys, found.clone())
            .cross_join(Entity)
            .and_where(of.into_expr().equals((found, Alias::new("key"))))
            .to_owned()
    }

    fn everybody(&self) -> SelectStatement {
        Entity::find().filter(reach::listed(self.scope)).filter(self.tests()).into_query()
    }

    /// The filter that leaves fewest, as far as that is known, where SQLite would not see it by itself.
    async fn driver(&self, on: &impl ConnectionTrait) -> Result<Option<Driver>> {
        if on.get_database_backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        if self.query.mfa == Some(MfaFilter::Pending) {
            let mut keys = mfa_reset::pending_in(self.scope, self.now);
            let person = Expr::col(Column::UserId);
            return Ok(Some(Driver::Keys { keys: keyed(keys.distinct(), person), of: Column::UserId }));
        }
        let has_others = self.query.role.is_some() || self.query.status.is_some() || self.query.mfa.is_some();
        if let Some(asked) = self.asked(on).await? {
            let found = self.by_text(&asked);
            if !has_others {
                return Ok(Some(Driver::Found(found)));
            }
            if !search::is_more_than(on, &asked, COMMON).await? {
                return Ok(Some(Driver::Keys { keys: found, of: Column::Id }));
            }
        }
        Ok(match (self.scope, self.query.role) {
            (Scope::Portfolio(portfolio), Some(role)) => {
                let mut keys = Query::select();
                keys.distinct()
                    .from_as(Entity, near())
                    .and_where(of_near(Column::PortfolioId).eq(portfolio.0))
                    .and_where(of_near(Column::Role).eq(role.to_string()));
                Some(Driver::Keys { keys: keyed(&mut keys, of_near(Column::UserId)), of: Column::UserId })
            }
            _ => None,
        })
    }

    async fn asked(&self, on: &impl ConnectionTrait) -> Result<Option<Asked>> {
        if self.sought.is_empty() { Ok(None) } else { search::asked(on, self.scope, &self.sought).await }
    }

    /// Through what the index of trigrams has.
    fn by_text(&self, asked: &Asked) -> SelectStatement {
        let mut found = search::candidates(asked).cond_where(reach::listed(self.scope)).to_owned();
        keyed(found.and_where(self.is_sought()), Column::Id.into_expr())
    }

    fn is_sought(&self) -> SimpleExpr {
        store::contains(Column::SearchFolded.into_expr(), &self.sought)
    }

    /// Whether a member is whom the filters leave.
    fn tests(&self) -> Condition {
        let UserQuery { role, mfa, status, .. } = self.query;
        let pending = mfa.filter(|mfa| *mfa == MfaFilter::Pending);
        Condition::all()
            .add_option((!self.sought.is_empty()).then(|| self.is_sought()))
            .add_option(role.map(|role| self.has_role(role)))
            .add_option(status.map(|status| Column::Status.eq(status.key())))
            .add_option(self.has_mfa(self.query.role.is_none()))
            .add_option(pending.map(|_| Column::UserId.in_subquery(mfa_reset::pending_in(self.scope, self.now))))
    }

    /// By the index that knows who has a second factor, or, beside a filter that leaves fewer, not.
    fn has_mfa(&self, by_index: bool) -> Option<SimpleExpr> {
        match self.query.mfa? {
            MfaFilter::On if by_index => Some(Expr::cust(HAS_MFA).eq(1)),
            MfaFilter::Off if by_index => Some(Expr::cust(HAS_MFA).eq(0)),
            MfaFilter::On => Some(Column::FactorKinds.ne(0)),
            MfaFilter::Off => Some(Column::FactorKinds.eq(0)),
            MfaFilter::Passkey => Some(has(FactorKind::Passkey)),
            MfaFilter::Totp => Some(has(FactorKind::Totp)),
            MfaFilter::Sms => Some(has(FactorKind::Sms)),
            MfaFilter::Pending => None,
        }
    }

    /// Of an account, the member's own; of a portfolio, that of any of the person's places within its reach.
    fn has_role(&self, role: RoleKey) -> SimpleExpr {
        let Scope::Portfolio(portfolio) = self.scope else { return Column::Role.eq(role.to_string()) };
        let places = Query::select()
            .expr(Expr::val(1))
            .from_as(Entity, near())
            .and_where(of_near(Column::PortfolioId).eq(portfolio.0))
            .and_where(of_near(Column::UserId).eq(Column::UserId.into_expr()))
            .and_where(of_near(Column::Role).eq(role.to_string()))
            .to_owned();
        Expr::exists(places)
    }
}

/// This kind of method among others. By the sets it is in: an index finds values, and no part of one; and by any status, with
/// which the index that has them begins.
fn has(kind: FactorKind) -> SimpleExpr {
    let any = MembershipStatus::ALL.map(MembershipStatus::key);
    let sets = FactorKinds::all_with(kind).map(|kinds| i16::from(kinds.bits()));
    Column::FactorKinds.is_in(sets).and(Column::Status.is_in(any))
}

/// Any place of a member, beside the one that is listed.
fn near() -> Alias {
    Alias::new("near")
}

fn of_near(column: Column) -> SimpleExpr {
    Expr::col((near(), column))
}

/// Keys as a driver calls them.
fn keyed(keys: &mut SelectStatement, key: SimpleExpr) -> SelectStatement {
    keys.clear_selects().expr_as(key, Alias::new("key")).to_owned()
}

/// Members out of those of another statement.
fn whole(members: SelectStatement) -> SelectStatement {
    Entity::find().into_query().from_clear().from_subquery(members, Entity.into_iden()).to_owned()
}

async fn read(on: &impl ConnectionTrait, members: SelectStatement) -> Result<Vec<Model>> {
    Ok(Entity::find().from_raw_sql(on.get_database_backend().build(&members)).all(on).await?)
}

/// How many these members are, counted to 1,001.
async fn counted(on: &impl ConnectionTrait, mut members: SelectStatement) -> Result<u32> {
    members.clear_selects().column((Entity, Column::Id)).limit(u64::from(COUNTED_TO) + 1);
    let counted = Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(members, "matching").to_owned();
    let row = on.query_one(&counted).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u32::try_from(count).unwrap_or(0))
}
