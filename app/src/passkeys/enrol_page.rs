//! `/enrol/passkey`: makes a passkey on this device, or on a security key, and binds it.

use super::{Ceremony, PasskeyButton};
use crate::{
    authenticators::WayOut,
    error_page::ErrorPage,
    next::{Next, use_next},
    paths,
    step_up::{self, StepUpRedirect},
    ui::{PageHead, SwitchField, TextField, is_checked, typed},
};
use domain::person::Name;
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn EnrolPasskeyPage() -> impl IntoView {
    let proven = Resource::new(|| (), |()| step_up::standing());
    let next = use_next();
    view! {
        <Title text=tr!("passkeys.enrol.title")/>
        <Suspense>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match proven.await {
                        Ok(step_up) if step_up.is_fresh_for_methods() => EitherOf3::A(view! { <Enrol next/> }),
                        Ok(_) => EitherOf3::B(view! { <StepUpRedirect/> }),
                        Err(error) => EitherOf3::C(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Enrol(next: Next) -> impl IntoView {
    let by_app = next.carried_by(paths::enrol());
    let carried = next.clone();
    let bind = move || Ceremony::Bind { name: typed("name"), signs_in: is_checked("signs_in"), next: carried.clone() };
    view! {
        <main class="main" id="main" data-page="enrol_passkey" data-state="open">
            <PageHead eyebrow=tr!("authenticators.enrol.eyebrow") title=tr!("passkeys.enrol.title")>
                {tr!("passkeys.enrol.sentence")}
            </PageHead>
            <div class="form">
                <TextField
                    name="name"
                    label=tr!("authenticators.enrol.name")
                    hint=tr!("passkeys.enrol.name_hint")
                    value=tr!("passkeys.enrol.name_default")
                    required=true
                    max=Name::MAX
                />
                <SwitchField
                    name="signs_in"
                    label=tr!("passkeys.enrol.signs_in")
                    hint=tr!("passkeys.enrol.signs_in_hint")
                    on=false
                />
                <PasskeyButton label=tr!("passkeys.enrol.submit") ceremony=bind/>
            </div>
            <p>
                <a href=by_app>{tr!("passkeys.enrol.by_app")}</a>
            </p>
            <WayOut next/>
        </main>
    }
}
