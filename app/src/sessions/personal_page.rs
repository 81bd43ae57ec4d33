//! `/me/personal`: who one is to Postern. To be read; it is changed by the operator.

use super::api::{self, Personal};
use crate::{
    error_page::ErrorPage,
    help::Support,
    ui::{Fact, Facts, PageHead},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn PersonalPage() -> impl IntoView {
    let personal = Resource::new(|| (), |()| api::me());
    view! {
        <Title text=tr!("sessions.personal.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match personal.await {
                    Ok(personal) => Either::Left(view! { <Shown personal/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Shown(personal: Personal) -> impl IntoView {
    let Personal { name, email, language, time_zone } = personal;
    let language = match language.as_str() {
        "en" => tr!("sessions.personal.english").to_owned(),
        _ => language,
    };
    view! {
        <main class="main" id="main" data-page="personal" data-state="open">
            <PageHead title=tr!("sessions.personal.title")>{tr!("sessions.personal.sentence")}</PageHead>
            <div class="stack narrow">
                <Facts>
                    <Fact term=tr!("sessions.personal.name")>{name}</Fact>
                    <Fact term=tr!("sessions.personal.email")>{email}</Fact>
                    <Fact term=tr!("sessions.personal.language")>{language}</Fact>
                    <Fact term=tr!("sessions.personal.time_zone")>{time_zone}</Fact>
                </Facts>
                <p class="quiet">{tr!("sessions.personal.who_changes")}</p>
                <Support/>
            </div>
        </main>
    }
}
