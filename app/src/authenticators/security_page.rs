//! `/me/security`: the second factors one has, the backup codes that are left, and where each is changed.

use super::{api, kind_text};
use crate::{
    error_page::ErrorPage,
    help::Trouble,
    next::{Next, use_done},
    paths,
    step_up::{StepUpLink, by_way_of_step_up},
    ui::{Badge, Done, Empty, LinkButton, PageHead, Post, PostForm, Time, Tone, Weight, form::FormError, use_post},
};
use domain::authenticators::{AuthenticatorOverview, FactorKind, MyMethods};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

/// Below this many backup codes the page says so.
const FEW: u32 = 4;

#[component]
pub(crate) fn MySecurityPage() -> impl IntoView {
    let done = use_done();
    let methods = Resource::new(move || done.get(), |_| api::mine());
    view! {
        <Title text=tr!("authenticators.security.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match methods.await {
                    Ok(methods) => Either::Left(view! { <Security methods/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Security(methods: MyMethods) -> impl IntoView {
    let is_on = !methods.authenticators.is_empty();
    let (fresh, is_fresh) = (methods.step_up.is_fresh_for_methods(), methods.step_up.is_fresh());
    let sentence =
        if is_on { tr!("authenticators.security.sentence_on") } else { tr!("authenticators.security.sentence_off") };
    let codes = is_on.then(|| view! { <BackupCodesLeft left=methods.backup_codes_left fresh/> });
    view! {
        <main class="main" id="main" data-page="my_security" data-state=if is_on { "on" } else { "off" }>
            <PageHead title=tr!("authenticators.security.title")>{sentence}</PageHead>
            <Done says=done_text/>
            <Methods methods fresh/>
            {codes}
            <Password fresh=is_fresh/>
        </main>
    }
}

fn done_text(done: &str) -> Option<&'static str> {
    match done {
        "password_changed" => Some(tr!("passwords.changed")),
        "renamed" => Some(tr!("authenticators.security.was_renamed")),
        "preferred" => Some(tr!("authenticators.security.was_preferred")),
        "removed" => Some(tr!("authenticators.security.was_removed")),
        "codes_saved" => Some(tr!("authenticators.security.codes_saved")),
        _ => None,
    }
}

#[component]
fn Methods(
    methods: MyMethods,
    /// Whether identity was proven recently enough to change anything.
    fresh: bool,
) -> impl IntoView {
    let MyMethods { authenticators, required, phishing_resistant, now, .. } = methods;
    let enrol = if phishing_resistant { paths::enrol_passkey() } else { paths::enrol() };
    let add = by_way_of_step_up(fresh, Next::to(paths::me_security()).carried_by(enrol));
    let counts = |method: &AuthenticatorOverview| !phishing_resistant || method.kind.is_phishing_resistant();
    let is_last_required = required && authenticators.iter().filter(|method| counts(method)).count() == 1;
    let last_required = match phishing_resistant {
        true => tr!("authenticators.security.last_phishing_resistant"),
        false => tr!("authenticators.security.last_required"),
    };
    let has_some = !authenticators.is_empty();
    let prefer = use_post::<api::Prefer>();
    let has_a_choice = authenticators.iter().filter(|method| !method.kind.is_phishing_resistant()).count() > 1;
    let add_another = has_some.then(|| {
        view! { <LinkButton href=add.clone() label=tr!("authenticators.security.add")/> }
    });
    let list = if has_some {
        let methods = authenticators
            .into_iter()
            .map(|method| {
                let fixed = is_last_required && counts(&method);
                let may_lead = has_a_choice && !method.kind.is_phishing_resistant();
                view! { <Method method fresh now fixed may_lead prefer/> }
            })
            .collect_view();
        Either::Left(view! { <ul class="cards">{methods}</ul> })
    } else {
        Either::Right(view! {
            <Empty
                title=tr!("authenticators.security.none")
                text=tr!("authenticators.security.none_hint")
            >
                <LinkButton
                    href=add
                    label=tr!("authenticators.security.add")
                    weight=Weight::Primary
                />
            </Empty>
        })
    };
    view! {
        <section class="stack">
            <div class="section-head">
                <h2>{tr!("authenticators.security.methods")}</h2>
                {add_another}
            </div>
            <FormError error=prefer.error()/>
            <StepUpLink error=prefer.error()/>
            {list}
            {is_last_required.then(|| view! { <p class="quiet">{last_required}</p> })}
        </section>
    }
}

#[component]
fn Method(
    method: AuthenticatorOverview,
    fresh: bool,
    now: domain::time::Timestamp,
    /// Whether it cannot be removed.
    fixed: bool,
    /// Whether it can be asked for before another.
    may_lead: bool,
    prefer: Post,
) -> impl IntoView {
    let AuthenticatorOverview { id, kind, name, bound_at, last_used_at, signs_in, is_default, number } = method;
    let tone = if kind == FactorKind::Sms { Tone::Neutral } else { Tone::Good };
    let used = match last_used_at {
        Some(at) => Either::Left(view! {
            {tr!("authenticators.security.used")}
            " "
            <Time at now/>
        }),
        None => Either::Right(tr!("authenticators.security.never_used")),
    };
    let rename = view! {
        <a
            class="button"
            href=by_way_of_step_up(fresh, paths::me_rename_method(id))
            aria-label=tr!("authenticators.security.rename_named", name = name)
        >
            {tr!("authenticators.security.rename")}
        </a>
    };
    let prefer = (may_lead && !is_default).then(|| {
        let named = tr!("authenticators.security.prefer_named", name = &name);
        view! {
            <PostForm post=prefer>
                <input type="hidden" name="id" value=id.to_string()/>
                <button type="submit" class="button" aria-label=named>
                    {tr!("authenticators.security.prefer")}
                </button>
            </PostForm>
        }
    });
    let leads =
        (may_lead && is_default).then(|| view! { " " <Badge>{tr!("authenticators.security.preferred")}</Badge> });
    let remove = (!fixed).then(|| {
        view! {
            <a
                class="button"
                href=by_way_of_step_up(fresh, paths::me_remove_method(id))
                aria-label=tr!("authenticators.security.remove_named", name = name)
            >
                {tr!("authenticators.security.remove")}
            </a>
        }
    });
    view! {
        <li>
            <div class="what">
                <p>
                    {name.clone()} <Badge tone>{kind_text(kind)}</Badge> {leads}
                </p>
                {number.map(|number| view! { <p>{tr!("sms.number", number = number)}</p> })}
                <p>
                    {tr!("authenticators.security.added")} " " <Time at=bound_at now/> " · " {used}
                </p>
                {signs_in.then(|| view! { <p>{tr!("authenticators.security.signs_in")}</p> })}
            </div>
            <div class="actions">{prefer} {rename} {remove}</div>
        </li>
    }
}

#[component]
fn BackupCodesLeft(left: u32, fresh: bool) -> impl IntoView {
    let few = left < FEW;
    view! {
        <section class="stack">
            <div class="section-head">
                <h2>{tr!("authenticators.security.backup_codes")}</h2>
            </div>
            <ul class="cards">
                <li>
                    <div class="what">
                        <p>
                            <Badge tone=if few { Tone::Pending } else { Tone::Good }>
                                {tr_n!("authenticators.security.left", left)}
                            </Badge>
                        </p>
                        <p>
                            {if few {
                                tr!("authenticators.security.few_left")
                            } else {
                                tr!("authenticators.security.backup_codes_sentence")
                            }}
                        </p>
                        {few.then(|| {
                            view! {
                                <p>
                                    <a href=Trouble::NoBackupCodes.href()>
                                        {tr!("authenticators.security.codes_help")}
                                    </a>
                                </p>
                            }
                        })}
                    </div>
                    <LinkButton
                        href=by_way_of_step_up(fresh, paths::me_new_backup_codes())
                        label=tr!("authenticators.security.make_new")
                    />
                </li>
            </ul>
        </section>
    }
}

#[component]
fn Password(fresh: bool) -> impl IntoView {
    view! {
        <section class="stack">
            <div class="section-head">
                <h2>{tr!("authenticators.security.password")}</h2>
            </div>
            <ul class="cards">
                <li>
                    <div class="what">
                        <p>{tr!("authenticators.security.password_set")}</p>
                        <p>{tr!("authenticators.security.password_sentence")}</p>
                    </div>
                    <LinkButton
                        href=by_way_of_step_up(fresh, paths::me_password())
                        label=tr!("authenticators.security.password_change")
                    />
                </li>
            </ul>
        </section>
    }
}
