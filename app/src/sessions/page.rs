//! `/me/sessions`: one's own sessions and devices, and an end to each.

use super::api;
use crate::{
    error_page::ErrorPage,
    sign_in::SignOut,
    ui::{
        Badge, Done, PageHead, Time, Tone,
        form::{FormError, form_error},
    },
};
use domain::{
    sessions::{DeviceOverview, MySessions, SessionOverview},
    time::Timestamp,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

/// What can be done here. Together, so that the list is read again after each.
#[derive(Clone, Copy)]
struct Actions {
    end: ServerAction<api::End>,
    end_others: ServerAction<api::EndOthers>,
    forget: ServerAction<api::ForgetDevice>,
    distrust: ServerAction<api::DistrustDevice>,
}

#[component]
pub(crate) fn MySessionsPage() -> impl IntoView {
    let (end, end_others) = (ServerAction::new(), ServerAction::new());
    let (forget, distrust) = (ServerAction::new(), ServerAction::new());
    let actions = Actions { end, end_others, forget, distrust };
    let sessions = Resource::new(
        move || (end.version().get(), end_others.version().get(), forget.version().get(), distrust.version().get()),
        |_| api::mine(),
    );
    view! {
        <Title text=tr!("sessions.title")/>
        <Transition>
            {move || Suspend::new(async move {
                match sessions.await {
                    Ok(sessions) => Either::Left(view! { <Lists sessions actions/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Lists(sessions: MySessions, actions: Actions) -> impl IntoView {
    let MySessions { sessions, devices, now } = sessions;
    let has_others = sessions.len() > 1;
    let sessions = sessions.into_iter().map(|session| view! { <Session session now end=actions.end/> }).collect_view();
    view! {
        <main class="main" id="main" data-page="my_sessions" data-state="open">
            <PageHead title=tr!("sessions.title")>{tr!("sessions.sentence")}</PageHead>
            <Done says=done_text/>
            <FormError error=form_error(actions.end)/>
            <FormError error=form_error(actions.end_others)/>
            <FormError error=form_error(actions.forget)/>
            <FormError error=form_error(actions.distrust)/>
            <section class="stack">
                <div class="section-head">
                    <h2>{tr!("sessions.sessions")}</h2>
                    {has_others.then(|| view! { <EndOthers end_others=actions.end_others/> })}
                    <p>{tr!("sessions.sessions_sentence")}</p>
                </div>
                <ul class="cards">{sessions}</ul>
            </section>
            <Devices devices now actions/>
        </main>
    }
}

fn done_text(done: &str) -> Option<&'static str> {
    match done {
        "ended" => Some(tr!("sessions.ended")),
        "others_ended" => Some(tr!("sessions.others_ended")),
        "distrusted" => Some(tr!("sessions.distrusted")),
        "forgotten" => Some(tr!("sessions.forgotten")),
        _ => None,
    }
}

#[component]
fn Session(session: SessionOverview, now: Timestamp, end: ServerAction<api::End>) -> impl IntoView {
    let SessionOverview { id, device, place, established_at, last_seen_at, is_present } = session;
    let name = device.clone();
    let button = if is_present {
        Either::Left(view! { <SignOut label=tr!("sign_in.sign_out") class="button"/> })
    } else {
        Either::Right(view! {
            <ActionForm action=end>
                <input type="hidden" name="id" value=id.to_string()/>
                <button
                    type="submit"
                    class="button"
                    aria-label=tr!("sessions.end_named", device = device)
                >
                    {tr!("sessions.end")}
                </button>
            </ActionForm>
        })
    };
    view! {
        <li>
            <div class="what">
                <p>
                    {name} {is_present.then(|| view! { <Badge tone=Tone::Good>{tr!("sessions.here")}</Badge> })}
                </p>
                <p>
                    {tr!("sessions.since")} " " <Time at=established_at now/> ", " {tr!("sessions.seen")} " "
                    <Time at=last_seen_at now/> " " {tr!("sessions.from", place = place)}
                </p>
            </div>
            {button}
        </li>
    }
}

#[component]
fn EndOthers(end_others: ServerAction<api::EndOthers>) -> impl IntoView {
    view! {
        <ActionForm action=end_others>
            <button type="submit" class="button">
                {tr!("sessions.end_others")}
            </button>
        </ActionForm>
    }
}

#[component]
fn Devices(devices: Vec<DeviceOverview>, now: Timestamp, actions: Actions) -> impl IntoView {
    let list = if devices.is_empty() {
        Either::Left(view! { <p class="quiet">{tr!("sessions.no_devices")}</p> })
    } else {
        let devices = devices.into_iter().map(|device| view! { <Device device now actions/> }).collect_view();
        Either::Right(view! { <ul class="cards">{devices}</ul> })
    };
    view! {
        <section class="stack">
            <div class="section-head">
                <h2>{tr!("sessions.devices")}</h2>
                <p>{tr!("sessions.devices_sentence")}</p>
            </div>
            {list}
        </section>
    }
}

#[component]
fn Device(device: DeviceOverview, now: Timestamp, actions: Actions) -> impl IntoView {
    let DeviceOverview { id, device, place, last_used_at, trusted_until, is_present } = device;
    let (name, trusted_name) = (device.clone(), device.clone());
    let until = trusted_until.map(|until| {
        view! {
            <p>
                <Badge tone=Tone::Neutral>{tr!("sessions.trusted")}</Badge>
                " " {tr!("sessions.asked_again")} " " <Time at=until now/>
            </p>
        }
    });
    let distrust = trusted_until.map(|_| {
        view! {
            <ActionForm action=actions.distrust>
                <input type="hidden" name="id" value=id.to_string()/>
                <button
                    type="submit"
                    class="button"
                    aria-label=tr!("sessions.distrust_named", device = trusted_name)
                >
                    {tr!("sessions.distrust")}
                </button>
            </ActionForm>
        }
    });
    view! {
        <li>
            <div class="what">
                <p>
                    {name} {is_present.then(|| view! { <Badge tone=Tone::Good>{tr!("sessions.here")}</Badge> })}
                </p>
                <p>
                    {tr!("sessions.signed_in_last")} " " <Time at=last_used_at now/> " "
                    {tr!("sessions.from", place = place)}
                </p>
                {until}
            </div>
            <div class="actions">
                {distrust}
                <ActionForm action=actions.forget>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button
                        type="submit"
                        class="button"
                        aria-label=tr!("sessions.forget_named", device = device)
                    >
                        {tr!("sessions.forget")}
                    </button>
                </ActionForm>
            </div>
        </li>
    }
}
