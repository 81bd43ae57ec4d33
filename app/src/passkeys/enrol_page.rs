//! `/enrol/passkey`: makes a passkey on this device, or on a security key, and binds it.

use super::{Ceremony, PasskeyButton, api};
use crate::{
    authenticators::WayOut,
    error_page::ErrorPage,
    help::{Support, Trouble},
    next::{Next, use_next},
    paths,
    ui::{Notice, PageHead, SwitchField, TextField, Tone, is_checked, typed},
};
use domain::{authenticators::PasskeyEnrolment, person::Name};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn EnrolPasskeyPage() -> impl IntoView {
    let enrolment = Resource::new(|| (), |()| api::enrolment());
    let next = use_next();
    view! {
        <Title text=tr!("passkeys.enrol.title")/>
        <Suspense>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match enrolment.await {
                        Ok(enrolment) => Either::Left(view! { <Enrol enrolment next/> }),
                        Err(error) => Either::Right(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Enrol(enrolment: PasskeyEnrolment, next: Next) -> impl IntoView {
    let PasskeyEnrolment { or_app, must } = enrolment;
    let is_stuck = must && !or_app;
    let or_app = or_app.then(|| {
        view! {
            <p>
                <a href=next.carried_by(paths::enrol())>{tr!("passkeys.enrol.by_app")}</a>
            </p>
        }
    });
    let only = is_stuck.then(|| view! { <Notice tone=Tone::Neutral title=tr!("passkeys.enrol.only")/> });
    let help = is_stuck.then(|| {
        view! {
            <p>
                <a href=paths::sign_in_mfa_help()>{tr!("sign_in.mfa.stuck")}</a>
            </p>
            <Support/>
        }
    });
    let carried = next.clone();
    let bind = move || Ceremony::Bind { name: typed("name"), signs_in: is_checked("signs_in"), next: carried.clone() };
    view! {
        <main class="main" id="main" data-page="enrol_passkey" data-state="open">
            <PageHead eyebrow=tr!("authenticators.enrol.eyebrow") title=tr!("passkeys.enrol.title")>
                {tr!("passkeys.enrol.sentence")}
            </PageHead>
            {only}
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
                <a href=Trouble::PasskeyNotFound.href()>{tr!("passkeys.help")}</a>
            </p>
            {or_app}
            {help}
            <WayOut must/>
        </main>
    }
}
