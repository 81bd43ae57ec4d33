//! `/`: has nothing to show. Leads to a scope, to one's own pages where one belongs to none, or to the step of signing in
//! that comes first.

use super::api;
use crate::{error_page::ErrorPage, paths};
use leptos::{either::Either, prelude::*};
use leptos_router::components::Redirect;

#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let home = Resource::new(|| (), |()| api::home());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match home.await {
                    Ok(scope) => {
                        let path = scope.map_or_else(paths::me_security, paths::overview);
                        Either::Left(view! { <Redirect path/> })
                    }
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Suspense>
    }
}
