//! The scope of the present page: always what its address says, nothing remembered, so that two tabs may stand in two
//! accounts.

use domain::scope::Scope;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The scope in the address; nothing where there is none.
pub(crate) fn use_scope() -> Memo<Option<Scope>> {
    let path = use_location().pathname;
    Memo::new(move |_| path.with(|path| scope_of(path)))
}

fn scope_of(path: &str) -> Option<Scope> {
    let mut parts = path.trim_start_matches('/').split('/');
    format!("{}/{}", parts.next()?, parts.next()?).parse().ok()
}

/// The scope as a field of a form.
#[component]
pub(crate) fn ScopeField(scope: Scope) -> impl IntoView {
    view! {
        <input type="hidden" name=format!("scope[{}]", scope.kind().key()) value=scope.uuid().to_string()/>
    }
}

#[cfg(test)]
mod tests {
    use super::scope_of;
    use crate::paths;

    #[test]
    fn the_scope_is_read_from_the_address() {
        let scope = "a/0198f3a0-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!(scope_of(&paths::users(scope)), Some(scope));
        let portfolio = "p/0198f3a0-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!(scope_of(&paths::overview(portfolio)), Some(portfolio));
        for path in ["/", "/me/security", "/a/1/overview", "/b/0198f3a0-0000-7000-8000-000000000001/overview"] {
            assert_eq!(scope_of(path), None, "{path}");
        }
    }
}
