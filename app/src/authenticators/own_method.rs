//! What the pages about one of one's own methods have in common: which it is, and that identity was proven lately.

use super::api;
use crate::{error::AppError, error_page::ErrorPage, step_up::StepUpRedirect};
use domain::{
    authenticators::{AuthenticatorOverview, MyMethods},
    ids::AuthenticatorId,
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_router::hooks::use_params_map;

/// Shows `page` for the method in the address, and whether it is the last.
pub(super) fn own_method<V: IntoView + 'static>(page: fn(AuthenticatorOverview, bool) -> V) -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").and_then(|id| id.parse::<AuthenticatorId>().ok());
    let methods = Resource::new(|| (), |()| api::mine());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match methods.await {
                    Err(error) => EitherOf3::A(view! { <ErrorPage error/> }),
                    Ok(methods) if !methods.step_up.is_fresh_for_methods() => {
                        EitherOf3::B(view! { <StepUpRedirect/> })
                    }
                    Ok(MyMethods { authenticators, .. }) => {
                        let is_last = authenticators.len() == 1;
                        match authenticators.into_iter().find(|method| Some(method.id) == id) {
                            Some(method) => EitherOf3::C(page(method, is_last)),
                            None => EitherOf3::A(view! { <ErrorPage error=AppError::NotFound/> }),
                        }
                    }
                }
            })}
        </Suspense>
    }
}
