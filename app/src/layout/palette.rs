//! The command palette: one field from which every page, action, place and person is a few letters away. Ctrl K or ⌘ K opens
//! it from anywhere in the console. It offers what the pages themselves offer, by the same rules; people are sought by
//! the server as on the Users page, whom it shows to nobody else.
//!
//! A combobox with a list (ARIA Authoring Practices): the focus stays in the field, the arrow keys move the choice. Without
//! script the field searches the Users page.

use crate::{
    paths,
    roles::{role_text, way_to_new_role},
    ui::{Icon, close_popover, is_open, on_mac, press, reveal, toggle_popover},
    users::Find,
};
use domain::{
    accounts::ScopeEntry,
    policy::{self, Principal},
    scope::{Scope, ScopeKind},
    users::{FoundUser, FoundUsers},
};
use leptos::{ev, prelude::*};

const ID: &str = "palette";
const LIST: &str = "palette-list";
/// So many places are offered at once: more letters leave fewer.
const PLACES: usize = 6;

/// What one can go to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Goal {
    label: String,
    detail: String,
    href: String,
}

impl Goal {
    pub(super) fn new(label: &str, href: String) -> Self {
        Self { label: label.into(), detail: String::new(), href }
    }

    fn of_place(entry: &ScopeEntry) -> Self {
        let detail = role_text(&entry.role).into_owned();
        Self { label: entry.name.clone(), detail, href: paths::overview(entry.scope) }
    }

    fn of_person(scope: Scope, person: FoundUser) -> Self {
        Self { label: person.name, detail: person.email, href: paths::user(scope, person.user_id) }
    }
}

/// Where the palette leads from here.
#[derive(Clone, Debug)]
pub(super) struct Goals {
    /// Whose people may be sought.
    people_of: Option<Scope>,
    /// Pages and actions.
    pages: Vec<Goal>,
    /// Everywhere one may go.
    places: Vec<Goal>,
}

impl Goals {
    /// From one's own pages, or from none.
    pub(super) fn new(pages: Vec<Goal>, scopes: &[ScopeEntry]) -> Self {
        Self { people_of: None, pages, places: scopes.iter().map(Goal::of_place).collect() }
    }

    /// From a scope: there, the people and what `who` may do as well.
    pub(super) fn within(mut self, who: &Principal) -> Self {
        self.people_of = policy::view_users(who, who.scope).is_ok().then_some(who.scope);
        self.pages.extend(actions(who));
        self.pages.extend(own_pages());
        self
    }
}

/// What `who` may do, as far as it begins with a page of its own.
fn actions(who: &Principal) -> impl Iterator<Item = Goal> {
    let scope = who.scope;
    let action = |may: bool, label: &str, href: String| may.then(|| Goal::new(label, href));
    let invites = policy::cancel_invitation(who, scope).is_ok();
    let in_account = scope.kind() == ScopeKind::Account;
    let sees_security = policy::view_security(who, scope).is_ok();
    [
        action(invites, tr!("users.invite"), paths::invite(scope)),
        action(policy::propose_many(who, scope).is_ok(), tr!("bulk_change.open"), paths::many(scope)),
        way_to_new_role(who, scope).map(|href| Goal::new(tr!("roles.new"), href)),
        action(sees_security, tr!("roll_out.title"), paths::roll_out(scope)),
        action(sees_security && in_account, tr!("portfolios.heading"), paths::portfolio_of(scope)),
    ]
    .into_iter()
    .flatten()
}

/// One's own pages.
pub(super) fn own_pages() -> [Goal; 6] {
    [
        Goal::new(tr!("layout.personal"), paths::me_personal()),
        Goal::new(tr!("layout.my_security"), paths::me_security()),
        Goal::new(tr!("layout.my_sessions"), paths::me_sessions()),
        Goal::new(tr!("passwords.title"), paths::me_password()),
        Goal::new(tr!("authenticators.new_codes.title"), paths::me_new_backup_codes()),
        Goal::new(tr!("layout.help"), paths::help_mfa()),
    ]
}

/// Those with every word of a text in their name or detail, the ones that begin with it first.
fn meant(goals: &[Goal], text: &str) -> Vec<Goal> {
    let text = text.trim().to_lowercase();
    let mut meant: Vec<Goal> = goals.iter().filter(|goal| has(&goal.label, &goal.detail, &text)).cloned().collect();
    meant.sort_by_key(|goal| !goal.label.to_lowercase().starts_with(&text));
    meant
}

fn has(label: &str, detail: &str, text: &str) -> bool {
    let whole = format!("{label} {detail}").to_lowercase();
    text.to_lowercase().split_whitespace().all(|word| whole.contains(word))
}

/// The button and what it opens.
#[component]
pub(super) fn Palette(goals: Goals) -> impl IntoView {
    let people_of = goals.people_of;
    let (ready, open, typed) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(String::new()));
    let find = ServerAction::<Find>::new();
    let chosen = RwSignal::new(0_usize);
    Effect::new(move |_| ready.set(true));
    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, |event| {
            let is_called = (event.ctrl_key() || event.meta_key()) && !event.shift_key();
            if is_called && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                toggle_popover(ID);
            }
        });
        on_cleanup(move || keys.remove());
    });
    let people = Memo::new(move |before: Option<&Answer>| {
        let text = typed.get();
        match find.value().get() {
            _ if text.trim().is_empty() => Answer::default(),
            Some(Ok(FoundUsers { text: of, people })) if of == text => Answer { people, failed: false },
            Some(Err(_)) => Answer { people: Vec::new(), failed: true },
            // Until the answer is there, those of the one before whom it will surely have: Enter never leads to anybody else.
            _ => before.cloned().unwrap_or_default().narrowed(&text),
        }
    });
    let groups = Memo::new(move |_| {
        let text = typed.get();
        let mut places = if text.trim().is_empty() { Vec::new() } else { meant(&goals.places, &text) };
        places.truncate(PLACES);
        let people = people.get().people.into_iter();
        let people = people_of.map(|scope| people.map(|person| Goal::of_person(scope, person)).collect());
        [
            (tr!("layout.palette.pages"), meant(&goals.pages, &text)),
            (tr!("layout.palette.people"), people.unwrap_or_default()),
            (tr!("layout.palette.places"), places),
        ]
    });
    let count = Memo::new(move |_| groups.with(|groups| groups.iter().map(|(_, goals)| goals.len()).sum::<usize>()));
    let change = move |text: String| {
        chosen.set(0);
        if let Some(scope) = people_of
            && !text.trim().is_empty()
        {
            find.dispatch(Find { scope, text: text.clone() });
        }
        typed.set(text);
    };
    let move_by = move |event: ev::KeyboardEvent| {
        // That Enter chooses among what an input method offers.
        if event.is_composing() {
            return;
        }
        let count = count.get_untracked();
        let step = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => count.saturating_sub(1),
            "Enter" if count > 0 => {
                event.prevent_default();
                return press(&option_id(chosen.get_untracked()));
            }
            _ => return,
        };
        event.prevent_default();
        if count > 0 {
            chosen.update(|chosen| *chosen = (*chosen + step) % count);
            reveal(&option_id(chosen.get_untracked()));
        }
    };
    // The browser says so a moment after it was opened, when something may be typed already.
    let toggled = move |_| {
        let is_open = is_open(ID);
        if !is_open {
            typed.set(String::new());
            chosen.set(0);
        }
        open.set(is_open);
    };
    let keys = move || if ready.get() && on_mac() { "⌘ K" } else { "Ctrl K" };
    view! {
        <button
            type="button"
            class="palette-button"
            popovertarget=ID
            aria-label=tr!("layout.palette.title")
            aria-keyshortcuts="Control+K Meta+K"
            hidden=move || people_of.is_none() && !ready.get()
        >
            {Icon::Search}
            <span>{tr!("layout.palette.title")}</span>
            <kbd hidden=move || !ready.get()>{keys}</kbd>
        </button>
        <div class="palette" id=ID popover="auto" role="dialog" aria-label=tr!("layout.palette.title") on:toggle=toggled on:click=close_popover>
            <form method="get" action=people_of.map(paths::users)>
                <input
                    class="input"
                    type="text"
                    name="q"
                    maxlength="100"
                    autocomplete="off"
                    autofocus=true
                    role="combobox"
                    aria-autocomplete="list"
                    aria-controls=LIST
                    aria-expanded=move || (count.get() > 0).to_string()
                    aria-activedescendant=move || (open.get() && count.get() > 0).then(|| option_id(chosen.get()))
                    aria-label=tr!("layout.palette.ask")
                    placeholder=tr!("layout.palette.ask")
                    prop:value=move || typed.get()
                    on:input:target=move |event| change(event.target().value())
                    on:keydown=move_by
                />
            </form>
            <div class="list" id=LIST role="listbox" aria-label=tr!("layout.palette.list")>
                {move || {
                    open.get().then(|| groups.with(|groups| view! { <Groups groups=groups.clone() chosen/> }))
                }}
            </div>
            <p class="outcome" role="status">
                {move || {
                    match (open.get(), people.get().failed, count.get()) {
                        (false, ..) => String::new(),
                        (_, true, _) => tr!("layout.palette.failed").into(),
                        (_, _, 0) => tr!("layout.palette.none").into(),
                        (_, _, count) => tr_n!("layout.palette.found", count),
                    }
                }}
            </p>
        </div>
    }
}

/// What the server said of the text that was asked last.
#[derive(Clone, PartialEq, Eq, Default)]
struct Answer {
    people: Vec<FoundUser>,
    failed: bool,
}

impl Answer {
    fn narrowed(mut self, text: &str) -> Self {
        self.people.retain(|person| has(&person.name, &person.email, text));
        self
    }
}

fn option_id(index: usize) -> String {
    format!("palette-{index}")
}

#[component]
fn Groups(groups: [(&'static str, Vec<Goal>); 3], chosen: RwSignal<usize>) -> impl IntoView {
    let mut index = 0;
    groups
        .into_iter()
        .filter(|(_, goals)| !goals.is_empty())
        .map(|(title, goals)| {
            let first = index;
            index += goals.len();
            let options = goals
                .into_iter()
                .zip(first..)
                .map(|(Goal { label, detail, href }, index)| {
                    view! {
                        <a
                            class="item"
                            id=option_id(index)
                            role="option"
                            tabindex="-1"
                            href=href
                            aria-selected=move || (chosen.get() == index).to_string()
                        >
                            <span>{label}</span>
                            <small>{detail}</small>
                        </a>
                    }
                })
                .collect_view();
            view! {
                <div role="group" aria-label=title>
                    <p class="group" aria-hidden="true">
                        {title}
                    </p>
                    {options}
                </div>
            }
        })
        .collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(goals: &[Goal], text: &str) -> Vec<String> {
        meant(goals, text).into_iter().map(|goal| goal.label).collect()
    }

    #[test]
    fn every_word_counts_and_what_begins_so_comes_first() {
        let mut north = Goal::new("Bright Harbor", "/".into());
        north.detail = "Owner".into();
        let goals = [Goal::new("Your security", "/".into()), Goal::new("Security", "/".into()), north];
        assert_eq!(labels(&goals, ""), ["Your security", "Security", "Bright Harbor"]);
        assert_eq!(labels(&goals, " SEC "), ["Security", "Your security"]);
        assert_eq!(labels(&goals, "harbor own"), ["Bright Harbor"]);
        assert_eq!(labels(&goals, "harbor admin"), [""; 0]);
    }

    #[test]
    fn an_answer_to_another_text_offers_nobody_who_is_not_meant() {
        let person = |name: &str| FoundUser {
            user_id: domain::ids::UserId(uuid::Uuid::nil()),
            name: name.into(),
            email: format!("{}@postern.example", name.to_lowercase()),
        };
        let of_an = Answer { people: vec![person("Ann"), person("Daniyar")], failed: false };
        let left = |text: &str| of_an.clone().narrowed(text).people.into_iter().map(|one| one.name).collect::<Vec<_>>();
        assert_eq!(left("ANN"), ["Ann"]);
        assert_eq!(left("dmitri"), [""; 0]);
    }
}
