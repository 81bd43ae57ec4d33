//! `/me/personal/time-zone`: in which zone mails tell times.

use super::api::{self, ZoneChoice};
use crate::{
    error_page::ErrorPage,
    paths,
    ui::{
        LinkButton, PageHead, PostForm, SelectField, Submit, Text, Weight,
        form::{FormError, problem},
        use_post,
    },
};
use domain::errors::Field;
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn TimeZonePage() -> impl IntoView {
    let zones = Resource::new(|| (), |()| api::time_zones());
    view! {
        <Title text=tr!("personal.time_zone")/>
        <Suspense>
            {move || Suspend::new(async move {
                match zones.await {
                    Ok(zones) => Either::Left(view! { <Choice zones/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Choice(zones: ZoneChoice) -> impl IntoView {
    let post = use_post::<api::SetTimeZone>();
    let error = post.error();
    let ZoneChoice { chosen, mut names } = zones;
    // Of an older spelling, or none of a place.
    if !names.contains(&chosen) {
        names.insert(0, chosen.clone());
    }
    let shown = |name: String| (Text::from(name.clone()), Text::from(name.replace('_', " ")));
    let choices: Vec<(Text, Text)> = names.into_iter().map(shown).collect();
    view! {
        <main class="main" id="main" data-page="time_zone" data-state="open">
            <div class="panel stack">
                <PageHead title=tr!("personal.time_zone")>{tr!("personal.time_zone_sentence")}</PageHead>
                <PostForm post>
                    <FormError error/>
                    <SelectField
                        name="time_zone"
                        label=tr!("personal.time_zone")
                        problem=problem(error, Field::TimeZone)
                        choices
                        chosen
                    />
                    <div class="actions">
                        <LinkButton href=paths::me_personal() label=tr!("personal.cancel")/>
                        <Submit label=tr!("personal.save") weight=Weight::Primary pending=post.pending()/>
                    </div>
                </PostForm>
            </div>
        </main>
    }
}
