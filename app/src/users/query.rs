//! The state of the list is its address: what is searched, filtered, sorted, and which page. So it can be bookmarked, sent
//! and gone back to. What an address cannot mean is left out, never an error.

use crate::paths;
use domain::{
    roles::RoleKey,
    scope::Scope,
    users::{MembershipStatus, MfaFilter, UserQuery, UserSort},
};
use leptos_router::params::ParamsMap;

/// The list that an address asks for.
pub(super) fn read(address: &ParamsMap) -> UserQuery {
    let get = |name| address.get_str(name).filter(|value| !value.is_empty());
    UserQuery {
        q: get("q").unwrap_or_default().chars().take(100).collect(),
        role: get("role").and_then(|role| role.parse::<RoleKey>().ok()),
        mfa: get("mfa").and_then(MfaFilter::of_key),
        status: get("status").and_then(MembershipStatus::of_key),
        sort: get("sort").and_then(UserSort::of_key).unwrap_or_default(),
        after: get("after").map(str::to_owned),
        before: get("before").map(str::to_owned),
    }
}

/// The parts of the address, those that say nothing left out.
pub(super) fn parts(query: &UserQuery) -> Vec<(&'static str, String)> {
    let UserQuery { q, role, mfa, status, sort, after, before } = query;
    let sort = (*sort != UserSort::default()).then(|| sort.key().to_owned());
    [
        ("q", (!q.is_empty()).then(|| q.clone())),
        ("role", role.map(|role| role.to_string())),
        ("mfa", mfa.map(|mfa| mfa.key().to_owned())),
        ("status", status.map(|status| status.key().to_owned())),
        ("sort", sort),
        ("after", after.clone()),
        ("before", before.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// The address of a list.
pub(super) fn address(scope: Scope, query: &UserQuery) -> String {
    let parts: ParamsMap = parts(query).into_iter().collect();
    format!("{}{}", paths::users(scope), parts.to_query_string())
}

/// The same list as a file.
pub(super) fn export(scope: Scope, query: &UserQuery) -> String {
    let whole = UserQuery { after: None, before: None, ..query.clone() };
    let parts: ParamsMap = parts(&whole).into_iter().collect();
    format!("{}{}", paths::users_export(scope), parts.to_query_string())
}

/// The first page of the same list, after `change`.
pub(super) fn narrowed(scope: Scope, query: &UserQuery, change: impl FnOnce(&mut UserQuery)) -> String {
    let mut query = UserQuery { after: None, before: None, ..query.clone() };
    change(&mut query);
    address(scope, &query)
}

/// Whether anything is left out of the list.
pub(super) fn is_narrowed(query: &UserQuery) -> bool {
    !query.q.is_empty() || query.role.is_some() || query.mfa.is_some() || query.status.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::authenticators::FactorKind;

    fn scope() -> Scope {
        "a/0198f3a0-0000-7000-8000-000000000001".parse().unwrap()
    }

    fn read_back(address: &str) -> UserQuery {
        let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let parts = query.split('&').filter_map(|part| part.split_once('='));
        let decoded = |text: &str| text.replace('+', " ").replace("%20", " ").replace("%26", "&").replace("%25", "%");
        read(&parts.map(|(name, value)| (name.to_owned(), decoded(value))).collect())
    }

    #[test]
    fn a_list_and_its_address_say_the_same() {
        let query = UserQuery {
            q: "o neil & 5%".into(),
            role: "manager".parse().ok(),
            mfa: Some(MfaFilter::Pending),
            status: Some(MembershipStatus::Active),
            sort: UserSort::LastActive,
            after: Some("abc".into()),
            before: None,
        };
        assert_eq!(read_back(&address(scope(), &query)), query);
        assert_eq!(address(scope(), &UserQuery::default()), paths::users(scope()));
    }

    #[test]
    fn a_list_by_method_is_the_address_that_the_roll_out_leads_to_and_older_ones_still_mean_theirs() {
        for kind in FactorKind::ALL {
            let query = read_back(&paths::users_with_method(scope(), kind));
            let (mfa, status) = (Some(MfaFilter::of_kind(kind)), Some(MembershipStatus::Active));
            assert_eq!(query, UserQuery { mfa, status, ..UserQuery::default() });
        }
        for (key, mfa) in [("on", MfaFilter::On), ("off", MfaFilter::Off), ("pending", MfaFilter::Pending)] {
            assert_eq!(read_back(&format!("?mfa={key}")).mfa, Some(mfa));
        }
    }

    #[test]
    fn what_an_address_cannot_mean_is_left_out() {
        let odd = [("role", "root"), ("mfa", ""), ("status", "1"), ("sort", "salary"), ("page", "7")];
        let map: ParamsMap = odd.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(read(&map), UserQuery::default());
    }

    #[test]
    fn narrowing_begins_at_the_first_page() {
        let query = UserQuery { q: "a".into(), after: Some("abc".into()), ..Default::default() };
        let address = narrowed(scope(), &query, |query| query.mfa = Some(MfaFilter::Off));
        assert!(address.ends_with("/settings/users?q=a&mfa=off"), "{address}");
    }
}
