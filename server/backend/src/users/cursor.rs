//! Where a page begins or ends, as its neighbours' links say it.

use crate::store::entity::membership;
use domain::users::UserSort;
use uuid::Uuid;

/// A place in the order of the page: the sorted value and the id of a row. Not a secret and not believed: it is only
/// compared with rows of the scope in the URL.
pub(super) struct Cursor {
    pub(super) value: sea_orm::Value,
    pub(super) id: Uuid,
}

impl Cursor {
    pub(super) fn of(row: &membership::Model, sort: UserSort) -> Self {
        let value = match sort {
            UserSort::Name | UserSort::NameDesc => row.name_folded.clone().into(),
            UserSort::LastActive | UserSort::LastActiveAsc => row.last_used_at.into(),
        };
        Self { value, id: row.id }
    }

    /// One that cannot be read means the first page.
    pub(super) fn parse(text: &str, sort: UserSort) -> Option<Self> {
        // PostgreSQL has no text with a NUL in it, so no row has.
        let (id, value) = text.split_once('~').filter(|(_, value)| !value.contains('\0'))?;
        let value = match sort {
            UserSort::Name | UserSort::NameDesc => value.to_owned().into(),
            UserSort::LastActive | UserSort::LastActiveAsc => value.parse::<i64>().ok()?.into(),
        };
        Some(Self { value, id: Uuid::parse_str(id).ok()? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            sea_orm::Value::BigInt(Some(number)) => write!(f, "{}~{number}", self.id),
            sea_orm::Value::String(Some(text)) => write!(f, "{}~{text}", self.id),
            _ => write!(f, "{}~", self.id),
        }
    }
}
