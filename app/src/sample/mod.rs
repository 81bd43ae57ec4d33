//! A page that proves the ground.
mod api;

use crate::ui::form::{FieldError, FormError, form_error};
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
                <input name="name" aria-describedby="name-error"/>
                <FieldError error field=domain::errors::Field::Name id="name-error"/>
                <button>"Greet"</button>
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
