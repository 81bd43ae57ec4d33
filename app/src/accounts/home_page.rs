//! `/`: has nothing to show. Leads to a scope, to one's own pages where one belongs to none, or to the step of signing in
//! that comes first.

use super::api;
use crate::{error_page::ErrorPage, paths};
use leptos::{either::Either, prelude::*};
use leptos_router::components::Redirect;

#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let scopes = Resource::new(|| (), |()| api::scopes());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match scopes.await {
                    Ok(scopes) => {
                        let path = scopes.first().map_or_else(paths::me_security, |entry| paths::overview(entry.scope));
                        Either::Left(view! { <Redirect path/> })
                    }
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Suspense>
    }
}
