//! A page that proves the ground.
mod api;

use crate::ui::{
    Submit, TextField,
    form::{FormError, form_error, problem},
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

#[component]
pub(crate) fn SamplePage() -> impl IntoView {
    let greeting = Resource::new(|| (), |()| api::greeting());
    let greet = ServerAction::<api::Greet>::new();
    let error = form_error(greet);
    let clicks = RwSignal::new(0);
    view! {
        <main data-page="sample">
            <Suspense>{move || Suspend::new(async move { greeting.await.ok() })}</Suspense>
            <ActionForm action=greet>
                <FormError error/>
                <TextField name="name" label="Name" problem=problem(error, domain::errors::Field::Name)/>
                <Submit label="Greet" pending=greet.pending()/>
            </ActionForm>
            <button id="clicks" on:click=move |_| clicks.update(|n| *n += 1)>{clicks}</button>
            <a href="/sample/lazy">"Lazy"</a>
        </main>
    }
}

pub(crate) struct LazyPage {
    greeting: Resource<Result<String, crate::error::AppError>>,
}

#[lazy_route]
impl LazyRoute for LazyPage {
    fn data() -> Self {
        Self { greeting: Resource::new(|| (), |()| api::greeting()) }
    }

    fn view(this: Self) -> AnyView {
        let greeting = this.greeting;
        view! {
            <main data-page="lazy">
                <Suspense>{move || Suspend::new(async move { greeting.await.ok() })}</Suspense>
                <a href="/sample">"Back"</a>
            </main>
        }
        .into_any()
    }
}
