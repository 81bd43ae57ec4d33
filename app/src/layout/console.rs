//! Around every page of somebody who is signed in: the side, and above the page what must not be missed. When the scope
//! may not be entered, the side says only how to get elsewhere, and the page says why.

use super::{
    SkipLink,
    side::{Frame, Side},
};
use crate::{
    accounts::api,
    authenticators::GraceBanner,
    error::AppError,
    mfa_reset::{DeclineMine, ResetOfMineBanner},
    scope::use_scope,
};
use leptos::prelude::*;
use leptos_router::components::Outlet;

/// Around the pages of a scope.
#[component]
pub(crate) fn ConsoleLayout() -> impl IntoView {
    let scope = use_scope();
    let decline = ServerAction::<DeclineMine>::new();
    let console = Resource::new(
        move || (scope.get(), decline.version().get()),
        |(scope, _)| async move { api::console(scope.ok_or(AppError::NotFound)?).await },
    );
    view! { <Shell frame=move || async move { console.await.ok().map(Frame::from) } decline/> }
}

/// Around one's own pages.
#[component]
pub(crate) fn MeLayout() -> impl IntoView {
    let decline = ServerAction::<DeclineMine>::new();
    let mine = Resource::new(move || decline.version().get(), |_| api::mine());
    view! { <Shell frame=move || async move { mine.await.ok().map(Frame::from) } decline own=true/> }
}

#[component]
fn Shell<F, Fut>(
    /// What is known of who looks, and where.
    frame: F,
    /// “This wasn't me”.
    decline: ServerAction<DeclineMine>,
    /// Whether the pages are one's own: few and narrow.
    #[prop(optional)]
    own: bool,
) -> impl IntoView
where
    F: Fn() -> Fut + Copy + Send + Sync + 'static,
    Fut: Future<Output = Option<Frame>> + Send + 'static,
{
    view! {
        <SkipLink/>
        <div class="console">
            <header class="side">
                <Transition>
                    {move || Suspend::new(async move {
                        let frame = frame().await;
                        view! { <Side frame/> }
                    })}
                </Transition>
            </header>
            <div class="content" class:own=own>
                <Transition>
                    {move || Suspend::new(async move {
                        frame().await.map(|Frame { reset_of_mine, grace_until, now, .. }| {
                            let reset = reset_of_mine.map(|reset| view! { <ResetOfMineBanner reset decline/> });
                            let grace = grace_until.map(|until| view! { <GraceBanner until now/> });
                            (reset, grace)
                        })
                    })}
                </Transition>
                <Outlet/>
            </div>
        </div>
    }
}
